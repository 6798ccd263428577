// What each pure IR operator computes: one step of the interpreter. i32 values are signed numbers, i64 unsigned bigints, f32 and f64 their bit
// patterns (as i32 and i64), v128 sixteen bytes that are never changed.
import type { Node } from "../ir/node.js";
import { OPERATORS, type Operator } from "../ir/operators.js";

export type Value = number | bigint | Uint8Array;
// biome-ignore lint/suspicious/noExplicitAny: operands are typed by the operator's signature
type Operation = (a: any, b: any, c: any, node: Node) => Value;

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const s64 = (value: bigint) => BigInt.asIntN(64, value);
const scratch = new DataView(new ArrayBuffer(16));

const toF64 = (bits: bigint): number => {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
};
const fromF64 = (value: number): bigint => {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
};
const toF32 = (bits: number): number => {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
};
const fromF32 = (value: number): number => {
  scratch.setFloat32(0, value);
  return scratch.getInt32(0);
};

/** Round to nearest, ties to even. */
function nearest(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

function popcount32(value: number): number {
  let rest = value >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function clz64(value: bigint): number {
  const high = Number(value >> 32n);
  return high !== 0 ? Math.clz32(high) : 32 + Math.clz32(Number(value & 0xffff_ffffn));
}

const ctz32 = (value: number): number => (value === 0 ? 32 : 31 - Math.clz32(value & -value));

function ctz64(value: bigint): number {
  const low = Number(value & 0xffff_ffffn) | 0;
  return low !== 0 ? ctz32(low) : 32 + ctz32(Number(value >> 32n) | 0);
}

const rotl64 = (value: bigint, by: bigint) => {
  const n = by & 63n;
  return u64((value << n) | (value >> (64n - n)));
};

/** f64 -> f32 bits, NaN payload kept and quieted as the processor does. */
function demote(bits: bigint): number {
  const value = toF64(bits);
  if (value === value) return fromF32(value);
  const sign = Number(bits >> 63n) << 31;
  return sign | 0x7fc00000 | Number((bits >> 29n) & 0x3fffffn);
}

function promote(bits: number): bigint {
  const value = toF32(bits);
  if (value === value) return fromF64(value);
  const sign = BigInt(bits >>> 31) << 63n;
  return sign | 0x7ff8000000000000n | (BigInt(bits & 0x3fffff) << 29n);
}

const bool = (value: boolean) => (value ? 1 : 0);

const scalar: Record<string, Operation> = {
  i32_eqz: (a) => bool(a === 0),
  i32_clz: (a) => Math.clz32(a),
  i32_ctz: (a) => ctz32(a),
  i32_popcnt: (a) => popcount32(a),
  i32_extend8_s: (a) => (a << 24) >> 24,
  i32_extend16_s: (a) => (a << 16) >> 16,
  i64_eqz: (a) => bool(a === 0n),
  i32_wrap_i64: (a) => Number(BigInt.asIntN(32, a)),
  i64_extend_i32_s: (a) => u64(BigInt(a)),
  i64_extend_i32_u: (a) => BigInt(a >>> 0),
  i64_clz: (a) => BigInt(clz64(a)),
  i64_ctz: (a) => BigInt(ctz64(a)),
  i64_popcnt: (a) => BigInt(popcount32(Number(a & 0xffff_ffffn)) + popcount32(Number(a >> 32n))),
  i64_extend8_s: (a) => u64(BigInt.asIntN(8, a)),
  i64_extend16_s: (a) => u64(BigInt.asIntN(16, a)),
  i64_extend32_s: (a) => u64(BigInt.asIntN(32, a)),
  i32_eq: (a, b) => bool(a === b),
  i32_ne: (a, b) => bool(a !== b),
  i32_lt_s: (a, b) => bool(a < b),
  i32_lt_u: (a, b) => bool(a >>> 0 < b >>> 0),
  i32_gt_s: (a, b) => bool(a > b),
  i32_gt_u: (a, b) => bool(a >>> 0 > b >>> 0),
  i32_le_s: (a, b) => bool(a <= b),
  i32_le_u: (a, b) => bool(a >>> 0 <= b >>> 0),
  i32_ge_s: (a, b) => bool(a >= b),
  i32_ge_u: (a, b) => bool(a >>> 0 >= b >>> 0),
  i32_add: (a, b) => (a + b) | 0,
  i32_sub: (a, b) => (a - b) | 0,
  i32_mul: (a, b) => Math.imul(a, b),
  i32_div_u: (a, b) => ((a >>> 0) / (b >>> 0)) | 0,
  i32_rem_u: (a, b) => ((a >>> 0) % (b >>> 0)) | 0,
  i32_and: (a, b) => a & b,
  i32_or: (a, b) => a | b,
  i32_xor: (a, b) => a ^ b,
  i32_shl: (a, b) => a << b,
  i32_shr_s: (a, b) => a >> b,
  i32_shr_u: (a, b) => (a >>> b) | 0,
  i32_rotl: (a, b) => (a << (b & 31)) | (b & 31 ? a >>> (32 - (b & 31)) : 0),
  i32_rotr: (a, b) => (a >>> (b & 31)) | (b & 31 ? a << (32 - (b & 31)) : 0),
  i64_eq: (a, b) => bool(a === b),
  i64_ne: (a, b) => bool(a !== b),
  i64_lt_s: (a, b) => bool(s64(a) < s64(b)),
  i64_lt_u: (a, b) => bool(a < b),
  i64_gt_s: (a, b) => bool(s64(a) > s64(b)),
  i64_gt_u: (a, b) => bool(a > b),
  i64_le_s: (a, b) => bool(s64(a) <= s64(b)),
  i64_le_u: (a, b) => bool(a <= b),
  i64_ge_s: (a, b) => bool(s64(a) >= s64(b)),
  i64_ge_u: (a, b) => bool(a >= b),
  i64_add: (a, b) => u64(a + b),
  i64_sub: (a: bigint, b: bigint) => u64(a - b),
  i64_mul: (a: bigint, b: bigint) => u64(a * b),
  i64_div_s: (a, b) => u64(s64(a) / s64(b)),
  i64_div_u: (a, b) => a / b,
  i64_rem_s: (a, b) => u64(s64(a) % s64(b)),
  i64_rem_u: (a, b) => a % b,
  i64_and: (a, b) => a & b,
  i64_or: (a, b) => a | b,
  i64_xor: (a, b) => a ^ b,
  i64_shl: (a, b) => u64(a << (b & 63n)),
  i64_shr_s: (a, b) => u64(s64(a) >> (b & 63n)),
  i64_shr_u: (a, b) => a >> (b & 63n),
  i64_rotl: (a, b) => rotl64(a, b),
  i64_rotr: (a, b) => rotl64(a, 64n - (b & 63n)),
  i32_trunc_f64_s: (a) => Math.trunc(toF64(a)) | 0,
  i64_trunc_f64_s: (a) => u64(BigInt(Math.trunc(toF64(a)))),
  i64_reinterpret_f64: (a) => a,
  i32_reinterpret_f32: (a) => a,
  f32_convert_i32_s: (a) => fromF32(a),
  f32_convert_i64_s: (a) => singleOfInteger(s64(a)),
  f32_reinterpret_i32: (a) => a,
  f64_convert_i32_s: (a) => fromF64(a),
  f64_convert_i64_s: (a) => fromF64(Number(s64(a))),
  f64_reinterpret_i64: (a) => a,
  f32_demote_f64: (a) => demote(a),
  f64_promote_f32: (a) => promote(a),
  select_i32: (a, b, c) => (c !== 0 ? a : b),
  select_i64: (a, b, c) => (c !== 0 ? a : b),
  select_f32: (a, b, c) => (c !== 0 ? a : b),
  select_f64: (a, b, c) => (c !== 0 ? a : b),
  select_v128: (a, b, c) => (c !== 0 ? a : b),
};

/** i64 -> f32 with one rounding: through f64 it would round twice. */
function singleOfInteger(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const length = magnitude === 0n ? 0 : 64 - clz64(magnitude);
  if (length <= 53) return fromF32(Number(value));
  const shift = BigInt(length - 53);
  // Keep 53 bits and fold the rest into the last one: enough for a correct rounding to 24.
  const sticky = (magnitude & ((1n << shift) - 1n)) !== 0n ? 1n : 0n;
  const kept = Number((magnitude >> shift) | sticky) * 2 ** Number(shift);
  return fromF32(value < 0n ? -kept : kept);
}

const floatBinary: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};
const floatUnary: Record<string, (a: number) => number> = {
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
};
const floatCompare: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};
for (const [name, compute] of Object.entries(floatBinary)) {
  scalar[`f64_${name}`] = (a, b) => fromF64(compute(toF64(a), toF64(b)));
  scalar[`f32_${name}`] = (a, b) => fromF32(compute(toF32(a), toF32(b)));
}
for (const [name, compute] of Object.entries(floatUnary)) {
  scalar[`f64_${name}`] = (a) => fromF64(compute(toF64(a)));
  scalar[`f32_${name}`] = (a) => fromF32(compute(toF32(a)));
}
for (const [name, compare] of Object.entries(floatCompare)) {
  scalar[`f64_${name}`] = (a, b) => bool(compare(toF64(a), toF64(b)));
  scalar[`f32_${name}`] = (a, b) => bool(compare(toF32(a), toF32(b)));
}

// ---- vectors

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, 16);
const clamp = (value: number, low: number, high: number) => (value < low ? low : value > high ? high : value);

interface Shape {
  readonly bits: number;
  readonly lanes: number;
  get(view: DataView, lane: number): number;
  set(view: DataView, lane: number, value: number): void;
  unsigned(view: DataView, lane: number): number;
}

const integerShape = (bits: 8 | 16 | 32): Shape => ({
  bits,
  lanes: 128 / bits,
  get: (view, lane) =>
    bits === 8 ? view.getInt8(lane) : bits === 16 ? view.getInt16(lane * 2, true) : view.getInt32(lane * 4, true),
  unsigned: (view, lane) =>
    bits === 8 ? view.getUint8(lane) : bits === 16 ? view.getUint16(lane * 2, true) : view.getUint32(lane * 4, true),
  set: (view, lane, value) => {
    if (bits === 8) view.setInt8(lane, value);
    else if (bits === 16) view.setInt16(lane * 2, value, true);
    else view.setInt32(lane * 4, value, true);
  },
});
const SHAPES: Record<string, Shape> = { i8x16: integerShape(8), i16x8: integerShape(16), i32x4: integerShape(32) };

const map = (shape: Shape, compute: (lane: number) => number): Uint8Array => {
  const out = new Uint8Array(16);
  const view = viewOf(out);
  for (let lane = 0; lane < shape.lanes; lane++) shape.set(view, lane, compute(lane));
  return out;
};
const map64 = (compute: (lane: number) => bigint): Uint8Array => {
  const out = new Uint8Array(16);
  const view = viewOf(out);
  for (let lane = 0; lane < 2; lane++) view.setBigUint64(lane * 8, u64(compute(lane)), true);
  return out;
};
const lane64 = (bytes: Uint8Array, lane: number) => viewOf(bytes).getBigUint64(lane * 8, true);
const lane32 = (bytes: Uint8Array, lane: number) => viewOf(bytes).getInt32(lane * 4, true);

const vector: Record<string, Operation> = {
  v128_const: (_a, _b, _c, node) => node.bytes as Uint8Array,
  v128_not: (a: Uint8Array) => a.map((byte) => ~byte),
  v128_and: (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte & b[i]),
  v128_andnot: (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte & ~b[i]),
  v128_or: (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte | b[i]),
  v128_xor: (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ b[i]),
  v128_bitselect: (a: Uint8Array, b: Uint8Array, c: Uint8Array) => a.map((byte, i) => (byte & c[i]) | (b[i] & ~c[i])),
  v128_any_true: (a: Uint8Array) => bool(a.some((byte) => byte !== 0)),
  i8x16_shuffle: (a: Uint8Array, b: Uint8Array, _c, node) =>
    (node.bytes as Uint8Array).map((lane) => (lane < 16 ? a[lane] : b[lane - 16])),
  i8x16_swizzle: (a: Uint8Array, b: Uint8Array) => b.map((lane) => (lane < 16 ? a[lane] : 0)),
  i8x16_popcnt: (a: Uint8Array) => a.map((byte) => popcount32(byte)),
  i64x2_splat: (a: bigint) => map64(() => a),
  f64x2_splat: (a: bigint) => map64(() => a),
  f32x4_splat: (a: number) => map(SHAPES.i32x4, () => a),
  i64x2_extract_lane: (a: Uint8Array, _b, _c, node) => lane64(a, node.low),
  f64x2_extract_lane: (a: Uint8Array, _b, _c, node) => lane64(a, node.low),
  f32x4_extract_lane: (a: Uint8Array, _b, _c, node) => lane32(a, node.low),
  i32x4_extract_lane: (a: Uint8Array, _b, _c, node) => lane32(a, node.low),
  i64x2_replace_lane: (a: Uint8Array, b: bigint, _c, node) =>
    map64((lane) => (lane === node.low ? b : lane64(a, lane))),
  f64x2_replace_lane: (a: Uint8Array, b: bigint, _c, node) =>
    map64((lane) => (lane === node.low ? b : lane64(a, lane))),
  f32x4_replace_lane: (a: Uint8Array, b: number, _c, node) =>
    map(SHAPES.i32x4, (lane) => (lane === node.low ? b : lane32(a, lane))),
  i64x2_bitmask: (a: Uint8Array) => Number(lane64(a, 0) >> 63n) | (Number(lane64(a, 1) >> 63n) << 1),
  i64x2_eq: (a: Uint8Array, b: Uint8Array) => map64((lane) => (lane64(a, lane) === lane64(b, lane) ? -1n : 0n)),
  i64x2_gt_s: (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (s64(lane64(a, lane)) > s64(lane64(b, lane)) ? -1n : 0n)),
  i64x2_add: (a: Uint8Array, b: Uint8Array) => map64((lane) => lane64(a, lane) + lane64(b, lane)),
  i64x2_sub: (a: Uint8Array, b: Uint8Array) => map64((lane) => lane64(a, lane) - lane64(b, lane)),
  i64x2_shl: (a: Uint8Array, b: number) => map64((lane) => lane64(a, lane) << BigInt(b & 63)),
  i64x2_shr_u: (a: Uint8Array, b: number) => map64((lane) => lane64(a, lane) >> BigInt(b & 63)),
  i64x2_extend_low_i32x4_s: (a: Uint8Array) => map64((lane) => BigInt(lane32(a, lane))),
  i64x2_extend_low_i32x4_u: (a: Uint8Array) => map64((lane) => BigInt(lane32(a, lane) >>> 0)),
  i64x2_extmul_low_i32x4_s: (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => BigInt(lane32(a, lane)) * BigInt(lane32(b, lane))),
  i64x2_extmul_low_i32x4_u: (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => BigInt(lane32(a, lane) >>> 0) * BigInt(lane32(b, lane) >>> 0)),
  i32x4_dot_i16x8_s: (a: Uint8Array, b: Uint8Array) => {
    const [va, vb, s] = [viewOf(a), viewOf(b), SHAPES.i16x8];
    return map(
      SHAPES.i32x4,
      (lane) => (s.get(va, lane * 2) * s.get(vb, lane * 2) + s.get(va, lane * 2 + 1) * s.get(vb, lane * 2 + 1)) | 0,
    );
  },
  f32x4_demote_f64x2_zero: (a: Uint8Array) => map(SHAPES.i32x4, (lane) => (lane < 2 ? demote(lane64(a, lane)) : 0)),
  f64x2_promote_low_f32x4: (a: Uint8Array) => map64((lane) => promote(lane32(a, lane))),
  f32x4_convert_i32x4_s: (a: Uint8Array) => map(SHAPES.i32x4, (lane) => fromF32(lane32(a, lane))),
  f64x2_convert_low_i32x4_s: (a: Uint8Array) => map64((lane) => fromF64(lane32(a, lane))),
  i32x4_trunc_sat_f32x4_s: (a: Uint8Array) => map(SHAPES.i32x4, (lane) => saturate32(toF32(lane32(a, lane)))),
  i32x4_trunc_sat_f64x2_s_zero: (a: Uint8Array) =>
    map(SHAPES.i32x4, (lane) => (lane < 2 ? saturate32(toF64(lane64(a, lane))) : 0)),
};

const saturate32 = (value: number) => (value !== value ? 0 : clamp(Math.trunc(value), -0x80000000, 0x7fffffff));

for (const [name, shape] of Object.entries(SHAPES)) {
  const { bits, get, unsigned } = shape;
  const low = -(2 ** (bits - 1));
  const high = 2 ** (bits - 1) - 1;
  const top = 2 ** bits - 1;
  const binary = (operation: string, read: Shape["get"], compute: (a: number, b: number) => number) => {
    vector[`${name}_${operation}`] = (a: Uint8Array, b: Uint8Array) => {
      const [va, vb] = [viewOf(a), viewOf(b)];
      return map(shape, (lane) => compute(read(va, lane), read(vb, lane)));
    };
  };
  binary("add", get, (a, b) => a + b);
  binary("sub", get, (a, b) => a - b);
  binary("mul", get, (a, b) => Math.imul(a, b));
  binary("add_sat_s", get, (a, b) => clamp(a + b, low, high));
  binary("sub_sat_s", get, (a, b) => clamp(a - b, low, high));
  binary("add_sat_u", unsigned, (a, b) => clamp(a + b, 0, top));
  binary("sub_sat_u", unsigned, (a, b) => clamp(a - b, 0, top));
  binary("min_s", get, Math.min);
  binary("max_s", get, Math.max);
  binary("min_u", unsigned, Math.min);
  binary("max_u", unsigned, Math.max);
  binary("avgr_u", unsigned, (a, b) => (a + b + 1) >> 1);
  binary("eq", get, (a, b) => (a === b ? -1 : 0));
  binary("gt_s", get, (a, b) => (a > b ? -1 : 0));
  const shift = (operation: string, read: Shape["get"], compute: (a: number, by: number) => number) => {
    vector[`${name}_${operation}`] = (a: Uint8Array, by: number) =>
      map(shape, (lane) => compute(read(viewOf(a), lane), by & (bits - 1)));
  };
  shift("shl", get, (a, by) => a << by);
  shift("shr_s", get, (a, by) => a >> by);
  shift("shr_u", unsigned, (a, by) => a >>> by);
  vector[`${name}_abs`] = (a: Uint8Array) => map(shape, (lane) => Math.abs(get(viewOf(a), lane)));
  vector[`${name}_splat`] = (a: number) => map(shape, () => a);
  vector[`${name}_bitmask`] = (a: Uint8Array) => {
    let mask = 0;
    for (let lane = 0; lane < shape.lanes; lane++) if (get(viewOf(a), lane) < 0) mask |= 1 << lane;
    return mask;
  };
  vector[`${name}_extract_lane_u`] = (a: Uint8Array, _b, _c, node) => unsigned(viewOf(a), node.low);
  vector[`${name}_replace_lane`] = (a: Uint8Array, b: number, _c, node) =>
    map(shape, (lane) => (lane === node.low ? b : get(viewOf(a), lane)));
}

for (const [narrow, wide] of [
  ["i8x16", "i16x8"],
  ["i16x8", "i32x4"],
]) {
  const from = SHAPES[wide];
  const to = SHAPES[narrow];
  const narrowing = (suffix: string, low: number, high: number) => {
    vector[`${narrow}_narrow_${wide}_${suffix}`] = (a: Uint8Array, b: Uint8Array) =>
      map(to, (lane) =>
        clamp(lane < from.lanes ? from.get(viewOf(a), lane) : from.get(viewOf(b), lane - from.lanes), low, high),
      );
  };
  narrowing("s", -(2 ** (to.bits - 1)), 2 ** (to.bits - 1) - 1);
  narrowing("u", 0, 2 ** to.bits - 1);
  for (const [suffix, read] of [
    ["s", to.get],
    ["u", to.unsigned],
  ] as const) {
    vector[`${wide}_extend_low_${narrow}_${suffix}`] = (a: Uint8Array) => map(from, (lane) => read(viewOf(a), lane));
    for (const [half, offset] of [
      ["low", 0],
      ["high", from.lanes],
    ] as const)
      vector[`${wide}_extmul_${half}_${narrow}_${suffix}`] = (a: Uint8Array, b: Uint8Array) =>
        map(from, (lane) => Math.imul(read(viewOf(a), lane + offset), read(viewOf(b), lane + offset)));
  }
  vector[`${wide}_extadd_pairwise_${narrow}_u`] = (a: Uint8Array) =>
    map(from, (lane) => to.unsigned(viewOf(a), lane * 2) + to.unsigned(viewOf(a), lane * 2 + 1));
}

const f32Lanes = (compute: (lane: number) => number) => map(SHAPES.i32x4, (lane) => fromF32(compute(lane)));
const f64Lanes = (compute: (lane: number) => number) => map64((lane) => fromF64(compute(lane)));
const single = (a: Uint8Array, lane: number) => toF32(lane32(a, lane));
const double = (a: Uint8Array, lane: number) => toF64(lane64(a, lane));
for (const [name, compute] of Object.entries(floatBinary)) {
  vector[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    f32Lanes((lane) => compute(single(a, lane), single(b, lane)));
  vector[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    f64Lanes((lane) => compute(double(a, lane), double(b, lane)));
}
// The pseudo-minimum picks an operand, bits and all.
for (const [name, takeSecond] of [
  ["pmin", (a: number, b: number) => b < a],
  ["pmax", (a: number, b: number) => a < b],
] as const) {
  vector[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map(SHAPES.i32x4, (lane) => (takeSecond(single(a, lane), single(b, lane)) ? lane32(b, lane) : lane32(a, lane)));
  vector[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (takeSecond(double(a, lane), double(b, lane)) ? lane64(b, lane) : lane64(a, lane)));
}
for (const [name, compute] of Object.entries(floatUnary)) {
  vector[`f32x4_${name}`] = (a: Uint8Array) => f32Lanes((lane) => compute(single(a, lane)));
  vector[`f64x2_${name}`] = (a: Uint8Array) => f64Lanes((lane) => compute(double(a, lane)));
}
for (const [name, compare] of Object.entries(floatCompare)) {
  vector[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map(SHAPES.i32x4, (lane) => (compare(single(a, lane), single(b, lane)) ? -1 : 0));
  vector[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (compare(double(a, lane), double(b, lane)) ? -1n : 0n));
}
vector.i32x4_extract_lane = (a: Uint8Array, _b, _c, node) => lane32(a, node.low);

// ---- NaN operands, as the processor chooses among them (operators/nan in the JIT)

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

const fixes: Record<string, Operation> = {
  fix_nan_f64: (r, a, b) => (toF64(r) === toF64(r) ? r : nan64(a, b)),
  fix_nan_f32: (r, a, b) => (toF32(r) === toF32(r) ? r : nan32(a, b)),
  fix_nan_f64x2: (r: Uint8Array, a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (double(r, lane) === double(r, lane) ? lane64(r, lane) : nan64(lane64(a, lane), lane64(b, lane)))),
  fix_nan_f32x4: (r: Uint8Array, a: Uint8Array, b: Uint8Array) =>
    map(SHAPES.i32x4, (lane) =>
      single(r, lane) === single(r, lane) ? lane32(r, lane) : nan32(lane32(a, lane), lane32(b, lane)),
    ),
};

const operations = new Map<Operator, Operation>();
for (const [name, operator] of OPERATORS) {
  const operation = scalar[name] ?? vector[name] ?? fixes[name];
  if (!operation) throw new Error(`the interpreter lacks '${name}'`);
  operations.set(operator, operation);
}

/** The value of a PURE node whose operands' values are in `values` by index. */
export function evaluate(node: Node, values: readonly Value[]): Value {
  const operation = operations.get(node.operator as Operator) as Operation;
  return operation(
    node.a && values[node.a.index],
    node.b && values[node.b.index],
    node.c && values[node.c.index],
    node,
  );
}
