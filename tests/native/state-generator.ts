// What a case begins with: registers, flags, vectors and memory rich in edge values, written straight into a record.
import { CASE, CASE_SIZE, type Records } from "./case-record.js";
import {
  AREA_SIZE,
  type CodeMode,
  DATA_BASE,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  initialXsave,
  XSAVE_SIZE,
} from "./cpu-case.js";
import type { Random } from "./random.js";

const TWO_32 = 0x1_0000_0000;
const RSP = 4;
/** Flags a case begins with: CF PF AF ZF SF DF OF. */
const FLAGS = 0xcd5;

/** Pairs of low and high half. */
const FLOATS64: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 0x80000000], // -0
  [0, 0x3ff00000], // 1
  [0, 0xbff80000], // -1.5
  [0, 0x7ff00000], // infinities
  [0, 0xfff00000],
  [1, 0x7ff80000], // quiet and signalling NaNs
  [1, 0x7ff00000],
  [0x12345678, 0xfff80000],
  [0xffffffff, 0xfff7ffff],
  [1, 0], // denormals
  [0xffffffff, 0x000fffff],
  [0, 0x00080000],
  [0, 0x00100000], // the smallest normal number, the largest
  [0xffffffff, 0x7fefffff],
  [0xffc00000, 0x41dfffff], // around 2^31
  [0, 0x41e00000],
  [0, 0xc1e00000],
  [0, 0x43e00000], // 2^63
  [0, 0xc3e00000],
  [1, 0x43400000], // beyond 2^53
  [0, 0x3fe00000], // halves
  [0, 0x3ff80000],
  [0, 0x40040000],
];
const FLOATS32 = [
  0, 0x80000000, 0x3f800000, 0xbfc00000, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f800001, 0xffc12345, 0xffbfffff, 1,
  0x007fffff, 0x00400000, 0x00800000, 0x7f7fffff, 0x4effffff, 0x4f000000, 0xcf000000, 0x5f000000, 0x4b000001,
  0x3f000000, 0x3fc00000, 0x40200000,
];

/** Which parts of the state a program looks at. */
export interface StateNeeds {
  readonly mode: CodeMode;
  readonly x87: boolean;
  readonly mmx: boolean;
  /** Computes with SSE or AVX floating point. */
  readonly float: boolean;
  /** Loads MXCSR and more from memory. */
  readonly loadsState: boolean;
  /** See CASE.quick. */
  readonly quick: boolean;
}

export class StateMaker {
  readonly #r: Random;
  #records!: Records;
  #at = 0;
  #dataOffset = DEFAULT_DATA_OFFSET;

  constructor(random: Random) {
    this.#r = random;
  }

  get random(): Random {
    return this.#r;
  }

  /** Fills a record for `code`; `pins` then make its addresses reach the data window. */
  fill(
    records: Records,
    index: number,
    code: Uint8Array,
    needs: StateNeeds,
    pins: readonly ((s: StateMaker) => void)[],
  ): void {
    const r = this.#r;
    const at = index * CASE_SIZE;
    this.#records = records;
    this.#at = at;
    this.#dataOffset = r.chance(0.06) ? AREA_SIZE - DATA_WINDOW : r.chance(0.06) ? 0 : DEFAULT_DATA_OFFSET;
    const { view, bytes } = records;
    view.setUint32(at + CASE.length, code.length, true);
    view.setUint32(at + CASE.codeOffset, DEFAULT_CODE_OFFSET, true);
    view.setUint32(at + CASE.dataOffset, this.#dataOffset, true);
    view.setUint32(at + CASE.rflags, r.next() & FLAGS, true);
    bytes.set(code, at + CASE.code);
    for (let register = 0; register < 16; register++) this.#integer((at + CASE.gpr) / 4 + register * 2);
    if (r.chance(0.15)) this.#copy(CASE.gpr + r.below(16) * 8, CASE.gpr + r.below(16) * 8);
    const stack = this.window();
    this.setNumber(RSP, stack - (stack % 8));
    view.setUint32(at + CASE.quick, Number(needs.quick), true);
    view.setUint32(at + CASE.is32, needs.mode === 32 ? 1 : 0, true);
    this.#vectors(needs);
    this.#data();
    if (needs.loadsState && r.chance(0.8)) this.#permitLoads();
    for (const pin of pins) pin(this);
  }

  /** An address with most operands inside the window, some across its ends. */
  window(): number {
    const inside = this.#r.chance(0.9) ? this.#r.below(DATA_WINDOW - 32) : this.#r.below(DATA_WINDOW + 16) - 8;
    const aligned = this.#r.chance(0.6) ? (this.#r.chance(0.5) ? inside & ~31 : inside & ~15) : inside;
    return DATA_BASE + this.#dataOffset + aligned;
  }

  /** Any exact integer, negative ones in two's complement. */
  setNumber(register: number, value: number): void {
    this.setLow(register, value);
    this.#records.view.setInt32(this.#at + CASE.gpr + register * 8 + 4, Math.floor(value / TWO_32) | 0, true);
  }

  /** The low half only. */
  setLow(register: number, value: number): void {
    this.#records.view.setInt32(this.#at + CASE.gpr + register * 8, value | 0, true);
  }

  setLow16(register: number, value: number): void {
    this.#records.view.setUint16(this.#at + CASE.gpr + register * 8, value & 0xffff, true);
  }

  number(register: number): number {
    const { view } = this.#records;
    const at = this.#at + CASE.gpr + register * 8;
    return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
  }

  /** Clears bits of the 32-bit word on top of the stack, when that lies in the window. */
  clearOnStack(mask: number): void {
    const offset = this.number(RSP) - DATA_BASE - this.#dataOffset;
    if (offset < 0 || offset > DATA_WINDOW - 4) return this.setNumber(RSP, 8);
    const at = this.#at + CASE.data + offset;
    const { view } = this.#records;
    view.setUint32(at, view.getUint32(at, true) & ~mask, true);
  }

  #copy(from: number, to: number): void {
    const { bytes } = this.#records;
    bytes.copyWithin(this.#at + to, this.#at + from, this.#at + from + 8);
  }

  /** 64 bits at word `at` of the records. */
  #integer(at: number): void {
    const r = this.#r;
    const { words } = this.#records;
    const kind = r.below(100);
    if (kind < 30) {
      // A power of two, or one beside it, or its complement: 0, 1, -1, the smallest and largest of each size.
      const bit = r.chance(0.5) ? r.pick([0, 7, 8, 15, 16, 31, 32, 63]) : r.below(64);
      words[at] = bit < 32 ? 1 << bit : 0;
      words[at + 1] = bit < 32 ? 0 : 1 << (bit - 32);
      this.#add(at, r.below(3) - 1);
      if (r.chance(0.3)) {
        words[at] = ~words[at];
        words[at + 1] = ~words[at + 1];
      }
    } else if (kind < 45) {
      const value = r.below(6) - 3;
      words[at] = value;
      words[at + 1] = value >> 31;
    } else if (kind < 60) {
      words[at] = r.below(256);
      words[at + 1] = 0;
    } else {
      words[at] = r.next();
      words[at + 1] = kind < 70 ? words[at] >> 31 : kind < 75 ? 0 : r.next();
    }
  }

  #add(at: number, small: number): void {
    const { words } = this.#records;
    const low = (words[at] >>> 0) + small;
    words[at] = low;
    if (low < 0) words[at + 1]--;
    else if (low >= TWO_32) words[at + 1]++;
  }

  /** 64 bits of a vector register: one binary64, two binary32, or integers. */
  #vectorBits(at: number): void {
    const r = this.#r;
    const { words } = this.#records;
    const kind = r.below(100);
    if (kind < 30) {
      const [low, high] = r.pick(FLOATS64);
      words[at] = low;
      words[at + 1] = high;
    } else if (kind < 55) {
      words[at] = r.pick(FLOATS32);
      words[at + 1] = r.pick(FLOATS32);
    } else if (kind < 62) {
      words[at] = r.below(80);
      words[at + 1] = 0;
    } else if (kind < 72) {
      // Numbers of ordinary size, so that sums neither overflow nor vanish.
      words[at] = r.chance(0.4) ? r.next() : 0;
      words[at + 1] = (r.next() & 0x800f_ffff) | ((1023 - 30 + r.below(60)) << 20);
    } else if (kind < 80) {
      words[at] = (r.next() & 0x807f_ffff) | ((127 - 14 + r.below(28)) << 23);
      words[at + 1] = (r.next() & 0x807f_ffff) | ((127 - 14 + r.below(28)) << 23);
    } else {
      words[at] = r.next();
      words[at + 1] = r.next();
    }
  }

  /** Small signed indices of `bytes` bytes each in a vector register. */
  spreadIndices(register: number, bytes: number): void {
    const { view } = this.#records;
    for (const half of [160, 576])
      for (let lane = 0; lane < 16; lane += bytes) {
        const at = this.#at + CASE.xsave + half + register * 16 + lane;
        const index = this.#r.below(24) - 12;
        view.setInt32(at, index, true);
        if (bytes === 8) view.setInt32(at + 4, index >> 31, true);
      }
  }

  #vectors({ x87, mmx, float }: StateNeeds): void {
    const start = this.#at + CASE.xsave;
    this.#records.bytes.set(INITIAL, start);
    for (let at = 160; at < 416; at += 8) this.#vectorBits((start + at) / 4);
    for (let at = 576; at < XSAVE_SIZE; at += 8) this.#vectorBits((start + at) / 4);
    if (float && this.#r.chance(0.6)) this.#mxcsr();
    if (x87 || mmx) this.#stack(start, x87 && this.#r.chance(0.35) ? this.#r.below(64) : 0x3f);
    if (!mmx) return;
    for (let at = 32; at < 160; at += 16) this.#vectorBits((start + at) / 4);
    // An unmasked exception that waits.
    const { view } = this.#records;
    if (!this.#r.chance(0.04)) return;
    view.setUint16(start, view.getUint16(start, true) & ~1, true);
    view.setUint16(start + 2, view.getUint16(start + 2, true) | 0x8081, true);
  }

  /** Every rounding control, DAZ and FTZ, with flags set before; now and then an exception unmasked. */
  #mxcsr(): void {
    const r = this.#r;
    const masks = r.chance(0.8) ? 0x1f80 : r.below(64) << 7;
    const others = r.below(0x10000) & 0xe07f & (r.chance(0.5) ? -1 : ~0x8040);
    this.#records.view.setUint32(this.#at + CASE.mxcsr, masks | others, true);
  }

  /** x87 registers: mostly in use, with any rounding and precision; exceptions mostly masked. */
  #stack(start: number, masks: number): void {
    const r = this.#r;
    const { view, bytes } = this.#records;
    const top = r.below(8);
    view.setUint16(start, 0x40 | masks | (r.below(4) << 10) | (r.pick([0, 2, 3, 3]) << 8), true);
    view.setUint16(start + 2, (top << 11) | (r.chance(0.3) ? r.below(0x10000) & 0x4700 : 0), true);
    let inUse = r.chance(0.7) ? 0xff : r.below(256);
    // Room for a push, three times in four.
    if (r.chance(0.75)) inUse &= ~(1 << ((top + 7) & 7));
    bytes[start + 4] = inUse;
    for (let index = 0; index < 8; index++) {
      const at = start + 32 + index * 16;
      const exponent = r.chance(0.7)
        ? 0x3fff + r.below(70) - 8
        : r.pick([0, 1, 0x7fff, 0x7ffe, 0x3ff0, 0x4030, r.below(0x8000)]);
      const special = (exponent === 0x7fff || exponent === 0) && r.chance(0.6);
      const [high, low] = special
        ? r.pick(SPECIAL_MANTISSAS)
        : [(r.next() | 0x8000_0000) & (r.chance(0.3) ? ~0xff : ~0), r.chance(0.3) ? 0 : r.next()];
      view.setUint32(at, low, true);
      view.setUint32(at + 4, high, true);
      view.setUint16(at + 8, exponent | (r.chance(0.5) ? 0x8000 : 0), true);
    }
  }

  /** No reserved bits where an aligned area has its MXCSR. */
  #permitLoads(): void {
    const { view } = this.#records;
    for (let at = this.#at + CASE.data + 8; at < this.#at + CASE.data + DATA_WINDOW; at += 16)
      view.setUint32(at, view.getUint32(at, true) & 0xffff, true);
  }

  #data(): void {
    const r = this.#r;
    for (let at = 0; at < DATA_WINDOW; at += 8) {
      const word = (this.#at + CASE.data + at) / 4;
      const kind = r.below(100);
      if (kind < 45) this.#vectorBits(word);
      else if (kind < 90) this.#integer(word);
      else this.#copy(CASE.gpr + r.below(16) * 8, CASE.data + at);
    }
  }
}

const INITIAL = initialXsave();
/** High and low half. */
const SPECIAL_MANTISSAS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0x80000000, 0],
  [0xc0000000, 0],
  [0x80000000, 1],
];
