// What a value is and how it is looked at: the types and lenses of ltrace.conf(5). Each reads its value from a register's two halves or from
// memory, and writes what ltrace writes.
import { type Expression, limitOf, type Scope, ZERO } from "./expression.js";
import { exponentText, floatText } from "./float-text.js";
import { characterText } from "./text.js";

/** Where values are shown, and with what. */
export interface Showing {
  text: string;
  /** Bytes of the process; undefined unless all can be read. */
  memory(address: number, length: number): Uint8Array | undefined;
  readonly stringLimit: number;
  /** Elements of an array, and nested structures. */
  readonly arrayLimit: number;
  scope: Scope;
  /** Addresses of the structures around, the innermost last. */
  readonly around: number[];
}

/** How the System V ABI passes a value: in which kind of register, or as eightbytes of either kind. */
export type Passing = "integer" | "sse" | "x87" | "aggregate" | "none";

export interface Lens {
  readonly size: number;
  readonly align: number;
  readonly passing: Passing;
  /** Not shown at all. */
  readonly isHidden?: boolean;
  /** A format whose own arguments follow. */
  readonly isFormat?: boolean;
  /** Shows the value in a register. */
  word(c: Showing, low: number, high: number): void;
  /** Shows the value in memory; false, with nothing written, when it cannot be read. */
  show(c: Showing, address: number): boolean;
}

const TWO_32 = 0x1_0000_0000;
/** Beyond it a number of unknown meaning looks like an address. */
const LARGEST_PLAIN = 10000;
const POINTER_SIZE = 8;

const unsigned = (low: number, high: number): number => (high >>> 0) * TWO_32 + (low >>> 0);
const wide = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
const hexText = (low: number, high: number): string => {
  const top = high >>> 0;
  return top === 0
    ? `0x${(low >>> 0).toString(16)}`
    : `0x${top.toString(16)}${(low >>> 0).toString(16).padStart(8, "0")}`;
};

export const addressText = (address: number): string => `0x${address.toString(16)}`;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Something that fits a general register: what a subclass does with its halves is all it has to say. */
abstract class WordLens implements Lens {
  readonly align: number;
  readonly passing = "integer";

  constructor(readonly size: number) {
    this.align = size;
  }

  abstract word(c: Showing, low: number, high: number): void;

  show(c: Showing, address: number): boolean {
    const bytes = c.memory(address, this.size);
    if (bytes === undefined) return false;
    const view = viewOf(bytes);
    if (this.size === 8) this.word(c, view.getInt32(0, true), view.getInt32(4, true));
    else if (this.size === 4) this.word(c, view.getInt32(0, true), 0);
    else this.word(c, this.size === 2 ? view.getInt16(0, true) : view.getInt8(0), 0);
    return true;
  }
}

export const voidLens: Lens = {
  size: 0,
  align: 1,
  passing: "none",
  word: (c) => {
    c.text += "<void>";
  },
  show: () => false,
};

export type IntegerForm = "decimal" | "binary" | "octal" | "hex" | "bool" | "bits" | "character" | "guess";

export class IntegerLens extends WordLens {
  constructor(
    size: number,
    readonly signed: boolean,
    readonly form: IntegerForm = "decimal",
  ) {
    super(size);
  }

  in(form: IntegerForm): IntegerLens {
    return new IntegerLens(this.size, this.signed, form);
  }

  override word(c: Showing, low: number, high: number): void {
    const [bottom, top] = this.#extended(low, high);
    c.text += this.#text(bottom, top);
  }

  /** The value's own bytes, extended to 64 bits as its type says. */
  #extended(low: number, high: number): readonly [number, number] {
    if (this.size === 8) return [low, high];
    if (this.size === 4) return [low, this.signed ? low >> 31 : 0];
    const shift = 32 - this.size * 8;
    const value = this.signed ? (low << shift) >> shift : (low << shift) >>> shift;
    return [value, value >> 31];
  }

  #text(low: number, high: number): string {
    switch (this.form) {
      case "decimal":
        return this.#decimal(low, high);
      case "binary":
        return `0b${this.#bits(low, high).toString(2)}`;
      case "octal":
        return `0${this.#bits(low, high).toString(8)}`;
      case "hex": {
        const value = this.#bits(low, high);
        return value === 0n ? "0" : `0x${value.toString(16)}`;
      }
      case "bool":
        return low === 0 && high === 0 ? "false" : "true";
      case "bits":
        return bitsText(this.#bits(low, high), this.size * 8);
      case "character":
        return `'${characterText(low & 0xff)}'`;
      case "guess":
        return guess(low, high);
    }
  }

  #decimal(low: number, high: number): string {
    if (high === low >> 31 && this.signed) return String(low);
    if (high === 0) return String(low >>> 0);
    return (this.signed ? BigInt.asIntN(64, wide(low, high)) : wide(low, high)).toString();
  }

  #bits(low: number, high: number): bigint {
    return BigInt.asUintN(this.size * 8, wide(low, high));
  }
}

/** A number nobody has told of: small ones are numbers, others addresses. */
export function guess(low: number, high: number): string {
  if (high === low >> 31 && low >= -LARGEST_PLAIN && low <= LARGEST_PLAIN) return String(low);
  return hexText(low, high);
}

/** Which bits are set, or with `~` which are not when that is shorter. */
function bitsText(value: bigint, count: number): string {
  let set = 0;
  for (let bit = 0; bit < count; bit++) if ((value >> BigInt(bit)) & 1n) set++;
  const inverse = set > count / 2;
  const wanted = inverse ? 0n : 1n;
  const runs: string[] = [];
  for (let bit = 0; bit < count; bit++) {
    if (((value >> BigInt(bit)) & 1n) !== wanted) continue;
    const first = bit;
    while (bit + 1 < count && ((value >> BigInt(bit + 1)) & 1n) === wanted) bit++;
    runs.push(bit === first ? String(first) : `${first}-${bit}`);
  }
  return `${inverse ? "~" : ""}<${runs.join(",")}>`;
}

export class EnumLens extends WordLens {
  readonly #names: ReadonlyMap<number, string>;
  readonly #of: IntegerLens;

  constructor(of: IntegerLens, names: ReadonlyMap<number, string>) {
    super(of.size);
    this.#of = of;
    this.#names = names;
  }

  override word(c: Showing, low: number, high: number): void {
    const name = this.#names.get(low);
    if (name === undefined) this.#of.word(c, low, high);
    else c.text += name;
  }
}

export class FloatLens implements Lens {
  readonly align: number;
  readonly passing: Passing;

  /** 4: float, 8: double, 16: long double. */
  constructor(
    readonly size: 4 | 8 | 16,
    readonly isHex = false,
  ) {
    this.align = size;
    this.passing = size === 16 ? "x87" : "sse";
  }

  word(c: Showing, low: number, high: number): void {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setInt32(0, low, true);
    bytes.setInt32(4, high, true);
    this.#write(c, bytes);
  }

  show(c: Showing, address: number): boolean {
    const bytes = c.memory(address, this.size === 16 ? 10 : this.size);
    if (bytes === undefined) return false;
    this.#write(c, viewOf(bytes));
    return true;
  }

  #write(c: Showing, view: DataView): void {
    const value =
      this.size === 4
        ? view.getFloat32(0, true)
        : this.size === 8
          ? view.getFloat64(0, true)
          : extendedValue(view.getBigUint64(0, true), view.getUint16(8, true));
    c.text += this.isHex ? exponentText(value) : floatText(value);
  }
}

/** The double nearest to a number of the x87. */
function extendedValue(significand: bigint, signExponent: number): number {
  const sign = signExponent & 0x8000 ? -1 : 1;
  const exponent = signExponent & 0x7fff;
  if (exponent === 0x7fff) return significand << 1n === 0n || significand === 1n << 63n ? sign * Infinity : Number.NaN;
  return sign * Number(significand) * 2 ** (exponent - 16383 - 63);
}

export class PointerLens extends WordLens {
  constructor(readonly to: Lens) {
    super(POINTER_SIZE);
  }

  override word(c: Showing, low: number, high: number): void {
    if (low === 0 && high === 0) c.text += "nil";
    else if (this.to === voidLens || !this.to.show(c, unsigned(low, high))) c.text += hexText(low, high);
  }
}

export class ArrayLens implements Lens {
  readonly align: number;
  readonly passing = "aggregate";

  constructor(
    readonly element: Lens,
    readonly length: Expression,
  ) {
    this.align = element.align;
  }

  /** Of an array whose length is no number, that of none. */
  get size(): number {
    return this.length.kind === "number" ? this.length.value * this.element.size : 0;
  }

  word(c: Showing, low: number, high: number): void {
    new PointerLens(this).word(c, low, high);
  }

  show(c: Showing, address: number): boolean {
    const { element, length } = this;
    const most = limitOf(length, c.scope) ?? Number.POSITIVE_INFINITY;
    if (most > 0 && c.memory(address, Math.max(1, element.size)) === undefined) return false;
    c.text += "[";
    for (let n = 0; n < most; n++) {
      const at = address + n * element.size;
      if (length.kind === "zero" && (c.memory(at, element.size)?.every((byte) => byte === 0) ?? true)) break;
      if (n >= c.arrayLimit) {
        c.text += "...";
        break;
      }
      if (n > 0) c.text += ", ";
      if (!element.show(c, at)) {
        c.text += addressText(at);
        break;
      }
    }
    c.text += "]";
    return true;
  }
}

export class StructLens implements Lens {
  /** Set later for a structure that is declared before it is defined. */
  fields: readonly Lens[];
  readonly passing = "aggregate";

  constructor(fields: readonly Lens[]) {
    this.fields = fields;
  }

  get align(): number {
    return Math.max(1, ...this.fields.map(({ align }) => align));
  }

  get offsets(): number[] {
    let at = 0;
    return this.fields.map(({ size, align }) => {
      const offset = Math.ceil(at / align) * align;
      at = offset + size;
      return offset;
    });
  }

  get size(): number {
    const { fields, offsets, align } = this;
    if (fields.length === 0) return 0;
    return Math.ceil(((offsets.at(-1) as number) + (fields.at(-1) as Lens).size) / align) * align;
  }

  word(c: Showing, low: number, high: number): void {
    new PointerLens(this).word(c, low, high);
  }

  show(c: Showing, address: number): boolean {
    const known = c.around.lastIndexOf(address);
    if (known >= 0) {
      c.text += `recurse${"^".repeat(c.around.length - 1 - known)}`;
      return true;
    }
    if (c.memory(address, Math.max(1, this.size)) === undefined) return false;
    if (c.around.length >= c.arrayLimit) {
      c.text += "...";
      return true;
    }
    const { fields, offsets } = this;
    const outer = c.scope;
    c.scope = { argument: outer.argument, element: (number) => elementOf(c, fields, offsets, address, number) };
    c.around.push(address);
    c.text += "{";
    let isFirst = true;
    fields.forEach((field, n) => {
      if (field.isHidden) return;
      if (!isFirst) c.text += ", ";
      isFirst = false;
      field.show(c, address + (offsets[n] as number));
    });
    c.text += "}";
    c.around.pop();
    c.scope = outer;
    return true;
  }
}

/** A field as a number; the first is elt1. */
function elementOf(
  c: Showing,
  fields: readonly Lens[],
  offsets: readonly number[],
  address: number,
  number: number,
): number | undefined {
  const field = fields[number - 1];
  const bytes = field && c.memory(address + (offsets[number - 1] as number), Math.min(8, field.size));
  if (bytes === undefined) return undefined;
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

export class HiddenLens implements Lens {
  readonly size: number;
  readonly align: number;
  readonly passing: Passing;
  readonly isHidden = true;

  constructor(of: Lens) {
    this.size = of.size;
    this.align = of.align;
    this.passing = of.passing;
  }

  word(): void {}

  show(): boolean {
    return true;
  }
}

/** The bits of something that is no integer, byte after byte. */
export class BitsLens implements Lens {
  readonly size: number;
  readonly align: number;
  readonly passing: Passing;
  readonly #of: Lens;

  constructor(of: Lens) {
    this.#of = of;
    this.size = of.size;
    this.align = of.align;
    this.passing = of.passing;
  }

  word(c: Showing, low: number, high: number): void {
    if (low === 0 && high === 0) c.text += "nil";
    else if (!this.show(c, unsigned(low, high))) c.text += hexText(low, high);
  }

  show(c: Showing, address: number): boolean {
    const { size } = this.#of instanceof PointerLens ? this.#of.to : this.#of;
    const bytes = c.memory(address, size);
    if (bytes === undefined) return false;
    c.text += bitsText(
      bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n),
      size * 8,
    );
    return true;
  }
}

/** Characters in memory, up to a NUL or for a length, at an address or in place. */
export class StringLens implements Lens {
  readonly align: number;
  readonly passing: Passing;
  readonly size: number;
  readonly #length: Expression;
  readonly #unit: number;

  /** `inPlace`: an array, not the address of one. `unit`: bytes of a character. */
  constructor(length: Expression = ZERO, inPlace = false, unit = 1) {
    this.#length = length;
    this.#unit = unit;
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
    const read = this.#unit === 1 ? readable(c, address, wanted) : undefined;
    let text = "";
    let n = 0;
    let ended = false;
    for (; n < wanted; n++) {
      const code = read === undefined ? this.#wideCode(c, address + n * this.#unit) : read[n];
      if (code === undefined && n === 0) return false;
      ended = code === undefined || (code === 0 && this.#length.kind === "zero");
      if (ended) break;
      text += (code as number) < 256 ? characterText(code as number) : `\\x{${(code as number).toString(16)}}`;
    }
    c.text += ended || n >= most ? `"${text}"` : `"${text}"...`;
    return true;
  }

  #wideCode(c: Showing, address: number): number | undefined {
    const bytes = c.memory(address, this.#unit);
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

export const int = new IntegerLens(4, true);
export const unsignedInt = new IntegerLens(4, false);
export const long = new IntegerLens(8, true);
export const unsignedLong = new IntegerLens(8, false);
/** Of a function without a prototype. */
export const unknown = new IntegerLens(8, true, "guess");
