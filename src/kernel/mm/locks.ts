// mlock and its kin: which memory is to stay resident, and how much of it a process may have. Nothing is ever swapped out here. mm/mlock.c
import * as mman from "../../abi/constants/memory.js";
import { RLIMIT_MEMLOCK } from "../../abi/constants/processes.js";
import { CAP_IPC_LOCK } from "../../abi/constants/security.js";
import { EAGAIN, EINVAL, ENOMEM, EPERM, Errno } from "../../abi/errno.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import { FAULT_NONE, populate } from "./fault.js";
import { type Mm, pageUp, TASK_SIZE } from "./mm.js";
import { walkAreas } from "./protect.js";
import { VM_LOCKED, VM_LOCKONFAULT, type Vma } from "./vma.js";

const BOTH = VM_LOCKED | VM_LOCKONFAULT;

/** Bytes locked in a range. */
function lockedBytes(mm: Mm, start = 0, end = TASK_SIZE): number {
  let sum = 0;
  for (const area of mm.areas.overlapping(start, end)) {
    if (area.flags & VM_LOCKED) sum += Math.min(area.end, end) - Math.max(area.start, start);
  }
  return sum;
}

function limitOf(task: Task): number {
  if (task.cred.can(CAP_IPC_LOCK)) return Number.POSITIVE_INFINITY;
  const limit = task.signal.limits.soft(RLIMIT_MEMLOCK);
  return limit - (limit % PAGE_SIZE);
}

/** can_do_mlock */
function checkMayLock(task: Task): void {
  if (!task.cred.can(CAP_IPC_LOCK) && task.signal.limits.soft(RLIMIT_MEMLOCK) === 0) throw new Errno(EPERM);
}

/** mlock_future_ok: throws EAGAIN when `size` more bytes are too much. */
export function checkLockedGrowth(task: Task, size: number): void {
  if (lockedBytes(task.mm) + size > limitOf(task)) throw new Errno(EAGAIN);
}

/** What mmap(2) locks of itself: by its flags, or because all that comes is locked. */
export function lockFlagsOf(task: Task, flags: number, length: number): number {
  if (flags & mman.MAP_LOCKED) checkMayLock(task);
  const wanted = (flags & mman.MAP_LOCKED ? VM_LOCKED : 0) | task.mm.locksFuture;
  if (wanted !== 0) checkLockedGrowth(task, pageUp(length));
  return wanted;
}

function setFlags(mm: Mm, start: number, end: number, flags: number): void {
  mm.areas.splitAt(start);
  mm.areas.splitAt(end);
  for (const area of mm.areas.overlapping(start, end)) area.flags = (area.flags & ~BOTH) | flags;
  mm.areas.merge(start, end);
}

/** Makes what is locked resident; false where that cannot be. */
export function populateLocked(mm: Mm, area: Vma, from: number, to: number): boolean {
  const access = area.prot & mman.PROT_WRITE && !area.backing.shared ? WRITE : READ;
  return populate(mm, from, to, access) === FAULT_NONE;
}

/** The pages from the one of `address` to the one of the last byte; lengths wrap as 64 bits do. */
function rangeOf(address: number, length: number): [number, number] {
  const start = address - (address % PAGE_SIZE);
  const size = pageUp(length + (address % PAGE_SIZE));
  const end = size >= 2 ** 64 ? start : start + size;
  if (end >= 2 ** 64) throw new Errno(EINVAL);
  return [start, end];
}

/** mlock(2), mlock2(2). */
export function mlock(task: Task, address: number, length: number, onFault = false): void {
  checkMayLock(task);
  const { mm } = task;
  const [start, end] = rangeOf(address, length);
  const before = lockedBytes(mm) - lockedBytes(mm, start, Math.min(end, TASK_SIZE));
  if (before + (end - start) > limitOf(task)) throw new Errno(ENOMEM);
  if (end > TASK_SIZE) throw new Errno(ENOMEM);
  if (start === end) return;
  setFlags(mm, start, end, onFault ? BOTH : VM_LOCKED);
  walkAreas(mm, start, end, (area, from, to) => {
    if (!onFault && !populateLocked(mm, area, from, to)) throw new Errno(ENOMEM);
  });
}

export function munlock(task: Task, address: number, length: number): void {
  const { mm } = task;
  const [start, end] = rangeOf(address, length);
  if (end > TASK_SIZE) throw new Errno(ENOMEM);
  if (start === end) return;
  setFlags(mm, start, end, 0);
  walkAreas(mm, start, end, () => {});
}

export function mlockall(task: Task, flags: number): void {
  const known = mman.MCL_CURRENT | mman.MCL_FUTURE | mman.MCL_ONFAULT;
  if (flags === 0 || flags & ~known || flags === mman.MCL_ONFAULT) throw new Errno(EINVAL);
  checkMayLock(task);
  const { mm } = task;
  const isCurrent = (flags & mman.MCL_CURRENT) !== 0;
  if (isCurrent && mm.totalVm * PAGE_SIZE > limitOf(task)) throw new Errno(ENOMEM);
  const how = flags & mman.MCL_ONFAULT ? BOTH : VM_LOCKED;
  mm.locksFuture = flags & mman.MCL_FUTURE ? how : 0;
  if (!isCurrent) return;
  setFlags(mm, 0, TASK_SIZE, how);
  if (how !== VM_LOCKED) return;
  for (const area of [...mm.areas.areas]) if (area.prot !== 0) populateLocked(mm, area, area.start, area.end);
}

export function munlockall({ mm }: Task): void {
  mm.locksFuture = 0;
  setFlags(mm, 0, TASK_SIZE, 0);
}
