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
  /** Bytes as they were written; a packet (O_DIRECT) is read by itself. */
  readonly #chunks: { bytes: Uint8Array; readonly packet: boolean }[] = [];
  size = 0;
  /** How often bytes were put in, and taken out. */
  pushes = 0;
  shifts = 0;
  /** Told when bytes came (true) or went. */
  readonly listeners = new Set<(came: boolean) => void>();

  get room(): number {
    return this.capacity - this.size;
  }

  /** Appends a copy of `bytes`; the caller has looked at `room`. */
  push(bytes: Uint8Array, packet = false): void {
    if (bytes.length === 0) return;
    this.pushes++;
    this.#chunks.push({ bytes: bytes.slice(), packet });
    this.size += bytes.length;
    for (const listener of this.listeners) listener(true);
  }

  /** Takes bytes out into `into`; how many there were. What of a packet finds no room is lost. */
  shift(into: Uint8Array): number {
    let done = 0;
    while (done < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0];
      const { bytes } = chunk;
      const count = Math.min(bytes.length, into.length - done);
      into.set(bytes.subarray(0, count), done);
      const gone = chunk.packet ? bytes.length : count;
      if (gone === bytes.length) this.#chunks.shift();
      else chunk.bytes = bytes.subarray(count);
      this.size -= gone;
      done += count;
      if (chunk.packet) break;
    }
    this.shifts++;
    if (done > 0) for (const listener of this.listeners) listener(false);
    return done;
  }

  /** Copies the first bytes out and leaves them. */
  peek(into: Uint8Array): void {
    let done = 0;
    for (const { bytes } of this.#chunks) {
      if (done >= into.length) return;
      const count = Math.min(bytes.length, into.length - done);
      into.set(bytes.subarray(0, count), done);
      done += count;
    }
  }

  /** Is a packet next? Reading it ends a read. */
  get startsWithPacket(): boolean {
    return this.#chunks[0]?.packet === true;
  }
}
