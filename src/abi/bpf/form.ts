// How the attributes of a bpf(2) command are shown: fields as far as the size given reaches, and what follows them.
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import type { Fields, Struct } from "../struct.js";

export interface Form {
  readonly shape: Struct<Fields>;
  /** The member of the union they are in, where it has a name. */
  readonly inside?: string;
  /** The last field of the first version, all of which is shown whatever the size. */
  readonly first: string;
  /** Fields that are shown from another size on than that which reaches into them: those that came with a field before them. */
  readonly from?: Readonly<Record<string, number>>;
  /** Fields that only some attributes have. */
  readonly only?: Readonly<Record<string, (view: DataView) => boolean>>;
  /** Fields whose name depends on others. */
  readonly named?: Readonly<Record<string, (view: DataView) => string>>;
}

/** Prints the fields of a form; `isFirst` where nothing comes before them. */
export function showForm(c: ShowContext, form: Form, view: DataView, size: number, isFirst = true): void {
  const { shape } = form;
  const always = shape.offset(form.first);
  let separator = isFirst ? "" : ", ";
  if (form.inside !== undefined) {
    c.out.punct(separator);
    c.out.name(form.inside);
    c.out.punct("={");
    separator = "";
  }
  for (const name of Object.keys(shape.fields)) {
    const offset = shape.offset(name);
    if (shape.fields[name]?.hidden || (offset > always && size <= (form.from?.[name] ?? offset))) continue;
    if (form.only?.[name]?.(view) === false) continue;
    c.out.punct(separator);
    separator = ", ";
    c.out.name(form.named?.[name]?.(view) ?? name);
    c.out.punct("=");
    shape.showField(c, view, name);
  }
  if (form.inside !== undefined) c.out.punct("}");
}

/** Where the last field of a form ends. */
export function endOf(form: Form): number {
  const last = Object.keys(form.shape.fields).at(-1) as string;
  return form.shape.offset(last) + (form.shape.fields[last]?.size("x86_64") ?? 0);
}

/** What the program gave beyond the fields known: nothing to say of zeros, and in short only that there is more. */
export function showExtraData(c: ShowContext, rest: Uint8Array, from: number): void {
  if (rest.every((byte) => byte === 0)) return;
  c.out.punct(", ");
  if (c.abbreviate) {
    c.out.punct("...");
    return;
  }
  c.out.name("extra_data");
  c.out.punct("=");
  c.out.string(quoted(rest, { hexStrings: "always" }));
  c.out.comment(` /* bytes ${from}..${from + rest.length - 1} */`);
}
