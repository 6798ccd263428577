// The choice among NaN operands, as WebAssembly functions (result, first, second) -> value: the first NaN among the operands, quieted; else the
// default NaN. SDM vol. 1, table 4-7.

import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";

// Opcodes only this file needs.
const F64_NE = 0x62;
const F32_NE = 0x5c;
const I64_OR = 0x84;
const I32_REINTERPRET_F32 = 0xbc;
const I64_REINTERPRET_F64 = 0xbd;
const F32_REINTERPRET_I32 = 0xbe;
const F64_REINTERPRET_I64 = 0xbf;
const F32X4_EXTRACT = 0x1f;
const F32X4_REPLACE = 0x20;
const F64X2_EXTRACT = 0x21;
const F64X2_REPLACE = 0x22;

export function nan64(): FunctionBody {
  const w = new FunctionWriter(3);
  for (const operand of [1, 2]) {
    w.get(operand);
    w.get(operand);
    w.op(F64_NE);
    w.open(op.IF, undefined);
    w.get(operand);
    w.op(I64_REINTERPRET_F64);
    w.i64(0, 0x80000);
    w.op(I64_OR);
    w.op(F64_REINTERPRET_I64);
    w.op(op.RETURN);
    w.close();
  }
  w.i64(0, 0xfff80000 | 0);
  w.op(F64_REINTERPRET_I64);
  return w.body();
}

export function nan32(): FunctionBody {
  const w = new FunctionWriter(3);
  for (const operand of [1, 2]) {
    w.get(operand);
    w.get(operand);
    w.op(F32_NE);
    w.open(op.IF, undefined);
    w.get(operand);
    w.op(I32_REINTERPRET_F32);
    w.i32(0x400000);
    w.op(op.I32_OR);
    w.op(F32_REINTERPRET_I32);
    w.op(op.RETURN);
    w.close();
  }
  w.i32(0xffc00000 | 0);
  w.op(F32_REINTERPRET_I32);
  return w.body();
}

/** Lane by lane, with the scalar function of the given index. */
export const nan64x2 = (choose: number) => lanes(2, F64X2_EXTRACT, F64X2_REPLACE, F64_NE, choose);
export const nan32x4 = (choose: number) => lanes(4, F32X4_EXTRACT, F32X4_REPLACE, F32_NE, choose);

function lanes(count: number, extract: number, replace: number, notEqual: number, choose: number): FunctionBody {
  const w = new FunctionWriter(3);
  const lane = (from: number, number: number) => {
    w.get(from);
    w.simd(extract);
    w.code.byte(number);
  };
  for (let number = 0; number < count; number++) {
    lane(0, number);
    lane(0, number);
    w.op(notEqual);
    w.open(op.IF, undefined);
    w.get(0);
    for (const from of [0, 1, 2]) lane(from, number);
    w.call(choose);
    w.simd(replace);
    w.code.byte(number);
    w.set(0);
    w.close();
  }
  w.get(0);
  return w.body();
}
