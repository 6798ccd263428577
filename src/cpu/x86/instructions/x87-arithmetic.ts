// x87 arithmetic and transcendental functions. SDM vol. 2: FADD to FDIVRP, FSQRT, FPREM, FSCALE, FSIN and their kin.
import * as float80 from "../../../lib/float80/float80.js";
import { C0, C1, C2, C3, DEFAULT_NAN, type Float80, type Float80Result } from "../../../lib/float80/float80.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Access } from "../../ir/node.js";
import { type Fpu, PRECOMPUTATION } from "../fpu.js";
import {
  double,
  fromMemory,
  INVALID,
  integer,
  MEMORY,
  STACK_FAULT,
  single,
  quickly as tried,
  x87,
  ZERO_DIVIDE,
} from "../x87-forms.js";
import * as quick from "../x87-quick.js";
import { ABSOLUTE, CONVERTED, NEGATE, operation as operation80 } from "../x87-quick.js";

/** By the digit without its reversal. */
const QUICK: Readonly<Record<number, number>> = {
  0: quick.ADD,
  4: quick.SUBTRACT,
  6: quick.DIVIDE,
};
const FROM: Readonly<Record<string, number>> = {
  f4: quick.FROM_FLOAT32,
  f8: quick.FROM_FLOAT64,
  fi4: quick.FROM_INT32,
  fi2: quick.FROM_INT16,
};

type Binary = (a: Float80, b: Float80, control: number) => Float80Result;
const reversed =
  (operation: Binary): Binary =>
  (a, b, control) =>
    operation(b, a, control);
const ARITHMETIC: readonly (readonly [string, number, Binary])[] = [
  ["add", 0, float80.add],
  ["mul", 1, float80.multiply],
  ["sub", 4, float80.subtract],
  ["subr", 5, reversed(float80.subtract)],
  ["div", 6, float80.divide],
  ["divr", 7, reversed(float80.divide)],
];
/** In the forms that write st(i) the plain and the reversed opcodes change places. */
const swapped = (digit: number) => (digit >= 4 ? digit ^ 1 : digit);

const isNotANumber = ({ signExponent, mantissa }: Float80) =>
  (signExponent & 0x7fff) === 0x7fff && mantissa << 1n !== 1n << 64n;

for (const [name, digit, operation] of ARITHMETIC) {
  /** st(x) becomes the result with st(y), in that order; `reverses` changes it. */
  const quickly = (x: number, y: number, destination = x, pops = 0) => {
    const kind = digit === 1 ? quick.MULTIPLY : QUICK[digit & 6];
    return digit === 5 || digit === 7
      ? operation80(kind, y, x, destination, pops)
      : operation80(kind, x, y, destination, pops);
  };
  const withMemory = (prefix: string, opcode: string, access: Access, load: (bits: bigint) => Float80Result) => {
    const from = FROM[`${prefix}${access.size}`];
    fromMemory(
      `${prefix}${name}`,
      `${opcode} /${digit} mem M${access.size * 8}`,
      access,
      (fpu, bits) => {
        fpu.store(0, [0], () => {
          const operand = load(bits);
          const result = operation(fpu.peek(0), operand.value, fpu.control);
          // A denormal operand counts unless the answer is a NaN or a division by zero.
          return isNotANumber(result.value) || result.status & ZERO_DIVIDE
            ? result
            : { value: result.value, status: result.status | operand.status };
        });
      },
      "computing",
      [operation80(from), quickly(0, CONVERTED)],
    );
  };
  withMemory("f", "D8", LOAD32, single);
  withMemory("f", "DC", LOAD64, double);
  withMemory("fi", "DA", LOAD32, integer(32));
  withMemory("fi", "DE", LOAD16, integer(16));
  tried(
    `f${name}`,
    [`D8 /${digit} reg Eq`],
    (index) => quickly(0, index),
    (fpu, index) => {
      fpu.store(0, [0, index], () => operation(fpu.peek(0), fpu.peek(index), fpu.control));
    },
  );
  const toIndex = (fpu: Fpu, index: number) =>
    fpu.store(index, [0, index], () => operation(fpu.peek(index), fpu.peek(0), fpu.control));
  tried(`f${name}`, [`DC /${swapped(digit)} reg Eq`], (index) => quickly(index, 0), toIndex);
  tried(
    `f${name}p`,
    [`DE /${swapped(digit)} reg Eq`],
    (index) => quickly(index, 0, index, 1),
    (fpu, index) => {
      if (toIndex(fpu, index)) fpu.pop();
    },
  );
}

const unary = (
  name: string,
  row: string,
  operation: (a: Float80, control: number) => Float80Result,
  quick?: () => number,
) =>
  x87(
    name,
    [row],
    (fpu) => {
      fpu.store(0, [0], () => operation(fpu.peek(0), fpu.control));
    },
    MEMORY,
    "computing",
    quick,
  );
unary(
  "fchs",
  "D9 /4 reg rm=0 Eq",
  (a) => ({ value: { ...a, signExponent: a.signExponent ^ 0x8000 }, status: 0 }),
  () => operation80(NEGATE),
);
unary(
  "fabs",
  "D9 /4 reg rm=1 Eq",
  (a) => ({ value: { ...a, signExponent: a.signExponent & 0x7fff }, status: 0 }),
  () => operation80(ABSOLUTE),
);
unary("fsqrt", "D9 /7 reg rm=2 Eq", float80.squareRoot, () => operation80(quick.SQUARE_ROOT));
unary("frndint", "D9 /7 reg rm=4 Eq", float80.roundToInteger);
unary("f2xm1", "D9 /6 reg rm=0 Eq", float80.exponentialMinusOne);

x87("fscale", ["D9 /7 reg rm=5 Eq"], (fpu) => {
  fpu.store(0, [0, 1], () => float80.scale(fpu.peek(0), fpu.peek(1), fpu.control));
});

/** Sine and cosine leave C2 clear when they did their work. */
const trigonometric = (name: string, row: string, operation: (a: Float80, control: number) => Float80Result) =>
  x87(name, [row], (fpu) => {
    fpu.setCodes(C2, 0);
    fpu.store(0, [0], () => {
      const result = operation(fpu.peek(0), fpu.control);
      fpu.setCodes(C2, result.status);
      return result;
    });
  });
trigonometric("fsin", "D9 /7 reg rm=6 Eq", float80.sine);
trigonometric("fcos", "D9 /7 reg rm=7 Eq", float80.cosine);

/** st(0) becomes the first result and the second is pushed. */
const pushing = (name: string, row: string, operation: typeof float80.tangent) =>
  x87(name, [row], (fpu) => {
    if (name !== "fxtract") fpu.setCodes(C2, 0);
    if (fpu.isEmpty(0) || !fpu.isEmpty(7)) {
      if (fpu.raise(INVALID | STACK_FAULT | (fpu.isEmpty(0) ? 0 : C1))) return;
      fpu.put(0, DEFAULT_NAN);
      fpu.top--;
      fpu.put(0, DEFAULT_NAN);
      return;
    }
    const { first, pushed, status } = operation(fpu.peek(0), fpu.control);
    if (name !== "fxtract") fpu.setCodes(C2, status);
    if (fpu.raise(status) || status & C2) return;
    fpu.put(0, first);
    fpu.top--;
    fpu.put(0, pushed);
  });
pushing("fptan", "D9 /6 reg rm=2 Eq", float80.tangent);
pushing("fsincos", "D9 /7 reg rm=3 Eq", float80.sineCosine);
pushing("fxtract", "D9 /6 reg rm=4 Eq", (a) => {
  const { exponent, significand, status } = float80.extract(a);
  return { first: exponent, pushed: significand, status };
});

/** st(1) is written and st(0) popped. */
const popping = (name: string, row: string, operation: (x: Float80, y: Float80, control: number) => Float80Result) =>
  x87(name, [row], (fpu) => {
    if (fpu.store(1, [0, 1], () => operation(fpu.peek(0), fpu.peek(1), fpu.control))) fpu.pop();
  });
popping("fyl2x", "D9 /6 reg rm=1 Eq", float80.timesLog2);
popping("fpatan", "D9 /6 reg rm=3 Eq", float80.arcTangent);
popping("fyl2xp1", "D9 /7 reg rm=1 Eq", float80.timesLog2PlusOne);

const remainder = (name: string, row: string, operation: Binary) =>
  x87(name, [row], (fpu) => {
    fpu.setCodes(C2, 0);
    fpu.store(0, [0, 1], () => {
      const result = operation(fpu.peek(0), fpu.peek(1), fpu.control);
      // Without a quotient C0 and C3 stay.
      const none = isNotANumber(result.value) || result.status & PRECOMPUTATION & ~fpu.control;
      if (!none) fpu.setCodes(C0 | C2 | C3, result.status);
      return result;
    });
  });
remainder("fprem", "D9 /7 reg rm=0 Eq", float80.remainder);
remainder("fprem1", "D9 /6 reg rm=5 Eq", float80.nearestRemainder);
