// Calls for administrators: what is refused to others, and what cannot be done to this machine even by root, who gets EPERM as in
// a container. kernel/reboot.c, kernel/acct.c, mm/swapfile.c, kernel/printk, fs/quota

import { S_IFBLK } from "../../abi/constants/files.js";
import {
  CAP_SYS_ADMIN,
  CAP_SYS_BOOT,
  CAP_SYS_PACCT,
  CAP_SYS_TTY_CONFIG,
  CAP_SYSLOG,
} from "../../abi/constants/security.js";
import { EFAULT, EINVAL, ENODEV, ENOTBLK, EPERM, Errno } from "../../abi/errno.js";
import { FILE_SYSTEM_NAMES } from "../fs/file-system-types.js";
import { walkPath } from "../vfs/path-walk.js";
import type { Task } from "./task.js";

const REBOOT_MAGIC1 = 0xfee1dead;
const REBOOT_MAGIC2 = [0x28121969, 0x05121996, 0x16041998, 0x20112000];
const LOG_SIZE_BUFFER = 10;
const LOG_BUFFER = 1 << 17;

function checkAdministrator(task: Task, capability = CAP_SYS_ADMIN): void {
  if (!task.cred.can(capability)) throw new Errno(EPERM);
}

export function reboot(task: Task, magic1: number, magic2: number): never {
  checkAdministrator(task, CAP_SYS_BOOT);
  const valid = magic1 >>> 0 === REBOOT_MAGIC1 && REBOOT_MAGIC2.includes(magic2 >>> 0);
  throw new Errno(valid ? EPERM : EINVAL);
}

/** swapon(2), swapoff(2), acct(2) with a file. */
export function refuseFile(task: Task, path: number, capability = CAP_SYS_ADMIN): never {
  checkAdministrator(task, capability);
  if (path !== 0) walkPath(task, task.fs.cwd, task.copyInPath(path));
  throw new Errno(EPERM);
}

/** acct(2): switching accounting off, which is off, is all that can be done. */
export function acct(task: Task, path: number): void {
  checkAdministrator(task, CAP_SYS_PACCT);
  if (path !== 0) refuseFile(task, path, CAP_SYS_PACCT);
}

/** vhangup(2): there is no terminal to hang up. */
export function vhangup(task: Task): void {
  checkAdministrator(task, CAP_SYS_TTY_CONFIG);
}

/** syslog(2): the log is empty. */
export function syslog(task: Task, type: number, buffer: number, size: number): number {
  checkAdministrator(task, CAP_SYSLOG);
  if (type < 0 || type > LOG_SIZE_BUFFER) throw new Errno(EINVAL);
  if (type >= 2 && type <= 4) {
    if (buffer === 0 || size < 0) throw new Errno(EINVAL);
    return 0;
  }
  if (type === 8 && (size < 1 || size > 8)) throw new Errno(EINVAL);
  return type === LOG_SIZE_BUFFER ? LOG_BUFFER : 0;
}

/** quotactl(2): no file system here counts. */
export function quotactl(task: Task, command: number, special: number): never {
  const type = command & 0xff;
  if (type > 2) throw new Errno(EINVAL);
  if (special === 0) throw new Errno(ENODEV);
  const { inode } = walkPath(task, task.fs.cwd, task.copyInPath(special));
  if (inode.type !== S_IFBLK) throw new Errno(ENOTBLK);
  throw new Errno(ENODEV);
}

/** sysfs(2): kinds of file systems by name and number. */
export function sysfs(task: Task, option: number, first: number, second: number): number {
  const names = FILE_SYSTEM_NAMES;
  if (option === 3) return names.length;
  if (option === 1) {
    const index = names.indexOf(task.copyInPath(first));
    if (index < 0) throw new Errno(EINVAL);
    return index;
  }
  const name = option === 2 ? names[first] : undefined;
  if (name === undefined) throw new Errno(EINVAL);
  if (second === 0) throw new Errno(EFAULT);
  task.copyOut(
    second,
    Uint8Array.from([...name, "\0"], (character) => character.charCodeAt(0)),
  );
  return 0;
}
