// TCP over lo. Segments are not made: what one side sends is in the other's queue at once, and what the other side does not take
// stays with the sender, as far as its buffer goes. net/ipv4/tcp.c, tcp_input.c
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
  AF_UNSPEC,
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
import { SIGPIPE, SIGURG } from "../../../abi/constants/signals.js";
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EPIPE,
  Errno,
  ETIMEDOUT,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "../message.js";
import {
  CLOSE,
  CLOSE_WAIT,
  ESTABLISHED,
  FIN_WAIT1,
  FIN_WAIT2,
  familyOf,
  LISTEN,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  type Sock,
  type SocketNames,
  SYN_SENT,
} from "../sock.js";
import { ByteStream } from "./byte-stream.js";
import { InetSock } from "./inet-sock.js";
import type { IpAddress } from "./ip-address.js";
import type { PortTable } from "./port-table.js";
import { tcpInfo } from "./tcp-info.js";

/** net.ipv4.tcp_wmem and tcp_rmem, and what a connection over lo grows the first to. */
const SEND_DEFAULT = 16384;
const RECEIVE_DEFAULT = 131072;
const SEND_CONNECTED = 2626560;
const CHUNK = 65536;
/** How long unanswered connection attempts go on: tcp_syn_retries. */
const CONNECT_NANOSECONDS = 127e9;

export class TcpSock extends InetSock {
  peer: TcpSock | undefined;
  readonly incoming = new ByteStream();
  readonly embryos: TcpSock[] = [];
  /** Of a listener: connections there was no room for yet. */
  readonly #knocking: TcpSock[] = [];
  #progress: "unconnected" | "connecting" | "connected" = "unconnected";
  /** The peer has closed its side: SOCK_DONE. */
  #isDone = false;
  #sendBufferSet = false;
  /** Where the urgent byte is in the stream, and whether it waits to be read on its own. */
  #urgentAt = -1;
  #urgentByte: number | undefined;

  constructor(...parts: ConstructorParameters<typeof InetSock>) {
    super(...parts);
    this.sendBuffer = SEND_DEFAULT;
    this.receiveBuffer = RECEIVE_DEFAULT;
  }

  get ports(): PortTable {
    return this.net.tcpPorts;
  }

  override buffersSet(): void {
    this.#sendBufferSet = true;
  }

  override sharesPortWith(other: InetSock): boolean {
    return (this.reuseAddress && other.reuseAddress && other.state !== LISTEN) || this.sharesByReusePort(other);
  }

  // Connections

  override listen(backlog: number): void {
    if (this.#progress !== "unconnected" || (this.state !== CLOSE && this.state !== LISTEN)) throw new Errno(EINVAL);
    this.acceptLimit = backlog;
    if (this.state === LISTEN) return;
    const { port } = this;
    if (port !== 0) this.leavePort();
    this.state = LISTEN;
    try {
      this.takePort(this.local, port);
    } catch (error) {
      this.state = CLOSE;
      throw error;
    }
  }

  get #hasRoomForOneMore(): boolean {
    return this.embryos.length <= this.acceptLimit;
  }

  override *connect(bytes: Uint8Array, nonBlocking: boolean, task: Task): Sleep<void> {
    if (familyOf(bytes) === AF_UNSPEC) {
      this.#disconnect();
      return;
    }
    if (this.#progress === "connected") throw new Errno(EISCONN);
    const wasConnecting = this.#progress === "connecting";
    if (!wasConnecting) {
      if (this.state !== CLOSE) throw new Errno(EISCONN);
      this.#start(bytes);
      if (nonBlocking) throw new Errno(EINPROGRESS);
    }
    if (this.state === SYN_SENT) {
      if (nonBlocking) throw new Errno(EALREADY);
      const deadline = this.deadline(this.sendTimeout, task);
      if (!(yield* this.wait(task, () => this.state !== SYN_SENT, deadline))) {
        throw new Errno(wasConnecting ? EALREADY : EINPROGRESS);
      }
    }
    if (this.state === CLOSE) {
      this.#progress = "unconnected";
      throw new Errno(this.takeError() || ECONNABORTED);
    }
    this.#progress = "connected";
  }

  /** tcp_v4_connect: the SYN goes out, and on lo the answer is there at once. */
  #start(bytes: Uint8Array): void {
    const endpoint = this.destination(bytes);
    const destination = this.route(endpoint);
    const { port } = endpoint;
    const own = this.sourceFor(destination);
    if (this.port === 0) {
      const chosen = this.ports.ephemeral(this, own);
      if (chosen === 0) throw new Errno(EADDRNOTAVAIL);
      this.port = chosen;
      this.ports.add(this);
    }
    for (const other of this.ports.at(this.port)) {
      const isSame = other !== this && other.local.equals(own) && other.remotePort === port && other.state !== LISTEN;
      if (isSame && other.remote.equals(destination)) throw new Errno(EADDRNOTAVAIL);
    }
    this.local = own;
    this.remote = destination;
    this.remotePort = port;
    this.#progress = "connecting";
    this.state = SYN_SENT;
    this.net.count(60);
    const listener = destination.isLocal ? findListener(this.ports, destination, port, this.port) : undefined;
    if (listener === undefined) {
      // Two sockets may meet without a listener, one even itself: simultaneous open.
      if (destination.equals(own) && port === this.port) this.#join(this);
      else this.#refuse();
    } else if (listener.#hasRoomForOneMore) listener.#admit(this);
    else {
      listener.#knocking.push(this);
      this.net.after(CONNECT_NANOSECONDS, () => {
        if (this.state === SYN_SENT) this.#fail(ETIMEDOUT);
      });
    }
  }

  #refuse(): void {
    this.#fail(ECONNREFUSED);
  }

  #fail(error: number): void {
    this.error = error;
    this.state = CLOSE;
    this.shutdownMask = SHUTDOWN_MASK;
    this.disconnectNames();
  }

  /** The three-way handshake of `client` with this listener. */
  #admit(client: TcpSock): void {
    const server = new TcpSock(this.net, this.family, this.type, this.protocol, this.uid);
    server.local = client.remote;
    server.port = this.port;
    server.remote = client.local;
    server.remotePort = client.port;
    server.v6Only = this.v6Only;
    server.options.copyFrom(this.options);
    server.reuseAddress = this.reuseAddress;
    server.reusePort = this.reusePort;
    server.receiveBuffer = this.receiveBuffer;
    server.sendBuffer = this.sendBuffer;
    server.linger = this.linger;
    server.receiveTimeout = this.receiveTimeout;
    server.sendTimeout = this.sendTimeout;
    server.#sendBufferSet = this.#sendBufferSet;
    for (const [name, value] of this.remembered) server.remembered.set(name, value);
    this.ports.add(server);
    server.#progress = "connected";
    server.#join(client);
    this.embryos.push(server);
  }

  #join(client: TcpSock): void {
    for (const [sock, other] of [
      [this, client],
      [client, this],
    ]) {
      sock.peer = other;
      sock.state = ESTABLISHED;
      sock.shutdownMask = 0;
      if (!sock.#sendBufferSet) sock.sendBuffer = SEND_CONNECTED;
    }
    this.net.count(60);
    this.net.count(52);
  }

  override *accept(nonBlocking: boolean, task: Task): Sleep<Sock> {
    if (this.state !== LISTEN) throw new Errno(EINVAL);
    const deadline = this.deadline(this.receiveTimeout, task);
    for (;;) {
      const server = this.embryos.shift();
      if (server) {
        for (let next = this.#knocking.shift(); next; next = this.#knocking.shift()) {
          if (next.state !== SYN_SENT) continue;
          this.#admit(next);
          break;
        }
        return server;
      }
      if (this.state !== LISTEN) throw new Errno(EINVAL);
      if (nonBlocking) throw new Errno(EAGAIN);
      const ready = (): boolean => this.embryos.length > 0 || this.state !== LISTEN;
      if (!(yield* this.wait(task, ready, deadline))) throw new Errno(EAGAIN);
    }
  }

  /** tcp_disconnect */
  #disconnect(): void {
    if (this.state === LISTEN) this.#stopListening();
    else if (this.state !== CLOSE && this.state !== SYN_SENT) this.#sendReset();
    this.incoming.clear();
    this.error = 0;
    this.shutdownMask = 0;
    this.#isDone = false;
    this.peer = undefined;
    this.state = CLOSE;
    this.#progress = "unconnected";
    this.disconnectNames();
  }

  #stopListening(): void {
    for (const embryo of this.embryos.splice(0)) {
      embryo.#sendReset();
      embryo.#end();
    }
    for (const client of this.#knocking.splice(0)) if (client.state === SYN_SENT) client.#refuse();
    this.state = CLOSE;
  }

  /** tcp_reset at the other side. */
  #sendReset(): void {
    const { peer } = this;
    this.peer = undefined;
    if (peer?.peer === this) peer.#reset();
  }

  #reset(): void {
    if (this.state === CLOSE) return;
    this.error = this.state === SYN_SENT ? ECONNREFUSED : this.state === CLOSE_WAIT ? EPIPE : ECONNRESET;
    this.#finish();
    this.peer = undefined;
  }

  /** tcp_done */
  #finish(): void {
    this.state = CLOSE;
    this.shutdownMask = SHUTDOWN_MASK;
  }

  #end(): void {
    this.isDead = true;
    this.net.sockets.delete(this);
    this.#finish();
    this.leavePort();
  }

  override shutdown(how: number): void {
    if (how === 0) throw new Errno(EINVAL);
    if (this.state === LISTEN) {
      if (!(how & RCV_SHUTDOWN)) return;
      this.#stopListening();
      this.leavePort();
      this.#progress = "unconnected";
      return;
    }
    if (this.state === SYN_SENT) {
      this.#disconnect();
      return;
    }
    const wasClosed = this.state === CLOSE;
    const mayStillSend = !(this.shutdownMask & SEND_SHUTDOWN);
    this.shutdownMask |= how;
    if (wasClosed) throw new Errno(ENOTCONN);
    if (how & SEND_SHUTDOWN && mayStillSend) this.#sendFin();
  }

  /** This side sends no more. */
  #sendFin(): void {
    const { peer } = this;
    if (this.state === ESTABLISHED) this.state = FIN_WAIT2;
    else if (this.state === CLOSE_WAIT) this.#finish();
    if (peer?.peer !== this) return;
    this.net.count(52);
    peer.#receiveFin();
  }

  /** tcp_fin */
  #receiveFin(): void {
    this.shutdownMask |= RCV_SHUTDOWN;
    this.#isDone = true;
    if (this.state === ESTABLISHED) this.state = CLOSE_WAIT;
    else if (this.state === FIN_WAIT1 || this.state === FIN_WAIT2) {
      this.ports.linger(this, this.net.monotonic());
      this.#finish();
      if (this.isDead) this.leavePort();
    }
  }

  /** tcp_close */
  override release(): void {
    super.release();
    if (this.state === LISTEN) this.#stopListening();
    else if (this.state === SYN_SENT) this.state = CLOSE;
    else if (this.incoming.size > 0 || this.linger === 0) this.#sendReset();
    else {
      const mayStillSend = !(this.shutdownMask & SEND_SHUTDOWN);
      if (mayStillSend && (this.state === ESTABLISHED || this.state === CLOSE_WAIT)) this.#sendFin();
    }
    this.incoming.clear();
    this.shutdownMask = SHUTDOWN_MASK;
    // While the other side goes on, the port is not free: FIN_WAIT2.
    if (this.state !== FIN_WAIT2 || this.peer === undefined || this.peer.isDead) {
      this.state = CLOSE;
      this.leavePort();
    }
  }

  // Data

  /** Bytes the other side has not made room for: the send queue. */
  get #unsent(): number {
    const { peer } = this;
    return peer ? Math.max(0, peer.incoming.size - Math.floor(peer.receiveBuffer / 4)) : 0;
  }

  get #room(): number {
    return Math.max(0, this.sendBuffer - this.#unsent);
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
          this.#deliver(bytes, (flags & MSG_OOB) !== 0 && data.remaining === 0);
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
  #deliver(bytes: Uint8Array, isUrgent: boolean): void {
    const { peer } = this;
    this.net.count(bytes.length + 52);
    if (peer === undefined || peer.isDead || (peer.state === FIN_WAIT2 && peer.shutdownMask & RCV_SHUTDOWN)) {
      if (peer && !peer.isDead) peer.#reset();
      else if (peer) peer.leavePort();
      this.#reset();
      return;
    }
    peer.incoming.push(bytes);
    if (isUrgent && bytes.length > 0) peer.#receiveUrgent(bytes[bytes.length - 1]);
  }

  #receiveUrgent(byte: number): void {
    this.#urgentAt = this.incoming.position + this.incoming.size - 1;
    this.#urgentByte = byte;
    const owner = this.file?.owner ?? 0;
    if (owner > 0) this.net.signal(owner, SIGURG);
  }

  get #isUrgentInline(): boolean {
    return this.remembered.get(SO_OOBINLINE) === 1;
  }

  /** tcp_recv_urg */
  #receiveUrgentByte(message: IncomingMessage): number {
    if (this.#isUrgentInline || this.#urgentByte === undefined) throw new Errno(EINVAL);
    if (this.state === CLOSE && !this.#isDone) throw new Errno(ENOTCONN);
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
    while (copied < size) {
      const there = this.#readable(copied, isPeek);
      if (there > 0) {
        const bytes = this.incoming.view(isPeek ? copied : 0, Math.min(size - copied, there));
        const count = flags & MSG_TRUNC ? bytes.length : put(message, bytes, copied);
        copied += count;
        if (!isPeek) this.incoming.skip(count);
        if (count < bytes.length) break;
        continue;
      }
      if (copied > 0 && (copied >= wanted || this.#urgentAt === this.incoming.position)) break;
      if (!(yield* this.#waitForData(flags, copied, isPeek, deadline, task))) break;
    }
    return copied;
  }

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
      if (this.#isDone) return false;
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
    return this.sendBuffer - used >= used / 2;
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
    return this.state === SYN_SENT ? 0 : this.incoming.size;
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

/** __inet_lookup_listener: one bound to the address before one bound to any; of a group that shares the port, one by the client's. */
export function findListener(
  ports: PortTable,
  address: IpAddress,
  port: number,
  clientPort: number,
): TcpSock | undefined {
  let best: TcpSock[] = [];
  let bestScore = -1;
  for (const sock of ports.at(port)) {
    if (!(sock instanceof TcpSock) || sock.state !== LISTEN || !sock.hears(address)) continue;
    const score = (sock.local.isAny ? 0 : 2) + Number((sock.family === AF_INET6) !== address.isV4);
    if (score > bestScore) best = [];
    if (score >= bestScore) best.push(sock);
    bestScore = Math.max(score, bestScore);
  }
  return best[clientPort % best.length];
}
