// A task that another task traces: ptrace(2) inside the machine. What it stopped for, and how it is let go. kernel/ptrace.c, signal.c
import { PTRACE_EVENT_STOP, PTRACE_O_TRACESYSGOOD } from "../../abi/constants/processes.js";
import { CLD_STOPPED, CLD_TRAPPED, SI_USER, SIGKILL, SIGTRAP } from "../../abi/constants/signals.js";
import { TF } from "../../machine/state-layout.js";
import { TIF_SIGPENDING, TIF_SINGLESTEP, TIF_SYSCALL_EMU, TIF_SYSCALL_TRACE } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import { saveExtraRegs } from "../entry/tracesys.js";
import type { PendingSignal } from "../signal/pending.js";
import { senderInfo, userInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import type { DebugRegisters } from "./debug-registers.js";
import { notifyTracer } from "./notify-tracer.js";

/** Where a traced task holds still. */
export interface TraceStop {
  /** What wait(2) gives above the 0x7f: a signal, with an event above it. */
  readonly code: number;
  /** Not yet told to a waiting tracer. */
  reported: boolean;
  /** PTRACE_GETSIGINFO; a group-stop of a tracer that attached has none. */
  info: Uint8Array | undefined;
  /** The signal that is about to be delivered. */
  readonly delivering?: PendingSignal;
}

/** task_struct's ptrace, parent, exit_code, last_siginfo, ptrace_message, and what jobctl says of traps. */
export class Ptraced {
  readonly tracer: Task;
  /** PT_SEIZED */
  readonly seized: boolean;
  options: number;
  message = 0n;
  stop: TraceStop | undefined;
  /** JOBCTL_TRAP_STOP: PTRACE_INTERRUPT, or its group has stopped. */
  trapPending = false;
  /** JOBCTL_TRAP_NOTIFY: the group goes on. */
  notifyPending = false;
  /** JOBCTL_LISTENING: it stays stopped, and is told of what happens to its group. */
  listening = false;
  /** The tracer has set TF. TIF_FORCED_TF */
  forcedTf = false;
  /** PTRACE_SINGLEBLOCK: where the instruction is that is done; -1 where every one is a stop. */
  steppedFrom = -1;
  /** Made when first written. */
  debug: DebugRegisters | undefined;

  constructor(tracer: Task, seized: boolean, options: number) {
    this.tracer = tracer;
    this.seized = seized;
    this.options = options;
  }

  hasOption(option: number): boolean {
    return (this.options & option) !== 0;
  }

  /** ptrace_event_enabled: an event's option is the bit of its number. */
  wantsEvent(event: number): boolean {
    return this.hasOption(1 << event);
  }
}

/** ptrace_link */
export function link(task: Task, tracer: Task, seized: boolean, options: number): Ptraced {
  const ptraced = new Ptraced(tracer, seized, options);
  task.ptraced = ptraced;
  tracer.tracees ??= new Set();
  tracer.tracees.add(task);
  return ptraced;
}

/** What PTRACE_GETSIGINFO shows at a stop that is no signal's. ptrace_do_notify */
const stopInfo = (task: Task, code: number): Uint8Array =>
  userInfo(code & 0x7f, code, task.ownPid, task.cred.shownUid(task.cred.uid));

/**
 * ptrace_stop: the task holds still until its tracer lets it go, and then `after` is called, in its turn. False for a task that has been
 * killed, which does not stop: `after` has been called.
 */
function ptraceStop(task: Task, stop: TraceStop, why: number, after: () => void): boolean {
  task.resumedWith = 0;
  if (begin(task, stop, why)) {
    task.afterStop = after;
    task.state = "traced";
    return true;
  }
  after();
  return false;
}

const nothing = (): void => undefined;

function begin(task: Task, stop: TraceStop, why: number): boolean {
  const { ptraced } = task;
  if (ptraced === undefined || isDying(task)) return false;
  ptraced.trapPending = false;
  if (stop.code >> 8 === PTRACE_EVENT_STOP) ptraced.notifyPending = false;
  ptraced.stop = stop;
  task.recalculatePending();
  notifyTracer(task, why, stop.code);
  return true;
}

/** __fatal_signal_pending */
export const isDying = (task: Task): boolean => task.pending.set.has(SIGKILL) || task.signal.pending.set.has(SIGKILL);

/** ptrace_event: a stop inside a call. The signal the tracer gave is sent. */
export function* eventStop(task: Task, event: number, message: number): Sleep<void> {
  if (!task.ptraced?.wantsEvent(event)) return;
  saveExtraRegs(task.kernel.cpu, task);
  const code = SIGTRAP | (event << 8);
  task.ptraced.message = BigInt(message);
  task.resumedWith = 0;
  const stop = { code, reported: false, info: stopInfo(task, code) };
  if (!begin(task, stop, CLD_TRAPPED)) return;
  while (task.ptraced?.stop === stop) yield { ready: () => task.ptraced?.stop !== stop };
  injectSignal(task);
}

/** The same where the kernel is not in a call that can wait: `after` is what comes next. */
export function eventStopThen(task: Task, event: number, message: number, after: () => void): void {
  if (!task.ptraced?.wantsEvent(event)) {
    after();
    return;
  }
  saveExtraRegs(task.kernel.cpu, task);
  notifyStop(task, SIGTRAP | (event << 8), message, after);
}

/** ptrace_notify */
function notifyStop(task: Task, code: number, message: number, after: () => void): boolean {
  if (task.ptraced) task.ptraced.message = BigInt(message);
  return ptraceStop(task, { code, reported: false, info: stopInfo(task, code) }, CLD_TRAPPED, () => {
    injectSignal(task);
    after();
  });
}

/** ptrace_report_syscall: `message` says whether it is the call's beginning or its end. */
export function syscallStop(task: Task, message: number, after: () => void): boolean {
  const good = task.ptraced?.hasOption(PTRACE_O_TRACESYSGOOD) ? 0x80 : 0;
  return notifyStop(task, SIGTRAP | good, message, after);
}

/** A handler has been set up in a task that is stepped: it stops at the first instruction. signal_setup_done */
export function stepStop(task: Task): void {
  notifyStop(task, SIGTRAP, 0, nothing);
}

function injectSignal(task: Task): void {
  const signal = task.resumedWith;
  task.resumedWith = 0;
  if (signal !== 0) task.sendSignal(signal);
}

/** Signal-delivery-stop: what the tracer makes of the signal is acted on next. ptrace_signal */
export function signalStop(task: Task, pending: PendingSignal): boolean {
  const { signal, info } = pending;
  return ptraceStop(task, { code: signal, reported: false, info, delivering: pending }, CLD_TRAPPED, nothing);
}

/** What the tracer has let the task go with, after a signal-delivery-stop that said `delivering`. */
function deliverAs(task: Task, delivering: PendingSignal, info: Uint8Array | undefined, tracer: Task): void {
  const signal = task.resumedWith;
  task.resumedWith = 0;
  if (signal === 0) return;
  const same = signal === delivering.signal && info;
  const next = { signal, info: same || senderInfo(signal, SI_USER, tracer, task) };
  if (task.blocked.has(signal) || isDying(task)) task.sendSignal(signal, next.info);
  else task.deliverNext = next;
}

/** do_jobctl_trap: PTRACE_EVENT_STOP of a seized task, group-stop of another. */
export function jobControlTrap(task: Task, ptraced: Ptraced): boolean {
  const { stopSignal } = task.signal;
  if (ptraced.seized) {
    const code = (stopSignal === 0 ? SIGTRAP : stopSignal) | (PTRACE_EVENT_STOP << 8);
    ptraced.message = 0n;
    return ptraceStop(task, { code, reported: false, info: stopInfo(task, code) }, CLD_STOPPED, nothing);
  }
  return ptraceStop(task, { code: stopSignal, reported: false, info: undefined }, CLD_STOPPED, nothing);
}

/** The stop is over: the tracer has let the task go, or it is to be killed. */
export function release(task: Task, signal: number): void {
  const { ptraced } = task;
  if (ptraced === undefined) return;
  const { stop, tracer } = ptraced;
  ptraced.stop = undefined;
  ptraced.listening = false;
  task.resumedWith = signal;
  if (stop?.delivering) deliverAs(task, stop.delivering, stop.info, tracer);
  if (task.state === "traced") task.state = "running";
  task.kernel.wake();
}

/** ptrace_signal_wake_up: it looks at its traps before it sees user mode again. */
export function wakeForTrap(task: Task): void {
  task.stack.setFlag(TIF_SIGPENDING);
  task.kernel.wake();
}

/** The group of a seized task has been continued. ptrace_trap_notify */
export function trapNotify(task: Task, ptraced: Ptraced): void {
  ptraced.notifyPending = true;
  if (ptraced.listening) release(task, 0);
  wakeForTrap(task);
}

/** user_enable_single_step */
export function enableSingleStep(task: Task, ptraced: Ptraced): void {
  const { regs } = task.stack;
  task.stack.setFlag(TIF_SINGLESTEP);
  const flags = regs.low(pt.PT_FLAGS);
  if (flags & TF) return;
  ptraced.forcedTf = true;
  regs.set(pt.PT_FLAGS, flags | TF, 0);
}

export function disableSingleStep(task: Task, ptraced: Ptraced): void {
  task.stack.clearFlag(TIF_SINGLESTEP);
  if (!ptraced.forcedTf) return;
  ptraced.forcedTf = false;
  const { regs } = task.stack;
  regs.set(pt.PT_FLAGS, regs.low(pt.PT_FLAGS) & ~TF, 0);
}

/** Which of its calls stop, and whether they are made at all (PTRACE_SYSEMU). */
export function setSyscallWork(task: Task, stops: boolean, emulates: boolean): void {
  task.callsStop = stops;
  if (stops || task.tracerSeesCall || (task.tracer && !task.tracer.filter)) task.stack.setFlag(TIF_SYSCALL_TRACE);
  else task.stack.clearFlag(TIF_SYSCALL_TRACE);
  if (emulates) task.stack.setFlag(TIF_SYSCALL_EMU);
  else task.stack.clearFlag(TIF_SYSCALL_EMU);
}

/** ptrace_unlink: nobody traces the task any more; it goes on, with `signal`, or stops with its group. */
export function unlink(task: Task, signal = 0): void {
  const { ptraced } = task;
  if (ptraced === undefined) return;
  ptraced.tracer.tracees?.delete(task);
  setSyscallWork(task, false, false);
  disableSingleStep(task, ptraced);
  ptraced.debug?.clear();
  if (ptraced.stop) release(task, signal);
  task.ptraced = undefined;
  if (!task.isDead && task.signal.stopSignal !== 0) wakeForTrap(task);
}
