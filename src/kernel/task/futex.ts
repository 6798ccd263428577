// futex(2): queues of waiters by address space and address. Waiters in one process; PI and robust handling are not here.
import { EAGAIN, Errno, ETIMEDOUT } from "../../abi/errno.js";
import type { Mm } from "../mm/mm.js";
import type { Task } from "./task.js";
import { type Sleep, sleepUntil } from "./wait.js";

interface Waiter {
  mm: Mm;
  address: number;
  readonly bitset: number;
  woken: boolean;
}

export class FutexTable {
  readonly #waiters = new Set<Waiter>();

  /** FUTEX_WAIT(_BITSET). `deadline` in monotonic nanoseconds. */
  *wait(task: Task, address: number, expected: number, bitset: number, deadline: number | undefined): Sleep<number> {
    if (task.readU32(address) !== expected >>> 0) throw new Errno(EAGAIN);
    const waiter: Waiter = { mm: task.mm, address, bitset, woken: false };
    this.#waiters.add(waiter);
    try {
      if (!(yield* sleepUntil(task, () => waiter.woken, deadline))) throw new Errno(ETIMEDOUT);
    } finally {
      this.#waiters.delete(waiter);
    }
    return 0;
  }

  /** Wakes up to `count` waiters; how many. */
  wake(mm: Mm, address: number, count: number, bitset = -1): number {
    let woken = 0;
    for (const waiter of this.#waiters) {
      if (woken >= count) break;
      if (waiter.woken || waiter.mm !== mm || waiter.address !== address || !(waiter.bitset & bitset)) continue;
      waiter.woken = true;
      woken++;
    }
    return woken;
  }

  /** FUTEX_REQUEUE: wakes some, the next ones wait elsewhere. */
  requeue(mm: Mm, from: number, wake: number, move: number, to: number): { woken: number; moved: number } {
    const woken = this.wake(mm, from, wake);
    let moved = 0;
    for (const waiter of this.#waiters) {
      if (moved >= move) break;
      if (waiter.woken || waiter.mm !== mm || waiter.address !== from) continue;
      waiter.address = to;
      moved++;
    }
    return { woken, moved };
  }
}
