// Timers on CPU time, looked at after each time slice. kernel/time/posix-cpu-timers.c
import { RLIMIT_CPU } from "../../abi/constants/processes.js";
import { SIGKILL, SIGXCPU } from "../../abi/constants/signals.js";
import { processTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";
import type { KernelTimer } from "./timer-queue.js";

const SECOND = 1e9;

export interface CpuTimer extends KernelTimer {
  /** Nanoseconds on the clock that `deadline` is of. */
  now(): number;
}

export class CpuTimers {
  readonly #timers = new Set<CpuTimer>();

  start(timer: CpuTimer): void {
    this.#timers.add(timer);
  }

  cancel(timer: CpuTimer): void {
    this.#timers.delete(timer);
  }

  /** Fires what is due. */
  run(): void {
    if (this.#timers.size === 0) return;
    for (const timer of [...this.#timers]) {
      if (timer.now() < timer.deadline || !this.#timers.delete(timer)) continue;
      timer.expire();
    }
  }
}

/** RLIMIT_CPU: SIGXCPU at the soft limit and each second after it, SIGKILL at the hard one. check_process_timers */
class CpuLimit implements CpuTimer {
  deadline = 0;
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
    this.#arm();
  }

  #arm(): void {
    const { soft, hard } = this.#task.signal.limits.get(RLIMIT_CPU);
    this.deadline = Math.min(soft, hard) * SECOND;
    if (Number.isFinite(this.deadline)) this.#task.kernel.cpuTimers.start(this);
  }

  now(): number {
    return processTime(this.#task);
  }

  expire(): void {
    const { limits } = this.#task.signal;
    if (this.#task.signal.threads.size === 0) return;
    const { soft, hard } = limits.get(RLIMIT_CPU);
    const reached = this.now() / SECOND;
    if (reached >= hard) {
      this.#task.sendSignal(SIGKILL, undefined, true);
      return;
    }
    if (reached >= soft) {
      this.#task.sendSignal(SIGXCPU, undefined, true);
      limits.set(RLIMIT_CPU, { soft: soft + 1, hard });
    }
    this.#arm();
  }
}

/** The limit has been set, or comes from a parent. update_rlimit_cpu */
export function watchCpuLimit(task: Task): void {
  const { cpuTimers } = task.kernel;
  const { signal } = task;
  if (signal.cpuLimit) cpuTimers.cancel(signal.cpuLimit);
  signal.cpuLimit = Number.isFinite(signal.limits.soft(RLIMIT_CPU)) ? new CpuLimit(task) : undefined;
}
