// The processes of a machine as --ps lists them.

import * as pt from "../kernel/entry/pt-regs.js";
import type { Kernel } from "../kernel/kernel.js";
import { userSlices } from "../kernel/mm/user-access.js";
import { processTime } from "../kernel/task/cpu-time.js";
import { getParent } from "../kernel/task/identity.js";
import type { Task } from "../kernel/task/task.js";
import { READ } from "../machine/guest-memory.js";
import type { CallDeclaration } from "../strace/call.js";
import type { ProcessInfo } from "./protocol.js";

const LONGEST_COMMAND = 4096;

export function processList(kernel: Kernel, declarations: readonly CallDeclaration[]): ProcessInfo[] {
  return [...kernel.tasks.values()]
    .filter(({ pid, tgid }) => pid === tgid)
    .map((task) => ({
      pid: task.pid,
      ppid: getParent(task),
      threads: Math.max(1, task.signal.threads.size),
      state: task.state,
      call: callOf(task, declarations),
      time: processTime(task) / 1e9,
      tracer: task.tracer?.pid ?? 0,
      command: commandOf(task),
    }));
}

function callOf(task: Task, declarations: readonly CallDeclaration[]): string | undefined {
  if (task.state !== "sleeping" && task.state !== "traced") return undefined;
  const number = task.stack.regs.low(pt.PT_ORIG_AX);
  return number < 0 ? undefined : declarations.find(({ nr }) => (task.compat ? nr.i386 : nr.x64) === number)?.name;
}

function commandOf({ mm, comm, isDead }: Task): string[] {
  if (isDead) return [`[${comm}]`];
  const length = Math.min(mm.argEnd - mm.argStart, LONGEST_COMMAND);
  const text = userSlices(mm, mm.argStart, length, READ)
    .map((slice) => String.fromCharCode(...slice))
    .join("");
  return text === "" ? [`[${comm}]`] : text.replace(/\0$/, "").split("\0");
}
