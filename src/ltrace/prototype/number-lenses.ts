// Lenses of integers and of floating-point numbers.
import { exponentText, floatText } from "./float-text.js";
import { hexText, type Lens, type Passing, PointerLens, type Showing, unsigned, viewOf, WordLens } from "./lens.js";
import { characterText } from "./text.js";

/** Beyond it a number of unknown meaning looks like an address. */
const LARGEST_PLAIN = 10000;

const wide = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

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
        return low === 0 && high === 0 ? "0" : `0b${this.#bits(low, high).toString(2)}`;
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
export function bitsText(value: bigint, count: number): string {
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
    // A number keeps no sign of what is none.
    const sign = view.getUint8(this.size === 16 ? 9 : this.size - 1) & 0x80;
    if (Number.isNaN(value)) c.text += sign === 0 ? "nan" : "-nan";
    else c.text += this.isHex ? exponentText(value) : floatText(value);
  }
}

/** The double nearest to a number of the x87. */
function extendedValue(significand: bigint, signExponent: number): number {
  const sign = signExponent & 0x8000 ? -1 : 1;
  const exponent = signExponent & 0x7fff;
  if (exponent === 0x7fff) return significand << 1n === 0n || significand === 1n << 63n ? sign * Infinity : Number.NaN;
  return sign * Number(significand) * 2 ** (exponent - 16383 - 63);
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

export const int = new IntegerLens(4, true);
export const unsignedInt = new IntegerLens(4, false);
export const long = new IntegerLens(8, true);
export const unsignedLong = new IntegerLens(8, false);
/** Of a function without a prototype. */
export const unknown = new IntegerLens(8, true, "guess");
