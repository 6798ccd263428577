// The compiled code of one address space: compiles regions, links them, drops them when their bytes change, and runs them.
import type { GuestMemory } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import type { Block } from "../block.js";
import { pageOf } from "../code-address.js";
import type { RuntimeExports } from "../cold/cold-code.js";
import { type Core, Exception } from "../core.js";
import { INTERPRET_THIS, type Microcode } from "../ir/node.js";
import { MICROCODE_LEAVES, type SlowPath } from "../slow-path.js";
import type { CompiledCode } from "./compiled-code.js";
import { dispatcherModule, TABLE_STEP } from "./dispatcher-module.js";
import { writeJumpMap } from "./jump-map.js";
import type { JumpTargets } from "./jump-targets.js";
import { callTargets, discoverRegion, type Extent, type Region, type Retranslate } from "./region.js";
import type { RegionLibrary } from "./region-library.js";
import type { ImportName, Site } from "./sites.js";
import { SliceCounts } from "./slice-counts.js";

/** What turns hot is compiled by the dozen: a module costs about as much as ten small regions in it. */
const BATCH = 16;
/** V8's optimizing compiler takes two to three times as long for a function of twice the size. */
const SMALL = { blocks: 20, instructions: 100 };
const LARGE: Extent = { blocks: 120, instructions: 700 };
/** A root is compiled again at most this often, as more of its surroundings turn hot. */
const MAX_RECOMPILES = 6;
/** Functions and blocks in one module. */
const MAX_LINKED = 12;
const MAX_LINKED_BLOCKS = 300;
const TWO_32 = 0x1_0000_0000;
/** Where the blocks come from. */
export interface CodeSource {
  /** The block at an address, if it has run. */
  readonly find: (address: number) => Block | undefined;
  readonly retranslate: Retranslate;
  readonly jumpTargets: JumpTargets;
  /** Floating point is to be the exact kind. */
  readonly isExact: () => boolean;
  /** Told of every region that is compiled. */
  readonly compiled: (root: number) => void;
  /** The microcode of the instruction at an address that has this number. */
  readonly microcode: (address: number, which: number) => Microcode;
  /** Interprets from rip; gives a status of status.ts. */
  readonly cold: () => number;
}

interface DispatcherExports {
  invoke: unknown;
  run: (slot: number) => number;
  call: () => number;
  missing: unknown;
  translateRead: unknown;
  translateWrite: unknown;
  /** TypeScript's own declaration has no second argument. */
  table: WebAssembly.Table & { grow(delta: number, value: unknown): number };
}

let dispatcherCode: WebAssembly.Module | undefined;

export class Engine {
  readonly #memory: GuestMemory;
  readonly #core: Core;
  readonly #dispatcher: DispatcherExports;
  readonly #imports: Record<string, Record<string, unknown>>;
  readonly #library: RegionLibrary;
  /** By root. */
  readonly #compiled = new Map<number, CompiledCode>();
  /** Of all of it together. */
  #size = 0;
  readonly #byPage = new Map<number, Set<number>>();
  readonly #code: CodeSource;
  /** Address -> roots of regions that leave for it. */
  readonly #leavers = new Map<number, Set<number>>();
  /** Block -> root of the region that took it last. */
  readonly #holder = new Map<number, number>();
  /** Blocks for which the region that has them was compiled again. */
  readonly #tried = new Set<number>();
  readonly #recompiled = new Map<number, number>();
  readonly #news = new Map<number, number>();
  readonly #jumpTargets: JumpTargets;
  readonly #stale = new Set<number>();
  /** Blocks that turned hot and will be roots when some more have. */
  readonly #waiting = new Set<number>();
  /** What its modules are in this address space. */
  readonly #instances = new WeakMap<WebAssembly.Module, Record<string, unknown>>();
  /** Roots compiled large, together with the functions they call. */
  readonly #large = new Set<number>();
  readonly #slices = new SliceCounts();
  readonly #slow: SlowPath;

  constructor(
    memory: GuestMemory,
    core: Core,
    slow: SlowPath,
    runtime: RuntimeExports,
    library: RegionLibrary,
    code: CodeSource,
  ) {
    this.#library = library;
    const { sites } = library;
    this.#code = code;
    this.#jumpTargets = code.jumpTargets;
    this.#slow = slow;
    this.#memory = memory;
    this.#core = core;
    // The address space may have had another program's before.
    memory.fill(0, layout.BRANCH_CACHE, layout.JUMP_MAPS);
    dispatcherCode ??= new WebAssembly.Module(dispatcherModule());
    const instance = new WebAssembly.Instance(dispatcherCode, {
      m: { m: memory.wasm },
      f: {
        resolve: () => this.#resolve(),
        cold: code.cold,
        translate: (low: number, high: number, site: number) => this.#translate(low, high, sites.of(site)),
      },
    });
    this.#dispatcher = instance.exports as unknown as DispatcherExports;
    this.#dispatcher.table.set(0, this.#dispatcher.missing);
    const { invoke, table, translateRead, translateWrite } = this.#dispatcher;
    const { flags, nan64, nan32, nan64x2, nan32x4, x87 } = runtime;
    const functions: Record<ImportName | "table", unknown> = {
      table,
      translateRead,
      translateWrite,
      raise: (site: number) => this.#raise(sites.of(site)),
      microcode: (site: number) => this.#microcode(sites.of(site)),
      invoke,
      flags,
      nan64,
      nan32,
      nan64x2,
      nan32x4,
      x87,
    };
    this.#imports = { m: { m: memory.wasm }, f: functions };
  }

  has(address: number): boolean {
    return this.#compiled.has(address);
  }

  /** Its region was hot in another address space. */
  isWarm(address: number): boolean {
    return this.#holder.has(address);
  }

  /** Some region has the instruction at an address. */
  hasWithin(address: number): boolean {
    const roots = this.#byPage.get(pageOf(address)) ?? [];
    for (const root of roots) if (this.#compiled.get(root)?.hasWithin(address)) return true;
    return false;
  }

  /** Call while no compiled code is running. */
  tidy(): void {
    if (this.#size > this.#library.limits.inUse) this.dropAll();
    this.#library.collect();
  }

  /**
   * A block has run often outside of compiled code. It becomes the root of a region, together with others that turn hot: at the latest when
   * this is called for it again. Large regions that left for it are compiled again, now with it. So is one that has it already: control left
   * that too early to come here.
   */
  compile(hot: number): void {
    if (this.#large.size > 0 && this.#joinLarge(hot)) return;
    if (this.#waiting.has(hot) || this.#waiting.add(hot).size === BATCH) this.#compileWaiting();
  }

  /** Takes code for `hot` that another address space had, or an earlier run; false when there is none. */
  adopt(hot: number): boolean {
    const known = this.#library.find(hot, this.#code.isExact(), this.#memory);
    if (known) this.#adopt(known);
    return known !== undefined;
  }

  /** It will be compiled when compile() is called for it again. */
  isWaiting(hot: number): boolean {
    return this.#waiting.has(hot);
  }

  /** True when a large region has the block now, on the way there from where it was left. */
  #joinLarge(hot: number): boolean {
    const leavers = this.#leavers.get(hot);
    this.#leavers.delete(hot);
    let taken = false;
    for (const from of leavers ?? [])
      if (from !== hot && this.#compiled.has(from) && this.#recompile(from)) taken ||= this.#holder.get(hot) === from;
    if (taken) return true;
    const holder = this.#holder.get(hot);
    if (holder === undefined || !this.#compiled.has(holder) || this.#tried.has(hot)) return false;
    this.#tried.add(hot);
    return this.#recompile(holder);
  }

  /** A region ends where another begins, so that each block is compiled about once. */
  #compileWaiting(): void {
    const roots = new Set<number>();
    const taken = new Set<number>();
    const extent = { ...SMALL, isEntry: (address: number) => roots.has(address) || this.#compiled.has(address) };
    const groups: Region[][] = [];
    for (const hot of this.#waiting) {
      // One that is reached from within a region needs to be none. If there are other ways to it, it will be back.
      const root = taken.has(hot) || this.#compiled.has(hot) ? undefined : this.#code.find(hot);
      if (!root) continue;
      roots.add(hot);
      const region = this.#region(root, extent);
      for (const { block } of region.blocks) taken.add(block.start);
      groups.push([region]);
    }
    this.#waiting.clear();
    if (groups.length > 0) this.#compileGroups(groups, false);
  }

  /** Each time it takes twice as much news: a large function is not compiled for every block of it that turns hot. True when it was. */
  #recompile(root: number): boolean {
    if (!this.#large.has(root)) return false;
    const times = this.#recompiled.get(root) ?? 0;
    const news = (this.#news.get(root) ?? 0) + 1;
    this.#news.set(root, news);
    if (times >= MAX_RECOMPILES || news < 2 ** times) return false;
    this.#news.delete(root);
    this.#recompiled.set(root, times + 1);
    this.#compileLarge(root);
    return true;
  }

  #compileLarge(address: number): void {
    const root = this.#code.find(address);
    if (root) this.#compileGroups([this.#withCallees(this.#region(root, LARGE))], true);
  }

  #compileGroups(groups: readonly Region[][], large: boolean): void {
    const targets = (block: number) => this.targets(block);
    const kind = { exact: this.#code.isExact(), large };
    for (const code of this.#library.compile(groups, kind, targets, this.#memory)) this.#install(code);
  }

  /** Code compiled for another address space. */
  #adopt(code: CompiledCode): void {
    if (code.facts.large) this.#large.add(code.root);
    for (const [block, targets] of code.facts.targets)
      for (const target of targets) this.#jumpTargets.note(block, target);
    this.#install(code);
  }

  #install(code: CompiledCode): void {
    const { root, slot, numbers } = code;
    const exports = this.#exportsOf(code.module);
    for (const map of numbers.maps) writeJumpMap(this.#memory, map);
    const { table, missing } = this.#dispatcher;
    const last = Math.max(...numbers.slots.values());
    if (last >= table.length) table.grow(last + TABLE_STEP - table.length, missing);
    table.set(slot, exports[code.name]);
    this.#release(root);
    code.users++;
    this.#size += code.size;
    this.#compiled.set(root, code);
    for (const target of code.facts.leaves) this.#noteLeaver(target, root);
    for (const block of code.facts.blocks) this.#holder.set(block, root);
    for (const page of code.pages) this.#noteCode(page, root);
    this.#code.compiled(root);
  }

  #exportsOf(module: WebAssembly.Module): Record<string, unknown> {
    let exports = this.#instances.get(module);
    if (!exports) this.#instances.set(module, (exports = new WebAssembly.Instance(module, this.#imports).exports));
    return exports;
  }

  #release(root: number): void {
    const code = this.#compiled.get(root);
    if (!code) return;
    this.#compiled.delete(root);
    this.#size -= code.size;
    this.#library.release(code);
  }

  #region(root: Block, extent: Extent): Region {
    const { find, retranslate } = this.#code;
    return discoverRegion(root, find, retranslate, (block) => this.targets(block), extent);
  }

  targets(block: number): readonly number[] {
    return this.#jumpTargets.of(block);
  }

  /** The region, and those of the functions it calls that are compiled already, and so on while there is room. */
  #withCallees(main: Region): Region[] {
    const regions = [main];
    const known = new Set([main.blocks[0].block.start]);
    let blocks = main.blocks.length;
    for (let at = 0; at < regions.length; at++)
      for (const target of callTargets(regions[at], (block) => this.targets(block))) {
        const root = this.#compiled.has(target) && !known.has(target) ? this.#code.find(target) : undefined;
        if (!root || regions.length >= MAX_LINKED || blocks >= MAX_LINKED_BLOCKS) continue;
        known.add(target);
        const region = this.#region(root, LARGE);
        blocks += region.blocks.length;
        regions.push(region);
      }
    return regions;
  }

  /** After STATUS_FUEL: the region that ran, or would be next, is where time is spent. If much is, it is compiled large, with what it calls. */
  noteSlice(): void {
    const number = this.#core.state32(layout.OFFSET_REGION);
    this.#core.setState32(layout.OFFSET_REGION, -1);
    const root = number < 0 ? this.#core.ripNumber() : this.#library.roots.of(number);
    if (!this.#compiled.has(root)) return;
    if (!this.#slices.note(root) || this.#large.has(root)) return;
    this.#large.add(root);
    this.#compileLarge(root);
  }

  #noteLeaver(target: number, root: number): void {
    const leavers = this.#leavers.get(target);
    if (leavers) leavers.add(root);
    else this.#leavers.set(target, new Set([root]));
  }

  /** An indirect jump went to `rip`: regions compiled from now on know. */
  #learn(rip: number): void {
    const state = layout.STATE + layout.OFFSET_INDIRECT;
    const number = this.#memory.view.getInt32(state, true);
    if (number < 0) return;
    this.#memory.view.setInt32(state, -1, true);
    const { block, root } = this.#library.indirects.of(number);
    if (!this.#jumpTargets.note(block, rip)) return;
    this.#noteLeaver(rip, root);
    if (this.#large.has(root) && this.#compiled.has(rip) && this.#compiled.has(root)) this.#stale.add(root);
  }

  #noteCode(page: number, root: number): void {
    let roots = this.#byPage.get(page);
    if (!roots) this.#byPage.set(page, (roots = new Set()));
    roots.add(root);
    this.#memory.watchCode(page);
  }

  /** Forgets all regions with code from `page`. */
  drop(page: number): void {
    const roots = this.#byPage.get(page);
    if (!roots) return;
    this.#byPage.delete(page);
    this.#dropRoots(roots);
  }

  dropAll(): void {
    this.#byPage.clear();
    this.#dropRoots([...this.#compiled.keys()]);
  }

  /** It will not be used again. */
  close(): void {
    for (const code of this.#compiled.values()) this.#library.release(code);
    this.#compiled.clear();
  }

  #dropRoots(roots: Iterable<number>): void {
    const { table, missing } = this.#dispatcher;
    for (const root of roots) {
      const code = this.#compiled.get(root);
      if (!code) continue;
      table.set(code.slot, missing);
      this.#clearEntry(this.#entryOf(root));
      this.#release(root);
      this.#forget(code);
    }
  }

  /** What was found out about a region is of no use for what will be at its address. */
  #forget({ root, facts: { leaves, blocks } }: CompiledCode): void {
    for (const target of leaves) {
      const leavers = this.#leavers.get(target);
      if (leavers?.delete(root) && leavers.size === 0) this.#leavers.delete(target);
    }
    for (const block of blocks) {
      if (this.#holder.get(block) === root) this.#holder.delete(block);
      this.#tried.delete(block);
    }
    this.#slices.forget(root);
    for (const known of [this.#recompiled, this.#news, this.#large, this.#stale]) known.delete(root);
  }

  /** Runs the region at `address`; gives a status. Fuel is in the state block. */
  run(address: number): number {
    if (this.#stale.size > 0) this.#renew();
    return this.#dispatcher.run((this.#compiled.get(address) as CompiledCode).slot);
  }

  /** () -> status: a guest call from cold code, of the function at rip. */
  get invokeHere(): () => number {
    return this.#dispatcher.call;
  }

  #renew(): void {
    for (const root of this.#stale) this.#recompile(root);
    this.#stale.clear();
  }

  /** The slow way of a memory access: displaced pages, pages side by side, code pages, faults. */
  #translate(low: number, high: number, { rip, size, write, stack, flags }: Site): number {
    const linear = this.#slow.linear(low, high, size, write, stack, flags);
    if (linear === -1) this.#setRip(rip);
    return linear;
  }

  #raise({ rip, vector, flags }: Site): void {
    this.#setRip(rip);
    this.#slow.stop(vector === INTERPRET_THIS ? undefined : new Exception(vector), flags);
  }

  #microcode(site: Site): number {
    const { rip, next } = site;
    this.#setRip(rip);
    site.handler ??= this.#code.microcode(rip, site.microcode);
    const result = this.#slow.microcode(site.handler);
    if (result === MICROCODE_LEAVES) this.#setRip(next);
    return result;
  }

  #setRip(rip: number): void {
    this.#core.setState32(layout.OFFSET_RIP, rip | 0);
    this.#core.setState32(layout.OFFSET_RIP + 4, Math.floor(rip / TWO_32));
  }

  #resolve(): number {
    const rip = this.#core.ripNumber();
    this.#learn(rip);
    const code = this.#compiled.get(rip);
    if (!code) return 0;
    const entry = layout.BRANCH_CACHE + this.#entryOf(rip) * 16;
    this.#memory.view.setBigUint64(entry, BigInt(rip), true);
    this.#memory.view.setInt32(entry + 8, code.slot, true);
    return code.slot;
  }

  #entryOf(address: number): number {
    const low = address | 0;
    return (low ^ (low >>> 14)) & (layout.BRANCH_CACHE_ENTRIES - 1);
  }

  /** An empty entry is all zeros: rip 0 has no region, and slot 0 says so. */
  #clearEntry(entry: number): void {
    this.#memory.i32.fill(0, (layout.BRANCH_CACHE >>> 2) + entry * 4, (layout.BRANCH_CACHE >>> 2) + entry * 4 + 4);
  }
}
