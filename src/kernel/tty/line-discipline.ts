// What a terminal makes of the bytes that are typed: lines to edit, echo, signals. Output's side is in output-processing.ts.
// drivers/tty/n_tty.c

import { SIGINT, SIGQUIT, SIGTSTP } from "../../abi/constants/signals.js";
import * as tty from "../../abi/constants/terminals.js";
import { isContinuation, OutputProcessing } from "./output-processing.js";
import type { Termios } from "./termios.js";

const MAX_LINE = 4095; // N_TTY_BUF_SIZE - 1
const RAW_LIMIT = 1 << 16;
const ERASE = [8, 32, 8];
const BELL = 7;
const NEWLINE = 10;
const RETURN = 13;
const DELETE = 127;

/** What the discipline needs of the terminal it belongs to. */
export interface Line {
  readonly termios: Termios;
  /** Bytes for the screen, as they are. What does not fit is lost. */
  put(bytes: readonly number[]): void;
  /** To the foreground group. */
  signal(signal: number): void;
  /** Output stops and goes on: ^S and ^Q. */
  stopOutput(stopped: boolean): void;
}

export class LineDiscipline {
  readonly output: OutputProcessing;
  readonly #line: Line;
  /** Lines that are complete; an empty one is an end of file. */
  readonly #lines: number[][] = [];
  /** The line being typed, or what has been typed in non-canonical mode. */
  #typed: number[] = [];
  /** What the bytes at hand are going to show. */
  #echoes: number[] = [];
  #literal = false;
  #lineStart = 0;

  constructor(line: Line) {
    this.#line = line;
    this.output = new OutputProcessing(line.termios);
  }

  /** More could be taken without loss. */
  get hasRoom(): boolean {
    return this.#line.termios.has(tty.ICANON) || this.#typed.length < RAW_LIMIT;
  }

  /** Bytes a read could have. */
  get available(): number {
    const lines = this.#lines.reduce((sum, line) => sum + line.length, 0);
    return this.#line.termios.has(tty.ICANON) ? lines : lines + this.#typed.length;
  }

  /** Is there enough for a read? `minimum`: VMIN, in non-canonical mode. */
  isReadable(minimum: number): boolean {
    if (this.#lines.length > 0) return true;
    return !this.#line.termios.has(tty.ICANON) && this.#typed.length >= Math.max(minimum, 1);
  }

  /** Takes what a read gets: at most a line in canonical mode. */
  take(limit: number): Uint8Array {
    if (this.#lines.length > 0) {
      const line = this.#lines[0];
      const taken = line.splice(0, limit);
      if (line.length === 0) this.#lines.shift();
      return Uint8Array.from(taken);
    }
    return Uint8Array.from(this.#typed.splice(0, limit));
  }

  /** The modes changed: what was typed in one is what is read in the other. */
  modeChanged(wasCanonical: boolean): void {
    const isCanonical = this.#line.termios.has(tty.ICANON);
    if (wasCanonical === isCanonical) return;
    if (!isCanonical) {
      this.#typed = [...this.#lines.flat(), ...this.#typed];
      this.#lines.length = 0;
    } else if (this.#typed.length > 0) {
      this.#lines.push(this.#typed);
      this.#typed = [];
    }
  }

  flush(): void {
    this.#lines.length = 0;
    this.#typed = [];
  }

  /** Bytes from the keyboard. n_tty_receive_buf */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.#receiveByte(byte);
    this.#line.put(this.#echoes);
    this.#echoes = [];
  }

  #receiveByte(received: number): void {
    const { termios } = this.#line;
    let byte = termios.input & tty.ISTRIP ? received & 0x7f : received;
    if (this.#literal) {
      this.#literal = false;
      return this.#accept(byte);
    }
    if (termios.input & tty.IUCLC && termios.has(tty.IEXTEN) && byte >= 65 && byte <= 90) byte += 32;
    if (termios.input & tty.IXON && this.#flowControl(byte)) return;
    if (termios.has(tty.ISIG)) {
      if (this.#is(byte, tty.VINTR)) return this.#interrupt(SIGINT, byte);
      if (this.#is(byte, tty.VQUIT)) return this.#interrupt(SIGQUIT, byte);
      if (this.#is(byte, tty.VSUSP)) return this.#interrupt(SIGTSTP, byte);
    }
    if (byte === RETURN) {
      if (termios.input & tty.IGNCR) return;
      if (termios.input & tty.ICRNL) byte = NEWLINE;
    } else if (byte === NEWLINE && termios.input & tty.INLCR) byte = RETURN;
    if (termios.has(tty.ICANON) && this.#edit(byte)) return;
    this.#accept(byte);
  }

  /** ^S and ^Q. True when the byte was one of them. */
  #flowControl(byte: number): boolean {
    if (this.#is(byte, tty.VSTART)) this.#line.stopOutput(false);
    else if (this.#is(byte, tty.VSTOP)) this.#line.stopOutput(true);
    else {
      if (this.#line.termios.input & tty.IXANY) this.#line.stopOutput(false);
      return false;
    }
    return true;
  }

  #interrupt(signal: number, byte: number): void {
    if (!this.#line.termios.has(tty.NOFLSH)) {
      this.flush();
      this.#echoes = [];
    }
    this.#line.stopOutput(false);
    if (this.#line.termios.has(tty.ECHO)) this.#echo(byte);
    this.#line.signal(signal);
  }

  /** Control characters of canonical mode. True when the byte was one and is not part of the line. */
  #edit(byte: number): boolean {
    const { termios } = this.#line;
    const extended = termios.has(tty.IEXTEN);
    if (this.#is(byte, tty.VERASE)) this.#eraseCharacter();
    else if (this.#is(byte, tty.VKILL)) this.#kill();
    else if (extended && this.#is(byte, tty.VWERASE)) this.#eraseWord();
    else if (extended && this.#is(byte, tty.VLNEXT)) {
      this.#literal = true;
      if (termios.has(tty.ECHO) && termios.has(tty.ECHOCTL)) this.#put([0x5e, 8]);
    } else if (extended && termios.has(tty.ECHO) && this.#is(byte, tty.VREPRINT)) this.#reprint(byte);
    else if (this.#is(byte, tty.VEOF)) this.#finish();
    else if (byte === NEWLINE) {
      if (termios.has(tty.ECHO) || termios.has(tty.ECHONL)) this.#put([NEWLINE]);
      this.#typed.push(byte);
      this.#finish();
    } else if (this.#is(byte, tty.VEOL) || (extended && this.#is(byte, tty.VEOL2))) {
      if (termios.has(tty.ECHO)) this.#echo(byte);
      this.#typed.push(byte);
      this.#finish();
    } else return false;
    return true;
  }

  #accept(byte: number): void {
    const { termios } = this.#line;
    if (this.#typed.length >= (termios.has(tty.ICANON) ? MAX_LINE : RAW_LIMIT)) {
      if (termios.input & tty.IMAXBEL) this.#echoes.push(BELL);
      return;
    }
    if (this.#typed.length === 0) this.#lineStart = this.output.column;
    this.#typed.push(byte);
    if (!termios.has(tty.ECHO)) return;
    if (byte === NEWLINE) this.#put([NEWLINE]);
    else this.#echo(byte);
  }

  #finish(): void {
    this.#lines.push(this.#typed);
    this.#typed = [];
  }

  #is(byte: number, which: number): boolean {
    const character = this.#line.termios.characters[which];
    return character !== 0 && byte === character;
  }

  // Echo.

  #put(bytes: readonly number[]): void {
    this.#echoes.push(...this.output.process(bytes));
  }

  #echo(byte: number): void {
    if (isControl(byte) && byte !== 9 && this.#line.termios.has(tty.ECHOCTL)) this.#put([0x5e, byte ^ 0x40]);
    else this.#put([byte]);
  }

  #reprint(byte: number): void {
    this.#echo(byte);
    this.#put([NEWLINE]);
    for (const typed of this.#typed) this.#echo(typed);
  }

  #eraseCharacter(): void {
    if (this.#typed.length > 0) this.#erase(this.#lastCharacter());
  }

  /** How many bytes the last character of the line has. */
  #lastCharacter(): number {
    const { termios } = this.#line;
    let count = 1;
    while (count < this.#typed.length && isContinuation(this.#typed[this.#typed.length - count], termios)) count++;
    return count;
  }

  #eraseWord(): void {
    const isWord = (byte: number): boolean => byte === 0x5f || /[0-9A-Za-z\x80-\xff]/.test(String.fromCharCode(byte));
    let seen = false;
    while (this.#typed.length > 0) {
      const last = this.#typed[this.#typed.length - 1];
      if (seen && !isWord(last)) return;
      seen ||= isWord(last);
      this.#erase(1);
    }
  }

  #kill(): void {
    const { termios } = this.#line;
    if (termios.has(tty.ECHO) && termios.has(tty.ECHOK) && termios.has(tty.ECHOKE) && termios.has(tty.ECHOE)) {
      while (this.#typed.length > 0) this.#erase(this.#lastCharacter());
      return;
    }
    this.#typed = [];
    if (!termios.has(tty.ECHO)) return;
    this.#echo(termios.characters[tty.VKILL]);
    if (termios.has(tty.ECHOK)) this.#put([NEWLINE]);
  }

  /** Takes the last `count` bytes, one character, off the line and off the screen. */
  #erase(count: number): void {
    const { termios } = this.#line;
    const [first] = this.#typed.splice(-count, count);
    if (!termios.has(tty.ECHO)) return;
    if (!termios.has(tty.ECHOE)) return this.#echo(termios.characters[tty.VERASE]);
    if (first === 9) return this.#eraseTab();
    if (isControl(first)) {
      if (termios.has(tty.ECHOCTL)) this.#put([...ERASE, ...ERASE]);
    } else this.#put(ERASE);
  }

  /** Back to where the column was before the tab. */
  #eraseTab(): void {
    let column = this.#lineStart;
    for (const byte of this.#typed) {
      if (byte === 9) column += 8 - (column % 8);
      else if (isControl(byte)) column += this.#line.termios.has(tty.ECHOCTL) ? 2 : 0;
      else if (!isContinuation(byte, this.#line.termios)) column++;
    }
    const back = Math.max(this.output.column - column, 0);
    this.#put(new Array(back).fill(8));
  }
}

function isControl(byte: number): boolean {
  return byte < 32 || byte === DELETE;
}
