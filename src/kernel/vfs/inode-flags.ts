// FS_IOC_GETFLAGS and FS_IOC_SETFLAGS: chattr(1)'s flags, and what immutable and append-only files refuse. fs/file_attr.c, fs/ext4/ioctl.c
import {
  FS_APPEND_FL,
  FS_EXTENT_FL,
  FS_IMMUTABLE_FL,
  FS_NOATIME_FL,
  FS_NODUMP_FL,
} from "../../abi/constants/ioctls.js";
import { CAP_LINUX_IMMUTABLE, CAP_SYS_RAWIO } from "../../abi/constants/security.js";
import { FS_IOC_GETFLAGS, FS_IOC_SETFLAGS } from "../../abi/constants/terminals.js";
import { EINVAL, ENOTTY, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import type { Task } from "../task/task.js";
import { ownsOrCapable } from "./credentials.js";
import type { File } from "./file.js";
import type { Inode } from "./inode.js";
import { wantWrite } from "./mount.js";

const FIBMAP = 1;
const GET_FLAGS_32 = 0x80046601;
const SET_FLAGS_32 = 0x40046602;
const FSGETXATTR = 0x801c581f;
const FSSETXATTR = 0x401c5820;
const FSXATTR_SIZE = 28;
/** What ext4 has a bit for, and of these what can be set. */
const DISK_VISIBLE = 0x725bdfff;
const DISK_SETTABLE = 0x624b80ff;
const MEMORY_SETTABLE = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL;

/** The ioctls of files and directories that their file system answers; ENOTTY for others. */
export function inodeIoctl(file: File, command: number, argument: number, task: Task): number {
  const { inode } = file;
  if (command === FIBMAP && inode.isRegular) {
    if (!inode.isOnDisk) throw new Errno(EINVAL);
    if (!task.cred.can(CAP_SYS_RAWIO)) throw new Errno(EPERM);
    throw new Errno(ENOTTY);
  }
  if (!(inode instanceof TmpfsInode)) throw new Errno(ENOTTY);
  if (command === FS_IOC_GETFLAGS || command === GET_FLAGS_32) {
    task.writeU32(argument, inode.flags);
    return 0;
  }
  if (command === FSGETXATTR) {
    const bytes = new Uint8Array(FSXATTR_SIZE);
    new DataView(bytes.buffer).setUint32(0, extendedFlags(inode), true);
    task.copyOut(argument, bytes);
    return 0;
  }
  if (command === FSSETXATTR) {
    const wanted = new DataView(task.copyIn(argument, FSXATTR_SIZE).buffer).getUint32(0, true);
    wantWrite(file.dentry, true);
    setExtendedFlags(task, inode, wanted);
    return 0;
  }
  if (command !== FS_IOC_SETFLAGS && command !== SET_FLAGS_32) throw new Errno(ENOTTY);
  const wanted = task.readU32(argument);
  wantWrite(file.dentry, true);
  setInodeFlags(task, inode, wanted);
  return 0;
}

export function setInodeFlags(task: Task, inode: Inode, wanted: number): void {
  if (!ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
  const changes = (wanted ^ inode.flags) & (FS_IMMUTABLE_FL | FS_APPEND_FL);
  if (changes && !task.cred.can(CAP_LINUX_IMMUTABLE)) throw new Errno(EPERM);
  const known = inode.isOnDisk ? DISK_VISIBLE : MEMORY_SETTABLE;
  if (wanted & ~known) throw new Errno(EOPNOTSUPP);
  inode.flags = wanted & (inode.isOnDisk ? DISK_SETTABLE | FS_EXTENT_FL : MEMORY_SETTABLE);
  inode.setattr({});
}

/** FS_XFLAG_ and the FS_*_FL it is: immutable, append, sync, noatime, nodump, projinherit, dax. */
const EXTENDED: readonly (readonly [extended: number, own: number])[] = [
  [0x8, 0x10],
  [0x10, 0x20],
  [0x20, 0x8],
  [0x40, 0x80],
  [0x80, 0x40],
  [0x200, 0x20000000],
  [0x8000, 0x2000000],
];
/** What a file system in memory lets be set, some of it to no effect. */
const MEMORY_EXTENDED = 0x108da;

export const extendedFlags = ({ flags }: Inode): number =>
  EXTENDED.reduce((all, [extended, own]) => (flags & own ? all | extended : all), 0);

/** FS_IOC_FSSETXATTR, file_setattr(2): fileattr_set_prepare, and what the file system does not know. */
export function setExtendedFlags(task: Task, inode: Inode, wanted: number): void {
  if (!ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
  const [EXTENT_HINT, INHERITED_HINT, PREALLOCATED, PROJECT] = [0x800, 0x1000, 0x4, 0x200];
  if (wanted & (PREALLOCATED | (inode.isDirectory ? EXTENT_HINT : INHERITED_HINT))) throw new Errno(EINVAL);
  const isRefused = inode.isOnDisk ? wanted & PROJECT && !inode.isDirectory : wanted & ~MEMORY_EXTENDED;
  if (isRefused) throw new Errno(EOPNOTSUPP);
  const own = EXTENDED.reduce((all, [extended, flag]) => (wanted & extended ? all | flag : all), 0);
  const mapped = EXTENDED.reduce((all, [, flag]) => all | flag, 0);
  setInodeFlags(task, inode, (inode.flags & ~mapped) | own);
}
