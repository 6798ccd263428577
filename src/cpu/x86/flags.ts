// Lazy arithmetic flags: the last operation that set them and its operands. What each flag is, for each operation, is said here once;
// the JIT, the interpreter and the `rflags` view all use it.
import { AF, CF, OF, PF, SF, ZF } from "../../machine/state-layout.js";
import { I32, I64 } from "../../wasm/module-builder.js";
import type { Builder } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CC_OP, type Node } from "../ir/node.js";

// Operation = kind * 4 + size index (0: 8 bit, 1: 16, 2: 32, 3: 64). Operands are zero-extended.
export const EXPLICIT = 0; // A = the flags themselves
export const ADDITION = 1; // A + B
export const SUBTRACTION = 2; // A - B; logic operations are result - 0
export const ADD_CARRY = 3; // A + B + C
export const SUB_BORROW = 4; // A - B - C
export const INCREMENT = 5; // result A, C = CF before
export const DECREMENT = 6;
export const SHIFT_LEFT = 7; // A << B, B not 0
export const SHIFT_RIGHT = 8;
export const SHIFT_ARITHMETIC = 9;
export const KIND_COUNT = 10;

/** A lazy state whose operation is known, its operands as i32 (8 to 32 bit) or i64 nodes. */
export interface LazyFlags {
  readonly kind: number;
  /** Operand size in bits. */
  readonly size: number;
  readonly a: Node;
  readonly b: Node;
  readonly c: Node;
}

export const operationCode = (kind: number, size: number): number => kind * 4 + (31 - Math.clz32(size >> 3));

/** The lazy state with a known operation code, its operands read from the cc registers. */
export function storedFlags(b: Builder, operation: number): LazyFlags {
  const size = 8 << (operation & 3);
  const kind = operation >> 2;
  const operand = (register: number) => (size === 64 ? b.get(register) : b.wrap(b.get(register)));
  if (kind === EXPLICIT) {
    const zero = b.i32(0);
    return { kind, size, a: b.wrap(b.get(CC_A)), b: zero, c: zero };
  }
  return { kind, size, a: operand(CC_A), b: operand(CC_B), c: operand(CC_C) };
}

export function setFlags(b: Builder, flags: LazyFlags): void {
  const wide = (node: Node) => (node.type === I64 ? node : b.extendU(node));
  b.set(CC_A, wide(flags.a));
  if (flags.kind !== EXPLICIT && flags.kind !== INCREMENT && flags.kind !== DECREMENT) b.set(CC_B, wide(flags.b));
  if (flags.kind >= ADD_CARRY && flags.kind <= DECREMENT) b.set(CC_C, wide(flags.c));
  b.set(CC_OP, b.i32(operationCode(flags.kind, flags.size)));
}

const zeroOf = (b: Builder, node: Node) => b.constant(node.type, 0);
const bit = (b: Builder, node: Node, position: number): Node => {
  const shifted = position === 0 ? node : b.shrU(node, b.constant(node.type, position));
  const narrow = shifted.type === I64 ? b.wrap(shifted) : shifted;
  return b.and(narrow, b.i32(1));
};
const truncate = (b: Builder, node: Node, size: number) =>
  size >= 32 ? node : b.and(node, b.i32(size === 8 ? 0xff : 0xffff));
const signExtend = (b: Builder, node: Node, size: number) =>
  size >= 32 ? node : b.shrS(b.shl(node, b.i32(32 - size)), b.i32(32 - size));

/** The value the operation produced, zero-extended. */
function result(b: Builder, f: LazyFlags): Node {
  const wide = (node: Node) => (f.a.type === I64 && node.type === I32 ? b.extendU(node) : node);
  switch (f.kind) {
    case ADDITION:
      return truncate(b, b.add(f.a, f.b), f.size);
    case SUBTRACTION:
      return f.b.kind === 0 && f.b.low === 0 && f.b.high === 0 ? f.a : truncate(b, b.sub(f.a, f.b), f.size);
    case ADD_CARRY:
      return truncate(b, b.add(b.add(f.a, f.b), wide(f.c)), f.size);
    case SUB_BORROW:
      return truncate(b, b.sub(b.sub(f.a, f.b), wide(f.c)), f.size);
    case SHIFT_LEFT:
      return truncate(b, b.shl(f.a, f.b), f.size);
    case SHIFT_RIGHT:
      return b.shrU(f.a, f.b);
    case SHIFT_ARITHMETIC:
      return truncate(b, b.shrS(signExtend(b, f.a, f.size), f.b), f.size);
    default:
      return f.a;
  }
}

const carryIn = (b: Builder, f: LazyFlags) => (f.c.type === I64 ? b.wrap(f.c) : f.c);

/** CF as i32 0 or 1. */
export function carry(b: Builder, f: LazyFlags): Node {
  switch (f.kind) {
    case EXPLICIT:
      return b.and(f.a, b.i32(CF));
    case ADDITION:
      return b.ltU(result(b, f), f.a);
    case SUBTRACTION:
      return b.ltU(f.a, f.b);
    case ADD_CARRY: {
      const r = result(b, f);
      return b.or(b.ltU(r, f.a), b.and(carryIn(b, f), b.eq(r, f.a)));
    }
    case SUB_BORROW:
      return b.or(b.ltU(f.a, f.b), b.and(carryIn(b, f), b.eq(f.a, f.b)));
    case INCREMENT:
    case DECREMENT:
      return carryIn(b, f);
    case SHIFT_LEFT:
      if (f.size < 32) return bit(b, b.shl(f.a, f.b), f.size);
      return bit(b, b.shrU(f.a, b.sub(b.constant(f.a.type, f.size), f.b)), 0);
    case SHIFT_RIGHT:
      return bit(b, b.shrU(f.a, b.sub(f.b, b.constant(f.b.type, 1))), 0);
    default:
      return bit(b, b.shrS(signExtend(b, f.a, f.size), b.sub(f.b, b.constant(f.b.type, 1))), 0);
  }
}

export function zero(b: Builder, f: LazyFlags): Node {
  if (f.kind === EXPLICIT) return bit(b, f.a, 6);
  if (f.kind === SUBTRACTION && !(f.b.kind === 0 && f.b.low === 0 && f.b.high === 0)) return b.eq(f.a, f.b);
  return b.eqz(result(b, f));
}

export function sign(b: Builder, f: LazyFlags): Node {
  if (f.kind === EXPLICIT) return bit(b, f.a, 7);
  const r = result(b, f);
  return f.size >= 32 ? b.ltS(r, zeroOf(b, r)) : bit(b, r, f.size - 1);
}

export function parity(b: Builder, f: LazyFlags): Node {
  if (f.kind === EXPLICIT) return bit(b, f.a, 2);
  const r = result(b, f);
  const low = b.and(r.type === I64 ? b.wrap(r) : r, b.i32(0xff));
  return b.eqz(b.and(b.popcnt(low), b.i32(1)));
}

export function overflow(b: Builder, f: LazyFlags): Node {
  switch (f.kind) {
    case EXPLICIT:
      return bit(b, f.a, 11);
    case ADDITION:
    case ADD_CARRY: {
      const r = result(b, f);
      return bit(b, b.and(b.xor(f.a, r), b.xor(f.b, r)), f.size - 1);
    }
    case SUBTRACTION:
    case SUB_BORROW: {
      const r = result(b, f);
      return bit(b, b.and(b.xor(f.a, f.b), b.xor(f.a, r)), f.size - 1);
    }
    case INCREMENT:
      return b.eq(f.a, signBit(b, f));
    case DECREMENT:
      return b.eq(f.a, b.sub(signBit(b, f), b.constant(f.a.type, 1)));
    case SHIFT_LEFT: // defined for a count of 1
      return b.xor(bit(b, b.shl(f.a, f.b), f.size - 1), carry(b, f));
    case SHIFT_RIGHT:
      return bit(b, f.a, f.size - 1);
    default:
      return b.i32(0);
  }
}

const signBit = (b: Builder, f: LazyFlags): Node =>
  f.size === 64 ? b.i64(0, 0x80000000) : b.i32(f.size === 32 ? 0x80000000 : 1 << (f.size - 1));

export function adjust(b: Builder, f: LazyFlags): Node {
  const low = (node: Node) => (node.type === I64 ? b.wrap(node) : node);
  switch (f.kind) {
    case EXPLICIT:
      return bit(b, f.a, 4);
    case INCREMENT:
      return b.eqz(b.and(low(f.a), b.i32(15)));
    case DECREMENT:
      return b.eq(b.and(low(f.a), b.i32(15)), b.i32(15));
    case SHIFT_LEFT:
    case SHIFT_RIGHT:
    case SHIFT_ARITHMETIC:
      return b.i32(0); // undefined
    default:
      return bit(b, b.xor(b.xor(low(f.a), low(f.b)), low(result(b, f))), 4);
  }
}

/** All six arithmetic flags in their rflags places, i32. */
export function allFlags(b: Builder, f: LazyFlags): Node {
  if (f.kind === EXPLICIT) return f.a;
  const at = (node: Node, flag: number) => b.shl(node, b.i32(31 - Math.clz32(flag)));
  let all = carry(b, f);
  all = b.or(all, at(parity(b, f), PF));
  all = b.or(all, at(adjust(b, f), AF));
  all = b.or(all, at(zero(b, f), ZF));
  all = b.or(all, at(sign(b, f), SF));
  return b.or(all, at(overflow(b, f), OF));
}

/** Condition code 0..15 of Jcc, SETcc and CMOVcc as i32 0 or 1. SDM vol. 1 appendix B. */
export function condition(b: Builder, f: LazyFlags, code: number): Node {
  const positive = evenCondition(b, f, code & ~1);
  return code & 1 ? b.eqz(positive) : positive;
}

function evenCondition(b: Builder, f: LazyFlags, code: number): Node {
  const direct = f.kind === SUBTRACTION;
  switch (code) {
    case 0:
      return overflow(b, f);
    case 2:
      return carry(b, f);
    case 4:
      return zero(b, f);
    case 6:
      return direct ? b.leU(f.a, f.b) : b.or(carry(b, f), zero(b, f));
    case 8:
      return sign(b, f);
    case 10:
      return parity(b, f);
    case 12:
      if (direct) return b.ltS(signExtend(b, f.a, f.size), signExtend(b, f.b, f.size));
      return b.ne(sign(b, f), overflow(b, f));
    default:
      if (direct) return b.leS(signExtend(b, f.a, f.size), signExtend(b, f.b, f.size));
      return b.or(zero(b, f), b.ne(sign(b, f), overflow(b, f)));
  }
}
