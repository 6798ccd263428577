// The handler of a form: (record, depth) -> status. It does what the form's IR says, on registers in memory, with the operands its record
// names, and goes on with the next record by a tail call. `depth` counts the calls made since interpretation began: at 0 a return is the
// caller's business.
import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import { type FunctionBody, I32, I64, V128 } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { stateOffset } from "../interpreter/interpreter.js";
import { type IrImport, IrWriter } from "../ir/ir-writer.js";
import { type Node, OPERAND_REGISTER, PARAMETER } from "../ir/node.js";
import { pushHalves } from "../ir/page-check.js";
import { STATUS_FAULT, STATUS_FUEL, STATUS_RETURN, STATUS_TRAP } from "../jit/status.js";
import * as form from "./form.js";
import { cached, DEPTH, exit, pushRunsLeft, RECORD, state, storeRip } from "./leaving.js";
import {
  BLOCK,
  BLOCK_SIZE,
  DISPLACEMENT,
  EDGE_ADDRESS,
  IMMEDIATE_WIDE,
  MICROCODE_ID,
  NEXT,
  OFFSET_BLOCK_RUNS,
  offsetIn,
  RIP,
  recordSize,
} from "./record.js";

/** Functions a handler may call, by their index in every module that holds handlers. */
export const HANDLER_IMPORTS = [
  "translate", // low, high, access, record -> linear offset or -1
  "raise", // vector, record
  "microcode", // id, record -> 0 or -1
  "next", // record, depth -> status: runs from a record on
  "flags",
  "nan64",
  "nan32",
  "nan64x2",
  "nan32x4",
  "x87",
] as const;
export type HandlerImport = (typeof HANDLER_IMPORTS)[number];

// The access that `translate` is told of.
export const ACCESS_SIZE = 0xff;
export const ACCESS_WRITE = 0x100;
export const ACCESS_STACK = 0x200;

/** How a handler goes on: through the table of its own module, or by the imported `next` when it is made later. */
export type Tail = { readonly type: number } | "next";

export class HandlerWriter extends IrWriter {
  /** What the record holds, in order of first use. */
  readonly layout: number[] = [];
  readonly #tail: Tail;
  /** By class of register: where one was last set. */
  readonly #lastSet = [0, 0, 0];
  #afterRecord = -1;

  constructor(tail: Tail) {
    super(new FunctionWriter(2));
    this.#tail = tail;
  }

  /** The function's body. */
  write(ir: form.FormIr): FunctionBody {
    const { w } = this;
    const end = ir.terminator;
    const mayFault =
      form.mayLeave(ir.nodes) || end?.kind === "trap" || end?.kind === "indirect" || end?.kind === "callIndirect";
    if (mayFault) this.layout.push(RIP); // first, where `storeRip` looks for it
    if (form.hasMicrocode(ir.nodes)) this.layout.push(NEXT);
    const last =
      end?.kind === "branch"
        ? end.condition
        : end?.kind === "indirect" || end?.kind === "callIndirect"
          ? end.target
          : undefined;
    this.writeNodes(ir.nodes, last);
    switch (end?.kind) {
      case undefined:
        this.#afterRecord = w.code.length;
        break;
      case "jump":
        if (ir.goesBack) this.#spendFuel(() => w.i32(1), end.target);
        this.#follow(() => this.#pushEdge(end.target), 0);
        break;
      case "call":
        if (ir.goesBack) this.#spendFuel(() => w.i32(1), end.target);
        this.#follow(() => this.#pushEdge(end.target), 1);
        break;
      case "branch": {
        const taken = ir.goesBack ? this.#branchBack(end.condition, end.target) : () => this.value(end.condition);
        this.#follow(() => {
          this.#pushEdge(end.target);
          this.#pushEdge(end.otherwise);
          taken();
          w.op(op.SELECT);
        }, 0);
        break;
      }
      case "indirect":
        this.#storeTarget(end.target);
        this.#spendFuel(() => w.i32(1));
        if (end.isReturn) this.#return();
        else this.#lookup(true, 0);
        break;
      case "callIndirect":
        this.#storeTarget(end.target);
        this.#spendFuel(() => w.i32(1));
        this.#lookup(true, 1);
        break;
      case "trap":
        storeRip(w);
        exit(w, STATUS_TRAP + ((end.trap << 4) | end.length));
    }
    if (this.#afterRecord >= 0) {
      // The layout is complete: the next record follows this one.
      const next = w.borrow(I32);
      w.get(RECORD);
      w.i32(recordSize(this.layout));
      w.op(op.I32_ADD);
      w.set(next);
      this.#go(next, 0);
    }
    return w.body();
  }

  /** Offset in the record of what `what` names. */
  #offsetOf(what: number): number {
    const offset = offsetIn(this.layout, what);
    if (!this.layout.includes(what)) this.layout.push(what);
    return offset;
  }

  // ---- ways on

  /** Takes what `push` pushes; when there was not so much, leaves for an edge's target, or where rip says. */
  #spendFuel(push: () => void, target?: number): void {
    const { w } = this;
    const left = w.borrow(I32);
    w.i32(0);
    w.i32(0);
    w.memory(op.I32_LOAD, state(layout.OFFSET_FUEL));
    push();
    w.op(op.I32_SUB);
    w.tee(left);
    w.memory(op.I32_STORE, state(layout.OFFSET_FUEL));
    w.get(left);
    w.i32(0);
    w.op(op.I32_LT_S);
    w.open(op.IF, undefined);
    if (target !== undefined) {
      w.i32(0);
      w.get(RECORD);
      w.memory(op.I64_LOAD, this.#offsetOf(form.edgeOf(target)) + EDGE_ADDRESS);
      w.memory(op.I64_STORE, state(layout.OFFSET_RIP));
    }
    exit(w, STATUS_FUEL);
    w.close();
    w.release(I32, left);
  }

  /** Takes one of fuel if the condition holds; gives what pushes it again. */
  #branchBack(condition: Node, target: number): () => void {
    const { w } = this;
    const taken = w.borrow(I32);
    this.value(condition);
    w.set(taken);
    this.#spendFuel(() => w.get(taken), target);
    return () => w.get(taken);
  }

  #pushEdge(target: number): void {
    const { w } = this;
    w.get(RECORD);
    w.memory(op.I32_LOAD, this.#offsetOf(form.edgeOf(target)));
  }

  /** Goes to the record that `push` pushes. */
  #follow(push: () => void, deeper: number): void {
    const { w } = this;
    const next = w.borrow(I32);
    push();
    w.set(next);
    this.#enter(next, deeper);
  }

  /** Goes to a record that most often begins a block: what that one's own handler does is done here, unless it has something to report. */
  #enter(next: number, deeper: number): void {
    const { w } = this;
    if (this.#tail === "next") return this.#go(next, deeper);
    const handler = w.borrow(I32);
    const left = w.borrow(I32);
    w.get(next);
    w.memory(op.I32_LOAD, 0);
    w.tee(handler);
    w.i32(BLOCK);
    w.op(op.I32_EQ);
    w.open(op.IF, undefined);
    pushRunsLeft(w, next, left);
    w.open(op.IF, undefined);
    w.get(next);
    w.get(left);
    w.memory(op.I32_STORE, OFFSET_BLOCK_RUNS);
    w.get(next);
    w.i32(BLOCK_SIZE);
    w.op(op.I32_ADD);
    w.tee(next);
    w.memory(op.I32_LOAD, 0);
    w.set(handler);
    w.close();
    w.close();
    this.#goTo(next, deeper, this.#tail.type, () => w.get(handler));
  }

  #go(next: number, deeper: number): void {
    const { w } = this;
    if (this.#tail !== "next")
      return this.#goTo(next, deeper, this.#tail.type, () => {
        w.get(next);
        w.memory(op.I32_LOAD, 0);
      });
    this.#pushArguments(next, deeper);
    w.op(op.RETURN_CALL);
    w.code.u32(HANDLER_IMPORTS.indexOf("next"));
  }

  #goTo(next: number, deeper: number, type: number, pushHandler: () => void): void {
    const { w } = this;
    this.#pushArguments(next, deeper);
    pushHandler();
    w.op(op.RETURN_CALL_INDIRECT);
    w.code.u32(type);
    w.code.byte(0);
  }

  #pushArguments(next: number, deeper: number): void {
    const { w } = this;
    w.get(next);
    w.get(DEPTH);
    if (deeper === 0) return;
    w.i32(deeper);
    w.op(op.I32_ADD);
  }

  #storeTarget(target: Node): void {
    const { w } = this;
    w.i32(0);
    this.value(target);
    w.memory(op.I64_STORE, state(layout.OFFSET_RIP));
  }

  /** rip is set: on to its record. A jump or call (not a return) has entries of its own in the cache. */
  #lookup(hasSite: boolean, deeper: number): void {
    const { w } = this;
    if (deeper !== 0) {
      w.get(DEPTH);
      w.i32(deeper);
      w.op(op.I32_ADD);
      w.set(DEPTH);
    }
    const next = w.borrow(I32);
    cached(w, hasSite, next);
    this.#enter(next, 0);
  }

  #return(): void {
    const { w } = this;
    w.get(DEPTH);
    w.op(op.I32_EQZ);
    w.open(op.IF, undefined);
    w.i32(STATUS_RETURN);
    w.op(op.RETURN);
    w.close();
    this.#lookup(false, -1);
  }

  // ---- IR

  protected override pushRegister(node: Node): void {
    const { w } = this;
    if (node.kind === PARAMETER) {
      const what = node.low;
      w.get(RECORD);
      const opcode =
        node.type === I32
          ? op.I32_LOAD
          : what === DISPLACEMENT || what === IMMEDIATE_WIDE
            ? op.I64_LOAD32_S
            : op.I64_LOAD;
      return w.memory(opcode, this.#offsetOf(what));
    }
    const place = this.#pushPlace(node.low);
    if (node.type === V128) w.memory(0x00, place, true);
    else w.memory(node.type === I64 ? op.I64_LOAD : op.I32_LOAD, place);
  }

  protected override writeSet(node: Node, push: () => void): void {
    const { w } = this;
    const place = this.#pushPlace(node.low);
    push();
    const { type } = node.a as Node;
    if (type === V128) w.memory(0x0b, place, true);
    else w.memory(type === I64 ? op.I64_STORE : op.I32_STORE, place);
  }

  /** Pushes the base of a register's place in memory; gives the constant offset. */
  #pushPlace(register: number): number {
    const { w } = this;
    if (register < OPERAND_REGISTER) {
      w.i32(0);
      return state(stateOffset(register));
    }
    w.get(RECORD);
    w.memory(op.I32_LOAD, this.#offsetOf(form.registerCode(register)));
    return state(form.isHighHalf(register) ? 16 : 0);
  }

  protected override noteSet(register: number, index: number): void {
    this.#lastSet[form.registerClass(register)] = index;
  }

  protected override noteAllSet(index: number): void {
    this.#lastSet.fill(index);
  }

  /** Two operands may be the same register. */
  protected override isSetAfter(register: number, index: number): boolean {
    return this.#lastSet[form.registerClass(register)] > index;
  }

  protected override callImport(name: IrImport): void {
    this.w.call(HANDLER_IMPORTS.indexOf(name));
  }

  protected override within(write: () => void): void {
    write();
    this.w.close();
  }

  protected override translateSlowly(node: Node, address: number, linear: number): void {
    const { w } = this;
    pushHalves(w, address);
    w.i32(node.low | (node.high !== 0 ? ACCESS_WRITE : 0) | (node.stack ? ACCESS_STACK : 0));
    w.get(RECORD);
    w.call(HANDLER_IMPORTS.indexOf("translate"));
    w.tee(linear);
    w.i32(-1);
    w.op(op.I32_EQ);
    w.open(op.IF, undefined);
    exit(w, STATUS_FAULT);
    w.close();
  }

  protected override raise(node: Node): void {
    this.w.i32(node.low);
    this.w.get(RECORD);
    this.w.call(HANDLER_IMPORTS.indexOf("raise"));
    exit(this.w, STATUS_FAULT);
  }

  protected override microcode(node: Node): void {
    const { w } = this;
    w.get(RECORD);
    w.memory(op.I32_LOAD, this.#offsetOf(MICROCODE_ID + node.low));
    w.get(RECORD);
    w.call(HANDLER_IMPORTS.indexOf("microcode"));
    w.open(op.IF, undefined);
    exit(w, STATUS_FAULT);
    w.close();
  }
}
