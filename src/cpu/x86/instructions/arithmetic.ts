// Integer arithmetic and logic. SDM vol. 2: ADD ADC SUB SBB AND OR XOR CMP TEST INC DEC NEG NOT XADD CMPXCHG.
import { CF } from "../../../machine/state-layout.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";

const hex = (value: number) => value.toString(16).toUpperCase().padStart(2, "0");

/** The eight encodings the classic two-operand instructions share. */
function twoOperandRows(base: number, digit: number): string[] {
  return [
    `${hex(base)} /r Eb,Gb`,
    `${hex(base + 1)} /r Ev,Gv`,
    `${hex(base + 2)} /r Gb,Eb`,
    `${hex(base + 3)} /r Gv,Ev`,
    `${hex(base + 4)} AL,Ib`,
    `${hex(base + 5)} rAX,Iz`,
    `80 /${digit} Eb,Ib`,
    `81 /${digit} Ev,Iz`,
    `83 /${digit} Ev,Ibs`,
    `i64 82 /${digit} Eb,Ib`,
  ];
}

const STATUS = { writes: "OSZAPC", lock: true };
const LOGIC = { writes: "OSZPC", undefined: "A", lock: true };

instruction("add", twoOperandRows(0x00, 0), STATUS, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  const sum = x.cut(x.add(value, source), x.bits(0));
  x.setLazy(flags.ADDITION, x.bits(0), value, source);
  store(sum);
});

instruction("sub", twoOperandRows(0x28, 5), STATUS, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  x.setLazy(flags.SUBTRACTION, x.bits(0), value, source);
  store(x.cut(x.sub(value, source), x.bits(0)));
});

instruction("cmp", twoOperandRows(0x38, 7), { writes: "OSZAPC" }, (x) => {
  const first = x.read(0);
  x.setLazy(flags.SUBTRACTION, x.bits(0), first, x.read(1));
});

instruction("adc", twoOperandRows(0x10, 2), { ...STATUS, reads: "C" }, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  const carry = wide(x, x.carry(), x.bits(0));
  x.setLazy(flags.ADD_CARRY, x.bits(0), value, source, carry);
  store(x.cut(x.add(x.add(value, source), carry), x.bits(0)));
});

instruction("sbb", twoOperandRows(0x18, 3), { ...STATUS, reads: "C" }, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  const carry = wide(x, x.carry(), x.bits(0));
  x.setLazy(flags.SUB_BORROW, x.bits(0), value, source, carry);
  store(x.cut(x.sub(x.sub(value, source), carry), x.bits(0)));
});

const wide = (x: Emitter, node: Node, bits: number) => (bits === 64 ? x.extendU(node) : node);

const logic = (name: string, base: number, digit: number, combine: (x: Emitter, a: Node, b: Node) => Node) =>
  instruction(name, twoOperandRows(base, digit), LOGIC, (x) => {
    const source = x.read(1);
    const { value, store } = x.destination(0);
    const result = combine(x, value, source);
    x.setLogicFlags(x.bits(0), result);
    store(result);
  });

logic("and", 0x20, 4, (x, a, b) => x.and(a, b));
logic("or", 0x08, 1, (x, a, b) => x.or(a, b));
logic("xor", 0x30, 6, (x, a, b) =>
  // `xor r,r` is how programs write zero: no dependence on the old value.
  !x.i.isMemory && x.i.row.operands[1].where !== "imm" && x.registerOf(0) === x.registerOf(1) && x.bits(0) >= 32
    ? x.typed(x.bits(0), 0)
    : x.xor(a, b),
);

instruction(
  "test",
  ["84 /r Eb,Gb", "85 /r Ev,Gv", "A8 AL,Ib", "A9 rAX,Iz", "F6 /0 Eb,Ib", "F6 /1 Eb,Ib", "F7 /0 Ev,Iz", "F7 /1 Ev,Iz"],
  { writes: "OSZPC", undefined: "A" },
  (x) => {
    const first = x.read(0);
    x.setLogicFlags(x.bits(0), x.and(first, x.read(1)));
  },
);

/** CF survives INC and DEC. */
const keptCarry = (x: Emitter) => wide(x, x.liveFlags & CF ? x.carry() : x.i32(0), x.bits(0));

instruction("inc", ["FE /0 Eb", "FF /0 Ev", "i64 40+r Zv"], { writes: "OSZAP", lock: true }, (x) => {
  const { value, store } = x.destination(0);
  const result = x.cut(x.add(value, x.typed(x.bits(0), 1)), x.bits(0));
  x.setLazy(flags.INCREMENT, x.bits(0), result, undefined, keptCarry(x));
  store(result);
});

instruction("dec", ["FE /1 Eb", "FF /1 Ev", "i64 48+r Zv"], { writes: "OSZAP", lock: true }, (x) => {
  const { value, store } = x.destination(0);
  const result = x.cut(x.sub(value, x.typed(x.bits(0), 1)), x.bits(0));
  x.setLazy(flags.DECREMENT, x.bits(0), result, undefined, keptCarry(x));
  store(result);
});

instruction("neg", ["F6 /3 Eb", "F7 /3 Ev"], STATUS, (x) => {
  const { value, store } = x.destination(0);
  const none = x.typed(x.bits(0), 0);
  x.setLazy(flags.SUBTRACTION, x.bits(0), none, value);
  store(x.cut(x.sub(none, value), x.bits(0)));
});

instruction("not", ["F6 /2 Eb", "F7 /2 Ev"], { lock: true }, (x) => {
  const { value, store } = x.destination(0);
  store(x.cut(x.xor(value, x.typed(x.bits(0), -1)), x.bits(0)));
});

instruction("xadd", ["0F C0 /r Eb,Gb", "0F C1 /r Ev,Gv"], STATUS, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  x.setLazy(flags.ADDITION, x.bits(0), value, source);
  // The source is written first: with the same register twice the sum stays.
  const sum = x.cut(x.add(value, source), x.bits(0));
  x.write(1, value);
  store(sum);
});

instruction("cmpxchg", ["0F B0 /r Eb,Gb", "0F B1 /r Ev,Gv"], STATUS, (x) => {
  const bits = x.bits(0);
  const source = x.read(1);
  const { value, store } = x.destination(0);
  const accumulator = x.register(0, bits, true);
  const equal = x.eq(accumulator, value);
  x.setLazy(flags.SUBTRACTION, bits, accumulator, value);
  const whole = x.get(0);
  // The destination is written either way; the accumulator only when the comparison fails (not even its upper half otherwise).
  x.setRegister(0, bits, value, true);
  x.set(0, x.select(equal, whole, x.get(0)));
  if (bits !== 32 || !x.isRegister(0)) return store(x.select(equal, source, value));
  // A 32-bit register that is not written keeps its upper half.
  const register = x.registerOf(0);
  const kept = x.get(register);
  store(source);
  x.set(register, x.select(equal, x.get(register), kept));
});
