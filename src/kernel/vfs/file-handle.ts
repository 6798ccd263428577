// name_to_handle_at and open_by_handle_at: a file by number instead of by name. fs/fhandle.c

import * as uapi from "../../abi/constants/files.js";
import { PROC_SUPER_MAGIC } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_DAC_READ_SEARCH } from "../../abi/constants/security.js";
import { EINVAL, ENOTDIR, EOPNOTSUPP, EOVERFLOW, EPERM, Errno, ESTALE } from "../../abi/errno.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { dentryAt } from "./attributes.js";
import type { Dentry } from "./dentry.js";
import type { Inode } from "./inode.js";
import { openFound, whenAllowed } from "./open.js";

const MAX_HANDLE_SZ = 128;
const HANDLE_BYTES = 8; // inode number and generation
const FILEID_INO32_GEN = 1;
const FILEID_INO64_GEN = 0x81;
const KNOWN_FLAGS = uapi.AT_SYMLINK_FOLLOW | uapi.AT_EMPTY_PATH | uapi.AT_HANDLE_FID | uapi.AT_HANDLE_MNT_ID_UNIQUE;
const MAX_KNOWN = 65536;

/** Where handles that were given out lead, by file system and inode number, the oldest forgotten first. */
export class FileHandles {
  readonly #dentries = new Map<string, Dentry>();

  remember(dentry: Dentry): void {
    const { dev, ino } = dentry.inode.stat();
    const key = `${dev}:${ino}`;
    this.#dentries.delete(key);
    this.#dentries.set(key, dentry);
    if (this.#dentries.size > MAX_KNOWN)
      for (const oldest of this.#dentries.keys()) {
        this.#dentries.delete(oldest);
        break;
      }
  }

  /** Throws ESTALE when the file is gone. */
  find(dev: number, ino: bigint): Dentry {
    const dentry = this.#dentries.get(`${dev}:${ino}`);
    if (dentry === undefined || !dentry.inode.isLinkable || dentry.inode.stat().nlink === 0) throw new Errno(ESTALE);
    return dentry;
  }
}

/** exportfs_encode_fh: the number, and what is past its 32 bits as the generation. Files that only have numbers get those of 64 bits. */
export function encodeHandle(inode: Inode): { type: number; bytes: Uint8Array } {
  const { ino } = inode.stat();
  const isExported = inode instanceof TmpfsInode;
  const view = new DataView(new ArrayBuffer(isExported ? HANDLE_BYTES : 12));
  view.setBigUint64(0, ino, true);
  if (isExported) view.setUint32(4, generationOf(ino), true);
  return { type: isExported ? FILEID_INO32_GEN : FILEID_INO64_GEN, bytes: new Uint8Array(view.buffer) };
}

/** f_fsid: a number that every file system has for itself. */
export function fsidOf(inode: Inode): [number, number] {
  const { dev } = inode.stat();
  const { type } = inode.statfs();
  if (dev === 0) return [0, 0];
  return type === PROC_SUPER_MAGIC
    ? [dev, 0]
    : [Math.imul(dev, 0x9e3779b1) >>> 0, Math.imul(dev ^ type, 0x85ebca6b) >>> 0];
}

const generationOf = (ino: bigint): number => Number(ino >> 32n) + 1;

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
  if (!(dentry.inode instanceof TmpfsInode) && !(flags & uapi.AT_HANDLE_FID)) throw new Errno(EOPNOTSUPP);
  const room = task.readU32(handle);
  if (room > MAX_HANDLE_SZ) throw new Errno(EINVAL);
  const { type, bytes } = encodeHandle(dentry.inode);
  if (flags & uapi.AT_HANDLE_MNT_ID_UNIQUE) task.writeU64(mountId, dentry.mount?.uniqueId ?? 0);
  else task.writeU32(mountId, dentry.mount?.id ?? 0);
  task.writeU32(handle, bytes.length);
  if (room < bytes.length) throw new Errno(EOVERFLOW);
  task.writeU32(handle + 4, type);
  task.copyOut(handle + 8, bytes);
  task.kernel.fileHandles.remember(dentry);
}

export function openByHandle(task: Task, mountFd: number, handle: number, flags: number): number | Sleep<number> {
  const [bytes, type] = [task.readU32(handle), task.readI32(handle + 4)];
  if (bytes === 0 || bytes > MAX_HANDLE_SZ || type < 0) throw new Errno(EINVAL);
  const place = mountFd === uapi.AT_FDCWD ? task.fs.cwd : task.files.getRaw(mountFd).dentry;
  if (!task.cred.can(CAP_DAC_READ_SEARCH)) throw new Errno(EPERM);
  if (bytes !== HANDLE_BYTES || type !== FILEID_INO32_GEN) throw new Errno(ESTALE);
  const [low, generation] = [task.readU32(handle + 8), task.readU32(handle + 12)];
  const ino = (BigInt((generation - 1) >>> 0) << 32n) | BigInt(low);
  const dentry = task.kernel.fileHandles.find(place.inode.stat().dev, ino);
  if (flags & uapi.O_DIRECTORY && !dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  return whenAllowed(task, () => {
    const file = openFound(task, dentry, flags | uapi.O_LARGEFILE, true);
    return task.files.install(file, (flags & uapi.O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
  });
}
