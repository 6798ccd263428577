// prlimit, getrusage, times and sysinfo: what a process may use and has used. kernel/sys.c
import {
  RLIM_NLIMITS,
  RLIMIT_NOFILE,
  RUSAGE_CHILDREN,
  RUSAGE_SELF,
  RUSAGE_THREAD,
} from "../../abi/constants/processes.js";
import { EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { readBig64, writeBig64 } from "../mm/user-access.js";
import { writeTimeval } from "../time/sleep.js";
import { divided, processTime, taskTime } from "./cpu-time.js";
import type { Rlimit } from "./rlimits.js";
import type { Task } from "./task.js";

const INFINITE = 0xffff_ffff_ffff_ffffn;
const NR_OPEN = 1048576;
const RUSAGE_SIZE = 144;
const TICK = 1e7;

function encode(limit: number): bigint {
  return Number.isFinite(limit) ? BigInt(limit) : INFINITE;
}

function decode(limit: bigint): number {
  return limit >= 1n << 63n ? Number.POSITIVE_INFINITY : Number(limit);
}

function readLimit(task: Task, address: number): Rlimit {
  return { soft: decode(readBig64(task.mm, address)), hard: decode(readBig64(task.mm, address + 8)) };
}

function writeLimit(task: Task, address: number, { soft, hard }: Rlimit): void {
  writeBig64(task.mm, address, encode(soft));
  writeBig64(task.mm, address + 8, encode(hard));
}

/** prlimit64(2): addresses of the new and the old limit, or 0. */
export function prlimit(task: Task, pid: number, resource: number, wanted: number, old: number): void {
  const change = wanted === 0 ? undefined : readLimit(task, wanted);
  const target = pid === 0 ? task : task.kernel.tasks.get(pid);
  if (target === undefined) throw new Errno(ESRCH);
  checkOthersLimits(task, target);
  const before = exchangeLimit(task, target, resource, change);
  if (old !== 0) writeLimit(task, old, before);
}

export function getrlimit(task: Task, resource: number, address: number): void {
  writeLimit(task, address, exchangeLimit(task, task, resource));
}

export function setrlimit(task: Task, resource: number, address: number): void {
  exchangeLimit(task, task, resource, readLimit(task, address));
}

/** check_prlimit_permission: all ids of the other must be one's own. */
function checkOthersLimits(task: Task, target: Task): void {
  const { cred } = task;
  const other = target.cred;
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === cred.uid);
  const sameGroup = [other.gid, other.egid, other.sgid].every((id) => id === cred.gid);
  if (target !== task && !(sameUser && sameGroup) && !cred.isPrivileged) throw new Errno(EPERM);
}

/** do_prlimit: the limit there was. */
function exchangeLimit(task: Task, target: Task, resource: number, change?: Rlimit): Rlimit {
  if (resource < 0 || resource >= RLIM_NLIMITS) throw new Errno(EINVAL);
  const { limits } = target.signal;
  const before = limits.get(resource);
  if (change) {
    if (change.soft > change.hard) throw new Errno(EINVAL);
    if (resource === RLIMIT_NOFILE && change.hard > NR_OPEN) throw new Errno(EPERM);
    if (change.hard > before.hard && !task.cred.isPrivileged) throw new Errno(EPERM);
    limits.set(resource, change);
  }
  return before;
}

export function getRusage(task: Task, who: number, address: number): void {
  if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) throw new Errno(EINVAL);
  const { signal, mm } = task;
  const children = { user: signal.childUserTime, system: signal.childSystemTime };
  const own = who === RUSAGE_THREAD ? taskTime(task) : processTime(task);
  const { user, system } = who === RUSAGE_CHILDREN ? children : divided(task, own);
  task.copyOut(address, new Uint8Array(RUSAGE_SIZE));
  writeTimeval(task, address, user);
  writeTimeval(task, address + 16, system);
  if (who === RUSAGE_CHILDREN) return;
  task.writeU64(address + 32, (mm.peakPages * PAGE_SIZE) / 1024);
  task.writeU64(address + 64, mm.minorFaults);
  task.writeU64(address + 72, mm.majorFaults);
  task.writeU64(address + 128, task.contextSwitches);
}

/** times(2): clock ticks since some point in the past. */
export function times(task: Task, address: number): number {
  const { clock } = task.kernel;
  const ticks = (nanoseconds: number): number => Math.floor(nanoseconds / TICK);
  if (address !== 0) {
    const { user, system } = divided(task, processTime(task));
    task.writeU64(address, ticks(user));
    task.writeU64(address + 8, ticks(system));
    task.writeU64(address + 16, ticks(task.signal.childUserTime));
    task.writeU64(address + 24, ticks(task.signal.childSystemTime));
  }
  return ticks(clock.monotonic());
}

/** sysinfo(2): struct sysinfo, 112 bytes. */
export function sysinfo(task: Task, address: number): void {
  const { kernel } = task;
  const view = new DataView(new ArrayBuffer(112));
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(Math.floor(value)), true);
  u64(0, kernel.clock.monotonic() / 1e9);
  u64(32, kernel.budget.totalPages * PAGE_SIZE);
  u64(40, kernel.budget.freePages * PAGE_SIZE);
  view.setUint16(80, kernel.tasks.size, true);
  view.setUint32(104, 1, true);
  task.copyOut(address, new Uint8Array(view.buffer));
}
