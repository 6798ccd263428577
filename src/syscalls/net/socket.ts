// Sockets. See socket(2), bind(2), connect(2), accept(2), listen(2), shutdown(2).
import { addressFamilies, shutdownHow, socketTypeFlags } from "../../abi/constants/network.js";
import { fd, fdPairOut } from "../../abi/descriptors.js";
import { flagsOf, int, long, oneOf } from "../../abi/scalars.js";
import {
  socketAddressIn,
  socketAddressOut,
  socketLengthInOut,
  socketPairProtocol,
  socketProtocol,
  socketType,
} from "../../abi/sockets.js";
import {
  accept,
  bind,
  connect,
  listen,
  shutdown,
  socket,
  socketName,
  socketpair,
} from "../../kernel/net/socket-calls.js";
import { defineSyscall } from "../define.js";

export const socketCall = defineSyscall({
  name: "socket",
  nr: { x64: 41, i386: 359, x32: 41 },
  classes: ["net"],
  args: { domain: oneOf(addressFamilies), type: socketType, protocol: socketProtocol },
  returns: fd,
  run: (task, { domain, type, protocol }) => socket(task, domain, type, protocol),
  partial:
    "AF_UNIX, AF_INET, AF_INET6, AF_PACKET on lo, and NETLINK_ROUTE, SOCK_DIAG, USERSOCK and KOBJECT_UEVENT only",
});

export const socketpairCall = defineSyscall({
  name: "socketpair",
  nr: { x64: 53, i386: 360, x32: 53 },
  classes: ["net"],
  args: { domain: oneOf(addressFamilies), type: socketType, protocol: socketPairProtocol, sv: fdPairOut },
  returns: long,
  run: (task, { domain, type, protocol, sv }) => socketpair(task, domain, type, protocol, sv),
});

export const bindCall = defineSyscall({
  name: "bind",
  nr: { x64: 49, i386: 361, x32: 49 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressIn("addrlen"), addrlen: int },
  returns: long,
  run: (task, { sockfd, addr, addrlen }) => bind(task, sockfd, addr, addrlen),
});

export const connectCall = defineSyscall({
  name: "connect",
  nr: { x64: 42, i386: 362, x32: 42 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressIn("addrlen"), addrlen: int },
  returns: long,
  run: (task, { sockfd, addr, addrlen }) => connect(task, sockfd, addr, addrlen),
});

export const listenCall = defineSyscall({
  name: "listen",
  nr: { x64: 50, i386: 363, x32: 50 },
  classes: ["net"],
  args: { sockfd: fd, backlog: int },
  returns: long,
  run: (task, { sockfd, backlog }) => listen(task, sockfd, backlog),
});

export const acceptCall = defineSyscall({
  name: "accept",
  nr: { x64: 43, x32: 43 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressOut("addrlen"), addrlen: socketLengthInOut },
  returns: fd,
  run: (task, { sockfd, addr, addrlen }) => accept(task, sockfd, addr, addrlen, 0),
});

export const accept4Call = defineSyscall({
  name: "accept4",
  nr: { x64: 288, i386: 364, x32: 288 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressOut("addrlen"), addrlen: socketLengthInOut, flags: flagsOf(socketTypeFlags) },
  returns: fd,
  run: (task, { sockfd, addr, addrlen, flags }) => accept(task, sockfd, addr, addrlen, flags),
});

export const getsocknameCall = defineSyscall({
  name: "getsockname",
  nr: { x64: 51, i386: 367, x32: 51 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressOut("addrlen"), addrlen: socketLengthInOut },
  returns: long,
  run: (task, { sockfd, addr, addrlen }) => socketName(task, sockfd, addr, addrlen, false),
});

export const getpeernameCall = defineSyscall({
  name: "getpeername",
  nr: { x64: 52, i386: 368, x32: 52 },
  classes: ["net"],
  args: { sockfd: fd, addr: socketAddressOut("addrlen"), addrlen: socketLengthInOut },
  returns: long,
  run: (task, { sockfd, addr, addrlen }) => socketName(task, sockfd, addr, addrlen, true),
});

export const shutdownCall = defineSyscall({
  name: "shutdown",
  nr: { x64: 48, i386: 373, x32: 48 },
  classes: ["net"],
  args: { sockfd: fd, how: oneOf(shutdownHow) },
  returns: long,
  run: (task, { sockfd, how }) => shutdown(task, sockfd, how),
});
