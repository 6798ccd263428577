// send(2), recv(2) and the calls with vectors: messages in user memory and back. net/socket.c
import { O_NONBLOCK } from "../../abi/constants/files.js";
import {
  MSG_CMSG_CLOEXEC,
  MSG_CMSG_COMPAT,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_WAITFORONE,
} from "../../abi/constants/network.js";
import { EINVAL, EMSGSIZE, ENOBUFS, Errno } from "../../abi/errno.js";
import { mmsghdr, msghdr } from "../../abi/socket-messages.js";
import { checkRange } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { UserVector } from "../vfs/io-vector.js";
import { copyInSegments } from "../vfs/read-write.js";
import { ControlBuffer, widenControl } from "./control-message.js";
import type { IncomingMessage, OutgoingMessage } from "./message.js";
import { copyInAddress, copyOutAddress, socketOf } from "./socket-calls.js";
import type { SocketFile } from "./socket-file.js";

const MAX_RW_COUNT = 0x7ffff000;
const UIO_MAXIOV = 1024;
const SOCKADDR_STORAGE = 128;
const OPTMEM_MAX = 131072;
const NO_BYTES = new Uint8Array(0);

function flagsFor(file: SocketFile, flags: number): number {
  return file.flags & O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

export function* sendto(
  task: Task,
  fd: number,
  buffer: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
): Sleep<number> {
  const count = Math.min(length, MAX_RW_COUNT);
  checkRange(buffer, count);
  const file = socketOf(task, fd);
  const name = address === 0 ? undefined : copyInAddress(task, address, addressLength | 0);
  const data = UserVector.from(task.mm, [buffer], [count]);
  return yield* file.sock.send({ data, flags: flagsFor(file, flags), name, control: NO_BYTES }, task);
}

export function* recvfrom(
  task: Task,
  fd: number,
  buffer: number,
  length: number,
  flags: number,
  address: number,
  lengthAddress: number,
): Sleep<number> {
  const size = Math.min(length, MAX_RW_COUNT);
  checkRange(buffer, size);
  const file = socketOf(task, fd);
  const message: IncomingMessage = {
    data: UserVector.into(task.mm, [buffer], [size]),
    flags: flagsFor(file, flags),
    control: new ControlBuffer(task, 0, 0),
    name: NO_BYTES,
    resultFlags: 0,
  };
  const count = yield* file.sock.receive(message, task);
  if (address !== 0) copyOutAddress(task, message.name, address, lengthAddress);
  return count;
}

/** struct user_msghdr, checked. */
interface Header {
  readonly name: number;
  readonly nameLength: number;
  readonly bases: number[];
  readonly lengths: number[];
  readonly control: number;
  readonly controlLength: number;
}

/** copy_msghdr_from_user, up to the vector. */
function copyInHeader(task: Task, address: number): Header {
  const view = task.readStruct(msghdr, address);
  const get = (field: keyof typeof msghdr.fields): number => msghdr.get(view, field, task.abi);
  const name = get("msg_name");
  const nameLength = name === 0 ? 0 : get("msg_namelen");
  if (nameLength < 0) throw new Errno(EINVAL);
  if (get("msg_iovlen") > UIO_MAXIOV) throw new Errno(EMSGSIZE);
  const { bases, lengths } = copyInSegments(task, get("msg_iov"), get("msg_iovlen"));
  return {
    name,
    nameLength: Math.min(nameLength, SOCKADDR_STORAGE),
    bases,
    lengths,
    control: get("msg_control"),
    controlLength: get("msg_controllen"),
  };
}

function outgoing(task: Task, file: SocketFile, address: number, flags: number): OutgoingMessage {
  const header = copyInHeader(task, address);
  const name = header.nameLength === 0 ? undefined : task.copyIn(header.name, header.nameLength);
  if (header.controlLength > OPTMEM_MAX) throw new Errno(ENOBUFS);
  const given = header.controlLength === 0 ? NO_BYTES : task.copyIn(header.control, header.controlLength);
  const control = widenControl(given, task.abi);
  const data = UserVector.from(task.mm, header.bases, header.lengths);
  return { data, flags: flagsFor(file, flags), name, control };
}

export function* sendmsg(task: Task, fd: number, address: number, flags: number): Sleep<number> {
  if (flags & MSG_CMSG_COMPAT) throw new Errno(EINVAL);
  const file = socketOf(task, fd);
  return yield* file.sock.send(outgoing(task, file, address, flags), task);
}

export function* recvmsg(task: Task, fd: number, address: number, flags: number): Sleep<number> {
  if (flags & MSG_CMSG_COMPAT) throw new Errno(EINVAL);
  return yield* receiveInto(task, socketOf(task, fd), address, flags);
}

/** ___sys_recvmsg */
function* receiveInto(task: Task, file: SocketFile, address: number, flags: number): Sleep<number> {
  const header = copyInHeader(task, address);
  const control = new ControlBuffer(task, header.control, header.controlLength);
  const message: IncomingMessage = {
    data: UserVector.into(task.mm, header.bases, header.lengths),
    flags: flagsFor(file, flags & ~MSG_WAITFORONE),
    control,
    name: NO_BYTES,
    resultFlags: 0,
  };
  const count = yield* file.sock.receive(message, task);
  if (header.name !== 0) {
    task.copyOut(header.name, message.name.subarray(0, header.nameLength));
    task.writeU32(address + msghdr.offset("msg_namelen", task.abi), message.name.length);
  }
  const flagsAt = address + msghdr.offset("msg_flags", task.abi);
  task.writeU32(flagsAt, message.resultFlags | (flags & MSG_CMSG_CLOEXEC));
  task.writePointer(address + msghdr.offset("msg_controllen", task.abi), control.used);
  return count;
}

/** sendmmsg(2): as many as can be sent; the error of the first only. */
export function* sendmmsg(task: Task, fd: number, vector: number, count: number, flags: number): Sleep<number> {
  if (flags & MSG_CMSG_COMPAT) throw new Errno(EINVAL);
  const file = socketOf(task, fd);
  let done = 0;
  for (; done < Math.min(count, UIO_MAXIOV); done++) {
    const address = vector + done * mmsghdr.size(task.abi);
    try {
      task.writeU32(address + msghdr.size(task.abi), yield* file.sock.send(outgoing(task, file, address, flags), task));
    } catch (error) {
      if (done > 0 && error instanceof Errno) return done;
      throw error;
    }
  }
  return done;
}

/** recvmmsg(2). `timeout` in nanoseconds is looked at between messages; what is left of it goes to `tellLeft`. */
export function* recvmmsg(
  task: Task,
  fd: number,
  vector: number,
  count: number,
  flags: number,
  timeout: number | undefined,
  tellLeft: (nanoseconds: number) => void,
): Sleep<number> {
  if (flags & MSG_CMSG_COMPAT) throw new Errno(EINVAL);
  const file = socketOf(task, fd);
  const pending = flags & MSG_ERRQUEUE ? 0 : file.sock.takeError();
  if (pending !== 0) throw new Errno(pending);
  const { clock } = task.kernel;
  const end = timeout === undefined ? undefined : clock.monotonic() + timeout;
  let wanted = flags;
  let done = 0;
  try {
    while (done < count) {
      const address = vector + done * mmsghdr.size(task.abi);
      const isOob = wanted & MSG_OOB;
      task.writeU32(address + msghdr.size(task.abi), yield* receiveInto(task, file, address, wanted));
      done++;
      if (flags & MSG_WAITFORONE) wanted |= MSG_DONTWAIT;
      if (end !== undefined && clock.monotonic() >= end) break;
      if (isOob) break;
    }
  } catch (error) {
    if (!(error instanceof Errno) || done === 0) throw error;
  }
  if (end !== undefined) tellLeft(Math.max(0, end - clock.monotonic()));
  return done;
}
