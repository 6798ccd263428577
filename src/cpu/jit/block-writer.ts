// Writes the IR of a block as WebAssembly. Values used once stay on the operand stack; architectural registers are locals.

import * as layout from "../../machine/state-layout.js";
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import type { Block } from "../block.js";
import { stateOffset } from "../interpreter/interpreter.js";
import type { Access, Node } from "../ir/node.js";
import * as kind from "../ir/node.js";
import { NO_OPCODE, type Operator } from "../ir/operators.js";
import type { FunctionWriter } from "./function-writer.js";
import { NO_REGISTERS, type RegisterSet, union, withRegister } from "./register-flow.js";
import type { ImportName, Site } from "./sites.js";
import { STATUS_FAULT } from "./status.js";

/** What the blocks of one region share. */
export interface RegionContext {
  readonly w: FunctionWriter;
  /** Local of each architectural register the region uses, else -1. */
  readonly registerLocals: Int32Array;
  /** Branches to the way out that writes back the registers of `dirty`; the status local is 0 (a fault) unless set. */
  leave(dirty: RegisterSet, opcode?: number): void;
  addSite(site: Site): number;
  /** Calls one of the functions every region may import. */
  callImport(name: ImportName): void;
  /** Registers to memory before `node` runs microcode, and afterwards those back that are still wanted. */
  writeBack(dirty: RegisterSet): void;
  reloadAfter(node: Node): void;
}

const F64_NE = 0x62;
const F32_NE = 0x5c;
const F64X2_NE = 0x48;
const F32X4_NE = 0x42;
const ANY_TRUE = 0x53;
const I64_EXTRACT_HIGH = 32;

interface Fix {
  readonly simd: boolean;
  readonly notEqual: number;
  readonly function: ImportName;
  readonly type: ValueType;
}
const FIXES: Readonly<Record<string, Fix>> = {
  fix_nan_f64: { simd: false, notEqual: F64_NE, function: "nan64", type: F64 },
  fix_nan_f32: { simd: false, notEqual: F32_NE, function: "nan32", type: F32 },
  fix_nan_f64x2: { simd: true, notEqual: F64X2_NE, function: "nan64x2", type: V128 },
  fix_nan_f32x4: { simd: true, notEqual: F32X4_NE, function: "nan32x4", type: V128 },
};

/** The lazy operation is in the local, not known here. */
const IN_LOCAL = -1;

export class BlockWriter {
  readonly #context: RegionContext;
  readonly #w: FunctionWriter;
  #block!: Block;
  /** What differs from memory here. */
  #dirty: RegisterSet = NO_REGISTERS;
  /** The lazy flags' operation when it is known and the local does not hold it yet. */
  #pendingFlags = IN_LOCAL;
  /** Where each register was last set, by node index, while counting uses. */
  readonly #lastSet = new Int32Array(kind.REGISTER_COUNT);

  constructor(context: RegionContext) {
    this.#context = context;
    this.#w = context.w;
  }

  /** Writes everything but the terminator, whose operand (if any) is then ready for `value`. */
  write(block: Block, dirty: RegisterSet): void {
    this.#block = block;
    this.#dirty = dirty;
    this.#pendingFlags = IN_LOCAL;
    this.#lastSet.fill(0);
    clearNotes(block.nodes);
    this.#count(block.nodes, 0);
    const end = block.terminator;
    if (end.kind === "branch") this.#use(end.condition, 0);
    else if (end.kind === "indirect" || end.kind === "callIndirect") this.#use(end.target, 0);
    this.#nodes(block.nodes);
    // A target is kept in a local: leaving writes registers back before it is needed.
    this.flushFlags();
  }

  /** Pushes a terminator's operand. */
  value(node: Node): void {
    this.#push(node);
  }

  /** Puts a known lazy operation into its local. */
  flushFlags(): void {
    if (this.#pendingFlags === IN_LOCAL) return;
    this.#w.i32(this.#pendingFlags);
    this.#w.set(this.#context.registerLocals[kind.CC_OP]);
    this.#pendingFlags = IN_LOCAL;
  }

  // ---- first pass: how often is each value used, and which must be kept where they are made

  #count(nodes: readonly Node[], bodyStart: number): void {
    for (const node of nodes) {
      if (node.kind < kind.SET) continue;
      for (const operand of [node.a, node.b]) if (operand) this.#use(operand, bodyStart);
      if (node.kind === kind.SET) this.#lastSet[node.low] = node.index;
      else if (node.kind === kind.MICROCODE) this.#lastSet.fill(node.index);
      else if (node.kind === kind.WHEN) this.#count(node.body as Node[], node.index);
    }
  }

  #use(node: Node, bodyStart: number): void {
    node.uses++;
    if (node.kind >= kind.SET || node.kind === kind.CONST) return;
    // Made before a conditional body and wanted inside it: it may be wanted after it too.
    if (node.index < bodyStart && node.kind !== kind.GET) node.pinned = true;
    if (node.kind === kind.GET) {
      if (this.#lastSet[node.low] > node.index) node.pinned = true;
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
        if (node.pinned) this.#keep(node, () => this.#compute(node));
        continue;
      }
      this.#effect(node);
    }
  }

  #keep(node: Node, compute: () => void): void {
    compute();
    node.local = this.#w.borrow(node.type);
    this.#w.set(node.local);
  }

  /** Pushes the node's value. */
  #push(node: Node): void {
    const w = this.#w;
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
    const w = this.#w;
    switch (node.kind) {
      case kind.CONST:
        if (node.type === I64) w.i64(node.low, node.high);
        else w.i32(node.low);
        return;
      case kind.GET:
        if (node.low === kind.CC_OP && this.#pendingFlags !== IN_LOCAL) w.i32(this.#pendingFlags);
        else w.get(this.#context.registerLocals[node.low]);
        return;
      case kind.FLAGS:
        for (const operand of [node.a, node.b, node.c, node.d]) this.#push(operand as Node);
        this.#context.callImport("flags");
        return;
      default:
        this.#pure(node, node.operator as Operator);
    }
  }

  #pure(node: Node, operator: Operator): void {
    const w = this.#w;
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
    const w = this.#w;
    const result = w.borrow(fix.type);
    this.#push(node.a as Node);
    w.tee(result);
    w.get(result);
    if (fix.simd) {
      w.simd(fix.notEqual);
      w.simd(ANY_TRUE);
    } else w.op(fix.notEqual);
    w.open(op.IF, undefined, fix.type);
    w.get(result);
    // Both sides of the `if` use up the operands: the cold side only reads them.
    this.#peek(node.b as Node);
    this.#peek(node.c as Node);
    this.#context.callImport(fix.function);
    w.else();
    w.get(result);
    w.close();
    this.#drop(node.b as Node);
    this.#drop(node.c as Node);
    w.release(fix.type, result);
  }

  /** Like #push for an operand the fix shares with the operation: it is in a local by then, or cheap to compute. */
  #peek(node: Node): void {
    if (node.local >= 0) this.#w.get(node.local);
    else this.#compute(node);
  }

  #drop(node: Node): void {
    if (--node.uses === 0 && node.local >= 0) {
      this.#w.release(node.type, node.local);
      node.local = -2;
    }
  }

  #effect(node: Node): void {
    const w = this.#w;
    switch (node.kind) {
      case kind.SET:
        return this.#set(node);
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
      case kind.MICROCODE:
        return this.#microcode(node);
      case kind.WHEN: {
        this.flushFlags();
        this.#push(node.a as Node);
        w.open(op.IF, undefined);
        const before = this.#dirty;
        this.#nodes(node.body as Node[]);
        this.flushFlags();
        // Microcode in the body writes back only on its way.
        this.#dirty = union(before, this.#dirty);
        return w.close();
      }
      default:
        this.#push(node.a as Node);
        w.open(op.IF, undefined);
        w.i32(this.#site(node, node.low, false, 0));
        this.#context.callImport("raise");
        this.#context.leave(this.#dirty);
        w.close();
    }
  }

  #memory(access: Access, opcode: number, offset: number): void {
    this.#w.memory(opcode, offset, access.simd);
  }

  /** The value on the stack is an effect's result: kept for its users, or dropped. */
  #result(node: Node): void {
    if (node.uses === 0) return this.#w.op(op.DROP);
    node.local = this.#w.borrow(node.type);
    this.#w.set(node.local);
  }

  #set(node: Node): void {
    const value = node.a as Node;
    this.#dirty = withRegister(this.#dirty, node.low);
    if (node.low === kind.CC_OP) {
      if (value.kind === kind.CONST) {
        value.uses--;
        this.#pendingFlags = value.low;
        return;
      }
      this.#pendingFlags = IN_LOCAL;
    }
    this.#push(value);
    this.#w.set(this.#context.registerLocals[node.low]);
  }

  /** tag[slot(address)] == page of the last byte ? low half of the address : the slow way. */
  #translate(node: Node): void {
    const w = this.#w;
    const size = node.low;
    const write = node.high !== 0;
    const address = w.borrow(I64);
    const linear = w.borrow(I32);
    this.#push(node.a as Node);
    w.tee(address);
    w.op(op.I32_WRAP_I64);
    w.tee(linear);
    w.i32(9);
    w.op(op.I32_SHR_U);
    w.i32(0x7ffff8);
    w.op(op.I32_AND);
    w.memory(op.I64_LOAD, write ? layout.WRITE_TAGS : layout.READ_TAGS);
    w.get(address);
    if (size > 1) {
      w.i64(size - 1, 0);
      w.op(op.I64_ADD);
    }
    w.i64(layout.PAGE_SHIFT, 0);
    w.op(op.I64_SHR_U);
    w.op(op.I64_NE);
    w.open(op.IF, undefined);
    w.get(linear);
    w.get(address);
    w.i64(I64_EXTRACT_HIGH, 0);
    w.op(op.I64_SHR_U);
    w.op(op.I32_WRAP_I64);
    w.i32(this.#site(node, 0, write, size));
    this.#context.callImport("translate");
    w.tee(linear);
    w.i32(-1);
    w.op(op.I32_EQ);
    this.#context.leave(this.#dirty, op.BR_IF);
    w.close();
    w.release(I64, address);
    if (node.uses > 0) node.local = linear;
    else w.release(I32, linear);
  }

  #site(node: Node, vector: number, write: boolean, size: number): number {
    return this.#context.addSite({
      rip: this.#block.addresses[node.instruction],
      flags: this.#pendingFlags,
      size,
      write,
      stack: node.stack,
      vector,
      handler: node.handler,
    });
  }

  #microcode(node: Node): void {
    const w = this.#w;
    this.flushFlags();
    this.#context.writeBack(this.#dirty);
    w.i32(this.#site(node, 0, false, 0));
    this.#context.callImport("microcode");
    w.open(op.IF, undefined);
    w.i32(STATUS_FAULT);
    w.op(op.RETURN);
    w.close();
    this.#context.reloadAfter(node);
    this.#dirty = NO_REGISTERS;
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

/** Marks the architectural registers a block's nodes use. */
export function registersUsed(nodes: readonly Node[], used: Uint8Array): void {
  for (const node of nodes) {
    if (node.kind === kind.GET || node.kind === kind.SET) used[node.low] = 1;
    else if (node.kind === kind.WHEN) registersUsed(node.body as Node[], used);
  }
}

export const registerType = (register: number): ValueType =>
  register === kind.CC_OP ? I32 : register >= kind.XMM0 ? V128 : I64;

/** Load or store of a register's place in the state block. */
export function registerMemory(w: FunctionWriter, register: number, store: boolean): void {
  const offset = layout.STATE + stateOffset(register);
  const type = registerType(register);
  if (type === V128) w.memory(store ? 0x0b : 0x00, offset, true);
  else if (type === I64) w.memory(store ? op.I64_STORE : op.I64_LOAD, offset);
  else w.memory(store ? op.I32_STORE : op.I32_LOAD, offset);
}
