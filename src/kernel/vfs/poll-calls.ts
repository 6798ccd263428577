// ppoll, select and pselect6: polling with a signal mask of its own and a timeout that is written back. fs/select.c
import { Errno } from "../../abi/errno.js";
import { withMask } from "../signal/control.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { writeTimespec, writeTimeval } from "../time/sleep.js";
import { timespecTimeout, timevalTimeout } from "../time/timeout.js";
import { poll, select } from "./poll.js";

type Sets = readonly [read: number, write: number, except: number];

/** Runs `call`; a signal mask set for it is taken back unless a signal came. */
export function* masked(task: Task, call: Sleep<number>): Sleep<number> {
  try {
    const result = yield* call;
    task.restoreSavedMask();
    return result;
  } catch (error) {
    // With a signal on its way the mask stays until its handler has been set up.
    if (!task.signalPending) task.restoreSavedMask();
    throw error;
  }
}

/** What is left of the time goes back to the program, also when a signal came. */
function* remaining(
  task: Task,
  address: number,
  timeout: number | undefined,
  write: typeof writeTimespec,
  call: Sleep<number>,
): Sleep<number> {
  const start = task.kernel.clock.monotonic();
  try {
    return yield* call;
  } finally {
    const left = (timeout ?? 0) - (task.kernel.clock.monotonic() - start);
    if (timeout !== undefined) ignoreFault(() => write(task, address, Math.max(left, 0)));
  }
}

/** poll_select_finish lets a timeout that cannot be written be. */
function ignoreFault(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

export function ppoll(
  task: Task,
  fds: number,
  count: number,
  time: number,
  mask: number,
  maskSize: number,
): Sleep<number> {
  const timeout = timespecTimeout(task, time);
  withMask(task, mask, maskSize);
  return masked(task, remaining(task, time, timeout, writeTimespec, poll(task, fds, count, timeout)));
}

export function selectTimeval(task: Task, count: number, sets: Sets, time: number): Sleep<number> {
  const timeout = timevalTimeout(task, time);
  return remaining(task, time, timeout, writeTimeval, select(task, count, sets, timeout));
}

/** `box` holds the mask's address and size. */
export function pselect6(task: Task, count: number, sets: Sets, time: number, box: number): Sleep<number> {
  const timeout = timespecTimeout(task, time);
  if (box !== 0) withMask(task, task.readWord(box), task.readWord(box + task.longBytes));
  return masked(task, remaining(task, time, timeout, writeTimespec, select(task, count, sets, timeout)));
}
