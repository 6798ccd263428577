// UDP over lo. A datagram for a port nobody has comes back as ECONNREFUSED to a connected sender. net/ipv4/udp.c, net/ipv6/udp.c

import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../../../abi/constants/events.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IP_MULTICAST_LOOP,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_UDP,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SO_BROADCAST,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPNS_OLD,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from "../../../abi/constants/network.js";
import { POLL_ERR, POLL_IN } from "../../../abi/constants/signals.js";
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  Errno,
} from "../../../abi/errno.js";
import { timespec, timeval } from "../../../abi/time.js";
import { joinBytes } from "../../../lib/bytes.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import { parseControl } from "../control-message.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import type { Closable } from "../outside/outside.js";
import { Packet, PacketQueue, truesizeOf } from "../packet.js";
import { CLOSE, ESTABLISHED, familyOf, RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK, type SocketNames } from "../sock.js";
import { InetSock } from "./inet-sock.js";
import { type Endpoint, type IpAddress, sockaddrOf } from "./ip-address.js";
import { datagramOf, PORT_UNREACHABLE, unreachable } from "./ip-packet.js";
import type { PortTable } from "./port-table.js";

const MAX_LENGTH = 0xffff;
const HEADERS = 28;
const SMALL_HEAD = 576; // skb_small_head_cache
const SKB_OVERHEAD = 256;
const NO_BYTES = new Uint8Array(0);

interface Received {
  readonly destination: IpAddress;
  readonly port: number;
  readonly hops: number;
  readonly tos: number;
}

export class UdpSock extends InetSock {
  readonly queue = new PacketQueue();
  readonly #details = new WeakMap<Packet, Received>();
  drops = 0;
  outside: Closable | undefined;

  get ports(): PortTable {
    return this.net.udpPorts;
  }

  override sharesPortWith(other: InetSock): boolean {
    return (this.reuseAddress && other.reuseAddress) || this.sharesByReusePort(other);
  }

  #autobind(): void {
    if (this.port === 0) {
      const chosen = this.ports.ephemeral(this, this.local);
      if (chosen === 0) throw new Errno(EAGAIN);
      this.port = chosen;
      this.ports.add(this);
    }
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *connect(bytes: Uint8Array, _nonBlocking: boolean): Sleep<void> {
    if (familyOf(bytes) === AF_UNSPEC) {
      this.state = CLOSE;
      this.disconnectNames();
      return;
    }
    this.#autobind();
    const endpoint = this.destination(bytes);
    const destination = this.route(endpoint);
    this.local = this.sourceFor(destination);
    this.remote = destination;
    this.remotePort = endpoint.port;
    this.state = ESTABLISHED;
  }

  override bind(address: Uint8Array, task: Task): undefined | Sleep<void> {
    super.bind(address, task);
    return this.net.outside?.bind(this, task);
  }

  override shutdown(how: number): void {
    if (how === 0) throw new Errno(EINVAL);
    this.shutdownMask |= how;
    if (this.state === CLOSE) throw new Errno(ENOTCONN);
  }

  override release(): void {
    super.release();
    this.outside?.close();
    this.queue.purge();
    this.leavePort();
    this.shutdownMask = SHUTDOWN_MASK;
  }

  // Sending

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *send(message: OutgoingMessage): Sleep<number> {
    const { data, flags } = message;
    const size = data.remaining;
    this.#autobind();
    if (size > MAX_LENGTH) throw new Errno(EMSGSIZE);
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const endpoint = this.#endpointFor(message.name);
    for (const { level, type } of parseControl(message.control)) this.#checkControl(level, type);
    const destination = this.route(endpoint);
    if (destination.isBroadcast && !this.remembered.get(SO_BROADCAST)) throw new Errno(EACCES);
    if (size > MAX_LENGTH - HEADERS) throw new Errno(EMSGSIZE);
    this.throwPendingError();
    if (this.shutdownMask & SEND_SHUTDOWN) throw new Errno(EPIPE);
    const bytes = size === 0 ? NO_BYTES : data.takeAll(size);
    if (bytes.length < size) throw new Errno(EFAULT);
    this.net.count(size + HEADERS);
    this.#transmit(bytes, destination, endpoint.port);
    return size;
  }

  #endpointFor(name: Uint8Array | undefined): Endpoint {
    if (name && !(this.family === AF_INET6 && familyOf(name) === AF_UNSPEC)) {
      const endpoint = this.#parse(name);
      if (endpoint.port === 0) throw new Errno(EINVAL);
      return endpoint;
    }
    if (this.state !== ESTABLISHED) throw new Errno(EDESTADDRREQ);
    return { address: this.remote, port: this.remotePort, scope: 0 };
  }

  #parse(name: Uint8Array): Endpoint {
    const family = name.length >= 2 ? familyOf(name) : AF_UNSPEC;
    if (this.family === AF_INET && name.length < 16) throw new Errno(EINVAL);
    if (this.family === AF_INET && family === AF_UNSPEC) {
      const asInet = name.slice();
      asInet[0] = AF_INET;
      return this.destination(asInet);
    }
    if (this.family === AF_INET6 && family !== AF_INET && family !== AF_INET6) throw new Errno(EINVAL);
    return this.destination(name);
  }

  /** ip_cmsg_send, as far as it refuses; what is asked for is lo's anyway. */
  #checkControl(level: number, type: number): void {
    if (level === SOL_SOCKET && type !== SCM_RIGHTS && type !== SCM_CREDENTIALS) throw new Errno(EINVAL);
    const known =
      level === SOL_IP ? [IP_TTL, IP_TOS, IP_PKTINFO] : level === SOL_IPV6 ? [IPV6_PKTINFO, IPV6_HOPLIMIT] : [];
    if ((level === SOL_IP || level === SOL_IPV6) && !known.includes(type)) throw new Errno(EINVAL);
  }

  #transmit(bytes: Uint8Array, destination: IpAddress, port: number): void {
    const source = this.sourceFor(destination);
    if (destination.isMulticast || destination.isBroadcast) {
      if (destination.isMulticast && this.options.get(SOL_IP, IP_MULTICAST_LOOP) === 0) return;
      for (const sock of this.ports.at(port)) {
        if (!(sock instanceof UdpSock) || !sock.#hearsFrom(source, this.port)) continue;
        const isFor = sock.local.isAny ? sock.family === AF_INET6 || destination.isV4 : sock.local.equals(destination);
        const wants = destination.isBroadcast || sock.options.groups.has(destination.key);
        if (isFor && wants) sock.#take(bytes, this, source, destination, port);
      }
      return;
    }
    const receiver = this.#receiverAt(destination, port, source);
    if (this.net.taps.size > 0) {
      const { options, net } = this;
      const fields = { source, destination, ttl: options.hops, tos: options.get(SOL_IP, IP_TOS) & 0xff };
      const packet = datagramOf(fields, this.port, port, bytes, IPPROTO_UDP);
      net.tap(packet);
      if (!receiver && !net.outside && destination.isV4) net.tap(unreachable(packet, PORT_UNREACHABLE));
    }
    if (receiver) receiver.#take(bytes, this, source, destination, port);
    else if (this.net.outside) this.net.outside.send(this, bytes, destination, port);
    else this.#portUnreachable();
  }

  #hearsFrom(source: IpAddress, port: number): boolean {
    return this.remotePort === 0 || (this.remotePort === port && this.remote.equals(source));
  }

  /** udp4_lib_lookup: the one whose binding says most, the last bound of equals. */
  #receiverAt(destination: IpAddress, port: number, source: IpAddress): UdpSock | undefined {
    let best: UdpSock | undefined;
    let bestScore = -1;
    for (const sock of this.ports.at(port)) {
      if (!(sock instanceof UdpSock) || !sock.hears(destination) || !sock.#hearsFrom(source, this.port)) continue;
      const isExactFamily = (sock.family === AF_INET6) !== destination.isV4;
      const score = (sock.remotePort === 0 ? 0 : 4) + (sock.local.isAny ? 0 : 2) + Number(isExactFamily);
      if (score >= bestScore) best = sock;
      bestScore = Math.max(score, bestScore);
    }
    return best;
  }

  /** The ICMP message that comes back: heard by the connected, and by those that asked for errors. */
  #portUnreachable(): void {
    const asks = this.options.get(SOL_IP, IP_RECVERR) !== 0 || this.options.get(SOL_IPV6, IPV6_RECVERR) !== 0;
    if (this.state === ESTABLISHED || asks) {
      this.error = ECONNREFUSED;
      this.activity++;
      this.tellAsync(POLL_ERR);
    }
  }

  takeFromOutside(bytes: Uint8Array, source: IpAddress, port: number): void {
    if (!this.#hearsFrom(source, port)) return;
    const { hops } = this.options;
    this.#store(bytes, source, port, { destination: this.local, port: this.port, hops, tos: 0 });
  }

  #take(bytes: Uint8Array, from: UdpSock, source: IpAddress, destination: IpAddress, port: number): void {
    const { hops } = from.options;
    this.#store(bytes, source, from.port, { destination, port, hops, tos: from.options.get(SOL_IP, IP_TOS) });
  }

  #store(bytes: Uint8Array, source: IpAddress, sourcePort: number, details: Received): void {
    if (this.queue.truesize > this.receiveBuffer) {
      this.drops++;
      return;
    }
    const head = bytes.length + HEADERS;
    const packet = new Packet(bytes, head <= SMALL_HEAD / 2 ? SKB_OVERHEAD + SMALL_HEAD : truesizeOf(head));
    packet.name = sockaddrOf(this.family, { address: source, port: sourcePort });
    packet.time = this.net.now();
    this.#details.set(packet, details);
    this.queue.push(packet);
    this.activity++;
    this.tellAsync(POLL_IN);
  }

  // Receiving

  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    if (flags & MSG_ERRQUEUE) throw new Errno(EAGAIN);
    const deadline = this.deadline(this.receiveTimeout, task);
    const ready = (): boolean => this.queue.length > 0 || this.error !== 0 || (this.shutdownMask & RCV_SHUTDOWN) !== 0;
    for (;;) {
      this.throwPendingError();
      if (this.queue.length > 0) break;
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (this.shutdownMask & RCV_SHUTDOWN) return 0;
      if (!(yield* this.wait(task, ready, deadline))) throw new Errno(EAGAIN);
    }
    const packet = this.queue.head as Packet;
    const size = Math.min(packet.length, data.remaining);
    if (size < packet.length) message.resultFlags |= MSG_TRUNC;
    try {
      if (size > 0 && data.put(packet.rest.subarray(0, size)) < size) throw new Errno(EFAULT);
    } finally {
      if (!(flags & MSG_PEEK)) this.queue.shift().free();
    }
    message.name = packet.name ?? NO_BYTES;
    this.#tell(message, packet);
    return flags & MSG_TRUNC ? packet.length : size;
  }

  /** sock_recv_timestamp, ip_cmsg_recv: what the program wants to know of each datagram. */
  #tell(message: IncomingMessage, packet: Packet): void {
    const { control } = message;
    const details = this.#details.get(packet);
    if (!control.isPresent || details === undefined) return;
    if (this.timestamps !== "none") {
      const inMicroseconds = this.timestamps === "microseconds";
      const fraction = packet.time % 1_000_000_000n;
      const abi = control.abi;
      const tv_sec = packet.time / 1_000_000_000n;
      const stamp = inMicroseconds
        ? timeval.encode({ tv_sec, tv_usec: fraction / 1000n }, abi)
        : timespec.encode({ tv_sec, tv_nsec: fraction }, abi);
      const type = inMicroseconds ? SO_TIMESTAMP_OLD : SO_TIMESTAMPNS_OLD;
      control.put(SOL_SOCKET, type, stamp);
    }
    const { options } = this;
    const int = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);
    const { destination } = details;
    if (destination.isV4) {
      const asBytes = destination.bytes.subarray(12);
      if (options.get(SOL_IP, IP_PKTINFO)) control.put(SOL_IP, IP_PKTINFO, joinBytes([int(1), asBytes, asBytes]));
      if (options.get(SOL_IP, IP_RECVTTL)) control.put(SOL_IP, IP_TTL, int(details.hops));
      if (options.get(SOL_IP, IP_RECVTOS)) control.put(SOL_IP, IP_TOS, new Uint8Array([details.tos]));
      if (options.get(SOL_IP, IP_ORIGDSTADDR)) {
        control.put(SOL_IP, IP_ORIGDSTADDR, sockaddrOf(AF_INET, { address: destination, port: details.port }));
      }
    }
    if (this.family === AF_INET6) {
      if (options.get(SOL_IPV6, IPV6_RECVPKTINFO)) {
        control.put(SOL_IPV6, IPV6_PKTINFO, joinBytes([destination.bytes, int(1)]));
      }
      if (options.get(SOL_IPV6, IPV6_RECVHOPLIMIT)) control.put(SOL_IPV6, IPV6_HOPLIMIT, int(details.hops));
    }
    message.resultFlags |= control.flags;
  }

  override poll(): number {
    let events = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.error !== 0) events |= POLLERR;
    if (this.shutdownMask === SHUTDOWN_MASK) events |= POLLHUP;
    if (this.shutdownMask & RCV_SHUTDOWN) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.queue.length > 0) events |= POLLIN | POLLRDNORM;
    return events;
  }

  override unreadBytes(): number {
    return this.queue.head?.length ?? 0;
  }

  override unsentBytes(): number {
    return 0;
  }

  override names(): SocketNames {
    return { protocol: this.family === AF_INET6 ? "UDPv6" : "UDP", text: this.endpointsText() };
  }
}
