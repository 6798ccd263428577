// /proc/PID/mem: the memory of a process as a file, by address. fs/proc/base.c: mem_rw
import { S_IFREG, SEEK_CUR, SEEK_SET } from "../../../abi/constants/files.js";
import { EACCES, EINVAL, EIO, Errno } from "../../../abi/errno.js";
import { readForced, writeForced } from "../../mm/forced-access.js";
import type { Mm } from "../../mm/mm.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { File } from "../../vfs/file.js";
import type { IoVector } from "../../vfs/io-vector.js";
import { mayInspect } from "../anonfs/pid-fd.js";
import type { FileSystem } from "../file-system.js";
import { ProcInode } from "./proc-inode.js";

const CHUNK = 1 << 16;

export class ProcMem extends ProcInode {
  readonly #of: Task;

  constructor(fs: FileSystem, of: Task, owner: { uid: number; gid: number }) {
    super(fs, S_IFREG | 0o600, owner);
    this.#of = of;
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    if (!mayInspect(task, this.#of)) throw new Errno(EACCES);
    return new ProcMemFile(dentry, flags, this.#of.mm);
  }

  override truncate(): void {}
}

/** The address space it was opened for, which may be gone when the process has executed another program. */
class ProcMemFile extends File {
  readonly #mm: Mm;

  constructor(dentry: Dentry, flags: number, mm: Mm) {
    super(dentry, flags);
    this.#mm = mm;
  }

  override get seekable(): boolean {
    return true;
  }

  override read(into: IoVector, _task: Task, position?: number): number {
    const start = position ?? this.position;
    if (this.#mm.users <= 0) return 0;
    let done = 0;
    while (into.remaining > 0) {
      const wanted = Math.min(into.remaining, CHUNK);
      const bytes = readForced(this.#mm, start + done, wanted);
      done += into.put(bytes);
      if (bytes.length < wanted) break;
    }
    return this.#moved(start, done, into.remaining, position);
  }

  override write(from: IoVector, _task: Task, position?: number): number {
    const start = position ?? this.position;
    if (this.#mm.users <= 0) return 0;
    let done = 0;
    while (from.remaining > 0) {
      const bytes = from.take(Math.min(from.remaining, CHUNK));
      const count = writeForced(this.#mm, start + done, bytes);
      done += count;
      if (count < bytes.length) return this.#moved(start, done, 1, position);
    }
    return this.#moved(start, done, 0, position);
  }

  #moved(start: number, done: number, left: number, position: number | undefined): number {
    if (done === 0 && left > 0) throw new Errno(EIO);
    if (position === undefined) this.position = start + done;
    return done;
  }

  override seek(offset: number, whence: number): number {
    if (whence !== SEEK_SET && whence !== SEEK_CUR) throw new Errno(EINVAL);
    this.position = whence === SEEK_SET ? offset : this.position + offset;
    return this.position;
  }
}
