// The compiled code of all address spaces of a processor, and the numbers it was written with. Code is kept for a while after the last
// address space that ran it: a child forked later, or the same program run again, takes it when the bytes are the same.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { putPadded } from "../../wasm/function-writer.js";
import { type ImageKeeper, type KeptImage, KeptPrograms } from "../kept-programs.js";
import type { Watches } from "../watches.js";
import { type CodeFacts, CompiledCode, factsOf, isIn, type Numbers } from "./compiled-code.js";
import { JumpMapRoom } from "./jump-map.js";
import { Numbered } from "./numbered.js";
import type { Region } from "./region.js";
import { imageOf, type KeptModule, type KeptPiece, keptLinks, linkedOf, pack, RegionImage } from "./region-image.js";
import type { Link, RegionLinks } from "./region-links.js";
import { compileGroups, type LinkedModule } from "./region-module.js";
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
/** Bytes of WebAssembly that are noted for images. */
const MOST_FRESH = 4 << 20;
/** Pieces of code that are kept for one address. */
const MAX_VARIANTS = 2;

const noNumbers = (): Numbers => ({ sites: [], indirects: [], roots: [], slots: new Map(), maps: [] });

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
  #programs: KeptPrograms<RegionImage> | undefined;
  /** Modules for the images of programs, by their numbers. */
  readonly #fresh: { readonly program: number; readonly module: KeptModule }[] = [];
  #freshSize = 0;
  readonly #loaded = new Set<KeptModule>();
  /** Roots of all images. */
  readonly #fromBefore = new Set<number>();
  readonly limits: CodeLimits;
  readonly #watches: Watches;
  /** Pieces of code compiled so far. */
  compiled = 0;

  constructor(watches: Watches, limits = LIMITS) {
    this.limits = limits;
    this.#watches = watches;
    this.#slotNumbers.add(0); // slot 0 is that of all code not compiled
  }

  /** From now on code of earlier runs is used, and there will be some to keep. Not while something runs. */
  useImages(keeper: ImageKeeper): void {
    this.#programs = new KeptPrograms(keeper, (bytes, key) => {
      const image = RegionImage.open(bytes, key);
      for (const root of image?.roots ?? []) this.#fromBefore.add(root);
      return image;
    });
  }

  /** What is compiled may serve later runs too. */
  get keeps(): boolean {
    return this.#programs !== undefined;
  }

  /** Images of programs for which something was compiled. */
  images(): KeptImage[] {
    const programs = this.#programs?.all ?? [];
    return programs.flatMap(({ key, number, image }) => {
      const fresh = this.#fresh.filter(({ program }) => program === number).reverse();
      if (fresh.length === 0) return [];
      return [{ key, image: imageOf(key, [...fresh.map(({ module }) => pack(module)), ...(image?.packed ?? [])]) }];
    });
  }

  /**
   * Compiles groups of regions, all as one module: of each the first is what is wanted, and the others are functions it calls. `targets` tells
   * where the indirect jump that ends a block has gone.
   */
  compile(
    groups: readonly (readonly Region[])[],
    { exact, large }: Pick<CodeFacts, "exact" | "large">,
    targets: (block: number) => readonly number[],
    memory: GuestMemory,
  ): CompiledCode[] {
    const numbers = groups.map(noNumbers);
    const links = numbers.map((its, n) => this.#links(n, its, targets));
    groups.forEach(([main], n) => links[n].slotOf(main.blocks[0].block.start));
    const linked = compileGroups(groups.map((regions, n) => ({ regions, links: links[n] })));
    const facts = groups.map((regions) => factsOf(regions, exact, large, targets, memory));
    this.#keepForLater(linked, facts, numbers);
    return this.#compiledCodes(linked.bytes, facts, numbers);
  }

  /** As many pieces of code, in one module. */
  #compiledCodes(bytes: Uint8Array, facts: readonly CodeFacts[], numbers: readonly Numbers[]): CompiledCode[] {
    const module = new WebAssembly.Module(bytes);
    const size = Math.ceil((MODULE_SIZE + bytes.length * NATIVE) / facts.length);
    return facts.map((its, n) => {
      const code = new CompiledCode(module, size, numbers[n], its);
      this.compiled++;
      if (its.isShareable) this.#keep(code);
      return code;
    });
  }

  /** Notes a module for the image of the program that runs. */
  #keepForLater(linked: LinkedModule, facts: readonly CodeFacts[], numbers: readonly Numbers[]): void {
    const program = this.#programs?.ofRunning()?.number;
    if (program === undefined || this.#watches.changes.length > 0 || this.#freshSize > MOST_FRESH) return;
    if (!facts.every(({ isShareable }) => isShareable)) return;
    const pieces = facts.map((its, n) => ({
      facts: its,
      linked: linkedOf(numbers[n], this.sites, this.indirects, this.roots),
    }));
    this.#freshSize += linked.bytes.length;
    this.#fresh.push({ program, module: { bytes: linked.bytes, links: keptLinks(linked), pieces } });
  }

  /** There is code for this address that some address space has run. */
  knows(root: number): boolean {
    return this.#kept.has(root);
  }

  /** An earlier run had code for this address. */
  isFromBefore(root: number): boolean {
    return this.#fromBefore.has(root);
  }

  /** Opens the image of the program that runs. */
  open(): void {
    this.#programs?.ofRunning();
  }

  /** Code for `root` whose bytes are in `memory`. */
  find(root: number, exact: boolean, memory: GuestMemory): CompiledCode | undefined {
    const isIt = (one: CompiledCode) =>
      one.facts.exact === exact && isIn(one.facts, memory) && !one.isWatched(this.#watches);
    const code = this.#kept.get(root)?.find(isIt) ?? this.#load(root, exact, memory)?.find(isIt);
    if (code) this.#noteUse(code);
    return code;
  }

  /** Pieces for `root` of the module of an earlier run that has one whose bytes are in `memory`. */
  #load(root: number, exact: boolean, memory: GuestMemory): readonly CompiledCode[] | undefined {
    for (const { image } of this.#programs?.all ?? [])
      for (const number of image?.withRoot(root) ?? []) {
        const module = image?.read(number);
        if (!module || this.#loaded.has(module)) continue;
        const isIt = ({ facts }: KeptPiece) => facts.root === root && facts.exact === exact && isIn(facts, memory);
        if (!module.pieces.some(isIt)) continue;
        this.#loaded.add(module);
        const codes = this.#restore(module)?.filter((code) => code.root === root);
        if (codes) return codes;
      }
    return undefined;
  }

  /** Gives a module numbers of this run; undefined when there are none left. */
  #restore({ bytes, links, pieces }: KeptModule): CompiledCode[] | undefined {
    const numbers = pieces.map(noNumbers);
    const isWhole = pieces.every(({ linked }, n) => {
      const its = numbers[n];
      for (const address of linked.slots) this.#slotOf(address, its);
      for (const site of linked.sites) its.sites.push(this.sites.add(site));
      for (const indirect of linked.indirects) its.indirects.push(this.indirects.add(indirect));
      for (const region of linked.roots) its.roots.push(this.roots.add(region));
      return linked.maps.every((map) => {
        const placed = this.#maps.place(map);
        if (placed) its.maps.push(placed);
        return placed !== undefined;
      });
    });
    if (!isWhole) {
      numbers.forEach((its) => {
        this.#free(its);
      });
      return undefined;
    }
    const lists = numbers.map((its) => ({
      ...its,
      slots: [...its.slots.values()],
      maps: its.maps.map(({ offset }) => offset),
    }));
    const code = bytes.slice();
    for (const { at, piece, kind, which } of links) putPadded(code, at, lists[piece][kind][which]);
    return this.#compiledCodes(
      code,
      pieces.map(({ facts }) => facts),
      numbers,
    );
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

  #links(group: number, numbers: Numbers, targets: (block: number) => readonly number[]): RegionLinks {
    const slots = new Map<number, Link>();
    const noted = (kind: "sites" | "roots" | "indirects", number: number): Link => {
      const which = numbers[kind].push(number) - 1;
      return { kind, group, which, number };
    };
    return {
      targets,
      addSite: (site) => noted("sites", this.sites.add(site)),
      regionNumber: (root) => noted("roots", this.roots.add(root)),
      addIndirect: (block, root) => noted("indirects", this.indirects.add({ block, root })),
      slotOf: (address) => {
        let link = slots.get(address);
        if (!link) {
          const number = this.#slotOf(address, numbers);
          slots.set(address, (link = { kind: "slots", group, which: slots.size, number }));
        }
        return link;
      },
      jumpMap: (addresses) => {
        const map = this.#maps.make(addresses);
        if (!map) return undefined;
        const which = numbers.maps.push(map) - 1;
        return { map, link: { kind: "maps", group, which, number: map.offset } };
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
