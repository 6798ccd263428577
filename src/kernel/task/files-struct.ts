// Linux's files_struct: the descriptor table.
import { CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, O_PATH } from "../../abi/constants/files.js";
import { EBADF, EINVAL, EMFILE, Errno } from "../../abi/errno.js";
import type { File } from "../vfs/file.js";

interface Slot {
  readonly file: File;
  closeOnExec: boolean;
}

export class FilesStruct {
  readonly #slots: (Slot | undefined)[] = [];
  users = 1;

  copy(): FilesStruct {
    const copy = new FilesStruct();
    this.#slots.forEach((slot, fd) => {
      if (slot) copy.#slots[fd] = { file: slot.file.hold(), closeOnExec: slot.closeOnExec };
    });
    return copy;
  }

  /** The file of `fd`; throws EBADF. O_PATH descriptors are no files to most calls. */
  get(fd: number): File {
    const file = this.#slots[fd]?.file;
    if (file === undefined || file.flags & O_PATH) throw new Errno(EBADF);
    return file;
  }

  /** As `get`, O_PATH descriptors included: fstat, fchdir, the *at calls. */
  getRaw(fd: number): File {
    const file = this.#slots[fd]?.file;
    if (file === undefined) throw new Errno(EBADF);
    return file;
  }

  find(fd: number): File | undefined {
    return this.#slots[fd]?.file;
  }

  /** Puts `file`, whose reference it takes over, at the lowest free descriptor from `from` on. */
  install(file: File, closeOnExec: boolean, limit: number, from = 0): number {
    let fd = from;
    while (this.#slots[fd] !== undefined) fd++;
    if (fd >= limit) {
      file.put();
      throw new Errno(EMFILE);
    }
    this.#slots[fd] = { file, closeOnExec };
    return fd;
  }

  /** Checked before a file is made, so that a failing open creates nothing. */
  checkRoom(limit: number, count = 1): void {
    if (!this.hasRoom(limit, count)) throw new Errno(EMFILE);
  }

  hasRoom(limit: number, count = 1): boolean {
    let free = 0;
    for (let fd = 0; fd < limit; fd++) if (this.#slots[fd] === undefined && ++free === count) return true;
    return false;
  }

  /** dup2: `to` becomes another name of `from`'s file. */
  duplicateTo(from: number, to: number, closeOnExec: boolean, limit: number): number {
    return this.put(this.getRaw(from).hold(), to, closeOnExec, limit);
  }

  /** replace_fd: `file`, whose reference it takes over, at that descriptor and no other. */
  put(file: File, to: number, closeOnExec: boolean, limit: number): number {
    if (to < 0 || to >= limit) {
      file.put();
      throw new Errno(EBADF);
    }
    const old = this.#slots[to];
    this.#slots[to] = { file, closeOnExec };
    if (old) this.#drop(old.file);
    return to;
  }

  close(fd: number): void {
    const slot = this.#slots[fd];
    if (slot === undefined) throw new Errno(EBADF);
    this.#slots[fd] = undefined;
    this.#drop(slot.file);
  }

  /** filp_close: closing any descriptor of a file gives up all the process's range locks on it. */
  #drop(file: File): void {
    if (!(file.flags & O_PATH)) {
      file.flush(this);
      file.inode.findLocks?.records.release(this);
    }
    file.put();
  }

  /** close_range(2). */
  closeRange(first: number, last: number, flags: number): void {
    if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) throw new Errno(EINVAL);
    const onlyMark = (flags & CLOSE_RANGE_CLOEXEC) !== 0;
    for (let fd = first; fd <= last && fd < this.#slots.length; fd++) {
      const slot = this.#slots[fd];
      if (slot && onlyMark) slot.closeOnExec = true;
      else if (slot) this.close(fd);
    }
  }

  closeOnExec(fd: number): boolean {
    const slot = this.#slots[fd];
    if (slot === undefined) throw new Errno(EBADF);
    return slot.closeOnExec;
  }

  setCloseOnExec(fd: number, value: boolean): void {
    const slot = this.#slots[fd];
    if (slot === undefined) throw new Errno(EBADF);
    slot.closeOnExec = value;
  }

  closeForExec(): void {
    for (let fd = 0; fd < this.#slots.length; fd++) if (this.#slots[fd]?.closeOnExec) this.close(fd);
  }

  closeAll(): void {
    for (let fd = 0; fd < this.#slots.length; fd++) if (this.#slots[fd]) this.close(fd);
  }

  /** Descriptors in use, ascending. */
  descriptors(): number[] {
    const list: number[] = [];
    this.#slots.forEach((slot, fd) => {
      if (slot) list.push(fd);
    });
    return list;
  }

  get capacity(): number {
    return Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(1, this.#slots.length))));
  }
}
