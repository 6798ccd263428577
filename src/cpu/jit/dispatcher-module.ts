// The one module of an address space that owns the function table: it runs regions, follows their jumps and keeps the nesting depth.
// It also holds the choice among NaN operands, which regions share.

import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import { F32, F64, I32, I64, ModuleBuilder, V128, type ValueType } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import * as status from "./status.js";

export const INITIAL_TABLE_SIZE = 4096;

// Opcodes only this file needs.
const F64_NE = 0x62;
const F32_NE = 0x5c;
const I32_OR = 0x72;
const I64_OR = 0x84;
const I32_XOR = 0x73;
const I32_REINTERPRET_F32 = 0xbc;
const I64_REINTERPRET_F64 = 0xbd;
const F32_REINTERPRET_I32 = 0xbe;
const F64_REINTERPRET_I64 = 0xbf;

const RESOLVE = 0;
const COLD = 1;
const NAN64 = 5;
const NAN32 = 6;

/**
 * Imports `m.m`, `f.resolve`: () -> slot of the region at rip, 0 when it has none, and `f.cold`: () -> status, which interprets from rip until there is
 * compiled code again or the current function returns.
 */
export function dispatcherModule(): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  const region = builder.type([], [I32]);
  builder.importFunction("f", "resolve", region);
  builder.importFunction("f", "cold", region);
  builder.exportFunction("invokeSlot", builder.addFunction(builder.type([I32], [I32]), invokeSlot(region)));
  builder.exportFunction("invoke", builder.addFunction(region, invoke(region)));
  builder.exportFunction("missing", builder.addFunction(region, missing()));
  const choice = (type: ValueType, body: Uint8Array) =>
    builder.addFunction(builder.type([type, type, type], [type]), body);
  builder.exportFunction("nan64", choice(F64, nan64()));
  builder.exportFunction("nan32", choice(F32, nan32()));
  builder.exportFunction("nan64x2", choice(V128, lanes(2, 0x21, 0x22, F64_NE, NAN64)));
  builder.exportFunction("nan32x4", choice(V128, lanes(4, 0x1f, 0x20, F32_NE, NAN32)));
  builder.addTable(INITIAL_TABLE_SIZE, "table");
  return builder.build();
}

const state = (offset: number) => layout.STATE + offset;

/** Slot of the region at rip into `slot`: by the branch cache, else by asking the engine. Code not compiled has slot 0. */
function lookup(w: FunctionWriter, slot: number): void {
  const rip = w.borrow(I64);
  const entry = w.borrow(I32);
  w.i32(0);
  w.memory(op.I64_LOAD, state(layout.OFFSET_RIP));
  w.tee(rip);
  w.op(op.I32_WRAP_I64);
  w.tee(entry);
  w.get(entry);
  w.i32(14);
  w.op(op.I32_SHR_U);
  w.op(I32_XOR);
  w.i32(layout.BRANCH_CACHE_ENTRIES - 1);
  w.op(op.I32_AND);
  w.i32(4);
  w.op(op.I32_SHL);
  w.tee(entry);
  w.memory(op.I64_LOAD, layout.BRANCH_CACHE);
  w.get(rip);
  w.op(op.I64_EQ);
  w.open(op.IF, undefined, I32);
  w.get(entry);
  w.memory(op.I32_LOAD, layout.BRANCH_CACHE + 8);
  w.else();
  w.call(RESOLVE);
  w.close();
  w.set(slot);
  w.release(I64, rip);
  w.release(I32, entry);
}

/** invokeSlot of the slot that rip has. */
function invoke(region: number): Uint8Array {
  const w = new FunctionWriter();
  const slot = w.local(I32);
  lookup(w, slot);
  invokeNested(w, slot, region);
  return w.body();
}

function invokeSlot(region: number): Uint8Array {
  const w = new FunctionWriter(1);
  invokeNested(w, 0, region);
  return w.body();
}

function missing(): Uint8Array {
  const w = new FunctionWriter();
  w.call(COLD);
  return w.body();
}

/** Runs a region, then those it jumps to, until one returns or something must unwind; leaves the status. */
function invokeNested(w: FunctionWriter, slot: number, region: number): void {
  const result = w.local(I32);
  const depth = w.local(I32);
  const fuel = w.local(I32);
  const done = {};
  const again = {};
  w.i32(0);
  w.memory(op.I32_LOAD, state(layout.OFFSET_DEPTH));
  w.tee(depth);
  w.i32(status.MAX_DEPTH);
  w.op(op.I32_GE_U);
  w.open(op.IF, undefined);
  w.i32(status.STATUS_DEPTH);
  w.op(op.RETURN);
  w.close();
  w.i32(0);
  w.get(depth);
  w.i32(1);
  w.op(op.I32_ADD);
  w.memory(op.I32_STORE, state(layout.OFFSET_DEPTH));
  w.open(op.BLOCK, done);
  w.open(op.LOOP, again);
  w.get(slot);
  w.op(op.CALL_INDIRECT);
  w.code.u32(region);
  w.code.byte(0);
  w.tee(result);
  w.i32(status.STATUS_JUMP);
  w.op(op.I32_NE);
  w.branch(done, op.BR_IF);
  // A jump from region to region costs fuel, so that loops over several regions end too.
  w.i32(0);
  w.i32(0);
  w.memory(op.I32_LOAD, state(layout.OFFSET_FUEL));
  w.i32(1);
  w.op(op.I32_SUB);
  w.tee(fuel);
  w.memory(op.I32_STORE, state(layout.OFFSET_FUEL));
  w.i32(status.STATUS_FUEL);
  w.set(result);
  w.get(fuel);
  w.i32(0);
  w.op(op.I32_LT_S);
  w.branch(done, op.BR_IF);
  lookup(w, slot);
  w.branch(again);
  w.close();
  w.close();
  w.i32(0);
  w.get(depth);
  w.memory(op.I32_STORE, state(layout.OFFSET_DEPTH));
  w.get(result);
}

/** Parameters: the result, the first and the second operand. The first NaN among the operands, quieted; else the default NaN. */
function nan64(): Uint8Array {
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

function nan32(): Uint8Array {
  const w = new FunctionWriter(3);
  for (const operand of [1, 2]) {
    w.get(operand);
    w.get(operand);
    w.op(F32_NE);
    w.open(op.IF, undefined);
    w.get(operand);
    w.op(I32_REINTERPRET_F32);
    w.i32(0x400000);
    w.op(I32_OR);
    w.op(F32_REINTERPRET_I32);
    w.op(op.RETURN);
    w.close();
  }
  w.i32(0xffc00000 | 0);
  w.op(F32_REINTERPRET_I32);
  return w.body();
}

/** Lane by lane: a lane of the result that is a NaN is chosen by the scalar function. */
function lanes(count: number, extract: number, replace: number, notEqual: number, choose: number): Uint8Array {
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
