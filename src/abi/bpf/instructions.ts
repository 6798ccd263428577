// Instructions of the kernel's virtual machine: struct bpf_insn.
import { bpfRegisters } from "../constants/bpf.js";
import { hexInt, oneOf } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { bytes, s16, s32, struct } from "../struct.js";
import { showInstructionCode } from "./code.js";

export const BPF_INSN = 8;

const register = oneOf(bpfRegisters);

const instruction = struct({
  code: bytes(1, (c, view, offset) => showInstructionCode(c, view.getUint8(offset))),
  dst_reg: bytes(1, showRegisters),
  off: s16(),
  imm: s32(hexInt),
});

/** Both registers are in one byte. */
function showRegisters(c: ShowContext, view: DataView, offset: number): void {
  const both = view.getUint8(offset);
  register.show(c, both & 0xf, 0);
  c.out.punct(", ");
  c.out.name("src_reg");
  c.out.punct("=");
  register.show(c, both >> 4, 0);
}

export function showInstruction(c: ShowContext, view: DataView): void {
  instruction.show(c, view);
}
