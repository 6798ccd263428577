// The ports of one protocol: who is bound where, and who may be bound beside whom. net/ipv4/inet_hashtables.c,
// inet_connection_sock.c, udp.c
import { AF_INET } from "../../../abi/constants/network.js";
import type { InetSock } from "./inet-sock.js";
import type { IpAddress } from "./ip-address.js";

/** net.ipv4.ip_local_port_range */
const FIRST_EPHEMERAL = 32768;
const LAST_EPHEMERAL = 60999;
/** A connection closed by this side keeps its port for a minute: TCP_TIMEWAIT_LEN. */
const TIME_WAIT_NANOSECONDS = 60e9;
const TIME_WAITS = 4096; // net.ipv4.tcp_max_tw_buckets

export interface TimeWait {
  readonly local: IpAddress;
  readonly port: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly until: number;
  readonly family: number;
  readonly reuseAddress: boolean;
}

export class PortTable {
  readonly #ports = new Map<number, Set<InetSock>>();
  #lastEphemeral = LAST_EPHEMERAL;
  #timeWaits: TimeWait[] = [];

  add(sock: InetSock): void {
    const socks = this.#ports.get(sock.port);
    if (socks) socks.add(sock);
    else this.#ports.set(sock.port, new Set([sock]));
  }

  remove(sock: InetSock): void {
    const socks = this.#ports.get(sock.port);
    socks?.delete(sock);
    if (socks?.size === 0) this.#ports.delete(sock.port);
  }

  at(port: number): Iterable<InetSock> {
    return this.#ports.get(port) ?? [];
  }

  timeWaits(now: number): readonly TimeWait[] {
    this.#timeWaits = this.#timeWaits.filter(({ until }) => until > now);
    return this.#timeWaits;
  }

  linger(sock: InetSock, now: number): void {
    const { local, port, remote, remotePort, family, reuseAddress } = sock;
    const until = now + TIME_WAIT_NANOSECONDS;
    const list = this.timeWaits(now).slice(1 - TIME_WAITS);
    this.#timeWaits = [...list, { local, port, remote, remotePort, family, reuseAddress, until }];
  }

  /** May `sock` be bound to `address` and `port`, given who is there? */
  isFree(sock: InetSock, address: IpAddress, port: number): boolean {
    for (const other of this.at(port)) {
      if (other === sock || !overlap(sock, address, other)) continue;
      if (!sock.sharesPortWith(other)) return false;
    }
    return !this.#isLingering(sock, address, port);
  }

  #isLingering(sock: InetSock, address: IpAddress, port: number): boolean {
    return this.timeWaits(sock.net.monotonic()).some(
      ({ port: used, local, reuseAddress }) =>
        used === port && (address.isAny || local.equals(address)) && !(sock.reuseAddress && reuseAddress),
    );
  }

  /** A port nobody has, one after the other from the range; 0 when there is none. */
  ephemeral(sock: InetSock, address: IpAddress): number {
    for (let tries = LAST_EPHEMERAL - FIRST_EPHEMERAL; tries >= 0; tries--) {
      this.#lastEphemeral = this.#lastEphemeral === LAST_EPHEMERAL ? FIRST_EPHEMERAL : this.#lastEphemeral + 1;
      const port = this.#lastEphemeral;
      if (!this.#ports.has(port) && this.isFree(sock, address, port)) return port;
    }
    return 0;
  }
}

/** inet_rcv_saddr_equal: could one packet be for both? */
function overlap(sock: InetSock, address: IpAddress, other: InetSock): boolean {
  return covers(sock, address, other.local) || covers(other, other.local, address) || address.equals(other.local);
}

/** Does a socket bound to `bound` get what is sent to `address`? */
export function covers(sock: InetSock, bound: IpAddress, address: IpAddress): boolean {
  if (!bound.isAny) return bound.equals(address);
  if (bound.isV4 || sock.family === AF_INET) return address.isV4;
  return !(address.isV4 && sock.v6Only);
}
