// How tasks come to be traced by others, and how that is refused. kernel/ptrace.c: ptrace_attach, ptrace_traceme
import { PTRACE_O_EXITKILL, PTRACE_O_SUSPEND_SECCOMP, PTRACE_O_TRACESECCOMP } from "../../abi/constants/processes.js";
import { SIGSTOP } from "../../abi/constants/signals.js";
import { EIO, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { mayInspect } from "../fs/anonfs/pid-fd.js";
import { userInfo } from "../signal/siginfo.js";
import { isStandIn } from "../task/stand-in.js";
import type { Task } from "../task/task.js";
import { link, wakeForTrap } from "./ptraced.js";

/** All options of PTRACE_SETOPTIONS: those up to TRACESECCOMP, and the two above. */
const OPTIONS = (PTRACE_O_TRACESECCOMP * 2 - 1) | PTRACE_O_EXITKILL | PTRACE_O_SUSPEND_SECCOMP;

/** PTRACE_TRACEME: by its parent, which may be beyond the machine, where nobody waits. */
export function traceMe(task: Task): void {
  if (task.ptraced) throw new Errno(EPERM);
  const { parent } = task.signal;
  if (parent && !parent.isDead) link(task, parent, false, 0);
}

export function checkOptions(tracer: Task, options: number, unknown: number): void {
  if (options & ~OPTIONS || options > 0xffffffff) throw new Errno(unknown);
  if (!(options & PTRACE_O_SUSPEND_SECCOMP)) return;
  if (!tracer.cred.isPrivileged || tracer.seccomp.mode !== 0) throw new Errno(EPERM);
  if (tracer.ptraced?.hasOption(PTRACE_O_SUSPEND_SECCOMP)) throw new Errno(EPERM);
}

export function attach(tracer: Task, pid: number): void {
  const task = target(tracer, pid);
  link(task, tracer, false, 0);
  trapWhenStopped(task);
  task.sendSignal(SIGSTOP);
}

/** PTRACE_SEIZE: attached with options, and not stopped. */
export function seizeTask(tracer: Task, pid: number, address: number, options: number): void {
  if (pid <= 0 || !tracer.find(pid)) throw new Errno(ESRCH);
  if (address !== 0) throw new Errno(EIO);
  checkOptions(tracer, options, EIO);
  link(target(tracer, pid), tracer, true, options);
  trapWhenStopped(tracer.find(pid) as Task);
}

function target(tracer: Task, pid: number): Task {
  const task = tracer.find(pid);
  if (task === undefined || pid <= 0) throw new Errno(ESRCH);
  if (task.signal === tracer.signal || !mayInspect(tracer, task) || task.isDead || task.ptraced || isStandIn(task))
    throw new Errno(EPERM);
  return task;
}

/** A task that has stopped with its group stops for its tracer instead. */
function trapWhenStopped(task: Task): void {
  const { ptraced } = task;
  if (ptraced === undefined || task.signal.stopSignal === 0) return;
  ptraced.trapPending = true;
  if (task.state === "stopped") task.state = "running";
  wakeForTrap(task);
}

/** A child whose making its tracer wanted to know of is traced as its parent is. ptrace_init_task */
export function traceChild(parent: Task, child: Task): void {
  const { ptraced } = parent;
  if (ptraced === undefined) return;
  const own = link(child, ptraced.tracer, ptraced.seized, ptraced.options);
  if (ptraced.seized) {
    own.trapPending = true;
    wakeForTrap(child);
  } else {
    child.pending.add(SIGSTOP, userInfo(SIGSTOP, 0, 0, 0));
    child.recalculatePending();
  }
}
