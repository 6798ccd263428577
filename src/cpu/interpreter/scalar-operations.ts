// The scalar operators of the IR, as the interpreter computes them.
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

export const scalarOperations: Record<string, Operation> = {
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

for (const [name, compute] of Object.entries(floatBinary)) {
  scalarOperations[`f64_${name}`] = (a, b) => fromF64(compute(toF64(a), toF64(b)));
  scalarOperations[`f32_${name}`] = (a, b) => fromF32(compute(toF32(a), toF32(b)));
}
for (const [name, compute] of Object.entries(floatUnary)) {
  scalarOperations[`f64_${name}`] = (a) => fromF64(compute(toF64(a)));
  scalarOperations[`f32_${name}`] = (a) => fromF32(compute(toF32(a)));
}
for (const [name, compare] of Object.entries(floatCompare)) {
  scalarOperations[`f64_${name}`] = (a, b) => bool(compare(toF64(a), toF64(b)));
  scalarOperations[`f32_${name}`] = (a, b) => bool(compare(toF32(a), toF32(b)));
}

scalarOperations.fix_nan_f64 = (r, a, b) => (toF64(r) === toF64(r) ? r : nan64(a, b));
scalarOperations.fix_nan_f32 = (r, a, b) => (toF32(r) === toF32(r) ? r : nan32(a, b));
