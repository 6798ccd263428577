// fanotify(7), as far as its calls refuse: there are no groups here. fs/notify/fanotify/fanotify_user.c
import * as events from "../../abi/constants/events.js";
import { O_ACCMODE } from "../../abi/constants/files.js";
import { EINVAL, ENOSYS, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";

const CLASS_MASK = events.FAN_CLASS_CONTENT | events.FAN_CLASS_PRE_CONTENT;
const REPORT_FID = events.FAN_REPORT_FID | events.FAN_REPORT_DIR_FID;
const ADMIN_FLAGS =
  CLASS_MASK |
  events.FAN_UNLIMITED_QUEUE |
  events.FAN_UNLIMITED_MARKS |
  events.FAN_ENABLE_AUDIT |
  events.FAN_REPORT_TID |
  events.FAN_REPORT_PIDFD;
const ALL_FLAGS =
  ADMIN_FLAGS |
  REPORT_FID |
  events.FAN_CLOEXEC |
  events.FAN_NONBLOCK |
  events.FAN_REPORT_NAME |
  events.FAN_REPORT_TARGET_FID;

export function fanotifyInit(task: Task, flags: number, eventFlags: number): never {
  if (!task.cred.isPrivileged && (flags & ADMIN_FLAGS || !(flags & REPORT_FID))) throw new Errno(EPERM);
  if (flags & ~ALL_FLAGS || (flags & CLASS_MASK) === CLASS_MASK) throw new Errno(EINVAL);
  if ((eventFlags & O_ACCMODE) === O_ACCMODE || eventFlags & 0x40000000) throw new Errno(EINVAL);
  throw new Errno(ENOSYS);
}

export function fanotifyMark(task: Task, fd: number): never {
  task.files.get(fd);
  throw new Errno(EINVAL);
}
