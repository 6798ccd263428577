// wait4 and waitid: what became of children. kernel/exit.c: do_wait
import { O_NONBLOCK } from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/processes.js";
import { P_ALL, P_PGID, P_PID, P_PIDFD } from "../../abi/constants/processes.js";
import { CLD_CONTINUED, CLD_STOPPED, CLD_TRAPPED, SIGCHLD, SIGCONT } from "../../abi/constants/signals.js";
import { EAGAIN, ECHILD, EINVAL, Errno, ESRCH } from "../../abi/errno.js";
import { pidFile } from "../fs/anonfs/pid-fd.js";
import type { TraceStop } from "../ptrace/ptraced.js";
import { addChildTime, divided, processTime } from "./cpu-time.js";
import { describe, exitStatusOf, isAlone, reap, reapTraced } from "./exit.js";
import { usageOf, writeRusage } from "./limits.js";
import type { Task } from "./task.js";
import { type Sleep, sleepUntil } from "./wait.js";

/** A child that changed, and its wait(2) status. */
interface Change {
  readonly child: Task;
  /** As the waiter knows it. */
  readonly pid: number;
  readonly status: number;
  readonly code: number;
  readonly value: number;
  /** Of a task it traces. */
  readonly stop?: TraceStop;
}

/** wait4(2): the child's id, 0 with WNOHANG when none has changed. */
export function* wait4(task: Task, pid: number, statusAddress: number, options: number, usage: number): Sleep<number> {
  const known = uapi.WNOHANG | uapi.WUNTRACED | uapi.WCONTINUED | 0xe0000000;
  if (options & ~known) throw new Errno(EINVAL);
  if (pid === -0x80000000) throw new Errno(ESRCH); // there is no such positive number
  const { pidNamespace } = task;
  const group = pid === 0 ? task.signal.pgrp : pidNamespace.outside(-pid);
  const wanted = pidNamespace.outside(pid);
  const matches = (child: Task): boolean =>
    pid > 0 ? child.pid === wanted : pid === -1 || child.signal.pgrp === group;
  const change = yield* waitFor(task, matches, options | uapi.WEXITED);
  if (change === undefined) return 0;
  if (statusAddress !== 0) task.writeU32(statusAddress, change.status);
  if (usage !== 0) writeUsage(task, usage, change.child);
  return change.pid;
}

/** waitid(2): fills a siginfo, with nothing where there is an error. */
export function* waitid(
  task: Task,
  which: number,
  id: number,
  info: number,
  options: number,
  usage: number,
): Sleep<number> {
  let change: Change | undefined;
  let failure: Errno | undefined;
  try {
    change = yield* waitForId(task, which, id, options);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    failure = error;
  }
  if (usage !== 0 && change) writeUsage(task, usage, change.child);
  if (info !== 0) {
    const union = task.pointerBytes === 8 ? 16 : 12;
    task.writeU32(info, change ? SIGCHLD : 0);
    task.writeU32(info + 4, 0);
    task.writeU32(info + 8, change?.code ?? 0);
    task.writeU32(info + union, change?.pid ?? 0);
    task.writeU32(info + union + 4, change ? task.cred.shownUid(change.child.cred.uid) : 0);
    task.writeU32(info + union + 8, change?.value ?? 0);
  }
  if (failure) throw failure;
  return 0;
}

/** kernel_waitid */
function* waitForId(task: Task, which: number, id: number, options: number): Sleep<Change | undefined> {
  const kinds = uapi.WEXITED | uapi.WUNTRACED | uapi.WCONTINUED;
  if (options & ~(kinds | uapi.WNOHANG | uapi.WNOWAIT | 0xe0000000) || !(options & kinds)) throw new Errno(EINVAL);
  if (which < P_ALL || which > P_PIDFD || (which === P_PID && id <= 0)) throw new Errno(EINVAL);
  if (which !== P_ALL && id < 0) throw new Errno(EINVAL);
  const pidfd = which === P_PIDFD ? pidFile(task, id) : undefined;
  const pid = pidfd?.pid ?? task.pidNamespace.outside(id);
  const matches = (child: Task): boolean =>
    which === P_ALL ||
    (which === P_PGID ? child.signal.pgrp === (id === 0 ? task.signal.pgrp : pid) : child.pid === pid);
  const noWait = pidfd !== undefined && (pidfd.flags & O_NONBLOCK) !== 0 && !(options & uapi.WNOHANG);
  const change = yield* waitFor(task, matches, noWait ? options | uapi.WNOHANG : options);
  if (noWait && change === undefined) throw new Errno(EAGAIN);
  return change;
}

function* waitFor(task: Task, matches: (child: Task) => boolean, options: number): Sleep<Change | undefined> {
  let found: Change | undefined;
  const look = (): boolean => {
    const { any, change } = lookForChange(task, matches, options);
    found = change;
    if (!any) throw new Errno(ECHILD);
    return change !== undefined;
  };
  if (!look()) {
    if (options & uapi.WNOHANG) return undefined;
    yield* sleepUntil(task, look);
  }
  if (found && !(options & uapi.WNOWAIT)) take(task, found);
  return found;
}

/** do_wait: children first, then those it traces; `any` when there is one to wait for. */
function lookForChange(
  task: Task,
  matches: (child: Task) => boolean,
  options: number,
): { any: boolean; change: Change | undefined } {
  const alone = (options & uapi.__WNOTHREAD) !== 0;
  let any = false;
  for (const child of task.signal.children) {
    if (!matches(child) || (alone && child.signal.parent !== task) || !isEligible(child, options)) continue;
    const ptraced = child.ptraced;
    // A child that a thread of the caller's traces is looked at as its tracer would.
    const own = ptraced?.tracer.signal === task.signal;
    if (child.state === "zombie" && ptraced && !own && !isAlone(child)) continue;
    // Of one that has ended there is nothing else to wait for.
    if (!own && !ptraced && isAlone(child) && !(options & uapi.WEXITED)) continue;
    any = true;
    const change = own
      ? tracedChange(child, child.pidFor(task), options)
      : changeOf(child, child.pidFor(task), options);
    if (change) return { any, change };
  }
  for (const thread of alone ? [task] : task.signal.threads) {
    if (thread.tracees === undefined) continue;
    for (const child of [...thread.tracees].reverse()) {
      if (!matches(child)) continue;
      any = true;
      const change = tracedChange(child, child.pidFor(task), options);
      if (change) return { any, change };
    }
  }
  return { any, change: undefined };
}

/** eligible_child: "clone" children are those that end with another signal than SIGCHLD. */
function isEligible({ signal, ptraced }: Task, options: number): boolean {
  if (ptraced || options & uapi.__WALL) return true;
  return (signal.exitSignal !== SIGCHLD) === ((options & uapi.__WCLONE) !== 0);
}

/** What the tracer of a task sees of it: every stop, whatever was asked for. */
function tracedChange(child: Task, pid: number, options: number): Change | undefined {
  const stop = child.ptraced?.stop;
  if (child.state === "zombie") {
    const delayed = child.pid === child.signal.tgid && !isAlone(child);
    return delayed ? undefined : ended(child, pid, options);
  }
  if (stop && !stop.reported && !child.ptraced?.listening) {
    return { child, pid, status: (stop.code << 8) | 0x7f, code: CLD_TRAPPED, value: stop.code, stop };
  }
  return continued(child, pid, options);
}

function changeOf(child: Task, pid: number, options: number): Change | undefined {
  const { signal } = child;
  if (isAlone(child)) return child.ptraced ? undefined : ended(child, pid, options);
  if (signal.stopSignal !== 0 && !signal.stopReported && options & uapi.WUNTRACED) {
    return { child, pid, status: (signal.stopSignal << 8) | 0x7f, code: CLD_STOPPED, value: signal.stopSignal };
  }
  return continued(child, pid, options);
}

function ended(child: Task, pid: number, options: number): Change | undefined {
  const [code, value] = describe(child);
  return options & uapi.WEXITED ? { child, pid, status: exitStatusOf(child), code, value } : undefined;
}

function continued(child: Task, pid: number, options: number): Change | undefined {
  const { signal } = child;
  if (signal.stopSignal !== 0 || signal.continuedReported || !(options & uapi.WCONTINUED)) return undefined;
  return { child, pid, status: 0xffff, code: CLD_CONTINUED, value: SIGCONT };
}

function take(task: Task, { child, stop }: Change): void {
  if (stop) stop.reported = true;
  else if (child.state === "zombie") {
    if (isAlone(child) && child.signal.parent?.signal === task.signal) addChildTime(task, child);
    if (child.ptraced) reapTraced(child);
    else reap(child);
  } else if (child.signal.stopSignal !== 0) child.signal.stopReported = true;
  else child.signal.continuedReported = true;
}

function writeUsage(task: Task, address: number, child: Task): void {
  const { user, system } = divided(child, processTime(child));
  writeRusage(task, address, user, system, usageOf(child));
}
