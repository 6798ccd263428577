// Socket addresses of RxRPC: a service, and the address it is reached at. See linux/rxrpc.h.
import { rxrpcServices, sockTypes } from "./constants/netlink.js";
import { AF_INET, AF_INET6, addressFamilies } from "./constants/network.js";
import { hex } from "./digits.js";
import { isInet, showInetFields } from "./inet-address.js";
import type { ShowContext } from "./show.js";
import { quoted } from "./strings.js";
import { subview } from "./struct.js";
import { showEnumeration } from "./tables.js";

const HEADER = 8;
const SIN6_LEN_RFC2133 = 24;
const SOCKADDR_IN6 = 28;
export const SOCKADDR_RXRPC = 36;

/** struct sockaddr_rxrpc, behind its family. */
export function showRxrpcAddress(c: ShowContext, view: DataView): void {
  const { out } = c;
  const field = (name: string): void => {
    out.punct(", ");
    out.name(name);
    out.punct("=");
  };
  const service = view.getUint16(2, true);
  field("srx_service");
  out.number(hex(service));
  if (c.style.constants !== "raw") out.comment(` /* ${rxrpcServices.names.get(service) ?? rxrpcServices.unknown} */`);
  field("transport_type");
  showEnumeration(c, sockTypes, view.getUint16(4, true));
  const length = view.getUint16(6, true);
  field("transport_len");
  out.number(length.toString());
  field("transport");
  out.punct("{");
  const room = view.byteLength - HEADER;
  showTransport(c, subview(view, HEADER, Math.max(2, Math.min(length, room))));
  out.punct("}");
}

function showTransport(c: ShowContext, view: DataView): void {
  const { out } = c;
  const family = view.getUint16(0, true);
  const inner = family === AF_INET ? "sin" : family === AF_INET6 ? "sin6" : undefined;
  if (inner !== undefined) {
    out.name(inner);
    out.punct("={");
  }
  out.name(inner === undefined ? "family" : `${inner}_family`);
  out.punct("=");
  showEnumeration(c, addressFamilies, family);
  // An index of an interface is read whole, although it may be said to be cut.
  const address = family === AF_INET6 && view.byteLength > SIN6_LEN_RFC2133 ? subview(view, 0, SOCKADDR_IN6) : view;
  if (isInet(family, view.byteLength)) showInetFields(c, address, family);
  else if (view.byteLength > 2) {
    out.punct(", ");
    out.string(quoted(new Uint8Array(view.buffer, view.byteOffset + 2, view.byteLength - 2), c.style));
  }
  if (inner !== undefined) out.punct("}");
}
