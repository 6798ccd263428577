// Runs code that is not worth compiling: each instruction is a record in linear memory, run by the WebAssembly handler of its form. Records of
// a block follow one another; blocks are linked by edges as their jumps are taken for the first time.
import type { BulkMemory, GuestMemory } from "../../machine/guest-memory.js";
import { PAGE_FAULT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { type DecodedBlock, FetchFault, isComplete, TOO_LONG, WATCHED } from "../block.js";
import { linearOf, pageOf } from "../code-address.js";
import type { Core } from "../core.js";
import { Exception } from "../core.js";
import { NO_TRAP } from "../interpreter/interpreter.js";
import { INTERPRET_THIS, type Microcode } from "../ir/node.js";
import { STATUS_COLD, STATUS_FAULT, STATUS_FUEL, STATUS_HOT, STATUS_MISS } from "../jit/status.js";
import { EMULATE, GO_ON, MICROCODE_LEAVES, type SlowPath } from "../slow-path.js";
import type { Instruction } from "../x86/instruction.js";
import * as form from "./form.js";
import { type Form, Forms } from "./forms.js";
import { HandlerTable } from "./handler-table.js";
import { ACCESS_SIZE, ACCESS_STACK, ACCESS_WRITE } from "./handler-writer.js";
import { prebuilt } from "./prebuilt.js";
import { BLOCK, NEXT_BEHIND_RIP, OFFSET_BLOCK_RUNS, OFFSET_RIP } from "./record.js";
import { NOTE_BITS, NOTE_EDGE, NOTE_HANDLER, NOTE_KIND, NOTE_SITE, ORDINAL_BITS, wordOf } from "./record-image.js";
import type { RecordLibrary } from "./record-library.js";
import { RecordWriter } from "./record-writer.js";
import * as runtime from "./runtime-module.js";

/** A depth that no chain of returns comes to the end of. */
export const ENDLESS_DEPTH = 1 << 30;

/** Runs that no block comes to the end of. */
const NEVER = 0x7fff_ffff;

/** What cold code needs of the processor. */
export interface ColdHost {
  /** The block at rip, of at most `limit` instructions. `past`: a watched one is the first of them. */
  decode(rip: number, past: boolean, limit?: number): DecodedBlock | FetchFault;
  /** Whether there is a watched instruction from `first` to `end`. */
  isWatched(first: number, end: number): boolean;
  /** Compiles the block at rip, which has run often. */
  compile(rip: number): void;
  isCompiled(rip: number): boolean;
  /** There are no records yet of the program that runs. */
  begin(): void;
  /** Runs of the block at rip before it is reported. */
  runsBefore(rip: number): number;
  /** The indirect jump that ends the block at `from` went to `to`. */
  noteTarget(from: number, to: number): void;
  /** Runs the instruction at rip by the interpreter: its trap or NO_TRAP. */
  emulate(): number;
  /** Leaves the page fault of a block that cannot be fetched in the state. */
  fetchFault(fault: FetchFault): void;
}

export interface RuntimeExports extends BulkMemory {
  readonly table: WebAssembly.Table;
  readonly next: (record: number, depth: number) => number;
  readonly stored: () => number;
  readonly flags: unknown;
  readonly nan64: unknown;
  readonly nan32: unknown;
  readonly nan64x2: unknown;
  readonly nan32x4: unknown;
  readonly x87: unknown;
}

/** For all address spaces. */
const forms = new Forms(prebuilt);
let runtimeCode: WebAssembly.Module | undefined;
let compiledCode: WebAssembly.Module | undefined;

export class ColdCode {
  readonly #memory: GuestMemory;
  readonly #core: Core;
  readonly #host: ColdHost;
  readonly #slow: SlowPath;
  readonly #hot: number;
  readonly runtime: RuntimeExports;
  readonly #handlers: HandlerTable;
  /** Address of a block -> its record. */
  readonly #blocks = new Map<number, number>();
  /** Of the blocks with code from a page, where each begins and ends. */
  readonly #byPage = new Map<number, number[]>();
  /** Blocks that begin with a watched instruction, for after its trap. */
  readonly #past = new Map<number, number>();
  /** Blocks that were dropped: others may still lead to their records. */
  readonly #dropped = new Map<number, number>();
  /** Record of an indirect jump -> address of its block. */
  readonly #sites = new Map<number, number>();
  readonly #postponed = new Set<number>();
  readonly #records: RecordWriter;
  readonly #library: RecordLibrary;
  /** Counts how often everything was forgotten. */
  #generation = 0;
  /** What stopped it, after STATUS_COLD. */
  trap = NO_TRAP;

  /** A block is reported to be compiled after `hot` runs. */
  constructor(memory: GuestMemory, core: Core, slow: SlowPath, hot: number, library: RecordLibrary, host: ColdHost) {
    this.#memory = memory;
    this.#library = library;
    this.#core = core;
    this.#slow = slow;
    this.#hot = Number.isFinite(hot) ? Math.max(hot, 1) : NEVER;
    this.#host = host;
    runtimeCode ??= new WebAssembly.Module(prebuilt ? prebuilt.core() : runtime.runtimeModule(() => [], 0));
    const outside = {
      translate: (low: number, high: number, access: number, record: number) =>
        this.#translate(low, high, access, record),
      raise: (vector: number, record: number) => {
        this.#storeRip(record);
        slow.stop(vector === INTERPRET_THIS ? undefined : new Exception(vector), -1);
      },
      microcode: (id: number, record: number) => {
        this.#storeRip(record);
        const result = slow.microcode(forms.microcode(id) ?? this.#findMicrocode(id));
        if (result === MICROCODE_LEAVES) this.#storeRip(record + NEXT_BEHIND_RIP);
        return result;
      },
    };
    const instance = new WebAssembly.Instance(runtimeCode, { m: { m: memory.wasm }, f: outside });
    this.runtime = instance.exports as unknown as RuntimeExports;
    memory.bulk = this.runtime;
    const imports = { m: { m: memory.wasm }, f: { ...outside, ...instance.exports } };
    this.#handlers = new HandlerTable(this.runtime.table, forms, imports);
    this.#records = new RecordWriter(memory, this.#blocks);
  }

  /** Called when there is compiled code: what runs the code at rip, as a call. */
  enterCompiledBy(invoke: () => number): void {
    compiledCode ??= new WebAssembly.Module(runtime.compiledModule());
    const instance = new WebAssembly.Instance(compiledCode, {
      m: { m: this.#memory.wasm },
      f: { invoke, next: this.runtime.next },
    });
    this.runtime.table.set(runtime.COMPILED, instance.exports.compiled);
  }

  /**
   * Runs from rip until compiled code takes over, the function at `depth` 0 returns, or something must be done; gives a status. `past`: the
   * watched instruction at rip is run.
   */
  run(depth: number, past = false): number {
    const core = this.#core;
    let open = depth;
    let record = past ? this.#recordPast(core.ripNumber()) : this.#recordAt(core.ripNumber());
    while (record >= 0) {
      const status = this.runtime.next(record, open);
      if (status === STATUS_MISS) record = this.#link();
      else if (status === STATUS_HOT) record = this.#compile(core.ripNumber());
      else if (status === STATUS_FAULT) {
        this.trap = this.#slow.takeFault();
        if (this.trap === GO_ON) this.trap = NO_TRAP;
        else if (this.trap === EMULATE) this.trap = this.#host.emulate();
        if (this.trap !== NO_TRAP) return STATUS_COLD;
        // What ends a time slice unwinds all calls, which stepping needs as well.
        if (core.watched || core.state32(layout.OFFSET_FUEL) < 0) return STATUS_FUEL;
        open = core.state32(layout.OFFSET_COLD_DEPTH);
        const rip = core.ripNumber();
        const again = core.repeatAgain && this.#host.isWatched(rip, rip + 1);
        record = again ? this.#recordPast(rip) : this.#recordAt(rip);
        continue;
      } else return status;
      open = core.state32(layout.OFFSET_COLD_DEPTH);
    }
    this.trap = PAGE_FAULT;
    return STATUS_COLD;
  }

  /** How often the block at an address has run, -1 when it has not been met. */
  runsOf(address: number): number {
    const record = this.#blocks.get(address);
    if (record === undefined) return -1;
    if (this.#postponed.has(address)) return this.#hot;
    return this.#hot - this.#memory.i32[(record + OFFSET_BLOCK_RUNS) >>> 2];
  }

  /** Some block has the instruction at an address, or begins there. */
  hasWithin(address: number): boolean {
    const known = this.#byPage.get(pageOf(address)) ?? [];
    for (let n = 0; n < known.length; n += 2) {
      const inside = address - linearOf(known[n]);
      if (inside === 0 || (inside > 0 && inside < known[n + 1] - known[n])) return true;
    }
    return false;
  }

  /** A block that was reported is reported again if it is run here so many times as often as before the first time. */
  postpone(rip: number, times: number): void {
    const record = this.#blocks.get(rip);
    if (record === undefined) return;
    this.#postponed.add(rip);
    this.#memory.i32[(record + OFFSET_BLOCK_RUNS) >>> 2] = Math.ceil(this.#hot * times);
  }

  /** From now on the block at rip is entered as compiled code. */
  setCompiled(rip: number): void {
    const record = this.#blocks.get(rip);
    if (record !== undefined) this.#memory.i32[record >>> 2] = runtime.COMPILED;
  }

  /** Forgets the blocks with code from `page`. */
  drop(page: number): void {
    const known = this.#byPage.get(page) ?? [];
    for (let n = 0; n < known.length; n += 2) {
      const address = known[n];
      this.#past.delete(address);
      const record = this.#blocks.get(address);
      if (record === undefined) continue;
      this.#blocks.delete(address);
      this.#dropped.set(address, record);
      this.#memory.i32[record >>> 2] = runtime.DROPPED;
    }
    this.#byPage.delete(page);
  }

  /** Forgets everything. Nothing may be running but what looks its record up again. */
  clear(): void {
    this.#blocks.clear();
    this.#byPage.clear();
    this.#past.clear();
    this.#dropped.clear();
    this.#sites.clear();
    this.#postponed.clear();
    this.#records.clear();
    this.#generation++;
  }

  #storeRip(record: number): void {
    const { i32 } = this.#memory;
    this.#core.setState32(layout.OFFSET_RIP, i32[(record + OFFSET_RIP) >>> 2]);
    this.#core.setState32(layout.OFFSET_RIP + 4, i32[(record + OFFSET_RIP + 4) >>> 2]);
  }

  /** The microcode of the instruction at rip that has the id. */
  #findMicrocode(id: number): Microcode {
    const block = this.#host.decode(this.#core.ripNumber(), true, 1);
    if (block instanceof FetchFault) throw new Error("code that runs cannot be fetched");
    return forms.findMicrocode(id, block.instructions[0]);
  }

  #translate(low: number, high: number, access: number, record: number): number {
    const linear = this.#slow.linear(
      low,
      high,
      access & ACCESS_SIZE,
      (access & ACCESS_WRITE) !== 0,
      (access & ACCESS_STACK) !== 0,
      -1,
    );
    if (linear === -1) this.#storeRip(record);
    return linear;
  }

  /** After STATUS_MISS: the record for rip, which the way there will find by itself from now on. */
  #link(): number {
    const core = this.#core;
    const edge = core.state32(layout.OFFSET_COLD_EDGE);
    const site = core.state32(layout.OFFSET_COLD_SITE);
    const rip = core.ripNumber();
    const from = this.#sites.get(site);
    const generation = this.#generation;
    const record = this.#recordAt(rip);
    if (record < 0 || generation !== this.#generation) return record;
    const { i32 } = this.#memory;
    if (edge !== 0) i32[edge >>> 2] = record;
    else {
      const place = Math.imul(i32[(layout.STATE + layout.OFFSET_RIP) >>> 2] ^ site, layout.COLD_CACHE_MULTIPLIER);
      const entry = (layout.COLD_CACHE + (place >>> (32 - layout.COLD_CACHE_BITS)) * 16) >>> 2;
      i32[entry] = core.state32(layout.OFFSET_RIP);
      i32[entry + 1] = core.state32(layout.OFFSET_RIP + 4);
      i32[entry + 2] = site;
      i32[entry + 3] = record;
      if (from !== undefined) this.#host.noteTarget(from, rip);
    }
    return record;
  }

  #compile(rip: number): number {
    this.#host.compile(rip);
    return this.#recordAt(rip);
  }

  /** The record that begins the block at rip; -1 when it cannot be fetched. */
  #recordAt(rip: number): number {
    const known = this.#blocks.get(rip);
    if (known === undefined) return this.#make(rip);
    const { i32 } = this.#memory;
    if (i32[known >>> 2] === runtime.COMPILED && !this.#host.isCompiled(rip)) {
      i32[known >>> 2] = BLOCK;
      i32[(known + OFFSET_BLOCK_RUNS) >>> 2] = this.#runsBefore(rip);
    }
    return known;
  }

  /** The record that begins the block at rip behind its watch. */
  #recordPast(rip: number): number {
    const known = this.#past.get(rip);
    if (known !== undefined) return known;
    if (!this.#records.hasRoom) this.clear();
    return this.#decode(rip, true);
  }

  /** Runs of a block at rip before it is compiled. */
  #runsBefore(rip: number): number {
    return Math.min(this.#host.runsBefore(rip), this.#hot);
  }

  #make(rip: number): number {
    if (!this.#records.hasRoom) this.clear();
    if (this.#blocks.size === 0) this.#host.begin();
    const edges: number[] = [];
    if (!this.#copy(rip, false, edges)) {
      const its = this.#decode(rip, false);
      if (its >= 0) this.#begun(rip, its);
      return its;
    }
    const its = this.#records.begin;
    this.#begun(rip, its);
    // A jump into a page is followed by others: what was run of it before is taken at once.
    const library = this.#library;
    for (let other = library.firstOfPage(); other >= 0; other = library.nextOfPage())
      if (!this.#blocks.has(other) && this.#records.hasRoom && this.#copy(other, true, edges))
        this.#begun(other, this.#records.begin);
    for (let n = 0; n < edges.length; n++) this.#records.link(edges[n]);
    return its;
  }

  /** There is a record for rip. */
  #begun(rip: number, its: number): void {
    const { i32 } = this.#memory;
    if (this.#host.isCompiled(rip)) i32[its >>> 2] = runtime.COMPILED;
    const old = this.#dropped.size > 0 ? this.#dropped.get(rip) : undefined;
    if (old === undefined) return;
    i32[old >>> 2] = runtime.FORWARD;
    i32[(old + OFFSET_BLOCK_RUNS) >>> 2] = its;
    this.#dropped.delete(rip);
  }

  /** Takes the records of the block at rip from the library; `here`: the library is at it. `edges` gets the words of those to be linked. */
  #copy(rip: number, here: boolean, edges: number[]): boolean {
    const records = this.#records;
    if (this.#host.isWatched(rip, rip + 1)) return false;
    const end = records.copy(rip, this.#runsBefore(rip), this.#library, this.#memory, here);
    if (end < 0 || this.#host.isWatched(rip, end)) return false;
    this.#blocks.set(rip, records.begin);
    const { i32 } = this.#memory;
    const begin = records.begin >>> 2;
    let isNumbered = false;
    const { notes } = records;
    // Run tens of thousands of times by V8's interpreter, to which an iterator is dear.
    for (let n = 0; n < notes.length; n++) {
      const note = notes[n];
      const word = wordOf(note);
      const what = note & NOTE_KIND;
      if (what === NOTE_EDGE) edges.push(begin + word);
      else if (what === NOTE_SITE) this.#sites.set((begin + word) * 4, rip);
      else if (what === NOTE_HANDLER) this.#handlers.require(i32[begin + word]);
      else if (i32[begin + word] === 0) {
        i32[begin + word] = forms.laterMicrocode(note >>> (NOTE_BITS + ORDINAL_BITS));
        isNumbered = true;
      }
    }
    this.#note(rip, end);
    // Other address spaces are to take it with the ids it has got.
    if (isNumbered) this.#library.add(rip, end, this.#memory, [begin, records.next >>> 2], records.notes, false);
    return true;
  }

  /** Makes the records of the block at rip; -1 when it cannot be fetched. */
  #decode(rip: number, past: boolean): number {
    const block = this.#host.decode(rip, past);
    if (block instanceof FetchFault) {
      this.#host.fetchFault(block);
      return -1;
    }
    const records = this.#records;
    if (block.ending === WATCHED) {
      this.#blocks.set(rip, records.watched(rip));
      this.#note(rip, block.end);
      return records.begin;
    }
    const its = records.block(rip, past ? NEVER : this.#runsBefore(rip));
    (past ? this.#past : this.#blocks).set(rip, its);
    const isLasting = this.#body(block) && isComplete(block);
    this.#note(rip, block.end);
    const words = [its >>> 2, records.next >>> 2] as const;
    if (!block.ending) this.#library.add(rip, block.end, this.#memory, words, records.notes, isLasting);
    return its;
  }

  /** Changes of the pages of the block's code are told. */
  #note(rip: number, end: number): void {
    const last = pageOf(Math.max(end, rip + 1) - 1);
    for (let page = pageOf(rip); page <= last; page++) {
      const addresses = this.#byPage.get(page);
      if (addresses) addresses.push(rip, end);
      else {
        this.#byPage.set(page, [rip, end]);
        this.#memory.watchCode(page);
      }
    }
  }

  /** Records of a block's instructions, and of what ends it. False when a processor to come would number their forms in another way. */
  #body({ instructions, visible, ending, start, end }: DecodedBlock): boolean {
    const its: Form[] = [];
    let flags = form.FLAGS_UNKNOWN;
    let ended = false;
    for (let n = 0; n < instructions.length && !ended; n++) {
      const instruction = instructions[n];
      const one = forms.of(instruction, visibility(visible[n], instruction), flags);
      if (!one) break;
      its.push(one);
      if (one.flags !== form.FLAGS_KEPT) flags = one.flags;
      ended = one.ends;
    }
    forms.make();
    const records = this.#records;
    let isFixed = ended || its.length === instructions.length;
    for (let n = 0; n < its.length; n++) {
      if (its[n].handler >= forms.coreEnd) {
        if (its[n].module) isFixed = false;
        this.#handlers.require(its[n].handler);
        records.note(NOTE_HANDLER);
      }
      if (its[n].indirect) {
        this.#sites.set(records.next, start);
        records.note(NOTE_SITE);
      }
      records.instruction(instructions[n], its[n]);
    }
    if (ended) return isFixed;
    if (its.length < instructions.length) records.stop(instructions[its.length].rip, runtime.INTERPRET);
    else if (ending) records.stop(start, ending === TOO_LONG ? runtime.TOO_LONG : runtime.UNDEFINED);
    else records.goTo(end);
    return isFixed;
  }
}

/** An instruction that writes only some flags has to keep the others for their readers. */
function visibility(visible: number, { row }: Instruction): number {
  if (row.definition.writeMask !== 0 && (visible & layout.ARITHMETIC_FLAGS) !== 0) return form.SEEN_BY_READER;
  return visible !== 0 ? form.SEEN_AT_FAULT : form.SEEN_BY_NOBODY;
}
