// Argument types of the file family: open flags, stat structures, locks, directory entries, vectors.
import { type ArgumentType, onReturn } from "./argument.js";
import {
  accessModeFlags,
  atFlags,
  AT_STATX_SYNC_TYPE,
  directoryEntryTypes,
  fileTypes,
  filesystemMagics,
  lockTypes,
  lseekWhence,
  O_ACCMODE,
  O_CREAT,
  O_TMPFILE,
  openAccessModes,
  openFlags as openFlagTable,
  resolveFlags,
  S_IFMT,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
  statfsFlags,
  statxAttributes,
  statxMask as statxMaskTable,
  statxSyncFlags,
} from "./constants/files.js";
import { hex, octalMode, signedNumber, unsignedDecimal, unsignedNumber } from "./digits.js";
import { peekString, wordSize } from "./memory.js";
import { device, hexLong, long, longFlagsOf, octal, oneOf, showAddress, showDevice, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { quoted, showBuffer } from "./strings.js";
import {
  bytes,
  type Fields,
  nested,
  pointer,
  reserved,
  type Struct,
  s16,
  s32,
  s64,
  showArray,
  showPointed,
  struct,
  structIn,
  structOut,
  subview,
  u16,
  u32,
  u64,
  word,
} from "./struct.js";
import { showEnumeration, showFlags, showNamed } from "./tables.js";
import { showDate } from "./time.js";

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
    for (const [bit, name] of [[S_ISUID, "S_ISUID"], [S_ISGID, "S_ISGID"], [S_ISVTX, "S_ISVTX"]] as const) {
      if ((rest & bit) !== 0) text += `|${name}`;
    }
    showNamed(c, octalMode(mode), `${text}|${octalMode(rest & 0x1ff)}`);
  } else c.out.number(octalMode(rest));
}

export const fileMode: ArgumentType<number> = { receive: (low) => low & 0xffff, show: (c, low) => showFileMode(c, low & 0xffff) };

export const whence = oneOf(lseekWhence);

/** struct stat of each ABI's newest stat call, in the kernel's order. */
export const stat = struct({
  st_dev: u64(device),
  st_ino: u64(),
  st_nlink: u64(),
  st_mode: u32(fileMode),
  st_uid: u32(),
  st_gid: u32(),
  pad: reserved(4),
  st_rdev: u64(device),
  st_size: s64(),
  st_blksize: s64(unsignedLong),
  st_blocks: s64(unsignedLong),
  st_atime: s64(),
  st_atime_nsec: u64(),
  st_mtime: s64(),
  st_mtime_nsec: u64(),
  st_ctime: s64(),
  st_ctime_nsec: u64(),
  unused: reserved(24),
});

const S_IFCHR = 0x2000;
const S_IFBLK = 0x6000;

function showStat(c: ShowContext, view: DataView): void {
  const { out } = c;
  const type = stat.get(view, "st_mode") & S_IFMT;
  const size = type === S_IFCHR || type === S_IFBLK ? "st_rdev" : "st_size";
  out.punct("{");
  if (c.abbreviate) {
    stat.showFields(c, view, ["st_mode", size]);
    out.punct(", ...}");
    return;
  }
  stat.showFields(c, view, [
    "st_dev", "st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_blksize", "st_blocks", size,
  ]);
  for (const name of ["st_atime", "st_mtime", "st_ctime"] as const) {
    out.punct(", ");
    stat.showFields(c, view, [name]);
    showDate(c, stat.get(view, name), stat.get(view, `${name}_nsec`), 9);
    if (stat.get(view, `${name}_nsec`) !== 0) {
      out.punct(", ");
      stat.showFields(c, view, [`${name}_nsec`]);
    }
  }
  out.punct("}");
}

export const statOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => (c.failed ? showAddress(c, low, high) : showPointed(c, low, high, stat.size(), showStat)),
});

const statxTimestamp = struct({ tv_sec: s64(), tv_nsec: u32(), pad: reserved(4) });
const statxAttributeFlags = longFlagsOf(statxAttributes);

export const statx = struct({
  stx_mask: u32({ receive: (low) => low, show: (c, low) => showFlags(c, statxMaskTable, low) }),
  stx_blksize: u32(),
  stx_attributes: u64(statxAttributeFlags),
  stx_nlink: u32(),
  stx_uid: u32(),
  stx_gid: u32(),
  stx_mode: u16(fileMode),
  spare0: reserved(2),
  stx_ino: u64(),
  stx_size: u64(),
  stx_blocks: u64(),
  stx_attributes_mask: u64(statxAttributeFlags),
  stx_atime: nested(statxTimestamp as Struct<Fields>),
  stx_btime: nested(statxTimestamp as Struct<Fields>),
  stx_ctime: nested(statxTimestamp as Struct<Fields>),
  stx_mtime: nested(statxTimestamp as Struct<Fields>),
  stx_rdev_major: u32(),
  stx_rdev_minor: u32(),
  stx_dev_major: u32(),
  stx_dev_minor: u32(),
  stx_mnt_id: u64(hexLong),
  stx_dio_mem_align: u32(),
  stx_dio_offset_align: u32(),
  stx_subvol: u64(),
  stx_atomic_write_unit_min: u32(),
  stx_atomic_write_unit_max: u32(),
  stx_atomic_write_segments_max: u32(),
  stx_dio_read_offset_align: u32(),
  stx_atomic_write_unit_max_opt: u32(),
  spare2: reserved(68),
});

function showStatx(c: ShowContext, view: DataView): void {
  const { out } = c;
  const mask = statx.get(view, "stx_mask");
  out.punct("{");
  if (c.abbreviate) {
    statx.showFields(c, view, ["stx_mask", "stx_attributes", "stx_mode", "stx_size"]);
    out.punct(", ...}");
    return;
  }
  statx.showFields(c, view, [
    "stx_mask", "stx_blksize", "stx_attributes", "stx_nlink", "stx_uid", "stx_gid", "stx_mode", "stx_ino", "stx_size",
    "stx_blocks", "stx_attributes_mask",
  ]);
  for (const [name, bit] of [["stx_atime", 0x20], ["stx_btime", 0x800], ["stx_ctime", 0x80], ["stx_mtime", 0x40]] as const) {
    if ((mask & bit) === 0) continue;
    const offset = statx.offset(name);
    out.punct(", ");
    statx.showFields(c, view, [name]);
    showDate(c, signedNumber(view.getInt32(offset, true), view.getInt32(offset + 4, true)), view.getUint32(offset + 8, true), 9);
  }
  out.punct(", ");
  statx.showFields(c, view, ["stx_rdev_major", "stx_rdev_minor", "stx_dev_major", "stx_dev_minor"]);
  for (const [bit, names] of [
    [0x5000, ["stx_mnt_id"]],
    [0x2000, ["stx_dio_mem_align", "stx_dio_offset_align"]],
    [0x8000, ["stx_subvol"]],
    [0x10000, ["stx_atomic_write_unit_min", "stx_atomic_write_unit_max", "stx_atomic_write_segments_max"]],
    [0x20000, ["stx_dio_read_offset_align"]],
  ] as const) {
    if ((mask & bit) === 0) continue;
    out.punct(", ");
    statx.showFields(c, view, names);
  }
  out.punct("}");
}

export const statxOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => (c.failed ? showAddress(c, low, high) : showPointed(c, low, high, statx.size(), showStatx)),
});

export const statxFlags: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const sync = low & AT_STATX_SYNC_TYPE;
    const rest = low & ~AT_STATX_SYNC_TYPE;
    if (c.style.constants !== "abbrev") {
      showFlags(c, atFlags, low);
      return;
    }
    if (sync === 0) c.out.flag("AT_STATX_SYNC_AS_STAT");
    else showFlags(c, statxSyncFlags, sync);
    if (rest === 0) return;
    c.out.punct("|");
    showFlagsAfterOthers(c, rest);
  },
};

/** Flags that follow others: unknown bits get no comment. */
function showFlagsAfterOthers(c: ShowContext, flags: number): void {
  const known = atFlags.low.some((bits) => (flags & bits) === bits);
  if (known) showFlags(c, atFlags, flags);
  else c.out.number(hex(flags));
}

export const statfs = struct({
  f_type: word({
    receive: (low) => low,
    show: (c, low) => showEnumeration(c, filesystemMagics, low),
  }),
  f_bsize: word(),
  f_blocks: word(),
  f_bfree: word(),
  f_bavail: word(),
  f_files: word(),
  f_ffree: word(),
  f_fsid: bytes(
    8,
    (c, view, offset) => {
      c.out.punct("{");
      c.out.name("val");
      c.out.punct("=[");
      c.out.number(hex(view.getInt32(offset, true)));
      c.out.punct(", ");
      c.out.number(hex(view.getInt32(offset + 4, true)));
      c.out.punct("]}");
    },
    4,
  ),
  f_namelen: word(),
  f_frsize: word(),
  f_flags: word(longFlagsOf(statfsFlags)),
  spare: reserved(32, 8),
});
export const statfsOut = structOut(statfs as Struct<Fields>);

export const flock = struct({
  l_type: s16(oneOf(lockTypes)),
  l_whence: s16(oneOf(lseekWhence)),
  l_start: s64(),
  l_len: s64(),
  l_pid: s32(),
});
export const flockIn: ArgumentType<number> = structIn(
  struct({ l_type: flock.fields.l_type, l_whence: flock.fields.l_whence, l_start: s64(), l_len: s64() }) as Struct<Fields>,
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

/** linux_dirent64 and linux_dirent records: their number, or with -v each of them. */
export function directoryEntries(wide: boolean): ArgumentType<number> {
  return onReturn({
    receive: unsignedNumber,
    show: (c, low, high) => {
      const length = c.failed ? -1 : c.result();
      const start = unsignedNumber(low, high);
      const all = length < 0 ? undefined : length === 0 ? new Uint8Array(0) : c.tracee.peek(start, length);
      if (all === undefined) {
        showAddress(c, low, high);
        return;
      }
      const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
      const nameAt = wide ? 19 : wordSize(c) * 2 + 2;
      let count = 0;
      if (!c.abbreviate) c.out.punct("[");
      for (let at = 0; at + nameAt <= length; ) {
        const size = view.getUint16(at + nameAt - (wide ? 3 : 2), true);
        if (size < nameAt) break;
        if (!c.abbreviate) {
          if (count > 0) c.out.punct(", ");
          showEntry(c, subview(view, at, Math.min(size, length - at)), nameAt, wide);
        }
        count++;
        at += size;
      }
      if (!c.abbreviate) c.out.punct("]");
      else {
        showAddress(c, low, high);
        if (count > 0 || length === 0) c.out.comment(` /* ${count} entries */`);
      }
    },
  });
}

function showEntry(c: ShowContext, view: DataView, nameAt: number, wide: boolean): void {
  const word = wide ? 8 : wordSize(c);
  const { out } = c;
  const text = (offset: number): string =>
    unsignedDecimal(view.getInt32(offset, true), word === 8 ? view.getInt32(offset + 4, true) : 0);
  const type = (offset: number): void => {
    out.punct(", ");
    out.name("d_type");
    out.punct("=");
    showEnumeration(c, directoryEntryTypes, view.getUint8(offset));
  };
  out.punct("{");
  out.name("d_ino");
  out.punct("=");
  out.number(text(0));
  out.punct(", ");
  out.name("d_off");
  out.punct("=");
  out.number(text(word));
  out.punct(", ");
  out.name("d_reclen");
  out.punct("=");
  out.number(view.byteLength.toString());
  if (wide) type(18);
  out.punct(", ");
  out.name("d_name");
  out.punct("=");
  const name = new Uint8Array(view.buffer, view.byteOffset + nameAt, view.byteLength - nameAt);
  const end = name.indexOf(0);
  out.string(quoted(end < 0 ? name : name.subarray(0, end), c.style));
  if (!wide) type(view.byteLength - 1);
  out.punct("}");
}

export const iovec = struct({ iov_base: pointer(), iov_len: word() });

/**
 * A vector of `count` buffers. What is in them is shown when the program filled them ("in") or up to what the kernel returned
 * ("out"); "addresses" shows none.
 */
export function ioVector(count: string, contents: "in" | "out" | "addresses"): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: contents === "out",
    show: (c, low, high) => {
      let left = contents !== "out" ? Number.POSITIVE_INFINITY : c.failed ? 0 : c.result();
      const word = wordSize(c);
      showArray(c, low, high, c.unsigned(count), 2 * word, (_, view) => {
        left -= showIoVector(c, view, contents !== "addresses" && !(contents === "out" && c.failed), left);
      });
    },
  };
}

/** One element; returns how many bytes it can hold. */
export function showIoVector(c: ShowContext, view: DataView, withContents: boolean, left: number): number {
  const word = wordSize(c);
  const baseLow = view.getInt32(0, true);
  const baseHigh = word === 8 ? view.getInt32(4, true) : 0;
  const lengthHigh = word === 8 ? view.getInt32(word + 4, true) : 0;
  const length = unsignedNumber(view.getInt32(word, true), lengthHigh);
  c.out.punct("{");
  c.out.name("iov_base");
  c.out.punct("=");
  if (withContents) showBuffer(c, baseLow, baseHigh, Math.min(length, Math.max(left, 0)));
  else showAddress(c, baseLow, baseHigh);
  c.out.punct(", ");
  c.out.name("iov_len");
  c.out.punct("=");
  c.out.number(unsignedDecimal(view.getInt32(word, true), lengthHigh));
  c.out.punct("}");
  return length;
}

/** The device argument of mknod, there only for device files. */
export const nodeDevice: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  present: (c) => [S_IFCHR, S_IFBLK].includes(c.low("mode") & S_IFMT),
  show: (c, low) => showDevice(c, (low >>> 8) & 0xfff, (low & 0xff) | ((low >>> 12) & 0xfff00)),
};

/** struct file_handle: its size says how much of it there is. */
export function fileHandle(atExit: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit,
    show: (c, low, high) => {
      const failed = atExit && c.failed;
      showPointed(c, low, high, 8, (_, view) => {
        const size = view.getUint32(0, true);
        c.out.punct("{");
        c.out.name("handle_bytes");
        c.out.punct("=");
        c.out.number(size.toString());
        if (!failed) {
          c.out.punct(", ");
          c.out.name("handle_type");
          c.out.punct("=");
          c.out.number(view.getInt32(4, true).toString());
          c.out.punct(", ");
          c.out.name("f_handle");
          c.out.punct("=");
          const handle = c.tracee.peek(unsignedNumber(low, high) + 8, Math.min(size, 128));
          if (handle === undefined) c.out.address(hex(low, high));
          else c.out.string(quoted(handle, { hexStrings: "always" }));
        }
        c.out.punct("}");
      });
    },
  };
}

/** An offset the call reads and moves on: `[5]`, or `[5 => 9]` when it did. */
export const offsetInOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    const view = low === 0 && high === 0 ? undefined : c.tracee.peek(unsignedNumber(low, high), 8)?.slice();
    c.notes[c.index] = view;
  },
  show: (c, low, high) => {
    const before = c.notes[c.index] as Uint8Array | undefined;
    if (before === undefined) {
      showAddress(c, low, high);
      return;
    }
    const then = new DataView(before.buffer);
    c.out.punct("[");
    long.show(c, then.getInt32(0, true), then.getInt32(4, true));
    if (!c.failed && c.result() !== 0) {
      showPointed(c, low, high, 8, (_, now) => {
        c.out.punct(" => ");
        long.show(c, now.getInt32(0, true), now.getInt32(4, true));
      });
    }
    c.out.punct("]");
  },
};

export const offsetIn = ((): ArgumentType<number> => {
  const box = struct({ value: s64() });
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showPointed(c, low, high, 8, (_, view) => {
        c.out.punct("[");
        box.showField(c, view, "value");
        c.out.punct("]");
      }),
  };
})();


/** The path getcwd found: the kernel returns its length with the NUL. */
export const currentDirectoryOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    const found = c.failed ? undefined : peekString(c.tracee, unsignedNumber(low, high), Math.max(c.result(), 1));
    if (found === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.string(quoted(found.complete ? found.bytes : found.bytes.subarray(0, Math.max(c.result() - 1, 0)), c.style));
    if (!found.complete) c.out.punct("...");
  },
});

export const cachestatRange = struct({ off: u64(), len: u64() }) as Struct<Fields>;
export const cachestat = struct({
  nr_cache: u64(),
  nr_dirty: u64(),
  nr_writeback: u64(),
  nr_evicted: u64(),
  nr_recently_evicted: u64(),
}) as Struct<Fields>;

/** The high half of preadv2's offset: the low half already holds all of it on 64-bit machines. */
export const highOffset: ArgumentType<number> = { receive: (low) => low, present: () => false, show: () => {} };
