// Bytes of code by code address, across pages that need not lie side by side.
import { EXECUTE, type GuestMemory } from "../machine/guest-memory.js";
import { PAGE_SIZE } from "../machine/state-layout.js";
import { linearOf } from "./code-address.js";

/** Copies the code [start, start + size) to `bytes` at `at`; false when some of it may not be executed. */
export function copyCode(memory: GuestMemory, start: number, size: number, bytes: Uint8Array, at: number): boolean {
  for (let done = 0; done < size; ) {
    const linear = memory.linear(linearOf(start + done), EXECUTE);
    if (linear < 0) return false;
    const count = Math.min(size - done, PAGE_SIZE - (linear % PAGE_SIZE));
    bytes.set(memory.u8.subarray(linear, linear + count), at + done);
    done += count;
  }
  return true;
}

/** The code at `start` may be executed, and is the `size` bytes that `bytes` has at `at`. */
export function isCode(memory: GuestMemory, start: number, size: number, bytes: Uint8Array, at: number): boolean {
  const { u8 } = memory;
  for (let done = 0; done < size; ) {
    const linear = memory.linear(linearOf(start + done), EXECUTE);
    if (linear < 0) return false;
    const end = Math.min(size, done + PAGE_SIZE - (linear % PAGE_SIZE));
    for (const shift = linear - done; done < end; done++) if (u8[shift + done] !== bytes[at + done]) return false;
  }
  return true;
}
