// How the kernel reaches user memory: copyIn, copyOut and slices. Pages are faulted in as the processor would have; what cannot
// be reached is EFAULT. The only way from a system call to the program's memory.
import { PATH_MAX } from "../../abi/constants/files.js";
import { E2BIG, EFAULT, EINVAL, ENAMETOOLONG, Errno } from "../../abi/errno.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { FAULT_NONE, handleFault } from "./fault.js";
import { type Mm, TASK_SIZE } from "./mm.js";

const TWO_32 = 0x1_0000_0000;

/** Linear offset of a byte the kernel may read or write for the user, or -1. Good to the end of its page. */
export function reach(mm: Mm, address: number, access: number): number {
  const offset = mm.memory.linear(address, access);
  if (offset >= 0) return offset;
  if (!(address >= 0 && address < TASK_SIZE)) return -1;
  if (handleFault(mm, address, access) !== FAULT_NONE) return -1;
  return mm.memory.linear(address, access);
}

function reachOrFault(mm: Mm, address: number, access: number): number {
  const offset = reach(mm, address, access);
  if (offset < 0) throw new Errno(EFAULT);
  return offset;
}

/**
 * The accessible beginning of [address, address + length) as views of guest memory, neighbouring pages joined. Shorter than
 * asked when a page is not accessible: how much there is tells where. The views are good until the program runs again.
 */
export function userSlices(mm: Mm, address: number, length: number, access: number): Uint8Array[] {
  const slices: Uint8Array[] = [];
  let start = -1;
  let size = 0;
  while (length > 0) {
    const offset = reach(mm, address, access);
    if (offset < 0) break;
    const count = Math.min(PAGE_SIZE - (offset % PAGE_SIZE), length);
    if (start >= 0 && start + size === offset) size += count;
    else {
      if (start >= 0) slices.push(mm.memory.u8.subarray(start, start + size));
      start = offset;
      size = count;
    }
    address += count;
    length -= count;
  }
  if (start >= 0) slices.push(mm.memory.u8.subarray(start, start + size));
  return slices;
}

/** access_ok(): throws EFAULT when the range leaves user space. Looks at no page. */
export function checkRange(address: number, length: number): void {
  if (address + length > TASK_SIZE) throw new Errno(EFAULT);
}

/** A copy of `length` bytes. */
export function copyIn(mm: Mm, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const offset = reachOrFault(mm, address + done, READ);
    const count = Math.min(PAGE_SIZE - (offset % PAGE_SIZE), length - done);
    bytes.set(mm.memory.u8.subarray(offset, offset + count), done);
    done += count;
  }
  return bytes;
}

/**
 * copy_struct_from_user: a structure the program says is `size` bytes long, as one of `known` bytes: what it left out is zero. EINVAL for less than
 * `minimum`, E2BIG for more than a page and for what is set beyond what is known.
 */
export function copyInExtensible(mm: Mm, address: number, size: number, minimum: number, known: number): DataView {
  if (size > PAGE_SIZE) throw new Errno(E2BIG);
  if (size < minimum) throw new Errno(EINVAL);
  const given = copyIn(mm, address, size);
  if (given.subarray(known).some((byte) => byte !== 0)) throw new Errno(E2BIG);
  const whole = new Uint8Array(known);
  whole.set(given.subarray(0, known));
  return new DataView(whole.buffer);
}

export function copyOut(mm: Mm, address: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const offset = reachOrFault(mm, address + done, WRITE);
    const count = Math.min(PAGE_SIZE - (offset % PAGE_SIZE), bytes.length - done);
    mm.memory.u8.set(count === bytes.length ? bytes : bytes.subarray(done, done + count), offset);
    done += count;
  }
}

export function clearUser(mm: Mm, address: number, length: number): void {
  while (length > 0) {
    const offset = reachOrFault(mm, address, WRITE);
    const count = Math.min(PAGE_SIZE - (offset % PAGE_SIZE), length);
    mm.memory.fill(0, offset, offset + count);
    address += count;
    length -= count;
  }
}

/** The bytes up to a NUL as a byte string; undefined when there is none in the first `max`. */
export function copyInString(mm: Mm, address: number, max: number): string | undefined {
  let text = "";
  let left = max;
  while (left > 0) {
    const offset = reachOrFault(mm, address, READ);
    const count = Math.min(PAGE_SIZE - (offset % PAGE_SIZE), left);
    const { u8 } = mm.memory;
    let end = offset;
    while (end < offset + count && u8[end] !== 0) end++;
    text += stringAt(u8, offset, end);
    if (end < offset + count) return text;
    address += count;
    left -= count;
  }
  return undefined;
}

export function copyInPath(mm: Mm, address: number): string {
  const path = copyInString(mm, address, PATH_MAX);
  if (path === undefined) throw new Errno(ENAMETOOLONG);
  return path;
}

/** One character per byte. */
export function byteString(bytes: Uint8Array): string {
  return stringAt(bytes, 0, bytes.length);
}

const { latin1Slice } = Buffer.prototype as { latin1Slice?(this: Uint8Array, start: number, end: number): string };

/** What Node's buffers do without being asked to be made, where they still have it: a third of the time for a path. */
function stringAt(bytes: Uint8Array, start: number, end: number): string {
  if (latin1Slice) return latin1Slice.call(bytes, start, end);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** The inverse of `byteString`. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function readU32(mm: Mm, address: number): number {
  if (address % PAGE_SIZE <= PAGE_SIZE - 4) {
    return mm.memory.view.getUint32(reachOrFault(mm, address, READ), true);
  }
  return new DataView(copyIn(mm, address, 4).buffer).getUint32(0, true);
}

export function readI32(mm: Mm, address: number): number {
  return readU32(mm, address) | 0;
}

export function writeU32(mm: Mm, address: number, value: number): void {
  if (address % PAGE_SIZE <= PAGE_SIZE - 4) {
    mm.memory.view.setUint32(reachOrFault(mm, address, WRITE), value, true);
    return;
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  copyOut(mm, address, bytes);
}

/** An unsigned 64-bit value as number: exact below 2^53. */
export function readU64(mm: Mm, address: number): number {
  return readU32(mm, address) + readU32(mm, address + 4) * TWO_32;
}

/** A signed 64-bit value as number: exact when its magnitude is below 2^53. */
export function readI64(mm: Mm, address: number): number {
  return readU32(mm, address) + readI32(mm, address + 4) * TWO_32;
}

export function readBig64(mm: Mm, address: number): bigint {
  return new DataView(copyIn(mm, address, 8).buffer).getBigUint64(0, true);
}

/** Writes a signed or unsigned 64-bit value given as number. */
export function writeU64(mm: Mm, address: number, value: number): void {
  writeU32(mm, address, value % TWO_32);
  writeU32(mm, address + 4, Math.floor(value / TWO_32));
}

export function writeBig64(mm: Mm, address: number, value: bigint): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  copyOut(mm, address, bytes);
}
