// The bytes of one direction of a TCP connection that have not been read yet.

const CHUNK = 65536;

export class ByteStream {
  readonly #memory: { bytes: number };
  readonly #chunks: { bytes: Uint8Array; start: number; end: number }[] = [];
  size = 0;
  /** Bytes that have ever been read: the position of the first one here. */
  position = 0;

  /** `memory` counts the bytes of all streams together. */
  constructor(memory: { bytes: number }) {
    this.#memory = memory;
  }

  /** Appends a copy. */
  push(bytes: Uint8Array): void {
    let at = 0;
    this.size += bytes.length;
    this.#memory.bytes += bytes.length;
    const last = this.#chunks.at(-1);
    if (last) {
      at = Math.min(bytes.length, last.bytes.length - last.end);
      last.bytes.set(bytes.subarray(0, at), last.end);
      last.end += at;
    }
    if (at === bytes.length) return;
    const rest = bytes.subarray(at);
    // What follows small writes is likely to be small too; it grows with what there is.
    const room = Math.max(rest.length, Math.min(CHUNK, this.size));
    const chunk = new Uint8Array(room);
    chunk.set(rest);
    this.#chunks.push({ bytes: chunk, start: 0, end: rest.length });
  }

  /** Up to `max` bytes from `offset` on, without copying: as many as lie together. */
  view(offset: number, max: number): Uint8Array {
    for (const { bytes, start, end } of this.#chunks) {
      const length = end - start;
      if (offset < length) return bytes.subarray(start + offset, Math.min(end, start + offset + max));
      offset -= length;
    }
    return new Uint8Array(0);
  }

  skip(count: number): void {
    this.size -= count;
    this.#memory.bytes -= count;
    this.position += count;
    while (count > 0) {
      const first = this.#chunks[0];
      const step = Math.min(count, first.end - first.start);
      first.start += step;
      count -= step;
      if (first.start === first.end) this.#chunks.shift();
    }
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#memory.bytes -= this.size;
    this.position += this.size;
    this.size = 0;
  }
}
