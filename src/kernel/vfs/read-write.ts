// read(2), write(2) and their kin on a descriptor. fs/read_write.c
import { FAN_ACCESS_PERM, IN_ACCESS, IN_MODIFY } from "../../abi/constants/events.js";
import {
  O_APPEND,
  O_NONBLOCK,
  RWF_APPEND,
  RWF_DONTCACHE,
  RWF_DSYNC,
  RWF_HIPRI,
  RWF_NOAPPEND,
  RWF_NOWAIT,
  RWF_SYNC,
  S_IFIFO,
} from "../../abi/constants/files.js";
import { EBADF, EFBIG, EINVAL, EISDIR, EOPNOTSUPP, EOVERFLOW, Errno, ESPIPE, EXDEV } from "../../abi/errno.js";
import { iovec } from "../../abi/io-vector.js";
import { isI386 } from "../../abi/struct.js";
import { MAX_SIZE } from "../fs/tmpfs/contents.js";
import { checkRange } from "../mm/user-access.js";
import { permissionMarks } from "../notify/fanotify-group.js";
import { withPermission } from "../notify/fanotify-permission.js";
import { isWatched, notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep } from "../task/wait.js";
import type { File } from "./file.js";
import { type IoVector, KernelVector, UserVector } from "./io-vector.js";

const IOV_MAX = 1024;
const IOVEC_SIZE = 16; // with longs of 64 bits
const COPY_CHUNK = 1 << 17;
const RWF_SUPPORTED = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND | RWF_DONTCACHE;

export type Transfer = number | Sleep<number>;

/** Throws EBADF. */
export function readable(task: Task, fd: number): File {
  const file = task.files.get(fd);
  if (!file.isReadable) throw new Errno(EBADF);
  return file;
}

export function writable(task: Task, fd: number): File {
  const file = task.files.get(fd);
  if (!file.isWritable) throw new Errno(EBADF);
  return file;
}

export function read(task: Task, fd: number, buffer: number, count: number): Transfer {
  const file = readable(task, fd);
  checkRange(buffer, count);
  return readInto(task, file, UserVector.into(task.mm, [buffer], [count]));
}

export function write(task: Task, fd: number, buffer: number, count: number): Transfer {
  const file = writable(task, fd);
  checkRange(buffer, count);
  return writeFrom(task, file, UserVector.from(task.mm, [buffer], [count]));
}

/** Reads, once fanotify's groups allow it, and tells who watches. */
function readInto(task: Task, file: File, into: IoVector, position?: number): Transfer {
  task.signal.io.reads++;
  if (permissionMarks.count > 0) return readAllowed(task, file, into, position);
  return accounted(task, "charsRead", told(file, IN_ACCESS, file.read(into, task, position)));
}

function readAllowed(task: Task, file: File, into: IoVector, position?: number): Transfer {
  const read = (): Transfer => accounted(task, "charsRead", told(file, IN_ACCESS, file.read(into, task, position)));
  return withPermission(task, file.dentry, FAN_ACCESS_PERM, read);
}

function writeFrom(task: Task, file: File, from: IoVector, position?: number): Transfer {
  task.signal.io.writes++;
  return accounted(task, "charsWritten", told(file, IN_MODIFY, file.write(from, task, position)));
}

/** add_rchar, add_wchar: for /proc/PID/io. */
function accounted({ signal: { io } }: Task, field: "charsRead" | "charsWritten", result: Transfer): Transfer {
  if (isSleep(result)) return accountedLater(io, field, result);
  io[field] += result;
  return result;
}

function* accountedLater(
  io: Task["signal"]["io"],
  field: "charsRead" | "charsWritten",
  transfer: Sleep<number>,
): Sleep<number> {
  const result = yield* transfer;
  io[field] += result;
  return result;
}

/** Tells those who watch the file, when bytes were moved. */
export function told(file: File, event: number, result: Transfer): Transfer {
  if (!isWatched(file.dentry)) return result;
  if (isSleep(result)) return toldLater(file, event, result);
  if (result > 0) notify(file.dentry, event);
  return result;
}

function* toldLater(file: File, event: number, transfer: Sleep<number>): Sleep<number> {
  const result = yield* transfer;
  if (result > 0) notify(file.dentry, event);
  return result;
}

function checkPosition(file: File, position: number, count = 0): void {
  if (position < 0) throw new Errno(EINVAL);
  if (!file.seekable) throw new Errno(ESPIPE);
  if (position + count >= 2 ** 63) throw new Errno(EINVAL);
}

export function pread(task: Task, fd: number, buffer: number, count: number, position: number): Transfer {
  if (position < 0) throw new Errno(EINVAL);
  const file = readable(task, fd);
  checkPosition(file, position, count);
  checkRange(buffer, count);
  return readInto(task, file, UserVector.into(task.mm, [buffer], [count]), position);
}

export function pwrite(task: Task, fd: number, buffer: number, count: number, position: number): Transfer {
  if (position < 0) throw new Errno(EINVAL);
  const file = writable(task, fd);
  checkPosition(file, position, count);
  checkRange(buffer, count);
  return writeFrom(task, file, UserVector.from(task.mm, [buffer], [count]), position);
}

interface Segments {
  readonly bases: number[];
  readonly lengths: number[];
}

/** import_iovec */
export function copyInSegments(task: Task, vector: number, count: number): Segments {
  if (count < 0 || count > IOV_MAX) throw new Errno(EINVAL);
  const { abi } = task;
  const size = iovec.size(abi);
  const bytes = task.copyIn(vector, count * size);
  const bases: number[] = [];
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const element = new DataView(bytes.buffer, at, size);
    const length = iovec.get(element, "iov_len", abi);
    if (length >= (size === IOVEC_SIZE ? 2 ** 63 : 2 ** 31)) throw new Errno(EINVAL);
    const base = iovec.get(element, "iov_base", abi);
    checkRange(base, length);
    bases.push(base);
    lengths.push(length);
  }
  return { bases, lengths };
}

/** readv(2), and preadv(2) with a position. */
export function readv(task: Task, fd: number, vector: number, count: number, position?: number): Transfer {
  if (position !== undefined && position < 0) throw new Errno(EINVAL);
  const file = readable(task, fd);
  if (position !== undefined) checkPosition(file, position);
  const { bases, lengths } = copyInSegments(task, vector, count);
  return readInto(task, file, UserVector.into(task.mm, bases, lengths), position);
}

export function writev(task: Task, fd: number, vector: number, count: number, position?: number): Transfer {
  if (position !== undefined && position < 0) throw new Errno(EINVAL);
  const file = writable(task, fd);
  if (position !== undefined) checkPosition(file, position);
  const { bases, lengths } = copyInSegments(task, vector, count);
  return writeFrom(task, file, UserVector.from(task.mm, bases, lengths), position);
}

export function seek(task: Task, fd: number, offset: number, whence: number): number {
  const file = task.files.get(fd);
  if (whence < 0 || whence > 4) throw new Errno(EINVAL);
  return file.seek(offset, whence);
}

/** _llseek(2): the position goes to memory. */
export function llseek(task: Task, fd: number, offset: number, result: number, whence: number): void {
  const position = seek(task, fd, offset, whence);
  task.writeU64(result, position);
}

/** Copies between two files in the kernel until one ends; the caller's positions are used and moved when given. */
function* copy(task: Task, from: File, to: File, count: number, start?: number, target?: number): Sleep<number> {
  let done = 0;
  const buffer = new Uint8Array(Math.min(count, COPY_CHUNK));
  while (done < count) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, count - done));
    const got = yield* finish(from.read(new KernelVector(chunk), task, start === undefined ? undefined : start + done));
    if (got === 0) break;
    const source: IoVector = new KernelVector(chunk.subarray(0, got));
    let put = 0;
    try {
      put = yield* finish(to.write(source, task, target === undefined ? undefined : target + done));
    } catch (error) {
      if (done === 0 || !(error instanceof Errno)) throw error;
    } finally {
      // What was read and found no room is still to be read.
      if (start === undefined) from.position -= got - put;
    }
    done += put;
    if (put < got) break;
  }
  if (done > 0) {
    notify(from.dentry, IN_ACCESS);
    notify(to.dentry, IN_MODIFY);
  }
  return done;
}

function* finish(transfer: Transfer): Sleep<number> {
  return isSleep(transfer) ? yield* transfer : transfer;
}

/** sendfile(2). `offset` is the user's pointer to the position, or 0: an off_t, or with `wide` a loff_t. */
export function* sendfile(
  task: Task,
  outFd: number,
  inFd: number,
  offset: number,
  count: number,
  wide = false,
): Sleep<number> {
  const isNarrow = !wide && isI386(task.abi);
  const start = offset === 0 ? undefined : isNarrow ? task.readI32(offset) : task.readI64(offset);
  const from = readable(task, inFd);
  const to = writable(task, outFd);
  if (start !== undefined && !from.seekable) throw new Errno(ESPIPE);
  if (to.flags & O_APPEND) throw new Errno(EINVAL);
  if (!from.seekable || !from.splices) throw new Errno(EINVAL);
  if ((start !== undefined && start < 0) || count >= 2 ** 63) throw new Errno(EINVAL);
  const done = yield* copy(task, from, to, count, start);
  if (start !== undefined && isNarrow) task.writeU32(offset, start + done);
  else if (start !== undefined) task.writeU64(offset, start + done);
  return done;
}

/** copy_file_range(2). */
export function* copyFileRange(
  task: Task,
  inFd: number,
  inOffset: number,
  outFd: number,
  outOffset: number,
  count: number,
  flags: number,
): Sleep<number> {
  const from = task.files.get(inFd);
  const to = task.files.get(outFd);
  if (flags !== 0) throw new Errno(EINVAL);
  if (from.inode.isDirectory || to.inode.isDirectory) throw new Errno(EISDIR);
  if (!from.inode.isRegular || !to.inode.isRegular) throw new Errno(EINVAL);
  if (!from.isReadable || !to.isWritable) throw new Errno(EBADF);
  if (to.flags & O_APPEND) throw new Errno(EBADF);
  if (from.inode.stat().dev !== to.inode.stat().dev) throw new Errno(EXDEV);
  const start = inOffset === 0 ? undefined : task.readI64(inOffset);
  const target = outOffset === 0 ? undefined : task.readI64(outOffset);
  checkCopied(start ?? from.position, count);
  checkCopied(target ?? to.position, count);
  if (count > 0 && (target ?? to.position) >= MAX_SIZE) throw new Errno(EFBIG);
  if (from.inode === to.inode) {
    const first = start ?? from.position;
    const second = target ?? to.position;
    if (first < second + count && second < first + count) throw new Errno(EINVAL);
  }
  const done = yield* copy(task, from, to, count, start, target);
  if (start !== undefined) task.writeU64(inOffset, start + done);
  if (target !== undefined) task.writeU64(outOffset, target + done);
  return done;
}

/** generic_copy_file_checks: positions as signed numbers, their ends as unsigned ones. */
function checkCopied(position: number, count: number): void {
  if (position < 0) throw new Errno(position + count >= 0 ? EOVERFLOW : EINVAL);
}

/** posix_fadvise(2): the descriptor is checked, the advice is not needed. */
export function adviseFile(task: Task, fd: number, length: number, advice: number): void {
  const file = task.files.get(fd);
  if (file.inode.type === S_IFIFO) throw new Errno(ESPIPE);
  if (length < 0 || length >= 2 ** 63 || advice < 0 || advice > 5) throw new Errno(EINVAL);
}

/** readahead(2). */
export function readAhead(task: Task, fd: number): void {
  if (!readable(task, fd).inode.isRegular) throw new Errno(EINVAL);
}

/** preadv2(2), pwritev2(2): what the RWF_ flags mean for this one call. fs/read_write.c: kiocb_set_rw_flags */
export function vectorWithFlags(
  task: Task,
  fd: number,
  vector: number,
  count: number,
  offset: number,
  flags: number,
  writes: boolean,
): Transfer {
  const file = writes ? writable(task, fd) : readable(task, fd);
  const position = offset === -1 ? undefined : offset;
  if (position !== undefined && position < 0) throw new Errno(EINVAL);
  if (position !== undefined) checkPosition(file, position);
  checkRwFlags(file, flags, writes);
  return withRwFlags(file, flags, () => (writes ? writev : readv)(task, fd, vector, count, position));
}

export function checkRwFlags(file: File, flags: number, writes: boolean): void {
  if (flags & ~RWF_SUPPORTED) throw new Errno(EOPNOTSUPP);
  if (flags & RWF_APPEND && flags & RWF_NOAPPEND) throw new Errno(EINVAL);
  // Buffered writes to a disk file may always wait.
  if (flags & RWF_NOWAIT && writes && file.inode.isRegular) throw new Errno(EOPNOTSUPP);
}

/** Begins a transfer as if the file had been opened with what the flags say. */
export function withRwFlags(file: File, flags: number, transfer: () => Transfer): Transfer {
  const before = file.flags;
  if (flags & RWF_NOWAIT) file.flags |= O_NONBLOCK;
  if (flags & RWF_APPEND) file.flags |= O_APPEND;
  if (flags & RWF_NOAPPEND) file.flags &= ~O_APPEND;
  try {
    return transfer();
  } finally {
    file.flags = before;
  }
}
