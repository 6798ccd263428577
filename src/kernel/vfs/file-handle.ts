// name_to_handle_at and open_by_handle_at: a file by number instead of by name. fs/fhandle.c

import * as uapi from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_DAC_READ_SEARCH } from "../../abi/constants/security.js";
import { EINVAL, ENOTDIR, EOPNOTSUPP, EOVERFLOW, EPERM, Errno, ESTALE } from "../../abi/errno.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import type { Task } from "../task/task.js";
import { dentryAt } from "./attributes.js";
import type { Dentry } from "./dentry.js";
import { openFound } from "./open.js";

const MAX_HANDLE_SZ = 128;
const HANDLE_BYTES = 8; // inode number and generation
const FILEID_INO32_GEN = 1;
const KNOWN_FLAGS = uapi.AT_SYMLINK_FOLLOW | uapi.AT_EMPTY_PATH | uapi.AT_HANDLE_FID | uapi.AT_HANDLE_MNT_ID_UNIQUE;
const MAX_KNOWN = 4096;

/** Where handles that were given out lead, the oldest forgotten first. */
export class FileHandles {
  readonly #dentries = new Map<number, Dentry>();

  remember(dentry: Dentry): number {
    const number = Number(dentry.inode.stat().ino & 0xffff_ffffn);
    this.#dentries.delete(number);
    this.#dentries.set(number, dentry);
    if (this.#dentries.size > MAX_KNOWN)
      for (const oldest of this.#dentries.keys()) {
        this.#dentries.delete(oldest);
        break;
      }
    return number;
  }

  /** Throws ESTALE when the file is gone. */
  find(number: number): Dentry {
    const dentry = this.#dentries.get(number);
    if (dentry === undefined || !dentry.inode.isLinkable) throw new Errno(ESTALE);
    return dentry;
  }
}

export function nameToHandle(
  task: Task,
  dirfd: number,
  path: number,
  handle: number,
  mountId: number,
  flags: number,
): void {
  if (flags & ~KNOWN_FLAGS) throw new Errno(EINVAL);
  const follow = flags & uapi.AT_SYMLINK_FOLLOW ? 0 : uapi.AT_SYMLINK_NOFOLLOW;
  const dentry = dentryAt(task, dirfd, task.copyInPath(path), follow | (flags & uapi.AT_EMPTY_PATH));
  if (!(dentry.inode instanceof TmpfsInode)) throw new Errno(EOPNOTSUPP);
  const room = task.readU32(handle);
  if (room > MAX_HANDLE_SZ) throw new Errno(EINVAL);
  if (flags & uapi.AT_HANDLE_MNT_ID_UNIQUE) task.writeU64(mountId, 1);
  else task.writeU32(mountId, 1);
  task.writeU32(handle, HANDLE_BYTES);
  if (room < HANDLE_BYTES) throw new Errno(EOVERFLOW);
  task.writeU32(handle + 4, FILEID_INO32_GEN);
  task.writeU32(handle + 8, task.kernel.fileHandles.remember(dentry));
  task.writeU32(handle + 12, Number(dentry.inode.ino >> 32n) + 1);
}

export function openByHandle(task: Task, mountFd: number, handle: number, flags: number): number {
  const [bytes, type] = [task.readU32(handle), task.readI32(handle + 4)];
  if (bytes === 0 || bytes > MAX_HANDLE_SZ || type < 0) throw new Errno(EINVAL);
  if (mountFd !== uapi.AT_FDCWD) task.files.getRaw(mountFd);
  if (!task.cred.can(CAP_DAC_READ_SEARCH)) throw new Errno(EPERM);
  if (bytes !== HANDLE_BYTES || type !== FILEID_INO32_GEN) throw new Errno(ESTALE);
  const dentry = task.kernel.fileHandles.find(task.readU32(handle + 8));
  if (flags & uapi.O_DIRECTORY && !dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  const file = openFound(task, dentry, flags | uapi.O_LARGEFILE);
  return task.files.install(file, (flags & uapi.O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}
