// A file of the machine's /proc, read from outside: the text a program in the machine would read.
import { EISDIR, Errno, errnoMessage } from "../abi/errno.js";
import { ProcText } from "../kernel/fs/procfs/proc-inode.js";
import type { Kernel } from "../kernel/kernel.js";
import { walkPath } from "../kernel/vfs/path-walk.js";
import { UserError } from "../lib/errors.js";

const LARGEST = 1 << 24;

/** As one character per byte. Throws a UserError. */
export function readProcFile(kernel: Kernel, path: string): string {
  const named = /^\/proc\/(\d+)/.exec(path);
  // Whoever is looked at looks: there is no other process that belongs to the one who asks.
  const reader = named
    ? kernel.tasks.get(Number(named[1]))
    : [...kernel.tasks.values()].find(({ isDead, pid, tgid }) => !isDead && pid === tgid);
  try {
    const { inode } = walkPath(reader ?? [...kernel.tasks.values()][0], kernel.root, path);
    if (inode.isDirectory) throw new Errno(EISDIR);
    if (inode instanceof ProcText) return textOf(inode.text(reader ?? [...kernel.tasks.values()][0]));
    if (!inode.isRegular) throw new UserError(`${path}: neither text nor a file`);
    const bytes = new Uint8Array(Math.min(inode.size, LARGEST));
    return textOf(bytes.subarray(0, inode.readAt(0, bytes)));
  } catch (error) {
    if (error instanceof Errno) throw new UserError(`${path}: ${errnoMessage(error.number)}`);
    throw error;
  }
}

function textOf(text: string | Uint8Array): string {
  return typeof text === "string" ? text : Buffer.from(text).toString("latin1");
}
