// Files without a name: what eventfd, epoll and timerfd descriptors refer to. fs/anon_inodes.c
import { O_RDWR, S_IFREG } from "../../../abi/constants/files.js";
import type { Task } from "../../task/task.js";
import { Dentry } from "../../vfs/dentry.js";
import type { File } from "../../vfs/file.js";
import { DEV_ANON, FileSystem } from "../file-system.js";
import { TmpfsInode } from "../tmpfs/tmpfs-inode.js";

export class AnonFs extends FileSystem {
  /** All of them share one inode. */
  readonly #inode: TmpfsInode;
  /** Of the next event counter. */
  nextEventId = 0;

  constructor(now: () => bigint) {
    super({ name: "anon_inodefs", dev: DEV_ANON, magic: 0x09041934, now });
    this.#inode = new TmpfsInode(this, this.nextIno(), 0o600, { uid: 0, gid: 0 });
  }

  dentry(name: string): Dentry {
    return new Dentry(`anon_inode:${name}`, undefined, this.#inode);
  }
}

/** memfd_create(2)'s file. */
export function memfdDentry(task: Task, name: string, mode: number): Dentry {
  return shmemDentry(task, `/memfd:${name} (deleted)`, mode);
}

/** The file behind memory that processes share without a name for it. mm/shmem.c: shmem_zero_setup */
export function sharedZeroFile(task: Task, size: number): File {
  const dentry = shmemDentry(task, "/dev/zero (deleted)", S_IFREG | 0o777);
  dentry.inode.truncate(size);
  return dentry.inode.open(dentry, O_RDWR, task);
}

/** A file in memory that no directory holds. `path` is what /proc shows. */
export function shmemDentry(task: Task, path: string, mode: number, links = 0): Dentry {
  const { memfdFs } = task.kernel;
  const owner = { uid: task.cred.fsuid, gid: task.cred.fsgid };
  const inode = new TmpfsInode(memfdFs, memfdFs.nextIno(), mode, owner);
  const now = memfdFs.now();
  inode.setattr({ atime: now, mtime: now });
  inode.nlink = links;
  return new Dentry(path, undefined, inode);
}
