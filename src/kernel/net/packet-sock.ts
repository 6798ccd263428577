// Packet sockets on lo: frames as the device has them, with or without their Ethernet header. TCP's segments are not among them, for none
// are ever made. net/packet/af_packet.c
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import {
  AF_PACKET,
  MSG_DONTWAIT,
  PACKET_ADD_MEMBERSHIP,
  PACKET_DROP_MEMBERSHIP,
  PACKET_HOST,
  PACKET_OUTGOING,
  PACKET_STATISTICS,
  SOCK_RAW,
  SOL_PACKET,
} from "../../abi/constants/network.js";
import { POLL_IN } from "../../abi/constants/signals.js";
import { EAGAIN, EFAULT, EINVAL, EMSGSIZE, ENODEV, ENOPROTOOPT, ENXIO, EOPNOTSUPP, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { type IpPacket, parsePacket } from "./inet/ip-packet.js";
import { receivePacket, sendPacket } from "./inet/raw-sock.js";
import type { IncomingMessage, OutgoingMessage } from "./message.js";
import type { Net } from "./net.js";
import { Packet, PacketQueue, truesizeOf } from "./packet.js";
import { familyOf, Sock, type SocketNames } from "./sock.js";

const LO = 1;
const LO_MTU = 65536;
const ARPHRD_LOOPBACK = 772;
const SOCKADDR_LL = 20;
const ETHERNET = 14;
const ADDRESS = 6;
const [ETH_P_ALL, ETH_P_IP, ETH_P_IPV6] = [3, 0x800, 0x86dd];

export class PacketSock extends Sock {
  /** ETH_P_*; 0 hears nothing. */
  #protocol: number;
  /** The interface it is bound to; 0 is all. */
  #interface = 0;
  readonly #queue = new PacketQueue();
  #seen = 0;
  #drops = 0;

  constructor(net: Net, type: number, protocol: number, uid: number) {
    super(net, AF_PACKET, type, protocol, uid);
    this.#protocol = ((protocol & 0xff) << 8) | ((protocol >> 8) & 0xff);
    net.taps.add(this);
  }

  override bind(bytes: Uint8Array): undefined {
    if (bytes.length < SOCKADDR_LL || familyOf(bytes) !== AF_PACKET) throw new Errno(EINVAL);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [protocol, index] = [view.getUint16(2), view.getInt32(4, true)];
    if (index !== 0 && index !== LO) throw new Errno(ENODEV);
    this.#interface = index;
    this.#protocol = protocol || this.#protocol;
  }

  override name(ofPeer: boolean): Uint8Array {
    if (ofPeer) throw new Errno(EOPNOTSUPP);
    const isBound = this.#interface !== 0;
    const bytes = this.#address(this.#protocol, isBound ? ARPHRD_LOOPBACK : 0, 0, this.#interface);
    return bytes.subarray(0, isBound ? 12 + ADDRESS : 12);
  }

  /** struct sockaddr_ll. */
  #address(protocol: number, hardware: number, type: number, index = LO): Uint8Array {
    const bytes = new Uint8Array(SOCKADDR_LL);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, protocol);
    view.setInt32(4, index, true);
    view.setUint16(8, hardware, true);
    bytes[10] = type;
    bytes[11] = hardware === 0 ? 0 : ADDRESS;
    return bytes;
  }

  override release(): void {
    super.release();
    this.#queue.purge();
    this.net.taps.delete(this);
  }

  /** A packet passes lo: it goes out and comes in. Only who wants all sees it go. */
  takeIp({ bytes, destination }: IpPacket): boolean {
    const protocol = destination.isV4 ? ETH_P_IP : ETH_P_IPV6;
    if (this.#protocol === ETH_P_ALL) this.#store(bytes, protocol, PACKET_OUTGOING);
    if (this.#protocol === ETH_P_ALL || this.#protocol === protocol) this.#store(bytes, protocol, PACKET_HOST);
    return false;
  }

  #store(bytes: Uint8Array, protocol: number, type: number): void {
    this.#seen++;
    if (this.#queue.truesize > this.receiveBuffer) {
      this.#drops++;
      return;
    }
    const header = this.type === SOCK_RAW ? ETHERNET : 0;
    const frame = new Uint8Array(header + bytes.length);
    if (header > 0) new DataView(frame.buffer).setUint16(12, protocol);
    frame.set(bytes, header);
    const packet = new Packet(frame, truesizeOf(frame.length));
    packet.name = this.#address(protocol, ARPHRD_LOOPBACK, type);
    this.#queue.push(packet);
    this.activity++;
    this.tellAsync(POLL_IN);
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *send({ data, name }: OutgoingMessage): Sleep<number> {
    const size = data.remaining;
    let [index, protocol] = [this.#interface, this.#protocol];
    if (name) {
      if (name.length < SOCKADDR_LL) throw new Errno(EINVAL);
      const view = new DataView(name.buffer, name.byteOffset);
      [index, protocol] = [view.getInt32(4, true), view.getUint16(2)];
    }
    if (index !== LO) throw new Errno(ENXIO);
    const header = this.type === SOCK_RAW ? ETHERNET : 0;
    if (size < header) throw new Errno(EINVAL);
    if (size > LO_MTU + header) throw new Errno(EMSGSIZE);
    const bytes = data.takeAll(size);
    if (bytes.length < size) throw new Errno(EFAULT);
    if (header > 0) protocol = new DataView(bytes.buffer, bytes.byteOffset).getUint16(12);
    const packet = protocol === ETH_P_IP ? parsePacket(bytes.slice(header)) : undefined;
    if (packet) sendPacket(this.net, packet);
    return size;
  }

  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const deadline = this.deadline(this.receiveTimeout, task);
    while (this.#queue.length === 0) {
      this.throwPendingError();
      if (message.flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.#queue.length > 0 || this.error !== 0, deadline)))
        throw new Errno(EAGAIN);
    }
    return receivePacket(message, this.#queue);
  }

  override poll(): number {
    const readable = this.#queue.length > 0 ? POLLIN | POLLRDNORM : 0;
    return readable | POLLOUT | POLLWRNORM | (this.error === 0 ? 0 : POLLERR);
  }

  override setOption(level: number, name: number, address: number, length: number, task: Task): void {
    if (level !== SOL_PACKET) throw new Errno(ENOPROTOOPT);
    if (name !== PACKET_ADD_MEMBERSHIP && name !== PACKET_DROP_MEMBERSHIP) throw new Errno(ENOPROTOOPT);
    if (length < 16) throw new Errno(EINVAL);
    // lo has everything come to it anyway.
    if (task.readI32(address) !== LO && name === PACKET_ADD_MEMBERSHIP) throw new Errno(ENODEV);
  }

  override getOption(level: number, name: number): Uint8Array {
    if (level !== SOL_PACKET || name !== PACKET_STATISTICS) throw new Errno(ENOPROTOOPT);
    const counts = Uint32Array.of(this.#seen, this.#drops);
    this.#seen = this.#drops = 0;
    return new Uint8Array(counts.buffer);
  }

  override unreadBytes(): number {
    return this.#queue.head?.length ?? 0;
  }

  override names(): SocketNames {
    return { protocol: "PACKET", text: undefined };
  }
}
