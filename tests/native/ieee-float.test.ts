// The soft binary32 and binary64 against the processor's SSE: every rounding mode, with and without DAZ and FTZ.
import { describe, expect, test } from "vitest";
import * as ieee from "../../src/lib/ieee-float.js";
import { type CpuCase, DATA_WINDOW, initialXsave } from "./cpu-case.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";

const COUNT = Number(process.env.TSSTRACE_SSE_CASES ?? 2000);

interface Operands {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  readonly mxcsr: number;
}

interface Instruction {
  readonly name: string;
  /** Of xmm0 (a), xmm1 (b) and xmm2 (c); the result goes to xmm0, or to rax or rflags. */
  readonly code: readonly number[];
  readonly size: number;
  readonly result: "xmm" | "rax" | "rflags";
  readonly resultSize?: number;
  readonly soft: (operands: Operands) => { bits: bigint; flags: number };
}

type Binary = (a: bigint, b: bigint, format: ieee.Format, mxcsr: number) => ieee.FloatResult;

function both(name: string, opcode: number, operation: Binary): Instruction[] {
  return [4, 8].map((size) => ({
    name: `${name}${size === 4 ? "ss" : "sd"}`,
    code: [size === 4 ? 0xf3 : 0xf2, 0x0f, opcode, 0xc1],
    size,
    result: "xmm",
    soft: ({ a, b, mxcsr }) => operation(a, b, ieee.formatOf(size), mxcsr),
  }));
}

function toInteger(name: string, opcode: number, mode?: number): Instruction[] {
  return [4, 8].flatMap((size) =>
    [4, 8].map(
      (resultSize): Instruction => ({
        name: `${name} xmm${size} r${resultSize * 8}`,
        code: [size === 4 ? 0xf3 : 0xf2, resultSize === 8 ? 0x48 : 0x40, 0x0f, opcode, 0xc1],
        size,
        result: "rax",
        resultSize,
        soft: ({ b, mxcsr }) => ieee.toInteger(b, ieee.formatOf(size), resultSize * 8, mxcsr, mode),
      }),
    ),
  );
}

function roundTo(control: number): Instruction[] {
  return [4, 8].map((size) => ({
    name: `round ${size} ${control}`,
    code: [0x66, 0x0f, 0x3a, size === 4 ? 0x0a : 0x0b, 0xc1, control],
    size,
    result: "xmm",
    soft: ({ b, mxcsr }) => ieee.roundToIntegral(b, ieee.formatOf(size), control, mxcsr),
  }));
}

function comparison(name: string, opcode: number, signalQuiet: boolean): Instruction[] {
  return [4, 8].map((size) => ({
    name: `${name} ${size}`,
    code: [...(size === 8 ? [0x66] : []), 0x0f, opcode, 0xc1],
    size,
    result: "rflags",
    soft: ({ a, b, mxcsr }) => {
      const { order, flags } = ieee.compare(a, b, ieee.formatOf(size), signalQuiet, mxcsr);
      return { bits: order === undefined ? 0x45n : order === 0 ? 0x40n : order < 0 ? 1n : 0n, flags };
    },
  }));
}

const instructions: Instruction[] = [
  ...both("add", 0x58, ieee.add),
  ...both("sub", 0x5c, ieee.subtract),
  ...both("mul", 0x59, ieee.multiply),
  ...both("div", 0x5e, ieee.divide),
  ...both("sqrt", 0x51, (_a, b, format, mxcsr) => ieee.squareRoot(b, format, mxcsr)),
  {
    name: "cvtss2sd",
    code: [0xf3, 0x0f, 0x5a, 0xc1],
    size: 4,
    result: "xmm",
    resultSize: 8,
    soft: ({ b, mxcsr }) => ieee.convert(b, ieee.BINARY32, ieee.BINARY64, mxcsr),
  },
  {
    name: "cvtsd2ss",
    code: [0xf2, 0x0f, 0x5a, 0xc1],
    size: 8,
    result: "xmm",
    resultSize: 4,
    soft: ({ b, mxcsr }) => ieee.convert(b, ieee.BINARY64, ieee.BINARY32, mxcsr),
  },
  ...toInteger("cvt2si", 0x2d),
  ...toInteger("cvtt2si", 0x2c, 3),
  ...[4, 8].map(
    (size): Instruction => ({
      name: `cvtsi2 ${size}`,
      code: [size === 4 ? 0xf3 : 0xf2, 0x48, 0x0f, 0x2a, 0xc1],
      size: 8, // b is rcx
      result: "xmm",
      resultSize: size,
      soft: ({ b, mxcsr }) => ieee.fromInteger(BigInt.asIntN(64, b), ieee.formatOf(size), mxcsr),
    }),
  ),
  ...[0, 1, 2, 3, 4, 12].flatMap(roundTo),
  ...[4, 8].map(
    (size): Instruction => ({
      name: `vfmadd213 ${size}`, // xmm0 = xmm1 * xmm0 + xmm2
      code: [0xc4, 0xe2, size === 4 ? 0x71 : 0xf1, 0xa9, 0xc2],
      size,
      result: "xmm",
      soft: ({ a, b, c, mxcsr }) => ieee.multiplyAdd(b, a, c, ieee.formatOf(size), mxcsr),
    }),
  ),
  ...comparison("ucomis", 0x2e, false),
  ...comparison("comis", 0x2f, true),
];

function randomBits(random: Random, size: number): bigint {
  const [exponentBits, fractionBits] = size === 4 ? [8, 23] : [11, 52];
  const top = (1 << exponentBits) - 1;
  const middle = top >> 1;
  const near = middle - 70 + random.below(140);
  const exponent = random.pick([
    0,
    0,
    1,
    2,
    middle,
    near,
    near,
    near,
    top - 1,
    top,
    random.below(top + 1),
    random.below(top + 1),
  ]);
  const fraction = random.pick([0n, 1n, -1n, 1n << BigInt(fractionBits - 1), random.bits64(), random.bits64()]);
  const sign = BigInt(random.below(2)) << BigInt(exponentBits);
  return ((sign | BigInt(exponent)) << BigInt(fractionBits)) | BigInt.asUintN(fractionBits, fraction);
}

function makeCase({ code }: Instruction, { a, b, c, mxcsr }: Operands): CpuCase {
  const xsave = initialXsave();
  const view = new DataView(xsave.buffer);
  view.setUint32(24, mxcsr, true);
  view.setBigUint64(160, a, true);
  view.setBigUint64(176, b, true);
  view.setBigUint64(192, c, true);
  const gpr = Array.from({ length: 16 }, (_, index) => (index === 1 ? b : 0n));
  return { code: Uint8Array.from(code), gpr, rflags: 0, xsave, data: new Uint8Array(DATA_WINDOW) };
}

const unavailable = nativeUnavailable();

describe.skipIf(unavailable)(`SSE scalar floats${unavailable ? ` (skipped: ${unavailable})` : ""}`, () => {
  test.each(instructions)("$name", async (instruction) => {
    const random = new Random(COUNT);
    const inputs = Array.from({ length: COUNT }, (): Operands => {
      const a = randomBits(random, instruction.size);
      const b = random.below(8) === 0 ? a : randomBits(random, instruction.size);
      const c = randomBits(random, instruction.size);
      return { a, b, c, mxcsr: 0x1f80 | (random.below(4) << 13) | random.pick([0, 0, 0x40, 0x8000, 0x8040]) };
    });
    const outcomes = await runNative(inputs.map((input) => makeCase(instruction, input)));
    const mask = (1n << BigInt((instruction.resultSize ?? instruction.size) * 8)) - 1n;
    const differences = inputs.flatMap((input, index) => {
      const { gpr, rflags, xsave } = outcomes[index];
      const view = new DataView(xsave.buffer, xsave.byteOffset);
      const results = { xmm: view.getBigUint64(160, true) & mask, rax: gpr[0] & mask, rflags: BigInt(rflags & 0x8d5) };
      const native = `${results[instruction.result].toString(16)} ${(view.getUint32(24, true) & 0x3f).toString(16)}`;
      const { bits, flags } = instruction.soft(input);
      const soft = `${bits.toString(16)} ${flags.toString(16)}`;
      const operands = `${input.a.toString(16)} ${input.b.toString(16)} mxcsr ${input.mxcsr.toString(16)}`;
      return soft === native ? [] : [`${operands}: soft ${soft}, native ${native}`];
    });
    expect(differences.slice(0, 8), `${differences.length} differences`).toEqual([]);
  });
});
