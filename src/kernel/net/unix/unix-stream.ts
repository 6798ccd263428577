// Unix stream sockets: bytes without boundaries, in packets that keep descriptors and credentials in their place. net/unix/af_unix.c
import { POLLPRI } from "../../../abi/constants/events.js";
import { SIOCATMARK } from "../../../abi/constants/interfaces.js";
import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  SO_OOBINLINE,
  SOCK_STREAM,
} from "../../../abi/constants/network.js";
import { SIGPIPE, SIGURG } from "../../../abi/constants/signals.js";
import { EAGAIN, EFAULT, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { File } from "../../vfs/file.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import { type Packet, truesizeOf } from "../packet.js";
import { ESTABLISHED, RCV_SHUTDOWN, SEND_SHUTDOWN } from "../sock.js";
import { type Attachment, attachmentOf, deliver, filesFrom, sameSender } from "./rights.js";
import { UnixSock } from "./unix-sock.js";

const SKB_MAX_HEAD = 3776;
const SKB_FRAGMENTS = 32768;
const PAGE = 4096;
const NOTHING: Attachment = { files: undefined, credentials: undefined };
const NO_BYTES = new Uint8Array(0);

/** How much of a stream goes into one packet, and what that is charged as. */
function charge(size: number): number {
  const pages = Math.min(size, Math.ceil(Math.max(0, size - SKB_MAX_HEAD) / PAGE) * PAGE);
  return truesizeOf(size - pages, pages);
}

export class UnixStream extends UnixSock {
  /** MSG_OOB: the packet of the last urgent byte, until it is read or passed. */
  #urgent: Packet | undefined;
  #passedOver = 0;

  protected override another(uid: number): UnixSock {
    return new UnixStream(this.net, AF_UNIX, SOCK_STREAM, 0, uid);
  }

  override *send(message: OutgoingMessage, task: Task): Sleep<number> {
    const attachment = attachmentOf(message.control, task);
    let done = 0;
    try {
      const urgent = message.flags & MSG_OOB ? 1 : 0;
      if (message.data.remaining < urgent) throw new Errno(EOPNOTSUPP);
      if (message.name) throw new Errno(this.state === ESTABLISHED ? EISCONN : EOPNOTSUPP);
      const { peer } = this as { peer: UnixStream | undefined };
      if (peer === undefined) throw new Errno(ENOTCONN);
      if (this.shutdownMask & SEND_SHUTDOWN) throw new Errno(EPIPE);
      const deadline = this.deadline(this.sendTimeout, task);
      while (message.data.remaining > 0) {
        yield* this.waitForRoom(message.flags, deadline, task);
        const size = Math.min(
          Math.max(message.data.remaining - urgent, 1),
          Math.floor(this.sendBuffer / 2) - 64,
          SKB_MAX_HEAD + SKB_FRAGMENTS,
        );
        const bytes = message.data.take(size).slice();
        if (bytes.length < size) throw new Errno(EFAULT);
        if (peer.isDead || peer.shutdownMask & RCV_SHUTDOWN) throw new Errno(EPIPE);
        const goesAlong = done === 0 ? attachment : { ...NOTHING, credentials: attachment.credentials };
        const packet = peer.enqueue(bytes, charge(size), this, goesAlong, task);
        done += size;
        if (urgent && message.data.remaining === 0) peer.#receiveUrgent(packet);
      }
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (done > 0) return done;
      for (const file of attachment.files ?? []) file.put();
      if (error.number === EPIPE && !(message.flags & MSG_NOSIGNAL)) task.raiseSignal(SIGPIPE);
      throw error;
    }
    if (done === 0) for (const file of attachment.files ?? []) file.put();
    return done;
  }

  /** unix_stream_read_generic */
  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    if (this.state !== ESTABLISHED) throw new Errno(EINVAL);
    const { data, flags } = message;
    if (flags & MSG_OOB) return this.#readUrgent(message);
    const wanted = this.target((flags & MSG_WAITALL) !== 0, data.remaining);
    const deadline = this.deadline(this.receiveTimeout, task);
    let copied = 0;
    let peeked = 0;
    let first: Packet | undefined;
    let files: readonly File[] | undefined;
    const given = (): number => {
      deliver(message, this.passCredentials, first?.credentials, files, task);
      return copied;
    };
    do {
      let packet = flags & MSG_PEEK ? this.queue.at(peeked) : this.queue.head;
      if (packet && (packet === this.#urgent || packet.length === 0)) {
        packet = this.#pastUrgent(packet, flags, copied, peeked);
        if (packet === undefined && copied > 0) break;
        if (packet && flags & MSG_PEEK) while (this.queue.at(peeked) !== packet) peeked++;
      }
      if (packet === undefined) {
        if (copied >= wanted) break;
        if (!(yield* this.#waitForData(flags, copied, this.queue.length, deadline, task))) break;
        continue;
      }
      if (first === undefined) {
        first = packet;
        message.name = packet.name ?? NO_BYTES;
      } else if (this.passCredentials && !sameSender(first.credentials, packet.credentials)) break;
      const size = Math.min(packet.length, data.remaining);
      const count = put(message, packet.rest.subarray(0, size), copied);
      copied += count;
      if (count < size) break;
      files = filesFrom(packet, flags, task) ?? files;
      const isRead = count === packet.length;
      if (flags & MSG_PEEK) peeked++;
      else this.queue.consume(count);
      if (files !== undefined || !isRead) break;
    } while (data.remaining > 0);
    return given();
  }

  #receiveUrgent(packet: Packet): void {
    this.#urgent = packet;
    if (this.file) this.net.tellOwner(this.file, SIGURG);
  }

  /** unix_stream_recv_urg: its packet stays in its place, without its byte. */
  #readUrgent(message: IncomingMessage): number {
    const packet = this.#urgent;
    if (packet === undefined || this.#isInline) throw new Errno(EINVAL);
    if (message.data.remaining > 0) message.data.put(packet.rest.subarray(0, 1));
    if (!(message.flags & MSG_PEEK)) {
      this.#urgent = undefined;
      this.queue.use(packet, 1);
    }
    message.resultFlags |= MSG_OOB;
    return 1;
  }

  get #isInline(): boolean {
    return this.remembered.get(SO_OOBINLINE) === 1;
  }

  /** manage_oob: where reading goes on at the urgent byte, or at the place of one that was read. A read that has something ends there. */
  #pastUrgent(packet: Packet, flags: number, copied: number, index: number): Packet | undefined {
    let at: Packet | undefined = packet;
    let next = index + 1;
    if (packet.length === 0) {
      if (copied > 0 && (this.#urgent === undefined || packet === this.#urgent)) return undefined;
      if (!(flags & MSG_PEEK)) {
        this.queue.shift().free();
        next--;
      }
      at = this.queue.at(next++);
    }
    if (at === undefined || at !== this.#urgent) return at;
    if (copied > 0) return undefined;
    if (flags & MSG_PEEK) return this.#isInline ? at : this.queue.at(next);
    this.#urgent = undefined;
    if (this.#isInline) return at;
    this.#passedOver += at.length;
    this.queue.shift().free();
    return this.queue.head;
  }

  override poll(): number {
    return super.poll() | (this.#urgent ? POLLPRI : 0);
  }

  /** Linux goes on to count urgent bytes that were passed over. */
  override unreadBytes(): number {
    return super.unreadBytes() + this.#passedOver;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== SIOCATMARK) return super.ioctl(command, argument, task);
    const { head } = this.queue;
    const urgent = this.#urgent;
    const isRead = head?.length === 0 && (urgent === undefined || this.queue.at(1) === urgent);
    task.writeU32(argument, Number(head !== undefined && (head === urgent || isRead)));
    return 0;
  }

  /** False when what there is will have to do: the end, or, with some bytes already, an error or a signal. */
  *#waitForData(
    flags: number,
    copied: number,
    passed: number,
    deadline: number | undefined,
    task: Task,
  ): Sleep<boolean> {
    const ended = (): boolean => this.error !== 0 || (this.shutdownMask & RCV_SHUTDOWN) !== 0;
    try {
      this.throwPendingError();
      if (this.shutdownMask & RCV_SHUTDOWN) return false;
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.queue.length > passed || ended(), deadline))) throw new Errno(EAGAIN);
      return true;
    } catch (error) {
      if (error instanceof Errno && copied > 0) return false;
      throw error;
    }
  }
}

/** Puts bytes into the receiver's buffer; what is out of reach matters only when nothing came before. */
function put(message: IncomingMessage, bytes: Uint8Array, copied: number): number {
  try {
    return message.data.put(bytes);
  } catch (error) {
    if (error instanceof Errno && copied > 0) return 0;
    throw error;
  }
}
