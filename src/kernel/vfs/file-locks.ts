// All locks on one inode (ranges, flock, leases), who holds them, and what closing a file gives back. fs/locks.c
import { LOCK_EX, LOCK_MAND, LOCK_NB, LOCK_SH, LOCK_UN } from "../../abi/constants/files.js";
import { EAGAIN, EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { File } from "./file.js";
import type { Lease } from "./lease.js";
import { RecordLocks } from "./record-locks.js";

export class FileLocks {
  readonly records = new RecordLocks();
  /** flock's holders: open files, all shared or one exclusive. */
  readonly flocks = new Map<File, number>();
  leases: Lease[] = [];

  /** The last descriptor of `file` is gone. locks_remove_file */
  releaseFile(file: File): void {
    this.records.release(file);
    this.flocks.delete(file);
    this.leases = this.leases.filter((lease) => lease.file !== file);
  }
}

/** flock(2). Changing a lock gives the old one up first. */
export function flock(task: Task, fd: number, operation: number): number | Sleep<number> {
  if (operation & LOCK_MAND) return 0; // Linux has forgotten what it did
  const kind = operation & ~LOCK_NB;
  if (kind !== LOCK_SH && kind !== LOCK_EX && kind !== LOCK_UN) throw new Errno(EINVAL);
  const file = task.files.get(fd);
  const { flocks } = file.inode.locks;
  if (flocks.get(file) === kind) return 0;
  flocks.delete(file);
  if (kind === LOCK_UN) return 0;
  const isFree = (): boolean => {
    for (const held of flocks.values()) if (kind === LOCK_EX || held === LOCK_EX) return false;
    return true;
  };
  if (isFree()) {
    flocks.set(file, kind);
    return 0;
  }
  if (operation & LOCK_NB) throw new Errno(EAGAIN);
  return waitForFlock(task, file, kind, isFree);
}

function* waitForFlock(task: Task, file: File, kind: number, isFree: () => boolean): Sleep<number> {
  yield* sleepUntil(task, isFree);
  file.inode.locks.flocks.set(file, kind);
  return 0;
}
