// What only compatibility mode has: AAA AAS AAD AAM DAA DAS SALC BOUND ARPL INTO. SDM vol. 2.
import { BOUND_RANGE, DIVIDE_ERROR, OVERFLOW } from "../../../machine/processor.js";
import { AF, CF, ZF } from "../../../machine/state-layout.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";
import { ACCESS } from "../vector-emitter.js";

const RAX = 0;
const al = (x: Emitter) => x.register(RAX, 8, true);
const setAl = (x: Emitter, value: Node) => x.setRegister(RAX, 8, value, true);
const bit = (x: Emitter, flag: number) => x.eqz(x.eqz(x.and(x.allFlags(), x.i32(flag))));
const shifted = (x: Emitter, truth: Node, flag: number) => x.shl(truth, x.i32(31 - Math.clz32(flag)));
/** SF, ZF and PF of a byte, with CF and AF given. */
const byteFlags = (x: Emitter, result: Node, carry: Node, adjust: Node) => {
  x.setLogicFlags(8, result);
  const of = x.allFlags();
  x.setLazy(flags.EXPLICIT, 8, x.or(x.and(of, x.i32(~(CF | AF))), x.or(shifted(x, carry, CF), shifted(x, adjust, AF))));
};

/** The low digit is beyond nine, or was when AF was set. */
const needsAdjustment = (x: Emitter) => x.or(x.ltU(x.i32(9), x.and(al(x), x.i32(15))), bit(x, AF));

const ASCII = { reads: "A", writes: "AC", undefined: "OSZP" };
const asciiAdjust = (name: string, row: string, by: number) =>
  instruction(name, [row], ASCII, (x) => {
    const adjust = needsAdjustment(x);
    const ax = x.register(RAX, 16, true);
    const adjusted = x.select(adjust, x.add(ax, x.i32(by)), ax);
    x.setRegister(RAX, 16, x.and(adjusted, x.i32(0xff0f)), true);
    x.setLazy(flags.EXPLICIT, 8, x.or(shifted(x, adjust, CF), shifted(x, adjust, AF)));
  });
asciiAdjust("aaa", "i64 37", 0x106);
asciiAdjust("aas", "i64 3F", -0x106);

const DECIMAL = { reads: "AC", writes: "SZAPC", undefined: "O" };
const decimalAdjust = (name: string, row: string, subtracts: boolean) =>
  instruction(name, [row], DECIMAL, (x) => {
    const before = al(x);
    const adjust = needsAdjustment(x);
    const high = x.or(x.ltU(x.i32(0x99), before), bit(x, CF));
    const by = x.add(x.mul(adjust, x.i32(6)), x.mul(high, x.i32(0x60)));
    const result = x.and(subtracts ? x.sub(before, by) : x.add(before, by), x.i32(0xff));
    // DAS also notes the borrow of its first step.
    const borrow = x.and(adjust, x.ltU(before, x.i32(6)));
    setAl(x, result);
    byteFlags(x, result, subtracts ? x.or(high, borrow) : high, adjust);
  });
decimalAdjust("daa", "i64 27", false);
decimalAdjust("das", "i64 2F", true);

const PRODUCT = { writes: "SZP", undefined: "OAC" };
instruction("aad", ["i64 D5 Ib"], PRODUCT, (x) => {
  const ax = x.register(RAX, 16, true);
  const high = x.mul(x.shrU(ax, x.i32(8)), x.immediate(8));
  const result = x.and(x.add(x.and(ax, x.i32(0xff)), high), x.i32(0xff));
  x.setRegister(RAX, 16, result, true);
  x.setLogicFlags(8, result);
});

const DIV_U = operatorNamed("i32_div_u");
const REM_U = operatorNamed("i32_rem_u");
instruction("aam", ["i64 D4 Ib"], { ...PRODUCT, faults: true }, (x) => {
  const base = x.immediate(8);
  const isZero = x.eqz(base);
  x.trapWhen(isZero, DIVIDE_ERROR);
  const value = al(x);
  const low = x.apply(REM_U, value, base);
  x.setRegister(RAX, 16, x.or(x.shl(x.apply(DIV_U, value, base), x.i32(8)), low), true);
  x.setLogicFlags(8, low);
});

/** Undocumented in SDM, there in all processors: AL = CF ? FF : 0. */
instruction("salc", ["i64 D6"], { reads: "C" }, (x) => setAl(x, x.and(x.sub(x.i32(0), x.carry()), x.i32(0xff))));

instruction("bound", ["i64 62 /r mem Gv,M"], { faults: true }, (x) => {
  const bits = x.bits(0);
  const address = x.effectiveAddress();
  const linear = x.translate(address, bits >> 2, false);
  const signed = (value: Node) => x.signExtend32(value, bits);
  const lower = signed(x.rawLoad(ACCESS[bits], linear));
  const upper = signed(x.rawLoad(ACCESS[bits], x.add(linear, x.i32(bits >> 3))));
  const index = signed(x.read(0));
  x.trapWhen(x.or(x.ltS(index, lower), x.ltS(upper, index)), BOUND_RANGE);
});

instruction("arpl", ["i64 63 /r Ew,Gw"], { writes: "Z" }, (x) => {
  const wanted = x.and(x.read(1), x.i32(3));
  const value = x.read(0);
  const isLower = x.ltU(x.and(value, x.i32(3)), wanted);
  // Written to only when it changes.
  x.when(isLower, () => x.write(0, x.or(x.and(value, x.i32(0xfffc)), wanted)));
  x.changeFlags(ZF, () => shifted(x, isLower, ZF));
});

/** #OF: rip is left at the instruction, as with INT3. */
instruction("into", ["i64 CE"], { reads: "O", ends: true, memory: true }, (x) => {
  x.trapWhen(x.condition(0), OVERFLOW);
  x.jump(x.next);
});
