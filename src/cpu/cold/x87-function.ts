// The quick x87 operations as one WebAssembly function (operation) -> done: made from the IR of x86/x87-builder.ts.
import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { IrWriter } from "../ir/ir-writer.js";
import { X87Builder } from "../x86/x87-builder.js";
import { OPERATIONS } from "../x86/x87-quick.js";

const KIND = 0xff;

export function x87Function(): FunctionBody {
  const w = new FunctionWriter(1);
  const writer = new X87Writer(w);
  const labels = Array.from({ length: OPERATIONS }, () => ({}));
  for (const label of [...labels].reverse()) w.open(op.BLOCK, label);
  w.get(0);
  w.i32(KIND);
  w.op(op.I32_AND);
  w.op(op.BR_TABLE);
  w.code.u32(labels.length - 1);
  for (const label of labels) w.code.u32(w.depthOf(label));
  labels.forEach((_, kind) => {
    w.close();
    writer.write(new X87Builder(kind));
    w.op(op.RETURN);
  });
  w.op(op.UNREACHABLE);
  return w.body();
}

/** The operation is the function's parameter; all else is in the state. */
class X87Writer extends IrWriter {
  write({ nodes, done }: X87Builder): void {
    this.writeNodes(nodes, done);
    this.value(done);
  }

  protected override pushRegister(): void {
    this.w.get(0);
  }

  protected override within(write: () => void): void {
    write();
    this.w.close();
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

  #impossible(): never {
    throw new Error("x87 operations work on the state alone");
  }
}
