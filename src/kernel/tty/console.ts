// The host's terminal as the program's. At first the host edits lines and sends signals, as for any program run there; once the program
// changes the settings or does job control, the host's terminal is raw and all of that is done here.
import { SIGCONT } from "../../abi/constants/signals.js";
import type { Stream } from "../fs/devfs/stream.js";
import type { Kernel } from "../kernel.js";
import { signalGroup } from "../task/process-group.js";
import type { Termios } from "./termios.js";
import { Tty, type WindowSize } from "./tty.js";

const TTY0 = 0x400; // where the host has no device numbers

export class Console extends Tty {
  readonly #input: Stream;
  readonly #output: Stream;
  #isOurs = false;
  #asked = false;
  #ownSize = false;

  /** The streams of descriptor 0 and of what is written to, if they are terminals. */
  constructor(kernel: Kernel, input: Stream, output: Stream) {
    super(kernel, input.host.stat().rdev || TTY0);
    this.#input = input;
    this.#output = output;
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  put(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#output.host.write(bytes);
  }

  override write(bytes: Uint8Array): number {
    if (this.#isOurs) return super.write(bytes);
    this.put(bytes);
    return bytes.length;
  }

  override takeOver(): void {
    if (this.#isOurs) return;
    this.currentTermios();
    this.#isOurs = true;
    this.#input.host.setRaw(true);
    this.#input.redirect((bytes) => (bytes.length === 0 ? this.hangUp() : this.receive(bytes)));
  }

  /** The first process has stopped. Nobody in the machine continues it, so the tool stops too, for the shell it was started from; then it and its group go on. */
  suspend(group: number): void {
    if (this.#isOurs) this.#input.host.setRaw(false);
    this.kernel.host.suspend();
    if (this.#isOurs) this.#input.host.setRaw(true);
    signalGroup(this.kernel, group, SIGCONT);
  }

  override isReadable(length?: number): boolean {
    return this.#isOurs ? super.isReadable(length) : this.hungUp || this.#input.readable;
  }

  override take(limit: number): Uint8Array {
    if (this.#isOurs) return super.take(limit);
    if (this.hungUp) return new Uint8Array(0);
    const bytes = new Uint8Array(Math.min(limit, 1 << 16));
    return bytes.subarray(0, this.#input.take(bytes));
  }

  override wantInput(length: number): void {
    if (!this.#isOurs) this.#input.startReading(length);
  }

  override get available(): number {
    return this.#isOurs ? super.available : this.#input.waiting;
  }

  override currentTermios(): Termios {
    if (!this.#asked) {
      this.#asked = true;
      const host = this.#input.host.termios();
      if (host) {
        [this.termios.input, this.termios.output, this.termios.control, this.termios.local] = host.flags;
        this.termios.characters.set(host.characters.slice(0, this.termios.characters.length));
      }
    }
    return this.termios;
  }

  override windowSize(): WindowSize {
    return this.#ownSize ? this.size : { ...this.#output.host.windowSize(), xPixels: 0, yPixels: 0 };
  }

  override resize(size: WindowSize): void {
    this.#ownSize = true;
    super.resize(size);
  }
}
