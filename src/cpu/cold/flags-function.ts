// The arithmetic flags of a lazy state whose operation is only known when it runs, as WebAssembly: made from the IR in x86/flags.ts.

import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { Builder } from "../ir/builder.js";
import { IrWriter } from "../ir/ir-writer.js";
import { CC_A, CC_B, CC_C, CC_OP, type Node } from "../ir/node.js";
import { allFlags, KIND_COUNT, storedFlags } from "../x86/flags.js";

/** Body of (op, A, B, C) -> rflags bits: the IR of each operation, chosen by a branch table. */
export function flagsFunction(): FunctionBody {
  const w = new FunctionWriter(4);
  const writer = new FlagsWriter(w);
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
    writer.write(builder.nodes, all);
    w.op(op.RETURN);
  });
  w.op(op.UNREACHABLE);
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
class FlagsWriter extends IrWriter {
  write(nodes: readonly Node[], result: Node): void {
    this.writeNodes(nodes, result);
    this.value(result);
  }

  protected override pushRegister(node: Node): void {
    this.w.get([CC_OP, CC_A, CC_B, CC_C].indexOf(node.low));
  }

  protected override isSetAfter(): boolean {
    return false;
  }

  protected override noteSet(): void {}
  protected override noteAllSet(): void {}
  protected override writeSet = this.#impossible;
  protected override callImport = this.#impossible;
  protected override translateSlowly = this.#impossible;
  protected override raise = this.#impossible;
  protected override microcode = this.#impossible;
  protected override within = this.#impossible;

  #impossible(): never {
    throw new Error("flags are pure values");
  }
}
