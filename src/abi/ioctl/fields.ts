// What arguments of ioctls are made of: structures at an address, arrays and texts in them, and how families declare their commands.
import type { ArgumentType } from "../argument.js";
import { unsignedNumber } from "../digits.js";
import { quoted } from "../strings.js";
import {
  bytes,
  type Field,
  type Fields,
  type Struct,
  type StructOptions,
  showPointed,
  struct,
  structIn,
  subview,
} from "../struct.js";

/** The commands of a family by name, each with what its argument is; "none" for those that take none. */
export type Commands = Readonly<Record<string, ArgumentType<unknown> | "none">>;

/** Several commands whose arguments are alike; `names` is a list in one string. */
export function alike(names: string, type: ArgumentType<unknown> | "none"): Commands {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, type]),
  );
}

/** The address of a structure the program filled in. */
export function structure(fields: Fields, options?: StructOptions): ArgumentType<number> {
  return structIn(struct(fields, options) as Struct<Fields>);
}

/** An array inside a structure. */
export function array(count: number, element: Field): Field {
  const box = struct({ element }) as Struct<Fields>;
  const size = element.size("x86_64");
  return bytes(
    count * size,
    (c, view, offset) => {
      const shown = c.abbreviate ? Math.min(count, c.style.stringLimit) : count;
      c.out.punct("[");
      for (let i = 0; i < shown; i++) {
        if (i > 0) c.out.punct(", ");
        box.showField(c, subview(view, offset + i * size, size), "element");
      }
      c.out.punct(shown < count ? ", ...]" : "]");
    },
    element.align("x86_64"),
  );
}

/** The address of an array. */
export function arrayIn(count: number, element: Field): ArgumentType<number> {
  const box = struct({ elements: array(count, element) }) as Struct<Fields>;
  return {
    receive: unsignedNumber,
    show: (c, low, high) => showPointed(c, low, high, box.size(), (_, view) => box.showField(c, view, "elements")),
  };
}

/** The address of a text in `size` bytes. */
export function textIn(size: number): ArgumentType<number> {
  const box = struct({ text: text(size) }) as Struct<Fields>;
  return {
    receive: unsignedNumber,
    show: (c, low, high) => showPointed(c, low, high, size, (_, view) => box.showField(c, view, "text")),
  };
}

/** A NUL-terminated text in `size` bytes. */
export function text(size: number): Field {
  return bytes(size, (c, view, offset) => {
    const all = new Uint8Array(view.buffer, view.byteOffset + offset, size);
    const end = all.indexOf(0);
    c.out.string(quoted(end < 0 ? all.subarray(0, size - 1) : all.subarray(0, end), c.style));
    if (end < 0) c.out.punct("...");
  });
}
