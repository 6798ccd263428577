// Records of blocks that some address space has made, for the others of the same processor: those of forked children, and of programs run
// before; and those of images, which earlier processors have made of the same programs. A block is found by its address and taken only when
// its bytes are those the records were made from. What is in the library changes how fast a block is made, nothing else.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { copyCode, isCode } from "../code-bytes.js";
import { type ImageKeeper, type KeptImage, type KeptProgram, KeptPrograms } from "../kept-programs.js";
import * as block from "./record-image.js";
import { type BlockPlace, imageOf, RecordImage } from "./record-image.js";

/** Words of one of the library's two halves. */
const HALF = 1 << 21;
/** Words of the largest image. */
const MOST_WORDS = 1 << 21;
/** An image is made anew when there is so much more to put into it, as a part of what it has. */
const WORTH = 1 / 32;
const TWO_32 = 0x1_0000_0000;

interface Blocks {
  readonly words: Int32Array;
  /** The same as bytes. */
  readonly bytes: Uint8Array;
}

interface Half extends Blocks {
  /** Address of a block -> its entry. */
  readonly entries: Map<number, number>;
  used: number;
}

/** What has not been used while a half was filled is forgotten. */
export class RecordLibrary {
  #young: Half;
  #old: Half;
  readonly #half: number;
  #programs: KeptPrograms<RecordImage> | undefined;
  /** By number of program: words of blocks that its image is to have and does not. */
  readonly #fresh: number[] = [];
  /** Blocks that were found. */
  found = 0;
  /** Words of the records copied last. */
  size = 0;
  /** The image that had the block copied last, and where; undefined when it was of this run. */
  #image: RecordImage | undefined;
  #imageAt = -1;

  constructor(half = HALF) {
    this.#half = half;
    this.#young = newHalf(half);
    this.#old = newHalf(half);
  }

  /** From now on images are used, and there will be some to keep. */
  useImages(keeper: ImageKeeper): void {
    this.#programs = new KeptPrograms(keeper, RecordImage.open);
  }

  /** Images of programs that have run, where there is more to put into one than a little. */
  images(): KeptImage[] {
    const programs = this.#programs?.all ?? [];
    return programs
      .filter(({ number, image }) => (this.#fresh[number] ?? 0) > (image?.words.length ?? 0) * WORTH)
      .map((program) => ({ key: program.key, image: this.#imageOf(program) }));
  }

  #imageOf({ key, number, image }: KeptProgram<RecordImage>): Uint8Array {
    const blocks: BlockPlace[] = [];
    image?.collect(blocks, image.words.length + this.#fresh[number] > MOST_WORDS);
    for (const half of [this.#old, this.#young]) collect(half, number, blocks);
    let room = MOST_WORDS;
    return imageOf(
      key,
      blocks.filter(({ words, at }) => (room -= block.blockWords(words, at)) >= 0),
    );
  }

  /**
   * The block at `rip`, whose code ends at `end` and whose records are the words [first, last) of `memory`. `lasting`: its records depend on
   * nothing but its bytes.
   */
  add(
    rip: number,
    end: number,
    memory: GuestMemory,
    [first, last]: readonly [number, number],
    notes: readonly number[],
    lasting: boolean,
  ): void {
    const size = end - rip;
    const half = this.#room(block.HEAD + (last - first) + block.codeWords(size) + notes.length);
    if (!half) return;
    const { words } = half;
    const at = half.used;
    words[at + block.RECORD_WORDS] = last - first;
    words[at + block.CODE_BYTES] = size;
    words[at + block.NOTES] = notes.length;
    words[at + block.RIP_LOW] = rip | 0;
    words[at + block.RIP_HIGH] = Math.floor(rip / TWO_32);
    const program = (lasting ? this.#programs?.ofRunning()?.number : undefined) ?? 0;
    words[at + block.PROGRAM] = program;
    let next = at + block.HEAD;
    words.set(memory.i32.subarray(first, last), next);
    next += last - first;
    if (!copyCode(memory, rip, size, half.bytes, next * 4)) return;
    next += block.codeWords(size);
    words.set(notes, next);
    half.used = next + notes.length;
    half.entries.set(rip, at);
    if (program !== 0) this.#fresh[program] = (this.#fresh[program] ?? 0) + half.used - at;
  }

  /**
   * If the block at `rip` is here and its bytes are in `memory`, copies its records to the word `to`. Gives the address where its code ends,
   * or -1; `notes` gets the notes.
   */
  copy(rip: number, memory: GuestMemory, to: number, notes: number[]): number {
    this.#image = undefined;
    const young = this.#young.entries.get(rip);
    if (young !== undefined) {
      const end = this.#take(this.#young, young, rip, memory, to, notes);
      if (end >= 0) return end;
    }
    const old = this.#old.entries.get(rip);
    if (old !== undefined) {
      const from = this.#old;
      const end = this.#take(from, old, rip, memory, to, notes);
      if (end >= 0) {
        this.#keep(from, rip, old);
        return end;
      }
    }
    if (!this.#programs) return -1;
    const own = this.#programs.ofRunning()?.image;
    const end = own ? this.#takeFrom(own, rip, memory, to, notes) : -1;
    if (end >= 0) return end;
    // Programs have libraries in common.
    for (const { image } of this.#programs.all) {
      const others = image && image !== own ? this.#takeFrom(image, rip, memory, to, notes) : -1;
      if (others >= 0) return others;
    }
    return -1;
  }

  #takeFrom(image: RecordImage, rip: number, memory: GuestMemory, to: number, notes: number[]): number {
    for (let slot = image.find(rip, image.first(rip)); slot >= 0; slot = image.find(rip, image.next(slot))) {
      const at = image.blockOf(slot);
      const end = this.#take(image, at, rip, memory, to, notes);
      if (end < 0) continue;
      this.#image = image;
      this.#imageAt = at;
      return end;
    }
    return -1;
  }

  /**
   * Blocks that an image has of the page of the one copied last: gives the address of each in turn, -1 when there are no more. It is copied by
   * `copyHere`.
   */
  firstOfPage(): number {
    if (this.#image) this.#imageAt = this.#image.firstOfPage(this.#imageAt);
    return this.#imageAddress();
  }

  nextOfPage(): number {
    if (this.#image) this.#imageAt = this.#image.nextOfPage(this.#imageAt);
    return this.#imageAddress();
  }

  #imageAddress(): number {
    return this.#image && this.#imageAt >= 0 ? block.addressOf(this.#image.words, this.#imageAt) : -1;
  }

  /** As `copy`, for the block whose address was given last. */
  copyHere(rip: number, memory: GuestMemory, to: number, notes: number[]): number {
    return this.#take(this.#image as RecordImage, this.#imageAt, rip, memory, to, notes);
  }

  #take(from: Blocks, at: number, rip: number, memory: GuestMemory, to: number, notes: number[]): number {
    const { words } = from;
    const count = words[at + block.RECORD_WORDS];
    const size = words[at + block.CODE_BYTES];
    const code = at + block.HEAD + count;
    if (!isCode(memory, rip, size, from.bytes, code * 4)) return -1;
    const { i32 } = memory;
    // Most blocks are short: a loop is quicker than `set`, which needs a view.
    for (let word = 0, its = at + block.HEAD; word < count; word++) i32[to + word] = words[its + word];
    const firstNote = code + block.codeWords(size);
    const lastNote = firstNote + words[at + block.NOTES];
    for (let note = firstNote; note < lastNote; note++) notes.push(words[note]);
    this.found++;
    this.size = count;
    return rip + size;
  }

  /** A block of the old half is used: it goes to the young one. */
  #keep(from: Half, rip: number, at: number): void {
    const size = block.blockWords(from.words, at);
    const half = this.#room(size);
    if (!half) return;
    half.words.set(from.words.subarray(at, at + size), half.used);
    half.entries.set(rip, half.used);
    half.used += size;
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

/** Adds the blocks of a half that are to be in a program's image to `to`. */
function collect({ words, used }: Half, program: number, to: BlockPlace[]): void {
  for (let at = 0; at < used; at += block.blockWords(words, at))
    if (words[at + block.PROGRAM] === program) to.push({ words, at });
}

function newHalf(words: number): Half {
  const array = new Int32Array(words);
  return { words: array, bytes: new Uint8Array(array.buffer), entries: new Map(), used: 0 };
}
