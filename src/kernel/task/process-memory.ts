// process_vm_readv and process_vm_writev: another process's memory; kcmp: what two processes share. mm/process_vm_access.c, kernel/kcmp.c

import { MADV_COLD, MADV_COLLAPSE, MADV_PAGEOUT, MADV_WILLNEED } from "../../abi/constants/memory.js";
import {
  KCMP_EPOLL_TFD,
  KCMP_FILE,
  KCMP_FILES,
  KCMP_FS,
  KCMP_IO,
  KCMP_SIGHAND,
  KCMP_SYSVSEM,
  KCMP_VM,
} from "../../abi/constants/processes.js";
import { CAP_SYS_NICE } from "../../abi/constants/security.js";
import { EACCES, EBADF, EFAULT, EINVAL, ENOENT, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { joinBytes } from "../../lib/bytes.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { EpollFile } from "../fs/anonfs/epoll.js";
import { mayInspect, pidFile } from "../fs/anonfs/pid-fd.js";
import { madvise } from "../mm/protect.js";
import { userSlices } from "../mm/user-access.js";
import { copyInSegments } from "../vfs/read-write.js";
import type { Task } from "./task.js";

const CHUNK = 1 << 16;

function targetOf(task: Task, pid: number): Task {
  const target = task.find(pid);
  if (target === undefined || target.isDead) throw new Errno(ESRCH);
  if (!mayInspect(task, target)) throw new Errno(EPERM);
  return target;
}

interface Place {
  readonly base: number;
  readonly length: number;
}

function placesOf(task: Task, vector: number, count: number): Place[] {
  const { bases, lengths } = copyInSegments(task, vector, count);
  return bases.map((base, index) => ({ base, length: lengths[index] })).filter(({ length }) => length > 0);
}

/** The bytes moved: as far as both sides can be reached. */
export function processMemory(
  task: Task,
  pid: number,
  local: number,
  localCount: number,
  remote: number,
  remoteCount: number,
  flags: number,
  writes: boolean,
): number {
  if (flags !== 0) throw new Errno(EINVAL);
  const mine = placesOf(task, local, localCount);
  if (mine.length === 0) return 0;
  const theirs = placesOf(task, remote, remoteCount);
  if (theirs.length === 0) return 0;
  const target = targetOf(task, pid);
  const [from, to] = writes ? [mine, theirs] : [theirs, mine];
  const done = copy(writes ? task : target, from, writes ? target : task, to);
  if (done === 0) throw new Errno(EFAULT);
  return done;
}

function copy(source: Task, from: readonly Place[], target: Task, to: readonly Place[]): number {
  let done = 0;
  let [i, j, inFrom, inTo] = [0, 0, 0, 0];
  while (i < from.length && j < to.length) {
    const count = Math.min(from[i].length - inFrom, to[j].length - inTo, CHUNK);
    const bytes = joinBytes(userSlices(source.mm, from[i].base + inFrom, count, READ));
    let put = 0;
    for (const slice of userSlices(target.mm, to[j].base + inTo, bytes.length, WRITE)) {
      slice.set(bytes.subarray(put, put + slice.length));
      put += slice.length;
    }
    done += put;
    if (put < count) break;
    inFrom += count;
    inTo += count;
    if (inFrom === from[i].length) [i, inFrom] = [i + 1, 0];
    if (inTo === to[j].length) [j, inTo] = [j + 1, 0];
  }
  return done;
}

/** The process of a pidfd, whose address space is there and may be looked at. */
function targetOfFile(task: Task, fd: number): Task {
  const { target } = pidFile(task, fd);
  if (target === undefined || target.isDead) throw new Errno(ESRCH);
  return target;
}

/** process_madvise_remote_valid */
const FOR_OTHERS: ReadonlySet<number> = new Set([MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE]);

/** process_madvise(2): the bytes that were advised about. */
export function processMadvise(
  task: Task,
  fd: number,
  vector: number,
  count: number,
  advice: number,
  flags: number,
): number {
  if (flags !== 0) throw new Errno(EINVAL);
  const { bases, lengths } = copyInSegments(task, vector, count);
  const target = targetOfFile(task, fd);
  const isOwn = target.mm === task.mm;
  if (!isOwn && !FOR_OTHERS.has(advice)) throw new Errno(EINVAL);
  if (!mayInspect(task, target)) throw new Errno(EACCES);
  if (!isOwn && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  let done = 0;
  for (const [index, base] of bases.entries()) {
    try {
      madvise(target.mm, base, lengths[index], advice);
    } catch (error) {
      if (done === 0 || !(error instanceof Errno)) throw error;
      break;
    }
    done += lengths[index];
  }
  return done;
}

/** process_mrelease(2): who has been killed is gone at once here, and nobody else's memory is taken. */
export function releaseMemory(task: Task, fd: number, flags: number): never {
  if (flags !== 0) throw new Errno(EINVAL);
  targetOfFile(task, fd);
  throw new Errno(EINVAL);
}

/** Numbers for objects, so that what is not the same has an order. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

const EPOLL_SLOT = 12;

function numberOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(object, number);
  }
  return number;
}

/** kcmp(2): 0 for the same, 1 or 2 for the order. */
export function kcmp(task: Task, pid1: number, pid2: number, type: number, index1: number, index2: number): number {
  const [first, second] = [pid1, pid2].map((pid) => task.find(pid));
  if (first === undefined || second === undefined) throw new Errno(ESRCH);
  if (!mayInspect(task, first) || !mayInspect(task, second)) throw new Errno(EPERM);
  const isTarget = type === KCMP_EPOLL_TFD;
  const target = isTarget ? new DataView(task.copyIn(index2, EPOLL_SLOT).buffer) : undefined;
  const a = compared(first, isTarget ? KCMP_FILE : type, index1);
  const b = target ? epollTarget(second, target) : compared(second, type, index2);
  if (a === b) return 0;
  return numberOf(a) < numberOf(b) ? 1 : 2;
}

/** struct kcmp_epoll_slot: an epoll's descriptor, one it was told of, and which of those that were told of by that number. */
function epollTarget(task: Task, slot: DataView): object {
  const [epollFd, fd, which] = [0, 4, 8].map((at) => slot.getUint32(at, true));
  const epoll = task.files.find(epollFd);
  if (epoll === undefined) throw new Errno(EBADF);
  if (!(epoll instanceof EpollFile)) throw new Errno(EINVAL);
  const found = [...epoll.interests.values()].filter((interest) => interest.fd === fd && interest.file.isOpen);
  if (which >= found.length) throw new Errno(ENOENT);
  return found[which].file;
}

function compared(task: Task, type: number, index: number): object {
  switch (type) {
    case KCMP_FILE: {
      const file = task.files.find(index);
      if (file === undefined) throw new Errno(EBADF);
      return file;
    }
    case KCMP_VM:
      return task.mm;
    case KCMP_FILES:
      return task.files;
    case KCMP_FS:
      return task.fs;
    case KCMP_SIGHAND:
      return task.sighand;
    case KCMP_IO:
      return task.kernel; // nobody has an I/O context
    case KCMP_SYSVSEM:
      return task.signal.semaphoreUndo.size > 0 ? task.signal.semaphoreUndo : task.kernel;
    default:
      throw new Errno(EINVAL);
  }
}
