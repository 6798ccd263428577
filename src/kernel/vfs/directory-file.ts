// An open directory. Its entries are those of the moment the reading began.

import { S_IFDIR } from "../../abi/constants/files.js";
import { EISDIR, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { File, seekTo } from "./file.js";
import type { DirectoryEntry } from "./inode.js";
import { inodeIoctl } from "./inode-flags.js";

export class DirectoryFile extends File {
  #entries: readonly DirectoryEntry[] | undefined;

  override get seekable(): boolean {
    return true;
  }

  override read(): number {
    throw new Errno(EISDIR);
  }

  override write(): number {
    throw new Errno(EISDIR);
  }

  override seek(offset: number, whence: number): number {
    const position = seekTo(this, offset, whence, 0);
    if (position === 0) this.#entries = undefined;
    return position;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    return inodeIoctl(this, command, argument, task);
  }

  override entries(task: Task): readonly DirectoryEntry[] {
    if (this.position === 0 || this.#entries === undefined) {
      this.#entries = [
        { name: ".", ino: this.inode.stat().ino, type: S_IFDIR },
        { name: "..", ino: this.dentry.up.inode.stat().ino, type: S_IFDIR },
        ...this.inode.readdir(task),
      ];
    }
    return this.#entries.slice(this.position);
  }
}
