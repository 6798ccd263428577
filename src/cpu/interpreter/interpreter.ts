// Runs a block's IR one operation at a time: the readable oracle, and what executes code too cold to compile.
import { GENERAL_PROTECTION, PAGE_FAULT, PF_USER, PF_WRITE, STACK_FAULT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { I32, I64, V128 } from "../../wasm/module-builder.js";
import type { Block } from "../block.js";
import { type Core, Exception } from "../core.js";
import type { Access, Node } from "../ir/node.js";
import * as kind from "../ir/node.js";
import { evaluate } from "./evaluate.js";
import { constant, evaluateFlags } from "./evaluate-flags.js";
import type { Value } from "./values.js";

/** The block ran to its end: rip says where to go on. */
export const NO_TRAP = -1;

/** Thrown, with rip at the repeated instruction, when that has done its share and is not done. */
const RUN_AGAIN = Symbol("run again");

const BOUNCE = layout.STATE + layout.OFFSET_SCRATCH + 512;
const CANONICAL_END = 0x8000_0000_0000;
const CANONICAL_LOW_END = 0x8000_0000_0000n;
const CANONICAL_HIGH_START = 0xffff_8000_0000_0000n;

/** Byte offset in the state block of an architectural register of the IR. */
export function stateOffset(register: number): number {
  if (register < 16) return layout.OFFSET_GPR + register * 8;
  if (register >= kind.YMM_HIGH0) return layout.OFFSET_VECTOR + (register - kind.YMM_HIGH0) * layout.VECTOR_STRIDE + 16;
  if (register >= kind.XMM0) return layout.OFFSET_VECTOR + (register - kind.XMM0) * layout.VECTOR_STRIDE;
  return [layout.OFFSET_CC_OP, layout.OFFSET_CC_A, layout.OFFSET_CC_B, layout.OFFSET_CC_C][register - kind.CC_OP];
}

export class Interpreter {
  readonly #core: Core;
  /** The last access translated was for writing to two pages that do not lie side by side: stores go through the bounce buffer. */
  #split: { address: number; size: number } | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs the block. A trap leaves rip at its instruction; else rip is where to go on: at the next block, or at a repeated instruction. */
  run(block: Block): number {
    const values: Value[] = [];
    this.#addresses = block.addresses;
    try {
      this.#nodes(block.nodes, values);
      return this.#terminate(block, values);
    } catch (error) {
      if (error === RUN_AGAIN) return NO_TRAP;
      if (!(error instanceof Exception)) throw error;
      this.#core.setState64(layout.OFFSET_RIP, BigInt(block.addresses[this.#instruction] ?? block.start));
      this.#core.noteException(error);
      return error.vector;
    }
  }

  #instruction = 0;
  #addresses: readonly number[] = [];

  #nodes(nodes: readonly Node[], values: Value[]): void {
    for (const node of nodes) {
      this.#instruction = node.instruction;
      switch (node.kind) {
        case kind.CONST:
          values[node.index] = constant(node);
          break;
        case kind.PURE:
          values[node.index] = evaluate(node, values);
          break;
        case kind.GET:
          values[node.index] = this.#loadRaw(layout.STATE + stateOffset(node.low), node.type);
          break;
        case kind.FLAGS:
          values[node.index] = this.#flags(node, values);
          break;
        case kind.SET: {
          const value = values[(node.a as Node).index];
          this.#storeRaw(layout.STATE + stateOffset(node.low), (node.a as Node).type, value);
          break;
        }
        case kind.TRANSLATE:
          values[node.index] = this.#translate(values[(node.a as Node).index] as bigint, node);
          break;
        case kind.RAW_LOAD:
          values[node.index] = this.#load(node.access as Access, values[(node.a as Node).index] as number);
          break;
        case kind.RAW_STORE:
          this.#store(node.access as Access, values[(node.a as Node).index] as number, values[(node.b as Node).index]);
          break;
        case kind.STATE_LOAD:
          values[node.index] = this.#load(node.access as Access, layout.STATE + node.low);
          break;
        case kind.STATE_STORE:
          this.#store(node.access as Access, layout.STATE + node.low, values[(node.a as Node).index]);
          break;
        case kind.MICROCODE:
          this.#go(BigInt(this.#addresses[node.instruction]));
          this.#core.repeatAgain = false;
          (node.handler as kind.Microcode)(this.#core);
          if (this.#core.repeatAgain) throw RUN_AGAIN;
          break;
        case kind.X87:
          values[node.index] = 0;
          break;
        case kind.FILL:
        case kind.COPY: {
          const [a, b, count] = [node.a, node.b, node.c].map((operand) => values[(operand as Node).index] as number);
          const { u8 } = this.#core.memory;
          const to = a >>> 0;
          if (node.kind === kind.FILL) u8.fill(b, to, to + count);
          else u8.copyWithin(to, b >>> 0, (b >>> 0) + count);
          break;
        }
        case kind.WHEN:
          if (values[(node.a as Node).index] !== 0) this.#nodes(node.body as Node[], values);
          break;
        case kind.TRAP_WHEN:
          if (values[(node.a as Node).index] !== 0 && node.low !== kind.INTERPRET_THIS) throw new Exception(node.low);
          break;
        default:
          throw new Error(`IR node of kind ${node.kind}`);
      }
    }
  }

  #flags(node: Node, values: readonly Value[]): number {
    const operation = values[(node.a as Node).index] as number;
    const operand = (operandNode: Node | undefined) => values[(operandNode as Node).index] as bigint;
    if (operation < 4) return Number(BigInt.asIntN(32, operand(node.b)));
    return evaluateFlags(operation, operand(node.b), operand(node.c), operand(node.d));
  }

  #translate(address: bigint, node: Node): number {
    const size = node.low;
    const write = node.high !== 0;
    if (address >= CANONICAL_LOW_END) {
      if (address < CANONICAL_HIGH_START) throw new Exception(node.stack ? STACK_FAULT : GENERAL_PROTECTION);
      throw new Exception(PAGE_FAULT, PF_USER | (write ? PF_WRITE : 0), address);
    }
    const at = Number(address);
    if (at + size > CANONICAL_END || this.#core.crossesLimit(at, size))
      throw new Exception(node.stack ? STACK_FAULT : GENERAL_PROTECTION);
    this.#split = undefined;
    const linear = this.#core.linear(at, size, write);
    if (linear >= 0) return linear | 0;
    this.#core.memory.u8.set(this.#core.readBytes(at, size), BOUNCE);
    if (write) this.#split = { address: at, size };
    return BOUNCE | 0;
  }

  #load(access: Access, linear: number): Value {
    const { view, u8 } = this.#core.memory;
    const at = linear >>> 0;
    switch (access.size) {
      case 1:
        return u8[at];
      case 2:
        return view.getUint16(at, true);
      case 4:
        return view.getInt32(at, true);
      case 8:
        return view.getBigUint64(at, true);
      default:
        return u8.slice(at, at + 16);
    }
  }

  #store(access: Access, linear: number, value: Value): void {
    const { view, u8 } = this.#core.memory;
    const at = linear >>> 0;
    switch (access.size) {
      case 1:
        u8[at] = value as number;
        break;
      case 2:
        view.setInt16(at, value as number, true);
        break;
      case 4:
        view.setInt32(at, value as number, true);
        break;
      case 8:
        view.setBigUint64(at, value as bigint, true);
        break;
      default:
        u8.set(value as Uint8Array, at);
    }
    if (this.#split && at >= BOUNCE && at < BOUNCE + this.#split.size)
      this.#core.writeBytes(this.#split.address + at - BOUNCE, u8.slice(at, at + access.size));
  }

  #loadRaw(at: number, type: number): Value {
    if (type === I64) return this.#core.memory.view.getBigUint64(at, true);
    if (type === I32) return this.#core.memory.view.getInt32(at, true);
    return this.#core.memory.u8.slice(at, at + 16);
  }

  #storeRaw(at: number, type: number, value: Value): void {
    if (type === V128) this.#core.memory.u8.set(value as Uint8Array, at);
    else if (type === I64) this.#core.memory.view.setBigUint64(at, value as bigint, true);
    else this.#core.memory.view.setInt32(at, value as number, true);
  }

  #terminate(block: Block, values: readonly Value[]): number {
    const end = block.terminator;
    const last = block.addresses[block.addresses.length - 1] ?? block.start;
    switch (end.kind) {
      case "jump":
        this.#go(BigInt(end.target));
        return NO_TRAP;
      case "branch":
        this.#go(BigInt(values[end.condition.index] !== 0 ? end.target : end.otherwise));
        return NO_TRAP;
      case "call":
        this.#go(BigInt(end.target));
        return NO_TRAP;
      case "callIndirect":
      case "indirect":
        this.#go(values[end.target.index] as bigint);
        return NO_TRAP;
      case "trap":
        this.#go(BigInt(last));
        this.#core.setState32(layout.OFFSET_ERROR_CODE, 0);
        return end.trap;
    }
  }

  #go(rip: bigint): void {
    this.#core.setState64(layout.OFFSET_RIP, rip);
  }
}
