// Linux's super_block: what all inodes of one mounted file system have in common.
import type { Budget } from "../budget.js";
import type { Statfs } from "../vfs/inode.js";

export interface FileSystemOptions {
  readonly name: string;
  /** st_dev. */
  readonly dev: number;
  /** f_type of statfs(2). */
  readonly magic: number;
  readonly now: () => bigint;
  /** What its files are charged to; nothing when undefined. */
  readonly budget?: Budget;
}

const BLOCK = 4096;

export class FileSystem {
  readonly name: string;
  readonly dev: number;
  readonly magic: number;
  readonly now: () => bigint;
  readonly budget: Budget | undefined;
  #lastIno: bigint;

  constructor(options: FileSystemOptions, firstIno = 1n) {
    this.name = options.name;
    this.dev = options.dev;
    this.magic = options.magic;
    this.now = options.now;
    this.budget = options.budget;
    this.#lastIno = firstIno - 1n;
  }

  nextIno(): bigint {
    return ++this.#lastIno;
  }

  statfs(): Statfs {
    return { type: this.magic, bsize: BLOCK, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 };
  }
}

/** makedev(3). */
export function makeDev(major: number, minor: number): number {
  return (minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12);
}

/** Device numbers the kernel hands to file systems without a device: 0:20 and on. */
export const DEV_PROC = makeDev(0, 20);
export const DEV_DEVTMPFS = makeDev(0, 5);
export const DEV_TMPFS = makeDev(0, 24);
export const DEV_PIPE = makeDev(0, 13);
export const DEV_ANON = makeDev(0, 14);
export const DEV_PTS = makeDev(0, 25);
export const DEV_MEMFD = makeDev(0, 1);
export const DEV_SOCK = makeDev(0, 8);
