// The bytes of a file for a tracer: of the inode a mapping holds, whatever has become of its name.
import { Errno } from "../../abi/errno.js";
import type { TraceeFile } from "../../abi/tracee.js";
import type { Inode } from "../vfs/inode.js";

export class InodeBytes implements TraceeFile {
  readonly #inode: Inode;

  constructor(inode: Inode) {
    this.#inode = inode;
  }

  get identity(): object {
    return this.#inode;
  }

  get size(): number {
    return this.#inode.size;
  }

  read(offset: number, length: number): Uint8Array | undefined {
    if (!(length >= 0 && offset >= 0 && offset + length <= this.size)) return undefined;
    try {
      const bytes = new Uint8Array(length);
      return this.#inode.readAt(offset, bytes) < length ? undefined : bytes;
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }
}
