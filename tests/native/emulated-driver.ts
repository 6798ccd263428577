// Runs cases on the emulated processor, with each of its engines, through the same Processor the kernel uses.
import { createProcessor, type EmulatedProcessor, type ProcessorOptions } from "../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../src/machine/guest-memory.js";
import {
  BREAKPOINT,
  DEBUG,
  GENERAL_PROTECTION,
  OVERFLOW,
  PAGE_FAULT,
  TRAP_FUEL,
  TRAP_INT,
  TRAP_SYSCALL,
} from "../../src/machine/processor.js";
import {
  COLD_CACHE,
  PAGE_SIZE,
  READ_TAGS,
  RESERVED_SLOT_END,
  STATE,
  STATE_SIZE,
} from "../../src/machine/state-layout.js";
import { CASE, CASE_SIZE, decodeOutcome, encodeCase, OUTCOME, OUTCOME_SIZE, Records } from "./case-record.js";
import {
  AREA_SIZE,
  CODE_BASE,
  type CodeMode,
  type CpuCase,
  type CpuOutcome,
  DATA_BASE,
  DATA_WINDOW,
  dataPattern,
  FS_BASE,
  FS_BASE_32,
  FS_SELECTOR_32,
  GS_BASE,
  GS_BASE_32,
  GS_SELECTOR_32,
  LIMIT_32,
  NO_STRAY,
  normalizeXsave,
  strayOf,
  TRAP_SYSTEM_CALL,
  TRAP_TIMEOUT,
  XSAVE_SIZE,
} from "./cpu-case.js";

const FUEL = 10_000;
const NONE = new Int32Array(0);
/** User data from FS_BASE_32 on, LIMIT_32 in bytes. */
const limited = [LIMIT_32 | (FS_BASE_32 << 16), 0x0050f300 | (FS_BASE_32 & 0xff000000) | ((FS_BASE_32 >>> 16) & 0xff)];
/** A segment of user data from `base` on, 4 GiB long, accessed. */
const flatDescriptor = (base: number) => [
  0xffff | (base << 16),
  0x00dff300 | (base & 0xff000000) | ((base >>> 16) & 0xff),
];
const THREW = 0xff;
const pattern = Uint8Array.from({ length: AREA_SIZE }, (_, offset) => dataPattern(offset));
const GPR_SIZE = 128;
const CS = 1;
/** ss, es, ds, fs, gs. */
const DATA_SEGMENTS = [2, 0, 3, 4, 5];
/** What they are in a case. */
const SELECTORS: Readonly<Record<CodeMode, readonly number[]>> = {
  64: [0x2b, 0, 0, 0, 0],
  32: [0x2b, 0x2b, 0x2b, FS_SELECTOR_32, GS_SELECTOR_32],
};

const NEVER = Number.POSITIVE_INFINITY;
/** How each engine is asked for. "quick" is the JIT with quick floating point, for the cases it is there for: `suits` says which. */
const ENGINES = {
  interpreter: { hot: NEVER, interpret: true },
  cold: { hot: NEVER },
  jit: { hot: 0 },
  quick: { hot: 0 },
} satisfies Record<string, ProcessorOptions>;
const MXCSR_FLAGS = 0x3f;

export type EngineName = keyof typeof ENGINES;
export const ENGINE_NAMES = Object.keys(ENGINES) as EngineName[];

/** `memory` may have been another processor's: what that kept in it about its code means nothing to the new one. */
export function engineProcessor(engine: EngineName, memory: GuestMemory): EmulatedProcessor {
  memory.u8.fill(0, COLD_CACHE, READ_TAGS);
  memory.u8.fill(0, STATE + STATE_SIZE, RESERVED_SLOT_END * PAGE_SIZE);
  return createProcessor({ memory, model: "x86-64-v3", ...ENGINES[engine] });
}

/** What the translations of dropped programs leave behind is let go after this many programs. */
const PROGRAMS_PER_PROCESSOR = 4000;

export class EmulatedDriver {
  readonly #engine: EngineName;
  readonly #memory = new GuestMemory();
  #cpu: EmulatedProcessor;
  #programs = 0;
  /** Where the program lies that was loaded last. */
  #offset = 0;
  #length = 0;
  /** The code area as it should be. */
  readonly #code = new Uint8Array(AREA_SIZE).fill(0xcc);
  readonly #codeArea: Uint8Array;
  readonly #dataArea: Uint8Array;

  constructor(engine: EngineName) {
    this.#engine = engine;
    for (let at = 0; at < AREA_SIZE; at += PAGE_SIZE) {
      this.#memory.map((CODE_BASE + at) / PAGE_SIZE, READ | WRITE | EXECUTE);
      this.#memory.map((DATA_BASE + at) / PAGE_SIZE, READ | WRITE);
    }
    this.#codeArea = this.#area(CODE_BASE);
    this.#dataArea = this.#area(DATA_BASE);
    this.#codeArea.set(this.#code);
    this.#cpu = this.#makeProcessor();
  }

  #makeProcessor(): EmulatedProcessor {
    const cpu = engineProcessor(this.#engine, this.#memory);
    cpu.descriptors = {
      tls: Int32Array.of(...flatDescriptor(FS_BASE_32), ...flatDescriptor(GS_BASE_32), ...limited),
      ldt: NONE,
    };
    if (this.#engine === "jit") cpu.restoreExtended(new Uint8Array(XSAVE_SIZE)); // no program has such an MXCSR: exact from here on
    return cpu;
  }

  /** Quick floating point is only for the MXCSR programs begin with. */
  suits({ view }: Records, index: number): boolean {
    if (this.#engine !== "quick") return true;
    const at = index * CASE_SIZE;
    return (
      view.getUint32(at + CASE.quick, true) !== 0 && (view.getUint32(at + CASE.mxcsr, true) & ~MXCSR_FLAGS) === 0x1f80
    );
  }

  /** Runs those of the first `count` cases that suit. Neighbours with the same code are translated once. */
  run(cases: Records, count: number, outcomes: Records): void {
    for (let n = 0; n < count; n++) {
      if (!this.suits(cases, n)) continue;
      this.#prepare(cases, n * CASE_SIZE);
      this.#runOne(cases, n * CASE_SIZE, outcomes, n * OUTCOME_SIZE);
    }
  }

  /** Makes the code area that of the case. */
  #prepare({ bytes, view }: Records, at: number): void {
    const offset = view.getUint32(at + CASE.codeOffset, true);
    const length = view.getUint32(at + CASE.length, true);
    const start = at + CASE.code;
    if (this.#holds(bytes, start, offset, length)) return;
    this.#offset = offset;
    this.#length = length;
    if (++this.#programs % PROGRAMS_PER_PROCESSOR === 0) this.#cpu = this.#makeProcessor();
    this.#code.fill(0xcc);
    this.#code.set(bytes.subarray(start, start + length), offset);
    this.#restoreCode();
  }

  #holds(bytes: Uint8Array, start: number, offset: number, length: number): boolean {
    if (offset !== this.#offset || length !== this.#length) return false;
    for (let n = 0; n < length; n++) if (this.#code[offset + n] !== bytes[start + n]) return false;
    return true;
  }

  #restoreCode(): void {
    this.#area(CODE_BASE).set(this.#code);
  }

  #runOne(cases: Records, from: number, outcomes: Records, to: number): void {
    const cpu = this.#cpu;
    const { u8 } = this.#memory;
    const dataOffset = cases.view.getUint32(from + CASE.dataOffset, true);
    this.#dataArea.set(pattern);
    this.#dataArea.set(cases.bytes.subarray(from + CASE.data, from + CASE.data + DATA_WINDOW), dataOffset);
    u8.set(cases.bytes.subarray(from + CASE.gpr, from + CASE.gpr + GPR_SIZE), STATE);
    this.#setSegments(cases.view.getUint32(from + CASE.is32, true) !== 0);
    cpu.rflags = cases.view.getUint32(from + CASE.rflags, true) | 0x202;
    cpu.restoreExtended(cases.bytes.subarray(from + CASE.xsave, from + CASE.xsave + XSAVE_SIZE));
    cpu.registers.rip = CODE_BASE + cases.view.getUint32(from + CASE.codeOffset, true);
    this.#store(this.#run(), outcomes, to, dataOffset);
    // A case may write to its code.
    if (Buffer.compare(this.#codeArea, this.#code) !== 0) this.#restoreCode();
  }

  #setSegments(is32: boolean): void {
    const cpu = this.#cpu;
    cpu.registers.setSelector(CS, is32 ? 0x23 : 0x33);
    DATA_SEGMENTS.forEach((segment, n) => {
      if (!cpu.loadSegment(segment, SELECTORS[is32 ? 32 : 64][n]))
        throw new Error(`segment ${segment} cannot be loaded`);
    });
    if (is32) return;
    cpu.registers.fsBase = BigInt(FS_BASE);
    cpu.registers.gsBase = BigInt(GS_BASE);
  }

  /** An error of ours is a trap that no processor has. `npm run fuzz:bytes` shows where such come from. */
  #run(): number {
    try {
      return this.#cpu.run(FUEL);
    } catch {
      this.#cpu = this.#makeProcessor();
      return THREW;
    }
  }

  #store(trap: number, { bytes, view }: Records, at: number, dataOffset: number): void {
    const cpu = this.#cpu;
    bytes.set(this.#memory.u8.subarray(STATE, STATE + GPR_SIZE), at + OUTCOME.gpr);
    view.setUint32(at + OUTCOME.rip, cpu.registers.ripLow, true);
    view.setUint32(at + OUTCOME.rip + 4, cpu.registers.ripHigh, true);
    view.setUint32(at + OUTCOME.rflags, cpu.rflags, true);
    view.setUint32(at + OUTCOME.error, trap < 32 && trap !== BREAKPOINT ? cpu.registers.errorCode : 0, true);
    view.setBigUint64(at + OUTCOME.cr2, trap === PAGE_FAULT ? cpu.registers.faultAddress : 0n, true);
    view.setUint32(at + OUTCOME.trap, trap, true);
    if (trap >= TRAP_SYSCALL || trap === DEBUG || trap === OVERFLOW) this.#asLinux(trap, view, at);
    const stray = this.#strayAt(dataOffset);
    view.setInt32(at + OUTCOME.stray, stray.first, true);
    view.setInt32(at + OUTCOME.stray + 4, stray.last, true);
    view.setUint32(at + OUTCOME.stray + 8, stray.hash, true);
    bytes.set(this.#dataArea.subarray(dataOffset, dataOffset + DATA_WINDOW), at + OUTCOME.data);
    const xsave = bytes.subarray(at + OUTCOME.xsave, at + OUTCOME.xsave + XSAVE_SIZE);
    cpu.saveExtended(xsave);
    normalizeXsave(xsave);
    view.setBigUint64(at + OUTCOME.fsBase, cpu.registers.fsBase, true);
    view.setBigUint64(at + OUTCOME.gsBase, cpu.registers.gsBase, true);
    const es = cpu.registers.selector(0);
    view.setUint32(at + OUTCOME.segments, cpu.registers.selector(CS) | ((es & 0xfffc) === 0 ? 0 : es << 16), true);
  }

  /** What a signal frame of Linux shows for the traps that are the kernel's business. */
  #asLinux(trap: number, view: DataView, at: number): void {
    const { rip } = this.#cpu.registers;
    const next = BigInt(rip + this.#cpu.instructionLength);
    const set = (vector: number, error: number, where: bigint) => {
      view.setUint32(at + OUTCOME.trap, vector, true);
      view.setUint32(at + OUTCOME.error, error, true);
      view.setBigUint64(at + OUTCOME.rip, where, true);
    };
    if (trap === TRAP_FUEL) set(TRAP_TIMEOUT, 0, BigInt(rip));
    else if (trap === DEBUG || trap === OVERFLOW || trap === TRAP_INT + OVERFLOW) set(trap & 0xff, 0, next);
    else if (trap === TRAP_INT + BREAKPOINT) set(BREAKPOINT, 0, next - 1n);
    else if (trap === TRAP_INT + 0x80) {
      set(TRAP_SYSTEM_CALL, 0, next);
      view.setUint32(at + OUTCOME.gpr + 4, 0, true); // of rax the call's number is eax
    } else if (trap >= TRAP_INT) set(GENERAL_PROTECTION, (trap & 0xff) * 8 + 2, BigInt(rip));
    else {
      set(TRAP_SYSTEM_CALL, 0, next);
      view.setBigUint64(at + OUTCOME.gpr + 8, next, true); // rcx
      view.setBigUint64(at + OUTCOME.gpr + 88, BigInt(this.#cpu.rflags), true); // r11
    }
  }

  #strayAt(dataOffset: number) {
    const after = dataOffset + DATA_WINDOW;
    const area = Buffer.from(this.#dataArea.buffer, this.#dataArea.byteOffset, AREA_SIZE);
    const untouched =
      area.compare(pattern, 0, dataOffset, 0, dataOffset) === 0 &&
      area.compare(pattern, after, AREA_SIZE, after, AREA_SIZE) === 0;
    return untouched ? NO_STRAY : strayOf(this.#dataArea, dataOffset);
  }

  /** The two pages from `base`, for writing: translations of them are dropped. */
  #area(base: number): Uint8Array {
    this.#memory.linear(base + PAGE_SIZE, WRITE);
    const linear = this.#memory.linear(base, WRITE);
    return this.#memory.u8.subarray(linear, linear + AREA_SIZE);
  }
}

/** Runs single cases. */
export function runEmulated(engine: EngineName, tests: readonly CpuCase[]): CpuOutcome[] {
  const driver = new EmulatedDriver(engine);
  const cases = new Records(CASE_SIZE, 1);
  const outcomes = new Records(OUTCOME_SIZE, 1);
  return tests.map((test) => {
    encodeCase(test, cases, 0);
    driver.run(cases, 1, outcomes);
    return decodeOutcome(outcomes, 0);
  });
}
