// The WebAssembly module that runs cold code: a table of handlers, those that belong to no instruction, those of common forms, and the functions
// that compiled regions use too. Handlers of other forms are made when they are met, in modules of their own.
import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import { GENERAL_PROTECTION, INVALID_OPCODE, TRAP_WATCH } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import {
  F32,
  F64,
  type FunctionBody,
  I32,
  I64,
  ModuleBuilder,
  V128,
  type ValueType,
} from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { INTERPRET_THIS } from "../ir/node.js";
import { STATUS_FAULT, STATUS_HOT, STATUS_JUMP, STATUS_MISS, STATUS_RETURN, STATUS_TRAP } from "../jit/status.js";
import { flagsFunction, storedFlagsFunction } from "./flags-function.js";
import { HANDLER_IMPORTS, type HandlerImport } from "./handler-writer.js";
import { cached, DEPTH, exit, pushRunsLeft, RECORD, storeI32, storeRip } from "./leaving.js";
import { nan32, nan32x4, nan64, nan64x2 } from "./nan-functions.js";
import { BLOCK_SIZE, OFFSET_BLOCK_RUNS } from "./record.js";
import { x87Function } from "./x87-function.js";

/** Places for handlers that are made, at first. */
const ROOM = 1 << 10;

// Handlers that belong to no instruction, by their place in the table; the first, BLOCK, counts.
/** Begins a block that is compiled: rip i64. */
export const COMPILED = 1;
/** Begins a block that was dropped: rip i64. */
export const DROPPED = 2;
/** A block that was dropped and made again: unused i64, its record i32. */
export const FORWARD = 3;
/** In an edge not linked yet: rip i64. */
export const UNLINKED = 4;
/** Empty places of the cache of indirect jumps lead here; rip is set. */
export const NOWHERE = 5;
/** Goes on with another block: an edge. */
export const GOTO = 6;
/** Bytes that are no instruction: rip i64. */
export const UNDEFINED = 7;
/** An instruction longer than any may be: rip i64. */
export const TOO_LONG = 8;
/** An instruction for the interpreter: rip i64. */
export const INTERPRET = 9;
/** A watched instruction: rip i64. */
export const WATCHED = 10;
export const FIRST_FORM = 11;

export const OFFSET_EDGE = 4;

const SIGNATURES: Readonly<Record<HandlerImport, readonly [readonly ValueType[], readonly ValueType[]]>> = {
  translate: [[I32, I32, I32, I32], [I32]],
  raise: [[I32, I32], []],
  microcode: [[I32, I32], [I32]],
  next: [[I32, I32], [I32]],
  flags: [[I32, I64, I64, I64], [I32]],
  nan64: [[F64, F64, F64], [F64]],
  nan32: [[F32, F32, F32], [F32]],
  nan64x2: [[V128, V128, V128], [V128]],
  nan32x4: [[V128, V128, V128], [V128]],
  x87: [[I32], [I32]],
};
/** These come from outside of the runtime module; the others are its own. */
const FROM_OUTSIDE = HANDLER_IMPORTS.indexOf("next");
const indexOf = (name: HandlerImport) => HANDLER_IMPORTS.indexOf(name);

/** The handlers of some forms, for a table with that function type. */
export type Handlers = (handlerType: number) => readonly FunctionBody[];

/**
 * Imports `m.m`, `f.translate`, `f.raise`, `f.microcode` and `f.invoke`; exports `table`, `next`, `flags`, `stored`, `fill`, `copy` and the
 * choices of NaNs.
 * `forms` are the first of `count` prebuilt ones.
 */
export function runtimeModule(forms: Handlers, count: number): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  for (const name of HANDLER_IMPORTS.slice(0, FROM_OUTSIDE))
    builder.importFunction("f", name, builder.type(...SIGNATURES[name]));
  // Its place among the imports is behind those that every handler module has: own functions follow at the indices those expect.
  const handler = builder.type(...SIGNATURES.next);
  const own = (name: HandlerImport, body: FunctionBody) =>
    builder.exportFunction(name, builder.addFunction(builder.type(...SIGNATURES[name]), body));
  own("next", next(handler));
  own("flags", flagsFunction());
  own("nan64", nan64());
  own("nan32", nan32());
  own("nan64x2", nan64x2(indexOf("nan64")));
  own("nan32x4", nan32x4(indexOf("nan32")));
  own("x87", x87Function());
  const bulk = (name: string, instruction: Uint8Array) =>
    builder.exportFunction(name, builder.addFunction(builder.type([I32, I32, I32], []), bulkFunction(instruction)));
  bulk("fill", op.MEMORY_FILL);
  bulk("copy", op.MEMORY_COPY);
  builder.exportFunction("stored", builder.addFunction(builder.type([], [I32]), storedFlagsFunction(indexOf("flags"))));
  const fixed = [
    block(handler),
    missing(0), // compiled code is entered through a handler that the engine brings
    missing(0),
    forward(handler),
    missing(1),
    nowhere(),
    goTo(handler),
    trapping(INVALID_OPCODE),
    trapping(GENERAL_PROTECTION),
    interpret(),
    trapping(TRAP_WATCH),
  ];
  const handlers = [...fixed, ...forms(handler)].map((body) => builder.addFunction(handler, body));
  builder.addTable(FIRST_FORM + count + ROOM, "table", handlers);
  return builder.build();
}

/** Further prebuilt handlers, which put themselves into `f.table` from `first` on; imports what HANDLER_IMPORTS names. */
export function partModule(forms: Handlers, first: number): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  for (const name of HANDLER_IMPORTS) builder.importFunction("f", name, builder.type(...SIGNATURES[name]));
  const type = builder.type(...SIGNATURES.next);
  const handlers = forms(type).map((body) => builder.addFunction(type, body));
  builder.importTable("f", "table", first, handlers);
  return builder.build();
}

/** Handlers made later, as `h0`, `h1`...; imports what HANDLER_IMPORTS names. */
export function handlerModule(bodies: readonly FunctionBody[]): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  for (const name of HANDLER_IMPORTS) builder.importFunction("f", name, builder.type(...SIGNATURES[name]));
  const type = builder.type(...SIGNATURES.next);
  bodies.forEach((body, which) => {
    builder.exportFunction(`h${which}`, builder.addFunction(type, body));
  });
  return builder.build();
}

/**
 * The handler that enters compiled code, as `compiled`; imports `m.m`, `f.invoke`: () -> status, and `f.next`. In the caller's place
 * compiled code runs as the caller's; deeper, the call it is in has to return here.
 */
export function compiledModule(): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  builder.importFunction("f", "invoke", builder.type([], [I32]));
  const type = builder.type(...SIGNATURES.next);
  builder.importFunction("f", "next", type);
  const w = new FunctionWriter(2);
  const status = w.local(I32);
  const to = w.local(I32);
  storeRip(w);
  w.get(DEPTH);
  w.op(op.I32_EQZ);
  w.open(op.IF, undefined);
  w.i32(STATUS_JUMP);
  w.op(op.RETURN);
  w.close();
  w.call(0);
  w.tee(status);
  w.i32(STATUS_RETURN);
  w.op(op.I32_NE);
  w.open(op.IF, undefined);
  w.get(status);
  w.op(op.RETURN);
  w.close();
  w.get(DEPTH);
  w.i32(1);
  w.op(op.I32_SUB);
  w.set(DEPTH);
  cached(w, false, to);
  w.get(to);
  w.get(DEPTH);
  w.op(op.RETURN_CALL);
  w.code.u32(1);
  builder.exportFunction("compiled", builder.addFunction(type, w.body()));
  return builder.build();
}

/** An instruction on three numbers, for JavaScript. */
function bulkFunction(instruction: Uint8Array): FunctionBody {
  const w = new FunctionWriter(3);
  for (const parameter of [0, 1, 2]) w.get(parameter);
  w.code.append(instruction);
  return w.body();
}

/** Goes on with the record in RECORD. */
function tail(w: FunctionWriter, handler: number): void {
  w.get(RECORD);
  w.get(DEPTH);
  w.get(RECORD);
  w.memory(op.I32_LOAD, 0);
  w.op(op.RETURN_CALL_INDIRECT);
  w.code.u32(handler);
  w.code.byte(0);
}

function next(handler: number): FunctionBody {
  const w = new FunctionWriter(2);
  tail(w, handler);
  return w.body();
}

function block(handler: number): FunctionBody {
  const w = new FunctionWriter(2);
  const left = w.local(I32);
  w.get(RECORD);
  pushRunsLeft(w, RECORD, left);
  w.memory(op.I32_STORE, OFFSET_BLOCK_RUNS);
  w.get(left);
  w.op(op.I32_EQZ);
  w.open(op.IF, undefined);
  storeRip(w);
  exit(w, STATUS_HOT);
  w.close();
  w.get(RECORD);
  w.i32(BLOCK_SIZE);
  w.op(op.I32_ADD);
  w.set(RECORD);
  tail(w, handler);
  return w.body();
}

/** No record to go on with; `edge` is 1 when an edge holds this record and is to be linked. */
function missing(edge: number): FunctionBody {
  const w = new FunctionWriter(2);
  storeRip(w);
  storeI32(w, layout.OFFSET_COLD_EDGE, () => {
    if (!edge) return w.i32(0);
    w.get(RECORD);
    w.i32(OFFSET_EDGE);
    w.op(op.I32_SUB);
  });
  storeI32(w, layout.OFFSET_COLD_SITE, () => w.i32(0));
  exit(w, STATUS_MISS);
  return w.body();
}

/** As a return that misses: sites have their own entries in the cache, which are filled before they are used. */
function nowhere(): FunctionBody {
  const w = new FunctionWriter(2);
  storeI32(w, layout.OFFSET_COLD_EDGE, () => w.i32(0));
  storeI32(w, layout.OFFSET_COLD_SITE, () => w.i32(0));
  exit(w, STATUS_MISS);
  return w.body();
}

function forward(handler: number): FunctionBody {
  const w = new FunctionWriter(2);
  w.get(RECORD);
  w.memory(op.I32_LOAD, OFFSET_BLOCK_RUNS);
  w.set(RECORD);
  tail(w, handler);
  return w.body();
}

function goTo(handler: number): FunctionBody {
  const w = new FunctionWriter(2);
  w.get(RECORD);
  w.memory(op.I32_LOAD, OFFSET_EDGE);
  w.set(RECORD);
  tail(w, handler);
  return w.body();
}

function trapping(trap: number): FunctionBody {
  const w = new FunctionWriter(2);
  storeRip(w);
  exit(w, STATUS_TRAP + (trap << 4));
  return w.body();
}

function interpret(): FunctionBody {
  const w = new FunctionWriter(2);
  w.i32(INTERPRET_THIS);
  w.get(RECORD);
  w.call(indexOf("raise"));
  exit(w, STATUS_FAULT);
  return w.body();
}
