// File and file system status: stat, statx, statfs.
import type { ArgumentType } from "./argument.js";
import {
  AT_STATX_SYNC_TYPE,
  atFlags,
  filesystemMagics,
  S_IFBLK,
  S_IFCHR,
  S_IFMT,
  statfsFlags,
  statxAttributes,
  statxMask as statxMaskTable,
  statxSyncFlags,
} from "./constants/files.js";
import { hex, signedNumber, unsignedNumber } from "./digits.js";
import { fileMode } from "./files.js";
import { device, filledIn, hexLong, longFlagsOf, shortDevice, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import {
  type Abi,
  bytes,
  type Fields,
  isI386,
  nested,
  reserved,
  reservedLongs,
  type Struct,
  s32,
  s64,
  showPointed,
  struct,
  structOut,
  u16,
  u32,
  u64,
  word,
} from "./struct.js";
import { showEnumeration, showFlags, showNamed } from "./tables.js";
import { showDate } from "./time.js";

/** struct stat of x86-64 and x32, in the kernel's order. */
const stat = struct({
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

/** struct stat of i386. */
const shortStat = struct({
  st_dev: u32(shortDevice),
  st_ino: u32(),
  st_mode: u16(fileMode),
  st_nlink: u16(),
  st_uid: u16(),
  st_gid: u16(),
  st_rdev: u32(shortDevice),
  st_size: u32(),
  st_blksize: u32(),
  st_blocks: u32(),
  st_atime: u32(),
  st_atime_nsec: u32(),
  st_mtime: u32(),
  st_mtime_nsec: u32(),
  st_ctime: u32(),
  st_ctime_nsec: u32(),
  unused: reserved(8),
});

/** struct stat64 of i386. */
const stat64 = struct({
  st_dev: u64(device),
  pad: reserved(4),
  short_ino: reserved(4),
  st_mode: u32(fileMode),
  st_nlink: u32(),
  st_uid: u32(),
  st_gid: u32(),
  st_rdev: u64(device),
  pad2: reserved(4),
  st_size: s64(),
  st_blksize: u32(),
  st_blocks: u64(),
  st_atime: u32(),
  st_atime_nsec: u32(),
  st_mtime: u32(),
  st_mtime_nsec: u32(),
  st_ctime: u32(),
  st_ctime_nsec: u32(),
  st_ino: u64(),
});

/** struct __old_kernel_stat. */
const oldStat = struct({
  st_dev: u16(shortDevice),
  st_ino: u16(),
  st_mode: u16(fileMode),
  st_nlink: u16(),
  st_uid: u16(),
  st_gid: u16(),
  st_rdev: u16(shortDevice),
  st_size: u32(),
  st_atime: u32(),
  st_mtime: u32(),
  st_ctime: u32(),
});

/** "new" is struct stat, whatever the ABI. */
export type StatForm = "new" | "64" | "old";
export type StatStruct = Struct<Fields>;

export function statStruct(form: StatForm, abi: Abi): StatStruct {
  if (form === "old") return oldStat as StatStruct;
  if (form === "64") return stat64 as StatStruct;
  return (isI386(abi) ? shortStat : stat) as StatStruct;
}

function showStat(c: ShowContext, view: DataView, stat: StatStruct): void {
  const { out, abi } = c;
  const type = stat.get(view, "st_mode", abi) & S_IFMT;
  const size = type === S_IFCHR || type === S_IFBLK ? "st_rdev" : "st_size";
  out.punct("{");
  if (c.abbreviate) {
    stat.showFields(c, view, ["st_mode", size]);
    out.punct(", ...}");
    return;
  }
  stat.showFields(c, view, [
    "st_dev",
    "st_ino",
    "st_mode",
    "st_nlink",
    "st_uid",
    "st_gid",
    ...("st_blksize" in stat.fields ? ["st_blksize", "st_blocks"] : []),
    size,
  ]);
  for (const name of ["st_atime", "st_mtime", "st_ctime"] as const) {
    out.punct(", ");
    stat.showFields(c, view, [name]);
    if (!(`${name}_nsec` in stat.fields)) {
      showDate(c, stat.get(view, name, abi));
      continue;
    }
    showDate(c, stat.get(view, name, abi), stat.get(view, `${name}_nsec`, abi), 9);
    out.punct(", ");
    stat.showFields(c, view, [`${name}_nsec`]);
  }
  out.punct("}");
}

const statBuffer = (form: StatForm): ArgumentType<number> =>
  filledIn({
    receive: unsignedNumber,
    show: (c, low, high) => {
      const type = statStruct(form, c.abi);
      showPointed(c, low, high, type.size(c.abi), (_, view) => showStat(c, view, type));
    },
  });
export const statOut = statBuffer("new");
export const stat64Out = statBuffer("64");
export const oldStatOut = statBuffer("old");

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
    "stx_mask",
    "stx_blksize",
    "stx_attributes",
    "stx_nlink",
    "stx_uid",
    "stx_gid",
    "stx_mode",
    "stx_ino",
    "stx_size",
    "stx_blocks",
    "stx_attributes_mask",
  ]);
  for (const [name, bit] of [
    ["stx_atime", 0x20],
    ["stx_btime", 0x800],
    ["stx_ctime", 0x80],
    ["stx_mtime", 0x40],
  ] as const) {
    if ((mask & bit) === 0) continue;
    const offset = statx.offset(name);
    out.punct(", ");
    statx.showFields(c, view, [name]);
    showDate(
      c,
      signedNumber(view.getInt32(offset, true), view.getInt32(offset + 4, true)),
      view.getUint32(offset + 8, true),
      9,
    );
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

export const statxOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, statx.size(), showStatx),
});

export const statxFlags: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const sync = low & AT_STATX_SYNC_TYPE;
    const rest = low & ~AT_STATX_SYNC_TYPE;
    if (sync !== 0) showFlags(c, statxSyncFlags, sync);
    else if (c.style.constants !== "raw") showNamed(c, "0", "AT_STATX_SYNC_AS_STAT");
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
  spare: reservedLongs(4),
});
/** struct statfs64 of i386. */
export const statfs64 = struct({
  ...statfs.fields,
  f_blocks: u64(),
  f_bfree: u64(),
  f_bavail: u64(),
  f_files: u64(),
  f_ffree: u64(),
});
export const statfs64Out = structOut(statfs64 as Struct<Fields>);
export const statfsOut = structOut(statfs as Struct<Fields>);

/** struct ustat; the names are empty. */
export const ustat = struct({ f_tfree: s32(), f_tinode: word(), f_names: reserved(12) });

export const cachestatRange = struct({ off: u64(hexLong), len: u64() }) as Struct<Fields>;
export const cachestat = struct({
  nr_cache: u64(),
  nr_dirty: u64(),
  nr_writeback: u64(),
  nr_evicted: u64(),
  nr_recently_evicted: u64(),
}) as Struct<Fields>;
