// `sysenter` from 32-bit code: the hardware's step, then entry_SYSENTER_compat. What the instruction loses the vDSO has put aside: ebp is
// the stack pointer, and the sixth argument is where it points. The way back leads to the vDSO's landing pad.
// arch/x86/entry/entry_64_compat.S, arch/x86/entry/common.c: do_fast_syscall_32
import { EFAULT, ENOSYS, Errno } from "../../abi/errno.js";
import * as trap from "../../machine/processor.js";
import * as cpuState from "../../machine/state-layout.js";
import { vdso32Symbol } from "../exec/vdso-32.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { exception } from "./exception.js";
import { gsBases, pushedBySyscall, ripOf } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { PUSHED_BY_INT80, push } from "./register-copy.js";
import { exitToUsermode } from "./return-path.js";
import { USER_DS, USER32_CS } from "./selectors.js";
import { doSyscall32IrqsOn } from "./syscall-32.js";

const TEMPORARIES = [pt.PT_R8, pt.PT_R9, pt.PT_R10, pt.PT_R11, pt.PT_R12, pt.PT_R13, pt.PT_R14, pt.PT_R15];

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
  for (const word of TEMPORARIES) regs.set(word, 0, 0);
  cpu.observer?.step("push pt_regs", task, pushedBySyscall(regs));
}

function doFastSyscall32(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  regs.setAddress(pt.PT_IP, vdso32Symbol(task.mm, "int80_landing_pad") ?? 0);
  try {
    regs.set(pt.PT_BP, task.readI32(regs.low(pt.PT_SP) >>> 0), 0);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    // The user stack cannot be read: no call, and no stop for a tracer.
    task.compat = true;
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
