// Demand paging: what a page fault at a user address means. Answers with a reason when it is the program's mistake; makes no signal.
import { RLIMIT_STACK } from "../../abi/constants/processes.js";
import { Errno } from "../../abi/errno.js";
import { EXECUTE, READ, WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Inode } from "../vfs/inode.js";
import { MMAP_MIN_ADDRESS, type Mm, PAGE_CAPACITY, STACK_GUARD_GAP } from "./mm.js";
import { fileIndex, sharedMappingOf } from "./shared-mapping.js";
import { pageProtection, type Vma } from "./vma.js";

export const FAULT_NONE = 0;
/** No area there: SEGV_MAPERR. */
export const FAULT_UNMAPPED = 1;
/** The area forbids it: SEGV_ACCERR. */
export const FAULT_FORBIDDEN = 2;
/** Beyond the end of the mapped file: SIGBUS, BUS_ADRERR. */
export const FAULT_BEYOND_FILE = 3;
export const FAULT_OUT_OF_MEMORY = 4;

const FAULT_AROUND = 16; // pages; mm/memory.c: fault_around_bytes

/** Makes `access` (READ, WRITE, EXECUTE) at `address` possible, or says why it is not. */
export function handleFault(mm: Mm, address: number, access: number): number {
  const area = mm.areas.find(address) ?? expandStack(mm, address);
  if (area === undefined) return FAULT_UNMAPPED;
  if ((pageProtection(area.prot) & access) !== access) return FAULT_FORBIDDEN;
  const page = Math.floor(address / PAGE_SIZE);
  const present = mm.memory.protectionOf(page);
  if (present >= 0) {
    // The page is there with fewer rights than its area: a write to a shared file page.
    const protection = pageProtection(area.prot);
    const mapping = access & WRITE ? sharedMappingOf(area) : undefined;
    if (mapping) mapping.claim(mm, page, fileIndex(area, page), protection);
    else mm.memory.protect(page, protection);
    return FAULT_NONE;
  }
  if (mm.memory.pageCount + FAULT_AROUND >= PAGE_CAPACITY) return FAULT_OUT_OF_MEMORY;
  if (!mm.reserve(FAULT_AROUND)) return FAULT_OUT_OF_MEMORY;
  mm.minorFaults++;
  const result = area.backing.file ? fileFault(mm, area, page, access) : anonymousFault(mm, area, page);
  if (mm.memory.pageCount > mm.peakPages) mm.peakPages = mm.memory.pageCount;
  return result;
}

/** Fault-around for anonymous memory too, where it is used in sequence: a trap costs more than pages that are zero already. */
function anonymousFault(mm: Mm, area: Vma, page: number): number {
  const protection = pageProtection(area.prot);
  const inSequence = page * PAGE_SIZE > area.start && mm.memory.slotOf(page - 1) >= 0 && !area.backing.growsDown;
  const last = Math.min(area.end / PAGE_SIZE, page + (inSequence ? FAULT_AROUND : 1));
  for (let next = page; next < last; next++) {
    if (next !== page && mm.memory.slotOf(next) >= 0) break;
    mm.memory.map(next, protection);
  }
  return FAULT_NONE;
}

function fileFault(mm: Mm, area: Vma, page: number, access: number): number {
  const inode = area.backing.file?.inode;
  if (inode === undefined) return FAULT_BEYOND_FILE;
  const offsetOf = (at: number): number => area.offset + (at * PAGE_SIZE - area.start);
  const size = inode.sizeUpTo(offsetOf(page) + FAULT_AROUND * PAGE_SIZE);
  if (offsetOf(page) >= size) return FAULT_BEYOND_FILE;

  const window = page - (page % FAULT_AROUND);
  const first = Math.max(window, Math.floor(area.start / PAGE_SIZE));
  const last = Math.min(window + FAULT_AROUND, area.end / PAGE_SIZE, Math.ceil((size - offsetOf(0)) / PAGE_SIZE));
  const full = pageProtection(area.prot);
  const mapping = sharedMappingOf(area);
  if (!mapping) return readAround(mm, { inode, size, offsetOf }, { first, page, last }, full);
  for (let at = first; at < last; at++) {
    if (mm.memory.slotOf(at) >= 0) continue;
    // Somebody else's page is not taken away before it is wanted.
    if (at !== page && mapping.hasWriter(fileIndex(area, at))) continue;
    try {
      // A shared page cannot be written at first, so that its first write is seen.
      mapping.show(mm, at, fileIndex(area, at), full & ~WRITE);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (at === page) return FAULT_BEYOND_FILE;
    }
  }
  if (access & WRITE) mapping.claim(mm, page, fileIndex(area, page), full);
  return FAULT_NONE;
}

interface MappedFile {
  readonly inode: Inode;
  readonly size: number;
  /** Position in the file of a page. */
  offsetOf(page: number): number;
}

/** Reads the pages from `first` to `last` that are not there, among them `page`: as many at once as lie side by side. */
function readAround(
  mm: Mm,
  file: MappedFile,
  { first, page, last }: { first: number; page: number; last: number },
  protection: number,
): number {
  for (let at = first; at < last; at++) {
    if (mm.memory.slotOf(at) >= 0) continue;
    let end = at + 1;
    while (end < last && mm.memory.slotOf(end) < 0) end++;
    const isWanted = at <= page && page < end;
    if (!readPrivate(mm, file, at, end, protection) && isWanted) {
      // What is beside it is not to blame for.
      if (!readPrivate(mm, file, page, page + 1, protection)) return FAULT_BEYOND_FILE;
    }
    at = end;
  }
  return FAULT_NONE;
}

/** Maps pages of a file that are private to the address space; false when they cannot be read. */
function readPrivate(
  mm: Mm,
  { inode, size, offsetOf }: MappedFile,
  first: number,
  last: number,
  protection: number,
): boolean {
  const position = offsetOf(first);
  const index = Math.floor(position / PAGE_SIZE);
  inode.mapping?.flush(index, index + last - first);
  for (let page = first; page < last; page++) mm.memory.map(page, protection);
  try {
    const together = mm.memory.runBytes(first, last);
    if (together) inode.readAt(position, together.subarray(0, Math.min(together.length, size - position)));
    else {
      for (let page = first; page < last; page++) {
        const length = Math.min(PAGE_SIZE, size - offsetOf(page));
        inode.readAt(offsetOf(page), mm.memory.pageBytes(page).subarray(0, length));
      }
    }
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    for (let page = first; page < last; page++) mm.memory.unmap(page);
    return false;
  }
}

/** Grows the stack area above `address` down to it. mm/mmap.c: expand_stack */
function expandStack(mm: Mm, address: number): Vma | undefined {
  const index = mm.areas.indexAbove(address);
  const area: Vma | undefined = mm.areas.areas[index];
  if (area === undefined || !area.backing.growsDown || address < MMAP_MIN_ADDRESS) return undefined;
  const start = address - (address % PAGE_SIZE);
  if (area.end - start > mm.limits.soft(RLIMIT_STACK)) return undefined;
  const below: Vma | undefined = mm.areas.areas[index - 1];
  if (below && !below.backing.growsDown && below.prot !== 0 && start - below.end < STACK_GUARD_GAP) return undefined;
  if (below && below.end > start) return undefined;
  mm.totalVm += (area.start - start) / PAGE_SIZE;
  area.offset -= area.start - start;
  area.start = start;
  mm.areas.touched();
  return area;
}

/** Faults a whole range in (MAP_POPULATE). Stops quietly where it cannot. */
export function populate(mm: Mm, start: number, end: number, access: number): number {
  for (let address = start; address < end; address += PAGE_SIZE) {
    if (mm.memory.linear(address, access) >= 0) continue;
    const result = handleFault(mm, address, access);
    if (result !== FAULT_NONE) return result;
  }
  return FAULT_NONE;
}

/** The access a processor's fault stood for, from its error-code bits. */
export function accessOfFault(write: boolean, instruction: boolean): number {
  return write ? WRITE : instruction ? EXECUTE : READ;
}
