// What the values of netlink attributes are made of.

import type { ArgumentType } from "../argument.js";
import {
  ARPHRD_ARCNET,
  ARPHRD_AX25,
  ARPHRD_DLCI,
  ARPHRD_ETHER,
  ARPHRD_EUI64,
  ARPHRD_IEEE802,
  ARPHRD_IEEE1394,
  ARPHRD_INFINIBAND,
  ARPHRD_NETROM,
  ethPTypes,
} from "../constants/netlink.js";
import { AF_INET, AF_INET6 } from "../constants/network.js";
import { showInterface } from "../control-messages.js";
import { hardwareText, htonl as htonlText, htons, inetText, ipv6Text, showNamedBytes } from "../named-bytes.js";
import { hexInt, hexLong } from "../scalars.js";
import type { ShowContext } from "../show.js";

import { showBytes } from "../strings.js";
import * as fields from "../struct.js";
import { type Enumeration, enumeration, type FlagSet, showEnumeration, showFlags } from "../tables.js";
import { type AttributeTable, type AttributeValue, attributes, showAttributes, showHexBytes } from "./attribute.js";

const bytesOf = (view: DataView, at = 0, length = view.byteLength - at): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

/** Bytes that mean nothing more. */
export const hex: AttributeValue = { least: 0, show: showHexBytes };

/** A number, as a field of a structure is declared. */
function scalar(field: fields.Field): AttributeValue {
  const box = fields.struct({ value: field });
  return { least: field.size("x86_64"), show: (c, view) => box.showField(c, view, "value") };
}

export const u8 = scalar(fields.u8());
export const u16 = scalar(fields.u16());
export const u32 = scalar(fields.u32());
export const u64 = scalar(fields.u64());
export const s32 = scalar(fields.s32());
export const s64 = scalar(fields.s64());
export const x8 = scalar(fields.u8(hexInt));
export const x16 = scalar(fields.u16(hexInt));
export const x32 = scalar(fields.u32(hexInt));
export const x64 = scalar(fields.u64(hexLong));

/** Bytes that have a name. */
function named(size: number, name: (view: DataView, at: number) => string): fields.Field {
  const show = (c: ShowContext, view: DataView, at: number): void =>
    showNamedBytes(c, bytesOf(view, at, size), name(view, at));
  return fields.bytes(size, show, size);
}

/** Numbers in network order, as fields of structures: printed as the number, or as the call that makes it. */
export const be16Field = fields.bytes(2, (c, view, at) => c.out.number(view.getUint16(at).toString()), 2);
export const be32Field = fields.bytes(4, (c, view, at) => c.out.number(view.getUint32(at).toString()), 4);
export const be64Field = fields.bytes(8, (c, view, at) => c.out.number(view.getBigUint64(at).toString()), 8);
export const portField = named(2, htons);
export const htonlField = named(4, htonlText);
export const inetField = named(4, (view, at) => inetText(bytesOf(view, at, 4)));
export const interfaceField = fields.u32({
  receive: (low) => low >>> 0,
  show: (c, low) => showInterface(c, low >>> 0),
});

/** Bytes in hex, and those of a link-layer address. */
export const hexField = (size: number): fields.Field =>
  fields.bytes(size, (c, view, at) => showHexBytes(c, fields.subview(view, at, size)));
export const hardwareField = (size: number): fields.Field =>
  fields.bytes(size, (c, view, at) => showHardware(c, bytesOf(view, at, size)));
/** An EUI-64, four bytes after what comes before it. */
export const guidField = fields.bytes(
  8,
  (c, view, at) => hexLong.show(c, view.getInt32(at, true), view.getInt32(at + 4, true)),
  4,
);
function showEtherType(c: ShowContext, table: Enumeration, type: number): void {
  c.out.punct("htons(");
  showEnumeration(c, table, type);
  c.out.punct(")");
}
/** As attributes of their own have them. */
const etherTypes: Enumeration = ethPTypes.calling("ETHER_P_???");
export const etherTypeField = fields.bytes(2, (c, view, at) => showEtherType(c, ethPTypes, view.getUint16(at)), 2);

/** A protocol of frames. */
export const etherType = scalar(fields.bytes(2, (c, view, at) => showEtherType(c, etherTypes, view.getUint16(at)), 2));
export const be16 = scalar(be16Field);
export const be32 = scalar(be32Field);
export const be64 = scalar(be64Field);
/** A number by the call that makes it, which attributes never have as bytes. */
const called = (size: number, call: (view: DataView, at: number) => string): AttributeValue =>
  scalar(fields.bytes(size, (c, view, at) => c.out.flag(call(view, at)), size));
export const port = called(2, htons);
export const htonl = called(4, htonlText);
export const htobe64 = called(8, (view, at) => `htobe64(${view.getBigUint64(at)})`);
export const inetAddress = scalar(inetField);
/** The index of an interface, by its name where it has one. */
export const interfaceIndex = scalar(interfaceField);

/** A link-layer address, or the bytes it is part of and it as a comment. */
function showHardware(c: ShowContext, address: Uint8Array, bytes = address): void {
  showNamedBytes(c, bytes, hardwareText(address));
}

/** Masks of hashes: eight places, for zero too. */
export const eightDigits: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number(low === 0 ? "00000000" : `0x${(low >>> 0).toString(16).padStart(6, "0")}`),
};

function showInet(c: ShowContext, address: Uint8Array): void {
  showNamedBytes(c, address, inetText(address));
}

/** An address of the family the message is about. */
export const familyAddress: AttributeValue = {
  least: 1,
  show: (c, view, family) => {
    if (family === AF_INET && view.byteLength >= 4) showInet(c, bytesOf(view, 0, 4));
    else if (family === AF_INET6 && view.byteLength >= 16) inet6Address.show(c, view, family);
    else showHexBytes(c, view);
  },
};

export const inet6Address: AttributeValue = {
  least: 16,
  show: (c, view) => {
    const address = bytesOf(view, 0, 16);
    showNamedBytes(c, address, `inet_pton(AF_INET6, "${ipv6Text(address)}")`);
  },
};

/** A string: as much as strings may be long, but for the NUL it should end with. */
export const text: AttributeValue = {
  least: 1,
  show: (c, view) => {
    const shown = bytesOf(view, 0, Math.min(view.byteLength, c.style.stringLimit));
    const isWhole = shown[shown.length - 1] === 0;
    showBytes(c, isWhole ? shown.subarray(0, -1) : shown, isWhole);
  },
};

const MAX_ADDR_LEN = 32;

/** A string that ends where its first NUL is. */
export const word: AttributeValue = {
  least: 1,
  show: (c, view) => {
    const all = bytesOf(view);
    const end = all.indexOf(0);
    showBytes(c, end < 0 ? all : all.subarray(0, end), end >= 0);
  },
};

/** A link-layer address, of which no more is told than is one of the family's. */
function addressOfLink(most: (family: number) => number): AttributeValue {
  return {
    least: 1,
    show: (c, view, family) => {
      if (view.byteLength > MAX_ADDR_LEN) showHexBytes(c, view);
      else showHardware(c, bytesOf(view, 0, Math.min(view.byteLength, most(family))), bytesOf(view));
    },
  };
}

export const hardwareAddress = addressOfLink(() => MAX_ADDR_LEN);

/** What strace takes the message's family for: a type of hardware, of which it knows how long addresses are. */
const hardwareLengths: Readonly<Record<number, number>> = {
  [ARPHRD_NETROM]: 7,
  [ARPHRD_ETHER]: 6,
  [ARPHRD_AX25]: 7,
  [ARPHRD_IEEE802]: 6,
  [ARPHRD_ARCNET]: 1,
  [ARPHRD_DLCI]: 2,
  [ARPHRD_IEEE1394]: 16,
  [ARPHRD_EUI64]: 8,
  [ARPHRD_INFINIBAND]: 20,
};
/** That of a link itself. */
export const linkAddress = addressOfLink((family) => hardwareLengths[family] ?? MAX_ADDR_LEN);

/** A constant in `size` bytes. */
export function oneOf(table: Enumeration, size: 1 | 2 | 4, order: "host" | "net" = "host"): AttributeValue {
  return { least: size, show: (c, view) => showEnumeration(c, table, unsigned(view, size, order)) };
}

const WIDEST = 8;

/** Flags in the first `size` of at most eight bytes. */
export function wideFlags(table: FlagSet, size: 1 | 2 | 4): AttributeValue {
  return notBeyond(WIDEST, flags(table, size));
}

/** The same, number and names. */
export function toldFlags(table: FlagSet): AttributeValue {
  const show = (c: ShowContext, view: DataView): void =>
    showFlags(c, table, view.getUint8(0), 0, c.style.constants === "raw" ? "raw" : "verbose");
  return notBeyond(WIDEST, { least: 1, show });
}

/** Plain bytes when there are more than `most`. */
export function notBeyond(most: number, value: AttributeValue): AttributeValue {
  return {
    least: value.least,
    show: (c, view, family) => (view.byteLength > most ? showHexBytes(c, view) : value.show(c, view, family)),
  };
}

/** A constant in as many bytes as there are, from `least` to eight. */
export function wideOneOf(table: Enumeration, least: number): AttributeValue {
  return {
    least,
    show: (c, view) => {
      if (view.byteLength > WIDEST) {
        showHexBytes(c, view);
        return;
      }
      const whole = new Uint8Array(WIDEST);
      whole.set(bytesOf(view));
      const value = new DataView(whole.buffer);
      showEnumeration(c, table, value.getInt32(0, true), value.getInt32(4, true));
    },
  };
}

export function flags(table: FlagSet, size: 1 | 2 | 4): AttributeValue {
  return { least: size, show: (c, view) => showFlags(c, table, unsigned(view, size, "host")) };
}

function unsigned(view: DataView, size: 1 | 2 | 4, order: "host" | "net"): number {
  if (size === 1) return view.getUint8(0);
  return size === 2 ? view.getUint16(0, order === "host") : view.getInt32(0, order === "host");
}

export function struct(type: fields.Struct<fields.Fields>): AttributeValue {
  return { least: type.size(), show: (c, view) => type.show(c, view) };
}

/** A structure whose last bytes, only there for its alignment, may be missing. */
export function unpadded(least: number, type: fields.Struct<fields.Fields>): AttributeValue {
  return { ...struct(type), least };
}

/** `[a, b]`: as many elements as there are whole ones, what is left in plain bytes; cut at the string limit when abbreviating. */
export function sequence(
  size: number,
  show: (c: ShowContext, element: DataView, index: number) => void,
): AttributeValue {
  return {
    least: size,
    show: (c, view) => {
      const count = Math.floor(view.byteLength / size);
      const shown = c.abbreviate ? Math.min(count, c.style.stringLimit) : count;
      c.out.punct("[");
      for (let i = 0; i < shown; i++) {
        if (i > 0) c.out.punct(", ");
        show(c, fields.subview(view, i * size, size), i);
      }
      if (shown < count) c.out.punct(shown > 0 ? ", ..." : "...");
      c.out.punct("]");
    },
  };
}

export function structs(type: fields.Struct<fields.Fields>): AttributeValue {
  return sequence(type.size(), (c, element) => type.show(c, element));
}

export function list(field: fields.Field): AttributeValue {
  const box = fields.struct({ value: field });
  return sequence(box.size(), (c, element) => box.showField(c, element, "value"));
}

/** `[[NAME]=1, ...]`: an array whose indices have names. */
export function indexed(names: Enumeration, field: fields.Field): AttributeValue {
  const box = fields.struct({ value: field });
  return sequence(box.size(), (c, element, index) => {
    c.out.punct("[");
    showEnumeration(c, names, index, 0, "decimal");
    c.out.punct("]=");
    box.showField(c, element, "value");
  });
}

/** A time in parts of a second, in as many bytes as there are. */
function time(partsOfSecond: bigint, digits: number): AttributeValue {
  return {
    least: 1,
    show: (c, view) => {
      if (view.byteLength > WIDEST) {
        showHexBytes(c, view);
        return;
      }
      let parts = 0n;
      for (let at = view.byteLength - 1; at >= 0; at--) parts = parts * 256n + BigInt(view.getUint8(at));
      c.out.number(parts.toString());
      if (parts === 0n || c.style.constants === "raw") return;
      c.out.comment(` /* ${parts / partsOfSecond}.${(parts % partsOfSecond).toString().padStart(digits, "0")} s */`);
    },
  };
}

export const centiseconds = time(100n, 2);
export const milliseconds = time(1000n, 3);

/** A number of one, two, four or eight bytes, in hex; plain bytes when there are others. */
export const hexOfAnySize: AttributeValue = {
  least: 1,
  show: (c, view, family) => {
    const known = [x8, x16, x32, x64].find(({ least }) => least === view.byteLength);
    (known ?? hex).show(c, view, family);
  },
};

/** A value, and attributes behind it. */
export function followed(value: AttributeValue, table: AttributeTable): AttributeValue {
  return {
    least: value.least,
    show: (c, view, family) => {
      value.show(c, view, family);
      const size = Math.ceil(value.least / 4) * 4;
      if (view.byteLength <= size) return;
      c.out.punct(", ");
      showAttributes(c, fields.subview(view, size, view.byteLength - size), table, family);
    },
  };
}

export const indices = enumeration("", {});

/** Attributes whose types are indices, each with attributes in it. */
export const nestedArray = (table: AttributeTable): AttributeValue => nested(attributes(indices, {}, nested(table)));

/** Attributes in an attribute. */
export function nested(table: AttributeTable): AttributeValue {
  return { least: 4, show: (c, view, family) => showAttributes(c, view, table, family) };
}
