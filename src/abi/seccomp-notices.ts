// What a supervisor of seccomp is told, and what he answers. linux/seccomp.h
import { openFlags } from "./constants/files.js";
import * as names from "./constants/ioctls.js";
import { auditArchitectures } from "./constants/signals.js";
import { fd, pid } from "./descriptors.js";
import { unsignedDecimal } from "./digits.js";
import { errnoName } from "./errno.js";
import { address, filledIn, flagsOf, hexLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { KNOWN_ARCHITECTURES } from "./siginfo.js";
import { bytes, type Fields, type Struct, s32, s64, struct, structIn, u32, u64 } from "./struct.js";
import { showEnumeration, showNamed } from "./tables.js";

const DATA_SIZE = 64;
const ARGUMENTS = 6;

/** A small number, or the negative one of an error. */
export function showError(c: ShowContext, value: number): void {
  const name = value < 0 ? errnoName(-value) : undefined;
  if (name === undefined) c.out.number(String(value));
  else showNamed(c, String(value), `-${name}`);
}

/** struct seccomp_data: which call it is, of which processor, from where, with what. */
function showData(c: ShowContext, view: DataView, offset: number): void {
  const number = view.getInt32(offset, true);
  const arch = view.getInt32(offset + 4, true);
  const field = (name: string, first = false): void => {
    if (!first) c.out.punct(", ");
    c.out.name(name);
    c.out.punct("=");
  };
  c.out.punct("{");
  field("nr", true);
  const name = KNOWN_ARCHITECTURES.includes(arch >>> 0) ? c.callName(number) : undefined;
  if (name === undefined) c.out.number(unsignedDecimal(number, 0));
  else showNamed(c, unsignedDecimal(number, 0), `__NR_${name}`);
  field("arch");
  showEnumeration(c, auditArchitectures, arch);
  field("instruction_pointer");
  address.show(c, view.getInt32(offset + 8, true), view.getInt32(offset + 12, true));
  field("args");
  c.out.punct("[");
  for (let i = 0; i < ARGUMENTS; i++) {
    const at = offset + 16 + i * 8;
    if (i > 0) c.out.punct(", ");
    hexLong.show(c, view.getInt32(at, true), view.getInt32(at + 4, true));
  }
  c.out.punct("]}");
}

/** struct seccomp_notif. */
export const notice = struct({
  id: u64(hexLong),
  pid: u32(pid),
  flags: u32(),
  data: bytes(DATA_SIZE, showData, 8),
});
/** struct seccomp_notif_resp. */
export const reply = struct({
  id: u64(hexLong),
  val: s64(),
  error: bytes(4, (c, view, offset) => showError(c, view.getInt32(offset, true)), 4),
  flags: u32(flagsOf(names.responseFlags)),
});
/** struct seccomp_notif_addfd. */
export const addDescriptor = struct({
  id: u64(hexLong),
  flags: u32(flagsOf(names.addFdFlags)),
  srcfd: s32(fd),
  newfd: s32(fd),
  newfd_flags: u32(flagsOf(openFlags)),
});

export const noticeOut = filledIn(structIn(notice as Struct<Fields>));
export const replyIn = structIn(reply as Struct<Fields>);
export const addDescriptorIn = structIn(addDescriptor as Struct<Fields>);
