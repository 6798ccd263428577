// futex(2) by operation. kernel/futex/syscalls.c, waitwake.c, requeue.c
import * as uapi from "../../abi/constants/events.js";
import { EAGAIN, EINVAL, ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTSYS, Errno, ETIMEDOUT } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { readTimespec } from "../time/sleep.js";
import { lockPi, tryLockPi, unlockPi } from "./priority-inheritance.js";
import { type FutexKey, futexKey, type Waiter } from "./queues.js";
import { requeueToOwn, waitToOwn } from "./requeue-pi.js";

export const MATCH_ANY = -1;

/** `timeout` is an address or a count, as the operation has it. */
export function futex(
  task: Task,
  address: number,
  operation: number,
  value: number,
  timeout: number,
  second: number,
  third: number,
): number | Sleep<number> {
  const command = operation & ~(uapi.FUTEX_PRIVATE_FLAG | uapi.FUTEX_CLOCK_REALTIME);
  const { futexes } = task.kernel;
  const key = (): FutexKey => futexKey(task, address, operation);
  const secondKey = (): FutexKey => futexKey(task, second, operation);
  if (operation & uapi.FUTEX_CLOCK_REALTIME && !TAKES_A_CLOCK.has(command)) throw new Errno(ENOSYS);
  switch (command) {
    case uapi.FUTEX_WAIT:
    case uapi.FUTEX_WAIT_BITSET: {
      const bitset = command === uapi.FUTEX_WAIT ? MATCH_ANY : third | 0;
      const deadline = timeout === 0 ? undefined : deadlineOf(task, operation, command, timeout);
      if (bitset === 0) throw new Errno(EINVAL);
      return wait(task, key(), address, value, bitset, deadline);
    }
    case uapi.FUTEX_WAKE:
      return futexes.wake(key(), atLeastOne(value), MATCH_ANY);
    case uapi.FUTEX_WAKE_BITSET:
      if ((third | 0) === 0) throw new Errno(EINVAL);
      return futexes.wake(key(), atLeastOne(value), third | 0);
    case uapi.FUTEX_CMP_REQUEUE:
    case uapi.FUTEX_REQUEUE: {
      if ((value | 0) < 0 || countOf(timeout) < 0) throw new Errno(EINVAL);
      const [from, to] = [key(), secondKey()];
      if (command === uapi.FUTEX_CMP_REQUEUE && task.readU32(address) !== third >>> 0) throw new Errno(EAGAIN);
      const { woken, moved } = futexes.requeue(from, value | 0, countOf(timeout), to);
      return woken + moved;
    }
    case uapi.FUTEX_WAKE_OP: {
      const [from, to] = [key(), secondKey()];
      const alsoSecond = changeWord(task, second, third | 0);
      const woken = futexes.wake(from, atLeastOne(value));
      return woken + (alsoSecond ? futexes.wake(to, atLeastOne(timeout)) : 0);
    }
    case uapi.FUTEX_LOCK_PI:
    case uapi.FUTEX_LOCK_PI2:
      return lockPi(task, key(), address, timeout === 0 ? undefined : deadlineOf(task, operation, command, timeout));
    case uapi.FUTEX_TRYLOCK_PI:
      return tryLockPi(task, key(), address);
    case uapi.FUTEX_UNLOCK_PI:
      return unlockPi(task, key(), address);
    case uapi.FUTEX_WAIT_REQUEUE_PI: {
      const deadline = timeout === 0 ? undefined : deadlineOf(task, operation, command, timeout);
      const expected = { address, value: value >>> 0 };
      if (address === second) throw new Errno(EINVAL);
      return waitToOwn(task, key(), expected, secondKey(), deadline);
    }
    case uapi.FUTEX_CMP_REQUEUE_PI: {
      if ((value | 0) !== 1 || countOf(timeout) < 0 || address === second) throw new Errno(EINVAL);
      const expected = { address, value: third >>> 0 };
      return requeueToOwn(task, key(), expected, { key: secondKey(), address: second }, countOf(timeout));
    }
    default:
      throw new Errno(ENOSYS);
  }
}

const TAKES_A_CLOCK = new Set([uapi.FUTEX_WAIT_BITSET, uapi.FUTEX_WAIT_REQUEUE_PI, uapi.FUTEX_LOCK_PI2]);

/** The int in the timeout's place; of a negative one the low bits are not exact any more. */
const countOf = (timeout: number): number => (timeout >= 2 ** 63 ? -1 : timeout | 0);

/** What counts as a number to wake: none or less is one. */
function atLeastOne(value: number): number {
  return Math.max(value | 0, 1);
}

/** FUTEX_WAIT's time is relative, the others' absolute: FUTEX_LOCK_PI's on the real-time clock, else on the one the flag says. */
function deadlineOf(task: Task, operation: number, command: number, timeout: number): number {
  const time = readTimespec(task, timeout);
  if (command === uapi.FUTEX_WAIT) return task.kernel.clock.monotonic() + time;
  const isReal = command === uapi.FUTEX_LOCK_PI || (operation & uapi.FUTEX_CLOCK_REALTIME) !== 0;
  return isReal ? toMonotonic(task, time) : time;
}

export function toMonotonic(task: Task, realtime: number): number {
  const { clock } = task.kernel;
  return clock.monotonic() + realtime - Number(clock.realtime());
}

function* wait(
  task: Task,
  key: FutexKey,
  address: number,
  expected: number,
  bitset: number,
  deadline: number | undefined,
): Sleep<number> {
  if (task.readU32(address) !== expected >>> 0) throw new Errno(EAGAIN);
  const waiter: Waiter = { key, task, bitset, wantsOwnership: false, woken: false };
  yield* queued(task, [waiter], deadline, () => wait(task, key, address, expected, bitset, deadline));
  return 0;
}

/** Sleeps until one of the waiters is woken; which. A signal lets a wait with a deadline go on by `restart`, or begin anew. */
export function* queued(
  task: Task,
  waiters: readonly Waiter[],
  deadline: number | undefined,
  restart?: () => Sleep<number>,
): Sleep<number> {
  const { futexes } = task.kernel;
  const woken = (): number => waiters.findIndex((waiter) => waiter.woken);
  for (const waiter of waiters) futexes.add(waiter);
  const onSignal = deadline === undefined || restart === undefined ? ERESTARTSYS : ERESTART_RESTARTBLOCK;
  try {
    if (!(yield* sleepUntil(task, () => woken() >= 0, deadline, onSignal))) throw new Errno(ETIMEDOUT);
  } catch (error) {
    if (error instanceof Errno && error.number === ERESTART_RESTARTBLOCK) task.restart = restart;
    throw error;
  } finally {
    for (const waiter of waiters) futexes.remove(waiter);
  }
  return woken();
}

/** Changes the second word of FUTEX_WAKE_OP; does its old value compare? futex_atomic_op_inuser */
function changeWord(task: Task, address: number, code: number): boolean {
  const operator = (code >>> 28) & 7;
  const comparison = (code >>> 24) & 15;
  const rawArgument = (code << 8) >> 20;
  const argument = code < 0 ? 1 << (rawArgument & 31) : rawArgument;
  const compared = (code << 20) >> 20;
  const old = task.readI32(address);
  const results = [argument, old + argument, old | argument, old & ~argument, old ^ argument];
  if (operator >= results.length) throw new Errno(ENOSYS);
  task.writeU32(address, results[operator] >>> 0);
  const holds = [old === compared, old !== compared, old < compared, old <= compared, old > compared, old >= compared];
  if (comparison >= holds.length) throw new Errno(ENOSYS);
  return holds[comparison];
}
