// mprotect, madvise, msync and mincore: what happens to areas that stay where they are.
import * as mman from "../../abi/constants/memory.js";
import { EACCES, EBUSY, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { FAULT_BEYOND_FILE, FAULT_NONE, populate } from "./fault.js";
import { type Mm, pageUp, TASK_SIZE } from "./mm.js";
import { fileIndex, flushArea, leaveShared, sharedMappingOf } from "./shared-mapping.js";
import { pageProtection, VM_DONTCOPY, VM_LOCKED, VM_WIPEONFORK, type Vma } from "./vma.js";

const PROT_BITS = mman.PROT_READ | mman.PROT_WRITE | mman.PROT_EXEC;

/** Addresses are doubles here, and the last page's last bytes are rounded to 2^64. */
const ADDRESS_SPACE = 2 ** 64;

function checkAligned(address: number): void {
  if (address % PAGE_SIZE !== 0 || address >= ADDRESS_SPACE) throw new Errno(EINVAL);
}

/** mprotect(2) and pkey_mprotect(2), where no key is ever allocated. do_mprotect_pkey. What comes before a hole is changed. */
export function mprotect(
  mm: Mm,
  address: number,
  length: number,
  prot: number,
  pkey = -1,
  readImpliesExec = false,
): void {
  checkAligned(address);
  const grows = prot & (mman.PROT_GROWSDOWN | mman.PROT_GROWSUP);
  if (grows === (mman.PROT_GROWSDOWN | mman.PROT_GROWSUP)) throw new Errno(EINVAL);
  if (length === 0) return;
  let start = address;
  const end = start + pageUp(length);
  if (end >= ADDRESS_SPACE) throw new Errno(ENOMEM);
  if (prot > 0xffffffff || prot & ~(PROT_BITS | mman.PROT_SEM | grows)) throw new Errno(EINVAL);
  if (pkey !== -1) throw new Errno(EINVAL);
  if (end > TASK_SIZE) throw new Errno(ENOMEM);
  if (grows) {
    const area = mm.areas.find(start);
    if (area === undefined) throw new Errno(ENOMEM);
    if (!(grows & mman.PROT_GROWSDOWN) || !area.backing.growsDown) throw new Errno(EINVAL);
    start = area.start;
  }
  if (mm.areas.find(start) === undefined) throw new Errno(ENOMEM);
  mm.areas.splitAt(start);
  mm.areas.splitAt(end);
  let reached = start;
  for (const area of mm.areas.overlapping(start, end)) {
    if (area.start > reached) break;
    if (area.sealed) throw new Errno(EPERM);
    const alsoRuns = readImpliesExec && prot & mman.PROT_READ && area.backing.maxProt & mman.PROT_EXEC;
    const wanted = (prot & PROT_BITS) | (alsoRuns ? mman.PROT_EXEC : 0);
    mm.checkExecution(wanted, area.prot);
    if (wanted & ~area.backing.maxProt) throw new Errno(EACCES);
    setProtection(mm, area, wanted);
    reached = area.end;
  }
  mm.areas.merge(start, Math.min(reached, end));
  if (reached < end) throw new Errno(ENOMEM);
}

function setProtection(mm: Mm, area: Vma, prot: number): void {
  if (area.prot === prot) return;
  if (!area.isPrivateWritable && prot & mman.PROT_WRITE && !area.backing.shared && !area.backing.growsDown) {
    mm.checkLimits(0, true);
  }
  mm.account(area, area.start - area.end);
  area.prot = prot;
  if (prot & mman.PROT_WRITE && !area.backing.shared && !area.backing.noReserve) area.accounted = true;
  mm.account(area, area.end - area.start);
  const full = pageProtection(prot);
  const mapping = sharedMappingOf(area);
  for (let page = area.start / PAGE_SIZE; page < area.end / PAGE_SIZE; page++) {
    if (mm.memory.slotOf(page) < 0) continue;
    const mayWrite = mapping === undefined || mapping.isWriter(mm, page, fileIndex(area, page));
    mm.memory.protect(page, mayWrite ? full : full & ~WRITE);
  }
}

/** Calls `visit` for each area in the range, clipped to it; throws ENOMEM afterwards when there were holes. */
export function walkAreas(
  mm: Mm,
  start: number,
  end: number,
  visit: (area: Vma, from: number, to: number) => void,
): void {
  let reached = start;
  let holes = false;
  for (const area of mm.areas.overlapping(start, end)) {
    if (area.start > reached) holes = true;
    const to = Math.min(area.end, end);
    visit(area, Math.max(area.start, start), to);
    reached = to;
  }
  if (holes || reached < end) throw new Errno(ENOMEM);
}

/** is_discard_op */
const DISCARDS: ReadonlySet<number> = new Set([
  mman.MADV_FREE,
  mman.MADV_DONTNEED,
  mman.MADV_DONTNEED_LOCKED,
  mman.MADV_REMOVE,
  mman.MADV_DONTFORK,
  mman.MADV_WIPEONFORK,
]);

/** madvise(2). Advice about speed is taken and forgotten. */
export function madvise(mm: Mm, address: number, length: number, advice: number): void {
  const known =
    (advice >= mman.MADV_NORMAL && advice <= mman.MADV_DONTNEED) ||
    (advice >= mman.MADV_FREE && advice <= mman.MADV_DONTNEED_LOCKED);
  if (!known) throw new Errno(EINVAL);
  checkAligned(address);
  const end = address + pageUp(length);
  if (length > TASK_SIZE || end > TASK_SIZE) throw new Errno(EINVAL);
  if (length === 0) return;
  if (advice === mman.MADV_POPULATE_READ || advice === mman.MADV_POPULATE_WRITE) {
    return populateAdvice(mm, address, end, advice === mman.MADV_POPULATE_WRITE ? WRITE : READ);
  }
  walkAreas(mm, address, end, (area, from, to) => {
    // What is sealed keeps its contents where the program could not change them either.
    const isKept = area.sealed && !area.backing.shared && (area.prot & mman.PROT_WRITE) === 0 && !area.backing.file;
    if (isKept && DISCARDS.has(advice)) throw new Errno(EPERM);
    advise(mm, area, from, to, advice);
  });
}

/** madvise_vma_behavior */
function advise(mm: Mm, area: Vma, from: number, to: number, advice: number): void {
  const isAnonymous = !area.backing.file && !area.backing.shared;
  const isLocked = (area.flags & VM_LOCKED) !== 0;
  switch (advice) {
    case mman.MADV_COLD:
    case mman.MADV_PAGEOUT:
      if (isLocked) throw new Errno(EINVAL);
      return;
    case mman.MADV_FREE:
      if (!isAnonymous || isLocked) throw new Errno(EINVAL);
      mm.dropPages(from, to);
      return;
    case mman.MADV_DONTNEED:
      if (isLocked) throw new Errno(EINVAL);
      leaveShared(mm, area, from, to);
      mm.dropPages(from, to);
      return;
    case mman.MADV_DONTNEED_LOCKED:
      leaveShared(mm, area, from, to);
      mm.dropPages(from, to);
      return;
    case mman.MADV_REMOVE:
      removeRange(mm, area, from, to);
      return;
    case mman.MADV_DONTFORK:
      mark(mm, from, to, VM_DONTCOPY, true);
      return;
    case mman.MADV_DOFORK:
      mark(mm, from, to, VM_DONTCOPY, false);
      return;
    case mman.MADV_WIPEONFORK:
      if (!isAnonymous) throw new Errno(EINVAL);
      mark(mm, from, to, VM_WIPEONFORK, true);
      return;
    case mman.MADV_KEEPONFORK:
      mark(mm, from, to, VM_WIPEONFORK, false);
  }
}

function mark(mm: Mm, start: number, end: number, flag: number, isOn: boolean): void {
  mm.areas.splitAt(start);
  mm.areas.splitAt(end);
  for (const area of mm.areas.overlapping(start, end)) area.flags = isOn ? area.flags | flag : area.flags & ~flag;
  mm.areas.merge(start, end);
}

/** madvise_remove: a hole in the file. */
function removeRange(mm: Mm, area: Vma, from: number, to: number): void {
  const { file, shared, maxProt } = area.backing;
  if (area.flags & VM_LOCKED || file === undefined) throw new Errno(EINVAL);
  if (!shared || !(maxProt & mman.PROT_WRITE)) throw new Errno(EACCES);
  leaveShared(mm, area, from, to);
  mm.dropPages(from, to);
  const { space, mapping } = file.inode;
  if (space === undefined) throw new Errno(EOPNOTSUPP);
  const start = area.offset + from - area.start;
  mapping?.flush();
  space.punch(start, start + to - from);
  mapping?.invalidate(0, Number.POSITIVE_INFINITY);
}

function populateAdvice(mm: Mm, start: number, end: number, access: number): void {
  walkAreas(mm, start, end, () => {});
  const result = populate(mm, start, end, access);
  if (result !== FAULT_NONE) throw new Errno(result === FAULT_BEYOND_FILE ? EFAULT : EINVAL);
}

export function msync(mm: Mm, address: number, length: number, flags: number): void {
  if (flags & ~(mman.MS_ASYNC | mman.MS_INVALIDATE | mman.MS_SYNC)) throw new Errno(EINVAL);
  checkAligned(address);
  if (flags & mman.MS_ASYNC && flags & mman.MS_SYNC) throw new Errno(EINVAL);
  const end = address + pageUp(length);
  if (end > TASK_SIZE) throw new Errno(ENOMEM);
  if (end === address) return;
  walkAreas(mm, address, end, (area, from, to) => {
    if (flags & mman.MS_INVALIDATE && area.flags & VM_LOCKED) throw new Errno(EBUSY);
    flushArea(area, from, to);
  });
}

/** mincore(2): one byte per page. */
export function mincore(mm: Mm, address: number, length: number): Uint8Array {
  checkAligned(address);
  const end = address + pageUp(length);
  if (end > TASK_SIZE) throw new Errno(ENOMEM);
  const resident = new Uint8Array((end - address) / PAGE_SIZE);
  if (end === address) return resident;
  walkAreas(mm, address, end, (_area, from, to) => {
    for (let at = from; at < to; at += PAGE_SIZE) {
      if (mm.memory.slotOf(at / PAGE_SIZE) >= 0) resident[(at - address) / PAGE_SIZE] = 1;
    }
  });
  return resident;
}
