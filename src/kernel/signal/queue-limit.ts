// RLIMIT_SIGPENDING: what a user's processes may have queued. Beyond it a signal comes without saying whose it is, or not at all.
// kernel/signal.c: sigqueue_alloc, __send_signal_locked
import { RLIMIT_SIGPENDING } from "../../abi/constants/processes.js";
import { SI_USER, SIGRTMIN } from "../../abi/constants/signals.js";
import { EAGAIN, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { userInfo } from "./siginfo.js";

/** Has the user of the task as many signals and timers as it may? */
export function isQueueFull({ kernel, cred, signal: { limits } }: Task): boolean {
  const limit = limits.soft(RLIMIT_SIGPENDING);
  let count = 0;
  for (const task of kernel.tasks.values()) {
    if (task.cred.uid !== cred.uid) continue;
    count += task.pending.length;
    if (task.pid === task.tgid) count += task.signal.pending.length + task.signal.posixTimers.size;
  }
  return count >= limit;
}

/** What the target learns of a signal with this siginfo. Throws EAGAIN for one that makes no sense without it. */
export function admit(target: Task, signal: number, info: Uint8Array): Uint8Array {
  const code = new DataView(info.buffer).getInt32(8, true);
  if (signal < SIGRTMIN && code >= 0) return info;
  if (target.sighand.ignores(signal) || !isQueueFull(target)) return info;
  if (signal >= SIGRTMIN && code !== SI_USER) throw new Errno(EAGAIN);
  return userInfo(signal, SI_USER, 0, 0);
}
