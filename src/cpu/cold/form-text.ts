// What is known of a form besides its handler's code, and that as text, so that prebuilt forms are read only when they are met.
import { type FormIr, hasMicrocode } from "./form.js";

export interface FormFacts {
  /** Place of the handler in the table. */
  readonly handler: number;
  /** What a record holds, as codes of record.ts. */
  readonly layout: string;
  /** The lazy flags' operation it leaves, or FLAGS_KEPT, FLAGS_UNKNOWN. */
  readonly flags: number;
  /** Its block ends here. */
  readonly ends: boolean;
  /** It ends with a jump or call through a register or memory. */
  readonly indirect: boolean;
  readonly hasMicrocode: boolean;
}

export function describe(ir: FormIr, handler: number, layout: readonly number[]): FormFacts {
  const { terminator, flags, nodes } = ir;
  return {
    handler,
    layout: String.fromCharCode(...layout),
    flags,
    ends: terminator !== undefined,
    indirect: terminator?.kind === "callIndirect" || (terminator?.kind === "indirect" && !terminator.isReturn),
    hasMicrocode: hasMicrocode(nodes),
  };
}

// A text is three digits of the handler's place, a character each for the flags' operation and the yes or no facts, and the layout.
const ZERO = 0x40; // none of the characters that separate texts
const DIGIT_BITS = 5;
const DIGIT_MASK = (1 << DIGIT_BITS) - 1;
const FLAGS_BASE = 2;
const ENDS = 1;
const INDIRECT = 2;
const HAS_MICROCODE = 4;
const LAYOUT_AT = 5;

function textOf({ handler, layout, flags, ends, indirect, hasMicrocode }: FormFacts): string {
  const bits = (ends ? ENDS : 0) | (indirect ? INDIRECT : 0) | (hasMicrocode ? HAS_MICROCODE : 0);
  const digits = [2, 1, 0].map((n) => (handler >> (n * DIGIT_BITS)) & DIGIT_MASK);
  return String.fromCharCode(...[...digits, flags + FLAGS_BASE, bits].map((digit) => ZERO + digit)) + layout;
}

function factsIn(text: string): FormFacts {
  const digit = (at: number) => text.charCodeAt(at) - ZERO;
  const bits = digit(4);
  return {
    handler: (digit(0) << (2 * DIGIT_BITS)) | (digit(1) << DIGIT_BITS) | digit(2),
    flags: digit(3) - FLAGS_BASE,
    ends: (bits & ENDS) !== 0,
    indirect: (bits & INDIRECT) !== 0,
    hasMicrocode: (bits & HAS_MICROCODE) !== 0,
    layout: text.slice(LAYOUT_AT),
  };
}

/** The forms of one key: its number in base 36, then one text, or what they depend on and a text for each special key. */
export class PrebuiltLine {
  readonly #key: number;
  readonly #special: number;
  readonly #texts = new Map<string, string>();

  constructor(key: number, special: number) {
    this.#key = key;
    this.#special = special;
  }

  add(specialKey: string, facts: FormFacts): void {
    this.#texts.set(specialKey, textOf(facts));
  }

  toString(): string {
    const key = this.#key.toString(36);
    if (this.#special === 0) return `${key} ${this.#texts.get("")}`;
    return `${key} *${this.#special}${[...this.#texts].map(([special, text]) => `;${special}=${text}`).join("")}`;
  }
}

/** Puts what follows each line's key into `to`. All lines at every start: without an object for each. */
export function readLines(text: string, to: Map<number, unknown>): void {
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(" ", at);
    const newline = text.indexOf("\n", space);
    const end = newline < 0 ? text.length : newline;
    to.set(Number.parseInt(text.slice(at, space), 36), text.slice(space + 1, end));
    at = end + 1;
  }
}

/** What follows the key: the form's facts, or those of several by their special keys. */
export function readLine(rest: string): FormFacts | { special: number; forms: [key: string, facts: FormFacts][] } {
  if (rest[0] !== "*") return factsIn(rest);
  const [special, ...texts] = rest.slice(1).split(";");
  const forms = texts.map((text): [string, FormFacts] => {
    const end = text.indexOf("=");
    return [text.slice(0, end), factsIn(text.slice(end + 1))];
  });
  return { special: Number(special), forms };
}
