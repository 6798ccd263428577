// x87's transcendental instructions against the processor's. Its results are not always correctly rounded, so one unit in the last
// place is allowed between finite values; special values and exceptions must be the same.
import { describe, expect, test } from "vitest";
import * as float80 from "../../src/lib/float80/float80.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";
import { randomControl, randomFloat80, show80, type X87Outcome, x87Case, x87Outcome } from "./x87-case.js";

const COUNT = Number(process.env.TSSTRACE_X87_CASES ?? 2000);
const ULP_LIMIT = 1n;
/** IE, DE, ZE. */
const EXCEPTIONS = 7;

interface Instruction {
  readonly name: string;
  readonly code: readonly number[];
  /** The results st(0), st(1) after the instruction; one when it pushes nothing. */
  readonly soft: (st0: Float80, st1: Float80, control: number) => { values: Float80[]; status: number };
  /** Operands outside of it are undefined. */
  readonly domain: (random: Random) => Float80;
}

type Float80 = float80.Float80;

function one(operation: (a: Float80, b: Float80, control: number) => float80.Float80Result): Instruction["soft"] {
  return (a, b, control) => {
    const { value, status } = operation(a, b, control);
    return { values: [value], status };
  };
}

function two(operation: (a: Float80, control: number) => float80.TwoResults): Instruction["soft"] {
  return (a, _b, control) => {
    const { first, pushed, status } = operation(a, control);
    return status & float80.C2 ? { values: [first], status } : { values: [pushed, first], status };
  };
}

/** Numbers up to 2^`limit`, with now and then any encoding. */
function below(limit: number) {
  return (random: Random): Float80 => {
    const any = randomFloat80(random);
    if ((any.signExponent & 0x7fff) < 0x3fff + limit || random.below(4) === 0) return any;
    const exponent = 0x3fff + limit - 1 - random.below(80);
    return { signExponent: (any.signExponent & 0x8000) | exponent, mantissa: any.mantissa | (1n << 63n) };
  };
}

const instructions: Instruction[] = [
  { name: "fsin", code: [0xd9, 0xfe], soft: one((a, _b, control) => float80.sine(a, control)), domain: below(70) },
  { name: "fcos", code: [0xd9, 0xff], soft: one((a, _b, control) => float80.cosine(a, control)), domain: below(70) },
  { name: "fsincos", code: [0xd9, 0xfb], soft: two(float80.sineCosine), domain: below(70) },
  { name: "fptan", code: [0xd9, 0xf2], soft: two(float80.tangent), domain: below(70) },
  { name: "fpatan", code: [0xd9, 0xf3], soft: one(float80.arcTangent), domain: randomFloat80 },
  {
    name: "f2xm1",
    code: [0xd9, 0xf0],
    soft: one((a, _b, control) => float80.exponentialMinusOne(a, control)),
    domain: (random) => inside(below(0)(random), 0x3ffe),
  },
  { name: "fyl2x", code: [0xd9, 0xf1], soft: one(float80.timesLog2), domain: randomFloat80 },
  {
    name: "fyl2xp1",
    code: [0xd9, 0xf9],
    soft: one(float80.timesLog2PlusOne),
    domain: (random) => inside(below(-2)(random), 0x3ffc),
  },
];

/** Leaves special values, brings numbers that are too large down to the exponent `limit`. */
function inside(a: Float80, limit: number): Float80 {
  const exponent = a.signExponent & 0x7fff;
  if (exponent <= limit || (exponent === 0x7fff && a.mantissa !== 1n << 63n)) return a;
  return { signExponent: (a.signExponent & 0x8000) | limit, mantissa: a.mantissa };
}

/** Neighbouring floating-point numbers are 1 apart. */
function ordinal({ signExponent, mantissa }: Float80): bigint {
  const magnitude = (BigInt(signExponent & 0x7fff) << 63n) + (mantissa & ((1n << 63n) - 1n));
  return signExponent & 0x8000 ? -magnitude : magnitude;
}

function isSpecial(a: Float80): boolean {
  return (a.signExponent & 0x7fff) === 0x7fff;
}

function agree(soft: Float80, native: Float80): boolean {
  if (soft.signExponent === native.signExponent && soft.mantissa === native.mantissa) return true;
  if (isSpecial(soft) || isSpecial(native)) return false;
  const distance = ordinal(soft) - ordinal(native);
  return distance <= ULP_LIMIT && distance >= -ULP_LIMIT;
}

const unavailable = nativeUnavailable();

describe.skipIf(unavailable)(`x87 transcendentals${unavailable ? ` (skipped: ${unavailable})` : ""}`, () => {
  test.each(instructions)("$name", async ({ code, soft, domain }) => {
    const random = new Random(COUNT);
    const inputs = Array.from({ length: COUNT }, () => ({
      code,
      st0: domain(random),
      st1: randomFloat80(random),
      control: randomControl(random),
    }));
    const outcomes = await runNative(inputs.map(x87Case));
    const differences = inputs.flatMap((input, index) => {
      const native: X87Outcome = x87Outcome(outcomes[index]);
      const { values, status } = soft(input.st0, input.st1, input.control);
      const registers = [native.st0, native.st1];
      const mask = EXCEPTIONS | float80.C2;
      if (values.every((value, at) => agree(value, registers[at])) && (status & mask) === (native.status & mask))
        return [];
      const found = `soft ${values.map(show80).join(" ")} ${status.toString(16)}`;
      const wanted = `native ${registers.map(show80).join(" ")} ${native.status.toString(16)}`;
      return [`${show80(input.st0)} ${show80(input.st1)} fcw ${input.control.toString(16)}: ${found}, ${wanted}`];
    });
    expect(differences.slice(0, 10), `${differences.length} differences`).toEqual([]);
  });
});
