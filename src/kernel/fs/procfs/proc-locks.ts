// /proc/locks: all locks and leases there are. fs/locks.c: lock_get_status
import { F_RDLCK, F_UNLCK, F_WRLCK, LOCK_EX } from "../../../abi/constants/files.js";
import type { Task } from "../../task/task.js";
import { major, minor } from "../../vfs/attributes.js";
import type { Inode } from "../../vfs/inode.js";

const OFFSET_MAX = 0x7fff_ffff_ffff_ffffn;

export function locksText(reader: Task): string {
  const lines: string[] = [];
  const seen = new Set<Inode>();
  for (const { files, tgid } of reader.kernel.tasks.values()) {
    for (const fd of files.descriptors()) {
      const inode = files.find(fd)?.inode;
      if (inode === undefined || seen.has(inode)) continue;
      seen.add(inode);
      lines.push(...linesOf(inode, tgid, reader));
    }
  }
  return lines.map((line, index) => `${index + 1}: ${line}\n`).join("");
}

function linesOf(inode: Inode, holder: number, { pidNamespace }: Task): string[] {
  const locks = inode.findLocks;
  if (locks === undefined) return [];
  const { dev, ino } = inode.stat();
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  const place = `${hex(major(dev))}:${hex(minor(dev))}:${ino}`;
  const line = (kind: string, type: string, pid: number, range: string): string =>
    `${kind} ${type} ${pid < 0 ? pid : pidNamespace.inside(pid)} ${place} ${range}`;
  const found: string[] = [];
  for (const { pid, type, start, end } of [...locks.records.all].reverse()) {
    const range = `${start} ${end === OFFSET_MAX ? "EOF" : end}`;
    found.push(
      line(pid < 0 ? "OFDLCK ADVISORY " : "POSIX  ADVISORY ", type === F_WRLCK ? "WRITE" : "READ ", pid, range),
    );
  }
  for (const [, kind] of locks.flocks)
    found.push(line("FLOCK  ADVISORY ", kind === LOCK_EX ? "WRITE" : "READ ", holder, "0 EOF"));
  for (const { type, breaking } of locks.leases) {
    const state = breaking === undefined ? "ACTIVE   " : "BREAKING ";
    const name = type === F_RDLCK ? "READ " : type === F_UNLCK ? "UNLCK" : "WRITE";
    found.push(line(`LEASE  ${state}`, name, holder, "0 EOF"));
  }
  return found;
}
