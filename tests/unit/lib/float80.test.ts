// 80-bit floating point on known values; tests/native compares it with a real x87 on random ones.
import { describe, expect, test } from "vitest";
import * as x87 from "../../../src/lib/float80/float80.js";

const CONTROL = 0x37f; // 64 bits, to nearest
const DOWNWARD = CONTROL | 0x400;
const SINGLE = 0x7f;
const PRECISION = 0x20;
const ROUNDED_UP = 0x200;

const number = (value: number) => {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0];
  return x87.loadFloat64(bits).value;
};
const show = ({ signExponent, mantissa }: x87.Float80) => `${signExponent.toString(16)}:${mantissa.toString(16)}`;

describe("arithmetic", () => {
  test("a third, rounded to nearest, down, and to 24 bits", () => {
    const third = (control: number) => {
      const { value, status } = x87.divide(number(1), number(3), control);
      return [show(value), status];
    };
    expect(third(CONTROL)).toEqual(["3ffd:aaaaaaaaaaaaaaab", PRECISION | ROUNDED_UP]);
    expect(third(DOWNWARD)).toEqual(["3ffd:aaaaaaaaaaaaaaaa", PRECISION]);
    expect(third(SINGLE)).toEqual(["3ffd:aaaaab0000000000", PRECISION | ROUNDED_UP]);
  });

  test("invalid operations answer the default NaN, division by zero an infinity", () => {
    expect(x87.subtract(x87.infinity(0), x87.infinity(0), CONTROL)).toEqual({ value: x87.DEFAULT_NAN, status: 1 });
    expect(x87.divide(number(-2), x87.zero(0), CONTROL)).toEqual({ value: x87.infinity(1), status: 4 });
    expect(x87.squareRoot(number(-4), CONTROL).value).toEqual(x87.DEFAULT_NAN);
  });

  test("exact results set no flag", () => {
    expect(x87.add(number(0.5), number(0.25), CONTROL)).toEqual({ value: number(0.75), status: 0 });
    expect(x87.squareRoot(number(81), CONTROL)).toEqual({ value: number(9), status: 0 });
  });

  test("comparison and classification", () => {
    expect(x87.compare(number(1), number(2), false)).toBe(x87.C0);
    expect(x87.compare(number(0), number(-0), false)).toBe(x87.C3);
    expect(x87.compare(x87.DEFAULT_NAN, number(0), true)).toBe(x87.C3 | x87.C2 | x87.C0);
    expect(x87.examine(number(-1))).toBe(x87.C2 | x87.C1);
  });
});

describe("conversion", () => {
  test("to integers, with the integer indefinite out of range", () => {
    expect(x87.toInteger(number(-2.5), 32, CONTROL)).toEqual({ bits: 0xffff_fffen, status: PRECISION });
    expect(x87.toInteger(number(2.5), 32, CONTROL, true).bits).toBe(2n);
    expect(x87.toInteger(number(1e10), 32, CONTROL)).toEqual({ bits: 0x8000_0000n, status: 1 });
  });

  test("packed decimal goes both ways", () => {
    const packed = x87.toPackedDecimal(number(-1234567), CONTROL).bits;
    expect(packed.toString(16)).toBe("80000000000001234567");
    expect(x87.fromPackedDecimal(packed)).toEqual(number(-1234567));
  });

  test("doubles survive the way there and back", () => {
    for (const value of [0.1, -1e308, 5e-324, 2 ** -1022, Math.PI]) {
      const bits = new BigUint64Array(Float64Array.of(value).buffer)[0];
      expect(x87.toFloat64(x87.loadFloat64(bits).value, CONTROL)).toEqual({ bits, status: 0 });
    }
  });
});

describe("transcendentals", () => {
  const asDouble = (value: x87.Float80) => {
    const bits = x87.toFloat64(value, CONTROL).bits;
    return new Float64Array(BigUint64Array.of(bits).buffer)[0];
  };

  test.each([0.001, 0.5, 1, 2, 10, 1e5])("agree with Math at %f", (at) => {
    expect(asDouble(x87.sine(number(at), CONTROL).value)).toBeCloseTo(Math.sin(at), 12);
    expect(asDouble(x87.cosine(number(at), CONTROL).value)).toBeCloseTo(Math.cos(at), 12);
    expect(asDouble(x87.arcTangent(number(at), number(2), CONTROL).value)).toBeCloseTo(Math.atan2(2, at), 14);
    expect(asDouble(x87.timesLog2(number(at), number(1), CONTROL).value)).toBeCloseTo(Math.log2(at), 12);
    expect(asDouble(x87.exponentialMinusOne(number(1 / (at + 2)), CONTROL).value)).toBeCloseTo(
      2 ** (1 / (at + 2)) - 1,
      14,
    );
  });
});
