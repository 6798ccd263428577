// x87 arithmetic on 80-bit values. `control` is the x87 control word: its rounding and precision control count, and its masks for the
// results of overflow and underflow; everything else is the masked response.
import {
  denormalStatus,
  EXPONENT_BIAS,
  type Float80,
  type Float80Result,
  INVALID_RESULT,
  infinity,
  isDenormal,
  isInfinite,
  isNaN80,
  isSignaling,
  isUnsupported,
  isZero,
  pack,
  packExact,
  propagateNaN,
  signOf,
  unpack,
  zero,
} from "./encoding.js";
import { addFinite, compareFinite, divideFinite, multiplyFinite, rootFinite } from "./exact.js";
import {
  bitLength,
  EXTENDED,
  type Finite,
  type Format,
  INVALID,
  roundShift,
  TRUNCATE,
  ZERO_DIVIDE,
} from "./rounding.js";

// Condition codes in the status word.
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;

/** Precision control: 24, (reserved), 53, 64 bits, all with the extended exponent range. SDM vol. 1, 8.1.5.2. */
const PRECISIONS: readonly Format[] = [24, 64, 53, 64].map((precision) => ({ ...EXTENDED, precision }));

export function roundingOf(control: number): number {
  return (control >>> 10) & 3;
}

function finish(exact: Finite, control: number, status: number): Float80Result {
  const result = pack(exact, PRECISIONS[(control >>> 8) & 3], roundingOf(control), control);
  return { value: result.value, status: result.status | status };
}

export function add(a: Float80, b: Float80, control: number): Float80Result {
  return sum(a, b, control, signOf(b));
}

/** a - b. */
export function subtract(a: Float80, b: Float80, control: number): Float80Result {
  return sum(a, b, control, signOf(b) ^ 1);
}

function sum(a: Float80, b: Float80, control: number, bSign: number): Float80Result {
  const nan = propagateNaN(a, b);
  if (nan) return nan;
  const status = denormalStatus(a, b);
  if (isInfinite(a)) return isInfinite(b) && signOf(a) !== bSign ? INVALID_RESULT : { value: a, status };
  if (isInfinite(b)) return { value: infinity(bSign), status };
  return finish(addFinite(unpack(a), { ...unpack(b), sign: bSign }, roundingOf(control)), control, status);
}

export function multiply(a: Float80, b: Float80, control: number): Float80Result {
  const nan = propagateNaN(a, b);
  if (nan) return nan;
  const status = denormalStatus(a, b);
  if (isInfinite(a) || isInfinite(b)) {
    return isZero(a) || isZero(b) ? INVALID_RESULT : { value: infinity(signOf(a) ^ signOf(b)), status };
  }
  return finish(multiplyFinite(unpack(a), unpack(b)), control, status);
}

/** a / b. */
export function divide(a: Float80, b: Float80, control: number): Float80Result {
  const nan = propagateNaN(a, b);
  if (nan) return nan;
  const status = denormalStatus(a, b);
  const sign = signOf(a) ^ signOf(b);
  if (isInfinite(a)) return isInfinite(b) ? INVALID_RESULT : { value: infinity(sign), status };
  if (isInfinite(b)) return { value: zero(sign), status };
  if (isZero(b)) return isZero(a) ? INVALID_RESULT : { value: infinity(sign), status: ZERO_DIVIDE };
  return finish(divideFinite(unpack(a), unpack(b)), control, status);
}

export function squareRoot(a: Float80, control: number): Float80Result {
  const nan = propagateNaN(a);
  if (nan) return nan;
  if (isZero(a)) return { value: a, status: 0 };
  if (signOf(a)) return INVALID_RESULT;
  if (isInfinite(a)) return { value: a, status: 0 };
  return finish(rootFinite(unpack(a)), control, denormalStatus(a));
}

/** C3 C2 C0 for a compared with b (FCOM, FUCOM), with INVALID and DENORMAL. A quiet compare accepts quiet NaNs. */
export function compare(a: Float80, b: Float80, quietCompare: boolean): number {
  const unordered = C3 | C2 | C0;
  if (isUnsupported(a) || isUnsupported(b)) return unordered | INVALID;
  if (isNaN80(a) || isNaN80(b))
    return quietCompare && !isSignaling(a) && !isSignaling(b) ? unordered : unordered | INVALID;
  const order = compareFinite(comparable(a), comparable(b));
  return (order === 0 ? C3 : order < 0 ? C0 : 0) | denormalStatus(a, b);
}

/** An infinity compares like a number beyond all others. */
function comparable(a: Float80): Finite {
  return isInfinite(a) ? { sign: signOf(a), mantissa: 1n, exponent: 0x8000 } : unpack(a);
}

/** FRNDINT. */
export function roundToInteger(a: Float80, control: number): Float80Result {
  const nan = propagateNaN(a);
  if (nan) return nan;
  if (isInfinite(a) || isZero(a)) return { value: a, status: 0 };
  const { sign, mantissa, exponent } = unpack(a);
  if (exponent >= 0) return { value: a, status: 0 };
  const [integer, status] = roundShift(mantissa, -exponent, sign, roundingOf(control));
  return { value: packExact({ sign, mantissa: integer, exponent: 0 }), status: status | denormalStatus(a) };
}

/** FSCALE: a times 2 to the power of b, b cut to an integer. Precision control has no effect. */
export function scale(a: Float80, b: Float80, control: number): Float80Result {
  const nan = propagateNaN(a, b);
  if (nan) return nan;
  const status = denormalStatus(a, b);
  if (isInfinite(b)) {
    if (signOf(b)) return isInfinite(a) ? INVALID_RESULT : { value: zero(signOf(a)), status };
    return isZero(a) ? INVALID_RESULT : { value: infinity(signOf(a)), status };
  }
  if (isInfinite(a) || isZero(a)) return { value: a, status };
  const by = unpack(b);
  // Beyond 2^16 the result over- or underflows whatever a is.
  const [steps] =
    by.exponent + bitLength(by.mantissa) > 17 ? [1n << 17n] : roundShift(by.mantissa, -by.exponent, by.sign, TRUNCATE);
  const value = unpack(a);
  const exponent = value.exponent + (by.sign ? -Number(steps) : Number(steps));
  const result = pack({ ...value, exponent }, EXTENDED, roundingOf(control), control);
  return { value: result.value, status: result.status | status };
}

/** FXTRACT: the exponent (goes to st(0), then the significand is pushed) and the significand. */
export function extract(a: Float80): { exponent: Float80; significand: Float80; status: number } {
  const nan = propagateNaN(a);
  if (nan) return { exponent: nan.value, significand: nan.value, status: nan.status };
  if (isInfinite(a)) return { exponent: infinity(0), significand: a, status: 0 };
  if (isZero(a)) return { exponent: infinity(1), significand: a, status: ZERO_DIVIDE };
  const { sign, mantissa, exponent } = unpack(a);
  const length = bitLength(mantissa);
  const leading = exponent + length - 1;
  return {
    exponent: fromInteger(BigInt(leading)),
    significand: { signExponent: (sign << 15) | EXPONENT_BIAS, mantissa: mantissa << BigInt(64 - length) },
    status: denormalStatus(a),
  };
}

/** FILD: any signed 64-bit integer, exactly. */
export function fromInteger(value: bigint): Float80 {
  return packExact({ sign: value < 0n ? 1 : 0, mantissa: value < 0n ? -value : value, exponent: 0 });
}

/** FXAM's C3 C2 C1 C0 for a register in use (an empty one is C3 | C0 with the sign in C1). */
export function examine(a: Float80): number {
  const sign = signOf(a) ? C1 : 0;
  if (isUnsupported(a)) return sign;
  if (isNaN80(a)) return sign | C0;
  if (isInfinite(a)) return sign | C2 | C0;
  if (isZero(a)) return sign | C3;
  return sign | C2 | (isDenormal(a) ? C3 : 0);
}
