// How TCP connections over lo begin and end: listeners, handshakes, half closes and resets. Segments are not made: what one side
// does, the other knows at once. net/ipv4/tcp.c, tcp_input.c, inet_connection_sock.c

import { AF_INET6, AF_UNSPEC } from "../../../abi/constants/network.js";
import { POLL_ERR, POLL_IN, POLL_OUT } from "../../../abi/constants/signals.js";
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  EPIPE,
  Errno,
  ETIMEDOUT,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { KernelTimer } from "../../time/timer-queue.js";
import type { Closable, Outside } from "../outside/outside.js";
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
  SYN_SENT,
} from "../sock.js";
import { ByteStream } from "./byte-stream.js";
import { InetSock } from "./inet-sock.js";
import type { IpAddress } from "./ip-address.js";
import type { PortTable } from "./port-table.js";

/** net.ipv4.tcp_wmem and tcp_rmem, and what a connection over lo grows the first to. */
const SEND_DEFAULT = 16384;
const RECEIVE_DEFAULT = 131072;
const SEND_CONNECTED = 2626560;
/** How long unanswered connection attempts go on: tcp_syn_retries. */
const CONNECT_NANOSECONDS = 127e9;

export abstract class TcpConnection extends InetSock {
  peer: TcpConnection | undefined;
  readonly incoming = new ByteStream(this.net.tcpMemory);
  readonly embryos: TcpConnection[] = [];
  /** Of a listener: what brings connections from outside. */
  outside: Closable | undefined;
  /** Of a listener: connections there was no room for yet. */
  readonly #knocking = new Set<TcpConnection>();
  /** Of a client: the listener it waits for, until when. */
  #patience: { readonly listener: TcpConnection; readonly timer: KernelTimer } | undefined;
  #progress: "unconnected" | "connecting" | "connected" = "unconnected";
  /** The peer has closed its side: SOCK_DONE. */
  protected isDone = false;
  #sendBufferSet = false;

  constructor(...parts: ConstructorParameters<typeof InetSock>) {
    super(...parts);
    this.sendBuffer = SEND_DEFAULT;
    this.receiveBuffer = RECEIVE_DEFAULT;
  }

  get ports(): PortTable {
    return this.net.tcpPorts;
  }

  override keepSendBuffer(): void {
    this.#sendBufferSet = true;
  }

  override sharesPortWith(other: InetSock): boolean {
    return (this.reuseAddress && other.reuseAddress && other.state !== LISTEN) || this.sharesByReusePort(other);
  }

  /** A new socket for a connection of this listener's. */
  protected abstract another(): TcpConnection;

  override listen(backlog: number, task: Task): undefined | Sleep<void> {
    if (this.#progress !== "unconnected" || (this.state !== CLOSE && this.state !== LISTEN)) throw new Errno(EINVAL);
    this.acceptLimit = backlog;
    if (this.state === LISTEN) return undefined;
    const { port } = this;
    if (port !== 0) this.leavePort();
    this.state = LISTEN;
    try {
      this.takePort(this.local, port);
    } catch (error) {
      this.state = CLOSE;
      if (port !== 0) {
        this.port = port;
        this.ports.add(this);
      }
      throw error;
    }
    return this.net.outside && this.#listenOutside(this.net.outside, task);
  }

  *#listenOutside(outside: Outside, task: Task): Sleep<void> {
    try {
      yield* outside.listen(this, task);
    } catch (error) {
      this.#stopListening();
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
    if (!endpoint.address.isV4 && endpoint.address.isMulticast) throw new Errno(ENETUNREACH);
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
      else if (this.net.outside) this.net.outside.connect(this);
      else this.#refuse();
    } else listener.offer(this);
  }

  /** A connection from `client`: now, or when there is room. */
  offer(client: TcpConnection): void {
    if (this.#hasRoomForOneMore) {
      this.#admit(client);
      return;
    }
    client.state = SYN_SENT;
    this.#knocking.add(client);
    const timer = this.net.after(CONNECT_NANOSECONDS, () => {
      if (client.state === SYN_SENT) client.fail(ETIMEDOUT);
    });
    client.#patience = { listener: this, timer };
  }

  /** The outside has made the connection this socket asked for. */
  joinOutside(side: TcpConnection, local: IpAddress, port: number): void {
    if (this.state !== SYN_SENT) {
      side.reset();
      return;
    }
    this.leavePort();
    this.local = local;
    this.port = port;
    this.ports.add(this);
    side.#join(this);
    this.tellAsync(POLL_OUT);
  }

  /** It waits for no listener any more. */
  #stopKnocking(): void {
    if (this.#patience === undefined) return;
    this.#patience.listener.#knocking.delete(this);
    this.net.cancel(this.#patience.timer);
    this.#patience = undefined;
  }

  #refuse(): void {
    this.fail(ECONNREFUSED);
  }

  /** The connection does not come about. */
  fail(error: number): void {
    this.#stopKnocking();
    this.activity++;
    this.error = error;
    this.state = CLOSE;
    this.shutdownMask = SHUTDOWN_MASK;
    this.disconnectNames();
  }

  /** The three-way handshake of `client` with this listener. */
  #admit(client: TcpConnection): void {
    client.#stopKnocking();
    const server = this.another();
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
    client.tellAsync(POLL_OUT);
    this.embryos.push(server);
    this.activity++;
    this.tellAsync(POLL_IN);
  }

  #join(client: TcpConnection): void {
    for (const [sock, other] of [
      [this, client],
      [client, this],
    ]) {
      sock.peer = other;
      sock.state = ESTABLISHED;
      sock.activity++;
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
        const [next] = this.#knocking;
        if (next) this.#admit(next);
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
    this.#stopKnocking();
    this.error = this.state === LISTEN || this.state === CLOSE ? 0 : ECONNRESET;
    if (this.state === LISTEN) this.#stopListening();
    else if (this.state !== CLOSE && this.state !== SYN_SENT) this.sendReset();
    this.incoming.clear();
    this.shutdownMask = 0;
    this.isDone = false;
    this.peer = undefined;
    this.state = CLOSE;
    this.#progress = "unconnected";
    this.disconnectNames();
  }

  #stopListening(): void {
    this.outside?.close();
    this.outside = undefined;
    for (const embryo of this.embryos.splice(0)) {
      embryo.sendReset();
      embryo.#end();
    }
    for (const client of this.#knocking) client.#refuse();
    this.state = CLOSE;
  }

  /** tcp_reset at the other side. */
  protected sendReset(): void {
    const { peer } = this;
    this.peer = undefined;
    if (peer?.peer === this) peer.reset();
  }

  /** The other side says that there is no such connection. */
  protected reset(): void {
    if (this.state === CLOSE) return;
    this.error = this.state === SYN_SENT ? ECONNREFUSED : this.state === CLOSE_WAIT ? EPIPE : ECONNRESET;
    this.tellAsync(POLL_ERR);
    this.#finish();
    this.peer = undefined;
  }

  /** tcp_done */
  #finish(): void {
    this.activity++;
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
    if (how & SEND_SHUTDOWN && mayStillSend) this.sendFin();
  }

  /** This side sends no more. */
  protected sendFin(): void {
    const { peer } = this;
    if (this.state === ESTABLISHED) this.state = FIN_WAIT2;
    else if (this.state === CLOSE_WAIT) this.#finish();
    if (peer?.peer !== this) return;
    this.net.count(52);
    peer.receiveFin();
  }

  /** tcp_fin */
  protected receiveFin(): void {
    this.activity++;
    for (const _ of ["as an end", "as data"]) this.tellAsync(POLL_IN);
    this.shutdownMask |= RCV_SHUTDOWN;
    this.isDone = true;
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
    else if (this.state === SYN_SENT) {
      this.#stopKnocking();
      this.state = CLOSE;
    } else if (this.incoming.size > 0 || this.linger === 0) this.sendReset();
    else {
      const mayStillSend = !(this.shutdownMask & SEND_SHUTDOWN);
      if (mayStillSend && (this.state === ESTABLISHED || this.state === CLOSE_WAIT)) this.sendFin();
    }
    this.incoming.clear();
    this.shutdownMask = SHUTDOWN_MASK;
    // While the other side goes on, the port is not free: FIN_WAIT2.
    if (this.state !== FIN_WAIT2 || this.peer === undefined || this.peer.isDead) {
      this.state = CLOSE;
      this.leavePort();
    }
  }
}

/** __inet_lookup_listener: one bound to the address before one bound to any; of a group that shares the port, one by the client's. */
export function findListener(
  ports: PortTable,
  address: IpAddress,
  port: number,
  clientPort: number,
): TcpConnection | undefined {
  let best: TcpConnection[] = [];
  let bestScore = -1;
  for (const sock of ports.at(port)) {
    if (!(sock instanceof TcpConnection) || sock.state !== LISTEN || !sock.hears(address)) continue;
    const score = (sock.local.isAny ? 0 : 2) + Number((sock.family === AF_INET6) !== address.isV4);
    if (score > bestScore) best = [];
    if (score >= bestScore) best.push(sock);
    bestScore = Math.max(score, bestScore);
  }
  return best[clientPort % best.length];
}
