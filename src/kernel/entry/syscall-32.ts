// What the three doors of 32-bit calls lead to: the work flags, ia32_sys_call_table, and the way out, which is always the slow one.
// arch/x86/entry/common.c: do_syscall_32_irqs_on, do_fast_syscall_32
import { EFAULT, Errno } from "../../abi/errno.js";
import * as cpuState from "../../machine/state-layout.js";
import { vdsoSymbol32 } from "../exec/vdso-32.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { callSlot } from "./entry-syscall-64.js";
import { TIF_WORK_SYSCALL_ENTRY } from "./kernel-stack.js";
import { flagNames } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { exitToUsermode, leaveSyscall } from "./return-path.js";
import { syscallTraceEnter } from "./tracesys.js";

const TEMPORARIES = [pt.PT_R8, pt.PT_R9, pt.PT_R10, pt.PT_R11, pt.PT_R12, pt.PT_R13, pt.PT_R14, pt.PT_R15];

/** 32-bit code has none of these, and gets nothing of the kernel's in them. */
export function clearTemporaries(regs: pt.PtRegs): void {
  for (const word of TEMPORARIES) regs.set(word, 0, 0);
}

/** Of the two fast doors: back to the landing pad, wherever the call came from; the sixth argument is where the vDSO has put it. */
export function doFastSyscall32(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  regs.setAddress(pt.PT_IP, vdsoSymbol32(task.mm, "int80_landing_pad"));
  try {
    regs.set(pt.PT_BP, task.readI32(regs.low(pt.PT_SP) >>> 0), 0);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    // The user stack cannot be read: no call, no stop for a tracer, and IRET.
    regs.set(pt.PT_BP, 0, 0);
    regs.setSigned(pt.PT_AX, -EFAULT);
    exitToUsermode(cpu, task, false);
    return;
  }
  cpu.observer?.step("do_fast_syscall_32", task, {
    "landing pad": regs.get64(pt.PT_IP),
    "sixth argument": regs.get64(pt.PT_BP),
  });
  doSyscall32IrqsOn(cpu, task);
}

export function doSyscall32IrqsOn(cpu: Cpu, task: Task): void {
  cpu.kernelFlags |= cpuState.IF;
  task.compat = true;
  task.abi = "i386";
  const work = task.stack.flags & TIF_WORK_SYSCALL_ENTRY;
  cpu.observer?.step("do_syscall_32_irqs_on", task, {
    status: "TS_COMPAT",
    flags: flagNames(task.stack.flags),
    work: flagNames(work),
  });
  if (work !== 0) syscallTraceEnter(cpu, task, makeCall32, leaveSyscall);
  else makeCall32(cpu, task);
}

function makeCall32(cpu: Cpu, task: Task): void {
  const table = task.kernel.ia32Table;
  const number = task.stack.regs.low(pt.PT_ORIG_AX);
  if (number >= 0 && number < table.length) {
    cpu.observer?.step("call *ia32_sys_call_table(, %rax, 8)", task, {
      slot: number,
      symbol: task.kernel.symbolOf(number, "i386"),
    });
    callSlot(cpu, task, table[number], leaveSyscall);
  } else {
    cpu.observer?.step("cmpl $IA32_NR_syscalls, %eax", task, { eax: number, above: true });
    leaveSyscall(cpu, task);
  }
}
