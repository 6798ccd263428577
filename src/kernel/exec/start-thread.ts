// The registers a new program starts with. arch/x86/kernel/process_64.c: start_thread
import { IF } from "../../machine/state-layout.js";
import { PER_CPU_HIGH, PER_CPU_LOW } from "../entry/cpu.js";
import { TIF_NOTIFY_RESUME } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import { SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS, USER_CS, USER_DS, USER32_CS } from "../entry/selectors.js";
import type { Task } from "../task/task.js";

const FIXED_FLAG = 2; // bit 1 of rflags is always set

export function startThread(task: Task, entry: number, stackPointer: number): void {
  const { cpu } = task.kernel;
  const { regs } = task.stack;
  // The tracer still wants to see which call this was.
  const number = regs.low(pt.PT_ORIG_AX);
  cpu.processor.reset();
  task.flagsInProcessor = -1;
  regs.clear();
  regs.set(pt.PT_ORIG_AX, number, 0);
  regs.setAddress(pt.PT_IP, entry);
  regs.setAddress(pt.PT_SP, stackPointer);
  const { is32Bit } = task.mm;
  regs.set(pt.PT_CS, is32Bit ? USER32_CS : USER_CS, 0);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_FLAGS, IF | FIXED_FLAG, 0);
  const { registers } = cpu.processor;
  for (const segment of [SEGMENT_DS, SEGMENT_ES]) registers.setSelector(segment, is32Bit ? USER_DS : 0);
  for (const segment of [SEGMENT_FS, SEGMENT_GS]) registers.setSelector(segment, 0);
  task.threadArea.fill(0);
  // set_personality: the tracer sees the call's end in the mode of the new program.
  task.compat = is32Bit;
  task.abi = is32Bit ? "i386" : "x86_64";
  // The bases were reset: GS is the kernel's while we are in it, the program's is 0.
  cpu.processor.registers.gsBase = (BigInt(PER_CPU_HIGH >>> 0) << 32n) | BigInt(PER_CPU_LOW);
  cpu.msr.kernelGsBase.set(0, 0);
  task.stack.setFlag(TIF_NOTIFY_RESUME); // force_iret
}
