// The forms x87 instructions come in: with a register, with an operand from memory, with the address of one. All are microcode over
// lib/float80, since programs of today use x87 for long double alone.

import type { Float80Result } from "../../lib/float80/float80.js";
import * as float80 from "../../lib/float80/float80.js";
import type { Access } from "../ir/node.js";
import { Fpu } from "./fpu.js";
import { instruction } from "./opcode-table.js";

// Bits of the status word.
export const MEMORY = { memory: true };
export const INVALID = 0x01;
export const ZERO_DIVIDE = 0x04;
export const STACK_FAULT = 0x40;

/** A waiting x87 instruction without a memory operand. */
export const x87 = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, index: number) => void,
  options = MEMORY as object,
) =>
  instruction(name, rows, options, (x) => {
    const index = x.i.rm & 7;
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      fpu.wait();
      run(fpu, index);
    });
  });

/** With an operand read from memory: its bits, zero-extended. */
export const fromMemory = (name: string, row: string, access: Access, run: (fpu: Fpu, bits: bigint) => void) =>
  instruction(name, [row], MEMORY, (x) => {
    const value = x.load(access, x.effectiveAddress());
    x.stateStoreScratch(value.type === access.type && access.size === 8 ? value : x.extendU(value));
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      fpu.wait();
      run(fpu, core.scratch64());
    });
  });

/** With the operand's address. */
export const atMemory = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, address: number) => void,
  waits = true,
) =>
  instruction(name, rows, MEMORY, (x) => {
    x.stateStoreScratch(x.effectiveAddress());
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      if (waits) fpu.wait();
      run(fpu, core.scratchAddress());
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
