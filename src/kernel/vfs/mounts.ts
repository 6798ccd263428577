// Mounting, as far as it is refused: the tree is what it is, even for root, who is told EPERM as in a container. fs/namespace.c

import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from "../../abi/constants/files.js";
import { E2BIG, EBUSY, EINVAL, ENODEV, EPERM, Errno } from "../../abi/errno.js";
import { ustat as ustatStruct } from "../../abi/stat.js";
import type { Task } from "../task/task.js";
import { dentryAt } from "./attributes.js";
import { walkPath } from "./path-walk.js";

const UMOUNT_FLAGS = 0xf;
const UMOUNT_NOFOLLOW = 8;
const MNT_EXPIRE = 4;
const OPEN_TREE_FLAGS = 0x8_9901; // OPEN_TREE_CLONE, O_CLOEXEC, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW
const AT_RECURSIVE = 0x8000;
const MOVE_MOUNT_FLAGS = 0x377;
const PAGE = 4096;
const MOUNT_ATTR_SIZE = 32;
const KINDS = ["proc", "tmpfs", "devtmpfs", "overlay"];

function checkAdministrator(task: Task): void {
  if (!task.cred.isPrivileged) throw new Errno(EPERM);
}

export function mount(task: Task, target: number): never {
  walkPath(task, task.fs.cwd, task.copyInPath(target));
  throw new Errno(EPERM);
}

export function umount(task: Task, target: number, flags: number): never {
  if (flags & ~UMOUNT_FLAGS) throw new Errno(EINVAL);
  const dentry = walkPath(task, task.fs.cwd, task.copyInPath(target), !(flags & UMOUNT_NOFOLLOW));
  checkAdministrator(task);
  if (!dentry.covers && dentry !== task.kernel.root) throw new Errno(EINVAL);
  if (flags & MNT_EXPIRE && flags & 3) throw new Errno(EINVAL);
  throw new Errno(EBUSY);
}

export function pivotRoot(task: Task, newRoot: number, oldRoot: number): never {
  checkAdministrator(task);
  const wanted = walkPath(task, task.fs.cwd, task.copyInPath(newRoot));
  walkPath(task, task.fs.cwd, task.copyInPath(oldRoot));
  throw new Errno(wanted === task.fs.root ? EBUSY : EINVAL);
}

export function openTree(task: Task, dirfd: number, path: number, flags: number): never {
  if (flags & ~OPEN_TREE_FLAGS || (flags & (AT_RECURSIVE | 1)) === AT_RECURSIVE) throw new Errno(EINVAL);
  dentryAt(task, dirfd, task.copyInPath(path), flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
  throw new Errno(EPERM);
}

export function moveMount(task: Task, flags: number): never {
  checkAdministrator(task);
  throw new Errno(flags & ~MOVE_MOUNT_FLAGS ? EINVAL : EPERM);
}

/** fsopen(2), fspick(2), fsmount(2): only an administrator is told more. */
export function makeFileSystem(task: Task, validFlags: boolean, name?: number): never {
  checkAdministrator(task);
  if (!validFlags) throw new Errno(EINVAL);
  if (name !== undefined && !KINDS.includes(task.copyInPath(name))) throw new Errno(ENODEV);
  throw new Errno(EPERM);
}

/** No descriptor is a file system's context. */
export function configureFileSystem(task: Task, fd: number): never {
  if (fd < 0) throw new Errno(EINVAL);
  task.files.get(fd);
  throw new Errno(EINVAL);
}

export function mountFileSystem(task: Task, fd: number): never {
  checkAdministrator(task);
  task.files.get(fd);
  throw new Errno(EINVAL);
}

export function setMountAttributes(task: Task, dirfd: number, path: number, flags: number, size: number): void {
  if (flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | 0x800)) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  if (size < MOUNT_ATTR_SIZE) throw new Errno(EINVAL);
  checkAdministrator(task);
  dentryAt(task, dirfd, task.copyInPath(path), flags & AT_EMPTY_PATH);
  throw new Errno(EPERM);
}

/** ustat(2), of a device no file system is on. */
export function ustat(task: Task, device: number, address: number): void {
  const root = task.kernel.root.inode;
  if (root.stat().dev !== device) throw new Errno(EINVAL);
  const { bfree, ffree } = root.statfs();
  task.writeStruct(ustatStruct, address, { f_tfree: bfree, f_tinode: ffree });
}
