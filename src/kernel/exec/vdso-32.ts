// The vDSO of 32-bit programs: which of its symbols is where in an address space. arch/x86/entry/vdso/vdso32-setup.c
import type { Mm } from "../mm/mm.js";
import { vdso32Symbols } from "./vdso-image-32.js";

/** undefined in an address space without that vDSO. */
export function vdso32Symbol(mm: Mm, name: keyof typeof vdso32Symbols): number | undefined {
  return mm.vdso32 === 0 ? undefined : mm.vdso32 + vdso32Symbols[name];
}
