// The 80-bit encodings: what is a number, a NaN, an infinity, and what today's processors refuse. SDM vol. 1, 8.2.2.
import {
  bitLength,
  DENORMAL,
  EXTENDED,
  type Finite,
  type Format,
  INVALID,
  type Rounded,
  roundUnmasked,
} from "./rounding.js";

/** An x87 register: sign in bit 15 of `signExponent`, biased exponent below; `mantissa` is the 64-bit significand. Immutable. */
export interface Float80 {
  readonly signExponent: number;
  readonly mantissa: bigint;
}

/** A value and the status word bits the operation sets: exception flags, C1, for some operations C0, C2 and C3. */
export interface Float80Result {
  readonly value: Float80;
  readonly status: number;
}

export const EXPONENT_BIAS = 16383;
export const INTEGER_BIT = 1n << 63n;
const QUIET_BIT = 1n << 62n;
const MAX_EXPONENT = 0x7fff;
const ALL_MASKED = 0x3f;

/** "Real indefinite": the answer to an invalid operation. */
export const DEFAULT_NAN: Float80 = { signExponent: 0xffff, mantissa: 0xc000_0000_0000_0000n };
export const ONE: Float80 = { signExponent: EXPONENT_BIAS, mantissa: INTEGER_BIT };

export function zero(sign: number): Float80 {
  return { signExponent: sign << 15, mantissa: 0n };
}

export function infinity(sign: number): Float80 {
  return { signExponent: (sign << 15) | MAX_EXPONENT, mantissa: INTEGER_BIT };
}

export function signOf(a: Float80): number {
  return a.signExponent >>> 15;
}

export function isNaN80(a: Float80): boolean {
  return (a.signExponent & MAX_EXPONENT) === MAX_EXPONENT && a.mantissa > INTEGER_BIT;
}

export function isSignaling(a: Float80): boolean {
  return isNaN80(a) && (a.mantissa & QUIET_BIT) === 0n;
}

export function isInfinite(a: Float80): boolean {
  return (a.signExponent & MAX_EXPONENT) === MAX_EXPONENT && a.mantissa === INTEGER_BIT;
}

export function isZero(a: Float80): boolean {
  return (a.signExponent & MAX_EXPONENT) === 0 && a.mantissa === 0n;
}

/** Denormals, and pseudo-denormals: an exponent of 0 with the integer bit set. */
export function isDenormal(a: Float80): boolean {
  return (a.signExponent & MAX_EXPONENT) === 0 && a.mantissa !== 0n;
}

/** Unnormals, pseudo-infinities and pseudo-NaNs: a non-zero exponent without the integer bit. Operands like these are invalid. */
export function isUnsupported(a: Float80): boolean {
  return (a.signExponent & MAX_EXPONENT) !== 0 && a.mantissa < INTEGER_BIT;
}

/** The number a zero, denormal or normal encoding stands for. */
export function unpack(a: Float80): Finite {
  const exponent = a.signExponent & MAX_EXPONENT;
  return { sign: a.signExponent >>> 15, mantissa: a.mantissa, exponent: Math.max(exponent, 1) - EXPONENT_BIAS - 63 };
}

/** Rounds to `format` (EXTENDED, or fewer bits under precision control) and encodes. `masks` are those of the control word. */
export function pack(value: Finite, format: Format, mode: number, masks = ALL_MASKED): Float80Result {
  const rounded = roundUnmasked(value, format, mode, masks);
  return { value: encodeRounded(rounded, format), status: rounded.flags };
}

function encodeRounded({ sign, mantissa, exponent, infinite }: Rounded, format: Format): Float80 {
  if (infinite) return infinity(sign);
  if (mantissa === 0n) return zero(sign);
  const significand = mantissa << BigInt(64 - format.precision);
  const biased = significand >= INTEGER_BIT ? exponent + format.precision - 1 + EXPONENT_BIAS : 0;
  return { signExponent: (sign << 15) | biased, mantissa: significand };
}

/** For values that fit: integers, constants, what another format held. */
export function packExact(value: Finite): Float80 {
  const length = bitLength(value.mantissa);
  const leading = value.exponent + length - 1;
  if (length === 0 || length > 64 || leading < EXTENDED.minExponent) return pack(value, EXTENDED, 0).value;
  return {
    signExponent: (value.sign << 15) | (leading + EXPONENT_BIAS),
    mantissa: value.mantissa << BigInt(64 - length),
  };
}

export function quiet(a: Float80): Float80 {
  return { signExponent: a.signExponent, mantissa: a.mantissa | QUIET_BIT };
}

/**
 * The answer when an operand is no number: the NaN to propagate (SDM vol. 1, table 4-7: a quiet one before a signaling one, else
 * the larger significand), or the default NaN for an unsupported encoding.
 */
export function propagateNaN(a: Float80, b: Float80 = a): Float80Result | undefined {
  if (isUnsupported(a) || isUnsupported(b)) return { value: DEFAULT_NAN, status: INVALID };
  const aIsNaN = isNaN80(a);
  const bIsNaN = isNaN80(b);
  if (!aIsNaN && !bIsNaN) return undefined;
  const status = isSignaling(a) || isSignaling(b) ? INVALID : 0;
  if (!bIsNaN) return { value: quiet(a), status };
  if (!aIsNaN) return { value: quiet(b), status };
  if (isSignaling(a) !== isSignaling(b)) return { value: isSignaling(a) ? b : a, status };
  if (a.mantissa !== b.mantissa) return { value: quiet(a.mantissa > b.mantissa ? a : b), status };
  return { value: quiet(signOf(a) <= signOf(b) ? a : b), status };
}

export const INVALID_RESULT: Float80Result = { value: DEFAULT_NAN, status: INVALID };

/** DENORMAL when one of the operands is. */
export function denormalStatus(a: Float80, b: Float80 = a): number {
  return isDenormal(a) || isDenormal(b) ? DENORMAL : 0;
}
