// The end of tasks and processes, and what their parents learn of it. kernel/exit.c

import { PTRACE_EVENT_EXIT, PTRACE_O_EXITKILL } from "../../abi/constants/processes.js";
import {
  CLD_CONTINUED,
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  CLD_STOPPED,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SIG_IGN,
  SIGCHLD,
  SIGKILL,
} from "../../abi/constants/signals.js";
import { Errno } from "../../abi/errno.js";
import { futexKey } from "../futex/queues.js";
import { exitRobustList } from "../futex/robust-list.js";
import { undoSemaphores } from "../ipc/semaphores.js";
import { detachAll } from "../ipc/shared-memory.js";
import { eventStop, unlink } from "../ptrace/ptraced.js";
import { childInfo } from "../signal/siginfo.js";
import { account } from "./accounting.js";
import { divided, processTime, taskTime } from "./cpu-time.js";
import { tellOrphanedGroups } from "./process-group.js";
import type { Task } from "./task.js";
import type { Sleep } from "./wait.js";

const NANOSECONDS_PER_TICK = 1e7;

/** exit_group(2) and death by a signal: the other threads end. `status` is a wait(2) status word. Those whose tracer is to be told before they do are killed instead, and do so in their turn. */
export function beginGroupExit(task: Task, status: number): void {
  const { signal } = task;
  signal.exitCode ??= status;
  for (const thread of [...signal.threads]) {
    if (thread === task) continue;
    if (thread.ptraced?.wantsEvent(PTRACE_EVENT_EXIT)) thread.sendSignal(SIGKILL);
    else exitTask(thread, signal.exitCode);
  }
}

/** exit_group(2), or exit(2) of one thread, in a call: a task that traces this one may be told first. */
export function exitInCall(task: Task, status: number, whole: boolean): undefined | Sleep<undefined> {
  if (whole) beginGroupExit(task, status);
  if (task.ptraced?.wantsEvent(PTRACE_EVENT_EXIT)) return exitAfterEvent(task, status);
  exitTask(task, status);
  return undefined;
}

function* exitAfterEvent(task: Task, status: number): Sleep<undefined> {
  yield* eventStop(task, PTRACE_EVENT_EXIT, task.signal.exitCode ?? status);
  task.sleeping = undefined; // it is this
  if (!task.isDead) exitTask(task, status);
}

/** de_thread: exec leaves only the caller, which becomes the leader if it was not. The number it had. */
export function killOtherThreads(task: Task): number {
  const { signal, kernel, pid } = task;
  const leader = leaderOf(task);
  const takesOver = leader !== undefined && leader !== task;
  if (takesOver) leader.tracer = undefined; // it is told that another has its number
  for (const thread of [...signal.threads]) if (thread !== task) exitTask(thread, 0);
  if (!takesOver) return pid;
  leader.state = "dead";
  signal.zombies.delete(leader);
  forgetTracer(leader);
  kernel.tasks.delete(pid);
  task.pid = signal.tgid;
  kernel.tasks.set(signal.tgid, task);
  if (signal.parent?.signal.children.delete(leader)) signal.parent.signal.children.add(task);
  if (task.pidNamespace.init === leader) task.pidNamespace.init = task;
  return pid;
}

/** exit(2): this thread only; the process when it is the last. */
export function exitTask(task: Task, status: number): void {
  if (task.isDead) return;
  const { signal, kernel } = task;
  task.stopAccounting();
  task.exitStatus = signal.exitCode ?? status;
  const { sleeping } = task;
  task.sleeping = undefined;
  sleeping?.call.return(0);
  task.afterStop = undefined;
  if (task.tracees) releaseTracees(task);
  if (kernel.accounts && signal.threads.size === 1) account(task, task.exitStatus);
  exitRobustList(task);
  clearChildTid(task);
  task.vforkDone?.();
  task.vforkDone = undefined;
  if (--task.mm.users === 0) {
    detachAll(task);
    task.mm.release();
  }
  if (--task.files.users === 0) task.files.closeAll();
  signal.threads.delete(task);
  signal.endedThreadsTime += taskTime(task);
  const isLast = signal.threads.size === 0;
  const isLeader = task.pid === signal.tgid;
  // A leader waits for its threads, and a traced thread for its tracer.
  task.state = isLeader || task.ptraced ? "zombie" : "dead";
  if (task.state === "zombie") signal.zombies.add(task);
  kernel.cpu.observer?.step("do_exit", task, { status: BigInt(task.exitStatus) });
  task.tracer?.hooks.exited(task.tracee, task.exitStatus);
  if (isLast) endProcess(task);
  else task.retargetSignals();
  reparentChildren(task);
  if (task.state === "dead") {
    kernel.tasks.delete(task.pid);
    task.pidNamespace.leave(task.pid);
    giveMemory(task);
  }
  exitNotify(task);
  kernel.wake();
}

/** The last thread has gone, which need not be the one that is waited for. */
function endProcess(task: Task): void {
  const { signal } = task;
  undoSemaphores(task);
  for (const timer of signal.itimers) timer?.cancel();
  if (signal.cpuLimit) task.kernel.cpuTimers.cancel(signal.cpuLimit);
  for (const timer of signal.posixTimers.values()) timer.cancel();
  if (signal.session === signal.tgid) signal.tty?.leaderEnds();
  tellOrphanedGroups(task);
  endNamespace(task);
}

/** exit_notify: the tracer first, to whom the task's end is told whatever it is; the parent of a process when it has ended as a whole. */
function exitNotify(task: Task): void {
  const leader = leaderOf(task);
  if (task.state === "zombie" && task.ptraced) {
    if (task !== leader || isAlone(task)) notifyOfDeath(task);
    return;
  }
  if (leader && isAlone(leader)) notifyOfDeath(leader);
}

/** CLONE_CHILD_CLEARTID: the C library's join waits for this. */
function clearChildTid(task: Task): void {
  if (task.clearChildTid === 0) return;
  try {
    task.writeU32(task.clearChildTid, 0);
    task.kernel.futexes.wake(futexKey(task, task.clearChildTid, 0), 1);
  } catch (error) {
    if (!(error instanceof Errno)) throw error; // a bad address is the program's own affair
  }
  task.clearChildTid = 0;
}

/** Another thread of the process, a process that asked for orphans, or process 1 of the namespace; in the first one there is nobody, and they are reaped. */
function reparentChildren(task: Task): void {
  const heir = [...task.signal.threads][0] ?? reaperOf(task);
  for (const child of [...task.signal.children]) {
    const { signal } = child;
    const ends = task.signal.threads.size === 0;
    if (signal.parent !== task && !ends) continue;
    signal.parent = heir;
    if (child.parentDeathSignal !== 0) child.killedBy(task, child.parentDeathSignal);
    if (!ends) continue;
    task.signal.children.delete(child);
    heir?.signal.children.add(child);
    if (heir) signal.exitSignal = SIGCHLD;
    if (child.state === "zombie" && !child.ptraced && isAlone(child)) notifyOfDeath(child);
  }
}

/** find_new_reaper: within the namespace. */
function reaperOf(task: Task): Task | undefined {
  const { pidNamespace } = task;
  for (let at = task.signal.parent; at && at.pidNamespace === pidNamespace; at = at.signal.parent) {
    if (at.signal.isChildSubreaper && !at.isDead) return at;
  }
  const { init } = pidNamespace;
  return init && !init.isDead && init !== task ? init : undefined;
}

/** zap_pid_ns_processes: with process 1 everything in its namespace ends. */
function endNamespace(task: Task): void {
  const { pidNamespace } = task;
  if (pidNamespace.parent === undefined || pidNamespace.init?.signal !== task.signal) return;
  for (const other of task.kernel.tasks.values()) {
    if (other.signal !== task.signal && pidNamespace.holds(other.pidNamespace)) other.sendSignal(SIGKILL);
  }
}

/** thread_group_leader, be it a zombie. */
function leaderOf({ kernel, signal }: Task): Task | undefined {
  const leader = kernel.tasks.get(signal.tgid);
  return leader?.signal === signal ? leader : undefined;
}

/** A process's leader that has ended, and no other thread of it is left: delay_group_leader. */
export function isAlone({ signal, state }: Task): boolean {
  return state === "zombie" && signal.threads.size === 0 && signal.zombies.size === 1;
}

/** do_notify_parent: whoever traces the task, or its parent. A child nobody will wait for is reaped. */
function notifyOfDeath(task: Task): void {
  const { ptraced, signal } = task;
  const parent = ptraced?.tracer ?? signal.parent;
  if (parent === undefined || parent.isDead) {
    reap(task);
    return;
  }
  const ends = task.pid === signal.tgid && isAlone(task) && signal.parent?.signal === parent.signal;
  const number = ptraced && !ends ? SIGCHLD : signal.exitSignal;
  const { handler, flags } = parent.sighand.get(SIGCHLD);
  if (number !== 0) parent.sendSignal(number, infoOf(task, parent, number), true);
  if (!ptraced && number === SIGCHLD && (handler === SIG_IGN || flags & SA_NOCLDWAIT)) reap(task);
}

/** do_notify_parent_cldstop: the process has stopped, or goes on. Its tracer is told of each thread instead. */
export function notifyParent(task: Task): void {
  const { parent } = task.signal;
  if (parent === undefined || parent.isDead || task.ptraced?.tracer.signal === parent.signal) return;
  if (!(parent.sighand.get(SIGCHLD).flags & SA_NOCLDSTOP))
    parent.sendSignal(SIGCHLD, infoOf(task, parent, SIGCHLD), true);
}

function infoOf(task: Task, parent: Task, signal: number): Uint8Array {
  const [code, status] = describe(task);
  const { user, system } = divided(task, processTime(task));
  const ticks = (time: number): number => Math.floor(time / NANOSECONDS_PER_TICK);
  const uid = parent.cred.shownUid(task.cred.uid);
  return childInfo(signal, code, task.pidFor(parent), uid, status, ticks(user), ticks(system));
}

/** What wait(2) says: the process's when it ended as one. */
export const exitStatusOf = ({ signal, exitStatus }: Task): number => signal.exitCode ?? exitStatus;

/** si_code and si_status of a child that changed. */
export function describe(task: Task): [number, number] {
  if (task.state === "zombie") {
    const status = exitStatusOf(task);
    if ((status & 0x7f) === 0) return [CLD_EXITED, (status >> 8) & 0xff];
    return [status & 0x80 ? CLD_DUMPED : CLD_KILLED, status & 0x7f];
  }
  return task.signal.stopSignal !== 0 ? [CLD_STOPPED, task.signal.stopSignal] : [CLD_CONTINUED, 18];
}

/** release_task: the zombie is gone, which its leader may have waited for. */
export function reap(task: Task): void {
  const { signal, kernel } = task;
  task.state = "dead";
  kernel.tasks.delete(task.pid);
  task.pidNamespace.leave(task.pid);
  signal.zombies.delete(task);
  forgetTracer(task);
  if (task.pid === signal.tgid) signal.parent?.signal.children.delete(task);
  giveMemory(task);
  const leader = leaderOf(task);
  if (leader && leader !== task && isAlone(leader)) notifyOfDeath(leader);
}

/** A tracer has taken in the end of its tracee. False when it now is the real parent's affair. wait_task_zombie */
export function reapTraced(task: Task): void {
  const ofOther = task.pid === task.signal.tgid && task.signal.parent?.signal !== task.ptraced?.tracer.signal;
  forgetTracer(task);
  if (ofOther) notifyOfDeath(task);
  else reap(task);
}

function forgetTracer(task: Task): void {
  task.ptraced?.tracer.tracees?.delete(task);
  task.ptraced?.debug?.clear();
  task.ptraced = undefined;
}

/** exit_ptrace: what a tracer leaves behind goes on by itself, or is killed when it asked for that. */
function releaseTracees(tracer: Task): void {
  for (const tracee of tracer.tracees ?? []) {
    if (tracee.ptraced?.hasOption(PTRACE_O_EXITKILL)) tracee.sendSignal(SIGKILL);
    detachTracee(tracee, 0);
  }
}

/** __ptrace_detach */
export function detachTracee(task: Task, signal: number): void {
  const tracer = task.ptraced?.tracer;
  unlink(task, signal);
  if (task.state !== "zombie") return;
  if (task.pid !== task.signal.tgid) reap(task);
  else if (isAlone(task) && task.signal.parent?.signal !== tracer?.signal) notifyOfDeath(task);
}

/** An address space without users is lent to the next process, when nobody can look at it by way of the task any longer. */
function giveMemory({ mm, kernel }: Task): void {
  if (mm.users !== 0) return;
  mm.users = -1;
  kernel.memories.give(mm.memory);
}
