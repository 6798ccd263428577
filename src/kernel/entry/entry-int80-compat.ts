// `int $0x80`: the gate's step in hardware, then entry_INT80_compat. Always left by IRET. arch/x86/entry/entry_64_compat.S
import { ENOSYS } from "../../abi/errno.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { gsBases, pushedBySyscall, ripOf } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { PUSHED_BY_INT80, push } from "./register-copy.js";
import { KERNEL_CS, SEGMENT_CS, SEGMENT_SS } from "./selectors.js";
import { doSyscall32IrqsOn } from "./syscall-32.js";

export function entryInt80Compat(cpu: Cpu, task: Task, instructionLength: number): void {
  intInstruction(cpu, task, instructionLength);
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  pushPtRegs(cpu, task);
  doSyscall32IrqsOn(cpu, task);
}

/** SDM vol. 3, 6.12.1: the stack from the TSS, ss, rsp, rflags, cs and rip pushed on it; an interrupt gate clears IF. */
function intInstruction(cpu: Cpu, task: Task, length: number): void {
  const { registers, rflags } = cpu.processor;
  const { regs } = task.stack;
  task.flagsInProcessor = rflags;
  registers.rip = registers.rip + length;
  regs.set(pt.PT_SS, registers.selector(SEGMENT_SS), 0);
  regs.set(pt.PT_SP, registers.low(cpuState.RSP), registers.high(cpuState.RSP));
  regs.set(pt.PT_FLAGS, rflags, 0);
  regs.set(pt.PT_CS, registers.selector(SEGMENT_CS), 0);
  regs.set(pt.PT_IP, registers.ripLow, registers.ripHigh);
  cpu.kernelFlags = rflags & ~(cpuState.IF | cpuState.TF | cpuState.NT | cpuState.RF);
  cpu.cpl = 0;
  cpu.observer?.step("int $0x80", task, {
    rip: ripOf(cpu),
    gate: cpu.idt.gate(0x80)?.handler ?? "none",
    rflags: BigInt(rflags),
    cs: BigInt(KERNEL_CS),
    cpl: cpu.cpl,
  });
}

/** The rest of pt_regs. eax is the number: what is above it is not. */
function pushPtRegs(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  push(PUSHED_BY_INT80, task.mm.registers, regs);
  regs.set(pt.PT_ORIG_AX, regs.low(pt.PT_ORIG_AX), 0);
  regs.set(pt.PT_AX, -ENOSYS, -1);
  cpu.observer?.step("push pt_regs", task, pushedBySyscall(regs));
}
