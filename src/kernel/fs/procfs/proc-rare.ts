// Files of /proc/PID that few programs read: accounts of input and output, of scheduling, and of pages. fs/proc/base.c, task_mmu.c
import { S_IFREG } from "../../../abi/constants/files.js";
import { CAP_SYS_NICE } from "../../../abi/constants/security.js";
import { EACCES, EINVAL, EPERM, Errno } from "../../../abi/errno.js";
import { PAGE_SIZE } from "../../../machine/state-layout.js";
import { processTime } from "../../task/cpu-time.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { File, seekTo } from "../../vfs/file.js";
import type { Inode } from "../../vfs/inode.js";
import type { IoVector } from "../../vfs/io-vector.js";
import { mayInspect } from "../anonfs/pid-fd.js";
import type { FileSystem } from "../file-system.js";
import { ProcInode, ProcText } from "./proc-inode.js";
import { areaName } from "./proc-maps.js";
import { areaUsage } from "./proc-smaps.js";

type Owner = { readonly uid: number; readonly gid: number };

export function rareNames(fs: FileSystem, task: Task, owner: Owner): Record<string, Inode> {
  const text = (make: (task: Task) => string, mode: number): ProcText => new Inspected(fs, task, make, owner, mode);
  const written = (
    show: (task: Task) => string,
    write: (writer: Task, value: string) => void,
    mode: number,
  ): ProcText => new ProcText(fs, () => show(task), owner, write, mode);
  return {
    autogroup: written(autogroup, (writer, value) => setAutogroup(task, writer, value), 0o644),
    clear_refs: written(refuseReading, (_writer, value) => clearReferences(value), 0o200),
    io: text(inputOutput, 0o400),
    numa_maps: text(numaMaps, 0o444),
    pagemap: new PageMap(fs, task, owner),
    sched: written(schedule, () => {}, 0o644),
    smaps_rollup: text(rollup, 0o444),
  };
}

/** Opened by those who may look into the process. */
class Inspected extends ProcText {
  readonly of: Task;

  constructor(fs: FileSystem, of: Task, make: (task: Task) => string, owner: Owner, mode: number) {
    super(fs, () => make(of), owner, undefined, mode);
    this.of = of;
  }

  override open(dentry: Dentry, flags: number, task?: Task): File {
    if (task && !mayInspect(task, this.of)) throw new Errno(EACCES);
    return super.open(dentry, flags);
  }
}

function refuseReading(): never {
  throw new Errno(EINVAL);
}

const lines = (values: readonly (readonly [string, number])[]): string =>
  values.map(([name, value]) => `${name}: ${value}\n`).join("");

function inputOutput({ signal: { io } }: Task): string {
  return lines([
    ["rchar", io.charsRead],
    ["wchar", io.charsWritten],
    ["syscr", io.reads],
    ["syscw", io.writes],
    ["read_bytes", 0],
    ["write_bytes", 0],
    ["cancelled_write_bytes", 0],
  ]);
}

/** One group for each session. */
const autogroup = ({ signal }: Task): string => `/autogroup-${signal.session} nice ${signal.autogroupNice}\n`;

function setAutogroup({ signal }: Task, writer: Task, text: string): void {
  if (!/^\s*-?\d+\s*$/.test(text)) throw new Errno(EINVAL);
  const nice = Number(text);
  if (nice < -20 || nice > 19) throw new Errno(EINVAL);
  if (nice < 0 && !writer.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  signal.autogroupNice = nice;
}

/** Which pages were touched is not kept. */
function clearReferences(text: string): void {
  const kind = Number(text);
  if (!Number.isInteger(kind) || kind < 1 || kind > 5) throw new Errno(EINVAL);
}

function schedule(task: Task): string {
  const { comm, pidNamespace, tgid, signal, nice } = task;
  const head = `${comm} (${pidNamespace.inside(tgid)}, #threads: ${signal.threads.size})\n`;
  const milliseconds = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(6);
  const time = processTime(task);
  const values: [string, string | number][] = [
    ["se.exec_start", milliseconds(task.kernel.clock.monotonic())],
    ["se.vruntime", milliseconds(time)],
    ["se.sum_exec_runtime", milliseconds(time)],
    ["se.nr_migrations", 0],
    ["nr_switches", 0],
    ["nr_voluntary_switches", 0],
    ["nr_involuntary_switches", 0],
    ["policy", 0],
    ["prio", 120 + nice],
  ];
  return `${head}${"-".repeat(67)}\n${values.map(([name, value]) => `${name.padEnd(45)}:${String(value).padStart(21)}\n`).join("")}`;
}

function numaMaps(task: Task): string {
  return task.mm.areas.areas
    .map((area) => {
      const count = task.mm.memory.mappedPages(area.start / PAGE_SIZE, area.end / PAGE_SIZE).length;
      const name = areaName(task, area);
      const what = area.backing.file
        ? ` file=${name}`
        : name === "[heap]"
          ? " heap"
          : name === "[stack]"
            ? " stack"
            : "";
      const pages =
        count === 0 ? "" : `${area.backing.file ? " mapped" : " anon"}=${count} N0=${count} kernelpagesize_kB=4`;
      return `${area.start.toString(16).padStart(8, "0")} default${what}${pages}\n`;
    })
    .join("");
}

/** The sums of smaps. */
function rollup(task: Task): string {
  const { areas } = task.mm.areas;
  if (areas.length === 0) return "";
  const sums = new Map<string, number>();
  for (const area of areas)
    for (const [name, bytes] of areaUsage(task, area)) sums.set(name, (sums.get(name) ?? 0) + bytes);
  for (const name of ["Size", "KernelPageSize", "MMUPageSize"]) sums.delete(name);
  const hex = (value: number): string => value.toString(16).padStart(8, "0");
  const range = `${hex(areas[0].start)}-${hex(areas[areas.length - 1].end)} ---p 00000000 00:00 0`;
  const shown = [...sums].map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(bytes / 1024).padStart(8)} kB\n`);
  return `${range.padEnd(73)}[rollup]\n${shown.join("")}`;
}

const ENTRY = 8;
const PRESENT = 1n << 63n;
const OF_FILE = 1n << 61n;

/** An entry of 64 bits for each page: whether it is there. Where it is nobody is told, as Linux does for most. */
class PageMap extends ProcInode {
  readonly of: Task;

  constructor(fs: FileSystem, of: Task, owner: Owner) {
    super(fs, S_IFREG | 0o400, owner);
    this.of = of;
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    if (!mayInspect(task, this.of)) throw new Errno(EACCES);
    return new PageMapFile(dentry, flags, this.of);
  }
}

class PageMapFile extends File {
  readonly #of: Task;

  constructor(dentry: Dentry, flags: number, of: Task) {
    super(dentry, flags);
    this.#of = of;
  }

  override get seekable(): boolean {
    return true;
  }

  override read(into: IoVector, _task: Task, position?: number): number {
    const start = position ?? this.position;
    if (start % ENTRY !== 0 || into.remaining % ENTRY !== 0) throw new Errno(EINVAL);
    const { areas, memory } = { areas: this.#of.mm.areas.areas, memory: this.#of.mm.memory };
    const first = start / ENTRY;
    const end = Math.min(first + into.remaining / ENTRY, 2 ** 47 / PAGE_SIZE);
    const count = Math.max(Math.min(end - first, PAGE_SIZE), 0);
    const view = new DataView(new ArrayBuffer(count * ENTRY));
    for (const page of count > 0 ? memory.mappedPages(first, first + count) : []) {
      const at = page * PAGE_SIZE;
      const area = areas.find((each) => at >= each.start && at < each.end);
      if (area) view.setBigUint64((page - first) * ENTRY, PRESENT | (area.backing.file ? OF_FILE : 0n), true);
    }
    const done = into.put(new Uint8Array(view.buffer));
    if (position === undefined) this.position = start + done;
    return done;
  }

  override seek(offset: number, whence: number): number {
    return seekTo(this, offset, whence, 0);
  }
}
