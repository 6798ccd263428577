// The one module of an address space that owns the function table: it runs regions, follows their jumps and keeps the nesting depth.

import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import { I32, I64, ModuleBuilder } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import * as status from "./status.js";

export const INITIAL_TABLE_SIZE = 4096;

const RESOLVE = 0;
const COLD = 1;

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
  w.op(op.I32_XOR);
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
