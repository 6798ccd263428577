// x87 loads, stores, exchanges and conditional moves. SDM vol. 2.
import * as float80 from "../../../lib/float80/float80.js";
import { C1, DEFAULT_NAN, type Float80, type Float80Result } from "../../../lib/float80/float80.js";
import * as layout from "../../../machine/state-layout.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import { type Fpu, PRECOMPUTATION } from "../fpu.js";
import { ACCESS } from "../vector-emitter.js";
import {
  atMemory,
  bitsOf,
  bytesOf,
  fromMemory,
  INVALID,
  integer,
  MEMORY,
  OVERFLOW,
  quickly,
  STACK_FAULT,
  UNDERFLOW,
  x87,
} from "../x87-forms.js";
import * as quick from "../x87-quick.js";
import { operation } from "../x87-quick.js";

// ---- loads

const pushed = (convert: number) => [operation(convert), operation(quick.PUSH, quick.CONVERTED)] as const;
fromMemory(
  "fld",
  "D9 /0 mem M32",
  LOAD32,
  (fpu, bits) => pushResult(fpu, float80.loadFloat32(Number(bits))),
  "computing",
  pushed(quick.FROM_FLOAT32),
);
fromMemory(
  "fld",
  "DD /0 mem M64",
  LOAD64,
  (fpu, bits) => pushResult(fpu, float80.loadFloat64(bits)),
  "computing",
  pushed(quick.FROM_FLOAT64),
);
fromMemory(
  "fild",
  "DF /0 mem M16",
  LOAD16,
  (fpu, bits) => pushResult(fpu, integer(16)(bits)),
  "computing",
  pushed(quick.FROM_INT16),
);
fromMemory(
  "fild",
  "DB /0 mem M32",
  LOAD32,
  (fpu, bits) => pushResult(fpu, integer(32)(bits)),
  "computing",
  pushed(quick.FROM_INT32),
);
fromMemory(
  "fild",
  "DF /5 mem M64",
  LOAD64,
  (fpu, bits) => pushResult(fpu, integer(64)(bits)),
  "computing",
  pushed(quick.FROM_INT64),
);
const pushResult = (fpu: Fpu, { value, status }: Float80Result) => fpu.push(value, status);

const float80At = (fpu: Fpu, address: number): Float80 => {
  const bits = bitsOf(fpu.core.readBytes(address, 10));
  return { mantissa: BigInt.asUintN(64, bits), signExponent: Number(bits >> 64n) };
};
atMemory("fld", ["DB /5 mem M80"], (fpu, address) => fpu.push(float80At(fpu, address)));
atMemory("fbld", ["DF /4 mem M80"], (fpu, address) =>
  fpu.push(float80.fromPackedDecimal(bitsOf(fpu.core.readBytes(address, 10)))),
);
quickly(
  "fld",
  ["D9 /0 reg Eq"],
  (index) => operation(quick.PUSH, index),
  (fpu, index) => {
    if (!fpu.isEmpty(index)) return fpu.push(fpu.peek(index));
    if (fpu.raise(INVALID | STACK_FAULT)) return;
    fpu.top--;
    fpu.put(0, DEFAULT_NAN);
  },
);

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
  x87(
    name,
    [`D9 /5 reg rm=${rm} Eq`],
    (fpu) => {
      const rounding = (fpu.control >> 10) & 3;
      const exact = name === "fld1" || name === "fldz";
      const up = !exact && (rounding === 2 || (rounding === 0 && nearestUp));
      fpu.push({ signExponent, mantissa: up ? down + 1n : down });
    },
    MEMORY,
    "computing",
    name === "fld1" ? () => operation(quick.PUSH_ONE) : name === "fldz" ? () => operation(quick.PUSH_ZERO) : undefined,
  );

// ---- stores

type Convert = (value: Float80, control: number) => { bits: bigint; status: number };
const INDEFINITE: Readonly<Record<string, bigint>> = { 2: 0x8000n, 4: 0x80000000n, 8: 0x8000000000000000n };

const storing = (
  name: string,
  row: string,
  size: number,
  convert: Convert,
  empty: bigint,
  pops: boolean,
  kind?: number,
) =>
  atMemory(
    name,
    [row],
    (fpu, address) => {
      const isEmpty = fpu.isEmpty(0);
      const { bits, status } = isEmpty
        ? { bits: empty, status: INVALID | STACK_FAULT }
        : convert(fpu.peek(0), fpu.control);
      // Overflow and underflow to memory, unmasked, leave memory and stack as they are too.
      const stops = (status & (PRECOMPUTATION | OVERFLOW | UNDERFLOW) & ~fpu.control) !== 0;
      const bytes = bytesOf(bits, size);
      // The processor stores the decimal digits in two steps: a fault can come between them.
      if (name === "fbstp" && !stops) fpu.core.writeBytes(address, bytes.subarray(0, 8));
      if (!stops) fpu.core.linear(address, size, true);
      fpu.raise(status);
      if (stops) return;
      fpu.core.writeBytes(address, bytes);
      if (pops) fpu.pop();
    },
    "computing",
    kind === undefined ? undefined : { operation: kind, access: ACCESS[size * 8], pops },
  );

const TO_INTEGER: Readonly<Record<number, number>> = { 2: quick.TO_INT16, 4: quick.TO_INT32, 8: quick.TO_INT64 };
const INDEFINITE32 = 0xffc00000n;
const INDEFINITE64 = 0xfff8000000000000n;
storing("fst", "D9 /2 mem M32", 4, float80.toFloat32, INDEFINITE32, false, quick.TO_FLOAT32);
storing("fstp", "D9 /3 mem M32", 4, float80.toFloat32, INDEFINITE32, true, quick.TO_FLOAT32);
storing("fst", "DD /2 mem M64", 8, float80.toFloat64, INDEFINITE64, false, quick.TO_FLOAT64);
storing("fstp", "DD /3 mem M64", 8, float80.toFloat64, INDEFINITE64, true, quick.TO_FLOAT64);
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
  storing("fist", `${opcode} /2 mem M${size * 8}`, size, to, INDEFINITE[size], false, TO_INTEGER[size]);
  storing("fistp", `${opcode} /3 mem M${size * 8}`, size, to, INDEFINITE[size], true, TO_INTEGER[size]);
  storing(
    "fisttp",
    `${opcode} /1 mem M${size * 8}`,
    size,
    (value, control) => float80.toInteger(value, size * 8, control, true),
    INDEFINITE[size],
    true,
    TO_INTEGER[size] | quick.TRUNCATED,
  );
}
storing(
  "fistp",
  "DF /7 mem M64",
  8,
  (value, control) => float80.toInteger(value, 64, control),
  INDEFINITE[8],
  true,
  TO_INTEGER[8],
);
storing(
  "fisttp",
  "DD /1 mem M64",
  8,
  (value, control) => float80.toInteger(value, 64, control, true),
  INDEFINITE[8],
  true,
  TO_INTEGER[8] | quick.TRUNCATED,
);

for (const [name, rows, pops] of [
  ["fst", ["DD /2 reg Eq"], false],
  ["fstp", ["DD /3 reg Eq", "DF /2 reg Eq", "DF /3 reg Eq"], true],
] as const)
  quickly(
    name,
    rows,
    (index) => operation(quick.MOVE, 0, 0, index, pops ? 1 : 0),
    (fpu, index) => {
      if (fpu.store(index, [0], () => ({ value: fpu.peek(0), status: 0 })) && pops) fpu.pop();
    },
  );

/** The alias that never complains: an empty st(0) leaves st(i) alone. */
x87("fstpnce", ["D9 /3 reg Eq"], (fpu, index) => {
  if (!fpu.isEmpty(0)) fpu.put(index, fpu.peek(0));
  fpu.setCodes(C1, 0);
  fpu.pop();
});

quickly(
  "fxch",
  ["D9 /1 reg Eq", "DD /1 reg Eq", "DF /1 reg Eq"],
  (index) => operation(quick.EXCHANGE, 0, index),
  (fpu, index) => {
    const empty = fpu.isEmpty(0) || fpu.isEmpty(index);
    const first = fpu.isEmpty(0) ? DEFAULT_NAN : fpu.peek(0);
    const second = fpu.isEmpty(index) ? DEFAULT_NAN : fpu.peek(index);
    if (fpu.raise(empty ? INVALID | STACK_FAULT : 0)) return;
    fpu.put(index, first);
    fpu.put(0, second);
  },
);

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
