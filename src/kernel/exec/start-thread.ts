// The registers a new program starts with. arch/x86/kernel/process_64.c: start_thread
import { IF } from "../../machine/state-layout.js";
import { PER_CPU_HIGH, PER_CPU_LOW } from "../entry/cpu.js";
import { TIF_NOTIFY_RESUME } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import { SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS, USER_CS, USER_DS, USER32_CS } from "../entry/selectors.js";
import { X32_SYSCALL_BIT } from "../entry/syscall-table.js";
import type { Task } from "../task/task.js";

/** set_personality_x32: the tracer sees the call's end as one of x32's. */
const X32_EXECVE = X32_SYSCALL_BIT | 520;
const FIXED_FLAG = 2; // bit 1 of rflags is always set

export function startThread(task: Task, entry: number, stackPointer: number): void {
  const { cpu } = task.kernel;
  const { regs } = task.stack;
  // The tracer still wants to see which call this was.
  const number = task.mm.isX32 ? X32_EXECVE : regs.low(pt.PT_ORIG_AX);
  cpu.processor.reset();
  task.flagsInProcessor = -1;
  regs.clear();
  regs.set(pt.PT_ORIG_AX, number, 0);
  regs.setAddress(pt.PT_IP, entry);
  regs.setAddress(pt.PT_SP, stackPointer);
  const { is32Bit, isX32 } = task.mm;
  const isCompat = is32Bit && !isX32;
  regs.set(pt.PT_CS, isCompat ? USER32_CS : USER_CS, 0);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_FLAGS, IF | FIXED_FLAG, 0);
  const { registers } = cpu.processor;
  for (const segment of [SEGMENT_DS, SEGMENT_ES]) registers.setSelector(segment, is32Bit ? USER_DS : 0);
  for (const segment of [SEGMENT_FS, SEGMENT_GS]) registers.setSelector(segment, 0);
  task.threadArea.fill(0);
  // set_personality: the tracer sees the call's end in the mode of the new program.
  task.compat = isCompat;
  task.abi = isCompat ? "i386" : "x86_64";
  // The bases were reset: GS is the kernel's while we are in it, the program's is 0.
  cpu.processor.registers.gsBase = (BigInt(PER_CPU_HIGH >>> 0) << 32n) | BigInt(PER_CPU_LOW);
  cpu.msr.kernelGsBase.set(0, 0);
  task.stack.setFlag(TIF_NOTIFY_RESUME); // force_iret
}
