// What AVX and AVX2 add beside three-operand forms: broadcasts, permutations across halves, variable shifts, masked moves, gathers. SDM vol. 2.
import * as layout from "../../../machine/state-layout.js";
import { LOAD128 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";
import { emitPacked, emitUnary, lanesOf } from "../packed-forms.js";
import { ACCESS } from "../vector-emitter.js";

const op = operatorNamed;

instruction("vzeroupper", ["VEX.128.NP.0F.WIG 77"], {}, (x) => {
  for (let register = 0; register < x.vectorCount; register++) x.setYmmHigh(register, x.zeroVector());
});
instruction("vzeroall", ["VEX.256.NP.0F.WIG 77"], {}, (x) => {
  for (let register = 0; register < x.vectorCount; register++) x.setXmm(register, x.zeroVector());
});

// ---- broadcasts

const broadcast = (name: string, rows: readonly string[], bytes: number) =>
  instruction(name, rows, {}, (x) => {
    const [source] = x.halves(1);
    const everywhere = x.shuffle(source, source, lanesOf(bytes, Array(16 / bytes).fill(0)));
    x.setHalves(0, x.bits(0) === 256 ? [everywhere, everywhere] : [everywhere]);
  });
broadcast("vbroadcastss", ["VEX.66.0F38.W0 18 /r Vx,Wss"], 4);
broadcast("vbroadcastsd", ["VEX.256.66.0F38.W0 19 /r Vx,Wsd"], 8);
broadcast("vbroadcastf128", ["VEX.256.66.0F38.W0 1A /r mem Vx,Wdq"], 16);
broadcast("vbroadcasti128", ["VEX.256.66.0F38.W0 5A /r mem Vx,Wdq"], 16);
broadcast("vpbroadcastb", ["VEX.66.0F38.W0 78 /r Vx,Wb"], 1);
broadcast("vpbroadcastw", ["VEX.66.0F38.W0 79 /r Vx,Ww"], 2);
broadcast("vpbroadcastd", ["VEX.66.0F38.W0 58 /r Vx,Wd"], 4);
broadcast("vpbroadcastq", ["VEX.66.0F38.W0 59 /r Vx,Wq"], 8);

// ---- halves in and out

instruction(
  "vextractf128/vextracti128",
  ["VEX.256.66.0F3A.W0 19 /r Wdq,Vx,Ib", "VEX.256.66.0F3A.W0 39 /r Wdq,Vx,Ib"],
  {},
  (x) => x.setHalves(0, [x.i.immediate & 1 ? x.ymmHigh(x.i.reg) : x.xmm(x.i.reg)]),
);
instruction(
  "vinsertf128/vinserti128",
  ["VEX.256.66.0F3A.W0 18 /r Vx,Hx,Wdq,Ib", "VEX.256.66.0F3A.W0 38 /r Vx,Hx,Wdq,Ib"],
  {},
  (x) => {
    const [source] = x.halves(2);
    const [low, high] = x.halves(1);
    x.setHalves(0, x.i.immediate & 1 ? [low, source] : [source, high]);
  },
);
/** Each half chosen among the four of both sources, or zero. */
instruction(
  "vperm2f128/vperm2i128",
  ["VEX.256.66.0F3A.W0 06 /r Vx,Hx,Wx,Ib", "VEX.256.66.0F3A.W0 46 /r Vx,Hx,Wx,Ib"],
  {},
  (x) => {
    const second = x.halves(2);
    const all = [...x.halves(1), ...second];
    const pick = (control: number) => (control & 8 ? x.zeroVector() : all[control & 3]);
    x.setHalves(0, [pick(x.i.immediate), pick(x.i.immediate >> 4)]);
  },
);

// ---- permutations

/** Four 64-bit elements of both halves by the immediate's two-bit fields. */
instruction("vpermq/vpermpd", ["VEX.256.66.0F3A.W1 00 /r Vx,Wx,Ib", "VEX.256.66.0F3A.W1 01 /r Vx,Wx,Ib"], {}, (x) => {
  const [low, high] = x.halves(1);
  const pick = (position: number) => (x.i.immediate >> position) & 3;
  const half = (position: number) => x.shuffle(low, high, lanesOf(8, [pick(position), pick(position + 2)]));
  x.setHalves(0, [half(0), half(4)]);
});

/** Places of bytes from places of elements: each element's lowest byte in all of its bytes, times the size, counted up. */
function bytePlaces(x: Emitter, elements: Node, bytes: 4 | 8): Node {
  const spread = x.shuffle(
    elements,
    elements,
    lanesOf(
      1,
      [...Array(16).keys()].map((n) => n - (n % bytes)),
    ),
  );
  const scaled = x.apply(op("i16x8_shl"), spread, x.i32(bytes === 4 ? 2 : 3));
  const within = x.v128(Uint8Array.from({ length: 16 }, (_, n) => n % bytes));
  return x.apply(op("i8x16_add"), scaled, within);
}
const splat32 = (x: Emitter, value: number) => x.apply(op("i32x4_splat"), x.i32(value));

/** Eight 32-bit elements of both halves by the first source's indices. */
instruction("vpermd/vpermps", ["VEX.256.66.0F38.W0 36 /r Vx,Hx,Wx", "VEX.256.66.0F38.W0 16 /r Vx,Hx,Wx"], {}, (x) => {
  const [low, high] = x.halves(2);
  const chosen = x.halves(1).map((indices) => {
    const places = bytePlaces(x, x.apply(op("v128_and"), indices, splat32(x, 7)), 4);
    // A place past the sixteenth gives zero: each half finds its own.
    const sixteen = x.apply(op("i8x16_splat"), x.i32(16));
    const fromHigh = x.apply(op("i8x16_swizzle"), high, x.apply(op("i8x16_sub"), places, sixteen));
    return x.apply(op("v128_or"), x.apply(op("i8x16_swizzle"), low, places), fromHigh);
  });
  x.setHalves(0, chosen);
});

instruction(
  "vpermilps",
  ["VEX.66.0F38.W0 0C /r Vx,Hx,Wx"],
  {},
  emitPacked((x, a, b) => x.apply(op("i8x16_swizzle"), a, bytePlaces(x, x.apply(op("v128_and"), b, splat32(x, 3)), 4))),
);
instruction(
  "vpermilpd",
  ["VEX.66.0F38.W0 0D /r Vx,Hx,Wx"],
  {},
  emitPacked((x, a, b) => {
    // Bit 1 chooses.
    const chosen = x.apply(
      op("v128_and"),
      x.apply(op("i64x2_shr_u"), b, x.i32(1)),
      x.apply(op("i64x2_splat"), x.i64(1)),
    );
    return x.apply(op("i8x16_swizzle"), a, bytePlaces(x, chosen, 8));
  }),
);
instruction(
  "vpermilps",
  ["VEX.66.0F3A.W0 04 /r Vx,Wx,Ib"],
  {},
  emitUnary((x, b) =>
    x.shuffle(
      b,
      b,
      lanesOf(
        4,
        [0, 2, 4, 6].map((position) => (x.i.immediate >> position) & 3),
      ),
    ),
  ),
);
instruction(
  "vpermilpd",
  ["VEX.66.0F3A.W0 05 /r Vx,Wx,Ib"],
  {},
  emitUnary((x, b, half) => {
    const bits = x.i.immediate >> (half * 2);
    return x.shuffle(b, b, lanesOf(8, [bits & 1, (bits >> 1) & 1]));
  }),
);

// ---- shifts by the count in each element; one too great clears the element or fills it with the sign

const variableShift = (name: string, opcode: string, w: string, operator: string, bits: 32 | 64, arithmetic = false) =>
  instruction(
    name,
    [`VEX.66.0F38.${w} ${opcode} /r Vx,Hx,Wx`],
    {},
    emitPacked((x, a, b) => {
      const shape = bits === 32 ? "i32x4" : "i64x2";
      const extract = op(`${shape}_extract_lane`);
      const replace = op(`${shape}_replace_lane`);
      let result = a;
      for (let lane = 0; lane < 128 / bits; lane++) {
        const value = x.lane(extract, lane, a);
        const count = x.lane(extract, lane, b);
        const inside = x.ltU(count, x.typed(bits, bits));
        const shifted = x.apply(op(`i${bits}_${operator}`), value, count);
        const beyond = arithmetic ? x.shrS(value, x.typed(bits, bits - 1)) : x.typed(bits, 0);
        result = x.lane(replace, lane, result, x.select(inside, shifted, beyond));
      }
      return result;
    }),
  );
variableShift("vpsllvd", "47", "W0", "shl", 32);
variableShift("vpsllvq", "47", "W1", "shl", 64);
variableShift("vpsrlvd", "45", "W0", "shr_u", 32);
variableShift("vpsrlvq", "45", "W1", "shr_u", 64);
variableShift("vpsravd", "46", "W0", "shr_s", 32, true);

// ---- masked moves: elements whose mask has the top bit; the others are not touched in memory

const SHAPE: Readonly<Record<number, string>> = { 4: "i32x4", 8: "i64x2" };

/** Element `n` of a vector given by halves. */
function element(x: Emitter, halves: readonly Node[], n: number, bytes: 4 | 8): Node {
  const count = 16 / bytes;
  return x.lane(op(`${SHAPE[bytes]}_extract_lane`), n % count, halves[Math.floor(n / count)]);
}
const isNegative = (x: Emitter, value: Node) => x.ltS(value, x.constant(value.type, 0));

const RESULT = layout.OFFSET_SCRATCH + 64;

const maskedMove = (name: string, load: readonly string[], store: readonly string[], bytes: 4 | 8) => {
  const access = ACCESS[bytes * 8];
  instruction(name, load, {}, (x) => {
    const masks = x.halves(1);
    const start = x.effectiveAddress();
    masks.forEach((_, half) => {
      x.stateStore(RESULT + half * 16, LOAD128, x.zeroVector());
    });
    for (let n = 0; n < (masks.length * 16) / bytes; n++)
      x.when(isNegative(x, element(x, masks, n, bytes)), () =>
        x.stateStore(RESULT + n * bytes, access, x.load(access, x.displaced(start, x.i64(n * bytes)))),
      );
    x.setHalves(
      0,
      masks.map((_, half) => x.stateLoad(RESULT + half * 16, LOAD128)),
    );
  });
  instruction(name, store, {}, (x) => {
    const masks = x.halves(1);
    const values = x.halves(2);
    const start = x.effectiveAddress();
    const count = (masks.length * 16) / bytes;
    const negative = Array.from({ length: count }, (_, n) => isNegative(x, element(x, masks, n, bytes)));
    // All places are checked before any is written: of those in a page that is missing the processor names the first, but the last byte
    // when there are some in the page before it too.
    const at = (n: number) => x.displaced(start, x.i64(n * bytes));
    const first = negative.reduceRight((later, wanted, n) => x.select(wanted, x.i64(n * bytes), later), x.i64(0));
    const last = negative.reduce((before, wanted, n) => x.select(wanted, x.i64((n + 1) * bytes - 1), before), x.i64(0));
    x.when(
      negative.reduce((any, wanted) => x.or(any, wanted)),
      () => {
        for (const offset of [first, last]) x.translate(x.displaced(start, offset), 1, true);
      },
    );
    negative.forEach((wanted, n) => {
      x.when(wanted, () => x.store(access, at(n), element(x, values, n, bytes)));
    });
  });
};
maskedMove("vmaskmovps", ["VEX.66.0F38.W0 2C /r mem Vx,Hx,Wx"], ["VEX.66.0F38.W0 2E /r mem Wx,Hx,Vx"], 4);
maskedMove("vmaskmovpd", ["VEX.66.0F38.W0 2D /r mem Vx,Hx,Wx"], ["VEX.66.0F38.W0 2F /r mem Wx,Hx,Vx"], 8);
maskedMove("vpmaskmovd", ["VEX.66.0F38.W0 8C /r mem Vx,Hx,Wx"], ["VEX.66.0F38.W0 8E /r mem Wx,Hx,Vx"], 4);
maskedMove("vpmaskmovq", ["VEX.66.0F38.W1 8C /r mem Vx,Hx,Wx"], ["VEX.66.0F38.W1 8E /r mem Wx,Hx,Vx"], 8);
