// Shared file mappings: dirty pages back to their file, and file changes into the pages that show them. Each mapping holds copies;
// the file learns of a write at msync, munmap, exit, and whenever someone reads the file.
import { Errno } from "../../abi/errno.js";
import { WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Inode } from "../vfs/inode.js";
import type { Mm } from "./mm.js";
import { pageProtection, type Vma } from "./vma.js";

/** Writes the dirty pages of `area` in [start, end) to its file; they are clean afterwards. */
export function writeBack(mm: Mm, area: Vma, start: number, end: number): void {
  const inode = area.backing.file?.inode;
  if (area.dirty === undefined || area.dirty.size === 0 || inode === undefined) return;
  for (const page of [...area.dirty]) {
    const address = page * PAGE_SIZE;
    if (address < start || address >= end) continue;
    area.dirty.delete(page);
    const position = area.offset + (address - area.start);
    const length = Math.min(PAGE_SIZE, inode.size - position);
    if (length > 0 && mm.memory.slotOf(page) >= 0) {
      try {
        inode.writeAt(position, mm.memory.pageBytes(page).subarray(0, length));
      } catch (error) {
        if (!(error instanceof Errno)) throw error; // as a lost write of the page cache would be
      }
    }
    mm.memory.protect(page, pageProtection(area.prot) & ~WRITE);
  }
}

/** All shared file pages of an address space: at exit and exec. */
export function writeBackAll(mm: Mm): void {
  for (const area of mm.areas.areas) writeBack(mm, area, area.start, area.end);
}

/** Before someone reads `inode`: what its mappings hold is written back. */
export function writeBackInode(mm: Mm, inode: Inode): void {
  for (const area of mm.areas.areas) {
    if (area.dirty && area.dirty.size > 0 && area.backing.file?.inode === inode)
      writeBack(mm, area, area.start, area.end);
  }
}

/** After someone wrote [position, position + length) of `inode`: the clean shared pages that show it are read again. */
export function refreshMappings(mm: Mm, inode: Inode, position: number, length: number): void {
  for (const area of mm.areas.areas) {
    if (area.dirty === undefined || area.backing.file?.inode !== inode) continue;
    const first = Math.max(area.start, area.start + position - area.offset);
    const last = Math.min(area.end, area.start + position + length - area.offset);
    for (let page = Math.floor(first / PAGE_SIZE); page * PAGE_SIZE < last; page++) {
      if (mm.memory.slotOf(page) < 0) continue;
      const at = area.offset + (page * PAGE_SIZE - area.start);
      const bytes = mm.memory.pageBytes(page).subarray(0, Math.min(PAGE_SIZE, Math.max(0, inode.size - at)));
      inode.readAt(at, bytes);
    }
  }
}
