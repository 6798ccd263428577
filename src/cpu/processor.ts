// The processor: decides for each piece of code whether to interpret or to compile it, and runs it until something needs the kernel.
import type { GuestMemory } from "../machine/guest-memory.js";
import * as machine from "../machine/processor.js";
import { Registers } from "../machine/registers.js";
import * as layout from "../machine/state-layout.js";
import { type Block, FetchFault } from "./block.js";
import { LONG, linearOf, MARKS, modeOf, pageOf } from "./code-address.js";
import { CodeCache, type Libraries } from "./code-cache.js";
import { ENDLESS_DEPTH } from "./cold/cold-code.js";
import { prebuilt } from "./cold/prebuilt.js";
import { RecordLibrary } from "./cold/record-library.js";
import { Core, Exception, REPEAT_WORK } from "./core.js";
import { FlagsReader } from "./flags-reader.js";
import { Interpreter, NO_TRAP } from "./interpreter/interpreter.js";
import { type CodeLimits, RegionLibrary } from "./jit/region-library.js";
import { STATUS_COLD, STATUS_FAULT, STATUS_TRAP } from "./jit/status.js";
import { EMULATE, GO_ON, SlowPath } from "./slow-path.js";
import { Watches } from "./watches.js";
import { HWCAP, hwcap2, levelOf } from "./x86/cpuid.js";
import { codeMode, loadSegment } from "./x86/descriptors.js";
import { restoreExtended, saveExtended } from "./x86/extended-state.js";
import { CS, DS, ES, GS, SS, segmentBase, segmentLimit } from "./x86/segments.js";
import { fuelOf } from "./x86/terminator.js";
import { familyOf, MAKERS, type Maker, type Vendor } from "./x86/vendor.js";

export interface ProcessorOptions {
  /** The address space to begin with; without one, `memory` must be set before anything else. */
  readonly memory?: GuestMemory;
  /** One of MODELS: what CPUID reports, and which instructions there are. */
  readonly model?: string;
  /** Whose processor it is. */
  readonly vendor?: Vendor;
  /** Time stamp counter. */
  readonly timestamp?: () => bigint;
  /** What rdrand and rdseed give; without it a generator that begins the same each time. */
  readonly entropy?: (bytes: Uint8Array) => void;
  /** Called before an address space's first code is compiled. */
  readonly beforeCompiling?: () => void;
  /** Runs of a block before its function is compiled: 0 compiles at once, Infinity never. */
  readonly hot?: number;
  /** Everything by the IR interpreter: slow, and easy to follow. */
  readonly interpret?: boolean;
  readonly codeLimits?: CodeLimits;
}

const SELECTOR_CS = layout.OFFSET_SELECTORS + CS * 4;
const TWO_32 = 0x1_0000_0000;

/** Runs after which a block's function is worth compiling. */
const HOT = 6000;
const USER_CS = 0x33;
/** What passing a watched instruction takes of the time slice: looking at it costs the host more than running it. */
const WATCH_FUEL = 100;

export class EmulatedProcessor implements machine.Processor {
  #memory!: GuestMemory;
  #registers!: Registers;
  #cache!: CodeCache;
  readonly libraries: Libraries;
  readonly #caches = new WeakMap<GuestMemory, CodeCache>();
  readonly #core: Core;
  readonly #interpreter: Interpreter;
  readonly #slow: SlowPath;
  readonly #hot: number;
  readonly #interpret: boolean;
  readonly #beforeCompiling: () => void;
  #instructionLength = 0;
  readonly hwcap = HWCAP;
  readonly hwcap2: number;
  readonly #maker: Maker;
  readonly vendorId: string;
  readonly family: number;

  constructor(options: ProcessorOptions = {}) {
    this.#core = new Core(new FlagsReader());
    this.#core.cpuModel = options.model ?? this.#core.cpuModel;
    this.hwcap2 = hwcap2(this.#core.cpuModel);
    this.#core.vendor = options.vendor ?? this.#core.vendor;
    this.#maker = MAKERS[this.#core.vendor];
    this.vendorId = this.#maker.id;
    this.family = familyOf(this.#maker.signature(levelOf(this.#core.cpuModel)));
    this.#core.timestamp = options.timestamp ?? this.#core.timestamp;
    this.#core.onExactFloat = () => this.#cache.dropQuick();
    const watches = new Watches();
    this.libraries = { records: new RecordLibrary(), regions: new RegionLibrary(watches, options.codeLimits), watches };
    this.#beforeCompiling = options.beforeCompiling ?? (() => {});
    this.#core.entropy = options.entropy ?? this.#core.entropy;
    this.#hot = options.hot ?? HOT;
    this.#interpret = options.interpret ?? false;
    this.#interpreter = new Interpreter(this.#core);
    this.#slow = new SlowPath(this.#core);
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
    if (!cache) this.#caches.set(memory, (cache = this.#newCache(memory)));
    this.#cache = cache;
    if (this.#registers.selector(CS) === 0) this.reset(); // an address space never run in
  }

  get registers(): Registers {
    return this.#registers;
  }

  /** Records that this processor makes are good for another with the same; undefined when they are for none. */
  get build(): string | undefined {
    return prebuilt && `${prebuilt.build} ${this.#core.cpuModel}`;
  }

  #newCache(memory: GuestMemory): CodeCache {
    return new CodeCache(memory, this.#core, this.#slow, this.#hot, this.libraries, {
      emulate: () => this.#emulateOne(),
      fetchFault: (fault) => this.#fetchFault(fault),
      beforeCompiling: this.#beforeCompiling,
    });
  }

  get rflags(): number {
    return this.#cache.cold.runtime.stored() | this.#core.state32(layout.OFFSET_SYSTEM_FLAGS) | 2;
  }

  set rflags(value: number) {
    this.#core.rflags = value;
  }

  get instructionLength(): number {
    return this.#instructionLength;
  }

  get descriptors(): machine.DescriptorTables {
    return this.#core.descriptors;
  }

  set descriptors(tables: machine.DescriptorTables) {
    this.#core.descriptors = tables;
  }

  loadSegment(segment: number, selector: number): boolean {
    try {
      loadSegment(this.#core, segment, selector);
      return true;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      return false;
    }
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
    for (const segment of [ES, SS, DS]) this.#core.setState32(segmentBase(segment), 0);
    for (let segment = ES; segment <= GS; segment++) this.#core.setState64(segmentLimit(segment), 0xffff_ffffn);
    this.#core.setState32(layout.OFFSET_READ_ONLY, 0);
    const selectors = [0, USER_CS, 0x2b, 0, 0, 0]; // es cs ss ds fs gs of a 64-bit program
    selectors.forEach((selector, index) => this.#registers.setSelector(index, selector));
  }

  saveExtended(image: Uint8Array): void {
    saveExtended(this.#core, image);
  }

  restoreExtended(image: Uint8Array): void {
    restoreExtended(this.#core, image);
  }

  watch(address: number): void {
    this.libraries.watches.add(address);
  }

  unwatch(address: number): void {
    this.libraries.watches.remove(address);
  }

  resume(): number {
    const core = this.#core;
    core.setState32(layout.OFFSET_PASSED, core.state32(layout.OFFSET_RIP));
    core.setState32(layout.OFFSET_PASSED + 4, core.state32(layout.OFFSET_RIP + 4));
    core.spendWork();
    const left = core.state32(layout.OFFSET_FUEL) - WATCH_FUEL;
    return left < 0 ? machine.TRAP_FUEL : this.run(left);
  }

  run(fuel: number): number {
    const core = this.#core;
    const high = core.state32(layout.OFFSET_RIP + 4);
    if (core.state32(SELECTOR_CS) !== USER_CS || high >>> 0 >= MARKS) {
      const refused = this.#enter(high);
      if (refused !== NO_TRAP) return refused;
    }
    const trap = this.#run(fuel);
    if (trap === machine.OVERFLOW) this.#instructionLength = (this.#cache.single(core.ripNumber()) as Block).lengths[0];
    // Outside, rip has no mark.
    if (core.state32(layout.OFFSET_RIP + 4) >>> 0 >= MARKS && modeOf(core.ripNumber()) !== LONG)
      core.setState32(layout.OFFSET_RIP + 4, 0);
    return trap === this.#maker.lacks ? machine.INVALID_OPCODE : trap;
  }

  /** Marks rip with the mode of the code segment; a trap when that is none, or rip no address. */
  #enter(high: number): number {
    const core = this.#core;
    try {
      const mode = codeMode(core, core.state32(SELECTOR_CS), true);
      if (mode !== LONG) core.setState32(layout.OFFSET_RIP + 4, mode / TWO_32);
      // As IRET to it would; of the kernel's half it is a page fault.
      else if (high >>> 15 !== 0 && high >>> 15 !== 0x1ffff) throw new Exception(machine.GENERAL_PROTECTION);
      return NO_TRAP;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      core.noteException(error);
      return error.vector;
    }
  }

  #run(fuel: number): number {
    const core = this.#core;
    core.spendWork(); // what ended in a trap
    core.setState32(layout.OFFSET_FUEL, fuel);
    this.#cache.obeyWatches();
    const trap = this.#interpret ? this.#interpretOn() : this.#runOn();
    this.#cache.noteWork(fuel - core.state32(layout.OFFSET_FUEL));
    // When the time slice is over, rip has come to the watched instruction again, unless that is a repeated one.
    if (!this.#isPassing || (trap === machine.TRAP_FUEL && !core.repeatAgain)) this.#notePassed();
    return trap;
  }

  /** The instruction at rip was watched, and has had its trap. */
  get #isPassing(): boolean {
    const core = this.#core;
    return (
      core.state32(layout.OFFSET_PASSED) === core.state32(layout.OFFSET_RIP) &&
      (core.state32(layout.OFFSET_PASSED + 4) === core.state32(layout.OFFSET_RIP + 4) ||
        modeOf(core.ripNumber()) !== LONG)
    );
  }

  #notePassed(): void {
    this.#core.setState32(layout.OFFSET_PASSED, 0);
    this.#core.setState32(layout.OFFSET_PASSED + 4, 0);
  }

  #runOn(): number {
    const core = this.#core;
    const cache = this.#cache;
    // The state may be a copy of another address space's, made by a fork: its numbers mean nothing here.
    core.setState32(layout.OFFSET_INDIRECT, -1);
    core.setState32(layout.OFFSET_REGION, -1);
    for (;;) {
      if (cache.hasEngine) cache.engine.tidy();
      const rip = core.ripNumber();
      core.setState32(layout.OFFSET_DEPTH, 0);
      if (core.watched) {
        const trap = this.#step();
        if (trap !== NO_TRAP) return trap;
        continue;
      }
      const past = this.#isPassing;
      const result =
        cache.hasEngine && cache.engine.has(rip) && !past ? cache.engine.run(rip) : cache.cold.run(ENDLESS_DEPTH, past);
      const trap = this.#trapOf(result);
      if (trap >= 0) return trap;
      if (past && !core.repeatAgain) this.#notePassed();
      if (core.state32(layout.OFFSET_FUEL) < 0) {
        if (cache.hasEngine) cache.engine.noteSlice();
        return machine.TRAP_FUEL;
      }
    }
  }

  /** The trap behind a status, NO_TRAP when there is none. */
  #trapOf(result: number): number {
    if (result === STATUS_COLD) return this.#cache.cold.trap;
    if (result >= STATUS_TRAP) {
      this.#instructionLength = result & 15;
      this.#core.setState32(layout.OFFSET_ERROR_CODE, 0);
      return (result - STATUS_TRAP) >> 4;
    }
    if (result !== STATUS_FAULT) return NO_TRAP;
    const vector = this.#slow.takeFault();
    if (vector === GO_ON) return NO_TRAP;
    return vector === EMULATE ? this.#emulateOne() : vector;
  }

  #interpretOn(): number {
    const core = this.#core;
    for (;;) {
      const rip = core.ripNumber();
      if (core.watched) {
        const trap = this.#step();
        if (trap !== NO_TRAP) return trap;
        continue;
      }
      const past = this.#isPassing;
      const block = past ? undefined : this.#cache.block(rip);
      const trap = block ? this.#runBlock(block) : this.#emulateOne();
      if (trap !== NO_TRAP) return trap;
      if (past && !core.repeatAgain) this.#notePassed();
      if (core.state32(layout.OFFSET_FUEL) < 0) return machine.TRAP_FUEL;
    }
  }

  /** One instruction, or one iteration of a repeated one, with TF or AC set. */
  #step(): number {
    const core = this.#core;
    if (this.libraries.watches.has(core.ripNumber()) && !this.#isPassing) return machine.TRAP_WATCH;
    const traps = (core.state32(layout.OFFSET_SYSTEM_FLAGS) & layout.TF) !== 0;
    core.inTrapShadow = false;
    core.repeatAgain = false;
    core.repeatLimit = 1;
    core.setState32(layout.OFFSET_SYSTEM_FLAGS, core.state32(layout.OFFSET_SYSTEM_FLAGS) & ~layout.RF);
    const trap = this.#emulateOne();
    core.repeatLimit = REPEAT_WORK;
    if (trap !== NO_TRAP) return trap;
    // Between iterations the instruction is not to be taken for a breakpoint again. SDM vol. 3, 17.3.1.1
    if (core.repeatAgain && traps)
      core.setState32(layout.OFFSET_SYSTEM_FLAGS, core.state32(layout.OFFSET_SYSTEM_FLAGS) | layout.RF);
    if (traps && !core.inTrapShadow) {
      core.setState32(layout.OFFSET_ERROR_CODE, machine.DR6_SINGLE_STEP);
      return machine.DEBUG;
    }
    this.#spendFuel(1);
    return core.state32(layout.OFFSET_FUEL) < 0 ? machine.TRAP_FUEL : NO_TRAP;
  }

  #spendFuel(fuel: number): void {
    this.#core.setState32(layout.OFFSET_FUEL, this.#core.state32(layout.OFFSET_FUEL) - fuel);
  }

  #runBlock(block: Block): number {
    const trap = this.#interpreter.run(block);
    if (this.#core.hasWorked) this.#core.spendWork();
    const last = block.addresses.length - 1;
    if (trap !== NO_TRAP) this.#instructionLength = block.lengths[last] ?? 0;
    else this.#spendFuel(fuelOf(block.terminator, block.addresses[last], this.#core.ripNumber()));
    return trap;
  }

  /** What generated code cannot do in place: an access to pages that are apart, a write to code that may be running. */
  #emulateOne(): number {
    const block = this.#cache.single(this.#core.ripNumber());
    return block instanceof FetchFault ? this.#fetchFault(block) : this.#runBlock(block);
  }

  #fetchFault(block: FetchFault): number {
    const present = this.#memory.protectionOf(pageOf(block.address)) >= 0;
    const { ripLow, ripHigh } = this.#registers;
    // Above 2^53 the number is rounded: the register tells.
    const isExact = ripHigh >>> 16 === 0 || modeOf(block.address) !== LONG;
    const rip = (BigInt(ripHigh >>> 0) << 32n) | BigInt(ripLow >>> 0);
    this.#core.setState64(layout.OFFSET_FAULT_ADDRESS, isExact ? BigInt(linearOf(block.address)) : rip);
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
