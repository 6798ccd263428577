// Control messages (cmsg): what travels beside the bytes of a message, printed by level and type.

import * as ip from "./constants/network.js";
import {
  inetProtocols,
  ipControlTypes,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SCM_RIGHTS,
  SCM_SECURITY,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_IP,
  SOL_SOCKET,
  socketControlTypes,
  socketLevels,
} from "./constants/network.js";
import { showDescriptor } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView, wordSize } from "./memory.js";
import { showInetAddress } from "./named-bytes.js";
import { showAddress, userId } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddress } from "./socket-address.js";
import { quoted } from "./strings.js";
import { type Fields, type Struct, s32, s64, struct, subview, timeWord, u8, u32 } from "./struct.js";
import { type Enumeration, showEnumeration, showNamed } from "./tables.js";

const CONTROL_LIMIT = 4096;

export const ucred = struct({ pid: s32(), uid: u32(userId), gid: u32(userId) });
/** As the program has them, and of 64 bits. */
const [timeval, timevalNew] = [timeWord, s64].map((field) => struct({ tv_sec: field(), tv_usec: field() }));
const [timespec, timespecNew] = [timeWord, s64].map((field) => struct({ tv_sec: field(), tv_nsec: field() }));
const extendedError = struct({
  ee_errno: u32(),
  ee_origin: u8(),
  ee_type: u8(),
  ee_code: u8(),
  ee_pad: u8(),
  ee_info: u32(),
  ee_data: u32(),
});

/** As IP_PROTOCOL tells of it. */
const protocolsOfMessages: Enumeration = inetProtocols.calling("IP_???");

/** Levels as control messages name them: those without a name have a comment of their own. */
const levels: Enumeration = socketLevels.calling("SOL_???");

export function showControl(c: ShowContext, low: number, high: number, length: number): void {
  const word = wordSize(c);
  const header = word + 8;
  const start = unsignedNumber(low, high);
  const view = length < header ? undefined : peekView(c.tracee, start, Math.min(length, CONTROL_LIMIT));
  if (view === undefined) {
    showAddress(c, low, high);
    return;
  }
  const { out } = c;
  out.punct("[");
  let at = 0;
  for (let isOver = false; !isOver && at + header <= view.byteLength; ) {
    const size = view.getUint32(at, true);
    out.punct(at === 0 ? "{" : ", {");
    showMessage(c, subview(view, at, Math.max(header, Math.min(size, view.byteLength - at))), size, word);
    out.punct("}");
    isOver = size < header;
    at += isOver ? header : Math.ceil(size / word) * word;
  }
  // What is left is no message.
  if (at < view.byteLength) {
    out.punct(", ...");
    out.comment(` /* 0x${(start + at).toString(16)} */`);
  }
  out.punct("]");
}

/** One message; `size` is its cmsg_len, whatever room there is. */
function showMessage(c: ShowContext, view: DataView, size: number, word: number): void {
  const { out } = c;
  const level = view.getInt32(word, true);
  const type = view.getInt32(word + 4, true);
  const field = (name: string): void => {
    out.name(name);
    out.punct("=");
  };
  field("cmsg_len");
  out.number(size.toString());
  out.punct(", ");
  field("cmsg_level");
  showEnumeration(c, levels, level);
  out.punct(", ");
  field("cmsg_type");
  if (level === SOL_SOCKET) showEnumeration(c, socketControlTypes, type);
  else if (level === SOL_IP) showEnumeration(c, ipControlTypes, type);
  else out.number(hex(type));
  const data = subview(view, word + 8, view.byteLength - word - 8);
  if (data.byteLength === 0) return;
  out.punct(", ");
  field("cmsg_data");
  if (level === SOL_SOCKET) showSocketData(c, data, type);
  else if (level === SOL_IP) showIpData(c, data, type);
  else showHex(c, data);
}

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function showHex(c: ShowContext, data: DataView): void {
  c.out.string(quoted(bytesOf(data), { hexStrings: "always" }));
}

/** As many elements as strings may be long, unless nothing is to be cut. */
function showList(c: ShowContext, data: DataView, size: number, show: (at: number) => void): void {
  const count = Math.floor(data.byteLength / size);
  const shown = c.abbreviate ? Math.min(count, c.style.stringLimit) : count;
  c.out.punct("[");
  for (let i = 0; i < shown; i++) {
    if (i > 0) c.out.punct(", ");
    show(i * size);
  }
  if (shown < count) c.out.punct(shown > 0 ? ", ..." : "...");
  c.out.punct("]");
}

function showSocketData(c: ShowContext, data: DataView, type: number): void {
  const size = data.byteLength;
  if (type === SCM_RIGHTS && size >= 4) showList(c, data, 4, (at) => showDescriptor(c, data.getInt32(at, true)));
  else if (type === SCM_PIDFD && size >= 4) showDescriptor(c, data.getInt32(0, true));
  else if (type === SCM_CREDENTIALS && size >= 12) ucred.show(c, data);
  else if (type === SCM_SECURITY) c.out.string(quoted(bytesOf(data), c.style));
  else if (type in timestamps) showTime(c, data, ...(timestamps[type] as Timestamps));
  else showHex(c, data);
}

type Timestamps = readonly [count: number, form: Struct<Fields>];
const timestamps: Readonly<Record<number, Timestamps>> = {
  [SO_TIMESTAMP_OLD]: [1, timeval as Struct<Fields>],
  [SO_TIMESTAMP_NEW]: [1, timevalNew as Struct<Fields>],
  [SO_TIMESTAMPNS_OLD]: [1, timespec as Struct<Fields>],
  [SO_TIMESTAMPNS_NEW]: [1, timespecNew as Struct<Fields>],
  [SO_TIMESTAMPING_OLD]: [3, timespec as Struct<Fields>],
  [SO_TIMESTAMPING_NEW]: [3, timespecNew as Struct<Fields>],
};

function showTime(c: ShowContext, data: DataView, count: number, form: Struct<Fields>): void {
  const size = form.size(c.abi);
  if (data.byteLength < count * size) c.out.punct("???");
  else if (count === 1) form.show(c, data);
  else showList(c, subview(data, 0, count * size), size, (at) => form.show(c, subview(data, at, size)));
}

function showIpData(c: ShowContext, data: DataView, type: number): void {
  const { out } = c;
  const size = data.byteLength;
  if ((type === ip.IP_TTL || type === ip.IP_CHECKSUM) && size >= 4) {
    showList(c, data, 4, (at) => out.number(data.getUint32(at, true).toString()));
  } else if (type === ip.IP_TOS || type === ip.IP_RECVOPTS || type === ip.IP_RETOPTS) {
    showList(c, data, 1, (at) => out.number(hex(data.getUint8(at))));
  } else if (type === ip.IP_PKTINFO && size >= 12) showPacketInfo(c, data);
  else if (type === ip.IP_RECVERR && size >= 32) showExtendedError(c, data);
  else if (type === ip.IP_ORIGDSTADDR && size >= 16) showSocketAddress(c, data);
  else if (type === SCM_SECURITY) out.string(quoted(bytesOf(data), c.style));
  else if (type === ip.IP_PROTOCOL && size >= 4) {
    out.punct("[");
    showEnumeration(c, protocolsOfMessages, data.getInt32(0, true));
    out.punct("]");
  } else showHex(c, data);
}

/** struct in_pktinfo. The tracer asks its own machine for the name of an interface. */
function showPacketInfo(c: ShowContext, data: DataView): void {
  const { out } = c;
  out.punct("{");
  out.name("ipi_ifindex");
  out.punct("=");
  showInterface(c, data.getUint32(0, true));
  for (const [at, name] of [
    [4, "ipi_spec_dst"],
    [8, "ipi_addr"],
  ] as const) {
    out.punct(", ");
    out.name(name);
    out.punct("=");
    showInetAddress(c, bytesOf(subview(data, at, 4)));
  }
  out.punct("}");
}

/** An interface by its index: lo is the first everywhere. */
export function showInterface(c: ShowContext, index: number): void {
  if (index === 1) showNamed(c, "1", 'if_nametoindex("lo")');
  else c.out.number(index.toString());
}

function showExtendedError(c: ShowContext, data: DataView): void {
  const { out } = c;
  const fields = ["ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"] as const;
  fields.forEach((name, index) => {
    out.punct(index === 0 ? "{" : ", ");
    out.name(name);
    out.punct("=");
    extendedError.showField(c, data, name);
  });
  out.punct(", ");
  out.name("offender");
  out.punct("=");
  showSocketAddress(c, subview(data, 16, 16));
  out.punct("}");
}
