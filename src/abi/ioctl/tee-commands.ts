// ioctls of trusted execution environments. See linux/tee.h.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/devices.js";
import { fd } from "../descriptors.js";
import { unsignedNumber } from "../digits.js";
import { peekView } from "../memory.js";
import { address, filledIn, flagsOf, hexInt, hexLong, oneOf, showAddress, unsignedLong } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { type Fields, reserved, type Struct, s32, s64, showArray, struct, subview, u8, u32, u64 } from "../struct.js";
import { showEnumeration } from "../tables.js";
import { array, type Commands, exchanged, fieldsOf, member, shownBy, structure, uuid } from "./fields.js";

type Shape = Struct<Fields>;

const version = struct({
  impl_id: u32(oneOf(names.teeImplementations)),
  impl_caps: u32(),
  gen_caps: u32(flagsOf(names.teeCapabilities)),
}) as Shape;

const versionOut = filledIn(
  shownBy(version.size(), (c, view) => {
    c.out.punct("{");
    version.showFields(c, view, ["impl_id", "gen_caps"]);
    member(c, "impl_caps");
    const isOptee = view.getUint32(0, true) === names.TEE_IMPL_ID_OPTEE;
    (isOptee ? flagsOf(names.opteeCapabilities) : hexInt).show(c, view.getInt32(4, true), 0);
    c.out.punct("}");
  }),
);

// A call into the environment: its head and parameters are in a buffer, whose length must be theirs.

const PARAMETER_SIZE = 32;
const META = names.TEE_IOCTL_PARAM_ATTR_META;

/** What the three words of a parameter are, by its type. */
const words: Readonly<Record<number, readonly string[]>> = {
  5: ["shm_offs", "size", "shm_id"],
  6: ["shm_offs", "size", "shm_id"],
  7: ["shm_offs", "size", "shm_id"],
  8: ["buf", "size"],
  9: ["buf", "size"],
  10: ["buf", "size"],
  11: ["obj_id", "flags"],
  12: ["obj_id", "flags"],
  13: ["obj_id", "flags"],
};

function showParameter(c: ShowContext, view: DataView): void {
  const attributes = view.getInt32(0, true);
  const high = view.getInt32(4, true);
  c.out.punct("{");
  member(c, "attr", true);
  showEnumeration(c, names.teeParameters, attributes & ~META);
  if ((attributes & META) !== 0) {
    c.out.punct("|");
    c.out.flag("TEE_IOCTL_PARAM_ATTR_META");
  }
  const isPlain = high === 0;
  if (!isPlain || attributes !== 0) {
    ((isPlain ? words[attributes] : undefined) ?? ["a", "b", "c"]).forEach((name, i) => {
      member(c, name);
      const [low, top] = [view.getInt32(8 + i * 8, true), view.getInt32(12 + i * 8, true)];
      if (name === "shm_id") unsignedLong.show(c, low, top);
      else if (name === "buf") address.show(c, low, top);
      else hexLong.show(c, low, top);
    });
  }
  c.out.punct("}");
}

const GROUP = 2;
const GROUP_APPLICATION = 6;
const FIRST_UNKNOWN = 7;
const clientBytes = struct({ bytes: array(16, u8(hexInt)) }) as Shape;

/** Who the client is, as far as the kind of login does not say: a group, or what is not known. */
function showClient(c: ShowContext, view: DataView): void {
  const login = view.getUint32(32, true);
  if (login === GROUP || login === GROUP_APPLICATION) {
    member(c, "clnt_uuid");
    c.out.number(String(view.getUint32(16, true)));
  } else if (login >= FIRST_UNKNOWN || login === 3) {
    member(c, "clnt_uuid");
    clientBytes.showField(c, subview(view, 16, 16), "bytes");
  }
}

const origin = u32(oneOf(names.teeOrigins));
const session = struct({
  uuid,
  clnt_uuid: reserved(16),
  clnt_login: u32(oneOf(names.teeLogins)),
  cancel_id: u32(),
  session: u32(hexInt),
  ret: u32(),
  ret_origin: origin,
  num_params: u32(),
}) as Shape;
const invocation = struct({
  func: u32(),
  session: u32(hexInt),
  cancel_id: u32(),
  ret: u32(),
  ret_origin: origin,
  num_params: u32(),
}) as Shape;
const wanted = struct({ func: u32(), num_params: u32() }) as Shape;
const answer = struct({ ret: u32(), num_params: u32() }) as Shape;

function buffered(head: Shape, before: readonly string[], after: readonly string[]): ArgumentType<number> {
  /** The head of the buffer, when it is one; undefined when only its address is to be shown. */
  const find = (c: ShowContext, view: DataView): DataView | undefined => {
    const start = unsignedNumber(view.getInt32(0, true), view.getInt32(4, true));
    const length = unsignedNumber(view.getInt32(8, true), view.getInt32(12, true));
    const found = start === 0 ? undefined : peekView(c.tracee, start, head.size());
    return found !== undefined && length === head.size() + head.get(found, "num_params") * PARAMETER_SIZE
      ? found
      : undefined;
  };
  const showCall = (c: ShowContext, view: DataView, found: DataView, shown: readonly string[]): void => {
    const start = unsignedNumber(view.getInt32(0, true), view.getInt32(4, true)) + head.size();
    c.out.punct("{");
    shown.forEach((name, i) => {
      if (name === "clnt_uuid") showClient(c, found);
      else {
        if (i > 0) c.out.punct(", ");
        head.showFields(c, found, [name]);
      }
    });
    member(c, "params");
    const count = head.get(found, "num_params");
    if (count === 0) showAddress(c, 0, 0);
    else showArray(c, start | 0, Math.floor(start / 2 ** 32), count, PARAMETER_SIZE, showParameter);
    c.out.punct("}");
  };
  return {
    ...shownBy(16, (c, view) => {
      c.out.punct("{");
      member(c, "buf_len", true);
      u64().type.show(c, view.getInt32(8, true), view.getInt32(12, true));
      member(c, "buf_ptr");
      const found = find(c, view);
      if (found !== undefined) showCall(c, view, found, before);
      else {
        showAddress(c, view.getInt32(0, true), view.getInt32(4, true));
        c.out.punct("}");
      }
    }),
    leave: (c, low, high) => {
      const view =
        !c.dereference || (low === 0 && high === 0) ? undefined : peekView(c.tracee, unsignedNumber(low, high), 16);
      const found = view === undefined ? undefined : find(c, view);
      if (view === undefined || found === undefined) return;
      if (!c.failed) {
        c.out.punct(" => ");
        showCall(c, view, found, after);
      }
      c.out.punct("}");
    },
  };
}

const memoryFlags = u32(flagsOf(names.teeMemoryFlags));
const allocated = struct({ size: u64(hexLong), flags: memoryFlags, id: s32() }) as Shape;
const registeredFile = struct({ fd: s64(fd), size: u64(hexLong), flags: memoryFlags, id: s32() }) as Shape;
const registered = struct({ addr: u64(address), length: u64(hexLong), flags: memoryFlags, id: s32() }) as Shape;

export const teeCommands: Commands = {
  TEE_IOC_VERSION: versionOut,
  TEE_IOC_OPEN_SESSION: buffered(
    session,
    ["uuid", "clnt_login", "clnt_uuid", "cancel_id", "num_params"],
    ["session", "ret", "ret_origin"],
  ),
  TEE_IOC_INVOKE: buffered(invocation, ["func", "session", "cancel_id", "num_params"], ["ret", "ret_origin"]),
  TEE_IOC_SUPPL_RECV: buffered(wanted, ["func", "num_params"], ["num_params"]),
  TEE_IOC_SUPPL_SEND: buffered(answer, ["num_params"], ["ret"]),
  TEE_IOC_CANCEL: structure({ cancel_id: u32(), session: u32(hexInt) }),
  TEE_IOC_CLOSE_SESSION: structure({ session: u32(hexInt) }),
  TEE_IOC_SHM_ALLOC: exchanged(
    allocated.size(),
    fieldsOf(allocated, "size flags"),
    fieldsOf(allocated, "size flags id"),
  ),
  TEE_IOC_SHM_REGISTER_FD: exchanged(
    registeredFile.size(),
    fieldsOf(registeredFile, "fd flags"),
    fieldsOf(registeredFile, "size id"),
  ),
  TEE_IOC_SHM_REGISTER: exchanged(
    registered.size(),
    fieldsOf(registered, "addr length flags"),
    fieldsOf(registered, "length flags id"),
  ),
};
