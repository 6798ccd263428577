// fanotify_init(2), fanotify_mark(2). fs/notify/fanotify/fanotify_user.c

import * as events from "../../abi/constants/events.js";
import { AT_FDCWD, O_ACCMODE, O_RDONLY, PROC_SUPER_MAGIC } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { EACCES, EINVAL, EISDIR, ENOTDIR, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { dentryAt } from "../vfs/attributes.js";
import { MAY_READ, mayAccess } from "../vfs/credentials.js";
import type { Dentry } from "../vfs/dentry.js";
import { FanotifyFile, PERMISSION_EVENTS, REPORT_FID } from "./fanotify-group.js";
import type { Watched } from "./notify.js";

const CLASS_MASK = events.FAN_CLASS_CONTENT | events.FAN_CLASS_PRE_CONTENT;
const REPORT_MORE = events.FAN_REPORT_NAME | events.FAN_REPORT_TARGET_FID;
const ADMIN_FLAGS =
  CLASS_MASK |
  events.FAN_UNLIMITED_QUEUE |
  events.FAN_UNLIMITED_MARKS |
  events.FAN_ENABLE_AUDIT |
  events.FAN_REPORT_TID |
  events.FAN_REPORT_PIDFD |
  events.FAN_REPORT_FD_ERROR;
const ALL_FLAGS = ADMIN_FLAGS | REPORT_FID | REPORT_MORE | events.FAN_CLOEXEC | events.FAN_NONBLOCK;
const EVENT_FILE_FLAGS = 0x1c9c03; // access, append, nonblocking, sync, close on exec, large files, noatime

const MARK_TYPES = events.FAN_MARK_MOUNT | events.FAN_MARK_FILESYSTEM;
const MARK_COMMANDS = events.FAN_MARK_ADD | events.FAN_MARK_REMOVE | events.FAN_MARK_FLUSH;
const MARK_FLAGS =
  MARK_TYPES |
  MARK_COMMANDS |
  events.FAN_MARK_DONT_FOLLOW |
  events.FAN_MARK_ONLYDIR |
  events.FAN_MARK_IGNORED_MASK |
  events.FAN_MARK_IGNORED_SURV_MODIFY |
  events.FAN_MARK_IGNORE |
  events.FAN_MARK_EVICTABLE;
/** Those that have a file to open. */
const FD_EVENTS =
  events.FAN_ACCESS |
  events.FAN_MODIFY |
  events.FAN_CLOSE_WRITE |
  events.FAN_CLOSE_NOWRITE |
  events.FAN_OPEN |
  events.FAN_OPEN_EXEC;
const ENTRY_EVENTS =
  events.FAN_MOVED_FROM | events.FAN_MOVED_TO | events.FAN_CREATE | events.FAN_DELETE | events.FAN_RENAME;
const INODE_EVENTS = ENTRY_EVENTS | events.FAN_ATTRIB | events.FAN_DELETE_SELF | events.FAN_MOVE_SELF;
const MASK_FLAGS = events.FAN_ONDIR | events.FAN_EVENT_ON_CHILD;
const IGNORES = events.FAN_MARK_IGNORED_MASK | events.FAN_MARK_IGNORE;

export function fanotifyInit(task: Task, flags: number, eventFlags: number): number {
  if (!task.cred.can(CAP_SYS_ADMIN) && (flags & ADMIN_FLAGS || !(flags & (REPORT_FID | REPORT_MORE))))
    throw new Errno(EPERM);
  if (flags & ~ALL_FLAGS || (flags & CLASS_MASK) === CLASS_MASK) throw new Errno(EINVAL);
  checkReports(flags);
  if ((eventFlags & O_ACCMODE) === O_ACCMODE || eventFlags & ~EVENT_FILE_FLAGS) throw new Errno(EINVAL);
  const file = new FanotifyFile(task, flags, eventFlags | O_RDONLY);
  return task.files.install(file, (flags & events.FAN_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

/** Names come with directories, targets with both, and none of it where descriptors are asked about. */
function checkReports(flags: number): void {
  const { FAN_REPORT_PIDFD, FAN_REPORT_TID, FAN_REPORT_NAME, FAN_REPORT_DIR_FID, FAN_REPORT_FID } = events;
  const both = (wanted: number): boolean => (flags & wanted) === wanted;
  const isBad =
    both(FAN_REPORT_PIDFD | FAN_REPORT_TID) ||
    (flags & REPORT_FID && flags & CLASS_MASK) ||
    (flags & FAN_REPORT_NAME && !(flags & FAN_REPORT_DIR_FID)) ||
    (flags & events.FAN_REPORT_TARGET_FID && !both(FAN_REPORT_NAME | FAN_REPORT_FID));
  if (isBad) throw new Errno(EINVAL);
}

export function fanotifyMark(
  task: Task,
  fd: number,
  flags: number,
  mask: number,
  dirfd: number,
  pathname: number,
): void {
  checkMark(flags, mask);
  const group = task.files.get(fd);
  if (!(group instanceof FanotifyFile)) throw new Errno(EINVAL);
  const command = flags & MARK_COMMANDS;
  const type = flags & MARK_TYPES;
  if (type === MARK_TYPES) throw new Errno(EINVAL); // of mount namespaces, for groups that there are none of
  if (!group.isPrivileged && type !== 0) throw new Errno(EPERM);
  checkForGroup(group, type, mask);
  if (command === events.FAN_MARK_FLUSH) {
    group.flushMarks((object) => kindOf(object) === type);
    return;
  }
  const { inode, mount } = markedPlace(task, flags, dirfd, pathname);
  if (command === events.FAN_MARK_ADD) {
    const isProc = inode.statfs().type === PROC_SUPER_MAGIC;
    if (group.reports && type === events.FAN_MARK_FILESYSTEM && isProc) throw new Errno(EOPNOTSUPP);
    checkForInode(group, flags, mask, inode.isDirectory);
  }
  const marked =
    type === events.FAN_MARK_MOUNT ? mount : type === events.FAN_MARK_FILESYSTEM ? mount?.superBlock : inode;
  if (marked === undefined) throw new Errno(EINVAL);
  if (command === events.FAN_MARK_ADD) group.add(marked, mask, flags);
  else group.remove(marked, mask, flags);
}

function checkMark(flags: number, mask: number): void {
  const command = flags & MARK_COMMANDS;
  if (flags & ~MARK_FLAGS) throw new Errno(EINVAL);
  if (command === events.FAN_MARK_FLUSH) {
    if (flags & ~(MARK_TYPES | events.FAN_MARK_FLUSH)) throw new Errno(EINVAL);
    return;
  }
  if ((command !== events.FAN_MARK_ADD && command !== events.FAN_MARK_REMOVE) || mask === 0) throw new Errno(EINVAL);
  if (mask > 0xffffffff || mask & ~(FD_EVENTS | INODE_EVENTS | PERMISSION_EVENTS | MASK_FLAGS)) throw new Errno(EINVAL);
  if ((flags & IGNORES) === IGNORES) throw new Errno(EINVAL);
}

/** Only groups that decide are asked; only those that report by handle hear of what has no file to open. */
function checkForGroup(group: FanotifyFile, type: number, mask: number): void {
  const { reports, flagsOfGroup } = group;
  if (mask & PERMISSION_EVENTS && !(flagsOfGroup & CLASS_MASK)) throw new Errno(EINVAL);
  if (mask & INODE_EVENTS && (!(reports & REPORT_FID) || type === events.FAN_MARK_MOUNT)) throw new Errno(EINVAL);
  if (mask & events.FAN_RENAME && !(reports & events.FAN_REPORT_NAME)) throw new Errno(EINVAL);
}

function checkForInode({ reports }: FanotifyFile, flags: number, mask: number, isDirectory: boolean): void {
  const isOfInode = (flags & MARK_TYPES) === 0;
  const isStrict = reports & events.FAN_REPORT_TARGET_FID || mask & events.FAN_RENAME || flags & events.FAN_MARK_IGNORE;
  if (isOfInode && !isDirectory && isStrict && mask & (ENTRY_EVENTS | MASK_FLAGS)) throw new Errno(ENOTDIR);
  if (!(flags & events.FAN_MARK_IGNORE) || flags & events.FAN_MARK_IGNORED_SURV_MODIFY) return;
  if (!isOfInode) throw new Errno(EINVAL);
  if (isDirectory) throw new Errno(EISDIR);
}

function kindOf(object: Watched): number {
  if ("superBlock" in object) return events.FAN_MARK_MOUNT;
  return "views" in object ? events.FAN_MARK_FILESYSTEM : 0;
}

/** fanotify_find_path: without a name, what the descriptor is. */
function markedPlace(task: Task, flags: number, dirfd: number, pathname: number): Dentry {
  const noFollow = flags & events.FAN_MARK_DONT_FOLLOW ? 0x100 : 0;
  const dentry =
    pathname === 0
      ? dirfd === AT_FDCWD
        ? task.fs.cwd
        : task.files.get(dirfd).dentry
      : dentryAt(task, dirfd, task.copyInPath(pathname), noFollow);
  if (flags & events.FAN_MARK_ONLYDIR && !dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  if (!mayAccess(dentry.inode, task.cred, MAY_READ)) throw new Errno(EACCES);
  return dentry;
}
