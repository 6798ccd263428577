// The one module of an address space that owns the function table: it runs regions and follows their jumps. Functions are called with the
// depth of nested guest calls and fuel, and return what signatures.ts calls WHERE, and fuel; JavaScript and cold code find fuel and depth in
// the state, and get a status.

import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import { type FunctionBody, I32, I64, ModuleBuilder } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { pushHalves, pushPage, pushTag } from "../ir/page-check.js";
import { FUNCTION, INVOKE_SLOT, TRANSLATE } from "./signatures.js";
import * as status from "./status.js";

/** The table begins with slot 0, and grows by at least so much. */
export const TABLE_STEP = 1024;

const RESOLVE = 0;
const COLD = 1;
const TRANSLATE_INDEX = 2;
const INVOKE_SLOT_INDEX = 3;

/**
 * Imports `m.m`, `f.resolve`: () -> slot of the region at rip, 0 when it has none, and `f.cold`: () -> status, which interprets from rip until there is
 * compiled code again or the current function returns; `f.translate` (low, high, site): the slow way of a memory access. Exports for regions `invokeSlot` (slot, depth, fuel) and `invoke` (depth, fuel), which goes
 * by rip, and `translateRead` and `translateWrite` (sites.ts); `run` (slot) -> status for JavaScript; `call` () -> status for cold code: a nested guest call, by rip; the table, and `missing` for it.
 */
export function dispatcherModule(): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  const simple = builder.type([], [I32]);
  builder.importFunction("f", "resolve", simple);
  builder.importFunction("f", "cold", simple);
  builder.importFunction("f", "translate", builder.type([I32, I32, I32], [I32]));
  const region = builder.type(...FUNCTION);
  const functions: [name: string, type: number, body: FunctionBody][] = [
    ["invokeSlot", builder.type(...INVOKE_SLOT), invokeSlot(region)],
    ["invoke", region, invoke()],
    ["run", builder.type([I32], [I32]), run()],
    ["call", simple, call()],
    ["missing", region, missing()],
    ["translateRead", builder.type(...TRANSLATE), translate(false)],
    ["translateWrite", builder.type(...TRANSLATE), translate(true)],
  ];
  for (const [name, type, body] of functions) builder.exportFunction(name, builder.addFunction(type, body));
  builder.addTable(1, "table");
  return builder.build();
}

const state = (offset: number) => layout.STATE + offset;

function loadState(w: FunctionWriter, offset: number): void {
  w.i32(0);
  w.memory(op.I32_LOAD, state(offset));
}

function storeState(w: FunctionWriter, offset: number, local: number): void {
  w.i32(0);
  w.get(local);
  w.memory(op.I32_STORE, state(offset));
}

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

/** Runs a region, then those it jumps to, until one returns or something must unwind. */
function invokeSlot(region: number): FunctionBody {
  const w = new FunctionWriter(3);
  const slot = 0;
  const depth = 1;
  const fuel = 2;
  const where = w.local(I64);
  const again = {};
  w.open(op.LOOP, again);
  w.get(depth);
  w.get(fuel);
  w.get(slot);
  w.op(op.CALL_INDIRECT);
  w.code.u32(region);
  w.code.byte(0);
  w.set(fuel);
  w.tee(where);
  w.address(-status.STATUS_JUMP);
  w.op(op.I64_EQ);
  w.open(op.IF, undefined);
  lookup(w, slot);
  w.branch(again);
  w.close();
  w.close();
  w.get(where);
  w.get(fuel);
  return w.body();
}

/** invokeSlot of the slot that rip has. */
function invoke(): FunctionBody {
  const w = new FunctionWriter(2);
  const slot = w.local(I32);
  lookup(w, slot);
  w.get(slot);
  w.get(0);
  w.get(1);
  w.call(INVOKE_SLOT_INDEX);
  return w.body();
}

/** Calls invokeSlot with fuel from the state, where it and the address of a return are left; gives the status. */
function invokeFromState(w: FunctionWriter, slot: number, pushDepth: () => void): void {
  const fuel = w.local(I32);
  const where = w.local(I64);
  w.get(slot);
  pushDepth();
  loadState(w, layout.OFFSET_FUEL);
  w.call(INVOKE_SLOT_INDEX);
  w.set(fuel);
  w.set(where);
  storeState(w, layout.OFFSET_FUEL, fuel);
  w.get(where);
  w.i64(0, 0);
  w.op(op.I64_GT_S);
  w.open(op.IF, undefined, I32);
  w.i32(0);
  w.get(where);
  w.memory(op.I64_STORE, state(layout.OFFSET_RIP));
  w.i32(status.STATUS_RETURN);
  w.else();
  w.i32(0);
  w.get(where);
  w.op(op.I32_WRAP_I64);
  w.op(op.I32_SUB);
  w.close();
}

function run(): FunctionBody {
  const w = new FunctionWriter(1);
  invokeFromState(w, 0, () => w.i32(0));
  return w.body();
}

/** Cold code's frames on the host's stack count as those of the call it makes. */
function call(): FunctionBody {
  const w = new FunctionWriter();
  const slot = w.local(I32);
  const depth = w.local(I32);
  loadState(w, layout.OFFSET_DEPTH);
  w.i32(1);
  w.op(op.I32_ADD);
  w.tee(depth);
  w.i32(status.MAX_DEPTH);
  w.op(op.I32_GE_U);
  w.open(op.IF, undefined);
  w.i32(status.STATUS_DEPTH);
  w.op(op.RETURN);
  w.close();
  lookup(w, slot);
  invokeFromState(w, slot, () => w.get(depth));
  return w.body();
}

/** In the place of regions that are not compiled. */
function missing(): FunctionBody {
  const w = new FunctionWriter(2);
  const depth = 0;
  const fuel = 1;
  const result = w.local(I32);
  const rip = w.local(I64);
  storeState(w, layout.OFFSET_DEPTH, depth);
  storeState(w, layout.OFFSET_FUEL, fuel);
  w.call(COLD);
  w.set(result);
  loadState(w, layout.OFFSET_FUEL);
  w.set(fuel);
  w.get(result);
  w.i32(status.STATUS_RETURN);
  w.op(op.I32_EQ);
  w.open(op.IF, undefined);
  w.i32(0);
  w.memory(op.I64_LOAD, state(layout.OFFSET_RIP));
  w.tee(rip);
  w.i64(0, 0);
  w.op(op.I64_GT_S);
  w.open(op.IF, undefined);
  w.get(rip);
  w.get(fuel);
  w.op(op.RETURN);
  w.close();
  w.i32(status.STATUS_JUMP);
  w.set(result);
  w.close();
  w.i64(0, 0);
  w.get(result);
  w.op(op.I64_EXTEND_I32_U);
  w.op(op.I64_SUB);
  w.get(fuel);
  return w.body();
}

/** An access that its group's check did not let pass may do by its own, as most do that lie beside another page. */
function translate(write: boolean): FunctionBody {
  const w = new FunctionWriter(3);
  const [address, last, site] = [0, 1, 2];
  const end = w.local(I64);
  w.get(address);
  w.get(last);
  w.op(op.I64_EXTEND_I32_U);
  w.op(op.I64_ADD);
  w.set(end);
  pushTag(w, address, 0, write);
  pushPage(w, end, 0);
  w.op(op.I64_EQ);
  w.open(op.IF, undefined, I32);
  w.get(address);
  w.op(op.I32_WRAP_I64);
  w.else();
  pushHalves(w, address);
  w.get(site);
  w.call(TRANSLATE_INDEX);
  w.close();
  return w.body();
}
