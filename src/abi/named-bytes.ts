// Bytes that have a name: addresses and numbers in network order. With -X they are the bytes, or both.
import type { ShowContext } from "./show.js";
import { quoted } from "./strings.js";
import { showNamed } from "./tables.js";

/** Bytes and their name: as -X has it, one or both. */
export const showNamedBytes = (c: ShowContext, bytes: Uint8Array, name: string): void =>
  showNamed(c, quoted(bytes, { hexStrings: "always" }), name);

const bytesAt = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

export const htons = (view: DataView, at: number): string => `htons(${view.getUint16(at)})`;
export const htonl = (view: DataView, at: number): string => `htonl(${view.getUint32(at)})`;
export const inetText = (address: Uint8Array): string => `inet_addr("${address.join(".")}")`;

export const showPort = (c: ShowContext, view: DataView, at: number): void =>
  showNamedBytes(c, bytesAt(view, at, 2), htons(view, at));

export const showHtonl = (c: ShowContext, view: DataView, at: number): void =>
  showNamedBytes(c, bytesAt(view, at, 4), htonl(view, at));

/** The address of version 4 in the first bytes of as many as there are. */
export const showInetAddress = (c: ShowContext, bytes: Uint8Array): void =>
  showNamedBytes(c, bytes, inetText(bytes.subarray(0, 4)));

/** A field that is an address of version 6: the call that makes it names the field itself. */
export function showInet6Field(c: ShowContext, name: string, address: Uint8Array): void {
  const text = `inet_pton(AF_INET6, "${ipv6Text(address)}"`;
  if (c.style.constants === "abbrev") {
    c.out.flag(`${text}, &${name})`);
    return;
  }
  c.out.name(name);
  c.out.punct("=");
  showNamedBytes(c, address, `${text})`);
}

export const hardwareText = (address: Uint8Array): string =>
  [...address].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/** A link-layer address. */
export function showHardwareAddress(c: ShowContext, address: Uint8Array): void {
  if (address.length > 0) showNamedBytes(c, address, hardwareText(address));
  else if (c.style.constants !== "abbrev") c.out.string('""');
}

export function ipv6Text(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const tail = (at: number): string => bytes.slice(at).join(".");
  if (mapped) return `::ffff:${tail(12)}`;
  let bestAt = -1;
  let bestLength = 1;
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > bestLength) {
      bestAt = at;
      bestLength = length;
    }
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (bestAt < 0) return text(groups);
  if (bestAt === 0 && bestLength === 6) return `::${tail(12)}`;
  return `${text(groups.slice(0, bestAt))}::${text(groups.slice(bestAt + bestLength))}`;
}
