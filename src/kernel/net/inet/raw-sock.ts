// Raw sockets on lo: packets of one protocol, with headers of the kernel's or of one's own. net/ipv4/raw.c, net/ipv6/raw.c
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../../abi/constants/events.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  ICMP_FILTER,
  IP_HDRINCL,
  IP_TOS,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_RAW,
  IPPROTO_UDP,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SOL_IP,
  SOL_RAW,
} from "../../../abi/constants/network.js";
import { POLL_IN } from "../../../abi/constants/signals.js";
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  Errno,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import type { Net } from "../net.js";
import { Packet, PacketQueue, truesizeOf } from "../packet.js";
import { CLOSE, ESTABLISHED, familyOf, type SocketNames } from "../sock.js";
import { InetSock } from "./inet-sock.js";
import { endpointOf, type IpAddress, SIN6_LEN_RFC2133, SOCKADDR_IN, sockaddrOf } from "./ip-address.js";
import {
  completeHeader,
  echoReply,
  type IpPacket,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
  packetOf,
  parsePacket,
  sumIcmp,
  unreachable,
} from "./ip-packet.js";
import type { PortTable } from "./port-table.js";
import { UdpSock } from "./udp-sock.js";

const MAX_LENGTH = 0xffff;
const HEADER = 20;
const IPPROTO_TCP = 6;

export class RawSock extends InetSock {
  readonly queue = new PacketQueue();
  #hasOwnHeader: boolean;
  /** ICMP_FILTER: a bit for each type that is not wanted. */
  #filter = 0;

  constructor(net: Net, family: number, type: number, protocol: number, uid: number) {
    super(net, family, type, protocol, uid);
    this.#hasOwnHeader = family === AF_INET && protocol === IPPROTO_RAW;
    // Its number stands where others have their port.
    if (protocol !== IPPROTO_RAW) this.port = protocol;
    net.taps.add(this);
  }

  get ports(): PortTable {
    return this.net.udpPorts;
  }

  override sharesPortWith(): boolean {
    return true;
  }

  override bind(bytes: Uint8Array): undefined {
    if (bytes.length < (this.family === AF_INET6 ? SIN6_LEN_RFC2133 : SOCKADDR_IN)) throw new Errno(EINVAL);
    if (familyOf(bytes) !== this.family) throw new Errno(this.family === AF_INET6 ? EINVAL : EAFNOSUPPORT);
    const { address } = endpointOf(bytes);
    if (this.state !== CLOSE) throw new Errno(EINVAL);
    if (!address.isAny && !address.isLocal && !address.isMulticast && !address.isBroadcast)
      throw new Errno(EADDRNOTAVAIL);
    this.local = address;
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *connect(bytes: Uint8Array): Sleep<void> {
    if (familyOf(bytes) === AF_UNSPEC) {
      this.state = CLOSE;
      this.remote = this.local = this.any;
      return;
    }
    const destination = this.route(this.destination(bytes));
    this.local = this.sourceFor(destination);
    this.remote = destination;
    this.state = ESTABLISHED;
  }

  override shutdown(how: number): void {
    if (how === 0) throw new Errno(EINVAL);
    this.shutdownMask |= how;
    if (this.state === CLOSE) throw new Errno(ENOTCONN);
  }

  override release(): void {
    super.release();
    this.queue.purge();
    this.net.taps.delete(this);
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *send({ data, flags, name }: OutgoingMessage): Sleep<number> {
    const size = data.remaining;
    if (size > MAX_LENGTH) throw new Errno(EMSGSIZE);
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const destination = this.#destinationOf(name);
    const bytes = data.takeAll(size);
    if (bytes.length < size) throw new Errno(EFAULT);
    const source = this.sourceFor(destination);
    if (!this.#hasOwnHeader) this.#sendPayload(bytes, source, destination);
    else {
      if (size < HEADER || (bytes[0] & 0xf) * 4 > size) throw new Errno(EINVAL);
      const copy = bytes.slice();
      completeHeader(copy, source);
      const packet = parsePacket(copy);
      if (packet) sendPacket(this.net, packet);
    }
    return size;
  }

  #sendPayload(bytes: Uint8Array, source: IpAddress, destination: IpAddress): void {
    const { protocol, options } = this;
    const payload = bytes.slice();
    if (protocol === IPPROTO_ICMPV6 && payload.length >= 4) sumIcmp(payload, { source, destination });
    const tos = this.family === AF_INET ? options.get(SOL_IP, IP_TOS) & 0xff : 0;
    sendPacket(this.net, packetOf({ protocol, source, destination, ttl: options.hops, tos }, payload));
  }

  #destinationOf(name: Uint8Array | undefined): IpAddress {
    if (name === undefined) {
      if (this.state !== ESTABLISHED) throw new Errno(EDESTADDRREQ);
      return this.remote;
    }
    if (name.length < (this.family === AF_INET6 ? SIN6_LEN_RFC2133 : SOCKADDR_IN)) throw new Errno(EINVAL);
    if (familyOf(name) !== this.family) throw new Errno(EAFNOSUPPORT);
    return this.route(endpointOf(name));
  }

  /** raw_v4_input. False when the packet is not for it. */
  takeIp(packet: IpPacket): boolean {
    const { protocol, source, destination, payload, bytes } = packet;
    if (protocol !== this.protocol || this.protocol === IPPROTO_RAW) return false;
    if ((this.family === AF_INET6) === destination.isV4) return false;
    if (!this.local.isAny && !this.local.equals(destination)) return false;
    if (!this.remote.isAny && !this.remote.equals(source)) return false;
    const isFiltered = protocol === IPPROTO_ICMP && payload[0] < 32 && (this.#filter & (1 << payload[0])) !== 0;
    if (isFiltered || this.queue.truesize > this.receiveBuffer) return true;
    const held = (this.family === AF_INET6 ? payload : bytes).slice();
    const received = new Packet(held, truesizeOf(held.length));
    received.name = sockaddrOf(this.family, { address: source, port: 0 });
    this.queue.push(received);
    this.activity++;
    this.tellAsync(POLL_IN);
    return true;
  }

  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const { flags } = message;
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const deadline = this.deadline(this.receiveTimeout, task);
    while (this.queue.length === 0) {
      this.throwPendingError();
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.queue.length > 0 || this.error !== 0, deadline))) throw new Errno(EAGAIN);
    }
    return receivePacket(message, this.queue);
  }

  override poll(): number {
    const readable = this.queue.length > 0 ? POLLIN | POLLRDNORM : 0;
    return readable | POLLOUT | POLLWRNORM | POLLWRBAND | (this.error === 0 ? 0 : POLLERR);
  }

  override name(ofPeer: boolean): Uint8Array {
    if (ofPeer) throw new Errno(ENOTCONN); // no port, no peer
    return super.name(false);
  }

  override setOption(level: number, name: number, address: number, length: number, task: Task): void {
    if (level === SOL_RAW) {
      this.#checkFilter(name);
      if (length < 0) throw new Errno(EINVAL);
      this.#filter = new DataView(task.copyIn(address, 4).buffer).getInt32(0, true);
    } else if (level === SOL_IP && name === IP_HDRINCL && this.family === AF_INET) {
      if (length < 1) throw new Errno(EINVAL);
      this.#hasOwnHeader = (length < 4 ? task.copyIn(address, 1)[0] : task.readI32(address)) !== 0;
    } else super.setOption(level, name, address, length, task);
  }

  override getOption(level: number, name: number, task: Task, room: number): Uint8Array {
    const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
    if (level === SOL_RAW) {
      this.#checkFilter(name);
      return int(this.#filter);
    }
    if (level === SOL_IP && name === IP_HDRINCL) return int(Number(this.#hasOwnHeader));
    return super.getOption(level, name, task, room);
  }

  #checkFilter(name: number): void {
    if (name !== ICMP_FILTER) throw new Errno(ENOPROTOOPT);
    if (this.protocol !== IPPROTO_ICMP) throw new Errno(EOPNOTSUPP);
  }

  override unreadBytes(): number {
    return this.queue.head?.length ?? 0;
  }

  override unsentBytes(): number {
    return 0;
  }

  override names(): SocketNames {
    return { protocol: this.family === AF_INET6 ? "RAWv6" : "RAW", text: this.endpointsText() };
  }
}

/** Hands over the first packet of a queue. */
export function receivePacket(message: IncomingMessage, queue: PacketQueue): number {
  const { data, flags } = message;
  const packet = queue.head as Packet;
  const size = Math.min(packet.length, data.remaining);
  if (size < packet.length) message.resultFlags |= MSG_TRUNC;
  try {
    if (size > 0 && data.put(packet.rest.subarray(0, size)) < size) throw new Errno(EFAULT);
  } finally {
    if (!(flags & MSG_PEEK)) queue.shift().free();
  }
  message.name = packet.name ?? new Uint8Array(0);
  return flags & MSG_TRUNC ? packet.length : size;
}

/** ip_local_deliver: a packet on lo comes to whoever is there for it, and the kernel answers what it does. */
export function sendPacket(net: Net, packet: IpPacket): void {
  net.count(packet.bytes.length);
  const { protocol, payload, destination, source } = packet;
  const isTaken = net.tap(packet);
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) {
    const reply = echoReply(packet);
    if (reply) sendPacket(net, reply);
  } else if (protocol === IPPROTO_UDP && payload.length >= 8) {
    const view = new DataView(payload.buffer, payload.byteOffset);
    const [from, to] = [view.getUint16(0), view.getUint16(2)];
    for (const sock of net.udpPorts.at(to)) {
      if (!(sock instanceof UdpSock) || !sock.hears(destination)) continue;
      sock.takeFromOutside(payload.slice(8), source, from);
      return;
    }
    if (destination.isV4) sendPacket(net, unreachable(packet, PORT_UNREACHABLE));
  } else if (!isTaken && protocol !== IPPROTO_TCP && destination.isV4) {
    sendPacket(net, unreachable(packet, PROTOCOL_UNREACHABLE));
  }
}
