// An open terminal, whichever kind: reading and writing through the line discipline, with job control.
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import { O_NONBLOCK } from "../../abi/constants/files.js";
import { ICANON } from "../../abi/constants/terminals.js";
import { EAGAIN, EIO, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import type { IoVector } from "../vfs/io-vector.js";
import type { Tty } from "./tty.js";
import { ttyIoctl } from "./tty-ioctl.js";

const CHUNK = 4096;

export class TtyFile extends File {
  readonly tty: Tty;

  constructor(dentry: Dentry, flags: number, tty: Tty) {
    super(dentry, flags);
    this.tty = tty;
    tty.files.add(this);
  }

  protected override released(): void {
    this.tty.files.delete(this);
  }

  override get hasAsync(): boolean {
    return true;
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining === 0) return 0;
    this.tty.checkRead(task);
    if (this.tty.isReadable(into.remaining)) return this.#take(into);
    const isPolled = !this.tty.termios.has(ICANON) && this.tty.minimum === 0;
    if (isPolled && this.tty.readTime === 0) return 0;
    this.tty.wantInput(into.remaining);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task, isPolled);
  }

  /** With VTIME: until the time is over, which begins with the first byte unless VMIN is 0. */
  *#readLater(into: IoVector, task: Task, isPolled: boolean): Sleep<number> {
    const { tty } = this;
    const { clock } = task.kernel;
    const length = into.remaining;
    let seen = isPolled ? tty.available : 0;
    let deadline = isPolled ? clock.monotonic() + tty.readTime : undefined;
    const ready = (): boolean => {
      if (!isPolled && tty.readTime !== 0 && tty.available !== seen) {
        seen = tty.available;
        deadline = clock.monotonic() + tty.readTime;
      }
      return tty.isReadable(length);
    };
    for (;;) {
      const before = seen;
      const came = yield* sleepUntil(task, () => ready() || seen !== before, deadline);
      if (!came || tty.isReadable(length)) break;
    }
    tty.checkRead(task);
    return this.#take(into);
  }

  #take(into: IoVector): number {
    return into.put(this.tty.take(into.remaining));
  }

  override write(from: IoVector, task: Task): number | Sleep<number> {
    this.tty.checkWrite(task);
    if (this.tty.hungUp) throw new Errno(EIO);
    let done = 0;
    while (from.remaining > 0) {
      if (!this.tty.canWrite) {
        if (this.flags & O_NONBLOCK && done === 0) throw new Errno(EAGAIN);
        return this.flags & O_NONBLOCK ? done : this.#writeLater(from, task, done);
      }
      done += this.#writeSome(from);
    }
    return done;
  }

  *#writeLater(from: IoVector, task: Task, before: number): Sleep<number> {
    let done = before;
    while (from.remaining > 0) {
      try {
        yield* sleepUntil(task, () => this.tty.canWrite);
        if (this.tty.hungUp) throw new Errno(EIO);
      } catch (error) {
        if (done > 0 && error instanceof Errno) return done;
        throw error;
      }
      done += this.#writeSome(from);
    }
    return done;
  }

  /** Throws EFAULT where there is nothing to read. */
  #writeSome(from: IoVector): number {
    let done = 0;
    for (const slice of from.slices(CHUNK)) {
      const count = this.tty.write(slice);
      done += count;
      if (count < slice.length) break;
    }
    from.advance(done);
    return done;
  }

  override poll(): number {
    const { tty } = this;
    if (tty.hungUp) return POLLHUP | POLLERR | POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
    const readable = tty.isReadable();
    if (!readable && this.isReadable) tty.wantInput(CHUNK);
    return (readable ? POLLIN | POLLRDNORM : 0) | (tty.canWrite ? POLLOUT | POLLWRNORM : 0);
  }

  override ioctl(command: number, argument: number, task: Task): number | Sleep<number> {
    return ttyIoctl(this.tty, command, argument, task);
  }
}
