// The quick x87 operations as one WebAssembly function (operation) -> done: made from the IR of x86/x87-builder.ts.
import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { X87Builder } from "../x86/x87-builder.js";
import { OPERATIONS } from "../x86/x87-quick.js";
import { branchTable, PureWriter } from "./pure-writer.js";

const KIND = 0xff;

export function x87Function(): FunctionBody {
  const w = new FunctionWriter(1);
  const writer = new X87Writer(w);
  const pushKind = (): void => {
    w.get(0);
    w.i32(KIND);
    w.op(op.I32_AND);
  };
  branchTable(w, OPERATIONS, pushKind, (kind) => {
    const { nodes, done } = new X87Builder(kind);
    writer.write(nodes, done);
  });
  return w.body();
}

/** The operation is the function's parameter; all else is in the state. */
class X87Writer extends PureWriter {
  protected override pushRegister(): void {
    this.w.get(0);
  }

  protected override within(write: () => void): void {
    write();
    this.w.close();
  }
}
