// Tables of named constants and how a value is printed with one: enumerations (one name) and flag sets (names joined by |).
import { hex } from "./digits.js";
import type { ShowContext, ShowStyle } from "./show.js";

type Members = Readonly<Record<string, number>>;

/** Values that have one name each. The table is made when it is first looked at: there are many, and a run needs few. */
export class Enumeration {
  readonly kind = "enumeration";
  /** What the comment of a value without a name says: "F_???". */
  readonly unknown: string;
  readonly #members: Members;
  #names: ReadonlyMap<number, string> | undefined;

  constructor(unknown: string, members: Members) {
    this.unknown = unknown;
    this.#members = members;
  }

  get names(): ReadonlyMap<number, string> {
    if (this.#names) return this.#names;
    const names = new Map<number, string>();
    for (const [name, value] of Object.entries(this.#members)) if (!names.has(value | 0)) names.set(value | 0, name);
    this.#names = names;
    return names;
  }

  /** The same names, with another comment for a value that has none. */
  calling(unknown: string): Enumeration {
    return new Enumeration(unknown, this.#members);
  }
}

interface Flags {
  readonly names: readonly string[];
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly zero: string | undefined;
}

/** Values made of flags. The table is made when it is first looked at. */
export class FlagSet {
  readonly kind = "flags";
  readonly unknown: string;
  readonly #members: readonly Members[];
  #flags: Flags | undefined;

  /** The flags of each of `members`, one after the other. */
  constructor(unknown: string, members: readonly Members[]) {
    this.unknown = unknown;
    this.#members = members;
  }

  get names(): readonly string[] {
    return this.#table.names;
  }

  /** The bits of names[i], as two halves. */
  get low(): Int32Array {
    return this.#table.low;
  }

  get high(): Int32Array {
    return this.#table.high;
  }

  /** The name of the value 0, where there is one. */
  get zero(): string | undefined {
    return this.#table.zero;
  }

  get #table(): Flags {
    this.#flags ??= flagsOf(this.#members);
    return this.#flags;
  }

  /** The same flags, with another comment for a value that has none of them. */
  calling(unknown: string): FlagSet {
    return new FlagSet(unknown, this.#members);
  }

  /** The flags of this set, then those of another. */
  join(other: FlagSet): FlagSet {
    return new FlagSet(this.unknown, [...this.#members, ...other.#members]);
  }
}

function flagsOf(all: readonly Members[]): Flags {
  const names: string[] = [];
  const low: number[] = [];
  const high: number[] = [];
  let zero: string | undefined;
  for (const members of all)
    for (const [name, value] of Object.entries(members)) {
      if (value === 0) zero ??= name;
      else {
        names.push(name);
        low.push(value | 0);
        high.push(Math.floor(value / 2 ** 32) | 0);
      }
    }
  return { names, low: Int32Array.from(low), high: Int32Array.from(high), zero };
}

export const enumeration = (unknown: string, members: Members): Enumeration => new Enumeration(unknown, members);
export const flagSet = (unknown: string, members: Members): FlagSet => new FlagSet(unknown, [members]);

export type RawForm = "hex" | "decimal";

/** Prints `raw`, in the style asked for with -X, where `name` is what -X abbrev prints. */
export function showNamed(c: ShowContext, raw: string, name: string): void {
  if (c.style.constants === "abbrev") c.out.flag(name);
  else {
    c.out.number(raw);
    if (c.style.constants === "verbose") c.out.comment(` /* ${name} */`);
  }
}

export function showEnumeration(
  c: ShowContext,
  table: Enumeration,
  low: number,
  high = 0,
  rawForm: RawForm = "hex",
): void {
  const name = high === 0 ? table.names.get(low) : undefined;
  if (name !== undefined && c.style.constants === "abbrev") {
    c.out.flag(name);
    return;
  }
  c.out.number(rawForm === "hex" ? hex(low, high) : String(low));
  if (c.style.constants === "raw") return;
  if (name !== undefined) c.out.comment(` /* ${name} */`);
  else if (table.unknown !== "") c.out.comment(` /* ${table.unknown} */`);
}

/** Prints a value made of flags, in the style asked for with -X. Zero prints its name or `0`. */
export function showFlags(
  c: ShowContext,
  table: FlagSet,
  low: number,
  high = 0,
  style: ShowStyle["constants"] = c.style.constants,
): void {
  const { out } = c;
  const { names, low: lows, high: highs, zero } = table;
  if (style !== "abbrev") {
    out.number(low === 0 && high === 0 ? "0" : hex(low, high));
    if (style === "raw") return;
  }
  if (low === 0 && high === 0) {
    if (style === "abbrev") {
      if (zero !== undefined) out.flag(zero);
      else out.number("0");
    } else if (zero !== undefined) out.comment(` /* ${zero} */`);
    return;
  }
  let restLow = low;
  let restHigh = high;
  let count = 0;
  let text = "";
  for (let i = 0; i < names.length; i++) {
    const bitsLow = lows[i] as number;
    const bitsHigh = highs[i] as number;
    if ((restLow & bitsLow) !== bitsLow || (restHigh & bitsHigh) !== bitsHigh) continue;
    restLow &= ~bitsLow;
    restHigh &= ~bitsHigh;
    if (style === "verbose") text += `${count === 0 ? "" : "|"}${names[i]}`;
    else {
      if (count > 0) out.punct("|");
      out.flag(names[i] as string);
    }
    count++;
    if (restLow === 0 && restHigh === 0) break;
  }
  const rest = restLow !== 0 || restHigh !== 0;
  if (style === "verbose") {
    if (count === 0) text = table.unknown;
    else if (rest) text += `|${hex(restLow, restHigh)}`;
    if (text !== "") out.comment(` /* ${text} */`);
    return;
  }
  if (!rest) return;
  if (count > 0) out.punct("|");
  out.number(hex(restLow, restHigh));
  if (count === 0 && table.unknown !== "") out.comment(` /* ${table.unknown} */`);
}
