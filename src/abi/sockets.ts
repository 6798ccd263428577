// Argument types of sockets: addresses by family, messages with their control data, option values.

import { type ArgumentType, dependent } from "./argument.js";
import { socketFilterIn } from "./bpf/filter.js";
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_JOIN_ANYCAST,
  IPV6_LEAVE_ANYCAST,
  inetProtocols,
  ipOptions,
  ipv6Options,
  netlinkOptions,
  netlinkProtocols,
  packetOptions,
  rawOptions,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_BINDTODEVICE,
  SO_DEVMEM_DONTNEED,
  SO_ERROR,
  SO_LINGER,
  SO_PEERCRED,
  SOL_IP,
  SOL_IPV6,
  SOL_NETLINK,
  SOL_SOCKET,
  SOL_TIPC,
  sctpOptions,
  socketLevels,
  socketOptions,
  socketTypeFlags,
  socketTypes,
  tcpOptions,
  tlsOptions,
  udpOptions,
  xdpOptions,
} from "./constants/network.js";
import * as o from "./constants/socket-options.js";
import { showInterface, ucred } from "./control-messages.js";
import { unsignedNumber } from "./digits.js";
import { errnoName } from "./errno.js";
import { peekInt, peekView, wordSize } from "./memory.js";
import { showInet6Field, showInetAddress } from "./named-bytes.js";
import { showStructuredOption } from "./option-structures.js";
import { int, oneOf, showAddress, unsignedInt, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddressAt } from "./socket-address.js";
import { quoted, showBuffer } from "./strings.js";
import { type Fields, type Struct, s32, scalarIn, showPointed, struct, structIn } from "./struct.js";
import { type Enumeration, showEnumeration, showFlags, showNamed } from "./tables.js";

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
    const isForNothing = ["addr", "src_addr"].some((name) => c.argumentNames.includes(name) && c.unsigned(name) === 0);
    if (room === undefined || real === undefined || isForNothing) {
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

const flagsOfNoType = socketTypeFlags.calling(socketTypes.unknown);

export const socketType: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const type = low & 0xf;
    const flags = low & ~0xf;
    const name = socketTypes.names.get(type);
    if (name === undefined) {
      showFlags(c, flagsOfNoType, low);
      return;
    }
    showEnumeration(c, socketTypes, type);
    if (flags === 0) return;
    c.out.punct("|");
    showFlags(c, socketTypeFlags, flags);
  },
};

export const socketProtocol: ArgumentType<number> = dependent(int, (c) => {
  const domain = c.low("domain");
  if (domain === AF_INET || domain === AF_INET6) return oneOf(inetProtocols);
  return domain === AF_NETLINK ? oneOf(netlinkProtocols) : unsignedLong;
});

/** socketpair says the protocol of no family by name. */
export const socketPairProtocol: ArgumentType<number> = { receive: (low) => low, show: unsignedLong.show };

const optionTables: Readonly<Record<number, Enumeration>> = {
  0: ipOptions,
  1: socketOptions,
  6: tcpOptions,
  17: udpOptions,
  40: o.vsockOptions,
  41: ipv6Options,
  101: o.canRawOptions,
  132: sctpOptions,
  255: rawOptions,
  256: o.ipxOptions,
  257: o.ax25Options,
  263: packetOptions,
  266: o.irdaOptions,
  268: o.llcOptions,
  269: o.dccpOptions,
  270: netlinkOptions,
  271: o.tipcOptions,
  272: o.rxrpcOptions,
  273: o.pppol2tpOptions,
  274: o.bluetoothOptions,
  275: o.pnpipeOptions,
  276: o.rdsOptions,
  277: o.iucvOptions,
  278: o.caifOptions,
  279: o.algOptions,
  280: o.nfcOptions,
  281: o.kcmOptions,
  282: tlsOptions,
  283: xdpOptions,
};

/** Options that are something else when they are asked for. */
const questions: Readonly<Record<number, Enumeration>> = {
  0: o.ipQuestions,
  1: o.socketQuestions,
  41: o.ipv6Questions,
};

export const socketLevel = oneOf(socketLevels);

/** The name of an option of the level, for the call that sets it or the one that asks. */
function socketOptionOf(isAsked: boolean): ArgumentType<number> {
  return dependent(int, (c) => {
    const level = c.low("level");
    // What a device's memory is given back with can only be said.
    if (isAsked && level === SOL_SOCKET && c.low("optname") === SO_DEVMEM_DONTNEED) {
      return oneOf(o.socketQuestions);
    }
    const asked = isAsked ? questions[level] : undefined;
    const table = asked?.names.has(c.low("optname")) === true ? asked : optionTables[level];
    return table === undefined ? unsignedInt : oneOf(table);
  });
}

export const socketOption = socketOptionOf(false);
export const askedSocketOption = socketOptionOf(true);

const linger = struct({ l_onoff: s32(), l_linger: s32() });

/** An option's value of `length` bytes. */
function showOptionValue(c: ShowContext, low: number, high: number, length: number, reading: boolean): void {
  const level = c.low("level");
  const name = c.low("optname");
  const start = unsignedNumber(low, high);
  if (level === SOL_SOCKET && name === SO_LINGER && length >= 4) {
    if (reading || length >= 8) showPointed(c, low, high, Math.min(length, 8), showLinger);
    else showAddress(c, low, high);
    return;
  }
  if (reading && level === SOL_SOCKET && name === SO_PEERCRED && length >= 12) {
    structIn(ucred as Struct<Fields>).show(c, low, high);
    return;
  }
  if (level === SOL_IP && (name === IP_ADD_MEMBERSHIP || name === IP_DROP_MEMBERSHIP) && length >= 8) {
    showPointed(c, low, high, 8, showMembership);
    return;
  }
  if (level === SOL_IPV6 && memberships6.includes(name) && length >= 20) {
    showPointed(c, low, high, 20, showMembershipV6);
    return;
  }
  if (!reading && showStructuredOption(c, low, high, length)) return;
  if (!reading && isTold(c, low, high, length, level, name)) return;
  const value = length === 4 ? peekView(c.tracee, start, 4)?.getInt32(0, true) : undefined;
  if (value !== undefined) {
    c.out.punct("[");
    const error = reading && level === SOL_SOCKET && name === SO_ERROR ? errnoName(value) : undefined;
    if (error !== undefined) showNamed(c, value.toString(), error);
    else c.out.number(value.toString());
    c.out.punct("]");
    return;
  }
  // A number that was cut: its bytes where the kernel wrote them, nothing where it would not read them.
  const isCut = level === SOL_SOCKET && length < 4 && name !== SO_BINDTODEVICE;
  const bytes = isCut && reading && length > 0 ? c.tracee.peek(start, length) : undefined;
  if (bytes !== undefined) c.out.string(quoted(bytes, { hexStrings: "always" }));
  else if (isCut || length === 0) showAddress(c, low, high);
  else showBuffer(c, low, high, length);
}

/** What is only so for an option that is set. False, and nothing printed, when it is a value like any other. */
function isTold(c: ShowContext, low: number, high: number, length: number, level: number, name: number): boolean {
  const isNumber =
    level === SOL_TIPC || level === SOL_NETLINK || (level === SOL_SOCKET && o.socketNumbers.names.has(name));
  if (isNumber) {
    // More than a number is the number; TIPC takes the length as unsigned.
    if (length >= 4 || (level === SOL_TIPC && length < 0)) scalarIn(s32()).show(c, low, high);
    else showAddress(c, low, high);
    return true;
  }
  if (isFilter(level, name) && length === 2 * wordSize(c)) {
    socketFilterIn.show(c, low, high);
    return true;
  }
  if (isMembership(level, name) || isFilter(level, name) || (level === SOL_SOCKET && name === SO_LINGER)) {
    showAddress(c, low, high);
    return true;
  }
  if (length !== 4) showBuffer(c, low, high, length);
  return length !== 4;
}

const memberships6: readonly number[] = [
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_JOIN_ANYCAST,
  IPV6_LEAVE_ANYCAST,
];

/** Memberships of groups that are whole have been printed before. */
const isMembership = (level: number, name: number): boolean =>
  (level === SOL_IP && (name === IP_ADD_MEMBERSHIP || name === IP_DROP_MEMBERSHIP)) ||
  (level === SOL_IPV6 && memberships6.includes(name));

const isFilter = (level: number, name: number): boolean =>
  level === SOL_SOCKET && (name === SO_ATTACH_FILTER || name === SO_ATTACH_REUSEPORT_CBPF);

/** struct linger, or the part of it that there is. */
function showLinger(c: ShowContext, view: DataView): void {
  const fields = view.byteLength >= 8 ? (["l_onoff", "l_linger"] as const) : (["l_onoff"] as const);
  fields.forEach((name, index) => {
    c.out.punct(index === 0 ? "{" : ", ");
    c.out.name(name);
    c.out.punct("=");
    linger.showField(c, view, name);
  });
  c.out.punct("}");
}

/** struct ip_mreq. */
function showMembership(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  [0, 4].forEach((at, index) => {
    if (index > 0) c.out.punct(", ");
    c.out.name(index === 0 ? "imr_multiaddr" : "imr_interface");
    c.out.punct("=");
    showInetAddress(c, new Uint8Array(view.buffer, view.byteOffset + at, 4));
  });
  c.out.punct("}");
}

/** struct ipv6_mreq. */
function showMembershipV6(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  showInet6Field(c, "ipv6mr_multiaddr", new Uint8Array(view.buffer, view.byteOffset, 16));
  c.out.punct(", ");
  c.out.name("ipv6mr_interface");
  c.out.punct("=");
  showInterface(c, view.getUint32(16, true));
  c.out.punct("}");
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
