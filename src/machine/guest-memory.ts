// One guest address space as the processor sees it: pages, protections, home slots and tags. It knows no vma and no file:
// the kernel's mm/ decides what is mapped where. Addresses are JS numbers (user addresses are below 2^47, so exact).
import {
  OWNERS,
  PAGE_SIZE,
  READ_TAGS,
  RESERVED_SLOT_END,
  RESERVED_SLOT_FIRST,
  SLOT_COUNT,
  WRITE_TAGS,
} from "./state-layout.js";

export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;

const SLOT_MASK = SLOT_COUNT - 1;
const IMPOSSIBLE = -1; // both halves of a tag that no page number equals
const PRESENT = 0x80; // in the top byte of an owner entry, beside the protection
/** 4 GiB in WebAssembly's pages of 64 KiB. */
export const GUEST_MEMORY_PAGES = 65536;
const TWO_32 = 0x1_0000_0000;
const FIRST_SPARE = 0x10000;
/** Pages that are counted together, so that what is mapped in a wide range is found soon. */
const GROUP = 512;

/** The instructions memory.fill and memory.copy. */
export interface BulkMemory {
  readonly fill: (start: number, byte: number, count: number) => void;
  readonly copy: (to: number, from: number, count: number) => void;
}

/** Told when a page that holds translated code is about to change, vanish or lose its execute permission. */
export type CodeListener = (page: number) => void;

/**
 * Memory for an address space. Shared memory is not counted by V8, which would collect garbage whenever 4 GiB are made, and sooner ever after.
 */
export function newMemory(): WebAssembly.Memory {
  const shared = { initial: GUEST_MEMORY_PAGES, maximum: GUEST_MEMORY_PAGES, shared: true };
  return new WebAssembly.Memory(shared);
}

export class GuestMemory {
  readonly wasm: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly view: DataView;
  /** Page -> slot, for pages whose home slot belongs to another page. */
  readonly #displaced = new Map<number, number>();
  readonly #codePages = new Set<number>();
  /** Number of a group -> its pages that are mapped. */
  readonly #groups = new Map<number, number>();
  /** A bit for each slot ever used: the host's memory behind it is not given back. */
  readonly #used = new Uint8Array(SLOT_COUNT / 8);
  #usedPages = 0;
  #nextSpare = FIRST_SPARE;
  #pages = 0;
  /** Of the processor that runs here: quicker than what JavaScript has for shared memory, which takes an element at a time. */
  bulk: BulkMemory | undefined;
  onCodeChange: CodeListener = () => {};
  /** Told when everything has been unmapped at once: no translation is good any longer. */
  onClear: () => void = () => {};

  constructor() {
    this.wasm = newMemory();
    this.u8 = new Uint8Array(this.wasm.buffer);
    this.i32 = new Int32Array(this.wasm.buffer);
    this.view = new DataView(this.wasm.buffer);
    // A zero tag names page 0, whose home is slot 0; everywhere else zero matches nothing.
    this.#setTags(0, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE);
    const top = SLOT_COUNT - 1; // a wrapping access at the very top would compare with page 0
    this.#setTags(top, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE);
  }

  /** Pages the host holds for this address space, mapped or not. */
  get usedPages(): number {
    return this.#usedPages;
  }

  /** Pages mapped now. */
  get pageCount(): number {
    return this.#pages;
  }

  /** The slot that holds `page`, or -1 when it is not mapped. */
  slotOf(page: number): number {
    const home = page & SLOT_MASK;
    const entry = (OWNERS >>> 2) + home * 2;
    const high = this.i32[entry + 1];
    if (
      (high >>> 24) & PRESENT &&
      this.i32[entry] >>> 0 === page >>> 0 &&
      (high & 0xffffff) === Math.floor(page / TWO_32)
    )
      return home;
    return this.#displaced.size === 0 ? -1 : (this.#displaced.get(page) ?? -1);
  }

  /** READ | WRITE | EXECUTE bits of a mapped page, -1 when it is not mapped. */
  protectionOf(page: number): number {
    const slot = this.slotOf(page);
    return slot < 0 ? -1 : this.#protection(slot);
  }

  /** Maps a zeroed page. The page must not be mapped. */
  map(page: number, protection: number): void {
    let slot = page & SLOT_MASK;
    if (this.#taken(slot)) {
      slot = this.#spareSlot();
      this.#displaced.set(page, slot);
    }
    const entry = (OWNERS >>> 2) + slot * 2;
    this.i32[entry] = page | 0;
    this.i32[entry + 1] = ((PRESENT | protection) << 24) | (Math.floor(page / TWO_32) & 0xffffff);
    this.#pages++;
    const group = Math.floor(page / GROUP);
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
    const bit = 1 << (slot & 7);
    if (!(this.#used[slot >>> 3] & bit)) {
      this.#used[slot >>> 3] |= bit;
      this.#usedPages++;
    }
    this.#retag(page, slot);
  }

  /** The mapped pages among [first, last), in order. */
  mappedPages(first: number, last: number): number[] {
    const firstGroup = Math.floor(first / GROUP);
    const lastGroup = Math.floor((last - 1) / GROUP);
    const pages: number[] = [];
    const look = (group: number) => {
      const end = Math.min(last, (group + 1) * GROUP);
      for (let page = Math.max(first, group * GROUP); page < end; page++) if (this.slotOf(page) >= 0) pages.push(page);
    };
    if (lastGroup - firstGroup < this.#groups.size) {
      for (let group = firstGroup; group <= lastGroup; group++) if (this.#groups.has(group)) look(group);
    } else {
      const groups = [...this.#groups.keys()].filter((group) => group >= firstGroup && group <= lastGroup);
      for (const group of groups.sort((a, b) => a - b)) look(group);
    }
    return pages;
  }

  /** Unmaps everything. The registers stay. */
  clear(): void {
    for (const [group, count] of this.#groups) {
      let left = count;
      for (let page = group * GROUP; left > 0; page++) {
        const slot = this.slotOf(page);
        if (slot < 0) continue;
        this.#empty(slot);
        left--;
      }
    }
    this.#groups.clear();
    this.#displaced.clear();
    this.#codePages.clear();
    this.#nextSpare = FIRST_SPARE;
    this.#pages = 0;
    this.onClear();
  }

  /** Forgets a page and its contents. No effect when it is not mapped. */
  unmap(page: number): void {
    const slot = this.slotOf(page);
    if (slot < 0) return;
    if (this.#codePages.has(page)) this.#dropCode(page);
    this.#empty(slot);
    this.#displaced.delete(page);
    this.#pages--;
    const group = Math.floor(page / GROUP);
    const left = (this.#groups.get(group) as number) - 1;
    if (left > 0) this.#groups.set(group, left);
    else this.#groups.delete(group);
  }

  #empty(slot: number): void {
    const entry = (OWNERS >>> 2) + slot * 2;
    this.i32[entry] = 0;
    this.i32[entry + 1] = 0;
    this.fill(0, slot * PAGE_SIZE, (slot + 1) * PAGE_SIZE);
    this.#clearTags(slot);
  }

  protect(page: number, protection: number): void {
    const slot = this.slotOf(page);
    if (slot < 0) return;
    if (this.#codePages.has(page) && !(protection & EXECUTE)) this.#dropCode(page);
    const entry = (OWNERS >>> 2) + slot * 2 + 1;
    this.i32[entry] = ((PRESENT | protection) << 24) | (this.i32[entry] & 0xffffff);
    this.#retag(page, slot);
  }

  /** The bytes of a mapped page, whatever its protection: for the kernel to fill. Not for code pages already running. */
  pageBytes(page: number): Uint8Array {
    const slot = this.slotOf(page);
    if (slot < 0) throw new RangeError(`page 0x${page.toString(16)} is not mapped`);
    return this.u8.subarray(slot * PAGE_SIZE, (slot + 1) * PAGE_SIZE);
  }

  /** The same of the mapped pages from `first` to `last`, when they lie side by side. */
  runBytes(first: number, last: number): Uint8Array | undefined {
    const slot = this.slotOf(first);
    for (let page = first; page < last; page++) if (this.slotOf(page) !== slot + page - first) return undefined;
    return this.u8.subarray(slot * PAGE_SIZE, (slot + last - first) * PAGE_SIZE);
  }

  /** Fills linear memory from `start` to `end` with a byte. */
  fill(byte: number, start: number, end: number): void {
    if (this.bulk) this.bulk.fill(start, byte, end - start);
    else this.u8.fill(byte, start, end);
  }

  /** Copies bytes of linear memory as if all were read first. */
  move(to: number, from: number, count: number): void {
    if (this.bulk) this.bulk.copy(to, from, count);
    else this.u8.copyWithin(to, from, from + count);
  }

  /**
   * Linear offset of the byte at `address` if the page there allows all of `access` (READ, WRITE, EXECUTE), else -1.
   * Good up to the end of that page only. Asking for WRITE drops translations of the page.
   */
  linear(address: number, access: number): number {
    const page = Math.floor(address / PAGE_SIZE);
    const slot = this.slotOf(page);
    if (slot < 0 || (this.#protection(slot) & access) !== access) return -1;
    if (access & WRITE && this.#codePages.size > 0 && this.#codePages.has(page)) this.#dropCode(page);
    return slot * PAGE_SIZE + (address % PAGE_SIZE);
  }

  /** Marks a page as holding translations: the next write to it, change or removal calls `onCodeChange`. */
  watchCode(page: number): void {
    if (this.#codePages.has(page)) return;
    this.#codePages.add(page);
    const slot = this.slotOf(page);
    if (slot >= 0) this.#retag(page, slot);
  }

  #dropCode(page: number): void {
    this.#codePages.delete(page);
    const slot = this.slotOf(page);
    if (slot >= 0) this.#retag(page, slot);
    this.onCodeChange(page);
  }

  #protection(slot: number): number {
    return (this.i32[(OWNERS >>> 2) + slot * 2 + 1] >>> 24) & 7;
  }

  #taken(slot: number): boolean {
    if (slot >= RESERVED_SLOT_FIRST && slot < RESERVED_SLOT_END) return true;
    return ((this.i32[(OWNERS >>> 2) + slot * 2 + 1] >>> 24) & PRESENT) !== 0;
  }

  #spareSlot(): number {
    for (let tried = 0; tried < SLOT_COUNT; tried++) {
      const slot = this.#nextSpare;
      this.#nextSpare = (this.#nextSpare + 1) & SLOT_MASK;
      if (slot !== 0 && slot !== SLOT_COUNT - 1 && !this.#taken(slot)) return slot;
    }
    throw new RangeError("no free slot: the kernel must refuse before the 4 GiB are full");
  }

  #retag(page: number, slot: number): void {
    // Page 0 keeps impossible tags: it is reachable by the slow path only.
    if (slot !== (page & SLOT_MASK) || page === 0 || slot === SLOT_COUNT - 1) return this.#clearTags(slot);
    const protection = this.#protection(slot);
    const low = page | 0;
    const high = Math.floor(page / TWO_32);
    // A page that can be written can be read (x86 has no write-only page).
    const readable = (protection & (READ | WRITE | EXECUTE)) !== 0;
    const writable = (protection & WRITE) !== 0 && !this.#codePages.has(page);
    this.#setTags(
      slot,
      readable ? low : IMPOSSIBLE,
      readable ? high : IMPOSSIBLE,
      writable ? low : IMPOSSIBLE,
      writable ? high : IMPOSSIBLE,
    );
  }

  #clearTags(slot: number): void {
    this.#setTags(slot, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE);
  }

  #setTags(slot: number, readLow: number, readHigh: number, writeLow: number, writeHigh: number): void {
    const read = (READ_TAGS >>> 2) + slot * 2;
    const write = (WRITE_TAGS >>> 2) + slot * 2;
    this.i32[read] = readLow;
    this.i32[read + 1] = readHigh;
    this.i32[write] = writeLow;
    this.i32[write + 1] = writeHigh;
  }
}
