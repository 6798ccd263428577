// What a program asks about its signals: actions, masks, waiting, and sending. kernel/signal.c
import { CAP_KILL, LANDLOCK_SCOPE_SIGNAL } from "../../abi/constants/security.js";
import * as uapi from "../../abi/constants/signals.js";
import { EAGAIN, EINTR, EINVAL, EPERM, ERESTARTNOHAND, Errno, ESRCH } from "../../abi/errno.js";
import { narrowSiginfo, wideSiginfo } from "../../abi/siginfo-layout.js";
import { sigaction as sigactionStruct, stack as stackStruct } from "../../abi/signals.js";
import * as pt from "../entry/pt-regs.js";
import { checkScope } from "../security/landlock.js";
import { hasRightsOver } from "../task/namespaces.js";
import { isStandIn } from "../task/stand-in.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { readTimespec } from "../time/sleep.js";
import { admit } from "./queue-limit.js";
import type { SignalAction } from "./sighand.js";
import { SIGINFO_SIZE, senderInfo } from "./siginfo.js";
import { SignalSet } from "./signal-set.js";

const SIGSET_SIZE = 8;
const INIT = 1;
const KNOWN_ACTION_FLAGS = 0xdc000807; // UAPI_SA_FLAGS, without SA_RESTORER's neighbours

function checkSetSize(size: number): void {
  if (size !== SIGSET_SIZE) throw new Errno(EINVAL);
}

export function readSet(task: Task, address: number): SignalSet {
  return new SignalSet(task.readU32(address), task.readU32(address + 4));
}

export function writeSet(task: Task, address: number, set: SignalSet): void {
  task.writeU32(address, set.low);
  task.writeU32(address + 4, set.high);
}

/** rt_sigaction(2): struct sigaction is handler, flags, restorer, mask. */
export function sigaction(task: Task, signal: number, action: number, old: number, size: number): void {
  checkSetSize(size);
  const wanted = action === 0 ? undefined : readAction(task, action);
  const before = changeAction(task, signal, wanted);
  if (old === 0) return;
  task.writeStruct(sigactionStruct, old, {
    sa_handler: before.handler,
    sa_flags: before.flags >>> 0,
    sa_restorer: before.restorer,
    sa_mask: setBytes(before.mask),
  });
}

/** do_sigaction: what there was. */
export function changeAction(task: Task, signal: number, wanted: SignalAction | undefined): SignalAction {
  if (signal < 1 || signal > uapi._NSIG) throw new Errno(EINVAL);
  if (wanted && (signal === uapi.SIGKILL || signal === uapi.SIGSTOP)) throw new Errno(EINVAL);
  const before = task.sighand.get(signal);
  if (wanted) {
    task.sighand.set(signal, wanted);
    // A signal that has become ignored is no longer pending.
    if (task.sighand.ignores(signal)) {
      task.signal.pending.discard(signal);
      for (const thread of task.signal.threads) {
        thread.pending.discard(signal);
        thread.recalculatePending();
      }
    }
  }
  return before;
}

function readAction(task: Task, address: number): SignalAction {
  const { abi } = task;
  const view = task.readStruct(sigactionStruct, address);
  const mask = sigactionStruct.inner(view, "sa_mask", abi);
  return {
    handler: sigactionStruct.get(view, "sa_handler", abi),
    flags: sigactionStruct.get(view, "sa_flags", abi) & (KNOWN_ACTION_FLAGS | uapi.SA_RESTORER),
    restorer: sigactionStruct.get(view, "sa_restorer", abi),
    mask: new SignalSet(mask.getUint32(0, true), mask.getUint32(4, true)).blockable(),
    abi,
  };
}

const setBytes = (set: SignalSet): Uint8Array => new Uint8Array(Uint32Array.of(set.low, set.high).buffer);

export function sigprocmask(task: Task, how: number, set: number, old: number, size: number): void {
  checkSetSize(size);
  const before = task.blocked.copy();
  if (set !== 0) {
    const change = readSet(task, set);
    if (how === uapi.SIG_BLOCK) task.setBlocked(before.or(change));
    else if (how === uapi.SIG_UNBLOCK) task.setBlocked(before.without(change));
    else if (how === uapi.SIG_SETMASK) task.setBlocked(change);
    else throw new Errno(EINVAL);
  }
  if (old !== 0) writeSet(task, old, before);
}

export function sigpending(task: Task, set: number, size: number): void {
  if (size > SIGSET_SIZE) throw new Errno(EINVAL);
  const both = task.pending.set.or(task.signal.pending.set);
  const blocked = new SignalSet(both.low & task.blocked.low, both.high & task.blocked.high);
  task.copyOut(set, setBytes(blocked).subarray(0, size));
}

/** pause(2). */
export function* pause(task: Task): Sleep<number> {
  yield* sleepUntil(task, () => false, undefined, ERESTARTNOHAND);
  return 0;
}

export function* sigsuspend(task: Task, set: number, size: number): Sleep<number> {
  checkSetSize(size);
  task.blockTemporarily(readSet(task, set));
  yield* sleepUntil(task, () => false, undefined, ERESTARTNOHAND);
  return 0;
}

/** rt_sigtimedwait(2): takes one of `set` off the queues. */
export function* sigtimedwait(task: Task, set: number, info: number, timeout: number, size: number): Sleep<number> {
  checkSetSize(size);
  const wanted = readSet(task, set).blockable();
  const deadline = timeout === 0 ? undefined : task.kernel.clock.monotonic() + readTimespec(task, timeout);
  const others = new SignalSet(~wanted.low, ~wanted.high);
  const arrived = (): boolean => (task.pending.next(others) || task.signal.pending.next(others)) !== 0;
  if (!arrived()) {
    // The wanted ones must wake the sleeper though they are blocked.
    const blocked = task.blocked;
    task.realBlocked = blocked;
    task.setBlocked(blocked.without(wanted));
    try {
      const came = yield* sleepUntil(task, arrived, deadline, EINTR);
      if (!came) throw new Errno(EAGAIN);
    } finally {
      task.realBlocked = undefined;
      task.setBlocked(blocked);
    }
  }
  const taken = task.dequeueSignal(others);
  if (taken === undefined) throw new Errno(EAGAIN);
  if (info !== 0) task.copyOut(info, narrowSiginfo(taken.info, task.abi));
  return taken.signal;
}

/** sigaltstack(2): stack_t is pointer, int flags, size. */
export function sigaltstack(task: Task, stack: number, old: number): void {
  const sp = task.stack.regs.address(pt.PT_SP);
  const { abi } = task;
  const wanted = stack === 0 ? undefined : task.readStruct(stackStruct, stack);
  const before = { base: task.altStack.base, flags: task.altStack.statusAt(sp), size: task.altStack.size };
  if (wanted) {
    const [base, flags, size] = (["ss_sp", "ss_flags", "ss_size"] as const).map((name) =>
      stackStruct.get(wanted, name, abi),
    );
    task.altStack.change(base, flags, size, sp);
  }
  if (old === 0) return;
  task.writeStruct(stackStruct, old, { ss_sp: before.base, ss_flags: before.flags, ss_size: before.size });
}

function checkSignal(signal: number): void {
  if (signal < 0 || signal > uapi._NSIG) throw new Errno(EINVAL);
}

/** check_kill_permission: a signal that does not exist is refused only where there is somebody to get it. */
export function checkPermission(task: Task, target: Task, signal: number): void {
  checkSignal(signal);
  const { cred } = task;
  const other = target.cred;
  const same = cred.euid === other.suid || cred.euid === other.uid || cred.uid === other.suid || cred.uid === other.uid;
  const isOfSession = signal === uapi.SIGCONT && task.signal.session === target.signal.session;
  if (!same && !hasRightsOver(cred, other.userNamespace, CAP_KILL) && !isOfSession) throw new Errno(EPERM);
  // The tool is there, but nobody's to signal.
  if (signal !== 0 && target.pid !== INIT && isStandIn(target)) throw new Errno(EPERM);
  if (task.tgid !== target.tgid) checkScope(cred, other, LANDLOCK_SCOPE_SIGNAL);
}

/** kill(2): a process, a group, or everyone. */
export function kill(task: Task, pid: number, signal: number): void {
  const { pidNamespace } = task;
  const processes = [...task.kernel.tasks.values()].filter(({ pid: id, tgid }) => id === tgid);
  const group = pid === 0 ? task.signal.pgrp : pidNamespace.outside(-pid);
  const wanted = pidNamespace.outside(pid);
  const targets =
    pid > 0
      ? processes.filter(({ tgid }) => tgid === wanted)
      : pid === -1
        ? processes.filter((other) => other.tgid !== task.tgid && other.pidFor(task) > (pidNamespace.parent ? 1 : 0))
        : processes.filter((other) => other.signal.pgrp === group);
  // A thread's id names its process too.
  const thread = pid > 0 && targets.length === 0 ? task.find(pid) : undefined;
  if (thread) targets.push(thread);
  if (pid === -1 && targets.length === 0 && !pidNamespace.parent) return; // the tool itself cannot be signalled
  if (targets.length === 0) throw new Errno(ESRCH);
  let refused: Errno | undefined;
  let sent = false;
  for (const target of targets) {
    try {
      checkPermission(task, target, signal);
      if (signal !== 0 && !isImmune(target, task, signal)) target.killedBy(task, signal);
      sent = true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      // Of all processes those that may not be signalled do not count.
      if (pid !== -1 || error.number !== EPERM) refused = error;
    }
  }
  if (refused && !sent) throw refused;
}

/** SIGNAL_UNKILLABLE: what process 1 of a namespace does not handle reaches it only from outside. */
function isImmune(target: Task, sender: Task, signal: number): boolean {
  const { init, parent } = target.pidNamespace;
  if (parent === undefined || init?.signal !== target.signal || sender.pidNamespace !== target.pidNamespace)
    return false;
  return target.sighand.get(signal).handler === uapi.SIG_DFL;
}

function findThread(task: Task, tgid: number | undefined, tid: number): Task {
  const target = task.find(tid);
  if (target === undefined || (tgid !== undefined && target.tgid !== task.pidNamespace.outside(tgid)))
    throw new Errno(ESRCH);
  return target;
}

/** tgkill(2); tkill(2) names no process. */
export function killThread(task: Task, tgid: number | undefined, tid: number, signal: number): void {
  if (tid <= 0 || (tgid !== undefined && tgid <= 0)) throw new Errno(EINVAL);
  const target = findThread(task, tgid, tid);
  checkPermission(task, target, signal);
  if (signal === 0 || isImmune(target, task, signal)) return;
  target.sendSignal(signal, admit(target, signal, senderInfo(signal, uapi.SI_TKILL, task, target)));
}

/** rt_sigqueueinfo(2), and rt_tgsigqueueinfo(2) with a thread. */
export function queueInfo(task: Task, tgid: number, tid: number | undefined, signal: number, address: number): void {
  const info = wideSiginfo(task.copyIn(address, SIGINFO_SIZE), task.abi);
  const view = new DataView(info.buffer);
  const code = view.getInt32(8, true);
  if (tid !== undefined && (tid <= 0 || tgid <= 0)) throw new Errno(EINVAL);
  // Only to itself may a thread pretend that the kernel or kill(2) sent it.
  if ((code >= 0 || code === uapi.SI_TKILL) && task.ownPid !== (tid ?? tgid)) throw new Errno(EPERM);
  view.setInt32(0, signal, true);
  const target = tid === undefined ? findThread(task, undefined, tgid) : findThread(task, tgid, tid);
  checkPermission(task, target, signal);
  if (signal !== 0) target.sendSignal(signal, admit(target, signal, info), tid === undefined);
}

/** For calls with a mask of their own (ppoll, pselect6): blocks it until the call has ended. */
export function withMask(task: Task, set: number, size: number): void {
  if (set === 0) return;
  checkSetSize(size);
  task.blockTemporarily(readSet(task, set));
}
