// Unix datagram sockets, and sequenced packets, which are datagrams on a connection. net/unix/af_unix.c
import {
  AF_UNIX,
  AF_UNSPEC,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
} from "../../../abi/constants/network.js";
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
  Errno,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import { truesizeOf } from "../packet.js";
import { CLOSE, ESTABLISHED, familyOf, RCV_SHUTDOWN } from "../sock.js";
import { type Attachment, attachmentOf, deliver, filesFrom } from "./rights.js";
import { checkUnixAddress } from "./unix-names.js";
import { UnixSock } from "./unix-sock.js";

const SKB_MAX_ALLOC = 16064;
const PAGE = 4096;
const HEADROOM = 32;
const NO_BYTES = new Uint8Array(0);

function charge(size: number): number {
  const pages = Math.ceil(Math.max(0, size - SKB_MAX_ALLOC) / PAGE) * PAGE;
  return truesizeOf(Math.max(0, size - pages), pages);
}

export class UnixDatagram extends UnixSock {
  protected override another(uid: number): UnixSock {
    return new UnixDatagram(this.net, AF_UNIX, SOCK_DGRAM, 0, uid);
  }

  /** unix_may_send: a connected socket hears only its peer. */
  #mayReach(other: UnixSock): boolean {
    return other.peer === undefined || other.peer === this;
  }

  // biome-ignore lint/correctness/useYield: other types of socket wait here
  override *connect(address: Uint8Array, _nonBlocking: boolean, task: Task): Sleep<void> {
    const old = this.peer;
    if (familyOf(address) === AF_UNSPEC) {
      this.state = CLOSE;
      this.peer = undefined;
    } else {
      checkUnixAddress(address);
      if (this.passCredentials) this.autobind();
      const other = this.find(address, task);
      if (!this.#mayReach(other)) throw new Errno(EPERM);
      this.state = ESTABLISHED;
      this.peer = other;
    }
    if (old && old !== this.peer) this.#leave(old);
  }

  /** unix_dgram_disconnected: what the old peer sent is not for this connection. */
  #leave(old: UnixSock): void {
    if (this.queue.length === 0) return;
    this.queue.purge();
    if (!old.isDead && old.peer === this) old.error = ECONNRESET;
  }

  override *send(message: OutgoingMessage, task: Task): Sleep<number> {
    const attachment = attachmentOf(message.control, task);
    try {
      return yield* this.#sendWith(message, attachment, task);
    } catch (error) {
      for (const file of attachment.files ?? []) file.put();
      throw error;
    }
  }

  /** unix_dgram_sendmsg */
  *#sendWith(message: OutgoingMessage, attachment: Attachment, task: Task): Sleep<number> {
    const { data, flags, name } = message;
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    if (name) checkUnixAddress(name);
    else if (this.peer === undefined) throw new Errno(ENOTCONN);
    if (this.passCredentials) this.autobind();
    const size = data.remaining;
    if (size > this.sendBuffer - HEADROOM) throw new Errno(EMSGSIZE);
    const deadline = this.deadline(this.sendTimeout, task);
    yield* this.waitForRoom(flags, deadline, task);
    const bytes = size === 0 ? NO_BYTES : data.takeAll(size);
    if (bytes.length < size) throw new Errno(EFAULT);
    for (;;) {
      const other = name ? this.find(name, task) : this.peer;
      if (other === undefined) throw new Errno(ENOTCONN);
      if (other.isDead) {
        if (this.isConnected) throw new Errno(EPIPE);
        this.peer = undefined;
        this.state = CLOSE;
        this.#leave(other);
        throw new Errno(ECONNREFUSED);
      }
      if (!this.#mayReach(other)) throw new Errno(EPERM);
      if (other.shutdownMask & RCV_SHUTDOWN) throw new Errno(EPIPE);
      if (other === this || other.peer === this || !other.isFull) {
        other.enqueue(bytes, charge(size), this, attachment, task);
        return size;
      }
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      const mayGoOn = (): boolean => other.isDead || (other.shutdownMask & RCV_SHUTDOWN) !== 0 || !other.isFull;
      if (!(yield* this.wait(task, mayGoOn, deadline))) throw new Errno(EAGAIN);
    }
  }

  /** unix_dgram_recvmsg */
  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    if (flags & MSG_OOB) throw new Errno(EOPNOTSUPP);
    const deadline = this.deadline(this.receiveTimeout, task);
    const ready = (): boolean => this.queue.length > 0 || this.error !== 0 || (this.shutdownMask & RCV_SHUTDOWN) !== 0;
    while (this.queue.head === undefined) {
      this.throwPendingError();
      if (this.shutdownMask & RCV_SHUTDOWN) return 0;
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, ready, deadline))) throw new Errno(EAGAIN);
    }
    const packet = this.queue.head;
    message.name = packet.name ?? NO_BYTES;
    const size = Math.min(packet.length, data.remaining);
    if (size < packet.length) message.resultFlags |= MSG_TRUNC;
    try {
      if (size > 0 && data.put(packet.rest.subarray(0, size)) < size) throw new Errno(EFAULT);
      deliver(message, this.passCredentials, packet.credentials, filesFrom(packet, flags, task), task);
    } finally {
      if (!(flags & MSG_PEEK)) this.queue.shift().free();
    }
    return flags & MSG_TRUNC ? packet.length : size;
  }

  protected override canSend(): boolean {
    const { peer } = this;
    return this.isWritable && !(peer && peer.peer !== this && peer.isFull);
  }
}

export class UnixSeqpacket extends UnixDatagram {
  protected override another(uid: number): UnixSock {
    return new UnixSeqpacket(this.net, AF_UNIX, SOCK_SEQPACKET, 0, uid);
  }

  override connect(address: Uint8Array, nonBlocking: boolean, task: Task): Sleep<void> {
    return this.connectToListener(address, nonBlocking, task);
  }

  override *send(message: OutgoingMessage, task: Task): Sleep<number> {
    this.throwPendingError();
    if (this.state !== ESTABLISHED) throw new Errno(ENOTCONN);
    return yield* super.send({ ...message, name: undefined }, task);
  }

  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    if (this.state !== ESTABLISHED) throw new Errno(ENOTCONN);
    return yield* super.receive(message, task);
  }
}
