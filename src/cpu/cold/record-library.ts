// Records of blocks that some address space has made, for the others of the same processor: those of forked children, and of programs run
// before. A block is found by its address and taken only when its bytes are those the records were made from. What is in the library
// changes how fast a block is made, nothing else.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { copyCode, isCode } from "../code-bytes.js";

/** Words of one of the library's two halves. */
const HALF = 1 << 21;
// An entry: these words, the records, the bytes of the code, the notes.
const RECORD_WORDS = 0;
const CODE_BYTES = 1;
const NOTES = 2;
const HEAD = 3;

// What a note is about, in its low bits; above them the word of the block it is about.
/** An edge is there. */
export const NOTE_EDGE = 0;
/** The record of an indirect jump or call begins there. */
export const NOTE_SITE = 1;
/** A record begins there whose handler is not in every table. */
export const NOTE_HANDLER = 2;
export const NOTE_BITS = 2;

interface Half {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  /** Address of a block -> its entry. */
  readonly entries: Map<number, number>;
  used: number;
}

/** What has not been used while a half was filled is forgotten. */
export class RecordLibrary {
  #young: Half;
  #old: Half;
  readonly #half: number;
  /** Blocks that were found. */
  found = 0;
  /** Words of the records copied last. */
  size = 0;

  constructor(half = HALF) {
    this.#half = half;
    this.#young = newHalf(half);
    this.#old = newHalf(half);
  }

  /** The block at `rip`, whose code ends at `end` and whose records are the words [first, last) of `memory`. */
  add(rip: number, end: number, memory: GuestMemory, first: number, last: number, notes: readonly number[]): void {
    const size = end - rip;
    const half = this.#room(HEAD + (last - first) + ((size + 3) >>> 2) + notes.length);
    if (!half) return;
    const { words } = half;
    const at = half.used;
    words[at + RECORD_WORDS] = last - first;
    words[at + CODE_BYTES] = size;
    words[at + NOTES] = notes.length;
    let next = at + HEAD;
    words.set(memory.i32.subarray(first, last), next);
    next += last - first;
    if (!copyCode(memory, rip, size, half.bytes, next * 4)) return;
    next += (size + 3) >>> 2;
    words.set(notes, next);
    half.used = next + notes.length;
    half.entries.set(rip, at);
  }

  /**
   * If the block at `rip` is here and its bytes are in `memory`, copies its records to the word `to`. Gives the address where its code ends,
   * or -1; `notes` gets the notes.
   */
  copy(rip: number, memory: GuestMemory, to: number, notes: number[]): number {
    let half = this.#young;
    let at = half.entries.get(rip);
    if (at === undefined) {
      const old = this.#old.entries.get(rip);
      if (old === undefined) return -1;
      half = this.#old;
      at = old;
    }
    const { words } = half;
    const count = words[at + RECORD_WORDS];
    const size = words[at + CODE_BYTES];
    const code = at + HEAD + count;
    if (!isCode(memory, rip, size, half.bytes, code * 4)) return -1;
    const { i32 } = memory;
    // Most blocks are short: a loop is quicker than `set`, which needs a view.
    for (let word = 0, from = at + HEAD; word < count; word++) i32[to + word] = words[from + word];
    const firstNote = code + ((size + 3) >>> 2);
    const lastNote = firstNote + words[at + NOTES];
    for (let note = firstNote; note < lastNote; note++) notes.push(words[note]);
    if (half === this.#old) this.#keep(rip, at, lastNote);
    this.found++;
    this.size = count;
    return rip + size;
  }

  /** An entry of the old half is used: it goes to the young one. */
  #keep(rip: number, at: number, end: number): void {
    const from = this.#old;
    const half = this.#room(end - at);
    if (!half) return;
    half.words.set(from.words.subarray(at, end), half.used);
    half.entries.set(rip, half.used);
    half.used += end - at;
  }

  /** The young half, with room for `words`; undefined when no half has that much. */
  #room(words: number): Half | undefined {
    if (words > this.#half) return undefined;
    if (this.#young.used + words > this.#half) {
      const next = this.#old;
      this.#old = this.#young;
      next.entries.clear();
      next.used = 0;
      this.#young = next;
    }
    return this.#young;
  }
}

function newHalf(words: number): Half {
  const array = new Int32Array(words);
  return { words: array, bytes: new Uint8Array(array.buffer), entries: new Map(), used: 0 };
}
