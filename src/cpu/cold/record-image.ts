// Records of blocks as one piece of bytes that outlives the processor: those of a program that has been run before. It is used where it lies. An
// image is as trusted as the program that runs it: who keeps it sees to that. What is damaged is not found.

import { OFFSET_BLOCK_RUNS } from "./record.js";

// A block in words: these, the records, the bytes of the code, the notes.
export const RECORD_WORDS = 0;
export const CODE_BYTES = 1;
export const NOTES = 2;
export const RIP_LOW = 3;
export const RIP_HIGH = 4;
/** Of a block that is the same wherever its bytes are: the number of the program whose image is to have it. 0 when it is not. */
export const PROGRAM = 5;
/** In an image, in the place of PROGRAM: where the first of the blocks is that begin in the same page; they follow one another. */
const FIRST = 5;
/** In an image: the sum of the other words. */
const SUM = 6;
export const HEAD = 7;

// What a note is about, in its low bits; above them the word of the block it is about.
/** An edge is there. */
export const NOTE_EDGE = 0;
/** The record of an indirect jump or call begins there. */
export const NOTE_SITE = 1;
/** A record begins there whose handler is not in every table. */
export const NOTE_HANDLER = 2;
/** The id of a microcode operation is there, or 0 when nobody has asked for one; above the word, which of its instruction's it is. */
export const NOTE_MICROCODE = 3;
export const NOTE_BITS = 2;
export const ORDINAL_BITS = 16;
const WORD_MASK = (1 << ORDINAL_BITS) - 1;
export const NOTE_KIND = (1 << NOTE_BITS) - 1;

/** The word of its block that a note is about. */
export const wordOf = (note: number): number => (note >>> NOTE_BITS) & WORD_MASK;

// An image: these words, the key, the index, the blocks.
const MAGIC_WORD = 0;
const WORDS = 1;
const KEY_BYTES = 2;
const SLOTS = 3;
const BLOCKS = 4;
const IMAGE_HEAD = 5;
const MAGIC = 0x72737374;

// A slot of the index, which has at least one that is empty. A block is in the first that was free from its place on.
const SLOT_LOW = 0;
const SLOT_HIGH = 1;
/** Where the block is; 0 when the slot is empty. */
const SLOT_BLOCK = 2;
const SLOT_WORDS = 3;

const TWO_32 = 0x1_0000_0000;
const PAGE_SIZE = 4096;
const MULTIPLIER = 0x9e3779b1 | 0;

const placeOf = (low: number, slots: number): number => (Math.imul(low, MULTIPLIER) >>> 8) & (slots - 1);

/** Words of the code of a block. */
export const codeWords = (bytes: number): number => (bytes + 3) >>> 2;

/** Words of the block at `at`. */
export const blockWords = (words: Int32Array, at: number): number =>
  HEAD + words[at + RECORD_WORDS] + codeWords(words[at + CODE_BYTES]) + words[at + NOTES];

/** Of the block at `at`, without FIRST and SUM. */
function sumOf(words: Int32Array, at: number, size: number): number {
  let sum = size;
  for (let word = at; word < at + FIRST; word++) sum = (Math.imul(sum, 31) + words[word]) | 0;
  for (let word = at + HEAD; word < at + size; word++) sum = (Math.imul(sum, 31) + words[word]) | 0;
  return sum;
}

/** The address of the block at `at`. */
export const addressOf = (words: Int32Array, at: number): number =>
  (words[at + RIP_LOW] >>> 0) + words[at + RIP_HIGH] * TWO_32;

export class RecordImage {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly #index: number;
  readonly #slots: number;
  readonly blocks: number;
  /** By place: blocks that were asked for, and are whole. */
  readonly #known: Uint8Array;

  private constructor(words: Int32Array, index: number) {
    this.words = words;
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.#index = index;
    this.#slots = words[SLOTS];
    this.blocks = words[BLOCKS];
    this.#known = new Uint8Array(words.length);
  }

  /** The image in `bytes`, which it keeps; undefined when that is none, or of another key. */
  static open(bytes: Uint8Array, key: string): RecordImage | undefined {
    if (bytes.byteOffset % 4 !== 0 || bytes.length % 4 !== 0 || bytes.length < IMAGE_HEAD * 4) return undefined;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    const keyBytes = words[KEY_BYTES];
    const slots = words[SLOTS];
    if (words[MAGIC_WORD] !== MAGIC || words[WORDS] !== words.length || keyBytes !== key.length) return undefined;
    const index = IMAGE_HEAD + codeWords(keyBytes);
    if (slots <= 0 || (slots & (slots - 1)) !== 0 || words[BLOCKS] < 0 || words[BLOCKS] >= slots) return undefined;
    if (index + slots * SLOT_WORDS > words.length) return undefined;
    for (let n = 0; n < keyBytes; n++) if (bytes[IMAGE_HEAD * 4 + n] !== key.charCodeAt(n)) return undefined;
    return new RecordImage(words, index);
  }

  /** The slot to look at first for blocks at `rip`. */
  first(rip: number): number {
    return placeOf(rip | 0, this.#slots);
  }

  next(slot: number): number {
    return (slot + 1) & (this.#slots - 1);
  }

  /** The first slot from `slot` on with a block at `rip`; -1 when there is none. */
  find(rip: number, slot: number): number {
    const { words } = this;
    const low = rip | 0;
    const high = Math.floor(rip / TWO_32) | 0;
    for (let n = 0, its = slot; n < this.#slots; n++, its = this.next(its)) {
      const at = this.#index + its * SLOT_WORDS;
      if (words[at + SLOT_BLOCK] === 0) return -1;
      if (words[at + SLOT_LOW] === low && words[at + SLOT_HIGH] === high && this.#isWhole(words[at + SLOT_BLOCK]))
        return its;
    }
    return -1;
  }

  /** Where the block of a slot that was found is. */
  blockOf(slot: number): number {
    return this.words[this.#index + slot * SLOT_WORDS + SLOT_BLOCK];
  }

  /** Where the first of the blocks is that begin in the same page as the one at `at`; -1 when it cannot be told. */
  firstOfPage(at: number): number {
    const first = this.words[at + FIRST];
    return first <= at && this.#isWhole(first) ? first : -1;
  }

  /** Where the next of the blocks is that begin in the same page as the one at `at`; -1 when it was the last. */
  nextOfPage(at: number): number {
    const next = at + blockWords(this.words, at);
    return this.words[next + FIRST] === this.words[at + FIRST] && this.#isWhole(next) ? next : -1;
  }

  /** Nothing of the block has changed since it was written. */
  #isWhole(block: number): boolean {
    const { words } = this;
    if (this.#known[block] === 1) return true;
    if (block < this.#index + this.#slots * SLOT_WORDS || block + HEAD > words.length) return false;
    for (let word = RECORD_WORDS; word <= NOTES; word++) if (words[block + word] >>> 0 > words.length) return false;
    const size = blockWords(words, block);
    if (block + size > words.length || sumOf(words, block, size) !== words[block + SUM]) return false;
    this.#known[block] = 1;
    return true;
  }

  /** Adds the blocks to `to`; only those that were asked for if `asked`. */
  collect(to: BlockPlace[], asked: boolean): void {
    const { words } = this;
    for (let slot = 0; slot < this.#slots; slot++) {
      const at = words[this.#index + slot * SLOT_WORDS + SLOT_BLOCK];
      if (at !== 0 && (asked ? this.#known[at] === 1 : this.#isWhole(at))) to.push({ words, at });
    }
  }
}

/** A block in `words`, at `at`. */
export interface BlockPlace {
  readonly words: Int32Array;
  readonly at: number;
}

/** Puts nothing in place of what depends on where the block was: its edges' targets, ids, the runs it has left, what follows its code. */
function settle(image: Int32Array, at: number): void {
  const records = at + HEAD;
  const code = records + image[at + RECORD_WORDS];
  const notes = code + codeWords(image[at + CODE_BYTES]);
  image[records + (OFFSET_BLOCK_RUNS >>> 2)] = 0;
  for (let note = notes; note < notes + image[at + NOTES]; note++) {
    const kind = image[note] & NOTE_KIND;
    if (kind === NOTE_EDGE || kind === NOTE_MICROCODE) image[records + wordOf(image[note])] = 0;
  }
  const rest = image[at + CODE_BYTES] & 3;
  if (rest !== 0) image[notes - 1] &= (1 << (rest * 8)) - 1;
}

/** An image of `blocks`, each once; the key is ASCII. */
export function imageOf(key: string, blocks: readonly BlockPlace[]): Uint8Array {
  let slots = 16;
  while (slots < blocks.length * 2) slots *= 2;
  const index = IMAGE_HEAD + codeWords(key.length);
  const begin = index + slots * SLOT_WORDS;
  const size = blocks.reduce((sum, { words, at }) => sum + blockWords(words, at), begin);
  const image = new Int32Array(size);
  let next = begin;
  let count = 0;
  let page = -1;
  let first = begin;
  for (const { words, at } of byAddress(blocks)) {
    const size = blockWords(words, at);
    image.set(words.subarray(at, at + size), next);
    settle(image, next);
    const low = image[next + RIP_LOW];
    const high = image[next + RIP_HIGH];
    const sum = sumOf(image, next, size);
    let slot = index + placeOf(low, slots) * SLOT_WORDS;
    const isAt = (its: number) =>
      image[its + SLOT_LOW] === low && image[its + SLOT_HIGH] === high && image[image[its + SLOT_BLOCK] + SUM] === sum;
    while (image[slot + SLOT_BLOCK] !== 0 && !isAt(slot)) if ((slot += SLOT_WORDS) === begin) slot = index;
    if (image[slot + SLOT_BLOCK] !== 0) continue;
    image.set([low, high, next], slot);
    const its = Math.floor(addressOf(image, next) / PAGE_SIZE);
    if (its !== page) first = next;
    page = its;
    image[next + FIRST] = first;
    image[next + SUM] = sum;
    next += size;
    count++;
  }
  image.set([MAGIC, next, key.length, slots, count]);
  const bytes = new Uint8Array(image.buffer, 0, next * 4);
  for (let n = 0; n < key.length; n++) bytes[IMAGE_HEAD * 4 + n] = key.charCodeAt(n);
  return bytes;
}

const byAddress = (blocks: readonly BlockPlace[]): BlockPlace[] =>
  blocks
    .map((block) => ({ block, address: addressOf(block.words, block.at) }))
    .sort((one, other) => one.address - other.address)
    .map(({ block }) => block);
