// Netlink sockets: datagrams to the kernel and what it answers. What the kernel answers is said by
// netlink-socket.ts. net/netlink/af_netlink.c

import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../../abi/constants/events.js";
import { NLM_F_ACK, NLM_F_REQUEST } from "../../../abi/constants/interfaces.js";
import {
  NDIAG_FLAG_BROADCAST_ERROR,
  NDIAG_FLAG_CAP_ACK,
  NDIAG_FLAG_LISTEN_ALL_NSID,
  NDIAG_FLAG_NO_ENOBUFS,
  NDIAG_FLAG_PKTINFO,
} from "../../../abi/constants/netlink.js";
import {
  AF_NETLINK,
  AF_UNSPEC,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_AUDIT,
  NETLINK_BROADCAST_ERROR,
  NETLINK_CAP_ACK,
  NETLINK_CONNECTOR,
  NETLINK_CRYPTO,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_FIB_LOOKUP,
  NETLINK_GENERIC,
  NETLINK_GET_STRICT_CHK,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_LIST_MEMBERSHIPS,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NETFILTER,
  NETLINK_NO_ENOBUFS,
  NETLINK_PKTINFO,
  NETLINK_ROUTE,
  NETLINK_SELINUX,
  NETLINK_SOCK_DIAG,
  NETLINK_USERSOCK,
  NETLINK_XFRM,
  SCM_CREDENTIALS,
  SOL_NETLINK,
  SOL_SOCKET,
} from "../../../abi/constants/network.js";
import { CAP_NET_ADMIN } from "../../../abi/constants/security.js";
import {
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENODATA,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  Errno,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import { Packet, PacketQueue, truesizeOf } from "../packet.js";
import { ESTABLISHED, familyOf, Sock, type SocketNames } from "../sock.js";
import { acknowledgement, done, requestsIn } from "./netlink-message.js";
import { type Answer, SILENCE } from "./reply.js";

const SOCKADDR_NL = 12;
const FIRST_TYPE = 16; // NLMSG_MIN_TYPE: below are control messages
const HEADROOM = 32;
const GROUPS = 32;

const DIAGNOSED_OPTIONS: readonly (readonly [option: number, flag: number])[] = [
  [NETLINK_PKTINFO, NDIAG_FLAG_PKTINFO],
  [NETLINK_BROADCAST_ERROR, NDIAG_FLAG_BROADCAST_ERROR],
  [NETLINK_NO_ENOBUFS, NDIAG_FLAG_NO_ENOBUFS],
  [NETLINK_LISTEN_ALL_NSID, NDIAG_FLAG_LISTEN_ALL_NSID],
  [NETLINK_CAP_ACK, NDIAG_FLAG_CAP_ACK],
];

/** The protocols there are sockets of, by the names that tracers have for them. */
export const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [NETLINK_ROUTE, "ROUTE"],
  [NETLINK_USERSOCK, "USERSOCK"],
  [NETLINK_SOCK_DIAG, "SOCK_DIAG"],
  [NETLINK_XFRM, "XFRM"],
  [NETLINK_SELINUX, "SELINUX"],
  [NETLINK_AUDIT, "AUDIT"],
  [NETLINK_FIB_LOOKUP, "FIB_LOOKUP"],
  [NETLINK_CONNECTOR, "CONNECTOR"],
  [NETLINK_NETFILTER, "NETFILTER"],
  [NETLINK_KOBJECT_UEVENT, "KOBJECT_UEVENT"],
  [NETLINK_GENERIC, "GENERIC"],
  [NETLINK_CRYPTO, "CRYPTO"],
]);

export class NetlinkSock extends Sock {
  port = 0;
  isBound = false;
  groups = 0;
  peerPort = 0;
  peerGroups = 0;
  readonly #queue = new PacketQueue();
  readonly #options = new Map<number, number>();
  readonly #answer: Answer | undefined;

  /** `answer` is the kernel's side of the protocol; without one, nobody is there to be written to. */
  constructor(task: Task, type: number, protocol: number, answer: Answer | undefined) {
    super(task.namespaces.net, AF_NETLINK, type, protocol, task.cred.fsuid);
    this.#answer = answer;
  }

  /** NDIAG_FLAG_*: the options that are on. */
  get diagnosedFlags(): number {
    let flags = 0;
    for (const [option, flag] of DIAGNOSED_OPTIONS) if (this.#options.get(option)) flags |= flag;
    return flags;
  }

  override bind(address: Uint8Array, task: Task): undefined {
    const { port, groups } = parse(address);
    if (this.isBound && port !== this.port) throw new Errno(EINVAL);
    if (this.protocol === NETLINK_USERSOCK && groups !== 0 && !task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
    if (!this.isBound) this.#take(port, task);
    this.groups = groups;
  }

  #take(port: number, task: Task): void {
    const { netlinkPorts } = this.net;
    if (port === 0) this.port = netlinkPorts.automatic(this, task.tgid);
    else {
      netlinkPorts.take(this, port);
      this.port = port;
    }
    this.isBound = true;
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *connect(address: Uint8Array, _nonBlocking: boolean, task: Task): Sleep<void> {
    if (familyOf(address) === AF_UNSPEC) {
      this.peerPort = this.peerGroups = 0;
      return;
    }
    const { port, groups } = parse(address);
    if ((port !== 0 || groups !== 0) && this.protocol !== NETLINK_USERSOCK && !task.cred.can(CAP_NET_ADMIN)) {
      throw new Errno(EPERM);
    }
    if (!this.isBound) this.#take(0, task);
    this.peerPort = port;
    this.peerGroups = groups;
    this.state = ESTABLISHED;
  }

  override name(ofPeer: boolean): Uint8Array {
    return ofPeer ? sockaddr(this.peerPort, this.peerGroups) : sockaddr(this.port, this.groups);
  }

  override release(): void {
    super.release();
    this.#queue.purge();
    if (this.isBound) this.net.netlinkPorts.release(this, this.port);
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *send(message: OutgoingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    const size = data.remaining;
    if (size === 0) throw new Errno(ENODATA);
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const to = message.name ? parse(message.name) : { port: this.peerPort, groups: this.peerGroups };
    if (message.name && (to.port !== 0 || to.groups !== 0) && this.protocol !== NETLINK_USERSOCK) {
      if (!task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
    }
    if (!this.isBound) this.#take(0, task);
    if (size > this.sendBuffer - HEADROOM) throw new Errno(EMSGSIZE);
    const bytes = data.takeAll(size);
    if (to.port !== 0) {
      const peer = this.net.netlinkPorts.find(this.protocol, to.port);
      if (peer === undefined) throw new Errno(ECONNREFUSED);
      peer.#enqueue(bytes, this.port);
      return size;
    }
    const answer = this.#answer;
    if (answer === undefined) throw new Errno(ECONNREFUSED);
    for (const request of requestsIn(bytes)) {
      const isRequest = (request.flags & NLM_F_REQUEST) !== 0 && request.type >= FIRST_TYPE;
      const reply = isRequest ? answer(request, this.port, this.net, task.cred.can(CAP_NET_ADMIN)) : SILENCE;
      if ("error" in reply) {
        this.#enqueue(acknowledgement(request, this.port, reply.error), 0);
        continue;
      }
      const parts = [...reply.parts];
      if (reply.isDump) {
        const end = done(request, this.port, reply.doneError);
        if (reply.doneApart || parts.length === 0) parts.push(end);
        else parts[parts.length - 1] = Uint8Array.from([...parts[parts.length - 1], ...end]);
      }
      for (const part of parts) this.#enqueue(part, 0);
      if (request.flags & NLM_F_ACK && !reply.isDump) this.#enqueue(acknowledgement(request, this.port, 0), 0);
    }
    return size;
  }

  /** netlink_sendskb: from the kernel. */
  deliver(bytes: Uint8Array): void {
    this.#enqueue(bytes.slice(), 0);
  }

  /** netlink_overrun when there is no room. */
  #enqueue(bytes: Uint8Array, from: number): void {
    if (this.#queue.truesize > this.receiveBuffer) {
      this.error = ENOBUFS;
      return;
    }
    const packet = new Packet(bytes, truesizeOf(bytes.length));
    packet.name = sockaddr(from, 0);
    this.#queue.push(packet);
    this.activity++;
  }

  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const deadline = this.deadline(this.receiveTimeout, task);
    for (;;) {
      this.throwPendingError();
      if (this.#queue.length > 0) break;
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.#queue.length > 0 || this.error !== 0, deadline)))
        throw new Errno(EAGAIN);
    }
    const packet = this.#queue.head as Packet;
    const size = Math.min(packet.length, data.remaining);
    if (size < packet.length) message.resultFlags |= MSG_TRUNC;
    if (size > 0) data.put(packet.rest.subarray(0, size));
    if (!(flags & MSG_PEEK)) this.#queue.shift().free();
    message.name = packet.name as Uint8Array;
    if (this.passCredentials) {
      message.control.put(SOL_SOCKET, SCM_CREDENTIALS, new Uint8Array(12));
      message.resultFlags |= message.control.flags;
    }
    return flags & MSG_TRUNC ? packet.length : size;
  }

  override poll(): number {
    const readable = this.#queue.length > 0 ? POLLIN | POLLRDNORM : 0;
    return readable | POLLOUT | POLLWRNORM | POLLWRBAND | (this.error === 0 ? 0 : POLLERR);
  }

  override setOption(level: number, name: number, address: number, length: number, task: Task): void {
    if (level !== SOL_NETLINK) throw new Errno(ENOPROTOOPT);
    if (length < 4) throw new Errno(EINVAL);
    const value = task.readI32(address);
    if (name === NETLINK_ADD_MEMBERSHIP || name === NETLINK_DROP_MEMBERSHIP) {
      if (value <= 0 || value > GROUPS) throw new Errno(EINVAL);
      const bit = 1 << (value - 1);
      this.groups = name === NETLINK_ADD_MEMBERSHIP ? this.groups | bit : this.groups & ~bit;
      return;
    }
    if (name > NETLINK_GET_STRICT_CHK || name < NETLINK_ADD_MEMBERSHIP || name === NETLINK_LIST_MEMBERSHIPS) {
      throw new Errno(ENOPROTOOPT);
    }
    this.#options.set(name, Number(value !== 0));
  }

  override getOption(level: number, name: number): Uint8Array {
    if (level !== SOL_NETLINK) throw new Errno(ENOPROTOOPT);
    if (name === NETLINK_LIST_MEMBERSHIPS) return new Uint8Array(new Int32Array([this.groups]).buffer);
    if (name > NETLINK_GET_STRICT_CHK || name <= NETLINK_DROP_MEMBERSHIP) throw new Errno(ENOPROTOOPT);
    return new Uint8Array(new Int32Array([this.#options.get(name) ?? 0]).buffer);
  }

  override names(): SocketNames {
    return {
      protocol: "NETLINK",
      text: this.isBound ? `${PROTOCOLS.get(this.protocol)}:${this.port}` : undefined,
    };
  }
}

function parse(address: Uint8Array): { port: number; groups: number } {
  if (address.length < SOCKADDR_NL || familyOf(address) !== AF_NETLINK) throw new Errno(EINVAL);
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  return { port: view.getInt32(4, true), groups: view.getUint32(8, true) };
}

function sockaddr(port: number, groups: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_NL);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setInt32(4, port, true);
  view.setUint32(8, groups, true);
  return bytes;
}
