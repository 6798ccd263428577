// prlimit, getrusage, times and sysinfo: what a process may use and has used. kernel/sys.c
import {
  RLIM_NLIMITS,
  RLIMIT_CPU,
  RLIMIT_NOFILE,
  RLIMIT_NPROC,
  RUSAGE_CHILDREN,
  RUSAGE_SELF,
  RUSAGE_THREAD,
} from "../../abi/constants/processes.js";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { EAGAIN, EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { rlimit, rlimit64, rusage, sysinfo as sysinfoStruct } from "../../abi/processes.js";
import { timeval, tms } from "../../abi/time.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { watchCpuLimit } from "../time/cpu-timers.js";
import { divided, processTime, taskTime } from "./cpu-time.js";
import type { Rlimit } from "./rlimits.js";
import type { Usage } from "./signal-struct.js";
import type { Task } from "./task.js";

const INFINITE = 0xffff_ffff_ffff_ffffn;
const OLD_INFINITY = 0x7fffffff;
const NR_OPEN = 1048576;
const TICK = 1e7;

type LimitStruct = typeof rlimit | typeof rlimit64;

function readLimit(task: Task, type: LimitStruct, address: number): Rlimit {
  const view = task.readStruct(type, address);
  const [soft, hard] = (["rlim_cur", "rlim_max"] as const).map((name) => decode(type.get(view, name, task.abi), task));
  return { soft, hard };
}

/** All ones, or what is as good as that, is no limit: COMPAT_RLIM_INFINITY where a long has 32 bits. */
function decode(limit: number, task: Task): number {
  const isNone = limit >= 2 ** 63 || (task.longBytes === 4 && limit === 0xffffffff);
  return isNone ? Number.POSITIVE_INFINITY : limit;
}

function writeLimit(task: Task, type: LimitStruct, address: number, { soft, hard }: Rlimit): void {
  const most = type === rlimit && task.longBytes === 4 ? 0xffff_ffffn : INFINITE;
  const encode = (limit: number): bigint => (limit > Number(most) ? most : BigInt(limit));
  task.writeStruct(type, address, { rlim_cur: encode(soft), rlim_max: encode(hard) });
}

/** RLIMIT_NPROC: throws EAGAIN where the user has as many tasks as it may. copy_process */
export function checkProcessLimit(task: Task): void {
  const limit = task.signal.limits.soft(RLIMIT_NPROC);
  const { tasks } = task.kernel;
  const { cred } = task;
  if (tasks.size <= limit && limit !== 0) return;
  if (cred.uid === 0 || cred.can(CAP_SYS_RESOURCE) || cred.can(CAP_SYS_ADMIN)) return;
  let count = 0;
  for (const other of tasks.values()) if (other.cred.uid === cred.uid) count++;
  if (count >= limit) throw new Errno(EAGAIN);
}

/** prlimit64(2): addresses of the new and the old limit, or 0. */
export function prlimit(task: Task, pid: number, resource: number, wanted: number, old: number): void {
  const change = wanted === 0 ? undefined : readLimit(task, rlimit64, wanted);
  const target = pid === 0 ? task : task.find(pid);
  if (target === undefined) throw new Errno(ESRCH);
  checkOthersLimits(task, target);
  const before = exchangeLimit(task, target, resource, change);
  if (old !== 0) writeLimit(task, rlimit64, old, before);
}

export function getrlimit(task: Task, resource: number, address: number): void {
  writeLimit(task, rlimit, address, exchangeLimit(task, task, resource));
}

/** getrlimit(2) of i386, of old: what is more than a long holds is the most it holds. */
export function oldGetrlimit(task: Task, resource: number, address: number): void {
  const { soft, hard } = exchangeLimit(task, task, resource);
  const clamp = (limit: number): number => Math.min(limit, OLD_INFINITY);
  task.writeStruct(rlimit, address, { rlim_cur: clamp(soft), rlim_max: clamp(hard) });
}

export function setrlimit(task: Task, resource: number, address: number): void {
  exchangeLimit(task, task, resource, readLimit(task, rlimit, address));
}

/** check_prlimit_permission: all ids of the other must be one's own. */
function checkOthersLimits(task: Task, target: Task): void {
  const { cred } = task;
  const other = target.cred;
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === cred.uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === cred.gid);
  if (target !== task && !(sameUser && sameGroup) && !cred.can(CAP_SYS_RESOURCE)) throw new Errno(EPERM);
}

/** do_prlimit: the limit there was. */
function exchangeLimit(task: Task, target: Task, resource: number, change?: Rlimit): Rlimit {
  if (resource < 0 || resource >= RLIM_NLIMITS) throw new Errno(EINVAL);
  const { limits } = target.signal;
  const before = limits.get(resource);
  if (change) {
    if (change.soft > change.hard) throw new Errno(EINVAL);
    if (resource === RLIMIT_NOFILE && change.hard > NR_OPEN) throw new Errno(EPERM);
    if (change.hard > before.hard && !task.cred.can(CAP_SYS_RESOURCE)) throw new Errno(EPERM);
    limits.set(resource, change);
    if (resource === RLIMIT_CPU) watchCpuLimit(target);
  }
  return before;
}

export function getRusage(task: Task, who: number, address: number): void {
  if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) throw new Errno(EINVAL);
  const { signal } = task;
  const children = { user: signal.childUserTime, system: signal.childSystemTime };
  const own = who === RUSAGE_THREAD ? taskTime(task) : processTime(task);
  const { user, system } = who === RUSAGE_CHILDREN ? children : divided(task, own);
  writeRusage(task, address, user, system, who === RUSAGE_CHILDREN ? signal.childUsage : usageOf(task));
}

/** What is counted beside time: the fields of struct rusage. */
export function usageOf({ mm, contextSwitches }: Task): Usage {
  return {
    ru_maxrss: (mm.peakPages * PAGE_SIZE) / 1024,
    ru_minflt: mm.minorFaults,
    ru_majflt: mm.majorFaults,
    ru_nvcsw: contextSwitches,
  };
}

/** struct rusage: times in nanoseconds. */
export function writeRusage(task: Task, address: number, user: number, system: number, more: Usage): void {
  const time = (nanoseconds: number): Uint8Array => {
    const microseconds = Math.floor(nanoseconds / 1000);
    const seconds = Math.floor(microseconds / 1e6);
    return timeval.encode({ tv_sec: seconds, tv_usec: microseconds % 1e6 }, task.abi);
  };
  task.writeStruct(rusage, address, { ...more, ru_utime: time(user), ru_stime: time(system) });
}

/** times(2): clock ticks since some point in the past. */
export function times(task: Task, address: number): number {
  const { clock } = task.kernel;
  const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / TICK);
  if (address !== 0) {
    const { user, system } = divided(task, processTime(task));
    task.writeStruct(tms, address, {
      tms_utime: ticks(user),
      tms_stime: ticks(system),
      tms_cutime: ticks(task.signal.childUserTime),
      tms_cstime: ticks(task.signal.childSystemTime),
    });
  }
  return ticks(clock.monotonic());
}

/** sysinfo(2). Where a long has 32 bits, sizes are in such units that they fit. */
export function sysinfo(task: Task, address: number): void {
  const { kernel } = task;
  const total = kernel.budget.totalPages * PAGE_SIZE;
  const unit = task.longBytes === 4 && total > 0xffffffff ? PAGE_SIZE : 1;
  task.writeStruct(sysinfoStruct, address, {
    uptime: Math.floor((kernel.clock.monotonic() + Number(task.namespaces.time.offsets.boottime)) / 1e9),
    totalram: total / unit,
    freeram: (kernel.budget.freePages * PAGE_SIZE) / unit,
    procs: kernel.tasks.size,
    mem_unit: unit,
  });
}
