// Pseudo-terminals: a terminal whose other end, the master, is a file. drivers/tty/pty.c
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import { FASYNC, O_ACCMODE, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDWR, S_IFCHR } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { POLL_IN, SIGIO } from "../../abi/constants/signals.js";
import * as uapi from "../../abi/constants/terminals.js";
import { EAGAIN, EIO, ENOSPC, Errno } from "../../abi/errno.js";
import type { Stream } from "../fs/devfs/stream.js";
import { makeDev } from "../fs/file-system.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import { notifyOwner } from "../vfs/file-owner.js";
import type { Inode } from "../vfs/inode.js";
import type { IoVector } from "../vfs/io-vector.js";
import { Tty } from "./tty.js";
import { TtyFile } from "./tty-file.js";
import { ttyIoctl } from "./tty-ioctl.js";

export const UNIX98_PTY_SLAVE_MAJOR = 136;
const MAX_PTYS = 4096; // kernel.pty.max
const BUFFER = 1 << 16;

/** The slave's side. What is put on it waits for the master. */
export class Pty extends Tty {
  readonly number: number;
  readonly #toMaster: Uint8Array[] = [];
  #size = 0;
  locked = true;
  /** Tells the master that there is something to read. */
  onOutput: (() => void) | undefined;
  /** Open files of the slave, and whether there ever was one: the master's reads end when the last is closed. */
  slaves = 0;
  wasOpened = false;

  constructor(kernel: Kernel, number: number) {
    super(kernel, makeDev(UNIX98_PTY_SLAVE_MAJOR, number));
    this.number = number;
  }

  room(): number {
    return BUFFER - this.#size;
  }

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#toMaster.push(bytes);
    this.#size += bytes.length;
    this.onOutput?.();
    this.kernel.wake();
  }

  override get unsent(): number {
    return this.#size;
  }

  /** What the master reads. */
  shift(limit: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(limit, this.#size));
    for (let done = 0; done < bytes.length; ) {
      const [first] = this.#toMaster;
      const part = first.subarray(0, bytes.length - done);
      bytes.set(part, done);
      done += part.length;
      if (part.length === first.length) this.#toMaster.shift();
      else this.#toMaster[0] = first.subarray(part.length);
    }
    this.#size -= bytes.length;
    return bytes;
  }

  get isDeserted(): boolean {
    return this.wasOpened && this.slaves === 0;
  }
}

class SlaveFile extends TtyFile {
  constructor(dentry: Dentry, flags: number, pty: Pty) {
    super(dentry, flags, pty);
    pty.slaves++;
    pty.wasOpened = true;
  }

  protected override released(): void {
    super.released();
    (this.tty as Pty).slaves--;
    this.tty.kernel.wake();
  }
}

class MasterFile extends File {
  readonly #pty: Pty;

  constructor(dentry: Dentry, flags: number, pty: Pty) {
    super(dentry, flags);
    this.#pty = pty;
    pty.onOutput = () => {
      if (this.flags & FASYNC) notifyOwner(pty.kernel, this, this.asyncFd, SIGIO, POLL_IN);
    };
  }

  override get hasAsync(): boolean {
    return true;
  }

  protected override released(): void {
    this.#pty.kernel.ptys.free(this.#pty.number);
    this.#pty.hangUp();
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining === 0) return 0;
    if (this.#pty.unsent > 0 || this.#pty.isDeserted) return this.#take(into);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#pty.unsent > 0 || this.#pty.isDeserted);
    return this.#take(into);
  }

  #take(into: IoVector): number {
    if (this.#pty.unsent === 0) throw new Errno(EIO);
    const count = into.put(this.#pty.shift(into.remaining));
    this.#pty.kernel.wake();
    return count;
  }

  override write(from: IoVector, task: Task): number | Sleep<number> {
    if (this.#pty.discipline.hasRoom) return this.#send(from);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#writeLater(from, task);
  }

  *#writeLater(from: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#pty.discipline.hasRoom);
    return this.#send(from);
  }

  #send(from: IoVector): number {
    const bytes = from.take(BUFFER);
    this.#pty.receive(bytes);
    return bytes.length;
  }

  override poll(): number {
    const readable = this.#pty.unsent > 0 ? POLLIN | POLLRDNORM : 0;
    const writable = this.#pty.discipline.hasRoom ? POLLOUT | POLLWRNORM : 0;
    return readable | writable | (this.#pty.isDeserted ? POLLHUP : 0);
  }

  override ioctl(command: number, argument: number, task: Task): number | Sleep<number> {
    const pty = this.#pty;
    switch (command) {
      case uapi.TIOCGPTN:
        task.writeU32(argument, pty.number);
        return 0;
      case uapi.TIOCSPTLCK:
        pty.locked = task.readU32(argument) !== 0;
        return 0;
      case uapi.TIOCGPTLCK:
        task.writeU32(argument, pty.locked ? 1 : 0);
        return 0;
      case uapi.TIOCGPTPEER:
        return openPeer(pty, argument, task);
      case uapi.FIONREAD:
        task.writeU32(argument, pty.unsent);
        return 0;
      case uapi.TIOCGPGRP: // the master may ask without belonging to the session
        task.writeU32(argument, pty.foreground);
        return 0;
      case uapi.TIOCGSID:
        task.writeU32(argument, pty.session);
        return 0;
      default:
        return ttyIoctl(pty, command, argument, task);
    }
  }
}

/** TIOCGPTPEER: the slave, whatever name it has or has not. */
function openPeer(pty: Pty, flags: number, task: Task): number {
  const dentry = task.kernel.ptys.dentryOf(pty.number, task);
  const file = openSlave(dentry, flags & (O_ACCMODE | O_NONBLOCK | O_NOCTTY), task, pty);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

function openSlave(dentry: Dentry, flags: number, task: Task, pty: Pty): File {
  if (pty.hungUp || pty.locked) throw new Errno(EIO);
  const file = new SlaveFile(dentry, flags, pty);
  pty.openedBy(task, flags);
  return file;
}

/** N of the host's /dev/pts/N. */
export function hostPtyNumber(stream: Stream): number | undefined {
  const match = /^\/dev\/pts\/(\d+)$/.exec(stream.host.path());
  return match ? Number(match[1]) : undefined;
}

/** What the file system of pseudo-terminals must be able to do for the table. */
export interface DevPts {
  /** A node for the slave, which belongs to the task's user. */
  makeSlave(number: number, mode: number, rdev: number, task: Task): Inode;
  dentryOf(number: number, task: Task): Dentry;
}

/** The pseudo-terminals there are, by number. */
export class PtyTable {
  readonly #kernel: Kernel;
  readonly #ptys = new Map<number, Pty>();
  readonly #nodes = new Map<number, Inode>();
  /** A number the host's own terminal has. */
  readonly #reserved: ReadonlySet<number>;
  fs: DevPts | undefined;

  constructor(kernel: Kernel, reserved: ReadonlySet<number>) {
    this.#kernel = kernel;
    this.#reserved = reserved;
  }

  /** Opens /dev/ptmx. Throws ENOSPC when there are too many. */
  open(dentry: Dentry, flags: number, task: Task): File {
    if (this.#ptys.size >= MAX_PTYS || this.fs === undefined) throw new Errno(ENOSPC);
    let number = 0;
    while (this.#ptys.has(number) || this.#reserved.has(number)) number++;
    const pty = new Pty(this.#kernel, number);
    this.#ptys.set(number, pty);
    this.#nodes.set(number, this.fs.makeSlave(number, S_IFCHR | 0o620, pty.rdev, task));
    return new MasterFile(dentry, O_RDWR | (flags & ~O_ACCMODE), pty);
  }

  /** Opens /dev/pts/N. Throws EIO when there is no such pseudo-terminal. */
  openSlave(number: number, dentry: Dentry, flags: number, task: Task): File {
    const pty = this.#ptys.get(number);
    if (pty === undefined) throw new Errno(EIO);
    return openSlave(dentry, flags, task, pty);
  }

  get nodes(): ReadonlyMap<number, Inode> {
    return this.#nodes;
  }

  dentryOf(number: number, task: Task): Dentry {
    if (this.fs === undefined) throw new Errno(EIO);
    return this.fs.dentryOf(number, task);
  }

  free(number: number): void {
    this.#ptys.delete(number);
    this.#nodes.delete(number);
  }
}
