// Argument types of sockets: addresses by family, messages with their control data, option values.
import { type ArgumentType, dependent } from "./argument.js";
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  addressFamilies,
  inetProtocols,
  ipOptions,
  ipv6Options,
  messageFlags,
  netlinkOptions,
  netlinkProtocols,
  packetOptions,
  rawOptions,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SO_ERROR,
  SO_LINGER,
  SO_PEERCRED,
  SOL_SOCKET,
  sctpOptions,
  socketControlTypes,
  socketLevels,
  socketOptions,
  socketTypeFlags,
  socketTypes,
  tcpOptions,
  tlsOptions,
  udpOptions,
  xdpOptions,
} from "./constants/network.js";
import { showDescriptor } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { errnoName } from "./errno.js";
import { showIoVector } from "./io-vector.js";
import { peekInt, peekView, wordSize } from "./memory.js";
import { int, oneOf, showAddress, unsignedInt } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { quoted, showBuffer } from "./strings.js";
import { type Fields, type Struct, s32, showArray, showPointed, struct, structIn, subview, u32 } from "./struct.js";
import { type Enumeration, showEnumeration, showFlags, showNamed } from "./tables.js";

const SOCKADDR_LIMIT = 128;

function bytesOf(view: DataView, offset: number, length = view.byteLength - offset): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

function ipv6Text(bytes: Uint8Array): string {
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

/** A socket address of `view`'s length. */
export function showSocketAddress(c: ShowContext, view: DataView): void {
  const { out } = c;
  const family = view.getUint16(0, true);
  const length = view.byteLength;
  const field = (name: string): void => {
    out.punct(", ");
    out.name(name);
    out.punct("=");
  };
  const port = (name: string): void => {
    field(name);
    out.flag(`htons(${view.getUint16(2, false)})`);
  };
  out.punct("{");
  out.name("sa_family");
  out.punct("=");
  showEnumeration(c, addressFamilies, family);
  if (family === AF_UNIX && length > 2) {
    field("sun_path");
    const path = bytesOf(view, 2);
    if (path[0] === 0 && path.length > 1) {
      out.punct("@");
      out.string(quoted(path.subarray(1), c.style));
    } else {
      const end = path.indexOf(0);
      out.string(quoted(end < 0 ? path : path.subarray(0, end), c.style));
    }
  } else if (family === AF_INET && length >= 16) {
    port("sin_port");
    field("sin_addr");
    out.flag(`inet_addr("${bytesOf(view, 4, 4).join(".")}")`);
  } else if (family === AF_INET6 && length >= 24) {
    port("sin6_port");
    field("sin6_flowinfo");
    out.flag(`htonl(${view.getUint32(4, false)})`);
    out.punct(", ");
    out.flag(`inet_pton(AF_INET6, "${ipv6Text(bytesOf(view, 8, 16))}", &sin6_addr)`);
    if (length >= 28) {
      field("sin6_scope_id");
      out.number(view.getUint32(24, true).toString());
    }
  } else if (family === AF_NETLINK && length >= 12) {
    field("nl_pid");
    out.number(view.getInt32(4, true).toString());
    field("nl_groups");
    out.number(view.getUint32(8, true).toString(16).padStart(8, "0"));
  } else if (length > 2) {
    field("sa_data");
    out.string(quoted(bytesOf(view, 2), c.style));
  }
  out.punct("}");
}

function showSocketAddressAt(c: ShowContext, low: number, high: number, length: number): void {
  if (length < 2) showAddress(c, low, high);
  else showPointed(c, low, high, Math.min(length, SOCKADDR_LIMIT), showSocketAddress);
}

/** An address the program gives, as long as argument `length` says. */
export function socketAddressIn(length: string): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => showSocketAddressAt(c, low, high, c.low(length)),
  };
}

/** An address the kernel fills in; `length` names the pointer to its length, whose value at entry is noted there. */
export function socketAddressOut(length: string): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: true,
    enter: (c) => {
      c.notes[c.index] = peekInt(c.tracee, c.unsigned(length));
    },
    show: (c, low, high) => {
      const room = c.notes[c.index] as number | undefined;
      const real = c.failed ? undefined : peekInt(c.tracee, c.unsigned(length));
      if (room === undefined || real === undefined || room < 0) showAddress(c, low, high);
      else showSocketAddressAt(c, low, high, Math.min(room, real));
    },
  };
}

/** The pointer to an address's length: `[128 => 16]`. */
export const socketLengthInOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    c.notes[c.index] = low === 0 && high === 0 ? undefined : peekInt(c.tracee, unsignedNumber(low, high));
  },
  show: (c, low, high) => {
    const room = c.notes[c.index] as number | undefined;
    const real = c.failed ? room : peekInt(c.tracee, unsignedNumber(low, high));
    if (room === undefined || real === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.punct("[");
    c.out.number(room.toString());
    if (real !== room) {
      c.out.punct(" => ");
      c.out.number(real.toString());
    }
    c.out.punct("]");
  },
};

export const socketType: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const type = low & 0xf;
    const flags = low & ~0xf;
    const name = socketTypes.names.get(type);
    if (c.style.constants !== "abbrev" || name === undefined) {
      showEnumeration(c, socketTypes, type);
      if (flags === 0) return;
      c.out.punct("|");
      showFlags(c, socketTypeFlags, flags);
      return;
    }
    c.out.flag(name);
    if (flags === 0) return;
    c.out.punct("|");
    if (socketTypeFlags.low.some((bits) => (flags & bits) === bits)) showFlags(c, socketTypeFlags, flags);
    else c.out.number(hex(flags));
  },
};

export const socketProtocol: ArgumentType<number> = dependent(int, (c) => {
  const domain = c.low("domain");
  if (domain === AF_INET || domain === AF_INET6) return oneOf(inetProtocols);
  return domain === AF_NETLINK ? oneOf(netlinkProtocols) : unsignedInt;
});

const optionTables: Readonly<Record<number, Enumeration>> = {
  0: ipOptions,
  1: socketOptions,
  6: tcpOptions,
  17: udpOptions,
  41: ipv6Options,
  132: sctpOptions,
  255: rawOptions,
  263: packetOptions,
  270: netlinkOptions,
  282: tlsOptions,
  283: xdpOptions,
};

export const socketLevel = oneOf(socketLevels);

export const socketOption: ArgumentType<number> = dependent(int, (c) => {
  const table = optionTables[c.low("level")];
  return table === undefined ? unsignedInt : oneOf(table);
});

const linger = struct({ l_onoff: s32(), l_linger: s32() });
export const ucred = struct({ pid: s32(), uid: u32(), gid: u32() });

/** An option's value of `length` bytes. */
function showOptionValue(c: ShowContext, low: number, high: number, length: number, reading: boolean): void {
  const level = c.low("level");
  const name = c.low("optname");
  const start = unsignedNumber(low, high);
  if (level === SOL_SOCKET && name === SO_LINGER && length >= 8) {
    structIn(linger as Struct<Fields>).show(c, low, high);
    return;
  }
  if (level === SOL_SOCKET && name === SO_PEERCRED && length >= 12) {
    structIn(ucred as Struct<Fields>).show(c, low, high);
    return;
  }
  const value = length === 4 ? peekView(c.tracee, start, 4)?.getInt32(0, true) : undefined;
  if (value !== undefined) {
    c.out.punct("[");
    const error = reading && level === SOL_SOCKET && name === SO_ERROR ? errnoName(value) : undefined;
    if (error !== undefined) showNamed(c, value.toString(), error);
    else c.out.number(value.toString());
    c.out.punct("]");
  } else showBuffer(c, low, high, length);
}

export const optionIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showOptionValue(c, low, high, c.low("optlen"), false),
};

export const optionOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  show: (c, low, high) => {
    const length = c.failed ? undefined : peekInt(c.tracee, c.unsigned("optlen"));
    if (length === undefined) showAddress(c, low, high);
    else showOptionValue(c, low, high, length, true);
  },
};

/** msghdr in memory order; `msg_flags` is the kernel's to fill. */
interface MessageLayout {
  readonly size: number;
  readonly word: number;
}

const layoutOf = (c: ShowContext): MessageLayout => (wordSize(c) === 8 ? { size: 56, word: 8 } : { size: 28, word: 4 });

function pointerAt(view: DataView, offset: number, word: number): [number, number] {
  return [view.getInt32(offset, true), word === 8 ? view.getInt32(offset + 4, true) : 0];
}

export const MESSAGE_SIZE = 56;

/** Prints a msghdr. `received` is how many bytes came, or undefined when the program sends. */
export function showMessage(c: ShowContext, view: DataView, received: number | undefined, nameRoom?: number): void {
  const { word } = layoutOf(c);
  const { out } = c;
  const field = (name: string, first = false): void => {
    out.punct(first ? "{" : ", ");
    out.name(name);
    out.punct("=");
  };
  const nameLength = view.getInt32(word, true);
  field("msg_name", true);
  showSocketAddressAt(c, ...pointerAt(view, 0, word), nameLength);
  field("msg_namelen");
  if (nameRoom !== undefined && nameRoom !== nameLength) {
    out.number(nameRoom.toString());
    out.punct(" => ");
  }
  out.number(nameLength.toString());
  const count = view.getUint32(3 * word, true);
  let left = received ?? Number.POSITIVE_INFINITY;
  field("msg_iov");
  showArray(c, ...pointerAt(view, 2 * word, word), count, 2 * word, (_, element) => {
    left -= showIoVector(c, element, true, left);
  });
  field("msg_iovlen");
  out.number(count.toString());
  const controlLength = view.getUint32(5 * word, true);
  if (controlLength > 0) {
    field("msg_control");
    showControl(c, ...pointerAt(view, 4 * word, word), controlLength);
  }
  field("msg_controllen");
  out.number(controlLength.toString());
  field("msg_flags");
  showFlags(c, messageFlags, view.getInt32(6 * word, true));
  out.punct("}");
}

function showControl(c: ShowContext, low: number, high: number, length: number): void {
  const { word } = layoutOf(c);
  const header = word + 8;
  const view = length < header ? undefined : peekView(c.tracee, unsignedNumber(low, high), Math.min(length, 4096));
  if (view === undefined) {
    showAddress(c, low, high);
    return;
  }
  const { out } = c;
  out.punct("[");
  for (let at = 0; at + header <= view.byteLength; ) {
    const size = view.getUint32(at, true);
    const level = view.getInt32(at + word, true);
    const type = view.getInt32(at + word + 4, true);
    out.punct(at === 0 ? "{" : ", {");
    out.name("cmsg_len");
    out.punct("=");
    out.number(size.toString());
    out.punct(", ");
    out.name("cmsg_level");
    out.punct("=");
    showEnumeration(c, socketLevels, level);
    out.punct(", ");
    out.name("cmsg_type");
    out.punct("=");
    if (level === SOL_SOCKET) showEnumeration(c, socketControlTypes, type);
    else out.number(hex(type));
    const dataLength = Math.min(size, view.byteLength - at) - header;
    if (dataLength > 0) {
      out.punct(", ");
      out.name("cmsg_data");
      out.punct("=");
      showControlData(c, subview(view, at + header, dataLength), level, type);
    }
    out.punct("}");
    if (size < header) break;
    at += Math.ceil(size / word) * word;
  }
  out.punct("]");
}

function showControlData(c: ShowContext, data: DataView, level: number, type: number): void {
  if (level === SOL_SOCKET && type === SCM_RIGHTS) {
    for (let i = 0; i + 4 <= data.byteLength; i += 4) {
      c.out.punct(i === 0 ? "[" : ", ");
      showDescriptor(c, data.getInt32(i, true));
    }
    c.out.punct("]");
  } else if (level === SOL_SOCKET && type === SCM_CREDENTIALS && data.byteLength >= 12) ucred.show(c, data);
  else c.out.string(quoted(bytesOf(data, 0), c.style));
}

export const messageIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, layoutOf(c).size, (_, view) => showMessage(c, view, undefined)),
};

export const messageOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    c.notes[c.index] = peekInt(c.tracee, unsignedNumber(low, high) + layoutOf(c).word);
  },
  show: (c, low, high) => {
    if (c.failed) {
      showPointed(c, low, high, layoutOf(c).size, (_, view) => {
        c.out.punct("{");
        c.out.name("msg_namelen");
        c.out.punct("=");
        c.out.number(view.getInt32(layoutOf(c).word, true).toString());
        c.out.punct("}");
      });
      return;
    }
    showPointed(c, low, high, layoutOf(c).size, (_, view) =>
      showMessage(c, view, c.result(), c.notes[c.index] as number | undefined),
    );
  },
};

/** sendmmsg's and recvmmsg's vector of messages. */
export function messageVector(direction: "send" | "receive"): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: true,
    show: (c, low, high) => {
      const { size, word } = layoutOf(c);
      const count = c.failed ? (direction === "send" ? c.low("vlen") >>> 0 : 0) : c.result();
      if (c.failed && direction === "receive") {
        showAddress(c, low, high);
        return;
      }
      showArray(c, low, high, count, size + word, (_, view) => {
        const length = view.getUint32(size, true);
        c.out.punct("{");
        c.out.name("msg_hdr");
        c.out.punct("=");
        showMessage(c, view, direction === "send" ? undefined : length);
        if (!c.failed) {
          c.out.punct(", ");
          c.out.name("msg_len");
          c.out.punct("=");
          c.out.number(length.toString());
        }
        c.out.punct("}");
      });
    },
  };
}
