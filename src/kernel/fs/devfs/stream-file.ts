// Descriptors 0, 1 and 2 as the guest sees them: the tool's own standard streams, or the terminal behind them.

import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../../abi/constants/events.js";
import { O_NONBLOCK, SEEK_CUR, SEEK_SET } from "../../../abi/constants/files.js";
import { SIGPIPE } from "../../../abi/constants/signals.js";
import { FIONREAD } from "../../../abi/constants/terminals.js";
import { EAGAIN, EIO, EPIPE, Errno, ESPIPE, errnoNumber } from "../../../abi/errno.js";
import { HostError, type HostStat } from "../../../host/host.js";
import { joinBytes } from "../../../lib/bytes.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { TtyFile } from "../../tty/tty-file.js";
import type { Dentry } from "../../vfs/dentry.js";
import { File } from "../../vfs/file.js";
import { Inode, type Stat, type Statfs } from "../../vfs/inode.js";
import type { IoVector } from "../../vfs/io-vector.js";
import { hostCall } from "../hostfs/host-call.js";
import type { Stream } from "./stream.js";

const MAX_WRITE = 1 << 20;

/** The inode of a standard stream: the host's own fstat. */
export class StreamInode extends Inode {
  readonly stream: Stream;
  readonly #stat: HostStat;

  constructor(stream: Stream) {
    super();
    this.stream = stream;
    this.#stat = hostCall(() => stream.host.stat());
  }

  get volume(): object {
    return this;
  }

  get mode(): number {
    return this.#stat.mode;
  }

  get uid(): number {
    return this.#stat.uid;
  }

  get gid(): number {
    return this.#stat.gid;
  }

  get size(): number {
    return this.stat().size;
  }

  stat(): Stat {
    return hostCall(() => this.stream.host.stat());
  }

  statfs(): Statfs {
    return { type: 0x50495045, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 };
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    const { console } = task.kernel;
    if (console === undefined || !this.stream.host.isTerminal) return new StreamFile(dentry, flags, this.stream);
    console.openedBy(task, flags);
    return new TtyFile(dentry, flags, console);
  }

  override truncate(size: number): void {
    hostCall(() => this.stream.host.truncate(size));
  }
}

export class StreamFile extends File {
  readonly stream: Stream;

  constructor(dentry: Dentry, flags: number, stream: Stream) {
    super(dentry, flags);
    this.stream = stream;
  }

  override get seekable(): boolean {
    return this.stream.host.seek(0, 1) !== undefined;
  }

  override get hasAsync(): boolean {
    return !this.stream.host.isFile;
  }

  override get splices(): boolean {
    return true;
  }

  override read(into: IoVector, task: Task, position?: number): number | Sleep<number> {
    if (into.remaining === 0) return 0;
    if (position !== undefined) return this.#at(position, () => this.#take(into));
    if (this.stream.readable) return this.#take(into);
    if (this.flags & O_NONBLOCK) {
      this.stream.startReading(into.remaining);
      throw new Errno(EAGAIN);
    }
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    this.stream.startReading(into.remaining);
    yield* sleepUntil(task, () => this.stream.readable);
    return this.#take(into);
  }

  #take(into: IoVector): number {
    let done = 0;
    for (const slice of into.slices(into.remaining)) {
      const count = hostCall(() => this.stream.take(slice));
      done += count;
      if (count < slice.length || !this.stream.readable) break;
    }
    into.advance(done);
    return done;
  }

  /** pread and pwrite, which leave the position as it was. */
  #at(position: number, transfer: () => number): number {
    const before = this.seek(0, SEEK_CUR);
    this.seek(position, SEEK_SET);
    try {
      return transfer();
    } finally {
      this.seek(before, SEEK_SET);
    }
  }

  override write(from: IoVector, task: Task, position?: number): number {
    return position === undefined ? this.#put(from, task) : this.#at(position, () => this.#put(from, task));
  }

  #put(from: IoVector, task: Task): number {
    let done = 0;
    while (from.remaining > 0) {
      const slices = from.slices(MAX_WRITE);
      const bytes = slices.length === 1 ? slices[0] : joinBytes(slices);
      try {
        const count = this.stream.host.write(bytes);
        from.advance(count);
        done += count;
        if (count < bytes.length) return done;
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        if (done > 0) return done;
        const number = errnoNumber(error.code) ?? EIO;
        if (number === EPIPE) task.raiseSignal(SIGPIPE);
        throw new Errno(number);
      }
    }
    return done;
  }

  override seek(offset: number, whence: number): number {
    const position = hostCall(() => this.stream.host.seek(offset, whence));
    if (position === undefined) throw new Errno(ESPIPE);
    return position;
  }

  override poll(): number {
    const canRead = this.isReadable && this.stream.readable;
    if (this.isReadable && !canRead) this.stream.startReading();
    return (canRead ? POLLIN | POLLRDNORM : 0) | (this.isWritable ? POLLOUT | POLLWRNORM : 0);
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command === FIONREAD && !this.stream.host.isFile) {
      task.writeU32(argument, this.stream.waiting);
      return 0;
    }
    return super.ioctl(command, argument, task) as number;
  }
}
