// Shifts and rotates. SDM vol. 2: SHL SHR SAR ROL ROR RCL RCR SHLD SHRD, and the BMI2 forms that leave the flags alone.
import { CF, OF } from "../../../machine/state-layout.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";

const REMAINDER = operatorNamed("i32_rem_u");

const rows = (digit: number) => [
  `C0 /${digit} Eb,Ib`,
  `C1 /${digit} Ev,Ib`,
  `D0 /${digit} Eb,1`,
  `D1 /${digit} Ev,1`,
  `D2 /${digit} Eb,CL`,
  `D3 /${digit} Ev,CL`,
];

interface Count {
  /** Masked, in the operand's type. */
  readonly node: Node;
  /** Undefined when it is in CL. */
  readonly isZero: boolean | undefined;
  readonly isOne: boolean;
}

function count(x: Emitter): Count {
  const bits = x.bits(0);
  const source = x.i.row.operands[x.i.row.operands.length - 1];
  if (source.where === "one") return { node: x.typed(bits, 1), isZero: false, isOne: true };
  if (source.where === "imm") return { ...x.shiftCount(bits), isOne: false };
  return { node: x.shiftMask(x.wrap(x.get(1)), bits), isZero: undefined, isOne: false };
}

/** Flags change only when the count is not zero. */
function setShiftFlags(x: Emitter, kind: number, value: Node, by: Count): void {
  const bits = x.bits(0);
  if (by.isZero) return;
  if (by.isZero === false) return x.setLazy(kind, bits, value, by.node);
  if (x.flagsInvisible) return;
  x.when(narrow(x, by.node), () => x.setLazy(kind, bits, value, by.node));
  x.forgetFlags();
}

const narrow = (x: Emitter, node: Node) => (node.type === 0x7e ? x.wrap(node) : node);

const shift = (
  name: string,
  digits: number[],
  kind: number,
  compute: (x: Emitter, value: Node, by: Node, bits: number) => Node,
) =>
  instruction(name, digits.flatMap(rows), { writes: "SZPC", undefined: "OA", lock: false }, (x) => {
    const bits = x.bits(0);
    const by = count(x);
    const { value, store } = x.destination(0);
    const result = x.cut(compute(x, value, by.node, bits), bits);
    setShiftFlags(x, kind, value, by);
    store(result);
  });

shift("shl", [4, 6], flags.SHIFT_LEFT, (x, value, by) => x.shl(value, by));
shift("shr", [5], flags.SHIFT_RIGHT, (x, value, by) => x.shrU(value, by));
shift("sar", [7], flags.SHIFT_ARITHMETIC, (x, value, by, bits) =>
  x.shrS(bits < 32 ? x.signExtend32(value, bits) : value, by),
);

/** ROL and ROR: CF is the bit that came round, OF is defined for a count of 1; a count that is 0 after masking changes nothing. */
const rotate = (name: string, digit: number, left: boolean) =>
  instruction(name, rows(digit), { writes: "C", undefined: "O" }, (x) => {
    const bits = x.bits(0);
    const by = count(x);
    const { value, store } = x.destination(0);
    const result = rotated(x, value, by.node, bits, left);
    const edge = (position: number) => {
      const moved = position === 0 ? result : x.shrU(result, x.typed(bits, position));
      return x.and(narrow(x, moved), x.i32(1));
    };
    if (!by.isZero)
      x.changeFlags(CF | OF, () => {
        const carry = left ? edge(0) : edge(bits - 1);
        const overflow = x.xor(edge(bits - 1), left ? edge(0) : edge(bits - 2));
        const changed = x.or(carry, x.shl(overflow, x.i32(11)));
        if (by.isZero === false) return changed;
        return x.select(narrow(x, by.node), changed, x.and(x.allFlags(), x.i32(CF | OF)));
      });
    store(result);
  });

function rotated(x: Emitter, value: Node, by: Node, bits: number, left: boolean): Node {
  if (bits >= 32) return left ? x.rotl(value, by) : x.rotr(value, by);
  // Two copies side by side (four of a byte): the 32-bit rotation wraps them.
  let copies = x.or(value, x.shl(value, x.i32(bits)));
  if (bits === 8) copies = x.or(copies, x.shl(copies, x.i32(16)));
  return x.cut(left ? x.rotl(copies, by) : x.rotr(copies, by), bits);
}

rotate("rol", 0, true);
rotate("ror", 1, false);

/** RCL and RCR rotate through CF: bits + 1 places. One place at a time in IR for a count of 1; else by microcode. */
const rotateCarry = (name: string, digit: number, left: boolean) =>
  instruction(name, rows(digit), { reads: "C", writes: "C", undefined: "O" }, (x) => {
    const bits = x.bits(0);
    const by = count(x);
    const { value, store } = x.destination(0);
    const wide = (node: Node) => (bits === 64 ? x.extendU(node) : node);
    if (by.isOne) {
      const carry = wide(x.carry());
      const out = left ? x.shrU(value, x.typed(bits, bits - 1)) : x.and(value, x.typed(bits, 1));
      const result = left
        ? x.cut(x.or(x.shl(value, x.typed(bits, 1)), carry), bits)
        : x.or(x.shrU(value, x.typed(bits, 1)), x.shl(carry, x.typed(bits, bits - 1)));
      x.changeFlags(CF | OF, () => {
        const top = (node: Node) => x.and(narrow(x, x.shrU(node, x.typed(bits, bits - 1))), x.i32(1));
        const overflow = left
          ? x.xor(top(result), narrow(x, out))
          : x.xor(top(result), x.and(narrow(x, x.shrU(result, x.typed(bits, bits - 2))), x.i32(1)));
        return x.or(narrow(x, out), x.shl(overflow, x.i32(11)));
      });
      return store(result);
    }
    // count mod (bits + 1) for 8 and 16 bits; at most the operand's size otherwise.
    const narrowCount = narrow(x, by.node);
    const steps = bits < 32 ? x.apply(REMAINDER, narrowCount, x.i32(bits + 1)) : narrowCount;
    const carry = x.carry();
    const n = bits === 64 ? x.extendU(steps) : steps;
    const zero = x.eqz(steps);
    const one = x.typed(bits, 1);
    // Shifts by the whole width give 0 here; the machine's own would wrap.
    const guardedShl = (v: Node, s: Node) => x.select(atLeast(x, s, bits), x.typed(bits, 0), x.shl(v, s));
    const guardedShr = (v: Node, s: Node) => x.select(atLeast(x, s, bits), x.typed(bits, 0), x.shrU(v, s));
    const back = x.sub(x.typed(bits, bits + 1), n);
    const main = left ? guardedShl(value, n) : guardedShr(value, n);
    const round = left ? guardedShr(value, back) : guardedShl(value, back);
    const through = left ? x.shl(wide(carry), x.sub(n, one)) : guardedShl(wide(carry), x.sub(x.typed(bits, bits), n));
    const result = x.cut(x.select(zero, value, x.or(main, x.or(round, through))), bits);
    const out = left ? guardedShr(value, x.sub(x.typed(bits, bits), n)) : guardedShr(value, x.sub(n, one));
    const newCarry = x.select(zero, carry, x.and(narrow(x, out), x.i32(1)));
    const overflow = x.and(
      x.xor(
        narrow(x, x.shrU(result, x.typed(bits, bits - 1))),
        left ? newCarry : narrow(x, x.shrU(result, x.typed(bits, bits - 2))),
      ),
      x.i32(1),
    );
    x.changeFlags(CF | OF, () => {
      const changed = x.or(newCarry, x.shl(overflow, x.i32(11)));
      return x.select(zero, x.and(x.allFlags(), x.i32(CF | OF)), changed);
    });
    store(result);
  });

const atLeast = (x: Emitter, value: Node, bits: number): Node => x.leU(x.typed(bits, bits), value);

rotateCarry("rcl", 2, true);
rotateCarry("rcr", 3, false);

const double = (name: string, opcodes: [string, string], left: boolean) =>
  instruction(
    name,
    [`0F ${opcodes[0]} /r Ev,Gv,Ib`, `0F ${opcodes[1]} /r Ev,Gv,CL`],
    { writes: "SZPC", undefined: "OA" },
    (x) => {
      const bits = x.bits(0);
      const by = count(x);
      const source = x.read(1);
      const { value, store } = x.destination(0);
      if (by.isZero) return store(value);
      const all = doubleShift(x, value, source, by.node, bits, left);
      const known = by.isZero === false;
      const result = known ? all.result : x.select(narrow(x, by.node), all.result, value);
      const set = () => {
        const sizeFlags = flags.allFlags(x, {
          kind: flags.SUBTRACTION,
          size: bits,
          a: all.result,
          b: x.typed(bits, 0),
          c: x.typed(bits, 0),
        });
        const top = (node: Node) => x.and(narrow(x, x.shrU(node, x.typed(bits, bits - 1))), x.i32(1));
        const overflow = x.xor(top(all.result), top(value));
        x.setLazy(flags.EXPLICIT, 8, x.or(x.or(sizeFlags, all.carry), x.shl(overflow, x.i32(11))));
      };
      if (x.liveFlags & x.i.row.definition.writeMask) {
        if (known) set();
        else {
          x.when(narrow(x, by.node), set);
          x.forgetFlags();
        }
      }
      store(result);
    },
  );

/** The shifted value and the last bit shifted out (i32); the count is 1..bits-1 (16-bit counts above 15 are undefined). */
function doubleShift(
  x: Emitter,
  value: Node,
  source: Node,
  by: Node,
  bits: number,
  left: boolean,
): { result: Node; carry: Node } {
  const low1 = (node: Node) => x.and(narrow(x, node), x.i32(1));
  if (bits === 16) {
    // value:source as one 32-bit number; counts up to 31 stay inside value:source:value.
    const both = left ? x.or(x.shl(value, x.i32(16)), source) : x.or(x.shl(source, x.i32(16)), value);
    const again = x.or(x.shl(source, x.i32(16)), value);
    const over = x.leU(x.i32(16), by);
    if (left) {
      const result = x.select(
        over,
        x.shrU(x.shl(again, x.sub(by, x.i32(16))), x.i32(16)),
        x.shrU(x.shl(both, by), x.i32(16)),
      );
      return { result: x.cut(result, 16), carry: low1(x.shrU(both, x.and(x.sub(x.i32(32), by), x.i32(31)))) };
    }
    const far = x.or(x.shl(value, x.i32(16)), source);
    const result = x.select(over, x.shrU(far, x.sub(by, x.i32(16))), x.shrU(both, by));
    return { result: x.cut(result, 16), carry: low1(x.shrU(both, x.sub(by, x.i32(1)))) };
  }
  const rest = x.sub(x.typed(bits, bits), by);
  if (left) return { result: x.or(x.shl(value, by), x.shrU(source, rest)), carry: low1(x.shrU(value, rest)) };
  return {
    result: x.or(x.shrU(value, by), x.shl(source, rest)),
    carry: low1(x.shrU(value, x.sub(by, x.typed(bits, 1)))),
  };
}

double("shld", ["A4", "A5"], true);
double("shrd", ["AC", "AD"], false);
