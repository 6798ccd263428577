// What /proc/PID says of a process beside what ps asks for: settings that can be written, timers, waits, mapped files. fs/proc/base.c
import { S_IFIFO } from "../../../abi/constants/files.js";
import { EACCES, EINVAL, EPERM, Errno } from "../../../abi/errno.js";
import * as pt from "../../entry/pt-regs.js";
import { hasCapability } from "../../task/capabilities.js";
import { taskTime } from "../../task/cpu-time.js";
import type { Task } from "../../task/task.js";
import { offsetsText, setOffsets } from "../../time/time-namespace.js";
import { pathOf } from "../../vfs/dentry.js";
import type { Inode } from "../../vfs/inode.js";
import type { FileSystem } from "../file-system.js";
import { ProcDirectory, ProcLink, ProcText, volatile } from "./proc-inode.js";

type Owner = { readonly uid: number; readonly gid: number };
type Write = (writer: Task, text: string) => void;

const CAP_SYS_NICE = 23;
const CAP_SYS_RESOURCE = 24;
const CORE_FILTERS = 0x1ff;
const OOM_ADJUST_MAX = 15;
const OOM_DISABLE = -17;
const OOM_SCORE_MAX = 1000;

export function settingNames(fs: FileSystem, task: Task, owner: Owner): Record<string, Inode> {
  const text = (make: (reader: Task) => string, write?: Write, mode?: number): ProcText =>
    new ProcText(fs, make, owner, write, mode);
  const fixed = (value: string, mode?: number): ProcText => text(() => value, undefined, mode);
  return {
    arch_status: fixed(""),
    attr: new ProcDirectory(fs, securityAttributes(fs, owner), undefined, owner),
    coredump_filter: text(
      () => `${task.signal.coreFilter.toString(16).padStart(8, "0")}\n`,
      (_, value) => {
        task.signal.coreFilter = wholeNumber(value, 0, 0xffffffff) & CORE_FILTERS;
      },
    ),
    cpuset: fixed("/\n"),
    oom_adj: text(
      () => `${oldAdjustment(task.signal.oomScoreAdjust)}\n`,
      (writer, value) => {
        const wanted = newAdjustment(wholeNumber(value, OOM_DISABLE, OOM_ADJUST_MAX));
        adjustScore(task, writer, wanted, task.signal.oomScoreAdjust);
      },
    ),
    oom_score: text(() => `${oomScore(task)}\n`),
    oom_score_adj: text(
      () => `${task.signal.oomScoreAdjust}\n`,
      (writer, value) => adjustScore(task, writer, wholeNumber(value, -OOM_SCORE_MAX, OOM_SCORE_MAX)),
    ),
    projid_map: text(
      () => `${[0, 0, 0xffffffff].map((number) => String(number).padStart(10)).join(" ")}\n`,
      () => {
        throw new Errno(EPERM);
      },
    ),
    schedstat: text(() => `${Math.round(taskTime(task))} 0 ${task.contextSwitches}\n`),
    sessionid: fixed("4294967295"),
    timens_offsets: text(
      () => offsetsText(task.namespaces.timeForChildren),
      (writer, value) => setOffsets(task, writer, value),
      0o644,
    ),
    wchan: text(() => waitChannel(task)),
  };
}

/** Those of a process, which its threads do not have. */
export function processNames(fs: FileSystem, task: Task, owner: Owner): Record<string, Inode> {
  return {
    map_files: new ProcDirectory(fs, {}, mappedFiles(fs, task, owner), owner, 0o500),
    timers: new ProcText(fs, () => timers(task), owner),
    timerslack_ns: new ProcText(
      fs,
      (reader) => readSlack(task, reader),
      owner,
      (writer, value) => writeSlack(task, writer, value),
      0o666,
    ),
  };
}

/** kstrtoint: decimal, octal or hexadecimal, and space around it. */
function wholeNumber(text: string, least: number, most: number): number {
  const match = /^\s*([+-]?)(0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)\s*$/.exec(text);
  if (match === null) throw new Errno(EINVAL);
  const digits = match[2];
  const base = /^0[xX]/.test(digits) ? 16 : digits.startsWith("0") ? 8 : 10;
  const value = Number.parseInt(digits, base) * (match[1] === "-" ? -1 : 1);
  if (value < least || value > most) throw new Errno(EINVAL);
  return value;
}

/** What the older file shows of it: from -17 to 15. */
function oldAdjustment(score: number): number {
  if (score === OOM_SCORE_MAX) return OOM_ADJUST_MAX;
  return Math.trunc((score * -OOM_DISABLE) / OOM_SCORE_MAX);
}

function newAdjustment(adjustment: number): number {
  if (adjustment === OOM_ADJUST_MAX) return OOM_SCORE_MAX;
  return Math.trunc((adjustment * OOM_SCORE_MAX) / -OOM_DISABLE);
}

/** Anybody may make it likelier that the process is killed. */
function adjustScore({ signal }: Task, writer: Task, score: number, least = signal.oomScoreAdjustLeast): void {
  const isPrivileged = hasCapability(writer.cred, CAP_SYS_RESOURCE);
  if (score < least && !isPrivileged) throw new Errno(EACCES);
  signal.oomScoreAdjust = score;
  if (isPrivileged) signal.oomScoreAdjustLeast = score;
}

/** oom_badness, of two thirds of a thousand for nothing at all. */
function oomScore({ mm, signal, kernel }: Task): number {
  if (signal.oomScoreAdjust === -OOM_SCORE_MAX) return 0;
  const total = kernel.budget.totalPages;
  const points = mm.residentPages + Math.trunc((signal.oomScoreAdjust * total) / OOM_SCORE_MAX);
  return Math.max(Math.trunc(((1000 + Math.trunc((points * 1000) / total)) * 2) / 3), 0);
}

/** No security module is there to have any. */
function securityAttributes(fs: FileSystem, owner: Owner): Record<string, Inode> {
  const refuse = (): never => {
    throw new Errno(EINVAL);
  };
  const names = ["current", "exec", "fscreate", "keycreate", "sockcreate"];
  const attributes = names.map((name) => [name, new ProcText(fs, refuse, owner, refuse, 0o666)] as const);
  return { ...Object.fromEntries(attributes), prev: new ProcText(fs, refuse, owner) };
}

function checkSlack(task: Task, asking: Task): void {
  if (task !== asking && !hasCapability(asking.cred, CAP_SYS_NICE)) throw new Errno(EPERM);
}

function readSlack(task: Task, reader: Task): string {
  checkSlack(task, reader);
  return `${task.timerSlack}\n`;
}

function writeSlack(task: Task, writer: Task, text: string): void {
  const value = wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
  checkSlack(task, writer);
  task.timerSlack = value || task.defaultTimerSlack;
}

const TIMER_NOTICES = ["signal", "none", "thread"];

/** show_timer, the newest first. */
function timers({ signal, tgid, pidNamespace }: Task): string {
  return [...signal.posixTimers.values()]
    .sort((one, other) => other.id - one.id)
    .map(({ id, signalNumber, value, notice, clockId, target }) => {
      const [kind, pid] = target ? ["tid", target.pid] : ["pid", tgid];
      const how = `${TIMER_NOTICES[notice & 3]}/${kind}.${pidNamespace.inside(pid)}`;
      const given = value.toString(16).padStart(16, "0");
      return `ID: ${id}\nsignal: ${signalNumber}/${given}\nnotify: ${how}\nClockID: ${clockId}\n`;
    })
    .join("");
}

/** The function of Linux in which calls that wait do so, by number. */
const WAIT_CHANNELS: Readonly<Record<number, string>> = {
  7: "poll_schedule_timeout.constprop.0",
  23: "poll_schedule_timeout.constprop.0",
  34: "__do_sys_pause",
  35: "hrtimer_nanosleep",
  61: "do_wait",
  72: "fcntl_setlk",
  73: "locks_lock_inode_wait",
  128: "do_sigtimedwait.isra.0",
  202: "futex_do_wait",
  230: "hrtimer_nanosleep",
  232: "do_epoll_wait",
  247: "do_wait",
  270: "poll_schedule_timeout.constprop.0",
  271: "poll_schedule_timeout.constprop.0",
  281: "do_epoll_wait",
};

/** proc_pid_wchan: "0" for who runs, and where it is not known. */
function waitChannel(task: Task): string {
  if (task.state === "stopped") return "do_signal_stop";
  if (task.state !== "sleeping" || task.compat) return "0";
  const { regs } = task.stack;
  const number = regs.low(pt.PT_ORIG_AX);
  if (number > 1) return WAIT_CHANNELS[number] ?? "0";
  const inode = task.files.find(regs.low(pt.PT_DI))?.inode;
  if (inode?.type === S_IFIFO) return number === 0 ? "anon_pipe_read" : "anon_pipe_write";
  return "0";
}

/** Links by address to the files that are mapped. */
function mappedFiles(fs: FileSystem, task: Task, owner: Owner): ConstructorParameters<typeof ProcDirectory>[2] {
  const hex = (value: number): string => value.toString(16);
  const files = (): [name: string, area: Task["mm"]["areas"]["areas"][number]][] =>
    task.mm.areas.areas
      .filter(({ backing }) => backing.file !== undefined)
      .map((area) => [`${hex(area.start)}-${hex(area.end)}`, area]);
  return {
    find: (name) => {
      const area = files().find(([other]) => other === name)?.[1];
      const file = area?.backing.file;
      if (area === undefined || file === undefined) return undefined;
      const mode = area.prot & 2 ? 0o700 : 0o500;
      return volatile(
        new ProcLink(
          fs,
          (reader) => pathOf(file.dentry, reader.fs.root),
          () => file.dentry,
          owner,
          mode,
        ),
      );
    },
    list: () => files().map(([name]) => name),
  };
}
