// Directory entries as getdents64(2) and getdents(2) pack them. fs/readdir.c
import { IN_ACCESS } from "../../abi/constants/events.js";
import { EFAULT, EINVAL, ENOENT, ENOTDIR, Errno } from "../../abi/errno.js";
import { notify } from "../notify/notify.js";
import type { Task } from "../task/task.js";

const HEADER_64 = 19; // d_ino, d_off, d_reclen, d_type
const HEADER_OLD = 18;

/** Bytes written to `buffer`. */
export function getdents(task: Task, fd: number, buffer: number, size: number, old = false): number {
  const file = task.files.get(fd);
  const entries = file.entries(task);
  if (entries === undefined) throw new Errno(ENOTDIR);
  if (file.dentry.unlinked) throw new Errno(ENOENT);
  let written = 0;
  for (const entry of entries) {
    // The old form keeps the type in the record's last byte.
    const length = old ? (HEADER_OLD + entry.name.length + 2 + 7) & ~7 : (HEADER_64 + entry.name.length + 1 + 7) & ~7;
    if (written + length > size) break;
    const record = new DataView(new ArrayBuffer(length));
    record.setBigUint64(0, BigInt(entry.ino), true);
    record.setBigInt64(8, BigInt(file.position + 1), true);
    record.setUint16(16, length, true);
    const type = entry.type >> 12;
    record.setUint8(old ? length - 1 : 18, type);
    const start = old ? HEADER_OLD : HEADER_64;
    for (let i = 0; i < entry.name.length; i++) record.setUint8(start + i, entry.name.charCodeAt(i));
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
  notify(file.dentry, IN_ACCESS);
  return written;
}
