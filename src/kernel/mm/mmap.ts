// mmap, munmap and brk: making and removing areas. mm/mmap.c

import { O_ACCMODE, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../../abi/constants/files.js";
import * as mman from "../../abi/constants/memory.js";
import { RLIMIT_DATA } from "../../abi/constants/processes.js";
import { EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, Errno } from "../../abi/errno.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { accessed } from "../vfs/access-time.js";
import type { File } from "../vfs/file.js";
import { refusesExec } from "../vfs/mount.js";
import { NO_WRITE } from "../vfs/seals.js";
import { populate } from "./fault.js";
import { MMAP_MIN_ADDRESS, type Mm, pageDown, pageUp, STACK_GUARD_GAP, TASK_SIZE, TASK_SIZE_32 } from "./mm.js";
import { leaveShared } from "./shared-mapping.js";
import { VM_LOCKED, VM_LOCKONFAULT, VM_WIPEONFORK, Vma, type VmaBacking } from "./vma.js";

const ALL_PROT = mman.PROT_READ | mman.PROT_WRITE | mman.PROT_EXEC;
/** Flags that are taken without being understood: what came before MAP_SHARED_VALIDATE. */
const LEGACY_MAP_MASK =
  mman.MAP_TYPE |
  mman.MAP_FIXED |
  mman.MAP_ANONYMOUS |
  mman.MAP_GROWSDOWN |
  mman.MAP_LOCKED |
  mman.MAP_NORESERVE |
  mman.MAP_POPULATE |
  mman.MAP_NONBLOCK |
  mman.MAP_STACK |
  mman.MAP_HUGETLB |
  mman.MAP_32BIT |
  mman.MAP_FIXED_NOREPLACE |
  0x1880; // MAP_DENYWRITE, MAP_EXECUTABLE, MAP_ABOVE4G
const MAX_32BIT = 0x80000000;
const FIRST_32BIT = 0x40000000;

export const anonymousBacking: VmaBacking = {
  shared: false,
  maxProt: ALL_PROT,
  growsDown: false,
  file: undefined,
  label: "",
  noReserve: false,
};
const heapBacking: VmaBacking = { ...anonymousBacking, label: "[heap]" };

/** mmap(2). `file` is undefined for private anonymous memory; shared one is a file of its own. `compat`: of i386. Returns the address. */
export function mmap(
  mm: Mm,
  hint: number,
  length: number,
  prot: number,
  flags: number,
  file: File | undefined,
  offset: number,
  compat = false,
  vmFlags = 0,
): number {
  if (length === 0) throw new Errno(EINVAL);
  const size = pageUp(length);
  if (!(size <= mm.taskSize)) throw new Errno(ENOMEM);
  if (offset < 0 || offset + size > Number.MAX_SAFE_INTEGER) throw new Errno(EOVERFLOW);

  const fixed = (flags & (mman.MAP_FIXED | mman.MAP_FIXED_NOREPLACE)) !== 0;
  const address = fixed ? hint : unmappedArea(mm, hint, size, (flags & mman.MAP_32BIT) !== 0, compat);
  if (address + size > mm.taskSize) throw new Errno(ENOMEM);
  if (address % PAGE_SIZE !== 0) throw new Errno(EINVAL);
  if (fixed && address < MMAP_MIN_ADDRESS) throw new Errno(EPERM);
  if (flags & mman.MAP_FIXED_NOREPLACE && mm.areas.overlapping(address, address + size).length > 0)
    throw new Errno(EEXIST);

  const backing = file ? fileBacking(file, prot, flags) : anonymous(flags);
  mm.checkExecution(prot, prot);
  const isData = (prot & mman.PROT_WRITE) !== 0 && !backing.shared && !backing.growsDown;
  mm.checkLimits(size, isData);
  if (isData && !backing.noReserve) mm.checkOvercommit(size);
  if (fixed) unmapRange(mm, address, address + size);
  const area = new Vma(address, address + size, prot & ALL_PROT, file ? offset : address, backing);
  area.flags = vmFlags | ((flags & mman.MAP_TYPE) === mman.MAP_DROPPABLE ? VM_WIPEONFORK : 0);
  mm.account(area, size);
  mm.areas.insert(area);
  const isLocked = (vmFlags & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED;
  if (isLocked || (flags & mman.MAP_POPULATE && !(flags & mman.MAP_NONBLOCK))) {
    populate(mm, address, address + size, prot & mman.PROT_WRITE && !backing.file ? WRITE : READ);
  }
  return address;
}

function anonymous(flags: number): VmaBacking {
  const isDroppable = (flags & mman.MAP_TYPE) === mman.MAP_DROPPABLE;
  if (!isDroppable && (flags & mman.MAP_TYPE) !== mman.MAP_PRIVATE) throw new Errno(EINVAL);
  if (isDroppable && flags & (mman.MAP_LOCKED | mman.MAP_GROWSDOWN)) throw new Errno(EINVAL);
  const growsDown = (flags & mman.MAP_GROWSDOWN) !== 0;
  const noReserve = isDroppable || (flags & mman.MAP_NORESERVE) !== 0;
  return growsDown || noReserve ? { ...anonymousBacking, growsDown, noReserve } : anonymousBacking;
}

function fileBacking(file: File, prot: number, flags: number): VmaBacking {
  const type = flags & mman.MAP_TYPE;
  const mode = file.flags & O_ACCMODE;
  if (file.flags & O_PATH) throw new Errno(EBADF);
  if (type === mman.MAP_SHARED_VALIDATE && flags & ~LEGACY_MAP_MASK) throw new Errno(EOPNOTSUPP);
  const shared = type === mman.MAP_SHARED || type === mman.MAP_SHARED_VALIDATE;
  if (!shared && type !== mman.MAP_PRIVATE) throw new Errno(EINVAL);
  if (shared && prot & mman.PROT_WRITE && mode !== O_RDWR) throw new Errno(EACCES);
  if (mode === O_WRONLY) throw new Errno(EACCES);
  const kind = file.mappable();
  if (kind === "file") accessed(file.dentry, file.flags);
  if (kind === "no") throw new Errno(ENODEV);
  const noExec = kind === "secret" || refusesExec(file.dentry);
  if (noExec && prot & mman.PROT_EXEC) throw new Errno(EPERM);
  if (kind === "secret" && !shared) throw new Errno(EINVAL);
  if (flags & mman.MAP_GROWSDOWN) throw new Errno(EINVAL);
  const sealed = shared && ((file.inode.seals ?? 0) & NO_WRITE) !== 0;
  if (sealed && prot & mman.PROT_WRITE) throw new Errno(EPERM);
  const readOnly = shared && (sealed || mode === O_RDONLY);
  const maxProt = ALL_PROT & ~(readOnly ? mman.PROT_WRITE : 0) & ~(noExec ? mman.PROT_EXEC : 0);
  const noReserve = (flags & mman.MAP_NORESERVE) !== 0;
  return { shared, maxProt, growsDown: false, file: kind === "zero" ? undefined : file, label: "", noReserve };
}

/** Where `size` bytes fit: at the hint if free, else top-down below mmapBase, else bottom-up. mm/mmap.c: get_unmapped_area */
export function unmappedArea(mm: Mm, hint: number, size: number, low = false, compat = false): number {
  const limit = compat ? Math.min(mm.taskSize, TASK_SIZE_32) : mm.taskSize;
  const base = compat ? mm.mmapCompatBase : mm.mmapBase;
  if (hint !== 0) {
    // A hint is rounded down, and never below what may be mapped. mm/mmap.c: round_hint_to_min
    const wanted = Math.max(pageDown(hint), MMAP_MIN_ADDRESS);
    if (wanted + size <= limit && (!low || wanted + size <= MAX_32BIT) && isFree(mm, wanted, size)) return wanted;
  }
  // Where programs have 32 bits the flag means nothing.
  if (low && base > MAX_32BIT * 2) return bottomUp(mm, FIRST_32BIT, MAX_32BIT, size);
  const areas = mm.areas.areas;
  let top = base;
  for (let index = areas.length - 1; index >= -1; index--) {
    const area: Vma | undefined = areas[index];
    if (area && area.start >= base) continue;
    const floor = area?.end ?? MMAP_MIN_ADDRESS;
    if (top - floor >= size && top - size >= MMAP_MIN_ADDRESS) return top - size;
    if (area) top = Math.min(top, area.backing.growsDown ? area.start - STACK_GUARD_GAP : area.start);
  }
  return bottomUp(mm, Math.floor(limit / 3 / PAGE_SIZE) * PAGE_SIZE, limit, size);
}

function bottomUp(mm: Mm, from: number, to: number, size: number): number {
  let start = from;
  for (const area of mm.areas.areas) {
    if (area.end <= start) continue;
    const limit = area.backing.growsDown ? area.start - STACK_GUARD_GAP : area.start;
    if (limit - start >= size) break;
    start = area.end;
  }
  if (start + size > to) throw new Errno(ENOMEM);
  return start;
}

function isFree(mm: Mm, address: number, size: number): boolean {
  const next: Vma | undefined = mm.areas.areas[mm.areas.indexAbove(address)];
  if (next === undefined) return true;
  return address + size <= (next.backing.growsDown ? next.start - STACK_GUARD_GAP : next.start);
}

export function munmap(mm: Mm, address: number, length: number): void {
  const size = pageUp(length);
  if (address % PAGE_SIZE !== 0 || address + length > TASK_SIZE || size === 0) throw new Errno(EINVAL);
  unmapRange(mm, address, address + size);
}

export function unmapRange(mm: Mm, start: number, end: number): void {
  if (mm.areas.overlapping(start, end).length === 0) return;
  if (mm.areas.overlapping(start, end).some(({ sealed }) => sealed)) throw new Errno(EPERM);
  mm.areas.splitAt(start);
  mm.areas.splitAt(end);
  for (const area of mm.areas.overlapping(start, end)) {
    leaveShared(mm, area);
    mm.dropPages(area.start, area.end);
    mm.account(area, area.start - area.end);
    mm.areas.remove(area);
  }
}

/** brk(2): the break after the call; unchanged when it cannot be moved. */
export function brk(mm: Mm, wanted: number): number {
  if (wanted < mm.startBrk) return mm.brk;
  const limit = mm.limits.soft(RLIMIT_DATA);
  if (wanted - mm.startBrk + (mm.endData - mm.startData) > limit) return mm.brk;
  const oldEnd = pageUp(mm.brk);
  const newEnd = pageUp(wanted);
  if (newEnd < oldEnd) unmapRange(mm, newEnd, oldEnd);
  else if (newEnd > oldEnd) {
    if (newEnd > mm.taskSize || !isFree(mm, oldEnd, newEnd - oldEnd + PAGE_SIZE)) return mm.brk;
    try {
      mm.checkLimits(newEnd - oldEnd, true);
      mm.checkOvercommit(newEnd - oldEnd);
    } catch (error) {
      if (error instanceof Errno) return mm.brk;
      throw error;
    }
    const area = new Vma(oldEnd, newEnd, mman.PROT_READ | mman.PROT_WRITE, oldEnd, heapBacking);
    mm.account(area, newEnd - oldEnd);
    mm.areas.insert(area);
  }
  mm.brk = wanted;
  return wanted;
}

/** Maps zeroed private memory at a fixed place: exec's own areas. */
export function mapAnonymous(mm: Mm, start: number, end: number, prot: number, backing = anonymousBacking): void {
  const area = new Vma(start, end, prot, start, backing);
  mm.account(area, end - start);
  mm.areas.insert(area);
}
