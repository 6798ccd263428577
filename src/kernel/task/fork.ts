// fork, vfork and clone: a new task from an old one. kernel/fork.c: copy_process
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_FILES,
  CLONE_FS,
  CLONE_NEWUSER,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_PTRACE,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_UNTRACED,
  CLONE_VFORK,
  CLONE_VM,
  PIDFD_THREAD,
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_FORK,
  PTRACE_EVENT_VFORK,
  PTRACE_EVENT_VFORK_DONE,
  RLIMIT_CPU,
  RLIMIT_NOFILE,
  SCHED_DEADLINE,
} from "../../abi/constants/processes.js";
import { SIGCHLD } from "../../abi/constants/signals.js";
import { EAGAIN, EEXIST, EFAULT, EINVAL, ENOMEM, EPERM, Errno } from "../../abi/errno.js";
import { OFFSET_FS_BASE, STATE, STATE_SIZE } from "../../machine/state-layout.js";
import * as pt from "../entry/pt-regs.js";
import { saveExtraRegs } from "../entry/tracesys.js";
import { updateVvar } from "../exec/vdso.js";
import { PidFile } from "../fs/anonfs/pid-fd.js";
import { copyAddressSpace } from "../mm/copy.js";
import type { Mm } from "../mm/mm.js";
import { traceChild } from "../ptrace/attach.js";
import { eventStop } from "../ptrace/ptraced.js";
import { traceCalls } from "../ptrace/tracer.js";
import { inheritSeccomp } from "../seccomp/seccomp.js";
import { Sighand } from "../signal/sighand.js";
import { watchCpuLimit } from "../time/cpu-timers.js";
import { CLONE_DETACHED, type CloneArguments } from "./clone-arguments.js";
import { checkProcessLimit } from "./limits.js";
import type { PidNamespace } from "./pid-namespace.js";
import { Rlimits } from "./rlimits.js";
import { normalScheduling } from "./schedule-attributes.js";
import { SignalStruct } from "./signal-struct.js";
import { Task } from "./task.js";
import { setChildArea } from "./thread-area.js";
import { checkCloneFlags, NEW_NAMESPACES, newNamespaces, newUserNamespace } from "./unshare.js";
import type { Sleep } from "./wait.js";

const PID_MAX = 4194304;

/** The child's id. With CLONE_VFORK the parent sleeps until the child has another address space or is gone. */
export function clone(task: Task, wanted: CloneArguments): number | Sleep<number> {
  const { flags } = wanted;
  if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) throw new Errno(EINVAL);
  if (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) throw new Errno(EINVAL);
  checkCloneFlags(task, flags);
  const wantsPidfd = (flags & CLONE_PIDFD) !== 0;
  // Both write where the one pointer of the register form leads.
  if (wantsPidfd && flags & CLONE_PARENT_SETTID && wanted.pidfd === wanted.parentTid) throw new Errno(EINVAL);
  if (wantsPidfd && flags & CLONE_DETACHED) throw new Errno(EINVAL);
  const { kernel } = task;
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  if (wantsPidfd) {
    task.files.checkRoom(limit);
    if (task.writable(wanted.pidfd, 4).length === 0) throw new Errno(EFAULT);
  }
  saveExtraRegs(kernel.cpu, task);
  const child = makeTask(task, wanted);
  copyThread(task, child, wanted);
  if (wantsPidfd) {
    const file = new PidFile(child, flags & CLONE_THREAD ? PIDFD_THREAD : 0);
    task.writeU32(wanted.pidfd, task.files.install(file, true, limit));
  }
  if (flags & CLONE_PARENT_SETTID) tell(task, wanted.parentTid, child.pidFor(task));
  if (flags & CLONE_CHILD_SETTID) tell(child, wanted.childTid, child.ownPid);
  if (flags & CLONE_CHILD_CLEARTID) child.clearChildTid = wanted.childTid;
  kernel.tasks.set(child.pid, child);
  if (task.tracer?.follows) {
    traceCalls(child, task.tracer);
    task.tracer.hooks.attached(child.tracee, task.tracee);
  }
  const event = task.ptraced && !(flags & CLONE_UNTRACED) ? eventOf(wanted) : 0;
  if (task.ptraced && (flags & CLONE_PTRACE || (event !== 0 && task.ptraced.wantsEvent(event))))
    traceChild(task, child);
  if (!(flags & CLONE_VFORK) && event === 0) return child.pidFor(task);
  return waitForChild(task, child, flags, event);
}

/** Where nothing can be written nothing is. */
function tell(task: Task, address: number, pid: number): void {
  try {
    task.writeU32(address, pid);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

/** alloc_pid: the machine's number of the child, when it is to have certain ones in its namespaces. */
function chosenPid(task: Task, wanted: readonly number[], namespace: PidNamespace): number | undefined {
  if (wanted.length === 0) return undefined;
  if (wanted.length > namespace.level + 1) throw new Errno(EINVAL);
  let at: PidNamespace | undefined = namespace;
  for (const number of wanted) {
    if (at === undefined) break;
    if (number < 1 || number >= PID_MAX) throw new Errno(EINVAL);
    if (number !== 1 && at.parent && !at.init) throw new Errno(EINVAL);
    if (!task.cred.isPrivileged) throw new Errno(EPERM);
    const isTaken = at.parent ? at.outside(number) >= 0 : number === 1 || task.kernel.tasks.has(number);
    if (isTaken) throw new Errno(EEXIST);
    at = at.parent;
  }
  return wanted[namespace.level];
}

/** The event a tracer may want to be told of. */
function eventOf({ flags, exitSignal }: CloneArguments): number {
  if (flags & CLONE_VFORK) return PTRACE_EVENT_VFORK;
  return exitSignal === SIGCHLD ? PTRACE_EVENT_FORK : PTRACE_EVENT_CLONE;
}

/** Stops for a tracer, and until the child of a vfork lets its parent go on. */
function* waitForChild(task: Task, child: Task, flags: number, event: number): Sleep<number> {
  const pid = child.pidFor(task);
  const told = task.ptraced ? child.pidFor(task.ptraced.tracer) : 0;
  let done = !(flags & CLONE_VFORK);
  if (!done) {
    child.vforkDone = () => {
      done = true;
    };
  }
  if (event !== 0) yield* eventStop(task, event, told);
  if (!(flags & CLONE_VFORK)) return pid;
  while (!done) yield { ready: () => done };
  if (event !== 0) yield* eventStop(task, PTRACE_EVENT_VFORK_DONE, told);
  return pid;
}

function makeTask(task: Task, { flags, exitSignal, tids = [], clearsHandlers }: CloneArguments): Task {
  const { kernel, scheduling } = task;
  if (scheduling.policy === SCHED_DEADLINE && !scheduling.resetsOnFork) throw new Errno(EAGAIN);
  kernel.budget.checkTasks(kernel.tasks.size);
  checkProcessLimit(task);
  const isThread = (flags & CLONE_THREAD) !== 0;
  const limits = isThread ? task.signal.limits : new Rlimits(task.signal.limits);
  const cred = flags & CLONE_NEWUSER ? newUserNamespace(task) : isThread ? task.cred : task.cred.copy();
  const fs = flags & CLONE_FS ? task.fs : task.fs.copy();
  const namespaces = flags & NEW_NAMESPACES ? newNamespaces(task, flags, cred, fs) : task.namespaces;
  // Without its process 1 a namespace takes nobody in.
  if (namespaces.pidForChildren.init?.isDead) throw new Errno(ENOMEM);
  const chosen = chosenPid(task, tids, namespaces.pidForChildren);
  const mm = flags & CLONE_VM ? task.mm : copyMm(task, limits);
  const pid = chosen ?? kernel.allocatePid();
  const signal = isThread ? task.signal : new SignalStruct(pid, task.signal.pgrp, task.signal.session, limits);
  if (!isThread) {
    const parent = flags & CLONE_PARENT ? task.signal.parent : task;
    signal.parent = parent;
    signal.exitSignal = flags & CLONE_PARENT ? task.signal.exitSignal : exitSignal;
    signal.tty = task.signal.tty;
    const { oomScoreAdjust, oomScoreAdjustLeast, coreFilter } = task.signal;
    Object.assign(signal, { oomScoreAdjust, oomScoreAdjustLeast, coreFilter });
  }
  signal.sessionKeyring = task.signal.sessionKeyring;
  if (flags & CLONE_VM) mm.users++;
  if (flags & CLONE_FILES) task.files.users++;
  const child = new Task({
    pid,
    kernel,
    mm,
    fs,
    files: flags & CLONE_FILES ? task.files : task.files.copy(),
    signal,
    sighand: flags & CLONE_SIGHAND ? task.sighand : new Sighand(task.sighand),
    cred,
    comm: task.comm,
    namespaces: { ...namespaces, time: namespaces.timeForChildren },
    pidNamespace: namespaces.pidForChildren,
  });
  if (child.namespaces.time !== task.namespaces.time) {
    child.namespaces.time.isFrozen = true;
    updateVvar(child);
  }
  if (!isThread) {
    signal.parent?.signal.children.add(child);
    if (Number.isFinite(limits.soft(RLIMIT_CPU))) watchCpuLimit(child);
  }
  child.pidNamespace.enter(pid, tids);
  if (clearsHandlers) child.sighand.flushHandlers();
  if (child.pidNamespace.parent) child.pidNamespace.init ??= child;
  child.blocked = task.blocked.copy();
  // A new stack makes the alternate one meaningless, unless the parent waits.
  if (!(flags & CLONE_VM) || flags & CLONE_VFORK) child.altStack = task.altStack.copy();
  child.personality = task.personality;
  child.abi = task.abi;
  child.compat = task.compat;
  child.mixesAbis = task.mixesAbis;
  child.noNewPrivileges = task.noNewPrivileges;
  child.tscMode = task.tscMode;
  child.isFlusher = task.isFlusher;
  inheritSeccomp(task, child);
  child.timerSlack = child.defaultTimerSlack = task.timerSlack;
  const { resetsOnFork } = task.scheduling;
  child.memoryPolicy = task.memoryPolicy;
  child.nice = resetsOnFork ? Math.max(task.nice, 0) : task.nice;
  child.scheduling = resetsOnFork ? normalScheduling : task.scheduling;
  child.ioPriority = task.ioPriority;
  child.dumpable = task.dumpable;
  if (!(flags & CLONE_VM)) child.rseq = task.rseq;
  return child;
}

/** Throws ENOMEM. */
function copyMm(task: Task, limits: Rlimits): Mm {
  const { memories, budget } = task.kernel;
  const memory = memories.take();
  try {
    return copyAddressSpace(task.mm, limits, memory, budget);
  } catch (error) {
    memories.give(memory);
    throw error;
  }
}

/** copy_thread: the child returns 0 from the same call, with its own stack and thread pointer if it was given some. */
function copyThread(task: Task, child: Task, { flags, stack, tls }: CloneArguments): void {
  const { regs } = child.stack;
  regs.copyFrom(task.stack.regs);
  regs.set(pt.PT_AX, 0, 0);
  if (stack !== 0) regs.setAddress(pt.PT_SP, stack);
  const state = task.mm.memory.u8.slice(STATE, STATE + STATE_SIZE);
  const setsTls = (flags & CLONE_SETTLS) !== 0;
  if (setsTls && !task.compat) new DataView(state.buffer).setBigUint64(OFFSET_FS_BASE, BigInt(tls), true);
  child.savedState = state;
  child.threadArea.set(task.threadArea);
  child.flagsInProcessor = task.flagsInProcessor;
  const { kernelGsBase } = task.kernel.cpu.msr;
  child.savedGs = { low: kernelGsBase.low, high: kernelGsBase.high };
  if (setsTls && task.compat) setChildArea(task, child, tls);
  child.pendingExit = { inSyscall: false };
}
