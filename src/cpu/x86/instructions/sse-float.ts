// SSE and SSE2 floating point, SSE3 and SSE4.1 additions. SDM vol. 2. Results are those of round-to-nearest with all exceptions masked.

import { GENERAL_PROTECTION } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { Exception } from "../../core.js";
import { LOAD32 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { type Operator, operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";

/** The four forms of an arithmetic instruction: packed and scalar, single and double. */
interface Form {
  readonly prefix: string;
  readonly suffix: string;
  readonly row: string;
  readonly scalar: boolean;
  readonly double: boolean;
  /** Prefix of the operators' names. */
  readonly shape: string;
}

const FORMS: readonly Form[] = [
  { prefix: "NP", suffix: "ps", row: "Vx,Wx", scalar: false, double: false, shape: "f32x4" },
  { prefix: "66", suffix: "pd", row: "Vx,Wx", scalar: false, double: true, shape: "f64x2" },
  { prefix: "F3", suffix: "ss", row: "Vss,Wss", scalar: true, double: false, shape: "f32" },
  { prefix: "F2", suffix: "sd", row: "Vsd,Wsd", scalar: true, double: true, shape: "f64" },
];

const sourceOf = (x: Emitter, form: Form) => (!form.scalar ? x.vector(1) : form.double ? x.scalar64(1) : x.scalar32(1));
const destinationOf = (x: Emitter, form: Form) =>
  !form.scalar ? x.xmm(x.i.reg) : form.double ? x.lowDouble(x.i.reg) : x.lowSingle(x.i.reg);
const put = (x: Emitter, form: Form, value: Node) =>
  form.scalar ? x.setLow(x.i.reg, value) : x.setXmm(x.i.reg, value);

const arithmetic = (name: string, opcode: string) => {
  for (const form of FORMS) {
    const operator = operatorNamed(`${form.shape}_${name}`);
    const fix = operatorNamed(`fix_nan_${form.shape}`);
    instruction(name + form.suffix, [`${form.prefix} 0F ${opcode} /r ${form.row}`], {}, (x) => {
      const source = sourceOf(x, form);
      const first = destinationOf(x, form);
      put(x, form, x.apply(fix, x.apply(operator, first, source), first, source));
    });
  }
};
arithmetic("add", "58");
arithmetic("mul", "59");
arithmetic("sub", "5C");
arithmetic("div", "5E");

/** MIN and MAX give the second operand when either is a NaN or both are zero: the pseudo-minimum with its operands swapped. */
const extreme = (name: string, opcode: string) => {
  for (const form of FORMS) {
    const pseudo = operatorNamed(`${form.double ? "f64x2" : "f32x4"}_p${name}`);
    const less = form.scalar ? operatorNamed(`${form.shape}_${name === "min" ? "lt" : "gt"}`) : undefined;
    instruction(name + form.suffix, [`${form.prefix} 0F ${opcode} /r ${form.row}`], {}, (x) => {
      const source = sourceOf(x, form);
      const first = destinationOf(x, form);
      put(x, form, less ? x.select(x.apply(less, first, source), first, source) : x.apply(pseudo, source, first));
    });
  }
};
extreme("min", "5D");
extreme("max", "5F");

for (const form of FORMS) {
  const operator = operatorNamed(`${form.shape}_sqrt`);
  const fix = operatorNamed(`fix_nan_${form.shape}`);
  instruction(`sqrt${form.suffix}`, [`${form.prefix} 0F 51 /r ${form.row}`], {}, (x) => {
    const source = sourceOf(x, form);
    put(x, form, x.apply(fix, x.apply(operator, source), source, source));
  });
}

const bitwise = (name: string, opcode: string, combine: (x: Emitter, a: Node, b: Node) => Node) =>
  instruction(name, [`NP 0F ${opcode} /r Vx,Wx`, `66 0F ${opcode} /r Vx,Wx`], {}, (x) => {
    const source = x.vector(1);
    x.setXmm(x.i.reg, combine(x, x.xmm(x.i.reg), source));
  });
const AND = operatorNamed("v128_and");
const ANDNOT = operatorNamed("v128_andnot");
const OR = operatorNamed("v128_or");
const XOR = operatorNamed("v128_xor");
bitwise("andps/andpd", "54", (x, a, b) => x.apply(AND, a, b));
bitwise("andnps/andnpd", "55", (x, a, b) => x.apply(ANDNOT, b, a));
bitwise("orps/orpd", "56", (x, a, b) => x.apply(OR, a, b));
bitwise("xorps/xorpd", "57", (x, a, b) => (x.i.mod === 3 && x.i.reg === x.i.rm ? x.zeroVector() : x.apply(XOR, a, b)));

/** UCOMISx / COMISx: ZF PF CF; unordered sets all three. */
for (const [name, opcode] of [
  ["ucomis", "2E"],
  ["comis", "2F"],
]) {
  for (const form of FORMS.slice(2)) {
    const compare = (kind: string) => operatorNamed(`${form.shape}_${kind}`);
    const [lt, eq, ne] = [compare("lt"), compare("eq"), compare("ne")];
    instruction(
      `${name}${form.double ? "d" : "s"}`,
      [`${form.double ? "66" : "NP"} 0F ${opcode} /r ${form.row}`],
      { writes: "OSZAPC" },
      (x) => {
        const source = sourceOf(x, form);
        const first = destinationOf(x, form);
        const unordered = x.or(x.apply(ne, first, first), x.apply(ne, source, source));
        const carry = x.or(x.apply(lt, first, source), unordered);
        const zero = x.or(x.apply(eq, first, source), unordered);
        const all = x.or(x.or(carry, x.shl(unordered, x.i32(2))), x.shl(zero, x.i32(6)));
        x.setLazy(flags.EXPLICIT, 8, all);
      },
    );
  }
}

/** CMPxx by predicate: eq lt le unord neq nlt nle ord. */
for (const form of FORMS) {
  const kinds = ["eq", "lt", "le", "ne"].map((kind) => operatorNamed(`${form.double ? "f64x2" : "f32x4"}_${kind}`));
  instruction(`cmp${form.suffix}`, [`${form.prefix} 0F C2 /r ${form.row},Ib`], {}, (x) => {
    const whole = form.scalar ? widened(x, form) : x.vector(1);
    const first = x.xmm(x.i.reg);
    const result = compared(x, kinds, x.i.immediate & 7, first, whole);
    if (!form.scalar) return x.setXmm(x.i.reg, result);
    x.setLow(x.i.reg, form.double ? x.lane(I64_EXTRACT, 0, result) : x.lane(I32_EXTRACT, 0, result));
  });
}
const I64_EXTRACT = operatorNamed("i64x2_extract_lane");
const I32_EXTRACT = operatorNamed("i32x4_extract_lane");
const NOT = operatorNamed("v128_not");
const F64_SPLAT = operatorNamed("f64x2_splat");
const F32_SPLAT = operatorNamed("f32x4_splat");

const widened = (x: Emitter, form: Form) => x.apply(form.double ? F64_SPLAT : F32_SPLAT, sourceOf(x, form));

function compared(x: Emitter, [eq, lt, le, ne]: readonly Operator[], predicate: number, a: Node, b: Node): Node {
  const unordered = () => x.apply(OR, x.apply(ne, a, a), x.apply(ne, b, b));
  switch (predicate) {
    case 0:
      return x.apply(eq, a, b);
    case 1:
      return x.apply(lt, a, b);
    case 2:
      return x.apply(le, a, b);
    case 3:
      return unordered();
    case 4:
      return x.apply(ne, a, b);
    case 5:
      return x.apply(NOT, x.apply(lt, a, b));
    case 6:
      return x.apply(NOT, x.apply(le, a, b));
    default:
      return x.apply(NOT, unordered());
  }
}

// ---- conversions

const F64_OF_I32 = operatorNamed("f64_convert_i32_s");
const F64_OF_I64 = operatorNamed("f64_convert_i64_s");
const F32_OF_I32 = operatorNamed("f32_convert_i32_s");
const F32_OF_I64 = operatorNamed("f32_convert_i64_s");
const PROMOTE = operatorNamed("f64_promote_f32");
const DEMOTE = operatorNamed("f32_demote_f64");

instruction("cvtsi2sd", ["F2 0F 2A /r Vsd,Ey"], {}, (x) => {
  const value = x.read(1);
  x.setLow(x.i.reg, x.apply(x.bits(1) === 64 ? F64_OF_I64 : F64_OF_I32, value));
});
instruction("cvtsi2ss", ["F3 0F 2A /r Vss,Ey"], {}, (x) => {
  const value = x.read(1);
  x.setLow(x.i.reg, x.apply(x.bits(1) === 64 ? F32_OF_I64 : F32_OF_I32, value));
});
instruction("cvtss2sd", ["F3 0F 5A /r Vsd,Wss"], {}, (x) => x.setLow(x.i.reg, x.apply(PROMOTE, x.scalar32(1))));
instruction("cvtsd2ss", ["F2 0F 5A /r Vss,Wsd"], {}, (x) => x.setLow(x.i.reg, x.apply(DEMOTE, x.scalar64(1))));

/** To integer; out of range and NaN give the "integer indefinite", 0x80..0. */
function toInteger(x: Emitter, value: Node, bits: number): Node {
  const limit = bits === 64 ? 2 ** 63 : 2 ** 31;
  const at = (number: number) => x.apply(operatorNamed("f64_reinterpret_i64"), doubleBits(x, number));
  // -limit <= value < limit in whole numbers; the 32-bit range has room for the fraction below.
  const inside = x.and(
    bits === 64
      ? x.apply(operatorNamed("f64_ge"), value, at(-limit))
      : x.apply(operatorNamed("f64_gt"), value, at(-limit - 1)),
    x.apply(operatorNamed("f64_lt"), value, at(limit)),
  );
  // The conversion would trap outside: it is given 0 instead.
  const safe = x.select(inside, value, at(0));
  const converted = x.apply(operatorNamed(bits === 64 ? "i64_trunc_f64_s" : "i32_trunc_f64_s"), safe);
  return x.select(inside, converted, bits === 64 ? x.i64(0, 0x80000000) : x.i32(0x80000000));
}

const NEAREST = operatorNamed("f64_nearest");
const bitsView = new DataView(new ArrayBuffer(8));
function doubleBits(x: Emitter, value: number): Node {
  bitsView.setFloat64(0, value);
  return x.i64(bitsView.getInt32(4), bitsView.getInt32(0));
}

for (const [name, opcode, round] of [
  ["cvtt", "2C", false],
  ["cvt", "2D", true],
] as const) {
  instruction(`${name}sd2si`, [`F2 0F ${opcode} /r Gy,Wsd`], {}, (x) => {
    const value = x.scalar64(1);
    x.write(0, toInteger(x, round ? x.apply(NEAREST, value) : value, x.bits(0)));
  });
  instruction(`${name}ss2si`, [`F3 0F ${opcode} /r Gy,Wss`], {}, (x) => {
    const value = x.apply(PROMOTE, x.scalar32(1));
    x.write(0, toInteger(x, round ? x.apply(NEAREST, value) : value, x.bits(0)));
  });
}

instruction("cvtps2pd", ["NP 0F 5A /r Vx,Wq"], {}, (x) =>
  x.setXmm(x.i.reg, x.apply(operatorNamed("f64x2_promote_low_f32x4"), x.vector(1))),
);
instruction("cvtpd2ps", ["66 0F 5A /r Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, x.apply(operatorNamed("f32x4_demote_f64x2_zero"), x.vector(1))),
);
instruction("cvtdq2ps", ["NP 0F 5B /r Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, x.apply(operatorNamed("f32x4_convert_i32x4_s"), x.vector(1))),
);
instruction("cvtdq2pd", ["F3 0F E6 /r Vx,Wq"], {}, (x) =>
  x.setXmm(x.i.reg, x.apply(operatorNamed("f64x2_convert_low_i32x4_s"), x.vector(1))),
);

/** Saturated lanes to the integer indefinite: where the value is a NaN or not below 2^31. */
function packedToInteger(x: Emitter, value: Node, double: boolean): Node {
  const shape = double ? "f64x2" : "f32x4";
  const converted = x.apply(operatorNamed(double ? "i32x4_trunc_sat_f64x2_s_zero" : "i32x4_trunc_sat_f32x4_s"), value);
  const limit = double
    ? x.apply(F64_SPLAT, x.apply(operatorNamed("f64_reinterpret_i64"), doubleBits(x, 2 ** 31)))
    : x.apply(F32_SPLAT, x.apply(operatorNamed("f32_reinterpret_i32"), x.i32(0x4f000000)));
  const inside = x.apply(operatorNamed(`${shape}_lt`), value, limit);
  const bad = double
    ? x.shuffle(x.apply(NOT, inside), x.zeroVector(), [0, 1, 2, 3, 8, 9, 10, 11, 16, 16, 16, 16, 16, 16, 16, 16])
    : x.apply(NOT, inside);
  const indefinite = x.apply(operatorNamed("i32x4_splat"), x.i32(0x80000000));
  // Below -2^31 saturation already gives 0x80000000.
  return x.apply(operatorNamed("v128_bitselect"), indefinite, converted, bad);
}
instruction("cvttps2dq", ["F3 0F 5B /r Vx,Wx"], {}, (x) => x.setXmm(x.i.reg, packedToInteger(x, x.vector(1), false)));
instruction("cvtps2dq", ["66 0F 5B /r Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, packedToInteger(x, x.apply(operatorNamed("f32x4_nearest"), x.vector(1)), false)),
);
instruction("cvttpd2dq", ["66 0F E6 /r Vx,Wx"], {}, (x) => x.setXmm(x.i.reg, packedToInteger(x, x.vector(1), true)));
instruction("cvtpd2dq", ["F2 0F E6 /r Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, packedToInteger(x, x.apply(operatorNamed("f64x2_nearest"), x.vector(1)), true)),
);

/** ROUNDxx by its immediate: nearest, down, up, toward zero. Rounding by MXCSR (bit 2) is round to nearest here. */
const ROUNDS = ["nearest", "floor", "ceil", "trunc"];
for (const [index, form] of FORMS.entries()) {
  const opcode = ["08", "09", "0A", "0B"][index];
  instruction(`round${form.suffix}`, [`66 0F 3A ${opcode} /r ${form.row},Ib`], {}, (x) => {
    const mode = x.i.immediate & 4 ? 0 : x.i.immediate & 3;
    const source = sourceOf(x, form);
    const rounded = x.apply(operatorNamed(`${form.shape}_${ROUNDS[mode]}`), source);
    put(x, form, x.apply(operatorNamed(`fix_nan_${form.shape}`), rounded, source, source));
  });
}

// ---- horizontal

const EVEN = {
  f32x4: [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
  f64x2: [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
};
const oddOf = (lanes: readonly number[], bytes: number) => lanes.map((lane) => lane + bytes);
for (const [name, opcode] of [
  ["hadd", "7C"],
  ["hsub", "7D"],
]) {
  for (const [suffix, prefix, shape] of [
    ["ps", "F2", "f32x4"],
    ["pd", "66", "f64x2"],
  ] as const) {
    const operator = operatorNamed(`${shape}_${name.slice(1)}`);
    const fix = operatorNamed(`fix_nan_${shape}`);
    instruction(name + suffix, [`${prefix} 0F ${opcode} /r Vx,Wx`], {}, (x) => {
      const source = x.vector(1);
      const first = x.xmm(x.i.reg);
      const even = x.shuffle(first, source, EVEN[shape]);
      const odd = x.shuffle(first, source, oddOf(EVEN[shape], shape === "f32x4" ? 4 : 8));
      x.setXmm(x.i.reg, x.apply(fix, x.apply(operator, even, odd), even, odd));
    });
  }
}
for (const [suffix, prefix, shape] of [
  ["ps", "F2", "f32x4"],
  ["pd", "66", "f64x2"],
] as const) {
  const fix = operatorNamed(`fix_nan_${shape}`);
  const bytes = shape === "f32x4" ? 4 : 8;
  const mix = Array.from({ length: 16 }, (_, n) => (Math.floor(n / bytes) % 2 === 0 ? n : n + 16));
  instruction(`addsub${suffix}`, [`${prefix} 0F D0 /r Vx,Wx`], {}, (x) => {
    const source = x.vector(1);
    const first = x.xmm(x.i.reg);
    const down = x.apply(operatorNamed(`${shape}_sub`), first, source);
    const up = x.apply(operatorNamed(`${shape}_add`), first, source);
    x.setXmm(x.i.reg, x.apply(fix, x.shuffle(down, up, mix), first, source));
  });
}

// ---- approximations: the processor's tables are its own; these are within its documented error

for (const [name, opcode] of [
  ["rsqrt", "52"],
  ["rcp", "53"],
]) {
  for (const form of [FORMS[0], FORMS[2]]) {
    instruction(name + form.suffix, [`${form.prefix} 0F ${opcode} /r ${form.row}`], {}, (x) => {
      const source = sourceOf(x, form);
      const one = form.scalar
        ? x.apply(operatorNamed("f32_reinterpret_i32"), x.i32(0x3f800000))
        : x.apply(F32_SPLAT, x.apply(operatorNamed("f32_reinterpret_i32"), x.i32(0x3f800000)));
      const divisor = name === "rcp" ? source : x.apply(operatorNamed(`${form.shape}_sqrt`), source);
      const quotient = x.apply(operatorNamed(`${form.shape}_div`), one, divisor);
      put(x, form, x.apply(operatorNamed(`fix_nan_${form.shape}`), quotient, source, source));
    });
  }
}

// ---- control

instruction("ldmxcsr", ["NP 0F AE /2 mem M32"], {}, (x) => {
  const value = x.load(LOAD32, x.effectiveAddress());
  x.stateStoreScratch(x.extendU(value));
  x.runMicrocode((core) => {
    const mxcsr = Number(core.scratch64());
    if (mxcsr & ~0xffff) throw new Exception(GENERAL_PROTECTION);
    core.setState32(layout.OFFSET_MXCSR, mxcsr);
  });
});
instruction("stmxcsr", ["NP 0F AE /3 mem M32"], {}, (x) =>
  x.store(LOAD32, x.effectiveAddress(), x.stateLoad(layout.OFFSET_MXCSR, LOAD32)),
);

// ---- dot products

for (const [name, opcode, shape, bytes] of [
  ["dpps", "40", "f32x4", 4],
  ["dppd", "41", "f64x2", 8],
] as const) {
  const count = 16 / bytes;
  const laneMask = (bits: number) =>
    Uint8Array.from({ length: 16 }, (_, n) => ((bits >> Math.floor(n / bytes)) & 1 ? 0xff : 0));
  const lanes = (from: (n: number) => number) => Array.from({ length: 16 }, (_, n) => from(n));
  instruction(name, [`66 0F 3A ${opcode} /r Vx,Wx,Ib`], {}, (x) => {
    const source = x.vector(1);
    const first = x.xmm(x.i.reg);
    const fixed = (operation: string, a: Node, b: Node) =>
      x.apply(operatorNamed(`fix_nan_${shape}`), x.apply(operatorNamed(`${shape}_${operation}`), a, b), a, b);
    let sum = x.apply(AND, fixed("mul", first, source), x.v128(laneMask(x.i.immediate >> 4)));
    // The order of the terms shows when both are NaNs: the same in both lanes of a pair, each pair first in its own half.
    sum = fixed(
      "add",
      x.shuffle(
        sum,
        sum,
        lanes((n) => n & ~bytes),
      ),
      x.shuffle(
        sum,
        sum,
        lanes((n) => n | bytes),
      ),
    );
    if (count === 4)
      sum = fixed(
        "add",
        sum,
        x.shuffle(
          sum,
          sum,
          lanes((n) => n ^ 8),
        ),
      );
    x.setXmm(x.i.reg, x.apply(AND, sum, x.v128(laneMask(x.i.immediate))));
  });
}
