// struct sockaddr_in and sockaddr_in6, behind their family.
import { AF_INET, AF_INET6 } from "./constants/network.js";
import { showHtonl, showInet6Field, showInetAddress, showPort } from "./named-bytes.js";
import type { ShowContext } from "./show.js";

const SOCKADDR_IN = 16;
const SIN6_LEN_RFC2133 = 24;

/** Is the address of `family` in `length` bytes a whole one? */
export const isInet = (family: number, length: number): boolean =>
  (family === AF_INET && length >= SOCKADDR_IN) || (family === AF_INET6 && length >= SIN6_LEN_RFC2133);

/** What follows the family, each field after a comma. */
export function showInetFields(c: ShowContext, view: DataView, family: number): void {
  const { out } = c;
  const field = (name: string): void => {
    out.punct(", ");
    out.name(name);
    out.punct("=");
  };
  const bytes = (at: number, length: number): Uint8Array => new Uint8Array(view.buffer, view.byteOffset + at, length);
  field(family === AF_INET ? "sin_port" : "sin6_port");
  showPort(c, view, 2);
  if (family === AF_INET) {
    field("sin_addr");
    showInetAddress(c, bytes(4, 4));
    return;
  }
  field("sin6_flowinfo");
  showHtonl(c, view, 4);
  out.punct(", ");
  showInet6Field(c, "sin6_addr", bytes(8, 16));
  if (view.byteLength === SIN6_LEN_RFC2133) return;
  field("sin6_scope_id");
  showScope(c, view);
}

/** sin6_scope_id, or as much of it as there is. */
function showScope(c: ShowContext, view: DataView): void {
  let scope = 0;
  for (let at = Math.min(view.byteLength, 28) - 1; at >= 24; at--) scope = scope * 256 + view.getUint8(at);
  c.out.number(scope.toString());
}
