// The compiled code of one address space: compiles regions, links them, drops them when their bytes change, and runs them.
import type { GuestMemory } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import type { Block } from "../block.js";
import type { RuntimeExports } from "../cold/cold-code.js";
import { type Core, Exception } from "../core.js";
import { MICROCODE_CHANGED_CODE, type SlowPath } from "../slow-path.js";
import { dispatcherModule, INITIAL_TABLE_SIZE } from "./dispatcher-module.js";
import type { JumpTargets } from "./jump-targets.js";
import { callTargets, discoverRegion, type Region, type Retranslate } from "./region.js";
import type { JumpMap, RegionLinks } from "./region-links.js";
import { compileRegions } from "./region-module.js";
import type { ImportName, Site } from "./sites.js";

/** A root is compiled again at most this often, as more of its surroundings turn hot. */
const MAX_RECOMPILES = 6;
/** Functions and blocks in one module. */
const MAX_LINKED = 12;
const MAX_LINKED_BLOCKS = 300;
const HOT_SLICES = 2;
/** Guest address and number of the target. */
const JUMP_ENTRY_SIZE = 16;
const MULTIPLIER_TRIES = 200;

/** Where the blocks come from. */
export interface CodeSource {
  /** The block at an address, if it has run. */
  readonly find: (address: number) => Block | undefined;
  readonly retranslate: Retranslate;
  readonly jumpTargets: JumpTargets;
  /** Told of every region that is compiled. */
  readonly compiled: (root: number) => void;
  /** Interprets from rip; gives a status of status.ts. */
  readonly cold: () => number;
}

interface DispatcherExports {
  invokeSlot: unknown;
  invoke: unknown;
  run: (slot: number) => number;
  call: () => number;
  missing: unknown;
  table: WebAssembly.Table;
}

let dispatcherCode: WebAssembly.Module | undefined;

export class Engine implements RegionLinks {
  readonly #memory: GuestMemory;
  readonly #core: Core;
  readonly #dispatcher: DispatcherExports;
  readonly #imports: Record<string, Record<string, unknown>>;
  readonly #slots = new Map<number, number>();
  readonly #compiled = new Set<number>();
  readonly #byPage = new Map<number, Set<number>>();
  readonly #sites: Site[] = [];
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
  readonly #indirects: { block: number; root: number }[] = [];
  readonly #stale = new Set<number>();
  /** Roots compiled together with the functions they call. */
  readonly #linked = new Set<number>();
  readonly #roots: number[] = [];
  /** Time slices that ended in a root's region. */
  readonly #slices = new Map<number, number>();
  #nextMap = layout.JUMP_MAPS;
  /** Slot 0 is that of all code not compiled. */
  #nextSlot = 1;
  readonly #slow: SlowPath;

  constructor(memory: GuestMemory, core: Core, slow: SlowPath, runtime: RuntimeExports, code: CodeSource) {
    this.#code = code;
    this.#jumpTargets = code.jumpTargets;
    this.#slow = slow;
    this.#memory = memory;
    this.#core = core;
    // The address space may have had another program's before.
    memory.u8.fill(0, layout.BRANCH_CACHE, layout.JUMP_MAPS);
    dispatcherCode ??= new WebAssembly.Module(dispatcherModule());
    const instance = new WebAssembly.Instance(dispatcherCode, {
      m: { m: memory.wasm },
      f: { resolve: () => this.#resolve(), cold: code.cold },
    });
    this.#dispatcher = instance.exports as unknown as DispatcherExports;
    this.#dispatcher.table.set(0, this.#dispatcher.missing);
    const { invokeSlot, invoke } = this.#dispatcher;
    const { flags, nan64, nan32, nan64x2, nan32x4 } = runtime;
    const functions: Record<ImportName, unknown> = {
      translate: (low: number, high: number, site: number) => this.#translate(low, high, this.#sites[site]),
      raise: (site: number) => this.#raise(this.#sites[site]),
      microcode: (site: number) => this.#microcode(this.#sites[site]),
      invokeSlot,
      invoke,
      flags,
      nan64,
      nan32,
      nan64x2,
      nan32x4,
    };
    this.#imports = { m: { m: memory.wasm }, f: functions };
  }

  has(address: number): boolean {
    return this.#compiled.has(address);
  }

  /**
   * A block has run often outside of compiled code. Regions that left for it are compiled again, now with it. So is a region that has it
   * already: control left that too early to come here. If that was no use, the block becomes the root of its own.
   */
  compile(hot: number): void {
    const leavers = this.#leavers.get(hot);
    this.#leavers.delete(hot);
    let taken = false;
    for (const from of leavers ?? [])
      if (from !== hot && this.#compiled.has(from) && this.#recompile(from)) taken ||= this.#holder.get(hot) === from;
    if (taken) return;
    const holder = this.#holder.get(hot);
    if (holder !== undefined && this.#compiled.has(holder) && !this.#tried.has(hot)) {
      this.#tried.add(hot);
      if (this.#recompile(holder)) return;
    }
    this.#compileOne(hot);
  }

  /** Each time it takes twice as much news: a large function is not compiled for every block of it that turns hot. True when it was. */
  #recompile(root: number): boolean {
    const times = this.#recompiled.get(root) ?? 0;
    const news = (this.#news.get(root) ?? 0) + 1;
    this.#news.set(root, news);
    if (times >= MAX_RECOMPILES || news < 2 ** times) return false;
    this.#news.delete(root);
    this.#recompiled.set(root, times + 1);
    this.#compileOne(root);
    return true;
  }

  #compileOne(address: number): void {
    const root = this.#code.find(address);
    if (!root) return;
    const region = this.#region(root);
    const regions = this.#linked.has(address) ? this.#withCallees(region) : [region];
    for (const block of region.blocks)
      block.addresses.forEach((target, which) => {
        if (block.successors[which] < 0) this.#noteLeaver(target, address);
      });
    const module = new WebAssembly.Module(compileRegions(regions, this));
    const instance = new WebAssembly.Instance(module, this.#imports);
    this.#dispatcher.table.set(this.slotOf(root.start), instance.exports.r);
    this.#compiled.add(root.start);
    for (const { block } of region.blocks) this.#holder.set(block.start, address);
    this.#code.compiled(address);
    for (const { blocks } of regions) for (const { block } of blocks) this.#noteCode(block, address);
  }

  #region(root: Block): Region {
    const { find, retranslate } = this.#code;
    return discoverRegion(root, find, retranslate, (block) => this.targets(block));
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
        const region = this.#region(root);
        blocks += region.blocks.length;
        regions.push(region);
      }
    return regions;
  }

  regionNumber(root: number): number {
    return this.#roots.push(root) - 1;
  }

  /** After STATUS_FUEL: the region that ran is where time is spent. Seen twice, it is compiled together with what it calls. */
  noteSlice(): void {
    const number = this.#core.state32(layout.OFFSET_REGION);
    if (number < 0) return;
    this.#core.setState32(layout.OFFSET_REGION, -1);
    const root = this.#roots[number];
    const slices = (this.#slices.get(root) ?? 0) + 1;
    this.#slices.set(root, slices);
    if (slices < HOT_SLICES || this.#linked.has(root) || !this.#compiled.has(root)) return;
    this.#linked.add(root);
    this.#compileOne(root);
  }

  #noteLeaver(target: number, root: number): void {
    const leavers = this.#leavers.get(target);
    if (leavers) leavers.add(root);
    else this.#leavers.set(target, new Set([root]));
  }

  addIndirect(block: number, root: number): number {
    return this.#indirects.push({ block, root }) - 1;
  }

  jumpMap(addresses: readonly number[]): JumpMap | undefined {
    const bits = 33 - Math.clz32(addresses.length); // at least twice as many places as targets
    for (let extra = 0; extra < 3; extra++) {
      const places = 1 << (bits + extra);
      if (this.#nextMap + places * JUMP_ENTRY_SIZE > layout.JUMP_MAPS_END) return undefined;
      const multiplier = perfectMultiplier(addresses, bits + extra);
      if (multiplier === undefined) continue;
      const offset = this.#nextMap;
      this.#nextMap += places * JUMP_ENTRY_SIZE;
      this.#memory.u8.fill(0xff, offset, this.#nextMap);
      addresses.forEach((address, which) => {
        const entry = offset + jumpPlace(address, multiplier, bits + extra) * JUMP_ENTRY_SIZE;
        this.#memory.view.setBigUint64(entry, BigInt(address), true);
        this.#memory.view.setInt32(entry + 8, which, true);
      });
      return { multiplier, bits: bits + extra, offset };
    }
    return undefined;
  }

  /** An indirect jump went to `rip`: regions compiled from now on know. */
  #learn(rip: number): void {
    const state = layout.STATE + layout.OFFSET_INDIRECT;
    const number = this.#memory.view.getInt32(state, true);
    if (number < 0) return;
    this.#memory.view.setInt32(state, -1, true);
    const { block, root } = this.#indirects[number];
    if (!this.#jumpTargets.note(block, rip)) return;
    this.#noteLeaver(rip, root);
    if (this.#compiled.has(rip) && this.#compiled.has(root)) this.#stale.add(root);
  }

  #noteCode(block: Block, root: number): void {
    const last = Math.floor((block.end - 1) / layout.PAGE_SIZE);
    for (let page = Math.floor(block.start / layout.PAGE_SIZE); page <= last; page++) {
      let roots = this.#byPage.get(page);
      if (!roots) this.#byPage.set(page, (roots = new Set()));
      roots.add(root);
    }
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
    this.#dropRoots(this.#compiled);
  }

  #dropRoots(roots: Iterable<number>): void {
    for (const root of roots) {
      this.#compiled.delete(root);
      this.#dispatcher.table.set(this.#slots.get(root) as number, this.#dispatcher.missing);
      this.#clearEntry(this.#entryOf(root));
    }
  }

  addSite(site: Site): number {
    return this.#sites.push(site) - 1;
  }

  slotOf(address: number): number {
    const known = this.#slots.get(address);
    if (known !== undefined) return known;
    const slot = this.#nextSlot++;
    const { table, missing } = this.#dispatcher;
    if (slot >= table.length) table.grow(INITIAL_TABLE_SIZE);
    table.set(slot, missing);
    this.#slots.set(address, slot);
    return slot;
  }

  /** Runs the region at `address`; gives a status. Fuel is in the state block. */
  run(address: number): number {
    if (this.#stale.size > 0) this.#renew();
    return this.#dispatcher.run(this.#slots.get(address) as number);
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
    this.#slow.stop(new Exception(vector), flags);
  }

  #microcode({ rip, next, handler }: Site): number {
    this.#setRip(rip);
    const result = this.#slow.microcode(handler as NonNullable<Site["handler"]>);
    if (result === MICROCODE_CHANGED_CODE) this.#setRip(next);
    return result;
  }

  #setRip(rip: number): void {
    this.#core.setState64(layout.OFFSET_RIP, BigInt(rip));
  }

  #resolve(): number {
    const rip = this.#core.ripNumber();
    this.#learn(rip);
    if (!this.#compiled.has(rip)) return 0;
    const slot = this.#slots.get(rip) as number;
    const entry = layout.BRANCH_CACHE + this.#entryOf(rip) * 16;
    this.#memory.view.setBigUint64(entry, BigInt(rip), true);
    this.#memory.view.setInt32(entry + 8, slot, true);
    return slot;
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

const jumpPlace = (address: number, multiplier: number, bits: number) =>
  Math.imul(address | 0, multiplier) >>> (32 - bits);

/** A multiplier that sends each address to a place of its own, or undefined when none is found soon. */
function perfectMultiplier(addresses: readonly number[], bits: number): number | undefined {
  const taken = new Uint8Array(1 << bits);
  let multiplier = 0x9e3779b1;
  for (let tried = 1; tried <= MULTIPLIER_TRIES; tried++) {
    if (addresses.every((address) => take(taken, jumpPlace(address, multiplier, bits), tried))) return multiplier;
    multiplier = (Math.imul(multiplier, 0x2c1b3c6d) + 0x297a2d39) | 1;
  }
  return undefined;
}

/** False when the place was taken in the same try. */
function take(taken: Uint8Array, place: number, tried: number): boolean {
  if (taken[place] === tried) return false;
  taken[place] = tried;
  return true;
}
