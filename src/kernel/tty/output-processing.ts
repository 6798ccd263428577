// What a terminal makes of the bytes that are written, and the column the cursor is in. drivers/tty/n_tty.c: do_output_char
import * as tty from "../../abi/constants/terminals.js";
import type { Termios } from "./termios.js";

const TAB_MASK = tty.XTABS;
/** A byte becomes at most so many: a tab's blanks. */
export const MOST_FOR_ONE = 8;

export class OutputProcessing {
  readonly #termios: Termios;
  column = 0;

  constructor(termios: Termios) {
    this.#termios = termios;
  }

  process(bytes: Iterable<number>): number[] {
    const out: number[] = [];
    for (const byte of bytes) this.#byte(byte, out);
    return out;
  }

  #byte(byte: number, out: number[]): void {
    const { output } = this.#termios;
    if (!(output & tty.OPOST)) {
      out.push(byte);
      return;
    }
    switch (byte) {
      case 10:
        if (output & tty.ONLRET) this.column = 0;
        if (output & tty.ONLCR) {
          this.column = 0;
          out.push(13);
        }
        break;
      case 13:
        if (output & tty.ONOCR && this.column === 0) return;
        if (output & tty.OCRNL) {
          if (output & tty.ONLRET) this.column = 0;
          out.push(10);
          return;
        }
        this.column = 0;
        break;
      case 9: {
        const width = 8 - (this.column % 8);
        this.column += width;
        if ((output & TAB_MASK) === tty.XTABS) {
          out.push(...new Array(width).fill(32));
          return;
        }
        break;
      }
      case 8:
        if (this.column > 0) this.column--;
        break;
      default:
        if (byte >= 32 && byte !== 127 && !isContinuation(byte, this.#termios)) this.column++;
        if (output & tty.OLCUC && byte >= 97 && byte <= 122) {
          out.push(byte - 32);
          return;
        }
    }
    out.push(byte);
  }
}

/** A later byte of a character, where the terminal knows of UTF-8. */
export function isContinuation(byte: number, termios: Termios): boolean {
  return (termios.input & tty.IUTF8) !== 0 && (byte & 0xc0) === 0x80;
}
