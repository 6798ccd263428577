// POSIX message queues: named queues by priority, as files. ipc/mqueue.c

import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import * as uapi from "../../abi/constants/files.js";
import { RLIMIT_MSGQUEUE } from "../../abi/constants/processes.js";
import { CAP_FOWNER, CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { SI_MESGQ } from "../../abi/constants/signals.js";
import { EACCES, EINVAL, EMFILE, ENAMETOOLONG, ENOENT, ENOSPC, EPERM, Errno } from "../../abi/errno.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import { bytesOf } from "../mm/user-access.js";
import type { NetlinkSock } from "../net/netlink/netlink-sock.js";
import { queueInfoOf } from "../signal/siginfo.js";
import type { FilesStruct } from "../task/files-struct.js";
import type { Task } from "../task/task.js";
import { Dentry } from "../vfs/dentry.js";
import { File, seekTo } from "../vfs/file.js";
import type { IoVector } from "../vfs/io-vector.js";

const [NOTIFY_WOKENUP, NOTIFY_REMOVED] = [1, 2];
const QUEUES_MAX = 256;
const DEFAULT_MESSAGES = 10;
const DEFAULT_SIZE = 8192;
const HARD_MESSAGES = 65536;
const MAX_REAL = 256 * 1024 * 1024; // bytes of all queues, whatever the limit says
const HARD_SIZE = 16 * 1024 * 1024;
const NODE_OVERHEAD = 128; // what a message costs besides its text: about a struct msg_msg and a tree node

export interface QueueAttributes {
  readonly maxMessages: number;
  readonly messageSize: number;
}

interface QueuedMessage {
  readonly priority: number;
  readonly text: Uint8Array;
}

export interface QueueNotice {
  readonly task: Task;
  readonly files: FilesStruct;
  /** 0: nobody is told, but the place is taken. */
  readonly signal: number;
  readonly value: bigint;
  /** SIGEV_THREAD: what the thread that waits at the socket is sent. */
  readonly thread?: { readonly socket: NetlinkSock; readonly cookie: Uint8Array } | undefined;
}

function tellThread({ thread }: QueueNotice, what: number): void {
  if (thread === undefined) return;
  thread.cookie[thread.cookie.length - 1] = what;
  thread.socket.deliver(thread.cookie);
}

/** remove_notification: the thread that waits learns of it too. */
export function removeNotice(queue: PosixQueue): void {
  if (queue.notice) tellThread(queue.notice, NOTIFY_REMOVED);
  queue.notice = undefined;
}

export class PosixQueue {
  readonly dentry: Dentry;
  readonly inode: TmpfsInode;
  readonly attributes: QueueAttributes;
  /** By priority, the oldest of each first. */
  readonly messages: QueuedMessage[] = [];
  notice: QueueNotice | undefined;
  receivers = 0;

  constructor(task: Task, name: string, mode: number, attributes: QueueAttributes) {
    const fs = task.kernel.memfdFs;
    const owner = { uid: task.cred.fsuid, gid: task.cred.fsgid };
    this.inode = new TmpfsInode(fs, fs.nextIno(), uapi.S_IFREG | mode, owner);
    this.dentry = new Dentry(`/${name}`, undefined, this.inode);
    this.attributes = attributes;
  }

  get isFull(): boolean {
    return this.messages.length >= this.attributes.maxMessages;
  }

  /** A message for an empty queue tells whoever asked for it, once, unless someone is waiting. */
  put(message: QueuedMessage, sender: Task): void {
    const index = this.messages.findIndex(({ priority }) => priority < message.priority);
    const wasEmpty = this.messages.length === 0;
    this.messages.splice(index < 0 ? this.messages.length : index, 0, message);
    const { notice } = this;
    if (!wasEmpty || notice === undefined || this.receivers > 0) return;
    this.notice = undefined;
    tellThread(notice, NOTIFY_WOKENUP);
    if (notice.signal === 0) return;
    const pid = sender.pidFor(notice.task);
    const uid = notice.task.cred.shownUid(sender.cred.uid);
    const info = queueInfoOf(notice.signal, SI_MESGQ, pid, uid, notice.value);
    notice.task.sendSignal(notice.signal, info, true);
  }
}

export class QueueFile extends File {
  readonly queue: PosixQueue;

  constructor(queue: PosixQueue, flags: number) {
    super(queue.dentry, flags);
    this.queue = queue;
  }

  /** Its state as text. */
  override read(into: IoVector, _task: Task, position?: number): number {
    const { messages, notice } = this.queue;
    const pad = (value: number, width: number): string => String(value).padEnd(width);
    const bytes = messages.reduce((sum, { text }) => sum + text.length, 0);
    const pid = notice?.task.tgid ?? 0;
    const text = `QSIZE:${pad(bytes, 10)} NOTIFY:${pad(0, 5)} SIGNO:${pad(notice?.signal ?? 0, 5)} NOTIFY_PID:${pad(pid, 6)}\n`;
    const start = position ?? this.position;
    const count = into.put(bytesOf(text).subarray(start, start + into.remaining));
    if (position === undefined) this.position = start + count;
    return count;
  }

  override seek(offset: number, whence: number): number {
    return seekTo(this, offset, whence, 0);
  }

  override flush(files: FilesStruct): void {
    if (this.queue.notice?.files === files) removeNotice(this.queue);
  }

  override poll(): number {
    const canRead = this.queue.messages.length > 0 ? POLLIN | POLLRDNORM : 0;
    return canRead | (this.queue.isFull ? 0 : POLLOUT | POLLWRNORM);
  }
}

export class PosixQueues {
  readonly #queues = new Map<string, PosixQueue>();

  find(name: string): PosixQueue | undefined {
    checkName(name);
    return this.#queues.get(name);
  }

  create(task: Task, name: string, mode: number, wanted: QueueAttributes | undefined): PosixQueue {
    const privileged = task.cred.can(CAP_SYS_RESOURCE);
    if (this.#queues.size >= QUEUES_MAX && !privileged) throw new Errno(ENOSPC);
    const attributes = wanted ?? { maxMessages: DEFAULT_MESSAGES, messageSize: DEFAULT_SIZE };
    const { maxMessages, messageSize } = attributes;
    if (maxMessages <= 0 || messageSize <= 0) throw new Errno(EINVAL);
    if (maxMessages > (privileged ? HARD_MESSAGES : DEFAULT_MESSAGES)) throw new Errno(EINVAL);
    if (messageSize > (privileged ? HARD_SIZE : DEFAULT_SIZE)) throw new Errno(EINVAL);
    const cost = maxMessages * (messageSize + NODE_OVERHEAD);
    const used = [...this.#queues.values()].reduce(
      (sum, queue) => sum + queue.attributes.maxMessages * (queue.attributes.messageSize + NODE_OVERHEAD),
      0,
    );
    if (used + cost > Math.min(task.signal.limits.soft(RLIMIT_MSGQUEUE), MAX_REAL)) throw new Errno(EMFILE);
    const queue = new PosixQueue(task, name, mode, attributes);
    this.#queues.set(name, queue);
    return queue;
  }

  /** The name goes; open descriptors keep the queue. */
  unlink(task: Task, name: string): void {
    const queue = this.find(name);
    if (queue === undefined) throw new Errno(ENOENT);
    if (queue.inode.uid !== task.cred.fsuid && !task.cred.can(CAP_FOWNER)) throw new Errno(EPERM);
    this.#queues.delete(name);
  }
}

/** lookup_noperm */
function checkName(name: string): void {
  if (name === "" || name === "." || name === ".." || name.includes("/"))
    throw new Errno(name === "" ? ENOENT : EACCES);
  if (name.length > uapi.NAME_MAX) throw new Errno(ENAMETOOLONG);
}
