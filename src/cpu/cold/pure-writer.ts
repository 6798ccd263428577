// What functions of the runtime module that are made from IR have in common: a branch table of operations, each of which computes a value.
import type { FunctionWriter } from "../../wasm/function-writer.js";
import * as op from "../../wasm/opcodes.js";
import { IrWriter } from "../ir/ir-writer.js";
import type { Node } from "../ir/node.js";

/** Writes IR that sets no register, cannot fault and calls nothing. */
export abstract class PureWriter extends IrWriter {
  write(nodes: readonly Node[], result: Node): void {
    this.writeNodes(nodes, result);
    this.value(result);
  }

  protected override isSetAfter(): boolean {
    return false;
  }

  protected override noteSet(): void {}
  protected override noteAllSet(): void {}
  protected override writeSet = this.impossible;
  protected override callImport = this.impossible;
  protected override translateSlowly = this.impossible;
  protected override raise = this.impossible;
  protected override microcode = this.impossible;

  protected impossible(): never {
    throw new Error("this IR has values only");
  }
}

/** Goes to one of `count` arms, by the number that `pushIndex` pushes; each arm leaves the function's result. */
export function branchTable(
  w: FunctionWriter,
  count: number,
  pushIndex: () => void,
  arm: (which: number) => void,
): void {
  const labels = Array.from({ length: count }, () => ({}));
  for (const label of [...labels].reverse()) w.open(op.BLOCK, label);
  pushIndex();
  w.op(op.BR_TABLE);
  w.code.u32(labels.length - 1);
  for (const label of labels) w.code.u32(w.depthOf(label));
  labels.forEach((_, which) => {
    w.close();
    arm(which);
    w.op(op.RETURN);
  });
  w.op(op.UNREACHABLE);
}
