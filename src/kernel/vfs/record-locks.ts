// Locks on ranges of a file, owned by a process (by its descriptor table, as Linux has it) or by an open file. fs/locks.c
import { F_RDLCK, F_UNLCK, F_WRLCK, SEEK_CUR, SEEK_END, SEEK_SET } from "../../abi/constants/files.js";
import { EAGAIN, EBADF, EDEADLK, EINVAL, ENOLCK, EOVERFLOW, Errno } from "../../abi/errno.js";
import { flock, flock64 } from "../../abi/files.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { File } from "./file.js";

const OFFSET_MAX = 0x7fff_ffff_ffff_ffffn;
const MAX_LOCKS = 65536; // on one file
const FILE_OWNED = -1; // l_pid of locks that no process owns

export interface RecordLock {
  readonly owner: object;
  readonly pid: number;
  readonly type: number;
  readonly start: bigint;
  /** The last byte; OFFSET_MAX is the end of the file, wherever it will be. */
  readonly end: bigint;
}

/** Owners that wait, and the lock they wait for: how a circle is found. */
const waiting = new WeakMap<object, RecordLock>();

/** The ranges of one inode. Those of one owner never overlap. */
export class RecordLocks {
  #locks: RecordLock[] = [];

  get all(): readonly RecordLock[] {
    return this.#locks;
  }

  conflict(wanted: RecordLock): RecordLock | undefined {
    return this.#locks.find(
      (lock) =>
        lock.owner !== wanted.owner &&
        lock.start <= wanted.end &&
        lock.end >= wanted.start &&
        (lock.type === F_WRLCK || wanted.type === F_WRLCK),
    );
  }

  /** posix_lock_inode: what the owner had in the range is replaced; neighbours of the same type become one. */
  set(wanted: RecordLock): void {
    let { start, end } = wanted;
    const kept: RecordLock[] = [];
    for (const lock of this.#locks) {
      if (lock.owner !== wanted.owner || lock.end < start - 1n || lock.start > end + 1n) kept.push(lock);
      else if (lock.type === wanted.type) {
        start = lock.start < start ? lock.start : start;
        end = lock.end > end ? lock.end : end;
      } else {
        if (lock.start < wanted.start) kept.push({ ...lock, end: min(lock.end, wanted.start - 1n) });
        if (lock.end > wanted.end) kept.push({ ...lock, start: max(lock.start, wanted.end + 1n) });
      }
    }
    if (wanted.type !== F_UNLCK) kept.push({ ...wanted, start, end });
    if (kept.length > MAX_LOCKS) throw new Errno(ENOLCK);
    this.#locks = kept.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  release(owner: object): void {
    if (this.#locks.length > 0) this.#locks = this.#locks.filter((lock) => lock.owner !== owner);
  }

  get list(): readonly RecordLock[] {
    return this.#locks;
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** struct flock as the range it means. flock64_to_posix_lock */
function readLock(file: File, { get, big }: Flock, owner: object, pid: number): RecordLock {
  const bases = new Map([
    [SEEK_SET, 0n],
    [SEEK_CUR, BigInt(file.position)],
    [SEEK_END, BigInt(file.inode.size)],
  ]);
  const base = bases.get(get("l_whence"));
  if (base === undefined) throw new Errno(EINVAL);
  let start = base + big("l_start");
  const length = big("l_len");
  if (start > OFFSET_MAX) throw new Errno(EOVERFLOW);
  if (start < 0n) throw new Errno(EINVAL);
  let end = OFFSET_MAX;
  if (length > 0n) end = start + length - 1n;
  else if (length < 0n) {
    end = start - 1n;
    start += length;
    if (start < 0n) throw new Errno(EINVAL);
  }
  if (end > OFFSET_MAX) throw new Errno(EOVERFLOW);
  const type = get("l_type");
  if (type < F_RDLCK || type > F_UNLCK) throw new Errno(EINVAL);
  return { owner, pid, type, start, end };
}

/** The caller's structure: flock, or flock64 with offsets of 64 bits in every ABI. */
interface Flock {
  get(field: keyof typeof flock.fields): number;
  big(field: "l_start" | "l_len"): bigint;
}

function copyInFlock(task: Task, address: number, wide: boolean): Flock {
  const type = wide ? flock64 : flock;
  const view = task.readStruct(type, address);
  const { abi } = task;
  return {
    get: (field) => type.get(view, field, abi),
    big: (field) => {
      const bytes = type.inner(view, field, abi);
      return bytes.byteLength === 8 ? bytes.getBigInt64(0, true) : BigInt(bytes.getInt32(0, true));
    },
  };
}

function ownerOf(task: Task, file: File, lock: Flock, byFile: boolean): { owner: object; pid: number } {
  if (!byFile) return { owner: task.files, pid: task.tgid };
  if (lock.get("l_pid") !== 0) throw new Errno(EINVAL);
  return { owner: file, pid: FILE_OWNED };
}

/** F_GETLK, F_OFD_GETLK: the first lock in the way, or F_UNLCK. `wide`: struct flock64. */
export function getLock(task: Task, file: File, address: number, byFile: boolean, wide: boolean): void {
  const lock = copyInFlock(task, address, wide);
  const { owner, pid } = ownerOf(task, file, lock, byFile);
  const type = lock.get("l_type");
  if (type !== F_RDLCK && type !== F_WRLCK) throw new Errno(EINVAL);
  const found = file.inode.locks.records.conflict(readLock(file, lock, owner, pid));
  if (found === undefined) {
    task.copyOut(address, new Uint8Array(new Int16Array([F_UNLCK]).buffer));
    return;
  }
  const struct = wide ? flock64 : flock;
  const view = task.readStruct(struct, address);
  const values = {
    l_type: found.type,
    l_whence: SEEK_SET,
    l_start: found.start,
    l_len: found.end === OFFSET_MAX ? 0n : found.end - found.start + 1n,
    l_pid: found.pid === FILE_OWNED ? FILE_OWNED : task.pidNamespace.inside(found.pid),
  };
  if (struct.fields.l_start.size(task.abi) === 4 && found.start > 0x7fffffffn) throw new Errno(EOVERFLOW);
  for (const [name, value] of Object.entries(values)) struct.set(view, name as "l_type", value, task.abi);
  task.copyOut(address, new Uint8Array(view.buffer));
}

/** F_SETLK and F_SETLKW, F_OFD_SETLK and F_OFD_SETLKW. */
export function setLock(
  task: Task,
  file: File,
  address: number,
  { byFile, waits, wide }: { byFile: boolean; waits: boolean; wide: boolean },
): number | Sleep<number> {
  const lock = copyInFlock(task, address, wide);
  const { owner, pid } = ownerOf(task, file, lock, byFile);
  const wanted = readLock(file, lock, owner, pid);
  if (wanted.type === F_RDLCK && !file.isReadable) throw new Errno(EBADF);
  if (wanted.type === F_WRLCK && !file.isWritable) throw new Errno(EBADF);
  const { records } = file.inode.locks;
  if (wanted.type === F_UNLCK || records.conflict(wanted) === undefined) {
    records.set(wanted);
    return 0;
  }
  if (!waits) throw new Errno(EAGAIN);
  return waitForLock(task, records, wanted);
}

function* waitForLock(task: Task, records: RecordLocks, wanted: RecordLock): Sleep<number> {
  const isFree = (): boolean => {
    const blocker = records.conflict(wanted);
    if (blocker === undefined) return true;
    if (wanted.pid !== FILE_OWNED) {
      if (isCircle(wanted.owner, blocker)) throw new Errno(EDEADLK);
      waiting.set(wanted.owner, blocker);
    }
    return false;
  };
  try {
    yield* sleepUntil(task, isFree);
  } finally {
    waiting.delete(wanted.owner);
  }
  records.set(wanted);
  return 0;
}

/** posix_locks_deadlock */
function isCircle(owner: object, blocker: RecordLock): boolean {
  let next: RecordLock | undefined = blocker;
  for (let steps = 0; next !== undefined && steps < 10; steps++) {
    if (next.owner === owner) return true;
    next = waiting.get(next.owner);
  }
  return false;
}
