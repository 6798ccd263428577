// The vDSO of 32-bit programs: its image, and which of its symbols is where in an address space. arch/x86/entry/vdso/vdso32-setup.c
import { fromBase64 } from "../../lib/bytes.js";
import type { Mm } from "../mm/mm.js";
import { vdso32Image, vdso32Symbols } from "./vdso-image-32.js";

/**
 * Where a symbol of it is. For a 64-bit program as well, as Linux does: there it is an address in another image, and who comes back to it has
 * used a door that was not his.
 */
export function vdsoSymbol32(mm: Mm, name: keyof typeof vdso32Symbols): number {
  return mm.vdso + vdso32Symbols[name];
}

/** mov %ecx, %ebp; syscall: in the place of mov %esp, %ebp; sysenter. arch/x86/entry/vdso/vdso32/system_call.S: SYSCALL_SEQUENCE */
const SYSCALL_SEQUENCE = [0x89, 0xcd, 0x0f, 0x05];
/** Behind it, `int $0x80`. */
const INT80_LENGTH = 2;

const images: { sysenter?: Uint8Array; syscall?: Uint8Array } = {};

/** The image, with the way into the kernel that the processor has. */
export function vdso32Bytes(hasSyscall32: boolean): Uint8Array {
  images.sysenter ??= fromBase64(vdso32Image);
  if (!hasSyscall32) return images.sysenter;
  if (images.syscall === undefined) {
    images.syscall = images.sysenter.slice();
    const end = vdso32Symbols.int80_landing_pad - INT80_LENGTH;
    images.syscall.set(SYSCALL_SEQUENCE, end - SYSCALL_SEQUENCE.length);
  }
  return images.syscall;
}
