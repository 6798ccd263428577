// How SSE, AVX and FMA instructions compute with floating point. Each operation is declared once, with its quick form (WebAssembly's
// arithmetic, which rounds to nearest and records nothing) and its exact one (lib/ieee-float, which obeys all of MXCSR). Exact code takes the
// quick result where it can be shown to be the exact one. SDM vol. 1, 10.2.3 and 11.5.

import { DOWN } from "../../lib/float80/rounding.js";
import type { FloatResult } from "../../lib/ieee-float.js";
import { isModerate, type NearOperation, settle } from "../../lib/rounded-arithmetic.js";
import { SIMD_FLOATING_POINT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { F32, F64, I32, I64, type ValueType } from "../../wasm/module-builder.js";
import { type Core, Exception } from "../core.js";
import { LOAD32, LOAD64, LOAD128 } from "../ir/builder.js";
import type { Access, Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import type { Emitter } from "./emitter.js";

/** What one element of the result is: `operands` are the bits of that element in each operand. */
export type LaneOperation = (operands: readonly bigint[], mxcsr: number, lane: number) => FloatResult;

/** When the quick result is known to be the exact one: every condition given holds. */
export interface QuickEnough {
  /** MXCSR rounds to nearest, and inexact results leave it as it is: PE is set and masked. */
  readonly settled: boolean;
  /** No operand is denormal or a NaN. */
  readonly operands: boolean;
  /** The result is a normal number, or that or zero, or not the integer indefinite. */
  readonly result: "any" | "normal" | "normalOrZero" | "definite";
}

export interface FloatOperation {
  /** Elements computed in each part. */
  readonly lanes: number;
  /** Bytes of an operand's element, and of the result's. */
  readonly from: number;
  readonly to: number;
  /** The part's result by WebAssembly's arithmetic. Elements that are not computed are taken from it in exact code too. */
  readonly quick: (x: Emitter, operands: readonly Node[]) => Node;
  /** Absent: the quick result is the exact one, and raises nothing. */
  readonly exact?: LaneOperation;
  /** The same by the host's arithmetic, for operands that are not extreme: it is much faster. */
  readonly near?: NearOperation;
  /** Absent: exact code always computes exactly. */
  readonly quickEnough?: QuickEnough;
}

/**
 * The operation on operands of a vector (v128) or of its low element (f32, f64, i32, i64). Exact code may raise #XM here: nothing of the
 * instruction may have been done.
 */
export function compute(x: Emitter, operation: FloatOperation, ...operands: Node[]): Node {
  return computeParts(x, operation, [operands])[0];
}

/** The same for an instruction of several 128-bit parts, each with its operands: their exceptions are raised together. */
export function computeParts(x: Emitter, operation: FloatOperation, parts: readonly (readonly Node[])[]): Node[] {
  const results = parts.map((operands) => operation.quick(x, operands));
  const { exact } = operation;
  if (!x.exactFloat || !exact) return results;
  results.forEach((result, part) => {
    store(x, resultPlace(part), result);
  });
  const compute = () => {
    parts.forEach((operands, part) => {
      operands.forEach((operand, n) => {
        store(x, operandPlace(part, n), operand);
      });
    });
    const operandCount = parts[0].length;
    x.microcode((core) => {
      if (operation.near && computeNear(core, operation, operation.near, parts.length, operandCount)) return;
      computeExactly(core, operation, exact, parts.length, operandCount);
    });
  };
  const quickEnough = isQuickEnough(x, operation, parts, results);
  if (quickEnough) x.when(x.eqz(quickEnough), compute);
  else compute();
  return results.map((result, part) => load(x, resultPlace(part), result.type));
}

// ---- where operands and results lie for the microcode

const PART_SIZE = 16;
const MAX_PARTS = 4;
const resultPlace = (part: number) => layout.OFFSET_SCRATCH + part * PART_SIZE;
const operandPlace = (part: number, operand: number) =>
  layout.OFFSET_SCRATCH + (MAX_PARTS * (operand + 1) + part) * PART_SIZE;

const TO_BITS = { [F32]: operatorNamed("i32_reinterpret_f32"), [F64]: operatorNamed("i64_reinterpret_f64") };
const FROM_BITS = { [F32]: operatorNamed("f32_reinterpret_i32"), [F64]: operatorNamed("f64_reinterpret_i64") };

function accessOf(type: ValueType): Access {
  return type === I32 || type === F32 ? LOAD32 : type === I64 || type === F64 ? LOAD64 : LOAD128;
}

function store(x: Emitter, offset: number, value: Node): void {
  const { type } = value;
  x.stateStore(offset, accessOf(type), type === F32 || type === F64 ? x.apply(TO_BITS[type], value) : value);
}

function load(x: Emitter, offset: number, type: ValueType): Node {
  const bits = x.stateLoad(offset, accessOf(type));
  return type === F32 || type === F64 ? x.apply(FROM_BITS[type], bits) : bits;
}

// ---- the exact computation

const EXCEPTIONS = 0x3f;
const MASKS_SHIFT = 7;
/** Invalid, denormal, zero divide: unmasked, they keep the results from being computed at all. */
const PRECOMPUTATION = 0x07;

function computeExactly(
  core: Core,
  { lanes, from, to }: FloatOperation,
  exact: LaneOperation,
  parts: number,
  operandCount: number,
): void {
  const { view } = core.memory;
  const mxcsr = core.state32(layout.OFFSET_MXCSR);
  const results: bigint[] = [];
  let flags = 0;
  for (let part = 0; part < parts; part++) {
    for (let lane = 0; lane < lanes; lane++) {
      const operands = Array.from({ length: operandCount }, (_, n) => {
        const at = layout.STATE + operandPlace(part, n) + lane * from;
        return from === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
      });
      const result = exact(operands, mxcsr, lane);
      results.push(result.bits);
      flags |= result.flags;
    }
  }
  const unmasked = ~(mxcsr >> MASKS_SHIFT) & EXCEPTIONS;
  if (flags & unmasked & PRECOMPUTATION) flags &= PRECOMPUTATION;
  core.setState32(layout.OFFSET_MXCSR, mxcsr | flags);
  if (flags & unmasked) throw new Exception(SIMD_FLOATING_POINT);
  results.forEach((bits, n) => {
    const at = layout.STATE + resultPlace(Math.floor(n / lanes)) + (n % lanes) * to;
    if (to === 8) view.setBigUint64(at, bits, true);
    else view.setUint32(at, Number(bits), true);
  });
}

/** MXCSR of a program that has not touched it: quick code's. */
const QUICK_MXCSR = 0x1f80;
const QUICK_SCRATCH = 256;

/**
 * For a quick form: `result`, or where `sure` (i32) is zero what `exact` gives of every element when rounding to nearest; nothing is recorded.
 */
export function computeLanes(
  x: Emitter,
  { lanes, from, to }: Pick<FloatOperation, "lanes" | "from" | "to">,
  exact: LaneOperation,
  operands: readonly Node[],
  result: Node,
  sure: Node,
): Node {
  const place = (n: number) => layout.OFFSET_SCRATCH + QUICK_SCRATCH + n * PART_SIZE;
  store(x, place(0), result);
  x.when(x.eqz(sure), () => {
    operands.forEach((operand, n) => {
      store(x, place(n + 1), operand);
    });
    x.microcode(({ memory: { view } }) => {
      const read = (offset: number, lane: number) => {
        const at = layout.STATE + offset + lane * from;
        return from === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
      };
      for (let lane = 0; lane < lanes; lane++) {
        const { bits } = exact(
          operands.map((_, n) => read(place(n + 1), lane)),
          QUICK_MXCSR,
          lane,
        );
        const at = layout.STATE + place(0) + lane * to;
        if (to === 8) view.setBigUint64(at, bits, true);
        else view.setUint32(at, Number(bits), true);
      }
    });
  });
  return load(x, place(0), result.type);
}

/** Results of one instruction on their way: 4 parts of 4 lanes at most. */
const nearResults = new Float64Array(16);

/** By the host's arithmetic: false, with nothing done, when some element is not for it. */
function computeNear(
  core: Core,
  { lanes, to }: FloatOperation,
  near: NearOperation,
  parts: number,
  operandCount: number,
): boolean {
  const { view } = core.memory;
  const mxcsr = core.state32(layout.OFFSET_MXCSR);
  if (!(mxcsr & PRECISION_MASK)) return false;
  const single = to === 4;
  const mode = (mxcsr & ROUNDING_CONTROL) >> ROUNDING_SHIFT;
  const number = (at: number) => (single ? view.getFloat32(at, true) : view.getFloat64(at, true));
  let flags = 0;
  for (let n = 0; n < parts * lanes; n++) {
    const part = Math.floor(n / lanes);
    const lane = n - part * lanes;
    const a = number(layout.STATE + operandPlace(part, 0) + lane * to);
    const b = operandCount > 1 ? number(layout.STATE + operandPlace(part, 1) + lane * to) : 1;
    if (!isModerate(a, single) || !isModerate(b, single)) return false;
    const result = near(a, b);
    // Quotients by zero and roots of negative numbers are not, nor a zero's sign where it may be minus.
    if (!Number.isFinite(result.value) || (result.value === 0 && mode === DOWN)) return false;
    settle(result, mode, single);
    if (result.lack !== 0) flags = PRECISION_FLAG;
    nearResults[n] = result.value;
  }
  core.setState32(layout.OFFSET_MXCSR, mxcsr | flags);
  for (let n = 0; n < parts * lanes; n++) {
    const at = layout.STATE + resultPlace(Math.floor(n / lanes)) + (n % lanes) * to;
    if (single) view.setFloat32(at, nearResults[n], true);
    else view.setFloat64(at, nearResults[n], true);
  }
  return true;
}

// ---- the quick result as the exact one

const PRECISION_FLAG = 0x20;
const PRECISION_MASK = 0x1000;
const ROUNDING_CONTROL = 0x6000;
const ROUNDING_SHIFT = 13;

interface Bounds {
  readonly abs: ReturnType<typeof operatorNamed>;
  readonly ge: ReturnType<typeof operatorNamed>;
  readonly le: ReturnType<typeof operatorNamed>;
  readonly eq: ReturnType<typeof operatorNamed>;
  /** Smallest and largest normal number, and zero. */
  readonly least: (x: Emitter) => Node;
  readonly most: (x: Emitter) => Node;
  readonly zero: (x: Emitter) => Node;
}

const splat = (bytes: number, bits: bigint) => {
  const image = new Uint8Array(PART_SIZE);
  const view = new DataView(image.buffer);
  for (let at = 0; at < PART_SIZE; at += bytes)
    if (bytes === 8) view.setBigUint64(at, bits, true);
    else view.setUint32(at, Number(bits), true);
  return image;
};

function boundsOf(type: ValueType, bytes: number): Bounds {
  const double = bytes === 8;
  const scalar = type === F32 || type === F64;
  const shape = scalar ? (double ? "f64" : "f32") : double ? "f64x2" : "f32x4";
  const constant = (bits: bigint) => (x: Emitter) => {
    if (!scalar) return x.v128(splat(bytes, bits));
    return double
      ? x.apply(FROM_BITS[F64], x.i64(Number(bits & 0xffff_ffffn), Number(bits >> 32n)))
      : x.apply(FROM_BITS[F32], x.i32(Number(bits)));
  };
  return {
    abs: operatorNamed(`${shape}_abs`),
    ge: operatorNamed(`${shape}_ge`),
    le: operatorNamed(`${shape}_le`),
    eq: operatorNamed(`${shape}_eq`),
    least: constant(double ? 0x0010_0000_0000_0000n : 0x0080_0000n),
    most: constant(double ? 0x7fef_ffff_ffff_ffffn : 0x7f7f_ffffn),
    zero: constant(0n),
  };
}

const V128_AND = operatorNamed("v128_and");
const V128_OR = operatorNamed("v128_or");

/** i32 that is not zero when the quick results are the exact ones; undefined when there is no telling. */
function isQuickEnough(
  x: Emitter,
  { from, to, quickEnough }: FloatOperation,
  parts: readonly (readonly Node[])[],
  results: readonly Node[],
): Node | undefined {
  if (!quickEnough) return undefined;
  const conditions: Node[] = [];
  if (quickEnough.settled) {
    const bits = x.and(
      x.stateLoad(layout.OFFSET_MXCSR, LOAD32),
      x.i32(ROUNDING_CONTROL | PRECISION_MASK | PRECISION_FLAG),
    );
    conditions.push(x.eq(bits, x.i32(PRECISION_MASK | PRECISION_FLAG)));
  }
  if (quickEnough.operands)
    for (const operand of new Set(parts.flat())) {
      const bounds = boundsOf(operand.type, from);
      const normal = x.apply(bounds.ge, x.apply(bounds.abs, operand), bounds.least(x));
      conditions.push(allLanes(x, either(x, normal, x.apply(bounds.eq, operand, bounds.zero(x))), from));
    }
  if (quickEnough.result === "definite")
    for (const result of results) conditions.push(x.eqz(x.eq(result, indefinite(x, result.type))));
  else if (quickEnough.result !== "any")
    for (const result of results) conditions.push(isNormal(x, result, to, quickEnough.result === "normalOrZero"));
  return conditions.reduce((all, condition) => x.and(all, condition));
}

function isNormal(x: Emitter, value: Node, bytes: number, orZero: boolean): Node {
  const bounds = boundsOf(value.type, bytes);
  const size = x.apply(bounds.abs, value);
  const least = x.apply(bounds.ge, size, bounds.least(x));
  const most = x.apply(bounds.le, size, bounds.most(x));
  const large = orZero ? either(x, least, x.apply(bounds.eq, value, bounds.zero(x))) : least;
  const normal = large.type === I32 ? x.and(large, most) : x.apply(V128_AND, large, most);
  return allLanes(x, normal, bytes);
}

function indefinite(x: Emitter, type: ValueType): Node {
  return type === I64 ? x.i64(0, 0x8000_0000) : x.i32(0x8000_0000);
}

function either(x: Emitter, a: Node, b: Node): Node {
  return a.type === I32 ? x.or(a, b) : x.apply(V128_OR, a, b);
}

/** i32 that is 1 when a comparison holds, in every lane of a vector one. */
function allLanes(x: Emitter, truth: Node, bytes: number): Node {
  if (truth.type === I32) return truth;
  const mask = x.apply(operatorNamed(bytes === 8 ? "i64x2_bitmask" : "i32x4_bitmask"), truth);
  return x.eq(mask, x.i32(bytes === 8 ? 3 : 15));
}
