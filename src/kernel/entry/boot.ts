// What the kernel sets up on a CPU before the first program runs. arch/x86/kernel/cpu/common.c: syscall_init
import type { Processor } from "../../machine/processor.js";
import { AC, DF, IF, IOPL, NT, TF } from "../../machine/state-layout.js";
import { Cpu, PER_CPU_HIGH, PER_CPU_LOW } from "./cpu.js";
import { Idt, trapInit } from "./idt.js";
import { INVALID_CS, KERNEL_CS, USER32_CS } from "./selectors.js";

/** How the kernel was configured, as far as it is a matter of choice. */
export interface KernelConfig {
  /** CONFIG_IA32_EMULATION. */
  readonly ia32: boolean;
  /** CONFIG_X86_X32_ABI. */
  readonly x32: boolean;
}

/** As distributions have it. */
export const DEFAULT_CONFIG: KernelConfig = { ia32: true, x32: false };

/** Kernel text: where the entry points are. Only their being distinct and non-canonical for users matters. */
export const KERNEL_TEXT_HIGH = 0xffffffff | 0;
export const ENTRY_SYSCALL_64 = 0x81a00000 | 0;
export const ENTRY_SYSCALL_COMPAT = 0x81a01000 | 0;
export const ENTRY_SYSENTER_COMPAT = 0x81a02000 | 0;
export const IGNORE_SYSRET = 0x81a03000 | 0;

export function bootCpu(processor: Processor, options: KernelConfig): Cpu {
  const idt = new Idt();
  trapInit(idt, options.ia32);
  const cpu = new Cpu(processor, idt);
  syscallInit(cpu, options);
  // In user mode GS base is the program's and the kernel's waits in the MSR.
  cpu.msr.kernelGsBase.set(PER_CPU_LOW, PER_CPU_HIGH);
  return cpu;
}

function syscallInit(cpu: Cpu, { ia32 }: KernelConfig): void {
  const { msr } = cpu;
  msr.star.set(0, (USER32_CS << 16) | KERNEL_CS);
  msr.lstar.set(ENTRY_SYSCALL_64, KERNEL_TEXT_HIGH);
  msr.fmask.set(TF | DF | IF | IOPL | AC | NT, 0);
  if (ia32) {
    msr.cstar.set(ENTRY_SYSCALL_COMPAT, KERNEL_TEXT_HIGH);
    msr.sysenterCs.set(KERNEL_CS, 0);
    msr.sysenterEsp.set(0, 0);
    msr.sysenterEip.set(ENTRY_SYSENTER_COMPAT, KERNEL_TEXT_HIGH);
  } else {
    msr.cstar.set(IGNORE_SYSRET, KERNEL_TEXT_HIGH);
    msr.sysenterCs.set(INVALID_CS, 0);
    msr.sysenterEsp.set(0, 0);
    msr.sysenterEip.set(0, 0);
  }
}
