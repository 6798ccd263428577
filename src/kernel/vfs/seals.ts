// Seals of files in memory: what may no longer be done to them. mm/memfd.c, mm/shmem.c
import {
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
} from "../../abi/constants/files.js";
import { PROT_WRITE } from "../../abi/constants/memory.js";
import { EBUSY, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { File } from "./file.js";
import type { Inode } from "./inode.js";

const ALL = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;
export const NO_WRITE = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
const PAGE = 4096;

export function getSeals({ inode }: File): number {
  if (inode.seals === undefined) throw new Errno(EINVAL);
  return inode.seals;
}

export function addSeals(task: Task, file: File, wanted: number): void {
  const { inode } = file;
  if (!file.isWritable) throw new Errno(EPERM);
  if (wanted & ~ALL) throw new Errno(EINVAL);
  if (inode.seals === undefined) throw new Errno(EINVAL);
  if (inode.seals & F_SEAL_SEAL) throw new Errno(EPERM);
  if (wanted & F_SEAL_WRITE && !(inode.seals & F_SEAL_WRITE) && isMappedWritable(task, inode)) throw new Errno(EBUSY);
  const executable = (inode.mode & 0o111) !== 0;
  const implied = wanted & F_SEAL_EXEC && executable ? F_SEAL_SHRINK | F_SEAL_GROW | NO_WRITE : 0;
  inode.seals |= wanted | implied;
}

function isMappedWritable(task: Task, inode: Inode): boolean {
  for (const { mm } of task.kernel.tasks.values()) {
    for (const { backing } of mm.areas.areas) {
      if (backing.shared && backing.file?.inode === inode && backing.maxProt & PROT_WRITE) return true;
    }
  }
  return false;
}

/** How many bytes of a write at `position` the seals allow: a page that would make the file longer stops it. Throws EPERM for none. */
export function writableLength(inode: Inode, position: number, length: number): number {
  const { seals } = inode;
  if (!seals || length === 0) return length;
  if (seals & NO_WRITE) throw new Errno(EPERM);
  if (!(seals & F_SEAL_GROW) || position + length <= inode.size) return length;
  const allowed = Math.max(0, Math.floor(inode.size / PAGE) * PAGE - position);
  if (allowed === 0) throw new Errno(EPERM);
  return allowed;
}

export function checkResize(inode: Inode, size: number): void {
  const { seals } = inode;
  if (!seals) return;
  const now = inode.size;
  if ((size < now && seals & F_SEAL_SHRINK) || (size > now && seals & F_SEAL_GROW)) throw new Errno(EPERM);
}
