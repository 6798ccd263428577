// Floating point of SSE to SSE4.1 and AVX. SDM vol. 2. What the instructions compute is in float-arithmetic.ts.

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
import { compute, computeParts, type FloatOperation } from "../float-operation.js";
import { instruction, vexRow } from "../opcode-table.js";
import { emitPacked, firstHalves, lanesOf, type Packed, packedRows } from "../packed-forms.js";

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

const sourceOf = (x: Emitter, form: Form) => (form.double ? x.scalar64(x.second) : x.scalar32(x.second));
const firstOf = (x: Emitter, form: Form) => (form.double ? x.lowDouble(x.first) : x.lowSingle(x.first));

/** The destination's parts from those of both sources. */
function emitParts(x: Emitter, operation: FloatOperation): void {
  const second = x.halves(x.second);
  const parts = firstHalves(x).map((first, half) => [first, second[half]]);
  x.setHalves(0, computeParts(x, operation, parts));
}

/** From those of the second source alone. */
function emitUnaryParts(x: Emitter, operation: FloatOperation): void {
  const parts = x.halves(x.second).map((half) => [half]);
  x.setHalves(0, computeParts(x, operation, parts));
}

/** Instructions of two operands in all four forms. */
const binary = (name: string, opcode: string, operation: (shape: Shape) => FloatOperation) => {
  for (const form of FORMS) {
    const computed = operation(form.shape);
    instruction(name + form.suffix, packedRows(`${form.prefix} 0F ${opcode} /r ${form.row}`), FLOAT, (x) => {
      if (!form.scalar) return emitParts(x, computed);
      const source = sourceOf(x, form);
      x.setLow(x.i.reg, compute(x, computed, firstOf(x, form), source));
    });
  }
};
binary("add", "58", (shape) => float.arithmetic("add", shape));
binary("mul", "59", (shape) => float.arithmetic("mul", shape));
binary("sub", "5C", (shape) => float.arithmetic("sub", shape));
binary("div", "5E", (shape) => float.arithmetic("div", shape));
binary("min", "5D", (shape) => float.extreme("min", shape));
binary("max", "5F", (shape) => float.extreme("max", shape));

/** Scalar results take the rest of the destination from the first source; packed ones have none. */
const unaryRows = (form: Form, row: string) => packedRows(row, form.scalar ? "+H" : "");
for (const form of FORMS) {
  const root = float.squareRoot(form.shape);
  instruction(`sqrt${form.suffix}`, unaryRows(form, `${form.prefix} 0F 51 /r ${form.row}`), FLOAT, (x) =>
    form.scalar ? x.setLow(x.i.reg, compute(x, root, sourceOf(x, form))) : emitUnaryParts(x, root),
  );
}

const bitwise = (name: string, opcode: string, combine: Packed) =>
  instruction(
    name,
    ["NP", "66"].flatMap((prefix) => packedRows(`${prefix} 0F ${opcode} /r Vx,Wx`)),
    {},
    emitPacked(combine),
  );
const AND = operatorNamed("v128_and");
const ANDNOT = operatorNamed("v128_andnot");
const OR = operatorNamed("v128_or");
const XOR = operatorNamed("v128_xor");
bitwise("andps/andpd", "54", (x, a, b) => x.apply(AND, a, b));
bitwise("andnps/andnpd", "55", (x, a, b) => x.apply(ANDNOT, b, a));
bitwise("orps/orpd", "56", (x, a, b) => x.apply(OR, a, b));
bitwise("xorps/xorpd", "57", (x, a, b) => (x.i.mod === 3 && x.first === x.i.rm ? x.zeroVector() : x.apply(XOR, a, b)));

for (const [name, opcode, signalQuiet] of [
  ["ucomis", "2E", false],
  ["comis", "2F", true],
] as const)
  for (const [suffix, prefix, shape, row] of [
    ["s", "NP", "f32", "Vss,Wss"],
    ["d", "66", "f64", "Vsd,Wsd"],
  ] as const) {
    const ordering = float.ordering(shape, signalQuiet);
    const rows = packedRows(`${prefix} 0F ${opcode} /r ${row}`, "");
    instruction(name + suffix, rows, { writes: "OSZAPC", float: true }, (x) => {
      const source = shape === "f64" ? x.scalar64(1) : x.scalar32(1);
      const first = shape === "f64" ? x.lowDouble(x.i.reg) : x.lowSingle(x.i.reg);
      x.setLazy(flags.EXPLICIT, 8, compute(x, ordering, first, source));
    });
  }

/** VEX forms know 32 predicates. */
for (const form of FORMS)
  instruction(`cmp${form.suffix}`, packedRows(`${form.prefix} 0F C2 /r ${form.row},Ib`), FLOAT, (x) => {
    const comparison = float.comparison(x.i.immediate & (x.i.vex ? 31 : 7), form.shape);
    if (!form.scalar) return emitParts(x, comparison);
    const source = widened(x, form);
    const result = compute(x, comparison, x.xmm(x.first), source);
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
  instruction(`cvtsi2${suffix}`, packedRows(`${prefix} 0F 2A /r ${row},Ey`), FLOAT, (x) =>
    x.setLow(x.i.reg, compute(x, x.bits(x.second) === 64 ? wide : narrow, x.read(x.second))),
  );
  for (const [name, opcode, truncate] of [
    ["cvtt", "2C", true],
    ["cvt", "2D", false],
  ] as const) {
    const [to32, to64] = [float.toInteger(shape, 32, truncate), float.toInteger(shape, 64, truncate)];
    const rows = packedRows(`${prefix} 0F ${opcode} /r Gy,${row.replace("V", "W")}`, "");
    instruction(`${name}${suffix}2si`, rows, FLOAT, (x) => {
      const value = shape === "f64" ? x.scalar64(1) : x.scalar32(1);
      x.write(0, compute(x, x.bits(0) === 64 ? to64 : to32, value));
    });
  }
}
instruction("cvtss2sd", packedRows("F3 0F 5A /r Vsd,Wss"), FLOAT, (x) =>
  x.setLow(x.i.reg, compute(x, float.WIDEN, x.scalar32(x.second))),
);
instruction("cvtsd2ss", packedRows("F2 0F 5A /r Vss,Wsd"), FLOAT, (x) =>
  x.setLow(x.i.reg, compute(x, float.NARROW, x.scalar64(x.second))),
);

const unary = (name: string, row: string, operation: FloatOperation) =>
  instruction(name, packedRows(row, ""), FLOAT, (x) => emitUnaryParts(x, operation));
unary("cvtdq2ps", "NP 0F 5B /r Vx,Wx", float.SINGLES_OF_INTEGERS);
unary("cvttps2dq", "F3 0F 5B /r Vx,Wx", float.toIntegers("f32x4", true));
unary("cvtps2dq", "66 0F 5B /r Vx,Wx", float.toIntegers("f32x4", false));

/** To elements of half the size: the results of both parts side by side. */
const narrowing = (name: string, row: string, operation: FloatOperation) =>
  instruction(name, packedRows(row, "Vdq,Wx"), FLOAT, (x) => {
    const [low, high] = computeParts(
      x,
      operation,
      x.halves(1).map((half) => [half]),
    );
    x.setHalves(0, [high ? x.shuffle(low, high, lanesOf(8, [0, 2])) : low]);
  });
narrowing("cvtpd2ps", "66 0F 5A /r Vx,Wx", float.NARROW_PACKED);
narrowing("cvttpd2dq", "66 0F E6 /r Vx,Wx", float.toIntegers("f64x2", true));
narrowing("cvtpd2dq", "F2 0F E6 /r Vx,Wx", float.toIntegers("f64x2", false));

/** To elements of twice the size: the low half of the source, and for 256 bits the high one. */
const widening = (name: string, row: string, operation: FloatOperation, options: object) => {
  const rows = [row, vexRow(row, "", "WIG", 128), vexRow(row, "Vx,Wdq", "WIG", 256)];
  instruction(name, rows, options, (x) => {
    const [source] = x.halves(1);
    const parts = [[source]];
    if (x.bits(0) === 256) parts.push([x.shuffle(source, source, lanesOf(8, [1, 1]))]);
    x.setHalves(0, computeParts(x, operation, parts));
  });
};
widening("cvtps2pd", "NP 0F 5A /r Vx,Wq", float.WIDEN_PACKED, FLOAT);
widening("cvtdq2pd", "F3 0F E6 /r Vx,Wq", float.DOUBLES_OF_INTEGERS, {});

for (const [index, form] of FORMS.entries()) {
  const opcode = ["08", "09", "0A", "0B"][index];
  instruction(`round${form.suffix}`, unaryRows(form, `66 0F 3A ${opcode} /r ${form.row},Ib`), FLOAT, (x) => {
    const rounding = float.rounding(x.i.immediate & 15, form.shape);
    return form.scalar ? x.setLow(x.i.reg, compute(x, rounding, sourceOf(x, form))) : emitUnaryParts(x, rounding);
  });
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
    instruction(name + suffix, packedRows(`${prefix} 0F ${opcode} /r Vx,Wx`), FLOAT, (x) => {
      const second = x.halves(x.second);
      const parts = firstHalves(x).map((first, half) => [
        x.shuffle(first, second[half], EVEN[shape]),
        x.shuffle(first, second[half], oddOf(EVEN[shape], bytes)),
      ]);
      x.setHalves(0, computeParts(x, float.arithmetic(operation, shape), parts));
    });
  instruction(`addsub${suffix}`, packedRows(`${prefix} 0F D0 /r Vx,Wx`), FLOAT, (x) =>
    emitParts(x, float.addSubtract(shape)),
  );
}

// ---- approximations: the processor's tables are its own; these are within its documented error

const everySingle = (x: Emitter, bits: number) => x.apply(operatorNamed("i32x4_splat"), x.i32(bits));
const LEAST_NORMAL = 0x0080_0000;
const MAGNITUDE = 0x7fff_ffff;

/** Denormal elements as zeros of their sign, whatever MXCSR says. */
function withoutDenormals(x: Emitter, value: Node): Node {
  const magnitude = x.apply(AND, value, everySingle(x, MAGNITUDE));
  const small = x.apply(operatorNamed("i32x4_gt_s"), everySingle(x, LEAST_NORMAL), magnitude);
  return x.apply(operatorNamed("v128_andnot"), value, x.apply(AND, small, everySingle(x, MAGNITUDE)));
}

for (const [name, opcode] of [
  ["rsqrt", "52"],
  ["rcp", "53"],
]) {
  const approximate = (x: Emitter, operand: Node) => {
    const source = withoutDenormals(x, operand);
    const divisor = name === "rcp" ? source : x.apply(operatorNamed("f32x4_sqrt"), source);
    const quotient = x.apply(operatorNamed("f32x4_div"), everySingle(x, 0x3f800000), divisor);
    return withoutDenormals(x, x.apply(operatorNamed("fix_nan_f32x4"), quotient, source, source));
  };
  for (const form of [FORMS[0], FORMS[2]]) {
    const rows = unaryRows(form, `${form.prefix} 0F ${opcode} /r ${form.row}`);
    instruction(name + form.suffix, rows, {}, (x) => {
      if (form.scalar) {
        const result = approximate(x, x.apply(F32_SPLAT, sourceOf(x, form)));
        return x.setLow(x.i.reg, x.lane(operatorNamed("f32x4_extract_lane"), 0, result));
      }
      x.setHalves(
        0,
        x.halves(1).map((half) => approximate(x, half)),
      );
    });
  }
}

// ---- control

instruction("ldmxcsr", packedRows("NP 0F AE /2 mem M32", "", "WIG", 128), {}, (x) => {
  const value = x.load(LOAD32, x.effectiveAddress());
  x.stateStoreScratch(x.extendU(value));
  x.runMicrocode((core) => {
    const mxcsr = Number(core.scratch64());
    if (mxcsr & ~0xffff) throw new Exception(GENERAL_PROTECTION);
    core.loadMxcsr(mxcsr);
  });
});
instruction("stmxcsr", packedRows("NP 0F AE /3 mem M32", "", "WIG", 128), {}, (x) =>
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
  /** Each value beside itself with elements exchanged that are `by` bytes apart. */
  const exchanged = (x: Emitter, values: readonly Node[], by: number) =>
    values.map((value) => [value, moved(x, value, (n) => n ^ by)]);
  const rows = packedRows(`66 0F 3A ${opcode} /r Vx,Wx,Ib`, "+H", "WIG", bytes === 8 ? 128 : undefined);
  instruction(name, rows, FLOAT, (x) => {
    const second = x.halves(x.second);
    const chosen = x.v128(laneMask(x.i.immediate >> 4));
    // Zeros in both operands: an element that does not count raises nothing.
    const masked = (value: Node) => x.apply(AND, value, chosen);
    const factors = firstHalves(x).map((first, half) => [masked(first), masked(second[half])]);
    let sums = computeParts(x, multiply, factors);
    // The order of the terms shows when both are NaNs.
    if (bytes === 4)
      sums = computeParts(
        x,
        add,
        exchanged(x, sums, 4).map(([own, other]) => [other, own]),
      );
    sums = computeParts(x, add, exchanged(x, sums, 8));
    const kept = x.v128(laneMask(x.i.immediate));
    x.setHalves(
      0,
      sums.map((sum) => x.apply(AND, sum, kept)),
    );
  });
}
