// The forms x87 instructions come in: with a register, with an operand from memory, with the address of one. All are microcode over
// lib/float80; what programs use most is tried by x87-quick.ts first.

import type { Float80Result } from "../../lib/float80/float80.js";
import * as float80 from "../../lib/float80/float80.js";
import { X87_FLOATING_POINT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { BASED } from "../code-address.js";
import { LOAD32, LOAD64 } from "../ir/builder.js";
import type { Access, Node } from "../ir/node.js";
import type { Emitter } from "./emitter.js";
import * as flags from "./flags.js";
import { Fpu } from "./fpu.js";
import { instruction } from "./opcode-table.js";
import * as quick from "./x87-quick.js";

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

/** Of the pointers to the last instruction, what `noteLast` does. */
function noteAddress(x: Emitter): void {
  const own = x.sub(x.nextAddress(), x.i64(x.i.length));
  x.stateStore(layout.OFFSET_FPU_IP, LOAD64, x.is64 ? own : x.extendU(x.wrap(own)));
}

/** The quick operation, else `exact`; `then` is what is left to do after the former. */
function attempt(x: Emitter, operation: number, exact: () => void, then = () => {}): void {
  const done = x.x87(operation);
  x.when(done, () => {
    then();
    noteAddress(x);
  });
  x.when(x.eqz(done), exact);
}

/** A comparison's flags, which the operation left in the scratch area. */
const takeFlags = (x: Emitter) => x.setLazy(flags.EXPLICIT, 8, x.stateLoad(quick.SCRATCH_VALUE, LOAD32));

/** An x87 instruction without a memory operand; `operation`: what is tried first, by the number of its register. */
export const x87 = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, index: number) => void,
  options = MEMORY as object,
  kind: Kind = "computing",
  operation?: (index: number) => number,
) =>
  instruction(name, rows, options, (x) => {
    const index = x.i.rm & 7;
    const exact = () =>
      x.runMicrocode((core) => {
        const fpu = new Fpu(core);
        perform(kind, fpu, () => run(fpu, index));
      });
    if (!operation) return exact();
    const setsFlags = x.i.row.definition.writeMask !== 0;
    attempt(x, operation(index), exact, () => setsFlags && takeFlags(x));
    if (setsFlags) x.forgetFlags();
  });

/** One that computes, and is tried first. */
export const quickly = (
  name: string,
  rows: readonly string[],
  operation: (index: number) => number,
  run: (fpu: Fpu, index: number) => void,
  options = MEMORY as object,
) => x87(name, rows, run, options, "computing", operation);

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

/** With an operand read from memory: its bits, zero-extended. `operations`: what converts it, and what is tried with that. */
export const fromMemory = (
  name: string,
  row: string,
  access: Access,
  run: (fpu: Fpu, bits: bigint) => void,
  kind: Kind = "computing",
  operations?: readonly [convert: number, use: number],
) =>
  instruction(name, [row], MEMORY, (x) => {
    waitFirst(x, kind);
    const address = x.effectiveAddress();
    const value = x.load(access, address);
    x.stateStoreScratch(value.type === access.type && access.size === 8 ? value : x.extendU(value));
    noteOffset(x, address);
    const exact = () =>
      x.runMicrocode((core) => {
        const fpu = new Fpu(core, core.state64(SCRATCH_OFFSET));
        perform(kind, fpu, () => run(fpu, core.scratch64()));
      });
    if (!operations) return exact();
    x.x87(operations[0]);
    attempt(x, operations[1], exact);
  });

/** With the operand's address; `narrow` says that the operand size is 16 bits. */
export const atMemory = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, address: number, narrow: boolean) => void,
  kind: Kind = "computing",
  store?: { readonly operation: number; readonly access: Access; readonly pops: boolean },
) =>
  instruction(name, rows, MEMORY, (x) => {
    waitFirst(x, kind);
    const address = x.effectiveAddress();
    const narrow = x.i.operandSize === 16;
    const exact = () => {
      x.stateStoreScratch(address);
      noteOffset(x, address);
      x.runMicrocode((core) => {
        const fpu = new Fpu(core, core.state64(SCRATCH_OFFSET));
        perform(kind, fpu, () => run(fpu, core.scratchAddress(), narrow));
      });
    };
    if (!store) return exact();
    attempt(x, store.operation, exact, () => {
      x.store(store.access, address, x.stateLoad(quick.SCRATCH_VALUE, store.access));
      x.stateStore(layout.OFFSET_FPU_STATUS, LOAD32, x.stateLoad(quick.SCRATCH_STATUS, LOAD32));
      if (store.pops) pop(x);
    });
  });

function pop(x: Emitter): void {
  const top = x.stateLoad(layout.OFFSET_FPU_TOP, LOAD32);
  const popped = x.shl(x.i32(1), top);
  const tag = x.and(x.stateLoad(layout.OFFSET_FPU_TAG, LOAD32), x.xor(popped, x.i32(-1)));
  x.stateStore(layout.OFFSET_FPU_TAG, LOAD32, tag);
  x.stateStore(layout.OFFSET_FPU_TOP, LOAD32, x.and(x.add(top, x.i32(1)), x.i32(7)));
}

export const bytesOf = (bits: bigint, size: number) =>
  Uint8Array.from({ length: size }, (_, n) => Number((bits >> BigInt(8 * n)) & 0xffn));
export const bitsOf = (bytes: Uint8Array) => bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);

/** Operands of arithmetic and comparisons, from their bits in memory. */
export const single = (bits: bigint) => float80.widenFloat32(Number(bits));
export const double = (bits: bigint) => float80.widenFloat64(bits);
export const integer =
  (size: number) =>
  (bits: bigint): Float80Result => ({ value: float80.fromInteger(BigInt.asIntN(size, bits)), status: 0 });
