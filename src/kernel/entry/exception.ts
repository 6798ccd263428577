// Exceptions from user mode: through their gate to demand paging, or to a signal. arch/x86/kernel/traps.c, arch/x86/mm/fault.c
import * as uapi from "../../abi/constants/signals.js";
import * as trap from "../../machine/processor.js";
import * as cpuState from "../../machine/state-layout.js";
import {
  accessOfFault,
  FAULT_BEYOND_FILE,
  FAULT_FORBIDDEN,
  FAULT_NONE,
  FAULT_OUT_OF_MEMORY,
  handleFault,
} from "../mm/fault.js";
import { TASK_SIZE } from "../mm/mm.js";
import { faultInfo, kernelInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { entryInt80Compat } from "./entry-int80-compat.js";
import { IA32_SYSCALL_VECTOR } from "./idt.js";
import * as pt from "./pt-regs.js";
import { C_REGISTERS, push } from "./register-copy.js";
import { exitToUsermode } from "./return-path.js";
import { SEGMENT_CS, SEGMENT_SS } from "./selectors.js";
import { saveExtraRegs } from "./tracesys.js";

const PUSHES_ERROR_CODE = [
  trap.SEGMENT_NOT_PRESENT,
  trap.STACK_FAULT,
  trap.GENERAL_PROTECTION,
  trap.PAGE_FAULT,
  trap.ALIGNMENT_CHECK,
];
/** Reported behind the instruction; -1 is an interrupt. */
const TRAPS = [-1, trap.DEBUG, trap.BREAKPOINT, trap.OVERFLOW];
const LONGEST_INSTRUCTION = 15;

/** Handles the exception `vector` that stopped the program. The fast way, a page that can be had, touches no kernel stack. */
export function exception(cpu: Cpu, task: Task, vector: number, errorCode = cpu.processor.registers.errorCode): void {
  if (vector === trap.PAGE_FAULT && pageFault(cpu, task)) return;
  enterByGate(cpu, task, vector);
  task.trapVector = vector;
  task.trapErrorCode = PUSHES_ERROR_CODE.includes(vector) ? errorCode : 0;
  raise(cpu, task, vector);
  exitToUsermode(cpu, task, false);
}

/** An interrupt from outside (end of time slice) with work to do: pushes pt_regs and goes through the exit work. */
export function interruptWithWork(cpu: Cpu, task: Task): void {
  enterByGate(cpu, task, -1);
  exitToUsermode(cpu, task, false);
}

/** `int n`: #GP unless the gate admits user code. */
export function softwareInterrupt(cpu: Cpu, task: Task, number: number, length: number): void {
  if (!cpu.idt.allowsUser(number)) {
    // The error code names the gate: its index, and that it is in the IDT.
    exception(cpu, task, trap.GENERAL_PROTECTION, number * 8 + 2);
    return;
  }
  if (number === IA32_SYSCALL_VECTOR) {
    entryInt80Compat(cpu, task, length);
    return;
  }
  const { registers } = cpu.processor;
  registers.rip = registers.rip + length;
  exception(cpu, task, number);
}

/** `int3`, `int1`, `into` and single steps: the program goes on behind the instruction. */
export function debugTrap(cpu: Cpu, task: Task, vector: number): void {
  const { registers, instructionLength } = cpu.processor;
  const step = vector === trap.DEBUG && registers.errorCode === trap.DR6_SINGLE_STEP;
  const watched = step ? task.ptraced?.debug?.endStep(task.mm) : undefined;
  if (watched?.isHit) {
    hardwareBreakpoint(cpu, task);
    return;
  }
  if (watched?.endsThere) return;
  if (step && goesOnToBranch(cpu, task)) return;
  if (!step) registers.rip = registers.rip + instructionLength;
  exception(cpu, task, vector);
}

/** A breakpoint of the task's debug registers: nothing of the instruction is done. hw_breakpoint_handler */
export function hardwareBreakpoint(cpu: Cpu, task: Task): void {
  enterByGate(cpu, task, trap.DEBUG);
  task.trapVector = trap.DEBUG;
  task.trapErrorCode = 0;
  const rip = task.stack.regs.address(pt.PT_IP);
  task.forceSignal(uapi.SIGTRAP, faultInfo(uapi.SIGTRAP, uapi.TRAP_HWBKPT, rip));
  exitToUsermode(cpu, task, false);
}

/** PTRACE_SINGLEBLOCK: true when the instruction just done has not branched, and the next one is to be done too. */
function goesOnToBranch(cpu: Cpu, task: Task): boolean {
  const { ptraced } = task;
  if (ptraced === undefined || ptraced.steppedFrom < 0) return false;
  const from = ptraced.steppedFrom;
  const to = Number(cpu.processor.registers.rip);
  ptraced.steppedFrom = to;
  return !branches(task.tracee.peekUpTo(from, LONGEST_INSTRUCTION), to - from);
}

const JCC_SHORT = 0x70;
const JCC_NEAR = 0x80;

/** Is it a jump, a call or a return that was taken? `distance` is how far rip has come. */
function branches(code: Uint8Array, distance: number): boolean {
  let at = 0;
  const isPrefix = (byte: number): boolean =>
    [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3].includes(byte) || (byte & 0xf0) === 0x40;
  while (at < code.length && isPrefix(code[at])) at++;
  const opcode = code[at];
  if ((opcode & 0xf0) === JCC_SHORT || (opcode >= 0xe0 && opcode <= 0xe3)) return distance !== at + 2;
  if (opcode === 0x0f && (code[at + 1] & 0xf0) === JCC_NEAR) return distance !== at + 6;
  if ([0xc2, 0xc3, 0xca, 0xcb, 0xcf, 0xe8, 0xe9, 0xeb].includes(opcode)) return true;
  const extension = (code[at + 1] >> 3) & 7;
  return opcode === 0xff && extension >= 2 && extension <= 5;
}

/** True when the access can now be done. */
function pageFault(cpu: Cpu, task: Task): boolean {
  const { registers } = cpu.processor;
  const code = registers.errorCode;
  const address = Number(registers.faultAddress);
  if (address >= TASK_SIZE) return false;
  const access = accessOfFault((code & trap.PF_WRITE) !== 0, (code & trap.PF_INSTRUCTION) !== 0);
  if (handleFault(task.mm, address, access) !== FAULT_NONE) return false;
  task.ptraced?.debug?.noteAccess(task.mm, address, (code & trap.PF_WRITE) !== 0, (code & trap.PF_INSTRUCTION) !== 0);
  return true;
}

/** The processor switches to the kernel stack and pushes; error_entry saves the rest. */
function enterByGate(cpu: Cpu, task: Task, vector: number): void {
  const { registers, rflags } = cpu.processor;
  const { regs } = task.stack;
  task.flagsInProcessor = rflags;
  regs.set(pt.PT_SS, registers.selector(SEGMENT_SS), 0);
  // RF is set in the image pushed for a fault, so that it is not taken for a breakpoint again. SDM vol. 3, 17.3.1.1
  regs.set(pt.PT_FLAGS, TRAPS.includes(vector) ? rflags : rflags | cpuState.RF, 0);
  regs.set(pt.PT_CS, registers.selector(SEGMENT_CS), 0);
  regs.set(pt.PT_IP, registers.ripLow, registers.ripHigh);
  regs.set(pt.PT_ORIG_AX, -1, -1);
  push(C_REGISTERS, task.mm.registers, regs);
  saveExtraRegs(cpu, task);
  cpu.cpl = 0;
  cpu.swapgs();
  cpu.observer?.step(vector < 0 ? "interrupt" : (cpu.idt.gate(vector)?.handler ?? `vector ${vector}`), task, {});
}

/** The signal an exception stands for. */
function raise(cpu: Cpu, task: Task, vector: number): void {
  const rip = task.stack.regs.address(pt.PT_IP);
  switch (vector) {
    case trap.PAGE_FAULT:
      return raisePageFault(cpu, task);
    case trap.DIVIDE_ERROR:
      return task.forceSignal(uapi.SIGFPE, faultInfo(uapi.SIGFPE, uapi.FPE_INTDIV, rip));
    case trap.DEBUG:
      return task.forceSignal(uapi.SIGTRAP, faultInfo(uapi.SIGTRAP, debugCode(cpu), rip));
    case trap.BREAKPOINT:
      return task.forceSignal(uapi.SIGTRAP, kernelInfo(uapi.SIGTRAP));
    case trap.INVALID_OPCODE: {
      const bytes = task.tracee.peekUpTo(rip, LONGEST_INSTRUCTION);
      task.kernel.onInvalidOpcode?.(rip, bytes);
      return task.forceSignal(uapi.SIGILL, faultInfo(uapi.SIGILL, uapi.ILL_ILLOPN, rip));
    }
    case trap.X87_FLOATING_POINT:
    case trap.SIMD_FLOATING_POINT:
      return task.forceSignal(uapi.SIGFPE, faultInfo(uapi.SIGFPE, floatingPointCode(cpu, vector), rip));
    case trap.ALIGNMENT_CHECK:
      return task.forceSignal(uapi.SIGBUS, faultInfo(uapi.SIGBUS, uapi.BUS_ADRALN, 0));
    case trap.SEGMENT_NOT_PRESENT:
    case trap.STACK_FAULT:
      return task.forceSignal(uapi.SIGBUS, kernelInfo(uapi.SIGBUS));
    default:
      return task.forceSignal(uapi.SIGSEGV, kernelInfo(uapi.SIGSEGV));
  }
}

function raisePageFault(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  const code = registers.errorCode;
  const wide = registers.faultAddress;
  const address = Number(wide);
  task.faultAddress = wide;
  if (address >= TASK_SIZE) {
    task.trapErrorCode = code | trap.PF_PRESENT; // the kernel half looks protected. arch/x86/mm/fault.c: set_signal_archinfo
    return task.forceSignal(uapi.SIGSEGV, faultInfo(uapi.SIGSEGV, uapi.SEGV_MAPERR, wide));
  }
  const access = accessOfFault((code & trap.PF_WRITE) !== 0, (code & trap.PF_INSTRUCTION) !== 0);
  switch (handleFault(task.mm, address, access)) {
    case FAULT_FORBIDDEN:
      return task.forceSignal(uapi.SIGSEGV, faultInfo(uapi.SIGSEGV, uapi.SEGV_ACCERR, address));
    case FAULT_BEYOND_FILE:
      return task.forceSignal(uapi.SIGBUS, faultInfo(uapi.SIGBUS, uapi.BUS_ADRERR, address));
    case FAULT_OUT_OF_MEMORY:
      return task.forceSignal(uapi.SIGKILL, kernelInfo(uapi.SIGKILL));
    default:
      return task.forceSignal(uapi.SIGSEGV, faultInfo(uapi.SIGSEGV, uapi.SEGV_MAPERR, address));
  }
}

/** arch/x86/kernel/traps.c: get_si_code */
function debugCode(cpu: Cpu): number {
  return cpu.processor.registers.errorCode === trap.DR6_SINGLE_STEP ? uapi.TRAP_TRACE : uapi.TRAP_BRKPT;
}

/** The unmasked exception that is there, most important first. arch/x86/kernel/fpu/core.c: fpu__exception_code */
function floatingPointCode(cpu: Cpu, vector: number): number {
  const view = cpu.processor.memory.view;
  const status =
    vector === trap.SIMD_FLOATING_POINT
      ? view.getUint32(cpuState.STATE + cpuState.OFFSET_MXCSR, true)
      : view.getUint32(cpuState.STATE + cpuState.OFFSET_FPU_STATUS, true);
  const control =
    vector === trap.SIMD_FLOATING_POINT
      ? status >>> 7
      : view.getUint32(cpuState.STATE + cpuState.OFFSET_FPU_CONTROL, true);
  const unmasked = status & ~control;
  if (unmasked & 1) return uapi.FPE_FLTINV;
  if (unmasked & 4) return uapi.FPE_FLTDIV;
  if (unmasked & 8) return uapi.FPE_FLTOVF;
  if (unmasked & (16 | 2)) return uapi.FPE_FLTUND;
  return unmasked & 32 ? uapi.FPE_FLTRES : 0;
}
