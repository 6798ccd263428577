// Message queues, System V and POSIX. See msgget(2), mq_overview(7).
import { when } from "../../abi/argument.js";
import { msgctlCommands } from "../../abi/constants/ipc.js";
import { fd } from "../../abi/descriptors.js";
import { openFlags } from "../../abi/files.js";
import {
  controlCommand,
  createsQueue,
  ipcKey,
  messageBuffer,
  messageFlag,
  mqAttributesIn,
  mqAttributesOut,
  msgctlBuffer,
  semgetFlag,
} from "../../abi/ipc.js";
import { int, long, mode, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { sigeventIn } from "../../abi/signals.js";
import { bytesIn, bytesOut, pathText } from "../../abi/strings.js";
import { scalarOut, u32 } from "../../abi/struct.js";
import { timespecIn } from "../../abi/time.js";
import { msgctl, msgget, msgrcv, msgsnd } from "../../kernel/ipc/message-queues.js";
import * as posix from "../../kernel/ipc/posix-queue-calls.js";
import { defineSyscall } from "../define.js";

export const msggetCall = defineSyscall({
  name: "msgget",
  nr: { x64: 68, i386: 399, x32: 68 },
  classes: ["ipc"],
  args: { key: ipcKey, msgflg: semgetFlag },
  returns: long,
  run: (task, { key, msgflg }) => msgget(task, key, msgflg),
});

export const msgsndCall = defineSyscall({
  name: "msgsnd",
  nr: { x64: 69, i386: 400, x32: 69 },
  classes: ["ipc"],
  args: { msqid: int, msgp: messageBuffer("msgsz", false), msgsz: unsignedLong, msgflg: messageFlag },
  returns: long,
  run: (task, { msqid, msgp, msgsz, msgflg }) => msgsnd(task, msqid, msgp, msgsz, msgflg),
});

export const msgrcvCall = defineSyscall({
  name: "msgrcv",
  nr: { x64: 70, i386: 401, x32: 70 },
  classes: ["ipc"],
  args: { msqid: int, msgp: messageBuffer("msgsz", true), msgsz: unsignedLong, msgtyp: long, msgflg: messageFlag },
  returns: long,
  run: (task, { msqid, msgp, msgsz, msgtyp, msgflg }) => msgrcv(task, msqid, msgp, msgsz, BigInt(msgtyp), msgflg),
});

export const msgctlCall = defineSyscall({
  name: "msgctl",
  nr: { x64: 71, i386: 402, x32: 71 },
  classes: ["ipc"],
  args: { msqid: int, op: controlCommand(msgctlCommands), buf: msgctlBuffer },
  returns: long,
  run: (task, { msqid, op, buf }) => msgctl(task, msqid, op, buf),
});

export const mqOpenCall = defineSyscall({
  name: "mq_open",
  nr: { x64: 240, i386: 277, x32: 240 },
  classes: ["desc"],
  args: { name: pathText, flags: openFlags, mode: when(createsQueue, mode), attr: when(createsQueue, mqAttributesIn) },
  returns: fd,
  run: (task, { name, flags, mode, attr }) => posix.mqOpen(task, name, flags, mode, attr),
});

export const mqUnlinkCall = defineSyscall({
  name: "mq_unlink",
  nr: { x64: 241, i386: 278, x32: 241 },
  classes: [],
  args: { path: pathText },
  returns: long,
  run: (task, { path }) => posix.mqUnlink(task, path),
});

export const mqTimedsendCall = defineSyscall({
  name: "mq_timedsend",
  nr: { x64: 242, i386: 279, x32: 242 },
  classes: ["desc"],
  args: {
    mqdes: fd,
    msg_ptr: bytesIn("msg_len"),
    msg_len: unsignedLong,
    msg_prio: unsignedInt,
    abs_timeout: timespecIn,
  },
  returns: long,
  run: (task, { mqdes, msg_ptr, msg_len, msg_prio, abs_timeout }) =>
    posix.mqSend(task, mqdes, msg_ptr, msg_len, msg_prio, abs_timeout),
});

export const mqTimedreceiveCall = defineSyscall({
  name: "mq_timedreceive",
  nr: { x64: 243, i386: 280, x32: 243 },
  classes: ["desc"],
  args: { mqdes: fd, msg_ptr: bytesOut, msg_len: unsignedLong, msg_prio: scalarOut(u32()), abs_timeout: timespecIn },
  returns: long,
  run: (task, { mqdes, msg_ptr, msg_len, msg_prio, abs_timeout }) =>
    posix.mqReceive(task, mqdes, msg_ptr, msg_len, msg_prio, abs_timeout),
});

export const mqNotifyCall = defineSyscall({
  name: "mq_notify",
  nr: { x64: 244, i386: 281, x32: 527 },
  classes: ["desc"],
  args: { mqdes: fd, sevp: sigeventIn },
  returns: long,
  run: (task, { mqdes, sevp }) => posix.mqNotify(task, mqdes, sevp),
});

export const mqGetsetattrCall = defineSyscall({
  name: "mq_getsetattr",
  nr: { x64: 245, i386: 282, x32: 245 },
  classes: ["desc"],
  args: { mqdes: fd, newattr: mqAttributesIn, oldattr: mqAttributesOut },
  returns: long,
  run: (task, { mqdes, newattr, oldattr }) => posix.mqGetSetAttributes(task, mqdes, newattr, oldattr),
});
