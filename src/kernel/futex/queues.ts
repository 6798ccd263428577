// Who waits on which futex: queues by key, first come, first woken. What the words mean is in the files beside this one.
// kernel/futex/core.c
import { FUTEX_PRIVATE_FLAG } from "../../abi/constants/events.js";
import { EFAULT, EINVAL, Errno } from "../../abi/errno.js";
import { TASK_SIZE } from "../mm/mm.js";
import type { Task } from "../task/task.js";

/** A word of memory: in an address space, or in a file that several of them map. */
export interface FutexKey {
  readonly space: object;
  readonly offset: number;
}

export interface Waiter {
  key: FutexKey;
  readonly task: Task;
  readonly bitset: number;
  /** It waits to own the futex, not for a wake-up. */
  wantsOwnership: boolean;
  /** FUTEX_WAIT_REQUEUE_PI: the futex it is to own, and waits to be brought to. */
  readonly destined?: FutexKey;
  woken: boolean;
}

/** get_futex_key. Throws EINVAL for a word that is not aligned, EFAULT where there is no memory. */
export function futexKey(task: Task, address: number, operation: number): FutexKey {
  if (address % 4 !== 0) throw new Errno(EINVAL);
  if (address + 4 > TASK_SIZE) throw new Errno(EFAULT);
  if (operation & FUTEX_PRIVATE_FLAG) return { space: task.mm, offset: address };
  task.readU32(address);
  const area = task.mm.areas.find(address);
  const file = area?.backing.shared ? area.backing.file : undefined;
  if (area === undefined || file === undefined) return { space: task.mm, offset: address };
  return { space: file.inode, offset: area.offset + (address - area.start) };
}

export class FutexQueues {
  readonly #spaces = new WeakMap<object, Map<number, Waiter[]>>();

  add(waiter: Waiter): void {
    const { space, offset } = waiter.key;
    let words = this.#spaces.get(space);
    if (words === undefined) {
      words = new Map();
      this.#spaces.set(space, words);
    }
    const queue = words.get(offset);
    if (queue) queue.push(waiter);
    else words.set(offset, [waiter]);
  }

  remove(waiter: Waiter): void {
    const { space, offset } = waiter.key;
    const words = this.#spaces.get(space);
    const queue = words?.get(offset);
    const at = queue?.indexOf(waiter) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    if (queue.length === 0) words?.delete(offset);
  }

  /** Those who wait on the word, in the order in which they came. */
  waitersOf(key: FutexKey): readonly Waiter[] {
    return this.#spaces.get(key.space)?.get(key.offset) ?? [];
  }

  /** Wakes up to `count` waiters; how many. Throws EINVAL when one of them waits for ownership. */
  wake(key: FutexKey, count: number, bitset = -1): number {
    let woken = 0;
    for (const waiter of [...this.waitersOf(key)]) {
      if (woken >= count) break;
      if (isForOwning(waiter)) throw new Errno(EINVAL);
      if (!(waiter.bitset & bitset)) continue;
      this.release(waiter);
      woken++;
    }
    return woken;
  }

  release(waiter: Waiter): void {
    waiter.woken = true;
    this.remove(waiter);
    waiter.task.kernel.wake();
  }

  /** FUTEX_REQUEUE: wakes some, the next ones wait elsewhere. */
  requeue(from: FutexKey, wake: number, move: number, to: FutexKey): { woken: number; moved: number } {
    const woken = this.wake(from, wake);
    let moved = 0;
    for (const waiter of [...this.waitersOf(from)]) {
      if (moved >= move) break;
      if (isForOwning(waiter)) throw new Errno(EINVAL);
      this.move(waiter, to);
      moved++;
    }
    return { woken, moved };
  }

  move(waiter: Waiter, to: FutexKey): void {
    this.remove(waiter);
    waiter.key = to;
    this.add(waiter);
  }
}

const isForOwning = ({ wantsOwnership, destined }: Waiter): boolean => wantsOwnership || destined !== undefined;

export const isSameKey = (one: FutexKey, other: FutexKey): boolean =>
  one.space === other.space && one.offset === other.offset;
