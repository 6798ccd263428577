// Rounding an exact binary number to a floating-point format, the one place where it happens for binary32, binary64 and x87's
// 80 bits. Knows no encodings, NaNs or infinities.

/** A binary floating-point format: `precision` significant bits, exponents of the leading bit from `minExponent` to `maxExponent`. */
export interface Format {
  readonly precision: number;
  readonly minExponent: number;
  readonly maxExponent: number;
}

export const BINARY32: Format = { precision: 24, minExponent: -126, maxExponent: 127 };
export const BINARY64: Format = { precision: 53, minExponent: -1022, maxExponent: 1023 };
export const EXTENDED: Format = { precision: 64, minExponent: -16382, maxExponent: 16383 };

/** Rounding control, as in the x87 control word and MXCSR. */
export const NEAREST = 0;
export const DOWN = 1;
export const UP = 2;
export const TRUNCATE = 3;

// Exception flags, as in the x87 status word and MXCSR.
export const INVALID = 1;
export const DENORMAL = 2;
export const ZERO_DIVIDE = 4;
export const OVERFLOW = 8;
export const UNDERFLOW = 16;
export const INEXACT = 32;
/** x87's C1: the rounded magnitude is larger than the exact one. */
export const ROUNDED_UP = 0x200;

/** The exact number (-1)^sign * mantissa * 2^exponent; zero has a sign. */
export interface Finite {
  readonly sign: number;
  readonly mantissa: bigint;
  readonly exponent: number;
}

export interface Rounded extends Finite {
  /** Too large for the format and rounded away from zero: mantissa and exponent say nothing. */
  readonly infinite: boolean;
  /** Smaller than the smallest normal number once rounded; flushing to zero wants to know. */
  readonly tiny: boolean;
  /** INEXACT, OVERFLOW, UNDERFLOW (tiny and inexact: the masked rule), ROUNDED_UP. */
  readonly flags: number;
}

export function bitLength(value: bigint): number {
  let bits = 0;
  while (value >= 0x1_0000_0000_0000_0000n) {
    value >>= 64n;
    bits += 64;
  }
  const high = Number(value >> 32n);
  return high !== 0 ? bits + 64 - Math.clz32(high) : bits + 32 - Math.clz32(Number(value));
}

/** `mantissa / 2^shift` rounded to an integer, and whether that was inexact (INEXACT) and upwards (ROUNDED_UP). */
export function roundShift(mantissa: bigint, shift: number, sign: number, mode: number): [bigint, number] {
  if (shift <= 0) return [mantissa << BigInt(-shift), 0];
  const by = BigInt(shift);
  const kept = mantissa >> by;
  const rest = mantissa - (kept << by);
  if (rest === 0n) return [kept, 0];
  return awayFromZero(kept, rest, 1n << (by - 1n), sign, mode) ? [kept + 1n, INEXACT | ROUNDED_UP] : [kept, INEXACT];
}

function awayFromZero(kept: bigint, rest: bigint, half: bigint, sign: number, mode: number): boolean {
  if (mode === NEAREST) return rest > half || (rest === half && (kept & 1n) === 1n);
  return mode === (sign ? DOWN : UP);
}

/**
 * Rounds to `format`. The result's mantissa has at most `precision` bits, and all of them unless it is denormal or zero.
 * Tininess is detected after rounding, as x86 does (SDM vol. 1, 4.9.1.5).
 */
export function roundFinite(value: Finite, format: Format, mode: number): Rounded {
  const { sign, mantissa, exponent } = value;
  if (mantissa === 0n) return { sign, mantissa, exponent: 0, infinite: false, tiny: false, flags: 0 };
  const { precision, minExponent, maxExponent } = format;
  const length = bitLength(mantissa);
  const leading = exponent + length - 1;
  let quantum = Math.max(leading, minExponent) - precision + 1;
  let [kept, flags] = roundShift(mantissa, quantum - exponent, sign, mode);
  if (bitLength(kept) > precision) {
    kept >>= 1n;
    quantum++;
  }
  if (quantum + precision - 1 > maxExponent) return overflowed(sign, format, mode);
  const tiny = leading < minExponent && isTiny(value, leading, format, mode);
  if (tiny && flags !== 0) flags |= UNDERFLOW;
  return { sign, mantissa: kept, exponent: quantum, infinite: false, tiny, flags };
}

/** Unmasked overflow and underflow give x87 registers a result with its exponent moved by this. SDM vol. 1, 8.5.4 and 8.5.5. */
const BIAS_ADJUST = 24576;

/**
 * As roundFinite, for a destination whose overflow and underflow are delivered when their mask bits (OVERFLOW, UNDERFLOW in `masks`) are
 * clear: the result is brought into range, and inexact is what it is without bounds.
 */
export function roundUnmasked(value: Finite, format: Format, mode: number, masks: number): Rounded {
  const rounded = roundFinite(value, format, mode);
  const move = (by: number) => roundFinite({ ...value, exponent: value.exponent + by }, format, mode);
  // What is still out of range (FSCALE can do that) becomes infinity or zero, whatever the rounding.
  if (rounded.flags & OVERFLOW && !(masks & OVERFLOW)) {
    const moved = move(-BIAS_ADJUST);
    if (!(moved.flags & OVERFLOW)) return { ...moved, flags: moved.flags | OVERFLOW };
    return { ...rounded, infinite: true, flags: OVERFLOW | INEXACT | ROUNDED_UP };
  }
  if (rounded.tiny && !(masks & UNDERFLOW)) {
    const moved = move(BIAS_ADJUST);
    if (!moved.tiny) return { ...moved, flags: moved.flags | UNDERFLOW };
    return { ...rounded, mantissa: 0n, flags: UNDERFLOW | INEXACT };
  }
  return rounded;
}

function isTiny({ sign, mantissa, exponent }: Finite, leading: number, format: Format, mode: number): boolean {
  if (leading < format.minExponent - 1) return true;
  const shift = leading - format.precision + 1 - exponent;
  return bitLength(roundShift(mantissa, shift, sign, mode)[0]) <= format.precision;
}

function overflowed(sign: number, { precision, maxExponent }: Format, mode: number): Rounded {
  const infinite = mode === NEAREST || mode === (sign ? DOWN : UP);
  return {
    sign,
    mantissa: (1n << BigInt(precision)) - 1n,
    exponent: maxExponent - precision + 1,
    infinite,
    tiny: false,
    flags: infinite ? OVERFLOW | INEXACT | ROUNDED_UP : OVERFLOW | INEXACT,
  };
}
