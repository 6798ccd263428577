// The slow way in: what is done before a call when a flag of thread_info asks for it. arch/x86/entry/common.c
import {
  PTRACE_EVENT_SECCOMP,
  PTRACE_SYSCALL_INFO_ENTRY as PTRACE_EVENTMSG_SYSCALL_ENTRY,
} from "../../abi/constants/processes.js";
import { eventStopThen, isDying, syscallStop } from "../ptrace/ptraced.js";
import { mayCall } from "../seccomp/seccomp.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { type AfterCall, dispatch, fastPath, resumeSleep } from "./entry-syscall-64.js";
import * as flag from "./kernel-stack.js";
import { extraRegisters, reloadedArguments } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { EXTRA_REGISTERS, pop, push } from "./register-copy.js";
import { exitToUsermode, intRetFromSysCall } from "./return-path.js";
import { becomesSignal } from "./user-dispatch.js";

/** Flags that phase 1 can deal with alone. */
const CHEAP_WORK = flag.TIF_NOHZ | flag.TIF_SECCOMP | flag.TIF_SYSCALL_USER_DISPATCH;

export function tracesys(cpu: Cpu, task: Task): void {
  if (task.stack.flags & flag.TIF_SYSCALL_USER_DISPATCH && becomesSignal(task)) {
    saveExtraRegs(cpu, task);
    exitToUsermode(cpu, task, false);
    return;
  }
  const more = phase1(task);
  cpu.observer?.step("syscall_trace_enter_phase1", task, {
    ...(task.tracer?.filter && { "tracer's filter": more ? "SECCOMP_RET_TRACE" : "SECCOMP_RET_ALLOW" }),
    returns: more ? 1 : 0,
  });
  if (!more) {
    askFilters(cpu, task, fastPath, intRetFromSysCall);
    return;
  }
  task.startAccounting();
  saveExtraRegs(cpu, task);
  stopAtEntry(cpu, task, afterEntryStop, intRetFromSysCall);
}

/** The call's number and arguments may be others by now. */
function afterEntryStop(cpu: Cpu, task: Task): void {
  phase2(task);
  cpu.observer?.step("syscall_trace_enter_phase2", task, {
    stopped: (task.stack.flags & flag.TIF_SYSCALL_TRACE) !== 0,
    returns: BigInt.asIntN(64, task.stack.regs.get64(pt.PT_ORIG_AX)).toString(),
  });
  // A tracer comes first: what it makes of the call is what the filters see.
  if (!task.isDead) askFilters(cpu, task, dispatchTraced, intRetFromSysCall);
}

/** rax is what phase 2 returned; the arguments are taken from the stack again, for a tracer may have changed them. */
function dispatchTraced(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  cpu.observer?.step("RESTORE_C_REGS_EXCEPT_RAX", task, reloadedArguments(regs));
  dispatch(cpu, task, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX), intRetFromSysCall);
}

/** The stop at a call's beginning, for a task that traces this one. A task that was killed meanwhile does not make the call. */
function stopAtEntry(cpu: Cpu, task: Task, after: AfterCall, skip: AfterCall): void {
  const emulates = (task.stack.flags & flag.TIF_SYSCALL_EMU) !== 0;
  if (!task.callsStop && !emulates) {
    after(cpu, task);
    return;
  }
  syscallStop(task, PTRACE_EVENTMSG_SYSCALL_ENTRY, () => (emulates || isDying(task) ? skip : after)(cpu, task));
}

/** What the program's own filters say: the call is made, or it has its result already. They may have a supervisor or a tracer asked. */
function askFilters(cpu: Cpu, task: Task, make: AfterCall, skip: AfterCall): void {
  if (task.seccomp.mode === 0) {
    make(cpu, task);
    return;
  }
  const verdict = mayCall(task);
  if (typeof verdict === "object") {
    cpu.observer?.step("secure_computing", task, { allowed: "asks a supervisor" });
    task.sleepIn(verdict.wait, (...way) => (verdict.notification.goesOn ? make : skip)(...way));
    resumeSleep(cpu, task);
    return;
  }
  cpu.observer?.step("secure_computing", task, { allowed: verdict === true });
  if (typeof verdict === "number") {
    eventStopThen(task, PTRACE_EVENT_SECCOMP, verdict, () => {
      const goesOn = !isDying(task) && task.stack.regs.low(pt.PT_ORIG_AX) >= 0 && mayCall(task, true) === true;
      if (!task.isDead) (goesOn ? make : skip)(cpu, task);
    });
  } else if (!task.isDead) (verdict ? make : skip)(cpu, task);
}

/**
 * syscall_trace_enter for calls with 32-bit registers, whose registers are all in pt_regs already. `make` goes on with the call, `skip` when it
 * is not made: what it returns is in ax then.
 */
export function syscallTraceEnter(cpu: Cpu, task: Task, make: AfterCall, skip: AfterCall): void {
  if (task.stack.flags & flag.TIF_SYSCALL_USER_DISPATCH && becomesSignal(task)) {
    exitToUsermode(cpu, task, false);
    return;
  }
  task.startAccounting();
  stopAtEntry(
    cpu,
    task,
    () => {
      phase2(task);
      cpu.observer?.step("syscall_trace_enter", task, {
        stopped: (task.stack.flags & flag.TIF_SYSCALL_TRACE) !== 0,
        returns: String(task.stack.regs.low(pt.PT_ORIG_AX)),
      });
      if (!task.isDead) askFilters(cpu, task, make, skip);
    },
    skip,
  );
}

/** True when phase 2 is needed. */
function phase1(task: Task): boolean {
  const { stack, tracer } = task;
  if (task.mixesAbis || stack.flags & flag.TIF_WORK_SYSCALL_ENTRY & ~CHEAP_WORK) return true;
  return tracer?.filter?.stops(stack.regs.low(pt.PT_ORIG_AX), stack.regs.high(pt.PT_ORIG_AX)) === true;
}

/**
 * The entry stop of the tool's tracer. It may change any register in pt_regs, orig_ax included; -1 there skips the call. A call the filter
 * stopped goes on as after PTRACE_SYSCALL: it stops at its exit too.
 */
function phase2(task: Task): void {
  const { tracer, stack } = task;
  if (tracer === undefined) return;
  if (task.tracee.personality !== "x86_64") task.mixesAbis = true;
  const { regs } = stack;
  const picked =
    tracer.filter?.stops(regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX)) ?? stack.flags & flag.TIF_SYSCALL_TRACE;
  if (!picked && !task.mixesAbis) return;
  stack.setFlag(flag.TIF_SYSCALL_TRACE);
  task.tracerSeesCall = true;
  tracer.hooks.syscallEntry(task.tracee);
}

/** SAVE_EXTRA_REGS */
export function saveExtraRegs(cpu: Cpu, task: Task): void {
  push(EXTRA_REGISTERS, task.mm.registers, task.stack.regs);
  cpu.observer?.step("SAVE_EXTRA_REGS", task, extraRegisters(task.stack.regs));
}

/** RESTORE_EXTRA_REGS */
export function restoreExtraRegs(cpu: Cpu, task: Task): void {
  pop(EXTRA_REGISTERS, task.mm.registers, task.stack.regs);
  cpu.observer?.step("RESTORE_EXTRA_REGS", task, {});
}
