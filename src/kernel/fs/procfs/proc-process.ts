// /proc/PID: one process as files. fs/proc/base.c, array.c, task_mmu.c
import { S_ISVTX } from "../../../abi/constants/files.js";
import { RLIM_NLIMITS } from "../../../abi/constants/processes.js";
import { ENOENT, Errno } from "../../../abi/errno.js";
import { READ } from "../../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../../machine/state-layout.js";
import * as pt from "../../entry/pt-regs.js";
import { userSlices } from "../../mm/user-access.js";
import { filterCount } from "../../seccomp/seccomp.js";
import { divided, processTime } from "../../task/cpu-time.js";
import type { AnyNamespace, NamespaceKind } from "../../task/namespaces.js";
import type { PidNamespace } from "../../task/pid-namespace.js";
import type { Task } from "../../task/task.js";
import { namespaceOf } from "../../task/unshare.js";
import { pathOf } from "../../vfs/dentry.js";
import type { Inode } from "../../vfs/inode.js";
import type { FileSystem } from "../file-system.js";
import { namespaceDentry, namespaceName } from "../nsfs.js";
import type { ProcFs } from "./proc-fs.js";
import { ProcDirectory, ProcLink, ProcText, volatile } from "./proc-inode.js";
import { maps } from "./proc-maps.js";
import { ProcMem } from "./proc-mem.js";
import { mountinfo, mounts, mountstats } from "./proc-mounts.js";
import { netDirectory } from "./proc-net.js";
import { rareNames } from "./proc-rare.js";
import { processNames, settingNames } from "./proc-settings.js";
import { smaps } from "./proc-smaps.js";
import { mapText, writeMap, writeSetgroups } from "./proc-user-maps.js";

export function processDirectory(fs: ProcFs, task: Task, withThreads = true): Inode {
  const { pids } = fs;
  const self = {
    get uid() {
      return task.cred.euid;
    },
    get gid() {
      return task.cred.egid;
    },
  };
  /** task_dump_owner: what is not to be looked at is root's. */
  const owner = {
    get uid() {
      return task.dumpable === 1 ? self.uid : 0;
    },
    get gid() {
      return task.dumpable === 1 ? self.gid : 0;
    },
  };
  const text = (make: (task: Task, reader: Task) => string | Uint8Array, mode?: number): ProcText =>
    new ProcText(fs, (reader) => make(task, reader), owner, undefined, mode);
  const idMap = (kind: "uidMap" | "gidMap"): ProcText =>
    new ProcText(
      fs,
      (reader) => mapText(task, reader, kind),
      owner,
      (writer, value) => writeMap(task, writer, kind, value),
    );
  const names: Record<string, Inode> = {
    auxv: text(() => task.mm.auxv, 0o400),
    cgroup: text(() => "0::/\n"),
    cmdline: text(() => argumentArea(task, task.mm.argStart, task.mm.argEnd)),
    comm: new ProcText(
      fs,
      () => `${task.comm}\n`,
      owner,
      (writer, value) => {
        if (writer.tgid === task.tgid) task.comm = value.slice(0, 15).replace(/\n$/, "");
      },
    ),
    cwd: new ProcLink(
      fs,
      () => pathOf(task.fs.cwd, task.fs.root),
      () => task.fs.cwd,
      owner,
    ),
    environ: text(() => argumentArea(task, task.mm.envStart, task.mm.envEnd), 0o400),
    exe: new ProcLink(
      fs,
      () => executable(task).path(task.fs.root),
      () => executable(task).dentry,
      owner,
    ),
    fd: new ProcDirectory(fs, {}, descriptors(fs, task), self, 0o500),
    fdinfo: new ProcDirectory(fs, {}, descriptorInfo(fs, task), self),
    gid_map: idMap("gidMap"),
    limits: text(limits),
    loginuid: text(() => "4294967295"),
    maps: text(maps),
    mem: new ProcMem(fs, task, owner),
    mountinfo: text(mountinfo),
    mounts: text(mounts),
    mountstats: text(mountstats, 0o400),
    net: netDirectory(fs),
    ns: new ProcDirectory(fs, namespaces(fs, task), undefined, owner, 0o511),
    personality: text(() => `${(task.personality >>> 0).toString(16).padStart(8, "0")}\n`, 0o400),
    root: new ProcLink(
      fs,
      (reader) => pathOf(task.fs.root, reader.fs.root),
      () => task.fs.root,
      owner,
    ),
    setgroups: new ProcText(
      fs,
      () => `${task.cred.userNamespace.setgroups}\n`,
      owner,
      (writer, value) => writeSetgroups(task, writer, value),
    ),
    smaps: text(smaps),
    stat: text(() => stat(task, pids)),
    statm: text(statm),
    status: text((of, reader) => status(of, pids, reader)),
    syscall: text(syscall, 0o400),
    uid_map: idMap("uidMap"),
    ...settingNames(fs, task, owner),
  };
  if (withThreads) {
    Object.assign(names, processNames(fs, task, owner));
    names.task = new ProcDirectory(
      fs,
      {},
      {
        find: (name) => {
          const thread = [...task.signal.threads].find(({ pid }) => String(pids.inside(pid)) === name);
          return thread && volatile(processDirectory(fs, thread, false));
        },
        list: () => [...task.signal.threads].map(({ pid }) => String(pids.inside(pid))),
      },
      owner,
    );
  }
  if (!withThreads) names.children = text(() => children(task, pids));
  let others: Record<string, Inode> | undefined;
  const otherFiles = (): Record<string, Inode> => {
    others ??= rareNames(fs, task, owner);
    return others;
  };
  const find = (name: string): Inode | undefined =>
    Object.hasOwn(otherFiles(), name) ? otherFiles()[name] : undefined;
  return new ProcDirectory(fs, names, { find, list: () => Object.keys(otherFiles()) }, self);
}

/** The processes this thread has forked. */
function children(task: Task, pids: PidNamespace): string {
  return [...task.signal.children]
    .filter(({ signal }) => signal.parent === task)
    .map(({ pid }) => `${pids.inside(pid)} `)
    .join("");
}

/** Names of the links in ns/, which lead to files that setns(2) takes. */
const NAMESPACE_LINKS: readonly (readonly [string, NamespaceKind, boolean])[] = [
  ["cgroup", "cgroup", false],
  ["ipc", "ipc", false],
  ["mnt", "mnt", false],
  ["net", "net", false],
  ["pid", "pid", false],
  ["pid_for_children", "pid", true],
  ["time", "time", false],
  ["time_for_children", "time", true],
  ["user", "user", false],
  ["uts", "uts", false],
];

function namespaces(fs: FileSystem, task: Task): Record<string, Inode> {
  const link = (kind: NamespaceKind, forChildren: boolean): Inode => {
    const namespace = (): AnyNamespace => namespaceOf(task, kind, forChildren);
    return new ProcLink(
      fs,
      () => namespaceName(namespace()),
      () => namespaceDentry(namespace()),
    );
  };
  return Object.fromEntries(NAMESPACE_LINKS.map(([name, kind, forChildren]) => [name, link(kind, forChildren)]));
}

function executable(task: Task): NonNullable<Task["mm"]["exeFile"]> {
  if (task.mm.exeFile === undefined) throw new Errno(ENOENT);
  return task.mm.exeFile;
}

function argumentArea(task: Task, start: number, end: number): Uint8Array {
  const slices = userSlices(task.mm, start, end - start, READ);
  return slices.length === 1 ? slices[0].slice() : Uint8Array.from(slices.flatMap((slice) => [...slice]));
}

function descriptors(fs: FileSystem, task: Task): ConstructorParameters<typeof ProcDirectory>[2] {
  return {
    find: (name) => {
      const file = /^\d+$/.test(name) ? task.files.find(Number(name)) : undefined;
      if (file === undefined) return undefined;
      const mode = (file.isReadable ? 0o500 : 0) | (file.isWritable ? 0o300 : 0);
      const owner = { uid: task.cred.euid, gid: task.cred.egid };
      return volatile(
        new ProcLink(
          fs,
          () => file.path(task.fs.root),
          () => file.dentry,
          owner,
          mode & ~S_ISVTX,
        ),
      );
    },
    list: () => task.files.descriptors().map(String),
  };
}

function descriptorInfo(fs: FileSystem, task: Task): ConstructorParameters<typeof ProcDirectory>[2] {
  return {
    find: (name) => {
      const fd = Number(name);
      const file = /^\d+$/.test(name) ? task.files.find(fd) : undefined;
      if (file === undefined) return undefined;
      const flags = (file.flags | (task.files.closeOnExec(fd) ? 0o2000000 : 0)).toString(8);
      return volatile(
        new ProcText(
          fs,
          () =>
            `pos:\t${file.position}\nflags:\t0${flags}\nmnt_id:\t${file.dentry.mount?.id ?? 0}\nino:\t${file.inode.stat().ino}\n${file.info}`,
        ),
      );
    },
    list: () => task.files.descriptors().map(String),
  };
}

function stateLetter(task: Task): string {
  return stateName(task)[0];
}

function stat(task: Task, pids: PidNamespace): string {
  const { mm, signal } = task;
  const { user, system } = divided(task, processTime(task));
  const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / 1e7);
  const fields = [
    pids.inside(signal.parent?.tgid ?? 0),
    pids.inside(signal.pgrp),
    pids.inside(signal.session),
    signal.tty?.rdev ?? 0,
    signal.tty?.foreground || -1,
    0x400000,
    mm.minorFaults,
    0,
    mm.majorFaults,
    0,
    ticks(user),
    ticks(system),
    ticks(signal.childUserTime),
    ticks(signal.childSystemTime),
    20 + task.nice,
    task.nice,
    signal.threads.size,
    0,
    ticks(task.startTime),
    mm.totalVm * PAGE_SIZE,
    mm.residentPages,
    "18446744073709551615",
    mm.startCode,
    mm.endCode,
    mm.startStack,
    0,
    0,
    task.pending.set.low >>> 0,
    task.blocked.low >>> 0,
    0,
    0,
    0,
    0,
    0,
    signal.exitSignal,
    0,
    0,
    0,
    0,
    0,
    0,
    mm.startData,
    mm.endData,
    mm.startBrk,
    mm.argStart,
    mm.argEnd,
    mm.envStart,
    mm.envEnd,
    0,
  ];
  return `${pids.inside(task.pid)} (${task.comm}) ${stateLetter(task)} ${fields.join(" ")}\n`;
}

function statm(task: Task): string {
  const { mm } = task;
  const code = Math.ceil((mm.endCode - mm.startCode) / PAGE_SIZE);
  return `${mm.totalVm} ${mm.residentPages} 0 ${code} 0 ${mm.dataVm} 0\n`;
}

/** A stop for its tracer may be in the middle of a call. */
const stateName = (task: Task): string => STATE_NAMES[task.ptraced?.stop ? "traced" : task.state];

const STATE_NAMES = {
  running: "R (running)",
  sleeping: "S (sleeping)",
  stopped: "T (stopped)",
  traced: "t (tracing stop)",
  zombie: "Z (zombie)",
  dead: "X (dead)",
};

function status(task: Task, pids: PidNamespace, { cred: viewer }: Task): string {
  const { mm, cred, signal } = task;
  const uids = [cred.uid, cred.euid, cred.suid, cred.fsuid].map((id) => viewer.shownUid(id));
  const gids = [cred.gid, cred.egid, cred.sgid, cred.fsgid].map((id) => viewer.shownGid(id));
  const numbers: PidNamespace[] = [];
  for (let at: PidNamespace | undefined = task.pidNamespace; at && pids.holds(at); at = at.parent) numbers.unshift(at);
  const inEach = (id: number): string => numbers.map((namespace) => namespace.inside(id)).join("\t");
  const kib = (pages: number): string => `${String((pages * PAGE_SIZE) / 1024).padStart(8)} kB`;
  const ignored = { low: 0n };
  const caught = { low: 0n };
  for (let number = 1; number <= 64; number++) {
    const { handler } = task.sighand.get(number);
    if (handler === 1) ignored.low |= 1n << BigInt(number - 1);
    else if (handler > 1) caught.low |= 1n << BigInt(number - 1);
  }
  const hex = (value: bigint): string => value.toString(16).padStart(16, "0");
  return [
    `Name:\t${task.comm}`,
    `Umask:\t${task.fs.umask.toString(8).padStart(4, "0")}`,
    `State:\t${stateName(task)}`,
    `Tgid:\t${pids.inside(task.tgid)}`,
    "Ngid:\t0",
    `Pid:\t${pids.inside(task.pid)}`,
    `PPid:\t${pids.inside(signal.parent?.tgid ?? 0)}`,
    `TracerPid:\t${pids.inside(task.ptraced?.tracer.tgid ?? task.tracer?.pid ?? 0)}`,
    `Uid:\t${uids.join("\t")}`,
    `Gid:\t${gids.join("\t")}`,
    `FDSize:\t${task.files.capacity}`,
    `Groups:\t${cred.groups.map((id) => viewer.shownGid(id)).join(" ")} `,
    `NStgid:\t${inEach(task.tgid)}`,
    `NSpid:\t${inEach(task.pid)}`,
    `NSpgid:\t${inEach(signal.pgrp)}`,
    `NSsid:\t${inEach(signal.session)}`,
    `VmPeak:\t${kib(mm.totalVm)}`,
    `VmSize:\t${kib(mm.totalVm)}`,
    `VmHWM:\t${kib(mm.peakPages)}`,
    `VmRSS:\t${kib(mm.residentPages)}`,
    `VmData:\t${kib(mm.dataVm)}`,
    `Threads:\t${signal.threads.size}`,
    `SigQ:\t${task.pending.length + signal.pending.length}/15000`,
    `SigPnd:\t${task.pending.set.toHex()}`,
    `ShdPnd:\t${signal.pending.set.toHex()}`,
    `SigBlk:\t${task.blocked.toHex()}`,
    `SigIgn:\t${hex(ignored.low)}`,
    `SigCgt:\t${hex(caught.low)}`,
    `CapInh:\t${hex(cred.inheritable)}`,
    `CapPrm:\t${hex(cred.permitted)}`,
    `CapEff:\t${hex(cred.effective)}`,
    `CapBnd:\t${hex(cred.bounding)}`,
    `CapAmb:\t${hex(cred.ambient)}`,
    `NoNewPrivs:\t${task.noNewPrivileges ? 1 : 0}`,
    `Seccomp:\t${task.seccomp.mode}`,
    `Seccomp_filters:\t${filterCount(task.seccomp)}`,
    "Cpus_allowed:\t1",
    "Cpus_allowed_list:\t0",
    `voluntary_ctxt_switches:\t${task.contextSwitches}`,
    "nonvoluntary_ctxt_switches:\t0",
    "",
  ].join("\n");
}

/** From the saved pt_regs: fs/proc/base.c: proc_pid_syscall */
function syscall(task: Task): string {
  if (task.state !== "sleeping") return "running\n";
  const { regs } = task.stack;
  const hex = (word: number): string => `0x${regs.get64(word).toString(16)}`;
  const number = regs.low(pt.PT_ORIG_AX);
  const place = `${hex(pt.PT_SP)} ${hex(pt.PT_IP)}`;
  if (number < 0) return `-1 ${place}\n`;
  const words = task.compat ? pt.ARGUMENT_WORDS_32 : pt.ARGUMENT_WORDS;
  return `${number} ${words.map(hex).join(" ")} ${place}\n`;
}

const LIMIT_NAMES: readonly (readonly [string, string])[] = [
  ["Max cpu time", "seconds"],
  ["Max file size", "bytes"],
  ["Max data size", "bytes"],
  ["Max stack size", "bytes"],
  ["Max core file size", "bytes"],
  ["Max resident set", "bytes"],
  ["Max processes", "processes"],
  ["Max open files", "files"],
  ["Max locked memory", "bytes"],
  ["Max address space", "bytes"],
  ["Max file locks", "locks"],
  ["Max pending signals", "signals"],
  ["Max msgqueue size", "bytes"],
  ["Max nice priority", ""],
  ["Max realtime priority", ""],
  ["Max realtime timeout", "us"],
];

function limits(task: Task): string {
  const value = (limit: number): string => (Number.isFinite(limit) ? String(limit) : "unlimited").padEnd(21);
  const lines = ["Limit                     Soft Limit           Hard Limit           Units     "];
  for (let i = 0; i < RLIM_NLIMITS; i++) {
    const { soft, hard } = task.signal.limits.get(i);
    const [name, unit] = LIMIT_NAMES[i];
    lines.push(`${name.padEnd(26)}${value(soft)}${value(hard)}${unit.padEnd(10)}`);
  }
  return `${lines.join("\n")}\n`;
}
