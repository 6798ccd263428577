// MOVS CMPS SCAS LODS STOS. SDM vol. 2. Once in IR; repeated in microcode, a stretch of a page at a time.
import {
  DF,
  OFFSET_GPR,
  OFFSET_SYSTEM_FLAGS,
  PAGE_SIZE,
  RAX,
  RCX,
  RDI,
  RSI,
  TF,
} from "../../../machine/state-layout.js";
import { BASED, FLAT, LONG } from "../../code-address.js";
import type { Core } from "../../core.js";
import { LOAD8, LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import type { Instruction } from "../instruction.js";
import { instruction } from "../opcode-table.js";
import { DS, ES, FS, segmentBase } from "../segments.js";

const MEMORY = { memory: true };
const COMPARE = { memory: true, writes: "OSZAPC" };
const access = (bytes: number) => [LOAD8, LOAD16, LOAD32, LOAD64][31 - Math.clz32(bytes)];

type Repeated = (core: Core, i: Instruction, bytes: number) => void;

/** A repeated instruction that has its operands in one page each, in IR: what must hold besides (i32), and what it then does to `size` bytes. */
interface Bulk {
  readonly condition: (x: Emitter, bytes: number, size: Node) => Node;
  readonly run: (x: Emitter, size: Node) => void;
}

function stringInstruction(
  name: string,
  opcode: number,
  options: object,
  once: (x: Emitter, bytes: number) => void,
  repeated: Repeated,
  bulk?: Bulk,
): void {
  for (const wide of [false, true]) {
    const code = (opcode + (wide ? 1 : 0)).toString(16).toUpperCase();
    instruction(name, [code], options, (x) => {
      const bytes = wide ? x.i.operandSize >> 3 : 1;
      if (x.i.repeat === 0) return once(x, bytes);
      const i = x.i;
      if (!bulk || i.segment >= 0 || !isPlain(i)) return x.runMicrocode((core) => repeated(core, i, bytes));
      const count = x.addressRegister(RCX);
      const size = x.wrap(x.shl(count, x.i64(31 - Math.clz32(bytes))));
      const flags = x.and(x.stateLoad(OFFSET_SYSTEM_FLAGS, LOAD32), x.i32(DF | TF));
      const isShort = x.and(x.ltU(x.sub(count, x.i64(1)), x.i64(PAGE_SIZE / bytes)), x.eqz(flags));
      const inBulk = x.and(isShort, bulk.condition(x, bytes, size));
      x.when(inBulk, () => {
        bulk.run(x, size);
        x.set(RCX, x.i64(0));
      });
      x.when(x.and(x.eqz(inBulk), x.eqz(x.eqz(count))), () => x.microcode((core) => repeated(core, i, bytes)));
    });
  }
}

/** Addresses are what registers hold. */
const isPlain = ({ mode, addressSize }: Instruction) =>
  mode === LONG ? addressSize === 64 : mode === FLAT && addressSize === 32;

/** The bytes from a register's address on lie in one page. */
const inPage = (x: Emitter, register: number, size: Node) =>
  x.leU(x.add(x.and(x.wrap(x.get(register)), x.i32(PAGE_SIZE - 1)), size), x.i32(PAGE_SIZE));
const moveOn = (x: Emitter, register: number, size: Node) =>
  x.setAddressRegister(register, x.add(x.addressRegister(register), x.extendU(size)));

const advance = (x: Emitter, register: number, bytes: number) => {
  x.setAddressRegister(register, x.add(x.addressRegister(register), x.stringStep(bytes)));
};
const source = (x: Emitter) => x.segmentAddress(x.addressRegister(RSI));
const destination = (x: Emitter) => x.fixedSegment(x.addressRegister(RDI), ES);

stringInstruction(
  "movs",
  0xa4,
  MEMORY,
  (x, bytes) => {
    const value = x.load(access(bytes), source(x));
    x.store(access(bytes), destination(x), value);
    advance(x, RSI, bytes);
    advance(x, RDI, bytes);
  },
  (core, i, bytes) => {
    const run = new Repeat(core, i, bytes);
    while (run.left > 0) {
      const from = run.source();
      const to = run.destination(true, from);
      // A stretch that stays in both pages; overlapping ones copy as if element by element.
      let count = run.stretch(run.room(to), run.room(from));
      const forward = run.step > 0;
      if (count > 1 && forward && to > from && to - from < count * bytes)
        count = Math.max(1, Math.floor((to - from) / bytes));
      if (count > 1 && !forward && from > to && from - to < count * bytes)
        count = Math.max(1, Math.floor((from - to) / bytes));
      if (count <= 1) core.writeBytes(to, core.readBytes(from, bytes));
      else {
        run.touch(from, false);
        run.touch(to, true);
        const back = forward ? 0 : (count - 1) * bytes;
        const a = core.linear(from - back, count * bytes, false);
        const b = core.linear(to - back, count * bytes, true);
        core.memory.move(b, a, count * bytes);
      }
      run.done(Math.max(count, 1), RSI, RDI);
    }
  },
  {
    // Forwards, bytes that are still to be read must not be among those written.
    condition: (x, _, size) =>
      x.and(
        x.and(inPage(x, RSI, size), inPage(x, RDI, size)),
        x.leU(x.extendU(size), x.sub(x.addressRegister(RDI), x.addressRegister(RSI))),
      ),
    run: (x, size) => {
      const from = x.translate(x.addressRegister(RSI), 1, false);
      const to = x.translate(x.addressRegister(RDI), 1, true);
      x.copy(to, from, size);
      moveOn(x, RSI, size);
      moveOn(x, RDI, size);
    },
  },
);

stringInstruction(
  "stos",
  0xaa,
  MEMORY,
  (x, bytes) => {
    x.store(access(bytes), destination(x), x.register(RAX, bytes * 8, true));
    advance(x, RDI, bytes);
  },
  (core, i, bytes) => {
    const run = new Repeat(core, i, bytes);
    const low = core.gpr32(RAX);
    const high = bytes === 8 ? core.state32(OFFSET_GPR + RAX * 8 + 4) : low;
    const byte = low & 0xff;
    const whole = Math.imul(byte, 0x01010101);
    const uniform =
      bytes === 1 || (bytes === 2 ? (low & 0xffff) === (whole & 0xffff) : (low | 0) === whole && (high | 0) === whole);
    while (run.left > 0) {
      const to = run.destination(true);
      const count = uniform ? run.stretch(run.room(to)) : 1;
      if (count <= 1) core.writeBytes(to, elementBytes(low, high, bytes));
      else {
        run.touch(to, true);
        const start = core.linear(run.step > 0 ? to : to - (count - 1) * bytes, count * bytes, true);
        core.memory.fill(byte, start, start + count * bytes);
      }
      run.done(Math.max(count, 1), RDI);
    }
  },
  {
    condition: (x, bytes, size) =>
      bytes === 1 ? inPage(x, RDI, size) : x.and(inPage(x, RDI, size), x.eqz(x.register(RAX, bytes * 8, true))),
    run: (x, size) => {
      const to = x.translate(x.addressRegister(RDI), 1, true);
      x.fill(to, x.register(RAX, 8, true), size);
      moveOn(x, RDI, size);
    },
  },
);

stringInstruction(
  "lods",
  0xac,
  MEMORY,
  (x, bytes) => {
    const value = x.load(access(bytes), source(x));
    x.setRegister(RAX, bytes * 8, value, true);
    advance(x, RSI, bytes);
  },
  (core, i, bytes) => {
    const run = new Repeat(core, i, bytes);
    while (run.left > 0) {
      const value = readElement(core, run.source(), bytes);
      if (bytes === 8) core.setGpr(RAX, value);
      else if (bytes === 4) core.setGpr32(RAX, Number(value));
      else core.setGpr(RAX, (core.gpr(RAX) & ~((1n << BigInt(bytes * 8)) - 1n)) | value);
      run.done(1, RSI);
    }
  },
);

stringInstruction(
  "cmps",
  0xa6,
  COMPARE,
  (x, bytes) => {
    // When both places fault, the processor names this one.
    const second = x.load(access(bytes), destination(x));
    const first = x.load(access(bytes), source(x));
    x.setLazy(flags.SUBTRACTION, bytes * 8, first, second);
    advance(x, RSI, bytes);
    advance(x, RDI, bytes);
  },
  (core, i, bytes) => {
    const run = new Repeat(core, i, bytes);
    // Flags are those of the last comparison: a fault on the way leaves them as they were.
    while (run.left > 0) {
      const from = run.source();
      const to = run.destination();
      const sure = run.stretch(run.room(from), run.room(to)) - 1;
      if (sure > 0 && run.step > 0) {
        const b = core.linear(to, bytes, false);
        const a = core.linear(from, bytes, false);
        const { u8 } = core.memory;
        const goingOn = leading(sure, bytes, i.repeat === 0xf3, (at) => u8[a + at] === u8[b + at]);
        if (goingOn > 0) run.done(goingOn, RSI, RDI);
      }
      const second = readElement(core, run.destination(), bytes);
      const first = readElement(core, run.source(), bytes);
      run.done(1, RSI, RDI);
      if (run.goesOn((first === second) === (i.repeat === 0xf3))) continue;
      return core.setCompareFlags(bytes * 8, first, second);
    }
  },
);

stringInstruction(
  "scas",
  0xae,
  COMPARE,
  (x, bytes) => {
    const value = x.load(access(bytes), destination(x));
    x.setLazy(flags.SUBTRACTION, bytes * 8, x.register(RAX, bytes * 8, true), value);
    advance(x, RDI, bytes);
  },
  (core, i, bytes) => {
    const run = new Repeat(core, i, bytes);
    const wanted = BigInt.asUintN(bytes * 8, core.gpr(RAX));
    const pattern = new Uint8Array(8);
    new DataView(pattern.buffer).setBigUint64(0, wanted, true);
    while (run.left > 0) {
      const to = run.destination();
      const sure = run.stretch(run.room(to)) - 1;
      if (sure > 0 && run.step > 0) {
        const { u8 } = core.memory;
        const start = core.linear(to, bytes, false);
        const goingOn =
          bytes === 1 && i.repeat === 0xf2
            ? u8.subarray(start, start + sure).indexOf(pattern[0])
            : leading(sure, bytes, i.repeat === 0xf3, (at) => u8[start + at] === pattern[at & (bytes - 1)]);
        if (goingOn !== 0) run.done(goingOn < 0 ? sure : goingOn, RDI);
      }
      const value = readElement(core, run.destination(), bytes);
      run.done(1, RDI);
      if (run.goesOn((wanted === value) === (i.repeat === 0xf3))) continue;
      return core.setCompareFlags(bytes * 8, wanted, value);
    }
  },
);

function elementBytes(low: number, high: number, bytes: number): Uint8Array {
  const image = new Uint8Array(8);
  const words = new Int32Array(image.buffer);
  words[0] = low;
  words[1] = high;
  return image.subarray(0, bytes);
}

/** Of `count` elements, how many at the beginning are all equal, or all different; `same` compares the bytes at an offset. */
function leading(count: number, bytes: number, equal: boolean, same: (at: number) => boolean): number {
  for (let n = 0; n < count; n++) {
    let isSame = true;
    for (let at = n * bytes; isSame && at < (n + 1) * bytes; at++) isSame = same(at);
    if (isSame !== equal) return n;
  }
  return count;
}

function readElement(core: Core, address: number, bytes: number): bigint {
  const linear = core.linear(address, bytes, false);
  const view = core.memory.view;
  if (linear < 0) {
    const copy = new Uint8Array(8);
    copy.set(core.readBytes(address, bytes));
    return new DataView(copy.buffer).getBigUint64(0, true);
  }
  if (bytes === 8) return view.getBigUint64(linear, true);
  return BigInt(
    bytes === 4 ? view.getUint32(linear, true) : bytes === 2 ? view.getUint16(linear, true) : view.getUint8(linear),
  );
}

/** What a stretch costs however short it is, in elements of a long one. */
const STRETCH_WORK = 64;

/** Where a repeated string instruction stands: after `done` the registers say what is left, so a fault can come at any time. */
class Repeat {
  readonly step: number;
  readonly #core: Core;
  readonly #addressSize: number;
  readonly #mode: number;
  readonly #base: (segment: number) => number;
  readonly #sourceSegment: number;
  /** One element at a time. */
  readonly #single: boolean;
  readonly #bytes: number;
  /** What is left in rcx. */
  #total: number;
  /** Work that may be done now. */
  #allowance: number;

  constructor(core: Core, i: Instruction, bytes: number) {
    this.#core = core;
    this.#bytes = bytes;
    this.#addressSize = i.addressSize;
    this.step = core.state32(OFFSET_SYSTEM_FLAGS) & DF ? -bytes : bytes;
    this.#total = i.addressSize === 64 ? Number(core.gpr(RCX)) : this.#offset(RCX);
    this.#allowance = core.repeatLimit;
    this.#mode = i.mode;
    this.#base = (segment) => baseOf(core, i, segment);
    this.#sourceSegment = i.segment < 0 ? DS : i.segment;
    this.#single = this.#isGuarded(this.#sourceSegment) || this.#isGuarded(ES);
  }

  /** Elements to be done now. */
  get left(): number {
    return Math.min(this.#total, this.#allowance);
  }

  #offset(register: number): number {
    if (this.#addressSize === 64) return this.#core.gprAddress(register);
    const low = this.#core.gpr32(register);
    return this.#addressSize === 16 ? low & 0xffff : low;
  }

  #linear(offset: number, segment: number): number {
    const base = this.#base(segment);
    return base === 0 ? offset : this.#addressSize === 64 ? offset + base : (offset + base) >>> 0;
  }

  /** A fault at `from`, what is read first, comes before one of the segment's. `write`: it is to be written to. */
  destination(write = false, from = -1): number {
    const to = this.#linear(this.#offset(RDI), ES);
    if (!this.#isGuarded(ES)) return to;
    if (from >= 0) this.touch(from, false);
    this.#core.requireAccess(ES, to, this.#bytes, write);
    return to;
  }

  /** Of such segments every element is looked at for itself. */
  #isGuarded(segment: number): boolean {
    return this.#mode === BASED || (this.#mode === FLAT && segment >= FS);
  }

  source(): number {
    const from = this.#linear(this.#offset(RSI), this.#sourceSegment);
    if (this.#isGuarded(this.#sourceSegment)) this.#core.requireAccess(this.#sourceSegment, from, this.#bytes, false);
    return from;
  }

  /** Whole elements from `address` to the end of its page in the direction of travel. */
  room(address: number): number {
    const offset = address % PAGE_SIZE;
    if (offset + this.#bytes > PAGE_SIZE) return 0;
    return this.step > 0 ? Math.floor((PAGE_SIZE - offset) / this.#bytes) : Math.floor(offset / this.#bytes) + 1;
  }

  /** Faults at the first element, whichever way the stretch goes. */
  touch(address: number, write: boolean): void {
    this.#core.linear(address, this.#bytes, write);
  }

  stretch(...rooms: number[]): number {
    return this.#single ? Math.min(this.left, 1) : Math.min(this.left, ...rooms);
  }

  done(count: number, ...registers: number[]): void {
    this.#allowance -= count + STRETCH_WORK;
    this.#core.addWork(count + STRETCH_WORK);
    this.#total -= count;
    for (const register of registers) this.#set(register, this.#offset(register) + count * this.step);
    // Beyond 2^53 the number is rounded.
    if (this.#total < Number.MAX_SAFE_INTEGER) this.#set(RCX, this.#total);
    else this.#core.setGpr(RCX, this.#core.gpr(RCX) - BigInt(count));
    this.#core.repeatAgain = this.#total > 0;
  }

  /** After a comparison: `matched` is what REPE or REPNE asks for. */
  goesOn(matched: boolean): boolean {
    if (!matched) this.#core.repeatAgain = false;
    return matched && this.left > 0;
  }

  #set(register: number, value: number): void {
    const core = this.#core;
    if (this.#addressSize === 64) core.setGprAddress(register, value);
    else if (this.#addressSize === 32) core.setGpr32(register, value);
    else core.setState32(OFFSET_GPR + register * 8, (core.gpr32(register) & ~0xffff) | (value & 0xffff));
  }
}

/** Base of a segment; in 64-bit mode only FS and GS have one. */
function baseOf(core: Core, { mode }: Instruction, segment: number): number {
  if (mode === LONG) return segment < FS ? 0 : Number(core.state64(segmentBase(segment)));
  return mode === FLAT && segment < FS ? 0 : core.state32(segmentBase(segment)) >>> 0;
}
