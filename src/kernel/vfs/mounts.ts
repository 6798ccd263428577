// mount(2), umount(2), pivot_root(2): the tree of mounts is changed. fs/namespace.c

import { S_IFBLK } from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/mounts.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { EAGAIN, EBUSY, EINVAL, ELOOP, ENOTBLK, ENOTDIR, ENXIO, EPERM, Errno } from "../../abi/errno.js";
import { ustat as ustatStruct } from "../../abi/stat.js";
import { isOfDevice, isUserMountable, makerOf } from "../fs/file-system-types.js";
import { copyInString } from "../mm/user-access.js";
import { checkMayMount } from "../task/namespaces.js";
import type { Task } from "../task/task.js";
import type { Dentry } from "./dentry.js";
import { cloneTree, MOUNT_FLAGS, Mount, MountNamespace, type Propagation, type SuperBlock } from "./mount.js";
import { applyParameters, readParameters } from "./mount-parameters.js";
import { walkPath } from "./path-walk.js";
import { propagatedCopies, propagateMount } from "./propagation.js";

const UMOUNT_FLAGS = 0xf;
const PAGE = 4096;
export const PROPAGATIONS: readonly (readonly [number, Propagation])[] = [
  [uapi.MS_SHARED, "shared"],
  [uapi.MS_PRIVATE, "private"],
  [uapi.MS_SLAVE, "slave"],
  [uapi.MS_UNBINDABLE, "unbindable"],
];
const CHANGES_PROPAGATION = PROPAGATIONS.reduce((flags, [flag]) => flags | flag, 0);
const MS_MGC_MASK = 0xffff0000 | 0;

/** What is on top where a path leads: a mount there hides what was there. */
export function topOf(dentry: Dentry): Dentry {
  let top = dentry;
  while (top.mounted) top = top.mounted;
  return top;
}

/** check_mnt: the mount a place is in, which must be of the task's own namespace. */
export function mountOf(task: Task, dentry: Dentry): Mount {
  const { mount } = dentry;
  if (mount?.namespace !== task.namespaces.mnt) throw new Errno(EINVAL);
  return mount;
}

/** That, of a place that is its root. */
export function rootOf(task: Task, dentry: Dentry): Mount {
  const mount = mountOf(task, dentry);
  if (mount.root !== dentry) throw new Errno(EINVAL);
  return mount;
}

/** copy_mount_string: what is too long is no name. */
function copyInMountString(task: Task, address: number): string | undefined {
  if (address === 0) return undefined;
  const text = copyInString(task.mm, address, PAGE);
  if (text === undefined) throw new Errno(EINVAL);
  return text;
}

export function mount(task: Task, source: number, target: number, type: number, flags: number, data: number): void {
  const kind = copyInMountString(task, type);
  const device = copyInMountString(task, source);
  const options = data === 0 ? "" : (copyInString(task.mm, data, PAGE) ?? "");
  const place = walkPath(task, task.fs.cwd, task.copyInPath(target));
  const wanted = (flags & MS_MGC_MASK) === (uapi.MS_MGC_VAL | 0) ? flags & ~MS_MGC_MASK : flags | 0;
  if (wanted & (uapi.MS_NOUSER | 0)) throw new Errno(EINVAL);
  checkMayMount(task);
  if ((wanted & (uapi.MS_REMOUNT | uapi.MS_BIND)) === (uapi.MS_REMOUNT | uapi.MS_BIND)) {
    const mount = rootOf(task, place);
    if (wanted & uapi.MS_RDONLY && !(mount.flags & uapi.MS_RDONLY)) checkNotWritten(task, mount);
    mount.flags = changedFlags(mount, wanted);
  } else if (wanted & uapi.MS_REMOUNT) remount(task, place, wanted, options);
  else if (wanted & uapi.MS_BIND) bind(task, place, device, (wanted & uapi.MS_REC) !== 0);
  else if (wanted & CHANGES_PROPAGATION) changePropagation(task, place, wanted);
  else if (wanted & uapi.MS_MOVE) move(task, sourceOf(task, device), place);
  else mountNew(task, place, kind, device, wanted, options);
}

/** Flags of the mount among those of the call; atime is relative unless something else is said. */
function mountFlags(flags: number): number {
  const own = flags & MOUNT_FLAGS;
  return flags & (uapi.MS_NOATIME | uapi.MS_STRICTATIME) ? own & ~uapi.MS_RELATIME : own | uapi.MS_RELATIME;
}

/** A remount that says nothing of atime leaves it as it is. */
function changedFlags(mount: Mount, flags: number): number {
  const ofAtime = uapi.MS_NOATIME | uapi.MS_NODIRATIME | uapi.MS_RELATIME;
  if (flags & (ofAtime | uapi.MS_STRICTATIME)) return mountFlags(flags);
  return (flags & MOUNT_FLAGS) | (mount.flags & ofAtime);
}

function mountNew(
  task: Task,
  place: Dentry,
  kind: string | undefined,
  device: string | undefined,
  flags: number,
  options: string,
): void {
  if (kind === undefined) throw new Errno(EINVAL);
  const maker = makerOf(task, kind);
  if (isOfDevice(kind)) checkDevice(task, device);
  checkUserMount(task, kind);
  const parameters = readParameters(options);
  applyParameters(maker, parameters);
  const block = maker.make();
  if (flags & uapi.MS_RDONLY || parameters.readOnly) block.readOnly = true;
  attachNew(task, new Mount(block, device || "none", mountFlags(flags)), place);
}

/** bdev lookup: no block device of this machine has a file system. */
function checkDevice(task: Task, device: string | undefined): void {
  const { inode } = sourceOf(task, device);
  throw new Errno(inode.type === S_IFBLK ? ENXIO : ENOTBLK);
}

/** In a user namespace only what is harmless: EPERM. */
export function checkUserMount(task: Task, kind: string): void {
  if (!task.cred.can(CAP_SYS_ADMIN) && !isUserMountable(kind)) throw new Errno(EPERM);
}

/** graft_tree: directories on directories, anything else on anything else. */
export function attachNew(task: Task, mount: Mount, place: Dentry): void {
  const at = topOf(place);
  mountOf(task, at);
  if (mount.root.inode.isDirectory !== at.inode.isDirectory) throw new Errno(ENOTDIR);
  const { parent, superBlock } = { parent: at.mount, superBlock: mount.superBlock };
  if (parent?.superBlock === superBlock && parent.root === at && mount.root.inode === at.inode) throw new Errno(EBUSY);
  const from = mount.namespace;
  for (const each of from?.treeOf(mount) ?? [mount]) {
    from?.mounts.delete(each);
    task.namespaces.mnt.add(each);
    if (parent?.propagation === "shared") each.setPropagation("shared");
  }
  mount.attach(at);
  propagateMount(task, mount, at);
}

function sourceOf(task: Task, path: string | undefined): Dentry {
  if (path === undefined || path === "") throw new Errno(EINVAL);
  return walkPath(task, task.fs.cwd, path);
}

/** do_loopback */
function bind(task: Task, place: Dentry, device: string | undefined, recursive: boolean): void {
  const source = sourceOf(task, device);
  mountOf(task, topOf(place));
  attachNew(task, cloneOf(task, source, recursive), place);
}

/** __do_loopback: a mount of its own of what is at `source`, with what is mounted below it or without. */
export function cloneOf(task: Task, source: Dentry, recursive: boolean): Mount {
  const from = mountOf(task, source);
  if (from.propagation === "unbindable") throw new Errno(EINVAL);
  const { clone, clones } = cloneTree(from, source, (child) => recursive && child.propagation !== "unbindable");
  const namespace = new MountNamespace(clone);
  for (const each of clones.values()) namespace.add(each);
  return clone;
}

function changePropagation(task: Task, place: Dentry, flags: number): void {
  const wanted = PROPAGATIONS.filter(([flag]) => flags & flag);
  const others = flags & ~(CHANGES_PROPAGATION | uapi.MS_REC | uapi.MS_SILENT);
  if (wanted.length !== 1 || others !== 0) throw new Errno(EINVAL);
  const mount = rootOf(task, place);
  const all = flags & uapi.MS_REC ? task.namespaces.mnt.treeOf(mount) : [mount];
  for (const each of all) each.setPropagation(wanted[0][1]);
}

/** do_move_mount: not the root, not what a shared mount holds, and not below itself. */
export function move(task: Task, source: Dentry, place: Dentry): void {
  const at = topOf(place);
  mountOf(task, at);
  const mount = rootOf(task, source);
  const { parent } = mount;
  if (parent === undefined || parent.propagation === "shared") throw new Errno(EINVAL);
  if (mount.root.inode.isDirectory !== at.inode.isDirectory) throw new Errno(EINVAL);
  if (at.isUnder(mount.root)) throw new Errno(ELOOP);
  const { mnt } = task.namespaces;
  const isShared = at.mount?.propagation === "shared";
  const tree = mnt.treeOf(mount);
  if (isShared && tree.some(({ propagation }) => propagation === "unbindable")) throw new Errno(EINVAL);
  mount.detach();
  if (isShared) for (const each of tree) each.setPropagation("shared");
  mount.attach(at);
  propagateMount(task, mount, at);
}

/** do_remount: the file system's own state, and the mount's flags. */
function remount(task: Task, place: Dentry, flags: number, options: string): void {
  const mount = rootOf(task, place);
  const { superBlock } = mount;
  checkReadOnly(task, superBlock, (flags & uapi.MS_RDONLY) !== 0);
  const parameters = readParameters(options);
  const maker = superBlock.type === "overlay" ? undefined : makerOf(task, superBlock.type);
  if (maker) {
    applyParameters(maker, parameters);
    maker.change?.(superBlock);
  }
  superBlock.readOnly = (flags & uapi.MS_RDONLY) !== 0 || parameters.readOnly;
  mount.flags = changedFlags(mount, flags);
}

/** A file system with files open for writing does not become read-only. */
function checkReadOnly(task: Task, block: SuperBlock, readOnly: boolean): void {
  if (readOnly && !block.readOnly) checkNotWritten(task, block);
}

/** mnt_hold_writers, sb_prepare_remount_readonly: EBUSY when a file of the mount or of the file system is open for writing. */
function checkNotWritten(task: Task, what: Mount | SuperBlock): void {
  for (const { files } of task.kernel.tasks.values()) {
    for (const fd of files.descriptors()) {
      const file = files.find(fd);
      if (!file?.isWritable || !file.inode.isRegular) continue;
      const { mount } = file.dentry;
      if (mount === what || mount?.superBlock === what) throw new Errno(EBUSY);
    }
  }
}

export function umount(task: Task, target: number, flags: number): void {
  if (flags & ~UMOUNT_FLAGS) throw new Errno(EINVAL);
  const found = walkPath(task, task.fs.cwd, task.copyInPath(target), !(flags & uapi.UMOUNT_NOFOLLOW));
  checkMayMount(task);
  const mount = rootOf(task, topOf(found));
  const { mnt } = task.namespaces;
  if (flags & uapi.MNT_EXPIRE && flags & (uapi.MNT_FORCE | uapi.MNT_DETACH)) throw new Errno(EINVAL);
  if (mount === task.fs.root.mount && !(flags & uapi.MNT_DETACH)) {
    // The root goes on as a file system nobody changes.
    checkReadOnly(task, mount.superBlock, true);
    mount.superBlock.readOnly = true;
    return;
  }
  if (mount === mnt.root || mount.parent === undefined) throw new Errno(EINVAL);
  const copies = propagatedCopies(task, mount);
  const isLazy = (flags & uapi.MNT_DETACH) !== 0;
  const isLeaf = (each: Mount): boolean => (each.namespace?.childrenOf(each).length ?? 0) === 0;
  if (!isLazy && [mount, ...copies.filter(isLeaf)].some((each) => isBusy(task, each))) throw new Errno(EBUSY);
  if (flags & uapi.MNT_EXPIRE && !mount.expires) {
    mount.expires = true;
    throw new Errno(EAGAIN);
  }
  mnt.remove(mount);
  for (const copy of copies) if (isLazy || isLeaf(copy)) copy.namespace?.remove(copy);
}

/** propagate_mount_busy: something is mounted in it, or somebody is there or has a file of it. */
function isBusy(task: Task, mount: Mount): boolean {
  if ((mount.namespace?.childrenOf(mount).length ?? 0) > 0) return true;
  for (const { fs, files, mm, isDead } of task.kernel.tasks.values()) {
    if (isDead) continue;
    if (fs.root.mount === mount || fs.cwd.mount === mount || mm.exeFile?.dentry.mount === mount) return true;
    if (files.descriptors().some((fd) => files.find(fd)?.dentry.mount === mount)) return true;
    if (mm.areas.areas.some(({ backing }) => backing.file?.dentry.mount === mount)) return true;
  }
  return false;
}

/** The root of the file system is put away at `oldRoot`, and `newRoot` is in its place, for all who are at the old one. */
export function pivotRoot(task: Task, newPath: number, oldPath: number): void {
  checkMayMount(task);
  const newRoot = directoryAt(task, newPath);
  const oldPlace = directoryAt(task, oldPath);
  const { root } = task.fs;
  const current = mountOf(task, root);
  const wanted = mountOf(task, newRoot);
  mountOf(task, oldPlace);
  if ([current, wanted].some((mount) => (mount.parent ?? mount).propagation === "shared")) throw new Errno(EINVAL);
  if (wanted === current || oldPlace.mount === current) throw new Errno(EBUSY);
  if (current.root !== root || wanted.root !== newRoot) throw new Errno(EINVAL);
  if (wanted.parent === undefined || !oldPlace.isUnder(newRoot)) throw new Errno(EINVAL);
  const above = root.covers;
  wanted.detach();
  current.detach();
  if (above) wanted.attach(above);
  current.attach(topOf(oldPlace));
  const { mnt } = task.namespaces;
  if (mnt.root === current) mnt.root = wanted;
  for (const { fs } of task.kernel.tasks.values()) {
    if (fs.root === root) fs.root = newRoot;
    if (fs.cwd === root) fs.cwd = newRoot;
  }
}

function directoryAt(task: Task, path: number): Dentry {
  const dentry = walkPath(task, task.fs.cwd, task.copyInPath(path));
  if (!dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  return dentry;
}

/** ustat(2), of a device no file system is on. */
export function ustat(task: Task, device: number, address: number): void {
  const root = task.kernel.root.inode;
  if (root.stat().dev !== device) throw new Errno(EINVAL);
  const { bfree, ffree } = root.statfs();
  task.writeStruct(ustatStruct, address, { f_tfree: bfree, f_tinode: ffree });
}
