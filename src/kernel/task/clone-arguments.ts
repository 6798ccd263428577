// What clone(2), clone3(2), fork(2) and vfork(2) say of a child to be made. kernel/fork.c: copy_clone_args_from_user
import {
  CLONE_NEWTIME,
  CLONE_PARENT,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
  CSIGNAL,
} from "../../abi/constants/processes.js";
import { _NSIG, SIGCHLD } from "../../abi/constants/signals.js";
import { EBADF, EINVAL, Errno } from "../../abi/errno.js";
import { TASK_SIZE } from "../mm/mm.js";
import { copyInExtensible } from "../mm/user-access.js";
import type { Task } from "./task.js";

export const CLONE_DETACHED = 0x400000; // of no effect for twenty years, so refused with what is new

/** clone3's flags beyond 32 bits. */
const CLEAR_SIGHAND = 1;
const INTO_CGROUP = 2;

const SIZE_VER0 = 64;
const SIZE_VER2 = 88;
const DEEPEST_PID_NAMESPACE = 32;

export interface CloneArguments {
  readonly flags: number;
  readonly exitSignal: number;
  /** 0: the parent's. */
  readonly stack: number;
  readonly parentTid: number;
  readonly childTid: number;
  readonly tls: number;
  /** Where the number of the child's pidfd goes. */
  readonly pidfd: number;
  /** The numbers the child is to have, in its own pid namespace first. */
  readonly tids?: readonly number[];
  /** CLONE_CLEAR_SIGHAND */
  readonly clearsHandlers?: boolean;
}

/** clone(2)'s register form. */
export function cloneArguments(
  flags: number,
  stack: number,
  parentTid: number,
  childTid: number,
  tls: number,
): CloneArguments {
  return { flags: flags & ~CSIGNAL, exitSignal: flags & CSIGNAL, stack, parentTid, childTid, tls, pidfd: parentTid };
}

/** clone3(2)'s structure: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup. */
export function clone3(task: Task, address: number, size: number): CloneArguments {
  const view = copyInExtensible(task.mm, address, size, SIZE_VER0, SIZE_VER2);
  const word = (index: number): number => Number(view.getBigUint64(index * 8, true));
  const [list, count] = [word(8), word(9)];
  if (count > DEEPEST_PID_NAMESPACE || (list === 0) !== (count === 0)) throw new Errno(EINVAL);
  const [exitSignal, above] = [word(4), view.getUint32(4, true)];
  if (exitSignal > _NSIG) throw new Errno(EINVAL);
  const isPlaced = (above & INTO_CGROUP) !== 0;
  if (isPlaced && (word(10) > 0x7fffffff || size < SIZE_VER2)) throw new Errno(EINVAL);
  const tids = Array.from({ length: count }, (_, index) => task.readI32(list + index * 4));
  const flags = view.getInt32(0, true);
  if (above & ~(CLEAR_SIGHAND | INTO_CGROUP) || flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
    throw new Errno(EINVAL);
  const clearsHandlers = (above & CLEAR_SIGHAND) !== 0;
  if ((clearsHandlers && flags & CLONE_SIGHAND) || (flags & (CLONE_THREAD | CLONE_PARENT) && exitSignal !== 0))
    throw new Errno(EINVAL);
  const [stack, stackSize] = [word(5), word(6)];
  if ((stack === 0) !== (stackSize === 0) || stack + stackSize > TASK_SIZE) throw new Errno(EINVAL);
  if (isPlaced) throw new Errno(EBADF); // there is no file system whose directories are control groups
  return {
    flags,
    exitSignal,
    stack: stack + stackSize,
    parentTid: word(3),
    childTid: word(2),
    tls: word(7),
    pidfd: word(1),
    tids,
    clearsHandlers,
  };
}

export const forkArguments: CloneArguments = {
  flags: 0,
  exitSignal: SIGCHLD,
  stack: 0,
  parentTid: 0,
  childTid: 0,
  tls: 0,
  pidfd: 0,
};
export const vforkArguments: CloneArguments = { ...forkArguments, flags: CLONE_VFORK | CLONE_VM };
