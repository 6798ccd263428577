// SSE2 to SSE4.2 integer vectors. SDM vol. 2: one table of those that are a single operator, then the rest.

import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";

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
  ["packsswb", "0F 63", "i8x16_narrow_i16x8_s"],
  ["packuswb", "0F 67", "i8x16_narrow_i16x8_u"],
  ["packssdw", "0F 6B", "i16x8_narrow_i32x4_s"],
  ["packusdw", "0F 38 2B", "i16x8_narrow_i32x4_u"],
];

const vectorInstruction = (
  name: string,
  opcode: string,
  compute: (x: Emitter, destination: Node, source: Node) => Node,
) =>
  instruction(name, [`66 ${opcode} /r Vx,Wx`], {}, (x) => {
    const source = x.vector(1);
    x.setXmm(x.i.reg, compute(x, x.xmm(x.i.reg), source));
  });

for (const [name, opcode, operator] of SINGLE) {
  const single = operatorNamed(operator);
  vectorInstruction(name, opcode, (x, a, b) => x.apply(single, a, b));
}

const op = (name: string) => operatorNamed(name);
const XOR = op("v128_xor");
const AND = op("v128_and");
const ANDNOT = op("v128_andnot");
const OR = op("v128_or");
vectorInstruction("pxor", "0F EF", (x, a, b) =>
  x.i.mod === 3 && x.i.reg === x.i.rm ? x.zeroVector() : x.apply(XOR, a, b),
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
  vectorInstruction(name, `0F 38 ${opcode}`, (x, _a, b) => x.apply(op(`${shape}_abs`), b));

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

/** PSHUFB: a set top bit gives zero, else the low four bits choose. */
vectorInstruction("pshufb", "0F 38 00", (x, a, b) =>
  x.apply(op("i8x16_swizzle"), a, x.apply(AND, b, x.apply(op("i8x16_splat"), x.i32(0x8f)))),
);

const horizontal = (name: string, opcode: string, bytes: 2 | 4, combine: string) =>
  vectorInstruction(name, `0F 38 ${opcode}`, (x, a, b) => {
    const even = Array.from({ length: 16 }, (_, n) => Math.floor(n / bytes) * 2 * bytes + (n % bytes));
    return x.apply(
      op(combine),
      x.shuffle(a, b, even),
      x.shuffle(
        a,
        b,
        even.map((lane) => lane + bytes),
      ),
    );
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
  instruction(name, [`66 ${register} /r Vx,Wx`], {}, (x) => {
    const count = x.lane(op("i64x2_extract_lane"), 0, x.vector(1));
    const over = x.ltU(x.i64(bits - 1), count);
    x.setXmm(x.i.reg, compute(x, x.xmm(x.i.reg), x.wrap(count), over));
  });
  instruction(name, [`66 ${immediate} reg Wx,Ib`], {}, (x) => {
    const count = x.i.immediate & 0xff;
    x.setXmm(x.i.rm, compute(x, x.xmm(x.i.rm), x.i32(count), x.i32(count >= bits ? 1 : 0)));
  });
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
for (const [sizes, digit, operand, steps] of EXTENSIONS)
  for (const [letter, row, suffix] of [
    ["s", "2", "s"],
    ["z", "3", "u"],
  ])
    instruction(`pmov${letter}x${sizes}`, [`66 0F 38 ${row}${digit} /r Vx,${operand}`], {}, (x) =>
      x.setXmm(
        x.i.reg,
        steps.reduce((value, step) => x.apply(op(`${step}_${suffix}`), value), x.vector(1)),
      ),
    );

const blendMask = (x: Emitter, bytes: number): Node =>
  x.v128(Uint8Array.from({ length: 16 }, (_, n) => ((x.i.immediate >> Math.floor(n / bytes)) & 1 ? 0xff : 0)));
const BITSELECT = op("v128_bitselect");
for (const [name, opcode, bytes] of [
  ["pblendw", "0E", 2],
  ["blendps", "0C", 4],
  ["blendpd", "0D", 8],
] as const)
  instruction(name, [`66 0F 3A ${opcode} /r Vx,Wx,Ib`], {}, (x) => {
    const source = x.vector(1);
    x.setXmm(x.i.reg, x.apply(BITSELECT, source, x.xmm(x.i.reg), blendMask(x, bytes)));
  });

/** Chosen by the top bit of each element of xmm0. */
vectorInstruction("pblendvb", "0F 38 10", (x, a, b) =>
  x.apply(BITSELECT, b, a, x.apply(op("i8x16_gt_s"), x.zeroVector(), x.xmm(0))),
);
vectorInstruction("blendvps", "0F 38 14", (x, a, b) =>
  x.apply(BITSELECT, b, a, x.apply(op("i32x4_gt_s"), x.zeroVector(), x.xmm(0))),
);
vectorInstruction("blendvpd", "0F 38 15", (x, a, b) =>
  x.apply(BITSELECT, b, a, x.apply(op("i64x2_gt_s"), x.zeroVector(), x.xmm(0))),
);

instruction("ptest", ["66 0F 38 17 /r Vx,Wx"], { writes: "OSZAPC" }, (x) => {
  const source = x.vector(1);
  const destination = x.xmm(x.i.reg);
  const any = (node: Node) => x.eqz(x.apply(op("v128_any_true"), node));
  const zero = any(x.apply(AND, source, destination));
  const carry = any(x.apply(ANDNOT, source, destination));
  x.setLazy(flags.EXPLICIT, 8, x.or(carry, x.shl(zero, x.i32(6))));
});

instruction("maskmovdqu", ["66 0F F7 /r reg Vx,Wx"], { memory: true }, (x) => {
  const { reg, rm } = x.i;
  x.stateStoreScratch(x.segmentAddress(x.addressRegister(7)));
  x.runMicrocode((core) => {
    const mask = core.xmm(rm);
    core.xmm(reg).forEach((byte, n) => {
      if (mask[n] & 0x80) core.writeBytes(core.scratchAddress() + n, Uint8Array.of(byte));
    });
  });
});

/** Sums of absolute differences of four bytes of the source with eight sliding groups of the destination. */
instruction("mpsadbw", ["66 0F 3A 42 /r Vx,Wx,Ib"], { memory: true }, (x) => {
  x.stateStoreScratchVector(x.vector(1));
  const { reg, immediate } = x.i;
  x.runMicrocode((core) => {
    const source = core.scratchVector().subarray((immediate & 3) * 4);
    const destination = core.xmm(reg).slice((immediate & 4) !== 0 ? 4 : 0);
    const out = core.xmm(reg);
    for (let word = 0; word < 8; word++) {
      let sum = 0;
      for (let n = 0; n < 4; n++) sum += Math.abs(destination[word + n] - source[n]);
      out[word * 2] = sum;
      out[word * 2 + 1] = sum >> 8;
    }
  });
});

instruction("phminposuw", ["66 0F 38 41 /r Vx,Wx"], { memory: true }, (x) => {
  x.stateStoreScratchVector(x.vector(1));
  const { reg } = x.i;
  x.runMicrocode((core) => {
    const source = core.scratchVector();
    const words = Array.from({ length: 8 }, (_, n) => source[n * 2] | (source[n * 2 + 1] << 8));
    const smallest = Math.min(...words);
    const out = core.xmm(reg);
    out.fill(0);
    out[0] = smallest;
    out[1] = smallest >> 8;
    out[2] = words.indexOf(smallest);
  });
});
