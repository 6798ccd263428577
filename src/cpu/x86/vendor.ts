// The makers whose processor this one can be: what CPUID says of them, and which of the ways into the kernel theirs have. In everything else
// it is Intel's. AMD64 Architecture Programmer's Manual vol. 3 and SDM vol. 2: SYSCALL, SYSENTER, CPUID
import { TRAP_SYSCALL_COMPAT, TRAP_SYSENTER } from "../../machine/processor.js";

export interface Maker {
  /** The twelve letters of CPUID leaf 0. */
  readonly id: string;
  /** Family, model and stepping as CPUID leaf 1 has them, by level of x86-64: 1 to 3. */
  readonly signature: (level: number) => number;
  /** The trap of an instruction that is none in compatibility mode: #UD. */
  readonly lacks: number;
}

export const MAKERS = {
  intel: {
    id: "GenuineIntel",
    signature: (level) => (level >= 3 ? 0x000306c3 : 0x000306a9),
    lacks: TRAP_SYSCALL_COMPAT,
  },
  amd: { id: "AuthenticAMD", signature: () => 0x00830f10, lacks: TRAP_SYSENTER },
} satisfies Readonly<Record<string, Maker>>;

export type Vendor = keyof typeof MAKERS;

export const VENDORS = Object.keys(MAKERS) as readonly Vendor[];

export const isVendor = (name: string): name is Vendor => Object.hasOwn(MAKERS, name);

/** The family a signature is of, extended family included. */
export function familyOf(signature: number): number {
  const family = (signature >>> 8) & 0xf;
  return family === 0xf ? family + ((signature >>> 20) & 0xff) : family;
}
