// One IR operation. A block is a list of them in the order they happen: each node's value is that of its own place in the list.
import { I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";
import type { Core } from "../core.js";
import type { Operator } from "./operators.js";

// Kinds. The first group has no effect and may be left out when nothing uses it.
export const CONST = 0; // i32: low; i64: low, high
export const PURE = 1; // operator(a, b, c)
export const GET = 2; // architectural register `low`
export const FLAGS = 3; // i32: arithmetic rflags of the lazy state (cc op a, then cc registers A B C as b c d)
export const PARAMETER = 4; // in a handler of cold code: the operand `low` of the instruction's record
// The rest happen in order.
export const SET = 8; // register `low` = a
export const TRANSLATE = 9; // i32: linear offset of guest address a (i64), size `low`, for writing if `high`; may fault
export const RAW_LOAD = 10; // value at linear offset a, access `access`
export const RAW_STORE = 11; // at linear offset a, value b, access `access`
export const STATE_LOAD = 12; // processor state at byte offset `low`
export const STATE_STORE = 13; // processor state at byte offset `low` = a
export const MICROCODE = 14; // a handler in TypeScript runs on the synchronised state; low: which of its instruction's it is
export const WHEN = 15; // body runs when a is not zero
export const TRAP_WHEN = 16; // exception `low` when a is not zero; INTERPRET_THIS: compiled code has the interpreter run the instruction
export const FILL = 17; // c (i32) bytes at linear offset a become b (i32)
export const X87 = 19; // i32: the x87 operation `low` was done, see x86/x87-quick.ts; the interpreter does none
export const COPY = 18; // c (i32) bytes from linear offset b to a, as if by way of a buffer

/** In place of an exception. */
export const INTERPRET_THIS = -1;

// Architectural registers: 0..15 are the general registers, in the processor's order.
export const CC_OP = 16;
export const CC_A = 17;
export const CC_B = 18;
export const CC_C = 19;
export const XMM0 = 20; // 20..35: the low halves of the vector registers
export const YMM_HIGH0 = 36; // 36..51: the high halves
export const REGISTER_COUNT = 52;
/** Added to the number of an operand of cold code's records: the register that the operand names. */
export const OPERAND_REGISTER = 256;

/** The value type of an architectural register. */
export function registerType(register: number): ValueType {
  const own = register & (OPERAND_REGISTER - 1);
  return own === CC_OP ? I32 : own >= XMM0 ? V128 : I64;
}

/** A memory access of the WebAssembly kind: its load and store opcodes and the bytes it touches. */
export interface Access {
  readonly size: number;
  readonly type: ValueType;
  readonly load: number;
  readonly store: number;
  readonly simd: boolean;
}

/**
 * An instruction's meaning in TypeScript, for what would be long-winded in IR. It works on the synchronised state, may throw an Exception,
 * and must not change rip.
 */
export type Microcode = (core: Core) => void;

/** All microcode of some nodes, in order. */
export const handlersIn = (nodes: readonly Node[]): Microcode[] =>
  nodes.flatMap(({ handler, body }) => [...(handler ? [handler] : []), ...handlersIn(body ?? [])]);

export class Node {
  kind: number;
  type: ValueType;
  operator: Operator | undefined;
  a: Node | undefined;
  b: Node | undefined;
  c: Node | undefined;
  d: Node | undefined;
  low = 0;
  high = 0;
  bytes: Uint8Array | undefined;
  access: Access | undefined;
  body: Node[] | undefined;
  handler: Microcode | undefined;
  /** On an address: relative to the stack segment, so that a non-canonical one is #SS. On TRANSLATE: its address is. */
  stack = false;
  /** Number of the instruction in the block that a fault here belongs to. */
  instruction = 0;
  /** Place in the block, rising. */
  index = 0;
  // The JIT's notes: how often the value is wanted, and the local that keeps it.
  uses = 0;
  local = -1;
  pinned = false;

  constructor(kind: number, type: ValueType) {
    this.kind = kind;
    this.type = type;
    this.operator = undefined;
    this.a = undefined;
    this.b = undefined;
    this.c = undefined;
    this.d = undefined;
    this.bytes = undefined;
    this.access = undefined;
    this.body = undefined;
    this.handler = undefined;
  }
}
