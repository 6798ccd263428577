// What netlink messages of a protocol carry.
import { addressFamilies } from "../constants/network.js";
import type { ShowContext } from "../show.js";
import { type Fields, type Struct, subview } from "../struct.js";
import { type Enumeration, type FlagSet, showEnumeration } from "../tables.js";
import { type AttributeTable, showAttributes, showHexBytes } from "./attribute.js";

/** What a message carries: a structure, whose first byte is a family, and attributes behind it. */
export interface Payload {
  readonly header: Struct<Fields>;
  /** A header that is cut is plain bytes: its first field says nothing of the rest. */
  readonly wholeOnly?: boolean;
  /** Undefined: plain bytes. */
  readonly attributes: AttributeTable | "unread" | undefined;
}

/** What is particular to one protocol. */
export interface Protocol {
  showType(c: ShowContext, type: number): void;
  /** The flags that only mean something with messages of this type. */
  flags(type: number): FlagSet;
  show(c: ShowContext, type: number, payload: DataView, flags: number): void;
}

/** How a protocol whose messages are numbered in one table names them. */
export const typesOf =
  (types: Enumeration): Protocol["showType"] =>
  (c, type) =>
    showEnumeration(c, types, type);

/** A header and attributes; of a header that is cut only the family. */
export function showPayload(
  c: ShowContext,
  payload: DataView,
  { header, wholeOnly, attributes: table }: Payload,
): void {
  const size = header.size();
  if (payload.byteLength < size) {
    if (wholeOnly === true) showHexBytes(c, payload);
    else showCutHeader(c, payload, header);
    return;
  }
  header.show(c, payload);
  const start = Math.ceil(size / 4) * 4;
  if (payload.byteLength <= start || table === "unread") return;
  c.out.punct(", ");
  const rest = subview(payload, start, payload.byteLength - start);
  if (table === undefined) showHexBytes(c, rest);
  else showAttributes(c, rest, table, payload.getUint8(0));
}

export function showCutHeader(c: ShowContext, payload: DataView, header: Struct<Fields>): void {
  const family = Object.keys(header.fields)[0] as string;
  c.out.punct("{");
  header.showFields(c, payload, [family]);
  c.out.punct(", ...}");
}

/** A message of a family that says no more. */
export function showFamilyAndData(c: ShowContext, payload: DataView): void {
  const { out } = c;
  out.punct("{");
  out.name("family");
  out.punct("=");
  showEnumeration(c, addressFamilies, payload.getUint8(0));
  if (payload.byteLength > 1) {
    out.punct(", ");
    out.name("data");
    out.punct("=");
    showHexBytes(c, subview(payload, 1, payload.byteLength - 1));
  }
  out.punct("}");
}
