// Arrays of chars that hold a name, and end it with NUL where there is room.
import type { ShowContext } from "./show.js";
import { quoted } from "./strings.js";
import { bytes, type Field } from "./struct.js";

/** A name that ends with NUL in as many bytes as there are. */
export const nameField = (size: number): Field => bytes(size, (c, view, offset) => showName(c, view, offset, size));

export function showName(c: ShowContext, view: DataView, offset: number, size: number): void {
  const all = new Uint8Array(view.buffer, view.byteOffset + offset, Math.min(size, view.byteLength - offset));
  const end = all.indexOf(0);
  c.out.string(quoted(end < 0 ? all.subarray(0, -1) : all.subarray(0, end), c.style));
  if (end < 0) c.out.punct("...");
}
