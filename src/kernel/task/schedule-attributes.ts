// sched_setattr, sched_getattr and I/O priorities: remembered, for one processor runs all tasks in turn. kernel/sched/syscalls.c,
// block/ioprio.c

import {
  IOPRIO_CLASS_BE,
  IOPRIO_CLASS_IDLE,
  IOPRIO_CLASS_NONE,
  IOPRIO_CLASS_RT,
  IOPRIO_WHO_PGRP,
  IOPRIO_WHO_PROCESS,
  IOPRIO_WHO_USER,
  RLIMIT_NICE,
  RLIMIT_RTPRIO,
  SCHED_BATCH,
  SCHED_DEADLINE,
  SCHED_FIFO,
  SCHED_IDLE,
  SCHED_OTHER,
  SCHED_RR,
} from "../../abi/constants/processes.js";
import { CAP_SYS_NICE } from "../../abi/constants/security.js";
import { E2BIG, EINVAL, EOPNOTSUPP, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { priorityLimit, taskById } from "./schedule-policy.js";
import type { Task } from "./task.js";

const ATTRIBUTES = 48; // SCHED_ATTR_SIZE_VER0
const KNOWN_SIZE = 56;
const PAGE = 4096;
const RESET_ON_FORK = 0x40000000;
const [FLAG_RESET_ON_FORK, FLAG_KEEP_POLICY, FLAG_KEEP_PARAMS, ALL_FLAGS] = [1, 8, 0x10, 0x7f];
const FLAG_UTIL_CLAMP = 0x60;
/** sysctl_sched_base_slice of one processor, and how far from it a program may ask for. Nanoseconds. */
const BASE_SLICE = 700_000n;
const SHORTEST_SLICE = 100_000n;
const LONGEST_SLICE = 100_000_000n;
const CLASS_SHIFT = 13;
const CLASS_MASK = 7;

/** What a task has been given. */
export interface Scheduling {
  readonly policy: number;
  readonly priority: number;
  readonly resetsOnFork: boolean;
  /** Nanoseconds: the time slice asked for, or what SCHED_DEADLINE has of each period. */
  readonly runtime: bigint;
  readonly deadline: bigint;
  readonly period: bigint;
}

const noTimes = { runtime: BASE_SLICE, deadline: 0n, period: 0n };
export const normalScheduling: Scheduling = { policy: SCHED_OTHER, priority: 0, resetsOnFork: false, ...noTimes };

const isRealTime = (policy: number): boolean => policy === SCHED_FIFO || policy === SCHED_RR;

function isOwn(task: Task, target: Task): boolean {
  return task.cred.euid === target.cred.euid || task.cred.euid === target.cred.uid;
}

/** user_check_sched_setscheduler */
function checkMayChange(task: Task, target: Task, wanted: Scheduling, nice: number): void {
  if (task.cred.can(CAP_SYS_NICE)) return;
  const { limits } = target.signal;
  const now = target.scheduling;
  const tooNice = nice < target.nice && 20 - nice > limits.soft(RLIMIT_NICE);
  const room = limits.soft(RLIMIT_RTPRIO);
  const tooUrgent =
    isRealTime(wanted.policy) &&
    ((wanted.policy !== now.policy && room === 0) || wanted.priority > Math.max(now.priority, room));
  if (tooNice || tooUrgent || wanted.policy === SCHED_DEADLINE || !isOwn(task, target)) throw new Errno(EPERM);
  if (now.policy === SCHED_IDLE && wanted.policy !== SCHED_IDLE && 20 - target.nice > limits.soft(RLIMIT_NICE))
    throw new Errno(EPERM);
  if (now.resetsOnFork && !wanted.resetsOnFork) throw new Errno(EPERM);
}

/** __sched_setscheduler. With `keepsParameters` all is checked, and the policy stays as it was too. */
function apply(task: Task, target: Task, wanted: Scheduling, nice: number, keepsParameters = false): void {
  const known = [SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE].includes(wanted.policy);
  if (!known || isRealTime(wanted.policy) !== (wanted.priority !== 0)) throw new Errno(EINVAL);
  if (wanted.priority < 0 || wanted.priority > priorityLimit(wanted.policy, true)) throw new Errno(EINVAL);
  checkMayChange(task, target, wanted, nice);
  if (keepsParameters) {
    target.scheduling = { ...target.scheduling, resetsOnFork: wanted.resetsOnFork };
    return;
  }
  target.scheduling = wanted;
  if (wanted.policy === SCHED_OTHER || wanted.policy === SCHED_BATCH) target.nice = nice;
}

/** sched_setscheduler(2); sched_setparam(2) keeps the policy. */
export function setScheduler(task: Task, pid: number, policy: number | undefined, parameter: number): void {
  if (parameter === 0 || pid < 0 || (policy !== undefined && policy < 0)) throw new Errno(EINVAL);
  const priority = task.readI32(parameter);
  const target = taskById(task, pid);
  const now = target.scheduling;
  const wanted =
    policy === undefined
      ? { ...now, priority }
      : { ...noTimes, policy: policy & ~RESET_ON_FORK, priority, resetsOnFork: (policy & RESET_ON_FORK) !== 0 };
  if (wanted.policy === SCHED_DEADLINE && wanted.deadline === 0n) throw new Errno(EINVAL);
  apply(task, target, wanted, target.nice);
}

export function getScheduler(task: Task, pid: number): number {
  const { policy, resetsOnFork } = taskById(task, pid).scheduling;
  return policy | (resetsOnFork ? RESET_ON_FORK : 0);
}

/** struct sched_attr: size, policy, flags, nice, priority, then what deadlines need. */
export function setAttributes(task: Task, pid: number, address: number, flags: number): void {
  if (address === 0 || pid < 0 || flags !== 0) throw new Errno(EINVAL);
  const size = task.readU32(address) || ATTRIBUTES;
  if (size < ATTRIBUTES || size > PAGE) {
    task.writeU32(address, KNOWN_SIZE);
    throw new Errno(E2BIG);
  }
  const whole = task.copyIn(address, size);
  if (whole.subarray(KNOWN_SIZE).some((byte) => byte !== 0)) {
    task.writeU32(address, KNOWN_SIZE);
    throw new Errno(E2BIG);
  }
  const view = new DataView(whole.buffer);
  const options = Number(view.getBigUint64(8, true));
  const policy = view.getInt32(4, true);
  if (policy < 0) throw new Errno(EINVAL);
  const target = taskById(task, pid);
  if (options > ALL_FLAGS) throw new Errno(EINVAL);
  const now = target.scheduling;
  const keepsParameters = (options & FLAG_KEEP_PARAMS) !== 0;
  const nice = keepsParameters ? target.nice : Math.max(-20, Math.min(19, view.getInt32(16, true)));
  const [runtime, deadline, period] = [24, 32, 40].map((at) => view.getBigUint64(at, true));
  const read: Scheduling = {
    policy: options & FLAG_KEEP_POLICY ? now.policy : policy,
    priority: keepsParameters ? now.priority : view.getUint32(20, true),
    resetsOnFork: (options & FLAG_RESET_ON_FORK) !== 0,
    runtime,
    deadline,
    period: period || deadline,
  };
  const isDeadline = read.policy === SCHED_DEADLINE;
  if (isDeadline) checkDeadline(read);
  const wanted = isDeadline ? read : { ...read, ...noTimes, runtime: sliceOf(runtime) };
  // Without CONFIG_UCLAMP_TASK.
  if (options & FLAG_UTIL_CLAMP) throw new Errno(EOPNOTSUPP);
  apply(task, target, keepsParameters ? { ...now, policy: now.policy } : wanted, nice, keepsParameters);
}

/** The slice that a task of no deadline asks for. kernel/sched/syscalls.c: __setscheduler_params */
function sliceOf(runtime: bigint): bigint {
  if (runtime === 0n) return BASE_SLICE;
  if (runtime < SHORTEST_SLICE) return SHORTEST_SLICE;
  return runtime > LONGEST_SLICE ? LONGEST_SLICE : runtime;
}

/** __checkparam_dl */
function checkDeadline({ runtime, deadline, period }: Scheduling): void {
  if (deadline === 0n || runtime < 1024n || deadline < runtime || period < deadline) throw new Errno(EINVAL);
}

export function getAttributes(task: Task, pid: number, address: number, size: number, flags: number): void {
  if (address === 0 || pid < 0 || size > PAGE || size < ATTRIBUTES || flags !== 0) throw new Errno(EINVAL);
  const target = taskById(task, pid);
  const { policy, priority, resetsOnFork, runtime, deadline, period } = target.scheduling;
  const length = Math.min(size, KNOWN_SIZE);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, length, true);
  view.setUint32(4, policy, true);
  view.setBigUint64(8, resetsOnFork ? 1n : 0n, true);
  if (isRealTime(policy)) view.setUint32(20, priority, true);
  else if (policy !== SCHED_DEADLINE) view.setInt32(16, target.nice, true);
  if (!isRealTime(policy)) {
    view.setBigUint64(24, runtime, true);
    view.setBigUint64(32, deadline, true);
    view.setBigUint64(40, period, true);
  }
  task.copyOut(address, new Uint8Array(view.buffer));
}

function tasksOf(task: Task, which: number, who: number): Task[] {
  const all = [...task.kernel.tasks.values()];
  switch (which) {
    case IOPRIO_WHO_PROCESS:
      return all.filter(({ pid }) => pid === (who || task.pid));
    case IOPRIO_WHO_PGRP:
      return all.filter(({ signal }) => signal.pgrp === (who || task.signal.pgrp));
    case IOPRIO_WHO_USER:
      return all.filter(({ cred }) => cred.uid === (who || task.cred.uid));
    default:
      throw new Errno(EINVAL);
  }
}

/** ioprio_check_cap */
export function checkIoPriority(task: Task, priority: number): void {
  const kind = (priority >>> CLASS_SHIFT) & CLASS_MASK;
  const level = priority & 7;
  if (kind > IOPRIO_CLASS_IDLE || priority < 0) throw new Errno(EINVAL);
  if (kind === IOPRIO_CLASS_NONE && level !== 0) throw new Errno(EINVAL);
  if (kind === IOPRIO_CLASS_RT && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
}

export function setIoPriority(task: Task, which: number, who: number, priority: number): void {
  checkIoPriority(task, priority);
  const targets = tasksOf(task, which, who);
  if (targets.length === 0) throw new Errno(ESRCH);
  for (const target of targets) {
    if (!task.cred.can(CAP_SYS_NICE) && !isOwn(task, target)) throw new Errno(EPERM);
    target.ioPriority = priority;
  }
}

/** The most urgent of them: a lower number is more urgent, but none counts as best effort. */
export function getIoPriority(task: Task, which: number, who: number): number {
  const priorities = tasksOf(task, which, who).map(({ ioPriority }) => ioPriority);
  if (priorities.length === 0) throw new Errno(ESRCH);
  const usual = (IOPRIO_CLASS_BE << CLASS_SHIFT) | 4;
  return priorities.reduce((best, next) => ((next || usual) < (best || usual) ? next : best));
}
