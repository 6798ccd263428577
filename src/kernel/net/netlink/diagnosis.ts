// What the families of NETLINK_SOCK_DIAG have in common. net/core/sock_diag.c
import type { Fields, Struct } from "../../../abi/struct.js";
import type { Net } from "../net.js";
import type { Sock } from "../sock.js";

/** What a family does with a question about its sockets. */
export interface Diagnosis {
  readonly question: Struct<Fields>;
  /** All sockets it is about as bodies of messages, or an error for the end of the dump. */
  dump(question: DataView, net: Net): readonly Uint8Array[] | number;
  /** The one socket it is about, or an error. */
  one(question: DataView, net: Net): Uint8Array | number;
}

export const cookieOf = (sock: Sock): Uint8Array => new Uint8Array(new BigUint64Array([sock.ino]).buffer);

const NO_COOKIE = 0xffffffff;
/** sock_diag_check_cookie */
export function isCookieOf(sock: Sock, cookie: DataView): boolean {
  const [low, high] = [cookie.getUint32(0, true), cookie.getUint32(4, true)];
  if (low === NO_COOKIE && high === NO_COOKIE) return true;
  return cookie.getBigUint64(0, true) === sock.ino;
}

/** sk_get_meminfo */
export const memoryOf = (sock: Sock): Uint8Array =>
  new Uint8Array(new Uint32Array([0, sock.receiveBuffer, 0, sock.sendBuffer, 0, 0, 0, 0, 0]).buffer);
