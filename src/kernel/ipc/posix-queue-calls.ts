// mq_open and the calls on an open queue. ipc/mqueue.c
import * as uapi from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { _NSIG, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD } from "../../abi/constants/signals.js";
import { EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EINVAL, EMSGSIZE, ENOENT, Errno, ETIMEDOUT } from "../../abi/errno.js";
import { mqAttributes } from "../../abi/ipc.js";
import { copyInPath } from "../mm/user-access.js";
import { NetlinkSock } from "../net/netlink/netlink-sock.js";
import { socketOf } from "../net/socket-calls.js";
import { readSigevent } from "../signal/sigevent.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { readTimespec } from "../time/sleep.js";
import { MAY_READ, MAY_WRITE, mayAccess } from "../vfs/credentials.js";
import { type PosixQueue, type QueueAttributes, QueueFile, type QueueNotice, removeNotice } from "./posix-queue.js";

const MQ_PRIO_MAX = 32768;
const NOTIFY_COOKIE_LEN = 32;

export function mqOpen(task: Task, nameAddress: number, flags: number, mode: number, attributes: number): number {
  const creates = (flags & uapi.O_CREAT) !== 0;
  const wanted = creates && attributes !== 0 ? readAttributes(task, attributes) : undefined;
  const name = copyInPath(task.mm, nameAddress);
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  task.files.checkRoom(limit);
  const { posixQueues } = task.namespaces.ipc;
  let queue = posixQueues.find(name);
  if (queue === undefined) {
    if (!creates) throw new Errno(ENOENT);
    queue = posixQueues.create(task, name, mode & 0o777 & ~task.fs.umask, wanted);
  } else checkOpen(task, queue, flags);
  const kept = flags & (uapi.O_ACCMODE | uapi.O_NONBLOCK);
  return task.files.install(new QueueFile(queue, kept), true, limit);
}

function checkOpen(task: Task, queue: PosixQueue, flags: number): void {
  if (flags & uapi.O_CREAT && flags & uapi.O_EXCL) throw new Errno(EEXIST);
  const access = flags & uapi.O_ACCMODE;
  if (access === uapi.O_ACCMODE) throw new Errno(EINVAL);
  const wanted = (access !== uapi.O_WRONLY ? MAY_READ : 0) | (access !== uapi.O_RDONLY ? MAY_WRITE : 0);
  if (!mayAccess(queue.inode, task.cred, wanted)) throw new Errno(EACCES);
}

function readAttributes(task: Task, address: number): QueueAttributes {
  const view = task.readStruct(mqAttributes, address);
  return {
    maxMessages: mqAttributes.get(view, "mq_maxmsg", task.abi),
    messageSize: mqAttributes.get(view, "mq_msgsize", task.abi),
  };
}

export function mqUnlink(task: Task, nameAddress: number): void {
  task.namespaces.ipc.posixQueues.unlink(task, copyInPath(task.mm, nameAddress));
}

function queueFile(task: Task, fd: number): QueueFile {
  const file = task.files.get(fd);
  if (!(file instanceof QueueFile)) throw new Errno(EBADF);
  return file;
}

/** An absolute time on the real clock as a deadline. */
function deadlineOf(task: Task, address: number): number | undefined {
  if (address === 0) return undefined;
  const { clock } = task.kernel;
  return clock.monotonic() + readTimespec(task, address) - Number(clock.realtime());
}

export function mqSend(
  task: Task,
  fd: number,
  address: number,
  length: number,
  priority: number,
  timeout: number,
): number | Sleep<number> {
  const deadline = deadlineOf(task, timeout);
  if (priority >= MQ_PRIO_MAX) throw new Errno(EINVAL);
  const { queue, isWritable, flags } = queueFile(task, fd);
  if (!isWritable) throw new Errno(EBADF);
  if (length > queue.attributes.messageSize) throw new Errno(EMSGSIZE);
  const message = { priority, text: task.copyIn(address, length) };
  if (!queue.isFull) {
    queue.put(message, task);
    return 0;
  }
  if (flags & uapi.O_NONBLOCK) throw new Errno(EAGAIN);
  return sendLater(task, queue, message, deadline);
}

function* sendLater(
  task: Task,
  queue: PosixQueue,
  message: PosixQueue["messages"][number],
  deadline: number | undefined,
): Sleep<number> {
  if (!(yield* sleepUntil(task, () => !queue.isFull, deadline))) throw new Errno(ETIMEDOUT);
  queue.put(message, task);
  return 0;
}

export function mqReceive(
  task: Task,
  fd: number,
  address: number,
  length: number,
  priority: number,
  timeout: number,
): number | Sleep<number> {
  const deadline = deadlineOf(task, timeout);
  const { queue, isReadable, flags } = queueFile(task, fd);
  if (!isReadable) throw new Errno(EBADF);
  if (length < queue.attributes.messageSize) throw new Errno(EMSGSIZE);
  if (queue.messages.length > 0) return receive(task, queue, address, priority);
  if (flags & uapi.O_NONBLOCK) throw new Errno(EAGAIN);
  return receiveLater(task, queue, address, priority, deadline);
}

function* receiveLater(
  task: Task,
  queue: PosixQueue,
  address: number,
  priority: number,
  deadline: number | undefined,
): Sleep<number> {
  queue.receivers++;
  try {
    if (!(yield* sleepUntil(task, () => queue.messages.length > 0, deadline))) throw new Errno(ETIMEDOUT);
  } finally {
    queue.receivers--;
  }
  return receive(task, queue, address, priority);
}

function receive(task: Task, queue: PosixQueue, address: number, priorityAddress: number): number {
  const message = queue.messages.shift();
  if (message === undefined) throw new Errno(EAGAIN);
  if (priorityAddress !== 0) task.writeU32(priorityAddress, message.priority);
  task.copyOut(address, message.text);
  return message.text.length;
}

/** mq_notify(2): struct sigevent is value, signal, how. */
export function mqNotify(task: Task, fd: number, event: number): void {
  const notice = event === 0 ? undefined : readSigevent(task, event);
  const { value = 0n, signal = 0, notify: how = SIGEV_NONE } = notice ?? {};
  if (how !== SIGEV_NONE && how !== SIGEV_SIGNAL && how !== SIGEV_THREAD) throw new Errno(EINVAL);
  if (how === SIGEV_SIGNAL && (signal < 0 || signal > _NSIG)) throw new Errno(EINVAL);
  const thread = how === SIGEV_THREAD ? waitingThread(task, Number(value), signal) : undefined;
  const { queue } = queueFile(task, fd);
  if (event === 0) {
    if (queue.notice?.task.tgid === task.tgid) removeNotice(queue);
    return;
  }
  if (queue.notice) throw new Errno(EBUSY);
  queue.notice = { task, files: task.files, signal: how === SIGEV_SIGNAL ? signal : 0, value, thread };
}

/** The netlink socket where a thread of the C library waits, and what it is sent. */
function waitingThread(task: Task, cookie: number, fd: number): QueueNotice["thread"] {
  const bytes = task.copyIn(cookie, NOTIFY_COOKIE_LEN);
  const { sock } = socketOf(task, fd);
  if (!(sock instanceof NetlinkSock)) throw new Errno(EINVAL);
  return { socket: sock, cookie: bytes };
}

/** mq_getsetattr(2): only O_NONBLOCK can be set. */
export function mqGetSetAttributes(task: Task, fd: number, wanted: number, old: number): void {
  const flags =
    wanted === 0 ? undefined : mqAttributes.get(task.readStruct(mqAttributes, wanted), "mq_flags", task.abi);
  if (flags !== undefined && flags !== 0 && flags !== uapi.O_NONBLOCK) throw new Errno(EINVAL);
  const file = queueFile(task, fd);
  const { attributes, messages } = file.queue;
  const before = file.flags & uapi.O_NONBLOCK;
  if (flags !== undefined) file.flags = (file.flags & ~uapi.O_NONBLOCK) | flags;
  if (old === 0) return;
  task.writeStruct(mqAttributes, old, {
    mq_flags: before,
    mq_maxmsg: attributes.maxMessages,
    mq_msgsize: attributes.messageSize,
    mq_curmsgs: messages.length,
  });
}
