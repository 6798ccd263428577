// The port ids of netlink sockets: by default the process's id, and something negative for its second one. net/netlink/af_netlink.c
import { EADDRINUSE, Errno } from "../../../abi/errno.js";
import type { NetlinkSock } from "./netlink-sock.js";

const FIRST_NEGATIVE = -4097;

export class NetlinkPorts {
  readonly #ports = new Map<string, NetlinkSock>();

  #key(protocol: number, port: number): string {
    return `${protocol}:${port}`;
  }

  find(protocol: number, port: number): NetlinkSock | undefined {
    return this.#ports.get(this.#key(protocol, port));
  }

  take(sock: NetlinkSock, port: number): void {
    const key = this.#key(sock.protocol, port);
    if (this.#ports.has(key)) throw new Errno(EADDRINUSE);
    this.#ports.set(key, sock);
  }

  /** netlink_autobind */
  automatic(sock: NetlinkSock, tgid: number): number {
    let port = tgid;
    if (this.find(sock.protocol, port)) for (port = FIRST_NEGATIVE; this.find(sock.protocol, port); port--);
    this.take(sock, port);
    return port;
  }

  release(sock: NetlinkSock, port: number): void {
    if (this.find(sock.protocol, port) === sock) this.#ports.delete(this.#key(sock.protocol, port));
  }
}
