// Directory entries as getdents64(2) and getdents(2) pack them. fs/readdir.c

import { FAN_ACCESS_PERM, IN_ACCESS } from "../../abi/constants/events.js";
import { oldDirent } from "../../abi/directory-entries.js";
import { EFAULT, EINVAL, ENOENT, ENOTDIR, Errno } from "../../abi/errno.js";
import { permissionMarks } from "../notify/fanotify-group.js";
import { withPermission } from "../notify/fanotify-permission.js";
import { notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { accessed } from "./access-time.js";
import type { File } from "./file.js";

const HEADER_64 = 19; // d_ino, d_off, d_reclen, d_type

/** Bytes written to `buffer`. */
export function getdents(task: Task, fd: number, buffer: number, size: number, old = false): number | Sleep<number> {
  const file = task.files.get(fd);
  const fill = (): number => fillEntries(task, file, buffer, size, old);
  return permissionMarks.count === 0 ? fill() : withPermission(task, file.dentry, FAN_ACCESS_PERM, fill);
}

function fillEntries(task: Task, file: File, buffer: number, size: number, old: boolean): number {
  const entries = file.entries(task);
  if (entries === undefined) throw new Errno(ENOTDIR);
  if (file.dentry.unlinked) throw new Errno(ENOENT);
  // linux_dirent has longs, linux_dirent64 64 bits.
  const word = old ? task.longBytes : 8;
  const header = old ? 2 * word + 2 : HEADER_64;
  let written = 0;
  for (const entry of entries) {
    // The old form keeps the type in the record's last byte.
    const align = (length: number): number => Math.ceil(length / word) * word;
    const length = align(header + entry.name.length + (old ? 2 : 1));
    if (written + length > size) break;
    const record = new DataView(new ArrayBuffer(length));
    const put = (at: number, value: number | bigint): void => {
      if (word === 8) record.setBigInt64(at, BigInt(value), true);
      else record.setInt32(at, Number(BigInt.asIntN(32, BigInt(value))), true);
    };
    put(0, entry.ino);
    put(word, file.position + 1);
    record.setUint16(2 * word, length, true);
    const type = entry.type >> 12;
    record.setUint8(old ? length - 1 : 18, type);
    for (let i = 0; i < entry.name.length; i++) record.setUint8(header + i, entry.name.charCodeAt(i));
    try {
      task.copyOut(buffer + written, new Uint8Array(record.buffer));
    } catch (error) {
      if (!(error instanceof Errno) || written > 0) break;
      throw new Errno(EFAULT);
    }
    written += length;
    file.position++;
  }
  if (written === 0 && entries.length > 0) throw new Errno(EINVAL);
  accessed(file.dentry, file.flags);
  notify(file.dentry, IN_ACCESS);
  return written;
}

/** readdir(2), the call: one entry, whose length is that of its name. fillonedir */
export function readdirOld(task: Task, fd: number, address: number): number {
  const file = task.files.get(fd);
  const entries = file.entries(task);
  if (entries === undefined) throw new Errno(ENOTDIR);
  if (file.dentry.unlinked) throw new Errno(ENOENT);
  const [entry] = entries;
  if (entry === undefined) return 0;
  const name = entry.name;
  const values = { d_ino: entry.ino, d_off: file.position, d_reclen: name.length };
  const bytes = new Uint8Array(oldDirent.size(task.abi) + name.length + 1);
  bytes.set(oldDirent.encode(values, task.abi));
  for (let i = 0; i < name.length; i++) bytes[oldDirent.offset("d_name", task.abi) + i] = name.charCodeAt(i);
  task.copyOut(address, bytes.subarray(0, oldDirent.offset("d_name", task.abi) + name.length + 1));
  file.position++;
  return 1;
}
