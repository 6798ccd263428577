// A socket address, printed as its family has it.

import { SOCKADDR_AX25, showRadioAddress } from "./amateur-radio-address.js";
import { arphrdTypes, ethPTypes } from "./constants/netlink.js";
import {
  AF_AX25,
  AF_NETLINK,
  AF_PACKET,
  AF_RXRPC,
  AF_UNIX,
  AF_VSOCK,
  addressFamilies,
  ethernetPackets,
} from "./constants/network.js";
import { hex } from "./digits.js";
import { isInet, showInetFields } from "./inet-address.js";
import { showNamedBytes } from "./named-bytes.js";
import { SOCKADDR_RXRPC, showRxrpcAddress } from "./rxrpc-address.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { structuredAddress } from "./socket-families.js";
import { quoted, renamed } from "./strings.js";
import { showPointed } from "./struct.js";
import { showEnumeration } from "./tables.js";

const SOCKADDR_LIMIT = 128;
const SUN_PATH_LIMIT = 108;
const SOCKADDR_LL = 20;

function bytesOf(view: DataView, offset: number, length = view.byteLength - offset): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

/** sll_protocol: a name of its own, in the call that makes it. */
function showFrameType(c: ShowContext, view: DataView): void {
  const type = view.getUint16(2);
  const name = ethPTypes.names.get(type);
  const number = hex(type);
  const unnamed = `${number} /* ${name ?? ethPTypes.unknown} */`;
  const isBrief = c.style.constants === "abbrev" && name !== undefined;
  showNamedBytes(c, bytesOf(view, 2, 2), `htons(${isBrief ? name : unnamed})`);
}

/** struct sockaddr_ll, behind its family. See packet(7). */
function showLinkAddress(c: ShowContext, view: DataView): void {
  const { out } = c;
  const field = (name: string): void => {
    out.punct(", ");
    out.name(name);
    out.punct("=");
  };
  field("sll_protocol");
  showFrameType(c, view);
  field("sll_ifindex");
  const index = view.getUint32(4, true);
  if (index === 1) out.flag('if_nametoindex("lo")');
  else out.number(index.toString());
  field("sll_hatype");
  showEnumeration(c, arphrdTypes, view.getUint16(8, true));
  field("sll_pkttype");
  showEnumeration(c, ethernetPackets, view.getUint8(10));
  field("sll_halen");
  const length = view.getUint8(11);
  out.number(length.toString());
  if (length === 0) return;
  field("sll_addr");
  const room = view.byteLength - 12;
  const address = [...bytesOf(view, 12, Math.min(length, room))].map((byte) => hex(byte));
  out.punct(`[${address.join(", ")}${length > room ? ", ..." : ""}]`);
}

/** A socket address of `view`'s length. */
export function showSocketAddress(c: ShowContext, view: DataView): void {
  const { out } = c;
  const family = view.getUint16(0, true);
  const length = view.byteLength;
  const structured = structuredAddress(family, length);
  const field = (name: string): void => {
    out.punct(", ");
    out.name(name);
    out.punct("=");
  };
  out.punct("{");
  out.name("sa_family");
  out.punct("=");
  showEnumeration(c, addressFamilies, family);
  if (family === AF_UNIX && length > 2) {
    field("sun_path");
    const path = bytesOf(view, 2, Math.min(length - 2, SUN_PATH_LIMIT));
    if (path[0] === 0) {
      out.punct("@");
      out.string(quoted(path.subarray(1), c.style));
    } else {
      const end = path.indexOf(0);
      out.string(quoted(renamed(c, end < 0 ? path : path.subarray(0, end)), c.style));
    }
  } else if (isInet(family, length)) {
    showInetFields(c, view, family);
  } else if (family === AF_AX25 && length >= SOCKADDR_AX25) {
    showRadioAddress(c, view);
  } else if (family === AF_RXRPC && length >= SOCKADDR_RXRPC) {
    showRxrpcAddress(c, view);
  } else if (family === AF_NETLINK && length >= 12) {
    const pad = view.getUint16(2, true);
    if (pad !== 0) {
      field("nl_pad");
      out.number(hex(pad));
    }
    field("nl_pid");
    out.number(view.getInt32(4, true).toString());
    field("nl_groups");
    const groups = view.getUint32(8, true);
    out.number(groups === 0 ? "00000000" : `0x${groups.toString(16).padStart(6, "0")}`);
  } else if (structured !== undefined && length >= structured.least) {
    out.punct(", ");
    structured.form.showFields(c, view, structured.fields(view));
    if (length > structured.least && length < (structured.saysThereIsMoreBelow ?? 0)) out.punct(", ...");
    const rest = family === AF_VSOCK ? bytesOf(view, 13, 3) : new Uint8Array();
    if (rest.some((byte) => byte !== 0)) {
      field("svm_zero");
      out.string(quoted(rest, { hexStrings: "always" }));
    }
  } else if (family === AF_PACKET && length >= SOCKADDR_LL) {
    showLinkAddress(c, view);
  } else if (length > 2) {
    field("sa_data");
    out.string(quoted(bytesOf(view, 2), c.style));
  }
  out.punct("}");
}

export function showSocketAddressAt(c: ShowContext, low: number, high: number, length: number): void {
  if (length < 2) showAddress(c, low, high);
  else showPointed(c, low, high, Math.min(length, SOCKADDR_LIMIT), showSocketAddress);
}
