// Registers as ptrace takes them: struct user_regs_struct and user_fpregs_struct of 64-bit programs, and offsets into struct user.
import type { ArgumentType } from "./argument.js";
import { unsignedNumber } from "./digits.js";
import { address, hexInt, hexLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { bytes, type Field, type Fields, type Struct, struct, u16, u32, u64 } from "./struct.js";

const generalNames =
  "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs";

/** Words in an array of `count`, as many as the view has. */
const words = (count: number): Field =>
  bytes(
    4 * count,
    (c, view, at) => {
      const there = Math.min(count, Math.floor((view.byteLength - at) / 4));
      const shown = c.abbreviate ? Math.min(there, c.style.stringLimit) : there;
      c.out.punct("[");
      for (let i = 0; i < shown; i++) {
        if (i > 0) c.out.punct(", ");
        hexInt.show(c, view.getInt32(at + 4 * i, true), 0);
      }
      if (shown < there) c.out.punct(shown > 0 ? ", ..." : "...");
      c.out.punct("]");
    },
    4,
  );

export const generalRegisters: Struct<Fields> = struct(
  Object.fromEntries(generalNames.split(" ").map((name) => [name, u64(hexLong)])),
);

export const floatRegisters: Struct<Fields> = struct({
  cwd: u16(hexInt),
  swd: u16(hexInt),
  ftw: u16(hexInt),
  fop: u16(hexInt),
  rip: u64(hexLong),
  rdp: u64(hexLong),
  mxcsr: u32(hexInt),
  mxcr_mask: u32(hexInt),
  st_space: words(32),
  xmm_space: words(64),
  padding: words(24),
});

/** What there is of a set of registers that may be cut: arrays have fewer elements, other fields are missing. */
export function showRegisters(c: ShowContext, view: DataView, registers: Struct<Fields>, saidLength: number): void {
  const names = Object.keys(registers.fields).filter((name) => registers.offset(name) < view.byteLength);
  c.out.punct("{");
  registers.showFields(c, view, names);
  if (saidLength > registers.size()) c.out.punct(", ...");
  c.out.punct("}");
}

const USER = 912;
const places: readonly (readonly [offset: number, name: string])[] = [
  ...[..."R15 R14 R13 R12 RBP RBX R11 R10 R9 R8 RAX RCX RDX RSI RDI ORIG_RAX RIP CS EFL RSP SS".split(" ")].map(
    (name, index): readonly [number, string] => [8 * index, `8*${name}`],
  ),
  ...(
    [
      [216, "u_fpvalid"],
      [224, "i387"],
      [736, "u_tsize"],
      [744, "u_dsize"],
      [752, "u_ssize"],
      [760, "start_code"],
      [768, "start_stack"],
      [776, "signal"],
      [784, "reserved"],
      [792, "u_ar0"],
      [800, "u_fpstate"],
      [808, "magic"],
      [816, "u_comm"],
      [848, "u_debugreg"],
    ] as const
  ).map(([offset, name]): readonly [number, string] => [offset, `offsetof(struct user, ${name})`]),
  [USER, "sizeof(struct user)"],
];

/** An offset into struct user, by what is there or before it. */
export const userOffset: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const offset = unsignedNumber(low, high);
    if (offset > USER) {
      address.show(c, low, high);
      return;
    }
    const [start, name] = places.findLast(([from]) => from <= offset) as (typeof places)[number];
    const rest = offset - start;
    const text = rest === 0 ? name : `${name}+${rest}`;
    if (c.style.constants === "abbrev") {
      c.out.flag(text);
      return;
    }
    address.show(c, low, high);
    if (c.style.constants === "verbose") c.out.comment(` /* ${text} */`);
  },
};
