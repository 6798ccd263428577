// The slow way in: what is done before a call when a flag of thread_info asks for it. arch/x86/entry/common.c
import { mayCall } from "../seccomp/seccomp.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { type AfterCall, dispatch, fastPath, resumeSleep } from "./entry-syscall-64.js";
import * as flag from "./kernel-stack.js";
import { extraRegisters, reloadedArguments } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { EXTRA_REGISTERS, pop, push } from "./register-copy.js";
import { intRetFromSysCall } from "./return-path.js";

/** Flags that phase 1 can deal with alone. */
const CHEAP_WORK = flag.TIF_NOHZ | flag.TIF_SECCOMP;

export function tracesys(cpu: Cpu, task: Task): void {
  const more = phase1(task);
  cpu.observer?.step("syscall_trace_enter_phase1", task, {
    ...(task.tracer?.filter && { "tracer's filter": more ? "SECCOMP_RET_TRACE" : "SECCOMP_RET_ALLOW" }),
    returns: more ? 1 : 0,
  });
  if (!more) {
    secureComputing(cpu, task, fastPath, intRetFromSysCall);
    return;
  }
  task.startAccounting();
  saveExtraRegs(cpu, task);
  phase2(task);
  cpu.observer?.step("syscall_trace_enter_phase2", task, {
    stopped: (task.stack.flags & flag.TIF_SYSCALL_TRACE) !== 0,
    returns: BigInt.asIntN(64, task.stack.regs.get64(pt.PT_ORIG_AX)).toString(),
  });
  // rax is what phase 2 returned; the arguments are taken from the stack again, for a tracer may have changed them.
  if (task.isDead) return;
  // A tracer comes first: what it makes of the call is what the filters see.
  secureComputing(cpu, task, makeCall, intRetFromSysCall);
}

function makeCall(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  cpu.observer?.step("RESTORE_C_REGS_EXCEPT_RAX", task, reloadedArguments(regs));
  dispatch(cpu, task, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX), intRetFromSysCall);
}

/** What the program's own filters say: the way goes on to the call or past it, at once or when a supervisor has answered. */
function secureComputing(cpu: Cpu, task: Task, toCall: AfterCall, pastIt: AfterCall): void {
  const verdict = task.seccomp.mode === 0 || mayCall(task);
  if (typeof verdict === "object") {
    cpu.observer?.step("secure_computing", task, { allowed: "asks a supervisor" });
    task.sleepIn(verdict.wait, (...way) => (verdict.notification.goesOn ? toCall : pastIt)(...way));
    resumeSleep(cpu, task);
    return;
  }
  if (task.seccomp.mode !== 0) cpu.observer?.step("secure_computing", task, { allowed: verdict });
  if (task.isDead) return;
  if (verdict) toCall(cpu, task);
  else pastIt(cpu, task);
}

/** syscall_trace_enter for calls with 32-bit registers, whose registers are all in pt_regs already. */
export function syscallTraceEnter(cpu: Cpu, task: Task, toCall: AfterCall, pastIt: AfterCall): void {
  const stops = (task.stack.flags & flag.TIF_SYSCALL_TRACE) !== 0 || task.tracer !== undefined;
  if (stops) {
    task.startAccounting();
    phase2(task);
  }
  cpu.observer?.step("syscall_trace_enter", task, {
    stopped: (task.stack.flags & flag.TIF_SYSCALL_TRACE) !== 0,
    returns: String(task.stack.regs.low(pt.PT_ORIG_AX)),
  });
  if (!task.isDead) secureComputing(cpu, task, toCall, pastIt);
}

/** True when phase 2 is needed. */
function phase1(task: Task): boolean {
  const { stack, tracer } = task;
  if (task.mixesAbis || stack.flags & flag.TIF_WORK_SYSCALL_ENTRY & ~CHEAP_WORK) return true;
  return tracer?.filter?.stops(stack.regs.low(pt.PT_ORIG_AX), stack.regs.high(pt.PT_ORIG_AX)) === true;
}

/**
 * The tracer's entry stop. It may change any register in pt_regs, orig_ax included; -1 there skips the call. A call the filter
 * stopped goes on as after PTRACE_SYSCALL: it stops at its exit too.
 */
function phase2(task: Task): void {
  if (task.tracer?.filter) task.stack.setFlag(flag.TIF_SYSCALL_TRACE);
  if (task.tracee.personality !== "x86_64") task.mixesAbis = true;
  if (task.stack.flags & flag.TIF_SYSCALL_TRACE) task.tracer?.hooks.syscallEntry(task.tracee);
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
