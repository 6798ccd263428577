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
import { longFlagsOf, octal, oneOf, showDevice } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, s32, s64, showPointed, struct, structIn, structOut, u16, u64 } from "./struct.js";
import { showFlags, showNamed } from "./tables.js";

/** The access mode, then the flags: `O_RDWR|O_CREAT`. */
function openFlagsText(flags: number): string {
  let text = openAccessModes.names.get(flags & O_ACCMODE) as string;
  let rest = flags & ~O_ACCMODE;
  for (let i = 0; i < openFlagTable.names.length && rest !== 0; i++) {
    const bits = openFlagTable.low[i] as number;
    if ((rest & bits) === bits) {
      text += `|${openFlagTable.names[i]}`;
      rest &= ~bits;
    }
  }
  return rest === 0 ? text : `${text}|${hex(rest)}`;
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
  let text = type ?? "";
  const rest = type === undefined ? mode : mode & ~S_IFMT;
  if (type !== undefined) {
    for (const [bit, name] of [
      [S_ISUID, "S_ISUID"],
      [S_ISGID, "S_ISGID"],
      [S_ISVTX, "S_ISVTX"],
    ] as const) {
      if ((rest & bit) !== 0) text += `|${name}`;
    }
    showNamed(c, octalMode(mode), `${text}|${octalMode(rest & 0x1ff)}`);
  } else showNamed(c, octalMode(rest), octalMode(rest));
}

export const fileMode: ArgumentType<number> = {
  receive: (low) => low & 0xffff,
  show: (c, low) => showFileMode(c, low & 0xffff),
};

export const whence = oneOf(lseekWhence);

export const flock = struct({
  l_type: u16(oneOf(lockTypes)),
  l_whence: u16(oneOf(lseekWhence)),
  l_start: s64(),
  l_len: s64(),
  l_pid: s32(),
});
export const flockIn: ArgumentType<number> = structIn(
  struct({
    l_type: flock.fields.l_type,
    l_whence: flock.fields.l_whence,
    l_start: s64(),
    l_len: s64(),
  }) as Struct<Fields>,
);
export const flockOut = structOut(flock as Struct<Fields>);

export const openHow = struct({
  flags: u64({ receive: (low) => low, show: (c, low) => showOpenFlags(c, low) }),
  mode: u64(octal),
  resolve: u64(longFlagsOf(resolveFlags)),
});
export const openHowIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, openHow.size(), (_, view) => {
      c.out.punct("{");
      const flags = openHow.get(view, "flags");
      const creates = (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE || openHow.get(view, "mode") !== 0;
      openHow.showFields(c, view, ["flags", ...(creates ? ["mode"] : []), "resolve"]);
      c.out.punct("}");
    }),
};

/** The device argument of mknod, there only for device files. */
export const nodeDevice: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  present: (c) => [S_IFCHR, S_IFBLK].includes(c.low("mode") & S_IFMT),
  show: (c, low) => showDevice(c, (low >>> 8) & 0xfff, (low & 0xff) | ((low >>> 12) & 0xfff00)),
};
