// System V message queues. ipc/msg.c

import * as uapi from "../../abi/constants/ipc.js";
import { CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { E2BIG, EAGAIN, EIDRM, EINVAL, ENOMEM, ENOMSG, EPERM, ERESTARTNOHAND, Errno } from "../../abi/errno.js";
import { msqidDs } from "../../abi/ipc.js";
import { readBig64, writeBig64 } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { IpcIds, type IpcObject, IpcPermissions, READ, secondsNow, WRITE } from "./ipc-ids.js";

const MSGMNI = 32000;
const MSGMAX = 8192;
const MSGMNB = 16384;
const MSGSSZ = 16;
const MAX_REAL = 256 * 1024 * 1024; // bytes of all messages there may be at once

interface Message {
  readonly type: bigint;
  readonly text: Uint8Array;
}

export class MessageQueue implements IpcObject {
  readonly permissions: IpcPermissions;
  id = -1;
  removed = false;
  readonly messages: Message[] = [];
  bytes = 0;
  room = MSGMNB;
  sentAt = 0;
  receivedAt = 0;
  changedAt: number;
  sender = 0;
  receiver = 0;

  constructor(permissions: IpcPermissions, now: number) {
    this.permissions = permissions;
    this.changedAt = now;
  }

  fits(length: number): boolean {
    return this.bytes + length <= this.room && this.messages.length + 1 <= this.room;
  }

  /** The index of the message that `type` and `flags` ask for; -1 when there is none. find_msg */
  find(type: bigint, flags: number): number {
    if (flags & uapi.MSG_COPY) return type >= 0n && type < this.messages.length ? Number(type) : -1;
    if (type === 0n) return this.messages.length > 0 ? 0 : -1;
    if (type > 0n)
      return this.messages.findIndex((message) =>
        flags & uapi.MSG_EXCEPT ? message.type !== type : message.type === type,
      );
    let found = -1;
    this.messages.forEach((message, index) => {
      if (message.type <= -type && (found < 0 || message.type < this.messages[found].type)) found = index;
    });
    return found;
  }
}

export class MessageQueues extends IpcIds<MessageQueue> {
  /** Of all messages in all queues. */
  bytes = 0;

  constructor() {
    super(MSGMNI);
  }
}

export function msgget(task: Task, key: number, flags: number): number {
  const make = (): MessageQueue => new MessageQueue(new IpcPermissions(task, key, flags), secondsNow(task));
  return task.namespaces.ipc.messageQueues.get(task, key, flags, () => {}, make).id;
}

function readType(task: Task, address: number): bigint {
  if (task.longBytes === 4) return BigInt(task.readI32(address));
  return BigInt.asIntN(64, readBig64(task.mm, address));
}

/** msgsnd(2): struct msgbuf is a type and the text. */
export function msgsnd(task: Task, id: number, address: number, size: number, flags: number): number | Sleep<number> {
  const type = readType(task, address);
  if (size > MSGMAX || size < 0 || id < 0 || type < 1n) throw new Errno(EINVAL);
  const message = { type, text: task.copyIn(address + task.longBytes, size) };
  const { messageQueues } = task.namespaces.ipc;
  const queue = messageQueues.find(id);
  queue.permissions.check(task, WRITE);
  if (messageQueues.bytes + size > MAX_REAL) throw new Errno(ENOMEM);
  if (queue.fits(size)) return send(task, queue, message);
  if (flags & uapi.IPC_NOWAIT) throw new Errno(EAGAIN);
  return sendLater(task, queue, message);
}

function* sendLater(task: Task, queue: MessageQueue, message: Message): Sleep<number> {
  yield* sleepUntil(task, () => queue.removed || queue.fits(message.text.length), undefined, ERESTARTNOHAND);
  if (queue.removed) throw new Errno(EIDRM);
  return send(task, queue, message);
}

function send(task: Task, queue: MessageQueue, message: Message): number {
  queue.messages.push(message);
  queue.bytes += message.text.length;
  task.namespaces.ipc.messageQueues.bytes += message.text.length;
  queue.sender = task.tgid;
  queue.sentAt = secondsNow(task);
  return 0;
}

/** msgrcv(2): the length of the text. */
export function msgrcv(
  task: Task,
  id: number,
  address: number,
  size: number,
  type: bigint,
  flags: number,
): number | Sleep<number> {
  if (id < 0 || size >= 2 ** (8 * task.longBytes - 1)) throw new Errno(EINVAL);
  if (flags & uapi.MSG_COPY && (flags & uapi.MSG_EXCEPT || !(flags & uapi.IPC_NOWAIT))) throw new Errno(EINVAL);
  const queue = task.namespaces.ipc.messageQueues.find(id);
  queue.permissions.check(task, READ);
  if (queue.find(type, flags) >= 0) return receive(task, queue, address, size, type, flags);
  if (flags & uapi.IPC_NOWAIT) throw new Errno(ENOMSG);
  return receiveLater(task, queue, address, size, type, flags);
}

function* receiveLater(
  task: Task,
  queue: MessageQueue,
  address: number,
  size: number,
  type: bigint,
  flags: number,
): Sleep<number> {
  yield* sleepUntil(task, () => queue.removed || queue.find(type, flags) >= 0, undefined, ERESTARTNOHAND);
  if (queue.removed) throw new Errno(EIDRM);
  return receive(task, queue, address, size, type, flags);
}

function receive(task: Task, queue: MessageQueue, address: number, size: number, type: bigint, flags: number): number {
  const index = queue.find(type, flags);
  const message = queue.messages[index];
  if (size < message.text.length && !(flags & uapi.MSG_NOERROR)) throw new Errno(E2BIG);
  if (!(flags & uapi.MSG_COPY)) {
    queue.messages.splice(index, 1);
    queue.bytes -= message.text.length;
    task.namespaces.ipc.messageQueues.bytes -= message.text.length;
    queue.receiver = task.tgid;
    queue.receivedAt = secondsNow(task);
  }
  const text = message.text.subarray(0, Math.min(size, message.text.length));
  if (task.longBytes === 4) task.writeU32(address, Number(BigInt.asUintN(32, message.type)));
  else writeBig64(task.mm, address, message.type);
  task.copyOut(address + task.longBytes, text);
  return text.length;
}

export function msgctl(task: Task, id: number, command: number, address: number): number {
  const { messageQueues } = task.namespaces.ipc;
  if (id < 0 || command < 0) throw new Errno(EINVAL);
  switch (command) {
    case uapi.IPC_INFO:
    case uapi.MSG_INFO:
      return writeInfo(task, command, address);
    case uapi.IPC_STAT:
    case uapi.MSG_STAT:
    case uapi.MSG_STAT_ANY: {
      const queue = command === uapi.IPC_STAT ? messageQueues.find(id) : messageQueues.at(id);
      if (command !== uapi.MSG_STAT_ANY) queue.permissions.check(task, READ);
      task.copyOut(address, pack(task, queue));
      return command === uapi.IPC_STAT ? 0 : queue.id;
    }
    case uapi.IPC_SET: {
      const view = task.readStruct(msqidDs, address);
      const queue = messageQueues.find(id);
      queue.permissions.checkOwner(task);
      const room = msqidDs.get(view, "msg_qbytes", task.abi);
      if (room > MSGMNB && !task.cred.can(CAP_SYS_RESOURCE)) throw new Errno(EPERM);
      queue.permissions.set(view, task);
      queue.room = room;
      queue.changedAt = secondsNow(task);
      return 0;
    }
    case uapi.IPC_RMID: {
      const queue = messageQueues.find(id);
      queue.permissions.checkOwner(task);
      messageQueues.remove(queue);
      messageQueues.bytes -= queue.bytes;
      return 0;
    }
    default:
      throw new Errno(EINVAL);
  }
}

/** struct msqid64_ds. */
function pack(task: Task, queue: MessageQueue): Uint8Array {
  const { abi, pidNamespace } = task;
  return msqidDs.encode(
    {
      msg_perm: queue.permissions.encode(queue.id, task),
      msg_stime: queue.sentAt,
      msg_rtime: queue.receivedAt,
      msg_ctime: queue.changedAt,
      msg_cbytes: queue.bytes,
      msg_qnum: queue.messages.length,
      msg_qbytes: queue.room,
      msg_lspid: pidNamespace.inside(queue.sender),
      msg_lrpid: pidNamespace.inside(queue.receiver),
    },
    abi,
  );
}

/** struct msginfo: limits, or with MSG_INFO what is in use. */
function writeInfo(task: Task, command: number, address: number): number {
  const { messageQueues } = task.namespaces.ipc;
  const queues = messageQueues.all();
  const isUsage = command === uapi.MSG_INFO;
  const pool = isUsage ? queues.length : (MSGMNI * MSGMNB) / 1024;
  const map = isUsage ? queues.reduce((sum, { messages }) => sum + messages.length, 0) : MSGMNB;
  const total = isUsage ? queues.reduce((sum, { bytes }) => sum + bytes, 0) : MSGMNB;
  const words = [pool, map, MSGMAX, MSGMNB, MSGMNI, MSGSSZ, total, 0xffff];
  task.copyOut(address, new Uint8Array(Int32Array.from(words).buffer));
  return messageQueues.highest;
}
