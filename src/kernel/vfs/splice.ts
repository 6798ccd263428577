// splice, tee and vmsplice: bytes between pipes and everything else, without a detour through the program. fs/splice.c
import { IN_ACCESS, IN_MODIFY } from "../../abi/constants/events.js";
import { O_APPEND, O_NONBLOCK, SPLICE_F_NONBLOCK } from "../../abi/constants/files.js";
import { SIGPIPE } from "../../abi/constants/signals.js";
import { EAGAIN, EBADF, EINVAL, EPIPE, Errno, ESPIPE } from "../../abi/errno.js";
import type { Pipe } from "../fs/pipefs/pipe.js";
import { PipeFile } from "../fs/pipefs/pipe-file.js";
import { notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep, sleepUntil } from "../task/wait.js";
import type { File } from "./file.js";
import { KernelVector, UserVector } from "./io-vector.js";
import { copyInSegments, readable, writable } from "./read-write.js";

const SPLICE_F_ALL = 15;
const MAX_TRANSFER = 0x7ffff000;

/** Waits until the pipe has bytes; false when it never will. */
function* waitForBytes(task: Task, pipe: Pipe, nonblocking: boolean): Sleep<boolean> {
  if (pipe.size === 0 && pipe.writers > 0) {
    if (nonblocking) throw new Errno(EAGAIN);
    yield* sleepUntil(task, () => pipe.size > 0 || pipe.writers === 0);
  }
  return pipe.size > 0;
}

function* waitForRoom(task: Task, pipe: Pipe, nonblocking: boolean): Sleep<void> {
  if (pipe.readers > 0 && pipe.room === 0) {
    if (nonblocking) throw new Errno(EAGAIN);
    yield* sleepUntil(task, () => pipe.room > 0 || pipe.readers === 0);
  }
  if (pipe.readers > 0) return;
  task.raiseSignal(SIGPIPE);
  throw new Errno(EPIPE);
}

/** splice(2). Offsets are addresses of positions, or 0. */
export function* splice(
  task: Task,
  inFd: number,
  inOffset: number,
  outFd: number,
  outOffset: number,
  length: number,
  flags: number,
): Sleep<number> {
  if (length === 0) return 0;
  if (flags & ~SPLICE_F_ALL) throw new Errno(EINVAL);
  const from = task.files.get(inFd);
  const to = task.files.get(outFd);
  const fromPipe = from instanceof PipeFile ? from.pipe : undefined;
  const toPipe = to instanceof PipeFile ? to.pipe : undefined;
  if ((fromPipe && inOffset !== 0) || (toPipe && outOffset !== 0)) throw new Errno(ESPIPE);
  const start = inOffset === 0 ? undefined : task.readI64(inOffset);
  const target = outOffset === 0 ? undefined : task.readI64(outOffset);
  if (!from.isReadable || !to.isWritable) throw new Errno(EBADF);
  if ((start ?? 0) < 0 || (target ?? 0) < 0) throw new Errno(EINVAL);
  const count = Math.min(length, MAX_TRANSFER);
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0;
  if (fromPipe && toPipe) {
    if (fromPipe === toPipe) throw new Errno(EINVAL);
    return yield* pipeToPipe(
      task,
      fromPipe,
      toPipe,
      count,
      nonblocking || ((from.flags | to.flags) & O_NONBLOCK) !== 0,
    );
  }
  if (fromPipe) {
    if (target !== undefined && !to.seekable) throw new Errno(EINVAL);
    if (to.flags & O_APPEND) throw new Errno(EINVAL);
    const waits = !nonblocking && !(from.flags & O_NONBLOCK);
    const done = yield* pipeToFile(task, fromPipe, to, count, !waits, target);
    if (done > 0) notify(to.dentry, IN_MODIFY);
    if (target !== undefined) task.writeU64(outOffset, target + done);
    return done;
  }
  if (!toPipe) throw new Errno(EINVAL);
  if (start !== undefined && !from.seekable) throw new Errno(EINVAL);
  const done = yield* fileToPipe(task, from, toPipe, count, nonblocking || (to.flags & O_NONBLOCK) !== 0, start);
  if (start !== undefined) task.writeU64(inOffset, start + done);
  if (done > 0) notify(from.dentry, IN_ACCESS);
  return done;
}

function* pipeToPipe(task: Task, from: Pipe, to: Pipe, count: number, nonblocking: boolean): Sleep<number> {
  if (!(yield* waitForBytes(task, from, nonblocking))) return 0;
  yield* waitForRoom(task, to, nonblocking);
  const bytes = new Uint8Array(Math.min(count, from.size, to.room));
  to.push(bytes.subarray(0, from.shift(bytes)));
  return bytes.length;
}

function* pipeToFile(
  task: Task,
  from: Pipe,
  to: File,
  count: number,
  nonblocking: boolean,
  position: number | undefined,
): Sleep<number> {
  let done = 0;
  if (!(yield* waitForBytes(task, from, nonblocking))) return 0;
  while (done < count && from.size > 0) {
    const bytes = new Uint8Array(Math.min(count - done, from.size));
    from.peek(bytes);
    const written = to.write(new KernelVector(bytes), task, position === undefined ? undefined : position + done);
    const put = isSleep(written) ? yield* written : written;
    from.shift(bytes.subarray(0, put));
    done += put;
    if (put < bytes.length) break;
  }
  return done;
}

function* fileToPipe(
  task: Task,
  from: File,
  to: Pipe,
  count: number,
  nonblocking: boolean,
  position: number | undefined,
): Sleep<number> {
  if (!from.splices) throw new Errno(EINVAL);
  yield* waitForRoom(task, to, nonblocking);
  const bytes = new Uint8Array(Math.min(count, to.room));
  const read = from.read(new KernelVector(bytes), task, position);
  const got = isSleep(read) ? yield* read : read;
  to.push(bytes.subarray(0, got));
  return got;
}

/** tee(2): what is copied stays in the first pipe. */
export function* tee(task: Task, inFd: number, outFd: number, length: number, flags: number): Sleep<number> {
  if (flags & ~SPLICE_F_ALL) throw new Errno(EINVAL);
  if (length === 0) return 0;
  const from = readable(task, inFd);
  const to = writable(task, outFd);
  if (!(from instanceof PipeFile) || !(to instanceof PipeFile) || from.pipe === to.pipe) throw new Errno(EINVAL);
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0 || ((from.flags | to.flags) & O_NONBLOCK) !== 0;
  if (!(yield* waitForBytes(task, from.pipe, nonblocking))) return 0;
  yield* waitForRoom(task, to.pipe, nonblocking);
  const bytes = new Uint8Array(Math.min(length, from.pipe.size, to.pipe.room));
  from.pipe.peek(bytes);
  to.pipe.push(bytes);
  return bytes.length;
}

/** vmsplice(2): a write to a pipe or a read from it, as the end says. */
export function vmsplice(task: Task, fd: number, vector: number, count: number, flags: number): number | Sleep<number> {
  if (flags & ~SPLICE_F_ALL) throw new Errno(EINVAL);
  const file = task.files.get(fd);
  const { bases, lengths } = copyInSegments(task, vector, count);
  if (lengths.every((length) => length === 0)) return 0;
  if (!(file instanceof PipeFile)) throw new Errno(EBADF);
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0 || (file.flags & O_NONBLOCK) !== 0;
  if (file.isWritable) return userToPipe(task, file, UserVector.from(task.mm, bases, lengths), nonblocking);
  return pipeToUser(task, file, UserVector.into(task.mm, bases, lengths), nonblocking);
}

function* userToPipe(task: Task, { pipe }: PipeFile, from: UserVector, nonblocking: boolean): Sleep<number> {
  yield* waitForRoom(task, pipe, nonblocking);
  const bytes = from.take(Math.min(from.remaining, pipe.room));
  pipe.push(bytes);
  return bytes.length;
}

function* pipeToUser(task: Task, { pipe }: PipeFile, into: UserVector, nonblocking: boolean): Sleep<number> {
  if (!(yield* waitForBytes(task, pipe, nonblocking))) return 0;
  const bytes = new Uint8Array(Math.min(into.remaining, pipe.size));
  pipe.peek(bytes);
  const put = into.put(bytes);
  pipe.shift(bytes.subarray(0, put));
  return put;
}
