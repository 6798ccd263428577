// Writes IR as WebAssembly. Values used once stay on the operand stack. Where registers are kept, and what happens when an access or a check
// fails, is for the subclass to say: compiled regions have registers in locals, handlers of single instructions in memory.

import * as layout from "../../machine/state-layout.js";
import type { FunctionWriter } from "../../wasm/function-writer.js";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import type { Access, Node } from "./node.js";
import * as kind from "./node.js";
import { NO_OPCODE, type Operator } from "./operators.js";
import { pushPage, pushTag } from "./page-check.js";

/** Functions that IR itself may call: flags (op, a, b, c) -> arithmetic rflags; nan... (result, a, b) -> what the processor makes of NaNs; x87 (operation) -> done. */
export type IrImport = "flags" | "nan64" | "nan32" | "nan64x2" | "nan32x4" | "x87";

const F64_NE = 0x62;
const F32_NE = 0x5c;
const F64X2_NE = 0x48;
const F32X4_NE = 0x42;
const ANY_TRUE = 0x53;

interface Fix {
  readonly simd: boolean;
  readonly notEqual: number;
  readonly function: IrImport;
  readonly type: ValueType;
}
const FIXES: Readonly<Record<string, Fix>> = {
  fix_nan_f64: { simd: false, notEqual: F64_NE, function: "nan64", type: F64 },
  fix_nan_f32: { simd: false, notEqual: F32_NE, function: "nan32", type: F32 },
  fix_nan_f64x2: { simd: true, notEqual: F64X2_NE, function: "nan64x2", type: V128 },
  fix_nan_f32x4: { simd: true, notEqual: F32X4_NE, function: "nan32x4", type: V128 },
};

export abstract class IrWriter {
  protected readonly w: FunctionWriter;

  constructor(w: FunctionWriter) {
    this.w = w;
  }

  /** Writes `nodes`; the value of `last`, if any, is then ready for `value`. */
  protected writeNodes(nodes: readonly Node[], last: Node | undefined): void {
    clearNotes(nodes);
    this.#count(nodes, 0);
    if (last) this.#use(last, 0);
    this.#nodes(nodes);
  }

  /** Pushes the value of a node. */
  value(node: Node): void {
    this.#push(node);
  }

  // ---- for the subclass

  /** Pushes an architectural register, or a parameter. */
  protected abstract pushRegister(node: Node): void;
  /** `node` sets a register to the value that `push` pushes. */
  protected abstract writeSet(node: Node, push: () => void): void;
  /** Called in order while uses are counted. */
  protected abstract noteSet(register: number, index: number): void;
  /** Everything may have been set. */
  protected abstract noteAllSet(index: number): void;
  /** Whether a register may have been set after the node of that index. */
  protected abstract isSetAfter(register: number, index: number): boolean;
  protected abstract callImport(name: IrImport): void;
  /** The access of a TRANSLATE did not match the tags: puts the linear offset into local `linear`, or leaves. `address` is a local too. */
  protected abstract translateSlowly(node: Node, address: number, linear: number): void;
  protected abstract raise(node: Node): void;
  protected abstract microcode(node: Node): void;
  /** Around the conditional body of WHEN. */
  protected abstract within(write: () => void): void;

  // ---- first pass: how often is each value used, and which must be kept where they are made

  #count(nodes: readonly Node[], bodyStart: number): void {
    for (const node of nodes) {
      if (node.kind < kind.SET) continue;
      for (const operand of [node.a, node.b, node.c]) if (operand) this.#use(operand, bodyStart);
      if (node.kind === kind.SET) this.noteSet(node.low, node.index);
      else if (node.kind === kind.MICROCODE) this.noteAllSet(node.index);
      else if (node.kind === kind.WHEN) this.#count(node.body as Node[], node.index);
    }
  }

  #use(node: Node, bodyStart: number): void {
    node.uses++;
    if (node.kind >= kind.SET || node.kind === kind.CONST || node.kind === kind.PARAMETER) return;
    // Made before a conditional body and wanted inside it: it may be wanted after it too.
    if (node.index < bodyStart && node.kind !== kind.GET) node.pinned = true;
    if (node.kind === kind.GET) {
      if (this.isSetAfter(node.low, node.index)) node.pinned = true;
      return;
    }
    if (node.uses > 1) return;
    // A pinned value is computed where it was made, when its operands were what they are.
    for (const operand of [node.a, node.b, node.c, node.d]) if (operand) this.#use(operand, bodyStart);
  }

  // ---- second pass

  #nodes(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (node.kind < kind.SET) {
        if (node.pinned) this.#keep(node);
        continue;
      }
      this.#effect(node);
    }
  }

  #keep(node: Node): void {
    this.#compute(node);
    node.local = this.w.borrow(node.type);
    this.w.set(node.local);
  }

  /** Pushes the node's value. */
  #push(node: Node): void {
    const w = this.w;
    if (node.local >= 0) {
      w.get(node.local);
      if (--node.uses === 0) {
        w.release(node.type, node.local);
        node.local = -2;
      }
      return;
    }
    this.#compute(node);
    if (node.kind === kind.PURE || node.kind === kind.FLAGS) {
      if (--node.uses > 0) {
        node.local = w.borrow(node.type);
        w.tee(node.local);
      }
    }
  }

  #compute(node: Node): void {
    const w = this.w;
    switch (node.kind) {
      case kind.CONST:
        if (node.type === I64) w.i64(node.low, node.high);
        else w.i32(node.low);
        return;
      case kind.GET:
      case kind.PARAMETER:
        return this.pushRegister(node);
      case kind.FLAGS:
        for (const operand of [node.a, node.b, node.c, node.d]) this.#push(operand as Node);
        return this.callImport("flags");
      default:
        this.#pure(node, node.operator as Operator);
    }
  }

  #pure(node: Node, operator: Operator): void {
    const w = this.w;
    if (operator.opcode === NO_OPCODE) return this.#fixNan(node, FIXES[operator.name]);
    if (node.a) this.#push(node.a);
    if (node.b) this.#push(node.b);
    if (node.c) this.#push(node.c);
    if (!operator.simd && operator.opcode === op.SELECT) {
      if (operator.result !== V128) return w.op(op.SELECT);
      w.op(0x1c); // the typed select: v128 is no MVP type
      w.code.byte(1);
      w.code.byte(V128);
      return;
    }
    if (operator.simd) w.simd(operator.opcode);
    else w.op(operator.opcode);
    if (operator.immediate === "lane") w.code.byte(node.low);
    else if (operator.immediate === "bytes") w.code.append(node.bytes as Uint8Array);
  }

  /** result == result ? result : the function's choice. */
  #fixNan(node: Node, fix: Fix): void {
    const w = this.w;
    const result = w.borrow(fix.type);
    this.#push(node.a as Node);
    w.tee(result);
    w.get(result);
    if (fix.simd) {
      w.simd(fix.notEqual);
      w.simd(ANY_TRUE);
    } else w.op(fix.notEqual);
    w.openUnlikely(undefined, fix.type);
    w.get(result);
    // Both sides of the `if` use up the operands: the cold side only reads them.
    this.#peek(node.b as Node);
    this.#peek(node.c as Node);
    this.callImport(fix.function);
    w.else();
    w.get(result);
    w.close();
    this.#drop(node.b as Node);
    this.#drop(node.c as Node);
    w.release(fix.type, result);
  }

  /** Like #push for an operand the fix shares with the operation: it is in a local by then, or cheap to compute. */
  #peek(node: Node): void {
    if (node.local >= 0) this.w.get(node.local);
    else this.#compute(node);
  }

  #drop(node: Node): void {
    if (--node.uses === 0 && node.local >= 0) {
      this.w.release(node.type, node.local);
      node.local = -2;
    }
  }

  #effect(node: Node): void {
    const w = this.w;
    switch (node.kind) {
      case kind.SET:
        return this.writeSet(node, () => this.#push(node.a as Node));
      case kind.TRANSLATE:
        return this.#translate(node);
      case kind.RAW_LOAD:
        this.#push(node.a as Node);
        this.#memory(node.access as Access, (node.access as Access).load, 0);
        return this.#result(node);
      case kind.RAW_STORE:
        this.#push(node.a as Node);
        this.#push(node.b as Node);
        return this.#memory(node.access as Access, (node.access as Access).store, 0);
      case kind.STATE_LOAD:
        w.i32(0);
        this.#memory(node.access as Access, (node.access as Access).load, layout.STATE + node.low);
        return this.#result(node);
      case kind.STATE_STORE:
        w.i32(0);
        this.#push(node.a as Node);
        return this.#memory(node.access as Access, (node.access as Access).store, layout.STATE + node.low);
      case kind.FILL:
      case kind.COPY:
        for (const operand of [node.a, node.b, node.c]) this.#push(operand as Node);
        w.code.append(node.kind === kind.FILL ? op.MEMORY_FILL : op.MEMORY_COPY);
        return;
      case kind.MICROCODE:
        return this.microcode(node);
      case kind.X87:
        w.i32(node.low);
        this.callImport("x87");
        return this.#result(node);
      case kind.WHEN:
        return this.within(() => {
          this.#push(node.a as Node);
          w.open(op.IF, undefined);
          this.#nodes(node.body as Node[]);
        });
      default:
        this.#push(node.a as Node);
        w.openUnlikely(undefined);
        this.raise(node);
        w.close();
    }
  }

  #memory(access: Access, opcode: number, offset: number): void {
    this.w.memory(opcode, offset, access.simd);
  }

  /** The value on the stack is an effect's result: kept for its users, or dropped. */
  #result(node: Node): void {
    if (node.uses === 0) return this.w.op(op.DROP);
    node.local = this.w.borrow(node.type);
    this.w.set(node.local);
  }

  /** tag[slot(address)] == page of the last byte ? low half of the address : the slow way. */
  #translate(node: Node): void {
    const w = this.w;
    const address = w.borrow(I64);
    const linear = w.borrow(I32);
    this.#push(node.a as Node);
    w.tee(address);
    w.op(op.I32_WRAP_I64);
    w.set(linear);
    this.openUnreached(node, address);
    this.translateSlowly(node, address, linear);
    w.close();
    w.release(I64, address);
    if (node.uses > 0) node.local = linear;
    else w.release(I32, linear);
  }

  /** Opens what is done when the access has to go the slow way. */
  protected openUnreached(node: Node, address: number): void {
    pushTag(this.w, address, 0, node.high !== 0);
    pushPage(this.w, address, node.low - 1);
    this.w.op(op.I64_NE);
    this.w.openUnlikely(undefined);
  }
}

function clearNotes(nodes: readonly Node[]): void {
  for (const node of nodes) {
    node.uses = 0;
    node.local = -1;
    node.pinned = false;
    if (node.body) clearNotes(node.body);
  }
}
