// The host's arithmetic in other rounding modes against the exact kind.
import { expect, test } from "vitest";
import * as ieee from "../../../src/lib/ieee-float.js";
import { SeededRandom } from "../../../src/lib/random.js";
import * as rounded from "../../../src/lib/rounded-arithmetic.js";

const ALL_MASKED = 0x1f80;
const INEXACT = 0x20;
const OPERATIONS = [
  ["sum", rounded.nearSum, ieee.add],
  ["difference", rounded.nearDifference, ieee.subtract],
  ["product", rounded.nearProduct, ieee.multiply],
  ["quotient", rounded.nearQuotient, ieee.divide],
  [
    "root",
    rounded.nearRoot,
    (a: bigint, _b: bigint, format: ieee.Format, mxcsr: number) => ieee.squareRoot(a, format, mxcsr),
  ],
] as const;

const view = new DataView(new ArrayBuffer(8));
const bitsOf = (value: number, single: boolean) => {
  if (single) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return single ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
};

/** Numbers within the range it is for, with few or many bits, so that exact results and halfway cases occur. */
function operand(random: SeededRandom, single: boolean): number {
  const significant =
    random.below(3) === 0 ? random.below(16) + 1 : random.next() * (single || random.below(2) ? 1 : 2 ** 20) + 1;
  const scaled = significant * 2 ** (random.below(40) - 20) * (random.below(2) ? -1 : 1);
  return single ? Math.fround(scaled) : scaled;
}

test.each(OPERATIONS)("%s, rounded in each mode", (_, near, exact) => {
  const random = new SeededRandom(1);
  for (let n = 0; n < 20_000; n++) {
    const single = n % 2 === 0;
    const mode = random.below(4);
    const [a, b] = [operand(random, single), operand(random, single)];
    expect(rounded.isModerate(a, single) && rounded.isModerate(b, single)).toBe(true);
    const result = near(a, b);
    if (!(result.value > 0 || result.value < 0)) continue; // zeros, roots of negative numbers
    rounded.settle(result, mode, single);
    const format = single ? ieee.BINARY32 : ieee.BINARY64;
    const wanted = exact(bitsOf(a, single), bitsOf(b, single), format, ALL_MASKED | (mode << 13));
    const have = { bits: bitsOf(result.value, single), flags: result.lack === 0 ? 0 : INEXACT };
    if (wanted.bits !== have.bits || wanted.flags !== have.flags)
      expect({ a, b, mode, single, ...have }).toEqual(wanted);
  }
});

test("extreme operands are not for it", () => {
  for (const value of [2 ** -401, -(2 ** 401), Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE])
    expect(rounded.isModerate(value, false)).toBe(false);
  expect(rounded.isModerate(2 ** 61, true)).toBe(false);
  expect(rounded.isModerate(0, true)).toBe(true);
});
