// Runs cases on the emulated processor: the interpreter or the JIT, through the same Processor the kernel uses.
import { createProcessor, type EmulatedProcessor } from "../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../src/machine/guest-memory.js";
import { PAGE_FAULT, TRAP_FUEL, TRAP_SYSCALL } from "../../src/machine/processor.js";
import { ARITHMETIC_FLAGS, PAGE_SIZE } from "../../src/machine/state-layout.js";
import {
  AREA_SIZE,
  CODE_BASE,
  type CpuCase,
  type CpuOutcome,
  DATA_BASE,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  dataPattern,
  normalizeXsave,
  strayOf,
  TRAP_SYSTEM_CALL,
  TRAP_TIMEOUT,
  XSAVE_SIZE,
} from "./cpu-case.js";

const FUEL = 10_000;
const pattern = Uint8Array.from({ length: AREA_SIZE }, (_, offset) => dataPattern(offset));

/** "quick" is the JIT with quick floating point, for the cases it is there for: `suits` says which. */
export type EngineName = "interpreter" | "cold" | "jit" | "quick";
const MXCSR = 24;
const MXCSR_FLAGS = 0x3f;
const mxcsrOf = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset).getUint32(MXCSR, true);

export class EmulatedDriver {
  readonly #cpu: EmulatedProcessor;
  readonly #engine: EngineName;

  constructor(engine: EngineName) {
    this.#engine = engine;
    this.#cpu = createProcessor({
      memory: new GuestMemory(),
      model: "x86-64-v3",
      hot: engine === "jit" || engine === "quick" ? 0 : Number.POSITIVE_INFINITY,
      interpret: engine === "interpreter",
    });
    if (engine === "jit") this.#cpu.restoreExtended(new Uint8Array(XSAVE_SIZE)); // no program has such an MXCSR: exact from here on
    for (let at = 0; at < AREA_SIZE; at += PAGE_SIZE) {
      this.#cpu.memory.map((CODE_BASE + at) / PAGE_SIZE, READ | WRITE | EXECUTE);
      this.#cpu.memory.map((DATA_BASE + at) / PAGE_SIZE, READ | WRITE);
      this.#area(CODE_BASE).fill(0xcc);
    }
  }

  /** Quick floating point is only for the MXCSR programs begin with. */
  suits(test: CpuCase, float: boolean): boolean {
    return this.#engine !== "quick" || (float && (mxcsrOf(test.xsave) & ~MXCSR_FLAGS) === 0x1f80);
  }

  run(test: CpuCase): CpuOutcome {
    const cpu = this.#cpu;
    const codeOffset = test.codeOffset ?? DEFAULT_CODE_OFFSET;
    const dataOffset = test.dataOffset ?? DEFAULT_DATA_OFFSET;
    this.#area(CODE_BASE).set(test.code, codeOffset);
    const area = this.#area(DATA_BASE);
    area.set(pattern);
    area.set(test.data, dataOffset);
    test.gpr.forEach((value, register) => {
      cpu.registers.set64(register, value);
    });
    cpu.rflags = test.rflags | 0x202;
    cpu.restoreExtended(test.xsave);
    cpu.registers.rip = CODE_BASE + codeOffset;
    let trap = cpu.run(FUEL);
    if (trap === TRAP_FUEL) trap = TRAP_TIMEOUT;
    else if (trap === TRAP_SYSCALL) trap = TRAP_SYSTEM_CALL;
    const after = this.#area(DATA_BASE);
    const xsave = new Uint8Array(XSAVE_SIZE);
    cpu.saveExtended(xsave);
    const outcome: CpuOutcome = {
      gpr: test.gpr.map((_, register) => cpu.registers.get64(register)),
      rip: (BigInt(cpu.registers.ripHigh >>> 0) << 32n) | BigInt(cpu.registers.ripLow >>> 0),
      rflags: cpu.rflags,
      trap,
      error: trap < 32 && trap !== 3 ? cpu.registers.errorCode : 0,
      cr2: trap === PAGE_FAULT ? cpu.registers.faultAddress : 0n,
      xsave: normalizeXsave(xsave),
      data: after.slice(dataOffset, dataOffset + DATA_WINDOW),
      stray: strayOf(after, dataOffset),
    };
    this.#area(CODE_BASE).fill(0xcc, codeOffset, codeOffset + test.code.length);
    return outcome;
  }

  /** The two pages from `base`, for writing: translations of them are dropped. */
  #area(base: number): Uint8Array {
    const { memory } = this.#cpu;
    memory.linear(base + PAGE_SIZE, WRITE);
    const linear = memory.linear(base, WRITE);
    return memory.u8.subarray(linear, linear + AREA_SIZE);
  }
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
}

/** What differs in defined state, in words; empty when nothing does. */
export function differences(
  expected: CpuOutcome,
  actual: CpuOutcome,
  { undefinedFlags = 0, impreciseAddress = false, approximate = false, floatFlags = false }: Tolerance,
): string[] {
  const out: string[] = [];
  const hex = (value: bigint | number) => `0x${value.toString(16)}`;
  const check = (what: string, want: bigint | number, have: bigint | number) => {
    if (want !== have) out.push(`${what}: processor ${hex(want)}, ours ${hex(have)}`);
  };
  check("trap", expected.trap, actual.trap);
  check("rip", expected.rip, actual.rip);
  expected.gpr.forEach((value, register) => check(`r${register}`, value, actual.gpr[register]));
  const flags = (ARITHMETIC_FLAGS | 0x400) & ~undefinedFlags;
  check("rflags", expected.rflags & flags, actual.rflags & flags);
  if (expected.trap === PAGE_FAULT) {
    if (!impreciseAddress) check("cr2", expected.cr2, actual.cr2);
    // Whether a page elsewhere is present is the harness's and the kernel's business.
    const known = expected.cr2 >= CODE_BASE && expected.cr2 < DATA_BASE + 2 * AREA_SIZE;
    if (known) check("error", expected.error, actual.error);
  }
  const word = (image: Uint8Array, at: number) => image[at] | (image[at + 1] << 8);
  const control = floatFlags ? ~MXCSR_FLAGS : -1;
  check("mxcsr", mxcsrOf(expected.xsave) & control, mxcsrOf(actual.xsave) & control);
  check("x87 control", word(expected.xsave, 0), word(actual.xsave, 0));
  const statusMask = approximate ? 0xfdff : 0xffff;
  check("x87 status", word(expected.xsave, 2) & statusMask, word(actual.xsave, 2) & statusMask);
  const wide = (image: Uint8Array, at: number) => new DataView(image.buffer, image.byteOffset).getBigUint64(at, true);
  check("x87 instruction pointer", wide(expected.xsave, 8), wide(actual.xsave, 8));
  // Older processors update these with every instruction: with an unmasked exception they all agree.
  if (word(expected.xsave, 2) & 0x80) {
    check("x87 opcode", word(expected.xsave, 6), word(actual.xsave, 6));
    check("x87 data pointer", wide(expected.xsave, 16), wide(actual.xsave, 16));
  }
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
    const bytes = (image: Uint8Array) =>
      [576, 160]
        .map((start) => image.slice(start + register * 16, start + register * 16 + 16).reverse())
        .map((half) => Buffer.from(half).toString("hex"))
        .join("_");
    if (bytes(expected.xsave) !== bytes(actual.xsave))
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
