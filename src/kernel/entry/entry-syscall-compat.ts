// `syscall` from 32-bit code, on processors that have it there: the hardware's step, then what CSTAR leads to. The instruction takes ecx for
// the way back, so the second argument is in ebp, and the sixth where esp points. The way back leads to the vDSO's landing pad.
// arch/x86/entry/entry_64_compat.S: entry_SYSCALL_compat, arch/x86/entry/entry_64.S: ignore_sysret
import { ENOSYS } from "../../abi/errno.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import { IGNORE_SYSRET } from "./boot.js";
import type { Cpu } from "./cpu.js";
import { restoreUserFlags, syscallInstruction } from "./entry-syscall-64.js";
import { backInUserMode, gsBases, pushedBySyscall } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { PUSHED_BY_INT80, push } from "./register-copy.js";
import { RPL_MASK, SEGMENT_CS, SEGMENT_SS, USER_DS, USER32_CS } from "./selectors.js";
import { clearTemporaries, doFastSyscall32 } from "./syscall-32.js";

/** From the trap to the return to user mode, or to where the call sleeps. */
export function syscallFromCompat(cpu: Cpu, task: Task, instructionLength: number): void {
  syscallInstruction(cpu, task, instructionLength, cpu.msr.cstar, "syscall (compatibility mode)");
  if (cpu.msr.cstar.low === IGNORE_SYSRET) ignoreSysret(cpu, task);
  else entrySyscallCompat(cpu, task);
}

function entrySyscallCompat(cpu: Cpu, task: Task): void {
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  cpu.observer?.step("movq PER_CPU_VAR(cpu_current_top_of_stack), %rsp", task, {
    rsp: (BigInt(cpu.topOfStackHigh >>> 0) << 32n) | BigInt(cpu.topOfStackLow >>> 0),
  });
  pushPtRegs(cpu, task);
  doFastSyscall32(cpu, task);
}

function pushPtRegs(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  const { regs } = task.stack;
  push(PUSHED_BY_INT80, task.mm.registers, regs);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_SP, registers.low(cpuState.RSP), 0);
  regs.set(pt.PT_FLAGS, registers.low(cpuState.R11), 0);
  regs.set(pt.PT_CS, USER32_CS, 0);
  regs.set(pt.PT_IP, registers.low(cpuState.RCX), registers.high(cpuState.RCX));
  regs.set(pt.PT_ORIG_AX, regs.low(pt.PT_ORIG_AX), 0);
  regs.set(pt.PT_CX, regs.low(pt.PT_BP), regs.high(pt.PT_BP));
  regs.set(pt.PT_AX, -ENOSYS, -1);
  clearTemporaries(regs);
  cpu.observer?.step("push pt_regs", task, pushedBySyscall(regs));
}

/** Without IA32_EMULATION: straight back, on the program's own stack and GS base. */
function ignoreSysret(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  registers.set(cpuState.RAX, -ENOSYS, 0);
  cpu.observer?.step("ignore_sysret", task, { eax: "-ENOSYS" });
  registers.setRip(registers.low(cpuState.RCX), 0);
  const flags = registers.low(cpuState.R11);
  restoreUserFlags(cpu, task, flags);
  const base = (cpu.msr.star.high >>> 16) & 0xfffc;
  registers.setSelector(SEGMENT_CS, base | RPL_MASK);
  registers.setSelector(SEGMENT_SS, (base + 8) | RPL_MASK);
  cpu.cpl = 3;
  cpu.observer?.step("sysretl", task, backInUserMode(cpu, flags));
}
