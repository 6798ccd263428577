// Processes stop and go on. kernel/signal.c: do_signal_stop, prepare_signal
import { release, trapNotify, wakeForTrap } from "../ptrace/ptraced.js";
import type { Task } from "../task/task.js";

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
