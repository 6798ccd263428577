// SSE and SSE2 floating point, SSE3 and SSE4.1 additions. SDM vol. 2. What they compute is in float-arithmetic.ts.

import { GENERAL_PROTECTION } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { Exception } from "../../core.js";
import { LOAD32 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import type { Shape } from "../float-arithmetic.js";
import * as float from "../float-arithmetic.js";
import { compute, type FloatOperation } from "../float-operation.js";
import { instruction } from "../opcode-table.js";

/** The four forms of an arithmetic instruction: packed and scalar, single and double. */
interface Form {
  readonly prefix: string;
  readonly suffix: string;
  readonly row: string;
  readonly scalar: boolean;
  readonly double: boolean;
  readonly shape: Shape;
}

const FORMS: readonly Form[] = [
  { prefix: "NP", suffix: "ps", row: "Vx,Wx", scalar: false, double: false, shape: "f32x4" },
  { prefix: "66", suffix: "pd", row: "Vx,Wx", scalar: false, double: true, shape: "f64x2" },
  { prefix: "F3", suffix: "ss", row: "Vss,Wss", scalar: true, double: false, shape: "f32" },
  { prefix: "F2", suffix: "sd", row: "Vsd,Wsd", scalar: true, double: true, shape: "f64" },
];

const FLOAT = { float: true };

const sourceOf = (x: Emitter, form: Form) => (!form.scalar ? x.vector(1) : form.double ? x.scalar64(1) : x.scalar32(1));
const destinationOf = (x: Emitter, form: Form) =>
  !form.scalar ? x.xmm(x.i.reg) : form.double ? x.lowDouble(x.i.reg) : x.lowSingle(x.i.reg);
const put = (x: Emitter, form: Form, value: Node) =>
  form.scalar ? x.setLow(x.i.reg, value) : x.setXmm(x.i.reg, value);

/** Instructions of two operands in all four forms. */
const binary = (name: string, opcode: string, operation: (shape: Shape) => FloatOperation) => {
  for (const form of FORMS) {
    const computed = operation(form.shape);
    instruction(name + form.suffix, [`${form.prefix} 0F ${opcode} /r ${form.row}`], FLOAT, (x) => {
      const source = sourceOf(x, form);
      put(x, form, compute(x, computed, destinationOf(x, form), source));
    });
  }
};
binary("add", "58", (shape) => float.arithmetic("add", shape));
binary("mul", "59", (shape) => float.arithmetic("mul", shape));
binary("sub", "5C", (shape) => float.arithmetic("sub", shape));
binary("div", "5E", (shape) => float.arithmetic("div", shape));
binary("min", "5D", (shape) => float.extreme("min", shape));
binary("max", "5F", (shape) => float.extreme("max", shape));

for (const form of FORMS) {
  const root = float.squareRoot(form.shape);
  instruction(`sqrt${form.suffix}`, [`${form.prefix} 0F 51 /r ${form.row}`], FLOAT, (x) =>
    put(x, form, compute(x, root, sourceOf(x, form))),
  );
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

for (const [name, opcode, signalQuiet] of [
  ["ucomis", "2E", false],
  ["comis", "2F", true],
] as const)
  for (const [suffix, prefix, shape, row] of [
    ["s", "NP", "f32", "Vss,Wss"],
    ["d", "66", "f64", "Vsd,Wsd"],
  ] as const) {
    const ordering = float.ordering(shape, signalQuiet);
    instruction(name + suffix, [`${prefix} 0F ${opcode} /r ${row}`], { writes: "OSZAPC", float: true }, (x) => {
      const source = shape === "f64" ? x.scalar64(1) : x.scalar32(1);
      const first = shape === "f64" ? x.lowDouble(x.i.reg) : x.lowSingle(x.i.reg);
      x.setLazy(flags.EXPLICIT, 8, compute(x, ordering, first, source));
    });
  }

for (const form of FORMS)
  instruction(`cmp${form.suffix}`, [`${form.prefix} 0F C2 /r ${form.row},Ib`], FLOAT, (x) => {
    const source = form.scalar ? widened(x, form) : x.vector(1);
    const result = compute(x, float.comparison(x.i.immediate & 7, form.shape), x.xmm(x.i.reg), source);
    if (!form.scalar) return x.setXmm(x.i.reg, result);
    x.setLow(x.i.reg, form.double ? x.lane(I64_EXTRACT, 0, result) : x.lane(I32_EXTRACT, 0, result));
  });
const I64_EXTRACT = operatorNamed("i64x2_extract_lane");
const I32_EXTRACT = operatorNamed("i32x4_extract_lane");
const F64_SPLAT = operatorNamed("f64x2_splat");
const F32_SPLAT = operatorNamed("f32x4_splat");

const widened = (x: Emitter, form: Form) => x.apply(form.double ? F64_SPLAT : F32_SPLAT, sourceOf(x, form));

// ---- conversions

for (const [suffix, prefix, shape, row] of [
  ["sd", "F2", "f64", "Vsd"],
  ["ss", "F3", "f32", "Vss"],
] as const) {
  const [narrow, wide] = [float.fromInteger(shape, 32), float.fromInteger(shape, 64)];
  instruction(`cvtsi2${suffix}`, [`${prefix} 0F 2A /r ${row},Ey`], FLOAT, (x) =>
    x.setLow(x.i.reg, compute(x, x.bits(1) === 64 ? wide : narrow, x.read(1))),
  );
  for (const [name, opcode, truncate] of [
    ["cvtt", "2C", true],
    ["cvt", "2D", false],
  ] as const) {
    const [to32, to64] = [float.toInteger(shape, 32, truncate), float.toInteger(shape, 64, truncate)];
    instruction(`${name}${suffix}2si`, [`${prefix} 0F ${opcode} /r Gy,${row.replace("V", "W")}`], FLOAT, (x) => {
      const value = shape === "f64" ? x.scalar64(1) : x.scalar32(1);
      x.write(0, compute(x, x.bits(0) === 64 ? to64 : to32, value));
    });
  }
}
instruction("cvtss2sd", ["F3 0F 5A /r Vsd,Wss"], FLOAT, (x) =>
  x.setLow(x.i.reg, compute(x, float.WIDEN, x.scalar32(1))),
);
instruction("cvtsd2ss", ["F2 0F 5A /r Vss,Wsd"], FLOAT, (x) =>
  x.setLow(x.i.reg, compute(x, float.NARROW, x.scalar64(1))),
);

const packed = (name: string, row: string, operation: FloatOperation) =>
  instruction(name, [row], FLOAT, (x) => x.setXmm(x.i.reg, compute(x, operation, x.vector(1))));
packed("cvtps2pd", "NP 0F 5A /r Vx,Wq", float.WIDEN_PACKED);
packed("cvtpd2ps", "66 0F 5A /r Vx,Wx", float.NARROW_PACKED);
packed("cvtdq2ps", "NP 0F 5B /r Vx,Wx", float.SINGLES_OF_INTEGERS);
packed("cvttps2dq", "F3 0F 5B /r Vx,Wx", float.toIntegers("f32x4", true));
packed("cvtps2dq", "66 0F 5B /r Vx,Wx", float.toIntegers("f32x4", false));
packed("cvttpd2dq", "66 0F E6 /r Vx,Wx", float.toIntegers("f64x2", true));
packed("cvtpd2dq", "F2 0F E6 /r Vx,Wx", float.toIntegers("f64x2", false));
/** Always exact. */
instruction("cvtdq2pd", ["F3 0F E6 /r Vx,Wq"], {}, (x) =>
  x.setXmm(x.i.reg, x.apply(operatorNamed("f64x2_convert_low_i32x4_s"), x.vector(1))),
);

for (const [index, form] of FORMS.entries()) {
  const opcode = ["08", "09", "0A", "0B"][index];
  instruction(`round${form.suffix}`, [`66 0F 3A ${opcode} /r ${form.row},Ib`], FLOAT, (x) =>
    put(x, form, compute(x, float.rounding(x.i.immediate & 15, form.shape), sourceOf(x, form))),
  );
}

// ---- horizontal

const EVEN = {
  f32x4: [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
  f64x2: [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
};
const oddOf = (lanes: readonly number[], bytes: number) => lanes.map((lane) => lane + bytes);
const PACKED = [
  ["ps", "F2", "f32x4", 4],
  ["pd", "66", "f64x2", 8],
] as const;
for (const [suffix, prefix, shape, bytes] of PACKED) {
  for (const [name, opcode, operation] of [
    ["hadd", "7C", "add"],
    ["hsub", "7D", "sub"],
  ] as const)
    instruction(name + suffix, [`${prefix} 0F ${opcode} /r Vx,Wx`], FLOAT, (x) => {
      const source = x.vector(1);
      const first = x.xmm(x.i.reg);
      const even = x.shuffle(first, source, EVEN[shape]);
      const odd = x.shuffle(first, source, oddOf(EVEN[shape], bytes));
      x.setXmm(x.i.reg, compute(x, float.arithmetic(operation, shape), even, odd));
    });
  instruction(`addsub${suffix}`, [`${prefix} 0F D0 /r Vx,Wx`], FLOAT, (x) => {
    const source = x.vector(1);
    x.setXmm(x.i.reg, compute(x, float.addSubtract(shape), x.xmm(x.i.reg), source));
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
    core.loadMxcsr(mxcsr);
  });
});
instruction("stmxcsr", ["NP 0F AE /3 mem M32"], {}, (x) =>
  x.store(LOAD32, x.effectiveAddress(), x.stateLoad(layout.OFFSET_MXCSR, LOAD32)),
);

// ---- dot products: products and sums are instructions of their own as far as exceptions go

for (const [name, opcode, shape, bytes] of [
  ["dpps", "40", "f32x4", 4],
  ["dppd", "41", "f64x2", 8],
] as const) {
  const laneMask = (bits: number) =>
    Uint8Array.from({ length: 16 }, (_, n) => ((bits >> Math.floor(n / bytes)) & 1 ? 0xff : 0));
  const moved = (x: Emitter, value: Node, from: (n: number) => number) =>
    x.shuffle(
      value,
      value,
      Array.from({ length: 16 }, (_, n) => from(n)),
    );
  const multiply = float.arithmetic("mul", shape);
  const add = float.arithmetic("add", shape);
  instruction(name, [`66 0F 3A ${opcode} /r Vx,Wx,Ib`], FLOAT, (x) => {
    const source = x.vector(1);
    const chosen = x.v128(laneMask(x.i.immediate >> 4));
    // Zeros in both operands: an element that does not count raises nothing.
    let sum = compute(x, multiply, x.apply(AND, x.xmm(x.i.reg), chosen), x.apply(AND, source, chosen));
    // The order of the terms shows when both are NaNs.
    sum = compute(
      x,
      add,
      moved(x, sum, (n) => n ^ bytes),
      sum,
    );
    if (bytes === 4)
      sum = compute(
        x,
        add,
        sum,
        moved(x, sum, (n) => n ^ 8),
      );
    x.setXmm(x.i.reg, x.apply(AND, sum, x.v128(laneMask(x.i.immediate))));
  });
}
