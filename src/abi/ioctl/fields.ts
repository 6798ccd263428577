// What arguments of ioctls are made of: structures at an address, arrays and texts in them, and how families declare their commands.
import type { ArgumentType } from "../argument.js";
import { unsignedNumber } from "../digits.js";
import { peekView } from "../memory.js";
import type { ShowContext } from "../show.js";
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

type Show = (c: ShowContext, view: DataView) => void;

/** Some fields of a structure, in braces. */
export const fieldsOf =
  (type: Struct<Fields>, names: string): Show =>
  (c, view) => {
    c.out.punct("{");
    type.showFields(c, view, names.split(" "));
    c.out.punct("}");
  };

/** The address of a structure shown by hand. */
export const shownBy = (size: number, show: Show): ArgumentType<number> => ({
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, size, show),
});

/** The address of a structure of which the program says `before`, and the kernel, when it has done what it was asked, `after`. */
export const exchanged = (size: number, before: Show, after: Show): ArgumentType<number> => ({
  ...shownBy(size, before),
  leave: (c, low, high) => {
    if (c.failed || !c.dereference || (low === 0 && high === 0)) return;
    const view = peekView(c.tracee, unsignedNumber(low, high), size);
    if (view === undefined) return;
    c.out.punct(" => ");
    after(c, view);
  },
});

/** A structure that is begun when the call is, and closed when the kernel has said the rest. */
export function continued(size: number, begin: Show, rest: Show, otherwise: string): ArgumentType<number> {
  return {
    ...shownBy(size, begin),
    leave: (c, low, high) => {
      if (!c.dereference || (low === 0 && high === 0)) return;
      const view = peekView(c.tracee, unsignedNumber(low, high), size);
      if (view === undefined) return;
      if (c.failed) c.out.punct(otherwise);
      else rest(c, view);
      c.out.punct("}");
    },
  };
}

/** The name of a field whose value is shown by hand. */
export function member(c: ShowContext, name: string, isFirst = false): void {
  if (!isFirst) c.out.punct(", ");
  c.out.name(name);
  c.out.punct("=");
}

/** A UUID, as it is written. */
export const uuid: Field = bytes(16, (c, view, offset) => {
  let text = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += view
      .getUint8(offset + i)
      .toString(16)
      .padStart(2, "0");
  }
  c.out.address(text);
});
