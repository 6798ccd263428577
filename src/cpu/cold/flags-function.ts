// The arithmetic flags of a lazy state whose operation is only known when it runs, as WebAssembly: made from the IR in x86/flags.ts.

import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { Builder } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CC_OP, type Node } from "../ir/node.js";
import { allFlags, KIND_COUNT, storedFlags } from "../x86/flags.js";
import { branchTable, PureWriter } from "./pure-writer.js";

/** Body of (op, A, B, C) -> rflags bits: the IR of each operation, chosen by a branch table. */
export function flagsFunction(): FunctionBody {
  const w = new FunctionWriter(4);
  const writer = new FlagsWriter(w);
  branchTable(
    w,
    KIND_COUNT * 4,
    () => w.get(0),
    (operation) => {
      const builder = new Builder();
      const all = allFlags(builder, storedFlags(builder, operation));
      writer.write(builder.nodes, all);
    },
  );
  return w.body();
}

/** Body of () -> the same of the state in memory. */
export function storedFlagsFunction(flags: number): FunctionBody {
  const w = new FunctionWriter();
  w.i32(0);
  w.memory(op.I32_LOAD, layout.STATE + layout.OFFSET_CC_OP);
  for (const offset of [layout.OFFSET_CC_A, layout.OFFSET_CC_B, layout.OFFSET_CC_C]) {
    w.i32(0);
    w.memory(op.I64_LOAD, layout.STATE + offset);
  }
  w.call(flags);
  return w.body();
}

/** The cc registers are the function's parameters; pure IR is all there is. */
class FlagsWriter extends PureWriter {
  protected override pushRegister(node: Node): void {
    this.w.get([CC_OP, CC_A, CC_B, CC_C].indexOf(node.low));
  }

  protected override within = this.impossible;
}
