// Lenses of characters in memory.
import { type Expression, limitOf, ZERO } from "./expression.js";
import { hexText, type Lens, type Passing, POINTER_SIZE, type Showing, unsigned, viewOf } from "./lens.js";
import { characterText } from "./text.js";

/** Characters in memory, up to a NUL or for a length, at an address or in place. */
export class StringLens implements Lens {
  readonly align: number;
  readonly passing: Passing;
  readonly size: number;
  readonly #length: Expression;
  /** Bytes of a character. */
  readonly unit: number;

  /** `inPlace`: an array, not the address of one. `unit`: bytes of a character. */
  constructor(length: Expression = ZERO, inPlace = false, unit = 1) {
    this.#length = length;
    this.unit = unit;
    this.align = inPlace ? unit : POINTER_SIZE;
    this.passing = inPlace ? "aggregate" : "integer";
    const count = length.kind === "number" ? length.value : 0;
    this.size = inPlace ? count * unit : POINTER_SIZE;
    this.#inPlace = inPlace;
  }

  readonly #inPlace: boolean;

  word(c: Showing, low: number, high: number): void {
    if (low === 0 && high === 0) c.text += "nil";
    else if (!this.#characters(c, unsigned(low, high))) c.text += hexText(low, high);
  }

  show(c: Showing, address: number): boolean {
    if (this.#inPlace) return this.#characters(c, address);
    const bytes = c.memory(address, POINTER_SIZE);
    if (bytes === undefined) return false;
    const view = viewOf(bytes);
    this.word(c, view.getInt32(0, true), view.getInt32(4, true));
    return true;
  }

  #characters(c: Showing, address: number): boolean {
    const given = limitOf(this.#length, c.scope);
    const most = given === undefined || given < 0 ? Number.POSITIVE_INFINITY : given;
    const wanted = Math.min(most, c.stringLimit);
    const read = this.unit === 1 ? readable(c, address, wanted) : undefined;
    let text = "";
    let n = 0;
    let ended = false;
    for (; n < wanted; n++) {
      const code = read === undefined ? this.#wideCode(c, address + n * this.unit) : read[n];
      if (code === undefined && n === 0) return false;
      ended = code === undefined || (code === 0 && this.#length.kind === "zero");
      if (ended) break;
      text += (code as number) < 256 ? characterText(code as number) : `\\x{${(code as number).toString(16)}}`;
    }
    c.text += ended || n >= most ? `"${text}"` : `"${text}"...`;
    return true;
  }

  #wideCode(c: Showing, address: number): number | undefined {
    const bytes = c.memory(address, this.unit);
    return bytes && viewOf(bytes).getInt32(0, true);
  }
}

const PAGE = 4096;

/** The bytes from `address` on that can be read, no more than `length`. */
function readable(c: Showing, address: number, length: number): Uint8Array {
  const room = PAGE - (address % PAGE);
  if (length <= room) return c.memory(address, length) ?? new Uint8Array(0);
  const first = c.memory(address, room);
  const rest = first === undefined ? undefined : readable(c, address + room, length - room);
  if (first === undefined || rest === undefined) return new Uint8Array(0);
  const all = new Uint8Array(first.length + rest.length);
  all.set(first);
  all.set(rest, first.length);
  return all;
}

/** printf's format: a string, and what it says about the arguments that follow. */
export class FormatLens extends StringLens {
  readonly isFormat = true;
}
