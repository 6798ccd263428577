// A standard stream of the tool as a device of the guest: what is read ahead of it and who waits for it.
import { EIO, Errno, errnoNumber } from "../../../abi/errno.js";
import type { HostStream } from "../../../host/host.js";

const READ_AHEAD = 1 << 16;

export class Stream {
  readonly host: HostStream;
  readonly #wake: () => void;
  #buffer = new Uint8Array(0);
  #reading = false;
  #ended = false;
  #failed: string | undefined;
  #receive: ((bytes: Uint8Array) => void) | undefined;

  constructor(host: HostStream, wake: () => void) {
    this.host = host;
    this.#wake = wake;
  }

  /** Something can be read at once: bytes, the end, or an error. */
  get readable(): boolean {
    return this.host.isFile || this.#buffer.length > 0 || this.#ended || this.#failed !== undefined;
  }

  /** From now on all that comes goes to `receive`, an end as no bytes. */
  redirect(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
    const waiting = this.#buffer;
    this.#buffer = new Uint8Array(0);
    if (waiting.length > 0) receive(waiting);
    this.startReading();
  }

  /** Begins to read, so that `readable` comes true. Asks for no more than `length`: the rest is for whoever runs after us. */
  startReading(length = READ_AHEAD): void {
    if (this.#reading || this.readable) return;
    this.#reading = true;
    this.host.readLater(Math.min(length, READ_AHEAD), (bytes, error) => {
      this.#reading = false;
      if (this.#receive) {
        this.#receive(bytes);
        if (bytes.length > 0) this.startReading();
      } else if (error !== undefined) this.#failed = error;
      else if (bytes.length === 0) this.#ended = true;
      else this.#buffer = bytes.slice();
      this.#wake();
    });
  }

  /** Takes what is there; only when `readable`. 0 is the end. A terminal's end is an end once. */
  take(into: Uint8Array): number {
    if (this.host.isFile) return this.host.readNow(into);
    if (this.#buffer.length > 0) {
      const count = Math.min(into.length, this.#buffer.length);
      into.set(this.#buffer.subarray(0, count));
      this.#buffer = this.#buffer.slice(count);
      return count;
    }
    if (this.#failed !== undefined) {
      const number = errnoNumber(this.#failed) ?? EIO;
      this.#failed = undefined;
      throw new Errno(number);
    }
    if (this.host.isTerminal) this.#ended = false;
    return 0;
  }

  get waiting(): number {
    return this.#buffer.length;
  }
}
