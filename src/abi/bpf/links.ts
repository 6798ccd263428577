// What BPF_LINK_CREATE attaches to: a part of its attributes that depends on the kind of the place.
import * as b from "../constants/bpf.js";
import { pid } from "../descriptors.js";
import { flagsOf } from "../scalars.js";
import { pathText } from "../strings.js";
import { reserved, s32, struct, u32, u64 } from "../struct.js";
import { descriptor, hexU64, iterators, strings, words } from "./fields.js";
import type { Form } from "./form.js";

/** Where the part begins. */
export const LINK_PART = 16;

const before = reserved(LINK_PART, 8);
const flagsAt = 12;

/** Whether programs attached are named by their ids. */
const byId = (view: DataView): boolean => (view.getUint32(flagsAt, true) & b.BPF_F_ID) !== 0;

const target: Form = {
  shape: struct({ before, target_btf_id: u32() }),
  first: "target_btf_id",
  only: { target_btf_id: (view) => view.getUint32(LINK_PART, true) !== 0 },
};

/** Among other programs, before or after one of them. */
const ordered = (inside: string): Form => ({
  inside,
  shape: struct({ before, relative_fd: descriptor, expected_revision: hexU64 }),
  first: "expected_revision",
  named: { relative_fd: (view) => (byId(view) ? "relative_id" : "relative_fd") },
});

const iteration: Form = {
  shape: struct({ before, iter_info: iterators(8), iter_info_len: u32() }),
  first: "iter_info_len",
};
const perfEvent: Form = {
  inside: "perf_event",
  shape: struct({ before, bpf_cookie: hexU64 }),
  first: "bpf_cookie",
};
const kprobes: Form = {
  inside: "kprobe_multi",
  shape: struct({
    before,
    flags: u32(flagsOf(b.bpfKprobeFlags)),
    cnt: u32(),
    syms: strings(-4),
    addrs: words(-12),
    cookies: words(-20),
  }),
  first: "cookies",
};
const uprobes: Form = {
  inside: "uprobe_multi",
  shape: struct({
    before,
    path: u64(pathText),
    offsets: words(24),
    ref_ctr_offsets: words(16),
    cookies: words(8),
    cnt: u32(),
    flags: u32(flagsOf(b.bpfUprobeFlags)),
    pid: s32(pid),
    path_fd: descriptor,
  }),
  first: "pid",
};
const tracing: Form = {
  inside: "tracing",
  shape: struct({ before, target_btf_id: u32(), cookie: hexU64 }),
  first: "cookie",
};
const tracings: Form = {
  inside: "tracing_multi",
  shape: struct({ before, ids: words(16), cookies: words(8), cnt: u32() }),
  first: "cnt",
};
const netfilter: Form = {
  inside: "netfilter",
  shape: struct({ before, pf: u32(), hooknum: u32(), priority: s32(), flags: u32(flagsOf(b.bpfNetfilterFlags)) }),
  first: "flags",
};
const cgroup = ordered("cgroup");
const tcx = ordered("tcx");
const netkit = ordered("netkit");

const parts = new Map<number, Form>([
  [b.BPF_TRACE_ITER, iteration],
  [b.BPF_PERF_EVENT, perfEvent],
  [b.BPF_TRACE_KPROBE_MULTI, kprobes],
  [b.BPF_TRACE_UPROBE_MULTI, uprobes],
  [b.BPF_TRACE_FENTRY, tracing],
  [b.BPF_TRACE_FEXIT, tracing],
  [b.BPF_MODIFY_RETURN, tracing],
  [b.BPF_LSM_MAC, tracing],
  [b.BPF_TRACE_FSESSION, tracing],
  [b.BPF_TRACE_FENTRY_MULTI, tracings],
  [b.BPF_TRACE_FEXIT_MULTI, tracings],
  [b.BPF_TRACE_FSESSION_MULTI, tracings],
  [b.BPF_NETFILTER, netfilter],
  [b.BPF_TCX_INGRESS, tcx],
  [b.BPF_TCX_EGRESS, tcx],
  [b.BPF_NETKIT_PRIMARY, netkit],
  [b.BPF_NETKIT_PEER, netkit],
]);

/** The part of a link's attributes that its kind of place has, if it has one. */
export function linkPart(view: DataView, attachType: number): Form | undefined {
  const isOrdered = (view.getUint32(flagsAt, true) & (b.BPF_F_BEFORE | b.BPF_F_AFTER)) !== 0;
  if (isControlGroup(attachType)) return isOrdered ? cgroup : target;
  return parts.get(attachType);
}

function isControlGroup(attachType: number): boolean {
  return b.bpfAttachTypes.names.get(attachType)?.startsWith("BPF_CGROUP_") === true;
}
