// Operation codes of BPF: a class, and what the other bits are in it. See the kernel's bpf(2) and filter(7).
import {
  BPF_ALU,
  BPF_ALU64,
  BPF_JMP,
  BPF_LD,
  BPF_LDX,
  BPF_MISC,
  BPF_RET,
  BPF_ST,
  BPF_STX,
  bpfClasses,
  bpfJumps,
  bpfModes,
  bpfOperations,
  bpfSizes,
  bpfSources,
  filterClasses,
  filterModes,
  filterMoves,
  filterReturns,
} from "../constants/bpf.js";
import { hex } from "../digits.js";
import type { ShowContext } from "../show.js";
import { type Enumeration, showEnumeration } from "../tables.js";

const CLASS = 0x07;
const SIZE = 0x18;
const MODE = 0xe0;
const SOURCE = 0x08;
const OPERATION = 0xf0;
const RETURNED = 0x18;
const MOVE = 0xf8;

export const classOf = (code: number): number => code & CLASS;
export const modeOf = (code: number): number => code & MODE;

function showNext(c: ShowContext, table: Enumeration, value: number): void {
  c.out.punct("|");
  showEnumeration(c, table, value);
}

/** Bits that mean nothing. */
function showRest(c: ShowContext, rest: number): void {
  if (rest === 0) return;
  c.out.punct("|");
  c.out.number(hex(rest));
  c.out.comment(" /* BPF_??? */");
}

/** The code of an instruction of the kernel's virtual machine. */
export function showInstructionCode(c: ShowContext, code: number): void {
  const kind = classOf(code);
  showEnumeration(c, bpfClasses, kind);
  switch (kind) {
    case BPF_LD:
    case BPF_LDX:
    case BPF_ST:
    case BPF_STX:
      showNext(c, bpfSizes, code & SIZE);
      return showNext(c, bpfModes, code & MODE);
    case BPF_ALU:
    case BPF_ALU64:
      showNext(c, bpfSources, code & SOURCE);
      return showNext(c, bpfOperations, code & OPERATION);
    case BPF_JMP:
      showNext(c, bpfSources, code & SOURCE);
      return showNext(c, bpfJumps, code & OPERATION);
    default:
      return showRest(c, code & ~CLASS);
  }
}

/** The code of an instruction of a classic filter. */
export function showFilterCode(c: ShowContext, code: number): void {
  const kind = classOf(code);
  showEnumeration(c, filterClasses, kind);
  switch (kind) {
    case BPF_LD:
    case BPF_LDX:
      showNext(c, bpfSizes, code & SIZE);
      return showNext(c, filterModes, code & MODE);
    case BPF_ALU:
      showNext(c, bpfSources, code & SOURCE);
      return showNext(c, bpfOperations, code & OPERATION);
    case BPF_JMP:
      showNext(c, bpfSources, code & SOURCE);
      return showNext(c, bpfJumps, code & OPERATION);
    case BPF_RET:
      showNext(c, filterReturns, code & RETURNED);
      return showRest(c, code & ~(CLASS | RETURNED));
    case BPF_MISC:
      showNext(c, filterMoves, code & MOVE);
      return showRest(c, code & ~(CLASS | MOVE));
    default:
      return showRest(c, code & ~CLASS);
  }
}
