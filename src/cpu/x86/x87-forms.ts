// The forms x87 instructions come in: with a register, with an operand from memory, with the address of one. All are microcode over
// lib/float80, since programs of today use x87 for long double alone.

import type { Float80Result } from "../../lib/float80/float80.js";
import * as float80 from "../../lib/float80/float80.js";
import { X87_FLOATING_POINT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { BASED } from "../code-address.js";
import { LOAD32, LOAD64 } from "../ir/builder.js";
import type { Access, Node } from "../ir/node.js";
import type { Emitter } from "./emitter.js";
import { Fpu } from "./fpu.js";
import { instruction } from "./opcode-table.js";

// Bits of the status word.
export const MEMORY = { memory: true };
export const INVALID = 0x01;
export const ZERO_DIVIDE = 0x04;
export const OVERFLOW = 0x08;
export const UNDERFLOW = 0x10;
export const STACK_FAULT = 0x40;
/** An unmasked exception is pending. */
const SUMMARY = 0x80;

/** How an instruction stands to pending exceptions and to the pointers to the last instruction. */
export type Kind = "computing" | "waiting control" | "control";

/** Does the instruction, or nothing of it: `act` checks memory before it changes anything. */
function perform(kind: Kind, fpu: Fpu, act: () => void): void {
  if (kind !== "control") fpu.wait();
  act();
  if (kind === "computing") fpu.noteLast();
}

/** An x87 instruction without a memory operand. */
export const x87 = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, index: number) => void,
  options = MEMORY as object,
  kind: Kind = "computing",
) =>
  instruction(name, rows, options, (x) => {
    const index = x.i.rm & 7;
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      perform(kind, fpu, () => run(fpu, index));
    });
  });

const SCRATCH_OFFSET = layout.OFFSET_SCRATCH + 8;

/** Leaves for microcode what FDP will be: the operand's address without the segment's base. */
function noteOffset(x: Emitter, address: Node): void {
  x.stateStore(SCRATCH_OFFSET, LOAD64, x.i.segment < 0 && x.i.mode !== BASED ? address : x.offset());
}

/** A pending exception comes before one of the operand's memory. */
function waitFirst(x: Emitter, kind: Kind): void {
  if (kind === "control") return;
  const status = x.stateLoad(layout.OFFSET_FPU_STATUS, LOAD32);
  x.trapWhen(x.and(status, x.i32(SUMMARY)), X87_FLOATING_POINT);
}

/** With an operand read from memory: its bits, zero-extended. */
export const fromMemory = (
  name: string,
  row: string,
  access: Access,
  run: (fpu: Fpu, bits: bigint) => void,
  kind: Kind = "computing",
) =>
  instruction(name, [row], MEMORY, (x) => {
    waitFirst(x, kind);
    const address = x.effectiveAddress();
    const value = x.load(access, address);
    x.stateStoreScratch(value.type === access.type && access.size === 8 ? value : x.extendU(value));
    noteOffset(x, address);
    x.runMicrocode((core) => {
      const fpu = new Fpu(core, core.state64(SCRATCH_OFFSET));
      perform(kind, fpu, () => run(fpu, core.scratch64()));
    });
  });

/** With the operand's address; `narrow` says that the operand size is 16 bits. */
export const atMemory = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, address: number, narrow: boolean) => void,
  kind: Kind = "computing",
) =>
  instruction(name, rows, MEMORY, (x) => {
    waitFirst(x, kind);
    const address = x.effectiveAddress();
    x.stateStoreScratch(address);
    noteOffset(x, address);
    const narrow = x.i.operandSize === 16;
    x.runMicrocode((core) => {
      const fpu = new Fpu(core, core.state64(SCRATCH_OFFSET));
      perform(kind, fpu, () => run(fpu, core.scratchAddress(), narrow));
    });
  });

export const bytesOf = (bits: bigint, size: number) =>
  Uint8Array.from({ length: size }, (_, n) => Number((bits >> BigInt(8 * n)) & 0xffn));
export const bitsOf = (bytes: Uint8Array) => bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);

/** Operands of arithmetic and comparisons, from their bits in memory. */
export const single = (bits: bigint) => float80.widenFloat32(Number(bits));
export const double = (bits: bigint) => float80.widenFloat64(bits);
export const integer =
  (size: number) =>
  (bits: bigint): Float80Result => ({ value: float80.fromInteger(BigInt.asIntN(size, bits)), status: 0 });
