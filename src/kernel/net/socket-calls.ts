// socket(2), bind(2), connect(2) and their kin: descriptors and addresses in user memory, and the sock they are for. net/socket.c
import { O_NONBLOCK } from "../../abi/constants/files.js";
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from "../../abi/constants/network.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import {
  CAP_NET_RAW,
  LANDLOCK_ACCESS_NET_BIND_TCP,
  LANDLOCK_ACCESS_NET_CONNECT_TCP,
} from "../../abi/constants/security.js";
import {
  EAFNOSUPPORT,
  ECONNABORTED,
  EINVAL,
  ENOTSOCK,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  Errno,
  ESOCKTNOSUPPORT,
} from "../../abi/errno.js";
import { checkPort } from "../security/landlock.js";
import { checkRightsOver } from "../task/namespaces.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { inetSocket } from "./inet/inet-socket.js";
import { netlinkSocket } from "./netlink/netlink-socket.js";
import { PacketSock } from "./packet-sock.js";
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SOMAXCONN, type Sock } from "./sock.js";
import { SocketFile } from "./socket-file.js";
import { UnixDatagram, UnixSeqpacket } from "./unix/unix-datagram.js";
import { UnixStream } from "./unix/unix-stream.js";

const SOCK_PACKET = 10;
const TYPE_MASK = 0xf;
const SOCK_MAX = 11;
const NPROTO = 46;
const SOCKADDR_STORAGE = 128;

/** sockfd_lookup: the socket `fd` names. Throws EBADF, ENOTSOCK. */
export function socketOf(task: Task, fd: number): SocketFile {
  const file = task.files.get(fd);
  if (!(file instanceof SocketFile)) throw new Errno(ENOTSOCK);
  return file;
}

/** move_addr_to_kernel */
export function copyInAddress(task: Task, address: number, length: number): Uint8Array {
  if (length < 0 || length > SOCKADDR_STORAGE) throw new Errno(EINVAL);
  return length === 0 ? new Uint8Array(0) : task.copyIn(address, length);
}

/** move_addr_to_user: as much as there is room for; `lengthAddress` gets the whole length. */
export function copyOutAddress(task: Task, name: Uint8Array, address: number, lengthAddress: number): void {
  const room = task.readI32(lengthAddress);
  if (room < 0) throw new Errno(EINVAL);
  task.copyOut(address, name.subarray(0, room));
  task.writeU32(lengthAddress, name.length);
}

function unixSocket(task: Task, type: number, protocol: number): Sock {
  const { net } = task.namespaces;
  if (protocol !== 0 && protocol !== AF_UNIX) throw new Errno(EPROTONOSUPPORT);
  const uid = task.cred.fsuid;
  const sock =
    type === SOCK_STREAM
      ? new UnixStream(net, AF_UNIX, type, 0, uid)
      : type === SOCK_DGRAM || type === SOCK_RAW
        ? new UnixDatagram(net, AF_UNIX, SOCK_DGRAM, 0, uid)
        : type === SOCK_SEQPACKET
          ? new UnixSeqpacket(net, AF_UNIX, type, 0, uid)
          : undefined;
  if (sock === undefined) throw new Errno(ESOCKTNOSUPPORT);
  sock.maker = task.cred;
  return sock;
}

/** packet_create */
function packetSocket(task: Task, type: number, protocol: number): Sock {
  const { net } = task.namespaces;
  checkRightsOver(task, net, CAP_NET_RAW);
  if (type !== SOCK_RAW && type !== SOCK_DGRAM && type !== SOCK_PACKET) throw new Errno(ESOCKTNOSUPPORT);
  return new PacketSock(net, type, protocol, task.cred.fsuid);
}

/** __sock_create */
function createSock(task: Task, family: number, type: number, protocol: number): Sock {
  if (family < 0 || family >= NPROTO) throw new Errno(EAFNOSUPPORT);
  if (type < 0 || type >= SOCK_MAX) throw new Errno(EINVAL);
  // The way to packet sockets of old.
  if (family === AF_INET && type === SOCK_PACKET) return packetSocket(task, type, protocol);
  if (family === AF_UNIX) return unixSocket(task, type, protocol);
  if (family === AF_INET || family === AF_INET6) return inetSocket(task, family, type, protocol);
  if (family === AF_NETLINK) return netlinkSocket(task, type, protocol);
  if (family === AF_PACKET) return packetSocket(task, type, protocol);
  throw new Errno(EAFNOSUPPORT);
}

function checkFlags(type: number): void {
  if (type & ~TYPE_MASK & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) throw new Errno(EINVAL);
}

function install(task: Task, sock: Sock, flags: number): number {
  const file = SocketFile.of(sock, task, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);
  return task.files.install(file, (flags & SOCK_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

export function socket(task: Task, family: number, type: number, protocol: number): number {
  checkFlags(type);
  const sock = createSock(task, family, type & TYPE_MASK, protocol);
  return install(task, sock, type);
}

export function socketpair(task: Task, family: number, type: number, protocol: number, address: number): void {
  checkFlags(type);
  task.files.checkRoom(task.signal.limits.soft(RLIMIT_NOFILE), 2);
  task.copyOut(address, task.copyIn(address, 8));
  const first = createSock(task, family, type & TYPE_MASK, protocol);
  if (family !== AF_UNIX) {
    first.release();
    throw new Errno(EOPNOTSUPP);
  }
  const second = createSock(task, family, type & TYPE_MASK, protocol);
  first.pairWith(second, task);
  task.writeU32(address, install(task, first, type));
  task.writeU32(address + 4, install(task, second, type));
}

/** What a program has said of ports of its own accord. */
function checkTcp({ cred }: Task, { family, type }: Sock, name: Uint8Array, access: number): void {
  if (cred.landlock.length === 0 || type !== SOCK_STREAM || name.length < 4) return;
  if (family === AF_INET || family === AF_INET6) checkPort(cred, (name[2] << 8) | name[3], access);
}

export function bind(task: Task, fd: number, address: number, length: number): undefined | Sleep<void> {
  const { sock } = socketOf(task, fd);
  const name = copyInAddress(task, address, length);
  checkTcp(task, sock, name, LANDLOCK_ACCESS_NET_BIND_TCP);
  return sock.bind(name, task);
}

export function* connect(task: Task, fd: number, address: number, length: number): Sleep<void> {
  const { sock, flags } = socketOf(task, fd);
  const name = copyInAddress(task, address, length);
  checkTcp(task, sock, name, LANDLOCK_ACCESS_NET_CONNECT_TCP);
  yield* sock.connect(name, (flags & O_NONBLOCK) !== 0, task);
}

export function listen(task: Task, fd: number, backlog: number): undefined | Sleep<void> {
  const { sock } = socketOf(task, fd);
  return sock.listen(backlog >>> 0 > SOMAXCONN ? SOMAXCONN : backlog, task);
}

/** accept4(2). The connection is lost when its peer's address cannot be told. */
export function* accept(task: Task, fd: number, address: number, lengthAddress: number, flags: number): Sleep<number> {
  task.files.get(fd);
  if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) throw new Errno(EINVAL);
  const { sock, flags: fileFlags } = socketOf(task, fd);
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  task.files.checkRoom(limit);
  const accepted = yield* sock.accept((fileFlags & O_NONBLOCK) !== 0, task);
  const file = SocketFile.of(accepted, task, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);
  try {
    if (address !== 0) copyOutAddress(task, peerName(accepted), address, lengthAddress);
  } catch (error) {
    file.put();
    throw error;
  }
  return task.files.install(file, (flags & SOCK_CLOEXEC) !== 0, limit);
}

function peerName(sock: Sock): Uint8Array {
  try {
    return sock.name(true);
  } catch {
    throw new Errno(ECONNABORTED);
  }
}

/** getsockname(2), getpeername(2). */
export function socketName(task: Task, fd: number, address: number, lengthAddress: number, ofPeer: boolean): void {
  const { sock } = socketOf(task, fd);
  copyOutAddress(task, sock.name(ofPeer), address, lengthAddress);
}

export function shutdown(task: Task, fd: number, how: number): void {
  const { sock } = socketOf(task, fd);
  const masks = new Map([
    [SHUT_RD, RCV_SHUTDOWN],
    [SHUT_WR, SEND_SHUTDOWN],
    [SHUT_RDWR, RCV_SHUTDOWN | SEND_SHUTDOWN],
  ]);
  const mask = masks.get(how);
  sock.shutdown(mask ?? 0, task);
}
