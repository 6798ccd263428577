// Processes stop and go on, and threads are found for their signals. kernel/signal.c: do_signal_stop, prepare_signal, complete_signal
import { SIG_DFL } from "../../abi/constants/signals.js";
import { release, trapNotify, wakeForTrap } from "../ptrace/ptraced.js";
import type { Task } from "../task/task.js";
import { defaultDisposition } from "./sighand.js";

/** do_signal_stop: threads that others trace are told, and trap. */
export function stopProcess(task: Task, stopSignal: number): void {
  const { signal, kernel } = task;
  signal.stopSignal = stopSignal;
  signal.stopReported = false;
  for (const thread of signal.threads) {
    if (thread.ptraced) {
      thread.ptraced.trapPending = true;
      wakeForTrap(thread);
    } else if (thread.isRunnable) thread.state = "stopped";
  }
  task.tracer?.hooks.groupStop(task.tracee, stopSignal);
  kernel.childChanged(task);
  if (signal.isFirst) kernel.console?.suspend(signal.pgrp);
}

export function continueProcess(task: Task): void {
  if (task.signal.stopSignal === 0) return;
  task.signal.continuedReported = false;
  wakeStopped(task, false);
  task.kernel.childChanged(task);
}

/** SIGCONT, or SIGKILL, for which a task's tracer is not asked either. */
export function wakeStopped({ signal }: Task, kills: boolean): void {
  signal.stopSignal = 0;
  for (const thread of signal.threads) {
    const { ptraced } = thread;
    if (ptraced) {
      if (kills) release(thread, 0);
      else if (ptraced.seized) trapNotify(thread, ptraced);
    } else if (thread.state === "stopped" || thread.state === "traced") thread.state = "running";
  }
}

/** complete_signal: one thread that does not block it, this one before others; what may end the process is everybody's. */
export function threadsFor(task: Task, number: number): Iterable<Task> {
  const { threads } = task.signal;
  if (threads.size === 1) return threads;
  const { handler } = task.sighand.get(number);
  if (handler === SIG_DFL && defaultDisposition(number) !== "ignore") return threads;
  const wants = (thread: Task): boolean => !thread.blocked.has(number);
  const chosen = threads.has(task) && wants(task) ? task : [...threads].find(wants);
  return chosen ? [chosen] : [];
}
