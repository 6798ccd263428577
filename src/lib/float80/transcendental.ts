// x87's transcendental instructions, computed to far more than 64 bits and then rounded: within one unit in the last place of any
// processor, which round less exactly themselves (SDM vol. 1, 8.3.10). Trigonometric arguments are reduced with the processor's
// 66-bit pi, so large arguments agree too.
import { add, C2, roundingOf } from "./arithmetic.js";
import {
  DEFAULT_NAN,
  denormalStatus,
  type Float80,
  type Float80Result,
  INVALID_RESULT,
  infinity,
  isDenormal,
  isInfinite,
  isUnsupported,
  isZero,
  ONE,
  pack,
  packExact,
  propagateNaN,
  signOf,
  unpack,
  zero,
} from "./encoding.js";
import { divideFinite, multiplyFinite, nudge } from "./exact.js";
import * as fixed from "./fixed-point.js";
import { bitLength, EXTENDED, type Finite, INEXACT, INVALID, UNDERFLOW, ZERO_DIVIDE } from "./rounding.js";

/** Significant bits carried. */
const WORKING = 160;
/** Below 2^-NEGLIGIBLE a function's second term cannot be seen in 64 bits. */
/** A control word of 64-bit precision, rounding to nearest. */
const EXTENDED_PRECISION = 0x37f;
const NEGLIGIBLE = 70;
/** The processor's pi / 2: 66 bits. SDM vol. 1, 8.3.8. */
const HALF_PI: Finite = { sign: 0, mantissa: 0x3_243f_6a88_85a3_08d3n, exponent: -65 };

function leadingOf({ mantissa, exponent }: Finite): number {
  return exponent + bitLength(mantissa) - 1;
}

function toFixed({ sign, mantissa, exponent }: Finite, bits: number): bigint {
  const shift = exponent + bits;
  const magnitude = shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
  return sign ? -magnitude : magnitude;
}

function fromFixed(value: bigint, bits: number): Finite {
  return { sign: value < 0n ? 1 : 0, mantissa: value < 0n ? -value : value, exponent: -bits };
}

/** A result that counts as irrational: rounded and always inexact. */
function finish(value: Finite, control: number, status: number): Float80Result {
  const result = pack(value, EXTENDED, roundingOf(control), control);
  const underflow = isDenormal(result.value) ? UNDERFLOW : 0;
  return { value: result.value, status: result.status | INEXACT | underflow | status };
}

/** F2XM1: 2^a - 1 for -1 <= a <= 1. */
export function exponentialMinusOne(a: Float80, control: number): Float80Result {
  const nan = propagateNaN(a);
  if (nan) return nan;
  if (isZero(a)) return { value: a, status: 0 };
  if (isInfinite(a)) return { value: signOf(a) ? { ...ONE, signExponent: 0xbfff } : a, status: 0 };
  const x = unpack(a);
  const status = denormalStatus(a);
  const leading = leadingOf(x);
  if (leading > 0 || (leading === 0 && x.mantissa !== 1n << 63n)) return { value: a, status }; // undefined by the SDM
  if (leading === 0) return { value: x.sign ? { ...ONE, signExponent: 0xbffe } : ONE, status };
  const ln2: Finite = { sign: 0, mantissa: fixed.ln2(WORKING), exponent: -WORKING };
  if (leading < -NEGLIGIBLE) return finish(nudge(multiplyFinite(x, ln2), 0), control, status);
  const bits = WORKING - leading;
  const power = (toFixed(x, bits) * fixed.ln2(bits)) >> BigInt(bits);
  return finish(fromFixed(fixed.exponentialMinusOne(power, bits), bits), control, status);
}

interface ReducedAngle {
  /** Between -pi/4 and pi/4, not zero. */
  readonly angle: Finite;
  readonly quadrant: number;
}

function reduceAngle(x: Finite): ReducedAngle {
  if (leadingOf(x) < -1) return { angle: x, quadrant: 0 };
  const exponent = Math.min(x.exponent, HALF_PI.exponent);
  const numerator = x.mantissa << BigInt(x.exponent - exponent);
  const unit = HALF_PI.mantissa << BigInt(HALF_PI.exponent - exponent);
  const turns = (2n * numerator + unit) / (2n * unit);
  const rest = numerator - turns * unit;
  const quadrant = Number(turns & 3n);
  const sign = rest < 0n ? 1 - x.sign : x.sign;
  return {
    angle: { sign, mantissa: rest < 0n ? -rest : rest, exponent },
    quadrant: x.sign ? (4 - quadrant) & 3 : quadrant,
  };
}

function sineAndCosine(x: Finite): { sine: Finite; cosine: Finite } {
  const { angle, quadrant } = reduceAngle(x);
  const leading = leadingOf(angle);
  let sine: Finite;
  let cosine: Finite;
  if (leading < -NEGLIGIBLE) {
    sine = nudge(angle, angle.sign ^ 1);
    cosine = nudge({ sign: 0, mantissa: 1n << 63n, exponent: -63 }, 1);
  } else {
    const bits = WORKING - leading;
    sine = fromFixed(fixed.sine(toFixed(angle, bits), bits), bits);
    cosine = fromFixed(fixed.cosine(toFixed(angle, bits), bits), bits);
  }
  if (quadrant & 1) [sine, cosine] = [cosine, { ...sine, sign: sine.sign ^ 1 }];
  if (quadrant & 2) [sine, cosine] = [negate(sine), negate(cosine)];
  return { sine, cosine };
}

function negate(value: Finite): Finite {
  return { ...value, sign: value.sign ^ 1 };
}

export interface TwoResults {
  /** Left in st(0), under what is pushed. */
  readonly first: Float80;
  readonly pushed: Float80;
  readonly status: number;
}

/** C2 alone: the argument is 2^63 or more, nothing is done and nothing pushed. */
function isOutOfRange(a: Float80): boolean {
  return (a.signExponent & 0x7fff) >= 0x3fff + 63;
}

/** Below 2^-68 Intel's processors give the argument for its sine and tangent, whatever the rounding. */
const OWN_SINE = 0x3fff - 68;

/** The argument itself, as an inexact result; undefined when it is not small enough or no finite number. */
function ownSine(a: Float80, control: number): Float80Result | undefined {
  if ((a.signExponent & 0x7fff) >= OWN_SINE || isZero(a) || isUnsupported(a)) return undefined;
  const result = finish(unpack(a), control, denormalStatus(a));
  return isDenormal(result.value) ? { ...result, status: result.status | UNDERFLOW } : result;
}

/** FSIN. */
export function sine(a: Float80, control: number): Float80Result {
  const own = ownSine(a, control);
  if (own) return own;
  return trigonometric(a, control, a, ({ sine }) => sine);
}

/** FCOS. */
export function cosine(a: Float80, control: number): Float80Result {
  return trigonometric(a, control, ONE, ({ cosine }) => cosine);
}

function trigonometric(
  a: Float80,
  control: number,
  atZero: Float80,
  choose: (both: { sine: Finite; cosine: Finite }) => Finite,
): Float80Result {
  const nan = propagateNaN(a);
  if (nan) return nan;
  if (isInfinite(a)) return INVALID_RESULT;
  if (isZero(a)) return { value: atZero, status: 0 };
  if (isOutOfRange(a)) return { value: a, status: C2 };
  return finish(choose(sineAndCosine(unpack(a))), control, denormalStatus(a));
}

/** FSINCOS: the sine stays, the cosine is pushed. */
export function sineCosine(a: Float80, control: number): TwoResults {
  const first = sine(a, control);
  const pushed = cosine(a, control);
  return { first: first.value, pushed: pushed.value, status: first.status | pushed.status };
}

/** FPTAN: the tangent stays, 1.0 is pushed (the NaN itself when there is one). */
export function tangent(a: Float80, control: number): TwoResults {
  const special = propagateNaN(a) ?? (isInfinite(a) ? INVALID_RESULT : undefined);
  if (special) return { first: special.value, pushed: special.value, status: special.status };
  if (isZero(a)) return { first: a, pushed: ONE, status: 0 };
  if (isOutOfRange(a)) return { first: a, pushed: a, status: C2 };
  const own = ownSine(a, control);
  if (own) return { first: own.value, pushed: ONE, status: own.status };
  const { sine, cosine } = sineAndCosine(unpack(a));
  const { value, status } = finish(divideFinite(sine, cosine), control, denormalStatus(a));
  return { first: value, pushed: ONE, status };
}

/** FPATAN: the angle of the point (x, y); y is st(1), x is st(0). */
export function arcTangent(x: Float80, y: Float80, control: number): Float80Result {
  const nan = propagateNaN(x, y);
  if (nan) return nan;
  const status = denormalStatus(x, y);
  const sign = signOf(y);
  const pi = (numerator: bigint, shift: number) =>
    finish({ sign, mantissa: numerator * fixed.pi(WORKING), exponent: -WORKING - shift }, control, status);
  if (isInfinite(y)) return isInfinite(x) ? pi(signOf(x) ? 3n : 1n, 2) : pi(1n, 1);
  if (isInfinite(x) || isZero(y)) return signOf(x) ? pi(1n, 0) : { value: zero(sign), status };
  if (isZero(x)) return pi(1n, 1);
  const angle = firstQuadrantAngle({ ...unpack(y), sign: 0 }, { ...unpack(x), sign: 0 }, signOf(x) === 1);
  return finish({ ...angle, sign }, control, status);
}

/** Angle of (x, y) for positive x and y; of (-x, y) when `left`. */
function firstQuadrantAngle(y: Finite, x: Finite, left: boolean): Finite {
  const steep = leadingOf(y) === leadingOf(x) ? isAbove(y, x) : leadingOf(y) > leadingOf(x);
  const ratio = steep ? divideLong(x, y) : divideLong(y, x);
  const leading = leadingOf(ratio);
  if (!left && !steep && leading < -NEGLIGIBLE) return nudge(ratio, 1);
  const bits = steep || left ? 2 * WORKING - 40 : WORKING - leading;
  const small = fixed.inverseTangent(toFixed(ratio, bits), bits);
  if (!steep) return fromFixed(left ? fixed.pi(bits) - small : small, bits);
  const halfPi = fixed.pi(bits) >> 1n;
  return fromFixed(left ? halfPi + small : halfPi - small, bits);
}

function isAbove(a: Finite, b: Finite): boolean {
  const exponent = Math.min(a.exponent, b.exponent);
  return a.mantissa << BigInt(a.exponent - exponent) > b.mantissa << BigInt(b.exponent - exponent);
}

/** A quotient with WORKING bits. */
function divideLong(a: Finite, b: Finite): Finite {
  return divideFinite({ ...a, mantissa: a.mantissa << BigInt(2 * WORKING), exponent: a.exponent - 2 * WORKING }, b);
}

/** FYL2X: y log2(x); x is st(0), y is st(1). */
export function timesLog2(x: Float80, y: Float80, control: number): Float80Result {
  const nan = propagateNaN(x, y);
  if (nan) return nan;
  if (isZero(x)) {
    if (isZero(y)) return INVALID_RESULT;
    const value = infinity(signOf(y) ^ 1);
    return { value, status: isInfinite(y) ? 0 : ZERO_DIVIDE };
  }
  if (signOf(x)) return INVALID_RESULT;
  const status = denormalStatus(x, y);
  if (isInfinite(x)) return isZero(y) ? INVALID_RESULT : { value: infinity(signOf(y)), status };
  const argument = unpack(x);
  const leading = leadingOf(argument);
  const isOne = leading === 0 && argument.mantissa === 1n << 63n;
  if (isInfinite(y)) {
    return isOne ? INVALID_RESULT : { value: infinity(signOf(y) ^ (leading < 0 ? 1 : 0)), status };
  }
  if (isOne) return { value: zero(signOf(y)), status };
  if (isZero(y)) return { value: zero(signOf(y) ^ (leading < 0 ? 1 : 0)), status };
  if (argument.mantissa === 1n << BigInt(bitLength(argument.mantissa) - 1)) {
    const product = multiplyFinite(unpack(y), unpack(packExact(integer(leading))));
    // Intel's processors call these inexact too, and negative logarithms come out as if they were a little smaller.
    return finish(leading < 0 ? nudge(product, product.sign ^ 1) : product, control, status);
  }
  return finish(multiplyFinite(unpack(y), log2(argument)), control, status);
}

function integer(value: number): Finite {
  return { sign: value < 0 ? 1 : 0, mantissa: BigInt(Math.abs(value)), exponent: 0 };
}

/** log2 of a number that is no power of two: its nearest exponent, and the logarithm of what is left, near 1. */
function log2(x: Finite): Finite {
  const length = bitLength(x.mantissa);
  // Above about 1.41: count from the next power of two.
  const upper = x.mantissa >> BigInt(Math.max(0, length - 10)) > 724n >> BigInt(Math.max(0, 10 - length));
  const exponent = x.exponent + length - (upper ? 0 : 1);
  const one = 1n << BigInt(length - (upper ? 0 : 1));
  return logarithm({ sign: 0, mantissa: x.mantissa, exponent: 0 }, one, BigInt(exponent));
}

/** log2(x / one) + exponent. */
function logarithm(x: Finite, one: bigint, exponent: bigint): Finite {
  const difference = x.mantissa - one;
  return logarithmOfRatio(difference, x.mantissa + one, exponent);
}

/** 2 atanh(numerator / denominator) / ln 2 + exponent. */
function logarithmOfRatio(numerator: bigint, denominator: bigint, exponent: bigint): Finite {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const bits = WORKING + (exponent === 0n ? bitLength(denominator) - bitLength(magnitude) : 0);
  const ratio = (numerator << BigInt(bits)) / denominator;
  const natural = 2n * fixed.inverseHyperbolicTangent(ratio, bits);
  return fromFixed((natural << BigInt(WORKING)) / fixed.ln2(WORKING) + (exponent << BigInt(bits)), bits);
}

/** FYL2XP1: y log2(x + 1) for x near 0; x is st(0), y is st(1). */
export function timesLog2PlusOne(x: Float80, y: Float80, control: number): Float80Result {
  const nan = propagateNaN(x, y);
  if (nan) return nan;
  const status = denormalStatus(x, y);
  const sign = signOf(x) ^ signOf(y);
  if (isInfinite(x)) return signOf(x) || isZero(y) ? INVALID_RESULT : { value: infinity(signOf(y)), status };
  if (isInfinite(y)) return isZero(x) ? INVALID_RESULT : { value: infinity(sign), status };
  if (isZero(x) || isZero(y)) return { value: zero(sign), status };
  const argument = unpack(x);
  const factor = unpack(y);
  const leading = leadingOf(argument);
  // Outside the SDM's range; the series below would need numbers as long as the exponent.
  if (leading >= 0) return timesLog2(add(x, ONE, EXTENDED_PRECISION).value, y, control);
  if (leading < -NEGLIGIBLE) {
    const ln2: Finite = { sign: 0, mantissa: fixed.ln2(WORKING), exponent: -WORKING };
    return finish(divideLong(multiplyFinite(argument, factor), ln2), control, status);
  }
  // x / (2 + x), over 2^-exponent
  const unit = 1n << BigInt(-Math.min(argument.exponent, 0));
  const numerator = toFixed(argument, -Math.min(argument.exponent, 0));
  if (numerator <= -unit) return { value: DEFAULT_NAN, status: INVALID }; // undefined by the SDM
  return finish(multiplyFinite(factor, logarithmOfRatio(numerator, numerator + 2n * unit, 0n)), control, status);
}
