// /proc: the system-wide files, and a directory for each process. fs/proc/root.c

import { ENOENT, Errno } from "../../../abi/errno.js";
import type { Kernel } from "../../kernel.js";
import { RELEASE, VERSION } from "../../kernel.js";
import { swapsText } from "../../mm/swap.js";
import type { PidNamespace } from "../../task/pid-namespace.js";
import type { Task } from "../../task/task.js";
import type { Inode } from "../../vfs/inode.js";
import { FILE_SYSTEM_NAMES, isOfDevice } from "../file-system-types.js";
import { ProcFs } from "./proc-fs.js";
import { ProcDirectory, ProcLink, ProcText, volatile } from "./proc-inode.js";
import { processDirectory } from "./proc-process.js";
import { sysctlTree } from "./proc-sysctl.js";
import { meminfo, systemFiles, vmstat } from "./proc-system.js";
import { messageQueueTable, semaphoreTable, sharedMemoryTable } from "./proc-sysvipc.js";

/** /proc as the processes of a namespace are numbered there. */
export function procRoot(kernel: Kernel, pids: PidNamespace): Inode {
  const fs = new ProcFs(pids, () => kernel.clock.realtime());
  const text = (make: (task: Task) => string): ProcText => new ProcText(fs, make);
  const names: Record<string, Inode> = {
    self: new ProcLink(fs, (task) => String(seen(pids, task.tgid))),
    "thread-self": new ProcLink(fs, (task) => `${seen(pids, task.tgid)}/task/${seen(pids, task.pid)}`),
    cmdline: text(() => "BOOT_IMAGE=tsstrace\n"),
    cpuinfo: text(cpuinfo),
    filesystems: text(() => FILE_SYSTEM_NAMES.map((name) => `${isOfDevice(name) ? "" : "nodev"}\t${name}\n`).join("")),
    devices: text(() => "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n"),
    loadavg: text((task) => `0.00 0.00 0.00 1/${task.kernel.tasks.size} ${task.pid}\n`),
    meminfo: text(meminfo),
    mounts: new ProcLink(fs, () => "self/mounts"),
    net: new ProcLink(fs, () => "self/net"),
    partitions: text(() => "major minor  #blocks  name\n\n"),
    stat: text(systemStat),
    swaps: text(({ kernel: { swaps } }) => swapsText(swaps)),
    uptime: text(
      (task) =>
        `${((task.kernel.clock.monotonic() + Number(task.namespaces.time.offsets.boottime)) / 1e9).toFixed(2)} 0.00\n`,
    ),
    vmstat: text(vmstat),
    version: text(() => `Linux version ${RELEASE} (tsstrace) ${VERSION}\n`),
    sys: sysctlTree(fs),
    sysvipc: new ProcDirectory(fs, {
      msg: text(messageQueueTable),
      sem: text(semaphoreTable),
      shm: text(sharedMemoryTable),
    }),
  };
  let others: Record<string, Inode> | undefined;
  const otherFiles = (): Record<string, Inode> => {
    others ??= systemFiles(fs);
    return others;
  };
  const directories = new WeakMap<Task, Inode>();
  const directoryOf = (task: Task): Inode => {
    let directory = directories.get(task);
    if (directory === undefined) {
      directory = volatile(processDirectory(fs, task));
      directories.set(task, directory);
    }
    return directory;
  };
  return new ProcDirectory(fs, names, {
    find: (name, { kernel: { tasks } }) => {
      if (!/^[1-9]\d*$/.test(name)) return Object.hasOwn(otherFiles(), name) ? otherFiles()[name] : undefined;
      const task = tasks.get(pids.outside(Number(name)));
      return task && directoryOf(task);
    },
    list: (task) => [
      ...Object.keys(otherFiles()),
      ...[...task.kernel.tasks.values()]
        .filter(({ pid, tgid }) => pid === tgid)
        .map(({ pid }) => pids.inside(pid))
        .filter((number) => number !== 0)
        .map(String),
    ],
  });
}

/** Who is not of the namespace has no directory. */
function seen(pids: PidNamespace, pid: number): number {
  const number = pids.inside(pid);
  if (number === 0) throw new Errno(ENOENT);
  return number;
}

function cpuinfo(task: Task): string {
  const { vendorId, family } = task.kernel.cpu.processor;
  return [
    "processor\t: 0",
    `vendor_id\t: ${vendorId}`,
    `cpu family\t: ${family}`,
    "model name\t: tsstrace virtual processor",
    "physical id\t: 0",
    "siblings\t: 1",
    "core id\t\t: 0",
    "cpu cores\t: 1",
    "fpu\t\t: yes",
    "fpu_exception\t: yes",
    "wp\t\t: yes",
    `flags\t\t: ${cpuFlags(task.kernel.hwcap)}`,
    "clflush size\t: 64",
    "cache_alignment\t: 64",
    "address sizes\t: 40 bits physical, 48 bits virtual",
    "",
    "",
  ].join("\n");
}

const FLAG_NAMES: readonly (string | undefined)[] = [
  "fpu",
  "vme",
  "de",
  "pse",
  "tsc",
  "msr",
  "pae",
  "mce",
  "cx8",
  "apic",
  undefined,
  "sep",
  "mtrr",
  "pge",
  "mca",
  "cmov",
  "pat",
  "pse36",
  "pn",
  "clflush",
  undefined,
  "dts",
  "acpi",
  "mmx",
  "fxsr",
  "sse",
  "sse2",
  "ss",
  "ht",
  "tm",
  "ia64",
  "pbe",
];

function cpuFlags(hwcap: number): string {
  return FLAG_NAMES.filter((name, bit) => name !== undefined && hwcap & (1 << bit)).join(" ");
}

function systemStat(task: Task): string {
  const { kernel } = task;
  const { user, system } = kernel.clock.cpuTime();
  const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);
  const line = `${ticks(user)} 0 ${ticks(system)} 0 0 0 0 0 0 0`;
  return [
    `cpu  ${line}`,
    `cpu0 ${line}`,
    "intr 0",
    "ctxt 0",
    `btime ${kernel.bootTime / 1_000_000_000n}`,
    `processes ${kernel.tasks.size}`,
    "procs_running 1",
    "procs_blocked 0",
    "softirq 0 0 0 0 0 0 0 0 0 0 0",
    "",
  ].join("\n");
}
