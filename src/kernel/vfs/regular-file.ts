// An open regular file: position, append mode, the size limit, and agreement with shared mappings of the same inode.

import { O_APPEND, O_DIRECT, O_LARGEFILE, SEEK_DATA, SEEK_HOLE } from "../../abi/constants/files.js";
import { RLIMIT_FSIZE } from "../../abi/constants/processes.js";
import { SIGXFSZ } from "../../abi/constants/signals.js";
import { FIONREAD } from "../../abi/constants/terminals.js";
import { EFBIG, EINVAL, ENXIO, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { accessed } from "./access-time.js";
import { removePrivileges } from "./attributes.js";
import { File, seekTo } from "./file.js";
import { inodeIoctl } from "./inode-flags.js";
import type { IoVector } from "./io-vector.js";
import { writableLength } from "./seals.js";

/** MAX_NON_LFS: how far files opened by 32-bit programs go that did not ask for more. */
const SMALL_FILE_MAX = 0x7fffffff;
const DIRECT_BLOCK = 512;
const MAX_TRANSFER = 0x7ffff000; // MAX_RW_COUNT

export class RegularFile extends File {
  override get seekable(): boolean {
    return true;
  }

  override read(into: IoVector, _task: Task, position?: number): number {
    const start = position ?? this.position;
    if (this.flags & O_DIRECT) this.#checkDirect(into, start);
    this.inode.mapping?.flush();
    const size = this.inode.sizeUpTo(start + into.remaining);
    const available = Math.min(into.remaining, Math.max(0, size - start), MAX_TRANSFER);
    if (into.remaining > 0) accessed(this.dentry, this.flags);
    if (available === 0) return 0;
    let done = 0;
    for (const slice of into.slices(available)) {
      const count = this.inode.readAt(start + done, slice);
      done += count;
      if (count < slice.length) break;
    }
    into.advance(done);
    if (position === undefined) this.position = start + done;
    return done;
  }

  override write(from: IoVector, task: Task, position?: number): number {
    const appending = (this.flags & O_APPEND) !== 0;
    const start = appending ? this.inode.size : (position ?? this.position);
    if (from.remaining === 0) return 0;
    if (this.flags & O_DIRECT) this.#checkDirect(from, start);
    const limit = task.signal.limits.soft(RLIMIT_FSIZE);
    if (start >= limit) {
      task.raiseSignal(SIGXFSZ);
      throw new Errno(EFBIG);
    }
    if (start >= SMALL_FILE_MAX && !(this.flags & O_LARGEFILE)) throw new Errno(EFBIG);
    const allowed = writableLength(this.inode, start, Math.min(from.remaining, limit - start, MAX_TRANSFER));
    let done = 0;
    removePrivileges(task, this.inode);
    this.inode.mapping?.flush();
    for (const slice of from.slices(allowed)) {
      done += this.inode.writeAt(start + done, slice);
    }
    from.advance(done);
    if (position === undefined) this.position = start + done;
    this.inode.mapping?.invalidate(start, start + done);
    return done;
  }

  /** Transfers past the page cache are of whole blocks of the device. */
  #checkDirect(vector: IoVector, start: number): void {
    if (this.inode.isOnDisk && (vector.alignment | start) & (DIRECT_BLOCK - 1)) throw new Errno(EINVAL);
  }

  override seek(offset: number, whence: number): number {
    const size = this.inode.size;
    if (whence !== SEEK_DATA && whence !== SEEK_HOLE) return seekTo(this, offset, whence, size);
    if (offset < 0 || offset >= size) throw new Errno(ENXIO);
    const found = this.inode.seekData(offset, whence === SEEK_DATA);
    if (whence === SEEK_DATA && found >= size) throw new Errno(ENXIO);
    this.position = found;
    return found;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== FIONREAD) return inodeIoctl(this, command, argument, task);
    task.writeU32(argument, Math.max(0, this.inode.size - this.position));
    return 0;
  }

  override get splices(): boolean {
    return true;
  }

  override mappable(): "file" | "secret" {
    return "file";
  }
}
