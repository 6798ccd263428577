// Elementary functions on fixed-point BigInts (`value / 2^bits`), each correct to a few units in the last place. Arguments are small:
// callers reduce them. No rounding to any format happens here.
import { integerRoot } from "./exact.js";

/** Both series below end when a term has become zero: about `bits / 4` terms for the arguments they get. */
export function sine(x: bigint, bits: number): bigint {
  return alternating(x, x, 1n, bits);
}

export function cosine(x: bigint, bits: number): bigint {
  return alternating(x, 1n << BigInt(bits), 0n, bits);
}

/** first - first x^2 / ((n+1)(n+2)) + ... */
function alternating(x: bigint, first: bigint, start: bigint, bits: number): bigint {
  const by = BigInt(bits);
  const square = (x * x) >> by;
  let sum = first;
  let term = first;
  for (let n = start; term !== 0n; ) {
    term = -((term * square) >> by) / ((n + 1n) * (n + 2n));
    n += 2n;
    sum += term;
  }
  return sum;
}

/** e^x - 1. */
export function exponentialMinusOne(x: bigint, bits: number): bigint {
  let sum = 0n;
  let term = 1n << BigInt(bits);
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * x) >> BigInt(bits)) / n;
    if (term === -1n) break; // a negative number shifted right never reaches zero
    sum += term;
  }
  return sum;
}

/** Inverse hyperbolic tangent, |x| below 1/2. */
export function inverseHyperbolicTangent(x: bigint, bits: number): bigint {
  return oddSeries(x, bits, 1n);
}

/** Inverse tangent of 0 <= x <= 1: halves the angle three times, then sums the series. */
export function inverseTangent(x: bigint, bits: number): bigint {
  const by = BigInt(bits);
  const one = 1n << by;
  let reduced = x;
  for (let halving = 0; halving < 3; halving++) {
    const secant = longRoot(one * one + reduced * reduced);
    reduced = (reduced << by) / (one + secant);
  }
  return oddSeries(reduced, bits, -1n) << 3n;
}

/** x + s x^3 / 3 + s^2 x^5 / 5 + ... */
function oddSeries(x: bigint, bits: number, sign: bigint): bigint {
  if (x < 0n) return -oddSeries(-x, bits, sign); // shifts round down: terms below 0 need not come to an end
  const by = BigInt(bits);
  const square = (x * x) >> by;
  let sum = x;
  let power = x;
  for (let n = 3n; ; n += 2n) {
    power = (sign * (power * square)) >> by;
    if (power === 0n || power === -1n) return sum;
    sum += power / n;
  }
}

/** integerRoot for numbers of any length. */
function longRoot(square: bigint): bigint {
  const excess = square.toString(16).length * 4 - 900;
  if (excess <= 0) return integerRoot(square);
  const half = BigInt(excess >> 1);
  let root = (integerRoot(square >> (2n * half)) + 1n) << half;
  for (let step = 0; step < 2; step++) root = (root + square / root) >> 1n;
  return root;
}

const CONSTANT_BITS = 320;
let naturalLogarithmOfTwo: bigint | undefined;
let circleConstant: bigint | undefined;

export function ln2(bits: number): bigint {
  naturalLogarithmOfTwo ??= 2n * inverseHyperbolicTangent((1n << BigInt(CONSTANT_BITS + 16)) / 3n, CONSTANT_BITS + 16);
  return atScale(naturalLogarithmOfTwo, bits);
}

export function pi(bits: number): bigint {
  circleConstant ??= 4n * inverseTangent(1n << BigInt(CONSTANT_BITS + 16), CONSTANT_BITS + 16);
  return atScale(circleConstant, bits);
}

function atScale(constant: bigint, bits: number): bigint {
  if (bits > CONSTANT_BITS) throw new RangeError(`a constant to ${bits} bits`);
  return constant >> BigInt(CONSTANT_BITS + 16 - bits);
}
