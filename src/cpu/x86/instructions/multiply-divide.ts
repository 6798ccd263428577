// MUL IMUL DIV IDIV. SDM vol. 2. Divisions that do not fit raise #DE before anything changes.

import { DIVIDE_ERROR } from "../../../machine/processor.js";
import { CF, OF, RAX, RDX } from "../../../machine/state-layout.js";
import { type Core, Exception } from "../../core.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";
import { highSigned, highUnsigned } from "../wide-product.js";

const DIV_U = operatorNamed("i64_div_u");
const DIV_S = operatorNamed("i64_div_s");
const REM_U = operatorNamed("i64_rem_u");
const REM_S = operatorNamed("i64_rem_s");
const OVERFLOWED = { writes: "OC", undefined: "SZAP" };

const overflowFlags = (x: Emitter, lost: () => Node) =>
  x.setExplicitFlags(() => x.select(lost(), x.i32(CF | OF), x.i32(0)));

/** rDX:rAX (AX for bytes) = rAX * source. */
const wideMultiply = (name: string, digit: number, signed: boolean) =>
  instruction(name, [`F6 /${digit} Eb`, `F7 /${digit} Ev`], OVERFLOWED, (x) => {
    const bits = x.bits(0);
    const source = x.read(0);
    const value = x.register(RAX, bits, true);
    if (bits === 64) {
      const low = x.mul(value, source);
      const high = signed ? highSigned(x, value, source) : highUnsigned(x, value, source);
      overflowFlags(x, () => x.ne(high, signed ? x.shrS(low, x.i64(63)) : x.i64(0)));
      x.set(RAX, low);
      x.set(RDX, high);
      return;
    }
    const product = x.mul(x.toI64(value, bits, signed), x.toI64(source, bits, signed));
    overflowFlags(x, () => {
      const kept = signed
        ? x.shrS(x.shl(product, x.i64(64 - bits)), x.i64(64 - bits))
        : x.shrU(x.shl(product, x.i64(64 - bits)), x.i64(64 - bits));
      return x.ne(product, kept);
    });
    if (bits === 8) return x.setRegister(RAX, 16, x.cut(x.wrap(product), 16));
    x.setRegister(RAX, bits, x.cut(x.wrap(product), bits));
    x.setRegister(RDX, bits, x.cut(x.wrap(x.shrU(product, x.i64(bits))), bits));
  });

wideMultiply("mul", 4, false);
wideMultiply("imul", 5, true);

instruction("imul", ["0F AF /r Gv,Ev", "69 /r Gv,Ev,Iz", "6B /r Gv,Ev,Ibs"], OVERFLOWED, (x) => {
  const bits = x.bits(0);
  const first = x.read(1);
  const second = x.i.row.operands.length === 3 ? x.read(2) : x.read(0);
  if (bits === 64) {
    const low = x.mul(first, second);
    overflowFlags(x, () => x.ne(highSigned(x, first, second), x.shrS(low, x.i64(63))));
    return x.write(0, low);
  }
  overflowFlags(x, () => {
    const product = x.mul(x.toI64(first, bits, true), x.toI64(second, bits, true));
    return x.ne(product, x.shrS(x.shl(product, x.i64(64 - bits)), x.i64(64 - bits)));
  });
  x.write(0, x.cut(x.mul(first, second), bits));
});

const DIVIDED = { undefined: "OSZAPC", faults: true };

instruction("div", ["F6 /6 Eb", "F7 /6 Ev"], DIVIDED, (x) => {
  const bits = x.bits(0);
  const source = x.read(0);
  const divisor = x.toI64(source, bits, false);
  x.trapWhen(x.eqz(divisor), DIVIDE_ERROR);
  if (bits === 64) {
    const easy = x.eqz(x.get(RDX));
    const dividend = x.get(RAX);
    return byCase(x, easy, divisor, dividend, DIV_U, REM_U, false);
  }
  const dividend = narrowDividend(x, bits);
  const quotient = x.apply(DIV_U, dividend, divisor);
  x.trapWhen(x.ne(x.shrU(quotient, x.i64(bits)), x.i64(0)), DIVIDE_ERROR);
  storeNarrow(x, bits, quotient, x.apply(REM_U, dividend, divisor));
});

instruction("idiv", ["F6 /7 Eb", "F7 /7 Ev"], DIVIDED, (x) => {
  const bits = x.bits(0);
  const source = x.read(0);
  const divisor = x.toI64(source, bits, true);
  x.trapWhen(x.eqz(divisor), DIVIDE_ERROR);
  if (bits === 64) {
    const dividend = x.get(RAX);
    const extended = x.eq(x.get(RDX), x.shrS(dividend, x.i64(63)));
    // The one quotient that does not fit goes the long way too.
    const easy = x.and(extended, x.ne(divisor, x.i64(-1)));
    return byCase(x, easy, divisor, dividend, DIV_S, REM_S, true);
  }
  const raw = narrowDividend(x, bits);
  const dividend = bits === 32 ? raw : x.shrS(x.shl(raw, x.i64(64 - 2 * bits)), x.i64(64 - 2 * bits));
  // Never fits, and WebAssembly's own division would trap.
  const smallest = x.eq(dividend, x.i64(0, 0x80000000));
  x.trapWhen(x.and(smallest, x.eq(divisor, x.i64(-1))), DIVIDE_ERROR);
  const quotient = x.apply(DIV_S, dividend, divisor);
  const kept = x.shrS(x.shl(quotient, x.i64(64 - bits)), x.i64(64 - bits));
  x.trapWhen(x.ne(quotient, kept), DIVIDE_ERROR);
  storeNarrow(x, bits, quotient, x.apply(REM_S, dividend, divisor));
});

/** AX, DX:AX or EDX:EAX as i64, zero-extended. */
function narrowDividend(x: Emitter, bits: number): Node {
  if (bits === 8) return x.extendU(x.register(RAX, 16));
  const low = x.extendU(x.register(RAX, bits));
  return x.or(low, x.shl(x.extendU(x.register(RDX, bits)), x.i64(bits)));
}

function storeNarrow(x: Emitter, bits: number, quotient: Node, remainder: Node): void {
  const low = x.cut(x.wrap(quotient), bits);
  const rest = x.cut(x.wrap(remainder), bits);
  if (bits === 8) return x.setRegister(RAX, 16, x.or(low, x.shl(rest, x.i32(8))));
  x.setRegister(RAX, bits, low);
  x.setRegister(RDX, bits, rest);
}

/** 64-bit division: in place when the dividend fits 64 bits, by microcode on 128 bits otherwise. */
function byCase(
  x: Emitter,
  easy: Node,
  divisor: Node,
  dividend: Node,
  divide: typeof DIV_U,
  remain: typeof DIV_U,
  signed: boolean,
): void {
  const hard = x.eqz(easy);
  x.stateStoreScratch(divisor);
  x.when(hard, () => x.microcode((core) => divide128(core, signed)));
  x.when(easy, () => {
    const quotient = x.apply(divide, dividend, divisor);
    const remainder = x.apply(remain, dividend, divisor);
    x.set(RAX, quotient);
    x.set(RDX, remainder);
  });
}

function divide128(core: Core, signed: boolean): void {
  const dividend = (core.gpr(RDX) << 64n) | core.gpr(RAX);
  const divisor = core.scratch64();
  if (!signed) {
    const quotient = dividend / divisor;
    if (quotient >> 64n) throw new Exception(DIVIDE_ERROR);
    core.setGpr(RDX, dividend % divisor);
    return core.setGpr(RAX, quotient);
  }
  const [n, d] = [BigInt.asIntN(128, dividend), BigInt.asIntN(64, divisor)];
  const quotient = n / d;
  if (BigInt.asIntN(64, quotient) !== quotient) throw new Exception(DIVIDE_ERROR);
  core.setGpr(RDX, n % d);
  core.setGpr(RAX, quotient);
}
