// The bytes of a file in memory, in chunks, so that a sparse file costs what was written of it.
import { EFBIG, ENOSPC, Errno } from "../../../abi/errno.js";

const CHUNK = 1 << 16;
const MAX_CHUNKS = (2 * 1024 ** 3) / CHUNK; // what one file may really hold
const MAX_SIZE = 2 ** 43; // as ext4 with 4 KiB blocks, about

export class Contents {
  readonly #chunks = new Map<number, Uint8Array>();
  size = 0;

  readAt(position: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(into.length, this.size - position));
    for (let done = 0; done < length; ) {
      const at = position + done;
      const inside = at % CHUNK;
      const count = Math.min(CHUNK - inside, length - done);
      const chunk = this.#chunks.get(Math.floor(at / CHUNK));
      if (chunk) into.set(chunk.subarray(inside, inside + count), done);
      else into.fill(0, done, done + count);
      done += count;
    }
    return length;
  }

  writeAt(position: number, from: Uint8Array): number {
    if (position + from.length > MAX_SIZE) throw new Errno(EFBIG);
    for (let done = 0; done < from.length; ) {
      const at = position + done;
      const inside = at % CHUNK;
      const count = Math.min(CHUNK - inside, from.length - done);
      this.#chunk(Math.floor(at / CHUNK), inside + count).set(from.subarray(done, done + count), inside);
      done += count;
    }
    this.size = Math.max(this.size, position + from.length);
    return from.length;
  }

  truncate(size: number): void {
    if (size > MAX_SIZE) throw new Errno(EFBIG);
    if (size < this.size) {
      const last = Math.floor(size / CHUNK);
      for (const index of [...this.#chunks.keys()]) if (index > last) this.#chunks.delete(index);
      this.#chunks.get(last)?.fill(0, size % CHUNK);
    }
    this.size = size;
  }

  /** Bytes that take room, in 512-byte blocks. */
  get blocks(): number {
    return Math.min(this.#chunks.size * (CHUNK / 512), Math.ceil(this.size / 4096) * 8);
  }

  /** The chunk, with at least `needed` bytes of room: the first one grows, so that small files stay small. */
  #chunk(index: number, needed: number): Uint8Array {
    const old = this.#chunks.get(index);
    if (old && old.length >= needed) return old;
    if (old === undefined && this.#chunks.size >= MAX_CHUNKS) throw new Errno(ENOSPC);
    const length = index > 0 ? CHUNK : Math.min(CHUNK, Math.max(1024, 2 ** Math.ceil(Math.log2(needed))));
    const chunk = new Uint8Array(length);
    if (old) chunk.set(old);
    this.#chunks.set(index, chunk);
    return chunk;
  }
}
