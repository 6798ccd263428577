// DWARF expressions as call frame information uses them: a stack machine over registers and memory. DWARF 5, 2.5
import { ByteReader } from "./byte-reader.js";

export interface ExpressionContext {
  /** A register by its DWARF number. */
  register(number: number): bigint | undefined;
  /** A little-endian number in memory. */
  memory(address: bigint, size: number): bigint | undefined;
}

const MAX_STEPS = 10_000;
const MAX_DEPTH = 256;

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

const binary: Readonly<Record<number, (a: bigint, b: bigint) => bigint | undefined>> = {
  26: (a, b) => a & b,
  27: (a, b) => (b === 0n ? undefined : signed(a) / signed(b)),
  28: (a, b) => a - b,
  29: (a, b) => (b === 0n ? undefined : a % b),
  30: (a, b) => a * b,
  33: (a, b) => a | b,
  34: (a, b) => a + b,
  36: (a, b) => (b > 63n ? 0n : a << b),
  37: (a, b) => (b > 63n ? 0n : a >> b),
  38: (a, b) => signed(a) >> (b > 63n ? 63n : b),
  39: (a, b) => a ^ b,
  41: (a, b) => BigInt(a === b),
  42: (a, b) => BigInt(signed(a) >= signed(b)),
  43: (a, b) => BigInt(signed(a) > signed(b)),
  44: (a, b) => BigInt(signed(a) <= signed(b)),
  45: (a, b) => BigInt(signed(a) < signed(b)),
  46: (a, b) => BigInt(a !== b),
};

const unary: Readonly<Record<number, (a: bigint) => bigint>> = {
  25: (a) => (signed(a) < 0n ? -a : a),
  31: (a) => -a,
  32: (a) => ~a,
};

/** Sizes of DW_OP_const1u (8) to DW_OP_const8s (15), unsigned and signed in turn. */
const CONSTANT_SIZES = [1, 2, 4, 8];

/** The value on top of the stack in the end; undefined for what cannot be computed. */
export function evaluate(code: Uint8Array, context: ExpressionContext, initial?: bigint): bigint | undefined {
  const reader = new ByteReader(code);
  const stack: bigint[] = initial === undefined ? [] : [initial];
  for (let steps = 0; !reader.ended; steps++) {
    if (steps > MAX_STEPS || stack.length > MAX_DEPTH) return undefined;
    if (!step(reader, stack, context)) return undefined;
  }
  return reader.failed ? undefined : stack.pop();
}

/** False when it cannot go on. */
function step(reader: ByteReader, stack: bigint[], context: ExpressionContext): boolean {
  const op = reader.u8();
  const push = (value: bigint | undefined): boolean => value !== undefined && stack.push(unsigned(value)) > 0;
  if (op >= 0x30 && op <= 0x4f) return push(BigInt(op - 0x30));
  if (op >= 0x50 && op <= 0x6f) return push(context.register(op - 0x50));
  if (op >= 0x70 && op <= 0x8f) {
    const value = context.register(op - 0x70);
    return push(value === undefined ? undefined : value + reader.leb(true));
  }
  if (op >= 0x08 && op <= 0x0f) return push(reader.fixed(CONSTANT_SIZES[(op - 8) >> 1] as number, (op & 1) === 1));
  const two = binary[op];
  if (two !== undefined) {
    const b = stack.pop();
    const a = stack.pop();
    return a !== undefined && b !== undefined && push(two(a, b));
  }
  const one = unary[op];
  if (one !== undefined) {
    const a = stack.pop();
    return a !== undefined && push(one(a));
  }
  return other(op, reader, stack, context, push);
}

function other(
  op: number,
  reader: ByteReader,
  stack: bigint[],
  context: ExpressionContext,
  push: (value: bigint | undefined) => boolean,
): boolean {
  switch (op) {
    case 0x03: // DW_OP_addr
      return push(reader.fixed(8, false));
    case 0x06: // DW_OP_deref
    case 0x94: {
      const size = op === 0x06 ? 8 : reader.u8();
      const address = stack.pop();
      return address !== undefined && [1, 2, 4, 8].includes(size) && push(context.memory(address, size));
    }
    case 0x10: // DW_OP_constu
      return push(reader.leb(false));
    case 0x11: // DW_OP_consts
      return push(reader.leb(true));
    case 0x12: // DW_OP_dup
      return push(stack.at(-1));
    case 0x13: // DW_OP_drop
      return stack.pop() !== undefined;
    case 0x14: // DW_OP_over
      return push(stack.at(-2));
    case 0x15: // DW_OP_pick
      return push(stack.at(-1 - reader.u8()));
    case 0x16: // DW_OP_swap
      return stack.length > 1 && stack.push(...stack.splice(-2).reverse()) > 0;
    case 0x17: // DW_OP_rot
      return stack.length > 2 && stack.splice(-2, 0, stack.pop() as bigint) !== undefined;
    case 0x23: {
      const value = stack.pop();
      return value !== undefined && push(value + reader.leb(false)); // DW_OP_plus_uconst
    }
    case 0x28: // DW_OP_bra
    case 0x2f: {
      const distance = Number(reader.fixed(2, true));
      const taken = op === 0x2f ? 1n : stack.pop();
      if (taken) reader.at += distance;
      return taken !== undefined && reader.at >= 0;
    }
    case 0x92: {
      const value = context.register(reader.uleb()); // DW_OP_bregx
      return push(value === undefined ? undefined : value + reader.leb(true));
    }
    case 0x96: // DW_OP_nop
      return true;
    default:
      return false;
  }
}
