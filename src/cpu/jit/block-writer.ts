// Writes the blocks of a region. Architectural registers are locals; what differs from memory is known at each point, for the ways out.

import * as layout from "../../machine/state-layout.js";
import type { FunctionWriter } from "../../wasm/function-writer.js";
import { I32, I64, V128 } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import type { Block } from "../block.js";
import { stateOffset } from "../interpreter/interpreter.js";
import { IrWriter } from "../ir/ir-writer.js";
import type { Node } from "../ir/node.js";
import * as kind from "../ir/node.js";
import { pushPage, pushTag } from "../ir/page-check.js";
import { type AccessGroup, accessGroups, type GroupedAccess } from "./access-groups.js";
import { NO_REGISTERS, type RegisterSet, union, withRegister } from "./register-flow.js";
import type { ImportName, Site } from "./sites.js";
import { STATUS_FAULT } from "./status.js";

/** What the blocks of one region share. */
export interface RegionContext {
  readonly w: FunctionWriter;
  /** Local of each architectural register the region uses, else -1. */
  readonly registerLocals: Int32Array;
  /** Leaves with a fault noted, by the way out that writes back the registers of `dirty`. */
  leaveFaulting(dirty: RegisterSet): void;
  /** Pushes what a function returns for a status. */
  pushStatus(status: number): void;
  /** Pushes the number of a site. */
  pushSite(site: Site): void;
  /** Calls one of the functions every region may import. */
  callImport(name: ImportName): void;
  /** Registers to memory before `node` runs microcode, and afterwards those back that are still wanted. */
  writeBack(dirty: RegisterSet): void;
  reloadAfter(node: Node): void;
}

/** The lazy operation is in the local, not known here. */
const IN_LOCAL = -1;

export class BlockWriter extends IrWriter {
  readonly #context: RegionContext;
  #block!: Block;
  /** What differs from memory here. */
  #dirty: RegisterSet = NO_REGISTERS;
  /** The lazy flags' operation when it is known and the local does not hold it yet. */
  #pendingFlags = IN_LOCAL;
  #groups: ReadonlyMap<Node, GroupedAccess> = new Map();
  /** For a group whose first access was written: the local that is not 0 when each must check for itself. */
  readonly #groupChecks = new Map<AccessGroup, number>();
  /** Where each register was last set, by node index, while counting uses. */
  readonly #lastSet = new Int32Array(kind.REGISTER_COUNT);

  constructor(context: RegionContext) {
    super(context.w);
    this.#context = context;
  }

  /** Writes everything but the terminator, whose operand (if any) is then ready for `value`. */
  write(block: Block, dirty: RegisterSet): void {
    this.#block = block;
    this.#groups = accessGroups(block.nodes);
    this.#dirty = dirty;
    this.#pendingFlags = IN_LOCAL;
    this.#lastSet.fill(0);
    const end = block.terminator;
    const last =
      end.kind === "branch"
        ? end.condition
        : end.kind === "indirect" || end.kind === "callIndirect"
          ? end.target
          : undefined;
    this.writeNodes(block.nodes, last);
    // A target is kept in a local: leaving writes registers back before it is needed.
    this.flushFlags();
    for (const local of this.#groupChecks.values()) this.w.release(I32, local);
    this.#groupChecks.clear();
  }

  /** A group's first access looks at the tags for all; the slow way looks at an access's own when that was no use. */
  protected override openUnreached(node: Node, address: number): void {
    const grouped = this.#groups.get(node);
    if (!grouped) return super.openUnreached(node, address);
    const { w } = this;
    const { group, isFirst } = grouped;
    if (isFirst) {
      const local = w.borrow(I32);
      this.#groupChecks.set(group, local);
      pushTag(w, address, group.low, group.write);
      pushPage(w, address, group.high - 1);
      w.op(op.I64_NE);
      w.tee(local);
    } else w.get(this.#groupChecks.get(group) as number);
    w.openUnlikely(undefined);
  }

  /** Puts a known lazy operation into its local. */
  flushFlags(): void {
    if (this.#pendingFlags === IN_LOCAL) return;
    this.w.i32(this.#pendingFlags);
    this.w.set(this.#context.registerLocals[kind.CC_OP]);
    this.#pendingFlags = IN_LOCAL;
  }

  protected override noteSet(register: number, index: number): void {
    this.#lastSet[register] = index;
  }

  protected override noteAllSet(index: number): void {
    this.#lastSet.fill(index);
  }

  protected override isSetAfter(register: number, index: number): boolean {
    return this.#lastSet[register] > index;
  }

  protected override callImport(name: ImportName): void {
    this.#context.callImport(name);
  }

  protected override pushRegister(node: Node): void {
    if (node.low === kind.CC_OP && this.#pendingFlags !== IN_LOCAL) this.w.i32(this.#pendingFlags);
    else this.w.get(this.#context.registerLocals[node.low]);
  }

  protected override writeSet(node: Node, push: () => void): void {
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
    push();
    this.w.set(this.#context.registerLocals[node.low]);
  }

  protected override within(write: () => void): void {
    this.flushFlags();
    const before = this.#dirty;
    write();
    this.flushFlags();
    // Microcode in the body writes back only on its way.
    this.#dirty = union(before, this.#dirty);
    this.w.close();
  }

  protected override raise(node: Node): void {
    this.#pushSite(node, node.low, false, 0);
    this.#context.callImport("raise");
    this.#context.leaveFaulting(this.#dirty);
  }

  protected override translateSlowly(node: Node, address: number, linear: number): void {
    const { w } = this;
    const write = node.high !== 0;
    w.get(address);
    w.i32(node.low - 1);
    this.#pushSite(node, 0, write, node.low);
    this.#context.callImport(write ? "translateWrite" : "translateRead");
    w.tee(linear);
    w.i32(-1);
    w.op(op.I32_EQ);
    w.openUnlikely(undefined);
    this.#context.leaveFaulting(this.#dirty);
    w.close();
  }

  #pushSite(node: Node, vector: number, write: boolean, size: number): void {
    this.#context.pushSite({
      rip: this.#block.addresses[node.instruction],
      next: this.#block.addresses[node.instruction] + this.#block.lengths[node.instruction],
      flags: this.#pendingFlags,
      size,
      write,
      stack: node.stack,
      vector,
      handler: node.handler,
      microcode: node.kind === kind.MICROCODE ? node.low : -1,
    });
  }

  protected override microcode(node: Node): void {
    const { w } = this;
    this.flushFlags();
    this.#context.writeBack(this.#dirty);
    this.#pushSite(node, 0, false, 0);
    this.#context.callImport("microcode");
    w.open(op.IF, undefined);
    this.#context.pushStatus(STATUS_FAULT);
    w.op(op.RETURN);
    w.close();
    this.#context.reloadAfter(node);
    this.#dirty = NO_REGISTERS;
  }
}

/** Marks the architectural registers a block's nodes use. */
export function registersUsed(nodes: readonly Node[], used: Uint8Array): void {
  for (const node of nodes) {
    if (node.kind === kind.GET || node.kind === kind.SET) used[node.low] = 1;
    else if (node.kind === kind.WHEN) registersUsed(node.body as Node[], used);
  }
}

/** Load or store of a register's place in the state block. */
export function registerMemory(w: FunctionWriter, register: number, store: boolean): void {
  const offset = layout.STATE + stateOffset(register);
  const type = kind.registerType(register);
  if (type === V128) w.memory(store ? 0x0b : 0x00, offset, true);
  else if (type === I64) w.memory(store ? op.I64_STORE : op.I64_LOAD, offset);
  else w.memory(store ? op.I32_STORE : op.I32_LOAD, offset);
}
