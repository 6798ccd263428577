// Extended attributes, kept with inodes in memory. fs/xattr.c, fs/ext4/xattr.c

import { IN_ATTRIB } from "../../abi/constants/events.js";
import { S_ISVTX, XATTR_CREATE, XATTR_REPLACE } from "../../abi/constants/files.js";
import { FS_APPEND_FL, FS_IMMUTABLE_FL } from "../../abi/constants/ioctls.js";
import { CAP_SETFCAP, CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { E2BIG, EACCES, EEXIST, EINVAL, ENODATA, ENOSPC, EOPNOTSUPP, EPERM, ERANGE, Errno } from "../../abi/errno.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import { bytesOf, copyInString } from "../mm/user-access.js";
import { notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import { capableOf, MAY_READ, MAY_WRITE, mayAccess, ownsOrCapable } from "./credentials.js";
import type { Dentry } from "./dentry.js";
import type { Inode } from "./inode.js";
import { wantWrite } from "./mount.js";

const XATTR_NAME_MAX = 255;
const XATTR_SIZE_MAX = 65536;
const ROOM = 4096; // ext4 has one block for them
const ENTRY = 16;
/** What an overlay keeps in its layers is not seen through it. */
const OVERLAY_PREFIX = "trusted.overlay.";
const CAPABILITY_SIZES = [20, 24]; // struct vfs_cap_data, versions 2 and 3

/** Copied from the program, before the file is looked for. */
export interface NewAttribute {
  readonly name: string;
  readonly value: Uint8Array;
  readonly flags: number;
}

export function readName(task: Task, address: number): string {
  const name = copyInString(task.mm, address, XATTR_NAME_MAX + 1);
  if (name === undefined || name === "") throw new Errno(ERANGE);
  return name;
}

/** setxattr_copy */
export function readAttribute(task: Task, name: number, value: number, size: number, flags: number): NewAttribute {
  if (flags & ~(XATTR_CREATE | XATTR_REPLACE)) throw new Errno(EINVAL);
  const text = readName(task, name);
  if (size > XATTR_SIZE_MAX) throw new Errno(E2BIG);
  return { name: text, value: size === 0 ? new Uint8Array(0) : task.copyIn(value, size), flags };
}

const ACCESS_CONTROL_LISTS = ["system.posix_acl_access", "system.posix_acl_default"];

/** xattr_permission, and the name spaces there are: user, trusted and security. */
function checkAccess(task: Task, inode: Inode, name: string, writes: boolean): void {
  if (writes && inode.flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) throw new Errno(EPERM);
  const refused = writes ? EPERM : ENODATA;
  if (name.startsWith("trusted.")) {
    if (!task.cred.can(CAP_SYS_ADMIN)) throw new Errno(refused);
  } else if (name.startsWith("user.")) {
    if (!inode.isRegular && !inode.isDirectory) throw new Errno(refused);
    const isSticky = inode.isDirectory && (inode.mode & S_ISVTX) !== 0;
    if (writes && isSticky && !ownsOrCapable(task.cred, inode)) throw new Errno(EPERM);
    if (!mayAccess(inode, task.cred, writes ? MAY_WRITE : MAY_READ)) throw new Errno(EACCES);
  } else if (name.startsWith("security.")) {
    const isCapability = name === "security.capability";
    if (writes && !(isCapability ? capableOf(task.cred, inode, CAP_SETFCAP) : task.cred.can(CAP_SYS_ADMIN)))
      throw new Errno(EPERM);
  } else if (ACCESS_CONTROL_LISTS.includes(name) && !writes)
    throw new Errno(ENODATA); // nothing has one
  else throw new Errno(EOPNOTSUPP);
  if (!(inode.attributesIn(false) instanceof TmpfsInode)) throw new Errno(EOPNOTSUPP);
  if (name.endsWith(".") && name.indexOf(".") === name.length - 1) throw new Errno(EINVAL);
}

export function setAttribute(task: Task, dentry: Dentry, { name, value, flags }: NewAttribute): void {
  const { inode } = dentry;
  wantWrite(dentry);
  if (name === "security.capability" && !CAPABILITY_SIZES.includes(value.length)) throw new Errno(EINVAL);
  checkAccess(task, inode, name, true);
  const holder = inode.attributesIn(true);
  const old = holder.attributes?.get(name);
  if (old && flags & XATTR_CREATE) throw new Errno(EEXIST);
  if (!old && flags & XATTR_REPLACE) throw new Errno(ENODATA);
  const attributes = holder.attributes ?? new Map<string, Uint8Array>();
  let used = sizeOf(name, value);
  for (const [other, bytes] of attributes) if (other !== name) used += sizeOf(other, bytes);
  if (used > ROOM) throw new Errno(ENOSPC);
  attributes.set(name, value);
  holder.attributes = attributes;
  inode.setattr({});
  notify(dentry, IN_ATTRIB);
}

function sizeOf(name: string, value: Uint8Array): number {
  return ENTRY + name.length + value.length;
}

/** The value's length; it is copied unless `size` is 0. */
export function getAttribute(task: Task, inode: Inode, name: string, address: number, size: number): number {
  checkAccess(task, inode, name, false);
  const holder = inode.attributesIn(false);
  const value = holder.attributes?.get(name);
  if (value === undefined || (holder !== inode && name.startsWith(OVERLAY_PREFIX))) throw new Errno(ENODATA);
  return give(task, value, address, size);
}

export function listAttributes(task: Task, inode: Inode, address: number, size: number): number {
  inode.stat();
  const holder = inode.attributesIn(false);
  const hidden = holder === inode ? undefined : OVERLAY_PREFIX;
  const names = [...(holder.attributes?.keys() ?? [])].filter(
    (name) => (task.cred.can(CAP_SYS_ADMIN) || !name.startsWith("trusted.")) && !(hidden && name.startsWith(hidden)),
  );
  return give(task, bytesOf(names.map((name) => `${name}\0`).join("")), address, size);
}

function give(task: Task, bytes: Uint8Array, address: number, size: number): number {
  if (size === 0) return bytes.length;
  if (size < bytes.length) throw new Errno(ERANGE);
  task.copyOut(address, bytes);
  return bytes.length;
}

export function removeAttribute(task: Task, dentry: Dentry, name: string): void {
  const { inode } = dentry;
  wantWrite(dentry);
  checkAccess(task, inode, name, true);
  if (!inode.attributesIn(true).attributes?.delete(name)) throw new Errno(ENODATA);
  inode.setattr({});
  notify(dentry, IN_ATTRIB);
}
