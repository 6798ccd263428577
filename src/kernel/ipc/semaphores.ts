// System V semaphores: sets of counters that one call changes all at once or waits for. ipc/sem.c

import * as uapi from "../../abi/constants/ipc.js";
import { E2BIG, EAGAIN, EFBIG, EIDRM, EINTR, EINVAL, ENOSPC, ERANGE, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { pairSize } from "../time/sleep.js";
import { timespecTimeout } from "../time/timeout.js";
import { IpcIds, type IpcObject, IpcPermissions, READ, secondsNow, WRITE } from "./ipc-ids.js";

export const SEMMNI = 32000;
export const SEMMSL = 32000;
export const SEMMNS = SEMMNI * SEMMSL;
export const SEMOPM = 500;
export const SEMVMX = 32767;
const MAX_REAL = 4_000_000; // counters there may really be at once
const SEMBUF = 6;

interface Operation {
  readonly number: number;
  readonly change: number;
  readonly flags: number;
}

/** What a process has done with SEM_UNDO, by set: taken back when it ends. */
export type SemaphoreUndo = Map<SemaphoreSet, Int32Array>;

export class SemaphoreSet implements IpcObject {
  readonly permissions: IpcPermissions;
  id = -1;
  removed = false;
  readonly values: Int32Array;
  readonly pids: Int32Array;
  changedAt: number;
  usedAt = 0;
  /** The operation each waiting call cannot do. */
  readonly waiting = new Set<{ blocking: Operation }>();
  readonly undos = new Set<Int32Array>();

  constructor(permissions: IpcPermissions, count: number, now: number) {
    this.permissions = permissions;
    this.values = new Int32Array(count);
    this.pids = new Int32Array(count);
    this.changedAt = now;
  }

  /** perform_atomic_semop: undefined when all was done, else what stands in the way and nothing was done. */
  perform(operations: readonly Operation[], undo: Int32Array | undefined, pid: number): Operation | undefined {
    const values = this.values.slice();
    const adjusted = undo?.slice();
    for (const operation of operations) {
      const { number, change, flags } = operation;
      const result = values[number] + change;
      if ((change === 0 && values[number] !== 0) || result < 0) return operation;
      if (result > SEMVMX) throw new Errno(ERANGE);
      if (flags & uapi.SEM_UNDO && adjusted) {
        adjusted[number] -= change;
        if (Math.abs(adjusted[number]) > SEMVMX) throw new Errno(ERANGE);
      }
      values[number] = result;
    }
    this.values.set(values);
    if (undo && adjusted) undo.set(adjusted);
    for (const { number } of operations) this.pids[number] = pid;
    return undefined;
  }

  /** How many wait for `number` to grow, or to become zero. */
  waiters(number: number, forZero: boolean): number {
    let count = 0;
    for (const { blocking } of this.waiting)
      if (blocking.number === number && (blocking.change === 0) === forZero) count++;
    return count;
  }
}

export class Semaphores extends IpcIds<SemaphoreSet> {
  constructor() {
    super(SEMMNI);
  }

  get used(): number {
    return this.all().reduce((sum, { values }) => sum + values.length, 0);
  }
}

export function semget(task: Task, key: number, count: number, flags: number): number {
  const { semaphores } = task.namespaces.ipc;
  if (count < 0 || count > SEMMSL) throw new Errno(EINVAL);
  const set = semaphores.get(
    task,
    key,
    flags,
    (found) => {
      if (count > found.values.length) throw new Errno(EINVAL);
    },
    () => {
      if (count === 0) throw new Errno(EINVAL);
      if (semaphores.used + count > MAX_REAL) throw new Errno(ENOSPC);
      return new SemaphoreSet(new IpcPermissions(task, key, flags), count, secondsNow(task));
    },
  );
  return set.id;
}

function readOperations(task: Task, address: number, count: number): Operation[] {
  const view = new DataView(task.copyIn(address, count * SEMBUF).buffer);
  return Array.from({ length: count }, (_, index) => ({
    number: view.getUint16(index * SEMBUF, true),
    change: view.getInt16(index * SEMBUF + 2, true),
    flags: view.getInt16(index * SEMBUF + 4, true),
  }));
}

/** semtimedop(2). `timeout` is the address of a timespec, or 0: for ever. */
export function semop(task: Task, id: number, address: number, count: number, timeout: number): number | Sleep<number> {
  if (timeout !== 0) task.copyIn(timeout, pairSize(task));
  if (count > SEMOPM) throw new Errno(E2BIG);
  if (count < 1 || id < 0) throw new Errno(EINVAL);
  const operations = readOperations(task, address, count);
  const limit = timespecTimeout(task, timeout);
  const set = task.namespaces.ipc.semaphores.find(id);
  if (operations.some(({ number }) => number >= set.values.length)) throw new Errno(EFBIG);
  set.permissions.check(task, operations.some(({ change }) => change !== 0) ? WRITE : READ);
  const undo = operations.some(({ flags }) => flags & uapi.SEM_UNDO) ? undoOf(task, set) : undefined;
  const blocking = set.perform(operations, undo, task.tgid);
  if (blocking === undefined) {
    set.usedAt = secondsNow(task);
    return 0;
  }
  if (blocking.flags & uapi.IPC_NOWAIT) throw new Errno(EAGAIN);
  return waitForSemaphores(task, set, operations, undo, blocking, limit);
}

function* waitForSemaphores(
  task: Task,
  set: SemaphoreSet,
  operations: readonly Operation[],
  undo: Int32Array | undefined,
  blocking: Operation,
  timeout: number | undefined,
): Sleep<number> {
  const waiter = { blocking };
  set.waiting.add(waiter);
  const deadline = timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  let isDone = false;
  const tryAgain = (): boolean => {
    if (isDone || set.removed) return true;
    const still = set.perform(operations, undo, task.tgid);
    if (still) waiter.blocking = still;
    isDone = still === undefined;
    return isDone;
  };
  try {
    const came = yield* sleepUntil(task, tryAgain, deadline, EINTR);
    if (set.removed && !isDone) throw new Errno(EIDRM);
    if (!came) throw new Errno(EAGAIN);
    set.usedAt = secondsNow(task);
    return 0;
  } finally {
    set.waiting.delete(waiter);
  }
}

function undoOf(task: Task, set: SemaphoreSet): Int32Array {
  const { semaphoreUndo } = task.signal;
  let undo = semaphoreUndo.get(set);
  if (undo === undefined) {
    undo = new Int32Array(set.values.length);
    semaphoreUndo.set(set, undo);
    set.undos.add(undo);
  }
  return undo;
}

/** exit_sem: as far as the values allow. */
export function undoSemaphores(task: Task): void {
  for (const [set, undo] of task.signal.semaphoreUndo) {
    set.undos.delete(undo);
    if (set.removed) continue;
    undo.forEach((change, number) => {
      if (change === 0) return;
      set.values[number] = Math.max(0, Math.min(SEMVMX, set.values[number] + change));
      set.pids[number] = task.tgid;
    });
    set.usedAt = secondsNow(task);
  }
  task.signal.semaphoreUndo.clear();
}
