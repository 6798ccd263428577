// openat2(2): what open(2) lets pass is refused, and how the path may be resolved is said. fs/open.c: build_open_flags
import * as fcntl from "../../abi/constants/files.js";
import { E2BIG, EAGAIN, EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { openAt } from "./open.js";

const OPEN_HOW_SIZE = 24;
const PAGE = 4096;
/** VALID_OPEN_FLAGS: O_ACCMODE, and the flags from O_CREAT to O_TMPFILE. */
const OPEN_FLAGS = 0x7fffc3;
const PATH_FLAGS = fcntl.O_PATH | fcntl.O_DIRECTORY | fcntl.O_NOFOLLOW | fcntl.O_CLOEXEC;
const TMPFILE_BIT = fcntl.O_TMPFILE & ~fcntl.O_DIRECTORY;
const ALL_RESOLVE = 0x3f;
const ALL_MODE = 0o7777;

/** struct open_how is flags, mode, resolve. */
export function openAt2(task: Task, dirfd: number, path: number, how: number, size: number): number | Sleep<number> {
  if (size < OPEN_HOW_SIZE) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  const [flags, mode, resolve] = [0, 8, 16].map((at) => task.readU64(how + at));
  if (task.copyIn(how + OPEN_HOW_SIZE, size - OPEN_HOW_SIZE).some((byte) => byte !== 0)) throw new Errno(E2BIG);
  checkHow(flags, mode, resolve);
  return openAt(task, dirfd, task.copyInPath(path), flags, mode, resolve);
}

function checkHow(flags: number, mode: number, resolve: number): void {
  if (flags > OPEN_FLAGS || flags & ~OPEN_FLAGS || resolve > ALL_RESOLVE) throw new Errno(EINVAL);
  const bothRoots = fcntl.RESOLVE_BENEATH | fcntl.RESOLVE_IN_ROOT;
  if ((resolve & bothRoots) === bothRoots) throw new Errno(EINVAL);
  const isTemporary = (flags & TMPFILE_BIT) !== 0;
  const makes = isTemporary || (flags & fcntl.O_CREAT) !== 0;
  if (mode > (makes ? ALL_MODE : 0)) throw new Errno(EINVAL);
  if (flags & fcntl.O_CREAT && flags & fcntl.O_DIRECTORY) throw new Errno(EINVAL);
  const writes = (flags & fcntl.O_ACCMODE) !== fcntl.O_RDONLY;
  if (isTemporary && !(writes && flags & fcntl.O_DIRECTORY)) throw new Errno(EINVAL);
  if (flags & fcntl.O_PATH && flags & ~PATH_FLAGS) throw new Errno(EINVAL);
  // What must not wait changes nothing; everything that is looked up here is as good as cached.
  if (resolve & fcntl.RESOLVE_CACHED && (makes || flags & fcntl.O_TRUNC)) throw new Errno(EAGAIN);
}
