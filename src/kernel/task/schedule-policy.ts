// Scheduling calls: one CPU, one policy. kernel/sched/syscalls.c

import {
  PRIO_PROCESS,
  PRIO_USER,
  RLIMIT_NICE,
  SCHED_BATCH,
  SCHED_DEADLINE,
  SCHED_EXT,
  SCHED_FIFO,
  SCHED_IDLE,
  SCHED_OTHER,
  SCHED_RR,
} from "../../abi/constants/processes.js";
import { CAP_SYS_NICE } from "../../abi/constants/security.js";
import { EACCES, EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { TIF_NEED_RESCHED } from "../entry/kernel-stack.js";
import { writeTimespec } from "../time/sleep.js";
import { standIn } from "./stand-in.js";
import type { Task } from "./task.js";

const ROUND_ROBIN_SLICE = 100_000_000;
/** Nanoseconds, at HZ=250: in whole ones is a slice told. */
const TICK = 4_000_000;
const CPU_MASK_SIZE = 8;
const HIGHEST_NICE = 19;
const LOWEST_NICE = -20;
const MOST_STEPS = 40;

/** The task with that id, the caller for 0. */
export function taskById(task: Task, pid: number): Task {
  if (pid < 0) throw new Errno(EINVAL);
  return processOf(task, pid);
}

/** find_process_by_pid: there is none with a negative number. */
function processOf(task: Task, pid: number): Task {
  const found = pid === 0 ? task : task.find(pid);
  if (found === undefined) throw new Errno(ESRCH);
  return found;
}

export function yieldProcessor(task: Task): void {
  task.stack.setFlag(TIF_NEED_RESCHED);
}

/** sched_get_priority_max(2) and _min. */
export function priorityLimit(policy: number, isMaximum: boolean): number {
  if (policy === SCHED_FIFO || policy === SCHED_RR) return isMaximum ? 99 : 1;
  if ([SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE, SCHED_EXT].includes(policy)) return 0;
  throw new Errno(EINVAL);
}

/** sched_getaffinity(2): bytes of the mask written. */
export function getAffinity(task: Task, pid: number, size: number, mask: number): number {
  const word = task.longBytes;
  if (size < word || size % word !== 0) throw new Errno(EINVAL);
  processOf(task, pid);
  const written = Math.min(size, CPU_MASK_SIZE);
  task.copyOut(mask, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0).subarray(0, written));
  return written;
}

export function setAffinity(task: Task, pid: number, size: number, mask: number): void {
  const bytes = task.copyIn(mask, Math.min(size, CPU_MASK_SIZE));
  const { cred } = processOf(task, pid);
  const isOwn = [cred.uid, cred.euid].includes(task.cred.euid);
  if (!isOwn && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  if (!((bytes[0] ?? 0) & 1)) throw new Errno(EINVAL);
}

export function roundRobinInterval(task: Task, pid: number, address: number): void {
  const { policy, runtime } = taskById(task, pid).scheduling;
  const isFair = policy === SCHED_OTHER || policy === SCHED_BATCH || policy === SCHED_IDLE;
  const slice = policy === SCHED_RR ? ROUND_ROBIN_SLICE : isFair ? Number(runtime) : 0;
  writeTimespec(task, address, slice - (slice % TICK));
}

/** Whom a priority is of: a thread, a process group, or all of a user's. */
function namedBy(task: Task, which: number, who: number): Task[] {
  if (which < PRIO_PROCESS || which > PRIO_USER) throw new Errno(EINVAL);
  const { tasks } = task.kernel;
  let found: Task[] = [];
  if (which === PRIO_PROCESS) {
    const one = who === 0 ? task : task.find(who);
    if (one) found = [one];
  } else if (which === PRIO_USER) {
    const uid = who === 0 ? task.cred.uid : task.cred.machineUid(who);
    found = [...tasks.values()].filter(({ cred }) => cred.uid === uid);
    const init = uid === 0 ? standIn(task.kernel, 1) : undefined;
    if (init && found.length === 0) found.push(init);
  } else {
    const group = who === 0 ? task.signal.pgrp : task.pidNamespace.outside(who);
    found = [...tasks.values()].filter(({ signal }) => signal.pgrp === group);
  }
  if (found.length === 0) throw new Errno(ESRCH);
  return found;
}

/** getpriority(2): 20 - nice, so that no value is an error; the most urgent of them. */
export function getPriority(task: Task, which: number, who: number): number {
  return Math.max(...namedBy(task, which, who).map(({ nice }) => 20 - nice));
}

/** can_nice */
const mayNice = (task: Task, target: Task, nice: number): boolean =>
  20 - nice <= target.signal.limits.soft(RLIMIT_NICE) || task.cred.can(CAP_SYS_NICE);

/** setpriority(2): of all of them, and then tells of one that it could not. */
export function setPriority(task: Task, which: number, who: number, nice: number): void {
  const wanted = Math.max(LOWEST_NICE, Math.min(HIGHEST_NICE, nice));
  let refused = 0;
  for (const target of namedBy(task, which, who)) {
    const isOwn = [target.cred.uid, target.cred.euid].includes(task.cred.euid) || task.cred.can(CAP_SYS_NICE);
    if (!isOwn) refused = EPERM;
    else if (wanted < target.nice && !mayNice(task, target, wanted)) refused = EACCES;
    else target.nice = wanted;
  }
  if (refused !== 0) throw new Errno(refused);
}

/** nice(2). */
export function renice(task: Task, increment: number): void {
  const step = Math.max(-MOST_STEPS, Math.min(MOST_STEPS, increment));
  const wanted = Math.max(LOWEST_NICE, Math.min(HIGHEST_NICE, task.nice + step));
  if (step < 0 && !mayNice(task, task, wanted)) throw new Errno(EPERM);
  task.nice = wanted;
}
