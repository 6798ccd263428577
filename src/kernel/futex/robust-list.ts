// The locks a thread held when it ended: the C library lists them, the kernel marks them. kernel/futex/core.c: exit_robust_list
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from "../../abi/constants/events.js";
import { Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { handOn } from "./priority-inheritance.js";
import { futexKey } from "./queues.js";

const LIMIT = 2048; // ROBUST_LIST_LIMIT

/** struct robust_list_head: the list, the distance from an entry to its word, and the entry that is being locked or unlocked. */
export function exitRobustList(task: Task): void {
  const head = task.robustList;
  task.robustList = 0;
  if (head === 0) return;
  try {
    const distance = task.readI64(head + 8);
    const pending = task.readU64(head + 16);
    let entry = task.readU64(head);
    for (let left = LIMIT; left > 0 && pointerOf(entry) !== head; left--) {
      const next = task.readU64(pointerOf(entry));
      if (pointerOf(entry) !== pointerOf(pending)) markDead(task, entry, distance, false);
      entry = next;
    }
    if (pointerOf(pending) !== 0) markDead(task, pending, distance, true);
  } catch (error) {
    if (!(error instanceof Errno)) throw error; // a bad list is the program's own affair
  }
}

/** The lowest bit of an entry says that its futex has an owner: FUTEX_LOCK_PI. */
function pointerOf(entry: number): number {
  return entry - (entry % 2);
}

/** handle_futex_death */
function markDead(task: Task, entry: number, distance: number, isPending: boolean): void {
  const address = pointerOf(entry) + distance;
  const hasOwner = entry % 2 === 1;
  const word = task.readU32(address);
  const key = futexKey(task, address, 0);
  const { futexes } = task.kernel;
  if (isPending && !hasOwner && word === 0) {
    futexes.wake(key, 1);
    return;
  }
  if ((word & FUTEX_TID_MASK) !== task.pid) return;
  if (hasOwner) return handOn(task, key, address, FUTEX_OWNER_DIED);
  task.writeU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if (word & FUTEX_WAITERS) futexes.wake(key, 1);
}
