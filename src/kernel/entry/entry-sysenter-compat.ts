// `sysenter` from 32-bit code: the hardware's step, then entry_SYSENTER_compat. What the instruction loses the vDSO has put aside: ebp is
// the stack pointer, and the sixth argument is where it points. The way back leads to the vDSO's landing pad.
// arch/x86/entry/entry_64_compat.S: entry_SYSENTER_compat
import { ENOSYS } from "../../abi/errno.js";
import * as trap from "../../machine/processor.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { exception } from "./exception.js";
import { gsBases, pushedBySyscall, ripOf } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { PUSHED_BY_INT80, push } from "./register-copy.js";
import { USER_DS, USER32_CS } from "./selectors.js";
import { clearTemporaries, doFastSyscall32 } from "./syscall-32.js";

export function entrySysenterCompat(cpu: Cpu, task: Task, instructionLength: number): void {
  if ((cpu.msr.sysenterCs.low & 0xfffc) === 0) {
    exception(cpu, task, trap.GENERAL_PROTECTION, 0);
    return;
  }
  sysenterInstruction(cpu, task);
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  cpu.observer?.step("movq PER_CPU_VAR(cpu_current_top_of_stack), %rsp", task, {
    length: instructionLength,
    rsp: (BigInt(cpu.topOfStackHigh >>> 0) << 32n) | BigInt(cpu.topOfStackLow >>> 0),
  });
  pushPtRegs(cpu, task);
  doFastSyscall32(cpu, task);
}

/** SDM vol. 2, SYSENTER: cs, rip and rsp from the MSRs, IF cleared. Nothing of the program's is kept. */
function sysenterInstruction(cpu: Cpu, task: Task): void {
  const { msr, processor } = cpu;
  task.flagsInProcessor = processor.rflags;
  cpu.kernelFlags = processor.rflags & ~cpuState.IF;
  cpu.cpl = 0;
  cpu.observer?.step("sysenter", task, {
    rip: ripOf(cpu),
    SYSENTER_CS: msr.sysenterCs.value,
    SYSENTER_EIP: msr.sysenterEip.value,
    SYSENTER_ESP: msr.sysenterEsp.value,
    "rflags after": BigInt(cpu.kernelFlags),
    cpl: cpu.cpl,
  });
}

function pushPtRegs(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  push(PUSHED_BY_INT80, task.mm.registers, regs);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_SP, regs.low(pt.PT_BP), 0);
  regs.set(pt.PT_FLAGS, task.flagsInProcessor | cpuState.IF, 0);
  regs.set(pt.PT_CS, USER32_CS, 0);
  regs.set(pt.PT_IP, 0, 0); // do_fast_syscall_32 knows where it goes
  regs.set(pt.PT_ORIG_AX, regs.low(pt.PT_ORIG_AX), 0);
  regs.set(pt.PT_AX, -ENOSYS, -1);
  clearTemporaries(regs);
  cpu.observer?.step("push pt_regs", task, pushedBySyscall(regs));
}
