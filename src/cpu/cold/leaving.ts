// How handlers of cold code end: by going to the record for rip, or by leaving with a status.
import * as layout from "../../machine/state-layout.js";
import type { FunctionWriter } from "../../wasm/function-writer.js";
import * as op from "../../wasm/opcodes.js";
import { STATUS_MISS } from "../jit/status.js";
import { OFFSET_BLOCK_RUNS, OFFSET_RIP } from "./record.js";

// Parameters of a handler: its record, and the calls made since interpretation began.
export const RECORD = 0;
export const DEPTH = 1;

export const state = (offset: number) => layout.STATE + offset;

/**
 * Puts the record for rip into `to`, if the cache of indirect jumps has it; else notes what is looked for and returns STATUS_MISS with
 * the depth as it is. With a site, the record running is a jump or call that has entries of its own.
 */
export function cached(w: FunctionWriter, hasSite: boolean, to: number): void {
  const site = () => (hasSite ? w.get(RECORD) : w.i32(0));
  w.i32(0);
  w.memory(op.I32_LOAD, state(layout.OFFSET_RIP));
  if (hasSite) {
    site();
    w.op(op.I32_XOR);
  }
  w.i32(layout.COLD_CACHE_MULTIPLIER);
  w.op(op.I32_MUL);
  w.i32(32 - layout.COLD_CACHE_BITS);
  w.op(op.I32_SHR_U);
  w.i32(4);
  w.op(op.I32_SHL);
  w.tee(to);
  w.memory(op.I64_LOAD, layout.COLD_CACHE);
  w.i32(0);
  w.memory(op.I64_LOAD, state(layout.OFFSET_RIP));
  w.op(op.I64_NE);
  w.get(to);
  w.memory(op.I32_LOAD, layout.COLD_CACHE + 8);
  site();
  w.op(op.I32_NE);
  w.op(op.I32_OR);
  w.open(op.IF, undefined);
  storeI32(w, layout.OFFSET_COLD_EDGE, () => w.i32(0));
  storeI32(w, layout.OFFSET_COLD_SITE, site);
  exit(w, STATUS_MISS);
  w.close();
  w.get(to);
  w.memory(op.I32_LOAD, layout.COLD_CACHE + 12);
  w.set(to);
}

export function storeI32(w: FunctionWriter, offset: number, push: () => void): void {
  w.i32(0);
  push();
  w.memory(op.I32_STORE, state(offset));
}

/** Out of cold code with a status. */
export function exit(w: FunctionWriter, status: number): void {
  storeI32(w, layout.OFFSET_COLD_DEPTH, () => w.get(DEPTH));
  w.i32(status);
  w.op(op.RETURN);
}

/** rip from the record, where all that have it keep it. */
export function storeRip(w: FunctionWriter): void {
  w.i32(0);
  w.get(RECORD);
  w.memory(op.I64_LOAD, OFFSET_RIP);
  w.memory(op.I64_STORE, state(layout.OFFSET_RIP));
}

/** Pushes the runs that the block of a record will have left after this one, and keeps them in `left`. */
export function pushRunsLeft(w: FunctionWriter, record: number, left: number): void {
  w.get(record);
  w.memory(op.I32_LOAD, OFFSET_BLOCK_RUNS);
  w.i32(1);
  w.op(op.I32_SUB);
  w.tee(left);
}
