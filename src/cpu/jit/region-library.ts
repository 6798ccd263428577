// The compiled code of all address spaces of a processor, and the numbers it was written with. Code is kept for a while after the last
// address space that ran it: a child forked later, or the same program run again, takes it when the bytes are the same.
import type { GuestMemory } from "../../machine/guest-memory.js";
import type { Watches } from "../watches.js";
import { CompiledCode, type Numbers } from "./compiled-code.js";
import { JumpMapRoom } from "./jump-map.js";
import { Numbered } from "./numbered.js";
import type { Region } from "./region.js";
import type { RegionLinks } from "./region-links.js";
import { compileGroups } from "./region-module.js";
import type { Site } from "./sites.js";

/** In bytes of the host's memory. */
export interface CodeLimits {
  /** What an address space may have in use; beyond it all of it goes, and what is still hot comes back. */
  readonly inUse: number;
  /** What is kept for address spaces to come. */
  readonly kept: number;
}

const LIMITS: CodeLimits = { inUse: 256 << 20, kept: 64 << 20 };
/** What V8 takes for a module and an instance of it, measured, and for each byte of WebAssembly. */
const MODULE_SIZE = 28 << 10;
const NATIVE = 5;
/** Pieces of code that are kept for one address. */
const MAX_VARIANTS = 2;

interface Slot {
  readonly number: number;
  users: number;
}

export class RegionLibrary {
  readonly sites = new Numbered<Site>();
  /** Indirect jumps: the block they end, and the root of their region. */
  readonly indirects = new Numbered<{ block: number; root: number }>();
  readonly roots = new Numbered<number>();
  readonly #maps = new JumpMapRoom();
  readonly #slots = new Map<number, Slot>();
  readonly #slotNumbers = new Numbered<number>();
  /** By root, the latest first. */
  readonly #kept = new Map<number, CompiledCode[]>();
  /** All of it, what was used last at the end. */
  readonly #byUse = new Set<CompiledCode>();
  #keptSize = 0;
  #released: CompiledCode[] = [];
  readonly limits: CodeLimits;
  readonly #watches: Watches;
  /** Pieces of code compiled so far. */
  compiled = 0;

  constructor(watches: Watches, limits = LIMITS) {
    this.limits = limits;
    this.#watches = watches;
    this.#slotNumbers.add(0); // slot 0 is that of all code not compiled
  }

  /**
   * Compiles groups of regions, all as one module: of each the first is what is wanted, and the others are functions it calls. `targets` tells
   * where the indirect jump that ends a block has gone.
   */
  compile(
    groups: readonly (readonly Region[])[],
    exact: boolean,
    targets: (block: number) => readonly number[],
    memory: GuestMemory,
  ): CompiledCode[] {
    const numbers = groups.map((): Numbers => ({ sites: [], indirects: [], roots: [], slots: new Map(), maps: [] }));
    groups.forEach(([main], n) => this.#slotOf(main.blocks[0].block.start, numbers[n]));
    const bytes = compileGroups(groups.map((regions, n) => ({ regions, links: this.#links(numbers[n], targets) })));
    const module = new WebAssembly.Module(bytes);
    const size = Math.ceil((MODULE_SIZE + bytes.length * NATIVE) / groups.length);
    return groups.map((regions, n) => {
      const code = new CompiledCode(module, size, exact, numbers[n], regions, targets, memory);
      this.compiled++;
      if (code.isShareable) this.#keep(code);
      return code;
    });
  }

  /** There is code for this address that some address space has run. */
  knows(root: number): boolean {
    return this.#kept.size > 0 && this.#kept.has(root);
  }

  /** Code for `root` whose bytes are in `memory`. */
  find(root: number, exact: boolean, memory: GuestMemory): CompiledCode | undefined {
    const code = this.#kept
      .get(root)
      ?.find((one) => one.exact === exact && one.isIn(memory) && !one.isWatched(this.#watches));
    if (code) this.#noteUse(code);
    return code;
  }

  /** An address space does not run it any more: its numbers are free when nothing is running. */
  release(code: CompiledCode): void {
    this.#released.push(code);
  }

  /** Call while no compiled code is running. */
  collect(): void {
    if (this.#released.length === 0) return;
    for (const code of this.#released) if (--code.users === 0) this.#free(code.numbers);
    this.#released = [];
  }

  #links(numbers: Numbers, targets: (block: number) => readonly number[]): RegionLinks {
    const noted = (list: number[], number: number) => {
      list.push(number);
      return number;
    };
    return {
      targets,
      addSite: (site) => noted(numbers.sites, this.sites.add(site)),
      regionNumber: (root) => noted(numbers.roots, this.roots.add(root)),
      addIndirect: (block, root) => noted(numbers.indirects, this.indirects.add({ block, root })),
      slotOf: (address) => this.#slotOf(address, numbers),
      jumpMap: (addresses) => {
        const map = this.#maps.make(addresses);
        if (map) numbers.maps.push(map);
        return map;
      },
    };
  }

  #slotOf(address: number, { slots }: Numbers): number {
    const known = slots.get(address);
    if (known !== undefined) return known;
    let slot = this.#slots.get(address);
    if (!slot) this.#slots.set(address, (slot = { number: this.#slotNumbers.add(address), users: 0 }));
    slot.users++;
    slots.set(address, slot.number);
    return slot.number;
  }

  #free({ sites, indirects, roots, slots, maps }: Numbers): void {
    this.sites.giveBack(sites);
    this.indirects.giveBack(indirects);
    this.roots.giveBack(roots);
    for (const map of maps) this.#maps.giveBack(map);
    for (const [address, number] of slots) {
      const slot = this.#slots.get(address) as Slot;
      if (--slot.users > 0) continue;
      this.#slots.delete(address);
      this.#slotNumbers.giveBack([number]);
    }
  }

  #keep(code: CompiledCode): void {
    const variants = this.#kept.get(code.root);
    if (variants) variants.unshift(code);
    else this.#kept.set(code.root, [code]);
    this.#byUse.add(code);
    code.users++;
    this.#keptSize += code.size;
    if (variants && variants.length > MAX_VARIANTS) this.#forget(variants[MAX_VARIANTS]);
    for (const oldest of this.#byUse) {
      if (this.#keptSize <= this.limits.kept) break;
      this.#forget(oldest);
    }
  }

  #noteUse(code: CompiledCode): void {
    this.#byUse.delete(code);
    this.#byUse.add(code);
  }

  #forget(code: CompiledCode): void {
    this.#byUse.delete(code);
    this.#keptSize -= code.size;
    const variants = (this.#kept.get(code.root) as CompiledCode[]).filter((other) => other !== code);
    if (variants.length > 0) this.#kept.set(code.root, variants);
    else this.#kept.delete(code.root);
    this.release(code);
  }
}
