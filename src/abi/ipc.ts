// System V IPC and POSIX message queues.
import { type ArgumentType, dependent } from "./argument.js";
import { O_CREAT } from "./constants/files.js";
import {
  IPC_INFO,
  IPC_SET,
  IPC_STAT,
  MSG_INFO,
  MSG_STAT,
  MSG_STAT_ANY,
  mqAttrFlags,
  msgFlags,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SHM_INFO,
  SHM_STAT,
  SHM_STAT_ANY,
  semgetFlags,
  semopFlags,
  shmgetFlags,
} from "./constants/ipc.js";
import { hex, octalMode, unsignedNumber } from "./digits.js";
import { address, filledIn, flagsOf, long, octal, oneOf, userId } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showBuffer } from "./strings.js";
import {
  type Fields,
  hidden,
  longBytes,
  nested,
  reserved,
  reservedLongs,
  type Struct,
  s32,
  s64,
  showArray,
  showPointed,
  signedWord,
  struct,
  structIn,
  structOut,
  u16,
  u32,
  word,
} from "./struct.js";
import { type Enumeration, type FlagSet, showFlags, showNamed } from "./tables.js";

export const ipcKey: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => (low === 0 ? showNamed(c, "0", "IPC_PRIVATE") : c.out.number(hex(low))),
};

/** Creation flags with the permissions in the low nine bits: `IPC_CREAT|0666`. */
function creationFlags(table: FlagSet, sizeShift?: string): ArgumentType<number> {
  return {
    receive: (low) => low,
    show: (c, low) => {
      const flags = low & ~0o777;
      const huge = sizeShift === undefined ? 0 : low >>> 26;
      const rest = huge === 0 ? flags : flags & 0x3ffffff;
      const named = table.low.some((bits) => (rest & bits) === bits);
      if (named) {
        showFlags(c, table, rest);
        c.out.punct("|");
      } else if (rest !== 0) c.out.number(hex(rest)); // strace puts nothing between it and the permissions
      if (huge !== 0) {
        c.out.flag(`${huge}<<${sizeShift}`);
        c.out.punct("|");
      }
      c.out.number(octalMode(low & 0o777));
    },
  };
}

export const shmgetFlag = creationFlags(shmgetFlags, "SHM_HUGE_SHIFT");
export const semgetFlag = creationFlags(semgetFlags);

export const ipcPermissions = struct(
  {
    key: u32({ receive: (low) => low, show: (c, low) => c.out.number(low.toString()) }),
    uid: u32(userId),
    gid: u32(userId),
    cuid: u32(userId),
    cgid: u32(userId),
    mode: u32(octal),
    seq: hidden(u16()),
    pad: reserved(2, 2),
    unused: reservedLongs(2),
  },
  { shown: ["uid", "gid", "mode", "key", "cuid", "cgid"] },
);
const permissions = ipcPermissions as Struct<Fields>;

export const shmidDs = struct(
  {
    shm_perm: nested(permissions),
    shm_segsz: word(),
    shm_atime: s64(),
    shm_dtime: s64(),
    shm_ctime: s64(),
    shm_cpid: s32(),
    shm_lpid: s32(),
    shm_nattch: word(),
    unused: reservedLongs(2),
  },
  {
    shown: ["shm_perm", "shm_segsz", "shm_cpid", "shm_lpid", "shm_nattch", "shm_atime", "shm_dtime", "shm_ctime"],
  },
);
export const semidDs = struct(
  {
    sem_perm: nested(permissions),
    sem_otime: signedWord(),
    unused1: reservedLongs(1),
    sem_ctime: signedWord(),
    unused2: reservedLongs(1),
    sem_nsems: word(),
    unused3: reservedLongs(2),
  },
  { shown: ["sem_perm", "sem_otime", "sem_ctime", "sem_nsems"] },
);
export const msqidDs = struct(
  {
    msg_perm: nested(permissions),
    msg_stime: s64(),
    msg_rtime: s64(),
    msg_ctime: s64(),
    msg_cbytes: hidden(word()),
    msg_qnum: word(),
    msg_qbytes: word(),
    msg_lspid: s32(),
    msg_lrpid: s32(),
    unused: reservedLongs(2),
  },
  {
    shown: ["msg_perm", "msg_stime", "msg_rtime", "msg_ctime", "msg_qnum", "msg_qbytes", "msg_lspid", "msg_lrpid"],
  },
);

export const seminfo = struct({
  semmap: s32(),
  semmni: s32(),
  semmns: s32(),
  semmnu: s32(),
  semmsl: s32(),
  semopm: s32(),
  semume: s32(),
  semusz: s32(),
  semvmx: s32(),
  semaem: s32(),
});
export const msginfo = struct({
  msgpool: s32(),
  msgmap: s32(),
  msgmax: s32(),
  msgmnb: s32(),
  msgmni: s32(),
  msgssz: s32(),
  msgtql: s32(),
  msgseg: u16(),
});
export const shminfo = struct({
  shmmax: word(),
  shmmin: word(),
  shmmni: word(),
  shmseg: word(),
  shmall: word(),
  unused: reservedLongs(4),
});
export const shmUsage = struct({
  used_ids: s32(),
  shm_tot: word(),
  shm_rss: word(),
  shm_swp: word(),
  swap_attempts: word(),
  swap_successes: word(),
});

/** What IPC_SET looks at: owner, group and mode, and for a queue its room. */
function settings(type: Struct<Fields>, permissionsName: string, more: readonly string[] = []): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showPointed(c, low, high, type.size(c.abi), (_, view) => {
        c.out.punct("{");
        c.out.name(permissionsName);
        c.out.punct("={");
        permissions.showFields(c, view, ["uid", "gid", "mode"]);
        c.out.punct("}");
        if (more.length > 0) {
          c.out.punct(", ");
          type.showFields(c, view, more);
        }
        c.out.punct("}");
      }),
  };
}

/** Of old, a flag that says which structures are meant. */
export const IPC_64 = 0x100;

/** A command of the *ctl calls: `IPC_64|IPC_STAT`. */
export function controlCommand(table: Enumeration): ArgumentType<number> {
  const plain = oneOf(table);
  return {
    receive: (low) => low,
    show: (c, low) => {
      if ((low & IPC_64) !== 0) {
        showNamed(c, hex(IPC_64), "IPC_64");
        c.out.punct("|");
      }
      plain.show(c, low & ~IPC_64, 0);
    },
  };
}

/** The buffer of the *ctl calls, by command; an address for those that have none. */
function controlBuffer(
  set: ArgumentType<number>,
  others: readonly (readonly [commands: readonly number[], type: Struct<Fields>])[],
): ArgumentType<number> {
  const outputs = others.map(([commands, type]) => [commands, structOut(type)] as const);
  return dependent(address, (c) => {
    const command = c.low("op") & ~IPC_64;
    if (command === IPC_SET) return set;
    return outputs.find(([commands]) => commands.includes(command))?.[1] ?? address;
  });
}

const [shm, msg, sem] = [shmidDs, msqidDs, semidDs] as readonly Struct<Fields>[];
export const shmctlBuffer = controlBuffer(settings(shm, "shm_perm"), [
  [[IPC_STAT, SHM_STAT, SHM_STAT_ANY], shm],
  [[IPC_INFO], shminfo as Struct<Fields>],
  [[SHM_INFO], shmUsage as Struct<Fields>],
]);
export const msgctlBuffer = controlBuffer(settings(msg, "msg_perm", ["msg_qbytes"]), [
  [[IPC_STAT, MSG_STAT, MSG_STAT_ANY], msg],
  [[IPC_INFO, MSG_INFO], msginfo as Struct<Fields>],
]);
/** semctl's fourth argument is a union: what it is depends on the command. */
export const semctlArgument = controlBuffer(settings(sem, "sem_perm"), [
  [[IPC_STAT, SEM_STAT, SEM_STAT_ANY], sem],
  [[IPC_INFO, SEM_INFO], seminfo as Struct<Fields>],
]);

const sembuf = struct({
  sem_num: u16(),
  sem_op: { ...u16(), signed: true, type: long },
  sem_flg: u16(flagsOf(semopFlags)),
});

export const semOperations: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, c.low("nsops") >>> 0, sembuf.size(), (_, view) => sembuf.show(c, view)),
};

/** struct msgbuf: the type, then `size` bytes of text. */
export function messageBuffer(size: string, atExit: boolean): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const bytes = longBytes(c.abi);
      showPointed(c, low, high, bytes, (_, view) => {
        c.out.punct("{");
        c.out.name("mtype");
        c.out.punct("=");
        long.show(c, view.getInt32(0, true), bytes === 8 ? view.getInt32(4, true) : view.getInt32(0, true) >> 31);
        c.out.punct(", ");
        c.out.name("mtext");
        c.out.punct("=");
        const text = unsignedNumber(low, high) + bytes;
        showBuffer(c, text | 0, Math.floor(text / 2 ** 32), c.unsigned(size));
        c.out.punct("}");
      });
    },
  };
  return atExit ? filledIn(type) : type;
}

export const messageFlag: ArgumentType<number> = flagsOf(msgFlags);

export const mqAttributes = struct({
  mq_flags: word({ receive: (low) => low, show: (c, low, high) => showFlags(c, mqAttrFlags, low, high) }),
  mq_maxmsg: signedWord(),
  mq_msgsize: signedWord(),
  mq_curmsgs: signedWord(),
  reserved: reservedLongs(4),
});
export const mqAttributesIn = structIn(mqAttributes as Struct<Fields>);
export const mqAttributesOut = structOut(mqAttributes as Struct<Fields>);

/** Whether mq_open's third and fourth arguments mean anything. */
export const createsQueue = (c: ShowContext): boolean => (c.low("flags") & O_CREAT) !== 0;

const STRUCTURE_COMMANDS = [IPC_SET, IPC_STAT, SEM_STAT, SEM_STAT_ANY, IPC_INFO, SEM_INFO];

/** The address of a word that is what `type` is about: `[0x3]`. */
export function inMemory(type: ArgumentType<number>): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: true,
    show: (c, low, high) => {
      showPointed(c, low, high, longBytes(c.abi), (_, view) => {
        const isPointer = STRUCTURE_COMMANDS.includes(c.low("op") & ~IPC_64);
        if (!isPointer) c.out.punct("[");
        type.show(c, view.getInt32(0, true), 0);
        if (!isPointer) c.out.punct("]");
      });
    },
  };
}
