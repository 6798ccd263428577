// The code of one address space: its blocks as records of cold code, as IR, and as compiled regions; which of them runs a block is decided here.
import type { GuestMemory } from "../machine/guest-memory.js";
import * as layout from "../machine/state-layout.js";
import { type Block, BlockTranslator, type DecodedBlock, FetchFault, MAX_BLOCK_INSTRUCTIONS } from "./block.js";
import { linearOf, pageOf } from "./code-address.js";
import { ColdCode, type ColdHost } from "./cold/cold-code.js";
import type { RecordLibrary } from "./cold/record-library.js";
import type { Core } from "./core.js";
import { handlersIn } from "./ir/node.js";
import { Engine } from "./jit/engine.js";
import { JumpTargets } from "./jit/jump-targets.js";
import type { RegionLibrary } from "./jit/region-library.js";
import type { SlowPath } from "./slow-path.js";
import type { Watches } from "./watches.js";
import { levelOf } from "./x86/cpuid.js";

/** Runs of a block after which it goes with one that is compiled. */
const WARM = 500;
/**
 * A program that has not used up so much fuel may be short: its blocks must be hotter by so much, for the compiler is cold itself. Not where what is
 * compiled is kept for the next run.
 */
const SHORT_WORK = 1 << 20;
const PATIENCE = 6;
/** Runs, in those after which a block is hot, before one that waits to be compiled with others is compiled; and one that is part of a region. */
const WAIT = 1 / 4;
const POSTPONEMENT = 4;
/** Runs after which code compiled for another address space is taken, and that of an earlier run: having it costs less than compiling. */
const KNOWN_HOT = 1000;
const KEPT_HOT = 300;
/** A program that has not used up so much fuel takes no code of an earlier run: the engine that runs it takes time to be made. */
const SHORTEST = 1 << 13;
/** Blocks whose IR is kept: it is wanted again when regions around it are compiled, and takes much more memory than records. */
const MAX_IR_BLOCKS = 4000;

export class CodeCache {
  readonly cold: ColdCode;
  readonly #blocks = new Map<number, Block>();
  /** With quick floating point, for the compiler. */
  readonly #quick = new Map<number, Block>();
  readonly #jumpTargets = new JumpTargets();
  #engine: Engine | undefined;
  readonly #translator: BlockTranslator;
  readonly #byPage = new Map<number, Set<number>>();
  readonly #memory: GuestMemory;
  readonly #core: Core;
  readonly #slow: SlowPath;
  readonly #hot: number;
  readonly #warm: number;
  readonly #beforeCompiling: () => void;
  readonly #regions: RegionLibrary;
  readonly #watches: Watches;
  /** Fuel used so far. */
  #work = 0;
  /** How often a block was, in a program that may be short. */
  readonly #reported = new Map<number, number>();
  /** Blocks whose bytes are not those that there is code for. */
  readonly #strangers = new Set<number>();
  /** How many of the changes of the watches are in its code. */
  #watchChanges = 0;

  constructor(memory: GuestMemory, core: Core, slow: SlowPath, hot: number, libraries: Libraries, host: CacheHost) {
    this.#hot = hot;
    this.#warm = Math.min(hot, WARM);
    this.#memory = memory;
    this.#watches = libraries.watches;
    this.#watchChanges = this.#watches.changes.length;
    this.#translator = new BlockTranslator(memory, levelOf(core.cpuModel), this.#watches);
    this.#core = core;
    this.#slow = slow;
    this.#beforeCompiling = host.beforeCompiling;
    this.#regions = libraries.regions;
    this.cold = new ColdCode(memory, core, slow, hot, libraries.records, {
      decode: (rip, past, limit = MAX_BLOCK_INSTRUCTIONS) => this.#translator.decode(rip, limit, true, past),
      isWatched: (first, end) => this.#watches.isWithin(first, end),
      compile: (rip) => this.#compile(rip),
      isCompiled: (rip) => this.#engine?.has(rip) ?? false,
      begin: () => libraries.regions.open(),
      runsBefore: (rip) => this.#runsBefore(rip),
      noteTarget: (from, to) => this.#jumpTargets.note(from, to),
      ...host,
    });
    memory.onCodeChange = (page) => this.#drop(page);
    memory.onClear = () => this.#clear();
  }

  /** Made when there is something to compile: short programs never need it. */
  get engine(): Engine {
    if (this.#engine) return this.#engine;
    this.#beforeCompiling();
    const engine = new Engine(this.#memory, this.#core, this.#slow, this.cold.runtime, this.#regions, {
      find: (address) => (this.#isWarm(address) ? this.#compilable(address) : undefined),
      retranslate: (address, flags, limit) => this.#forCompiler(address, flags, limit),
      jumpTargets: this.#jumpTargets,
      isExact: () => this.#exactFloat,
      compiled: (root) => this.cold.setCompiled(root),
      microcode: (rip, which) => handlersIn((this.single(rip) as Block).nodes)[which],
      cold: () => this.cold.run(0),
    });
    this.cold.enterCompiledBy(engine.invokeHere);
    this.#engine = engine;
    return engine;
  }

  noteWork(fuel: number): void {
    this.#work += fuel;
  }

  #isWarm(address: number): boolean {
    return this.cold.runsOf(address) >= this.#warm || this.engine.isWarm(address);
  }

  #compilable(address: number): Block | undefined {
    const block = this.block(address);
    if (!block?.float || this.#exactFloat) return block;
    const quick = this.#quick.get(address) ?? this.#forCompiler(address, -1);
    this.#quick.set(address, quick);
    return quick;
  }

  #forCompiler(address: number, flags: number, limit = MAX_BLOCK_INSTRUCTIONS): Block {
    return this.#translator.translate(address, limit, flags, this.#exactFloat) as Block;
  }

  get #exactFloat(): boolean {
    return this.#core.state32(layout.OFFSET_EXACT_FLOAT) !== 0;
  }

  /** Forgets compiled code whose floating point is the quick kind. */
  dropQuick(): void {
    this.#quick.clear();
    this.#engine?.dropAll();
    this.#slow.noteCodeChange();
  }

  get hasEngine(): boolean {
    return this.#engine !== undefined;
  }

  /** One instruction, watched or not. */
  single(rip: number): Block | FetchFault {
    return this.#translator.translate(rip, 1, -1, true, true);
  }

  /** Translates again where watches came or went; code that has not been met yet will be right by itself. */
  obeyWatches(): void {
    const { changes } = this.#watches;
    for (; this.#watchChanges < changes.length; this.#watchChanges++) {
      const address = changes[this.#watchChanges];
      if (!this.#isMet(address)) continue;
      this.#drop(pageOf(address));
    }
  }

  /** There may be a translation of the instruction at an address. */
  #isMet(address: number): boolean {
    if (this.cold.hasWithin(address) || this.#engine?.hasWithin(address)) return true;
    const starts = this.#byPage.get(pageOf(address)) ?? [];
    for (const start of starts) {
      const block = this.#blocks.get(start) ?? this.#quick.get(start);
      const inside = address - linearOf(start);
      if (inside === 0 || (block && inside > 0 && inside < block.end - block.start)) return true;
    }
    return false;
  }

  /** The IR of the block at an address that can be fetched. */
  block(address: number): Block | undefined {
    const known = this.#blocks.get(address);
    if (known) return known;
    const block = this.#watched(this.#translator.translate(address));
    if (block instanceof FetchFault) return undefined;
    this.#blocks.set(address, block);
    return block;
  }

  /** Runs of a block for which there may be code already before that is looked for. */
  #runsBefore(rip: number): number {
    if (this.#strangers.has(rip)) return this.#hot;
    if (this.#regions.isFromBefore(rip)) return KEPT_HOT;
    return this.#regions.knows(rip) ? KNOWN_HOT : this.#hot;
  }

  #compile(rip: number): void {
    const isKnown = this.#regions.knows(rip) || this.#regions.isFromBefore(rip);
    if (isKnown && !this.#strangers.has(rip) && this.#takeKnown(rip)) return;
    if (this.#isPatient(rip)) return this.cold.postpone(rip, 1);
    this.engine.compile(rip);
    if (!this.engine.has(rip)) this.cold.postpone(rip, this.engine.isWaiting(rip) ? WAIT : POSTPONEMENT);
    if (this.#blocks.size > MAX_IR_BLOCKS) this.#clearIr();
  }

  /** Takes the code there is for a block, or puts that off. False when it is for other bytes and the block is hot all the same. */
  #takeKnown(rip: number): boolean {
    const runs = this.#runsBefore(rip);
    if (runs === KEPT_HOT && this.#work < SHORTEST && !this.#engine) {
      this.cold.postpone(rip, runs / this.#hot);
      return true;
    }
    if (this.engine.adopt(rip)) return true;
    this.#strangers.add(rip);
    if (runs >= this.#hot) return false;
    this.cold.postpone(rip, 1);
    return true;
  }

  /** The program may be over before a block is worth compiling. */
  #isPatient(rip: number): boolean {
    if (this.#work >= SHORT_WORK || this.#regions.keeps) return false;
    const times = (this.#reported.get(rip) ?? 0) + 1;
    this.#reported.set(rip, times);
    return times < PATIENCE;
  }

  /** Writes to the pages of the code are told. */
  #watched<T extends DecodedBlock | Block>(block: T | FetchFault): T | FetchFault {
    if (block instanceof FetchFault) return block;
    const last = pageOf(Math.max(block.end, block.start + 1) - 1);
    for (let page = pageOf(block.start); page <= last; page++) {
      let starts = this.#byPage.get(page);
      if (!starts) this.#byPage.set(page, (starts = new Set()));
      starts.add(block.start);
      this.#memory.watchCode(page);
    }
    return block;
  }

  #clearIr(): void {
    this.#blocks.clear();
    this.#quick.clear();
    this.#byPage.clear();
  }

  /** Nothing is mapped any longer, and nothing is running. */
  #clear(): void {
    this.#clearIr();
    this.#work = 0;
    this.#reported.clear();
    this.#strangers.clear();
    this.#jumpTargets.clear();
    this.#engine?.close();
    this.#engine = undefined;
    this.cold.clear();
  }

  #drop(page: number): void {
    this.#strangers.clear();
    for (const start of this.#byPage.get(page) ?? []) {
      this.#blocks.delete(start);
      this.#quick.delete(start);
      this.#jumpTargets.forget(start);
    }
    this.#byPage.delete(page);
    this.cold.drop(page);
    this.#engine?.drop(page);
    this.#slow.noteCodeChange();
  }
}

/** Code for address spaces to come. */
export interface Libraries {
  readonly records: RecordLibrary;
  readonly regions: RegionLibrary;
  readonly watches: Watches;
}

export interface CacheHost extends Pick<ColdHost, "emulate" | "fetchFault"> {
  beforeCompiling(): void;
}
