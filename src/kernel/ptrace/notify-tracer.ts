// SIGCHLD for the tracer of a task that stopped. kernel/signal.c: do_notify_parent_cldstop
import { SA_NOCLDSTOP, SIG_IGN, SIGCHLD } from "../../abi/constants/signals.js";
import { childInfo } from "../signal/siginfo.js";
import { divided, taskTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";

const NANOSECONDS_PER_TICK = 1e7;

/** `why` is a CLD_ code. */
export function notifyTracer(task: Task, why: number, code: number): void {
  const tracer = task.ptraced?.tracer;
  if (tracer === undefined || tracer.isDead) return;
  task.kernel.wake();
  const { handler, flags } = tracer.sighand.get(SIGCHLD);
  if (handler === SIG_IGN || flags & SA_NOCLDSTOP) return;
  const { user, system } = divided(task, taskTime(task));
  const ticks = (time: number): number => Math.floor(time / NANOSECONDS_PER_TICK);
  const info = childInfo(
    SIGCHLD,
    why,
    task.pidFor(tracer),
    tracer.cred.shownUid(task.cred.uid),
    code & 0x7f,
    ticks(user),
    ticks(system),
  );
  tracer.sendSignal(SIGCHLD, info, true);
}
