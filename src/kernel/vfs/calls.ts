// Path calls whose arguments lie in user memory in a form of their own: results into buffers, times from structures.
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  F_SEAL_EXEC,
  F_SEAL_SEAL,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_NOEXEC_SEAL,
  O_RDWR,
  S_IFREG,
  UTIME_OMIT,
} from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { EINVAL, ENODEV, ENOENT, ERANGE, Errno } from "../../abi/errno.js";
import { memfdDentry } from "../fs/anonfs/anon-fs.js";
import { bytesOf, copyInString } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { pairSize, readPair } from "../time/sleep.js";
import { checkTimes, dentryAt, setTimes, type Timespec } from "./attributes.js";
import { currentDirectory, readlinkAt } from "./names.js";
import { RegularFile } from "./regular-file.js";

const MFD_FLAGS = 0x1f;
const MFD_HUGETLB = 4;
const MFD_HUGE_MASK = 0xfc000000;
const MFD_NAME_MAX = 249;

/** getcwd(2): the length with the NUL. */
export function getcwd(task: Task, buffer: number, size: number): number {
  const path = currentDirectory(task);
  if (path.length + 1 > size) throw new Errno(ERANGE);
  task.copyOut(buffer, bytesOf(`${path}\0`));
  return path.length + 1;
}

/** readlink(2): cut to the buffer, without a NUL. */
export function readlink(task: Task, dirfd: number, pathname: number, buffer: number, size: number): number {
  if ((size | 0) <= 0) throw new Errno(EINVAL);
  const path = task.copyInPath(pathname);
  if (path === "" && dirfd === AT_FDCWD) throw new Errno(ENOENT);
  const target = bytesOf(readlinkAt(task, dirfd, path)).subarray(0, size);
  task.copyOut(buffer, target);
  return target.length;
}

type Unit = "timespec" | "timeval";

/** utimensat(2) and its elders: a pair of times at `address`, or now. */
export function utimes(task: Task, dirfd: number, path: number, address: number, unit: Unit, flags = 0): void {
  const times = address === 0 ? undefined : readTimes(task, address, unit);
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) throw new Errno(EINVAL);
  if (times) {
    if (times.every(({ nanoseconds }) => nanoseconds === UTIME_OMIT)) return;
  }
  // A null path means the descriptor itself.
  const dentry =
    path === 0 && dirfd !== AT_FDCWD
      ? task.files.get(dirfd).dentry
      : dentryAt(task, dirfd, task.copyInPath(path), flags);
  if (times) checkTimes(times);
  setTimes(task, dentry, times);
}

function readTimes(task: Task, address: number, unit: Unit): readonly [Timespec, Timespec] {
  const [atime, mtime] = [readPair(task, address), readPair(task, address + pairSize(task))];
  return [timeOf(atime, unit), timeOf(mtime, unit)];
}

function timeOf({ seconds, fraction }: { seconds: number; fraction: number }, unit: Unit): Timespec {
  if (unit === "timespec") return { seconds, nanoseconds: fraction };
  if (fraction < 0 || fraction >= 1e6) throw new Errno(EINVAL);
  return { seconds, nanoseconds: fraction * 1000 };
}

/** utime(2): struct utimbuf has whole seconds. */
export function utime(task: Task, path: number, address: number): void {
  const dentry = dentryAt(task, AT_FDCWD, task.copyInPath(path));
  if (address === 0) {
    setTimes(task, dentry, undefined);
    return;
  }
  const time = (at: number): Timespec => ({ seconds: task.readSignedWord(at), nanoseconds: 0 });
  setTimes(task, dentry, [time(address), time(address + task.longBytes)]);
}

export function memfdCreate(task: Task, nameAddress: number, flags: number): number {
  if (flags & MFD_HUGETLB && !(flags & ~(MFD_FLAGS | MFD_HUGE_MASK))) throw new Errno(ENODEV);
  if (flags & ~MFD_FLAGS || (flags & MFD_EXEC && flags & MFD_NOEXEC_SEAL)) throw new Errno(EINVAL);
  const name = copyInString(task.mm, nameAddress, MFD_NAME_MAX + 1);
  if (name === undefined) throw new Errno(EINVAL);
  const noExec = (flags & MFD_NOEXEC_SEAL) !== 0;
  const file = new RegularFile(memfdDentry(task, name, S_IFREG | (noExec ? 0o666 : 0o777)), O_RDWR);
  file.inode.seals = noExec ? F_SEAL_EXEC : flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
  return task.files.install(file, (flags & MFD_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}
