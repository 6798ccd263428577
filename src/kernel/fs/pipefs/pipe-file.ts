// The two ends of a pipe, and FIFOs, as open files.
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../../abi/constants/events.js";
import * as fcntl from "../../../abi/constants/files.js";
import { S_IFIFO } from "../../../abi/constants/files.js";
import { POLL_IN, POLL_OUT, SIGIO, SIGPIPE } from "../../../abi/constants/signals.js";
import { FIONREAD } from "../../../abi/constants/terminals.js";
import { EAGAIN, EFAULT, ENXIO, EPIPE, Errno } from "../../../abi/errno.js";
import type { Kernel } from "../../kernel.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { Dentry } from "../../vfs/dentry.js";
import { File } from "../../vfs/file.js";
import { notifyOwner } from "../../vfs/file-owner.js";
import type { Inode } from "../../vfs/inode.js";
import type { IoVector } from "../../vfs/io-vector.js";
import { TmpfsInode } from "../tmpfs/tmpfs-inode.js";
import { PIPE_BUF, Pipe } from "./pipe.js";

const pipes = new WeakMap<Inode, Pipe>();

export function pipeOf(inode: Inode): Pipe {
  let pipe = pipes.get(inode);
  if (pipe === undefined) {
    pipe = new Pipe();
    pipes.set(inode, pipe);
  }
  return pipe;
}

export class PipeFile extends File {
  readonly pipe: Pipe;
  /** A FIFO opened before any writer has not been hung up: the count at that time, else -1. */
  #writersBefore = -1;

  /** kill_fasync: readers are told of bytes, writers of room. */
  readonly #listen = (came: boolean): void => {
    if (!(this.flags & fcntl.FASYNC) || this.#kernel === undefined) return;
    if (came ? !this.isReadable : !this.isWritable) return;
    notifyOwner(this.#kernel, this, this.asyncFd, SIGIO, came ? POLL_IN : POLL_OUT);
  };
  #kernel: Kernel | undefined;

  constructor(dentry: Dentry, flags: number, kernel?: Kernel) {
    super(dentry, flags);
    this.#kernel = kernel;
    this.pipe = pipeOf(dentry.inode);
    this.pipe.listeners.add(this.#listen);
    if (this.isReadable) {
      if (this.pipe.writers === 0 && flags & fcntl.O_NONBLOCK && dentry.parent)
        this.#writersBefore = this.pipe.writerCount;
      this.pipe.readers++;
      this.pipe.readerCount++;
    }
    if (this.isWritable) {
      this.pipe.writers++;
      this.pipe.writerCount++;
    }
  }

  override get hasAsync(): boolean {
    return true;
  }

  protected override released(): void {
    this.pipe.listeners.delete(this.#listen);
    if (this.isReadable) this.pipe.readers--;
    if (this.isWritable) this.pipe.writers--;
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining === 0) return 0;
    if (this.pipe.size > 0) return this.#take(into);
    if (this.pipe.writers === 0) return 0;
    if (this.flags & fcntl.O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.pipe.size > 0 || this.pipe.writers === 0);
    return this.pipe.size > 0 ? this.#take(into) : 0;
  }

  #take(into: IoVector): number {
    if (this.pipe.startsWithPacket) {
      const packet = new Uint8Array(Math.min(into.remaining, PIPE_BUF));
      return into.put(packet.subarray(0, this.pipe.shift(packet)));
    }
    const wanted = Math.min(into.remaining, this.pipe.size);
    const slices = into.slices(wanted);
    let room = wholeBuffers(slices, wanted);
    let done = 0;
    for (const slice of slices) {
      if (this.pipe.startsWithPacket || room === 0) break;
      const count = this.pipe.shift(slice.subarray(0, room));
      done += count;
      room -= count;
    }
    into.advance(done);
    return done;
  }

  override write(from: IoVector, task: Task): number | Sleep<number> {
    if (from.remaining === 0) return 0;
    if (this.pipe.readers === 0) return this.#broken(task);
    if (this.flags & fcntl.O_DIRECT && from.remaining <= this.pipe.room) return this.#writePackets(from);
    if (from.remaining <= this.pipe.room) {
      return this.#push(from, from.remaining);
    }
    if (this.flags & fcntl.O_NONBLOCK) {
      const room = this.pipe.room;
      if (room === 0 || from.remaining <= PIPE_BUF) throw new Errno(EAGAIN);
      return this.#push(from, room);
    }
    return this.#writeLater(from, task);
  }

  #push(from: IoVector, size: number): number {
    const bytes = from.take(size);
    const whole = bytes.subarray(0, wholeBuffers([bytes], size));
    this.pipe.push(whole);
    return whole.length;
  }

  #writePackets(from: IoVector): number {
    let done = 0;
    while (from.remaining > 0) {
      const bytes = from.take(Math.min(from.remaining, PIPE_BUF));
      this.pipe.push(bytes, true);
      done += bytes.length;
    }
    return done;
  }

  *#writeLater(from: IoVector, task: Task): Sleep<number> {
    const whole = from.remaining <= PIPE_BUF; // such a write is not mixed with others
    let done = 0;
    while (from.remaining > 0) {
      const needed = whole ? from.remaining : 1;
      try {
        yield* sleepUntil(task, () => this.pipe.room >= needed || this.pipe.readers === 0);
      } catch (error) {
        if (done > 0 && error instanceof Errno) return done;
        throw error;
      }
      if (this.pipe.readers === 0) return done > 0 ? done : this.#broken(task);
      const size = Math.min(from.remaining, this.pipe.room);
      const count = this.#push(from, size);
      done += count;
      if (count < size) return done;
    }
    return done;
  }

  #broken(task: Task): never {
    task.raiseSignal(SIGPIPE);
    throw new Errno(EPIPE);
  }

  override poll(): number {
    let events = 0;
    if (this.isReadable) {
      if (this.pipe.size > 0) events |= POLLIN | POLLRDNORM;
      if (this.pipe.writers === 0 && this.pipe.writerCount !== this.#writersBefore) events |= POLLHUP;
    }
    if (this.isWritable) {
      if (this.pipe.room >= PIPE_BUF) events |= POLLOUT | POLLWRNORM;
      if (this.pipe.readers === 0) events |= POLLERR;
    }
    return events;
  }

  override get activity(): number {
    return (this.isReadable ? this.pipe.pushes : 0) + (this.isWritable ? this.pipe.shifts : 0);
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== FIONREAD) return super.ioctl(command, argument, task) as number;
    task.writeU32(argument, this.pipe.size);
    return 0;
  }
}

/** A buffer of a pipe is copied as a whole or not at all: what of `wanted` bytes counts where memory ends. Throws EFAULT when nothing does. */
function wholeBuffers(slices: readonly Uint8Array[], wanted: number): number {
  let reached = 0;
  for (const slice of slices) reached += slice.length;
  if (reached >= wanted) return reached;
  const whole = reached - (reached % PIPE_BUF);
  if (whole === 0) throw new Errno(EFAULT);
  return whole;
}

/** pipe(2): the read end and the write end. */
export function makePipe(task: Task, flags: number): [File, File] {
  const { pipeFs } = task.kernel;
  const ino = pipeFs.nextIno();
  const inode = new TmpfsInode(pipeFs, ino, S_IFIFO | 0o600, { uid: task.cred.fsuid, gid: task.cred.fsgid });
  const now = pipeFs.now();
  inode.setattr({ atime: now, mtime: now });
  const dentry = new Dentry(`pipe:[${ino}]`, undefined, inode);
  const end = (mode: number): PipeFile => new PipeFile(dentry, mode, task.kernel);
  return [end(fcntl.O_RDONLY | (flags & ~fcntl.O_DIRECT)), end(fcntl.O_WRONLY | flags)]; // packets are the writer's affair
}

/** Opening a FIFO by name. Waiting for the other end is the opener's business: see vfs/open.ts. */
export function openFifo(dentry: Dentry, flags: number, kernel: Kernel): PipeFile {
  const onlyWrites = (flags & fcntl.O_ACCMODE) === fcntl.O_WRONLY;
  if (onlyWrites && flags & fcntl.O_NONBLOCK && pipeOf(dentry.inode).readers === 0) throw new Errno(ENXIO);
  return new PipeFile(dentry, flags, kernel);
}
