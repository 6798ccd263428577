// file_getattr(2) and file_setattr(2): flags of inodes, of which those here have none. fs/file_attr.c

import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, PROC_SUPER_MAGIC } from "../../abi/constants/files.js";
import { extendedInodeFlags } from "../../abi/constants/ioctls.js";
import { E2BIG, EINVAL, EOPNOTSUPP, Errno } from "../../abi/errno.js";
import { fileAttributes } from "../../abi/file-attributes.js";
import type { Task } from "../task/task.js";
import { dentryAt, userDentryAt } from "./attributes.js";
import type { Inode } from "./inode.js";
import { extendedFlags, setExtendedFlags } from "./inode-flags.js";

const SIZE = fileAttributes.size();
const PAGE = 4096;
const KNOWN_FLAGS = extendedInodeFlags.low.reduce((all, bits) => all | bits, 0);

function check(size: number, flags: number): void {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  if (size < SIZE) throw new Errno(EINVAL);
}

/** Files and directories have flags, but for those of /proc; pipes and devices have not. */
function inodeWithFlags(task: Task, dirfd: number, path: number, flags: number): Inode {
  // No path at all is the descriptor itself too.
  const isDescriptor = path === 0 && (flags & AT_EMPTY_PATH) !== 0;
  const { inode } = isDescriptor ? dentryAt(task, dirfd, "", AT_EMPTY_PATH) : userDentryAt(task, dirfd, path, flags);
  if (!(inode.isRegular || inode.isDirectory) || inode.statfs().type === PROC_SUPER_MAGIC) throw new Errno(EOPNOTSUPP);
  return inode;
}

export function getFileAttributes(
  task: Task,
  dirfd: number,
  path: number,
  address: number,
  size: number,
  flags: number,
): void {
  check(size, flags);
  const inode = inodeWithFlags(task, dirfd, path, flags);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, extendedFlags(inode), true);
  task.copyOut(address, bytes);
}

export function setFileAttributes(
  task: Task,
  dirfd: number,
  path: number,
  address: number,
  size: number,
  flags: number,
): void {
  check(size, flags);
  const view = new DataView(task.copyIn(address, size).buffer);
  if (new Uint8Array(view.buffer, SIZE).some((byte) => byte !== 0)) throw new Errno(E2BIG);
  const wanted = view.getBigUint64(fileAttributes.offset("fa_xflags"), true);
  if (wanted > 0xffff_ffffn || Number(wanted) & ~KNOWN_FLAGS) throw new Errno(EINVAL);
  const inode = inodeWithFlags(task, dirfd, path, flags);
  setExtendedFlags(task, inode, Number(wanted));
}
