// Bytes of code by guest address, across pages that need not lie side by side.
import { EXECUTE, type GuestMemory } from "../machine/guest-memory.js";
import { PAGE_SIZE } from "../machine/state-layout.js";

/** Copies the code [start, start + size) to `bytes` at `at`; false when some of it may not be executed. */
export function copyCode(memory: GuestMemory, start: number, size: number, bytes: Uint8Array, at: number): boolean {
  return eachPage(memory, start, size, (linear, done, count) => {
    bytes.set(memory.u8.subarray(linear, linear + count), at + done);
    return true;
  });
}

/** The code at `start` may be executed, and is the `size` bytes that `bytes` has at `at`. */
export function isCode(memory: GuestMemory, start: number, size: number, bytes: Uint8Array, at: number): boolean {
  const { u8 } = memory;
  return eachPage(memory, start, size, (linear, done, count) => {
    for (let n = 0; n < count; n++) if (u8[linear + n] !== bytes[at + done + n]) return false;
    return true;
  });
}

function eachPage(
  memory: GuestMemory,
  start: number,
  size: number,
  visit: (linear: number, done: number, count: number) => boolean,
): boolean {
  for (let done = 0; done < size; ) {
    const address = start + done;
    const count = Math.min(size - done, PAGE_SIZE - (address % PAGE_SIZE));
    const linear = memory.linear(address, EXECUTE);
    if (linear < 0 || !visit(linear, done, count)) return false;
    done += count;
  }
  return true;
}
