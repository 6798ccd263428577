// Another process's memory, whatever the program itself may do with it: access_process_vm with FOLL_FORCE. mm/memory.c
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { FAULT_NONE, handleFault } from "./fault.js";
import { type Mm, TASK_SIZE } from "./mm.js";

function isThere(mm: Mm, address: number): boolean {
  if (!(address >= 0 && address < TASK_SIZE) || mm.users <= 0) return false;
  return mm.memory.slotOf(Math.floor(address / PAGE_SIZE)) >= 0 || handleFault(mm, address, 0) === FAULT_NONE;
}

/** The mapped beginning of the range. */
export function readForced(mm: Mm, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length && isThere(mm, address + done)) {
    const inside = (address + done) % PAGE_SIZE;
    const page = mm.memory.pageBytes(Math.floor((address + done) / PAGE_SIZE));
    const part = page.subarray(inside, Math.min(PAGE_SIZE, inside + length - done));
    bytes.set(part, done);
    done += part.length;
  }
  return bytes.subarray(0, done);
}

/** How many of the bytes were written: as far as something is mapped. */
export function writeForced(mm: Mm, address: number, bytes: Uint8Array): number {
  let done = 0;
  while (done < bytes.length && isThere(mm, address + done)) {
    const page = Math.floor((address + done) / PAGE_SIZE);
    const inside = (address + done) % PAGE_SIZE;
    const count = Math.min(PAGE_SIZE - inside, bytes.length - done);
    const protection = mm.memory.protectionOf(page);
    // Dropping and giving back the rights makes the processor forget what it translated from here.
    mm.memory.protect(page, 0);
    mm.memory.pageBytes(page).set(bytes.subarray(done, done + count), inside);
    mm.memory.protect(page, protection);
    done += count;
  }
  return done;
}
