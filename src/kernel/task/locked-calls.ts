// Calls that a sysctl or a missing privilege locks on many systems, as on this one: io_uring (io_uring_disabled=2), bpf and perf
// (unprivileged use disabled, paranoid), userfaultfd, Landlock (not among the security modules). Bad arguments are told first, as
// Linux does.
import { E2BIG, EINVAL, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "./task.js";

const MAX_BPF_COMMAND = 38;
const UFFD_FLAGS = 0x80801; // O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY

export function ioUringSetup(task: Task, parameters: number): never {
  task.copyIn(parameters, 120);
  throw new Errno(EPERM);
}

/** io_uring_enter(2), io_uring_register(2): no descriptor is a ring. */
export function ioUringUse(task: Task, fd: number, known: boolean): never {
  if (!known) throw new Errno(EINVAL);
  task.files.get(fd);
  throw new Errno(EOPNOTSUPP);
}

export function bpf(task: Task, command: number, attributes: number, size: number): never {
  if (size > 4096) throw new Errno(E2BIG);
  if (size > 0) task.copyIn(attributes, size);
  if (command < 0 || command > MAX_BPF_COMMAND) throw new Errno(EINVAL);
  throw new Errno(EPERM);
}

export function perfEventOpen(task: Task, attributes: number): never {
  task.copyIn(attributes, 64);
  throw new Errno(EPERM);
}

export function userfaultfd(task: Task, flags: number): never {
  if (!task.cred.isPrivileged && !(flags & 1)) throw new Errno(EPERM);
  if (flags & ~UFFD_FLAGS) throw new Errno(EINVAL);
  throw new Errno(EPERM);
}

/** landlock_create_ruleset(2): EOPNOTSUPP is what a kernel says whose Landlock was not started. */
export function landlock(): never {
  throw new Errno(EOPNOTSUPP);
}
