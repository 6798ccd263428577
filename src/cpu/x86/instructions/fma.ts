// FMA3 and F16C. SDM vol. 2. What they compute is in float-fused.ts.
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { fused, halvesOfSingles, SINGLES_OF_HALVES, type Signs } from "../float-fused.js";
import { compute, computeParts } from "../float-operation.js";
import { instruction } from "../opcode-table.js";
import { lanesOf } from "../packed-forms.js";

const FLOAT = { float: true };

/** Low opcode digit of the packed form, and of the scalar one. */
const KINDS: readonly (readonly [string, number, number | undefined, Signs])[] = [
  ["vfmaddsub", 0x6, undefined, { negateProduct: false, subtract: "even" }],
  ["vfmsubadd", 0x7, undefined, { negateProduct: false, subtract: "odd" }],
  ["vfmadd", 0x8, 0x9, { negateProduct: false, subtract: "none" }],
  ["vfmsub", 0xa, 0xb, { negateProduct: false, subtract: "all" }],
  ["vfnmadd", 0xc, 0xd, { negateProduct: true, subtract: "none" }],
  ["vfnmsub", 0xe, 0xf, { negateProduct: true, subtract: "all" }],
];

/** The operands in the order factor, factor, added: destination, VEX.vvvv and ModRM.rm are 0, 1 and 2. */
const ORDERS: readonly (readonly [string, number, readonly [number, number, number]])[] = [
  ["132", 0x90, [0, 2, 1]],
  ["213", 0xa0, [1, 0, 2]],
  ["231", 0xb0, [1, 2, 0]],
];

const hex = (value: number) => value.toString(16).toUpperCase();

for (const [kind, packed, scalar, signs] of KINDS)
  for (const [order, base, places] of ORDERS)
    for (const [letter, w, shape, vector] of [
      ["s", "W0", "f32", "f32x4"],
      ["d", "W1", "f64", "f64x2"],
    ] as const) {
      const operation = fused(vector, signs);
      instruction(`${kind}${order}p${letter}`, [`VEX.66.0F38.${w} ${hex(base + packed)} /r Vx,Hx,Wx`], FLOAT, (x) => {
        const source = x.halves(2);
        const all = [x.halves(0), x.halves(1), source];
        const parts = source.map((_, half) => places.map((place) => all[place][half]));
        x.setHalves(0, computeParts(x, operation, parts));
      });
      if (scalar === undefined) continue;
      const scalarOperation = fused(shape, signs);
      const row = `VEX.66.0F38.${w} ${hex(base + scalar)} /r Vs${letter},Hs${letter},Ws${letter}`;
      instruction(`${kind}${order}s${letter}`, [row], FLOAT, (x) => {
        const low = (number: number) => (letter === "d" ? x.lowDouble(number) : x.lowSingle(number));
        const source = letter === "d" ? x.scalar64(2) : x.scalar32(2);
        const all = [low(x.i.reg), low(x.i.vvvv), source];
        const result = compute(x, scalarOperation, ...places.map((place) => all[place]));
        replaceLow(x, result);
      });
    }

/** The rest of the destination stays its own. */
function replaceLow(x: Emitter, value: Node): void {
  const shape = value.type === operatorNamed("f64_add").result ? "f64x2" : "f32x4";
  x.setXmm(x.i.reg, x.lane(operatorNamed(`${shape}_replace_lane`), 0, x.xmm(x.i.reg), value));
}

instruction("vcvtph2ps", ["VEX.128.66.0F38.W0 13 /r Vx,Wq", "VEX.256.66.0F38.W0 13 /r Vx,Wdq"], FLOAT, (x) => {
  const [source] = x.halves(1);
  const widened = (value: Node) => [x.apply(operatorNamed("i32x4_extend_low_i16x8_u"), value)];
  const parts = [widened(source)];
  if (x.bits(0) === 256) parts.push(widened(x.shuffle(source, source, lanesOf(8, [1, 1]))));
  x.setHalves(0, computeParts(x, SINGLES_OF_HALVES, parts));
});

/** The low 16 bits of each element. */
const narrowed = (x: Emitter, low: Node, high: Node) => x.shuffle(low, high, lanesOf(2, [0, 2, 4, 6, 8, 10, 12, 14]));
instruction("vcvtps2ph", ["VEX.128.66.0F3A.W0 1D /r Wq,Vx,Ib", "VEX.256.66.0F3A.W0 1D /r Wdq,Vx,Ib"], FLOAT, (x) => {
  const parts = x.halves(1).map((half) => [half]);
  const [low, high] = computeParts(x, halvesOfSingles(x.i.immediate), parts);
  x.setHalves(0, [narrowed(x, low, high ?? x.zeroVector())]);
});
