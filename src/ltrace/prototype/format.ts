// The arguments that a printf format asks for. See printf(3).
import { ZERO } from "./expression.js";
import { type Lens, PointerLens, voidLens } from "./lens.js";
import { FloatLens, IntegerLens, int, long, unsignedLong } from "./number-lenses.js";
import { StringLens } from "./string-lenses.js";

const CONVERSION = /%(?:\d+\$)?[-+ #0'I]*(\*|\d+)?(?:\.(\*|\d*))?(hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%])/g;
const WIDE_CHARACTER = 4;

const character = new IntegerLens(1, true, "character");
const double = new FloatLens(8);
const longDouble = new FloatLens(16);
const pointer = new PointerLens(voidLens);

/** In order; a width or precision given as `*` is an int of its own. */
export function formatLenses(format: string, stringLimit: number): Lens[] {
  const lenses: Lens[] = [];
  for (const [, width, precision, length, conversion] of format.matchAll(CONVERSION)) {
    if (conversion === "%" || conversion === "m") continue;
    if (width === "*") lenses.push(int);
    if (precision === "*") lenses.push(int);
    const lens = lensOf(conversion as string, length ?? "", precision, stringLimit);
    if (lens === undefined) break;
    lenses.push(lens);
  }
  return lenses;
}

function lensOf(
  conversion: string,
  length: string,
  precision: string | undefined,
  stringLimit: number,
): Lens | undefined {
  switch (conversion) {
    case "d":
    case "i":
      return length === "hh" ? character : integer(length, true);
    case "u":
      return integer(length, false);
    case "o":
      return integer(length, false).in("octal");
    case "x":
    case "X":
      return integer(length, false).in("hex");
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return length === "L" ? longDouble : double;
    case "a":
    case "A":
      return length === "L" ? new FloatLens(16, true) : new FloatLens(8, true);
    case "c":
      return length === "l" ? int : character;
    case "C":
      return int;
    case "s":
      return length === "l" ? wideString() : text(precision, stringLimit);
    case "S":
      return wideString();
    case "p":
    case "n":
      return pointer;
    default:
      return undefined;
  }
}

function integer(length: string, signed: boolean): IntegerLens {
  if (length === "h") return new IntegerLens(2, signed);
  if (length === "hh") return new IntegerLens(1, signed);
  if (length === "") return new IntegerLens(4, signed);
  return signed ? long : unsignedLong;
}

const wideString = (): Lens => new StringLens(ZERO, false, WIDE_CHARACTER);

/** The number of the argument that a format's last `*` stands for: no function has so many. */
export const PRECISION = -1;

/** A precision is the most that is read. */
function text(precision: string | undefined, stringLimit: number): Lens {
  if (precision === undefined) return new StringLens();
  if (precision === "*") return new StringLens({ kind: "zero", limit: { kind: "argument", number: PRECISION } });
  const value = Math.min(Number(precision || "0"), stringLimit);
  return new StringLens({ kind: "zero", limit: { kind: "number", value } });
}
