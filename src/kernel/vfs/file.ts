// Linux's file: an open file description, shared by dup and fork. Kinds of files derive from it; what they leave out fails as
// Linux fails it.
import {
  IN_CLOSE_NOWRITE,
  IN_CLOSE_WRITE,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from "../../abi/constants/events.js";
import { O_ACCMODE, O_NOCTTY, O_PATH, O_RDONLY, O_WRONLY, SEEK_CUR, SEEK_SET } from "../../abi/constants/files.js";
import { EBADF, EINVAL, ENOTTY, Errno, ESPIPE } from "../../abi/errno.js";
import type { DirectoryNotice } from "../notify/dnotify.js";
import { notify, notifyIfGone } from "../notify/notify.js";
import type { FilesStruct } from "../task/files-struct.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { type Dentry, pathOf } from "./dentry.js";
import type { FileOwner } from "./file-owner.js";
import type { DirectoryEntry, Inode } from "./inode.js";
import type { IoVector } from "./io-vector.js";

const MAX_POSITION = 2 ** 44; // s_maxbytes of ext4 with 4 KiB blocks

export abstract class File {
  readonly dentry: Dentry;
  /** O_ACCMODE and the status flags. O_CLOEXEC belongs to the descriptor. */
  flags: number;
  position = 0;
  #references = 1;
  /** F_SETOWN: who gets signals about it, and F_SETSIG: which; 0 is the usual one. */
  owner: FileOwner | undefined;
  ownerSignal = 0;
  /** O_ASYNC: signals name this descriptor, the one it was set by. */
  asyncFd = -1;
  /** F_NOTIFY on it. */
  notice: DirectoryNotice | undefined;
  /** This open made the file. */
  created = false;

  constructor(dentry: Dentry, flags: number) {
    this.dentry = dentry;
    this.flags = flags & ~O_NOCTTY; // that was for whoever opens it
    this.inode.acquire();
    this.#count(1);
  }

  /** Leases ask who else has the file open. */
  #count(step: number): void {
    if (this.flags & O_PATH) return;
    this.inode.openFiles += step;
    if (this.isWritable) this.inode.writers += step;
  }

  get inode(): Inode {
    return this.dentry.inode;
  }

  get isReadable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY && !(this.flags & O_PATH);
  }

  get isWritable(): boolean {
    return (this.flags & O_ACCMODE) !== O_RDONLY && !(this.flags & O_PATH);
  }

  /** Has it O_ASYNC at all? */
  get hasAsync(): boolean {
    return false;
  }

  get seekable(): boolean {
    return false;
  }

  /** Can splice and sendfile read it? */
  get splices(): boolean {
    return false;
  }

  get isOpen(): boolean {
    return this.#references > 0;
  }

  /** f_count: descriptors and whatever else holds it. */
  get references(): number {
    return this.#references;
  }

  hold(): this {
    this.#references++;
    return this;
  }

  put(): void {
    if (--this.#references > 0) return;
    this.notice?.remove();
    if (!(this.flags & O_PATH)) notify(this.dentry, this.isWritable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    this.released();
    this.#count(-1);
    this.inode.findLocks?.releaseFile(this);
    this.inode.release();
    notifyIfGone(this.inode);
  }

  protected released(): void {}

  /** A descriptor of it in `files` was closed; others may be open. */
  flush(_files: FilesStruct): void {}

  /** Reads at the file's position, or at `position` when it is seekable and given. Throws EFAULT when nothing fits. */
  read(_into: IoVector, _task: Task, _position?: number): number | Sleep<number> {
    throw new Errno(EINVAL);
  }

  write(_from: IoVector, _task: Task, _position?: number): number | Sleep<number> {
    throw new Errno(EINVAL);
  }

  /** The new position. */
  seek(_offset: number, _whence: number): number {
    throw new Errno(ESPIPE);
  }

  /** POLL* bits that hold now. Who asks matters only to descriptors of signals. */
  poll(_task?: Task): number {
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
  }

  /** How often something has happened that a waiter is told of even if the file was ready before: what EPOLLET goes by. */
  get activity(): number {
    return 0;
  }

  /** Returns the result; `argument` is exact below 2^53. */
  ioctl(_command: number, _argument: number, _task: Task): number | Sleep<number> {
    throw new Errno(ENOTTY);
  }

  /** Entries from the file's position on, "." and ".." included, with the position after each. */
  entries(_task: Task): readonly DirectoryEntry[] | undefined {
    return undefined;
  }

  /** What /proc/PID/fdinfo says of it beside position and flags: whole lines. */
  get info(): string {
    return "";
  }

  /** "secret": shared, and not to be run. */
  mappable(): "file" | "secret" | "zero" | "no" {
    return "no";
  }

  /** What readlink /proc/PID/fd/N shows. */
  path(root: Dentry): string {
    return pathOf(this.dentry, root);
  }
}

/** lseek arithmetic for files with a size. fs/read_write.c: generic_file_llseek */
export function seekTo(file: File, offset: number, whence: number, size: number): number {
  const base = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.position : size;
  const target = base + offset;
  if (target < 0 || target > MAX_POSITION) throw new Errno(EINVAL);
  file.position = target;
  return target;
}

/** open(O_PATH): a place in the tree and nothing more. */
export class PathFile extends File {
  override read(): number {
    throw new Errno(EBADF);
  }

  override write(): number {
    throw new Errno(EBADF);
  }

  override seek(): number {
    throw new Errno(EBADF);
  }

  override ioctl(): number {
    throw new Errno(EBADF);
  }

  override poll(): number {
    return 32; // POLLNVAL: fget refuses it
  }
}
