// The bytes of a file in memory, in chunks, so that a sparse file costs what was written of it. Which pages were written, and which
// are only set aside, is kept besides: holes are asked for.
import { EFBIG, ENOSPC, Errno } from "../../../abi/errno.js";
import type { Budget } from "../../budget.js";

const CHUNK = 1 << 16;
const PAGE = 4096;
const PAGES = CHUNK / PAGE;
const MAX_CHUNKS = (2 * 1024 ** 3) / CHUNK; // what one file may really hold
export const MAX_SIZE = 2 ** 44 - PAGE; // s_maxbytes of ext4 with 4 KiB blocks

interface Chunk {
  bytes: Uint8Array;
  /** A bit for each page that has data; another for each that takes room. */
  written: number;
  allocated: number;
}

const NONE = new Uint8Array(0);

export class Contents {
  readonly #chunks = new Map<number, Chunk>();
  readonly #budget: Budget | undefined;
  size = 0;

  constructor(budget?: Budget) {
    this.#budget = budget;
  }

  readAt(position: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < length; ) {
      const at = position + done;
      const inside = at % CHUNK;
      const count = Math.min(CHUNK - inside, length - done);
      const bytes = this.#chunks.get(Math.floor(at / CHUNK))?.bytes ?? NONE;
      const there = Math.max(0, Math.min(count, bytes.length - inside));
      if (there > 0) into.set(bytes.subarray(inside, inside + there), done);
      if (there < count) into.fill(0, done + there, done + count);
      done += count;
    }
    return length;
  }

  writeAt(position: number, from: Uint8Array): number {
    if (position + from.length > MAX_SIZE) throw new Errno(EFBIG);
    for (let done = 0; done < from.length; ) {
      const at = position + done;
      const inside = at % CHUNK;
      const index = Math.floor(at / CHUNK);
      const wanted = Math.min(CHUNK - inside, from.length - done);
      const count = Math.min(wanted, this.#room(index) - inside);
      if (count <= 0 && done > 0) return this.#wrote(position, done);
      const chunk = this.#chunk(index, inside + (count > 0 ? count : wanted));
      chunk.bytes.set(from.subarray(done, done + count), inside);
      const pages = pageMask(inside, inside + count);
      chunk.written |= pages;
      chunk.allocated |= pages;
      done += count;
    }
    return this.#wrote(position, from.length);
  }

  #wrote(position: number, count: number): number {
    this.size = Math.max(this.size, position + count);
    return count;
  }

  /** How long the chunk can become: what is full takes a part of what it is given. */
  #room(index: number): number {
    if (this.#budget === undefined) return CHUNK;
    return (this.#budget.freePages + pagesOf(this.#chunks.get(index)?.bytes.length ?? 0)) * PAGE;
  }

  truncate(size: number): void {
    if (size > MAX_SIZE) throw new Errno(EFBIG);
    if (size < this.size) {
      const last = Math.floor(size / CHUNK);
      for (const index of [...this.#chunks.keys()]) if (index > last) this.#drop(index);
      this.#clear(size, (last + 1) * CHUNK);
    }
    this.size = size;
  }

  /** Sets room aside for [start, end). */
  allocate(start: number, end: number): void {
    if (end > MAX_SIZE) throw new Errno(EFBIG);
    const last = Math.floor((end - 1) / CHUNK);
    if (last - Math.floor(start / CHUNK) >= MAX_CHUNKS) throw new Errno(ENOSPC);
    if (this.#budget?.reserves) this.#reserve(Math.floor(start / CHUNK), end);
    for (let index = Math.floor(start / CHUNK); index <= last; index++) {
      const from = Math.max(start - index * CHUNK, 0);
      this.#chunk(index, 0).allocated |= pageMask(from, Math.min(end - index * CHUNK, CHUNK));
    }
  }

  /** Takes the room of chunks from `first` up to byte `end`: all of it or ENOSPC. */
  #reserve(first: number, end: number): void {
    const last = Math.floor((end - 1) / CHUNK);
    const lengthOf = (index: number): number => Math.min(CHUNK, Math.ceil((end - index * CHUNK) / PAGE) * PAGE);
    let pages = 0;
    for (let index = first; index <= last; index++)
      pages += Math.max(0, pagesOf(lengthOf(index)) - pagesOf(this.#chunks.get(index)?.bytes.length ?? 0));
    if (pages > (this.#budget as Budget).freePages) throw new Errno(ENOSPC);
    for (let index = first; index <= last; index++) this.#chunk(index, lengthOf(index));
  }

  /** Makes [start, end) read as zeros and gives whole pages back. */
  punch(start: number, end: number): void {
    const first = Math.floor(start / CHUNK);
    for (const index of [...this.#chunks.keys()]) {
      if (index >= first && index * CHUNK < end) this.#clear(Math.max(start, index * CHUNK), end);
    }
  }

  /** Zeros within one chunk; pages that lie wholly inside are holes afterwards. */
  #clear(start: number, end: number): void {
    const index = Math.floor(start / CHUNK);
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return;
    const from = start % CHUNK;
    const to = Math.min(end - index * CHUNK, CHUNK);
    chunk.bytes.fill(0, from, Math.min(to, chunk.bytes.length));
    const whole = pageMask(Math.ceil(from / PAGE) * PAGE, Math.floor(to / PAGE) * PAGE);
    chunk.written &= ~whole;
    chunk.allocated &= ~whole;
    if (chunk.allocated === 0) this.#drop(index);
  }

  #drop(index: number): void {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return;
    this.#budget?.givePages(pagesOf(chunk.bytes.length));
    this.#chunks.delete(index);
  }

  /** Takes `length` bytes out at `start` (negative: puts zeros in). Whole pages. */
  shift(start: number, length: number): void {
    const moved: [number, Uint8Array][] = [];
    for (const [index, chunk] of this.#chunks) {
      for (let page = 0; page < PAGES; page++) {
        const at = index * CHUNK + page * PAGE;
        if (at < start || at < start + length || !(chunk.written & (1 << page))) continue;
        const bytes = new Uint8Array(PAGE);
        bytes.set(chunk.bytes.subarray(page * PAGE, (page + 1) * PAGE));
        moved.push([at - length, bytes]);
      }
    }
    const size = this.size - length;
    this.truncate(start);
    for (const [at, bytes] of moved) this.writeAt(at, bytes);
    this.truncate(size);
  }

  /** The next position from `position` on that has data (or has none); the end of the file when there is none. */
  seek(position: number, data: boolean): number {
    for (let at = position; at < this.size; ) {
      const chunk = this.#chunks.get(Math.floor(at / CHUNK));
      if (chunk === undefined && !data) return at;
      const isData = chunk !== undefined && (chunk.written & (1 << Math.floor((at % CHUNK) / PAGE))) !== 0;
      if (isData === data) return at;
      at = chunk === undefined ? this.#nextChunk(at) : (Math.floor(at / PAGE) + 1) * PAGE;
    }
    return this.size;
  }

  #nextChunk(position: number): number {
    const here = Math.floor(position / CHUNK);
    let next = Number.POSITIVE_INFINITY;
    for (const index of this.#chunks.keys()) if (index > here && index < next) next = index;
    return next * CHUNK;
  }

  /** What takes room, in 512-byte blocks. */
  get blocks(): number {
    let pages = 0;
    for (const { allocated } of this.#chunks.values()) pages += bitCount(allocated);
    return pages * (PAGE / 512);
  }

  /** The chunk, with at least `needed` bytes: the first one grows, so that small files stay small. */
  #chunk(index: number, needed: number): Chunk {
    const old = this.#chunks.get(index);
    if (old && old.bytes.length >= needed) return old;
    if (old === undefined && this.#chunks.size >= MAX_CHUNKS) throw new Errno(ENOSPC);
    const chunk = old ?? { bytes: NONE, written: 0, allocated: 0 };
    if (needed > 0) {
      const isCounted = this.#budget?.reserves === true; // then what is taken shows in statfs
      const roomy = isCounted
        ? Math.ceil(needed / PAGE) * PAGE
        : index > 0
          ? CHUNK
          : Math.min(CHUNK, Math.max(1024, 2 ** Math.ceil(Math.log2(needed))));
      const length = roomy <= this.#room(index) ? roomy : needed;
      this.#budget?.takeFilePages(pagesOf(length) - pagesOf(chunk.bytes.length));
      const bytes = new Uint8Array(length);
      bytes.set(chunk.bytes);
      chunk.bytes = bytes;
    }
    this.#chunks.set(index, chunk);
    return chunk;
  }
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE);
}

/** Bits of the pages that [from, to) of a chunk touches. */
function pageMask(from: number, to: number): number {
  if (to <= from) return 0;
  const first = Math.floor(from / PAGE);
  const count = Math.ceil(to / PAGE) - first;
  return ((2 ** count - 1) << first) & 0xffff;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
