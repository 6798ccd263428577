// Structures of the user ABI: fields are declared once, in memory order; offsets for each ABI follow from C's alignment rules.
import type { ArgumentType } from "./argument.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekInt, peekView } from "./memory.js";
import { address, filledIn, int, long, showAddress, unsignedInt, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import type { Tracee } from "./tracee.js";

/** How structures are laid out: as the personality has it, and i386's calls that end in time64 with times of 64 bits. */
export type Abi = Tracee["personality"] | "i386_time64";

export const isI386 = (abi: Abi): boolean => abi === "i386" || abi === "i386_time64";

export interface Field {
  size(abi: Abi): number;
  align(abi: Abi): number;
  readonly signed: boolean;
  /** Shows a scalar field. */
  readonly type: ArgumentType<unknown>;
  /** Shows a field that is no scalar; `base` is the address of the structure. */
  readonly showBytes?: (c: ShowContext, view: DataView, offset: number) => void;
  /** Padding and the like: never printed. */
  readonly hidden?: boolean;
  /** Only printed when it is not zero: what is reserved should be. */
  readonly unlessZero?: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

function fixed(size: number, signed: boolean, type: ArgumentType<unknown>): Field {
  return { size: () => size, align: (abi) => (isI386(abi) ? Math.min(size, 4) : size), signed, type };
}

/** __kernel_long_t, which x32 has in 64 bits. */
export const longBytes = (abi: Abi): number => (isI386(abi) ? 4 : 8);
/** Pointers and size_t. */
export const pointerBytes = (abi: Abi): number => (abi === "x86_64" ? 8 : 4);
const timeBytes = (abi: Abi): number => (abi === "i386" ? 4 : 8);
const timeAlign = (abi: Abi): number => (isI386(abi) ? 4 : 8);

export const u8 = (type: ArgumentType<unknown> = unsignedInt): Field => fixed(1, false, type);
export const s8 = (type: ArgumentType<unknown> = int): Field => fixed(1, true, type);
export const u16 = (type: ArgumentType<unknown> = unsignedInt): Field => fixed(2, false, type);
export const s16 = (type: ArgumentType<unknown> = int): Field => fixed(2, true, type);
export const u32 = (type: ArgumentType<unknown> = unsignedInt): Field => fixed(4, false, type);
export const s32 = (type: ArgumentType<unknown> = int): Field => fixed(4, true, type);
export const u64 = (type: ArgumentType<unknown> = unsignedLong): Field => fixed(8, false, type);
export const s64 = (type: ArgumentType<unknown> = long): Field => fixed(8, true, type);
/** __kernel_ulong_t. */
export const word = (type: ArgumentType<unknown> = unsignedLong): Field => sized(longBytes, false, type);
/** __kernel_long_t. */
export const signedWord = (type: ArgumentType<unknown> = long): Field => sized(longBytes, true, type);
export const pointer = (type: ArgumentType<unknown> = address): Field => sized(pointerBytes, false, type);
/** size_t, and unsigned long beside pointers. */
export const sizeWord = (type: ArgumentType<unknown> = unsignedLong): Field => sized(pointerBytes, false, type);
/** time_t, and what goes with it. */
export const timeWord = (type: ArgumentType<unknown> = long, signed = true): Field => ({
  size: timeBytes,
  align: timeAlign,
  signed,
  type,
});

function sized(bytes: (abi: Abi) => number, signed: boolean, type: ArgumentType<unknown>): Field {
  return { size: bytes, align: bytes, signed, type };
}

/** Bytes that only `showBytes` makes sense of. */
export function bytes(size: number, showBytes: NonNullable<Field["showBytes"]>, align = 1): Field {
  return { size: () => size, align: () => align, signed: false, type: address, showBytes };
}

/** A reserved field that is told of when it is not zero. */
export const unlessZero = (field: Field): Field => ({ ...field, unlessZero: true });

/** A field that is not printed. */
export const hidden = (field: Field): Field => ({ ...field, hidden: true });
/** Reserved words, shown as a list when one of them is not zero. */
export function reservedWords(count: number, size: 1 | 4 | 8): Field {
  const showWords = (c: ShowContext, view: DataView, offset: number): void => {
    c.out.punct("[");
    for (let i = 0; i < count; i++) {
      const at = offset + i * size;
      if (i > 0) c.out.punct(", ");
      if (size === 1) c.out.number(hex(view.getUint8(at)));
      else c.out.number(hex(view.getInt32(at, true), size === 8 ? view.getInt32(at + 4, true) : 0));
    }
    c.out.punct("]");
  };
  return unlessZero(bytes(count * size, showWords, size));
}

/** Padding and reserved fields. */
export const reserved = (size: number, align = 1): Field => ({
  size: () => size,
  align: () => align,
  signed: false,
  type: address,
  hidden: true,
});

/** Reserved __kernel_long_ts. */
export const reservedLongs = (count: number): Field => ({
  ...reserved(0),
  size: (abi) => count * longBytes(abi),
  align: longBytes,
});

export interface StructOptions {
  /** The fields printed, in order; all of them in memory order by default. */
  readonly shown?: readonly string[];
  /** The fields printed when abbreviating, before `...`. */
  readonly abbreviated?: readonly string[];
}

export class Struct<F extends Fields> {
  readonly fields: F;
  readonly #shown: readonly string[];
  readonly #abbreviated: readonly string[] | undefined;
  readonly #layouts = new Map<Abi, { size: number; align: number; offsets: Readonly<Record<keyof F, number>> }>();

  constructor(fields: F, options: StructOptions = {}) {
    this.fields = fields;
    this.#shown = options.shown ?? Object.keys(fields).filter((name) => (fields[name] as Field).hidden !== true);
    this.#abbreviated = options.abbreviated;
  }

  layout(abi: Abi): { size: number; align: number; offsets: Readonly<Record<keyof F, number>> } {
    let layout = this.#layouts.get(abi);
    if (layout === undefined) {
      const offsets: Record<string, number> = {};
      let offset = 0;
      let structAlign = 1;
      for (const name of Object.keys(this.fields)) {
        const field = this.fields[name] as Field;
        const align = field.align(abi);
        offset = Math.ceil(offset / align) * align;
        offsets[name] = offset;
        offset += field.size(abi);
        structAlign = Math.max(structAlign, align);
      }
      const size = Math.ceil(offset / structAlign) * structAlign;
      layout = { size, align: structAlign, offsets: offsets as Record<keyof F, number> };
      this.#layouts.set(abi, layout);
    }
    return layout;
  }

  size(abi: Abi = "x86_64"): number {
    return this.layout(abi).size;
  }

  offset(name: keyof F, abi: Abi = "x86_64"): number {
    return this.layout(abi).offsets[name];
  }

  /** A field of a structure in memory as a number, exact below 2^53. */
  get(view: DataView, name: keyof F, abi: Abi = "x86_64"): number {
    const field = this.fields[name] as Field;
    const offset = this.offset(name, abi);
    switch (field.size(abi)) {
      case 1:
        return field.signed ? view.getInt8(offset) : view.getUint8(offset);
      case 2:
        return field.signed ? view.getInt16(offset, true) : view.getUint16(offset, true);
      case 4:
        return field.signed ? view.getInt32(offset, true) : view.getUint32(offset, true);
      default: {
        const high = field.signed ? view.getInt32(offset + 4, true) : view.getUint32(offset + 4, true);
        return high * 0x1_0000_0000 + view.getUint32(offset, true);
      }
    }
  }

  /** The bytes of a structure inside it. */
  inner(view: DataView, name: keyof F, abi: Abi = "x86_64"): DataView {
    return subview(view, this.offset(name, abi), (this.fields[name] as Field).size(abi));
  }

  /** Writes a scalar field, or the bytes of one that is none. */
  set(view: DataView, name: keyof F, value: number | bigint | Uint8Array, abi: Abi = "x86_64"): void {
    const offset = this.offset(name, abi);
    if (typeof value === "object") {
      new Uint8Array(view.buffer, view.byteOffset + offset, value.length).set(value);
      return;
    }
    const size = (this.fields[name] as Field).size(abi);
    if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    else if (size === 4)
      view.setInt32(offset, typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value, true);
    else if (size === 2) view.setInt16(offset, Number(value), true);
    else view.setInt8(offset, Number(value));
  }

  /** The structure's bytes with `values` in its scalar fields and zeros elsewhere. */
  encode(values: Readonly<Partial<Record<keyof F, number | bigint | Uint8Array>>>, abi: Abi = "x86_64"): Uint8Array {
    const encoded = new Uint8Array(this.size(abi));
    const view = new DataView(encoded.buffer);
    for (const name of Object.keys(values)) this.set(view, name, values[name] as number | bigint | Uint8Array, abi);
    return encoded;
  }

  /** Prints the structure at the start of `view`. */
  show(c: ShowContext, view: DataView): void {
    const brief = c.abbreviate ? this.#abbreviated : undefined;
    c.out.punct("{");
    this.showFields(c, view, brief ?? this.#shown);
    if (brief !== undefined) c.out.punct(brief.length === 0 ? "..." : ", ...");
    c.out.punct("}");
  }

  showFields(c: ShowContext, view: DataView, names: readonly string[]): void {
    let isFirst = true;
    for (const name of names) {
      if (this.fields[name]?.unlessZero === true && this.#isZero(c, view, name)) continue;
      if (!isFirst) c.out.punct(", ");
      isFirst = false;
      c.out.name(name);
      c.out.punct("=");
      this.showField(c, view, name);
    }
  }

  #isZero(c: ShowContext, view: DataView, name: string): boolean {
    const abi = c.abi;
    const at = view.byteOffset + this.offset(name, abi);
    return new Uint8Array(view.buffer, at, (this.fields[name] as Field).size(abi)).every((byte) => byte === 0);
  }

  showField(c: ShowContext, view: DataView, name: string): void {
    const abi = c.abi;
    const field = this.fields[name] as Field;
    const offset = this.offset(name, abi);
    if (field.showBytes !== undefined) {
      field.showBytes(c, view, offset);
      return;
    }
    switch (field.size(abi)) {
      case 1: {
        const low = field.signed ? view.getInt8(offset) : view.getUint8(offset);
        return field.type.show(c, low, field.signed ? low >> 31 : 0);
      }
      case 2: {
        const low = field.signed ? view.getInt16(offset, true) : view.getUint16(offset, true);
        return field.type.show(c, low, field.signed ? low >> 31 : 0);
      }
      case 4: {
        const low = view.getInt32(offset, true);
        return field.type.show(c, low, field.signed ? low >> 31 : 0);
      }
      default:
        return field.type.show(c, view.getInt32(offset, true), view.getInt32(offset + 4, true));
    }
  }
}

export function struct<const F extends Fields>(fields: F, options?: StructOptions): Struct<F> {
  return new Struct(fields, options);
}

/** A structure inside another. */
export function nested(inner: Struct<Fields>): Field {
  return {
    size: (abi) => inner.layout(abi).size,
    align: (abi) => inner.layout(abi).align,
    signed: false,
    type: address,
    showBytes: (c, view, offset) => inner.show(c, subview(view, offset, inner.size(c.abi))),
  };
}

export function subview(view: DataView, offset: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + offset, length);
}

/** Shows what is at an address with `show`, given `size` bytes of it; the address itself when it cannot be read. */
export function showPointed(
  c: ShowContext,
  low: number,
  high: number,
  size: number,
  show: (c: ShowContext, view: DataView) => void,
): void {
  if (!c.dereference || (low === 0 && high === 0)) {
    showAddress(c, low, high);
    return;
  }
  const view = peekView(c.tracee, unsignedNumber(low, high), size);
  if (view === undefined) showAddress(c, low, high);
  else show(c, view);
}

/** The address of a structure the program filled in. */
export function structIn(type: Struct<Fields>): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => showPointed(c, low, high, type.size(c.abi), (context, view) => type.show(context, view)),
  };
}

/** The address of a structure the kernel fills in. */
export function structOut(type: Struct<Fields>): ArgumentType<number> {
  return filledIn(structIn(type));
}

/** The address of one scalar the program set: `[5]`. */
export function scalarIn(field: Field): ArgumentType<number> {
  const box = new Struct({ value: field });
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showPointed(c, low, high, box.size(c.abi), (context, view) => {
        context.out.punct("[");
        box.showField(context, view, "value");
        context.out.punct("]");
      }),
  };
}

export function scalarOut(field: Field): ArgumentType<number> {
  return filledIn(scalarIn(field));
}

/** The address of an unsigned int that goes both ways: `[128 => 24]`, one number where the call left it as it was. */
export const sizeInOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    c.notes[c.index] = peekInt(c.tracee, unsignedNumber(low, high));
  },
  show: (c, low, high) => {
    const before = c.notes[c.index] as number | undefined;
    const after = peekInt(c.tracee, unsignedNumber(low, high));
    if (before === undefined || after === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.punct("[");
    unsignedInt.show(c, before, 0);
    if (after !== before) {
      c.out.punct(" => ");
      unsignedInt.show(c, after, 0);
    }
    c.out.punct("]");
  },
};

/**
 * Prints `[a, b, c]`: `count` elements at an address. Stops with `...` at the string limit when abbreviating, and with
 * an ellipsis and the address where memory ends.
 */
export function showArray(
  c: ShowContext,
  low: number,
  high: number,
  count: number,
  elementSize: number,
  show: (c: ShowContext, view: DataView, index: number) => void,
): void {
  if (!c.dereference || (low === 0 && high === 0)) {
    showAddress(c, low, high);
    return;
  }
  if (count === 0) {
    c.out.punct("[]");
    return;
  }
  const start = unsignedNumber(low, high);
  if (start + count * elementSize >= 2 ** 64) {
    showAddress(c, low, high);
    return;
  }
  const shown = c.abbreviate ? Math.min(count, c.style.stringLimit) : count;
  for (let i = 0; i < shown; i++) {
    const view = peekView(c.tracee, start + i * elementSize, elementSize);
    if (view === undefined) {
      if (i === 0) {
        showAddress(c, low, high);
        return;
      }
      c.out.punct(", ...");
      c.out.comment(` /* ${hex((start + i * elementSize) | 0, Math.floor((start + i * elementSize) / 2 ** 32))} */`);
      c.out.punct("]");
      return;
    }
    c.out.punct(i === 0 ? "[" : ", ");
    show(c, view, i);
  }
  if (shown < count) c.out.punct(shown === 0 ? "[..." : ", ...");
  c.out.punct("]");
}
