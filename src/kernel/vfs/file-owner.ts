// Who is told by a signal when something happens to a file: F_SETOWN and F_SETSIG. fs/fcntl.c

import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLMSG,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../../abi/constants/events.js";
import { F_OWNER_PGRP, F_OWNER_PID, F_OWNER_TID, FASYNC } from "../../abi/constants/files.js";
import { _NSIG, POLL_IN } from "../../abi/constants/signals.js";
import { EINVAL, Errno, ESRCH } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import { kernelInfo, pollInfo } from "../signal/siginfo.js";
import { membersOf } from "../task/process-group.js";
import type { Task } from "../task/task.js";
import type { File } from "./file.js";

export interface FileOwner {
  readonly kind: "thread" | "process" | "group";
  readonly id: number;
  /** Of whoever set it: the signal is sent with these rights. */
  readonly uid: number;
  readonly euid: number;
}

const KINDS = new Map<number, FileOwner["kind"]>([
  [F_OWNER_TID, "thread"],
  [F_OWNER_PID, "process"],
  [F_OWNER_PGRP, "group"],
]);

function exists(task: Task, kind: FileOwner["kind"], id: number): boolean {
  if (kind === "thread") return task.kernel.tasks.has(id);
  for (const { pid, tgid, signal } of task.kernel.tasks.values()) {
    if (kind === "process" ? pid === id && tgid === id : signal.pgrp === id) return true;
  }
  return false;
}

/** f_setown: nobody for 0, of that kind. */
function setOwner(task: Task, file: File, kind: FileOwner["kind"], number: number): void {
  const id = number === 0 ? 0 : task.pidNamespace.outside(number);
  if (id !== 0 && !exists(task, kind, id)) throw new Errno(ESRCH);
  file.owner = { kind, id, uid: id === 0 ? 0 : task.cred.uid, euid: id === 0 ? 0 : task.cred.euid };
}

/** F_SETOWN: a negative number is a group. */
export function setOwnerNumber(task: Task, file: File, who: number): void {
  if (who === -0x8000_0000) throw new Errno(EINVAL);
  setOwner(task, file, who < 0 ? "group" : "process", Math.abs(who));
}

/** f_getown: 0 for one that is there no more. */
export function ownerNumber(task: Task, { owner }: File): number {
  if (owner === undefined || !exists(task, owner.kind, owner.id)) return 0;
  const id = task.pidNamespace.inside(owner.id);
  return owner.kind === "group" ? -id : id;
}

/** F_SETOWN_EX, F_GETOWN_EX: struct f_owner_ex is type and id. */
export function setOwnerEx(task: Task, file: File, address: number): void {
  const kind = KINDS.get(task.readI32(address));
  const id = task.readI32(address + 4);
  if (kind === undefined) throw new Errno(EINVAL);
  setOwner(task, file, kind, id);
}

export function writeOwnerEx(task: Task, { owner }: File, address: number): void {
  const kind = owner?.kind ?? "thread";
  for (const [number, name] of KINDS) if (name === kind) task.writeU32(address, number);
  const isThere = owner !== undefined && exists(task, owner.kind, owner.id);
  task.writeU32(address + 4, isThere ? task.pidNamespace.inside(owner.id) : 0);
}

/** O_ASYNC, of files that have it: signals name the descriptor it was set by. */
export function setAsync(file: File, fd: number, wanted: boolean): void {
  const holds = wanted && file.hasAsync;
  file.flags = holds ? file.flags | FASYNC : file.flags & ~FASYNC;
  file.asyncFd = holds ? fd : -1;
}

export function setSignal(file: File, signal: number): void {
  if (signal < 0 || signal > _NSIG) throw new Errno(EINVAL);
  file.ownerSignal = signal;
}

/** si_band by POLL_*: fs/fcntl.c: band_table */
const BANDS = [
  POLLIN | POLLRDNORM,
  POLLOUT | POLLWRNORM | POLLWRBAND,
  POLLIN | POLLRDNORM | POLLMSG,
  POLLERR,
  POLLPRI | POLLRDBAND,
  POLLHUP | POLLERR,
];

/** send_sigio: F_SETSIG's signal tells what happened to which descriptor, `fallback` only that something did. */
export function notifyOwner(kernel: Kernel, file: File, fd: number, fallback: number, code: number): void {
  const signal = file.ownerSignal || fallback;
  const info = file.ownerSignal === 0 ? kernelInfo(signal) : pollInfo(signal, code, BANDS[code - POLL_IN], fd);
  signalOwner(kernel, file, signal, info);
}

/** Whatever signal F_SETSIG asked for: send_sigurg. */
export function signalOwner(kernel: Kernel, { owner }: File, signal: number, info = kernelInfo(signal)): void {
  if (owner === undefined || owner.id === 0) return;
  const targets = owner.kind === "group" ? membersOf(kernel, owner.id) : [kernel.tasks.get(owner.id)];
  for (const target of targets) {
    if (target === undefined || !mayTell(owner, target)) continue;
    target.sendSignal(signal, info, owner.kind !== "thread");
  }
}

/** sigio_perm */
function mayTell({ uid, euid }: FileOwner, { cred }: Task): boolean {
  return euid === 0 || [uid, euid].some((id) => id === cred.suid || id === cred.uid);
}
