// The compiled code of one address space: compiles regions, links them, drops them when their bytes change, and runs them.
import type { GuestMemory } from "../../machine/guest-memory.js";
import * as machine from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import type { Block } from "../block.js";
import { type Core, Exception } from "../core.js";
import { dispatcherModule, INITIAL_TABLE_SIZE } from "./dispatcher-module.js";
import { discoverRegion } from "./region.js";
import { compileRegion, type RegionLinks } from "./region-compiler.js";
import { IMPORTS, type Site } from "./sites.js";
import * as status from "./status.js";

/** Beside exception vectors: the instruction at rip must be run by the interpreter. */
export const EMULATE = -2;
/** Beside exception vectors: nothing stopped, go on at rip. */
export const CONTINUE = -1;

const CANONICAL_END = 0x8000_0000_0000;
const TWO_32 = 0x1_0000_0000;

interface DispatcherExports {
  invokeSlot: (slot: number) => number;
  invoke: () => number;
  missing: () => number;
  flags: unknown;
  nan64: unknown;
  nan32: unknown;
  nan64x2: unknown;
  nan32x4: unknown;
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
  #nextSlot = 0;
  #stopped: Exception | undefined;
  #stoppedAt: Site | undefined;
  #emulate = false;
  /** Length of the instruction a TRAP_SYSCALL or TRAP_INT came from. */
  trapLength = 0;

  constructor(memory: GuestMemory, core: Core) {
    this.#memory = memory;
    this.#core = core;
    dispatcherCode ??= new WebAssembly.Module(dispatcherModule());
    const instance = new WebAssembly.Instance(dispatcherCode, {
      m: { m: memory.wasm },
      f: { resolve: () => this.#resolve() },
    });
    this.#dispatcher = instance.exports as unknown as DispatcherExports;
    const { invokeSlot, invoke, flags, nan64, nan32, nan64x2, nan32x4 } = this.#dispatcher;
    const functions: Record<keyof typeof IMPORTS, unknown> = {
      translate: (low: number, high: number, site: number) => this.#translate(low, high, this.#sites[site]),
      raise: (site: number) => this.#stop(new Exception(this.#sites[site].vector), this.#sites[site]),
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
    // An empty entry's slot is -1: whatever it matches has no region.
    for (let entry = 0; entry < layout.BRANCH_CACHE_ENTRIES; entry++) this.#clearEntry(entry);
  }

  has(address: number): boolean {
    return this.#compiled.has(address);
  }

  compile(root: Block, find: (address: number) => Block | undefined, retranslate: (address: number, flags: number) => Block): void {
    const region = discoverRegion(root, find, retranslate);
    const module = new WebAssembly.Module(compileRegion(region, this));
    const instance = new WebAssembly.Instance(module, this.#imports);
    this.#dispatcher.table.set(this.slotOf(root.start), instance.exports.r);
    this.#compiled.add(root.start);
    for (const { block } of region.blocks) this.#noteCode(block, root.start);
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
    for (const root of roots) {
      this.#compiled.delete(root);
      this.#dispatcher.table.set(this.#slots.get(root) as number, this.#dispatcher.missing);
      this.#clearEntry(this.#entryOf(root));
    }
    this.#emulate = true;
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

  /**
   * Runs the region at rip until it stops. Gives an exception vector, a TRAP_ code, EMULATE or CONTINUE; rip and the flags are then
   * those of the place. Fuel is in the state block.
   */
  run(address: number): number {
    this.#core.setState32(layout.OFFSET_DEPTH, 0);
    this.#emulate = false;
    this.#stopped = undefined;
    const result = this.#dispatcher.invokeSlot(this.#slots.get(address) as number);
    if (result >= status.STATUS_TRAP) {
      this.trapLength = result & 15;
      return (result - status.STATUS_TRAP) >> 4;
    }
    if (result !== status.STATUS_FAULT) return CONTINUE;
    return this.#afterFault();
  }

  #afterFault(): number {
    const site = this.#stoppedAt as Site;
    this.#core.setState64(layout.OFFSET_RIP, BigInt(site.rip));
    if (site.flags >= 0) this.#core.setState32(layout.OFFSET_CC_OP, site.flags);
    const stopped = this.#stopped as Exception | undefined;
    if (!stopped) return EMULATE;
    this.#core.setState32(layout.OFFSET_ERROR_CODE, stopped.errorCode);
    if (stopped.vector === machine.PAGE_FAULT) this.#core.setState64(layout.OFFSET_FAULT_ADDRESS, stopped.address);
    return stopped.vector;
  }

  #stop(exception: Exception | undefined, site: Site): number {
    this.#stopped = exception;
    this.#stoppedAt = site;
    return -1;
  }

  /** The slow way of a memory access: displaced pages, pages side by side, code pages, faults. */
  #translate(low: number, high: number, site: Site): number {
    const address = (high >>> 0) * TWO_32 + (low >>> 0);
    if (address >= CANONICAL_END) return this.#stop(outOfRange(low, high, site), site);
    try {
      this.#emulate = false;
      const linear = this.#core.linear(address, site.size, site.write);
      // In separate pages, or code was dropped that may be running: the interpreter does this one.
      if (linear < 0 || this.#emulate) return this.#stop(undefined, site);
      return linear | 0;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      return this.#stop(error, site);
    }
  }

  #microcode(site: Site): number {
    try {
      this.#emulate = false;
      this.#core.setState64(layout.OFFSET_RIP, BigInt(site.rip));
      (site.handler as NonNullable<Site["handler"]>)(this.#core);
      return 0;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      this.#stop(error, { ...site, flags: -1 });
      return 1;
    }
  }

  #resolve(): number {
    const rip = this.#core.ripNumber();
    if (!this.#compiled.has(rip)) return -1;
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

  #clearEntry(entry: number): void {
    this.#memory.i32.fill(-1, (layout.BRANCH_CACHE >>> 2) + entry * 4, (layout.BRANCH_CACHE >>> 2) + entry * 4 + 4);
  }
}

function outOfRange(low: number, high: number, site: Site): Exception {
  if (high >> 15 !== -1) return new Exception(site.stack ? machine.STACK_FAULT : machine.GENERAL_PROTECTION);
  const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return new Exception(machine.PAGE_FAULT, machine.PF_USER | (site.write ? machine.PF_WRITE : 0), address);
}
