// The arithmetic flags of a lazy state whose operation is only known when it runs, as WebAssembly: made from the IR in x86/flags.ts.

import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import { I32, I64, ModuleBuilder } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import type { Block } from "../block.js";
import { Builder } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CC_OP, REGISTER_COUNT } from "../ir/node.js";
import { allFlags, KIND_COUNT, storedFlags } from "../x86/flags.js";
import { BlockWriter } from "./block-writer.js";
import { NO_REGISTERS } from "./register-flow.js";

/** Imports `m.m`; exports `flags` (op, A, B, C) -> rflags bits, and `stored` () -> the same of the state in memory. */
export function flagsModule(): Uint8Array {
  const builder = new ModuleBuilder();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  const index = builder.addFunction(builder.type([I32, I64, I64, I64], [I32]), flags());
  builder.exportFunction("flags", index);
  builder.exportFunction("stored", builder.addFunction(builder.type([], [I32]), stored(index)));
  return builder.build();
}

function stored(flagsFunction: number): Uint8Array {
  const w = new FunctionWriter();
  w.i32(0);
  w.memory(op.I32_LOAD, layout.STATE + layout.OFFSET_CC_OP);
  for (const offset of [layout.OFFSET_CC_A, layout.OFFSET_CC_B, layout.OFFSET_CC_C]) {
    w.i32(0);
    w.memory(op.I64_LOAD, layout.STATE + offset);
  }
  w.call(flagsFunction);
  return w.body();
}

/** Parameters: operation, A, B, C. The IR of each operation, chosen by a branch table. */
function flags(): Uint8Array {
  const w = new FunctionWriter(4);
  const registerLocals = new Int32Array(REGISTER_COUNT).fill(-1);
  [CC_OP, CC_A, CC_B, CC_C].forEach((register, parameter) => {
    registerLocals[register] = parameter;
  });
  const nothing = () => {};
  const writer = new BlockWriter({
    w,
    registerLocals,
    leave: nothing,
    addSite: () => 0,
    callImport: nothing,
    writeBack: nothing,
    reloadAfter: nothing,
  });
  const labels = Array.from({ length: KIND_COUNT * 4 }, () => ({}));
  for (const label of [...labels].reverse()) w.open(op.BLOCK, label);
  w.get(0);
  w.op(op.BR_TABLE);
  w.code.u32(labels.length - 1);
  for (const label of labels) w.code.u32(w.depthOf(label));
  labels.forEach((_, operation) => {
    w.close();
    const builder = new Builder();
    const all = allFlags(builder, storedFlags(builder, operation));
    const block: Block = {
      start: 0,
      end: 0,
      nodes: builder.nodes,
      terminator: { kind: "indirect", target: all, isReturn: false },
      addresses: [],
      lengths: [],
      float: false,
    };
    writer.write(block, NO_REGISTERS);
    writer.value(all);
    w.op(op.RETURN);
  });
  w.op(0x00);
  return w.body();
}
