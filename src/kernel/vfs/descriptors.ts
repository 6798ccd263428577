// fcntl, dup, flock, ioctl on any file, and pipes: calls on the descriptor rather than on what it names. fs/fcntl.c, fs/locks.c
import * as fcntl from "../../abi/constants/files.js";
import { LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX } from "../../abi/constants/terminals.js";
import { EAGAIN, EBADF, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import { makePipe, PipeFile } from "../fs/pipefs/pipe-file.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { type File, PathFile } from "./file.js";
import type { Inode } from "./inode.js";

const SETTABLE = fcntl.O_APPEND | fcntl.O_NONBLOCK | fcntl.FASYNC | fcntl.O_DIRECT | fcntl.O_NOATIME;
const PAGE = 4096;
const PIPE_MAX = 1 << 20;

function limitOf(task: Task): number {
  return task.signal.limits.soft(RLIMIT_NOFILE);
}

export function dup(task: Task, fd: number): number {
  return task.files.install(task.files.getRaw(fd).hold(), false, limitOf(task));
}

/** dup2(2): the same descriptor twice is no change. */
export function dup2(task: Task, from: number, to: number): number {
  if (from !== to) return task.files.duplicateTo(from, to, false, limitOf(task));
  task.files.getRaw(from);
  return to;
}

export function dup3(task: Task, from: number, to: number, flags: number): number {
  if (flags & ~fcntl.O_CLOEXEC || from === to) throw new Errno(EINVAL);
  return task.files.duplicateTo(from, to, (flags & fcntl.O_CLOEXEC) !== 0, limitOf(task));
}

/** pipe2(2): the two descriptors. */
export function pipe(task: Task, flags: number): [number, number] {
  if (flags & ~(fcntl.O_CLOEXEC | fcntl.O_NONBLOCK | fcntl.O_DIRECT)) throw new Errno(EINVAL);
  task.files.checkRoom(limitOf(task), 2);
  const [readEnd, writeEnd] = makePipe(task, flags & ~fcntl.O_CLOEXEC);
  const closeOnExec = (flags & fcntl.O_CLOEXEC) !== 0;
  return [
    task.files.install(readEnd, closeOnExec, limitOf(task)),
    task.files.install(writeEnd, closeOnExec, limitOf(task)),
  ];
}

/** fcntl(2). `argument` as a number: an int for most commands, a pointer for the locks. */
export function control(task: Task, fd: number, command: number, argument: number): number {
  const file = task.files.getRaw(fd);
  const value = argument | 0;
  const allowedOnPath = [fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL];
  if (file instanceof PathFile && !allowedOnPath.includes(command)) throw new Errno(EBADF);
  switch (command) {
    case fcntl.F_DUPFD:
    case fcntl.F_DUPFD_CLOEXEC: {
      if (value < 0 || value >= limitOf(task)) throw new Errno(EINVAL);
      return task.files.install(file.hold(), command === fcntl.F_DUPFD_CLOEXEC, limitOf(task), value);
    }
    case fcntl.F_GETFD:
      return task.files.closeOnExec(fd) ? fcntl.FD_CLOEXEC : 0;
    case fcntl.F_SETFD:
      task.files.setCloseOnExec(fd, (value & fcntl.FD_CLOEXEC) !== 0);
      return 0;
    case fcntl.F_GETFL:
      return file.flags;
    case fcntl.F_SETFL:
      file.flags = (file.flags & ~SETTABLE) | (value & SETTABLE);
      return 0;
    case fcntl.F_GETLK:
    case fcntl.F_OFD_GETLK:
      // Nobody else holds a lock.
      task.copyOut(argument, new Uint8Array(new Int16Array([fcntl.F_UNLCK]).buffer));
      return 0;
    case fcntl.F_SETLK:
    case fcntl.F_SETLKW:
    case fcntl.F_OFD_SETLK:
    case fcntl.F_OFD_SETLKW:
      return checkLock(task, file, argument);
    case fcntl.F_GETOWN:
      return file.owner;
    case fcntl.F_SETOWN:
      file.owner = value;
      return 0;
    case fcntl.F_GETSIG:
    case fcntl.F_SETSIG:
      return 0;
    case fcntl.F_GETLEASE:
      return fcntl.F_UNLCK;
    case fcntl.F_SETLEASE:
      throw new Errno(EAGAIN);
    case fcntl.F_GETPIPE_SZ:
      return pipeFile(file).pipe.capacity;
    case fcntl.F_SETPIPE_SZ:
      return resizePipe(task, pipeFile(file), value);
    default:
      throw new Errno(EINVAL);
  }
}

function checkLock(task: Task, file: File, address: number): number {
  const type = new DataView(task.copyIn(address, 2).buffer).getInt16(0, true);
  if (type === fcntl.F_RDLCK && !file.isReadable) throw new Errno(EBADF);
  if (type === fcntl.F_WRLCK && !file.isWritable) throw new Errno(EBADF);
  if (type < fcntl.F_RDLCK || type > fcntl.F_UNLCK) throw new Errno(EINVAL);
  return 0;
}

function pipeFile(file: File): PipeFile {
  if (!(file instanceof PipeFile)) throw new Errno(EBADF);
  return file;
}

function resizePipe(task: Task, { pipe: target }: PipeFile, size: number): number {
  if (size < 0) throw new Errno(EINVAL);
  const capacity = Math.max(PAGE, 2 ** Math.ceil(Math.log2(Math.max(size, 1))));
  if (capacity > PIPE_MAX && !task.cred.isPrivileged) throw new Errno(EPERM);
  if (capacity > 2 ** 31) throw new Errno(EINVAL);
  target.capacity = capacity;
  return capacity;
}

/** ioctl(2): what any file answers, then the file's own. fs/ioctl.c: do_vfs_ioctl */
export function ioctl(task: Task, fd: number, command: number, argument: number): number | Sleep<number> {
  const file = task.files.get(fd);
  switch (command >>> 0) {
    case FIOCLEX:
      task.files.setCloseOnExec(fd, true);
      return 0;
    case FIONCLEX:
      task.files.setCloseOnExec(fd, false);
      return 0;
    case FIONBIO:
      file.flags = task.readI32(argument) ? file.flags | fcntl.O_NONBLOCK : file.flags & ~fcntl.O_NONBLOCK;
      return 0;
    case FIOASYNC:
      file.flags = task.readI32(argument) ? file.flags | fcntl.FASYNC : file.flags & ~fcntl.FASYNC;
      return 0;
    default:
      return file.ioctl(command >>> 0, argument, task);
  }
}

/** flock holders by inode: open file descriptions, all shared or one exclusive. */
const flocks = new WeakMap<Inode, Map<File, number>>();

export function* flock(task: Task, fd: number, operation: number): Sleep<number> {
  const file = task.files.get(fd);
  const kind = operation & ~LOCK_NB;
  const holders = flocks.get(file.inode) ?? new Map<File, number>();
  flocks.set(file.inode, holders);
  if (kind === LOCK_UN) {
    holders.delete(file);
    task.kernel.wake();
    return 0;
  }
  if (kind !== LOCK_SH && kind !== LOCK_EX) throw new Errno(EINVAL);
  const isFree = (): boolean => {
    for (const [holder, held] of holders) {
      if (holder === file) continue;
      if (!holder.isOpen) holders.delete(holder);
      else if (kind === LOCK_EX || held === LOCK_EX) return false;
    }
    return true;
  };
  if (!isFree()) {
    if (operation & LOCK_NB) throw new Errno(EAGAIN);
    yield* sleepUntil(task, isFree);
  }
  holders.set(file, kind);
  return 0;
}

/** fsync(2), fdatasync(2): everything is where it will stay. */
export function sync(task: Task, fd: number): void {
  const file = task.files.get(fd);
  if (!file.inode.isRegular && !file.inode.isDirectory) throw new Errno(EINVAL);
}
