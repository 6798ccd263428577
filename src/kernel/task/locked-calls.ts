// Calls that a sysctl or a missing privilege locks on many systems, as on this one: io_uring (io_uring_disabled=2), bpf and perf
// (unprivileged use disabled, paranoid), userfaultfd. Bad arguments are told first, as
// Linux does.
import { CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE } from "../../abi/constants/security.js";
import { E2BIG, EACCES, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { copyInExtensible } from "../mm/user-access.js";
import type { Task } from "./task.js";

const MAX_BPF_COMMAND = 38;
const [BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM] = [0, 1, 2, 3];
const [BPF_MAP_GET_NEXT_KEY, BPF_PROG_LOAD, BPF_OBJ_PIN, BPF_OBJ_GET, BPF_PROG_ATTACH] = [4, 5, 6, 7, 8];
const LAST_MAP_TYPE = 33;
const MOST_INSTRUCTIONS = 1_000_000;
const BPF_ATTRIBUTES = 168; // union bpf_attr
const PERF_SHORTEST = 64; // struct perf_event_attr, its first version and the one known
const PERF_ATTRIBUTES = 136;
const PERF_FLAGS = 15;
const PERF_PID_CGROUP = 4;
const PERF_CONFIG = 8;
const PERF_LAST_SOFTWARE = 11n; // PERF_COUNT_SW_CGROUP_SWITCHES
const PERF_BITS = 40;
const PERF_EXCLUDE_KERNEL = 1 << 5;
const PERF_TYPE_SOFTWARE = 1;
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
  if (size > 0) copyInExtensible(task.mm, attributes, size, 0, BPF_ATTRIBUTES);
  if (command < 0 || command > MAX_BPF_COMMAND) throw new Errno(EINVAL);
  checkBpf(task, command, size === 0 ? undefined : copyInExtensible(task.mm, attributes, size, 0, BPF_ATTRIBUTES));
  throw new Errno(EPERM);
}

/** What is wrong with a command whoever makes it. */
function checkBpf(task: Task, command: number, attributes: DataView | undefined): void {
  const word = (at: number): number => attributes?.getUint32(at, true) ?? 0;
  switch (command) {
    case BPF_MAP_CREATE: {
      const type = word(0);
      if (type === 0 || type > LAST_MAP_TYPE) throw new Errno(EINVAL);
      return;
    }
    case BPF_PROG_LOAD:
      if (task.cred.can(CAP_BPF) && (word(4) === 0 || word(4) > MOST_INSTRUCTIONS)) throw new Errno(E2BIG);
      return;
    case BPF_MAP_LOOKUP_ELEM:
    case BPF_MAP_UPDATE_ELEM:
    case BPF_MAP_DELETE_ELEM:
    case BPF_MAP_GET_NEXT_KEY:
      task.files.get(word(0)); // which is of no map
      throw new Errno(EINVAL);
    case BPF_OBJ_PIN:
    case BPF_OBJ_GET:
      task.copyInPath(Number(attributes?.getBigUint64(0, true) ?? 0n));
      return;
    case BPF_PROG_ATTACH:
      if (word(8) === 0) throw new Errno(EINVAL);
  }
}

/** perf_copy_attr: of a size that is not known, the one that is goes back to the program. */
function copyInPerfAttributes(task: Task, address: number): DataView {
  const size = task.readU32(address + 4) || PERF_SHORTEST;
  try {
    if (size < PERF_SHORTEST) throw new Errno(E2BIG);
    return copyInExtensible(task.mm, address, size, PERF_SHORTEST, PERF_ATTRIBUTES);
  } catch (error) {
    if (error instanceof Errno && error.number === E2BIG) task.writeU32(address + 4, PERF_ATTRIBUTES);
    throw error;
  }
}

/** perf_event_open(2) of a machine without counters. */
export function perfEventOpen(
  task: Task,
  address: number,
  pid: number,
  cpu: number,
  group: number,
  flags: number,
): never {
  if (flags > PERF_FLAGS) throw new Errno(EINVAL);
  const attributes = copyInPerfAttributes(task, address);
  const isUserOnly = (attributes.getUint32(PERF_BITS, true) & PERF_EXCLUDE_KERNEL) !== 0;
  if (!isUserOnly && !task.cred.isPrivileged && !task.cred.can(CAP_PERFMON)) throw new Errno(EACCES);
  if (flags & PERF_PID_CGROUP && (pid === -1 || cpu === -1)) throw new Errno(EINVAL);
  if (pid === -1 && cpu === -1) throw new Errno(EINVAL);
  if (group !== -1) {
    task.files.get(group);
    throw new Errno(EBADF); // no descriptor is an event
  }
  if (pid > 0 && task.find(pid) === undefined) throw new Errno(ESRCH);
  const isSoftware = attributes.getUint32(0, true) === PERF_TYPE_SOFTWARE;
  if (!isSoftware || attributes.getBigUint64(PERF_CONFIG, true) > PERF_LAST_SOFTWARE) throw new Errno(ENOENT);
  throw new Errno(cpu > 0 ? EINVAL : EPERM);
}

export function userfaultfd(task: Task, flags: number): never {
  if (!task.cred.can(CAP_SYS_PTRACE) && !(flags & 1)) throw new Errno(EPERM);
  if (flags & ~UFFD_FLAGS) throw new Errno(EINVAL);
  throw new Errno(EPERM);
}
