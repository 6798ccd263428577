// cachestat(2): how much of a file is in memory. What a file has of bytes is; nothing waits to be written. mm/filemap.c

import { EINVAL, Errno } from "../../abi/errno.js";
import { cachestat, cachestatRange } from "../../abi/stat.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Inode } from "./inode.js";

export function cacheStatistics(task: Task, fd: number, rangeAddress: number, address: number, flags: number): void {
  const { inode } = task.files.get(fd);
  const range = task.readStruct(cachestatRange, rangeAddress);
  if (flags !== 0) throw new Errno(EINVAL);
  const start = cachestatRange.get(range, "off");
  const length = cachestatRange.get(range, "len");
  const end = length === 0 ? Number.POSITIVE_INFINITY : start + length;
  task.writeStruct(cachestat, address, { nr_cache: inode.isRegular ? pagesWithData(inode, start, end) : 0 });
}

function pagesWithData(inode: Inode, start: number, end: number): number {
  const last = Math.min(inode.size, end);
  let pages = 0;
  let at = start - (start % PAGE_SIZE);
  while (at < last) {
    const data = inode.seekData(at, true);
    if (data >= last) break;
    const hole = Math.min(inode.seekData(data, false), last);
    const first = Math.floor(data / PAGE_SIZE);
    const next = Math.ceil(hole / PAGE_SIZE);
    pages += next - first;
    at = next * PAGE_SIZE;
  }
  return pages;
}
