// Sums, products, quotients and square roots of ordinary 80-bit numbers in IR, rounded to the nearest of 64 bits, to even in the middle. What comes
// of operands that are not ordinary means nothing.
import type { Builder } from "../ir/builder.js";
import type { Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";

export const BIAS = 16383;
const SPECIAL = 0x7fff;
const TOP_BIT = 0x8000_0000 | 0;
const DIV_U = operatorNamed("i64_div_u");
const SQRT = operatorNamed("f64_sqrt");
const MULTIPLY = operatorNamed("f64_mul");
const TO_DOUBLE = operatorNamed("f64_convert_i64_s");
const TO_INTEGER = operatorNamed("i64_trunc_f64_s");
const FROM_BITS = operatorNamed("f64_reinterpret_i64");
/** Halves of the binary64 that makes of the root of half the upper word half the whole's root, and a little less: it must not reach 2^63. */
const SCALE: readonly [number, number] = (() => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, 2 ** 31.5 * (1 - 2 ** -50));
  return [view.getInt32(4), view.getInt32(0)];
})();

export interface Value {
  /** i32: sign in bit 15, exponent below. */
  readonly head: Node;
  /** i64. */
  readonly mantissa: Node;
}

/** A rounded result: exponent i32, and whether the magnitude was rounded up and was inexact, 0 or 1. */
export interface Rounded {
  readonly exponent: Node;
  readonly mantissa: Node;
  readonly up: Node;
  readonly inexact: Node;
}

export const exponentOf = (b: Builder, head: Node): Node => b.and(head, b.i32(SPECIAL));

/** high.low rounded to the nearest, to even in the middle. */
function round(b: Builder, exponent: Node, high: Node, low: Node): Rounded {
  const half = b.wrap(b.shrU(low, b.i64(63)));
  const beyond = b.or(b.ne(b.shl(low, b.i64(1)), b.i64(0)), b.and(b.wrap(high), b.i32(1)));
  return roundedUp(b, exponent, high, b.and(half, beyond), b.ne(low, b.i64(0)));
}

function roundedUp(b: Builder, exponent: Node, kept: Node, up: Node, inexact: Node): Rounded {
  const sum = b.add(kept, b.extendU(up));
  const overflowed = b.and(up, b.eqz(sum));
  return {
    exponent: b.add(exponent, overflowed),
    mantissa: b.select(overflowed, b.i64(0, TOP_BIT), sum),
    up,
    inexact,
  };
}

export function sumOf(b: Builder, x: Value, y: Value): { sign: Node; rounded: Rounded } {
  const [ex, ey] = [exponentOf(b, x.head), exponentOf(b, y.head)];
  const sameExponent = b.eq(ex, ey);
  const xIsLarger = b.or(b.ltU(ey, ex), b.and(sameExponent, b.leU(y.mantissa, x.mantissa)));
  const exponent = b.select(xIsLarger, ex, ey);
  const large = b.select(xIsLarger, x.mantissa, y.mantissa);
  const small = b.select(xIsLarger, y.mantissa, x.mantissa);
  const sign = b.and(b.select(xIsLarger, x.head, y.head), b.i32(0x8000));
  const distance = b.extendU(b.sub(exponent, b.select(xIsLarger, ey, ex)));
  // The smaller one, moved to the right, in 128 bits; what is lost leaves a mark in the last.
  const none = b.i64(0);
  const isNear = b.ltU(distance, b.i64(64));
  const isFar = b.ltU(b.i64(127), distance);
  const back = b.sub(none, distance);
  // A shift counts modulo 64: by a multiple of it nothing is lost, though it looks like everything.
  const shiftedOut = b.select(b.eqz(b.and(distance, b.i64(63))), none, b.shl(small, back));
  const shifted = b.shrU(small, distance);
  const high = b.select(isNear, shifted, none);
  const lost = b.select(isFar, small, shiftedOut);
  const farLow = b.or(b.select(isFar, none, shifted), b.extendU(b.ne(lost, none)));
  const low = b.select(isNear, shiftedOut, farLow);
  const subtracts = b.and(b.xor(x.head, y.head), b.i32(0x8000));
  // Sum: a carry moves everything one to the right.
  const sum = b.add(large, high);
  const carry = b.ltU(sum, large);
  const one = b.i64(1);
  const carriedLow = b.or(b.or(b.shrU(low, one), b.and(low, one)), b.shl(sum, b.i64(63)));
  const carriedHigh = b.or(b.shrU(sum, one), b.i64(0, TOP_BIT));
  // Difference: leading zeros are moved away.
  const borrow = b.extendU(b.ne(low, none));
  const differenceHigh = b.sub(b.sub(large, high), borrow);
  const differenceLow = b.sub(none, low);
  const isLow = b.eqz(differenceHigh);
  const first = b.select(isLow, differenceLow, differenceHigh);
  const second = b.select(isLow, none, differenceLow);
  const zeros = b.clz(first);
  const moved = b.or(b.shl(first, zeros), b.select(b.eqz(zeros), none, b.shrU(second, b.sub(none, zeros))));
  const gone = b.add(b.wrap(zeros), b.shl(isLow, b.i32(6)));
  const resultHigh = b.select(subtracts, moved, b.select(carry, carriedHigh, sum));
  const resultLow = b.select(subtracts, b.shl(second, zeros), b.select(carry, carriedLow, low));
  const resultExponent = b.select(subtracts, b.sub(exponent, gone), b.add(exponent, carry));
  return { sign, rounded: round(b, resultExponent, resultHigh, resultLow) };
}

interface Wide {
  readonly high: Node;
  readonly low: Node;
}

/** All 128 bits. */
function wideProduct(b: Builder, x: Node, y: Node): Wide {
  const word = b.i64(32);
  const mask = b.i64(-1, 0);
  const [xLow, xHigh] = [b.and(x, mask), b.shrU(x, word)];
  const [yLow, yHigh] = [b.and(y, mask), b.shrU(y, word)];
  const lowest = b.mul(xLow, yLow);
  const [cross, other] = [b.mul(xLow, yHigh), b.mul(xHigh, yLow)];
  const middle = b.add(b.add(b.shrU(lowest, word), b.and(cross, mask)), b.and(other, mask));
  const highest = b.add(b.mul(xHigh, yHigh), b.add(b.shrU(cross, word), b.shrU(other, word)));
  return { high: b.add(highest, b.shrU(middle, word)), low: b.or(b.shl(middle, word), b.and(lowest, mask)) };
}

export function productOf(b: Builder, x: Value, y: Value): Rounded {
  const { high, low } = wideProduct(b, x.mantissa, y.mantissa);
  const isLong = b.ltS(high, b.i64(0));
  const one = b.i64(1);
  const shifted = b.or(b.shl(high, one), b.shrU(low, b.i64(63)));
  const exponent = b.sub(b.add(exponentOf(b, x.head), exponentOf(b, y.head)), b.i32(BIAS));
  return round(b, b.add(exponent, isLong), b.select(isLong, high, shifted), b.select(isLong, low, b.shl(low, one)));
}

/** Long division with digits of 32 bits. Knuth vol. 2, 4.3.1, algorithm D. */
export function quotientOf(b: Builder, x: Value, y: Value): Rounded {
  const divisor = y.mantissa;
  const isLong = b.leU(divisor, x.mantissa);
  const one = b.i64(1);
  const high = b.select(isLong, b.shrU(x.mantissa, one), x.mantissa);
  const low = b.select(isLong, b.shl(x.mantissa, b.i64(63)), b.i64(0));
  const { quotient, rest } = divide(b, { high, low }, divisor);
  const toNext = b.sub(divisor, rest);
  const isMiddle = b.and(b.eq(rest, toNext), b.and(b.wrap(quotient), b.i32(1)));
  const up = b.or(b.ltU(toNext, rest), isMiddle);
  const exponent = b.add(b.sub(exponentOf(b, x.head), exponentOf(b, y.head)), b.i32(BIAS - 1));
  return roundedUp(b, b.add(exponent, isLong), quotient, up, b.ne(rest, b.i64(0)));
}

/** The divisor's top bit is set, and it is larger than the upper half. */
function divide(b: Builder, { high, low }: Wide, divisor: Node): { quotient: Node; rest: Node } {
  const word = b.i64(32);
  const first = digitOf(b, high, b.shrU(low, word), divisor);
  const second = digitOf(b, first.rest, b.and(low, b.i64(-1, 0)), divisor);
  return { quotient: b.or(b.shl(first.digit, word), second.digit), rest: second.rest };
}

function digitOf(b: Builder, high: Node, next: Node, divisor: Node): { digit: Node; rest: Node } {
  const word = b.i64(32);
  const base = b.i64(0, 1);
  const [upper, lower] = [b.shrU(divisor, word), b.and(divisor, b.i64(-1, 0))];
  // By nothing when this is not a number at all: what comes of it is not used.
  const safe = b.or(upper, b.extendU(b.eqz(upper)));
  let digit = b.apply(DIV_U, high, safe);
  let rest = b.sub(high, b.mul(digit, safe));
  for (let correction = 0; correction < 2; correction++) {
    const guess = b.or(b.shl(rest, word), next);
    const tooLarge = b.or(b.leU(base, digit), b.ltU(guess, b.mul(digit, lower)));
    const wrong = b.extendU(b.and(b.ltU(rest, base), tooLarge));
    digit = b.sub(digit, wrong);
    rest = b.add(rest, b.mul(wrong, upper));
  }
  return { digit, rest: b.sub(b.add(b.shl(high, word), next), b.mul(digit, divisor)) };
}

/** The host's root, one step of Newton's that makes it right to the last bit or one more, and what the square lacks. `isSure` says that it is so. */
export function rootOf(b: Builder, x: Value): { rounded: Rounded; isSure: Node } {
  const one = b.i64(1);
  const exponent = b.sub(exponentOf(b, x.head), b.i32(BIAS));
  const isOdd = b.and(exponent, b.i32(1));
  const high = b.select(isOdd, x.mantissa, b.shrU(x.mantissa, one));
  const low = b.select(isOdd, b.i64(0), b.shl(x.mantissa, b.i64(63)));
  const half = b.apply(SQRT, b.apply(TO_DOUBLE, b.shrU(high, one)));
  const estimate = b.shl(b.apply(TO_INTEGER, b.apply(MULTIPLY, half, b.apply(FROM_BITS, b.i64(...SCALE)))), one);
  const start = b.select(b.ltS(estimate, b.i64(0)), estimate, b.i64(0, TOP_BIT));
  const { quotient } = divide(b, { high, low }, start);
  const both = b.and(b.and(start, quotient), one);
  const root = b.add(b.add(b.shrU(start, one), b.shrU(quotient, one)), both);
  const square = wideProduct(b, root, root);
  const lacks = subtract(b, { high, low }, square);
  // One too many: the square of the next lower lacks so much more.
  const isLarge = b.ltS(lacks.high, b.i64(0));
  const kept = b.sub(root, b.extendU(isLarge));
  const more = b.add(b.shl(kept, one), one);
  const moreLow = b.add(lacks.low, more);
  const carry = b.add(b.shrU(kept, b.i64(63)), b.extendU(b.ltU(moreLow, more)));
  const restHigh = b.select(isLarge, b.add(lacks.high, carry), lacks.high);
  const restLow = b.select(isLarge, moreLow, lacks.low);
  const isExact = b.eqz(b.or(restHigh, restLow));
  const isLong = b.eq(restHigh, one);
  const fits = b.or(b.eqz(restHigh), b.and(isLong, b.leU(restLow, b.shl(kept, one))));
  const up = b.or(isLong, b.ltU(kept, restLow));
  const rounded = roundedUp(b, b.add(b.shrS(exponent, b.i32(1)), b.i32(BIAS)), kept, up, b.eqz(isExact));
  return { rounded, isSure: b.and(fits, b.ltU(high, start)) };
}

function subtract(b: Builder, x: Wide, y: Wide): Wide {
  const borrow = b.extendU(b.ltU(x.low, y.low));
  return { high: b.sub(b.sub(x.high, y.high), borrow), low: b.sub(x.low, y.low) };
}
