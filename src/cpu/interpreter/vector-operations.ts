// The vector operators of the IR, as the interpreter computes them, lane by lane.
import {
  bool,
  demote,
  floatBinary,
  floatCompare,
  floatUnary,
  fromF32,
  fromF64,
  nan32,
  nan64,
  type Operation,
  popcount32,
  promote,
  s64,
  toF32,
  toF64,
  u64,
} from "./values.js";

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

export const vectorOperations: Record<string, Operation> = {
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
    vectorOperations[`${name}_${operation}`] = (a: Uint8Array, b: Uint8Array) => {
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
    vectorOperations[`${name}_${operation}`] = (a: Uint8Array, by: number) =>
      map(shape, (lane) => compute(read(viewOf(a), lane), by & (bits - 1)));
  };
  shift("shl", get, (a, by) => a << by);
  shift("shr_s", get, (a, by) => a >> by);
  shift("shr_u", unsigned, (a, by) => a >>> by);
  vectorOperations[`${name}_abs`] = (a: Uint8Array) => map(shape, (lane) => Math.abs(get(viewOf(a), lane)));
  vectorOperations[`${name}_splat`] = (a: number) => map(shape, () => a);
  vectorOperations[`${name}_bitmask`] = (a: Uint8Array) => {
    let mask = 0;
    for (let lane = 0; lane < shape.lanes; lane++) if (get(viewOf(a), lane) < 0) mask |= 1 << lane;
    return mask;
  };
  vectorOperations[`${name}_extract_lane_u`] = (a: Uint8Array, _b, _c, node) => unsigned(viewOf(a), node.low);
  vectorOperations[`${name}_replace_lane`] = (a: Uint8Array, b: number, _c, node) =>
    map(shape, (lane) => (lane === node.low ? b : get(viewOf(a), lane)));
}

for (const [narrow, wide] of [
  ["i8x16", "i16x8"],
  ["i16x8", "i32x4"],
]) {
  const from = SHAPES[wide];
  const to = SHAPES[narrow];
  const narrowing = (suffix: string, low: number, high: number) => {
    vectorOperations[`${narrow}_narrow_${wide}_${suffix}`] = (a: Uint8Array, b: Uint8Array) =>
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
    vectorOperations[`${wide}_extend_low_${narrow}_${suffix}`] = (a: Uint8Array) =>
      map(from, (lane) => read(viewOf(a), lane));
    for (const [half, offset] of [
      ["low", 0],
      ["high", from.lanes],
    ] as const)
      vectorOperations[`${wide}_extmul_${half}_${narrow}_${suffix}`] = (a: Uint8Array, b: Uint8Array) =>
        map(from, (lane) => Math.imul(read(viewOf(a), lane + offset), read(viewOf(b), lane + offset)));
  }
  vectorOperations[`${wide}_extadd_pairwise_${narrow}_u`] = (a: Uint8Array) =>
    map(from, (lane) => to.unsigned(viewOf(a), lane * 2) + to.unsigned(viewOf(a), lane * 2 + 1));
}

const f32Lanes = (compute: (lane: number) => number) => map(SHAPES.i32x4, (lane) => fromF32(compute(lane)));
const f64Lanes = (compute: (lane: number) => number) => map64((lane) => fromF64(compute(lane)));
const single = (a: Uint8Array, lane: number) => toF32(lane32(a, lane));
const double = (a: Uint8Array, lane: number) => toF64(lane64(a, lane));
for (const [name, compute] of Object.entries(floatBinary)) {
  vectorOperations[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    f32Lanes((lane) => compute(single(a, lane), single(b, lane)));
  vectorOperations[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    f64Lanes((lane) => compute(double(a, lane), double(b, lane)));
}
// The pseudo-minimum picks an operand, bits and all.
for (const [name, takeSecond] of [
  ["pmin", (a: number, b: number) => b < a],
  ["pmax", (a: number, b: number) => a < b],
] as const) {
  vectorOperations[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map(SHAPES.i32x4, (lane) => (takeSecond(single(a, lane), single(b, lane)) ? lane32(b, lane) : lane32(a, lane)));
  vectorOperations[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (takeSecond(double(a, lane), double(b, lane)) ? lane64(b, lane) : lane64(a, lane)));
}
for (const [name, compute] of Object.entries(floatUnary)) {
  vectorOperations[`f32x4_${name}`] = (a: Uint8Array) => f32Lanes((lane) => compute(single(a, lane)));
  vectorOperations[`f64x2_${name}`] = (a: Uint8Array) => f64Lanes((lane) => compute(double(a, lane)));
}
for (const [name, compare] of Object.entries(floatCompare)) {
  vectorOperations[`f32x4_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map(SHAPES.i32x4, (lane) => (compare(single(a, lane), single(b, lane)) ? -1 : 0));
  vectorOperations[`f64x2_${name}`] = (a: Uint8Array, b: Uint8Array) =>
    map64((lane) => (compare(double(a, lane), double(b, lane)) ? -1n : 0n));
}
vectorOperations.i32x4_extract_lane = (a: Uint8Array, _b, _c, node) => lane32(a, node.low);

vectorOperations.fix_nan_f64x2 = (r: Uint8Array, a: Uint8Array, b: Uint8Array) =>
  map64((lane) => (double(r, lane) === double(r, lane) ? lane64(r, lane) : nan64(lane64(a, lane), lane64(b, lane))));
vectorOperations.fix_nan_f32x4 = (r: Uint8Array, a: Uint8Array, b: Uint8Array) =>
  map(SHAPES.i32x4, (lane) =>
    single(r, lane) === single(r, lane) ? lane32(r, lane) : nan32(lane32(a, lane), lane32(b, lane)),
  );
