// Taking pending signals on the way to user mode: the tracer's stop, the action, and the restart of an interrupted call.
// arch/x86/kernel/signal.c: do_signal; kernel/signal.c: get_signal
import { PTRACE_EVENT_EXIT } from "../../abi/constants/processes.js";
import * as uapi from "../../abi/constants/signals.js";
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS } from "../../abi/errno.js";
import { signalName } from "../../abi/signals.js";
import type { Cpu } from "../entry/cpu.js";
import { TIF_SINGLESTEP } from "../entry/kernel-stack.js";
import { handlerState, resultOf } from "../entry/path-values.js";
import * as pt from "../entry/pt-regs.js";
import { dumpCore } from "../exec/core-dump.js";
import { disableSingleStep, eventStopThen, jobControlTrap, signalStop, stepStop } from "../ptrace/ptraced.js";
import { takeTrap } from "../ptrace/tracer.js";
import { beginGroupExit, exitTask } from "../task/exit.js";
import { isOrphanedGroup } from "../task/process-group.js";
import type { Task } from "../task/task.js";
import { stopProcess } from "./job-control.js";
import type { PendingSignal } from "./pending.js";
import { defaultDisposition, SA_IMMUTABLE, type SignalAction } from "./sighand.js";
import { setupFrame } from "./signal-frame.js";

/** get_nr_restart_syscall */
const NR_RESTART_SYSCALL = { x86_64: 219, i386: 0, x32: 0x40000000 | 219 } as const;
const SYSCALL_LENGTH = 2;

/** Delivers at most one signal to a handler; TIF_SIGPENDING stays set while others wait. */
export function deliverSignals(cpu: Cpu, task: Task, inSyscall: boolean): void {
  if (task.trapPending) {
    takeTrap(task);
    cpu.observer?.step("JOBCTL_TRAP_STOP", task, { tracer: task.tracer?.pid ?? 0 });
  }
  const delivered = takeHandled(cpu, task);
  if (!task.isRunnable) return;
  const mayRestart = inSyscall && task.stack.regs.low(pt.PT_ORIG_AX) !== -1;
  const returned = cpu.observer && resultOf(task).ax;
  if (delivered) {
    const { ptraced } = task;
    const steps = ptraced !== undefined && (task.stack.flags & TIF_SINGLESTEP) !== 0;
    if (steps) disableSingleStep(task, ptraced); // the frame has no TF of the tracer's
    const call = mayRestart ? prepareRestart(task, delivered.action) : NO_CALL;
    const { handler, flags } = delivered.action;
    if (returned !== undefined) {
      const restarts = (flags & uapi.SA_RESTART) !== 0;
      cpu.observer?.step("handle_signal", task, { handler: BigInt(handler), SA_RESTART: restarts, returned, call });
    }
    setupFrame(cpu, task, delivered.pending, delivered.action);
    cpu.observer?.step("setup_rt_frame", task, handlerState(task.stack.regs));
    if (steps) stepStop(task);
    return;
  }
  const call = mayRestart ? restartUnhandled(task) : NO_CALL;
  if (returned !== undefined) cpu.observer?.step("no signal to handle", task, { returned, call });
  task.restoreSavedMask();
}

/** What becomes of the call that a signal has found the task in. */
const NO_CALL = "none";
const AS_IT_IS = "has its result";
const AGAIN = "is made again";
const INTERRUPTED = "fails with EINTR";
const RESTART_BLOCK = "goes on by restart_syscall";

interface Handled {
  readonly pending: PendingSignal;
  readonly action: SignalAction;
}

/** get_signal: acts on signals until one has a handler. */
function takeHandled(cpu: Cpu, task: Task): Handled | undefined {
  for (;;) {
    if (holdsStill(task)) return undefined;
    const chosen = task.deliverNext;
    task.deliverNext = undefined;
    const pending = chosen ?? task.dequeueSignal();
    if (pending === undefined) return undefined;
    if (chosen) task.recalculatePending();
    else if (task.ptraced && !isFatal(task, pending.signal)) {
      if (signalStop(task, pending)) return undefined;
      continue;
    }
    if (!isFatal(task, pending.signal)) task.tracer?.hooks.signalDelivery(task.tracee, pending.signal, pending.info);
    const { signal } = pending;
    const action = task.sighand.get(signal);
    cpu.observer?.step("get_signal", task, { signal: signalName(signal), action: actionName(signal, action) });
    if (action.handler === uapi.SIG_IGN) continue;
    if (action.handler !== uapi.SIG_DFL) {
      if (action.flags & uapi.SA_RESETHAND) task.sighand.set(signal, { ...action, handler: uapi.SIG_DFL });
      return { pending, action };
    }
    switch (defaultDisposition(signal)) {
      case "ignore":
        continue;
      case "stop":
        if (signal !== uapi.SIGSTOP && isOrphanedGroup(task.kernel, task.signal.pgrp)) continue;
        stopProcess(task, signal);
        if (task.ptraced) continue;
        return undefined;
      case "core":
        return die(task, signal | (dumpCore(task, signal, pending.info) ? 0x80 : 0));
      default:
        return die(task, signal);
    }
  }
}

function actionName(signal: number, { handler }: SignalAction): string {
  if (handler === uapi.SIG_IGN) return "SIG_IGN";
  return handler === uapi.SIG_DFL ? `SIG_DFL (${defaultDisposition(signal)})` : "handler";
}

/** Signals that no tracer is asked about. */
function isFatal(task: Task, signal: number): boolean {
  return signal === uapi.SIGKILL || (task.sighand.get(signal).flags & SA_IMMUTABLE) !== 0;
}

/** A trap for the task that traces this one, or its group's stop, which it has come to late. */
function holdsStill(task: Task): boolean {
  const { ptraced } = task;
  if (ptraced) return (ptraced.trapPending || ptraced.notifyPending) && jobControlTrap(task, ptraced);
  if (task.signal.stopSignal === 0) return false;
  task.state = "stopped";
  return true;
}

/** The end of the process, of which a task that traces this one may be told first. */
function die(task: Task, status: number): undefined {
  beginGroupExit(task, status);
  eventStopThen(task, PTRACE_EVENT_EXIT, task.signal.exitCode ?? status, () => exitTask(task, status));
}

function restartCode(task: Task): number {
  const { regs } = task.stack;
  return regs.high(pt.PT_AX) === -1 ? -regs.low(pt.PT_AX) : 0;
}

function rewind(task: Task): void {
  const { regs } = task.stack;
  regs.setAddress(pt.PT_IP, regs.address(pt.PT_IP) - SYSCALL_LENGTH);
}

/** A handler will run: the call fails with EINTR, or runs again after it. handle_signal */
function prepareRestart(task: Task, action: SignalAction): string {
  const { regs } = task.stack;
  const code = restartCode(task);
  const again = code === ERESTARTNOINTR || (code === ERESTARTSYS && (action.flags & uapi.SA_RESTART) !== 0);
  if (again) {
    regs.set(pt.PT_AX, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX));
    rewind(task);
    return AGAIN;
  }
  if (code !== ERESTARTSYS && code !== ERESTARTNOHAND && code !== ERESTART_RESTARTBLOCK) return AS_IT_IS;
  regs.setSigned(pt.PT_AX, -EINTR);
  return INTERRUPTED;
}

/** No handler ran: the call goes on as if nothing had happened. do_signal's tail */
function restartUnhandled(task: Task): string {
  const { regs } = task.stack;
  switch (restartCode(task)) {
    case ERESTARTNOHAND:
    case ERESTARTSYS:
    case ERESTARTNOINTR:
      regs.set(pt.PT_AX, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX));
      rewind(task);
      return AGAIN;
    case ERESTART_RESTARTBLOCK:
      regs.set(pt.PT_AX, NR_RESTART_SYSCALL[task.tracee.personality], 0);
      rewind(task);
      return RESTART_BLOCK;
    default:
      return AS_IT_IS;
  }
}
