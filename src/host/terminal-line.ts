// A line at the bottom of the terminal that says how far something is, and is never in the way of what others write there: it is taken away before
// the program writes, drawn only where a line begins, and gone for good once the program reads from the terminal or moves about in it.
import { writeSync } from "node:fs";

const STDERR = 2;
const LINE_FEED = 10;
const ESCAPE = 27;
const ERASE = "\r\x1b[K";
/** Milliseconds. */
const BETWEEN_DRAWINGS = 200;
const BEFORE_THE_FIRST = 600;

let shown: TerminalLine | undefined;

/** Before anybody writes to a terminal. */
export function beforeTerminalOutput(): void {
  shown?.pause();
}

export function afterTerminalOutput(bytes: Uint8Array): void {
  shown?.written(bytes);
}

/** The program reads what is typed, or takes the terminal over. */
export function terminalIsTaken(): void {
  shown?.end();
}

export class TerminalLine {
  readonly #text: () => string;
  readonly #timer: NodeJS.Timeout;
  readonly #start = performance.now();
  #isDrawn = false;
  #isAtLineStart = true;

  /** `text` is asked some times a second for what the line says. */
  constructor(text: () => string) {
    this.#text = text;
    this.#timer = setInterval(() => this.#draw(), BETWEEN_DRAWINGS);
    this.#timer.unref();
    shown = this;
  }

  #draw(): void {
    if (!this.#isAtLineStart || performance.now() - this.#start < BEFORE_THE_FIRST) return;
    this.#isDrawn = this.#write(`${ERASE}${this.#text()}`);
  }

  /** Takes the line away, until it is drawn the next time. */
  pause(): void {
    if (this.#isDrawn) this.#write(ERASE);
    this.#isDrawn = false;
  }

  written(bytes: Uint8Array): void {
    if (bytes.includes(ESCAPE)) this.end();
    if (bytes.length > 0) this.#isAtLineStart = bytes[bytes.length - 1] === LINE_FEED;
  }

  end(): void {
    clearInterval(this.#timer);
    this.pause();
    if (shown === this) shown = undefined;
  }

  #write(text: string): boolean {
    try {
      writeSync(STDERR, text);
      return true;
    } catch {
      return false; // a terminal that is full or gone
    }
  }
}
