// Calls for administrators: what is refused to others, and what cannot be done to this machine even by root, who gets EPERM as in
// a container. kernel/reboot.c, kernel/acct.c, mm/swapfile.c, kernel/printk, fs/quota

import { S_IFBLK } from "../../abi/constants/files.js";
import { CAP_SYS_ADMIN, CAP_SYS_BOOT, CAP_SYS_TTY_CONFIG, CAP_SYSLOG } from "../../abi/constants/security.js";
import { EFAULT, EINVAL, ENODEV, ENOSYS, ENOTBLK, EPERM, Errno } from "../../abi/errno.js";
import { FILE_SYSTEM_NAMES } from "../fs/file-system-types.js";
import { walkPath } from "../vfs/path-walk.js";
import type { Task } from "./task.js";

const REBOOT_MAGIC1 = 0xfee1dead;
const REBOOT_MAGIC2 = [0x28121969, 0x05121996, 0x16041998, 0x20112000];
const Q_SYNC = 0x800001;
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
export function quotactl(task: Task, command: number, special: number): void {
  const type = command & 0xff;
  if (type > 2) throw new Errno(EINVAL);
  if (special === 0) {
    if (command >>> 8 === Q_SYNC) return; // of all file systems
    throw new Errno(ENODEV);
  }
  const { inode } = walkPath(task, task.fs.cwd, task.copyInPath(special));
  if (inode.type !== S_IFBLK) throw new Errno(ENOTBLK);
  throw new Errno(ENODEV);
}

/** quotactl_fd(2). */
export function quotactlFd(task: Task, fd: number, command: number): never {
  task.files.getRaw(fd);
  if ((command & 0xff) > 2) throw new Errno(EINVAL);
  throw new Errno(ENOSYS); // the file system knows no quotas
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
