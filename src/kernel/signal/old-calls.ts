// The calls about signals that know 32 of them. kernel/signal.c
import * as uapi from "../../abi/constants/signals.js";
import { EINVAL, ERESTARTNOHAND, Errno } from "../../abi/errno.js";
import { oldSigaction } from "../../abi/signals.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { changeAction } from "./control.js";
import { SignalSet } from "./signal-set.js";

/** signal(2), the call: it resets its handler, and lets the signal come again while it runs. */
export function signal(task: Task, number: number, handler: number): number {
  const flags = uapi.SA_RESETHAND | uapi.SA_NODEFER;
  return changeAction(task, number, { handler, flags, restorer: 0, mask: new SignalSet(), abi: task.abi }).handler;
}

export function sigaction(task: Task, number: number, action: number, old: number): void {
  const { abi } = task;
  const view = action === 0 ? undefined : task.readStruct(oldSigaction, action);
  const get = (name: keyof typeof oldSigaction.fields): number => (view ? oldSigaction.get(view, name, abi) : 0);
  const wanted = view && {
    handler: get("sa_handler"),
    flags: get("sa_flags") | 0,
    restorer: get("sa_restorer"),
    mask: new SignalSet(get("sa_mask") | 0, 0).blockable(),
    abi,
  };
  const before = changeAction(task, number, wanted);
  if (old === 0) return;
  task.writeStruct(oldSigaction, old, {
    sa_handler: before.handler,
    sa_mask: before.mask.low,
    sa_flags: before.flags,
    sa_restorer: before.restorer,
  });
}

/** ssetmask(2): the mask there was. */
export function setMask(task: Task, mask: number): number {
  const before = task.blocked.low;
  task.setBlocked(new SignalSet(mask | 0, 0));
  return before;
}

export function* suspend(task: Task, mask: number): Sleep<number> {
  task.blockTemporarily(new SignalSet(mask | 0, 0));
  yield* sleepUntil(task, () => false, undefined, ERESTARTNOHAND);
  return 0;
}

export function pending(task: Task, set: number): void {
  const both = task.pending.set.or(task.signal.pending.set);
  task.writeU32(set, (both.low & task.blocked.low) >>> 0);
}

/** sigprocmask(2): the signals beyond the 32nd stay as they are. */
export function changeMask(task: Task, how: number, set: number, old: number): void {
  const before = task.blocked.copy();
  if (set !== 0) {
    const change = new SignalSet(task.readI32(set), 0);
    if (how === uapi.SIG_BLOCK) task.setBlocked(before.or(change));
    else if (how === uapi.SIG_UNBLOCK) task.setBlocked(before.without(change));
    else if (how === uapi.SIG_SETMASK) task.setBlocked(new SignalSet(change.low, before.high));
    else throw new Errno(EINVAL);
  }
  if (old !== 0) task.writeU32(old, before.low >>> 0);
}
