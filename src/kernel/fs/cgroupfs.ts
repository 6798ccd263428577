// cgroup2: the one group there is, which all processes are in, to look at. kernel/cgroup/cgroup.c
import { CGROUP2_SUPER_MAGIC } from "../../abi/constants/files.js";
import { EOPNOTSUPP, Errno } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import type { Inode } from "../vfs/inode.js";
import { FileSystem, makeDev } from "./file-system.js";
import { ProcDirectory, ProcText } from "./procfs/proc-inode.js";

const DEV_CGROUP = makeDev(0, 28);

export function cgroupRoot(kernel: Kernel): Inode {
  const now = (): bigint => kernel.clock.realtime();
  const fs = new FileSystem({ name: "cgroup2", dev: DEV_CGROUP, magic: CGROUP2_SUPER_MAGIC, now });
  let files: Record<string, Inode> | undefined;
  const made = (): Record<string, Inode> => {
    files ??= rootFiles(fs);
    return files;
  };
  return new ProcDirectory(
    fs,
    {},
    {
      find: (name) => (Object.hasOwn(made(), name) ? made()[name] : undefined),
      list: () => Object.keys(made()),
    },
    undefined,
    0o755,
  );
}

function rootFiles(fs: FileSystem): Record<string, Inode> {
  const shown = (make: (task: Task) => string): ProcText => new ProcText(fs, make);
  const kept = (make: (task: Task) => string): ProcText => new ProcText(fs, make, undefined, refuse);
  return {
    "cgroup.controllers": shown(() => "\n"),
    "cgroup.max.depth": kept(() => "max\n"),
    "cgroup.max.descendants": kept(() => "max\n"),
    "cgroup.procs": kept((task) => numbers(task, true)),
    "cgroup.stat": shown(() => "nr_descendants 0\nnr_dying_descendants 0\n"),
    "cgroup.subtree_control": kept(() => "\n"),
    "cgroup.threads": kept((task) => numbers(task, false)),
    "cpu.stat": shown(cpuStat),
  };
}

/** There is no controller, and nowhere to move anybody. */
function refuse(): never {
  throw new Errno(EOPNOTSUPP);
}

function numbers({ kernel, pidNamespace }: Task, onlyProcesses: boolean): string {
  const tasks = [...kernel.tasks.values()].filter(({ pid, tgid }) => !onlyProcesses || pid === tgid);
  return tasks.map(({ pid }) => `${pidNamespace.inside(pid)}\n`).join("");
}

function cpuStat({ kernel }: Task): string {
  const { user, system } = kernel.clock.cpuTime();
  const microseconds = (nanoseconds: number): number => Math.floor(nanoseconds / 1000);
  return `usage_usec ${microseconds(user + system)}\nuser_usec ${microseconds(user)}\nsystem_usec ${microseconds(system)}\nnice_usec 0\n`;
}
