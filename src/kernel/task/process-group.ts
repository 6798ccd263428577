// Process groups as a whole: signals to all of them, and what becomes of those nobody looks after. kernel/exit.c, kernel/signal.c
import { SIGCONT, SIGHUP } from "../../abi/constants/signals.js";
import type { Kernel } from "../kernel.js";
import { kernelInfo } from "../signal/siginfo.js";
import type { Task } from "./task.js";

/** The leaders of the processes in the group. */
export function membersOf(kernel: Kernel, group: number): Task[] {
  return [...kernel.tasks.values()].filter((task) => task.signal.pgrp === group && task.pid === task.tgid);
}

/** kill_pgrp, from the kernel. */
export function signalGroup(kernel: Kernel, group: number, signal: number): void {
  if (group === 0) return;
  for (const member of membersOf(kernel, group)) member.sendSignal(signal, kernelInfo(signal), true);
}

/**
 * No member has a parent in the same session and another group: nobody would continue it once it was stopped. The first process's
 * parent is the tracer, or a shell beyond it. `leaving` does not count: it is about to end.
 */
export function isOrphanedGroup(kernel: Kernel, group: number, leaving?: Task): boolean {
  for (const { signal, tgid, isDead } of membersOf(kernel, group)) {
    if (isDead || tgid === leaving?.tgid) continue;
    const { parent } = signal;
    if (signal.isFirst) return false;
    if (parent && !parent.isDead && parent.signal.pgrp !== group && parent.signal.session === signal.session)
      return false;
  }
  return true;
}

/** When `task` ends, groups may be orphaned: its own, and those of its children. Their stopped members go on, and are told. */
export function tellOrphanedGroups(task: Task): void {
  const { kernel } = task;
  const groups = new Set([task.signal.pgrp, ...[...task.signal.children].map((child) => child.signal.pgrp)]);
  for (const group of groups) {
    const stopped = membersOf(kernel, group).some((member) => member !== task && member.signal.stopSignal !== 0);
    if (!stopped || !isOrphanedGroup(kernel, group, task)) continue;
    signalGroup(kernel, group, SIGHUP);
    signalGroup(kernel, group, SIGCONT);
  }
}
