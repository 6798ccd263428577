// Linux's struct sock: what sockets of all families have in common, and the operations of a family (proto_ops) with the answers
// of one that does not have them.
import { FASYNC } from "../../abi/constants/files.js";
import { FIONREAD, TIOCOUTQ } from "../../abi/constants/terminals.js";
import { EINTR, EINVAL, ENOTTY, EOPNOTSUPP, ERESTARTSYS, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { IncomingMessage, OutgoingMessage } from "./message.js";
import type { Net } from "./net.js";
import type { SocketFile } from "./socket-file.js";

export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;
export const SHUTDOWN_MASK = 3;

/** Default of SO_SNDBUF and SO_RCVBUF: net.core.wmem_default. */
export const BUFFER_DEFAULT = 212992;
export const SOMAXCONN = 4096;

/** TCP's states, which all families use for theirs. include/net/tcp_states.h */
export const ESTABLISHED = 1;
export const SYN_SENT = 2;
export const FIN_WAIT1 = 4;
export const FIN_WAIT2 = 5;
export const TIME_WAIT = 6;
export const CLOSE = 7;
export const CLOSE_WAIT = 8;
export const LAST_ACK = 9;
export const LISTEN = 10;

/** What a socket shows of itself between angle brackets (strace -yy). */
export interface SocketNames {
  /** "TCP", "UDPv6", "UNIX-STREAM", "NETLINK". */
  readonly protocol: string;
  /** What comes in square brackets; the inode's number when undefined. */
  readonly text: string | undefined;
  /** Of a Unix socket: sun_path, to its end. */
  readonly path?: Uint8Array | undefined;
}

export abstract class Sock {
  readonly net: Net;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  file: SocketFile | undefined;
  /** Of the socket's inode; 0 for a connection that nobody has accepted. */
  ino = 0n;
  /** Owner of the socket's inode. */
  uid: number;

  state = CLOSE;
  /** RCV_SHUTDOWN and SEND_SHUTDOWN. */
  shutdownMask = 0;
  /** sk_err: reported once. */
  error = 0;
  isDead = false;
  acceptLimit = 0;
  /** Counts what waiters are told of: arrivals, connections, ends. */
  activity = 0;

  // SOL_SOCKET
  sendBuffer = BUFFER_DEFAULT;
  receiveBuffer = BUFFER_DEFAULT;
  receiveLowat = 1;
  /** Nanoseconds; undefined waits for ever. */
  receiveTimeout: number | undefined;
  sendTimeout: number | undefined;
  reuseAddress = false;
  reusePort = false;
  passCredentials = false;
  linger: number | undefined;
  timestamps: "none" | "microseconds" | "nanoseconds" = "none";
  /** Options that are only remembered, by number. */
  readonly remembered = new Map<number, number>();

  constructor(net: Net, family: number, type: number, protocol: number, uid: number) {
    this.net = net;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    this.uid = uid;
    net.sockets.add(this);
  }

  /** sock_error: takes the pending error, 0 when there is none. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error;
  }

  /** sk_wake_async: whoever has asked for signals about its file gets one. */
  tellAsync(code: number): void {
    const { file } = this;
    if (file !== undefined && file.flags & FASYNC && !this.isDead) this.net.tellAsync(file, code);
  }

  throwPendingError(): void {
    const error = this.takeError();
    if (error !== 0) throw new Errno(error);
  }

  /** The last reference to the open file is gone. */
  release(): void {
    this.isDead = true;
    this.net.sockets.delete(this);
  }

  bind(_address: Uint8Array, _task: Task): undefined | Sleep<void> {
    throw new Errno(EOPNOTSUPP);
  }

  // biome-ignore lint/correctness/useYield: families that wait do yield
  *connect(_address: Uint8Array, _nonBlocking: boolean, _task: Task): Sleep<void> {
    throw new Errno(EOPNOTSUPP);
  }

  listen(_backlog: number, _task: Task): undefined | Sleep<void> {
    throw new Errno(EOPNOTSUPP);
  }

  // biome-ignore lint/correctness/useYield: families that wait do yield
  *accept(_nonBlocking: boolean, _task: Task): Sleep<Sock> {
    throw new Errno(EOPNOTSUPP);
  }

  /** socketpair: joins it with `other`, of the same kind. */
  pairWith(_other: Sock, _task: Task): void {
    throw new Errno(EOPNOTSUPP);
  }

  /** The bytes of the socket's own address, or of its peer's. */
  abstract name(ofPeer: boolean): Uint8Array;

  abstract send(message: OutgoingMessage, task: Task): Sleep<number>;
  abstract receive(message: IncomingMessage, task: Task): Sleep<number>;

  /** `how` is RCV_SHUTDOWN and SEND_SHUTDOWN. */
  shutdown(_how: number, _task: Task): void {
    throw new Errno(EOPNOTSUPP);
  }

  abstract poll(): number;

  abstract names(): SocketNames;

  /** What FIONREAD and SIOCOUTQ say; undefined when the family does not know them. */
  unreadBytes(): number | undefined {
    return undefined;
  }

  unsentBytes(): number | undefined {
    return undefined;
  }

  ioctl(command: number, argument: number, task: Task): number {
    const count = command === FIONREAD ? this.unreadBytes() : command === TIOCOUTQ ? this.unsentBytes() : undefined;
    if (count === undefined) throw new Errno(ENOTTY);
    task.writeU32(argument, count);
    return 0;
  }

  /** setsockopt beyond SOL_SOCKET: the value is `length` bytes at `address`. */
  setOption(_level: number, _name: number, _address: number, _length: number, _task: Task): void {
    throw new Errno(EOPNOTSUPP);
  }

  /** The value's bytes. `room` is how much the program has room for; few options care. */
  getOption(_level: number, _name: number, _task: Task, _room: number): Uint8Array {
    throw new Errno(EOPNOTSUPP);
  }

  /** The program has set the size of the send buffer itself: it does not grow. */
  keepSendBuffer(): void {}

  /** SO_RCVLOWAT's target of one receive. */
  protected target(waitsForAll: boolean, size: number): number {
    return waitsForAll ? size : Math.min(this.receiveLowat, size) || 1;
  }

  protected deadline(timeout: number | undefined, task: Task): number | undefined {
    return timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  }

  /** Waits as sock_intr_errno has it: with a timeout set, a signal is EINTR for good. False when the time is over. */
  protected wait(task: Task, ready: () => boolean, deadline: number | undefined): Sleep<boolean> {
    return sleepUntil(task, ready, deadline, deadline === undefined ? ERESTARTSYS : EINTR);
  }
}

/** The family of a socket address. Throws EINVAL when there is not even that. */
export function familyOf(address: Uint8Array): number {
  if (address.length < 2) throw new Errno(EINVAL);
  return address[0] | (address[1] << 8);
}
