// Numbers of i386 behind which other calls are: socketcall and ipc have a first argument that says which, mmap and select have their
// arguments in memory. net/compat.c, ipc/syscall.c

import type { ArgumentType } from "../../abi/argument.js";
import { ipcSubcalls, socketSubcalls } from "../../abi/constants/ipc.js";
import { EFAULT, EINVAL, ENOSYS, Errno } from "../../abi/errno.js";
import { IPC_64, inMemory } from "../../abi/ipc.js";
import { address, hexLong, int } from "../../abi/scalars.js";
import { type Enumeration, showNamed } from "../../abi/tables.js";
import { compatSemctl } from "../../kernel/ipc/semaphore-control.js";
import {
  type CallWords,
  defineDoor,
  defineSyscall,
  type Subcall,
  type SyscallDeclaration,
  variantOf,
} from "../define.js";
import { msgctlCall, msggetCall, msgrcvCall, msgsndCall } from "../ipc/message-queue.js";
import { selectCall } from "../ipc/poll.js";
import { semctlCall, semgetCall, semopCall, semtimedopCall } from "../ipc/semaphore.js";
import { shmatCall, shmctlCall, shmdtCall, shmgetCall } from "../ipc/shared-memory.js";
import { mmapCall } from "../memory/mmap.js";
import * as message from "../net/message.js";
import * as option from "../net/option.js";
import * as socket from "../net/socket.js";

/** A number that leads nowhere is told as it is; with versions it has one in its high half. */
const subcall = (table: Enumeration, hasVersion: boolean): ArgumentType<number> => ({
  receive: (low) => low,
  show: (c, low) => {
    const version = hasVersion ? low >>> 16 : 0;
    if (version !== 0) c.out.number(`${version}<<16|`);
    const number = hasVersion ? low & 0xffff : low;
    const name = table.names.get(number);
    if (name === undefined) c.out.number(number.toString());
    else showNamed(c, number.toString(), name);
  },
});

const as = (call: unknown): SyscallDeclaration => call as SyscallDeclaration;

/** All arguments in memory, at the first. */
function fromMemory({ argument, words }: CallWords, call: SyscallDeclaration): Subcall | undefined {
  const values = words(argument(0), Object.keys(call.args).length);
  return values && { call, values: [...Array.from(values)] };
}

export const oldMmapCall = defineDoor(
  {
    name: "mmap",
    nr: { i386: 90 },
    classes: mmapCall.classes,
    args: { arg: address },
    leadsTo: (given) => fromMemory(given, as(mmapCall)),
  },
  EFAULT,
);

export const oldSelectCall = defineDoor(
  {
    name: "select",
    nr: { i386: 82 },
    classes: selectCall.classes,
    args: { arg: address },
    leadsTo: (given) => fromMemory(given, as(selectCall)),
  },
  EFAULT,
);

export const newSelectCall = variantOf(selectCall, { name: "_newselect", nr: { i386: 142 } });

/** What send and recv are, which have no number of their own. */
const NONE = { ...int, present: () => false } satisfies ArgumentType<number>;
const sendCall = variantOf(message.sendtoCall, {
  name: "send",
  nr: {},
  args: { ...message.sendtoCall.args, dest_addr: NONE, addrlen: NONE },
});
const recvCall = variantOf(message.recvfromCall, {
  name: "recv",
  nr: {},
  args: { ...message.recvfromCall.args, src_addr: NONE, addrlen: NONE },
});

/** By number, with how many arguments there are: net/socket.c: nargs. */
const SOCKET_CALLS: readonly (readonly [call: SyscallDeclaration, count: number] | undefined)[] = [
  undefined,
  [as(socket.socketCall), 3],
  [as(socket.bindCall), 3],
  [as(socket.connectCall), 3],
  [as(socket.listenCall), 2],
  [as(socket.acceptCall), 3],
  [as(socket.getsocknameCall), 3],
  [as(socket.getpeernameCall), 3],
  [as(socket.socketpairCall), 4],
  [as(sendCall), 4],
  [as(recvCall), 4],
  [as(message.sendtoCall), 6],
  [as(message.recvfromCall), 6],
  [as(socket.shutdownCall), 2],
  [as(option.setsockoptCall), 5],
  [as(option.getsockoptCall), 5],
  [as(message.sendmsgCall), 3],
  [as(message.recvmsgCall), 3],
  [as(socket.accept4Call), 4],
  [as(message.recvmmsgCall), 5],
  [as(message.sendmmsgCall), 4],
];

export const socketcallCall = defineDoor(
  {
    name: "socketcall",
    nr: { i386: 102 },
    classes: ["desc", "net"],
    args: { call: subcall(socketSubcalls, false), args: address },
    leadsTo: ({ argument, words }) => {
      const [call, count] = SOCKET_CALLS[argument(0)] ?? [];
      const values = call && count ? words(argument(1), count) : undefined;
      return call && values && { call, values: [...Array.from(values), 0, 0] };
    },
  },
  EINVAL,
);

const withoutIpc64 = (op: number): number => op & ~IPC_64;
const ipcShmctl = variantOf(shmctlCall, {
  name: "shmctl",
  nr: {},
  run: (task, { shmid, op, buf }) => shmctlCall.run?.(task, { shmid, op: withoutIpc64(op), buf }),
});
const ipcMsgctl = variantOf(msgctlCall, {
  name: "msgctl",
  nr: {},
  run: (task, { msqid, op, buf }) => msgctlCall.run?.(task, { msqid, op: withoutIpc64(op), buf }),
});
export const semctl32Call = variantOf(semctlCall, {
  name: "semctl",
  nr: { i386: 394 },
  run: (task, { semid, semnum, op, arg }) => compatSemctl(task, semid, semnum, op, arg),
});

/** semctl's last argument is where ipc's is. */
const ipcSemctl = variantOf(semctlCall, {
  name: "semctl",
  nr: {},
  args: { ...semctlCall.args, arg: inMemory(semctlCall.args.arg) },
  run: (task, { semid, semnum, op, arg }) => {
    if (arg === 0) throw new Errno(EINVAL);
    return semctlCall.run?.(task, { semid, semnum, op: withoutIpc64(op), arg: task.readU32(arg) });
  },
});
/** Where it was mapped goes to memory. */
const ipcShmat = defineSyscall({
  name: "shmat",
  nr: {},
  classes: shmatCall.classes,
  args: { ...shmatCall.args, raddr: { ...address, present: () => false } },
  returns: {
    receive: (low) => low,
    show: (c) => {
      const place = c.tracee.peek(c.unsigned("raddr"), 4);
      const at = place === undefined ? 0 : new DataView(place.buffer, place.byteOffset, 4).getInt32(0, true);
      hexLong.show(c, at, 0);
    },
  },
  run: (task, { raddr, ...args }) => {
    task.writeU32(raddr, Number(shmatCall.run?.(task, args)));
  },
});

/** The arguments that come after the number, by its names for them. */
interface IpcWords {
  readonly version: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly ptr: number;
  readonly fifth: number;
}

type IpcRoute = (given: IpcWords, words: CallWords["words"]) => Subcall | undefined;

const route =
  (call: unknown, values: (given: IpcWords) => readonly number[]): IpcRoute =>
  (given) => ({ call: as(call), values: values(given) });

/** Of old, msgrcv's buffer and type are where its pointer leads. */
const receive: IpcRoute = ({ version, first, second, third, ptr, fifth }, words) => {
  const kludge = version === 0 ? words(ptr, 2) : [ptr, fifth];
  if (kludge === undefined) return undefined;
  return { call: as(msgrcvCall), values: [first, kludge[0] as number, second, kludge[1] as number, third] };
};

const IPC_CALLS: Readonly<Record<number, IpcRoute>> = {
  1: route(semopCall, ({ first, ptr, second }) => [first, ptr, second]),
  2: route(semgetCall, ({ first, second, third }) => [first, second, third]),
  3: route(ipcSemctl, ({ first, second, third, ptr }) => [first, second, third, ptr]),
  4: route(semtimedopCall, ({ first, ptr, second, fifth }) => [first, ptr, second, fifth]),
  11: route(msgsndCall, ({ first, ptr, second, third }) => [first, ptr, second, third]),
  12: receive,
  13: route(msggetCall, ({ first, second }) => [first, second]),
  14: route(ipcMsgctl, ({ first, second, ptr }) => [first, second, ptr]),
  21: route(ipcShmat, ({ first, ptr, second, third }) => [first, ptr, second, third]),
  22: route(shmdtCall, ({ ptr }) => [ptr]),
  23: route(shmgetCall, ({ first, second, third }) => [first, second, third]),
  24: route(ipcShmctl, ({ first, second, ptr }) => [first, second, ptr]),
};

export const ipcCall = defineDoor(
  {
    name: "ipc",
    nr: { i386: 117 },
    classes: ["ipc"],
    args: {
      call: subcall(ipcSubcalls, true),
      first: hexLong,
      second: hexLong,
      third: hexLong,
      ptr: hexLong,
      fifth: hexLong,
    },
    leadsTo: ({ argument, words }) => {
      const call = argument(0);
      const [first = 0, second = 0, third = 0, ptr = 0, fifth = 0] = [1, 2, 3, 4, 5].map(argument);
      return IPC_CALLS[call & 0xffff]?.({ version: call >>> 16, first, second, third, ptr, fifth }, words);
    },
    partial: "structures without IPC_64 are as with it",
  },
  ENOSYS,
);
