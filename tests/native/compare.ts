// The three-way comparison: the real processor says what is right, each engine must agree.
import { BREAKPOINT, PAGE_FAULT } from "../../src/machine/processor.js";
import { ARITHMETIC_FLAGS } from "../../src/machine/state-layout.js";
import type { Program } from "./case-generator.js";
import { CASE, CASE_SIZE, decodeOutcome, OUTCOME, OUTCOME_SIZE, type Records } from "./case-record.js";
import { AREA_SIZE, CODE_BASE, type CpuOutcome, DATA_BASE, DEFAULT_CODE_OFFSET } from "./cpu-case.js";
import type { EngineName } from "./emulated-driver.js";
import { isIntel, unexplained } from "./maker.js";

const DF = 0x400;
const FLAGS = ARITHMETIC_FLAGS | DF;

/** Compared with the processor to within their error in transcendental.test.ts. */
export const TRANSCENDENTAL = new Set(["f2xm1", "fyl2x", "fyl2xp1", "fpatan", "fptan", "fsin", "fcos", "fsincos"]);
/** The manual does not say which of their bytes a fault names. */
const IMPRECISE = new Set([
  ..."maskmovdqu maskmovq fnstenv fldenv fnsave frstor".split(" "),
  ..."fxsave fxrstor xsave xsaveopt xsavec xrstor".split(" "),
]);
/** Answers for the machine or the moment: a bit for each register whose low half holds them. */
const UNPREDICTABLE: Readonly<Record<string, number>> = { cpuid: 0xf, rdtsc: 0x5, rdtscp: 0x7, xgetbv: 0x5 };
/** One limit is the number of the processor it runs on: far.test.ts has the others. */
const RANDOM = new Set(["rdrand/rdseed", "lsl"]);
export const ESTIMATE = /^v?r(cp|sqrt)[ps]s/;
/** SDM: the relative error of RCPPS and RSQRTPS is at most this; of two of them twice as much. */
const ESTIMATE_ERROR = 1.5 * 2 ** -12;
const LEAST_NORMAL = 2 ** -126;

/** F2XM1 and FYL2XP1 are defined near 0 only: for f2xm1 to 1, for fyl2xp1 to 1 - sqrt(1/2). */
function isOutsideDomain(name: string, { view }: Records, index: number): boolean {
  const at = index * CASE_SIZE + CASE.xsave;
  const exponent = view.getUint16(at + 40, true) & 0x7fff;
  if (name === "f2xm1") return exponent > 0x3ffe && view.getBigUint64(at + 32, true) << 1n !== 0n;
  return name === "fyl2xp1" && exponent > 0x3ffc;
}

/** A jump that happened to land in the harness's own code. */
export const wentAstray = (outcome: CpuOutcome) => outcome.rip >= 0x35a5_a000n && outcome.rip < 0x3600_0000n;

/** An access that met the harness's own memory: where its heap is, in the gigabyte behind its program, differs from run to run. */
const metHarness = (expected: CpuOutcome, { trap, cr2 }: CpuOutcome) =>
  trap === PAGE_FAULT && expected.trap !== PAGE_FAULT && cr2 >= 0x35a5_a000n && cr2 < 0x7600_0000n;

/** Which bits of an outcome's words must be the same for all programs; the rest is looked at where these differ. */
const MASKS = new Int32Array(OUTCOME_SIZE / 4).fill(-1);
for (const at of [OUTCOME.rflags + 4, OUTCOME.cr2, OUTCOME.cr2 + 4, OUTCOME.error]) MASKS[at / 4] = 0;
MASKS[(OUTCOME.xsave + 4) / 4] = 0xffff; // tags, FOP
for (const at of [16, 20]) MASKS[(OUTCOME.xsave + at) / 4] = 0; // FDP
if (!isIntel) for (const at of [8, 12]) MASKS[(OUTCOME.xsave + at) / 4] = 0; // FIP
const MXCSR = 24;
/** In the x87 status word: an unmasked exception waits. */
const ERROR_SUMMARY = 0x80;
const MXCSR_FLAGS = 0x3f;

/** Compares outcomes of one program's cases. */
export class Comparer {
  readonly #program: Program;
  readonly #quick: boolean;
  readonly #masks = MASKS.slice();

  constructor(program: Program, engine: EngineName) {
    this.#program = program;
    this.#quick = engine === "quick";
    if (this.#quick) this.#masks[(OUTCOME.xsave + MXCSR) / 4] = ~MXCSR_FLAGS;
    this.#masks[OUTCOME.rflags / 4] = FLAGS & ~(program.undefinedFlags.at(-1) as number);
  }

  /** What differs in case `index`, in words; empty when nothing does. */
  compare(cases: Records, expected: Records, actual: Records, index: number): string[] {
    const at = index * OUTCOME_SIZE;
    const special =
      expected.view.getUint32(at + OUTCOME.trap, true) === PAGE_FAULT ||
      (expected.bytes[at + OUTCOME.xsave + 2] & ERROR_SUMMARY) !== 0;
    if (!special && this.#same(expected.words, actual.words, at / 4)) return [];
    const want = decodeOutcome(expected, at);
    const have = decodeOutcome(actual, at);
    if (wentAstray(want) || metHarness(want, have)) return [];
    const names = this.#program.parts.map(({ row }) => row.definition.name);
    if (names.some((name) => isOutsideDomain(name, cases, index))) return [];
    const found = differences(want, have, {
      undefinedFlags: this.#undefinedAt(want),
      impreciseAddress: names.some((name) => IMPRECISE.has(name)),
      approximate: names.some((name) => TRANSCENDENTAL.has(name)),
      floatFlags: this.#quick,
      random: RANDOM.has(names[0]),
      unpredictable: UNPREDICTABLE[names[0]],
      estimates: names.some((name) => ESTIMATE.test(name)),
    });
    return unexplained(found, this.#program.parts, want, have, this.#program.mode);
  }

  /** By which instruction the program ended at: one that faulted, or none. */
  #undefinedAt(outcome: CpuOutcome): number {
    const { starts, undefinedFlags } = this.#program;
    const offset = Number(outcome.rip) - CODE_BASE - DEFAULT_CODE_OFFSET;
    const place = outcome.trap === BREAKPOINT ? -1 : starts.indexOf(offset);
    return undefinedFlags.at(place) as number;
  }

  #same(one: Int32Array, other: Int32Array, at: number): boolean {
    const masks = this.#masks;
    for (let word = 0; word < masks.length; word++) if ((one[at + word] ^ other[at + word]) & masks[word]) return false;
    return true;
  }
}

/** Four estimates in a register, each within the error the manual allows. */
function areClose(one: Uint8Array, other: Uint8Array, at: number): boolean {
  const lanes = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset + at, 16);
  const [a, b] = [lanes(one), lanes(other)];
  return [0, 4, 8, 12].every((lane) => {
    const [x, y] = [a.getFloat32(lane, true), b.getFloat32(lane, true)];
    if (a.getInt32(lane, true) === b.getInt32(lane, true)) return true;
    // SDM: where exactly results begin to be tiny, and so zero, depends on the implementation.
    const [small, large] = [Math.min(Math.abs(x), Math.abs(y)), Math.max(Math.abs(x), Math.abs(y))];
    if (small === 0) return large <= LEAST_NORMAL * (1 + 2 * ESTIMATE_ERROR) && Math.sign(1 / x) === Math.sign(1 / y);
    return Math.abs(x - y) <= Math.abs(x) * 2 * ESTIMATE_ERROR;
  });
}

/** What the processor's manual does not define, or leaves to the implementation. */
export interface Tolerance {
  readonly undefinedFlags?: number;
  /** Which byte of the operand a fault names. */
  readonly impreciseAddress?: boolean;
  /** The last bit of a transcendental function, and which way it was rounded (C1). */
  readonly approximate?: boolean;
  /** MXCSR's exception flags. */
  readonly floatFlags?: boolean;
  /** Registers are not compared. */
  readonly random?: boolean;
  /** Registers whose low halves are the machine's own (a bit each). */
  readonly unpredictable?: number;
  /** Binary32 lanes are approximations. */
  readonly estimates?: boolean;
}

/** What differs in defined state, in words; empty when nothing does. */
export function differences(
  expected: CpuOutcome,
  actual: CpuOutcome,
  {
    undefinedFlags = 0,
    impreciseAddress = false,
    approximate = false,
    unpredictable = 0,
    random = false,
    estimates = false,
    floatFlags = false,
  }: Tolerance,
): string[] {
  const out: string[] = [];
  const hex = (value: bigint | number) => `0x${value.toString(16)}`;
  const check = (what: string, want: bigint | number, have: bigint | number) => {
    if (want !== have) out.push(`${what}: processor ${hex(want)}, ours ${hex(have)}`);
  };
  check("trap", expected.trap, actual.trap);
  check("rip", expected.rip, actual.rip);
  expected.gpr.forEach((value, register) => {
    if (random) return;
    const shift = (unpredictable >> register) & 1 ? 32n : 0n;
    check(`r${register}`, value >> shift, actual.gpr[register] >> shift);
  });
  const flags = FLAGS & ~undefinedFlags;
  check("rflags", expected.rflags & flags, actual.rflags & flags);
  check("fs base", expected.fsBase, actual.fsBase);
  check("gs base", expected.gsBase, actual.gsBase);
  check("es, cs", expected.segments, actual.segments);
  if (expected.trap === PAGE_FAULT) {
    if (!impreciseAddress) check("cr2", expected.cr2, actual.cr2);
    // Whether a page elsewhere is present is the harness's and the kernel's business.
    const known = expected.cr2 >= CODE_BASE && expected.cr2 < DATA_BASE + 2 * AREA_SIZE;
    if (known) check("error", expected.error, actual.error);
  }
  const word = (image: Uint8Array, at: number) => image[at] | (image[at + 1] << 8);
  const mxcsrOf = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset).getUint32(MXCSR, true);
  const control = floatFlags ? ~MXCSR_FLAGS : -1;
  check("mxcsr", mxcsrOf(expected.xsave) & control, mxcsrOf(actual.xsave) & control);
  check("x87 control", word(expected.xsave, 0), word(actual.xsave, 0));
  const statusMask = approximate ? 0xfdff : 0xffff;
  const wide = (image: Uint8Array, at: number) => new DataView(image.buffer, image.byteOffset).getBigUint64(at, true);
  const waits = (word(expected.xsave, 2) & ERROR_SUMMARY) !== 0;
  if (waits || isIntel) check("x87 instruction pointer", wide(expected.xsave, 8), wide(actual.xsave, 8));
  // Older processors update these with every instruction: with an unmasked exception they all agree.
  if (waits) {
    check("x87 opcode", word(expected.xsave, 6), word(actual.xsave, 6));
    check("x87 data pointer", wide(expected.xsave, 16), wide(actual.xsave, 16));
  }
  check("x87 status", word(expected.xsave, 2) & statusMask, word(actual.xsave, 2) & statusMask);
  check("x87 tag", expected.xsave[4], actual.xsave[4]);
  for (let at = 32; at < 160 && !approximate; at += 16) {
    const bytes = (image: Uint8Array) =>
      Buffer.from(image.slice(at, at + 10))
        .reverse()
        .toString("hex");
    if (bytes(expected.xsave) !== bytes(actual.xsave))
      out.push(`st${(at - 32) / 16}: processor ${bytes(expected.xsave)}, ours ${bytes(actual.xsave)}`);
  }
  for (let register = 0; register < 16; register++) {
    const at = 160 + register * 16;
    const bytes = (image: Uint8Array) =>
      [416 + at, at]
        .map((start) => image.slice(start, start + 16).reverse())
        .map((half) => Buffer.from(half).toString("hex"))
        .join("_");
    if (bytes(expected.xsave) !== bytes(actual.xsave) && !(estimates && areClose(expected.xsave, actual.xsave, at)))
      out.push(`ymm${register}: processor ${bytes(expected.xsave)}, ours ${bytes(actual.xsave)}`);
  }
  if (Buffer.compare(expected.data, actual.data) !== 0)
    out.push(
      `data: processor ${Buffer.from(expected.data).toString("hex")}, ours ${Buffer.from(actual.data).toString("hex")}`,
    );
  if (expected.stray.first !== actual.stray.first || expected.stray.hash !== actual.stray.hash)
    out.push("memory beside the window differs");
  return out;
}
