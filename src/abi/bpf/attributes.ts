// Attributes of the commands of bpf(2): union bpf_attr, which grows with every kernel.
import type { ArgumentType } from "../argument.js";
import * as b from "../constants/bpf.js";
import * as commands from "../constants/security.js";
import { dirFd, pid } from "../descriptors.js";
import { unsignedNumber } from "../digits.js";
import { address, flagsOf, hexInt, int, longFlagsOf, oneOf, showAddress } from "../scalars.js";
import { pathText, string } from "../strings.js";
import { type Fields, s32, struct, u32, u64 } from "../struct.js";
import {
  buffer,
  descriptor,
  filledList,
  hexBuffer,
  hexU64,
  instructions,
  interfaceIndex,
  kernelVersion,
  objectName,
  text,
} from "./fields.js";
import { endOf, type Form, showExtraData, showForm } from "./form.js";
import { LINK_PART, linkPart } from "./links.js";

/** No kernel takes more. */
const PAGE = 4096;

const attachType = u32(oneOf(b.bpfAttachTypes));
const attachFlags = u32(flagsOf(b.bpfAttachFlags));
const lookupFlags = u64(longFlagsOf(b.bpfLookupFlags));
const updateFlags = u64(longFlagsOf(b.bpfUpdateFlags));
const pointer = u64(address);
const hexU32 = u32(hexInt);

const DEVICE_PLACES: readonly number[] = [
  b.BPF_XDP,
  b.BPF_TCX_INGRESS,
  b.BPF_TCX_EGRESS,
  b.BPF_NETKIT_PRIMARY,
  b.BPF_NETKIT_PEER,
];
/** A place at a network interface is named by its index. */
const isDevice = (view: DataView, typeAt: number): boolean => DEVICE_PLACES.includes(view.getUint32(typeAt, true));

/** What a program is attached to, in the word at `at`, by the type at `typeAt`. */
function targetAt(at: number, typeAt: number): Pick<Form, "named"> & { readonly field: Fields[string] } {
  return {
    named: { target_fd: (view) => (isDevice(view, typeAt) ? "target_ifindex" : "target_fd") },
    field: {
      ...descriptor,
      showBytes: (c, view, offset) => {
        const value = view.getInt32(offset, true);
        (isDevice(view, typeAt + offset - at) ? interfaceIndex : descriptor).type.show(c, value, 0);
      },
    },
  };
}
const firstTarget = targetAt(0, 8);
const queryTarget = targetAt(0, 4);
const linkTarget = targetAt(4, 8);

const mapCreate: Form = {
  shape: struct({
    map_type: u32(oneOf(b.bpfMapTypes)),
    key_size: u32(),
    value_size: u32(),
    max_entries: u32(),
    map_flags: u32(flagsOf(b.bpfMapFlags)),
    inner_map_fd: descriptor,
    numa_node: u32(),
    map_name: objectName,
    map_ifindex: interfaceIndex,
    btf_fd: descriptor,
    btf_key_type_id: u32(),
    btf_value_type_id: u32(),
    btf_vmlinux_value_type_id: u32(),
    map_extra: u64(),
    value_type_btf_obj_fd: descriptor,
    map_token_fd: descriptor,
    excl_prog_hash: pointer,
    excl_prog_hash_size: u32(),
  }),
  first: "max_entries",
  from: { btf_key_type_id: 48, btf_value_type_id: 48, excl_prog_hash_size: 80 },
  only: { numa_node: (view) => (view.getUint32(16, true) & b.BPF_F_NUMA_NODE) !== 0 },
};

const lookup: Form = {
  shape: struct({ map_fd: descriptor, key: pointer, value: pointer, flags: lookupFlags }),
  first: "value",
};
const update: Form = {
  shape: struct({ map_fd: descriptor, key: pointer, value: pointer, flags: updateFlags }),
  first: "flags",
};
const deletion: Form = { shape: struct({ map_fd: descriptor, key: pointer }), first: "key" };
const nextKey: Form = { shape: struct({ map_fd: descriptor, key: pointer, next_key: pointer }), first: "next_key" };

const programLoad: Form = {
  shape: struct({
    prog_type: u32(oneOf(b.bpfProgramTypes)),
    insn_cnt: u32(),
    insns: instructions(-4),
    license: u64(string),
    log_level: u32(),
    log_size: u32(),
    log_buf: text(-4),
    kern_version: kernelVersion,
    prog_flags: u32(flagsOf(b.bpfProgramFlags)),
    prog_name: objectName,
    prog_ifindex: interfaceIndex,
    expected_attach_type: attachType,
    prog_btf_fd: descriptor,
    func_info_rec_size: u32(),
    func_info: pointer,
    func_info_cnt: u32(),
    line_info_rec_size: u32(),
    line_info: pointer,
    line_info_cnt: u32(),
    attach_btf_id: u32(),
    attach_prog_fd: descriptor,
    core_relo_cnt: u32(),
    fd_array: pointer,
    core_relos: pointer,
    core_relo_rec_size: u32(),
    log_true_size: u32(),
    prog_token_fd: descriptor,
    fd_array_cnt: u32(),
    signature: hexBuffer(8),
    signature_size: u32(),
    keyring_id: s32(int),
  }),
  first: "license",
  from: {
    log_size: 24,
    log_buf: 24,
    func_info_rec_size: 72,
    func_info: 72,
    func_info_cnt: 72,
    line_info_rec_size: 72,
    line_info: 72,
    line_info_cnt: 72,
    core_relo_cnt: 128,
    core_relo_rec_size: 128,
    signature_size: 152,
    keyring_id: 152,
  },
};

const object: Form = {
  shape: struct({
    pathname: u64(pathText),
    bpf_fd: descriptor,
    file_flags: u32(flagsOf(b.bpfFileFlags)),
    path_fd: s32(dirFd),
  }),
  first: "bpf_fd",
};

const attach: Form = {
  shape: struct({
    target_fd: firstTarget.field as Fields[string],
    attach_bpf_fd: descriptor,
    attach_type: attachType,
    attach_flags: attachFlags,
    replace_bpf_fd: descriptor,
    relative_fd: descriptor,
    expected_revision: u64(),
  }),
  first: "attach_flags",
  from: { expected_revision: 20 },
  named: {
    ...firstTarget.named,
    relative_fd: (view) => ((view.getUint32(12, true) & b.BPF_F_ID) !== 0 ? "relative_id" : "relative_fd"),
  },
};

const testRun: Form = {
  inside: "test",
  shape: struct({
    prog_fd: descriptor,
    retval: u32(),
    data_size_in: u32(),
    data_size_out: u32(),
    data_in: pointer,
    data_out: pointer,
    repeat: u32(),
    duration: u32(),
    ctx_size_in: u32(),
    ctx_size_out: u32(),
    ctx_in: pointer,
    ctx_out: pointer,
    flags: u32(flagsOf(b.bpfTestRunFlags)),
    cpu: u32(),
    batch_size: u32(),
  }),
  first: "duration",
  from: { ctx_size_out: 40, ctx_in: 40, ctx_out: 40, cpu: 64 },
};

const nextId: Form = { shape: struct({ start_id: u32(), next_id: u32() }), first: "next_id" };

const query: Form = {
  inside: "query",
  shape: struct({
    target_fd: queryTarget.field as Fields[string],
    attach_type: attachType,
    query_flags: u32(flagsOf(b.bpfQueryFlags)),
    attach_flags: attachFlags,
    prog_ids: filledList(8),
    prog_cnt: u32(),
    prog_attach_flags: filledList(-8),
    link_ids: filledList(-16),
    link_attach_flags: filledList(-24),
    revision: hexU64,
  }),
  first: "prog_cnt",
  from: { link_attach_flags: 40, revision: 40 },
  named: { ...queryTarget.named },
};

const btfLoad: Form = {
  shape: struct({
    btf: buffer(16),
    btf_log_buf: pointer,
    btf_size: u32(),
    btf_log_size: u32(),
    btf_log_level: u32(),
    btf_log_true_size: u32(),
    btf_flags: u32(flagsOf(b.bpfFileFlags)),
    btf_token_fd: descriptor,
  }),
  first: "btf_log_level",
  from: { btf_token_fd: 32 },
};

const taskQuery: Form = {
  inside: "task_fd_query",
  shape: struct({
    pid: s32(pid),
    fd: descriptor,
    flags: u32(),
    buf_len: u32(),
    buf: text(-4),
    prog_id: u32(),
    fd_type: u32(oneOf(b.bpfDescriptorTypes)),
    probe_offset: hexU64,
    probe_addr: hexU64,
  }),
  first: "probe_addr",
};

const batchTail = { count: u32(), map_fd: descriptor };
const lookupBatch: Form = {
  inside: "batch",
  shape: struct({
    in_batch: pointer,
    out_batch: pointer,
    keys: pointer,
    values: pointer,
    ...batchTail,
    elem_flags: lookupFlags,
    flags: hexU64,
  }),
  first: "flags",
};
const none = () => false;
const updateBatch: Form = {
  inside: "batch",
  shape: struct({ ...lookupBatch.shape.fields, elem_flags: updateFlags }),
  first: "flags",
  only: { in_batch: none, out_batch: none },
};
const deleteBatch: Form = { ...lookupBatch, only: { in_batch: none, out_batch: none, values: none } };

/** Shown with the part that linkPart finds. */
const linkCreate: Form = {
  shape: struct({
    prog_fd: descriptor,
    target_fd: linkTarget.field as Fields[string],
    attach_type: attachType,
    flags: attachFlags,
  }),
  first: "flags",
  named: { ...linkTarget.named },
};

const linkUpdate: Form = {
  inside: "link_update",
  shape: struct({ link_fd: descriptor, new_prog_fd: descriptor, flags: attachFlags, old_prog_fd: descriptor }),
  first: "flags",
  only: { old_prog_fd: (view) => (view.getUint32(8, true) & b.BPF_F_REPLACE) !== 0 },
};

/** A few words, all of them there since the first kernel that knew the command. */
function words(fields: Fields, inside?: string): Form {
  const first = Object.keys(fields).at(-1) as string;
  return { shape: struct(fields), first, ...(inside === undefined ? {} : { inside }) };
}

const openFlags = u32(flagsOf(b.bpfOpenFlags));
const unused = { ...u32(), hidden: true };

const forms = new Map<number, Form>([
  [commands.BPF_MAP_CREATE, mapCreate],
  [commands.BPF_MAP_LOOKUP_ELEM, lookup],
  [commands.BPF_MAP_UPDATE_ELEM, update],
  [commands.BPF_MAP_DELETE_ELEM, deletion],
  [commands.BPF_MAP_GET_NEXT_KEY, nextKey],
  [commands.BPF_PROG_LOAD, programLoad],
  [commands.BPF_OBJ_PIN, object],
  [commands.BPF_OBJ_GET, object],
  [commands.BPF_PROG_ATTACH, attach],
  [commands.BPF_PROG_DETACH, attach],
  [commands.BPF_PROG_TEST_RUN, testRun],
  [commands.BPF_PROG_GET_NEXT_ID, nextId],
  [commands.BPF_MAP_GET_NEXT_ID, nextId],
  [commands.BPF_BTF_GET_NEXT_ID, nextId],
  [commands.BPF_LINK_GET_NEXT_ID, nextId],
  [commands.BPF_PROG_GET_FD_BY_ID, words({ prog_id: u32() })],
  [commands.BPF_LINK_GET_FD_BY_ID, words({ link_id: u32() })],
  [commands.BPF_MAP_GET_FD_BY_ID, { shape: struct({ map_id: u32(), unused, open_flags: openFlags }), first: "map_id" }],
  [
    commands.BPF_BTF_GET_FD_BY_ID,
    {
      shape: struct({ btf_id: u32(), unused, open_flags: openFlags, fd_by_id_token_fd: descriptor }),
      first: "btf_id",
      from: { fd_by_id_token_fd: 8 },
    },
  ],
  [commands.BPF_OBJ_GET_INFO_BY_FD, words({ bpf_fd: descriptor, info_len: u32(), info: pointer }, "info")],
  [commands.BPF_PROG_QUERY, query],
  [
    commands.BPF_RAW_TRACEPOINT_OPEN,
    {
      inside: "raw_tracepoint",
      shape: struct({ name: u64(string), prog_fd: descriptor, cookie: hexU64 }),
      first: "prog_fd",
      from: { cookie: 23 },
    },
  ],
  [commands.BPF_BTF_LOAD, btfLoad],
  [commands.BPF_TASK_FD_QUERY, taskQuery],
  [commands.BPF_MAP_LOOKUP_AND_DELETE_ELEM, lookup],
  [commands.BPF_MAP_FREEZE, words({ map_fd: descriptor })],
  [commands.BPF_MAP_LOOKUP_BATCH, lookupBatch],
  [commands.BPF_MAP_LOOKUP_AND_DELETE_BATCH, lookupBatch],
  [commands.BPF_MAP_UPDATE_BATCH, updateBatch],
  [commands.BPF_MAP_DELETE_BATCH, deleteBatch],
  [commands.BPF_LINK_CREATE, linkCreate],
  [commands.BPF_LINK_UPDATE, linkUpdate],
  [commands.BPF_ENABLE_STATS, words({ type: u32(oneOf(b.bpfStatistics)) }, "enable_stats")],
  [commands.BPF_ITER_CREATE, words({ link_fd: descriptor, flags: hexU32 }, "iter_create")],
  [commands.BPF_LINK_DETACH, words({ link_fd: descriptor }, "link_detach")],
  [commands.BPF_PROG_BIND_MAP, words({ prog_fd: descriptor, map_fd: descriptor, flags: hexU32 }, "prog_bind_map")],
  [commands.BPF_TOKEN_CREATE, words({ flags: hexU32, bpffs_fd: descriptor }, "token_create")],
  [
    commands.BPF_PROG_STREAM_READ_BY_FD,
    words({ stream_buf: buffer(8), stream_buf_len: u32(), stream_id: u32(), prog_fd: descriptor }, "prog_stream_read"),
  ],
  [
    commands.BPF_PROG_ASSOC_STRUCT_OPS,
    words({ map_fd: descriptor, prog_fd: descriptor, flags: hexU32 }, "prog_assoc_struct_ops"),
  ],
]);

/** The attributes of the command at hand, `size` bytes of them. */
export const bpfAttributes: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const form = forms.get(c.low("cmd"));
    const size = c.unsigned("size");
    const isPlausible = c.dereference && size > 0 && size <= PAGE && (low !== 0 || high !== 0);
    const given = isPlausible && form !== undefined ? c.tracee.peek(unsignedNumber(low, high), size) : undefined;
    if (given === undefined || form === undefined) {
      showAddress(c, low, high);
      return;
    }
    const whole = new Uint8Array(PAGE);
    whole.set(given);
    const view = new DataView(whole.buffer);
    let end = endOf(form);
    c.out.punct("{");
    if (form === linkCreate) {
      const part = linkPart(view, view.getUint32(8, true));
      c.out.name("link_create");
      c.out.punct("={");
      showForm(c, form, view, size);
      if (part !== undefined && size > LINK_PART) showForm(c, part, view, size, false);
      c.out.punct("}");
      if (part !== undefined) end = endOf(part);
    } else showForm(c, form, view, size);
    showExtraData(c, given.subarray(end), end);
    c.out.punct("}");
  },
};
