// Fused multiply-add, and conversions from and to binary16: what WebAssembly has no arithmetic for. Here the quick form is exact too, as far as
// rounding to nearest goes: one rounding of a sum without error, or microcode where that is not sure to be right. SDM vol. 1, 14.4 and 14.5.
import * as ieee from "../../lib/ieee-float.js";
import { V128 } from "../../wasm/module-builder.js";
import type { Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import type { Emitter } from "./emitter.js";
import { computeLanes, type FloatOperation, type LaneOperation } from "./float-operation.js";
import { lanesOf } from "./packed-forms.js";

const op = operatorNamed;
const f64 = (name: string) => op(`f64x2_${name}`);

/** Signs of the product and of what is added. */
export interface Signs {
  readonly negateProduct: boolean;
  /** Subtracted: never, always, or in the even or odd elements. */
  readonly subtract: "none" | "all" | "even" | "odd";
}

type FusedShape = "f32" | "f64" | "f32x4" | "f64x2";
interface Facts {
  readonly lanes: number;
  readonly bytes: 4 | 8;
}
const FACTS: Readonly<Record<FusedShape, Facts>> = {
  f32: { lanes: 1, bytes: 4 },
  f64: { lanes: 1, bytes: 8 },
  f32x4: { lanes: 4, bytes: 4 },
  f64x2: { lanes: 2, bytes: 8 },
};

const subtractsIn = ({ subtract }: Signs, lane: number) =>
  subtract === "all" || (subtract === "even" && lane % 2 === 0) || (subtract === "odd" && lane % 2 === 1);

/** a * b + c with these signs, rounded once. A NaN keeps its own sign. */
export function fused(shape: FusedShape, signs: Signs): FloatOperation {
  const { lanes, bytes } = FACTS[shape];
  const format = ieee.formatOf(bytes);
  const signBit = 1n << BigInt(bytes * 8 - 1);
  const infinity = bytes === 8 ? 0x7ff0_0000_0000_0000n : 0x7f80_0000n;
  const negated = (value: bigint, wanted: boolean) =>
    wanted && (value & ~signBit) <= infinity ? value ^ signBit : value;
  const exact: LaneOperation = ([a, b, c], mxcsr, lane) =>
    ieee.multiplyAdd(negated(a, signs.negateProduct), b, negated(c, subtractsIn(signs, lane)), format, mxcsr);
  return {
    lanes,
    from: bytes,
    to: bytes,
    exact,
    quickEnough: { settled: true, operands: true, result: "normal" },
    quick: (x, operands) => {
      const [a, b, c] = operands.map((operand) => asVector(x, operand));
      const first = signs.negateProduct ? flipSigns(x, a, bytes, () => true) : a;
      const added = signs.subtract === "none" ? c : flipSigns(x, c, bytes, (lane) => subtractsIn(signs, lane));
      const { value, sure } = bytes === 8 ? fusedDoubles(x, first, b, added) : fusedSingles(x, first, b, added);
      const result = operands[0].type === V128 ? value : x.lane(op(`${shape}x${16 / bytes}_extract_lane`), 0, value);
      return computeLanes(x, { lanes, from: bytes, to: bytes }, exact, operands, result, sure);
    },
  };
}

/** A scalar in every element. */
function asVector(x: Emitter, operand: Node): Node {
  if (operand.type === V128) return operand;
  return x.apply(op(operand.type === F32_TYPE ? "f32x4_splat" : "f64x2_splat"), operand);
}
const F32_TYPE = op("f32_add").result;

function flipSigns(x: Emitter, value: Node, bytes: 4 | 8, wanted: (lane: number) => boolean): Node {
  const mask = Uint8Array.from({ length: 16 }, (_, n) =>
    n % bytes === bytes - 1 && wanted(Math.floor(n / bytes)) ? 0x80 : 0,
  );
  return x.apply(op("v128_xor"), value, x.v128(mask));
}

interface Sure {
  readonly value: Node;
  /** i32: not zero when `value` is right. */
  readonly sure: Node;
}

const add = (x: Emitter, a: Node, b: Node) => x.apply(f64("add"), a, b);
const sub = (x: Emitter, a: Node, b: Node) => x.apply(f64("sub"), a, b);
const mul = (x: Emitter, a: Node, b: Node) => x.apply(f64("mul"), a, b);
const and = (x: Emitter, a: Node, b: Node) => x.apply(op("v128_and"), a, b);
const or = (x: Emitter, a: Node, b: Node) => x.apply(op("v128_or"), a, b);
const splat = (x: Emitter, value: number) => {
  const image = new DataView(new ArrayBuffer(16));
  image.setFloat64(0, value, true);
  image.setFloat64(8, value, true);
  return x.v128(new Uint8Array(image.buffer));
};
const splat64 = (x: Emitter, value: number) => x.apply(op("i64x2_splat"), x.i64(value));
const allTrue = (x: Emitter, mask: Node) => x.eq(x.apply(op("i64x2_bitmask"), mask), x.i32(3));

/** a + b and its rounding error (Knuth). */
function twoSum(x: Emitter, a: Node, b: Node): [Node, Node] {
  const sum = add(x, a, b);
  const virtual = sub(x, sum, a);
  return [sum, add(x, sub(x, a, sub(x, sum, virtual)), sub(x, b, virtual))];
}

/** a * b and its rounding error (Dekker). */
function twoProduct(x: Emitter, a: Node, b: Node): [Node, Node] {
  const halves = (value: Node) => {
    const scaled = mul(x, value, splat(x, 2 ** 27 + 1));
    const high = sub(x, scaled, sub(x, scaled, value));
    return [high, sub(x, value, high)];
  };
  const product = mul(x, a, b);
  const [aHigh, aLow] = halves(a);
  const [bHigh, bLow] = halves(b);
  const rest = add(x, add(x, sub(x, mul(x, aHigh, bHigh), product), mul(x, aHigh, bLow)), mul(x, aLow, bHigh));
  return [product, add(x, rest, mul(x, aLow, bLow))];
}

/** sum + error rounded to odd: what makes a second rounding harmless (Boldo and Melquiond). */
function roundToOdd(x: Emitter, sum: Node, error: Node): Node {
  const inexact = x.apply(f64("ne"), error, x.zeroVector());
  const one = splat64(x, 1);
  const even = x.apply(op("i64x2_eq"), and(x, sum, one), x.zeroVector());
  // Away from zero when both have the same sign: one more; else one less.
  const opposite = x.apply(op("i64x2_gt_s"), x.zeroVector(), x.apply(op("v128_xor"), sum, error));
  const step = and(x, or(x, opposite, one), and(x, inexact, even));
  return x.apply(op("i64x2_add"), sum, step);
}

/** Bounds within which no step overflows and every error is a number. */
const LEAST_FACTOR = 2 ** -480;
const MOST_FACTOR = 2 ** 480;
const MOST_ADDED = 2 ** 1000;

function fusedDoubles(x: Emitter, a: Node, b: Node, c: Node): Sure {
  const [product, productError] = twoProduct(x, a, b);
  const [added, addedError] = twoSum(x, c, productError);
  const [sum, sumError] = twoSum(x, product, added);
  const [rest, restError] = twoSum(x, addedError, sumError);
  const many = add(x, sum, roundToOdd(x, rest, restError));
  // A product that is zero is exact, and the one sum has the right sign.
  const zero = x.zeroVector();
  const none = or(x, x.apply(f64("eq"), a, zero), x.apply(f64("eq"), b, zero));
  const value = x.apply(op("v128_bitselect"), add(x, product, c), many, none);
  const within = (node: Node, most: number) => x.apply(f64("le"), x.apply(f64("abs"), node), splat(x, most));
  const factor = (node: Node) =>
    and(
      x,
      within(node, MOST_FACTOR),
      or(x, none, x.apply(f64("ge"), x.apply(f64("abs"), node), splat(x, LEAST_FACTOR))),
    );
  return { value, sure: allTrue(x, and(x, and(x, factor(a), factor(b)), within(c, MOST_ADDED))) };
}

/** A product of singles is exact in double; the sum is rounded to odd there before it is made a single. */
function fusedSingles(x: Emitter, a: Node, b: Node, c: Node): Sure {
  const promote = op("f64x2_promote_low_f32x4");
  const upper = (value: Node) => x.shuffle(value, value, lanesOf(8, [1, 1]));
  const half = (one: Node, two: Node, three: Node) => {
    const [wideA, wideB, wideC] = [one, two, three].map((value) => x.apply(promote, value));
    const [sum, error] = twoSum(x, mul(x, wideA, wideB), wideC);
    const finite = x.apply(f64("le"), x.apply(f64("abs"), sum), splat(x, Number.MAX_VALUE));
    return { value: x.apply(op("f32x4_demote_f64x2_zero"), roundToOdd(x, sum, error)), finite };
  };
  const low = half(a, b, c);
  const high = half(upper(a), upper(b), upper(c));
  return {
    value: x.shuffle(low.value, high.value, lanesOf(8, [0, 2])),
    sure: allTrue(x, and(x, low.finite, high.finite)),
  };
}

// ---- binary16

const BINARY16: ieee.Format = { precision: 11, minExponent: -14, maxExponent: 15 };
const DAZ = 1 << 6;
const FTZ = 1 << 15;
const ROUNDING = 3 << 13;
const DENORMAL = 2;
const INEXACT = 0x20;

/** VCVTPH2PS from halves widened to 32 bits: exact; denormal halves are numbers like others. */
export const SINGLES_OF_HALVES: FloatOperation = byLanes(([a], mxcsr) => {
  const { bits, flags } = ieee.convert(a, BINARY16, ieee.BINARY32, mxcsr & ~(DAZ | FTZ));
  return { bits, flags: flags & ~DENORMAL };
});

/** VCVTPS2PH, the halves in 32 bits each; the immediate chooses the rounding, FTZ does not count. */
export const halvesOfSingles = (control: number): FloatOperation =>
  byLanes(([a], mxcsr) => {
    const rounding = control & 4 ? mxcsr : (mxcsr & ~ROUNDING) | ((control & 3) << 13);
    const { bits, flags } = ieee.convert(a, ieee.BINARY32, BINARY16, rounding & ~FTZ);
    // No denormal single is a half. Unlike of other numbers, the processor says so even when unmasked underflow stops the conversion.
    return { bits, flags: flags & DENORMAL ? flags | INEXACT : flags };
  });

function byLanes(exact: LaneOperation): FloatOperation {
  const sizes = { lanes: 4, from: 4, to: 4 };
  return { ...sizes, exact, quick: (x, operands) => computeLanes(x, sizes, exact, operands, x.zeroVector(), x.i32(0)) };
}
