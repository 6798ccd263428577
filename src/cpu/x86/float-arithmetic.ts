// The floating-point operations of SSE and AVX, each with its quick and its exact form, for every shape it comes in. The instruction tables
// name operands and encodings; what is computed is said here. SDM vol. 2.
import * as ieee from "../../lib/ieee-float.js";
import {
  type NearOperation,
  nearDifference,
  nearProduct,
  nearQuotient,
  nearRoot,
  nearSum,
} from "../../lib/rounded-arithmetic.js";
import type { Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import type { Emitter } from "./emitter.js";
import type { FloatOperation, LaneOperation, QuickEnough } from "./float-operation.js";

/** Scalar and packed, single and double. */
export type Shape = "f32" | "f64" | "f32x4" | "f64x2";

interface ShapeFacts {
  readonly lanes: number;
  /** Bytes of an element. */
  readonly bytes: number;
  readonly format: ieee.Format;
}
const FACTS: Readonly<Record<Shape, ShapeFacts>> = {
  f32: { lanes: 1, bytes: 4, format: ieee.BINARY32 },
  f64: { lanes: 1, bytes: 8, format: ieee.BINARY64 },
  f32x4: { lanes: 4, bytes: 4, format: ieee.BINARY32 },
  f64x2: { lanes: 2, bytes: 8, format: ieee.BINARY64 },
};
const isScalar = (shape: Shape) => FACTS[shape].lanes === 1;

const sized = (shape: Shape) => ({ lanes: FACTS[shape].lanes, from: FACTS[shape].bytes, to: FACTS[shape].bytes });

/** Operands that raise nothing by themselves: for what does not round. */
const CALM_OPERANDS: QuickEnough = { settled: false, operands: true, result: "any" };

// ---- arithmetic

type Binary = (a: bigint, b: bigint, format: ieee.Format, mxcsr: number) => ieee.FloatResult;
const BINARY: Readonly<
  Record<"add" | "sub" | "mul" | "div", { readonly exact: Binary; readonly near: NearOperation }>
> = {
  add: { exact: ieee.add, near: nearSum },
  sub: { exact: ieee.subtract, near: nearDifference },
  mul: { exact: ieee.multiply, near: nearProduct },
  div: { exact: ieee.divide, near: nearQuotient },
};

/** A sum is zero only when it is exact. */
const SUM: QuickEnough = { settled: true, operands: true, result: "normalOrZero" };
const PRODUCT: QuickEnough = { settled: true, operands: true, result: "normal" };

/** operands[0] op operands[1]. */
export function arithmetic(name: keyof typeof BINARY, shape: Shape): FloatOperation {
  const operator = operatorNamed(`${shape}_${name}`);
  const fix = operatorNamed(`fix_nan_${shape}`);
  const { format } = FACTS[shape];
  const { exact, near } = BINARY[name];
  return {
    ...sized(shape),
    quick: (x, [a, b]) => x.apply(fix, x.apply(operator, a, b), a, b),
    exact: ([a, b], mxcsr) => exact(a, b, format, mxcsr),
    near,
    quickEnough: name === "add" || name === "sub" ? SUM : PRODUCT,
  };
}

/** ADDSUBPx: even elements are subtracted, odd ones added. */
export function addSubtract(shape: "f32x4" | "f64x2"): FloatOperation {
  const { bytes, format } = FACTS[shape];
  const fix = operatorNamed(`fix_nan_${shape}`);
  const mix = Array.from({ length: 16 }, (_, n) => (Math.floor(n / bytes) % 2 === 0 ? n : n + 16));
  return {
    ...sized(shape),
    quick: (x, [a, b]) => {
      const down = x.apply(operatorNamed(`${shape}_sub`), a, b);
      const up = x.apply(operatorNamed(`${shape}_add`), a, b);
      return x.apply(fix, x.shuffle(down, up, mix), a, b);
    },
    exact: ([a, b], mxcsr, lane) => (lane % 2 === 0 ? ieee.subtract : ieee.add)(a, b, format, mxcsr),
    quickEnough: SUM,
  };
}

export function squareRoot(shape: Shape): FloatOperation {
  const operator = operatorNamed(`${shape}_sqrt`);
  const fix = operatorNamed(`fix_nan_${shape}`);
  const { format } = FACTS[shape];
  return {
    ...sized(shape),
    quick: (x, [a]) => x.apply(fix, x.apply(operator, a), a, a),
    exact: ([a], mxcsr) => ieee.squareRoot(a, format, mxcsr),
    near: nearRoot,
    quickEnough: PRODUCT,
  };
}

/** MIN and MAX give the second operand when either is a NaN or both are zero: the pseudo-minimum with its operands swapped. */
export function extreme(name: "min" | "max", shape: Shape): FloatOperation {
  const { format } = FACTS[shape];
  const less = isScalar(shape) ? operatorNamed(`${shape}_${name === "min" ? "lt" : "gt"}`) : undefined;
  const pseudo = less ? undefined : operatorNamed(`${shape}_p${name}`);
  return {
    ...sized(shape),
    quick: (x, [a, b]) => (pseudo ? x.apply(pseudo, b, a) : x.select(x.apply(less as never, a, b), a, b)),
    exact: ([a, b], mxcsr) => {
      const { order, flags } = ieee.compare(a, b, format, true, mxcsr);
      const first = order === (name === "min" ? -1 : 1);
      return { bits: ieee.flushed(first ? a : b, format, mxcsr), flags };
    },
    quickEnough: CALM_OPERANDS,
  };
}

/** ROUNDxx by its immediate. Rounding by MXCSR (bit 2) is round to nearest in quick code. */
const ROUNDS = ["nearest", "floor", "ceil", "trunc"];
export function rounding(control: number, shape: Shape): FloatOperation {
  const operator = operatorNamed(`${shape}_${ROUNDS[control & 4 ? 0 : control & 3]}`);
  const fix = operatorNamed(`fix_nan_${shape}`);
  const { format } = FACTS[shape];
  return {
    ...sized(shape),
    quick: (x, [a]) => x.apply(fix, x.apply(operator, a), a, a),
    exact: ([a], mxcsr) => ieee.roundToIntegral(a, format, control, mxcsr),
    quickEnough: { settled: true, operands: true, result: "any" },
  };
}

// ---- comparisons

/** UCOMISx, COMISx (`signalQuiet`): an i32 with ZF PF CF in their rflags places; unordered sets all three. */
export function ordering(shape: "f32" | "f64", signalQuiet: boolean): FloatOperation {
  const compare = (kind: string) => operatorNamed(`${shape}_${kind}`);
  const [lt, eq, ne] = [compare("lt"), compare("eq"), compare("ne")];
  const { format, bytes } = FACTS[shape];
  return {
    lanes: 1,
    from: bytes,
    to: 4,
    quick: (x, [a, b]) => {
      const unordered = x.or(x.apply(ne, a, a), x.apply(ne, b, b));
      const carry = x.or(x.apply(lt, a, b), unordered);
      const zero = x.or(x.apply(eq, a, b), unordered);
      return x.or(x.or(carry, x.shl(unordered, x.i32(2))), x.shl(zero, x.i32(6)));
    },
    exact: ([a, b], mxcsr) => {
      const { order, flags } = ieee.compare(a, b, format, signalQuiet, mxcsr);
      return { bits: order === undefined ? 0x45n : order < 0 ? 1n : order === 0 ? 0x40n : 0n, flags };
    },
    quickEnough: CALM_OPERANDS,
  };
}

/**
 * Comparison predicates 0..15: whether less, equal, greater and unordered make it true, and whether quiet NaNs are invalid. Those from 16 on
 * are the same with the other answer about quiet NaNs.
 */
const PREDICATES: readonly { readonly truth: (order: number | undefined) => boolean; readonly signal: boolean }[] = [
  { truth: (order) => order === 0, signal: false },
  { truth: (order) => order === -1, signal: true },
  { truth: (order) => order === -1 || order === 0, signal: true },
  { truth: (order) => order === undefined, signal: false },
  { truth: (order) => order !== 0, signal: false },
  { truth: (order) => order !== -1, signal: true },
  { truth: (order) => order !== -1 && order !== 0, signal: true },
  { truth: (order) => order !== undefined, signal: false },
  { truth: (order) => order === 0 || order === undefined, signal: false },
  { truth: (order) => order === -1 || order === undefined, signal: true },
  { truth: (order) => order !== 1, signal: true },
  { truth: () => false, signal: false },
  { truth: (order) => order === -1 || order === 1, signal: false },
  { truth: (order) => order === 0 || order === 1, signal: true },
  { truth: (order) => order === 1, signal: true },
  { truth: () => true, signal: false },
];

/** CMPxx by predicate, 0..31: operands are vectors, and of a scalar comparison only the low element of the result counts. */
export function comparison(predicate: number, shape: Shape): FloatOperation {
  const { bytes, format, lanes } = FACTS[shape];
  const vector = bytes === 8 ? "f64x2" : "f32x4";
  const { truth, signal } = PREDICATES[predicate & 15];
  const signalQuiet = predicate < 16 ? signal : !signal;
  const yes = bytes === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  return {
    lanes,
    from: bytes,
    to: bytes,
    quick: (x, [a, b]) => compared(x, vector, predicate & 15, a, b),
    exact: ([a, b], mxcsr) => {
      const { order, flags } = ieee.compare(a, b, format, signalQuiet, mxcsr);
      return { bits: truth(order) ? yes : 0n, flags };
    },
    quickEnough: CALM_OPERANDS,
  };
}

const NOT = operatorNamed("v128_not");
const OR = operatorNamed("v128_or");

function compared(x: Emitter, shape: "f32x4" | "f64x2", predicate: number, a: Node, b: Node): Node {
  const by = (kind: string) => x.apply(operatorNamed(`${shape}_${kind}`), a, b);
  const ne = operatorNamed(`${shape}_ne`);
  const unordered = () => x.apply(OR, x.apply(ne, a, a), x.apply(ne, b, b));
  switch (predicate) {
    case 0:
      return by("eq");
    case 1:
      return by("lt");
    case 2:
      return by("le");
    case 3:
      return unordered();
    case 4:
      return by("ne");
    case 5:
      return x.apply(NOT, by("lt"));
    case 6:
      return x.apply(NOT, by("le"));
    case 7:
      return x.apply(NOT, unordered());
    case 8:
      return x.apply(OR, by("eq"), unordered());
    case 9:
      return x.apply(NOT, by("ge"));
    case 10:
      return x.apply(NOT, by("gt"));
    case 11:
      return x.zeroVector();
    case 12:
      return x.apply(OR, by("lt"), by("gt"));
    case 13:
      return by("ge");
    case 14:
      return by("gt");
    default:
      return x.apply(NOT, x.zeroVector());
  }
}

// ---- conversions between formats

const widen: LaneOperation = ([a], mxcsr) => ieee.convert(a, ieee.BINARY32, ieee.BINARY64, mxcsr);
const narrow: LaneOperation = ([a], mxcsr) => ieee.convert(a, ieee.BINARY64, ieee.BINARY32, mxcsr);
const converting =
  (operator: string) =>
  (x: Emitter, [a]: readonly Node[]) =>
    x.apply(operatorNamed(operator), a);

/** CVTSS2SD, CVTPS2PD. */
export const WIDEN: FloatOperation = {
  lanes: 1,
  from: 4,
  to: 8,
  quick: converting("f64_promote_f32"),
  exact: widen,
  quickEnough: CALM_OPERANDS,
};
export const WIDEN_PACKED: FloatOperation = { ...WIDEN, lanes: 2, quick: converting("f64x2_promote_low_f32x4") };

/** CVTSD2SS, CVTPD2PS. */
export const NARROW: FloatOperation = {
  lanes: 1,
  from: 8,
  to: 4,
  quick: converting("f32_demote_f64"),
  exact: narrow,
  quickEnough: PRODUCT,
};
export const NARROW_PACKED: FloatOperation = {
  ...NARROW,
  lanes: 2,
  quick: converting("f32x4_demote_f64x2_zero"),
  quickEnough: undefined, // two elements of the result are zero
};

// ---- conversions from integers

/** CVTSI2SD, CVTSI2SS from `bits` (32 or 64). */
export function fromInteger(shape: "f32" | "f64", bits: 32 | 64): FloatOperation {
  const { format, bytes } = FACTS[shape];
  return {
    lanes: 1,
    from: bits / 8,
    to: bytes,
    quick: converting(`${shape}_convert_i${bits}_s`),
    exact: bytes * 8 > bits ? undefined : ([a], mxcsr) => ieee.fromInteger(BigInt.asIntN(bits, a), format, mxcsr),
    quickEnough: { settled: true, operands: false, result: "any" },
  };
}

/** CVTDQ2PD: always exact. */
export const DOUBLES_OF_INTEGERS: FloatOperation = {
  lanes: 2,
  from: 4,
  to: 8,
  quick: converting("f64x2_convert_low_i32x4_s"),
};

/** CVTDQ2PS. */
export const SINGLES_OF_INTEGERS: FloatOperation = {
  lanes: 4,
  from: 4,
  to: 4,
  quick: converting("f32x4_convert_i32x4_s"),
  exact: ([a], mxcsr) => ieee.fromInteger(BigInt.asIntN(32, a), ieee.BINARY32, mxcsr),
  quickEnough: { settled: true, operands: false, result: "any" },
};

// ---- conversions to integers

const TRUNCATE = 3;

/** CVT(T)SD2SI, CVT(T)SS2SI to `bits` (32 or 64): out of range and NaN give the "integer indefinite", 0x80..0. */
export function toInteger(shape: "f32" | "f64", bits: 32 | 64, truncate: boolean): FloatOperation {
  const { format, bytes } = FACTS[shape];
  return {
    lanes: 1,
    from: bytes,
    to: bits / 8,
    quick: (x, [a]) => {
      const value = shape === "f32" ? x.apply(PROMOTE, a) : a;
      return scalarToInteger(x, truncate ? value : x.apply(NEAREST, value), bits);
    },
    exact: ([a], mxcsr) =>
      truncate ? ieee.toInteger(a, format, bits, mxcsr, TRUNCATE) : ieee.toInteger(a, format, bits, mxcsr),
    quickEnough: { settled: true, operands: false, result: "definite" },
  };
}

const PROMOTE = operatorNamed("f64_promote_f32");
const NEAREST = operatorNamed("f64_nearest");

function scalarToInteger(x: Emitter, value: Node, bits: number): Node {
  const limit = bits === 64 ? 2 ** 63 : 2 ** 31;
  const at = (number: number) => x.apply(operatorNamed("f64_reinterpret_i64"), doubleBits(x, number));
  // -limit <= value < limit in whole numbers; the 32-bit range has room for the fraction below.
  const inside = x.and(
    bits === 64
      ? x.apply(operatorNamed("f64_ge"), value, at(-limit))
      : x.apply(operatorNamed("f64_gt"), value, at(-limit - 1)),
    x.apply(operatorNamed("f64_lt"), value, at(limit)),
  );
  // The conversion would trap outside: it is given 0 instead.
  const safe = x.select(inside, value, at(0));
  const converted = x.apply(operatorNamed(bits === 64 ? "i64_trunc_f64_s" : "i32_trunc_f64_s"), safe);
  return x.select(inside, converted, bits === 64 ? x.i64(0, 0x80000000) : x.i32(0x80000000));
}

const bitsView = new DataView(new ArrayBuffer(8));
function doubleBits(x: Emitter, value: number): Node {
  bitsView.setFloat64(0, value);
  return x.i64(bitsView.getInt32(4), bitsView.getInt32(0));
}

/** CVT(T)PS2DQ, CVT(T)PD2DQ: of doubles the upper half of the result is zero. */
export function toIntegers(shape: "f32x4" | "f64x2", truncate: boolean): FloatOperation {
  const { format, bytes, lanes } = FACTS[shape];
  return {
    lanes,
    from: bytes,
    to: 4,
    quick: (x, [a]) => saturated(x, truncate ? a : x.apply(operatorNamed(`${shape}_nearest`), a), shape === "f64x2"),
    exact: ([a], mxcsr) =>
      truncate ? ieee.toInteger(a, format, 32, mxcsr, TRUNCATE) : ieee.toInteger(a, format, 32, mxcsr),
  };
}

/** Saturated lanes to the integer indefinite: where the value is a NaN or not below 2^31. */
function saturated(x: Emitter, value: Node, double: boolean): Node {
  const shape = double ? "f64x2" : "f32x4";
  const converted = x.apply(operatorNamed(double ? "i32x4_trunc_sat_f64x2_s_zero" : "i32x4_trunc_sat_f32x4_s"), value);
  const limit = double
    ? x.apply(operatorNamed("f64x2_splat"), x.apply(operatorNamed("f64_reinterpret_i64"), doubleBits(x, 2 ** 31)))
    : x.apply(operatorNamed("f32x4_splat"), x.apply(operatorNamed("f32_reinterpret_i32"), x.i32(0x4f000000)));
  const inside = x.apply(operatorNamed(`${shape}_lt`), value, limit);
  const bad = double
    ? x.shuffle(x.apply(NOT, inside), x.zeroVector(), [0, 1, 2, 3, 8, 9, 10, 11, 16, 16, 16, 16, 16, 16, 16, 16])
    : x.apply(NOT, inside);
  const indefinite = x.apply(operatorNamed("i32x4_splat"), x.i32(0x80000000));
  // Below -2^31 saturation already gives 0x80000000.
  return x.apply(operatorNamed("v128_bitselect"), indefinite, converted, bad);
}
