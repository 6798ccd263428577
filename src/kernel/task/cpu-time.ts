// What the processor was used for: the time of tasks, of processes and of children waited for. kernel/sched/cputime.c
import { usageOf } from "./limits.js";
import type { Task } from "./task.js";

/** Nanoseconds in user mode and in the kernel. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** Nanoseconds the task has had the processor. */
export function taskTime(task: Task): number {
  return task.ranFor + (task.runsSince === 0 ? 0 : task.kernel.clock.accounting() - task.runsSince);
}

/** Of all threads of the task's process, those that have ended included. */
export function processTime(task: Task): number {
  let total = task.signal.endedThreadsTime;
  for (const thread of task.signal.threads) total += taskTime(thread);
  return total;
}

/** How the time divides is not measured for each call: as all the machine's time does. */
export function divided({ kernel }: Task, total: number): CpuTime {
  const { user, system } = kernel.clock.cpuTime();
  const share = user + system > 0 ? system / (user + system) : 0;
  return { user: total * (1 - share), system: total * share };
}

/** A child was waited for: its time and that of its children are its parent's children's. */
export function addChildTime(parent: Task, child: Task): void {
  const { user, system } = divided(child, processTime(child));
  parent.signal.childUserTime += user + child.signal.childUserTime;
  parent.signal.childSystemTime += system + child.signal.childSystemTime;
  let sum = parent.signal.childUsage;
  for (const more of [usageOf(child), child.signal.childUsage]) {
    sum = {
      ru_maxrss: Math.max(sum.ru_maxrss, more.ru_maxrss),
      ru_minflt: sum.ru_minflt + more.ru_minflt,
      ru_majflt: sum.ru_majflt + more.ru_majflt,
      ru_nvcsw: sum.ru_nvcsw + more.ru_nvcsw,
    };
  }
  parent.signal.childUsage = sum;
}
