// Runs code that is not worth compiling: each instruction is a record in linear memory, run by the WebAssembly handler of its form. Records of
// a block follow one another; blocks are linked by edges as their jumps are taken for the first time.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { PAGE_FAULT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { type DecodedBlock, type FetchFault, TOO_LONG } from "../block.js";
import type { Core } from "../core.js";
import { Exception } from "../core.js";
import { NO_TRAP, stateOffset } from "../interpreter/interpreter.js";
import { XMM0 } from "../ir/node.js";
import { STATUS_COLD, STATUS_FAULT, STATUS_FUEL, STATUS_HOT, STATUS_MISS } from "../jit/status.js";
import { EMULATE, GO_ON, MICROCODE_CHANGED_CODE, type SlowPath } from "../slow-path.js";
import { type Instruction, RIP_BASE } from "../x86/instruction.js";
import * as form from "./form.js";
import { type Form, Forms } from "./forms.js";
import { ACCESS_SIZE, ACCESS_STACK, ACCESS_WRITE } from "./handler-writer.js";
import { OFFSET_RIP } from "./leaving.js";
import { prebuilt } from "./prebuilt.js";
import * as runtime from "./runtime-module.js";

/** A depth that no chain of returns comes to the end of. */
export const ENDLESS_DEPTH = 1 << 30;

const TWO_32 = 0x1_0000_0000;
/** Room that the longest block may need. */
const BLOCK_ROOM = 8192;
const NOWHERE_RECORD = layout.RECORDS;
const FIRST_RECORD = layout.RECORDS + 16;
const CACHE_SIZE = 16 << layout.COLD_CACHE_BITS;

/** What cold code needs of the processor. */
export interface ColdHost {
  decode(rip: number): DecodedBlock | FetchFault;
  /** Compiles the block at rip, which has run often. */
  compile(rip: number): void;
  isCompiled(rip: number): boolean;
  /** The indirect jump that ends the block at `from` went to `to`. */
  noteTarget(from: number, to: number): void;
  /** Runs the instruction at rip by the interpreter: its trap or NO_TRAP. */
  emulate(): number;
  /** Leaves the page fault of a block that cannot be fetched in the state. */
  fetchFault(fault: FetchFault): void;
}

export interface RuntimeExports {
  readonly table: WebAssembly.Table;
  readonly next: (record: number, depth: number) => number;
  readonly stored: () => number;
  readonly flags: unknown;
  readonly nan64: unknown;
  readonly nan32: unknown;
  readonly nan64x2: unknown;
  readonly nan32x4: unknown;
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
  readonly #imports: Record<string, Record<string, unknown>>;
  /** Handlers that this address space's table holds. */
  #present = new Uint8Array(runtime.TABLE_SIZE);
  /** Address of a block -> its record. */
  readonly #blocks = new Map<number, number>();
  readonly #byPage = new Map<number, Set<number>>();
  /** Blocks that were dropped: others may still lead to their records. */
  readonly #dropped = new Map<number, number>();
  /** Record of an indirect jump -> address of its block. */
  readonly #sites = new Map<number, number>();
  #next = FIRST_RECORD;
  /** What stopped it, after STATUS_COLD. */
  trap = NO_TRAP;

  /** A block is reported to be compiled after `hot` runs. */
  constructor(memory: GuestMemory, core: Core, slow: SlowPath, hot: number, host: ColdHost) {
    this.#memory = memory;
    this.#core = core;
    this.#slow = slow;
    this.#hot = Number.isFinite(hot) ? Math.max(hot, 1) : 0x7fff_ffff;
    this.#host = host;
    runtimeCode ??= new WebAssembly.Module(prebuilt ? decodeBase64(prebuilt.code) : runtime.runtimeModule(() => []));
    const outside = {
      translate: (low: number, high: number, access: number, record: number) =>
        this.#translate(low, high, access, record),
      raise: (vector: number, record: number) => {
        this.#storeRip(record);
        slow.stop(new Exception(vector), -1);
      },
      microcode: (id: number, record: number) => {
        this.#storeRip(record);
        const result = slow.microcode(forms.microcode(id));
        if (result === MICROCODE_CHANGED_CODE) this.#storeRip(record + form.NEXT_BEHIND_RIP);
        return result;
      },
    };
    const instance = new WebAssembly.Instance(runtimeCode, { m: { m: memory.wasm }, f: outside });
    this.runtime = instance.exports as unknown as RuntimeExports;
    this.#imports = { m: { m: memory.wasm }, f: { ...outside, ...instance.exports } };
    this.#clear();
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

  /** Runs from rip until compiled code takes over, the function at `depth` 0 returns, or something must be done; gives a status. */
  run(depth: number): number {
    const core = this.#core;
    let open = depth;
    let record = this.#recordAt(core.ripNumber());
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
        if (core.watched) return STATUS_FUEL;
        open = core.state32(layout.OFFSET_COLD_DEPTH);
        record = this.#recordAt(core.ripNumber());
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
    return this.#hot - this.#memory.i32[(record + runtime.OFFSET_BLOCK_RUNS) >>> 2];
  }

  /** From now on the block at rip is entered as compiled code. */
  setCompiled(rip: number): void {
    const record = this.#blocks.get(rip);
    if (record !== undefined) this.#memory.i32[record >>> 2] = runtime.COMPILED;
  }

  /** Forgets the blocks with code from `page`. */
  drop(page: number): void {
    for (const address of this.#byPage.get(page) ?? []) {
      const record = this.#blocks.get(address);
      if (record === undefined) continue;
      this.#blocks.delete(address);
      this.#dropped.set(address, record);
      this.#memory.i32[record >>> 2] = runtime.DROPPED;
    }
    this.#byPage.delete(page);
  }

  /** Forgets everything. Nothing may be running but what looks its record up again. */
  #clear(): void {
    this.#blocks.clear();
    this.#byPage.clear();
    this.#dropped.clear();
    this.#sites.clear();
    this.#next = FIRST_RECORD;
    const { i32 } = this.#memory;
    i32[NOWHERE_RECORD >>> 2] = runtime.NOWHERE;
    i32.fill(0, layout.COLD_CACHE >>> 2, (layout.COLD_CACHE + CACHE_SIZE) >>> 2);
    for (let entry = layout.COLD_CACHE; entry < layout.COLD_CACHE + CACHE_SIZE; entry += 16)
      i32[(entry + 12) >>> 2] = NOWHERE_RECORD;
  }

  #storeRip(record: number): void {
    const { i32 } = this.#memory;
    this.#core.setState32(layout.OFFSET_RIP, i32[(record + OFFSET_RIP) >>> 2]);
    this.#core.setState32(layout.OFFSET_RIP + 4, i32[(record + OFFSET_RIP + 4) >>> 2]);
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
    const record = this.#recordAt(rip);
    if (record < 0) return record;
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
      i32[known >>> 2] = runtime.BLOCK;
      i32[(known + runtime.OFFSET_BLOCK_RUNS) >>> 2] = this.#hot;
    }
    return known;
  }

  #make(rip: number): number {
    const block = this.#host.decode(rip);
    if ("address" in block) {
      this.#host.fetchFault(block);
      return -1;
    }
    if (this.#next + BLOCK_ROOM > layout.RECORDS_END) this.#clear();
    const record = this.#next;
    const { i32 } = this.#memory;
    const at = record >>> 2;
    i32[at] = runtime.BLOCK;
    i32[at + 1] = rip | 0;
    i32[at + 2] = Math.floor(rip / TWO_32);
    i32[at + 3] = this.#hot;
    this.#next += runtime.BLOCK_SIZE;
    this.#body(block);
    this.#blocks.set(rip, record);
    this.#note(block, rip);
    const old = this.#dropped.get(rip);
    if (old !== undefined) {
      i32[old >>> 2] = runtime.FORWARD;
      i32[(old + runtime.OFFSET_BLOCK_RUNS) >>> 2] = record;
      this.#dropped.delete(rip);
    }
    return record;
  }

  #note(block: DecodedBlock, rip: number): void {
    const last = Math.floor((Math.max(block.end, rip + 1) - 1) / layout.PAGE_SIZE);
    for (let page = Math.floor(rip / layout.PAGE_SIZE); page <= last; page++) {
      const addresses = this.#byPage.get(page);
      if (addresses) addresses.add(rip);
      else this.#byPage.set(page, new Set([rip]));
    }
  }

  /** Records of a block's instructions, and of what ends it. */
  #body({ instructions, visible, ending, start, end }: DecodedBlock): void {
    const made: { instruction: Instruction; form: Form }[] = [];
    let flags = form.FLAGS_UNKNOWN;
    let ended = false;
    for (let n = 0; n < instructions.length && !ended; n++) {
      const instruction = instructions[n];
      const its = forms.of(instruction, visibility(visible[n], instruction), flags);
      made.push({ instruction, form: its });
      if (its.flags !== form.FLAGS_KEPT) flags = its.flags;
      ended = its.ends;
    }
    forms.make();
    for (const { instruction, form: its } of made) {
      this.#require(its);
      if (its.indirect) this.#sites.set(this.#next, start);
      this.#record(instruction, its);
    }
    if (ended) return;
    const { i32 } = this.#memory;
    const at = this.#next >>> 2;
    if (ending) {
      i32[at] = ending === TOO_LONG ? runtime.TOO_LONG : runtime.UNDEFINED;
      this.#address(at + 1, start);
      this.#next += 12;
    } else {
      i32[at] = runtime.GOTO;
      this.#edge(at + 1, end);
      this.#next += 4 + 16;
    }
  }

  /** The handler of a form is in the table. */
  #require({ handler, module }: Form): void {
    if (handler < this.#present.length && this.#present[handler]) return;
    if (!module) return;
    const { exports } = new WebAssembly.Instance(module.code, this.#imports);
    const { table } = this.runtime;
    const last = module.forms[module.forms.length - 1].handler;
    if (last >= table.length) {
      table.grow(runtime.TABLE_SIZE);
      const present = new Uint8Array(table.length);
      present.set(this.#present);
      this.#present = present;
    }
    module.forms.forEach((its, which) => {
      table.set(its.handler, exports[`h${which}`]);
      this.#present[its.handler] = 1;
    });
  }

  #record(i: Instruction, its: Form): void {
    const { i32 } = this.#memory;
    let at = this.#next >>> 2;
    i32[at++] = its.handler;
    for (const code of its.layout) at = this.#operand(at, i, its, String.fromCharCode(code));
    this.#next += its.size;
  }

  /** Writes what `what` names; gives the next free word. */
  #operand(at: number, i: Instruction, its: Form, what: string): number {
    const { i32 } = this.#memory;
    switch (what) {
      case form.RIP:
        return this.#address(at, i.rip);
      case form.NEXT:
        return this.#address(at, i.next);
      case form.ABSOLUTE:
        if (i.base === RIP_BASE) return this.#address(at, i.displacement);
        i32[at] = i.immediate;
        i32[at + 1] = i.immediateHigh;
        return at + 2;
      case form.IMMEDIATE_64:
        i32[at] = i.immediate;
        i32[at + 1] = i.immediateHigh;
        return at + 2;
      case form.IMMEDIATE:
      case form.IMMEDIATE_WIDE:
        i32[at] = i.immediate;
        return at + 1;
      case form.DISPLACEMENT:
        i32[at] = i.displacement;
        return at + 1;
      case form.EDGE_NEXT:
        return this.#edge(at, i.next);
      case form.EDGE_TARGET:
        return this.#edge(at, i.next + i.immediate);
      default: {
        const register = form.registerOfCode(what);
        i32[at] = register
          ? stateOffset(form.operandRegister(i, register.operand) + (register.vector ? XMM0 : 0))
          : its.microcode[form.MICROCODE_IDS.indexOf(what)];
        return at + 1;
      }
    }
  }

  #address(at: number, address: number): number {
    this.#memory.i32[at] = address | 0;
    this.#memory.i32[at + 1] = Math.floor(address / TWO_32);
    return at + 2;
  }

  #edge(at: number, target: number): number {
    const { i32 } = this.#memory;
    i32[at] = (at + 1) * 4;
    i32[at + 1] = runtime.UNLINKED;
    return this.#address(at + 2, target);
  }
}

const decodeBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

function visibility(visible: number, { row }: Instruction): number {
  if ((visible & row.definition.writeMask) !== 0) return form.SEEN_BY_READER;
  return visible !== 0 ? form.SEEN_AT_FAULT : form.SEEN_BY_NOBODY;
}
