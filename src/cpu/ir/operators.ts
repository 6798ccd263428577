// The pure operators of the IR: WebAssembly's own value operators, with their opcodes and signatures.
// How the interpreter computes each is in interpreter/evaluate.ts; the JIT writes the opcode.
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";

export interface Operator {
  readonly name: string;
  /** One byte, or for SIMD the number after the 0xfd prefix. */
  readonly opcode: number;
  readonly simd: boolean;
  readonly params: readonly ValueType[];
  readonly result: ValueType;
  /** Takes a lane index or a 16-byte immediate. */
  readonly immediate: "none" | "lane" | "bytes";
}

export const NO_OPCODE = -1;

const TYPE_OF: Readonly<Record<string, ValueType>> = { i: I32, l: I64, f: F32, d: F64, v: V128 };

/** "name opcode" pairs sharing a signature: the letters are i32 i, i64 l, f32 f, f64 d, v128 v; the last is the result. */
type Rows = Readonly<Record<string, readonly (readonly [string, number])[]>>;

const SCALAR: Rows = {
  ii: [
    ["i32_eqz", 0x45],
    ["i32_clz", 0x67],
    ["i32_ctz", 0x68],
    ["i32_popcnt", 0x69],
    ["i32_extend8_s", 0xc0],
    ["i32_extend16_s", 0xc1],
  ],
  li: [
    ["i64_eqz", 0x50],
    ["i32_wrap_i64", 0xa7],
  ],
  il: [
    ["i64_extend_i32_s", 0xac],
    ["i64_extend_i32_u", 0xad],
  ],
  ll: [
    ["i64_clz", 0x79],
    ["i64_ctz", 0x7a],
    ["i64_popcnt", 0x7b],
    ["i64_extend8_s", 0xc2],
    ["i64_extend16_s", 0xc3],
    ["i64_extend32_s", 0xc4],
  ],
  iii: [
    ["i32_eq", 0x46],
    ["i32_ne", 0x47],
    ["i32_lt_s", 0x48],
    ["i32_lt_u", 0x49],
    ["i32_gt_s", 0x4a],
    ["i32_gt_u", 0x4b],
    ["i32_le_s", 0x4c],
    ["i32_le_u", 0x4d],
    ["i32_ge_s", 0x4e],
    ["i32_ge_u", 0x4f],
    ["i32_add", 0x6a],
    ["i32_sub", 0x6b],
    ["i32_mul", 0x6c],
    ["i32_div_u", 0x6e],
    ["i32_rem_u", 0x70],
    ["i32_and", 0x71],
    ["i32_or", 0x72],
    ["i32_xor", 0x73],
    ["i32_shl", 0x74],
    ["i32_shr_s", 0x75],
    ["i32_shr_u", 0x76],
    ["i32_rotl", 0x77],
    ["i32_rotr", 0x78],
  ],
  lli: [
    ["i64_eq", 0x51],
    ["i64_ne", 0x52],
    ["i64_lt_s", 0x53],
    ["i64_lt_u", 0x54],
    ["i64_gt_s", 0x55],
    ["i64_gt_u", 0x56],
    ["i64_le_s", 0x57],
    ["i64_le_u", 0x58],
    ["i64_ge_s", 0x59],
    ["i64_ge_u", 0x5a],
  ],
  lll: [
    ["i64_add", 0x7c],
    ["i64_sub", 0x7d],
    ["i64_mul", 0x7e],
    ["i64_div_s", 0x7f],
    ["i64_div_u", 0x80],
    ["i64_rem_s", 0x81],
    ["i64_rem_u", 0x82],
    ["i64_and", 0x83],
    ["i64_or", 0x84],
    ["i64_xor", 0x85],
    ["i64_shl", 0x86],
    ["i64_shr_s", 0x87],
    ["i64_shr_u", 0x88],
    ["i64_rotl", 0x89],
    ["i64_rotr", 0x8a],
  ],
  ffi: [
    ["f32_eq", 0x5b],
    ["f32_ne", 0x5c],
    ["f32_lt", 0x5d],
    ["f32_gt", 0x5e],
    ["f32_le", 0x5f],
    ["f32_ge", 0x60],
  ],
  ddi: [
    ["f64_eq", 0x61],
    ["f64_ne", 0x62],
    ["f64_lt", 0x63],
    ["f64_gt", 0x64],
    ["f64_le", 0x65],
    ["f64_ge", 0x66],
  ],
  fff: [
    ["f32_add", 0x92],
    ["f32_sub", 0x93],
    ["f32_mul", 0x94],
    ["f32_div", 0x95],
  ],
  ddd: [
    ["f64_add", 0xa0],
    ["f64_sub", 0xa1],
    ["f64_mul", 0xa2],
    ["f64_div", 0xa3],
  ],
  ff: [
    ["f32_abs", 0x8b],
    ["f32_ceil", 0x8d],
    ["f32_floor", 0x8e],
    ["f32_trunc", 0x8f],
    ["f32_nearest", 0x90],
    ["f32_sqrt", 0x91],
  ],
  dd: [
    ["f64_abs", 0x99],
    ["f64_ceil", 0x9b],
    ["f64_floor", 0x9c],
    ["f64_trunc", 0x9d],
    ["f64_nearest", 0x9e],
    ["f64_sqrt", 0x9f],
  ],
  di: [["i32_trunc_f64_s", 0xaa]],
  dl: [
    ["i64_trunc_f64_s", 0xb0],
    ["i64_reinterpret_f64", 0xbd],
  ],
  fi: [["i32_reinterpret_f32", 0xbc]],
  if: [
    ["f32_convert_i32_s", 0xb2],
    ["f32_reinterpret_i32", 0xbe],
  ],
  lf: [["f32_convert_i64_s", 0xb4]],
  id: [["f64_convert_i32_s", 0xb7]],
  ld: [
    ["f64_convert_i64_s", 0xb9],
    ["f64_reinterpret_i64", 0xbf],
  ],
  df: [["f32_demote_f64", 0xb6]],
  fd: [["f64_promote_f32", 0xbb]],
  iiii: [["select_i32", 0x1b]],
  llil: [["select_i64", 0x1b]],
  vviv: [["select_v128", 0x1b]],
  ffif: [["select_f32", 0x1b]],
  ddid: [["select_f64", 0x1b]],
};

const SIMD: Rows = {
  vv: [
    ["v128_not", 0x4d],
    ["f32x4_demote_f64x2_zero", 0x5e],
    ["f64x2_promote_low_f32x4", 0x5f],
    ["i8x16_abs", 0x60],
    ["i8x16_popcnt", 0x62],
    ["f32x4_ceil", 0x67],
    ["f32x4_floor", 0x68],
    ["f32x4_trunc", 0x69],
    ["f32x4_nearest", 0x6a],
    ["f64x2_ceil", 0x74],
    ["f64x2_floor", 0x75],
    ["f64x2_trunc", 0x7a],
    ["i16x8_extadd_pairwise_i8x16_u", 0x7d],
    ["i32x4_extadd_pairwise_i16x8_u", 0x7f],
    ["i16x8_abs", 0x80],
    ["f64x2_nearest", 0x94],
    ["i32x4_abs", 0xa0],
    ["i16x8_extend_low_i8x16_s", 0x87],
    ["i16x8_extend_low_i8x16_u", 0x89],
    ["i32x4_extend_low_i16x8_s", 0xa7],
    ["i32x4_extend_low_i16x8_u", 0xa9],
    ["i64x2_extend_low_i32x4_s", 0xc7],
    ["i64x2_extend_low_i32x4_u", 0xc9],
    ["f32x4_abs", 0xe0],
    ["f32x4_sqrt", 0xe3],
    ["f64x2_abs", 0xec],
    ["f64x2_sqrt", 0xef],
    ["i32x4_trunc_sat_f32x4_s", 0xf8],
    ["f32x4_convert_i32x4_s", 0xfa],
    ["i32x4_trunc_sat_f64x2_s_zero", 0xfc],
    ["f64x2_convert_low_i32x4_s", 0xfe],
  ],
  vvv: [
    ["i8x16_swizzle", 0x0e],
    ["i8x16_eq", 0x23],
    ["i8x16_gt_s", 0x27],
    ["i16x8_eq", 0x2d],
    ["i16x8_gt_s", 0x31],
    ["i32x4_eq", 0x37],
    ["i32x4_gt_s", 0x3b],
    ["i64x2_eq", 0xd6],
    ["i64x2_gt_s", 0xd9],
    ["f32x4_eq", 0x41],
    ["f32x4_ne", 0x42],
    ["f32x4_lt", 0x43],
    ["f32x4_gt", 0x44],
    ["f32x4_le", 0x45],
    ["f32x4_ge", 0x46],
    ["f64x2_eq", 0x47],
    ["f64x2_ne", 0x48],
    ["f64x2_lt", 0x49],
    ["f64x2_gt", 0x4a],
    ["f64x2_le", 0x4b],
    ["f64x2_ge", 0x4c],
    ["v128_and", 0x4e],
    ["v128_andnot", 0x4f],
    ["v128_or", 0x50],
    ["v128_xor", 0x51],
    ["i8x16_narrow_i16x8_s", 0x65],
    ["i8x16_narrow_i16x8_u", 0x66],
    ["i16x8_narrow_i32x4_s", 0x85],
    ["i16x8_narrow_i32x4_u", 0x86],
    ["i8x16_add", 0x6e],
    ["i8x16_add_sat_s", 0x6f],
    ["i8x16_add_sat_u", 0x70],
    ["i8x16_sub", 0x71],
    ["i8x16_sub_sat_s", 0x72],
    ["i8x16_sub_sat_u", 0x73],
    ["i8x16_min_s", 0x76],
    ["i8x16_min_u", 0x77],
    ["i8x16_max_s", 0x78],
    ["i8x16_max_u", 0x79],
    ["i8x16_avgr_u", 0x7b],
    ["i16x8_add", 0x8e],
    ["i16x8_add_sat_s", 0x8f],
    ["i16x8_add_sat_u", 0x90],
    ["i16x8_sub", 0x91],
    ["i16x8_sub_sat_s", 0x92],
    ["i16x8_sub_sat_u", 0x93],
    ["i16x8_mul", 0x95],
    ["i16x8_min_s", 0x96],
    ["i16x8_min_u", 0x97],
    ["i16x8_max_s", 0x98],
    ["i16x8_max_u", 0x99],
    ["i16x8_avgr_u", 0x9b],
    ["i32x4_extmul_low_i16x8_s", 0xbc],
    ["i32x4_extmul_high_i16x8_s", 0xbd],
    ["i32x4_extmul_low_i16x8_u", 0xbe],
    ["i32x4_extmul_high_i16x8_u", 0xbf],
    ["i32x4_add", 0xae],
    ["i32x4_sub", 0xb1],
    ["i32x4_mul", 0xb5],
    ["i32x4_min_s", 0xb6],
    ["i32x4_min_u", 0xb7],
    ["i32x4_max_s", 0xb8],
    ["i32x4_max_u", 0xb9],
    ["i32x4_dot_i16x8_s", 0xba],
    ["i64x2_add", 0xce],
    ["i64x2_sub", 0xd1],
    ["i64x2_extmul_low_i32x4_s", 0xdc],
    ["i64x2_extmul_low_i32x4_u", 0xde],
    ["f32x4_add", 0xe4],
    ["f32x4_sub", 0xe5],
    ["f32x4_mul", 0xe6],
    ["f32x4_div", 0xe7],
    ["f32x4_pmin", 0xea],
    ["f32x4_pmax", 0xeb],
    ["f64x2_add", 0xf0],
    ["f64x2_sub", 0xf1],
    ["f64x2_mul", 0xf2],
    ["f64x2_div", 0xf3],
    ["f64x2_pmin", 0xf6],
    ["f64x2_pmax", 0xf7],
  ],
  vvvv: [["v128_bitselect", 0x52]],
  vi: [
    ["v128_any_true", 0x53],
    ["i8x16_bitmask", 0x64],
    ["i16x8_bitmask", 0x84],
    ["i32x4_bitmask", 0xa4],
    ["i64x2_bitmask", 0xc4],
  ],
  viv: [
    ["i16x8_shl", 0x8b],
    ["i16x8_shr_s", 0x8c],
    ["i16x8_shr_u", 0x8d],
    ["i32x4_shl", 0xab],
    ["i32x4_shr_s", 0xac],
    ["i32x4_shr_u", 0xad],
    ["i64x2_shl", 0xcb],
    ["i64x2_shr_u", 0xcd],
  ],
  iv: [
    ["i8x16_splat", 0x0f],
    ["i16x8_splat", 0x10],
    ["i32x4_splat", 0x11],
  ],
  lv: [["i64x2_splat", 0x12]],
  fv: [["f32x4_splat", 0x13]],
  dv: [["f64x2_splat", 0x14]],
};

const SIMD_LANE: Rows = {
  vi: [
    ["i8x16_extract_lane_u", 0x16],
    ["i16x8_extract_lane_u", 0x19],
    ["i32x4_extract_lane", 0x1b],
  ],
  vl: [["i64x2_extract_lane", 0x1d]],
  vf: [["f32x4_extract_lane", 0x1f]],
  vd: [["f64x2_extract_lane", 0x21]],
  viv: [
    ["i8x16_replace_lane", 0x17],
    ["i16x8_replace_lane", 0x1a],
    ["i32x4_replace_lane", 0x1c],
  ],
  vlv: [["i64x2_replace_lane", 0x1e]],
  vfv: [["f32x4_replace_lane", 0x20]],
  vdv: [["f64x2_replace_lane", 0x22]],
};

const SIMD_BYTES: Rows = { v: [["v128_const", 0x0c]], vvv: [["i8x16_shuffle", 0x0d]] };

/** r, a, b -> r, or when r is a NaN the NaN the processor makes of a and b. No WebAssembly opcode: the JIT calls a function for the rare case. */
const FIXES: Rows = {
  dddd: [["fix_nan_f64", NO_OPCODE]],
  ffff: [["fix_nan_f32", NO_OPCODE]],
  vvvv: [
    ["fix_nan_f64x2", NO_OPCODE],
    ["fix_nan_f32x4", NO_OPCODE],
  ],
};

const table = new Map<string, Operator>();
function add(rows: Rows, simd: boolean, immediate: Operator["immediate"]): void {
  for (const signature in rows) {
    const types = [...signature].map((letter) => TYPE_OF[letter]);
    const params = types.slice(0, -1);
    const result = types[types.length - 1];
    for (const entry of rows[signature]) {
      const name = entry[0];
      table.set(name, { name, opcode: entry[1], simd, params, result, immediate });
    }
  }
}
add(SCALAR, false, "none");
add(SIMD, true, "none");
add(SIMD_LANE, true, "lane");
add(SIMD_BYTES, true, "bytes");
add(FIXES, false, "none");

/** Every operator by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = table;

export function operatorNamed(name: string): Operator {
  const found = table.get(name);
  if (!found) throw new Error(`no IR operator '${name}'`);
  return found;
}
