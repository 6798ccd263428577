// dup, ioctl on any file, and pipes: calls on the descriptor rather than on what it names. fs/file.c, fs/ioctl.c
import * as fcntl from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import {
  FICLONE,
  FICLONERANGE,
  FIGETBSZ,
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIOQSIZE,
} from "../../abi/constants/terminals.js";
import { EBADF, EINVAL, EISDIR, ENOMEM, ENOTTY, EOPNOTSUPP, Errno, ESPIPE, EXDEV } from "../../abi/errno.js";
import { makePipe } from "../fs/pipefs/pipe-file.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import type { File } from "./file.js";
import { setAsync } from "./file-owner.js";

const FIDEDUPERANGE = 0xc0189436;
const PAGE = 4096;

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

/** pipe2(2): the two descriptors go to `address`; there are none when that cannot be written. */
export function pipe(task: Task, address: number, flags: number): void {
  if (flags & ~(fcntl.O_CLOEXEC | fcntl.O_NONBLOCK | fcntl.O_DIRECT)) throw new Errno(EINVAL);
  task.files.checkRoom(limitOf(task), 2);
  const [readEnd, writeEnd] = makePipe(task, flags & ~fcntl.O_CLOEXEC);
  const closeOnExec = (flags & fcntl.O_CLOEXEC) !== 0;
  const ends = [readEnd, writeEnd].map((end) => task.files.install(end, closeOnExec, limitOf(task)));
  try {
    task.copyOut(address, new Uint8Array(Int32Array.from(ends).buffer));
  } catch (error) {
    for (const end of ends) task.files.close(end);
    throw error;
  }
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
    case FIOASYNC: {
      const wanted = task.readI32(argument) !== 0;
      const had = (file.flags & fcntl.FASYNC) !== 0;
      if (wanted !== had && !file.hasAsync) throw new Errno(ENOTTY);
      if (wanted !== had) setAsync(file, fd, wanted);
      return 0;
    }
    case FIGETBSZ:
      task.writeU32(argument, file.inode.statfs().bsize || PAGE);
      return 0;
    case FIOQSIZE:
      if (!file.inode.isRegular && !file.inode.isDirectory) throw new Errno(ENOTTY);
      task.writeU64(argument, file.inode.stat().blocks * 512);
      return 0;
    case FICLONE:
      return refuseClone(file, task.files.get(argument | 0));
    case FICLONERANGE:
      return refuseClone(file, task.files.get(Number(task.readU64(argument) | 0)));
    case FIDEDUPERANGE:
      return refuseDedupe(task, file, argument);
    default:
      return file.ioctl(command >>> 0, argument, task);
  }
}

/** No file system here shares blocks between files. fs/remap_range.c */
function refuseClone(to: File, from: File): never {
  if (from.inode.volume !== to.inode.volume) throw new Errno(EXDEV);
  if (from.inode.isDirectory || to.inode.isDirectory) throw new Errno(EISDIR);
  if (!from.inode.isRegular || !to.inode.isRegular) throw new Errno(EINVAL);
  if (!from.isReadable || !to.isWritable || to.flags & fcntl.O_APPEND) throw new Errno(EBADF);
  throw new Errno(EOPNOTSUPP);
}

function refuseDedupe(task: Task, file: File, argument: number): never {
  const DEST_COUNT = 16;
  const header = task.copyIn(argument, 24);
  const count = header[DEST_COUNT] | (header[DEST_COUNT + 1] << 8);
  if (24 + 32 * count > PAGE) throw new Errno(ENOMEM);
  task.copyIn(argument, 24 + 32 * count);
  if (!file.isReadable || header.subarray(DEST_COUNT + 2).some((byte) => byte !== 0)) throw new Errno(EINVAL);
  if (file.inode.isDirectory) throw new Errno(EISDIR);
  throw new Errno(file.inode.isRegular ? EOPNOTSUPP : EINVAL);
}

/** fsync(2), fdatasync(2): everything is where it will stay. */
export function sync(task: Task, fd: number): void {
  const file = task.files.get(fd);
  if (!file.inode.isRegular && !file.inode.isDirectory) throw new Errno(EINVAL);
}

/** sync_file_range(2). */
export function syncRange(task: Task, fd: number, offset: number, length: number, flags: number): void {
  const { inode } = task.files.get(fd);
  if (flags & ~7 || offset < 0 || length < 0 || offset + length >= 2 ** 63) throw new Errno(EINVAL);
  if (!inode.isRegular && !inode.isDirectory && !inode.isSymlink) throw new Errno(ESPIPE);
}
