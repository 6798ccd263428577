// What a value is and how it is looked at: the types and lenses of ltrace.conf(5). Each reads its value from a register's two halves or from
// memory, and writes what ltrace writes.
import { type Expression, limitOf, type Scope } from "./expression.js";

/** Where values are shown, and with what. */
export interface Showing {
  text: string;
  /** Bytes of the process; undefined unless all can be read. */
  memory(address: number, length: number): Uint8Array | undefined;
  readonly stringLimit: number;
  /** Elements of an array, and nested structures. */
  readonly arrayLimit: number;
  scope: Scope;
  /** The structures around, the innermost last. */
  readonly around: { readonly lens: Lens; readonly address: number }[];
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
export const POINTER_SIZE = 8;

export const unsigned = (low: number, high: number): number => (high >>> 0) * TWO_32 + (low >>> 0);
export const hexText = (low: number, high: number): string => {
  const top = high >>> 0;
  return top === 0
    ? `0x${(low >>> 0).toString(16)}`
    : `0x${top.toString(16)}${(low >>> 0).toString(16).padStart(8, "0")}`;
};

export const addressText = (address: number): string => `0x${address.toString(16)}`;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Something that fits a general register: what a subclass does with its halves is all it has to say. */
export abstract class WordLens implements Lens {
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
    const known = c.around.findLastIndex((one) => one.lens === this && one.address === address);
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
    c.around.push({ lens: this, address });
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
