// mremap: growing, shrinking and moving an area. mm/mremap.c
import { MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_WRITE } from "../../abi/constants/memory.js";
import { EFAULT, EINVAL, ENOMEM, EPERM, Errno } from "../../abi/errno.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { MMAP_MIN_ADDRESS, type Mm, pageUp, TASK_SIZE } from "./mm.js";
import { unmappedArea, unmapRange } from "./mmap.js";
import { leaveShared, sharedMappingOf } from "./shared-mapping.js";
import { Vma } from "./vma.js";

/** mremap(2). Returns the new address. */
export function mremap(
  mm: Mm,
  oldAddress: number,
  oldLength: number,
  newLength: number,
  flags: number,
  newAddress: number,
): number {
  if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) throw new Errno(EINVAL);
  if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE)) throw new Errno(EINVAL);
  if (flags & MREMAP_DONTUNMAP && oldLength !== newLength) throw new Errno(EINVAL);
  const oldSize = pageUp(oldLength);
  const newSize = pageUp(newLength);
  if (oldAddress % PAGE_SIZE !== 0 || newSize === 0 || newSize > TASK_SIZE) throw new Errno(EINVAL);
  const area = mm.areas.find(oldAddress);
  if (area === undefined) throw new Errno(EFAULT);
  if (area.sealed) throw new Errno(EPERM);
  if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
    return moveTo(mm, area, oldAddress, oldSize, newSize, flags, newAddress);
  }
  if (oldSize >= newSize) {
    if (oldSize > newSize) unmapRange(mm, oldAddress + newSize, oldAddress + oldSize);
    return oldAddress;
  }
  if (oldSize === 0 && !area.backing.shared) throw new Errno(EINVAL);
  if (oldAddress + oldSize > area.end) throw new Errno(EFAULT);
  checkGrowth(mm, area, newSize - oldSize);
  if (oldAddress + oldSize === area.end && isRoomAbove(mm, area, newSize - oldSize)) {
    mm.account(area, newSize - oldSize);
    area.end += newSize - oldSize;
    mm.areas.touched();
    mm.areas.merge(area.start, area.end);
    return oldAddress;
  }
  if (!(flags & MREMAP_MAYMOVE)) throw new Errno(ENOMEM);
  return move(mm, area, oldAddress, oldSize, newSize, unmappedArea(mm, 0, newSize), true);
}

function moveTo(
  mm: Mm,
  area: Vma,
  oldAddress: number,
  oldSize: number,
  newSize: number,
  flags: number,
  newAddress: number,
): number {
  if (newAddress % PAGE_SIZE !== 0 || newAddress + newSize > TASK_SIZE) throw new Errno(EINVAL);
  const target = flags & MREMAP_FIXED ? newAddress : unmappedArea(mm, newAddress, newSize);
  if (target < MMAP_MIN_ADDRESS) throw new Errno(EINVAL);
  if (target + newSize > oldAddress && oldAddress + oldSize > target) throw new Errno(EINVAL);
  if (oldAddress + Math.min(oldSize, newSize) > area.end) throw new Errno(EFAULT);
  if (newSize > oldSize) checkGrowth(mm, area, newSize - oldSize);
  unmapRange(mm, target, target + newSize);
  if (oldSize > newSize) unmapRange(mm, oldAddress + newSize, oldAddress + oldSize);
  return move(mm, area, oldAddress, Math.min(oldSize, newSize), newSize, target, !(flags & MREMAP_DONTUNMAP));
}

function checkGrowth(mm: Mm, area: Vma, growth: number): void {
  const isData = (area.prot & PROT_WRITE) !== 0 && !area.backing.shared;
  mm.checkLimits(growth, isData);
  if (isData) mm.checkOvercommit(growth);
}

function isRoomAbove(mm: Mm, area: Vma, growth: number): boolean {
  const next: Vma | undefined = mm.areas.areas[mm.areas.indexAbove(area.end)];
  return area.end + growth <= TASK_SIZE && (next === undefined || area.end + growth <= next.start);
}

function move(
  mm: Mm,
  from: Vma,
  oldAddress: number,
  oldSize: number,
  newSize: number,
  target: number,
  unmapOld: boolean,
): number {
  const offset = from.backing.file ? from.offset + (oldAddress - from.start) : target;
  const area = new Vma(target, target + newSize, from.prot, offset, from.backing);
  mm.account(area, newSize);
  mm.areas.insert(area.inherit(from));
  const mapping = sharedMappingOf(area);
  // What a shared file shows is shown again where it is wanted.
  for (let at = 0; mapping === undefined && at < oldSize; at += PAGE_SIZE) {
    const page = (oldAddress + at) / PAGE_SIZE;
    const protection = mm.memory.protectionOf(page);
    if (protection < 0) continue;
    const moved = (target + at) / PAGE_SIZE;
    mm.memory.map(moved, protection);
    mm.memory.pageBytes(moved).set(mm.memory.pageBytes(page));
  }
  if (unmapOld && oldSize > 0) unmapRange(mm, oldAddress, oldAddress + oldSize);
  else {
    leaveShared(mm, from, oldAddress, oldAddress + oldSize);
    mm.dropPages(oldAddress, oldAddress + oldSize);
  }
  return target;
}
