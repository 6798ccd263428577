// The IR of the operations of x87-quick.ts.
import * as layout from "../../machine/state-layout.js";
import { I32 } from "../../wasm/module-builder.js";
import { Builder, LOAD16, LOAD32, LOAD64 } from "../ir/builder.js";
import { Node, PARAMETER } from "../ir/node.js";
import {
  ABSOLUTE,
  ADD,
  COMPARE,
  COMPARE_FLAGS,
  CONVERTED,
  DIVIDE,
  EXCHANGE,
  FROM_FLOAT32,
  FROM_FLOAT64,
  FROM_INT16,
  FROM_INT32,
  FROM_INT64,
  MOVE,
  MULTIPLY,
  NEGATE,
  PUSH,
  PUSH_ONE,
  PUSH_ZERO,
  SCRATCH_OPERAND,
  SCRATCH_STATUS,
  SCRATCH_VALUE,
  SQUARE_ROOT,
  SUBTRACT,
  TO_FLOAT32,
  TO_FLOAT64,
  TO_INT16,
  TRUNCATED,
} from "./x87-quick.js";
import { BIAS, exponentOf, productOf, quotientOf, rootOf, sumOf, type Value } from "./x87-quick-arithmetic.js";

const C0 = 0x100;
const C1 = 0x200;
const CODES = 0x4500; // C3 C2 C0
const C3 = 0x4000;
const SUMMARY = 0x80;
const MASKS = 0x3f;
const ROUNDING = 0xc00;
const TRUNCATES = 0xc00;
const PRECISION_64 = 0x300;
const SPECIAL = 0x7fff;
const TOP_BIT = 0x8000_0000 | 0;

export class X87Builder extends Builder {
  /** i32: the operation was done. */
  done!: Node;
  readonly #operation: Node;
  readonly #control: Node;
  readonly #status: Node;
  readonly #top: Node;
  readonly #tag: Node;

  constructor(kind: number) {
    super();
    this.#operation = this.place(new Node(PARAMETER, I32));
    this.#control = this.stateLoad(layout.OFFSET_FPU_CONTROL, LOAD32);
    this.#status = this.stateLoad(layout.OFFSET_FPU_STATUS, LOAD32);
    this.#top = this.stateLoad(layout.OFFSET_FPU_TOP, LOAD32);
    this.#tag = this.stateLoad(layout.OFFSET_FPU_TAG, LOAD32);
    this.done = this.#emit(kind);
  }

  #emit(kind: number): Node {
    switch (kind) {
      case FROM_FLOAT32:
        return this.#fromFloat(8, 23);
      case FROM_FLOAT64:
        return this.#fromFloat(11, 52);
      case FROM_INT16:
      case FROM_INT32:
      case FROM_INT64:
        return this.#fromInteger(16 << (kind - FROM_INT16));
      case PUSH:
        return this.#push(this.#load(this.#x()), this.#isInUse(this.#x()));
      case PUSH_ONE:
        return this.#push({ head: this.i32(BIAS), mantissa: this.i64(0, TOP_BIT) }, this.i32(1));
      case PUSH_ZERO:
        return this.#push({ head: this.i32(0), mantissa: this.i64(0) }, this.i32(1));
      case ADD:
      case SUBTRACT:
      case MULTIPLY:
      case DIVIDE:
      case SQUARE_ROOT:
        return this.#arithmetic(kind);
      case COMPARE:
      case COMPARE_FLAGS:
        return this.#compare(kind === COMPARE_FLAGS);
      case MOVE:
        return this.#move();
      case EXCHANGE:
        return this.#exchange();
      case NEGATE:
        return this.#changeSign((head) => this.xor(head, this.i32(0x8000)));
      case ABSOLUTE:
        return this.#changeSign((head) => this.and(head, this.i32(0x7fff)));
      case TO_FLOAT32:
        return this.#toFloat(8, 23);
      case TO_FLOAT64:
        return this.#toFloat(11, 52);
      default:
        return this.#toInteger(16 << (kind - TO_INT16));
    }
  }

  // ---- operands

  #field(shift: number, mask: number): Node {
    return this.and(this.shrU(this.#operation, this.i32(shift)), this.i32(mask));
  }
  #x = () => this.#field(8, 15);
  #y = () => this.#field(12, 15);
  #destination = () => this.#field(16, 15);

  #physical(register: Node): Node {
    return this.and(this.add(this.#top, register), this.i32(7));
  }

  /** Where a register, or the converted operand, lies in linear memory. */
  #place(register: Node): Node {
    const at = this.add(
      this.shl(this.#physical(register), this.i32(4)),
      this.i32(layout.STATE + layout.OFFSET_FPU_REGISTERS),
    );
    return this.select(this.eq(register, this.i32(CONVERTED)), this.i32(layout.STATE + SCRATCH_OPERAND), at);
  }

  #load(register: Node): Value {
    const at = this.#place(register);
    const mantissa = this.rawLoad(LOAD64, at);
    return { mantissa, head: this.rawLoad(LOAD16, this.add(at, this.i32(8))) };
  }

  #store(at: Node, { head, mantissa }: Value): void {
    this.rawStore(LOAD64, at, mantissa);
    this.rawStore(LOAD16, this.add(at, this.i32(8)), head);
  }

  /** 0 or 1; the converted operand always is. */
  #isInUse(register: Node): Node {
    const bit = this.and(this.shrU(this.#tag, this.#physical(register)), this.i32(1));
    return this.or(bit, this.eq(register, this.i32(CONVERTED)));
  }

  #isNormal({ head, mantissa }: Value): Node {
    const inRange = this.ltU(this.sub(exponentOf(this, head), this.i32(1)), this.i32(SPECIAL - 1));
    return this.and(inRange, this.ltS(mantissa, this.i64(0)));
  }

  #isZero({ head, mantissa }: Value): Node {
    return this.and(this.eqz(exponentOf(this, head)), this.eqz(mantissa));
  }

  #isFinite(value: Value): Node {
    return this.or(this.#isNormal(value), this.#isZero(value));
  }

  /** No exception waits. */
  #isReady(): Node {
    return this.eqz(this.and(this.#status, this.i32(SUMMARY)));
  }

  /** All exceptions are masked, and the control word has those bits of `mask` that `value` says. */
  #controls(mask: number, value: number): Node {
    return this.eq(this.and(this.#control, this.i32(MASKS | mask)), this.i32(MASKS | value));
  }

  #all(...conditions: Node[]): Node {
    return conditions.reduce((all, one) => this.and(all, one));
  }

  // ---- what an operation leaves

  /** Flags raised by an operation; C1 says whether it rounded up. */
  #newStatus(up?: Node, inexact?: Node): Node {
    let status = this.and(this.#status, this.i32(~C1));
    if (up) status = this.or(status, this.shl(up, this.i32(9)));
    return inexact ? this.or(status, this.shl(inexact, this.i32(5))) : status;
  }

  #setStatus(status: Node): void {
    this.stateStore(layout.OFFSET_FPU_STATUS, LOAD32, status);
  }

  /** `written`: number of a register that is in use from now on. */
  #pop(written?: Node): void {
    const pops = this.#field(20, 3);
    const one = this.i32(1);
    let tag = this.#tag;
    if (written) tag = this.or(tag, this.shl(one, this.#physical(written)));
    // Those from the top on, as a mask of the physical registers, which go round.
    const popped = this.sub(this.shl(one, pops), one);
    const shifted = this.shl(popped, this.#top);
    const round = this.or(shifted, this.shrU(shifted, this.i32(8)));
    tag = this.and(this.and(tag, this.xor(round, this.i32(-1))), this.i32(0xff));
    this.stateStore(layout.OFFSET_FPU_TAG, LOAD32, tag);
    this.stateStore(layout.OFFSET_FPU_TOP, LOAD32, this.#physical(pops));
  }

  #push(value: Value, isThere: Node): Node {
    const top = this.and(this.sub(this.#top, this.i32(1)), this.i32(7));
    const bit = this.shl(this.i32(1), top);
    const done = this.#all(isThere, this.#isReady(), this.eqz(this.and(this.#tag, bit)), this.#isKnown(value));
    this.when(done, () => {
      const at = this.add(this.shl(top, this.i32(4)), this.i32(layout.STATE + layout.OFFSET_FPU_REGISTERS));
      this.#store(at, value);
      this.stateStore(layout.OFFSET_FPU_TOP, LOAD32, top);
      this.stateStore(layout.OFFSET_FPU_TAG, LOAD32, this.or(this.#tag, bit));
      this.#setStatus(this.#newStatus());
    });
    return done;
  }

  /** What could not be converted is marked by a head that no converted number has. */
  #isKnown({ head }: Value): Node {
    return this.ne(head, this.i32(NOT_CONVERTED));
  }

  // ---- conversions to registers

  #converted(isKnown: Node, { head, mantissa }: Value): Node {
    this.stateStore(SCRATCH_OPERAND, LOAD64, mantissa);
    this.stateStore(SCRATCH_OPERAND + 8, LOAD16, this.select(isKnown, head, this.i32(NOT_CONVERTED)));
    return isKnown;
  }

  #fromFloat(exponentBits: number, fractionBits: number): Node {
    const bits = this.stateLoad(SCRATCH_VALUE, LOAD64);
    const special = (1 << exponentBits) - 1;
    const exponent = this.and(this.wrap(this.shrU(bits, this.i64(fractionBits))), this.i32(special));
    const sign = this.shl(
      this.and(this.wrap(this.shrU(bits, this.i64(exponentBits + fractionBits))), this.i32(1)),
      this.i32(15),
    );
    const fraction = this.shl(bits, this.i64(63 - fractionBits));
    const isNormal = this.ltU(this.sub(exponent, this.i32(1)), this.i32(special - 1));
    const magnitude = this.shl(bits, this.i64(64 - exponentBits - fractionBits));
    const isZero = this.eqz(magnitude);
    const head = this.select(isZero, this.i32(0), this.add(exponent, this.i32(BIAS - (special >> 1))));
    const mantissa = this.select(isZero, this.i64(0), this.or(fraction, this.i64(0, TOP_BIT)));
    return this.#converted(this.or(isNormal, isZero), { head: this.or(head, sign), mantissa });
  }

  #fromInteger(size: number): Node {
    const bits = this.stateLoad(SCRATCH_VALUE, LOAD64);
    const value = size === 64 ? bits : this.shrS(this.shl(bits, this.i64(64 - size)), this.i64(64 - size));
    const negative = this.ltS(value, this.i64(0));
    const magnitude = this.select(negative, this.sub(this.i64(0), value), value);
    const zeros = this.clz(magnitude);
    const isZero = this.eqz(magnitude);
    const exponent = this.sub(this.i32(BIAS + 63), this.wrap(zeros));
    const head = this.select(isZero, this.i32(0), this.or(exponent, this.shl(negative, this.i32(15))));
    return this.#converted(this.i32(1), { head, mantissa: this.shl(magnitude, zeros) });
  }

  // ---- arithmetic

  #arithmetic(kind: number): Node {
    const x = this.#load(this.#x());
    const y = this.#load(this.#y());
    const sums = kind === ADD || kind === SUBTRACT;
    const operands = sums
      ? this.and(this.#isFinite(x), this.#isFinite(y))
      : this.and(this.#isNormal(x), this.#isNormal(y));
    const root = kind === SQUARE_ROOT ? rootOf(this, x) : undefined;
    const { sign, rounded } = sums
      ? sumOf(this, x, kind === SUBTRACT ? { ...y, head: this.xor(y.head, this.i32(0x8000)) } : y)
      : {
          sign: this.and(this.xor(x.head, y.head), this.i32(0x8000)),
          rounded: root?.rounded ?? (kind === MULTIPLY ? productOf(this, x, y) : quotientOf(this, x, y)),
        };
    const { exponent, mantissa, up, inexact } = rounded;
    const inRange = this.ltU(this.sub(exponent, this.i32(1)), this.i32(SPECIAL - 1));
    const isNormal = this.and(inRange, this.ltS(mantissa, this.i64(0)));
    // Of equal numbers the difference is +0.
    const opposite = this.eq(this.xor(x.head, y.head), this.i32(kind === SUBTRACT ? 0 : 0x8000));
    const isNothing = sums ? this.#all(opposite, this.eq(x.mantissa, y.mantissa), this.#isNormal(x)) : this.i32(0);
    const done = this.#all(
      this.#isReady(),
      this.#controls(ROUNDING | PRECISION_64, PRECISION_64),
      this.#isInUse(this.#x()),
      this.#isInUse(this.#y()),
      operands,
      this.or(isNormal, isNothing),
      root ? this.and(root.isSure, this.ltU(x.head, this.i32(0x8000))) : this.i32(1),
    );
    this.when(done, () => {
      const head = this.select(isNothing, this.i32(0), this.or(exponent, sign));
      this.#store(this.#place(this.#destination()), { head, mantissa });
      this.#setStatus(this.#newStatus(up, inexact));
      this.#pop();
    });
    return done;
  }

  // ---- comparisons and moves

  #compare(toFlags: boolean): Node {
    const x = this.#load(this.#x());
    const y = this.#load(this.#y());
    const [ex, ey] = [exponentOf(this, x.head), exponentOf(this, y.head)];
    const bothZero = this.and(this.#isZero(x), this.#isZero(y));
    const same = this.and(this.eq(x.head, y.head), this.eq(x.mantissa, y.mantissa));
    const equal = this.or(bothZero, same);
    const sameExponent = this.eq(ex, ey);
    const smaller = this.or(this.ltU(ex, ey), this.and(sameExponent, this.ltU(x.mantissa, y.mantissa)));
    const negative = this.shrU(x.head, this.i32(15));
    const differ = this.shrU(this.xor(x.head, y.head), this.i32(15));
    const below = this.select(differ, negative, this.xor(smaller, negative));
    const less = this.and(below, this.eqz(equal));
    const done = this.#all(
      this.#isReady(),
      this.#isInUse(this.#x()),
      this.#isInUse(this.#y()),
      this.#isFinite(x),
      this.#isFinite(y),
    );
    this.when(done, () => {
      if (toFlags) {
        const flags = this.or(this.shl(equal, this.i32(6)), less);
        this.stateStore(SCRATCH_VALUE, LOAD32, flags);
      } else {
        const others = this.and(this.#status, this.i32(~(CODES | C1)));
        const codes = this.or(this.mul(equal, this.i32(C3)), this.mul(less, this.i32(C0)));
        this.#setStatus(this.or(others, codes));
      }
      this.#pop();
    });
    return done;
  }

  #move(): Node {
    const value = this.#load(this.#x());
    const done = this.and(this.#isReady(), this.#isInUse(this.#x()));
    this.when(done, () => {
      this.#store(this.#place(this.#destination()), value);
      this.#setStatus(this.#newStatus());
      this.#pop(this.#destination());
    });
    return done;
  }

  #exchange(): Node {
    const x = this.#load(this.#x());
    const y = this.#load(this.#y());
    const done = this.#all(this.#isReady(), this.#isInUse(this.#x()), this.#isInUse(this.#y()));
    this.when(done, () => {
      this.#store(this.#place(this.#x()), y);
      this.#store(this.#place(this.#y()), x);
      this.#setStatus(this.#newStatus());
    });
    return done;
  }

  #changeSign(change: (head: Node) => Node): Node {
    const { head } = this.#load(this.#x());
    const done = this.and(this.#isReady(), this.#isInUse(this.#x()));
    this.when(done, () => {
      this.rawStore(LOAD16, this.add(this.#place(this.#x()), this.i32(8)), change(head));
      this.#setStatus(this.#newStatus());
    });
    return done;
  }

  // ---- conversions to memory

  #leave(value: Node, up: Node, inexact: Node): void {
    this.stateStore(SCRATCH_VALUE, LOAD64, value);
    this.stateStore(SCRATCH_STATUS, LOAD32, this.#newStatus(up, inexact));
  }

  #toFloat(exponentBits: number, fractionBits: number): Node {
    const value = this.#load(this.#x());
    const special = (1 << exponentBits) - 1;
    const dropped = 63 - fractionBits;
    const kept = this.shrU(value.mantissa, this.i64(dropped));
    const rest = this.shl(value.mantissa, this.i64(64 - dropped));
    const isZero = this.#isZero(value);
    const start = this.sub(exponentOf(this, value.head), this.i32(BIAS - (special >> 1)));
    const half = this.wrap(this.shrU(rest, this.i64(63)));
    const beyond = this.or(this.ne(this.shl(rest, this.i64(1)), this.i64(0)), this.and(this.wrap(kept), this.i32(1)));
    const up = this.and(half, beyond);
    const rounded = this.add(kept, this.extendU(up));
    const carry = this.wrap(this.shrU(rounded, this.i64(fractionBits + 1)));
    const exponent = this.add(start, carry);
    const fraction = this.and(rounded, this.sub(this.shl(this.i64(1), this.i64(fractionBits)), this.i64(1)));
    const inRange = this.ltU(this.sub(start, this.i32(1)), this.i32(special - 1));
    const stillInRange = this.ltU(this.sub(exponent, this.i32(1)), this.i32(special - 1));
    const isNormal = this.#all(this.#isNormal(value), inRange, stillInRange);
    const done = this.#all(
      this.#isReady(),
      this.#isInUse(this.#x()),
      this.#controls(ROUNDING, 0),
      this.or(isNormal, isZero),
    );
    const sign = this.shl(this.extendU(this.shrU(value.head, this.i32(15))), this.i64(exponentBits + fractionBits));
    const bits = this.or(this.shl(this.extendU(exponent), this.i64(fractionBits)), fraction);
    this.when(done, () => {
      this.#leave(this.or(sign, this.select(isZero, this.i64(0), bits)), up, this.ne(rest, this.i64(0)));
    });
    return done;
  }

  #toInteger(size: number): Node {
    const value = this.#load(this.#x());
    const isZero = this.#isZero(value);
    const exponent = this.sub(exponentOf(this, value.head), this.i32(BIAS));
    // Of 64 bits, those before the point and those behind it; of less than a half none counts.
    const shift = this.extendS(this.sub(this.i32(63), exponent));
    const isFraction = this.ltS(exponent, this.i32(0));
    const isTiny = this.ltS(exponent, this.i32(-1));
    const none = this.i64(0);
    const kept = this.select(isFraction, none, this.shrU(value.mantissa, shift));
    const behind = this.shl(value.mantissa, this.sub(none, shift));
    const rest = this.select(isTiny, this.i64(1), this.select(isFraction, value.mantissa, behind));
    const truncates = this.or(
      this.eq(this.and(this.#control, this.i32(ROUNDING)), this.i32(TRUNCATES)),
      this.ne(this.and(this.#operation, this.i32(TRUNCATED)), this.i32(0)),
    );
    const nearest = this.eqz(this.and(this.#control, this.i32(ROUNDING)));
    const half = this.wrap(this.shrU(rest, this.i64(63)));
    const beyond = this.or(this.ne(this.shl(rest, this.i64(1)), none), this.and(this.wrap(kept), this.i32(1)));
    const up = this.and(this.and(half, beyond), this.eqz(truncates));
    const magnitude = this.add(kept, this.extendU(up));
    const inRange = this.ltU(magnitude, size === 64 ? this.i64(0, TOP_BIT) : this.i64(1 << (size - 1), 0));
    const isNormal = this.#all(this.#isNormal(value), this.ltS(exponent, this.i32(63)), inRange);
    const done = this.#all(
      this.#isReady(),
      this.#isInUse(this.#x()),
      this.#controls(0, 0),
      this.or(truncates, nearest),
      this.or(isNormal, isZero),
    );
    const negative = this.shrU(value.head, this.i32(15));
    const signed = this.select(negative, this.sub(none, magnitude), magnitude);
    this.when(done, () => {
      const isExact = this.or(isZero, this.eqz(rest));
      this.#leave(this.select(isZero, none, signed), this.and(up, this.eqz(isZero)), this.eqz(isExact));
    });
    return done;
  }
}

/** A head that the conversions never make. */
const NOT_CONVERTED = 0xffff;
