// SSE and AVX scalar floating point in software, bit for bit: every rounding mode, DAZ, FTZ and the exception flags of MXCSR. The result
// is that of masked exceptions; the flags are right for unmasked ones too. For what the host's nearest-rounding arithmetic cannot
// give. Values are the bits of binary32 or binary64.
import { encodeBinary } from "./float80/conversion.js";
import { addFinite, compareFinite, divideFinite, multiplyFinite, rootFinite } from "./float80/exact.js";
import {
  BINARY32,
  BINARY64,
  bitLength,
  DENORMAL,
  type Finite,
  type Format,
  INEXACT,
  INVALID,
  OVERFLOW,
  roundFinite,
  roundShift,
  UNDERFLOW,
  ZERO_DIVIDE,
} from "./float80/rounding.js";

export { BINARY32, BINARY64, type Format } from "./float80/rounding.js";

export interface FloatResult {
  readonly bits: bigint;
  /** To OR into MXCSR. */
  readonly flags: number;
}

const DAZ = 1 << 6;
const FTZ = 1 << 15;
const OVERFLOW_MASK = 1 << 10;
const UNDERFLOW_MASK = 1 << 11;
const EXCEPTION_FLAGS = 0x3f;

type Kind = "finite" | "infinite" | "nan";

interface Decoded {
  readonly kind: Kind;
  readonly value: Finite;
  readonly denormal: boolean;
  readonly signaling: boolean;
}

function fractionBits(format: Format): bigint {
  return BigInt(format.precision - 1);
}

function topExponent(format: Format): number {
  return 2 * format.maxExponent + 1;
}

function decode(bits: bigint, format: Format, mxcsr: number): Decoded {
  const fraction = bits & ((1n << fractionBits(format)) - 1n);
  const signExponent = Number(bits >> fractionBits(format));
  const biased = signExponent & topExponent(format);
  const sign = biased === signExponent ? 0 : 1;
  const exponent = Math.max(biased, 1) - format.maxExponent - format.precision + 1;
  if (biased === topExponent(format)) {
    const signaling = fraction !== 0n && fraction >> (fractionBits(format) - 1n) === 0n;
    const value = { sign, mantissa: fraction, exponent: 0 };
    return { kind: fraction === 0n ? "infinite" : "nan", value, denormal: false, signaling };
  }
  const denormal = biased === 0 && fraction !== 0n;
  const flushed = denormal && (mxcsr & DAZ) !== 0;
  const mantissa = flushed ? 0n : biased === 0 ? fraction : fraction | (1n << fractionBits(format));
  return { kind: "finite", value: { sign, mantissa, exponent }, denormal: denormal && !flushed, signaling: false };
}

function signBit(format: Format, sign: number): bigint {
  return sign ? BigInt(topExponent(format) + 1) << fractionBits(format) : 0n;
}

function infinity(format: Format, sign: number): bigint {
  return signBit(format, sign) | (BigInt(topExponent(format)) << fractionBits(format));
}

function zero(format: Format, sign: number): bigint {
  return signBit(format, sign);
}

function quiet(bits: bigint, format: Format): bigint {
  return bits | (1n << (fractionBits(format) - 1n));
}

function defaultNaN(format: Format): bigint {
  return quiet(infinity(format, 1), format);
}

function invalid(format: Format): FloatResult {
  return { bits: defaultNaN(format), flags: INVALID };
}

function roundingOf(mxcsr: number): number {
  return (mxcsr >>> 13) & 3;
}

function finish(exact: Finite, format: Format, mxcsr: number, flags: number): FloatResult {
  const rounded = roundFinite(exact, format, roundingOf(mxcsr));
  const trapped =
    (rounded.tiny && !(mxcsr & UNDERFLOW_MASK) ? UNDERFLOW : 0) |
    (rounded.flags & OVERFLOW && !(mxcsr & OVERFLOW_MASK) ? OVERFLOW : 0);
  if (trapped) {
    // Nothing is stored, and inexact is what it would be with exponents without bounds.
    const shift = bitLength(exact.mantissa) - format.precision;
    const [, inexact] = roundShift(exact.mantissa, shift, exact.sign, roundingOf(mxcsr));
    return { bits: 0n, flags: flags | trapped | (inexact & INEXACT) };
  }
  if (rounded.tiny && mxcsr & FTZ) return { bits: zero(format, rounded.sign), flags: flags | UNDERFLOW | INEXACT };
  return { bits: encodeBinary(rounded, format), flags: flags | (rounded.flags & EXCEPTION_FLAGS) };
}

/** The first NaN among the operands, made quiet. */
function propagateNaN(format: Format, ...operands: [bits: bigint, decoded: Decoded][]): FloatResult | undefined {
  const first = operands.find(([, decoded]) => decoded.kind === "nan");
  if (!first) return undefined;
  return { bits: quiet(first[0], format), flags: operands.some(([, decoded]) => decoded.signaling) ? INVALID : 0 };
}

function denormalFlag(...operands: Decoded[]): number {
  return operands.some((operand) => operand.denormal) ? DENORMAL : 0;
}

function negated(value: Finite): Finite {
  return { ...value, sign: value.sign ^ 1 };
}

export function add(a: bigint, b: bigint, format: Format, mxcsr: number): FloatResult {
  return sum(a, b, format, mxcsr, false);
}

/** a - b. */
export function subtract(a: bigint, b: bigint, format: Format, mxcsr: number): FloatResult {
  return sum(a, b, format, mxcsr, true);
}

function sum(aBits: bigint, bBits: bigint, format: Format, mxcsr: number, negate: boolean): FloatResult {
  const a = decode(aBits, format, mxcsr);
  const b = decode(bBits, format, mxcsr);
  const nan = propagateNaN(format, [aBits, a], [bBits, b]);
  if (nan) return nan;
  const flags = denormalFlag(a, b);
  const right = negate ? negated(b.value) : b.value;
  if (a.kind === "infinite") {
    return b.kind === "infinite" && a.value.sign !== right.sign ? invalid(format) : { bits: aBits, flags };
  }
  if (b.kind === "infinite") return { bits: infinity(format, right.sign), flags };
  return finish(addFinite(a.value, right, roundingOf(mxcsr)), format, mxcsr, flags);
}

export function multiply(aBits: bigint, bBits: bigint, format: Format, mxcsr: number): FloatResult {
  const a = decode(aBits, format, mxcsr);
  const b = decode(bBits, format, mxcsr);
  const nan = propagateNaN(format, [aBits, a], [bBits, b]);
  if (nan) return nan;
  const flags = denormalFlag(a, b);
  if (a.kind === "infinite" || b.kind === "infinite") {
    return isZero(a) || isZero(b) ? invalid(format) : { bits: infinity(format, a.value.sign ^ b.value.sign), flags };
  }
  return finish(multiplyFinite(a.value, b.value), format, mxcsr, flags);
}

function isZero(a: Decoded): boolean {
  return a.kind === "finite" && a.value.mantissa === 0n;
}

/** a / b. */
export function divide(aBits: bigint, bBits: bigint, format: Format, mxcsr: number): FloatResult {
  const a = decode(aBits, format, mxcsr);
  const b = decode(bBits, format, mxcsr);
  const nan = propagateNaN(format, [aBits, a], [bBits, b]);
  if (nan) return nan;
  const flags = denormalFlag(a, b);
  const sign = a.value.sign ^ b.value.sign;
  if (a.kind === "infinite") return b.kind === "infinite" ? invalid(format) : { bits: infinity(format, sign), flags };
  if (b.kind === "infinite") return { bits: zero(format, sign), flags };
  if (isZero(b)) return isZero(a) ? invalid(format) : { bits: infinity(format, sign), flags: ZERO_DIVIDE };
  return finish(divideFinite(a.value, b.value), format, mxcsr, flags);
}

export function squareRoot(bits: bigint, format: Format, mxcsr: number): FloatResult {
  const a = decode(bits, format, mxcsr);
  const nan = propagateNaN(format, [bits, a]);
  if (nan) return nan;
  if (isZero(a)) return { bits: zero(format, a.value.sign), flags: 0 };
  if (a.value.sign) return invalid(format);
  if (a.kind === "infinite") return { bits, flags: 0 };
  return finish(rootFinite(a.value), format, mxcsr, denormalFlag(a));
}

/** a * b + c, rounded once; the order of the factors, as the instruction names them, decides which NaN is answered. */
export function multiplyAdd(aBits: bigint, bBits: bigint, cBits: bigint, format: Format, mxcsr: number): FloatResult {
  const a = decode(aBits, format, mxcsr);
  const b = decode(bBits, format, mxcsr);
  const c = decode(cBits, format, mxcsr);
  const nan = propagateNaN(format, [aBits, a], [bBits, b], [cBits, c]);
  const infinite = a.kind === "infinite" || b.kind === "infinite";
  if (nan) return nan;
  if (infinite && (isZero(a) || isZero(b))) return invalid(format);
  const flags = denormalFlag(a, b, c);
  const sign = a.value.sign ^ b.value.sign;
  if (infinite) {
    return c.kind === "infinite" && c.value.sign !== sign ? invalid(format) : { bits: infinity(format, sign), flags };
  }
  if (c.kind === "infinite") return { bits: cBits, flags };
  const product = multiplyFinite(a.value, b.value);
  return finish(addFinite(product, c.value, roundingOf(mxcsr)), format, mxcsr, flags);
}

/** CVTSS2SD, CVTSD2SS. */
export function convert(bits: bigint, from: Format, to: Format, mxcsr: number): FloatResult {
  const a = decode(bits, from, mxcsr);
  if (a.kind === "infinite") return { bits: infinity(to, a.value.sign), flags: 0 };
  if (a.kind === "finite") return finish(a.value, to, mxcsr, denormalFlag(a));
  const shift = to.precision - from.precision;
  const fraction = shift > 0 ? a.value.mantissa << BigInt(shift) : a.value.mantissa >> BigInt(-shift);
  return { bits: quiet(infinity(to, a.value.sign) | fraction, to), flags: a.signaling ? INVALID : 0 };
}

/** CVTSS2SI, CVTSD2SI (`size` 32 or 64): out of range gives the integer indefinite. `mode` is a rounding control. */
export function toInteger(
  bits: bigint,
  format: Format,
  size: number,
  mxcsr: number,
  mode = roundingOf(mxcsr),
): FloatResult {
  const limit = 1n << BigInt(size - 1);
  const indefinite = { bits: limit, flags: INVALID };
  const { kind, value } = decode(bits, format, mxcsr);
  if (kind !== "finite" || value.exponent > 64) return indefinite;
  const [integer, flags] = roundShift(value.mantissa, -value.exponent, value.sign, mode);
  if (integer > limit || (integer === limit && !value.sign)) return indefinite;
  return { bits: BigInt.asUintN(size, value.sign ? -integer : integer), flags: flags & EXCEPTION_FLAGS };
}

/** CVTSI2SS, CVTSI2SD: any signed integer. */
export function fromInteger(integer: bigint, format: Format, mxcsr: number): FloatResult {
  const value = { sign: integer < 0n ? 1 : 0, mantissa: integer < 0n ? -integer : integer, exponent: 0 };
  return finish(value, format, mxcsr, 0);
}

/** ROUNDSS, ROUNDSD: bit 2 of `control` says MXCSR's mode, else bits 1..0 do; bit 3 suppresses the inexact flag. */
export function roundToIntegral(bits: bigint, format: Format, control: number, mxcsr: number): FloatResult {
  const a = decode(bits, format, mxcsr);
  const nan = propagateNaN(format, [bits, a]);
  if (nan) return nan;
  if (a.kind === "infinite" || a.value.exponent >= 0) return { bits, flags: 0 };
  const mode = control & 4 ? roundingOf(mxcsr) : control & 3;
  const [mantissa, flags] = roundShift(a.value.mantissa, -a.value.exponent, a.value.sign, mode);
  const rounded = roundFinite({ sign: a.value.sign, mantissa, exponent: 0 }, format, mode);
  return { bits: encodeBinary(rounded, format), flags: control & 8 ? 0 : flags & INEXACT };
}

export interface Comparison {
  /** -1, 0, 1, or undefined when unordered. */
  readonly order: number | undefined;
  readonly flags: number;
}

/** UCOMISS, COMISS (`signalQuiet`: quiet NaNs are invalid too) and the predicates of CMPSS. */
export function compare(aBits: bigint, bBits: bigint, format: Format, signalQuiet: boolean, mxcsr: number): Comparison {
  const a = decode(aBits, format, mxcsr);
  const b = decode(bBits, format, mxcsr);
  if (a.kind === "nan" || b.kind === "nan") {
    return { order: undefined, flags: signalQuiet || a.signaling || b.signaling ? INVALID : 0 };
  }
  return { order: compareFinite(comparable(a), comparable(b)), flags: denormalFlag(a, b) };
}

function comparable({ kind, value }: Decoded): Finite {
  return kind === "infinite" ? { sign: value.sign, mantissa: 1n, exponent: 0x8000 } : value;
}

/** The value as the operation sees it: a denormal is zero under DAZ. */
export function flushed(bits: bigint, format: Format, mxcsr: number): bigint {
  const { kind, value } = decode(bits, format, mxcsr);
  return kind === "finite" && value.mantissa === 0n ? zero(format, value.sign) : bits;
}

export function formatOf(bytes: number): Format {
  return bytes === 4 ? BINARY32 : BINARY64;
}
