// Where lines go. A line may stay open while its call runs; when another task has something to say meanwhile it is cut short.
import { TextSink } from "./text.js";

/** The file, pipe or terminal behind an output. Text has one character per byte. */
export interface Destination {
  write(text: string): void;
  /** What is written must be seen before the program goes on: a terminal, or the program's own stderr. */
  readonly immediate: boolean;
  /** Where tokens go, for who wants more of them than their text. */
  readonly sink?: TextSink;
}

const BUFFER_LIMIT = 1 << 16;

export class Output {
  readonly sink: TextSink;
  readonly #destination: Destination;
  #buffer = "";
  /** How much of the open line has been handed on already. */
  #flushed = 0;
  /** Whose line is open. */
  #owner: object | undefined;

  constructor(destination: Destination) {
    this.sink = destination.sink ?? new TextSink();
    this.#destination = destination;
  }

  get owner(): object | undefined {
    return this.#owner;
  }

  /** Starts a line of `owner`'s; what another left open is finished first, with ` <unfinished ...>`. */
  begin(owner: object): void {
    if (this.#owner !== undefined) this.interrupt(" <unfinished ...>");
    this.#owner = owner;
  }

  /** Cuts the open line short. */
  interrupt(mark: string): void {
    this.sink.text += mark;
    this.end();
  }

  /** Column of the next character. */
  get column(): number {
    return this.sink.text.length;
  }

  end(): void {
    this.#buffer += this.#flushed === 0 ? `${this.sink.text}\n` : `${this.sink.text.slice(this.#flushed)}\n`;
    this.sink.text = "";
    this.#flushed = 0;
    this.#owner = undefined;
    if (this.#destination.immediate || this.#buffer.length > BUFFER_LIMIT) this.#writeBuffer();
  }

  /** Lets the open line be seen, for the program may write to the same place before it is finished. */
  show(): void {
    if (!this.#destination.immediate) return;
    if (this.sink.text.length > this.#flushed) {
      this.#buffer += this.sink.text.slice(this.#flushed);
      this.#flushed = this.sink.text.length;
    }
    this.#writeBuffer();
  }

  /** Whole text that is no line of a task's: a summary, a hex dump. */
  write(text: string): void {
    this.#buffer += text;
    if (this.#destination.immediate || this.#buffer.length > BUFFER_LIMIT) this.#writeBuffer();
  }

  flush(): void {
    if (this.sink.text.length > this.#flushed) {
      this.#buffer += this.sink.text.slice(this.#flushed);
      this.#flushed = this.sink.text.length;
    }
    this.#writeBuffer();
  }

  #writeBuffer(): void {
    if (this.#buffer === "") return;
    const text = this.#buffer;
    this.#buffer = "";
    this.#destination.write(text);
  }
}
