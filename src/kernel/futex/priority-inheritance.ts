// Futexes with an owner: the word holds its thread id, and the kernel hands it on. No priority is inherited: there is one processor
// and no priorities. kernel/futex/pi.c
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from "../../abi/constants/events.js";
import { EAGAIN, EDEADLK, EINVAL, EPERM, ERESTARTNOINTR, Errno, ESRCH, ETIMEDOUT } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { FutexKey, Waiter } from "./queues.js";

/** Takes the futex for a task if it is free. Throws EDEADLK when that one has it, ESRCH when its owner does not exist. */
export function take(task: Task, key: FutexKey, address: number, { pid }: Task = task): boolean {
  const word = task.readU32(address);
  const owner = word & FUTEX_TID_MASK;
  if (owner === pid) throw new Errno(EDEADLK);
  const waiters = ownersToBe(task, key);
  if (owner !== 0 || waiters.length > 0) {
    if (owner !== 0 && !task.kernel.tasks.has(owner)) throw new Errno(ESRCH);
    return false;
  }
  task.writeU32(address, ((word & FUTEX_OWNER_DIED) | pid) >>> 0);
  return true;
}

/** Throws EINVAL when somebody waits there for a wake-up. */
function ownersToBe(task: Task, key: FutexKey): readonly Waiter[] {
  const waiters = task.kernel.futexes.waitersOf(key);
  if (waiters.some((waiter) => !waiter.wantsOwnership)) throw new Errno(EINVAL);
  return waiters;
}

/** FUTEX_LOCK_PI. */
export function* lockPi(task: Task, key: FutexKey, address: number, deadline: number | undefined): Sleep<number> {
  if (take(task, key, address)) return 0;
  task.writeU32(address, (task.readU32(address) | FUTEX_WAITERS) >>> 0);
  const waiter: Waiter = { key, task, bitset: -1, wantsOwnership: true, woken: false };
  const { futexes } = task.kernel;
  futexes.add(waiter);
  try {
    if (!(yield* sleepUntil(task, () => waiter.woken, deadline, ERESTARTNOINTR))) throw new Errno(ETIMEDOUT);
  } finally {
    futexes.remove(waiter);
  }
  return 0;
}

/** FUTEX_TRYLOCK_PI. */
export function tryLockPi(task: Task, key: FutexKey, address: number): number {
  if (!take(task, key, address)) throw new Errno(EAGAIN);
  return 0;
}

/** FUTEX_UNLOCK_PI. */
export function unlockPi(task: Task, key: FutexKey, address: number): number {
  if ((task.readU32(address) & FUTEX_TID_MASK) !== task.pid) throw new Errno(EPERM);
  handOn(task, key, address, 0);
  return 0;
}

/** The first who waits becomes the owner. `died`: FUTEX_OWNER_DIED, when the last one left without unlocking. */
export function handOn(task: Task, key: FutexKey, address: number, died: number): void {
  const waiters = ownersToBe(task, key);
  if (waiters.length === 0) {
    task.writeU32(address, died);
    return;
  }
  task.writeU32(address, (FUTEX_WAITERS | died | waiters[0].task.pid) >>> 0);
  task.kernel.futexes.release(waiters[0]);
}
