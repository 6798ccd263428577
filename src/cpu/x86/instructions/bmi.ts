// BMI1, BMI2 and ADX. SDM vol. 2. TZCNT and LZCNT are with the bit scans.
import { CF, OF, OFFSET_SCRATCH, RDX } from "../../../machine/state-layout.js";
import { LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";
import { highUnsigned } from "../wide-product.js";

const narrow = (x: Emitter, node: Node, bits: number) => (bits === 64 ? x.wrap(node) : node);
const topBit = (x: Emitter, node: Node, bits: number) => narrow(x, x.shrU(node, x.typed(bits, bits - 1)), bits);

/** ZF and SF from the result, CF as given, OF clear. */
function setResultFlags(x: Emitter, result: Node, bits: number, carry: () => Node): void {
  x.setExplicitFlags(() => {
    const zero = x.shl(x.eqz(result), x.i32(6));
    return x.or(x.or(carry(), zero), x.shl(topBit(x, result, bits), x.i32(7)));
  });
}

instruction("andn", ["VEX.128.NP.0F38.WIG F2 /r Gy,By,Ey"], { writes: "OSZC", undefined: "AP" }, (x) => {
  const source = x.read(2);
  const result = x.and(x.xor(x.read(1), x.typed(x.bits(0), -1)), source);
  x.setLogicFlags(x.bits(0), result);
  x.write(0, result);
});

/** The lowest set bit and what lies around it. CF tells whether the source is zero, or (BLSI) is not. */
const lowestBit = (name: string, digit: number, compute: (x: Emitter, source: Node, less: Node) => Node) =>
  instruction(name, [`VEX.128.NP.0F38.WIG F3 /${digit} By,Ey`], { writes: "OSZC", undefined: "AP" }, (x) => {
    const bits = x.bits(0);
    const source = x.read(1);
    const result = compute(x, source, x.sub(source, x.typed(bits, 1)));
    setResultFlags(x, result, bits, () => (name === "blsi" ? x.eqz(x.eqz(source)) : x.eqz(source)));
    x.write(0, result);
  });
lowestBit("blsr", 1, (x, source, less) => x.and(source, less));
lowestBit("blsmsk", 2, (x, source, less) => x.xor(source, less));
lowestBit("blsi", 3, (x, source) => x.and(source, x.sub(x.typed(x.bits(0), 0), source)));

/** The low `count` bits of `value`; all of them from a count of the operand size on. */
function lowBits(x: Emitter, value: Node, count: Node, bits: number): Node {
  const mask = x.sub(x.shl(x.typed(bits, 1), count), x.typed(bits, 1));
  return x.select(x.ltU(count, x.typed(bits, bits)), x.and(value, mask), value);
}

instruction("bextr", ["VEX.128.NP.0F38.WIG F7 /r Gy,Ey,By"], { writes: "OZC", undefined: "ASP" }, (x) => {
  const bits = x.bits(0);
  const source = x.read(1);
  const control = x.read(2);
  const byte = (position: number) => x.and(x.shrU(control, x.typed(bits, position)), x.typed(bits, 0xff));
  const start = byte(0);
  const shifted = x.select(x.ltU(start, x.typed(bits, bits)), x.shrU(source, start), x.typed(bits, 0));
  const result = lowBits(x, shifted, byte(8), bits);
  x.setExplicitFlags(() => x.shl(x.eqz(result), x.i32(6)));
  x.write(0, result);
});

instruction("bzhi", ["VEX.128.NP.0F38.WIG F5 /r Gy,Ey,By"], { writes: "OSZC", undefined: "AP" }, (x) => {
  const bits = x.bits(0);
  const source = x.read(1);
  const count = x.and(x.read(2), x.typed(bits, 0xff));
  const result = lowBits(x, source, count, bits);
  setResultFlags(x, result, bits, () => x.ltU(x.typed(bits, bits - 1), count));
  x.write(0, result);
});

/** The high half goes last: with one register for both it stays. */
instruction("mulx", ["VEX.128.F2.0F38.WIG F6 /r Gy,By,Ey"], {}, (x) => {
  const bits = x.bits(0);
  const source = x.read(2);
  const value = x.register(RDX, bits);
  if (bits === 64) {
    const high = highUnsigned(x, value, source);
    x.write(1, x.mul(value, source));
    return x.write(0, high);
  }
  const product = x.mul(x.extendU(value), x.extendU(source));
  x.write(1, x.wrap(product));
  x.write(0, x.wrap(x.shrU(product, x.i64(32))));
});

const flaglessShift = (name: string, prefix: string, compute: (x: Emitter, value: Node, count: Node) => Node) =>
  instruction(name, [`VEX.128.${prefix}.0F38.WIG F7 /r Gy,Ey,By`], {}, (x) => {
    const value = x.read(1);
    x.write(0, compute(x, value, x.read(2)));
  });
flaglessShift("sarx", "F3", (x, value, count) => x.shrS(value, count));
flaglessShift("shlx", "66", (x, value, count) => x.shl(value, count));
flaglessShift("shrx", "F2", (x, value, count) => x.shrU(value, count));
instruction("rorx", ["VEX.128.F2.0F3A.WIG F0 /r Gy,Ey,Ib"], {}, (x) => {
  const count = x.immediate(8);
  const value = x.read(1);
  x.write(0, x.rotr(value, x.bits(0) === 64 ? x.extendU(count) : count));
});

/** Spreads the low bits of `value` to the places of the mask's set bits. */
function deposit(value: bigint, mask: bigint): bigint {
  let result = 0n;
  let rest = value;
  for (let left = mask; left !== 0n; left &= left - 1n, rest >>= 1n) if (rest & 1n) result |= left & -left;
  return result;
}

/** Collects the bits at the places of the mask's set bits. */
function extract(value: bigint, mask: bigint): bigint {
  let result = 0n;
  let place = 1n;
  for (let left = mask; left !== 0n; left &= left - 1n, place <<= 1n) if (value & left & -left) result |= place;
  return result;
}

const byMask = (name: string, prefix: string, compute: (value: bigint, mask: bigint) => bigint) =>
  instruction(name, [`VEX.128.${prefix}.0F38.WIG F5 /r Gy,By,Ey`], { memory: true }, (x) => {
    const bits = x.bits(0);
    const mask = x.read(2);
    x.stateStore(OFFSET_SCRATCH, LOAD64, x.toI64(x.read(1), bits, false));
    x.stateStore(OFFSET_SCRATCH + 8, LOAD64, x.toI64(mask, bits, false));
    x.runMicrocode((core) =>
      core.setState64(OFFSET_SCRATCH, compute(core.state64(OFFSET_SCRATCH), core.state64(OFFSET_SCRATCH + 8))),
    );
    const result = x.stateLoad(OFFSET_SCRATCH, LOAD64);
    x.write(0, bits === 64 ? result : x.wrap(result));
  });
byMask("pdep", "F2", deposit);
byMask("pext", "F3", extract);

/** Addition with carry through CF alone (ADCX) or OF alone (ADOX). */
const addThrough = (name: string, prefix: string, flag: number, letter: string) =>
  instruction(name, [`${prefix} 0F 38 F6 /r Gy,Ey`], { reads: letter, writes: letter, level: 3 }, (x) => {
    const bits = x.bits(0);
    const source = x.read(1);
    const value = x.read(0);
    const carry = flag === CF ? x.carry() : x.eqz(x.eqz(x.and(x.allFlags(), x.i32(OF))));
    const sum = x.add(value, source);
    const total = x.add(sum, bits === 64 ? x.extendU(carry) : carry);
    x.changeFlags(flag, () => {
      const out = x.or(x.ltU(sum, value), x.ltU(total, sum));
      return flag === CF ? out : x.shl(out, x.i32(11));
    });
    x.write(0, total);
  });
addThrough("adcx", "66", CF, "C");
addThrough("adox", "F3", OF, "O");
