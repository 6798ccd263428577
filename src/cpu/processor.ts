// The processor: decides for each piece of code whether to interpret or to compile it, and runs it until something needs the kernel.
import type { GuestMemory } from "../machine/guest-memory.js";
import * as machine from "../machine/processor.js";
import { Registers } from "../machine/registers.js";
import * as layout from "../machine/state-layout.js";
import { type Block, BlockTranslator, type FetchFault, MAX_BLOCK_INSTRUCTIONS } from "./block.js";
import { Core } from "./core.js";
import { FlagsReader } from "./flags-reader.js";
import { Interpreter, NO_TRAP } from "./interpreter/interpreter.js";
import { EMULATE, Engine, GO_ON } from "./jit/engine.js";
import { STATUS_COLD, STATUS_FAULT, STATUS_FUEL, STATUS_JUMP, STATUS_RETURN, STATUS_TRAP } from "./jit/status.js";
import { HWCAP } from "./x86/cpuid.js";
import { restoreExtended, saveExtended } from "./x86/extended-state.js";

export interface ProcessorOptions {
  /** The address space to begin with; without one, `memory` must be set before anything else. */
  readonly memory?: GuestMemory;
  /** What CPUID reports: x86-64 or x86-64-v2. */
  readonly model?: string;
  /** Time stamp counter. */
  readonly timestamp?: () => bigint;
  /** What rdrand and rdseed give; without it a generator that begins the same each time. */
  readonly entropy?: (bytes: Uint8Array) => void;
  /** Runs of a block before its function is compiled: 0 compiles at once, Infinity never. */
  readonly hot?: number;
}

/** Runs after which a block's function is worth compiling, and those after which a block goes with it. */
const HOT = 160;
const WARM = 12;
const SEGMENT_CS = 1;
const MANY_FLAG_READS = 500;

/** A block with the notes the processor keeps about it. */
interface CachedBlock {
  readonly block: Block;
  /** With quick floating point, for the compiler; made when wanted. */
  quick?: Block;
  runs: number;
}

/** Code of one address space: its blocks by address, and the compiled regions. */
class CodeCache {
  readonly blocks = new Map<number, CachedBlock>();
  #engine: Engine | undefined;
  readonly #translator: BlockTranslator;
  readonly #byPage = new Map<number, Set<number>>();
  readonly #memory: GuestMemory;
  readonly #core: Core;
  readonly #cold: () => number;
  readonly #warm: number;

  constructor(memory: GuestMemory, core: Core, hot: number, cold: () => number) {
    this.#warm = Math.min(hot, WARM);
    this.#cold = cold;
    this.#memory = memory;
    this.#translator = new BlockTranslator(memory);
    this.#core = core;
    memory.onCodeChange = (page) => this.#drop(page);
  }

  /** Made when there is something to compile: short programs never need it. */
  get engine(): Engine {
    this.#engine ??= new Engine(this.#memory, this.#core, {
      find: (address) => {
        const cached = this.blocks.get(address);
        return cached && cached.runs >= this.#warm ? this.#compilable(cached) : undefined;
      },
      retranslate: (address, flags) => this.#forCompiler(address, flags),
      cold: this.#cold,
    });
    return this.#engine;
  }

  #compilable(cached: CachedBlock): Block {
    if (!cached.block.float || this.#exactFloat) return cached.block;
    cached.quick ??= this.#forCompiler(cached.block.start, -1);
    return cached.quick;
  }

  #forCompiler(address: number, flags: number): Block {
    return this.#translator.translate(address, MAX_BLOCK_INSTRUCTIONS, flags, this.#exactFloat) as Block;
  }

  get #exactFloat(): boolean {
    return this.#core.state32(layout.OFFSET_EXACT_FLOAT) !== 0;
  }

  /** Forgets compiled code whose floating point is the quick kind. */
  dropQuick(): void {
    for (const cached of this.blocks.values()) cached.quick = undefined;
    this.#engine?.dropAll();
  }

  get hasEngine(): boolean {
    return this.#engine !== undefined;
  }

  translate(rip: number, limit?: number): Block | FetchFault {
    return this.#translator.translate(rip, limit);
  }

  add(block: Block): CachedBlock {
    const cached = { block, runs: 0 };
    this.blocks.set(block.start, cached);
    const last = Math.floor((Math.max(block.end, block.start + 1) - 1) / layout.PAGE_SIZE);
    for (let page = Math.floor(block.start / layout.PAGE_SIZE); page <= last; page++) {
      let starts = this.#byPage.get(page);
      if (!starts) this.#byPage.set(page, (starts = new Set()));
      starts.add(block.start);
      this.#memory.watchCode(page);
    }
    return cached;
  }

  #drop(page: number): void {
    for (const start of this.#byPage.get(page) ?? []) this.blocks.delete(start);
    this.#byPage.delete(page);
    this.#engine?.drop(page);
  }
}

export class EmulatedProcessor implements machine.Processor {
  #memory!: GuestMemory;
  #registers!: Registers;
  #cache!: CodeCache;
  readonly #caches = new WeakMap<GuestMemory, CodeCache>();
  readonly #core: Core;
  readonly #interpreter: Interpreter;
  readonly #hot: number;
  #instructionLength = 0;
  #flagReads = 0;
  /** What stopped the interpreter when a status is STATUS_COLD. */
  #coldTrap = NO_TRAP;
  readonly hwcap = HWCAP;

  constructor(options: ProcessorOptions = {}) {
    this.#core = new Core(new FlagsReader());
    this.#core.cpuModel = options.model ?? this.#core.cpuModel;
    this.#core.timestamp = options.timestamp ?? this.#core.timestamp;
    this.#core.onExactFloat = () => this.#cache.dropQuick();
    this.#core.entropy = options.entropy ?? this.#core.entropy;
    this.#hot = options.hot ?? HOT;
    this.#interpreter = new Interpreter(this.#core);
    if (options.memory) this.memory = options.memory;
  }

  get memory(): GuestMemory {
    return this.#memory;
  }

  set memory(memory: GuestMemory) {
    this.#memory = memory;
    this.#core.memory = memory;
    this.#registers = new Registers(memory.i32, memory.view);
    let cache = this.#caches.get(memory);
    if (!cache) this.#caches.set(memory, (cache = new CodeCache(memory, this.#core, this.#hot, () => this.#cold())));
    this.#cache = cache;
    if (this.#registers.selector(SEGMENT_CS) === 0) this.reset(); // an address space never run in
  }

  get registers(): Registers {
    return this.#registers;
  }

  get rflags(): number {
    // Compiling the flags' functions pays when they are read often.
    if (this.#flagReads < MANY_FLAG_READS || !this.#cache.hasEngine) {
      this.#flagReads++;
      return this.#core.rflags;
    }
    return this.#cache.engine.storedFlags() | this.#core.state32(layout.OFFSET_SYSTEM_FLAGS) | 2;
  }

  set rflags(value: number) {
    this.#core.rflags = value;
  }

  get instructionLength(): number {
    return this.#instructionLength;
  }

  reset(): void {
    for (let register = 0; register < 16; register++) this.#registers.set(register, 0, 0);
    this.#registers.rip = 0;
    this.#registers.fsBase = 0n;
    this.#registers.gsBase = 0n;
    this.#core.rflags = layout.IF;
    this.#core.setState32(layout.OFFSET_EXACT_FLOAT, 0);
    const image = new Uint8Array(machine.EXTENDED_STATE_SIZE);
    const view = new DataView(image.buffer);
    view.setUint16(0, 0x37f, true);
    view.setUint32(24, 0x1f80, true);
    restoreExtended(this.#core, image);
    const selectors = [0, 0x33, 0x2b, 0, 0, 0]; // es cs ss ds fs gs of a 64-bit program
    selectors.forEach((selector, index) => this.#registers.setSelector(index, selector));
  }

  saveExtended(image: Uint8Array): void {
    saveExtended(this.#core, image);
  }

  restoreExtended(image: Uint8Array): void {
    restoreExtended(this.#core, image);
  }

  run(fuel: number): number {
    const core = this.#core;
    const cache = this.#cache;
    core.setState32(layout.OFFSET_FUEL, fuel);
    // The state may be a copy of another address space's, made by a fork: its numbers mean nothing here.
    core.setState32(layout.OFFSET_INDIRECT, -1);
    core.setState32(layout.OFFSET_REGION, -1);
    for (;;) {
      const rip = core.ripNumber();
      core.setState32(layout.OFFSET_DEPTH, 0);
      const result = cache.hasEngine && cache.engine.has(rip) ? cache.engine.run(rip) : this.#cold();
      const trap = this.#trapOf(result);
      if (trap >= 0) return trap;
      if (core.state32(layout.OFFSET_FUEL) < 0) {
        if (cache.hasEngine) cache.engine.noteSlice();
        return machine.TRAP_FUEL;
      }
    }
  }

  /** The trap behind a status, NO_TRAP when there is none. */
  #trapOf(result: number): number {
    if (result === STATUS_COLD) return this.#coldTrap;
    if (result >= STATUS_TRAP) {
      this.#instructionLength = result & 15;
      return (result - STATUS_TRAP) >> 4;
    }
    if (result !== STATUS_FAULT) return NO_TRAP;
    const vector = this.#cache.engine.afterFault();
    if (vector === GO_ON) return NO_TRAP;
    return vector === EMULATE ? this.#emulateOne() : vector;
  }

  /**
   * Interprets from rip until there is compiled code, or the function returns. Calls nest as those of compiled code do, so that compiled
   * callers keep their frames. Gives a status.
   */
  #cold(): number {
    const core = this.#core;
    for (;;) {
      const cache = this.#cache;
      const rip = core.ripNumber();
      if (cache.hasEngine && cache.engine.has(rip)) return STATUS_JUMP;
      const cached = cache.blocks.get(rip) ?? this.#translate(rip);
      if (!cached) {
        this.#coldTrap = machine.PAGE_FAULT;
        return STATUS_COLD;
      }
      if (++cached.runs > this.#hot) {
        cache.engine.compile(rip);
        continue;
      }
      const { block } = cached;
      const trap = this.#runBlock(block);
      if (trap !== NO_TRAP) {
        this.#coldTrap = trap;
        return STATUS_COLD;
      }
      if (core.state32(layout.OFFSET_FUEL) < 0) return STATUS_FUEL;
      const end = block.terminator;
      if (end.kind === "indirect" && end.isReturn) return STATUS_RETURN;
      if ((end.kind !== "call" && end.kind !== "callIndirect") || !cache.hasEngine) continue;
      const result = cache.engine.invoke();
      if (result !== STATUS_RETURN) return result;
      if (core.ripNumber() !== end.next) return STATUS_JUMP;
    }
  }

  #runBlock(block: Block): number {
    const core = this.#core;
    core.setState32(layout.OFFSET_FUEL, core.state32(layout.OFFSET_FUEL) - 1);
    const trap = this.#interpreter.run(block);
    if (trap === NO_TRAP) {
      const end = block.terminator;
      const isIndirect = end.kind === "callIndirect" || (end.kind === "indirect" && !end.isReturn);
      if (isIndirect && this.#cache.hasEngine) this.#cache.engine.noteTarget(block.start, core.ripNumber());
      return NO_TRAP;
    }
    this.#instructionLength = block.lengths[block.lengths.length - 1] ?? 0;
    return trap;
  }

  /** What compiled code cannot do in place: an access to pages that are apart, a write to code that may be running. */
  #emulateOne(): number {
    const block = this.#cache.translate(this.#core.ripNumber(), 1);
    return "address" in block ? this.#fetchFault(block) : this.#runBlock(block);
  }

  /** Undefined when the first byte cannot be fetched: the fault is in the registers. */
  #translate(rip: number): CachedBlock | undefined {
    const block = this.#cache.translate(rip);
    if (!("address" in block)) return this.#cache.add(block);
    this.#fetchFault(block);
    return undefined;
  }

  #fetchFault(block: FetchFault): number {
    const page = Math.floor(block.address / layout.PAGE_SIZE);
    const present = this.#memory.protectionOf(page) >= 0;
    const { ripLow, ripHigh } = this.#registers;
    // Above 2^53 the number is rounded: the register tells.
    const exact = (BigInt(ripHigh >>> 0) << 32n) | BigInt(ripLow >>> 0);
    this.#core.setState64(layout.OFFSET_FAULT_ADDRESS, ripHigh >>> 16 === 0 ? BigInt(block.address) : exact);
    this.#core.setState32(
      layout.OFFSET_ERROR_CODE,
      machine.PF_USER | machine.PF_INSTRUCTION | (present ? machine.PF_PRESENT : 0),
    );
    return machine.PAGE_FAULT;
  }
}

export function createProcessor(options: ProcessorOptions = {}): EmulatedProcessor {
  return new EmulatedProcessor(options);
}
