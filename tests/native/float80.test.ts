// The soft 80-bit floating point against the processor's own x87: random and edge operands, every rounding and precision control.
import { describe, expect, test } from "vitest";
import * as arithmetic from "../../src/lib/float80/arithmetic.js";
import * as conversion from "../../src/lib/float80/conversion.js";
import type { Float80, Float80Result } from "../../src/lib/float80/encoding.js";
import { nearestRemainder, remainder } from "../../src/lib/float80/remainder.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";
import {
  randomControl,
  randomFloat80,
  show80,
  type X87Input,
  type X87Outcome,
  x87Case,
  x87Outcome,
} from "./x87-case.js";

const COUNT = Number(process.env.TSSTRACE_X87_CASES ?? 3000);
const { C0, C1, C2, C3 } = arithmetic;
const FLAGS = 0x3f;
const ALL_CODES = C0 | C1 | C2 | C3;

/** One instruction: its bytes, what the soft float says, and how to read the same off the processor. Both print to be compared. */
interface Instruction {
  readonly name: string;
  readonly code: readonly number[];
  readonly soft: (input: X87Input) => string;
  readonly native: (outcome: X87Outcome) => string;
  readonly memory?: (random: Random) => Uint8Array;
}

function registerInstruction(
  name: string,
  code: readonly number[],
  operation: (a: Float80, b: Float80, control: number) => Float80Result,
  statusMask = FLAGS | C1,
): Instruction {
  return {
    name,
    code,
    soft: ({ st0, st1, control }) => {
      const { value, status } = operation(st0, st1, control);
      return `${show80(value)} ${(status & statusMask).toString(16)}`;
    },
    native: ({ st0, status }) => `${show80(st0)} ${(status & statusMask).toString(16)}`,
  };
}

function statusInstruction(
  name: string,
  code: readonly number[],
  operation: (a: Float80, b: Float80) => number,
): Instruction {
  const mask = FLAGS | ALL_CODES;
  return {
    name,
    code,
    soft: ({ st0, st1 }) => (operation(st0, st1) & mask).toString(16),
    native: ({ status }) => (status & mask).toString(16),
  };
}

function storeInstruction(
  name: string,
  code: readonly number[],
  bytes: number,
  operation: (a: Float80, control: number) => conversion.Converted,
): Instruction {
  return {
    name,
    code,
    soft: ({ st0, control }) => {
      const { bits, status } = operation(st0, control);
      return `${bits.toString(16)} ${(status & (FLAGS | C1)).toString(16)}`;
    },
    native: ({ memory, status }) => `${readBits(memory, bytes).toString(16)} ${(status & (FLAGS | C1)).toString(16)}`,
  };
}

function memoryInstruction(
  name: string,
  code: readonly number[],
  operation: (memory: Uint8Array, st0: Float80, control: number) => Float80Result,
  memory: (random: Random) => Uint8Array,
): Instruction {
  return {
    name,
    code,
    memory,
    soft: (input) => {
      const { value, status } = operation(input.memory ?? new Uint8Array(16), input.st0, input.control);
      return `${show80(value)} ${(status & (FLAGS | C1)).toString(16)}`;
    },
    native: ({ st0, status }) => `${show80(st0)} ${(status & (FLAGS | C1)).toString(16)}`,
  };
}

function readBits(memory: Uint8Array, bytes: number): bigint {
  return memory.slice(0, bytes).reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function bytesOf(bits: bigint): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, index) => Number((bits >> BigInt(index * 8)) & 0xffn));
}

/** Binary32 or binary64 bits whose exponent is often at an edge. */
function randomBinary(random: Random, exponentBits: number, fractionBits: number): bigint {
  const top = (1 << exponentBits) - 1;
  const exponent = random.pick([0, 0, 1, top >> 1, top - 1, top, random.below(top + 1), random.below(top + 1)]);
  const fraction = random.pick([
    0n,
    1n,
    (1n << BigInt(fractionBits)) - 1n,
    1n << BigInt(fractionBits - 1),
    random.bits64(),
  ]);
  const bits = (BigInt(random.below(2)) << BigInt(exponentBits)) | BigInt(exponent);
  return (bits << BigInt(fractionBits)) | BigInt.asUintN(fractionBits, fraction);
}

const float32 = (random: Random) => bytesOf(randomBinary(random, 8, 23));
const float64 = (random: Random) => bytesOf(randomBinary(random, 11, 52));
const decimal = (random: Random) => {
  let bits = BigInt(random.below(2));
  for (let digit = 0; digit < 18; digit++) bits = (bits << 4n) | BigInt(random.below(10));
  return bytesOf((bits & ((1n << 72n) - 1n)) | ((bits >> 72n) << 79n));
};
const integer64 = (random: Random) => bytesOf(random.pick([random.bits64(), BigInt(random.below(100)), 1n << 63n]));

/** An operand from memory is widened first; what the widening found counts unless the answer is a NaN. */
function withOperand(operation: (a: Float80, b: Float80, control: number) => Float80Result) {
  return (st0: Float80, operand: Float80Result, control: number): Float80Result => {
    const result = operation(st0, operand.value, control);
    return isNaNResult(result) ? result : { value: result.value, status: result.status | operand.status };
  };
}

function isNaNResult({ value }: Float80Result): boolean {
  return (value.signExponent & 0x7fff) === 0x7fff && value.mantissa !== 1n << 63n;
}

const bits32 = (memory: Uint8Array) => Number(readBits(memory, 4));
const bits64 = (memory: Uint8Array) => readBits(memory, 8);
const instructions: Instruction[] = [
  registerInstruction("fadd", [0xd8, 0xc1], arithmetic.add),
  registerInstruction("fsub", [0xd8, 0xe1], arithmetic.subtract),
  registerInstruction("fmul", [0xd8, 0xc9], arithmetic.multiply),
  registerInstruction("fdiv", [0xd8, 0xf1], arithmetic.divide),
  registerInstruction("fsqrt", [0xd9, 0xfa], (a, _b, control) => arithmetic.squareRoot(a, control)),
  registerInstruction("frndint", [0xd9, 0xfc], (a, _b, control) => arithmetic.roundToInteger(a, control)),
  registerInstruction("fscale", [0xd9, 0xfd], arithmetic.scale),
  registerInstruction("fprem", [0xd9, 0xf8], remainder, FLAGS | ALL_CODES),
  registerInstruction("fprem1", [0xd9, 0xf5], nearestRemainder, FLAGS | ALL_CODES),
  statusInstruction("fcom", [0xd8, 0xd1], (a, b) => arithmetic.compare(a, b, false)),
  statusInstruction("fucom", [0xdd, 0xe1], (a, b) => arithmetic.compare(a, b, true)),
  statusInstruction("fxam", [0xd9, 0xe5], arithmetic.examine),
  {
    name: "fxtract",
    code: [0xd9, 0xf4],
    soft: ({ st0 }) => {
      const { exponent, significand, status } = arithmetic.extract(st0);
      return `${show80(significand)} ${show80(exponent)} ${(status & FLAGS).toString(16)}`;
    },
    native: ({ st0, st1, status }) => `${show80(st0)} ${show80(st1)} ${(status & FLAGS).toString(16)}`,
  },
  storeInstruction("fst m32", [0xd9, 0x13], 4, conversion.toFloat32),
  storeInstruction("fst m64", [0xdd, 0x13], 8, conversion.toFloat64),
  storeInstruction("fist m16", [0xdf, 0x13], 2, (a, control) => conversion.toInteger(a, 16, control)),
  storeInstruction("fist m32", [0xdb, 0x13], 4, (a, control) => conversion.toInteger(a, 32, control)),
  storeInstruction("fistp m64", [0xdf, 0x3b], 8, (a, control) => conversion.toInteger(a, 64, control)),
  storeInstruction("fisttp m16", [0xdf, 0x0b], 2, (a, control) => conversion.toInteger(a, 16, control, true)),
  storeInstruction("fisttp m64", [0xdd, 0x0b], 8, (a, control) => conversion.toInteger(a, 64, control, true)),
  storeInstruction("fbstp", [0xdf, 0x33], 10, conversion.toPackedDecimal),
  memoryInstruction("fld m32", [0xd9, 0x03], (memory) => conversion.loadFloat32(bits32(memory)), float32),
  memoryInstruction("fld m64", [0xdd, 0x03], (memory) => conversion.loadFloat64(bits64(memory)), float64),
  memoryInstruction(
    "fild m64",
    [0xdf, 0x2b],
    (memory) => ({ value: arithmetic.fromInteger(BigInt.asIntN(64, bits64(memory))), status: 0 }),
    integer64,
  ),
  memoryInstruction(
    "fbld",
    [0xdf, 0x23],
    (memory) => ({ value: conversion.fromPackedDecimal(readBits(memory, 10)), status: 0 }),
    decimal,
  ),
  memoryInstruction(
    "fadd m32",
    [0xd8, 0x03],
    (memory, st0, control) => withOperand(arithmetic.add)(st0, conversion.widenFloat32(bits32(memory)), control),
    float32,
  ),
  memoryInstruction(
    "fdiv m64",
    [0xdc, 0x33],
    (memory, st0, control) => withOperand(arithmetic.divide)(st0, conversion.widenFloat64(bits64(memory)), control),
    float64,
  ),
];

const unavailable = nativeUnavailable();

describe.skipIf(unavailable)(`x87${unavailable ? ` (skipped: ${unavailable})` : ""}`, () => {
  test.each(instructions)("$name", async (instruction) => {
    const random = new Random(COUNT);
    const inputs = Array.from({ length: COUNT }, (): X87Input => {
      const st0 = randomFloat80(random);
      return {
        code: instruction.code,
        st0,
        st1: random.below(8) === 0 ? st0 : randomFloat80(random),
        control: randomControl(random),
        memory: instruction.memory?.(random),
      };
    });
    const outcomes = await runNative(inputs.map(x87Case));
    const differences = inputs.flatMap((input, index) => {
      const native = instruction.native(x87Outcome(outcomes[index]));
      const soft = instruction.soft(input);
      if (soft === native) return [];
      const operands = `${show80(input.st0)} ${show80(input.st1)} ${input.memory ?? ""} fcw ${input.control.toString(16)}`;
      return [`${operands}: soft ${soft}, native ${native}`];
    });
    expect(differences.slice(0, 12), `${differences.length} differences`).toEqual([]);
  });
});
