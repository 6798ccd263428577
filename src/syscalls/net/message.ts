// Sending and receiving. See send(2), recv(2), sendmmsg(2).
import { messageFlags } from "../../abi/constants/network.js";
import { fd } from "../../abi/descriptors.js";
import { dataIn, dataOutUpTo } from "../../abi/netlink/message.js";
import { flagsOf, int, long, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { messageIn, messageOut, messageVector } from "../../abi/socket-messages.js";
import { socketAddressIn, socketAddressOut, socketLengthInOut } from "../../abi/sockets.js";
import { timespecIn } from "../../abi/time.js";
import { recvfrom, recvmmsg, recvmsg, sendmmsg, sendmsg, sendto } from "../../kernel/net/message-calls.js";
import { writeTimespec } from "../../kernel/time/sleep.js";
import { timespecTimeout } from "../../kernel/time/timeout.js";
import { defineSyscall } from "../define.js";

export const sendtoCall = defineSyscall({
  name: "sendto",
  nr: { x64: 44, i386: 369, x32: 44 },
  classes: ["net"],
  args: {
    sockfd: fd,
    buf: dataIn("len"),
    len: unsignedLong,
    flags: flagsOf(messageFlags),
    dest_addr: socketAddressIn("addrlen"),
    addrlen: int,
  },
  returns: long,
  run: (task, { sockfd, buf, len, flags, dest_addr, addrlen }) =>
    sendto(task, sockfd, buf, len, flags, dest_addr, addrlen),
});

export const recvfromCall = defineSyscall({
  name: "recvfrom",
  nr: { x64: 45, i386: 371, x32: 517 },
  classes: ["net"],
  args: {
    sockfd: fd,
    buf: dataOutUpTo("len"),
    len: unsignedLong,
    flags: flagsOf(messageFlags),
    src_addr: socketAddressOut("addrlen"),
    addrlen: socketLengthInOut,
  },
  returns: long,
  run: (task, { sockfd, buf, len, flags, src_addr, addrlen }) =>
    recvfrom(task, sockfd, buf, len, flags, src_addr, addrlen),
});

export const sendmsgCall = defineSyscall({
  name: "sendmsg",
  nr: { x64: 46, i386: 370, x32: 518 },
  classes: ["net"],
  args: { sockfd: fd, msg: messageIn, flags: flagsOf(messageFlags) },
  returns: long,
  run: (task, { sockfd, msg, flags }) => sendmsg(task, sockfd, msg, flags),
});

export const recvmsgCall = defineSyscall({
  name: "recvmsg",
  nr: { x64: 47, i386: 372, x32: 519 },
  classes: ["net"],
  args: { sockfd: fd, msg: messageOut, flags: flagsOf(messageFlags) },
  returns: long,
  run: (task, { sockfd, msg, flags }) => recvmsg(task, sockfd, msg, flags),
});

export const sendmmsgCall = defineSyscall({
  name: "sendmmsg",
  nr: { x64: 307, i386: 345, x32: 538 },
  classes: ["net"],
  args: { sockfd: fd, msgvec: messageVector("send"), vlen: unsignedInt, flags: flagsOf(messageFlags) },
  returns: long,
  run: (task, { sockfd, msgvec, vlen, flags }) => sendmmsg(task, sockfd, msgvec, vlen, flags),
});

export const recvmmsgCall = defineSyscall({
  name: "recvmmsg",
  nr: { x64: 299, i386: 337, x32: 537 },
  classes: ["net"],
  args: {
    sockfd: fd,
    msgvec: messageVector("receive"),
    vlen: unsignedInt,
    flags: flagsOf(messageFlags),
    timeout: timespecIn,
  },
  returns: long,
  run: (task, { sockfd, msgvec, vlen, flags, timeout }) => {
    const limit = timespecTimeout(task, timeout);
    return recvmmsg(task, sockfd, msgvec, vlen, flags, limit, (left) => writeTimespec(task, timeout, left));
  },
});
