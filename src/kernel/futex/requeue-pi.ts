// Condition variables over futexes with an owner: who waits at one word is brought to another, to own it. kernel/futex/requeue.c
import { FUTEX_WAITERS } from "../../abi/constants/events.js";
import { EAGAIN, EINVAL, ERESTARTNOINTR, Errno, ETIMEDOUT } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { take } from "./priority-inheritance.js";
import { type FutexKey, isSameKey, type Waiter } from "./queues.js";

interface ExpectedWord {
  readonly address: number;
  readonly value: number;
}

function checkWord(task: Task, { address, value }: ExpectedWord): void {
  if (task.readU32(address) !== value) throw new Errno(EAGAIN);
}

/** FUTEX_WAIT_REQUEUE_PI: returns as the owner of the other futex. A signal begins it anew, unless it is waiting there already. */
export function* waitToOwn(
  task: Task,
  key: FutexKey,
  expected: ExpectedWord,
  destined: FutexKey,
  deadline: number | undefined,
): Sleep<number> {
  if (isSameKey(key, destined)) throw new Errno(EINVAL);
  checkWord(task, expected);
  const waiter: Waiter = { key, task, bitset: -1, wantsOwnership: false, destined, woken: false };
  const { futexes } = task.kernel;
  futexes.add(waiter);
  try {
    if (!(yield* sleepUntil(task, () => waiter.woken, deadline, ERESTARTNOINTR))) throw new Errno(ETIMEDOUT);
  } catch (error) {
    const wasSignal = error instanceof Errno && error.number === ERESTARTNOINTR;
    throw wasSignal && waiter.wantsOwnership ? new Errno(EAGAIN) : error;
  } finally {
    futexes.remove(waiter);
  }
  return 0;
}

/** FUTEX_CMP_REQUEUE_PI: the first one gets the futex if it is free; it and up to `move` others wait for it. How many they were. */
export function requeueToOwn(
  task: Task,
  from: FutexKey,
  expected: ExpectedWord,
  to: { readonly key: FutexKey; readonly address: number },
  move: number,
): number {
  if (isSameKey(from, to.key)) throw new Errno(EINVAL);
  checkWord(task, expected);
  const { futexes } = task.kernel;
  let count = 0;
  for (const waiter of [...futexes.waitersOf(from)].slice(0, move + 1)) {
    if (waiter.destined === undefined || !isSameKey(waiter.destined, to.key)) throw new Errno(EINVAL);
    if (count === 0 && take(task, to.key, to.address, waiter.task)) futexes.release(waiter);
    else {
      waiter.wantsOwnership = true;
      futexes.move(waiter, to.key);
      task.writeU32(to.address, (task.readU32(to.address) | FUTEX_WAITERS) >>> 0);
    }
    count++;
  }
  return count;
}
