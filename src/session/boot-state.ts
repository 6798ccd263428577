// What the kernel sets up at boot for system calls and exceptions, as data: --msrs.
import { createProcessor } from "../cpu/processor.js";
import { bootCpu, DEFAULT_CONFIG, type KernelConfig } from "../kernel/entry/boot.js";
import * as msr from "../kernel/entry/msr.js";
import { syscalls } from "../syscalls/table.js";

export interface BootState {
  /** In the order of syscall_init. Values in hex. */
  readonly msrs: readonly { readonly number: string; readonly name: string; readonly value: string }[];
  readonly gates: readonly { readonly vector: number; readonly handler: string; readonly dpl: number }[];
  /** The slots of sys_call_table that are not sys_ni_syscall. */
  readonly slots: readonly { readonly number: number; readonly symbol: string }[];
}

const MSRS = [
  ["STAR", msr.IA32_STAR],
  ["LSTAR", msr.IA32_LSTAR],
  ["CSTAR", msr.IA32_CSTAR],
  ["SFMASK", msr.IA32_FMASK],
  ["SYSENTER_CS", msr.IA32_SYSENTER_CS],
  ["SYSENTER_ESP", msr.IA32_SYSENTER_ESP],
  ["SYSENTER_EIP", msr.IA32_SYSENTER_EIP],
  ["KERNEL_GS_BASE", msr.IA32_KERNEL_GS_BASE],
] as const;

export function bootState(config: Partial<KernelConfig> = {}): BootState {
  const processor = createProcessor({ timestamp: () => 0n, entropy: () => {} });
  const cpu = bootCpu(processor, { ...DEFAULT_CONFIG, ...config });
  const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
  return {
    msrs: MSRS.map(([name, number]) => ({ number: hex(number), name, value: hex(cpu.msr.find(number)?.value ?? 0) })),
    gates: [...cpu.idt.gates].map(([vector, gate]) => ({ vector, handler: gate.handler, dpl: gate.dpl })),
    slots: syscalls
      .flatMap(({ name, nr, run }) =>
        nr.x64 === undefined || run === undefined ? [] : [{ number: nr.x64, symbol: `sys_${name}` }],
      )
      .sort((a, b) => a.number - b.number),
  };
}
