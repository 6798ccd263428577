// New namespaces, and going into others': unshare(2), clone(2), setns(2). kernel/nsproxy.c, kernel/fork.c: ksys_unshare
import * as uapi from "../../abi/constants/processes.js";
import { EINVAL, EPERM, Errno, EUSERS } from "../../abi/errno.js";
import { updateVvar } from "../exec/vdso.js";
import { PidFile } from "../fs/anonfs/pid-fd.js";
import { NsFile } from "../fs/nsfs.js";
import { IpcNamespace } from "../ipc/ipc-namespace.js";
import { Net } from "../net/net.js";
import type { Credentials } from "../vfs/credentials.js";
import { MountNamespace } from "../vfs/mount.js";
import type { FsStruct } from "./fs-struct.js";
import {
  type AnyNamespace,
  CgroupNamespace,
  hasRightsOver,
  identify,
  identityOf,
  NAMESPACE_KINDS,
  type NamespaceKind,
  type Namespaces,
  TimeNamespace,
  UtsNamespace,
} from "./namespaces.js";
import { PidNamespace } from "./pid-namespace.js";
import type { Task } from "./task.js";
import { idInside, UserNamespace } from "./user-namespace.js";

/** All of CLONE_NEW*. */
export const NEW_NAMESPACES = Object.values(NAMESPACE_KINDS).reduce((flags, { flag }) => flags | flag, 0);
const SHARED_BY_THREADS = uapi.CLONE_THREAD | uapi.CLONE_SIGHAND | uapi.CLONE_VM;
const UNSHARE_FLAGS = SHARED_BY_THREADS | uapi.CLONE_FS | uapi.CLONE_FILES | uapi.CLONE_SYSVSEM | NEW_NAMESPACES;
const DEEPEST = 32;

/** create_user_ns: for whoever has a user id in the one they are in and does not live in a changed root. */
export function newUserNamespace(task: Task): Credentials {
  const { cred } = task;
  const { userNamespace: parent } = cred;
  if (parent.level > DEEPEST) throw new Errno(EUSERS);
  if (task.fs.root !== task.namespaces.mnt.root.root) throw new Errno(EPERM);
  const known = idInside(parent.uidMap, cred.euid) ?? idInside(parent.gidMap, cred.egid);
  if (known === undefined) throw new Errno(EPERM);
  const made = new UserNamespace(parent, cred.euid, cred.egid);
  return cred.inNamespace(identify(made, "user", parent));
}

/** create_new_namespaces. `fs` is at the same places in a new mount namespace. */
export function newNamespaces(task: Task, flags: number, cred: Credentials, fs: FsStruct): Namespaces {
  const { kernel, namespaces: old } = task;
  const owner = cred.userNamespace;
  if (flags & NEW_NAMESPACES & ~uapi.CLONE_NEWUSER && !hasRightsOver(cred, owner)) throw new Errno(EPERM);
  const made = <T extends AnyNamespace>(kind: NamespaceKind, before: T, make: () => T): T =>
    flags & NAMESPACE_KINDS[kind].flag ? identify(make(), kind, owner) : before;
  return {
    mnt: made("mnt", old.mnt, () => copyMounts(old.mnt, fs, owner !== identityOf(old.mnt).owner)),
    uts: made("uts", old.uts, () => new UtsNamespace(old.uts.hostname, old.uts.domainname)),
    ipc: made("ipc", old.ipc, () => new IpcNamespace()),
    net: made("net", old.net, () => new Net(kernel)),
    cgroup: made("cgroup", old.cgroup, () => new CgroupNamespace()),
    pidForChildren: made("pid", old.pidForChildren, () => new PidNamespace(task.pidNamespace)),
    time: old.time,
    timeForChildren: made("time", old.timeForChildren, () => new TimeNamespace()),
  };
}

function copyMounts(old: MountNamespace, fs: FsStruct, forOthers: boolean): MountNamespace {
  const { copy, placeOf } = old.copy(forOthers);
  fs.moveTo(placeOf);
  return copy;
}

/** unshare(2). */
export function unshare(task: Task, flags: number): void {
  if (flags > 0xffffffff || flags & ~UNSHARE_FLAGS) throw new Errno(EINVAL);
  let wanted = flags | 0;
  if (wanted & uapi.CLONE_NEWUSER) wanted |= uapi.CLONE_THREAD | uapi.CLONE_FS;
  if (wanted & uapi.CLONE_NEWNS) wanted |= uapi.CLONE_FS;
  if (wanted & SHARED_BY_THREADS && task.signal.threads.size > 1) throw new Errno(EINVAL);
  const cred = wanted & uapi.CLONE_NEWUSER ? newUserNamespace(task) : task.cred;
  const fs = wanted & uapi.CLONE_FS ? task.fs.copy() : task.fs;
  if (wanted & NEW_NAMESPACES) task.namespaces = newNamespaces(task, wanted, cred, fs);
  task.fs = fs;
  task.cred = cred;
  if (wanted & uapi.CLONE_FILES && task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
}

/** What clone(2) refuses of namespaces. copy_process */
export function checkCloneFlags(task: Task, flags: number): void {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(uapi.CLONE_FS) && has(uapi.CLONE_NEWNS | uapi.CLONE_NEWUSER)) throw new Errno(EINVAL);
  if (has(uapi.CLONE_SYSVSEM) && has(uapi.CLONE_NEWIPC)) throw new Errno(EINVAL);
  if (!has(uapi.CLONE_THREAD)) return;
  const apart = task.namespaces.pidForChildren !== task.pidNamespace;
  if (has(uapi.CLONE_NEWUSER | uapi.CLONE_NEWPID) || apart) throw new Errno(EINVAL);
}

/** setns(2): by a namespace's file, or by a process and which of its namespaces. */
export function setns(task: Task, fd: number, type: number): void {
  const file = task.files.get(fd);
  if (file instanceof NsFile) {
    const { kind } = identityOf(file.namespace);
    if (type !== 0 && type !== NAMESPACE_KINDS[kind].flag) throw new Errno(EINVAL);
    enter(task, new Map([[kind, file.namespace]]));
    return;
  }
  if (!(file instanceof PidFile)) throw new Errno(EINVAL);
  const { target } = file;
  if (type === 0 || type & ~NEW_NAMESPACES || target === undefined) throw new Errno(EINVAL);
  const wanted = Object.entries(NAMESPACE_KINDS).filter(([, { flag }]) => type & flag);
  enter(task, new Map(wanted.map(([kind]) => [kind as NamespaceKind, namespaceOf(target, kind as NamespaceKind)])));
}

export function namespaceOf(task: Task, kind: NamespaceKind, forChildren = false): AnyNamespace {
  if (kind === "user") return task.cred.userNamespace;
  if (kind === "pid") return forChildren ? task.namespaces.pidForChildren : task.pidNamespace;
  if (kind === "time" && forChildren) return task.namespaces.timeForChildren;
  return task.namespaces[kind];
}

/** The user namespace first: its rights are needed for the others. */
function enter(task: Task, wanted: ReadonlyMap<NamespaceKind, AnyNamespace>): void {
  let { cred, namespaces } = task;
  let fs = task.fs;
  const user = wanted.get("user");
  if (user instanceof UserNamespace) {
    if (user === cred.userNamespace || task.signal.threads.size > 1) throw new Errno(EINVAL);
    if (!hasRightsOver(cred, user)) throw new Errno(EPERM);
    cred = cred.inNamespace(user);
  }
  for (const [kind, namespace] of wanted) {
    if (kind === "user") continue;
    const mayEnter = hasRightsOver(cred, identityOf(namespace).owner) && hasRightsOver(cred, cred.userNamespace);
    if (!mayEnter) throw new Errno(EPERM);
    if (namespace instanceof PidNamespace) {
      if (!task.pidNamespace.holds(namespace)) throw new Errno(EINVAL);
      namespaces = { ...namespaces, pidForChildren: namespace };
    } else if (namespace instanceof MountNamespace) {
      fs = task.fs.copy();
      fs.root = fs.cwd = namespace.root.root;
      namespaces = { ...namespaces, mnt: namespace };
    } else if (namespace instanceof TimeNamespace) {
      if (task.signal.threads.size > 1) throw new Errno(EUSERS);
      namespace.isFrozen = true;
      namespaces = { ...namespaces, time: namespace, timeForChildren: namespace };
    } else namespaces = { ...namespaces, [kind]: namespace };
  }
  Object.assign(task, { cred, namespaces, fs });
  updateVvar(task);
}
