// The parts of a memory access's check in WebAssembly, of an address in an i64 local: its tag against the page of its last byte.
import * as layout from "../../machine/state-layout.js";
import type { FunctionWriter } from "../../wasm/function-writer.js";
import * as op from "../../wasm/opcodes.js";

/** Pushes the tag of the page of the byte `offset` bytes behind the address in a local. */
export function pushTag(w: FunctionWriter, address: number, offset: number, write: boolean): void {
  w.get(address);
  w.op(op.I32_WRAP_I64);
  if (offset !== 0) {
    w.i32(offset);
    w.op(op.I32_ADD);
  }
  w.i32(9);
  w.op(op.I32_SHR_U);
  w.i32(0x7ffff8);
  w.op(op.I32_AND);
  w.memory(op.I64_LOAD, write ? layout.WRITE_TAGS : layout.READ_TAGS);
}

/** Pushes the number of the page of the byte `offset` bytes behind the address. */
export function pushPage(w: FunctionWriter, address: number, offset: number): void {
  w.get(address);
  if (offset !== 0) {
    w.i64(offset, offset >> 31);
    w.op(op.I64_ADD);
  }
  w.i64(layout.PAGE_SHIFT, 0);
  w.op(op.I64_SHR_U);
}

/** Pushes an i64 local as two i32: low, high. */
export function pushHalves(w: FunctionWriter, address: number): void {
  w.get(address);
  w.op(op.I32_WRAP_I64);
  w.get(address);
  w.i64(32, 0);
  w.op(op.I64_SHR_U);
  w.op(op.I32_WRAP_I64);
}
