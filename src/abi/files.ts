// Argument types of the file family: open flags, stat structures, locks, directory entries, vectors.

import type { ArgumentType } from "./argument.js";
import {
  accessModeFlags,
  fileTypes,
  lockTypes,
  lseekWhence,
  O_ACCMODE,
  O_CREAT,
  O_TMPFILE,
  OPENAT2_REGULAR,
  openAccessModes,
  openFlags as openFlagTable,
  resolveFlags,
  S_IFBLK,
  S_IFCHR,
  S_IFMT,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
} from "./constants/files.js";
import { hex, octalMode, unsignedNumber } from "./digits.js";
import { extensibleIn } from "./extensible.js";
import { longFlagsOf, longOctal, oneOf, shortDevice } from "./scalars.js";
import type { ShowContext } from "./show.js";
import {
  type Field,
  type Fields,
  type Struct,
  s32,
  s64,
  signedWord,
  struct,
  structIn,
  structOut,
  u16,
  u64,
} from "./struct.js";
import { type FlagSet, flagSet, showFlags, showNamed } from "./tables.js";

/** The access mode, then the flags: `O_RDWR|O_CREAT`. */
function openFlagsText(flags: number, high = 0, table = openFlagTable): string {
  let text = openAccessModes.names.get(flags & O_ACCMODE) as string;
  let rest = flags & ~O_ACCMODE;
  let restHigh = high;
  for (let i = 0; i < table.names.length; i++) {
    const bits = table.low[i] as number;
    const bitsHigh = table.high[i] as number;
    if ((rest & bits) === bits && (restHigh & bitsHigh) === bitsHigh) {
      text += `|${table.names[i]}`;
      rest &= ~bits;
      restHigh &= ~bitsHigh;
      if (rest === 0 && restHigh === 0) break;
    }
  }
  return rest === 0 && restHigh === 0 ? text : `${text}|${hex(rest, restHigh)}`;
}

export function showOpenFlags(c: ShowContext, flags: number): void {
  showNamed(c, hex(flags), openFlagsText(flags));
}

export const openFlags: ArgumentType<number> = { receive: (low) => low, show: (c, low) => showOpenFlags(c, low) };

/** Whether open's `mode` argument means anything. */
export function createsFile(c: ShowContext): boolean {
  const flags = c.low("flags");
  return (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE;
}

/** What F_GETFL returns. */
export const openFlagsResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(hex(low));
    c.auxiliary = `flags ${openFlagsText(low)}`;
  },
};

export const accessMode: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => (low === 0 ? showNamed(c, "0", "F_OK") : showFlags(c, accessModeFlags, low)),
};

/** A file's type and permissions: `S_IFREG|0644`. */
export function showFileMode(c: ShowContext, mode: number): void {
  const type = fileTypes.names.get(mode & S_IFMT);
  if (type === undefined && (mode & S_IFMT) !== 0) {
    showNamed(c, octalMode(mode), octalMode(mode));
    return;
  }
  const names = type === undefined ? [] : [type];
  for (const [bit, name] of [
    [S_ISUID, "S_ISUID"],
    [S_ISGID, "S_ISGID"],
    [S_ISVTX, "S_ISVTX"],
  ] as const) {
    if ((mode & bit) !== 0) names.push(name);
  }
  showNamed(c, octalMode(mode), [...names, octalMode(mode & 0x1ff)].join("|"));
}

export const fileMode: ArgumentType<number> = {
  receive: (low) => low & 0xffff,
  show: (c, low) => showFileMode(c, low & 0xffff),
};

export const whence = oneOf(lseekWhence);

const lockFields = (offset: () => Field) => ({
  l_type: u16(oneOf(lockTypes)),
  l_whence: u16(oneOf(lseekWhence)),
  l_start: offset(),
  l_len: offset(),
  l_pid: s32(),
});
export const flock = struct(lockFields(signedWord));
/** struct flock64. */
export const flock64 = struct(lockFields(s64));
type Flock = typeof flock;
const lockIn = (type: Flock): ArgumentType<number> => {
  const { l_pid: _, ...fields } = type.fields;
  return structIn(struct(fields) as Struct<Fields>);
};
export const flockIn = lockIn(flock);
export const flockOut = structOut(flock as Struct<Fields>);
export const flock64In = lockIn(flock64);
export const flock64Out = structOut(flock64 as Struct<Fields>);

/** openat2 has flags beyond open's 32 bits. */
const openat2Flags: FlagSet = openFlagTable.join(flagSet("", { OPENAT2_REGULAR }));

export const openHow = struct({
  flags: u64({
    receive: unsignedNumber,
    show: (c, low, high) => showNamed(c, hex(low, high), openFlagsText(low, high, openat2Flags)),
  }),
  mode: u64(longOctal),
  resolve: u64(longFlagsOf(resolveFlags)),
});
export const openHowIn = extensibleIn(openHow as Struct<Fields>, {
  minimum: 24,
  size: (c) => c.unsigned("size"),
  names: (view) => {
    const flags = view.getInt32(openHow.offset("flags"), true);
    const creates = (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE || openHow.get(view, "mode") !== 0;
    return ["flags", ...(creates ? ["mode"] : []), "resolve"];
  },
});

/** The device argument of mknod, there only for device files. */
export const nodeDevice: ArgumentType<number> = {
  ...shortDevice,
  present: (c) => [S_IFCHR, S_IFBLK].includes(c.low("mode") & S_IFMT),
};
