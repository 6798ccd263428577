// Which processor register goes to which word of pt_regs, for each place where the entry code pushes or pops a group of them.
import {
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
  RSP,
} from "../../machine/state-layout.js";
import * as pt from "./pt-regs.js";

/** Pairs of processor register and pt_regs word. */
export type RegisterGroup = Uint8Array;

type Pair = readonly [register: number, word: number];

function group(...pairs: readonly Pair[]): RegisterGroup {
  return Uint8Array.from(pairs.flat());
}

/** In every group but the last one. rcx and r11, which `syscall` uses up, are each group's own affair. */
const ARGUMENTS: readonly Pair[] = [
  [RDI, pt.PT_DI],
  [RSI, pt.PT_SI],
  [RDX, pt.PT_DX],
  [R8, pt.PT_R8],
  [R9, pt.PT_R9],
  [R10, pt.PT_R10],
];

/** What `syscall` leaves in registers: rcx is the user's rip, r11 his rflags. */
export const PUSHED_BY_SYSCALL = group(
  ...ARGUMENTS,
  [RAX, pt.PT_ORIG_AX],
  [RCX, pt.PT_IP],
  [RCX, pt.PT_CX],
  [R11, pt.PT_FLAGS],
  [R11, pt.PT_R11],
);

/** SAVE_EXTRA_REGS */
export const EXTRA_REGISTERS = group(
  [RBX, pt.PT_BX],
  [RBP, pt.PT_BP],
  [R12, pt.PT_R12],
  [R13, pt.PT_R13],
  [R14, pt.PT_R14],
  [R15, pt.PT_R15],
);

/** What `int $0x80` leaves: all registers are the program's. */
export const PUSHED_BY_INT80 = Uint8Array.of(
  ...group(...ARGUMENTS, [RAX, pt.PT_ORIG_AX], [RCX, pt.PT_CX], [R11, pt.PT_R11]),
  ...EXTRA_REGISTERS,
);

/** What an exception pushes beside the frame of the hardware: SAVE_C_REGS. */
export const C_REGISTERS = group(...ARGUMENTS, [RAX, pt.PT_AX], [RCX, pt.PT_CX], [R11, pt.PT_R11], [RSP, pt.PT_SP]);

/** RESTORE_C_REGS_EXCEPT_RCX_R11, and rcx and r11 as SYSRET wants them. */
export const POPPED_BY_SYSRET = group(
  ...ARGUMENTS,
  [RAX, pt.PT_AX],
  [RCX, pt.PT_IP],
  [R11, pt.PT_FLAGS],
  [RSP, pt.PT_SP],
);

/** `live` is Mm.registers. */
export function push(registers: RegisterGroup, live: Int32Array, regs: pt.PtRegs): void {
  const { words } = regs;
  for (let i = 0; i < registers.length; i += 2) {
    const from = registers[i] * 2;
    const to = registers[i + 1] * 2;
    words[to] = live[from];
    words[to + 1] = live[from + 1];
  }
}

export function pop(registers: RegisterGroup, live: Int32Array, regs: pt.PtRegs): void {
  const { words } = regs;
  for (let i = 0; i < registers.length; i += 2) {
    const to = registers[i] * 2;
    const from = registers[i + 1] * 2;
    live[to] = words[from];
    live[to + 1] = words[from + 1];
  }
}
