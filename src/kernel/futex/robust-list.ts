// The locks a thread held when it ended: the C library lists them, the kernel marks them. kernel/futex/core.c: exit_robust_list
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from "../../abi/constants/events.js";
import { Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { handOn } from "./priority-inheritance.js";
import { futexKey } from "./queues.js";

const LIMIT = 2048; // ROBUST_LIST_LIMIT

/** Where a thread's list begins, 0 for none. Those of 32-bit programs have pointers of 32 bits: compat_robust_list. */
export interface RobustList {
  readonly head: number;
  readonly isNarrow: boolean;
}

export const NO_LIST: RobustList = { head: 0, isNarrow: false };
/** sizeof(struct robust_list_head) */
export const robustHeadSize = (isNarrow: boolean): number => (isNarrow ? 12 : 24);

/** struct robust_list_head: the list, the distance from an entry to its word, and the entry that is being locked or unlocked. */
export function exitRobustList(task: Task): void {
  const { head, isNarrow } = task.robustList;
  task.robustList = NO_LIST;
  if (head === 0) return;
  try {
    const word = isNarrow ? 4 : 8;
    const pointer = (at: number): number => (isNarrow ? task.readU32(at) : task.readU64(at));
    const distance = isNarrow ? task.readI32(head + 4) : task.readI64(head + 8);
    const pending = pointer(head + 2 * word);
    let entry = pointer(head);
    for (let left = LIMIT; left > 0 && pointerOf(entry) !== head; left--) {
      const next = pointer(pointerOf(entry));
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
  if ((word & FUTEX_TID_MASK) !== task.ownPid) return;
  if (hasOwner) return handOn(task, key, address, FUTEX_OWNER_DIED);
  task.writeU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if (word & FUTEX_WAITERS) futexes.wake(key, 1);
}
