// The ends of a region's function: each writes back registers, then returns, or becomes the function the program goes on in.
import type { FunctionWriter } from "../../wasm/function-writer.js";
import { I32, I64 } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { keyOf, type RegisterSet } from "./register-flow.js";
import { DEPTH, FUEL } from "./signatures.js";

interface WayOut {
  /** Which of them it is; the one met first is the innermost. */
  readonly place: number;
  readonly registers: RegisterSet;
  readonly goesOn: boolean;
}

export class WaysOut {
  readonly #w: FunctionWriter;
  readonly #functionType: number;
  readonly #known = new Map<string, WayOut>();
  /** What the function will return as its first result. */
  readonly where: number;
  /** Slot of the function it goes on as. */
  readonly slot: number;

  constructor(w: FunctionWriter, functionType: number) {
    this.#w = w;
    this.#functionType = functionType;
    this.where = w.local(I64);
    this.slot = w.local(I32);
  }

  /** Leaves by the way out that writes back these registers, and returns `where` or goes on in `slot`. */
  leave(registers: RegisterSet, goesOn: boolean): void {
    const key = `${keyOf(registers)}${goesOn}`;
    let way = this.#known.get(key);
    if (!way) this.#known.set(key, (way = { place: this.#known.size, registers, goesOn }));
    this.#w.branchOut(way.place, op.BR);
  }

  /** Writes `code`, which leaves by them, and the ways out behind it. */
  enclose(code: ReturnType<FunctionWriter["detach"]>, writeBack: (registers: RegisterSet) => void): void {
    const w = this.#w;
    for (const _ of this.#known) w.open(op.BLOCK, undefined);
    w.paste(code);
    for (const { registers, goesOn } of this.#known.values()) {
      w.close();
      writeBack(registers);
      if (goesOn) this.goOn();
      else this.#return(() => w.get(this.where));
    }
    w.op(op.UNREACHABLE);
  }

  /** Becomes the function in the slot. */
  goOn(): void {
    const w = this.#w;
    w.get(DEPTH);
    w.get(FUEL);
    w.get(this.slot);
    this.indirectly(op.RETURN_CALL_INDIRECT);
  }

  /** Calls the function whose slot is on the stack, behind its arguments. */
  indirectly(call: number): void {
    const { code } = this.#w;
    code.byte(call);
    code.u32(this.#functionType);
    code.byte(0);
  }

  #return(push: () => void): void {
    push();
    this.#w.get(FUEL);
    this.#w.op(op.RETURN);
  }
}
