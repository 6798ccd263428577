// Values of the interpreter and the arithmetic on them that scalar and vector operators share. i32 values are signed numbers, i64 unsigned
// bigints, f32 and f64 their bit patterns (as i32 and i64), v128 sixteen bytes that are never changed.
import type { Node } from "../ir/node.js";

export type Value = number | bigint | Uint8Array;
// biome-ignore lint/suspicious/noExplicitAny: operands are typed by the operator's signature
export type Operation = (a: any, b: any, c: any, node: Node) => Value;

export const u64 = (value: bigint) => BigInt.asUintN(64, value);
export const s64 = (value: bigint) => BigInt.asIntN(64, value);
export const scratch = new DataView(new ArrayBuffer(16));

export const toF64 = (bits: bigint): number => {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
};
export const fromF64 = (value: number): bigint => {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
};
export const toF32 = (bits: number): number => {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
};
export const fromF32 = (value: number): number => {
  scratch.setFloat32(0, value);
  return scratch.getInt32(0);
};

/** Round to nearest, ties to even. */
export function nearest(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

export function popcount32(value: number): number {
  let rest = value >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** f64 -> f32 bits, NaN payload kept and quieted as the processor does. */
export function demote(bits: bigint): number {
  const value = toF64(bits);
  if (value === value) return fromF32(value);
  const sign = Number(bits >> 63n) << 31;
  return sign | 0x7fc00000 | Number((bits >> 29n) & 0x3fffffn);
}

export function promote(bits: number): bigint {
  const value = toF32(bits);
  if (value === value) return fromF64(value);
  const sign = BigInt(bits >>> 31) << 63n;
  return sign | 0x7ff8000000000000n | (BigInt(bits & 0x3fffff) << 29n);
}

export const bool = (value: boolean) => (value ? 1 : 0);

export const floatBinary: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};
export const floatUnary: Record<string, (a: number) => number> = {
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
  abs: Math.abs,
};
export const floatCompare: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};

/** First NaN operand, quieted; the default NaN when neither is one. */
export function nan64(a: bigint, b: bigint): bigint {
  if (toF64(a) !== toF64(a)) return a | 0x8000000000000n;
  if (toF64(b) !== toF64(b)) return b | 0x8000000000000n;
  return 0xfff8000000000000n;
}

export function nan32(a: number, b: number): number {
  if (toF32(a) !== toF32(a)) return a | 0x400000;
  if (toF32(b) !== toF32(b)) return b | 0x400000;
  return 0xffc00000 | 0;
}
