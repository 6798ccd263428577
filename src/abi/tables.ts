// Tables of named constants and how a value is printed with one: enumerations (one name) and flag sets (names joined by |).
import { hex } from "./digits.js";
import type { ShowContext, ShowStyle } from "./show.js";

export interface Enumeration {
  readonly kind: "enumeration";
  /** What the comment of a value without a name says: "F_???". */
  readonly unknown: string;
  readonly names: ReadonlyMap<number, string>;
}

export interface FlagSet {
  readonly kind: "flags";
  readonly unknown: string;
  readonly names: readonly string[];
  /** The bits of names[i], as two halves. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The name of the value 0, where there is one. */
  readonly zero: string | undefined;
}

export function enumeration(unknown: string, members: Readonly<Record<string, number>>): Enumeration {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(members)) {
    if (!names.has(value | 0)) names.set(value | 0, name);
  }
  return { kind: "enumeration", unknown, names };
}

export function flagSet(unknown: string, members: Readonly<Record<string, number>>): FlagSet {
  const names: string[] = [];
  const low: number[] = [];
  const high: number[] = [];
  let zero: string | undefined;
  for (const [name, value] of Object.entries(members)) {
    if (value === 0) zero ??= name;
    else {
      names.push(name);
      low.push(value | 0);
      high.push(Math.floor(value / 2 ** 32) | 0);
    }
  }
  return { kind: "flags", unknown, names, low: Int32Array.from(low), high: Int32Array.from(high), zero };
}

/** The flags of one set, then those of another. */
export function joinFlags(first: FlagSet, second: FlagSet): FlagSet {
  return {
    ...first,
    names: [...first.names, ...second.names],
    low: Int32Array.of(...first.low, ...second.low),
    high: Int32Array.of(...first.high, ...second.high),
  };
}

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
  if (style !== "abbrev") {
    out.number(low === 0 && high === 0 ? "0" : hex(low, high));
    if (style === "raw") return;
  }
  if (low === 0 && high === 0) {
    if (style === "abbrev") {
      if (table.zero !== undefined) out.flag(table.zero);
      else out.number("0");
    } else if (table.zero !== undefined) out.comment(` /* ${table.zero} */`);
    return;
  }
  let restLow = low;
  let restHigh = high;
  let count = 0;
  let text = "";
  for (let i = 0; i < table.names.length; i++) {
    const bitsLow = table.low[i] as number;
    const bitsHigh = table.high[i] as number;
    if ((restLow & bitsLow) !== bitsLow || (restHigh & bitsHigh) !== bitsHigh) continue;
    restLow &= ~bitsLow;
    restHigh &= ~bitsHigh;
    if (style === "verbose") text += `${count === 0 ? "" : "|"}${table.names[i]}`;
    else {
      if (count > 0) out.punct("|");
      out.flag(table.names[i] as string);
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
