// seccomp(2): which calls a task may still make, and what becomes of the others. kernel/seccomp.c
import {
  PTRACE_EVENT_SECCOMP,
  PTRACE_O_SUSPEND_SECCOMP,
  RLIMIT_NOFILE,
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_GET_ACTION_AVAIL,
  SECCOMP_GET_NOTIF_SIZES,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_SET_MODE_FILTER,
  SECCOMP_SET_MODE_STRICT,
} from "../../abi/constants/processes.js";
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, SIGKILL, SIGSYS, SYS_SECCOMP } from "../../abi/constants/signals.js";
import { EACCES, EBUSY, EINVAL, ENOMEM, ENOSYS, EOPNOTSUPP, Errno, ESRCH } from "../../abi/errno.js";
import { TIF_SECCOMP } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import type { SyscallValue } from "../entry/syscall-table.js";
import { SA_IMMUTABLE } from "../signal/sighand.js";
import { sysInfo } from "../signal/siginfo.js";
import { exitTask } from "../task/exit.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { ClassicBpf, SECCOMP_DATA_SIZE } from "./classic-bpf.js";
import { ListenerFile, type Notification, Notifications } from "./notifications.js";

/** read, write, exit and rt_sigreturn; i386 has sigreturn. */
const STRICT_CALLS = { x86_64: [0, 1, 60, 15], i386: [3, 4, 1, 119] };
const MAX_INSNS_PER_FILTER = 4096;
const MAX_INSNS_PER_PATH = 32768;
const FILTER_COST = 4;
const MAX_ERRNO = 4095;
const FILTER_FLAGS =
  SECCOMP_FILTER_FLAG_TSYNC |
  SECCOMP_FILTER_FLAG_LOG |
  SECCOMP_FILTER_FLAG_SPEC_ALLOW |
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH |
  SECCOMP_FILTER_FLAG_NEW_LISTENER |
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

// What a filter returns: the action above, its data in the low half.
const KILL_PROCESS = 0x80000000 | 0;
const KILL_THREAD = 0;
const TRAP = 0x00030000;
const ERRNO = 0x00050000;
const TRACE = 0x7ff00000;
const LOG = 0x7ffc0000;
const ALLOW = 0x7fff0000;
const USER_NOTIF = 0x7fc00000;
const ACTION = 0xffff0000 | 0;

export interface Filter {
  readonly program: ClassicBpf;
  /** The one installed before it: all are asked. */
  readonly before: Filter | undefined;
  /** SECCOMP_FILTER_FLAG_LOG, for what it is worth. */
  readonly logs: boolean;
  /** For whoever listens. */
  readonly notifications: Notifications | undefined;
}

/** A task's state; never changed, only exchanged. */
export interface Seccomp {
  readonly mode: number;
  readonly filter: Filter | undefined;
}

export const noSeccomp: Seccomp = { mode: 0, filter: undefined };

export function filterCount({ filter }: Seccomp): number {
  let count = 0;
  for (let at = filter; at; at = at.before) count++;
  return count;
}

function setSeccomp(task: Task, seccomp: Seccomp): void {
  task.seccomp = seccomp;
  task.stack.setFlag(TIF_SECCOMP);
}

/** fork: the child is bound by the same filters. */
export function inheritSeccomp(task: Task, child: Task): void {
  if (task.seccomp.mode !== 0) setSeccomp(child, task.seccomp);
}

export function seccomp(task: Task, operation: number, flags: number, argument: number): number {
  switch (operation) {
    case SECCOMP_SET_MODE_STRICT:
      if (flags !== 0 || argument !== 0 || task.seccomp.mode === SECCOMP_MODE_FILTER) throw new Errno(EINVAL);
      setSeccomp(task, { mode: SECCOMP_MODE_STRICT, filter: undefined });
      return 0;
    case SECCOMP_SET_MODE_FILTER:
      return addFilter(task, flags, argument);
    case SECCOMP_GET_ACTION_AVAIL: {
      if (flags !== 0) throw new Errno(EINVAL);
      const action = task.readI32(argument);
      if (![KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW].includes(action))
        throw new Errno(EOPNOTSUPP);
      return 0;
    }
    case SECCOMP_GET_NOTIF_SIZES:
      if (flags !== 0) throw new Errno(EINVAL);
      task.copyOut(argument, new Uint8Array(Uint16Array.of(80, 24, 64).buffer));
      return 0;
    default:
      throw new Errno(EINVAL);
  }
}

/** struct sock_fprog: a length and a pointer. With TSYNC all threads get the filter, or the id of one that cannot. */
function addFilter(task: Task, flags: number, address: number): number {
  checkFilterFlags(flags);
  const word = task.pointerBytes;
  const header = new DataView(task.copyIn(address, 2 * word).buffer);
  const length = header.getUint16(0, true);
  if (length === 0 || length > MAX_INSNS_PER_FILTER) throw new Errno(EINVAL);
  if (!task.noNewPrivileges && !task.cred.isPrivileged) throw new Errno(EACCES);
  const program = new ClassicBpf(task.copyIn(task.readPointer(address + word), length * 8));
  const { mode, filter: before } = task.seccomp;
  if (mode === SECCOMP_MODE_STRICT) throw new Errno(EINVAL);
  let cost = length;
  for (let at = before; at; at = at.before) cost += at.program.length + FILTER_COST;
  if (cost > MAX_INSNS_PER_PATH) throw new Errno(ENOMEM);
  const listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  for (let at = before; at && listens; at = at.before) if (at.notifications) throw new Errno(EBUSY);
  const others = flags & SECCOMP_FILTER_FLAG_TSYNC ? [...task.signal.threads].filter((thread) => thread !== task) : [];
  const stubborn = others.find((thread) => !isOlder(thread.seccomp, before));
  if (stubborn && flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) throw new Errno(ESRCH);
  if (stubborn) return stubborn.pid;
  const isKillable = (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0;
  const notifications = listens ? new Notifications(isKillable, randomId(task)) : undefined;
  const logs = (flags & SECCOMP_FILTER_FLAG_LOG) !== 0;
  const filter: Filter = { program, before, logs, notifications };
  const listener = filter.notifications && installListener(task, filter, filter.notifications);
  const wanted = { mode: SECCOMP_MODE_FILTER, filter };
  setSeccomp(task, wanted);
  for (const thread of others) {
    setSeccomp(thread, wanted);
    thread.noNewPrivileges ||= task.noNewPrivileges;
  }
  return listener ?? 0;
}

function checkFilterFlags(flags: number): void {
  if (flags & ~FILTER_FLAGS) throw new Errno(EINVAL);
  const listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  // One result cannot be a descriptor and a thread that could not be bound.
  if (listens && flags & SECCOMP_FILTER_FLAG_TSYNC && !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
    throw new Errno(EINVAL);
  if (!listens && flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) throw new Errno(EINVAL);
}

/** Programs must not guess ids of others. */
function randomId({ kernel }: Task): bigint {
  const id = new BigUint64Array(1);
  kernel.random(new Uint8Array(id.buffer));
  return id[0];
}

function installListener(task: Task, filter: Filter, notifications: Notifications): number {
  const { kernel } = task;
  const isUsed = (): boolean =>
    [...kernel.tasks.values()].some(({ isDead, seccomp }) => !isDead && binds(filter, seccomp));
  const file = new ListenerFile(task, notifications, isUsed);
  return task.files.install(file, true, task.signal.limits.soft(RLIMIT_NOFILE));
}

function binds(filter: Filter, seccomp: Seccomp): boolean {
  for (let at = seccomp.filter; at; at = at.before) if (at === filter) return true;
  return false;
}

/** is_ancestor: has the thread no filters that the caller does not have? */
function isOlder({ mode, filter }: Seccomp, of: Filter | undefined): boolean {
  if (mode === 0) return true;
  for (let at = of; at; at = at.before) if (at === filter) return mode === SECCOMP_MODE_FILTER;
  return false;
}

/** A call about which a supervisor has been asked. */
export interface AskedCall {
  readonly notification: Notification;
  readonly wait: Sleep<SyscallValue>;
}

/**
 * __secure_computing: may the call be made? When not, what it returns is in ax, or a signal is on its way, or the task is dead. Or a
 * supervisor is asked, and the task waits. A number when the task that traces this one is to say: the filter's data. `asked` when it has.
 */
export function mayCall(task: Task, asked = false): boolean | number | AskedCall {
  const { regs } = task.stack;
  const call = regs.low(pt.PT_ORIG_AX);
  if (task.ptraced?.hasOption(PTRACE_O_SUSPEND_SECCOMP)) return true;
  if (task.seccomp.mode === SECCOMP_MODE_STRICT) {
    if (STRICT_CALLS[task.compat ? "i386" : "x86_64"].includes(call)) return true;
    exitTask(task, SIGKILL);
    return false;
  }
  const { verdict, filter, data } = ask(task, call);
  switch (verdict & ACTION) {
    case ALLOW:
    case LOG:
      return true;
    case ERRNO:
      regs.setSigned(pt.PT_AX, -Math.min(verdict & 0xffff, MAX_ERRNO));
      return false;
    case USER_NOTIF: {
      const notification = filter?.notifications?.add(task, data);
      if (notification && filter?.notifications) return { notification, wait: filter.notifications.wait(notification) };
      regs.setSigned(pt.PT_AX, -ENOSYS);
      return false;
    }
    case TRACE:
      if (asked) return true;
      if (task.ptraced?.wantsEvent(PTRACE_EVENT_SECCOMP)) return verdict & 0xffff;
      regs.setSigned(pt.PT_AX, -ENOSYS);
      return false;
    case TRAP:
      sendSigsys(task, call, verdict & 0xffff, 0);
      return false;
    case KILL_THREAD:
      if (task.signal.threads.size > 1) {
        exitTask(task, SIGSYS);
        return false;
      }
  }
  sendSigsys(task, call, verdict & 0xffff, SA_IMMUTABLE);
  return false;
}

const auditArch = (task: Task): number => (task.compat ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64);

/** syscall_rollback and force_sig_seccomp. */
function sendSigsys(task: Task, call: number, reason: number, flags: number): void {
  const { regs } = task.stack;
  regs.set(pt.PT_AX, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX));
  const info = sysInfo(SIGSYS, SYS_SECCOMP, regs.get64(pt.PT_IP), call, auditArch(task));
  new DataView(info.buffer).setInt32(4, reason, true);
  task.forceSignal(SIGSYS, info, flags);
}

/** All filters are asked, the newest first; the strictest answer counts, the newest of its kind. */
function ask(task: Task, call: number): { verdict: number; filter: Filter | undefined; data: Uint8Array } {
  const { regs } = task.stack;
  const data = new DataView(new ArrayBuffer(SECCOMP_DATA_SIZE));
  data.setInt32(0, call, true);
  data.setUint32(4, auditArch(task), true);
  data.setBigUint64(8, regs.get64(pt.PT_IP), true);
  const isNarrow = task.compat;
  const words = isNarrow ? pt.ARGUMENT_WORDS_32 : pt.ARGUMENT_WORDS;
  words.forEach((word, index) => {
    data.setInt32(16 + index * 8, regs.low(word), true);
    data.setInt32(20 + index * 8, isNarrow ? 0 : regs.high(word), true);
  });
  let verdict = ALLOW;
  let filter: Filter | undefined;
  for (let at = task.seccomp.filter; at; at = at.before) {
    const answer = at.program.run(data) | 0;
    if ((answer & ACTION) < (verdict & ACTION)) [verdict, filter] = [answer, at];
  }
  return { verdict, filter, data: new Uint8Array(data.buffer) };
}
