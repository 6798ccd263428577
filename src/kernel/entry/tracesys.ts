// The slow way in: what is done before a call when a flag of thread_info asks for it. arch/x86/entry/common.c
import { R12, R13, R14, R15, RBP, RBX } from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { dispatch, fastPath } from "./entry-syscall-64.js";
import * as flag from "./kernel-stack.js";
import * as pt from "./pt-regs.js";
import { intRetFromSysCall } from "./return-path.js";

/** Flags that phase 1 can deal with alone. */
const CHEAP_WORK = flag.TIF_NOHZ | flag.TIF_SECCOMP;

export function tracesys(cpu: Cpu, task: Task): void {
  task.startAccounting();
  const more = phase1(task);
  cpu.observer?.step("syscall_trace_enter_phase1");
  if (!more) {
    fastPath(cpu, task);
    return;
  }
  saveExtraRegs(cpu, task);
  phase2(task);
  cpu.observer?.step("syscall_trace_enter_phase2");
  // rax is what phase 2 returned; the arguments are taken from the stack again, for a tracer may have changed them.
  const { regs } = task.stack;
  if (task.isDead) return;
  dispatch(cpu, task, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX), intRetFromSysCall);
}

/** True when phase 2 is needed. */
function phase1(task: Task): boolean {
  return (task.stack.flags & flag.TIF_WORK_SYSCALL_ENTRY & ~CHEAP_WORK) !== 0;
}

/** The tracer's entry stop. It may change any register in pt_regs, orig_ax included; -1 there skips the call. */
function phase2(task: Task): void {
  if (task.stack.flags & flag.TIF_SYSCALL_TRACE) task.kernel.hooks?.syscallEntry(task.tracee);
}

/** SAVE_EXTRA_REGS */
export function saveExtraRegs(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  const { regs } = task.stack;
  regs.set(pt.PT_BX, registers.low(RBX), registers.high(RBX));
  regs.set(pt.PT_BP, registers.low(RBP), registers.high(RBP));
  regs.set(pt.PT_R12, registers.low(R12), registers.high(R12));
  regs.set(pt.PT_R13, registers.low(R13), registers.high(R13));
  regs.set(pt.PT_R14, registers.low(R14), registers.high(R14));
  regs.set(pt.PT_R15, registers.low(R15), registers.high(R15));
  cpu.observer?.step("SAVE_EXTRA_REGS");
}

/** RESTORE_EXTRA_REGS */
export function restoreExtraRegs(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  const { regs } = task.stack;
  registers.set(RBX, regs.low(pt.PT_BX), regs.high(pt.PT_BX));
  registers.set(RBP, regs.low(pt.PT_BP), regs.high(pt.PT_BP));
  registers.set(R12, regs.low(pt.PT_R12), regs.high(pt.PT_R12));
  registers.set(R13, regs.low(pt.PT_R13), regs.high(pt.PT_R13));
  registers.set(R14, regs.low(pt.PT_R14), regs.high(pt.PT_R14));
  registers.set(R15, regs.low(pt.PT_R15), regs.high(pt.PT_R15));
  cpu.observer?.step("RESTORE_EXTRA_REGS");
}
