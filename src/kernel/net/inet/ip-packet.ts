// IP packets as raw and packet sockets see them: headers, checksums, and the ICMP messages the kernel itself answers with. net/ipv4/icmp.c
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from "../../../abi/constants/network.js";
import { IpAddress } from "./ip-address.js";

const HEADER = 20;
const HEADER_6 = 40;
const DEFAULT_TTL = 64;
const [ECHO_REPLY, UNREACHABLE, ECHO] = [0, 3, 8];
const [ECHO_REQUEST_6, ECHO_REPLY_6] = [128, 129];
const ERROR_TOS = 0xc0;
/** What of the packet that caused it goes back with an error at most. */
const QUOTED = 548;
export const PROTOCOL_UNREACHABLE = 2;
export const PORT_UNREACHABLE = 3;

export interface IpFields {
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl?: number;
  readonly tos?: number;
}

/** A packet on lo: its fields, what it carries, and all its bytes. */
export interface IpPacket extends IpFields {
  readonly payload: Uint8Array;
  readonly bytes: Uint8Array;
}

/** The Internet checksum. RFC 1071 */
export function checksum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at++) sum += at & 1 ? bytes[at] : bytes[at] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

let lastId = 0;

/** Puts a header before the payload. */
export function packetOf(fields: IpFields, payload: Uint8Array): IpPacket {
  const { protocol, source, destination, ttl = DEFAULT_TTL, tos = 0 } = fields;
  const isV4 = destination.isV4;
  const length = isV4 ? HEADER : HEADER_6;
  const bytes = new Uint8Array(length + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(payload, length);
  if (isV4) {
    view.setUint16(0, 0x4500 | tos);
    view.setUint16(2, bytes.length);
    view.setUint16(4, ++lastId & 0xffff);
    view.setUint16(8, (ttl << 8) | protocol);
    bytes.set(source.bytes.subarray(12), 12);
    bytes.set(destination.bytes.subarray(12), 16);
    view.setUint16(10, checksum(bytes.subarray(0, HEADER)));
  } else {
    view.setUint32(0, 0x60000000);
    view.setUint16(4, payload.length);
    view.setUint16(6, (protocol << 8) | ttl);
    bytes.set(source.bytes, 8);
    bytes.set(destination.bytes, 24);
  }
  return { ...fields, ttl, tos, payload: bytes.subarray(length), bytes };
}

/** A packet of version 4 that a program has made; undefined when it is none. */
export function parsePacket(bytes: Uint8Array): IpPacket | undefined {
  const length = (bytes[0] & 0xf) * 4;
  if (bytes.length < HEADER || bytes[0] >> 4 !== 4 || length < HEADER || length > bytes.length) return undefined;
  const [source, destination] = [12, 16].map((at) => IpAddress.v4(...(bytes.subarray(at, at + 4) as unknown as V4)));
  return {
    protocol: bytes[9],
    source,
    destination,
    ttl: bytes[8],
    tos: bytes[1],
    payload: bytes.subarray(length),
    bytes,
  };
}

type V4 = [number, number, number, number];

/** What the sender of a header of its own has left to the kernel: the length, the checksum, and what is 0. */
export function completeHeader(bytes: Uint8Array, source: IpAddress): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = (bytes[0] & 0xf) * 4;
  if (view.getUint32(12) === 0) bytes.set(source.bytes.subarray(12), 12);
  view.setUint16(2, bytes.length);
  if (view.getUint16(4) === 0) view.setUint16(4, ++lastId & 0xffff);
  view.setUint16(10, 0);
  view.setUint16(10, checksum(bytes.subarray(0, length)));
}

/** icmp_echo, icmpv6_echo_reply: what comes back; undefined when nothing does. */
export function echoReply(packet: IpPacket): IpPacket | undefined {
  const { payload, source, destination, tos } = packet;
  const isV4 = destination.isV4;
  const request = isV4 ? ECHO : ECHO_REQUEST_6;
  if (payload.length < 8 || payload[0] !== request || (isV4 && checksum(payload) !== 0)) return undefined;
  const reply = payload.slice();
  reply[0] = isV4 ? ECHO_REPLY : ECHO_REPLY_6;
  const fields = { protocol: isV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, source: destination, destination: source };
  sumIcmp(reply, fields);
  return packetOf(isV4 ? { ...fields, tos: tos ?? 0 } : fields, reply);
}

/** The checksum of an ICMP message; that of version 6 is over the addresses too. */
export function sumIcmp(message: Uint8Array, { source, destination }: Pick<IpFields, "source" | "destination">): void {
  const view = new DataView(message.buffer, message.byteOffset);
  view.setUint16(2, 0);
  let start = 0;
  if (!destination.isV4) {
    start = message.length + IPPROTO_ICMPV6;
    start += 0xffff - checksum(source.bytes) + (0xffff - checksum(destination.bytes));
  }
  view.setUint16(2, checksum(message, start));
}

/** icmp_send: why a packet has not arrived. */
export function unreachable(packet: IpPacket, code: number): IpPacket {
  const quoted = packet.bytes.subarray(0, QUOTED);
  const message = new Uint8Array(8 + quoted.length);
  message[0] = UNREACHABLE;
  message[1] = code;
  message.set(quoted, 8);
  const fields = { protocol: IPPROTO_ICMP, source: packet.destination, destination: packet.source, tos: ERROR_TOS };
  sumIcmp(message, fields);
  return packetOf(fields, message);
}

/** A datagram with its UDP header. */
export function datagramOf(
  fields: Omit<IpFields, "protocol">,
  from: number,
  to: number,
  data: Uint8Array,
  protocol: number,
): IpPacket {
  const udp = new Uint8Array(8 + data.length);
  const view = new DataView(udp.buffer);
  view.setUint16(0, from);
  view.setUint16(2, to);
  view.setUint16(4, udp.length);
  udp.set(data, 8);
  return packetOf({ ...fields, protocol }, udp);
}
