// `syscall` from 64-bit code: the hardware's step, then entry_SYSCALL_64 with its fast path. arch/x86/entry/entry_64.S
import { ENOSYS, Errno } from "../../abi/errno.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep } from "../task/wait.js";
import type { Cpu } from "./cpu.js";
import { TIF_ALLWORK_MASK, TIF_SYSCALL_TRACE, TIF_WORK_SYSCALL_ENTRY } from "./kernel-stack.js";
import type { Msr } from "./msr.js";
import {
  backInUserMode,
  flagNames,
  gsBases,
  poppedBySysret,
  pushedBySyscall,
  resultOf,
  rflagsText,
  ripOf,
} from "./path-values.js";
import * as pt from "./pt-regs.js";
import { POPPED_BY_SYSRET, PUSHED_BY_SYSCALL, pop, push } from "./register-copy.js";
import { intRetFromSysCall } from "./return-path.js";
import { RPL_MASK, SEGMENT_CS, SEGMENT_SS, USER_CS, USER_DS } from "./selectors.js";
import { NR_SYSCALL_MAX, type Slot, type SyscallTable, type SyscallValue, X32_SYSCALL_BIT } from "./syscall-table.js";
import { tracesys } from "./tracesys.js";

const TWO_32 = 0x1_0000_0000;

/** Everything from the trap to the return to user mode, or to where the call sleeps. */
export function entrySyscall64(cpu: Cpu, task: Task, instructionLength: number): void {
  syscallInstruction(cpu, task, instructionLength);
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  switchToKernelStack(cpu, task);
  pushPtRegs(cpu, task);
  const work = task.stack.flags & TIF_WORK_SYSCALL_ENTRY;
  cpu.observer?.step("testl $_TIF_WORK_SYSCALL_ENTRY", task, {
    flags: flagNames(task.stack.flags),
    work: flagNames(work),
  });
  if (work !== 0) tracesys(cpu, task);
  else fastPath(cpu, task);
}

/** SDM vol. 2, SYSCALL: rcx = next rip, r11 = rflags, rflags masked, cs and ss from STAR, rip = LSTAR, or another `target`. rsp is kept. */
export function syscallInstruction(
  cpu: Cpu,
  task: Task,
  length: number,
  target: Msr = cpu.msr.lstar,
  step = "syscall",
): void {
  const { registers } = cpu.processor;
  const { star, fmask } = cpu.msr;
  const low = registers.ripLow + length;
  const carry = (registers.ripLow >>> 0) + length >= TWO_32 ? 1 : 0;
  registers.set(cpuState.RCX, low | 0, (registers.ripHigh + carry) | 0);
  task.flagsInProcessor = cpu.processor.rflags;
  const flags = task.flagsInProcessor & ~cpuState.RF;
  registers.set(cpuState.R11, flags, 0);
  cpu.kernelFlags = flags & ~fmask.low;
  const kernelCs = star.high & 0xfffc;
  registers.setSelector(SEGMENT_CS, kernelCs);
  registers.setSelector(SEGMENT_SS, kernelCs + 8);
  cpu.cpl = kernelCs & RPL_MASK;
  registers.setRip(target.low, target.high);
  cpu.observer?.step(step, task, {
    rip: ripOf(cpu),
    rcx: registers.get64(cpuState.RCX),
    r11: registers.get64(cpuState.R11),
    "rflags before": rflagsText(task.flagsInProcessor),
    SFMASK: rflagsText(fmask.low),
    "rflags after": rflagsText(cpu.kernelFlags),
    cs: BigInt(kernelCs),
    ss: BigInt(kernelCs + 8),
    cpl: cpu.cpl,
  });
}

function switchToKernelStack(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  cpu.rspScratchLow = registers.low(cpuState.RSP);
  cpu.rspScratchHigh = registers.high(cpuState.RSP);
  cpu.observer?.step("movq %rsp, PER_CPU_VAR(rsp_scratch)", task, { rsp: registers.get64(cpuState.RSP) });
  registers.set(cpuState.RSP, cpu.topOfStackLow, cpu.topOfStackHigh);
  cpu.observer?.step("movq PER_CPU_VAR(cpu_current_top_of_stack), %rsp", task, {
    rsp: registers.get64(cpuState.RSP),
  });
}

function pushPtRegs(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  cpu.kernelFlags |= cpuState.IF; // ENABLE_INTERRUPTS: rsp_scratch has been saved
  cpu.observer?.step("ENABLE_INTERRUPTS", task, { rflags: rflagsText(cpu.kernelFlags) });
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_SP, cpu.rspScratchLow, cpu.rspScratchHigh);
  regs.set(pt.PT_CS, USER_CS, 0);
  push(PUSHED_BY_SYSCALL, task.mm.registers, regs);
  regs.set(pt.PT_AX, -ENOSYS, -1);
  cpu.processor.registers.set(cpuState.RSP, cpu.topOfStackLow - pt.SIZEOF_PTREGS, cpu.topOfStackHigh);
  cpu.observer?.step("push pt_regs", task, {
    rsp: cpu.processor.registers.get64(cpuState.RSP),
    ...pushedBySyscall(regs),
  });
}

/** entry_SYSCALL_64_fastpath */
export function fastPath(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  dispatch(cpu, task, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX), afterFastCall);
}

function afterFastCall(cpu: Cpu, task: Task): void {
  cpu.kernelFlags &= ~cpuState.IF; // DISABLE_INTERRUPTS
  cpu.observer?.step("DISABLE_INTERRUPTS", task, { rflags: rflagsText(cpu.kernelFlags) });
  const work = task.stack.flags & TIF_ALLWORK_MASK;
  cpu.observer?.step("testl $_TIF_ALLWORK_MASK", task, {
    flags: flagNames(task.stack.flags),
    work: flagNames(work),
  });
  if (work !== 0) intRetFromSysCall(cpu, task);
  else sysret(cpu, task);
}

/** What comes after a call, when its result is in pt_regs. */
export type AfterCall = (cpu: Cpu, task: Task) => void;

/**
 * Range check and the call through the table; then `after`, at once or when the call has slept. A number beyond the table leaves
 * -ENOSYS in ax.
 */
export function dispatch(cpu: Cpu, task: Task, numberLow: number, numberHigh: number, after: AfterCall): void {
  const { kernel } = task;
  const isX32 = kernel.x32Table !== undefined && (numberLow & X32_SYSCALL_BIT) !== 0;
  const number = isX32 ? numberLow & ~X32_SYSCALL_BIT : numberLow;
  const isInTable = numberHigh === 0 && number >= 0 && number <= NR_SYSCALL_MAX;
  if (cpu.observer) tellOfDispatch(cpu, task, number, numberHigh, isInTable, isX32);
  if (!isInTable) after(cpu, task);
  else if (isX32) callX32(cpu, task, (kernel.x32Table as SyscallTable)[number], after);
  else callSlot(cpu, task, kernel.syscallTable[number], after);
}

function tellOfDispatch(
  cpu: Cpu,
  task: Task,
  number: number,
  numberHigh: number,
  isInTable: boolean,
  isX32: boolean,
): void {
  cpu.observer?.step("cmpq $__NR_syscall_max, %rax", task, {
    rax: BigInt.asIntN(64, (BigInt(numberHigh) << 32n) | BigInt(number >>> 0)).toString(),
    __NR_syscall_max: NR_SYSCALL_MAX,
    above: !isInTable,
  });
  if (!isInTable) return;
  cpu.observer?.step("movq %r10, %rcx", task, { rcx: task.stack.regs.get64(pt.PT_R10) });
  cpu.observer?.step("call *sys_call_table(, %rax, 8)", task, {
    slot: number,
    symbol: task.kernel.symbolOf(number, isX32 ? "x32" : "x64"),
  });
}

function callX32(cpu: Cpu, task: Task, slot: Slot, after: AfterCall): void {
  task.abi = "x32";
  callSlot(cpu, task, slot, (_, left) => {
    left.abi = "x86_64";
    after(cpu, left);
  });
}

/** The call itself, and `after`, at once or when it has slept. */
export function callSlot(cpu: Cpu, task: Task, slot: Slot, after: AfterCall): void {
  try {
    const result = slot(task);
    if (isSleep<SyscallValue>(result as SyscallValue | Sleep<SyscallValue>)) {
      task.sleepIn(result as Sleep<SyscallValue>, after);
      resumeSleep(cpu, task);
      return;
    }
    storeResult(task, result as SyscallValue);
  } catch (error) {
    storeError(task, error);
  }
  if (task.isDead) return;
  cpu.observer?.step("movq %rax, RAX(%rsp)", task, resultOf(task));
  after(cpu, task);
}

/** Lets a waiting call go on, to its next wait or to its end and out of the kernel. */
export function resumeSleep(cpu: Cpu, task: Task): void {
  const { sleeping } = task;
  if (sleeping === undefined) return;
  if (task.stack.flags & TIF_SYSCALL_TRACE) task.startAccounting();
  try {
    task.state = "running";
    const step = sleeping.call.next();
    if (!step.done) {
      sleeping.wait = step.value;
      task.stopAccounting();
      cpu.observer?.step("schedule", task, { state: "TASK_INTERRUPTIBLE" });
      if (!task.isDead) task.state = "sleeping";
      return;
    }
    storeResult(task, step.value);
  } catch (error) {
    storeError(task, error);
  }
  task.sleeping = undefined;
  if (task.isDead) return;
  cpu.observer?.step("movq %rax, RAX(%rsp)", task, resultOf(task));
  sleeping.after(cpu, task);
}

export function storeResult(task: Task, result: SyscallValue): void {
  const { regs } = task.stack;
  if (typeof result === "number") regs.setSigned(pt.PT_AX, result);
  else if (result === undefined) regs.set(pt.PT_AX, 0, 0);
  else regs.set64(pt.PT_AX, result);
}

/** An Errno becomes the call's result; anything else is a fault of ours. */
export function storeError(task: Task, error: unknown): void {
  if (!(error instanceof Errno)) throw error;
  task.stack.regs.setSigned(pt.PT_AX, -error.number);
}

/** RESTORE_C_REGS_EXCEPT_RCX_R11, USERGS_SYSRET64 */
export function sysret(cpu: Cpu, task: Task): void {
  pop(POPPED_BY_SYSRET, task.mm.registers, task.stack.regs);
  cpu.observer?.step("RESTORE_C_REGS_EXCEPT_RCX_R11", task, poppedBySysret(cpu));
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  sysretInstruction(cpu, task);
}

/** SDM vol. 2, SYSRET: rip = rcx, rflags = r11, cs and ss from STAR with RPL 3. */
function sysretInstruction(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  registers.setRip(registers.low(cpuState.RCX), registers.high(cpuState.RCX));
  restoreUserFlags(cpu, task, registers.low(cpuState.R11));
  const base = (cpu.msr.star.high >>> 16) & 0xfffc;
  registers.setSelector(SEGMENT_CS, (base + 16) | RPL_MASK);
  registers.setSelector(SEGMENT_SS, (base + 8) | RPL_MASK);
  cpu.cpl = 3;
  cpu.observer?.step("sysretq", task, backInUserMode(cpu, registers.low(cpuState.R11)));
}

/** The processor still holds the flags the program had: writing them back is only needed when they changed. */
export function restoreUserFlags(cpu: Cpu, task: Task, flags: number): void {
  if (task.flagsInProcessor !== flags) cpu.processor.rflags = flags;
}
