// Unix sockets: what all types have in common, names and connections. Sending and receiving is unix-stream.ts's and
// unix-datagram.ts's. net/unix/af_unix.c

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
import { S_IFMT, S_IFSOCK } from "../../../abi/constants/files.js";
import { SIOCATMARK } from "../../../abi/constants/interfaces.js";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM, SOCK_STREAM } from "../../../abi/constants/network.js";
import { LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET } from "../../../abi/constants/security.js";
import { POLL_HUP, POLL_IN, POLL_OUT } from "../../../abi/constants/signals.js";
import {
  EACCES,
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EEXIST,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  EPROTOTYPE,
  Errno,
} from "../../../abi/errno.js";
import { checkScope } from "../../security/landlock.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import { type Credentials, MAY_WRITE, mayAccess } from "../../vfs/credentials.js";
import type { Inode } from "../../vfs/inode.js";
import { makeNode } from "../../vfs/names.js";
import { walkPath } from "../../vfs/path-walk.js";
import { Packet, PacketQueue, type SenderCredentials } from "../packet.js";
import {
  CLOSE,
  ESTABLISHED,
  familyOf,
  LISTEN,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  Sock,
  type SocketNames,
} from "../sock.js";
import { type Attachment, peerCredentialsOf, senderOf } from "./rights.js";
import { checkUnixAddress, isAbstract, pathOfAddress, SUN_PATH, unixAddress } from "./unix-names.js";

const UNNAMED = unixAddress("");
/** net.unix.max_dgram_qlen */
const DATAGRAM_BACKLOG = 10;

export abstract class UnixSock extends Sock {
  /** Whoever asked for it. */
  maker: Credentials | undefined;
  address: Uint8Array | undefined;
  #inode: Inode | undefined;
  peer: UnixSock | undefined;
  readonly queue = new PacketQueue();
  /** Connections made and not accepted. */
  readonly embryos: UnixSock[] = [];
  /** What this socket has sent and nobody has received: sk_wmem_alloc. */
  sent = 0;
  peerCredentials: SenderCredentials | undefined;
  peerGroups: readonly number[] = [];
  #own: SenderCredentials | undefined;
  #ownGroups: readonly number[] = [];

  constructor(...parts: ConstructorParameters<typeof Sock>) {
    super(...parts);
    this.acceptLimit = DATAGRAM_BACKLOG;
  }

  /** What its name is in the file system. */
  get place(): Inode | undefined {
    return this.#inode;
  }

  /** Makes another socket of the same type. */
  protected abstract another(uid: number): UnixSock;

  get isConnected(): boolean {
    return this.type !== SOCK_DGRAM;
  }

  /** unix_recvq_full */
  get isFull(): boolean {
    return (this.state === LISTEN ? this.embryos.length : this.queue.length) > this.acceptLimit;
  }

  get isWritable(): boolean {
    return this.state !== LISTEN && this.sent * 4 <= this.sendBuffer;
  }

  override bind(address: Uint8Array, task: Task): undefined {
    if (address.length === SUN_PATH && familyOf(address) === AF_UNIX) {
      this.autobind();
      return;
    }
    checkUnixAddress(address);
    const { unixNames } = this.net;
    if (isAbstract(address)) {
      if (this.address) throw new Errno(EINVAL);
      unixNames.bindAbstract(this, address);
      this.address = address.slice();
      return;
    }
    const path = pathOfAddress(address);
    const inode = this.#makeInode(task, path);
    unixNames.bindInode(this, inode);
    this.#inode = inode;
    this.address = unixAddress(`${path}\0`);
  }

  #makeInode(task: Task, path: string): Inode {
    try {
      return makeNode(task, task.fs.cwd, path, S_IFSOCK | 0o777, 0, () => {
        if (this.address) throw new Errno(EINVAL);
      });
    } catch (error) {
      throw error instanceof Errno && error.number === EEXIST ? new Errno(EADDRINUSE) : error;
    }
  }

  autobind(): void {
    this.address ??= this.net.unixNames.autobind(this);
  }

  override name(ofPeer: boolean): Uint8Array {
    if (!ofPeer) return this.address ?? UNNAMED;
    if (this.peer === undefined) throw new Errno(ENOTCONN);
    return this.peer.address ?? UNNAMED;
  }

  /** unix_find_other: the socket an address names, which must be of this one's type. */
  protected find(address: Uint8Array, task: Task): UnixSock {
    const { unixNames } = this.net;
    if (isAbstract(address)) {
      const found = unixNames.findAbstract(this.type, address);
      if (found === undefined) throw new Errno(ECONNREFUSED);
      if (found.maker) checkScope(task.cred, found.maker, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET);
      return found;
    }
    const { inode } = walkPath(task, task.fs.cwd, pathOfAddress(address));
    if (!mayAccess(inode, task.cred, MAY_WRITE)) throw new Errno(EACCES);
    const found = (inode.mode & S_IFMT) === S_IFSOCK ? unixNames.findInode(inode) : undefined;
    if (found === undefined) throw new Errno(ECONNREFUSED);
    if (found.type !== this.type) throw new Errno(EPROTOTYPE);
    return found;
  }

  override listen(backlog: number, task: Task): undefined {
    if (!this.isConnected) throw new Errno(EOPNOTSUPP);
    if (this.address === undefined) throw new Errno(EINVAL);
    if (this.state !== CLOSE && this.state !== LISTEN) throw new Errno(EINVAL);
    this.acceptLimit = backlog;
    this.state = LISTEN;
    this.#rememberOwner(task);
  }

  #rememberOwner(task: Task): void {
    this.#own = peerCredentialsOf(task.tgid, task.cred);
    this.#ownGroups = task.cred.groups;
  }

  override connect(address: Uint8Array, nonBlocking: boolean, task: Task): Sleep<void> {
    return this.connectToListener(address, nonBlocking, task);
  }

  /** unix_stream_connect */
  protected *connectToListener(address: Uint8Array, nonBlocking: boolean, task: Task): Sleep<void> {
    checkUnixAddress(address);
    if (this.passCredentials) this.autobind();
    const deadline = this.deadline(this.sendTimeout, task);
    let listener: UnixSock;
    for (;;) {
      const found = this.find(address, task);
      listener = found;
      if (found.state !== LISTEN || found.shutdownMask & RCV_SHUTDOWN) throw new Errno(ECONNREFUSED);
      if (!found.isFull) break;
      if (nonBlocking) throw new Errno(EAGAIN);
      const mayGoOn = (): boolean => found.isDead || found.shutdownMask !== 0 || !found.isFull;
      if (!(yield* this.wait(task, mayGoOn, deadline))) throw new Errno(EAGAIN);
    }
    if (this.state !== CLOSE) throw new Errno(this.state === ESTABLISHED ? EISCONN : EINVAL);
    const server = listener.another(this.uid);
    this.#rememberOwner(task);
    server.peer = this;
    this.peer = server;
    this.state = server.state = ESTABLISHED;
    server.address = listener.address;
    server.peerCredentials = this.#own;
    server.peerGroups = this.#ownGroups;
    server.passCredentials = listener.passCredentials;
    this.peerCredentials = listener.#own;
    this.peerGroups = listener.#ownGroups;
    listener.embryos.push(server);
    listener.activity++;
    listener.tellAsync(POLL_IN);
  }

  override *accept(nonBlocking: boolean, task: Task): Sleep<Sock> {
    if (!this.isConnected) throw new Errno(EOPNOTSUPP);
    if (this.state !== LISTEN) throw new Errno(EINVAL);
    const deadline = this.deadline(this.receiveTimeout, task);
    for (;;) {
      const server = this.embryos.shift();
      if (server) return server;
      this.throwPendingError();
      if (this.shutdownMask & RCV_SHUTDOWN) throw new Errno(EINVAL);
      if (nonBlocking) throw new Errno(EAGAIN);
      const ready = (): boolean => this.embryos.length > 0 || this.error !== 0 || this.shutdownMask !== 0;
      if (!(yield* this.wait(task, ready, deadline))) throw new Errno(EAGAIN);
    }
  }

  override pairWith(other: UnixSock, task: Task): void {
    this.peer = other;
    other.peer = this;
    this.#rememberOwner(task);
    this.peerCredentials = other.peerCredentials = this.#own;
    this.peerGroups = other.peerGroups = this.#ownGroups;
    this.state = other.state = ESTABLISHED;
  }

  override shutdown(how: number): void {
    if (how === 0) throw new Errno(EINVAL);
    this.shutdownMask |= how;
    if (this.peer === undefined || !this.isConnected) return;
    this.activity++;
    this.peer.activity++;
    if (how & RCV_SHUTDOWN) this.peer.shutdownMask |= SEND_SHUTDOWN;
    if (how & SEND_SHUTDOWN) this.peer.shutdownMask |= RCV_SHUTDOWN;
    if (how === SHUTDOWN_MASK) this.peer.tellAsync(POLL_HUP);
    else if (how & SEND_SHUTDOWN) this.peer.tellAsync(POLL_IN);
  }

  /** unix_release_sock */
  override release(): void {
    super.release();
    this.#release(false);
  }

  #release(wasEmbryo: boolean): void {
    this.isDead = true;
    this.net.sockets.delete(this);
    const wasListening = this.state === LISTEN;
    this.shutdownMask = SHUTDOWN_MASK;
    this.state = CLOSE;
    // A connection bears its listener's name; the name itself is the listener's.
    if (this.address && (this.#inode !== undefined || isAbstract(this.address))) {
      this.net.unixNames.release(this, this.address, this.#inode);
    }
    const { peer } = this;
    this.peer = undefined;
    if (peer && this.isConnected) {
      peer.shutdownMask = SHUTDOWN_MASK;
      peer.activity++;
      peer.tellAsync(POLL_HUP);
      // An empty packet in front is taken for out-of-band data that was read.
      const unread = this.queue.head?.length === 0 ? this.queue.at(1) : this.queue.head;
      if (unread !== undefined || wasEmbryo) peer.error = ECONNRESET;
    }
    this.queue.purge();
    if (wasListening) for (const embryo of this.embryos.splice(0)) embryo.#release(true);
  }

  /** Puts a message into this socket's queue, charged to `from`. */
  enqueue(bytes: Uint8Array, truesize: number, from: UnixSock, attachment: Attachment, task: Task): Packet {
    const packet = new Packet(bytes, truesize);
    packet.name = from.address;
    packet.files = attachment.files;
    const tells = attachment.credentials !== undefined || from.passCredentials || this.passCredentials;
    packet.credentials = tells ? (attachment.credentials ?? senderOf(task)) : undefined;
    if (packet.files) this.net.departing(packet.files);
    from.sent += truesize;
    packet.onFree = (files) => {
      const wasWritable = from.isWritable;
      from.sent -= truesize;
      if (!wasWritable && from.isWritable) {
        from.activity++;
        from.tellAsync(POLL_OUT);
      }
      if (files.length > 0) this.net.departed(files);
    };
    packet.time = this.net.now();
    this.queue.push(packet);
    this.activity++;
    this.tellAsync(POLL_IN);
    return packet;
  }

  /** sock_alloc_send_pskb: until something of what was sent has been received. */
  protected *waitForRoom(flags: number, deadline: number | undefined, task: Task): Sleep<void> {
    const hasRoom = (): boolean => this.sent < this.sendBuffer;
    const mayGoOn = (): boolean => hasRoom() || this.error !== 0 || (this.shutdownMask & SEND_SHUTDOWN) !== 0;
    for (;;) {
      this.throwPendingError();
      if (this.shutdownMask & SEND_SHUTDOWN) throw new Errno(EPIPE);
      if (hasRoom()) return;
      if (flags & MSG_DONTWAIT) throw new Errno(EAGAIN);
      if (!(yield* this.wait(task, mayGoOn, deadline))) throw new Errno(EAGAIN);
    }
  }

  override poll(): number {
    let events = 0;
    if (this.error !== 0) events |= POLLERR;
    if (this.shutdownMask === SHUTDOWN_MASK) events |= POLLHUP;
    if (this.shutdownMask & RCV_SHUTDOWN) events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (this.queue.length > 0 || this.embryos.length > 0) events |= POLLIN | POLLRDNORM;
    if (this.isConnected && this.state === CLOSE) events |= POLLHUP;
    if (this.canSend()) events |= POLLOUT | POLLWRNORM | POLLWRBAND;
    return events;
  }

  protected canSend(): boolean {
    return this.isWritable;
  }

  override unreadBytes(): number {
    if (this.state === LISTEN) throw new Errno(EINVAL);
    return this.isConnected ? this.queue.size : (this.queue.head?.length ?? 0);
  }

  override unsentBytes(): number {
    if (this.state === LISTEN) throw new Errno(EINVAL);
    return this.sent;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command === SIOCATMARK) throw new Errno(EOPNOTSUPP);
    return super.ioctl(command, argument, task);
  }

  override names(): SocketNames {
    const peer = this.peer !== undefined && this.peer.ino !== 0n ? `->${this.peer.ino}` : "";
    const isPlain = peer === "" && this.address === undefined;
    return {
      protocol: this.type === SOCK_STREAM ? "UNIX-STREAM" : "UNIX",
      text: isPlain ? undefined : `${this.ino}${peer}`,
      path: this.address?.subarray(SUN_PATH),
    };
  }
}
