// Making, removing and moving names: mkdir, unlink, rename, link, symlink, mknod. fs/namei.c

import * as fcntl from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/files.js";
import { PATH_MAX } from "../../abi/constants/files.js";
import { FS_APPEND_FL, FS_IMMUTABLE_FL } from "../../abi/constants/ioctls.js";
import { CAP_MKNOD, CAP_SYS_CHROOT } from "../../abi/constants/security.js";
import {
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  Errno,
  EXDEV,
} from "../../abi/errno.js";
import { notifyCreate, notifyDelete, notifyLink, notifyMove } from "../notify/notify.js";
import { checkMake, checkRefer, checkRemove } from "../security/landlock.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import { accessed } from "./access-time.js";
import { dentryAt } from "./attributes.js";
import {
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  mayAccess,
  mayDelete,
  modeOfNew,
  ownerOfNew,
  ownsOrCapable,
} from "./credentials.js";
import { type Dentry, pathOf } from "./dentry.js";
import type { Inode } from "./inode.js";
import { wantWrite } from "./mount.js";
import { startOfWalk } from "./open.js";
import { isDots, type LastComponent, walkPath, walkToLast, walkToNew } from "./path-walk.js";

function checkWritable(task: Task, directory: Dentry): void {
  wantWrite(directory);
  if (directory.unlinked) throw new Errno(ENOENT);
  if (!mayAccess(directory.inode, task.cred, MAY_WRITE | MAY_EXEC)) throw new Errno(EACCES);
}

/** may_delete: removing or renaming `child`. */
function checkDelete(task: Task, directory: Dentry, child: Dentry): void {
  checkWritable(task, directory);
  if ((directory.inode.flags | child.inode.flags) & FS_APPEND_FL || child.inode.flags & FS_IMMUTABLE_FL)
    throw new Errno(EPERM);
  if (!mayDelete(directory.inode, child.inode, task.cred)) throw new Errno(EPERM);
}

export function mkdirAt(task: Task, dirfd: number, path: string, mode: number): void {
  const { parent, name } = walkToNew(task, startOfWalk(task, dirfd, path), path, true);
  checkWritable(task, parent);
  checkMake(task.cred, parent, uapi.S_IFDIR);
  const owner = ownerOfNew(parent.inode, task.cred);
  const inherited = parent.inode.mode & uapi.S_ISGID;
  const made = parent.inode.mkdir(name, (mode & 0o1777 & ~task.fs.umask) | inherited, owner);
  parent.add(name, made);
  notifyCreate(parent, name, made);
}

export function mknodAt(task: Task, dirfd: number, pathname: number, mode: number, rdev: number): void {
  const type = mode & uapi.S_IFMT || uapi.S_IFREG;
  if (type === uapi.S_IFDIR) throw new Errno(EPERM);
  if (![uapi.S_IFREG, uapi.S_IFIFO, uapi.S_IFSOCK, uapi.S_IFCHR, uapi.S_IFBLK].includes(type)) throw new Errno(EINVAL);
  const path = task.copyInPath(pathname);
  const allowed = (): void => {
    const isWhiteout = type === uapi.S_IFCHR && rdev === 0;
    const isDevice = type === uapi.S_IFCHR || type === uapi.S_IFBLK;
    if (isDevice && !isWhiteout && !task.cred.can(CAP_MKNOD)) throw new Errno(EPERM);
  };
  makeNode(task, startOfWalk(task, dirfd, path), path, type | (mode & 0o7777), rdev, allowed);
}

/** A new inode that is no directory. `check` is asked once the name is known to be free. */
export function makeNode(
  task: Task,
  start: Dentry,
  path: string,
  mode: number,
  rdev: number,
  check: () => void,
): Inode {
  const { parent, name } = walkToNew(task, start, path, false);
  checkWritable(task, parent);
  check();
  checkMake(task.cred, parent, mode & uapi.S_IFMT);
  const owner = ownerOfNew(parent.inode, task.cred);
  const permissions = modeOfNew(parent.inode, mode & 0o7777, task.cred) & ~task.fs.umask;
  const type = mode & uapi.S_IFMT;
  const made =
    type === uapi.S_IFREG
      ? parent.inode.create(name, permissions, owner)
      : parent.inode.mknod(name, type | permissions, rdev, owner);
  const dentry = parent.add(name, made);
  notifyCreate(parent, name, made);
  return dentry.inode;
}

export function symlinkAt(task: Task, target: string, dirfd: number, path: string): void {
  if (target === "") throw new Errno(ENOENT);
  const { parent, name } = walkToNew(task, startOfWalk(task, dirfd, path), path, false);
  checkWritable(task, parent);
  if (target.length >= PATH_MAX) throw new Errno(ENAMETOOLONG);
  checkMake(task.cred, parent, uapi.S_IFLNK);
  const made = parent.inode.symlink(name, target, ownerOfNew(parent.inode, task.cred));
  parent.add(name, made);
  notifyCreate(parent, name, made);
}

export function linkAt(
  task: Task,
  oldFd: number,
  oldName: number,
  newFd: number,
  newName: number,
  flags: number,
): void {
  if (flags & ~(fcntl.AT_SYMLINK_FOLLOW | fcntl.AT_EMPTY_PATH)) throw new Errno(EINVAL);
  const oldPath = task.copyInPath(oldName);
  const newPath = task.copyInPath(newName);
  const follow = flags & fcntl.AT_SYMLINK_FOLLOW ? 0 : fcntl.AT_SYMLINK_NOFOLLOW;
  const old = dentryAt(task, oldFd, oldPath, follow | (flags & fcntl.AT_EMPTY_PATH));
  const { inode, mount } = old;
  const { parent, name } = walkToNew(task, startOfWalk(task, newFd, newPath), newPath, false);
  if (inode.volume !== parent.inode.volume || (mount && mount !== parent.mount)) throw new Errno(EXDEV);
  if (!mayLink(task, inode)) throw new Errno(EPERM);
  checkWritable(task, parent);
  if (inode.flags & (FS_APPEND_FL | FS_IMMUTABLE_FL)) throw new Errno(EPERM);
  if (inode.isDirectory) throw new Errno(EPERM);
  if (!inode.isLinkable) throw new Errno(ENOENT);
  checkRefer(task.cred, { directory: old.parent ?? old, inode, isRemoved: false }, { directory: parent });
  parent.inode.link(name, inode);
  parent.add(name, inode);
  notifyLink(parent, name, inode);
}

/** may_linkat: protected_hardlinks, which distributions set. */
function mayLink(task: Task, inode: Inode): boolean {
  const { cred } = task;
  if (sysctlNumber(task.kernel, "fs/protected_hardlinks", 1) === 0 || ownsOrCapable(cred, inode)) return true;
  if (!inode.isRegular || inode.mode & uapi.S_ISUID) return false;
  if ((inode.mode & (uapi.S_ISGID | 0o10)) === (uapi.S_ISGID | 0o10)) return false;
  return mayAccess(inode, cred, MAY_READ | MAY_WRITE);
}

function existing(last: LastComponent): Dentry {
  if (last.dentry === undefined) throw new Errno(ENOENT);
  return last.dentry;
}

/** unlink(2), and rmdir(2) with AT_REMOVEDIR. */
export function unlinkAt(task: Task, dirfd: number, pathname: number, flags: number): void {
  if (flags & ~fcntl.AT_REMOVEDIR) throw new Errno(EINVAL);
  unlinkPath(task, dirfd, task.copyInPath(pathname), flags);
}

/** do_unlinkat, do_rmdir */
export function unlinkPath(task: Task, dirfd: number, path: string, flags: number): void {
  const last = walkToLast(task, startOfWalk(task, dirfd, path), path);
  if (flags & fcntl.AT_REMOVEDIR) {
    removeDirectory(task, last);
    return;
  }
  if (isDots(last.name)) throw new Errno(EISDIR);
  wantWrite(last.parent, true);
  const dentry = existing(last);
  const { parent, name } = last;
  checkDelete(task, parent, dentry);
  if (last.trailingSlash) throw new Errno(dentry.inode.isDirectory ? EISDIR : ENOTDIR);
  if (dentry.inode.isDirectory) throw new Errno(EISDIR);
  if (dentry.covers) throw new Errno(EBUSY);
  checkRemove(task.cred, parent, dentry.inode);
  parent.inode.unlink(name, dentry.inode);
  parent.drop(name);
  notifyDelete(parent, name, dentry.inode);
}

function removeDirectory(task: Task, last: LastComponent): void {
  if (last.name === ".") throw new Errno(last.dentry === task.fs.root ? EBUSY : EINVAL);
  if (last.name === "..") throw new Errno(ENOTEMPTY);
  wantWrite(last.parent, true);
  const dentry = existing(last);
  const { parent, name } = last;
  checkDelete(task, parent, dentry);
  if (!dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  if (dentry.covers) throw new Errno(EBUSY);
  checkRemove(task.cred, parent, dentry.inode);
  parent.inode.rmdir(name, dentry.inode, task);
  parent.drop(name);
  notifyDelete(parent, name, dentry.inode);
}

/** renameat2(2). fs/namei.c: do_renameat2, vfs_rename */
export function renameAt(
  task: Task,
  oldFd: number,
  oldName: number,
  newFd: number,
  newName: number,
  flags: number,
): void {
  const { RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT } = fcntl;
  if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) throw new Errno(EINVAL);
  if (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT) && flags & RENAME_EXCHANGE) throw new Errno(EINVAL);
  const oldPath = task.copyInPath(oldName);
  const newPath = task.copyInPath(newName);
  const from = walkToLast(task, startOfWalk(task, oldFd, oldPath), oldPath);
  const to = walkToLast(task, startOfWalk(task, newFd, newPath), newPath);
  if (from.parent.inode.volume !== to.parent.inode.volume || from.parent.mount !== to.parent.mount)
    throw new Errno(EXDEV);
  if (isDots(from.name) || isDots(to.name)) throw new Errno(EBUSY);
  wantWrite(from.parent);
  const source = existing(from);
  const target = to.dentry;
  if (flags & RENAME_NOREPLACE && target) throw new Errno(EEXIST);
  if (flags & RENAME_EXCHANGE && target === undefined) throw new Errno(ENOENT);
  if (!source.inode.isDirectory && !(flags & RENAME_EXCHANGE)) {
    if (from.trailingSlash || to.trailingSlash) throw new Errno(ENOTDIR);
  }
  if (source.inode.isDirectory && to.parent.isUnder(source)) throw new Errno(EINVAL);
  if (target && from.parent.isUnder(target)) throw new Errno(flags & RENAME_EXCHANGE ? EINVAL : ENOTEMPTY);
  if (target && target.inode === source.inode) return;
  if (source.covers || target?.covers) throw new Errno(EBUSY);
  checkDelete(task, from.parent, source);
  if (target) checkDelete(task, to.parent, target);
  else checkWritable(task, to.parent);
  if (from.parent !== to.parent) {
    // ".." of a directory that moves is written.
    const moved = flags & RENAME_EXCHANGE && target ? [source, target] : [source];
    if (moved.some(({ inode }) => inode.isDirectory && !mayAccess(inode, task.cred, MAY_WRITE)))
      throw new Errno(EACCES);
  }
  checkRefer(
    task.cred,
    { directory: from.parent, inode: source.inode, isRemoved: true },
    { directory: to.parent, replaced: target?.inode },
  );
  if (flags & RENAME_EXCHANGE) {
    from.parent.inode.exchange(from.name, to.parent.inode, to.name);
    from.parent.swapChild(from.name, to.parent, to.name);
    if (target) notifyMove(to.parent, to.name, from.parent, from.name, target.inode);
    notifyMove(from.parent, from.name, to.parent, to.name, source.inode);
    return;
  }
  if (target && source.inode.isDirectory && !target.inode.isDirectory) throw new Errno(ENOTDIR);
  if (target && !source.inode.isDirectory && target.inode.isDirectory) throw new Errno(EISDIR);
  if (target?.inode.isDirectory && target.inode.readdir(task).length > 0) throw new Errno(ENOTEMPTY);
  from.parent.inode.rename(from.name, source.inode, to.parent.inode, to.name);
  from.parent.moveChild(from.name, to.parent, to.name);
  notifyMove(from.parent, from.name, to.parent, to.name, source.inode, target?.inode);
  if (flags & RENAME_WHITEOUT) {
    const whiteout = from.parent.inode.mknod(from.name, uapi.S_IFCHR, 0, ownerOfNew(from.parent.inode, task.cred));
    from.parent.add(from.name, whiteout);
  }
}

/** readlinkat(2): the target, whole. */
export function readlinkAt(task: Task, dirfd: number, path: string): string {
  const dentry =
    path === "" ? task.files.getRaw(dirfd).dentry : walkPath(task, startOfWalk(task, dirfd, path), path, false);
  if (!dentry.inode.isSymlink) throw new Errno(path === "" ? ENOENT : EINVAL);
  accessed(dentry);
  return dentry.inode.readlink(task);
}

/** chdir(2), fchdir(2). */
export function changeDirectory(task: Task, dentry: Dentry): void {
  checkSearchable(task, dentry);
  task.fs.cwd = dentry;
}

export function changeRoot(task: Task, dentry: Dentry): void {
  checkSearchable(task, dentry);
  if (!task.cred.canInside(CAP_SYS_CHROOT)) throw new Errno(EPERM);
  task.fs.root = dentry;
}

function checkSearchable(task: Task, dentry: Dentry): void {
  if (!dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  if (!mayAccess(dentry.inode, task.cred, MAY_EXEC)) throw new Errno(EACCES);
}

/** getcwd(2): "(unreachable)" before a directory outside the root. */
export function currentDirectory(task: Task): string {
  const { cwd, root } = task.fs;
  if (cwd.unlinked) throw new Errno(ENOENT);
  const path = pathOf(cwd, root);
  return cwd.isUnder(root) ? path : `(unreachable)${path}`;
}
