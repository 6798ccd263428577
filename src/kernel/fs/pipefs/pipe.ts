// A pipe's buffer: a ring of bytes with two kinds of ends. fs/pipe.c

const PAGE = 4096;
export const PIPE_BUF = PAGE;

export class Pipe {
  capacity = 16 * PAGE;
  readers = 0;
  writers = 0;
  /** Ends ever opened, so that a FIFO's opener can tell a partner came and went. */
  readerCount = 0;
  writerCount = 0;
  readonly #chunks: Uint8Array[] = [];
  size = 0;
  /** How often bytes were put in, and taken out. */
  pushes = 0;
  shifts = 0;

  get room(): number {
    return this.capacity - this.size;
  }

  /** Appends a copy of `bytes`; the caller has looked at `room`. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pushes++;
    this.#chunks.push(bytes.slice());
    this.size += bytes.length;
  }

  /** Takes bytes out into `into`; how many there were. */
  shift(into: Uint8Array): number {
    let done = 0;
    while (done < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0];
      const count = Math.min(chunk.length, into.length - done);
      into.set(chunk.subarray(0, count), done);
      if (count === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(count);
      done += count;
    }
    this.size -= done;
    this.shifts++;
    return done;
  }
}
