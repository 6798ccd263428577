// The end of tasks and processes, and what their parents learn of it. kernel/exit.c
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
} from "../../abi/constants/signals.js";
import { Errno } from "../../abi/errno.js";
import { futexKey } from "../futex/queues.js";
import { exitRobustList } from "../futex/robust-list.js";
import { undoSemaphores } from "../ipc/semaphores.js";
import { detachAll } from "../ipc/shared-memory.js";
import { childInfo } from "../signal/siginfo.js";
import { divided, processTime, taskTime } from "./cpu-time.js";
import { tellOrphanedGroups } from "./process-group.js";
import type { Task } from "./task.js";

const NANOSECONDS_PER_TICK = 1e7;

/** exit_group(2) and death by a signal: the whole process goes. `status` is a wait(2) status word. */
export function groupExit(task: Task, status: number): void {
  const { signal } = task;
  signal.exitCode ??= status;
  for (const thread of [...signal.threads]) if (thread !== task) exitTask(thread, signal.exitCode);
  exitTask(task, signal.exitCode);
}

/** exit(2): this thread only; the process when it is the last. */
export function exitTask(task: Task, status: number): void {
  if (task.isDead) return;
  const { signal, kernel } = task;
  task.stopAccounting();
  task.exitStatus = status;
  task.sleeping?.call.return(0);
  task.sleeping = undefined;
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
  task.state = isLast ? "zombie" : "dead";
  kernel.cpu.observer?.step("do_exit", task, { status: BigInt(signal.exitCode ?? status) });
  task.tracer?.hooks.exited(task.tracee, isLast ? (signal.exitCode ?? status) : status);
  if (!isLast) {
    task.retargetSignals();
    kernel.tasks.delete(task.pid);
    giveMemory(task);
    return;
  }
  task.exitStatus = signal.exitCode ?? status;
  undoSemaphores(task);
  for (const timer of signal.itimers) timer?.set(0, 0);
  for (const timer of signal.posixTimers.values()) timer.cancel();
  if (signal.session === signal.tgid) signal.tty?.leaderEnds();
  tellOrphanedGroups(task);
  reparentChildren(task);
  notifyParent(task);
  kernel.wake();
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

/** Orphans have no parent here: they are reaped as they die. */
function reparentChildren(task: Task): void {
  for (const child of task.signal.children) {
    child.signal.parent = undefined;
    if (child.parentDeathSignal !== 0) child.killedBy(task, child.parentDeathSignal);
    if (child.state === "zombie") reap(child);
  }
  task.signal.children.clear();
}

/** do_notify_parent and its stop and continue forms. */
export function notifyParent(task: Task): void {
  const parent = task.signal.parent;
  const dead = task.state === "zombie";
  if (parent === undefined || parent.isDead) {
    if (dead) reap(task);
    return;
  }
  const action = parent.sighand.get(SIGCHLD);
  const wanted = dead || !(action.flags & SA_NOCLDSTOP);
  if (wanted && (!dead || task.signal.exitSignal !== 0)) {
    const signal = dead ? task.signal.exitSignal : SIGCHLD;
    parent.sendSignal(signal, infoOf(task, signal), true);
  }
  if (dead && task.signal.exitSignal === SIGCHLD && (action.handler === SIG_IGN || action.flags & SA_NOCLDWAIT))
    reap(task);
}

function infoOf(task: Task, signal: number): Uint8Array {
  const [code, status] = describe(task);
  const { user, system } = divided(task, processTime(task));
  const ticks = (time: number): number => Math.floor(time / NANOSECONDS_PER_TICK);
  return childInfo(signal, code, task.pid, task.cred.uid, status, ticks(user), ticks(system));
}

/** si_code and si_status of a child that changed. */
export function describe(task: Task): [number, number] {
  if (task.state === "zombie") {
    const status = task.exitStatus;
    if ((status & 0x7f) === 0) return [CLD_EXITED, (status >> 8) & 0xff];
    return [status & 0x80 ? CLD_DUMPED : CLD_KILLED, status & 0x7f];
  }
  return task.signal.stopSignal !== 0 ? [CLD_STOPPED, task.signal.stopSignal] : [CLD_CONTINUED, 18];
}

/** release_task: the zombie is gone. */
export function reap(task: Task): void {
  task.state = "dead";
  task.kernel.tasks.delete(task.pid);
  task.signal.parent?.signal.children.delete(task);
  giveMemory(task);
}

/** An address space without users is lent to the next process, when nobody can look at it by way of the task any longer. */
function giveMemory({ mm, kernel }: Task): void {
  if (mm.users !== 0) return;
  mm.users = -1;
  kernel.memories.give(mm.memory);
}
