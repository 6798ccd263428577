// Reading the tracee's memory for decoders.
import type { ShowContext } from "./show.js";
import type { Tracee } from "./tracee.js";

const PAGE = 4096;

export interface CString {
  readonly bytes: Uint8Array;
  /** The NUL was found: the bytes before it are the whole string. */
  readonly complete: boolean;
}

/** The string at `address`, at most `limit` bytes of it; undefined when memory ends before either. */
export function peekString(tracee: Tracee, address: number, limit: number): CString | undefined {
  let parts: Uint8Array | undefined;
  let at = address;
  let left = limit;
  do {
    const room = PAGE - (at % PAGE);
    const length = Math.min(left, room, 256);
    const chunk = tracee.peek(at, length);
    if (chunk === undefined) return undefined;
    const end = chunk.indexOf(0);
    const piece = end < 0 ? chunk : chunk.subarray(0, end);
    parts = parts === undefined ? piece : joined(parts, piece);
    if (end >= 0) return { bytes: parts, complete: true };
    at += length;
    left -= length;
  } while (left > 0);
  return { bytes: parts, complete: false };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

export function peekView(tracee: Tracee, address: number, length: number): DataView | undefined {
  const bytes = tracee.peek(address, length);
  return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 32-bit value of user memory. */
export function peekInt(tracee: Tracee, address: number): number | undefined {
  return peekView(tracee, address, 4)?.getInt32(0, true);
}

/** Bytes in a pointer or a size_t of the tracee's ABI. */
export function wordSize(c: ShowContext): 4 | 8 {
  return c.abi === "x86_64" ? 8 : 4;
}
