// /dev/pts: the slaves of the pseudo-terminals there are, ptmx, and the host's own terminal by its number. fs/devpts/inode.c
import { S_IFCHR, S_IFDIR } from "../../../abi/constants/files.js";
import type { Kernel } from "../../kernel.js";
import type { Task } from "../../task/task.js";
import { hostPtyNumber } from "../../tty/pty.js";
import type { DirectoryEntry, Inode } from "../../vfs/inode.js";
import { DEV_PTS, FileSystem, makeDev } from "../file-system.js";
import { TmpfsInode } from "../tmpfs/tmpfs-inode.js";
import { StreamInode } from "./stream-file.js";

const DEVPTS_SUPER_MAGIC = 0x1cd1;
const PTMX_INO = 2n;
const FIRST_SLAVE_INO = 3;
const TTY_GROUP = 5;

export class PtsRoot extends TmpfsInode {
  readonly #kernel: Kernel;
  readonly #hosts = new Map<string, Inode>();

  constructor(kernel: Kernel, now: () => bigint) {
    const fs = new FileSystem({ name: "devpts", dev: DEV_PTS, magic: DEVPTS_SUPER_MAGIC, now });
    super(fs, 1n, S_IFDIR | 0o755, { uid: 0, gid: 0 });
    this.#kernel = kernel;
    this.setattr({ atime: kernel.bootTime, mtime: kernel.bootTime });
    const ptmx = new TmpfsInode(fs, PTMX_INO, S_IFCHR, { uid: 0, gid: 0 }, makeDev(5, 2));
    ptmx.setattr({ atime: kernel.bootTime, mtime: kernel.bootTime });
    this.children.set("ptmx", ptmx);
    for (const stream of kernel.streams) {
      const number = stream.host.isTerminal ? hostPtyNumber(stream) : undefined;
      if (number !== undefined) this.#hosts.set(String(number), new StreamInode(stream));
    }
  }

  makeSlave(number: number, mode: number, rdev: number, task: Task): Inode {
    const owner = { uid: task.cred.fsuid, gid: TTY_GROUP };
    const inode = new SlaveInode(this.fs, BigInt(number + FIRST_SLAVE_INO), mode, owner, rdev);
    const now = this.fs.now();
    inode.setattr({ atime: now, mtime: now });
    return inode;
  }

  override lookup(name: string, task: Task): Inode | undefined {
    const host = this.#hosts.get(name);
    if (host) return host;
    return /^\d+$/.test(name) ? this.#kernel.ptys.nodes.get(Number(name)) : super.lookup(name, task);
  }

  override readdir(task: Task): DirectoryEntry[] {
    const slaves = [...this.#kernel.ptys.nodes].map(([number, inode]) => [String(number), inode] as const);
    const more = [...this.#hosts, ...slaves].map(([name, inode]) => ({ name, ino: inode.stat().ino, type: S_IFCHR }));
    return [...more, ...super.readdir(task)];
  }
}

/** Comes and goes with its master. */
class SlaveInode extends TmpfsInode {
  override get cacheable(): boolean {
    return false;
  }
}
