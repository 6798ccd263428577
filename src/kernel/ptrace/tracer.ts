// Who traces a task, and how tasks come to be traced and cease to be: PTRACE_SEIZE, its trap, PTRACE_DETACH. kernel/ptrace.c
import type { TracerHooks } from "../../abi/tracee.js";
import { TIF_SECCOMP, TIF_SIGPENDING, TIF_SYSCALL_TRACE } from "../entry/kernel-stack.js";
import type { Task } from "../task/task.js";
import { CallFilter } from "./call-filter.js";

export class Tracer {
  readonly hooks: TracerHooks;
  /** Which calls stop; undefined when all of them do. */
  readonly filter: CallFilter | undefined;
  /** Children of its tasks are traced too. */
  readonly follows: boolean;
  /** TracerPid. */
  readonly pid: number;

  constructor(hooks: TracerHooks, follows: boolean, pid: number) {
    this.hooks = hooks;
    this.filter = hooks.wants && new CallFilter(hooks.wants.bind(hooks));
    this.follows = follows;
    this.pid = pid;
  }
}

/** From now on the task's calls stop, all of them or those the tracer's filter picks. */
export function traceCalls(task: Task, tracer: Tracer): void {
  task.tracer = tracer;
  task.stack.setFlag(tracer.filter ? TIF_SECCOMP : TIF_SYSCALL_TRACE);
}

/**
 * PTRACE_SEIZE and PTRACE_INTERRUPT of a task without a tracer: it traps on its next way to user mode, out of a call that signals can
 * interrupt; its calls stop from there on.
 */
export function seize(task: Task, tracer: Tracer): void {
  task.tracer = tracer;
  task.trapPending = true;
  interrupt(task);
  if (task.state === "stopped") tracer.hooks.groupStop(task.tracee, task.signal.stopSignal);
}

/** The trap of PTRACE_INTERRUPT, in get_signal: registers are those of the call that was interrupted. */
export function takeTrap(task: Task): void {
  task.trapPending = false;
  task.recalculatePending();
  const { tracer } = task;
  if (!tracer) return;
  traceCalls(task, tracer);
  tracer.hooks.seized?.(task.tracee);
}

/** PTRACE_DETACH: the task goes on as if nobody had looked, on the fast path. */
export function detach(task: Task): void {
  const held = task.state === "traced";
  task.tracer = undefined;
  task.trapPending = false;
  task.stack.clearFlag(TIF_SYSCALL_TRACE);
  if (task.seccomp.mode === 0) task.stack.clearFlag(TIF_SECCOMP);
  if (held) task.state = "running";
  // strace stops the task in order to let it go: a call that sleeps is interrupted and begun again.
  interrupt(task);
}

function interrupt(task: Task): void {
  task.stack.setFlag(TIF_SIGPENDING);
  task.kernel.wake();
}
