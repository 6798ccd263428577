// A process as a file: pidfd_open(2), what can be done with it, and what clone(CLONE_PIDFD) makes. kernel/pid.c, fs/pidfs.c

import { POLLHUP, POLLIN, POLLRDNORM } from "../../../abi/constants/events.js";
import { O_NONBLOCK, O_RDWR } from "../../../abi/constants/files.js";
import { PIDFD_NONBLOCK, PIDFD_THREAD, RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { CAP_SYS_PTRACE } from "../../../abi/constants/security.js";
import {
  _NSIG,
  PIDFD_SIGNAL_PROCESS_GROUP,
  PIDFD_SIGNAL_THREAD,
  PIDFD_SIGNAL_THREAD_GROUP,
  SI_TKILL,
  SI_USER,
} from "../../../abi/constants/signals.js";
import { EBADF, EINVAL, ENOENT, EPERM, Errno, ESRCH } from "../../../abi/errno.js";
import { wideSiginfo } from "../../../abi/siginfo-layout.js";
import { mayTrace } from "../../security/landlock.js";
import { checkPermission } from "../../signal/control.js";
import { SIGINFO_SIZE, userInfo } from "../../signal/siginfo.js";
import { hasRightsOver } from "../../task/namespaces.js";
import type { Task } from "../../task/task.js";
import { File } from "../../vfs/file.js";

export class PidFile extends File {
  readonly #target: Task;
  readonly isThread: boolean;

  constructor(target: Task, flags: number) {
    super(target.kernel.anonFs.dentry("[pidfd]"), O_RDWR | (flags & O_NONBLOCK));
    this.#target = target;
    this.isThread = (flags & PIDFD_THREAD) !== 0;
  }

  /** The process's leader or the thread, be it a zombie; undefined once it has been reaped. */
  get target(): Task | undefined {
    if (this.#target.state !== "dead") return this.#target;
    // A thread that executed a program may have taken its place.
    const heir = this.#target.kernel.tasks.get(this.pid);
    return heir?.signal === this.#target.signal ? heir : undefined;
  }

  get pid(): number {
    return this.#target.pid;
  }

  override get info(): string {
    const pid = this.target?.pid ?? -1;
    return `Pid:\t${pid}\nNSpid:\t${pid}\n`;
  }

  override poll(): number {
    if (this.target === undefined) return POLLIN | POLLRDNORM | POLLHUP;
    return this.target.isDead ? POLLIN | POLLRDNORM : 0;
  }
}

export function pidfdOpen(task: Task, pid: number, flags: number): number {
  if (flags & ~(PIDFD_NONBLOCK | PIDFD_THREAD) || pid <= 0) throw new Errno(EINVAL);
  const target = task.find(pid);
  if (target === undefined) throw new Errno(ESRCH);
  if (!(flags & PIDFD_THREAD) && target.tgid !== target.pid) throw new Errno(ENOENT);
  return task.files.install(new PidFile(target, flags), true, task.signal.limits.soft(RLIMIT_NOFILE));
}

/** The file of a pidfd; throws EBADF for any other. */
export function pidFile(task: Task, fd: number): PidFile {
  const file = task.files.get(fd);
  if (!(file instanceof PidFile)) throw new Errno(EBADF);
  return file;
}

/** pidfd_send_signal(2): to the process, the thread, or the group. */
export function pidfdSendSignal(task: Task, fd: number, signal: number, info: number, flags: number): void {
  const scopes = PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP;
  if (flags & ~scopes || flags & (flags - 1)) throw new Errno(EINVAL);
  const file = pidFile(task, fd);
  const toThread = flags === PIDFD_SIGNAL_THREAD || (flags === 0 && file.isThread);
  const code = toThread ? SI_TKILL : SI_USER;
  const bytes =
    info === 0
      ? userInfo(signal, code, task.ownTgid, task.cred.shownUid(task.cred.uid))
      : wideSiginfo(task.copyIn(info, SIGINFO_SIZE), task.abi);
  if (info !== 0) {
    const view = new DataView(bytes.buffer);
    if (view.getInt32(0, true) !== signal) throw new Errno(EINVAL);
    const given = view.getInt32(8, true);
    if (file.pid !== task.pid && (given >= 0 || given === SI_TKILL)) throw new Errno(EPERM);
  }
  if (signal < 0 || signal > _NSIG) throw new Errno(EINVAL);
  const { target } = file;
  if (target === undefined) throw new Errno(ESRCH);
  const receivers =
    flags === PIDFD_SIGNAL_PROCESS_GROUP
      ? [...task.kernel.tasks.values()].filter(({ pid, tgid, signal: { pgrp } }) => pid === tgid && pgrp === target.pid)
      : [target];
  if (receivers.length === 0) throw new Errno(ESRCH);
  for (const receiver of receivers) {
    checkPermission(task, receiver, signal);
    if (signal !== 0) receiver.sendSignal(signal, bytes, !toThread);
  }
}

/** pidfd_getfd(2): a descriptor of our own for a file of the other process. */
export function pidfdGetfd(task: Task, fd: number, wanted: number, flags: number): number {
  if (flags !== 0) throw new Errno(EINVAL);
  const { target } = pidFile(task, fd);
  if (target === undefined) throw new Errno(ESRCH);
  if (!mayInspect(task, target)) throw new Errno(EPERM);
  if (target.isDead) throw new Errno(ESRCH);
  return task.files.install(target.files.getRaw(wanted).hold(), true, task.signal.limits.soft(RLIMIT_NOFILE));
}

/** ptrace_may_access with PTRACE_MODE_ATTACH_REALCREDS. */
export function mayInspect(task: Task, target: Task): boolean {
  if (task.tgid !== target.tgid && !mayTrace(task.cred, target.cred)) return false;
  if (task.tgid === target.tgid || hasRightsOver(task.cred, target.cred.userNamespace, CAP_SYS_PTRACE)) return true;
  const { uid, gid } = task.cred;
  const other = target.cred;
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === gid);
  return sameUser && sameGroup && target.dumpable === 1;
}
