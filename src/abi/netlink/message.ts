// Netlink messages: headers, errors with what they say, and what the protocol of the socket makes of the rest. See netlink(7).

import type { ArgumentType } from "../argument.js";
import * as interfaces from "../constants/interfaces.js";
import * as t from "../constants/netlink.js";
import {
  NETLINK_AUDIT,
  NETLINK_CRYPTO,
  NETLINK_GENERIC,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  NETLINK_SELINUX,
  NETLINK_SOCK_DIAG,
  NETLINK_XFRM,
} from "../constants/network.js";
import { unsignedNumber } from "../digits.js";
import { errnoName } from "../errno.js";
import { peekView } from "../memory.js";
import { filledIn } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { showBuffer } from "../strings.js";
import { subview } from "../struct.js";
import { type FlagSet, showEnumeration, showFlags, showNamed } from "../tables.js";
import { attributes, showAttributes, showHexBytes, showingFrom, showSequence } from "./attribute.js";
import { cryptoProtocol } from "./crypto.js";
import { showDeviceEvent } from "./device-events.js";
import { auditProtocol, selinuxProtocol, xfrmProtocol } from "./families.js";
import { genericProtocol } from "./generic.js";
import { netfilterProtocol } from "./netfilter.js";
import type { Protocol } from "./payload.js";
import { routeProtocol } from "./route.js";
import { sockDiagProtocol } from "./sock-diag.js";
import * as v from "./values.js";

const HEADER = 16;
const FIRST_OF_PROTOCOL = 16;

const protocols: Readonly<Record<number, Protocol>> = {
  [NETLINK_ROUTE]: routeProtocol,
  [NETLINK_SOCK_DIAG]: sockDiagProtocol,
  [NETLINK_XFRM]: xfrmProtocol,
  [NETLINK_SELINUX]: selinuxProtocol,
  [NETLINK_AUDIT]: auditProtocol,
  [NETLINK_CRYPTO]: cryptoProtocol,
  [NETLINK_NETFILTER]: netfilterProtocol,
  [NETLINK_GENERIC]: genericProtocol,
};

const extendedAck = attributes(t.extendedAckTypes, {
  NLMSGERR_ATTR_MSG: v.text,
  NLMSGERR_ATTR_OFFS: v.u32,
});

/** Prints the messages of a socket of `protocol`, undefined when that is not known. */
function showNetlinkMessages(c: ShowContext, view: DataView, protocol: number | undefined): void {
  const decoder = protocol === undefined ? undefined : protocols[protocol];
  showSequence(
    c,
    view,
    HEADER,
    (element) => element.getUint32(0, true),
    (element) => showMessage(c, element, decoder),
  );
}

function showMessage(c: ShowContext, message: DataView, protocol: Protocol | undefined): void {
  const payload = subview(message, HEADER, message.byteLength - HEADER);
  if (payload.byteLength > 0) c.out.punct("[");
  showHeader(c, message, protocol);
  if (payload.byteLength === 0) return;
  c.out.punct(", ");
  const type = message.getUint16(4, true);
  if (type === interfaces.NLMSG_ERROR) showError(c, payload, message.getUint16(6, true), protocol);
  else if (type === interfaces.NLMSG_DONE && payload.byteLength === 4)
    c.out.number(payload.getInt32(0, true).toString());
  else if (type < FIRST_OF_PROTOCOL || protocol === undefined) showHexBytes(c, payload);
  else protocol.show(c, type, payload, message.getUint16(6, true));
  c.out.punct("]");
}

function showHeader(c: ShowContext, message: DataView, protocol: Protocol | undefined): void {
  const { out } = c;
  const type = message.getUint16(4, true);
  const field = (name: string): void => {
    out.name(name);
    out.punct("=");
  };
  out.punct("{");
  field("nlmsg_len");
  out.number(message.getUint32(0, true).toString());
  out.punct(", ");
  field("nlmsg_type");
  if (type < FIRST_OF_PROTOCOL || protocol === undefined) showEnumeration(c, t.messageTypes, type);
  else protocol.showType(c, type);
  out.punct(", ");
  field("nlmsg_flags");
  showFlags(c, flagsOf(type, protocol), message.getUint16(6, true));
  out.punct(", ");
  field("nlmsg_seq");
  out.number(message.getUint32(8, true).toString());
  out.punct(", ");
  field("nlmsg_pid");
  out.number(message.getUint32(12, true).toString());
  out.punct("}");
}

function flagsOf(type: number, protocol: Protocol | undefined): FlagSet {
  if (type === interfaces.NLMSG_ERROR) return t.errorFlags;
  return type < FIRST_OF_PROTOCOL || protocol === undefined ? t.commonFlags : protocol.flags(type);
}

/** struct nlmsgerr: the error, the message it is about, whole or only its header, and what there is to say about it. */
function showError(c: ShowContext, payload: DataView, flags: number, protocol: Protocol | undefined): void {
  const { out } = c;
  if (payload.byteLength < 4 + HEADER) {
    showHexBytes(c, payload);
    return;
  }
  const isCapped = (flags & interfaces.NLM_F_CAPPED) !== 0;
  const hasAttributes = isCapped || (flags & t.NLM_F_ACK_TLVS) !== 0;
  const whole = isCapped ? HEADER : Math.max(HEADER, payload.getUint32(4, true));
  const end = Math.min(payload.byteLength, 4 + (hasAttributes ? Math.ceil(whole / 4) * 4 : payload.byteLength));
  const isFollowed = hasAttributes && end < payload.byteLength;
  if (isFollowed) out.punct("[");
  out.punct("{");
  out.name("error");
  out.punct("=");
  showErrno(c, payload.getInt32(0, true));
  out.punct(", ");
  out.name("msg");
  out.punct("=");
  const message = subview(payload, 4, end - 4);
  if (isCapped) showHeader(c, message, protocol);
  else {
    showSequence(
      c,
      message,
      HEADER,
      (element) => element.getUint32(0, true),
      (element) => showMessage(c, element, protocol),
    );
  }
  out.punct("}");
  if (!isFollowed) return;
  out.punct(", ");
  showAttributes(c, subview(payload, end, payload.byteLength - end), extendedAck);
  out.punct("]");
}

function showErrno(c: ShowContext, error: number): void {
  const name = error < 0 ? errnoName(-error) : undefined;
  if (name === undefined) c.out.number(error.toString());
  else showNamed(c, error.toString(), `-${name}`);
}

/**
 * Bytes that go over a descriptor: messages when it is a netlink socket, but for uevents, which are text. False, and nothing printed, when it
 * is another file, they cannot be read, or they are plain bytes.
 */
function showNetlinkBuffer(c: ShowContext, fd: number, low: number, high: number, length: number): boolean {
  const socket = c.tracee.fdSocket?.(fd);
  if (socket?.protocol !== "NETLINK" || length === 0) return false;
  const address = unsignedNumber(low, high);
  const view = peekView(c.tracee, address, length);
  if (view === undefined) return false;
  if (socket.netlinkProtocol === NETLINK_KOBJECT_UEVENT) return showDeviceEvent(c, view);
  showingFrom(address, view, () => showNetlinkMessages(c, view, socket.netlinkProtocol));
  return true;
}

/** What the call's socket sends or receives: netlink's messages, or bytes. */
export function showTransferred(c: ShowContext, low: number, high: number, length: number): void {
  if (!showNetlinkBuffer(c, c.low("sockfd"), low, high, length)) showBuffer(c, low, high, length);
}

/** Bytes a socket is given: as many as argument `size` says. */
export function dataIn(size: string): ArgumentType<number> {
  return { receive: unsignedNumber, show: (c, low, high) => showTransferred(c, low, high, c.unsigned(size)) };
}

/** Bytes a socket gives: as many as came and fit. */
export function dataOutUpTo(size: string): ArgumentType<number> {
  return filledIn({
    receive: unsignedNumber,
    show: (c, low, high) => showTransferred(c, low, high, Math.min(c.result(), c.unsigned(size))),
  });
}
