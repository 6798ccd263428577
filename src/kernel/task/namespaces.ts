// Linux's nsproxy: the namespaces a task is in. Never changed, only exchanged. What is where: kernel/nsproxy.c, kernel/utsname.c

import * as uapi from "../../abi/constants/processes.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { EPERM, Errno } from "../../abi/errno.js";
import type { IpcNamespace } from "../ipc/ipc-namespace.js";
import type { Net } from "../net/net.js";
import { checkMountChange } from "../security/landlock.js";
import type { Credentials } from "../vfs/credentials.js";
import type { MountNamespace } from "../vfs/mount.js";
import type { PidNamespace } from "./pid-namespace.js";
import type { Task } from "./task.js";
import type { UserNamespace } from "./user-namespace.js";

export class UtsNamespace {
  hostname: string;
  domainname: string;

  constructor(hostname: string, domainname = "(none)") {
    this.hostname = hostname;
    this.domainname = domainname;
  }
}

/** There is one control group: namespaces of them have nothing of their own. */
export class CgroupNamespace {
  readonly kind = "cgroup";
}

/** Clocks that count from another time. */
export class TimeNamespace {
  /** Nanoseconds to be added. */
  offsets = { monotonic: 0n, boottime: 0n };
  /** Somebody lives in it: it stays as it is. */
  isFrozen = false;
}

export interface Namespaces {
  readonly mnt: MountNamespace;
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
  readonly net: Net;
  readonly cgroup: CgroupNamespace;
  readonly time: TimeNamespace;
  /** Those its children will be in. */
  readonly pidForChildren: PidNamespace;
  readonly timeForChildren: TimeNamespace;
}

export type NamespaceKind = "cgroup" | "ipc" | "mnt" | "net" | "pid" | "time" | "user" | "uts";

/** CLONE_NEW* of each kind, and the inode number and id of the first of it: include/uapi/linux/nsfs.h */
export const NAMESPACE_KINDS: Readonly<Record<NamespaceKind, { flag: number; first: number; firstId: number }>> = {
  cgroup: { flag: uapi.CLONE_NEWCGROUP, first: 0xeffffffb, firstId: 5 },
  ipc: { flag: uapi.CLONE_NEWIPC, first: 0xefffffff, firstId: 1 },
  mnt: { flag: uapi.CLONE_NEWNS, first: 0xf0000001, firstId: 8 },
  net: { flag: uapi.CLONE_NEWNET, first: 0xf0000000, firstId: 7 },
  pid: { flag: uapi.CLONE_NEWPID, first: 0xeffffffc, firstId: 4 },
  time: { flag: uapi.CLONE_NEWTIME, first: 0xeffffffa, firstId: 6 },
  user: { flag: uapi.CLONE_NEWUSER, first: 0xeffffffd, firstId: 3 },
  uts: { flag: uapi.CLONE_NEWUTS, first: 0xeffffffe, firstId: 2 },
};

export type AnyNamespace =
  | MountNamespace
  | UtsNamespace
  | IpcNamespace
  | Net
  | CgroupNamespace
  | TimeNamespace
  | PidNamespace
  | UserNamespace;

/** struct ns_common. */
export interface NamespaceIdentity {
  readonly kind: NamespaceKind;
  /** Of its file in /proc/PID/ns. */
  readonly inode: number;
  /** What it is known by among namespaces of all kinds, never used again. */
  readonly id: number;
  /** Whose capabilities count over it. */
  readonly owner: UserNamespace;
}

const identities = new WeakMap<AnyNamespace, NamespaceIdentity>();
let lastInode = 0xf0000010;
let lastId = 8;

/** Gives the namespace its number: the known one for the first of a kind. */
export function identify<T extends AnyNamespace>(
  namespace: T,
  kind: NamespaceKind,
  owner: UserNamespace,
  isFirst = false,
): T {
  const { first, firstId } = NAMESPACE_KINDS[kind];
  const [inode, id] = isFirst ? [first, firstId] : [++lastInode, ++lastId];
  identities.set(namespace, { kind, inode, id, owner });
  return namespace;
}

export function identityOf(namespace: AnyNamespace): NamespaceIdentity {
  const identity = identities.get(namespace);
  if (identity === undefined) throw new Error("a namespace without identity");
  return identity;
}

/** ns_capable: has `cred` all rights over what belongs to the user namespace? Its makers have, and those in it with capabilities. */
export function hasRightsOver(cred: Credentials, namespace: UserNamespace, capability = CAP_SYS_ADMIN): boolean {
  for (let at: UserNamespace | undefined = namespace; at; at = at.parent) {
    if (at === cred.userNamespace) return cred.canInside(capability);
    if (at.parent === cred.userNamespace && at.owner === cred.euid) return true;
  }
  return false;
}

export function checkRightsOver(task: Task, namespace: AnyNamespace, capability = CAP_SYS_ADMIN): void {
  if (!hasRightsOver(task.cred, identityOf(namespace).owner, capability)) throw new Errno(EPERM);
}

/** may_mount */
export function checkMayMount(task: Task): void {
  checkRightsOver(task, task.namespaces.mnt);
  checkMountChange(task.cred);
}
