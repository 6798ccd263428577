// Who a process is: user and group ids, process groups, sessions. kernel/sys.c

import {
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_LINUX_IMMUTABLE,
  CAP_MAC_OVERRIDE,
  CAP_MKNOD,
  CAP_SETGID,
  CAP_SETUID,
} from "../../abi/constants/security.js";
import { EACCES, EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { type Credentials, SECURE_KEEP_CAPS, SECURE_NO_SETUID_FIXUP } from "../vfs/credentials.js";
import { hasCapability } from "./capabilities.js";
import type { Task } from "./task.js";

const NGROUPS_MAX = 65536;
const UNCHANGED = -1;
/** CAP_FS_SET: what goes and comes with the user id for files. */
const FILE_CAPABILITIES = [
  CAP_CHOWN,
  CAP_MKNOD,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_LINUX_IMMUTABLE,
  CAP_MAC_OVERRIDE,
].reduce((set, bit) => set | (1n << BigInt(bit)), 0n);

type Kind = "uid" | "gid";
type Field = keyof Pick<Credentials, "uid" | "euid" | "suid" | "fsuid" | "gid" | "egid" | "sgid" | "fsgid">;

function names(kind: Kind): { real: Field; effective: Field; saved: Field; fs: Field } {
  return kind === "uid"
    ? { real: "uid", effective: "euid", saved: "suid", fs: "fsuid" }
    : { real: "gid", effective: "egid", saved: "sgid", fs: "fsgid" };
}

/** Ids are unsigned; -1 leaves one as it is. */
function change(task: Task, kind: Kind, real: number, effective: number, saved: number): void {
  const field = names(kind);
  const cred = task.cred.copy();
  if (real !== UNCHANGED) cred[field.real] = real >>> 0;
  if (effective !== UNCHANGED) cred[field.effective] = effective >>> 0;
  if (saved !== UNCHANGED) cred[field.saved] = saved >>> 0;
  cred[field.fs] = cred[field.effective];
  if (kind === "uid") fixCapabilities(task.cred, cred);
  commit(task, cred);
}

/** commit_creds: others may not look into a process any more that has become somebody else, and its parent's end does not concern it. */
function commit(task: Task, cred: Credentials): void {
  const { cred: old } = task;
  const isOther = (["euid", "egid", "fsuid", "fsgid"] as const).some((name) => old[name] !== cred[name]);
  if (isOther || cred.permitted & ~old.permitted) {
    task.dumpable = 0;
    task.parentDeathSignal = 0;
  }
  task.cred = cred;
}

/** cap_emulate_setxuid: user 0 and the capabilities come and go together. */
function fixCapabilities(old: Credentials, cred: Credentials): void {
  if (cred.securebits & SECURE_NO_SETUID_FIXUP) return;
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  if (hadRoot && cred.uid !== 0 && cred.euid !== 0 && cred.suid !== 0) {
    if (!(cred.securebits & SECURE_KEEP_CAPS)) cred.permitted = cred.effective = 0n;
    cred.ambient = 0n;
  }
  if (old.euid === 0 && cred.euid !== 0) cred.effective = 0n;
  if (old.euid !== 0 && cred.euid === 0) cred.effective = cred.permitted;
}

function isOwn(cred: Credentials, kind: Kind, id: number): boolean {
  const field = names(kind);
  return [field.real, field.effective, field.saved].some((name) => cred[name] === id >>> 0);
}

/** make_kuid: the machine's number. EINVAL for one that is none in the user namespace. */
function machineId(cred: Credentials, kind: Kind, id: number): number {
  const found = kind === "uid" ? cred.machineUid(id) : cred.machineGid(id);
  if (found === undefined) throw new Errno(EINVAL);
  return found;
}

const shownId = (cred: Credentials, kind: Kind, id: number): number =>
  kind === "uid" ? cred.shownUid(id) : cred.shownGid(id);

/** getuid(2) and its like. */
export const idOf = ({ cred }: Task, field: "uid" | "euid" | "gid" | "egid"): number =>
  shownId(cred, field.endsWith("uid") ? "uid" : "gid", cred[field]);

const mayChange = (cred: Credentials, kind: Kind): boolean =>
  hasCapability(cred, kind === "uid" ? CAP_SETUID : CAP_SETGID);

/** setuid(2), setgid(2). */
export function setId(task: Task, kind: Kind, wanted: number): void {
  const { cred } = task;
  const id = machineId(cred, kind, wanted);
  if (id === UNCHANGED) throw new Errno(EINVAL);
  const field = names(kind);
  if (mayChange(cred, kind)) change(task, kind, id, id, id);
  else if (cred[field.real] === id >>> 0 || cred[field.saved] === id >>> 0)
    change(task, kind, UNCHANGED, id, UNCHANGED);
  else throw new Errno(EPERM);
}

/** setreuid(2), setregid(2). */
export function setRealEffective(task: Task, kind: Kind, wantedReal: number, wantedEffective: number): void {
  const { cred } = task;
  const real = machineId(cred, kind, wantedReal);
  const effective = machineId(cred, kind, wantedEffective);
  const field = names(kind);
  if (!mayChange(cred, kind)) {
    const mayReal = real === UNCHANGED || cred[field.real] === real >>> 0 || cred[field.effective] === real >>> 0;
    if (!mayReal || (effective !== UNCHANGED && !isOwn(cred, kind, effective))) throw new Errno(EPERM);
  }
  const changesSaved = real !== UNCHANGED || (effective !== UNCHANGED && effective >>> 0 !== cred[field.real]);
  const saved = changesSaved ? (effective === UNCHANGED ? cred[field.effective] : effective) : UNCHANGED;
  change(task, kind, real, effective, saved | 0);
}

/** setresuid(2), setresgid(2). */
export function setAllIds(
  task: Task,
  kind: Kind,
  ...ids: readonly [real: number, effective: number, saved: number]
): void {
  const [real, effective, saved] = ids.map((id) => machineId(task.cred, kind, id));
  const wanted = [real, effective, saved].filter((id) => id !== UNCHANGED);
  if (!mayChange(task.cred, kind) && wanted.some((id) => !isOwn(task.cred, kind, id))) throw new Errno(EPERM);
  change(task, kind, real, effective, saved);
}

/** setfsuid(2), setfsgid(2): the old one, whether or not it could be changed. */
export function setFsId(task: Task, kind: Kind, wanted: number): number {
  const { cred } = task;
  const field = names(kind).fs;
  const old = cred[field];
  const id = (kind === "uid" ? cred.machineUid(wanted) : cred.machineGid(wanted)) ?? UNCHANGED;
  if (id !== UNCHANGED && (mayChange(cred, kind) || isOwn(cred, kind, id) || old === id >>> 0)) {
    const changed = cred.copy();
    changed[field] = id >>> 0;
    if (kind === "uid" && !(cred.securebits & SECURE_NO_SETUID_FIXUP)) {
      if (old === 0 && id !== 0) changed.effective &= ~FILE_CAPABILITIES;
      if (old !== 0 && id === 0) changed.effective |= changed.permitted & FILE_CAPABILITIES;
    }
    commit(task, changed);
  }
  return shownId(cred, kind, old);
}

/** getresuid(2), getresgid(2). */
export function writeIds(task: Task, kind: Kind, real: number, effective: number, saved: number): void {
  const field = names(kind);
  const { cred } = task;
  task.writeU32(real, shownId(cred, kind, cred[field.real]));
  task.writeU32(effective, shownId(cred, kind, cred[field.effective]));
  task.writeU32(saved, shownId(cred, kind, cred[field.saved]));
}

/** getgroups(2): how many. */
export function getGroups(task: Task, size: number, list: number): number {
  const { groups } = task.cred;
  if (size < 0 || (size !== 0 && size < groups.length)) throw new Errno(EINVAL);
  if (size !== 0) groups.forEach((group, index) => task.writeU32(list + index * 4, task.cred.shownGid(group)));
  return groups.length;
}

/** may_setgroups: in a user namespace only once it has a map, and when that was not given up for being allowed one. */
function checkMaySetGroups(cred: Credentials): void {
  const { gidMap, setgroups } = cred.userNamespace;
  if (!mayChange(cred, "gid") || gidMap === undefined || setgroups === "deny") throw new Errno(EPERM);
}

export function setGroups(task: Task, size: number, list: number): void {
  checkMaySetGroups(task.cred);
  if (size < 0 || size > NGROUPS_MAX) throw new Errno(EINVAL);
  const ids = Array.from({ length: size }, (_, index) => task.readU32(list + index * 4));
  if (ids.includes(0xffffffff)) throw new Errno(EINVAL);
  const groups = ids.map((id) => machineId(task.cred, "gid", id));
  task.cred = Object.assign(task.cred.copy(), { groups: groups.sort((a, b) => a - b) });
}

// i386's calls with ids of 16 bits: what is more is overflowuid there, and all ones are -1.

const OVERFLOW_ID = 65534;
const highToLow = (id: number): number => (id > 0xffff ? OVERFLOW_ID : id);
const shorts = (...ids: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(ids.map(highToLow)).buffer);

export function writeIds16(task: Task, kind: Kind, real: number, effective: number, saved: number): void {
  const field = names(kind);
  task.copyOut(real, shorts(task.cred[field.real]));
  task.copyOut(effective, shorts(task.cred[field.effective]));
  task.copyOut(saved, shorts(task.cred[field.saved]));
}

export function getGroups16(task: Task, size: number, list: number): number {
  const { groups } = task.cred;
  if (size < 0 || (size !== 0 && size < groups.length)) throw new Errno(EINVAL);
  if (size !== 0) task.copyOut(list, shorts(...groups));
  return groups.length;
}

export function setGroups16(task: Task, size: number, list: number): void {
  checkMaySetGroups(task.cred);
  if (size < 0 || size > NGROUPS_MAX) throw new Errno(EINVAL);
  const groups = [...new Uint16Array(task.copyIn(list, size * 2).buffer)];
  task.cred = Object.assign(task.cred.copy(), { groups: groups.sort((a, b) => a - b) });
}

/** The process leader with that id; the caller's for 0. */
function processOf(task: Task, pid: number): Task {
  const found = pid === 0 ? task.kernel.tasks.get(task.tgid) : task.find(pid);
  if (found === undefined || found.tgid !== found.pid) throw new Errno(ESRCH);
  return found;
}

export function getGroupOf(task: Task, pid: number): number {
  return task.pidNamespace.inside(processOf(task, pid).signal.pgrp);
}

export function getSessionOf(task: Task, pid: number): number {
  return task.pidNamespace.inside(processOf(task, pid).signal.session);
}

export function setGroupOf(task: Task, pid: number, pgid: number): void {
  if ((pgid || pid) < 0) throw new Errno(EINVAL);
  const target = processOf(task, pid);
  const isChild = target.signal.parent?.tgid === task.tgid;
  if (target.tgid !== task.tgid && !isChild) throw new Errno(ESRCH);
  if (isChild && target.signal.session !== task.signal.session) throw new Errno(EPERM);
  if (isChild && target.signal.hasExecuted) throw new Errno(EACCES);
  if (target.signal.session === target.tgid) throw new Errno(EPERM);
  const group = pgid === 0 ? target.tgid : task.pidNamespace.outside(pgid);
  const exists = [...task.kernel.tasks.values()].some(
    ({ signal }) => signal.pgrp === group && signal.session === task.signal.session,
  );
  if (group !== target.tgid && !exists) throw new Errno(EPERM);
  target.signal.pgrp = group;
}

/** setsid(2): a group leader may not. */
export function newSession(task: Task): number {
  const isLeader = [...task.kernel.tasks.values()].some(({ signal }) => signal.pgrp === task.tgid);
  if (isLeader) throw new Errno(EPERM);
  task.signal.session = task.tgid;
  task.signal.pgrp = task.tgid;
  task.signal.tty = undefined;
  return task.ownTgid;
}

/**
 * getppid(2): the first process is the tracer's child, whose id is the one before; orphans are init's. 0 for a parent outside of the namespace.
 */
export function getParent(task: Task): number {
  if (task.pidNamespace.parent) return task.signal.parent ? task.pidNamespace.inside(task.signal.parent.tgid) : 0;
  return task.signal.parent?.tgid ?? (task.tgid === task.kernel.firstPid ? task.tgid - 1 : 1);
}
