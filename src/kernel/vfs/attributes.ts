// stat, statx, statfs and what changes attributes: chmod, chown, utimens, truncate, access. fs/stat.c, fs/open.c, fs/utimes.c

import { IN_ACCESS, IN_ATTRIB, IN_MODIFY } from "../../abi/constants/events.js";
import * as fcntl from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/files.js";
import { FS_APPEND_FL } from "../../abi/constants/ioctls.js";
import { CAP_CHOWN, CAP_FSETID, LANDLOCK_ACCESS_FS_TRUNCATE } from "../../abi/constants/security.js";
import { EACCES, EINVAL, EISDIR, ENOENT, EOPNOTSUPP, EOVERFLOW, EPERM, Errno } from "../../abi/errno.js";
import { type StatForm, statfs, statStruct } from "../../abi/stat.js";
import type { Fields, Struct } from "../../abi/struct.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import { notify } from "../notify/notify.js";
import { checkPlace } from "../security/landlock.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { type Credentials, capableOf, MAY_WRITE, mayAccess, ownsOrCapable, withRealIds } from "./credentials.js";
import type { Dentry } from "./dentry.js";
import { checkSizeLimit } from "./fallocate.js";
import { fsidOf } from "./file-handle.js";
import type { Inode, Stat, Statfs } from "./inode.js";
import { breakLeases } from "./lease.js";
import { refusesExec, wantWrite } from "./mount.js";
import { checkNotRun, startOfWalk, whenAllowed } from "./open.js";
import { walkPath } from "./path-walk.js";
import { checkResize } from "./seals.js";

const BILLION = 1_000_000_000n;

/** The dentry an *at call means, with AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH as their flags say. */
export function dentryAt(task: Task, dirfd: number, path: string, flags = 0): Dentry {
  if (path === "") {
    if (!(flags & fcntl.AT_EMPTY_PATH)) throw new Errno(ENOENT);
    return dirfd === fcntl.AT_FDCWD ? task.fs.cwd : task.files.getRaw(dirfd).dentry;
  }
  return walkPath(task, startOfWalk(task, dirfd, path), path, !(flags & fcntl.AT_SYMLINK_NOFOLLOW));
}

/** As dentryAt, for a path in user memory that is read once the flags are known to be among `known`. */
export function userDentryAt(
  task: Task,
  dirfd: number,
  pathname: number,
  flags: number,
  known = fcntl.AT_SYMLINK_NOFOLLOW | fcntl.AT_EMPTY_PATH,
): Dentry {
  if (flags & ~known) throw new Errno(EINVAL);
  if (pathname === 0 && known === STATUS_FLAGS && flags & fcntl.AT_EMPTY_PATH) return dentryAt(task, dirfd, "", flags);
  return dentryAt(task, dirfd, task.copyInPath(pathname), flags);
}

/** Of stat and statx, to which no path at all is an empty one. */
const STATUS_FLAGS = fcntl.AT_SYMLINK_NOFOLLOW | fcntl.AT_NO_AUTOMOUNT | fcntl.AT_EMPTY_PATH | fcntl.AT_STATX_SYNC_TYPE;

/** newfstatat(2), stat(2), lstat(2). */
export function statAt(task: Task, dirfd: number, pathname: number, flags: number): Stat {
  return userDentryAt(task, dirfd, pathname, flags, STATUS_FLAGS).inode.stat();
}

export function statFd(task: Task, fd: number): Stat {
  return task.files.getRaw(fd).inode.stat();
}

/** The task's structure for what stat(2) found. A size it has no room for is EOVERFLOW. */
export function writeStat(task: Task, address: number, stat: Stat, form: StatForm = "new"): void {
  const type = statStruct(form, task.abi);
  const isNarrow = type.fields.st_size?.size(task.abi) === 4;
  if (isNarrow && stat.size > 0x7fffffff) throw new Errno(EOVERFLOW);
  const inode = type.fields.st_ino?.size(task.abi) ?? 8;
  if (inode < 8 && BigInt(stat.ino) >= 1n << BigInt(inode * 8)) throw new Errno(EOVERFLOW);
  const values: Record<string, number | bigint> = {
    st_dev: stat.dev,
    st_ino: stat.ino,
    st_nlink: stat.nlink,
    st_mode: stat.mode,
    st_uid: task.cred.shownUid(stat.uid),
    st_gid: task.cred.shownGid(stat.gid),
    st_rdev: stat.rdev,
    st_size: stat.size,
    st_blksize: stat.blksize,
    st_blocks: stat.blocks,
    short_ino: stat.ino,
  };
  for (const name of ["atime", "mtime", "ctime"] as const) {
    const nanoseconds = ((stat[name] % BILLION) + BILLION) % BILLION;
    values[`st_${name}`] = (stat[name] - nanoseconds) / BILLION;
    values[`st_${name}_nsec`] = nanoseconds;
  }
  task.writeStruct(type, address, Object.fromEntries(Object.entries(values).filter(([name]) => name in type.fields)));
}

/** STATX_MTIME, STATX_CTIME */
const CHANGE_TIMES = 0xc0;
const STATX_DIOALIGN = 0x2000;
const STATX_ATTR_MOUNT_ROOT = 0x2000;
/** STATX_ATTR_IMMUTABLE, APPEND and NODUMP are the inode's flags of these names. */
const STATX_FLAGS = 0x70;
/** stx_attributes_mask of ext4, of tmpfs, and what any file system has. */
const DISK_ATTRIBUTES = 0x703874n;
const MEMORY_ATTRIBUTES = 0x203070n;
const ANY_ATTRIBUTES = 0x203000n;
const DIRECT_BLOCK = 512;

/** struct statx, 256 bytes: the basic fields, the birth time and the mount. */
export function packStatx({ inode, mount }: Dentry, mask: number, cred: Credentials): Uint8Array {
  const stat = inode.stat();
  const view = new DataView(new ArrayBuffer(256));
  const hasBirth = stat.btime > 0n;
  const mountKind = mask & uapi.STATX_MNT_ID_UNIQUE || uapi.STATX_MNT_ID;
  const direct = inode.isOnDisk && inode.isRegular ? mask & STATX_DIOALIGN : 0;
  // Finer times are only taken where they are asked for: fill_mg_cmtime.
  const isFine = inode instanceof TmpfsInode && (inode.isRegular || inode.isDirectory) && !(mask & CHANGE_TIMES);
  const basic = isFine ? uapi.STATX_BASIC_STATS & ~CHANGE_TIMES : uapi.STATX_BASIC_STATS;
  const filled = basic | mountKind | (hasBirth ? mask & uapi.STATX_BTIME : 0) | direct;
  const root = mount?.root.inode === inode ? STATX_ATTR_MOUNT_ROOT : 0;
  view.setBigUint64(8, BigInt((inode.flags & STATX_FLAGS) | root), true);
  view.setBigUint64(
    56,
    inode.isOnDisk ? DISK_ATTRIBUTES : inode instanceof TmpfsInode ? MEMORY_ATTRIBUTES : ANY_ATTRIBUTES,
    true,
  );
  view.setUint32(0, filled, true);
  view.setUint32(4, stat.blksize, true);
  view.setUint32(16, stat.nlink, true);
  view.setUint32(20, cred.shownUid(stat.uid), true);
  view.setUint32(24, cred.shownGid(stat.gid), true);
  view.setUint16(28, stat.mode, true);
  view.setBigUint64(32, BigInt(stat.ino), true);
  view.setBigUint64(40, BigInt(stat.size), true);
  view.setBigUint64(48, BigInt(stat.blocks), true);
  const time = (at: number, value: bigint): void => {
    const nanoseconds = ((value % BILLION) + BILLION) % BILLION;
    view.setBigInt64(at, (value - nanoseconds) / BILLION, true);
    view.setUint32(at + 8, Number(nanoseconds), true);
  };
  time(64, stat.atime);
  if (filled & uapi.STATX_BTIME) time(80, stat.btime);
  time(96, stat.ctime);
  time(112, stat.mtime);
  view.setUint32(128, major(stat.rdev), true);
  view.setUint32(132, minor(stat.rdev), true);
  view.setUint32(136, major(stat.dev), true);
  view.setUint32(140, minor(stat.dev), true);
  if (direct) {
    view.setUint32(152, DIRECT_BLOCK, true);
    view.setUint32(156, DIRECT_BLOCK, true);
  }
  const mountId = mountKind === uapi.STATX_MNT_ID ? mount?.id : mount?.uniqueId;
  view.setBigUint64(144, BigInt(mountId ?? 0), true);
  return new Uint8Array(view.buffer);
}

export function major(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

export function minor(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}

export function statx(task: Task, dirfd: number, pathname: number, flags: number, mask: number): Uint8Array {
  if (mask >>> 31) throw new Errno(EINVAL);
  if ((flags & fcntl.AT_STATX_SYNC_TYPE) === fcntl.AT_STATX_SYNC_TYPE) throw new Errno(EINVAL);
  const dentry = userDentryAt(task, dirfd, pathname, flags, STATUS_FLAGS);
  return packStatx(dentry, mask, task.cred);
}

/** struct statfs, or statfs64. */
export function writeStatfs(task: Task, address: number, of: Dentry, type: Struct<Fields> = statfs): void {
  const found: Statfs = of.inode.statfs();
  const ST_VALID = 0x20;
  const NAME_MAX = 255;
  const { bsize, blocks, bfree, bavail, files, ffree } = found;
  const [low, high] = fsidOf(of.inode);
  const isNarrow = type.fields.f_blocks?.size(task.abi) === 4;
  if (isNarrow && [blocks, bfree, bavail, files, ffree].some((count) => count > 0xffffffff)) throw new Errno(EOVERFLOW);
  task.writeStruct(type, address, {
    f_type: found.type,
    f_bsize: bsize,
    f_blocks: blocks,
    f_bfree: bfree,
    f_bavail: bavail,
    f_files: files,
    f_ffree: ffree,
    f_fsid: (BigInt(high) << 32n) | BigInt(low),
    f_namelen: NAME_MAX,
    f_frsize: bsize,
    f_flags: ST_VALID | (of.mount?.statfsFlags ?? 0),
  });
}

/** file_remove_privs: what is written no longer runs as its owner, nor with its capabilities. */
export function removePrivileges(task: Task, inode: Inode): void {
  inode.attributes?.delete("security.capability");
  const { mode } = inode;
  if (!(mode & (uapi.S_ISUID | uapi.S_ISGID)) || !inode.isRegular) return;
  const gone = uapi.S_ISUID | (mode & 0o10 ? uapi.S_ISGID : 0);
  if (mode & gone && !task.cred.can(CAP_FSETID)) inode.setattr({ mode: mode & 0o7777 & ~gone });
}

export function chmod(task: Task, dentry: Dentry, mode: number): void {
  const { inode } = dentry;
  wantWrite(dentry);
  if (!ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
  if (inode.isSymlink) throw new Errno(EOPNOTSUPP);
  if (inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  if (inode.seals && inode.seals & uapi.F_SEAL_EXEC && (mode ^ inode.mode) & 0o111) throw new Errno(EPERM);
  const mayGroup = task.cred.inGroup(inode.gid) || capableOf(task.cred, inode, CAP_FSETID);
  inode.setattr({ mode: mode & (mayGroup ? 0o7777 : 0o5777) });
  notify(dentry, IN_ATTRIB);
}

/** -1 leaves the owner or the group as it is. */
export function chown(task: Task, dentry: Dentry, newUid: number, newGid: number): void {
  const { cred } = task;
  const uid = cred.machineUid(newUid);
  const gid = cred.machineGid(newGid);
  if (uid === undefined || gid === undefined) throw new Errno(EINVAL);
  const { inode } = dentry;
  wantWrite(dentry);
  if (inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  const privileged = capableOf(cred, inode, CAP_CHOWN);
  if (!privileged && uid !== -1 && (uid !== inode.uid || cred.fsuid !== inode.uid)) throw new Errno(EPERM);
  if (!privileged && gid !== -1 && (cred.fsuid !== inode.uid || !cred.inGroup(gid))) throw new Errno(EPERM);
  const changes: { uid?: number; gid?: number; mode?: number } = {};
  if (uid !== -1) changes.uid = uid >>> 0;
  if (gid !== -1) changes.gid = gid >>> 0;
  // Set-id bits do not outlive a change of owner.
  if (inode.isRegular && inode.mode & (uapi.S_ISUID | uapi.S_ISGID)) {
    changes.mode = inode.mode & 0o7777 & ~(uapi.S_ISUID | (inode.mode & 0o10 ? uapi.S_ISGID : 0));
  }
  if (inode.isRegular) inode.attributes?.delete("security.capability");
  inode.setattr(changes);
  notify(dentry, IN_ATTRIB);
}

export interface Timespec {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** nsec_valid, for both. */
export function checkTimes(times: readonly [Timespec, Timespec]): void {
  for (const { nanoseconds } of times) {
    const special = nanoseconds === uapi.UTIME_NOW || nanoseconds === uapi.UTIME_OMIT;
    if (!special && (nanoseconds < 0 || nanoseconds >= 1e9)) throw new Errno(EINVAL);
  }
}

/** utimensat(2): UTIME_NOW and UTIME_OMIT as nanoseconds; no times at all is now for both. */
export function setTimes(task: Task, dentry: Dentry, times: readonly [Timespec, Timespec] | undefined): void {
  const { inode } = dentry;
  const now = task.kernel.clock.realtime();
  const both = times ?? [
    { seconds: 0, nanoseconds: uapi.UTIME_NOW },
    { seconds: 0, nanoseconds: uapi.UTIME_NOW },
  ];
  if (both.every(({ nanoseconds }) => nanoseconds === uapi.UTIME_OMIT)) return;
  wantWrite(dentry);
  const isOwner = ownsOrCapable(task.cred, inode);
  const onlyNow = both.every(({ nanoseconds }) => nanoseconds === uapi.UTIME_NOW);
  if (inode.flags & FS_APPEND_FL && !onlyNow) throw new Errno(EPERM);
  if (!isOwner && !onlyNow) throw new Errno(EPERM);
  if (!isOwner && !mayAccess(inode, task.cred, MAY_WRITE)) throw new Errno(EACCES);
  const value = ({ seconds, nanoseconds }: Timespec): bigint | undefined => {
    if (nanoseconds === uapi.UTIME_OMIT) return undefined;
    return nanoseconds === uapi.UTIME_NOW ? now : BigInt(seconds) * BILLION + BigInt(nanoseconds);
  };
  const [atime, mtime] = both.map(value);
  inode.setattr({ ...(atime === undefined ? {} : { atime }), ...(mtime === undefined ? {} : { mtime }) });
  notify(dentry, atime === undefined ? IN_MODIFY : mtime === undefined ? IN_ACCESS : IN_ATTRIB);
}

/** Would access(2) ask with these credentials as they are? */
const isReal = (cred: Credentials): boolean =>
  cred.fsuid === cred.uid && cred.fsgid === cred.gid && cred.effective === (cred.uid === 0 ? cred.permitted : 0n);

/** faccessat2(2): with the real ids unless AT_EACCESS. */
export function accessAt(task: Task, dirfd: number, pathname: number, mode: number, flags = 0): void {
  const known = fcntl.AT_EACCESS | fcntl.AT_SYMLINK_NOFOLLOW | fcntl.AT_EMPTY_PATH;
  if (mode & ~7 || flags & ~known) throw new Errno(EINVAL);
  const { cred } = task;
  if (!(flags & fcntl.AT_EACCESS) && !isReal(cred)) task.cred = withRealIds(cred);
  try {
    checkAccess(task, dentryAt(task, dirfd, task.copyInPath(pathname), flags), mode);
  } finally {
    task.cred = cred;
  }
}

function checkAccess(task: Task, dentry: Dentry, mode: number): void {
  const { inode } = dentry;
  inode.stat();
  if (mode & uapi.X_OK && inode.isRegular && refusesExec(dentry)) throw new Errno(EACCES);
  if (mode !== uapi.F_OK && !mayAccess(inode, task.cred, mode)) throw new Errno(EACCES);
  if (mode & uapi.W_OK && (inode.isRegular || inode.isDirectory || inode.isSymlink)) wantWrite(dentry);
}

export function truncatePath(task: Task, pathname: number, length: number): number | Sleep<number> {
  if (length < 0) throw new Errno(EINVAL);
  const dentry = walkPath(task, task.fs.cwd, task.copyInPath(pathname));
  const { inode } = dentry;
  if (inode.isDirectory) throw new Errno(EISDIR);
  if (!inode.isRegular) throw new Errno(EINVAL);
  wantWrite(dentry);
  if (!mayAccess(inode, task.cred, MAY_WRITE)) throw new Errno(EACCES);
  if (inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  checkNotRun(task, inode);
  checkPlace(task.cred, dentry, LANDLOCK_ACCESS_FS_TRUNCATE);
  return whenAllowed(task, () => {
    breakLeases(task, inode, fcntl.O_WRONLY);
    checkSizeLimit(task, inode, length);
    removePrivileges(task, inode);
    inode.setSize(length);
    notify(dentry, IN_MODIFY);
    return 0;
  });
}

export function truncateFd(task: Task, fd: number, length: number): void {
  if (length < 0) throw new Errno(EINVAL);
  const file = task.files.get(fd);
  const kind = file.mappable();
  if (!file.inode.isRegular || !file.isWritable || (kind !== "file" && kind !== "secret")) throw new Errno(EINVAL);
  if (kind === "secret" && file.inode.size !== 0) throw new Errno(EINVAL);
  checkPlace(task.cred, file.dentry, LANDLOCK_ACCESS_FS_TRUNCATE);
  checkSizeLimit(task, file.inode, length);
  checkResize(file.inode, length);
  if (file.inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  removePrivileges(task, file.inode);
  file.inode.setSize(length);
  notify(file.dentry, IN_MODIFY);
}
