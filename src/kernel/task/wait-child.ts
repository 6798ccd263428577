// wait4 and waitid: what became of children. kernel/exit.c: do_wait
import { O_NONBLOCK } from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/processes.js";
import { P_ALL, P_PGID, P_PID, P_PIDFD } from "../../abi/constants/processes.js";
import { SIGCHLD, SIGCONT } from "../../abi/constants/signals.js";
import { EAGAIN, ECHILD, EINVAL, Errno } from "../../abi/errno.js";
import { pidFile } from "../fs/anonfs/pid-fd.js";
import { addChildTime, divided, processTime } from "./cpu-time.js";
import { describe, reap } from "./exit.js";
import { writeRusage } from "./limits.js";
import type { Task } from "./task.js";
import { type Sleep, sleepUntil } from "./wait.js";

/** A child that changed, and its wait(2) status. */
interface Change {
  readonly child: Task;
  readonly status: number;
  readonly code: number;
  readonly value: number;
}

/** wait4(2): the child's id, 0 with WNOHANG when none has changed. */
export function* wait4(task: Task, pid: number, statusAddress: number, options: number, usage: number): Sleep<number> {
  const known = uapi.WNOHANG | uapi.WUNTRACED | uapi.WCONTINUED | 0xe0000000;
  if (options & ~known) throw new Errno(EINVAL);
  const group = pid === 0 ? task.signal.pgrp : -pid;
  const matches = (child: Task): boolean => (pid > 0 ? child.pid === pid : pid === -1 || child.signal.pgrp === group);
  const change = yield* waitFor(task, matches, options | uapi.WEXITED);
  if (change === undefined) return 0;
  if (statusAddress !== 0) task.writeU32(statusAddress, change.status);
  if (usage !== 0) writeUsage(task, usage, change.child);
  return change.child.pid;
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
    task.writeU32(info + union, change?.child.pid ?? 0);
    task.writeU32(info + union + 4, change?.child.cred.uid ?? 0);
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
  const pid = pidfd?.pid ?? id;
  const matches = (child: Task): boolean =>
    which === P_ALL || (which === P_PGID ? child.signal.pgrp === (id || task.signal.pgrp) : child.pid === pid);
  const noWait = pidfd !== undefined && (pidfd.flags & O_NONBLOCK) !== 0 && !(options & uapi.WNOHANG);
  const change = yield* waitFor(task, matches, noWait ? options | uapi.WNOHANG : options);
  if (noWait && change === undefined) throw new Errno(EAGAIN);
  return change;
}

function* waitFor(task: Task, matches: (child: Task) => boolean, options: number): Sleep<Change | undefined> {
  let found: Change | undefined;
  const look = (): boolean => {
    let any = false;
    for (const thread of task.signal.threads) {
      for (const child of thread.signal.children) {
        if (!matches(child)) continue;
        any = true;
        found = changeOf(child, options);
        if (found) return true;
      }
      break; // all threads share one list
    }
    if (!any) throw new Errno(ECHILD);
    return false;
  };
  if (!look()) {
    if (options & uapi.WNOHANG) return undefined;
    yield* sleepUntil(task, look);
  }
  if (found && !(options & uapi.WNOWAIT)) take(task, found.child);
  return found;
}

function changeOf(child: Task, options: number): Change | undefined {
  const { signal } = child;
  const [code, value] = describe(child);
  if (child.state === "zombie")
    return options & uapi.WEXITED ? { child, status: child.exitStatus, code, value } : undefined;
  if (signal.stopSignal !== 0 && !signal.stopReported && options & uapi.WUNTRACED) {
    return { child, status: (signal.stopSignal << 8) | 0x7f, code, value };
  }
  if (signal.stopSignal === 0 && !signal.continuedReported && options & uapi.WCONTINUED) {
    return { child, status: 0xffff, code, value: SIGCONT };
  }
  return undefined;
}

function take(task: Task, child: Task): void {
  if (child.state === "zombie") {
    addChildTime(task, child);
    reap(child);
  } else if (child.signal.stopSignal !== 0) child.signal.stopReported = true;
  else child.signal.continuedReported = true;
}

function writeUsage(task: Task, address: number, child: Task): void {
  const { user, system } = divided(child, processTime(child));
  writeRusage(task, address, user, system);
}
