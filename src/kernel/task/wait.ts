// What a sleeping system call yields: the condition that wakes it, and the ways calls sleep.
import { ERESTARTSYS, Errno } from "../../abi/errno.js";
import type { Task } from "./task.js";

export interface Wait {
  /** True when the sleeper can go on. Asked again after every wake-up. */
  ready(): boolean;
  /** Monotonic nanoseconds at which to go on even so. */
  readonly deadline?: number;
}

/** A call that may sleep: it yields what it waits for. */
export type Sleep<T> = Generator<Wait, T, void>;

/**
 * Sleeps until `ready`, the deadline or a signal. True when ready, false when the time is over; throws `onSignal` when a signal
 * came first. Linux's wait_event_interruptible_hrtimeout.
 */
export function* sleepUntil(
  task: Task,
  ready: () => boolean,
  deadline?: number,
  onSignal: number = ERESTARTSYS,
): Sleep<boolean> {
  while (!ready()) {
    if (task.signalPending) throw new Errno(onSignal);
    if (deadline !== undefined && task.kernel.clock.monotonic() >= deadline) return false;
    yield {
      ready: () => task.signalPending || ready(),
      ...(deadline === undefined ? {} : { deadline }),
    };
  }
  return true;
}

export function isSleep<T>(result: T | Sleep<T>): result is Sleep<T> {
  return typeof result === "object" && result !== null && Symbol.iterator in result;
}
