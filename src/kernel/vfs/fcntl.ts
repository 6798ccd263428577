// fcntl(2): what each command asks of a descriptor or of its file. fs/fcntl.c

import * as fcntl from "../../abi/constants/files.js";
import { FS_APPEND_FL } from "../../abi/constants/ioctls.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { EBADF, EBUSY, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import { PipeFile } from "../fs/pipefs/pipe-file.js";
import { notifyDirectory } from "../notify/dnotify.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { ownsOrCapable } from "./credentials.js";
import { type File, PathFile } from "./file.js";
import * as owner from "./file-owner.js";
import { getLease, setLease } from "./lease.js";
import { getLock, setLock } from "./record-locks.js";
import { addSeals, getSeals } from "./seals.js";

const SETTABLE = fcntl.O_APPEND | fcntl.O_NONBLOCK | fcntl.FASYNC | fcntl.O_DIRECT | fcntl.O_NOATIME;
const ON_PATHS = [
  fcntl.F_CREATED_QUERY,
  fcntl.F_DUPFD,
  fcntl.F_DUPFD_CLOEXEC,
  fcntl.F_DUPFD_QUERY,
  fcntl.F_GETFD,
  fcntl.F_SETFD,
  fcntl.F_GETFL,
];
const WIDE_LOCKS: readonly number[] = [fcntl.F_GETLK64, fcntl.F_SETLK64, fcntl.F_SETLKW64];
const OFD_LOCKS: readonly number[] = [fcntl.F_OFD_GETLK, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW];
const PAGE = 4096;
const PIPE_MAX = 1 << 20;

/** fcntl64(2) of i386: fcntl with locks of 64 bits. */
export function control64(task: Task, fd: number, command: number, argument: number): number | Sleep<number> {
  const kind = WIDE_LOCKS.indexOf(command);
  if (kind < 0) return control(task, fd, command, argument);
  const file = task.files.getRaw(fd);
  if (file instanceof PathFile) throw new Errno(EBADF);
  if (kind > 0) return setLock(task, file, argument, { byFile: false, waits: kind === 2, wide: true });
  getLock(task, file, argument, false, true);
  return 0;
}

/** compat_sys_fcntl: the old call knows no locks of 64 bits. */
export function controlNarrow(task: Task, fd: number, command: number, argument: number): number | Sleep<number> {
  const isWide = WIDE_LOCKS.includes(command) || OFD_LOCKS.includes(command);
  if (isWide && isI386(task.abi)) throw new Errno(EINVAL);
  return control(task, fd, command, argument);
}

/** `argument` as a number: an int for most commands, a pointer for some. */
export function control(task: Task, fd: number, command: number, argument: number): number | Sleep<number> {
  const file = task.files.getRaw(fd);
  const value = argument | 0;
  if (file instanceof PathFile && !ON_PATHS.includes(command)) throw new Errno(EBADF);
  switch (command) {
    case fcntl.F_DUPFD:
    case fcntl.F_DUPFD_CLOEXEC: {
      const limit = task.signal.limits.soft(RLIMIT_NOFILE);
      if (value < 0 || value >= limit) throw new Errno(EINVAL);
      return task.files.install(file.hold(), command === fcntl.F_DUPFD_CLOEXEC, limit, value);
    }
    case fcntl.F_DUPFD_QUERY:
      return task.files.getRaw(value) === file ? 1 : 0;
    case fcntl.F_CREATED_QUERY:
      return file.created ? 1 : 0;
    case fcntl.F_GETFD:
      return task.files.closeOnExec(fd) ? fcntl.FD_CLOEXEC : 0;
    case fcntl.F_SETFD:
      task.files.setCloseOnExec(fd, (value & fcntl.FD_CLOEXEC) !== 0);
      return 0;
    case fcntl.F_GETFL:
      return file.flags;
    case fcntl.F_SETFL:
      setFlags(task, fd, file, value);
      return 0;
    case fcntl.F_GETLK:
    case fcntl.F_OFD_GETLK: {
      const byFile = command === fcntl.F_OFD_GETLK;
      getLock(task, file, argument, byFile, byFile);
      return 0;
    }
    case fcntl.F_SETLK:
    case fcntl.F_SETLKW:
      return setLock(task, file, argument, { byFile: false, waits: command === fcntl.F_SETLKW, wide: false });
    case fcntl.F_OFD_SETLK:
    case fcntl.F_OFD_SETLKW:
      return setLock(task, file, argument, { byFile: true, waits: command === fcntl.F_OFD_SETLKW, wide: true });
    case fcntl.F_GETLEASE:
      return getLease(file);
    case fcntl.F_SETLEASE:
      return setLease(task, fd, file, value);
    case fcntl.F_NOTIFY:
      notifyDirectory(task, fd, file, value);
      return 0;
    case fcntl.F_GETPIPE_SZ:
      return pipeFile(file).pipe.capacity;
    case fcntl.F_SETPIPE_SZ:
      return resizePipe(task, pipeFile(file), value);
    case fcntl.F_ADD_SEALS:
      addSeals(task, file, argument);
      return 0;
    case fcntl.F_GET_SEALS:
      return getSeals(file);
    default:
      controlOwner(task, file, command, argument);
      return command === fcntl.F_GETOWN
        ? owner.ownerNumber(task, file)
        : command === fcntl.F_GETSIG
          ? file.ownerSignal
          : 0;
  }
}

function setFlags(task: Task, fd: number, file: File, value: number): void {
  if ((value ^ file.flags) & fcntl.O_APPEND && file.inode.flags & FS_APPEND_FL) throw new Errno(EPERM);
  if (value & fcntl.O_NOATIME && !(file.flags & fcntl.O_NOATIME)) {
    if (!ownsOrCapable(task.cred, file.inode)) throw new Errno(EPERM);
  }
  file.flags = (file.flags & ~SETTABLE) | (value & SETTABLE);
  owner.setAsync(file, fd, (value & fcntl.FASYNC) !== 0);
}

/** Commands about signals, and about how long what is written will live. */
function controlOwner(task: Task, file: File, command: number, argument: number): void {
  switch (command) {
    case fcntl.F_GETOWN:
    case fcntl.F_GETSIG:
      return;
    case fcntl.F_SETOWN:
      owner.setOwnerNumber(task, file, argument | 0);
      return;
    case fcntl.F_SETOWN_EX:
      owner.setOwnerEx(task, file, argument);
      return;
    case fcntl.F_GETOWN_EX:
      owner.writeOwnerEx(task, file, argument);
      return;
    case fcntl.F_GETOWNER_UIDS:
      task.writeU32(argument, file.owner?.uid ?? 0);
      task.writeU32(argument + 4, file.owner?.euid ?? 0);
      return;
    case fcntl.F_SETSIG:
      owner.setSignal(file, argument | 0);
      return;
    case fcntl.F_GET_RW_HINT:
      task.writeU64(argument, file.inode.writeHint);
      return;
    case fcntl.F_SET_RW_HINT:
      setWriteHint(task, file, argument);
      return;
    default:
      throw new Errno(EINVAL);
  }
}

function setWriteHint(task: Task, { inode }: File, argument: number): void {
  if (!ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
  const hint = task.readU64(argument);
  if (hint > fcntl.RWH_WRITE_LIFE_EXTREME) throw new Errno(EINVAL);
  inode.writeHint = hint;
}

function pipeFile(file: File): PipeFile {
  if (!(file instanceof PipeFile)) throw new Errno(EBADF);
  return file;
}

function resizePipe(task: Task, { pipe: target }: PipeFile, size: number): number {
  if (size < 0) throw new Errno(EINVAL);
  const capacity = Math.max(PAGE, 2 ** Math.ceil(Math.log2(Math.max(size, 1))));
  if (capacity > sysctlNumber(task.kernel, "fs/pipe-max-size", PIPE_MAX) && !task.cred.can(CAP_SYS_RESOURCE))
    throw new Errno(EPERM);
  if (capacity > 2 ** 31) throw new Errno(EINVAL);
  if (Math.ceil(target.size / PAGE) * PAGE > capacity) throw new Errno(EBUSY);
  target.capacity = capacity;
  return capacity;
}
