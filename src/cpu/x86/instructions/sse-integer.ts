// Integer vectors from MMX to AVX2. SDM vol. 2: one table of those that are a single operator, then the rest.

import * as layout from "../../../machine/state-layout.js";
import { LOAD128 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { type Operator, operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction, type RowText, vexRow } from "../opcode-table.js";
import {
  emitBytes,
  emitPacked,
  emitUnary,
  firstHalves,
  lanesOf,
  type Packed,
  packed,
  packedRows,
  partBytes,
  partLanes,
} from "../packed-forms.js";

/** name, opcode after 66, operator applied to (destination, source). */
const SINGLE: readonly (readonly [string, string, string])[] = [
  ["paddb", "0F FC", "i8x16_add"],
  ["paddw", "0F FD", "i16x8_add"],
  ["paddd", "0F FE", "i32x4_add"],
  ["paddq", "0F D4", "i64x2_add"],
  ["psubb", "0F F8", "i8x16_sub"],
  ["psubw", "0F F9", "i16x8_sub"],
  ["psubd", "0F FA", "i32x4_sub"],
  ["psubq", "0F FB", "i64x2_sub"],
  ["paddsb", "0F EC", "i8x16_add_sat_s"],
  ["paddsw", "0F ED", "i16x8_add_sat_s"],
  ["paddusb", "0F DC", "i8x16_add_sat_u"],
  ["paddusw", "0F DD", "i16x8_add_sat_u"],
  ["psubsb", "0F E8", "i8x16_sub_sat_s"],
  ["psubsw", "0F E9", "i16x8_sub_sat_s"],
  ["psubusb", "0F D8", "i8x16_sub_sat_u"],
  ["psubusw", "0F D9", "i16x8_sub_sat_u"],
  ["pmullw", "0F D5", "i16x8_mul"],
  ["pmulld", "0F 38 40", "i32x4_mul"],
  ["pmaddwd", "0F F5", "i32x4_dot_i16x8_s"],
  ["pand", "0F DB", "v128_and"],
  ["por", "0F EB", "v128_or"],
  ["pcmpeqb", "0F 74", "i8x16_eq"],
  ["pcmpeqw", "0F 75", "i16x8_eq"],
  ["pcmpeqd", "0F 76", "i32x4_eq"],
  ["pcmpeqq", "0F 38 29", "i64x2_eq"],
  ["pcmpgtb", "0F 64", "i8x16_gt_s"],
  ["pcmpgtw", "0F 65", "i16x8_gt_s"],
  ["pcmpgtd", "0F 66", "i32x4_gt_s"],
  ["pcmpgtq", "0F 38 37", "i64x2_gt_s"],
  ["pminub", "0F DA", "i8x16_min_u"],
  ["pmaxub", "0F DE", "i8x16_max_u"],
  ["pminsw", "0F EA", "i16x8_min_s"],
  ["pmaxsw", "0F EE", "i16x8_max_s"],
  ["pminsb", "0F 38 38", "i8x16_min_s"],
  ["pminsd", "0F 38 39", "i32x4_min_s"],
  ["pminuw", "0F 38 3A", "i16x8_min_u"],
  ["pminud", "0F 38 3B", "i32x4_min_u"],
  ["pmaxsb", "0F 38 3C", "i8x16_max_s"],
  ["pmaxsd", "0F 38 3D", "i32x4_max_s"],
  ["pmaxuw", "0F 38 3E", "i16x8_max_u"],
  ["pmaxud", "0F 38 3F", "i32x4_max_u"],
  ["pavgb", "0F E0", "i8x16_avgr_u"],
  ["pavgw", "0F E3", "i16x8_avgr_u"],
];

/** MMX's own and SSSE3's. */
const HAS_MMX = /^0F ([0-9A-F]{2}|38 0[0-9AB])$/;
const vectorInstruction = (name: string, opcode: string, compute: Packed) =>
  packed(name, `66 ${opcode} /r Vx,Wx`, compute, HAS_MMX.test(opcode));

for (const [name, opcode, operator] of SINGLE) {
  const single = operatorNamed(operator);
  vectorInstruction(name, opcode, (x, a, b) => x.apply(single, a, b));
}

const op = (name: string) => operatorNamed(name);

/** Two mm registers are first put side by side. */
const pack = (name: string, opcode: string, operator: string) =>
  vectorInstruction(name, opcode, (x, a, b) => {
    if (!x.i.row.mmx) return x.apply(op(operator), a, b);
    const both = x.shuffle(a, b, partLanes(x, lanesOf(1, [...Array(16).keys()])));
    return x.apply(op(operator), both, both);
  });
pack("packsswb", "0F 63", "i8x16_narrow_i16x8_s");
pack("packuswb", "0F 67", "i8x16_narrow_i16x8_u");
pack("packssdw", "0F 6B", "i16x8_narrow_i32x4_s");
pack("packusdw", "0F 38 2B", "i16x8_narrow_i32x4_u");
const XOR = op("v128_xor");
const AND = op("v128_and");
const ANDNOT = op("v128_andnot");
const OR = op("v128_or");
vectorInstruction("pxor", "0F EF", (x, a, b) =>
  x.i.mod === 3 && x.first === x.i.rm ? x.zeroVector() : x.apply(XOR, a, b),
);
vectorInstruction("pandn", "0F DF", (x, a, b) => x.apply(ANDNOT, b, a));

/** The high halves of 16 x 16 products. */
const highHalves = (suffix: string) => {
  const [low, high] = [op(`i32x4_extmul_low_i16x8_${suffix}`), op(`i32x4_extmul_high_i16x8_${suffix}`)];
  return (x: Emitter, a: Node, b: Node) =>
    x.shuffle(x.apply(low, a, b), x.apply(high, a, b), [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31]);
};
vectorInstruction("pmulhw", "0F E5", highHalves("s"));
vectorInstruction("pmulhuw", "0F E4", highHalves("u"));

/** ((a * b >> 14) + 1) >> 1 of each 16-bit pair; 0x8000 squared wraps, unlike WebAssembly's q15mulr. */
vectorInstruction("pmulhrsw", "0F 38 0B", (x, a, b) => {
  const one = x.apply(op("i32x4_splat"), x.i32(1));
  const round = (product: Node) =>
    x.apply(op("i32x4_shr_s"), x.apply(op("i32x4_add"), x.apply(op("i32x4_shr_s"), product, x.i32(14)), one), x.i32(1));
  const low = round(x.apply(op("i32x4_extmul_low_i16x8_s"), a, b));
  const high = round(x.apply(op("i32x4_extmul_high_i16x8_s"), a, b));
  return x.shuffle(low, high, [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29]);
});

const EVEN_DWORDS = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
const evenProducts = (operator: string) => (x: Emitter, a: Node, b: Node) =>
  x.apply(op(operator), x.shuffle(a, a, EVEN_DWORDS), x.shuffle(b, b, EVEN_DWORDS));
vectorInstruction("pmuludq", "0F F4", evenProducts("i64x2_extmul_low_i32x4_u"));
vectorInstruction("pmuldq", "0F 38 28", evenProducts("i64x2_extmul_low_i32x4_s"));

/** Sums of absolute differences of the two halves. */
vectorInstruction("psadbw", "0F F6", (x, a, b) => {
  const difference = x.apply(OR, x.apply(op("i8x16_sub_sat_u"), a, b), x.apply(op("i8x16_sub_sat_u"), b, a));
  const words = x.apply(op("i16x8_extadd_pairwise_i8x16_u"), difference);
  const dwords = x.apply(op("i32x4_extadd_pairwise_i16x8_u"), words);
  const odd = x.apply(op("i64x2_shr_u"), dwords, x.i32(32));
  const even = x.apply(AND, dwords, x.apply(op("i64x2_splat"), x.i64(-1, 0)));
  return x.apply(op("i64x2_add"), even, odd);
});

/** u8 * s8 pairs summed with signed saturation. */
vectorInstruction("pmaddubsw", "0F 38 04", (x, a, b) => {
  const evenBytes = (node: Node, signed: boolean) =>
    signed
      ? x.apply(op("i16x8_shr_s"), x.apply(op("i16x8_shl"), node, x.i32(8)), x.i32(8))
      : x.apply(AND, node, x.apply(op("i16x8_splat"), x.i32(0xff)));
  const oddBytes = (node: Node, signed: boolean) => x.apply(op(signed ? "i16x8_shr_s" : "i16x8_shr_u"), node, x.i32(8));
  const product = (first: Node, second: Node) => x.apply(op("i16x8_mul"), first, second);
  return x.apply(
    op("i16x8_add_sat_s"),
    product(evenBytes(a, false), evenBytes(b, true)),
    product(oddBytes(a, false), oddBytes(b, true)),
  );
});

for (const [name, opcode, shape] of [
  ["pabsb", "1C", "i8x16"],
  ["pabsw", "1D", "i16x8"],
  ["pabsd", "1E", "i32x4"],
])
  instruction(
    name,
    [...packedRows(`66 0F 38 ${opcode} /r Vx,Wx`, ""), `NP 0F 38 ${opcode} /r Pq,Qq`],
    {},
    emitUnary((x, b) => x.apply(op(`${shape}_abs`), b)),
  );

for (const [name, opcode, shape] of [
  ["psignb", "08", "i8x16"],
  ["psignw", "09", "i16x8"],
  ["psignd", "0A", "i32x4"],
])
  vectorInstruction(name, `0F 38 ${opcode}`, (x, a, b) => {
    const zero = x.zeroVector();
    const negative = x.apply(op(`${shape}_gt_s`), zero, b);
    const negated = x.apply(op(`${shape}_sub`), zero, a);
    const chosen = x.apply(op("v128_bitselect"), negated, a, negative);
    return x.apply(ANDNOT, chosen, x.apply(op(`${shape}_eq`), b, zero));
  });

/** PSHUFB: a set top bit gives zero, else the low four bits (three for mm) choose. */
vectorInstruction("pshufb", "0F 38 00", (x, a, b) =>
  x.apply(op("i8x16_swizzle"), a, x.apply(AND, b, x.apply(op("i8x16_splat"), x.i32(0x80 | (partBytes(x) - 1))))),
);

const horizontal = (name: string, opcode: string, bytes: 2 | 4, combine: string) =>
  vectorInstruction(name, `0F 38 ${opcode}`, (x, a, b) => {
    const even = Array.from({ length: partBytes(x) }, (_, n) => Math.floor(n / bytes) * 2 * bytes + (n % bytes));
    const odd = even.map((lane) => lane + bytes);
    return x.apply(op(combine), x.shuffle(a, b, partLanes(x, even)), x.shuffle(a, b, partLanes(x, odd)));
  });
horizontal("phaddw", "01", 2, "i16x8_add");
horizontal("phaddd", "02", 4, "i32x4_add");
horizontal("phaddsw", "03", 2, "i16x8_add_sat_s");
horizontal("phsubw", "05", 2, "i16x8_sub");
horizontal("phsubd", "06", 4, "i32x4_sub");
horizontal("phsubsw", "07", 2, "i16x8_sub_sat_s");

// ---- shifts: a count beyond the element clears it (or fills it with the sign)

const shift = (
  name: string,
  register: string,
  immediate: string,
  bits: number,
  operator: string,
  arithmetic: boolean,
) => {
  const compute = (x: Emitter, value: Node, count: Node, over: Node): Node => {
    const shifted = x.apply(op(operator), value, count);
    if (!arithmetic) return x.select(over, x.zeroVector(), shifted);
    return x.select(over, x.apply(op(operator), value, x.i32(bits - 1)), shifted);
  };
  const byRegister = [
    `66 ${register} /r Vx,Wx`,
    `NP ${register} /r Pq,Qq`,
    vexRow(`66 ${register} /r Vx,Wx`, "Vx,Hx,Wdq"),
  ];
  instruction(name, byRegister, {}, (x) => {
    const count = x.lane(op("i64x2_extract_lane"), 0, x.halves(x.second)[0]);
    const over = x.ltU(x.i64(bits - 1), count);
    const by = x.wrap(count);
    x.setHalves(
      0,
      firstHalves(x).map((value) => compute(x, value, by, over)),
    );
  });
  const byImmediate = [
    `66 ${immediate} reg Wx,Ib`,
    `NP ${immediate} reg Qq,Ib`,
    vexRow(`66 ${immediate} reg Wx,Ib`, "Hx,Wx,Ib"),
  ];
  instruction(
    name,
    byImmediate,
    {},
    emitUnary((x, value) => {
      const count = x.immediate(8);
      return compute(x, value, count, x.ltU(x.i32(bits - 1), count));
    }),
  );
};
shift("psrlw", "0F D1", "0F 71 /2", 16, "i16x8_shr_u", false);
shift("psrld", "0F D2", "0F 72 /2", 32, "i32x4_shr_u", false);
shift("psrlq", "0F D3", "0F 73 /2", 64, "i64x2_shr_u", false);
shift("psraw", "0F E1", "0F 71 /4", 16, "i16x8_shr_s", true);
shift("psrad", "0F E2", "0F 72 /4", 32, "i32x4_shr_s", true);
shift("psllw", "0F F1", "0F 71 /6", 16, "i16x8_shl", false);
shift("pslld", "0F F2", "0F 72 /6", 32, "i32x4_shl", false);
shift("psllq", "0F F3", "0F 73 /6", 64, "i64x2_shl", false);

// ---- SSE4.1

/** Sign or zero extension of the low elements; the memory operand is only as wide as needed. */
const EXTENSIONS: readonly (readonly [string, string, string, readonly string[]])[] = [
  ["bw", "0", "Wq", ["i16x8_extend_low_i8x16"]],
  ["bd", "1", "Wd", ["i16x8_extend_low_i8x16", "i32x4_extend_low_i16x8"]],
  ["bq", "2", "Ww", ["i16x8_extend_low_i8x16", "i32x4_extend_low_i16x8", "i64x2_extend_low_i32x4"]],
  ["wd", "3", "Wq", ["i32x4_extend_low_i16x8"]],
  ["wq", "4", "Wd", ["i32x4_extend_low_i16x8", "i64x2_extend_low_i32x4"]],
  ["dq", "5", "Wq", ["i64x2_extend_low_i32x4"]],
];
const WIDER: Readonly<Record<string, string>> = { Ww: "Wd", Wd: "Wq", Wq: "Wdq" };
for (const [sizes, digit, operand, steps] of EXTENSIONS)
  for (const [letter, row, suffix] of [
    ["s", "2", "s"],
    ["z", "3", "u"],
  ]) {
    const legacy = `66 0F 38 ${row}${digit} /r Vx,${operand}`;
    const rows = [legacy, vexRow(legacy, "", "WIG", 128), vexRow(legacy, `Vx,${WIDER[operand]}`, "WIG", 256)];
    instruction(`pmov${letter}x${sizes}`, rows, {}, (x) => {
      const [source] = x.halves(1);
      const extended = (value: Node) => steps.reduce((node, step) => x.apply(op(`${step}_${suffix}`), node), value);
      const high = () => {
        const start = 16 >> steps.length;
        const upper = Array.from({ length: 16 }, (_, n) => (n + start) & 15);
        return extended(x.shuffle(source, source, upper));
      };
      x.setHalves(0, x.bits(0) === 256 ? [extended(source), high()] : [extended(source)]);
    });
  }

const BITSELECT = op("v128_bitselect");
/** Chosen by immediate bits; the upper half has bits of its own where there are enough. */
for (const [name, row, bytes] of [
  ["pblendw", "66 0F 3A 0E /r Vx,Wx,Ib", 2],
  ["blendps", "66 0F 3A 0C /r Vx,Wx,Ib", 4],
  ["blendpd", "66 0F 3A 0D /r Vx,Wx,Ib", 8],
] as const)
  packed(name, row, (x, a, b, half) => x.apply(BITSELECT, b, a, blendMask(x, bytes, half)));
instruction(
  "pblendd",
  ["VEX.66.0F3A.W0 02 /r Vx,Hx,Wx,Ib"],
  {},
  emitPacked((x, a, b, half) => x.apply(BITSELECT, b, a, blendMask(x, 4, half))),
);

function blendMask(x: Emitter, bytes: number, half: number): Node {
  const bits = x.i.immediate >> (bytes === 2 ? 0 : (half * 16) / bytes);
  return x.v128(Uint8Array.from({ length: 16 }, (_, n) => ((bits >> Math.floor(n / bytes)) & 1 ? 0xff : 0)));
}

/** Chosen by the top bit of each element of xmm0, or of the fourth operand. */
for (const [name, opcode, vexOpcode, shape] of [
  ["pblendvb", "10", "4C", "i8x16"],
  ["blendvps", "14", "4A", "i32x4"],
  ["blendvpd", "15", "4B", "i64x2"],
]) {
  const rows = [`66 0F 38 ${opcode} /r Vx,Wx`, `VEX.66.0F3A.W0 ${vexOpcode} /r Vx,Hx,Wx,Lx`];
  instruction(name, rows, {}, (x) => {
    const masks = x.i.vex ? x.halves(3) : [x.xmm(0)];
    const choose: Packed = (_, a, b, half) =>
      x.apply(BITSELECT, b, a, x.apply(op(`${shape}_gt_s`), x.zeroVector(), masks[half]));
    emitPacked(choose)(x);
  });
}

/** ZF: no bit in common, CF: no bit of the source outside the destination; of the sign bits only for VTESTPS and VTESTPD. */
const bitTest = (name: string, rows: readonly RowText[], signs?: number) =>
  instruction(name, rows, { writes: "OSZAPC" }, (x) => {
    const sources = x.halves(1);
    const firsts = x.halves(0);
    const mask = signs
      ? x.v128(Uint8Array.from({ length: 16 }, (_, n) => (n % signs === signs - 1 ? 0x80 : 0)))
      : undefined;
    const none = (operator: Operator) => {
      const found = sources.map((source, half) => {
        const bits = x.apply(operator, source, firsts[half]);
        return x.apply(op("v128_any_true"), mask ? x.apply(AND, bits, mask) : bits);
      });
      return x.eqz(found.length > 1 ? x.or(found[0], found[1]) : found[0]);
    };
    const zero = none(AND);
    x.setLazy(flags.EXPLICIT, 8, x.or(none(ANDNOT), x.shl(zero, x.i32(6))));
  });
bitTest("ptest", packedRows("66 0F 38 17 /r Vx,Wx", ""));
bitTest("testps", ["VEX.66.0F38.W0 0E /r Vx,Wx"], 4);
bitTest("testpd", ["VEX.66.0F38.W0 0F /r Vx,Wx"], 8);

/** Bytes whose mask has the top bit are written to rdi's address. */
const maskMove = (name: string, rows: readonly RowText[], size: number) =>
  instruction(name, rows, { memory: true }, (x) => {
    if (x.i.row.mmx) x.validateMmx(); // before a fault
    const address = x.segmentAddress(x.addressRegister(layout.RDI));
    x.requireAccess(address, size, true);
    x.stateStore(layout.OFFSET_SCRATCH + 16, LOAD128, x.halves(0)[0]);
    x.stateStore(layout.OFFSET_SCRATCH + 32, LOAD128, x.halves(1)[0]);
    x.stateStoreScratch(address);
    x.runMicrocode((core) => {
      const [bytes, mask] = [core.scratchVector(16), core.scratchVector(32)];
      const start = core.scratchAddress();
      const chosen = Array.from({ length: size }, (_, n) => n).filter((n) => mask[n] & 0x80);
      // All places are checked before any is written.
      for (const n of chosen) core.linear(start + n, 1, true);
      for (const n of chosen) core.writeBytes(start + n, bytes.slice(n, n + 1));
    });
  });
maskMove("maskmovdqu", ["66 0F F7 /r reg Vx,Wx", "VEX.128.66.0F.WIG F7 /r reg Vx,Wx"], 16);
maskMove("maskmovq", ["NP 0F F7 /r reg Pq,Qq"], 8);

/** Sums of absolute differences of four bytes of the source with eight sliding groups of the first; three immediate bits for each half. */
instruction(
  "mpsadbw",
  packedRows("66 0F 3A 42 /r Vx,Wx,Ib"),
  { memory: true },
  emitBytes((a, b, immediate, half) => {
    const control = immediate >> (half * 3);
    const source = b.subarray((control & 3) * 4);
    const first = a.subarray(control & 4);
    return wordBytes(
      Array.from({ length: 8 }, (_, word) =>
        [0, 1, 2, 3].reduce((sum, n) => sum + Math.abs(first[word + n] - source[n]), 0),
      ),
    );
  }),
);

instruction(
  "phminposuw",
  packedRows("66 0F 38 41 /r Vx,Wx", "", "WIG", 128),
  { memory: true },
  emitBytes((_, b) => {
    const words = Array.from({ length: 8 }, (_unused, n) => b[n * 2] | (b[n * 2 + 1] << 8));
    const smallest = Math.min(...words);
    return wordBytes([smallest, words.indexOf(smallest), 0, 0, 0, 0, 0, 0]);
  }),
);

function wordBytes(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word & 0xff, word >> 8]));
}
