// fallocate(2): room set aside, holes, and ranges taken out or put in. fs/open.c: vfs_fallocate, fs/ext4/extents.c, mm/shmem.c

import { IN_MODIFY } from "../../abi/constants/events.js";
import * as uapi from "../../abi/constants/files.js";
import { FS_APPEND_FL, FS_EXTENT_FL, FS_IMMUTABLE_FL } from "../../abi/constants/ioctls.js";
import { RLIMIT_FSIZE } from "../../abi/constants/processes.js";
import { SIGXFSZ } from "../../abi/constants/signals.js";
import { EBADF, EFBIG, EINVAL, EISDIR, ENODEV, EOPNOTSUPP, EPERM, Errno, ESPIPE } from "../../abi/errno.js";
import { MAX_SIZE } from "../fs/tmpfs/contents.js";
import { notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import { removePrivileges } from "./attributes.js";
import type { Inode } from "./inode.js";
import { checkResize, NO_WRITE } from "./seals.js";

const BLOCK = 4096;

/** What kind of file system's inode it is decides which modes there are. */
export interface SpaceControl {
  /** Zeroing in place, and ranges taken out and put in: ext4 has them, tmpfs has not. */
  readonly movesRanges: boolean;
  allocate(start: number, end: number): void;
  punch(start: number, end: number): void;
  shift(start: number, length: number): void;
}

/** RLIMIT_FSIZE. fs/attr.c: inode_newsize_ok */
export function checkSizeLimit(task: Task, inode: Inode, size: number): void {
  if (size <= inode.size) return;
  if (size > task.signal.limits.soft(RLIMIT_FSIZE)) {
    task.raiseSignal(SIGXFSZ);
    throw new Errno(EFBIG);
  }
}

function checkMode(mode: number): void {
  const keeps = (mode & uapi.FALLOC_FL_KEEP_SIZE) !== 0;
  switch (mode & ~uapi.FALLOC_FL_KEEP_SIZE) {
    case 0:
    case uapi.FALLOC_FL_ZERO_RANGE:
      return;
    case uapi.FALLOC_FL_PUNCH_HOLE:
      if (keeps) return;
      break;
    case uapi.FALLOC_FL_COLLAPSE_RANGE:
    case uapi.FALLOC_FL_INSERT_RANGE:
      if (!keeps) return;
      break;
    case uapi.FALLOC_FL_UNSHARE_RANGE:
      break;
  }
  throw new Errno(EOPNOTSUPP);
}

export function fallocate(task: Task, fd: number, mode: number, offset: number, length: number): void {
  const file = task.files.get(fd);
  const { inode } = file;
  if (offset < 0 || length <= 0) throw new Errno(EINVAL);
  checkMode(mode);
  if (!file.isWritable) throw new Errno(EBADF);
  if (inode.type === uapi.S_IFIFO) throw new Errno(ESPIPE);
  if (inode.isDirectory) throw new Errno(EISDIR);
  if (!inode.isRegular) throw new Errno(ENODEV);
  const end = offset + length;
  if (end > MAX_SIZE) throw new Errno(EFBIG);
  if (mode & ~uapi.FALLOC_FL_KEEP_SIZE && inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  if (inode.flags & FS_IMMUTABLE_FL) throw new Errno(EPERM);
  const { space } = inode;
  const kind = mode & ~uapi.FALLOC_FL_KEEP_SIZE;
  if (inode.isOnDisk && !(inode.flags & FS_EXTENT_FL)) throw new Errno(EOPNOTSUPP);
  if (space === undefined || (!space.movesRanges && kind !== 0 && kind !== uapi.FALLOC_FL_PUNCH_HOLE))
    throw new Errno(EOPNOTSUPP);
  if (kind !== 0 && inode.seals && inode.seals & NO_WRITE) throw new Errno(EPERM);
  inode.mapping?.flush();
  removePrivileges(task, inode);
  if (kind === uapi.FALLOC_FL_COLLAPSE_RANGE) collapse(inode, space, offset, length);
  else if (kind === uapi.FALLOC_FL_INSERT_RANGE) insert(task, inode, space, offset, length);
  else {
    const grows = kind !== uapi.FALLOC_FL_PUNCH_HOLE && !(mode & uapi.FALLOC_FL_KEEP_SIZE) && end > inode.size;
    if (grows) {
      checkSizeLimit(task, inode, end);
      checkResize(inode, end);
    }
    if (kind !== 0) space.punch(offset, end);
    if (kind !== uapi.FALLOC_FL_PUNCH_HOLE) space.allocate(offset, end);
    if (grows) inode.setSize(end);
  }
  inode.mapping?.invalidate(0, Number.POSITIVE_INFINITY);
  notify(file.dentry, IN_MODIFY);
}

function collapse(inode: Inode, space: SpaceControl, offset: number, length: number): void {
  if (offset % BLOCK !== 0 || length % BLOCK !== 0 || offset + length >= inode.size) throw new Errno(EINVAL);
  space.shift(offset, length);
}

function insert(task: Task, inode: Inode, space: SpaceControl, offset: number, length: number): void {
  if (offset % BLOCK !== 0 || length % BLOCK !== 0 || offset >= inode.size) throw new Errno(EINVAL);
  if (inode.size + length > MAX_SIZE) throw new Errno(EFBIG);
  checkSizeLimit(task, inode, inode.size + length);
  space.shift(offset, -length);
}
