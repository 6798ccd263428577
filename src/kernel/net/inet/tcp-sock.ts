// The bytes of TCP connections over lo: what one side sends is in the other's queue at once, and what the other side does not take
// counts as the sender's, as far as its buffer goes. net/ipv4/tcp.c, tcp_input.c
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
} from "../../../abi/constants/events.js";
import { SIOCATMARK } from "../../../abi/constants/interfaces.js";
import {
  AF_INET6,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SO_OOBINLINE,
  SOL_TCP,
  TCP_INFO,
} from "../../../abi/constants/network.js";
import { POLL_IN, POLL_PRI, SIGPIPE, SIGURG } from "../../../abi/constants/signals.js";
import { EAGAIN, EFAULT, EINVAL, ENOTCONN, EPIPE, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import {
  CLOSE,
  CLOSE_WAIT,
  ESTABLISHED,
  FIN_WAIT2,
  LISTEN,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  type SocketNames,
  SYN_SENT,
} from "../sock.js";
import { TcpConnection } from "./tcp-connection.js";
import { tcpInfo } from "./tcp-info.js";

const CHUNK = 65536;
const MEMORY_PRESSURE = 1 << 28;

export class TcpSock extends TcpConnection {
  declare peer: TcpSock | undefined;
  /** Where the urgent byte is in the stream, and whether it waits to be read on its own. */
  #urgentAt = -1;
  #urgentByte: number | undefined;

  protected override another(): TcpConnection {
    return new TcpSock(this.net, this.family, this.type, this.protocol, this.uid);
  }

  /** Bytes the other side has not made room for: the send queue. */
  get #unsent(): number {
    const { peer } = this;
    return peer ? Math.max(0, peer.incoming.size - Math.floor(peer.receiveBuffer / 4)) : 0;
  }

  /** tcp_mem: when all connections together hold much, each may hold little. */
  get #limit(): number {
    return this.net.tcpMemory.bytes > MEMORY_PRESSURE ? Math.min(this.sendBuffer, CHUNK) : this.sendBuffer;
  }

  get #room(): number {
    return Math.max(0, this.#limit - this.#unsent);
  }

  override *send(message: OutgoingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    let done = 0;
    try {
      const deadline = this.deadline(this.sendTimeout, task);
      yield* this.#waitForConnection(flags, deadline, task);
      do {
        if (this.error !== 0 || this.shutdownMask & SEND_SHUTDOWN) throw new Errno(EPIPE);
        if (data.remaining === 0) break;
        const room = this.#room;
        if (room > 0) {
          const wanted = Math.min(data.remaining, room, CHUNK);
          const bytes = data.take(wanted);
          this.deliver(bytes, (flags & MSG_OOB) !== 0 && data.remaining === 0);
          done += bytes.length;
          if (bytes.length < wanted) throw new Errno(EFAULT);
          continue;
        }
        if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
        const mayGoOn = (): boolean => this.#canSend || this.error !== 0 || (this.shutdownMask & SEND_SHUTDOWN) !== 0;
        if (!(yield* this.wait(task, mayGoOn, deadline))) throw new Errno(EAGAIN);
      } while (data.remaining > 0);
      return done;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (done > 0) return done;
      if (error.number !== EPIPE) throw error;
      const pending = this.takeError() || EPIPE;
      if (pending === EPIPE && !(flags & MSG_NOSIGNAL)) task.raiseSignal(SIGPIPE);
      throw new Errno(pending);
    }
  }

  /** sk_stream_wait_connect */
  *#waitForConnection(flags: number, deadline: number | undefined, task: Task): Sleep<void> {
    while (this.state !== ESTABLISHED && this.state !== CLOSE_WAIT) {
      if (this.error !== 0 || this.state !== SYN_SENT) throw new Errno(EPIPE);
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.state !== SYN_SENT, deadline))) throw new Errno(EAGAIN);
    }
  }

  /** Bytes arrive at the other side. One that is closed answers with a reset. */
  protected deliver(bytes: Uint8Array, isUrgent: boolean): void {
    const { peer } = this;
    this.net.count(bytes.length + 52);
    if (peer === undefined || peer.isDead || (peer.state === FIN_WAIT2 && peer.shutdownMask & RCV_SHUTDOWN)) {
      if (peer && !peer.isDead) peer.reset();
      else if (peer) peer.leavePort();
      this.reset();
      return;
    }
    peer.incoming.push(bytes);
    peer.activity++;
    if (isUrgent) for (const code of [POLL_PRI, POLL_IN]) peer.tellAsync(code);
    peer.tellAsync(POLL_IN);
    peer.arrived();
    if (isUrgent && bytes.length > 0) peer.#receiveUrgent(bytes[bytes.length - 1]);
  }

  #receiveUrgent(byte: number): void {
    this.#urgentAt = this.incoming.position + this.incoming.size - 1;
    this.#urgentByte = byte;
    if (this.file) this.net.tellOwner(this.file, SIGURG);
  }

  get #isUrgentInline(): boolean {
    return this.remembered.get(SO_OOBINLINE) === 1;
  }

  /** tcp_recv_urg */
  #receiveUrgentByte(message: IncomingMessage): number {
    if (this.#isUrgentInline || this.#urgentByte === undefined) throw new Errno(EINVAL);
    if (this.state === CLOSE && !this.isDone) throw new Errno(ENOTCONN);
    const byte = this.#urgentByte;
    if (!(message.flags & MSG_PEEK)) this.#urgentByte = undefined;
    message.resultFlags |= MSG_OOB;
    if (message.data.remaining === 0) {
      message.resultFlags |= MSG_TRUNC;
      return 0;
    }
    if (!(message.flags & MSG_TRUNC)) message.data.put(new Uint8Array([byte]));
    return 1;
  }

  /** tcp_recvmsg */
  override *receive(message: IncomingMessage, task: Task): Sleep<number> {
    const { data, flags } = message;
    if (this.state === LISTEN) throw new Errno(ENOTCONN);
    if (flags & MSG_OOB) return this.#receiveUrgentByte(message);
    const wanted = this.target((flags & MSG_WAITALL) !== 0, data.remaining);
    const deadline = this.deadline(this.receiveTimeout, task);
    const isPeek = (flags & MSG_PEEK) !== 0;
    const size = data.remaining;
    let copied = 0;
    do {
      const there = this.#readable(copied, isPeek);
      if (there > 0) {
        const bytes = this.incoming.view(isPeek ? copied : 0, Math.min(size - copied, there));
        const count = flags & MSG_TRUNC ? bytes.length : put(message, bytes, copied);
        copied += count;
        if (!isPeek) this.consume(count);
        if (count < bytes.length) break;
        continue;
      }
      if (copied > 0 && (copied >= wanted || this.#urgentAt === this.incoming.position)) break;
      if (!(yield* this.#waitForData(flags, copied, isPeek, deadline, task))) break;
    } while (copied < size);
    return copied;
  }

  /** Bytes are read; a sender that waited for room is told when there is enough. */
  protected consume(count: number): void {
    const { peer } = this;
    const couldSend = peer === undefined || peer.#canSend;
    this.incoming.skip(count);
    if (peer && !couldSend && peer.#canSend) peer.activity++;
    peer?.wasRead();
  }

  /** Bytes are there for this side; the other side has read. For ends that are no program's. */
  protected arrived(): void {}
  protected wasRead(): void {}

  /** How many bytes can be read in one piece: up to the urgent one, which is passed over when it is not in line. */
  #readable(copied: number, isPeek: boolean): number {
    const { incoming } = this;
    const from = incoming.position + (isPeek ? copied : 0);
    const there = incoming.size - (isPeek ? copied : 0);
    const left = this.#urgentAt - from;
    if (left < 0 || left >= there) return there;
    if (left > 0) return left;
    if (this.#isUrgentInline) return copied === 0 ? there : 0;
    if (copied > 0 || isPeek) return 0;
    incoming.skip(1);
    return there - 1;
  }

  /** False when the receive ends with what it has. */
  *#waitForData(
    flags: number,
    copied: number,
    isPeek: boolean,
    deadline: number | undefined,
    task: Task,
  ): Sleep<boolean> {
    const seen = isPeek ? copied : 0;
    const isOver = (): boolean => this.error !== 0 || (this.shutdownMask & RCV_SHUTDOWN) !== 0 || this.state === CLOSE;
    try {
      if (copied > 0 && isOver()) return false;
      if (this.isDone) return false;
      this.throwPendingError();
      if (this.shutdownMask & RCV_SHUTDOWN) return false;
      if (this.state === CLOSE) throw new Errno(ENOTCONN);
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, () => this.incoming.size > seen || isOver(), deadline))) throw new Errno(EAGAIN);
      return true;
    } catch (error) {
      if (error instanceof Errno && copied > 0) return false;
      throw error;
    }
  }

  /** sk_stream_is_writeable */
  get #canSend(): boolean {
    const used = this.#unsent;
    return this.#limit - used >= used / 2;
  }

  override poll(): number {
    if (this.state === LISTEN) return this.embryos.length > 0 ? POLLIN | POLLRDNORM : 0;
    let events = 0;
    if (this.shutdownMask === SHUTDOWN_MASK || this.state === CLOSE) events |= POLLHUP;
    if (this.shutdownMask & RCV_SHUTDOWN) events |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (this.state !== SYN_SENT) {
      if (this.incoming.size >= this.receiveLowat) events |= POLLIN | POLLRDNORM;
      if (this.shutdownMask & SEND_SHUTDOWN || this.#canSend) events |= POLLOUT | POLLWRNORM;
      if (this.#urgentByte !== undefined) events |= POLLPRI;
    }
    if (this.error !== 0) events |= POLLERR;
    return events;
  }

  override unreadBytes(): number {
    if (this.state === LISTEN) throw new Errno(EINVAL);
    if (this.state === SYN_SENT) return 0;
    const toMark = this.#urgentAt - this.incoming.position;
    return toMark >= 0 && toMark < this.incoming.size ? toMark : this.incoming.size;
  }

  override unsentBytes(): number {
    if (this.state === LISTEN) throw new Errno(EINVAL);
    return this.state === SYN_SENT ? 0 : this.#unsent;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== SIOCATMARK) return super.ioctl(command, argument, task);
    task.writeU32(argument, Number(this.#urgentAt === this.incoming.position));
    return 0;
  }

  override getOption(level: number, name: number, task: Task, room: number): Uint8Array {
    if (level === SOL_TCP && name === TCP_INFO) return tcpInfo(this.state, this.embryos.length, this.acceptLimit);
    return super.getOption(level, name, task, room);
  }

  override names(): SocketNames {
    return { protocol: this.family === AF_INET6 ? "TCPv6" : "TCP", text: this.endpointsText() };
  }
}

function put(message: IncomingMessage, bytes: Uint8Array, copied: number): number {
  try {
    return message.data.put(bytes);
  } catch (error) {
    if (error instanceof Errno && copied > 0) return 0;
    throw error;
  }
}
