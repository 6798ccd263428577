// Netlink attributes: a header of length and type, then a value, which may be attributes again. See netlink(7), rtnetlink(3).
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import { subview } from "../struct.js";
import { type Enumeration, showEnumeration, showNamed } from "../tables.js";

/** How the value of an attribute is printed: in plain bytes when there are fewer than `least`. */
export interface AttributeValue {
  readonly least: number;
  /** `family` is that of the message. */
  show(c: ShowContext, value: DataView, family: number): void;
}

/** The attributes that may be in one place. */
export interface AttributeTable {
  readonly types: Enumeration;
  readonly values: ReadonlyMap<number, AttributeValue>;
  /** The value of any type that has none of its own: in arrays the type is an index. */
  readonly others: AttributeValue | undefined;
}

/** Attributes by the names `types` has for them; those not named here are plain bytes. */
export function attributes(
  types: Enumeration,
  values: Readonly<Record<string, AttributeValue>>,
  others?: AttributeValue,
): AttributeTable {
  const byType = new Map<number, AttributeValue>();
  for (const [type, name] of types.names) {
    const value = values[name];
    if (value !== undefined) byType.set(type, value);
  }
  return { types, values: byType, others };
}

const HEADER = 4;
const NLA_F_NESTED = 0x8000;
const NLA_F_NET_BYTEORDER = 0x4000;
const ALIGNMENT = 4;

/** Where the bytes being shown are in the program's memory, less where they are in their buffer. */
let origin = 0;

/** Shows `view`, which was read at `address`. */
export function showingFrom(address: number, view: DataView, show: () => void): void {
  const outer = origin;
  origin = address - view.byteOffset;
  try {
    show();
  } finally {
    origin = outer;
  }
}

/** Where in the program's memory part of what is being shown begins. */
export const addressOf = (view: DataView): number => origin + view.byteOffset;

/** Bytes in hex, as many as strings may be long. */
export function showHexBytes(c: ShowContext, view: DataView): void {
  const limit = c.style.stringLimit;
  const shown = new Uint8Array(view.buffer, view.byteOffset, Math.min(view.byteLength, limit));
  c.out.string(quoted(shown, { hexStrings: "always" }));
  if (view.byteLength > limit) c.out.punct("...");
}

/**
 * What netlink makes sequences of, messages and attributes: each begins with its own length, header included, and the next one starts at
 * a multiple of four. Several are in brackets; what is too short for a header is plain bytes; a length without room for the
 * header ends the sequence.
 */
export function showSequence(
  c: ShowContext,
  view: DataView,
  header: number,
  lengthOf: (element: DataView) => number,
  showElement: (element: DataView) => void,
): void {
  if (depth === DEEPEST) {
    showHexBytes(c, view);
    return;
  }
  depth++;
  try {
    showElements(c, view, header, lengthOf, showElement);
  } finally {
    depth--;
  }
}

/** How deep in each other sequences are: what a program nests deeper than anybody would is plain bytes. */
let depth = 0;
const DEEPEST = 100;

function showElements(
  c: ShowContext,
  view: DataView,
  header: number,
  lengthOf: (element: DataView) => number,
  showElement: (element: DataView) => void,
): void {
  const total = view.byteLength;
  let isList = false;
  for (let at = 0, count = 0; ; count++) {
    const left = subview(view, at, total - at);
    if (count > 0) c.out.punct(", ");
    if (c.abbreviate && count === c.style.stringLimit) {
      c.out.punct("...");
      break;
    }
    const length = left.byteLength < header ? 0 : lengthOf(left);
    const next = length < header ? total : at + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    if (count === 0 && next < total) {
      isList = true;
      c.out.punct("[");
    }
    if (left.byteLength < header) showHexBytes(c, left);
    else showElement(subview(left, 0, Math.max(header, Math.min(length, left.byteLength))));
    if (next >= total) break;
    at = next;
  }
  if (isList) c.out.punct("]");
}

export function showAttributes(c: ShowContext, view: DataView, table: AttributeTable, family = 0): void {
  showSequence(
    c,
    view,
    HEADER,
    (element) => element.getUint16(0, true),
    (element) => showAttribute(c, element, table, family),
  );
}

function showAttribute(c: ShowContext, element: DataView, table: AttributeTable, family: number): void {
  const { out } = c;
  const type = element.getUint16(2, true);
  const hasValue = element.byteLength > HEADER;
  out.punct(hasValue ? "[{" : "{");
  out.name("nla_len");
  out.punct("=");
  out.number(element.getUint16(0, true).toString());
  out.punct(", ");
  out.name("nla_type");
  out.punct("=");
  if ((type & NLA_F_NESTED) !== 0) showTypeFlag(c, "NLA_F_NESTED", NLA_F_NESTED);
  if ((type & NLA_F_NET_BYTEORDER) !== 0) showTypeFlag(c, "NLA_F_NET_BYTEORDER", NLA_F_NET_BYTEORDER);
  const kind = type & ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER);
  showEnumeration(c, table.types, kind);
  out.punct("}");
  if (!hasValue) return;
  out.punct(", ");
  const value = subview(element, HEADER, element.byteLength - HEADER);
  const shown = table.values.get(kind) ?? table.others;
  if (shown === undefined || value.byteLength < shown.least) showHexBytes(c, value);
  else shown.show(c, value, family);
  out.punct("]");
}

function showTypeFlag(c: ShowContext, name: string, bit: number): void {
  showNamed(c, `0x${bit.toString(16)}`, name);
  c.out.punct("|");
}
