// Between 80-bit values and the other formats of memory: integers, binary32, binary64, packed decimal. Bits of binary32 and binary64
// travel as bigint.
import { roundingOf } from "./arithmetic.js";
import {
  EXPONENT_BIAS,
  type Float80,
  type Float80Result,
  INTEGER_BIT,
  infinity,
  isInfinite,
  isNaN80,
  isSignaling,
  isUnsupported,
  packExact,
  quiet,
  signOf,
  unpack,
  zero,
} from "./encoding.js";
import {
  BINARY32,
  BINARY64,
  DENORMAL,
  type Format,
  INVALID,
  OVERFLOW,
  type Rounded,
  roundFinite,
  roundShift,
  TRUNCATE,
  UNDERFLOW,
} from "./rounding.js";

export interface Converted {
  /** The bits to store, unsigned. */
  readonly bits: bigint;
  readonly status: number;
}

/** FLD m32: signaling NaNs become quiet. */
export function loadFloat32(bits: number): Float80Result {
  return quieted(widenFloat32(bits));
}

/** FLD m64. */
export function loadFloat64(bits: bigint): Float80Result {
  return quieted(widenFloat64(bits));
}

/**
 * A binary32 operand of FADD m32 and its like: a signaling NaN stays one, for the operation to see. `status` is DENORMAL for a
 * denormal, which the operation cannot see any more; it counts unless the operation answers with a NaN.
 */
export function widenFloat32(bits: number): Float80Result {
  return widen(BigInt(bits >>> 0), BINARY32);
}

/** A binary64 operand, as widenFloat32. */
export function widenFloat64(bits: bigint): Float80Result {
  return widen(bits, BINARY64);
}

function quieted({ value, status }: Float80Result): Float80Result {
  return isSignaling(value) ? { value: quiet(value), status: INVALID } : { value, status };
}

function widen(bits: bigint, { precision, minExponent, maxExponent }: Format): Float80Result {
  const fractionBits = BigInt(precision - 1);
  const fraction = bits & ((1n << fractionBits) - 1n);
  const biased = Number((bits >> fractionBits) & BigInt(2 * maxExponent + 1));
  const sign = Number(bits >> (fractionBits + BigInt(bitsOfExponent(maxExponent)))) & 1;
  if (biased === 2 * maxExponent + 1) {
    const value = { ...infinity(sign), mantissa: INTEGER_BIT | (fraction << (63n - fractionBits)) };
    return { value, status: 0 };
  }
  if (biased !== 0) {
    const signExponent = (sign << 15) | (biased - maxExponent + EXPONENT_BIAS);
    return { value: { signExponent, mantissa: INTEGER_BIT | (fraction << (63n - fractionBits)) }, status: 0 };
  }
  if (fraction === 0n) return { value: zero(sign), status: 0 };
  const value = packExact({ sign, mantissa: fraction, exponent: minExponent - precision + 1 });
  return { value, status: DENORMAL };
}

function bitsOfExponent(maxExponent: number): number {
  return 33 - Math.clz32(maxExponent);
}

/** FST m32. */
export function toFloat32(a: Float80, control: number): Converted {
  return narrow(a, BINARY32, control);
}

/** FST m64. */
export function toFloat64(a: Float80, control: number): Converted {
  return narrow(a, BINARY64, control);
}

function narrow(a: Float80, format: Format, control: number): Converted {
  const fractionBits = BigInt(format.precision - 1);
  const top = BigInt(2 * format.maxExponent + 1) << fractionBits;
  const signBit = (top + (1n << fractionBits)) * BigInt(signOf(a));
  if (isUnsupported(a)) return { bits: signBitOf(format) | top | (1n << (fractionBits - 1n)), status: INVALID };
  if (isNaN80(a)) {
    const fraction = (quiet(a).mantissa & (INTEGER_BIT - 1n)) >> (63n - fractionBits);
    return { bits: signBit | top | fraction, status: isSignaling(a) ? INVALID : 0 };
  }
  if (isInfinite(a)) return { bits: signBit | top, status: 0 };
  const rounded = roundFinite(unpack(a), format, roundingOf(control));
  // Unmasked, these keep the number from being stored and rounded.
  if (rounded.flags & OVERFLOW & ~control) return { bits: 0n, status: OVERFLOW };
  if (rounded.tiny && !(control & UNDERFLOW)) return { bits: 0n, status: UNDERFLOW };
  return { bits: encodeBinary(rounded, format), status: rounded.flags };
}

function signBitOf({ precision, maxExponent }: Format): bigint {
  return BigInt(2 * maxExponent + 2) << BigInt(precision - 1);
}

/** The interchange encoding of a number rounded to binary32 or binary64. */
export function encodeBinary({ sign, mantissa, exponent, infinite }: Rounded, format: Format): bigint {
  const fractionBits = BigInt(format.precision - 1);
  const signBit = sign ? signBitOf(format) : 0n;
  if (infinite) return signBit | (BigInt(2 * format.maxExponent + 1) << fractionBits);
  const normal = mantissa >> fractionBits !== 0n;
  const biased = normal ? exponent + format.precision - 1 + format.maxExponent : 0;
  return signBit | (BigInt(biased) << fractionBits) | (mantissa & ((1n << fractionBits) - 1n));
}

/** FIST m16/m32/m64 (`bits` 16, 32 or 64); FISTTP when `truncate`. Out of range gives the integer indefinite. */
export function toInteger(a: Float80, bits: number, control: number, truncate = false): Converted {
  const limit = 1n << BigInt(bits - 1);
  const indefinite = { bits: limit, status: INVALID };
  if (isUnsupported(a) || isNaN80(a) || isInfinite(a)) return indefinite;
  const { sign, mantissa, exponent } = unpack(a);
  if (exponent > 0) return indefinite; // the significand is 64 bits: beyond any integer
  const [integer, status] = roundShift(mantissa, -exponent, sign, truncate ? TRUNCATE : roundingOf(control));
  if (integer > limit || (integer === limit && !sign)) return indefinite;
  return { bits: BigInt.asUintN(bits, sign ? -integer : integer), status };
}

const PACKED_LIMIT = 10n ** 18n;
const PACKED_INDEFINITE = 0xffff_c000_0000_0000_0000n;

/** FBSTP: 80 bits, 18 decimal digits and a sign. */
export function toPackedDecimal(a: Float80, control: number): Converted {
  if (isUnsupported(a) || isNaN80(a) || isInfinite(a)) return { bits: PACKED_INDEFINITE, status: INVALID };
  const { sign, mantissa, exponent } = unpack(a);
  if (exponent > 0) return { bits: PACKED_INDEFINITE, status: INVALID };
  const [integer, status] = roundShift(mantissa, -exponent, sign, roundingOf(control));
  if (integer >= PACKED_LIMIT) return { bits: PACKED_INDEFINITE, status: INVALID };
  return { bits: BigInt(`0x${integer}`) | (BigInt(sign) << 79n), status };
}

/** FBLD: 80 bits. Digits above 9 are undefined by the SDM; they count as written here. */
export function fromPackedDecimal(bits: bigint): Float80 {
  let integer = 0n;
  for (let digit = 17n; digit >= 0n; digit--) integer = integer * 10n + ((bits >> (digit * 4n)) & 15n);
  return packExact({ sign: Number(bits >> 79n) & 1, mantissa: integer, exponent: 0 });
}
