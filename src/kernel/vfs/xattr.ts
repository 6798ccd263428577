// Extended attributes: no file system here keeps any. fs/xattr.c
import { ENODATA, EOPNOTSUPP, ERANGE, Errno } from "../../abi/errno.js";
import { copyInString } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import type { Inode } from "./inode.js";

const XATTR_NAME_MAX = 255;

function readName(task: Task, address: number): string {
  const name = copyInString(task.mm, address, XATTR_NAME_MAX + 1);
  if (name === undefined || name === "") throw new Errno(ERANGE);
  return name;
}

/** getxattr(2), removexattr(2): the file must be there, the attribute never is. */
export function missingAttribute(task: Task, inode: Inode, nameAddress: number): never {
  inode.stat();
  const name = readName(task, nameAddress);
  const known = /^(user|trusted|security|system)\./.test(name);
  throw new Errno(known ? ENODATA : EOPNOTSUPP);
}

export function refuseAttribute(task: Task, inode: Inode, nameAddress: number): never {
  inode.stat();
  readName(task, nameAddress);
  throw new Errno(EOPNOTSUPP);
}

/** listxattr(2): an empty list. */
export function listAttributes(inode: Inode): number {
  inode.stat();
  return 0;
}
