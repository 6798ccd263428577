// The x87 instructions. SDM vol. 2. All are microcode over lib/float80: programs of today use them for long double alone.
import * as float80 from "../../../lib/float80/float80.js";
import { C0, C1, C2, C3, DEFAULT_NAN, type Float80, type Float80Result } from "../../../lib/float80/float80.js";
import * as layout from "../../../machine/state-layout.js";
import type { Core } from "../../core.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Access } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import { Fpu } from "../fpu.js";
import { instruction } from "../opcode-table.js";

const MEMORY = { memory: true };
const INVALID = 0x01;
const ZERO_DIVIDE = 0x04;
const STACK_FAULT = 0x40;

/** A waiting x87 instruction without a memory operand. */
const x87 = (
  name: string,
  rows: readonly string[],
  run: (fpu: Fpu, index: number) => void,
  options = MEMORY as object,
) =>
  instruction(name, rows, options, (x) => {
    const index = x.i.rm & 7;
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      fpu.wait();
      run(fpu, index);
    });
  });

/** With an operand read from memory: its bits, zero-extended. */
const fromMemory = (name: string, row: string, access: Access, run: (fpu: Fpu, bits: bigint) => void) =>
  instruction(name, [row], MEMORY, (x) => {
    const value = x.load(access, x.effectiveAddress());
    x.stateStoreScratch(value.type === access.type && access.size === 8 ? value : x.extendU(value));
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      fpu.wait();
      run(fpu, core.scratch64());
    });
  });

/** With the operand's address. */
const atMemory = (name: string, rows: readonly string[], run: (fpu: Fpu, address: number) => void, waits = true) =>
  instruction(name, rows, MEMORY, (x) => {
    x.stateStoreScratch(x.effectiveAddress());
    x.runMicrocode((core) => {
      const fpu = new Fpu(core);
      if (waits) fpu.wait();
      run(fpu, core.scratchAddress());
    });
  });

const bytesOf = (bits: bigint, size: number) =>
  Uint8Array.from({ length: size }, (_, n) => Number((bits >> BigInt(8 * n)) & 0xffn));
const bitsOf = (bytes: Uint8Array) => bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);

// ---- arithmetic

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

const single = (bits: bigint) => float80.widenFloat32(Number(bits));
const double = (bits: bigint) => float80.widenFloat64(bits);
const integer =
  (size: number) =>
  (bits: bigint): Float80Result => ({ value: float80.fromInteger(BigInt.asIntN(size, bits)), status: 0 });

const isNotANumber = ({ signExponent, mantissa }: Float80) =>
  (signExponent & 0x7fff) === 0x7fff && mantissa << 1n !== 1n << 64n;

for (const [name, digit, operation] of ARITHMETIC) {
  const withMemory = (prefix: string, opcode: string, access: Access, load: (bits: bigint) => Float80Result) =>
    fromMemory(`${prefix}${name}`, `${opcode} /${digit} mem M${access.size * 8}`, access, (fpu, bits) => {
      fpu.store(0, [0], () => {
        const operand = load(bits);
        const result = operation(fpu.peek(0), operand.value, fpu.control);
        // A denormal operand counts unless the answer is a NaN or a division by zero.
        return isNotANumber(result.value) || result.status & ZERO_DIVIDE
          ? result
          : { value: result.value, status: result.status | operand.status };
      });
    });
  withMemory("f", "D8", LOAD32, single);
  withMemory("f", "DC", LOAD64, double);
  withMemory("fi", "DA", LOAD32, integer(32));
  withMemory("fi", "DE", LOAD16, integer(16));
  x87(`f${name}`, [`D8 /${digit} reg Eq`], (fpu, index) => {
    fpu.store(0, [0, index], () => operation(fpu.peek(0), fpu.peek(index), fpu.control));
  });
  const toIndex = (fpu: Fpu, index: number) =>
    fpu.store(index, [0, index], () => operation(fpu.peek(index), fpu.peek(0), fpu.control));
  x87(`f${name}`, [`DC /${swapped(digit)} reg Eq`], toIndex);
  x87(`f${name}p`, [`DE /${swapped(digit)} reg Eq`], (fpu, index) => {
    if (toIndex(fpu, index)) fpu.pop();
  });
}

const unary = (name: string, row: string, operation: (a: Float80, control: number) => Float80Result) =>
  x87(name, [row], (fpu) => {
    fpu.store(0, [0], () => operation(fpu.peek(0), fpu.control));
  });
unary("fchs", "D9 /4 reg rm=0 Eq", (a) => ({ value: { ...a, signExponent: a.signExponent ^ 0x8000 }, status: 0 }));
unary("fabs", "D9 /4 reg rm=1 Eq", (a) => ({ value: { ...a, signExponent: a.signExponent & 0x7fff }, status: 0 }));
unary("fsqrt", "D9 /7 reg rm=2 Eq", float80.squareRoot);
unary("frndint", "D9 /7 reg rm=4 Eq", float80.roundToInteger);
unary("f2xm1", "D9 /6 reg rm=0 Eq", float80.exponentialMinusOne);

x87("fscale", ["D9 /7 reg rm=5 Eq"], (fpu) => {
  fpu.store(0, [0, 1], () => float80.scale(fpu.peek(0), fpu.peek(1), fpu.control));
});

/** Sine and cosine leave C2 clear when they did their work. */
const trigonometric = (name: string, row: string, operation: (a: Float80, control: number) => Float80Result) =>
  x87(name, [row], (fpu) => {
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

const remainder = (name: string, row: string, operation: (a: Float80, b: Float80) => Float80Result) =>
  x87(name, [row], (fpu) => {
    fpu.setCodes(C2, 0);
    fpu.store(0, [0, 1], () => {
      const result = operation(fpu.peek(0), fpu.peek(1));
      fpu.setCodes(C0 | C2 | C3, result.status);
      return result;
    });
  });
remainder("fprem", "D9 /7 reg rm=0 Eq", float80.remainder);
remainder("fprem1", "D9 /6 reg rm=5 Eq", float80.nearestRemainder);

// ---- comparisons

/** C3 C2 C0 for st(0) against `other`; unordered when a register is empty. */
function compare(
  fpu: Fpu,
  operands: readonly number[],
  other: () => Float80Result,
  quiet: boolean,
  pops: number,
): void {
  const codes = comparison(fpu, operands, other, quiet);
  if (codes === undefined) return;
  fpu.setCodes(C0 | C2 | C3, codes);
  for (let n = 0; n < pops; n++) fpu.pop();
}

function comparison(
  fpu: Fpu,
  operands: readonly number[],
  other: () => Float80Result,
  quiet: boolean,
  keepRounding = false,
): number | undefined {
  const empty = operands.some((operand) => fpu.isEmpty(operand));
  const operand = other();
  let codes = empty ? C0 | C2 | C3 | INVALID | STACK_FAULT : float80.compare(fpu.peek(0), operand.value, quiet);
  if (!(codes & C2)) codes |= operand.status;
  return fpu.raise(codes & 0x7f, keepRounding) ? undefined : codes;
}

const register = (fpu: Fpu, index: number) => () => ({ value: fpu.peek(index), status: 0 });
for (const [name, digit, pops] of [
  ["fcom", 2, 0],
  ["fcomp", 3, 1],
] as const) {
  x87(name, [`D8 /${digit} reg Eq`, `DC /${digit} reg Eq`], (fpu, index) =>
    compare(fpu, [0, index], register(fpu, index), false, pops),
  );
  fromMemory(name, `D8 /${digit} mem M32`, LOAD32, (fpu, bits) => compare(fpu, [0], () => single(bits), false, pops));
  fromMemory(name, `DC /${digit} mem M64`, LOAD64, (fpu, bits) => compare(fpu, [0], () => double(bits), false, pops));
  fromMemory(name.replace("f", "fi"), `DA /${digit} mem M32`, LOAD32, (fpu, bits) =>
    compare(fpu, [0], () => integer(32)(bits), false, pops),
  );
  fromMemory(name.replace("f", "fi"), `DE /${digit} mem M16`, LOAD16, (fpu, bits) =>
    compare(fpu, [0], () => integer(16)(bits), false, pops),
  );
}
x87("fcomp", ["DE /2 reg Eq"], (fpu, index) => compare(fpu, [0, index], register(fpu, index), false, 1));
x87("fcompp", ["DE /3 reg rm=1 Eq"], (fpu) => compare(fpu, [0, 1], register(fpu, 1), false, 2));
x87("fucom", ["DD /4 reg Eq"], (fpu, index) => compare(fpu, [0, index], register(fpu, index), true, 0));
x87("fucomp", ["DD /5 reg Eq"], (fpu, index) => compare(fpu, [0, index], register(fpu, index), true, 1));
x87("fucompp", ["DA /5 reg rm=1 Eq"], (fpu) => compare(fpu, [0, 1], register(fpu, 1), true, 2));
x87("ftst", ["D9 /4 reg rm=4 Eq"], (fpu) => compare(fpu, [0], () => ({ value: float80.zero(0), status: 0 }), false, 0));
x87("fxam", ["D9 /4 reg rm=5 Eq"], (fpu) => {
  const value = fpu.peek(0);
  const sign = value.signExponent & 0x8000 ? C1 : 0;
  fpu.setCodes(C0 | C1 | C2 | C3, fpu.isEmpty(0) ? C3 | C0 | sign : float80.examine(value));
});

for (const [name, opcode, digit, quiet, pops] of [
  ["fcomi", "DB", 6, false, 0],
  ["fcomip", "DF", 6, false, 1],
  ["fucomi", "DB", 5, true, 0],
  ["fucomip", "DF", 5, true, 1],
] as const)
  x87(
    name,
    [`${opcode} /${digit} reg Eq`],
    (fpu, index) => {
      const codes = comparison(fpu, [0, index], register(fpu, index), quiet, true);
      if (codes === undefined) return;
      fpu.core.arithmeticFlags =
        (codes & C0 ? layout.CF : 0) | (codes & C2 ? layout.PF : 0) | (codes & C3 ? layout.ZF : 0);
      for (let n = 0; n < pops; n++) fpu.pop();
    },
    { memory: true, writes: "OSZAPC" },
  );

// ---- loads

fromMemory("fld", "D9 /0 mem M32", LOAD32, (fpu, bits) => pushResult(fpu, float80.loadFloat32(Number(bits))));
fromMemory("fld", "DD /0 mem M64", LOAD64, (fpu, bits) => pushResult(fpu, float80.loadFloat64(bits)));
fromMemory("fild", "DF /0 mem M16", LOAD16, (fpu, bits) => pushResult(fpu, integer(16)(bits)));
fromMemory("fild", "DB /0 mem M32", LOAD32, (fpu, bits) => pushResult(fpu, integer(32)(bits)));
fromMemory("fild", "DF /5 mem M64", LOAD64, (fpu, bits) => pushResult(fpu, integer(64)(bits)));
const pushResult = (fpu: Fpu, { value, status }: Float80Result) => fpu.push(value, status);

const float80At = (fpu: Fpu, address: number): Float80 => {
  const bits = bitsOf(fpu.core.readBytes(address, 10));
  return { mantissa: BigInt.asUintN(64, bits), signExponent: Number(bits >> 64n) };
};
atMemory("fld", ["DB /5 mem M80"], (fpu, address) => fpu.push(float80At(fpu, address)));
atMemory("fbld", ["DF /4 mem M80"], (fpu, address) =>
  fpu.push(float80.fromPackedDecimal(bitsOf(fpu.core.readBytes(address, 10)))),
);
x87("fld", ["D9 /0 reg Eq"], (fpu, index) => {
  if (!fpu.isEmpty(index)) return fpu.push(fpu.peek(index));
  if (fpu.raise(INVALID | STACK_FAULT)) return;
  fpu.top--;
  fpu.put(0, DEFAULT_NAN);
});

/** Constants round by RC: these are the nearest, and what rounding down and up make of them. */
const CONSTANTS: readonly (readonly [string, number, number, bigint, boolean])[] = [
  // name, rm, sign and exponent, significand rounded down, whether nearest is one more
  ["fld1", 0, 0x3fff, 0x8000000000000000n, false],
  ["fldl2t", 1, 0x4000, 0xd49a784bcd1b8afen, false],
  ["fldl2e", 2, 0x3fff, 0xb8aa3b295c17f0bbn, true],
  ["fldpi", 3, 0x4000, 0xc90fdaa22168c234n, true],
  ["fldlg2", 4, 0x3ffd, 0x9a209a84fbcff798n, true],
  ["fldln2", 5, 0x3ffe, 0xb17217f7d1cf79abn, true],
  ["fldz", 6, 0, 0n, false],
];
for (const [name, rm, signExponent, down, nearestUp] of CONSTANTS)
  x87(name, [`D9 /5 reg rm=${rm} Eq`], (fpu) => {
    const rounding = (fpu.control >> 10) & 3;
    const exact = name === "fld1" || name === "fldz";
    const up = !exact && (rounding === 2 || (rounding === 0 && nearestUp));
    fpu.push({ signExponent, mantissa: up ? down + 1n : down });
  });

// ---- stores

type Convert = (value: Float80, control: number) => { bits: bigint; status: number };
const INDEFINITE: Readonly<Record<string, bigint>> = { 2: 0x8000n, 4: 0x80000000n, 8: 0x8000000000000000n };

const storing = (name: string, row: string, size: number, convert: Convert, empty: bigint, pops: boolean) =>
  atMemory(name, [row], (fpu, address) => {
    const isEmpty = fpu.isEmpty(0);
    const { bits, status } = isEmpty
      ? { bits: empty, status: INVALID | STACK_FAULT }
      : convert(fpu.peek(0), fpu.control);
    fpu.core.linear(address, size, true);
    if (fpu.raise(status)) return;
    // Overflow and underflow to memory, unmasked, leave memory and stack as they are too.
    if (status & 0x18 & ~fpu.control) return;
    fpu.core.writeBytes(address, bytesOf(bits, size));
    if (pops) fpu.pop();
  });

const INDEFINITE32 = 0xffc00000n;
const INDEFINITE64 = 0xfff8000000000000n;
storing("fst", "D9 /2 mem M32", 4, float80.toFloat32, INDEFINITE32, false);
storing("fstp", "D9 /3 mem M32", 4, float80.toFloat32, INDEFINITE32, true);
storing("fst", "DD /2 mem M64", 8, float80.toFloat64, INDEFINITE64, false);
storing("fstp", "DD /3 mem M64", 8, float80.toFloat64, INDEFINITE64, true);
storing(
  "fstp",
  "DB /7 mem M80",
  10,
  ({ signExponent, mantissa }) => ({ bits: (BigInt(signExponent) << 64n) | mantissa, status: 0 }),
  0xffffc000000000000000n,
  true,
);
storing("fbstp", "DF /6 mem M80", 10, float80.toPackedDecimal, 0xffffc000000000000000n, true);
for (const [size, opcode] of [
  [2, "DF"],
  [4, "DB"],
] as const) {
  const to: Convert = (value, control) => float80.toInteger(value, size * 8, control);
  storing("fist", `${opcode} /2 mem M${size * 8}`, size, to, INDEFINITE[size], false);
  storing("fistp", `${opcode} /3 mem M${size * 8}`, size, to, INDEFINITE[size], true);
  storing(
    "fisttp",
    `${opcode} /1 mem M${size * 8}`,
    size,
    (value, control) => float80.toInteger(value, size * 8, control, true),
    INDEFINITE[size],
    true,
  );
}
storing("fistp", "DF /7 mem M64", 8, (value, control) => float80.toInteger(value, 64, control), INDEFINITE[8], true);
storing(
  "fisttp",
  "DD /1 mem M64",
  8,
  (value, control) => float80.toInteger(value, 64, control, true),
  INDEFINITE[8],
  true,
);

for (const [name, rows, pops] of [
  ["fst", ["DD /2 reg Eq"], false],
  ["fstp", ["DD /3 reg Eq", "DF /2 reg Eq", "DF /3 reg Eq"], true],
] as const)
  x87(name, rows, (fpu, index) => {
    if (fpu.store(index, [0], () => ({ value: fpu.peek(0), status: 0 })) && pops) fpu.pop();
  });

/** The alias that never complains: an empty st(0) leaves st(i) alone. */
x87("fstpnce", ["D9 /3 reg Eq"], (fpu, index) => {
  if (!fpu.isEmpty(0)) fpu.put(index, fpu.peek(0));
  fpu.setCodes(C1, 0);
  fpu.pop();
});

x87("fxch", ["D9 /1 reg Eq", "DD /1 reg Eq", "DF /1 reg Eq"], (fpu, index) => {
  const empty = fpu.isEmpty(0) || fpu.isEmpty(index);
  const first = fpu.isEmpty(0) ? DEFAULT_NAN : fpu.peek(0);
  const second = fpu.isEmpty(index) ? DEFAULT_NAN : fpu.peek(index);
  if (fpu.raise(empty ? INVALID | STACK_FAULT : 0)) return;
  fpu.put(index, first);
  fpu.put(0, second);
});

for (const [name, opcode, digit, test] of [
  ["fcmovb", "DA", 0, (f: number) => f & layout.CF],
  ["fcmove", "DA", 1, (f: number) => f & layout.ZF],
  ["fcmovbe", "DA", 2, (f: number) => f & (layout.CF | layout.ZF)],
  ["fcmovu", "DA", 3, (f: number) => f & layout.PF],
] as const) {
  const move = (fpu: Fpu, index: number, taken: boolean) => {
    if (fpu.isEmpty(0) || fpu.isEmpty(index)) fpu.store(0, [0, index], () => ({ value: DEFAULT_NAN, status: 0 }));
    else {
      if (taken) fpu.put(0, fpu.peek(index));
    }
  };
  const reads = { memory: true, reads: "CZP" };
  x87(
    name,
    [`${opcode} /${digit} reg Eq`],
    (fpu, index) => move(fpu, index, test(fpu.core.arithmeticFlags) !== 0),
    reads,
  );
  x87(
    name.replace("fcmov", "fcmovn"),
    [`DB /${digit} reg Eq`],
    (fpu, index) => move(fpu, index, test(fpu.core.arithmeticFlags) === 0),
    reads,
  );
}

// ---- control

x87("ffree", ["DD /0 reg Eq"], (fpu, index) => {
  fpu.free(index);
  fpu.setCodes(C1, 0);
});
x87("ffreep", ["DF /0 reg Eq"], (fpu, index) => {
  fpu.free(index);
  fpu.setCodes(C1, 0);
  fpu.pop();
});
x87("fdecstp", ["D9 /6 reg rm=6 Eq"], (fpu) => {
  fpu.top--;
  fpu.setCodes(C1, 0);
});
x87("fincstp", ["D9 /6 reg rm=7 Eq"], (fpu) => {
  fpu.top++;
  fpu.setCodes(C1, 0);
});
x87("fnop/fwait", ["D9 /2 reg rm=0 Eq", "9B"], () => {});

const control = (name: string, rows: readonly string[], run: (x: Emitter, fpu: (core: Core) => Fpu) => void) =>
  instruction(name, rows, MEMORY, (x) => run(x, (core) => new Fpu(core)));
control("fninit", ["DB /4 reg rm=3 Eq"], (x, fpu) => x.runMicrocode((core) => fpu(core).initialise()));
control("fneni/fndisi/fnsetpm", ["DB /4 reg rm=0 Eq", "DB /4 reg rm=1 Eq", "DB /4 reg rm=4 Eq"], () => {});
control("fnclex", ["DB /4 reg rm=2 Eq"], (x, fpu) =>
  x.runMicrocode((core) => {
    const unit = fpu(core);
    unit.status = unit.status & 0x7f00;
  }),
);
control("fnstsw", ["DF /4 reg rm=0 Eq"], (x, fpu) =>
  x.runMicrocode((core) => core.setGpr(0, (core.gpr(0) & ~0xffffn) | BigInt(fpu(core).status))),
);
atMemory(
  "fnstsw",
  ["DD /7 mem M16"],
  (fpu, address) => fpu.core.writeBytes(address, bytesOf(BigInt(fpu.status), 2)),
  false,
);
atMemory(
  "fnstcw",
  ["D9 /7 mem M16"],
  (fpu, address) => fpu.core.writeBytes(address, bytesOf(BigInt(fpu.control), 2)),
  false,
);
fromMemory("fldcw", "D9 /5 mem M16", LOAD16, (fpu, bits) => {
  fpu.control = Number(bits);
});

/** The 28-byte environment of protected mode; pointers are zero. */
function environment(fpu: Fpu): Uint8Array {
  const image = new Uint8Array(28);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0xffff0000 | fpu.control, true);
  view.setUint32(4, 0xffff0000 | fpu.status, true);
  view.setUint32(8, 0xffff0000 | fullTag(fpu), true);
  view.setUint32(24, 0xffff0000, true);
  return image;
}

/** Two bits a register: 0 valid, 1 zero, 2 special, 3 empty. */
function fullTag(fpu: Fpu): number {
  let word = 0;
  for (let physical = 0; physical < 8; physical++) {
    const index = (physical - fpu.top) & 7;
    word |= (fpu.isEmpty(index) ? 3 : classOf(fpu.peek(index))) << (physical * 2);
  }
  return word;
}

function classOf(value: Float80): number {
  const exponent = value.signExponent & 0x7fff;
  if (exponent === 0 && value.mantissa === 0n) return 1;
  return exponent === 0 || exponent === 0x7fff || value.mantissa >> 63n === 0n ? 2 : 0;
}

function loadEnvironment(fpu: Fpu, image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset);
  let tag = 0;
  const full = view.getUint16(8, true);
  for (let physical = 0; physical < 8; physical++) if (((full >> (physical * 2)) & 3) !== 3) tag |= 1 << physical;
  fpu.tag = tag;
  fpu.control = view.getUint16(0, true);
  fpu.status = view.getUint16(4, true);
}

atMemory(
  "fnstenv",
  ["D9 /6 mem M"],
  (fpu, address) => {
    fpu.core.writeBytes(address, environment(fpu));
    fpu.control = fpu.control | 0x3f; // all exceptions masked afterwards
  },
  false,
);
atMemory("fldenv", ["D9 /4 mem M"], (fpu, address) => loadEnvironment(fpu, fpu.core.readBytes(address, 28)));
atMemory(
  "fnsave",
  ["DD /6 mem M"],
  (fpu, address) => {
    const image = new Uint8Array(108);
    image.set(environment(fpu));
    for (let index = 0; index < 8; index++) {
      const { mantissa, signExponent } = fpu.peek(index);
      image.set(bytesOf((BigInt(signExponent) << 64n) | mantissa, 10), 28 + index * 10);
    }
    fpu.core.writeBytes(address, image);
    fpu.initialise();
  },
  false,
);
atMemory("frstor", ["DD /4 mem M"], (fpu, address) => {
  const image = fpu.core.readBytes(address, 108);
  loadEnvironment(fpu, image);
  const { tag } = fpu;
  for (let index = 0; index < 8; index++) {
    const bits = bitsOf(image.subarray(28 + index * 10, 38 + index * 10));
    fpu.put(index, { mantissa: BigInt.asUintN(64, bits), signExponent: Number(bits >> 64n) });
  }
  fpu.tag = tag;
});
