// Leases (fcntl F_SETLEASE): whoever holds one is told before another opens or cuts the file, which waits for it. fs/locks.c

import { F_RDLCK, F_UNLCK, F_WRLCK, O_ACCMODE, O_NONBLOCK, O_RDONLY, O_TRUNC } from "../../abi/constants/files.js";
import { CAP_LEASE } from "../../abi/constants/security.js";
import { POLL_MSG, SIGIO } from "../../abi/constants/signals.js";
import { EACCES, EAGAIN, EINVAL, Errno } from "../../abi/errno.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import type { File } from "./file.js";
import { notifyOwner } from "./file-owner.js";
import type { Inode } from "./inode.js";

const LEASE_BREAK_SECONDS = 45;

export interface Lease {
  readonly file: File;
  readonly fd: number;
  type: number;
  /** What it must become, and by when. */
  breaking: { readonly to: number; readonly deadline: number } | undefined;
}

/** F_GETLEASE: while it is being broken, what it will be. */
export function getLease(file: File): number {
  const lease = leaseOf(file);
  return lease === undefined ? F_UNLCK : (lease.breaking?.to ?? lease.type);
}

function leaseOf(file: File): Lease | undefined {
  return file.inode.findLocks?.leases.find((lease) => lease.file === file);
}

/** F_SETLEASE. generic_setlease */
export function setLease(task: Task, fd: number, file: File, type: number): number {
  const { inode } = file;
  const old = leaseOf(file);
  if (type === F_UNLCK) {
    if (old === undefined) throw new Errno(EAGAIN);
    inode.locks.leases = inode.locks.leases.filter((lease) => lease !== old);
    // lease_modify: who was to be told, and by which signal, goes with it.
    file.owner = undefined;
    file.ownerSignal = 0;
    return 0;
  }
  if (type !== F_RDLCK && type !== F_WRLCK) throw new Errno(EINVAL);
  if (task.cred.fsuid !== inode.uid && !task.cred.can(CAP_LEASE)) throw new Errno(EACCES);
  if (!inode.isRegular) throw new Errno(EINVAL);
  if (type === F_RDLCK && inode.writers > 0) throw new Errno(EAGAIN);
  if (type === F_WRLCK && inode.openFiles > 1) throw new Errno(EAGAIN);
  const others = inode.locks.leases.some((lease) => lease !== old && (type === F_WRLCK || lease.type === F_WRLCK));
  if (others) throw new Errno(EAGAIN);
  if (old === undefined) inode.locks.leases.push({ file, fd, type, breaking: undefined });
  else {
    old.type = type;
    old.breaking = undefined;
  }
  if (file.owner === undefined)
    file.owner = { kind: "process", id: task.tgid, uid: task.cred.uid, euid: task.cred.euid };
  return 0;
}

/** Thrown where a file would be opened: the open has to wait for leases first. */
export class LeaseHeld {
  readonly inode: Inode;
  readonly writes: boolean;

  constructor(inode: Inode, writes: boolean) {
    this.inode = inode;
    this.writes = writes;
  }
}

function conflicting(inode: Inode, writes: boolean, now: number): Lease[] {
  const { locks } = inode;
  locks.leases = locks.leases.filter((lease) => {
    const over = lease.breaking !== undefined && now >= lease.breaking.deadline;
    if (over && lease.breaking?.to === F_RDLCK) {
      lease.type = F_RDLCK;
      lease.breaking = undefined;
    } else if (over) return false;
    return true;
  });
  return locks.leases.filter((lease) => writes || lease.type === F_WRLCK);
}

/** break_lease: tells the holders; throws EAGAIN for O_NONBLOCK, LeaseHeld when the opener must wait. */
export function breakLeases(task: Task, inode: Inode, flags: number): void {
  if (inode.findLocks === undefined || inode.locks.leases.length === 0) return;
  const writes = (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0;
  const now = task.kernel.clock.monotonic();
  const seconds = sysctlNumber(task.kernel, "fs/lease-break-time", LEASE_BREAK_SECONDS);
  const held = conflicting(inode, writes, now);
  if (held.length === 0) return;
  for (const lease of held) {
    if (lease.breaking && (lease.breaking.to === F_UNLCK || !writes)) continue;
    lease.breaking = { to: writes ? F_UNLCK : F_RDLCK, deadline: now + seconds * 1e9 };
    notifyOwner(task.kernel, lease.file, lease.fd, SIGIO, POLL_MSG);
  }
  if (flags & O_NONBLOCK) throw new Errno(EAGAIN);
  throw new LeaseHeld(inode, writes);
}

export function* waitForLeases(task: Task, { inode, writes }: LeaseHeld): Sleep<void> {
  const now = (): number => task.kernel.clock.monotonic();
  const deadline = Math.min(...inode.locks.leases.map((lease) => lease.breaking?.deadline ?? Number.POSITIVE_INFINITY));
  yield* sleepUntil(task, () => conflicting(inode, writes, now()).length === 0, deadline);
}
