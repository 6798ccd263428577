// Bit tests and scans. SDM vol. 2: BT BTS BTR BTC BSF BSR TZCNT LZCNT POPCNT.
import { CF, ZF } from "../../../machine/state-layout.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";

type Change = ((x: Emitter, value: Node, mask: Node) => Node) | undefined;

const accessOf = (bits: number) => (bits === 64 ? LOAD64 : bits === 32 ? LOAD32 : LOAD16);

const bitTest = (name: string, opcode: string, digit: number, change: Change) =>
  instruction(
    name,
    [`0F ${opcode} /r Ev,Gv`, `0F BA /${digit} Ev,Ib`],
    { writes: "C", undefined: "OSAP", lock: change !== undefined },
    (x) => {
      const bits = x.bits(0);
      const byRegister = x.i.row.operands[1].where === "reg";
      const raw = byRegister ? x.read(1) : x.typed(bits, x.i.immediate);
      const position = x.and(raw, x.typed(bits, bits - 1));
      let value: Node;
      let store: (value: Node) => void;
      if (byRegister && x.i.isMemory) {
        // The bit string starts at the operand: the register picks the word, before or after.
        const index = bits === 64 ? raw : x.extendS(x.signExtend32(raw, bits));
        const words = x.shrS(index, x.i64(31 - Math.clz32(bits)));
        const ahead = x.shl(words, x.i64(31 - Math.clz32(bits >> 3)));
        const linear = x.translate(bitStringAddress(x, ahead), bits >> 3, change !== undefined);
        value = x.rawLoad(accessOf(bits), linear);
        store = (result) => x.rawStore(accessOf(bits), linear, result);
      } else if (change) ({ value, store } = x.destination(0));
      else {
        value = x.read(0);
        store = () => {};
      }
      const shifted = x.shrU(value, position);
      x.changeFlags(CF, () => x.and(bits === 64 ? x.wrap(shifted) : shifted, x.i32(1)));
      if (change) store(x.cut(change(x, value, x.shl(x.typed(bits, 1), position)), bits));
    },
  );

function bitStringAddress(x: Emitter, ahead: Node): Node {
  if (x.i.addressSize !== 64) return x.operandAddress(x.cutAddress(x.add(x.offset(), ahead)));
  const start = x.effectiveAddress();
  const address = x.add(start, ahead);
  address.stack = start.stack;
  return address;
}

bitTest("bt", "A3", 4, undefined);
bitTest("bts", "AB", 5, (x, value, mask) => x.or(value, mask));
bitTest("btr", "B3", 6, (x, value, mask) => x.and(value, x.xor(mask, x.typed(x.bits(0), -1))));
bitTest("btc", "BB", 7, (x, value, mask) => x.xor(value, mask));

/** ZF says the source was zero; the destination then keeps its value. */
const scan = (name: string, opcode: string, find: (x: Emitter, source: Node, bits: number) => Node) =>
  instruction(name, [`0F ${opcode} /r Gv,Ev`], { writes: "Z", undefined: "OSAPC" }, (x) => {
    const bits = x.bits(0);
    const source = x.read(1);
    const isZero = x.eqz(source);
    const kept = x.get(x.i.reg);
    x.changeFlags(ZF, () => x.shl(isZero, x.i32(6)));
    x.write(0, find(x, source, bits));
    x.set(x.i.reg, x.select(isZero, kept, x.get(x.i.reg)));
  });

scan("bsf", "BC", (x, source) => x.ctz(source));
scan("bsr", "BD", (x, source, bits) => x.sub(x.typed(bits, bits === 64 ? 63 : 31), x.clz(source)));

const count = (name: string, opcode: string, compute: (x: Emitter, source: Node, bits: number) => Node) =>
  instruction(name, [`F3 0F ${opcode} /r Gv,Ev`], { writes: "ZC", undefined: "OSAP", level: 3 }, (x) => {
    const bits = x.bits(0);
    const source = x.read(1);
    const result = compute(x, source, bits);
    x.setExplicitFlags(() => x.or(x.eqz(source), x.shl(x.eqz(result), x.i32(6))));
    x.write(0, result);
  });

count("tzcnt", "BC", (x, source, bits) => x.ctz(bits === 16 ? x.or(source, x.i32(0x10000)) : source));
count("lzcnt", "BD", (x, source, bits) => (bits === 16 ? x.sub(x.clz(source), x.i32(16)) : x.clz(source)));

instruction("popcnt", ["F3 0F B8 /r Gv,Ev"], { writes: "OSZAPC" }, (x) => {
  const source = x.read(1);
  x.setExplicitFlags(() => x.shl(x.eqz(source), x.i32(6)));
  x.write(0, x.popcnt(source));
});
