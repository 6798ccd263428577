// IP addresses, those of version 4 in their mapped form, and socket addresses made of them.
import { AF_INET, AF_INET6 } from "../../../abi/constants/network.js";

export const SOCKADDR_IN = 16;
export const SOCKADDR_IN6 = 28;
/** sockaddr_in6 without sin6_scope_id. */
export const SIN6_LEN_RFC2133 = 24;

export class IpAddress {
  /** 16 bytes in network order. */
  readonly bytes: Uint8Array;
  /** The same for the same address. */
  readonly key: string;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.key = Buffer.from(bytes).toString("hex");
  }

  static v4(a: number, b: number, c: number, d: number): IpAddress {
    return new IpAddress(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]));
  }

  get isV4(): boolean {
    return this.key.startsWith("00000000000000000000ffff");
  }

  get isAny(): boolean {
    return this === ANY_V4 || this === ANY_V6 || this.key === ANY_V4.key || this.key === ANY_V6.key;
  }

  /** Is it one of lo's? 127.0.0.0/8 and ::1. */
  get isLocal(): boolean {
    return this.isV4 ? this.bytes[12] === 127 && !this.isBroadcast : this.key === LOOPBACK_V6.key;
  }

  get isMulticast(): boolean {
    return this.isV4 ? (this.bytes[12] & 0xf0) === 0xe0 : this.bytes[0] === 0xff;
  }

  /** 255.255.255.255, and lo's 127.255.255.255. */
  get isBroadcast(): boolean {
    return (this.key.endsWith("ffffffff") && this.isV4) || this.key === LO_BROADCAST_KEY;
  }

  /** Does it need a scope: fe80::/10, and multicast that stays on its link? */
  get isLinkLocal(): boolean {
    if (this.isV4) return false;
    const [first, second] = this.bytes;
    return first === 0xff ? (second & 0xf) === 1 || (second & 0xf) === 2 : first === 0xfe && (second & 0xc0) === 0x80;
  }

  equals(other: IpAddress): boolean {
    return this.key === other.key;
  }

  /** inet_ntop's text, of a mapped address that of the version 4 one. */
  get text(): string {
    return this.isV4 ? this.bytes.subarray(12).join(".") : v6Text(this.bytes);
  }
}

const LO_BROADCAST_KEY = "00000000000000000000ffff7fffffff";
export const ANY_V4 = IpAddress.v4(0, 0, 0, 0);
export const ANY_V6 = new IpAddress(new Uint8Array(16));
export const LOOPBACK_V4 = IpAddress.v4(127, 0, 0, 1);
export const LOOPBACK_V6 = new IpAddress(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));

function v6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
  /** sin6_scope_id. */
  readonly scope: number;
}

/** Reads a sockaddr_in or sockaddr_in6; the caller has looked at its family and length. */
export function endpointOf(bytes: Uint8Array): Endpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const port = view.getUint16(2, false);
  if (view.getUint16(0, true) === AF_INET) {
    return { address: IpAddress.v4(bytes[4], bytes[5], bytes[6], bytes[7]), port, scope: 0 };
  }
  const scope = bytes.length >= SOCKADDR_IN6 ? view.getUint32(24, true) : 0;
  return { address: new IpAddress(bytes.slice(8, 24)), port, scope };
}

/** The socket address of a socket of `family`. */
export function sockaddrOf(family: number, { address, port }: { address: IpAddress; port: number }): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET6 ? SOCKADDR_IN6 : SOCKADDR_IN);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port, false);
  if (family === AF_INET6) bytes.set(address.bytes, 8);
  else bytes.set(address.bytes.subarray(12), 4);
  return bytes;
}

/** As /proc/net/tcp and its kin print it: 32-bit words in the machine's order. */
export function procText(family: number, address: IpAddress, port: number): string {
  const { bytes } = address;
  let text = "";
  for (let at = family === AF_INET6 ? 0 : 12; at < 16; at += 4) {
    for (let i = 3; i >= 0; i--) text += bytes[at + i].toString(16).padStart(2, "0");
  }
  return `${text.toUpperCase()}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}
