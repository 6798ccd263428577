// Any bytes run as guest code: each run must end in a trap the kernel knows, throw nothing, end by fuel when by nothing else, and leave what is
// not the guest's as it was.
import type { EmulatedProcessor } from "../../src/cpu/processor.js";
import { CS, DS, ES, SS } from "../../src/cpu/x86/segments.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../src/machine/guest-memory.js";
import { TRAP_FUEL, TRAP_INT, TRAP_SYSCALL, TRAP_SYSENTER } from "../../src/machine/processor.js";
import {
  OWNERS,
  PAGE_SIZE,
  READ_TAGS,
  RESERVED_SLOT_END,
  RESERVED_SLOT_FIRST,
  SLOT_COUNT,
  STATE,
  WRITE_TAGS,
} from "../../src/machine/state-layout.js";
import { makeProgram, randomFor } from "./case-generator.js";
import { CASE, CASE_SIZE, Records } from "./case-record.js";
import {
  AREA_SIZE,
  CODE_BASE,
  type CodeMode,
  DATA_BASE,
  DEFAULT_CODE_OFFSET,
  MAX_CODE,
  XSAVE_SIZE,
} from "./cpu-case.js";
import { type EngineName, engineProcessor } from "./emulated-driver.js";
import { anyEncoding, MAPS } from "./encoding-generator.js";
import type { Random } from "./random.js";
import { StateMaker } from "./state-generator.js";

const FUEL = 2000;
const PROGRAMS_PER_PROCESSOR = 4000;
const BYTES = 3;
const GPR_SIZE = 128;
/** Vectors of exceptions a program can raise. */
const VECTORS = new Set([0, 1, 3, 4, 5, 6, 11, 12, 13, 14, 16, 17, 19]);

/** Every other is 32-bit code. */
const modeOf = (number: number): CodeMode => (number % 2 === 0 ? 64 : 32);

/** Bytes number `number`: random ones, encodings in a row, or a program of the opcode table with some bytes changed. */
export function anyBytes(seed: number, number: number): Uint8Array {
  const random = randomFor(seed, number, BYTES);
  const kind = random.below(3);
  const bytes = new Uint8Array(MAX_CODE);
  random.fill(bytes);
  if (kind === 1) {
    for (let at = 0; at < MAX_CODE - 15; ) {
      const encoding = anyEncoding(random, random.pick(MAPS), random.below(256), modeOf(number)).slice(
        0,
        4 + random.below(6),
      );
      bytes.set(encoding.slice(0, MAX_CODE - at), at);
      at += encoding.length;
    }
  } else if (kind === 2) {
    const { code } = makeProgram(modeOf(number), seed, number, true);
    bytes.fill(0x90).set(code);
    for (let changes = 1 + random.below(4); changes > 0; changes--)
      bytes[random.below(code.length)] = random.below(256);
  }
  return bytes;
}

function isKnown(trap: number): boolean {
  if (trap === TRAP_SYSCALL || trap === TRAP_SYSENTER || trap === TRAP_FUEL) return true;
  return VECTORS.has(trap) || (trap >= TRAP_INT && trap < TRAP_INT + 256);
}

export class BytesRunner {
  readonly #engine: EngineName;
  readonly #memory = new GuestMemory();
  readonly #state = new Records(CASE_SIZE, 1);
  readonly #tables: Uint8Array;
  readonly #mapped = new Set<number>();
  #cpu: EmulatedProcessor;
  #programs = 0;

  constructor(engine: EngineName) {
    this.#engine = engine;
    for (let at = 0; at < AREA_SIZE; at += PAGE_SIZE)
      for (const [base, protection] of [
        [CODE_BASE, READ | WRITE | EXECUTE],
        [DATA_BASE, READ | WRITE],
      ]) {
        this.#memory.map((base + at) / PAGE_SIZE, protection);
        this.#mapped.add((base + at) / PAGE_SIZE);
      }
    this.#tables = this.#tablesNow().slice();
    this.#cpu = engineProcessor(engine, this.#memory);
  }

  /** Runs the bytes of that number; gives what is wrong with how they ended. */
  run(number: number, code: Uint8Array, random: Random): string | undefined {
    const cpu = this.#prepare(modeOf(number), code, random);
    try {
      const trap = cpu.run(FUEL);
      return isKnown(trap) ? undefined : `trap 0x${trap.toString(16)}`;
    } catch (error) {
      return `threw ${error instanceof Error ? error.stack : error}`;
    }
  }

  #prepare(mode: CodeMode, code: Uint8Array, random: Random): EmulatedProcessor {
    if (++this.#programs % PROGRAMS_PER_PROCESSOR === 0) this.#cpu = engineProcessor(this.#engine, this.#memory);
    const cpu = this.#cpu;
    const { u8 } = this.#memory;
    const states = new StateMaker(random);
    states.fill(
      this.#state,
      0,
      code,
      { mode, x87: true, mmx: true, float: false, loadsState: false, quick: false },
      [],
    );
    for (let register = 0; register < 16; register++)
      if (random.chance(0.6)) states.setNumber(register, states.window());
    const { bytes, view } = this.#state;
    for (let at = 0; at < AREA_SIZE; at += PAGE_SIZE) this.#memory.linear(CODE_BASE + at, WRITE);
    const area = this.#memory.linear(CODE_BASE, WRITE);
    u8.fill(random.chance(0.5) ? 0xcc : random.below(256), area, area + AREA_SIZE);
    u8.set(code, area + DEFAULT_CODE_OFFSET);
    u8.set(bytes.subarray(CASE.gpr, CASE.gpr + GPR_SIZE), STATE);
    cpu.rflags = view.getUint32(CASE.rflags, true) | 0x202;
    cpu.restoreExtended(bytes.subarray(CASE.xsave, CASE.xsave + XSAVE_SIZE));
    cpu.registers.setSelector(CS, mode === 64 ? 0x33 : 0x23);
    for (const segment of [ES, SS, DS]) cpu.loadSegment(segment, 0x2b);
    cpu.registers.rip = CODE_BASE + DEFAULT_CODE_OFFSET;
    return cpu;
  }

  /** What says which page may be read where, and whose it is. */
  #tablesNow(): Uint8Array {
    // A write to the code pages makes them writable again in the tables.
    for (let at = 0; at < AREA_SIZE; at += PAGE_SIZE) this.#memory.linear(CODE_BASE + at, WRITE);
    return this.#memory.u8.subarray(READ_TAGS, OWNERS + SLOT_COUNT * 8);
  }

  /** What of the memory that no guest page is in has changed. Looks at the tables only, or at all 4 GiB. */
  damage(everywhere: boolean): string | undefined {
    if (Buffer.compare(this.#tablesNow(), this.#tables) !== 0) {
      const tables = this.#tablesNow();
      const at = READ_TAGS + tables.findIndex((byte, n) => byte !== this.#tables[n]);
      return `a table has changed at 0x${at.toString(16)} (tags to write begin at 0x${WRITE_TAGS.toString(16)})`;
    }
    if (!everywhere) return undefined;
    const zero = new Uint8Array(PAGE_SIZE);
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (this.#mapped.has(slot) || (slot >= RESERVED_SLOT_FIRST && slot < RESERVED_SLOT_END)) continue;
      const page = this.#memory.u8.subarray(slot * PAGE_SIZE, (slot + 1) * PAGE_SIZE);
      if (Buffer.compare(page, zero) !== 0) return `slot 0x${slot.toString(16)} has been written`;
    }
    return undefined;
  }
}
