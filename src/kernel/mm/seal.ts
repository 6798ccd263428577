// mseal(2): mappings that stay as they are for good, and remap_file_pages(2): pages of a file in another order. mm/mseal.c, mm/mmap.c
import { MAP_FIXED, MAP_NONBLOCK, MAP_POPULATE, MAP_SHARED } from "../../abi/constants/memory.js";
import { EINVAL, ENOMEM, Errno } from "../../abi/errno.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { type Mm, pageDown, pageUp } from "./mm.js";
import { mmap } from "./mmap.js";

const ADDRESS_SPACE = 2 ** 64;

export function mseal(mm: Mm, address: number, length: number, flags: number): void {
  const size = pageUp(length);
  if (flags !== 0 || address % PAGE_SIZE !== 0 || size >= ADDRESS_SPACE) throw new Errno(EINVAL);
  const end = address + size;
  if (end >= ADDRESS_SPACE) throw new Errno(EINVAL);
  if (end === address) return;
  let reached = address;
  for (const area of mm.areas.overlapping(address, end)) {
    if (area.start > reached) break;
    reached = area.end;
  }
  if (reached < end) throw new Errno(ENOMEM);
  mm.areas.splitAt(address);
  mm.areas.splitAt(end);
  for (const area of mm.areas.overlapping(address, end)) area.sealed = true;
  mm.areas.merge(address, end);
}

/** It is done by mapping them, since Linux 4.0. `page` is the first one's number in the file. */
export function remapFilePages(mm: Mm, at: number, length: number, prot: number, page: number, flags: number): void {
  const start = pageDown(at);
  const size = pageDown(length);
  if (prot !== 0 || size === 0 || start + size >= ADDRESS_SPACE) throw new Errno(EINVAL);
  if (page + size / PAGE_SIZE >= ADDRESS_SPACE) throw new Errno(EINVAL);
  const area = mm.areas.find(start);
  if (area === undefined || !area.backing.shared) throw new Errno(EINVAL);
  const { file } = area.backing;
  let reached = area.end;
  for (const next of mm.areas.overlapping(area.end, start + size)) {
    if (next.start !== reached || next.backing.file !== file || next.prot !== area.prot) throw new Errno(EINVAL);
    reached = next.end;
  }
  if (reached < start + size) throw new Errno(EINVAL);
  const how = MAP_SHARED | MAP_FIXED | MAP_POPULATE | (flags & MAP_NONBLOCK);
  file?.hold();
  try {
    mmap(mm, start, size, area.prot, how, file, page * PAGE_SIZE);
  } finally {
    file?.put();
  }
}
