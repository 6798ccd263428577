// Moves and shuffles of MMX, SSE to SSE4.1 and AVX. SDM vol. 2.
import { I64 } from "../../../wasm/module-builder.js";
import { LOAD8, LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { type Operator, operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction, type RowText, vexRow } from "../opcode-table.js";
import {
  emitUnary,
  firstHalves,
  lanesOf,
  packed,
  packedOf,
  packedRows,
  partBytes,
  partLanes,
} from "../packed-forms.js";

const I64_REPLACE = operatorNamed("i64x2_replace_lane");
const I64_EXTRACT = operatorNamed("i64x2_extract_lane");
const I32_EXTRACT = operatorNamed("i32x4_extract_lane");
const I32_REPLACE = operatorNamed("i32x4_replace_lane");
const I16_EXTRACT = operatorNamed("i16x8_extract_lane_u");
const I16_REPLACE = operatorNamed("i16x8_replace_lane");
const I8_EXTRACT = operatorNamed("i8x16_extract_lane_u");
const I8_REPLACE = operatorNamed("i8x16_replace_lane");
const I8_BITMASK = operatorNamed("i8x16_bitmask");
const I32_BITMASK = operatorNamed("i32x4_bitmask");
const I64_BITMASK = operatorNamed("i64x2_bitmask");

const copy = (x: Emitter) => x.setHalves(0, x.halves(1));
const sameOperands = (rows: readonly string[]) => rows.flatMap((row) => packedRows(row, ""));

instruction(
  "movaps/movapd/movdqa",
  sameOperands([
    "NP 0F 28 /r Vx,Wx",
    "66 0F 28 /r Vx,Wx",
    "NP 0F 29 /r Wx,Vx",
    "66 0F 29 /r Wx,Vx",
    "66 0F 6F /r Vx,Wx",
    "66 0F 7F /r Wx,Vx",
  ]),
  { aligned: true },
  copy,
);
instruction(
  "movntps/movntdq/movntdqa",
  sameOperands(["NP 0F 2B /r mem Wx,Vx", "66 0F 2B /r mem Wx,Vx", "66 0F E7 /r mem Wx,Vx", "66 0F 38 2A /r mem Vx,Wx"]),
  { aligned: true },
  copy,
);
instruction(
  "movups/movupd/movdqu/lddqu",
  sameOperands([
    "NP 0F 10 /r Vx,Wx",
    "66 0F 10 /r Vx,Wx",
    "NP 0F 11 /r Wx,Vx",
    "66 0F 11 /r Wx,Vx",
    "F3 0F 6F /r Vx,Wx",
    "F3 0F 7F /r Wx,Vx",
    "F2 0F F0 /r mem Vx,Wx",
  ]),
  { unaligned: true },
  copy,
);
instruction("movq", ["NP 0F 6F /r Pq,Qq", "NP 0F 7F /r Qq,Pq"], {}, copy);
instruction("movntq", ["NP 0F E7 /r mem Qq,Pq"], {}, copy);
instruction("movq2dq", ["F3 0F D6 /r reg Vx,Qq"], {}, copy);
instruction("movdq2q", ["F2 0F D6 /r reg Pq,Wx"], {}, copy);

instruction("movnti", ["NP 0F C3 /r mem Ey,Gy"], {}, (x) => x.write(0, x.read(1)));

/** The legacy row and its VEX sister for scalars: any VEX.L. */
const scalarRows = (row: string, operands: string) => [row, vexRow(row, operands)];
instruction("movss", scalarRows("F3 0F 10 /r mem Vss,Wss", ""), {}, (x) => x.setXmm(x.i.reg, x.vector(1)));
instruction("movss", scalarRows("F3 0F 10 /r reg Vss,Wss", "+H"), {}, (x) => x.setLow(x.i.reg, x.lowSingle(x.i.rm)));
instruction("movss", scalarRows("F3 0F 11 /r reg Wss,Vss", "Wss,Hss,Vss"), {}, (x) =>
  x.setLow(x.i.rm, x.lowSingle(x.i.reg)),
);
instruction("movss", scalarRows("F3 0F 11 /r mem Wss,Vss", ""), {}, (x) =>
  x.store(LOAD32, x.effectiveAddress(), x.lowI32(x.i.reg)),
);
instruction("movsd", scalarRows("F2 0F 10 /r mem Vsd,Wsd", ""), {}, (x) => x.setLowZero(x.i.reg, x.scalar64(1)));
instruction("movsd", scalarRows("F2 0F 10 /r reg Vsd,Wsd", "+H"), {}, (x) => x.setLow(x.i.reg, x.lowDouble(x.i.rm)));
instruction("movsd", scalarRows("F2 0F 11 /r reg Wsd,Vsd", "Wsd,Hsd,Vsd"), {}, (x) =>
  x.setLow(x.i.rm, x.lowDouble(x.i.reg)),
);
instruction("movsd", scalarRows("F2 0F 11 /r mem Wsd,Vsd", ""), {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), x.apply(operatorNamed("i64_reinterpret_f64"), x.lowDouble(x.i.reg))),
);

/** VEX.128 only. */
const rows128 = (rows: readonly string[], operands = "") =>
  rows.flatMap((row) => packedRows(row, operands, "WIG", 128));
instruction("movq", rows128(["F3 0F 7E /r Vq,Wq"]), {}, (x) =>
  x.setLowZero(x.i.reg, x.i.isMemory ? x.scalar64(1) : x.lowI64(x.i.rm)),
);
instruction("movq", rows128(["66 0F D6 /r Wq,Vq"]), {}, (x) => {
  const value = x.lowI64(x.i.reg);
  if (x.i.isMemory) x.store(LOAD64, x.effectiveAddress(), value);
  else x.setLowZero(x.i.rm, value);
});
instruction("movd/movq", rows128(["66 0F 6E /r Vx,Ey"]), {}, (x) => x.setLowZero(x.i.reg, x.read(1)));
instruction("movd/movq", rows128(["66 0F 7E /r Ey,Vx"]), {}, (x) =>
  x.write(0, x.bits(0) === 64 ? x.lowI64(x.i.reg) : x.lowI32(x.i.reg)),
);
instruction("movd/movq", ["NP 0F 6E /r Pq,Ey"], {}, (x) => x.setMmx(x.i.reg, x.toI64(x.read(1), x.bits(1), false)));
instruction("movd/movq", ["NP 0F 7E /r Ey,Pq"], {}, (x) => {
  const value = x.mmx(x.i.reg);
  x.write(0, x.bits(0) === 64 ? value : x.wrap(value));
});

const high = (x: Emitter, register: number) => x.lane(I64_EXTRACT, 1, x.xmm(register));
/** One half of the destination from memory or a register, the other from the first source. */
const moveHalf = (name: string, rows: readonly string[], half: 0 | 1, source: (x: Emitter) => Node) =>
  instruction(name, rows128(rows, "+H"), {}, (x) => {
    const value = source(x);
    x.setXmm(x.i.reg, x.lane(I64_REPLACE, half, x.xmm(x.first), value));
  });
const load64 = (x: Emitter) => x.load(LOAD64, x.effectiveAddress());
moveHalf("movlps/movlpd", ["NP 0F 12 /r mem Vx,Wq", "66 0F 12 /r mem Vx,Wq"], 0, load64);
moveHalf("movhps/movhpd", ["NP 0F 16 /r mem Vx,Wq", "66 0F 16 /r mem Vx,Wq"], 1, load64);
moveHalf("movhlps", ["NP 0F 12 /r reg Vx,Wx"], 0, (x) => high(x, x.i.rm));
moveHalf("movlhps", ["NP 0F 16 /r reg Vx,Wx"], 1, (x) => x.lowI64(x.i.rm));
instruction("movlps/movlpd", rows128(["NP 0F 13 /r mem Wq,Vx", "66 0F 13 /r mem Wq,Vx"]), {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), x.lowI64(x.i.reg)),
);
instruction("movhps/movhpd", rows128(["NP 0F 17 /r mem Wq,Vx", "66 0F 17 /r mem Wq,Vx"]), {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), high(x, x.i.reg)),
);

const shuffled = (lanes: readonly number[]) => emitUnary((x, b) => x.shuffle(b, b, lanes));
instruction(
  "movddup",
  [...rows128(["F2 0F 12 /r Vx,Wq"]), "VEX.256.F2.0F.WIG 12 /r Vx,Wx"],
  {},
  shuffled(lanesOf(8, [0, 0])),
);
instruction("movsldup", packedRows("F3 0F 12 /r Vx,Wx", ""), {}, shuffled(lanesOf(4, [0, 0, 2, 2])));
instruction("movshdup", packedRows("F3 0F 16 /r Vx,Wx", ""), {}, shuffled(lanesOf(4, [1, 1, 3, 3])));

/** The elements' top bits. */
const mask = (name: string, rows: readonly RowText[], operator: Operator, count: number) =>
  instruction(name, rows, {}, (x) => {
    const [low, upper] = x.halves(1).map((half) => x.apply(operator, half));
    x.setRegister(x.i.reg, 32, upper ? x.or(low, x.shl(upper, x.i32(count))) : low);
  });
mask("movmskps", packedRows("NP 0F 50 /r reg Gy,Wx", ""), I32_BITMASK, 4);
mask("movmskpd", packedRows("66 0F 50 /r reg Gy,Wx", ""), I64_BITMASK, 2);
mask("pmovmskb", [...packedRows("66 0F D7 /r reg Gy,Wx", ""), "NP 0F D7 /r reg Gy,Qq"], I8_BITMASK, 16);

/** Elements of both operands' lower or upper halves alternately. `mmx`: the operands of the form on mm registers. */
const unpack = (name: string, opcode: string, bytes: number, upper: boolean, prefix = "66", mmx = "") =>
  packedOf(
    name,
    [...packedRows(`${prefix} 0F ${opcode} /r Vx,Wx`), ...(mmx ? [`NP 0F ${opcode} /r ${mmx}`] : [])],
    (x, a, b) => {
      const count = partBytes(x) / bytes;
      const start = upper ? count / 2 : 0;
      const elements = Array.from({ length: count }, (_, i) => start + (i >> 1) + (i & 1) * count);
      return x.shuffle(a, b, partLanes(x, lanesOf(bytes, elements)));
    },
  );
unpack("punpcklbw", "60", 1, false, "66", "Pq,Qd");
unpack("punpcklwd", "61", 2, false, "66", "Pq,Qd");
unpack("punpckldq", "62", 4, false, "66", "Pq,Qd");
unpack("punpcklqdq", "6C", 8, false);
unpack("punpckhbw", "68", 1, true, "66", "Pq,Qq");
unpack("punpckhwd", "69", 2, true, "66", "Pq,Qq");
unpack("punpckhdq", "6A", 4, true, "66", "Pq,Qq");
unpack("punpckhqdq", "6D", 8, true);
unpack("unpcklps", "14", 4, false, "NP");
unpack("unpckhps", "15", 4, true, "NP");
unpack("unpcklpd", "14", 8, false);
unpack("unpckhpd", "15", 8, true);

/** The four two-bit fields of the immediate. */
const fields = (x: Emitter) => [0, 2, 4, 6].map((position) => (x.i.immediate >> position) & 3);
const shuffleBy = (name: string, row: string, bytes: number, elements: (x: Emitter) => number[]) =>
  instruction(
    name,
    [...packedRows(row, ""), ...(name === "pshuflw" ? ["NP 0F 70 /r Pq,Qq,Ib"] : [])],
    {},
    emitUnary((x, b) => x.shuffle(b, b, lanesOf(bytes, elements(x)))),
  );
shuffleBy("pshufd", "66 0F 70 /r Vx,Wx,Ib", 4, fields);
// PSHUFW on mm registers is the same on the low part.
shuffleBy("pshuflw", "F2 0F 70 /r Vx,Wx,Ib", 2, (x) => [...fields(x), 4, 5, 6, 7]);
shuffleBy("pshufhw", "F3 0F 70 /r Vx,Wx,Ib", 2, (x) => [0, 1, 2, 3, ...fields(x).map((n) => 4 + n)]);
packed("shufps", "NP 0F C6 /r Vx,Wx,Ib", (x, a, b) =>
  x.shuffle(
    a,
    b,
    lanesOf(
      4,
      fields(x).map((n, place) => (place > 1 ? n + 4 : n)),
    ),
  ),
);
packed("shufpd", "66 0F C6 /r Vx,Wx,Ib", (x, a, b, half) => {
  const bits = x.i.immediate >> (half * 2);
  return x.shuffle(a, b, lanesOf(8, [bits & 1, 2 + ((bits >> 1) & 1)]));
});
/** The bytes from the immediate on of first:second source; past the end come zeros. */
packed(
  "palignr",
  "66 0F 3A 0F /r Vx,Wx,Ib",
  (x, a, b) => {
    const part = partBytes(x);
    const by = Math.min(x.i.immediate & 0xff, 2 * part);
    const places = Array.from({ length: part }, (_, n) => n + (by <= part ? by : by - part));
    return by <= part ? x.shuffle(b, a, partLanes(x, places)) : x.shuffle(a, x.zeroVector(), partLanes(x, places));
  },
  true,
);
const byteShift = (name: string, digit: number, left: boolean) =>
  instruction(
    name,
    packedRows(`66 0F 73 /${digit} reg Wx,Ib`, "Hx,Wx,Ib"),
    {},
    emitUnary((x, value) => {
      const by = Math.min(x.i.immediate & 0xff, 16);
      const zero = x.zeroVector();
      const lanes = Array.from({ length: 16 }, (_, n) => n + (left ? 16 - by : by));
      return left ? x.shuffle(zero, value, lanes) : x.shuffle(value, zero, lanes);
    }),
  );
byteShift("psrldq", 3, false);
byteShift("pslldq", 7, true);

/** One element from a general register or memory, the others from the first source. */
const insert = (name: string, rows: readonly RowText[], emit: (x: Emitter, rest: Node) => Node) =>
  instruction(name, rows, {}, (x) => x.setHalves(0, [emit(x, firstHalves(x)[0])]));
insert(
  "pinsrw",
  [
    ...rows128(["66 0F C4 /r reg Vx,Ed,Ib", "66 0F C4 /r mem Vx,Ew,Ib"], "+H"),
    "NP 0F C4 /r reg Pq,Ed,Ib",
    "NP 0F C4 /r mem Pq,Ew,Ib",
  ],
  (x, rest) => x.lane(I16_REPLACE, x.i.immediate & (partBytes(x) / 2 - 1), rest, x.read(x.second)),
);
insert("pinsrb", rows128(["66 0F 3A 20 /r reg Vx,Ed,Ib", "66 0F 3A 20 /r mem Vx,Eb,Ib"], "+H"), (x, rest) =>
  x.lane(I8_REPLACE, x.i.immediate & 15, rest, x.read(x.second)),
);
insert("pinsrd/pinsrq", rows128(["66 0F 3A 22 /r Vx,Ey,Ib"], "+H"), (x, rest) => {
  const wide = x.bits(x.second) === 64;
  return x.lane(wide ? I64_REPLACE : I32_REPLACE, x.i.immediate & (wide ? 1 : 3), rest, x.read(x.second));
});
insert("insertps", rows128(["66 0F 3A 21 /r Vx,Wss,Ib"], "+H"), (x, rest) => {
  const from = x.i.isMemory ? 0 : (x.i.immediate >> 6) & 3;
  const value = x.lane(I32_EXTRACT, from, x.vector(x.second));
  let result = x.lane(I32_REPLACE, (x.i.immediate >> 4) & 3, rest, value);
  for (let lane = 0; lane < 4; lane++)
    if ((x.i.immediate >> lane) & 1) result = x.lane(I32_REPLACE, lane, result, x.i32(0));
  return result;
});

instruction("pextrw", [...rows128(["66 0F C5 /r reg Gy,Wx,Ib"]), "NP 0F C5 /r reg Gy,Qq,Ib"], {}, (x) =>
  x.setRegister(x.i.reg, 32, x.lane(I16_EXTRACT, x.i.immediate & (partBytes(x) / 2 - 1), x.halves(1)[0])),
);

const extract = (x: Emitter, value: Node, store: () => void) => {
  if (x.i.isMemory) store();
  else x.setRegister(x.i.rm, value.type === I64 ? 64 : 32, value);
};
instruction("pextrb", rows128(["66 0F 3A 14 /r Ed,Vx,Ib"]), {}, (x) => {
  const value = x.lane(I8_EXTRACT, x.i.immediate & 15, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD8, x.effectiveAddress(), value));
});
instruction("pextrw", rows128(["66 0F 3A 15 /r Ed,Vx,Ib"]), {}, (x) => {
  const value = x.lane(I16_EXTRACT, x.i.immediate & 7, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD16, x.effectiveAddress(), value));
});
instruction("pextrd/pextrq", rows128(["66 0F 3A 16 /r Ey,Vx,Ib"]), {}, (x) => {
  const wide = x.bits(0) === 64;
  const value = wide
    ? x.lane(I64_EXTRACT, x.i.immediate & 1, x.xmm(x.i.reg))
    : x.lane(I32_EXTRACT, x.i.immediate & 3, x.xmm(x.i.reg));
  extract(x, value, () => x.store(wide ? LOAD64 : LOAD32, x.effectiveAddress(), value));
});
instruction("extractps", rows128(["66 0F 3A 17 /r Ed,Vx,Ib"]), {}, (x) => {
  const value = x.lane(I32_EXTRACT, x.i.immediate & 3, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD32, x.effectiveAddress(), value));
});
