// open(2) and the start of every *at walk. fs/open.c, fs/namei.c: path_openat

import { FAN_OPEN_PERM, IN_MODIFY, IN_OPEN } from "../../abi/constants/events.js";
import * as fcntl from "../../abi/constants/files.js";
import { S_IFBLK, S_IFCHR, S_IFIFO, S_IFREG, S_IFSOCK, S_ISVTX } from "../../abi/constants/files.js";
import { FS_APPEND_FL } from "../../abi/constants/ioctls.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import {
  LANDLOCK_ACCESS_FS_READ_DIR,
  LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_ACCESS_FS_TRUNCATE,
  LANDLOCK_ACCESS_FS_WRITE_FILE,
} from "../../abi/constants/security.js";
import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  ENXIO,
  EPERM,
  Errno,
  ETXTBSY,
} from "../../abi/errno.js";
import { PipeFile } from "../fs/pipefs/pipe-file.js";
import { checkOpenPermission, PermissionAsked, waitForAnswers } from "../notify/fanotify-permission.js";
import { notify, notifyCreate } from "../notify/notify.js";
import { checkMake, checkPlace } from "../security/landlock.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep, sleepUntil } from "../task/wait.js";
import { removePrivileges } from "./attributes.js";
import { MAY_EXEC, MAY_READ, MAY_WRITE, mayAccess, modeOfNew, ownerOfNew, ownsOrCapable } from "./credentials.js";
import { type Dentry, nameless } from "./dentry.js";
import { type File, PathFile } from "./file.js";
import type { Inode } from "./inode.js";
import { breakLeases, LeaseHeld, waitForLeases } from "./lease.js";
import { checkDevice, wantWrite } from "./mount.js";
import { isDots, walkPath, walkToLast } from "./path-walk.js";

const KEPT_FLAGS = ~(fcntl.O_CREAT | fcntl.O_EXCL | fcntl.O_TRUNC | fcntl.O_CLOEXEC);
const PATH_FLAGS = fcntl.O_PATH | fcntl.O_DIRECTORY | fcntl.O_NOFOLLOW | fcntl.O_CLOEXEC;
const TMPFILE_BIT = fcntl.O_TMPFILE & ~fcntl.O_DIRECTORY;

/** Where the walk of `path` begins: the working directory, or the directory `dirfd` names. Throws ENOENT, EBADF, ENOTDIR. */
export function startOfWalk(task: Task, dirfd: number, path: string, resolve = 0): Dentry {
  if (path === "") throw new Errno(ENOENT);
  if (path.charCodeAt(0) === 0x2f && !(resolve & fcntl.RESOLVE_IN_ROOT)) return task.fs.root;
  if (dirfd === fcntl.AT_FDCWD) return task.fs.cwd;
  const { dentry } = task.files.getRaw(dirfd);
  if (!dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  return dentry;
}

/** open(2), openat(2): the new descriptor. Opening a FIFO may sleep. */
export function openAt(
  task: Task,
  dirfd: number,
  path: string,
  flags: number,
  mode: number,
  resolve = 0,
): number | Sleep<number> {
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  const wanted = flags & fcntl.O_PATH ? flags & PATH_FLAGS : task.compat ? flags : flags | fcntl.O_LARGEFILE;
  if (wanted & fcntl.O_DIRECTORY && wanted & fcntl.O_CREAT && !(wanted & TMPFILE_BIT)) throw new Errno(EINVAL);
  if (wanted & TMPFILE_BIT && (wanted & (fcntl.O_TMPFILE | fcntl.O_CREAT)) !== fcntl.O_TMPFILE) throw new Errno(EINVAL);
  task.files.checkRoom(limit);
  return whenAllowed(task, () => {
    const file = openFile(task, startOfWalk(task, dirfd, path, resolve), path, wanted, mode, resolve, true);
    return finishOpen(task, file, wanted, limit);
  });
}

/** Opens what may have to wait for leases, or for who is asked for permission: then it is begun again. */
export function whenAllowed(task: Task, open: () => number | Sleep<number>): number | Sleep<number> {
  try {
    return open();
  } catch (error) {
    if (error instanceof PermissionAsked || error instanceof LeaseHeld) return openLater(task, error, open);
    throw error;
  }
}

function* openLater(task: Task, held: PermissionAsked | LeaseHeld, open: () => number | Sleep<number>): Sleep<number> {
  try {
    yield* held instanceof LeaseHeld ? waitForLeases(task, held) : waitForAnswers(task, held.questions);
  } catch (error) {
    task.allowedOpen = undefined;
    throw error;
  }
  const result = whenAllowed(task, open);
  return isSleep(result) ? yield* result : result;
}

function finishOpen(task: Task, file: File, wanted: number, limit: number): number | Sleep<number> {
  const closeOnExec = (wanted & fcntl.O_CLOEXEC) !== 0;
  if (file instanceof PipeFile && !(wanted & fcntl.O_NONBLOCK)) return openFifo(task, file, closeOnExec, limit);
  return task.files.install(file, closeOnExec, limit);
}

/** do_filp_open: an open file, not yet in a table. */
export function openFile(
  task: Task,
  start: Dentry,
  path: string,
  flags: number,
  mode: number,
  resolve = 0,
  asks = false,
): File {
  if ((flags & fcntl.O_TMPFILE) === fcntl.O_TMPFILE) return openTemporary(task, start, path, flags, mode, resolve);
  const follow =
    !(flags & fcntl.O_NOFOLLOW) && (flags & (fcntl.O_CREAT | fcntl.O_EXCL)) !== (fcntl.O_CREAT | fcntl.O_EXCL);
  if (!(flags & fcntl.O_CREAT)) return openFound(task, walkPath(task, start, path, follow, resolve), flags, asks);
  const last = walkToLast(task, start, path, follow, resolve);
  if (last.trailingSlash) throw new Errno(EISDIR);
  if (last.dentry) {
    if (flags & fcntl.O_EXCL) throw new Errno(EEXIST);
    if (last.dentry.inode.isDirectory || isDots(last.name)) throw new Errno(EISDIR);
    if (task.kernel.sysctls.size > 0) checkSticky(task, last.parent.inode, last.dentry.inode);
    return openFound(task, last.dentry, flags, asks);
  }
  const directory = last.parent;
  directory.inode.checkNew();
  wantWrite(directory);
  if (directory.unlinked) throw new Errno(ENOENT);
  if (!mayAccess(directory.inode, task.cred, MAY_WRITE | MAY_EXEC)) throw new Errno(EACCES);
  checkMake(task.cred, directory, S_IFREG);
  checkPlace(task.cred, directory, rightsOf(flags, false) & ~LANDLOCK_ACCESS_FS_TRUNCATE);
  const inode = directory.inode.create(
    last.name,
    modeOfNew(directory.inode, mode & 0o7777, task.cred) & ~task.fs.umask,
    ownerOfNew(directory.inode, task.cred),
  );
  const dentry = directory.add(last.name, inode);
  const file = inode.open(dentry, flags & KEPT_FLAGS, task);
  file.created = true;
  notifyCreate(directory, last.name, inode);
  notify(dentry, IN_OPEN);
  return file;
}

/** may_create_in_sticky: /proc/sys/fs/protected_fifos and protected_regular, once somebody has set them. */
function checkSticky(task: Task, directory: Inode, inode: Inode): void {
  const name = inode.isRegular ? "regular" : inode.type === S_IFIFO ? "fifos" : undefined;
  if (name === undefined || !(directory.mode & S_ISVTX)) return;
  if (inode.uid === directory.uid || inode.uid === task.cred.fsuid) return;
  const level = sysctlNumber(task.kernel, `fs/protected_${name}`, 0);
  if ((level >= 1 && directory.mode & 0o2) || (level >= 2 && directory.mode & 0o20)) throw new Errno(EACCES);
}

/** may_open, then the file. `asks`: the caller can wait, for who decides about it and for leases: see whenAllowed. */
export function openFound(task: Task, dentry: Dentry, flags: number, asks = false): File {
  const { inode } = dentry;
  if (flags & fcntl.O_DIRECTORY && !inode.isDirectory) throw new Errno(ENOTDIR);
  if (flags & fcntl.O_PATH) return new PathFile(dentry, flags & KEPT_FLAGS);
  if (inode.isSymlink) throw new Errno(ELOOP);
  const access = accessOf(flags);
  if (inode.isDirectory && access & MAY_WRITE) throw new Errno(EISDIR);
  if (inode.type === S_IFSOCK) throw new Errno(ENXIO);
  if (inode.type === S_IFCHR || inode.type === S_IFBLK) checkDevice(dentry);
  if (!mayAccess(inode, task.cred, access)) throw new Errno(EACCES);
  if (access & MAY_WRITE && (inode.isRegular || flags & fcntl.O_TRUNC)) wantWrite(dentry);
  if (inode.flags & FS_APPEND_FL && access & MAY_WRITE) {
    if (!(flags & fcntl.O_APPEND) || flags & fcntl.O_TRUNC) throw new Errno(EPERM);
  }
  if (flags & fcntl.O_NOATIME && !ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
  if (access & MAY_WRITE && inode.isRegular) checkNotRun(task, inode);
  checkPlace(task.cred, dentry, rightsOf(flags, inode.isDirectory));
  if (asks) checkOpenPermission(task, dentry, FAN_OPEN_PERM);
  breakLeases(task, inode, asks ? flags : flags | fcntl.O_NONBLOCK);
  const file = inode.open(dentry, flags & KEPT_FLAGS, task);
  notify(dentry, IN_OPEN);
  if (flags & fcntl.O_TRUNC && inode.isRegular) {
    removePrivileges(task, inode);
    inode.setSize(0);
    notify(dentry, IN_MODIFY);
  }
  return file;
}

/** deny_write_access: a program that runs is not written. ETXTBSY */
export function checkNotRun(task: Task, inode: Inode): void {
  if (!(inode.mode & 0o111)) return;
  for (const { mm, isDead } of task.kernel.tasks.values())
    if (!isDead && mm.exeFile?.inode === inode) throw new Errno(ETXTBSY);
}

/** What opening it so takes under Landlock: get_required_file_open_access. */
function rightsOf(flags: number, isDirectory: boolean): number {
  const access = accessOf(flags & ~fcntl.O_TRUNC);
  let rights = 0;
  if (access & MAY_READ) rights |= isDirectory ? LANDLOCK_ACCESS_FS_READ_DIR : LANDLOCK_ACCESS_FS_READ_FILE;
  if (access & MAY_WRITE) rights |= LANDLOCK_ACCESS_FS_WRITE_FILE;
  if (flags & fcntl.O_TRUNC) rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
  return rights;
}

/** MAY_* for O_ACCMODE; O_TRUNC writes too. */
function accessOf(flags: number): number {
  const mode = flags & fcntl.O_ACCMODE;
  const write = mode !== fcntl.O_RDONLY || flags & fcntl.O_TRUNC ? MAY_WRITE : 0;
  return (mode !== fcntl.O_WRONLY ? MAY_READ : 0) | write;
}

function openTemporary(task: Task, start: Dentry, path: string, flags: number, mode: number, resolve: number): File {
  const directory = walkPath(task, start, path, true, resolve);
  if (!directory.inode.isDirectory) throw new Errno(ENOTDIR);
  if ((flags & fcntl.O_ACCMODE) === fcntl.O_RDONLY) throw new Errno(EINVAL);
  wantWrite(directory);
  if (!mayAccess(directory.inode, task.cred, MAY_WRITE | MAY_EXEC)) throw new Errno(EACCES);
  if (directory.unlinked) throw new Errno(EPERM);
  const owner = ownerOfNew(directory.inode, task.cred);
  const permissions = modeOfNew(directory.inode, mode & 0o7777, task.cred) & ~task.fs.umask;
  const inode = directory.inode.tmpfile(permissions, owner, !(flags & fcntl.O_EXCL));
  return inode.open(nameless(directory, inode), flags & KEPT_FLAGS, task);
}

/** A FIFO opened for one direction waits until someone opens the other. fs/pipe.c: fifo_open */
function* openFifo(task: Task, file: PipeFile, closeOnExec: boolean, limit: number): Sleep<number> {
  const { pipe } = file;
  const isUnnamed = file.inode.volume === task.kernel.pipeFs; // opened again by /proc/PID/fd
  const { readerCount, writerCount } = pipe;
  const partner = (): boolean =>
    isUnnamed ||
    (file.isReadable
      ? file.isWritable || pipe.writers > 0 || pipe.writerCount !== writerCount
      : pipe.readers > 0 || pipe.readerCount !== readerCount);
  try {
    yield* sleepUntil(task, partner);
  } catch (error) {
    file.put();
    throw error;
  }
  return task.files.install(file, closeOnExec, limit);
}
