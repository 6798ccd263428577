// What the three doors of 32-bit calls lead to: the work flags, ia32_sys_call_table, and the way out, which is always the slow one.
// arch/x86/entry/common.c: do_syscall_32_irqs_on
import * as cpuState from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { callSlot } from "./entry-syscall-64.js";
import { TIF_WORK_SYSCALL_ENTRY } from "./kernel-stack.js";
import { flagNames } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { leaveSyscall } from "./return-path.js";
import { syscallTraceEnter } from "./tracesys.js";

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
  if (work !== 0) syscallTraceEnter(cpu, task, call32, leaveSyscall);
  else call32(cpu, task);
}

function call32(cpu: Cpu, task: Task): void {
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
