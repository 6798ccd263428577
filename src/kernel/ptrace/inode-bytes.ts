// The bytes of a file for a tracer: of the inode a mapping holds, whatever has become of its name.
import { Errno } from "../../abi/errno.js";
import type { TraceeFile } from "../../abi/tracee.js";
import type { Inode } from "../vfs/inode.js";

export class InodeBytes implements TraceeFile {
  constructor(
    readonly inode: Inode,
    readonly opening: object,
  ) {}

  get size(): number {
    return absent(() => this.inode.size) ?? 0;
  }

  version(): string {
    const stat = absent(() => this.inode.stat());
    return stat === undefined ? "" : `${stat.size} ${stat.mtime}`;
  }

  read(offset: number, length: number): Uint8Array | undefined {
    if (!(length >= 0 && offset >= 0 && offset + length <= this.size)) return undefined;
    const bytes = new Uint8Array(length);
    return absent(() => this.inode.readAt(offset, bytes)) === length ? bytes : undefined;
  }
}

/** Files may go, or change, at any time. */
function absent<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}
