// SSE to SSE4.1 moves and shuffles. SDM vol. 2.
import { I64 } from "../../../wasm/module-builder.js";
import { LOAD8, LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";

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

const copy = (x: Emitter) => x.setVector(0, x.vector(1));

instruction(
  "movaps/movapd/movdqa",
  [
    "NP 0F 28 /r Vx,Wx",
    "66 0F 28 /r Vx,Wx",
    "NP 0F 29 /r Wx,Vx",
    "66 0F 29 /r Wx,Vx",
    "66 0F 6F /r Vx,Wx",
    "66 0F 7F /r Wx,Vx",
  ],
  {},
  copy,
);
instruction(
  "movntps/movntdq/movntdqa",
  ["NP 0F 2B /r mem Wx,Vx", "66 0F 2B /r mem Wx,Vx", "66 0F E7 /r mem Wx,Vx", "66 0F 38 2A /r mem Vx,Wx"],
  {},
  copy,
);
instruction(
  "movups/movupd/movdqu/lddqu",
  [
    "NP 0F 10 /r Vx,Wx",
    "66 0F 10 /r Vx,Wx",
    "NP 0F 11 /r Wx,Vx",
    "66 0F 11 /r Wx,Vx",
    "F3 0F 6F /r Vx,Wx",
    "F3 0F 7F /r Wx,Vx",
    "F2 0F F0 /r mem Vx,Wx",
  ],
  { unaligned: true },
  copy,
);

instruction("movnti", ["NP 0F C3 /r mem Ey,Gy"], {}, (x) => x.write(0, x.read(1)));

instruction("movss", ["F3 0F 10 /r mem Vss,Wss"], {}, (x) => x.setXmm(x.i.reg, x.vector(1)));
instruction("movss", ["F3 0F 10 /r reg Vss,Wss"], {}, (x) => x.setLow(x.i.reg, x.lowSingle(x.i.rm)));
instruction("movss", ["F3 0F 11 /r reg Wss,Vss"], {}, (x) => x.setLow(x.i.rm, x.lowSingle(x.i.reg)));
instruction("movss", ["F3 0F 11 /r mem Wss,Vss"], {}, (x) => x.store(LOAD32, x.effectiveAddress(), x.lowI32(x.i.reg)));
instruction("movsd", ["F2 0F 10 /r mem Vsd,Wsd"], {}, (x) => x.setLowZero(x.i.reg, x.scalar64(1)));
instruction("movsd", ["F2 0F 10 /r reg Vsd,Wsd"], {}, (x) => x.setLow(x.i.reg, x.lowDouble(x.i.rm)));
instruction("movsd", ["F2 0F 11 /r reg Wsd,Vsd"], {}, (x) => x.setLow(x.i.rm, x.lowDouble(x.i.reg)));
instruction("movsd", ["F2 0F 11 /r mem Wsd,Vsd"], {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), x.apply(operatorNamed("i64_reinterpret_f64"), x.lowDouble(x.i.reg))),
);

instruction("movq", ["F3 0F 7E /r Vq,Wq"], {}, (x) =>
  x.setLowZero(x.i.reg, x.i.isMemory ? x.scalar64(1) : x.lowI64(x.i.rm)),
);
instruction("movq", ["66 0F D6 /r Wq,Vq"], {}, (x) => {
  const value = x.lowI64(x.i.reg);
  if (x.i.isMemory) x.store(LOAD64, x.effectiveAddress(), value);
  else x.setLowZero(x.i.rm, value);
});
instruction("movd/movq", ["66 0F 6E /r Vx,Ey"], {}, (x) => x.setLowZero(x.i.reg, x.read(1)));
instruction("movd/movq", ["66 0F 7E /r Ey,Vx"], {}, (x) =>
  x.write(0, x.bits(0) === 64 ? x.lowI64(x.i.reg) : x.lowI32(x.i.reg)),
);

const high = (x: Emitter, register: number) => x.lane(I64_EXTRACT, 1, x.xmm(register));
instruction("movlps/movlpd", ["NP 0F 12 /r mem Vx,Wq", "66 0F 12 /r mem Vx,Wq"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I64_REPLACE, 0, x.xmm(x.i.reg), x.load(LOAD64, x.effectiveAddress()))),
);
instruction("movlps/movlpd", ["NP 0F 13 /r mem Wq,Vx", "66 0F 13 /r mem Wq,Vx"], {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), x.lowI64(x.i.reg)),
);
instruction("movhps/movhpd", ["NP 0F 16 /r mem Vx,Wq", "66 0F 16 /r mem Vx,Wq"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I64_REPLACE, 1, x.xmm(x.i.reg), x.load(LOAD64, x.effectiveAddress()))),
);
instruction("movhps/movhpd", ["NP 0F 17 /r mem Wq,Vx", "66 0F 17 /r mem Wq,Vx"], {}, (x) =>
  x.store(LOAD64, x.effectiveAddress(), high(x, x.i.reg)),
);
instruction("movhlps", ["NP 0F 12 /r reg Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I64_REPLACE, 0, x.xmm(x.i.reg), high(x, x.i.rm))),
);
instruction("movlhps", ["NP 0F 16 /r reg Vx,Wx"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I64_REPLACE, 1, x.xmm(x.i.reg), x.lowI64(x.i.rm))),
);

instruction("movddup", ["F2 0F 12 /r Vx,Wq"], {}, (x) => {
  const value = x.i.isMemory ? x.load(LOAD64, x.effectiveAddress()) : x.lowI64(x.i.rm);
  x.setXmm(x.i.reg, x.apply(operatorNamed("i64x2_splat"), value));
});
const shuffled = (x: Emitter, lanes: readonly number[]) => {
  const source = x.vector(1);
  x.setXmm(x.i.reg, x.shuffle(source, source, lanes));
};
instruction("movsldup", ["F3 0F 12 /r Vx,Wx"], {}, (x) => shuffled(x, lanesOf(4, [0, 0, 2, 2])));
instruction("movshdup", ["F3 0F 16 /r Vx,Wx"], {}, (x) => shuffled(x, lanesOf(4, [1, 1, 3, 3])));

instruction("movmskps", ["NP 0F 50 /r reg Gy,Wx"], {}, (x) => mask(x, I32_BITMASK));
instruction("movmskpd", ["66 0F 50 /r reg Gy,Wx"], {}, (x) => mask(x, I64_BITMASK));
instruction("pmovmskb", ["66 0F D7 /r reg Gy,Wx"], {}, (x) => mask(x, I8_BITMASK));
function mask(x: Emitter, operator: typeof I8_BITMASK): void {
  x.setRegister(x.i.reg, 32, x.apply(operator, x.xmm(x.i.rm)));
}

/** Byte lanes of a shuffle of whole elements; element numbers count on into the second operand. */
function lanesOf(bytes: number, elements: readonly number[]): number[] {
  return elements.flatMap((element) => Array.from({ length: bytes }, (_, byte) => element * bytes + byte));
}

const unpack = (name: string, opcode: string, bytes: number, upper: boolean, prefix = "66") => {
  const count = 16 / bytes;
  const start = upper ? count / 2 : 0;
  const elements = Array.from({ length: count }, (_, i) => start + (i >> 1) + (i & 1) * count);
  const lanes = lanesOf(bytes, elements);
  instruction(name, [`${prefix} 0F ${opcode} /r Vx,Wx`], {}, (x) => {
    const source = x.vector(1);
    x.setXmm(x.i.reg, x.shuffle(x.xmm(x.i.reg), source, lanes));
  });
};
unpack("punpcklbw", "60", 1, false);
unpack("punpcklwd", "61", 2, false);
unpack("punpckldq", "62", 4, false);
unpack("punpcklqdq", "6C", 8, false);
unpack("punpckhbw", "68", 1, true);
unpack("punpckhwd", "69", 2, true);
unpack("punpckhdq", "6A", 4, true);
unpack("punpckhqdq", "6D", 8, true);
unpack("unpcklps", "14", 4, false, "NP");
unpack("unpckhps", "15", 4, true, "NP");
unpack("unpcklpd", "14", 8, false);
unpack("unpckhpd", "15", 8, true);

const twoBits = (immediate: number, position: number) => (immediate >> (position * 2)) & 3;
instruction("pshufd", ["66 0F 70 /r Vx,Wx,Ib"], {}, (x) =>
  shuffled(
    x,
    lanesOf(
      4,
      [0, 1, 2, 3].map((n) => twoBits(x.i.immediate, n)),
    ),
  ),
);
instruction("pshuflw", ["F2 0F 70 /r Vx,Wx,Ib"], {}, (x) =>
  shuffled(x, lanesOf(2, [...[0, 1, 2, 3].map((n) => twoBits(x.i.immediate, n)), 4, 5, 6, 7])),
);
instruction("pshufhw", ["F3 0F 70 /r Vx,Wx,Ib"], {}, (x) =>
  shuffled(x, lanesOf(2, [0, 1, 2, 3, ...[0, 1, 2, 3].map((n) => 4 + twoBits(x.i.immediate, n))])),
);
instruction("shufps", ["NP 0F C6 /r Vx,Wx,Ib"], {}, (x) => {
  const source = x.vector(1);
  const pick = (n: number) => twoBits(x.i.immediate, n) + (n > 1 ? 4 : 0);
  x.setXmm(x.i.reg, x.shuffle(x.xmm(x.i.reg), source, lanesOf(4, [0, 1, 2, 3].map(pick))));
});
instruction("shufpd", ["66 0F C6 /r Vx,Wx,Ib"], {}, (x) => {
  const source = x.vector(1);
  x.setXmm(x.i.reg, x.shuffle(x.xmm(x.i.reg), source, lanesOf(8, [x.i.immediate & 1, 2 + ((x.i.immediate >> 1) & 1)])));
});
instruction("palignr", ["66 0F 3A 0F /r Vx,Wx,Ib"], {}, (x) => {
  const source = x.vector(1);
  const by = x.i.immediate & 0xff;
  // Bytes `by`.. of destination:source; past the end come zeros.
  if (by <= 16)
    return x.setXmm(
      x.i.reg,
      x.shuffle(
        source,
        x.xmm(x.i.reg),
        Array.from({ length: 16 }, (_, n) => n + by),
      ),
    );
  const zero = x.zeroVector();
  if (by >= 32) return x.setXmm(x.i.reg, zero);
  x.setXmm(
    x.i.reg,
    x.shuffle(
      x.xmm(x.i.reg),
      zero,
      Array.from({ length: 16 }, (_, n) => n + by - 16),
    ),
  );
});
const byteShift = (name: string, digit: number, left: boolean) =>
  instruction(name, [`66 0F 73 /${digit} reg Wx,Ib`], {}, (x) => {
    const by = Math.min(x.i.immediate & 0xff, 16);
    const zero = x.zeroVector();
    const value = x.xmm(x.i.rm);
    const lanes = Array.from({ length: 16 }, (_, n) => n + (left ? 16 - by : by));
    x.setXmm(x.i.rm, left ? x.shuffle(zero, value, lanes) : x.shuffle(value, zero, lanes));
  });
byteShift("psrldq", 3, false);
byteShift("pslldq", 7, true);

instruction("pinsrw", ["66 0F C4 /r reg Vx,Ed,Ib"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I16_REPLACE, x.i.immediate & 7, x.xmm(x.i.reg), x.register(x.i.rm, 32))),
);
instruction("pinsrw", ["66 0F C4 /r mem Vx,Ew,Ib"], {}, (x) =>
  x.setXmm(x.i.reg, x.lane(I16_REPLACE, x.i.immediate & 7, x.xmm(x.i.reg), x.load(LOAD16, x.effectiveAddress()))),
);
instruction("pextrw", ["66 0F C5 /r reg Gy,Wx,Ib"], {}, (x) =>
  x.setRegister(x.i.reg, 32, x.lane(I16_EXTRACT, x.i.immediate & 7, x.xmm(x.i.rm))),
);

const extract = (x: Emitter, value: Node, store: () => void) => {
  if (x.i.isMemory) store();
  else x.setRegister(x.i.rm, value.type === I64 ? 64 : 32, value);
};
instruction("pextrb", ["66 0F 3A 14 /r Ed,Vx,Ib"], {}, (x) => {
  const value = x.lane(I8_EXTRACT, x.i.immediate & 15, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD8, x.effectiveAddress(), value));
});
instruction("pextrw", ["66 0F 3A 15 /r Ed,Vx,Ib"], {}, (x) => {
  const value = x.lane(I16_EXTRACT, x.i.immediate & 7, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD16, x.effectiveAddress(), value));
});
instruction("pextrd/pextrq", ["66 0F 3A 16 /r Ey,Vx,Ib"], {}, (x) => {
  const wide = x.bits(0) === 64;
  const value = wide
    ? x.lane(I64_EXTRACT, x.i.immediate & 1, x.xmm(x.i.reg))
    : x.lane(I32_EXTRACT, x.i.immediate & 3, x.xmm(x.i.reg));
  extract(x, value, () => x.store(wide ? LOAD64 : LOAD32, x.effectiveAddress(), value));
});
instruction("extractps", ["66 0F 3A 17 /r Ed,Vx,Ib"], {}, (x) => {
  const value = x.lane(I32_EXTRACT, x.i.immediate & 3, x.xmm(x.i.reg));
  extract(x, value, () => x.store(LOAD32, x.effectiveAddress(), value));
});
instruction("pinsrb", ["66 0F 3A 20 /r Vx,Ed,Ib"], {}, (x) => {
  const value = x.i.isMemory ? x.load(LOAD8, x.effectiveAddress()) : x.register(x.i.rm, 32);
  x.setXmm(x.i.reg, x.lane(I8_REPLACE, x.i.immediate & 15, x.xmm(x.i.reg), value));
});
instruction("pinsrd/pinsrq", ["66 0F 3A 22 /r Vx,Ey,Ib"], {}, (x) => {
  const value = x.read(1);
  const wide = x.bits(1) === 64;
  x.setXmm(x.i.reg, x.lane(wide ? I64_REPLACE : I32_REPLACE, x.i.immediate & (wide ? 1 : 3), x.xmm(x.i.reg), value));
});
instruction("insertps", ["66 0F 3A 21 /r Vx,Wss,Ib"], {}, (x) => {
  const from = x.i.isMemory ? 0 : (x.i.immediate >> 6) & 3;
  const value = x.lane(I32_EXTRACT, from, x.vector(1));
  let result = x.lane(I32_REPLACE, (x.i.immediate >> 4) & 3, x.xmm(x.i.reg), value);
  for (let lane = 0; lane < 4; lane++)
    if ((x.i.immediate >> lane) & 1) result = x.lane(I32_REPLACE, lane, result, x.i32(0));
  x.setXmm(x.i.reg, result);
});
