// The *xattrat calls: a directory to start from, and a structure for what does not fit in registers. fs/xattr.c
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from "../../abi/constants/files.js";
import { E2BIG, EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { dentryAt } from "./attributes.js";
import type { Dentry } from "./dentry.js";
import { getAttribute, listAttributes, readAttribute, readName, removeAttribute, setAttribute } from "./xattr.js";

const XATTR_ARGS = 16; // value, size, flags
const PAGE = 4096;

/** Flags are refused before a name or a path is read. */
function checkFlags(flags: number): void {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) throw new Errno(EINVAL);
}

function placeOf(task: Task, dirfd: number, path: number, flags: number): Dentry {
  return dentryAt(task, dirfd, task.copyInPath(path), flags);
}

function readArguments(task: Task, address: number, size: number): { value: number; size: number; flags: number } {
  if (size < XATTR_ARGS) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  return { value: task.readU64(address), size: task.readU32(address + 8), flags: task.readU32(address + 12) };
}

export function setAttributeAt(
  task: Task,
  dirfd: number,
  path: number,
  flags: number,
  name: number,
  args: number,
  size: number,
): void {
  const wanted = readArguments(task, args, size);
  checkFlags(flags);
  const attribute = readAttribute(task, name, wanted.value, wanted.size, wanted.flags);
  setAttribute(task, placeOf(task, dirfd, path, flags), attribute);
}

export function getAttributeAt(
  task: Task,
  dirfd: number,
  path: number,
  flags: number,
  name: number,
  args: number,
  size: number,
): number {
  const wanted = readArguments(task, args, size);
  checkFlags(flags);
  if (wanted.flags !== 0) throw new Errno(EINVAL);
  const text = readName(task, name);
  return getAttribute(task, placeOf(task, dirfd, path, flags).inode, text, wanted.value, wanted.size);
}

export function listAttributesAt(
  task: Task,
  dirfd: number,
  path: number,
  flags: number,
  list: number,
  size: number,
): number {
  checkFlags(flags);
  return listAttributes(task, placeOf(task, dirfd, path, flags).inode, list, size);
}

export function removeAttributeAt(task: Task, dirfd: number, path: number, flags: number, name: number): void {
  checkFlags(flags);
  const text = readName(task, name);
  removeAttribute(task, placeOf(task, dirfd, path, flags), text);
}
