// A region -> the body of one WebAssembly function. Control flow is structured as structure.ts found it.

import * as layout from "../../machine/state-layout.js";
import { FunctionWriter } from "../../wasm/function-writer.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";
import { type Node, REGISTER_COUNT, registerType } from "../ir/node.js";
import { fuelOf } from "../x86/terminator.js";
import { BlockWriter, type RegionContext, registerMemory, registersUsed } from "./block-writer.js";
import { branchByMap } from "./jump-map.js";
import type { Region, RegionBlock } from "./region.js";
import type { Link, ModulePlan, RegionLinks } from "./region-links.js";
import {
  hasRegister,
  NO_REGISTERS,
  type RegisterFlow,
  type RegisterSet,
  registerFlow,
  without,
} from "./register-flow.js";
import { DEPTH, FUEL } from "./signatures.js";
import type { ImportName, Site } from "./sites.js";
import * as status from "./status.js";
import { edgeKey, type Structure, structureOf } from "./structure.js";
import { WaysOut } from "./ways-out.js";

/** Of indirect calls that have gone to more places the first says little. */
const MAX_TARGETS = 2;

export class RegionCompiler implements RegionContext {
  readonly w = new FunctionWriter(2);
  readonly registerLocals = new Int32Array(REGISTER_COUNT).fill(-1);
  readonly #module: ModulePlan;
  readonly #number: Link;
  #prologue!: ReturnType<FunctionWriter["detach"]>;
  #code!: ReturnType<FunctionWriter["detach"]>;
  readonly #ways: WaysOut;
  readonly #region: Region;
  readonly #structure: Structure;
  readonly #flow: RegisterFlow;
  readonly #links: RegionLinks;
  readonly #blocks: BlockWriter;

  constructor(region: Region, links: RegionLinks, module: ModulePlan) {
    this.#module = module;
    this.#region = region;
    this.#links = links;
    this.#number = links.regionNumber(region.blocks[0].block.start);
    this.#structure = structureOf(region.blocks);
    this.#flow = registerFlow(region);
    const used = new Uint8Array(REGISTER_COUNT);
    for (const { block } of region.blocks) registersUsed(block.nodes, used);
    for (let register = 0; register < REGISTER_COUNT; register++)
      if (used[register]) this.registerLocals[register] = this.w.local(registerType(register));
    this.#ways = new WaysOut(this.w, module.functionType);
    this.#blocks = new BlockWriter(this);
  }

  /** The guest address of its root. */
  get name(): string {
    return this.#region.blocks[0].block.start.toString(16);
  }

  pushSite(site: Site): void {
    this.#pushLink(this.#links.addSite(site));
  }

  #pushLink(link: Link): void {
    this.w.linked(link.number, link);
  }

  callImport(name: ImportName): void {
    const { imports } = this.#module;
    let index = imports.indexOf(name);
    if (index < 0) index = imports.push(name) - 1;
    this.w.call(index);
  }

  /** Writes the code; what encloses it and the functions it calls are known only when all of the module is written. */
  write(): void {
    const { w } = this;
    this.#checkDepth();
    this.#load(this.#flow.liveIn[0]);
    this.#prologue = w.detach();
    this.#tree(0);
    this.#code = w.detach();
  }

  /** The function's body, when the imports are known. */
  finish(): FunctionBody {
    const { w } = this;
    w.fillCalls(this.#code, this.#module.imports.length);
    w.paste(this.#prologue);
    this.#ways.enclose(this.#code, (registers) => this.writeBack(registers));
    return w.body();
  }

  leaveFaulting(dirty: RegisterSet): void {
    this.#setStatus(status.STATUS_FAULT);
    this.#leaveBy(dirty);
  }

  /** By the way out that writes back the registers of `dirty`. */
  #leaveBy(dirty: RegisterSet, goesOn = false): void {
    this.#ways.leave(this.#flow.exitSet(dirty), goesOn);
  }

  pushStatus(value: number): void {
    this.w.address(-value);
    this.w.get(FUEL);
  }

  #setStatus(value: number): void {
    this.w.address(-value);
    this.w.set(this.#ways.where);
  }

  /** Guest calls nested too deep for the host's stack unwind before anything is done. */
  #checkDepth(): void {
    const { w } = this;
    w.get(DEPTH);
    w.i32(status.MAX_DEPTH);
    w.op(op.I32_GE_U);
    w.openUnlikely(undefined);
    this.#storeRip(this.#region.blocks[0].block.start);
    this.pushStatus(status.STATUS_DEPTH);
    w.op(op.RETURN);
    w.close();
  }

  writeBack(registers: RegisterSet): void {
    const { w } = this;
    for (let register = 0; register < REGISTER_COUNT; register++) {
      if (!hasRegister(registers, register) || this.registerLocals[register] < 0) continue;
      w.i32(0);
      w.get(this.registerLocals[register]);
      registerMemory(w, register, true);
    }
  }

  reloadAfter(node: Node): void {
    this.#load(this.#flow.liveAfter.get(node) ?? NO_REGISTERS);
  }

  #load(registers: RegisterSet): void {
    const { w } = this;
    for (let register = 0; register < REGISTER_COUNT; register++) {
      if (!hasRegister(registers, register) || this.registerLocals[register] < 0) continue;
      w.i32(0);
      registerMemory(w, register, false);
      w.set(this.registerLocals[register]);
    }
  }

  // ---- control flow

  /** The block and all it dominates. */
  #tree(at: number): void {
    const isLoop = this.#structure.isLoopHeader[at];
    if (isLoop) this.w.open(op.LOOP, loopLabel(this.#region.blocks[at]));
    this.#within(at, this.#structure.merges[at], 0);
    if (isLoop) this.w.close();
  }

  /** Merges that the block dominates each follow a WebAssembly block that the branches to them leave. */
  #within(at: number, merges: readonly number[], next: number): void {
    if (next === merges.length) return this.#body(at);
    this.w.open(op.BLOCK, this.#region.blocks[merges[next]]);
    this.#within(at, merges, next + 1);
    this.w.close();
    this.#tree(merges[next]);
  }

  #body(at: number): void {
    const { w } = this;
    const item = this.#region.blocks[at];
    this.#blocks.write(item.block, this.#flow.dirtyIn[at]);
    const end = item.block.terminator;
    const addresses = item.addresses;
    switch (end.kind) {
      case "jump":
        this.#spendFuel(at, end.target);
        return this.#go(at, 0, addresses);
      case "branch":
        this.#blocks.value(end.condition);
        w.open(op.IF, undefined);
        this.#spendFuel(at, end.target);
        this.#go(at, 0, addresses);
        w.else();
        this.#go(at, 1, addresses);
        w.close();
        // Both arms have left.
        w.op(op.UNREACHABLE);
        return;
      case "indirect":
        if (end.isReturn) return this.#return(at, end.target);
        this.#storeTarget(end.target);
        this.#spendOne(at);
        return this.#indirect(at, addresses);
      case "call":
        this.#spendFuel(at, end.target);
        this.#call(at, end.target);
        return this.#afterCall(at, end.next, addresses);
      case "callIndirect":
        this.#storeTarget(end.target);
        this.#spendOne(at);
        this.writeBack(this.#flow.dirtyEnd[at]);
        this.#callThrough(item.block.start);
        return this.#afterCall(at, end.next, addresses);
      case "trap":
        this.#storeRip(item.block.addresses[item.block.addresses.length - 1] ?? item.block.start);
        return this.#leave(at, status.STATUS_TRAP + ((end.trap << 4) | end.length));
    }
  }

  #storeTarget(target: Node): void {
    const { w } = this;
    w.i32(0);
    this.#blocks.value(target);
    w.memory(op.I64_STORE, layout.STATE + layout.OFFSET_RIP);
  }

  /** The address is returned; one that would be taken for a status goes by rip. */
  #return(at: number, target: Node): void {
    const { w } = this;
    this.#blocks.value(target);
    w.set(this.#ways.where);
    this.#spendOne(at, () => this.#storeRipFrom(this.#ways.where));
    w.get(this.#ways.where);
    w.i64(0, 0);
    w.op(op.I64_LE_S);
    w.openUnlikely(undefined);
    this.#storeRipFrom(this.#ways.where);
    this.#setStatus(status.STATUS_JUMP);
    w.close();
    this.#leaveBy(this.#flow.dirtyEnd[at]);
  }

  #storeRipFrom(local: number): void {
    const { w } = this;
    w.i32(0);
    w.get(local);
    w.memory(op.I64_STORE, layout.STATE + layout.OFFSET_RIP);
  }

  /** A function of this module is called directly: through the dispatcher a call crosses modules twice, which costs four times as much. */
  #call(at: number, target: number): void {
    const which = this.#module.functions.indexOf(target);
    const dirty = this.#flow.dirtyEnd[at];
    if (which >= 0) {
      this.writeBack(without(dirty, this.#module.overwritten[which]));
      return this.#callFunction(which);
    }
    this.#storeRip(target);
    this.writeBack(dirty);
    this.#callKnown(target);
  }

  #pushCallArguments(): void {
    const { w } = this;
    w.get(DEPTH);
    w.i32(1);
    w.op(op.I32_ADD);
    w.get(FUEL);
  }

  #callFunction(which: number): void {
    this.#pushCallArguments();
    this.w.callLater(this.#module.first + which);
  }

  #invoke(): void {
    this.#pushCallArguments();
    this.callImport("invoke");
  }

  /** To rip, which is compared with where the call has gone before, if it always went to one of a few: the dispatcher has to look for others. */
  #callThrough(block: number): void {
    const { w } = this;
    const { functions } = this.#module;
    const targets = this.#links.targets(block);
    const first = targets.length <= MAX_TARGETS ? targets[0] : undefined;
    const likely = targets.find((target) => functions.includes(target)) ?? first;
    if (likely === undefined) return this.#invoke();
    w.i32(0);
    w.memory(op.I64_LOAD, layout.STATE + layout.OFFSET_RIP);
    w.address(likely);
    w.op(op.I64_EQ);
    w.open(op.IF, undefined, this.#module.resultType);
    this.#callKnown(likely);
    w.else();
    this.#invoke();
    w.close();
  }

  #callKnown(target: number): void {
    const which = this.#module.functions.indexOf(target);
    if (which >= 0) return this.#callFunction(which);
    this.#pushCallArguments();
    this.#pushLink(this.#links.slotOf(target));
    this.#ways.indirectly(op.CALL_INDIRECT);
  }

  /** rip is stored: goes on inside the region when it is one of the targets seen so far. */
  #indirect(at: number, addresses: readonly number[]): void {
    const { w } = this;
    const made = addresses.length > 0 ? this.#links.jumpMap(addresses) : undefined;
    if (made) {
      const other = {};
      const labels = addresses.map(() => ({}));
      w.open(op.BLOCK, other);
      for (const label of [...labels].reverse()) w.open(op.BLOCK, label);
      branchByMap(w, made.map, () => this.#pushLink(made.link), labels, other);
      labels.forEach((_, which) => {
        w.close();
        this.#go(at, which, addresses);
      });
      w.close();
    }
    // Whoever resolves the target tells this block.
    w.i32(0);
    this.#pushLink(this.#links.addIndirect(this.#region.blocks[at].block.start, this.#region.blocks[0].block.start));
    w.memory(op.I32_STORE, layout.STATE + layout.OFFSET_INDIRECT);
    this.#leave(at, status.STATUS_JUMP);
  }

  /** What the callee returned is on the stack: go on here only if it returned to where the call expects. */
  #afterCall(at: number, expected: number, addresses: readonly number[]): void {
    const { w } = this;
    const where = this.#ways.where;
    const arrived = {};
    const take = () => {
      w.set(FUEL);
      w.set(where);
    };
    const isExpected = () => {
      w.get(where);
      w.address(expected);
      w.op(op.I64_EQ);
    };
    take();
    w.open(op.BLOCK, arrived);
    isExpected();
    w.branchLikely(arrived);
    // It may have jumped out of its region: the dispatcher knows where to.
    w.get(where);
    w.address(-status.STATUS_JUMP);
    w.op(op.I64_EQ);
    w.open(op.IF, undefined);
    this.#invoke();
    take();
    isExpected();
    w.branch(arrived, op.BR_IF);
    w.close();
    w.get(where);
    w.i64(0, 0);
    w.op(op.I64_GT_S);
    w.open(op.IF, undefined);
    this.#storeRipFrom(where);
    this.#setStatus(status.STATUS_JUMP);
    w.close();
    w.get(where);
    w.get(FUEL);
    w.op(op.RETURN);
    w.close();
    const to = this.#region.blocks[at].successors[0];
    if (to < 0) {
      this.#setTarget(expected);
      return this.#ways.goOn(); // all registers are in memory
    }
    this.#load(this.#flow.liveIn[to]);
    this.#go(at, 0, addresses);
  }

  /** Follows the edge to the block's successor number `which`. */
  #go(at: number, which: number, addresses: readonly number[]): void {
    const { w } = this;
    const { blocks } = this.#region;
    const to = blocks[at].successors[which];
    if (to < 0 || this.#structure.irreducible.has(edgeKey(at, to)))
      return this.#leaveFor(addresses[which], this.#flow.dirtyEnd[at]);
    if (this.#structure.order[to] <= this.#structure.order[at]) return w.branch(loopLabel(blocks[to]));
    if (this.#structure.isMerge[to]) return w.branch(blocks[to]);
    this.#tree(to);
  }

  /** What the way to `target` costs. */
  #spendFuel(at: number, target: number): void {
    const { terminator, addresses } = this.#region.blocks[at].block;
    if (fuelOf(terminator, addresses[addresses.length - 1], target) > 0)
      this.#spendOne(at, () => this.#storeRip(target));
  }

  /** One of fuel, rip being where the way leads; `storeRip` if it is not that yet. */
  #spendOne(at: number, storeRip = () => {}): void {
    const { w } = this;
    w.get(FUEL);
    w.i32(1);
    w.op(op.I32_SUB);
    w.tee(FUEL);
    w.i32(0);
    w.op(op.I32_LT_S);
    w.openUnlikely(undefined);
    storeRip();
    w.i32(0);
    this.#pushLink(this.#number);
    w.memory(op.I32_STORE, layout.STATE + layout.OFFSET_REGION);
    this.#leave(at, status.STATUS_FUEL);
    w.close();
  }

  #storeRip(address: number): void {
    const { w } = this;
    w.i32(0);
    w.address(address);
    w.memory(op.I64_STORE, layout.STATE + layout.OFFSET_RIP);
  }

  /** Out of the region, to the code at a guest address. */
  #leaveFor(address: number, dirty: RegisterSet): void {
    this.#setTarget(address);
    this.#leaveBy(dirty, true);
  }

  #setTarget(address: number): void {
    this.#storeRip(address);
    this.#pushLink(this.#links.slotOf(address));
    this.w.set(this.#ways.slot);
  }

  /** Out of the region from the end of block `at`. */
  #leave(at: number, value: number): void {
    this.#setStatus(value);
    this.#leaveBy(this.#flow.dirtyEnd[at]);
  }
}

const loopLabels = new WeakMap<RegionBlock, object>();
function loopLabel(block: RegionBlock): object {
  let label = loopLabels.get(block);
  if (!label) loopLabels.set(block, (label = {}));
  return label;
}
