// The pages of one file that shared mappings show, in whatever address spaces. Each view is a copy in its own guest memory; as only one
// program runs at a time it is enough that a page has either any number of views that cannot be written or a single one that can.
// Linux's struct address_space, as far as mappings go.
import { Errno } from "../../abi/errno.js";
import { WRITE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Inode } from "../vfs/inode.js";
import type { Mm } from "./mm.js";
import type { Vma } from "./vma.js";

/** A page of an address space that shows a page of the file. */
interface View {
  readonly mm: Mm;
  readonly page: number;
}

interface SharedPage {
  readonly views: View[];
  /** The view that may be written, and whose bytes are newer than the file's. */
  writer: View | undefined;
}

export class SharedMapping {
  readonly #inode: Inode;
  /** By index in the file. */
  readonly #pages = new Map<number, SharedPage>();
  #writers = 0;

  constructor(inode: Inode) {
    this.#inode = inode;
  }

  /** Does a view of page `index` hold what the file does not yet? */
  hasWriter(index: number): boolean {
    return this.#pages.get(index)?.writer !== undefined;
  }

  /** Maps `page` with the file's bytes; `protection` without WRITE. Throws what reading the file throws. */
  show(mm: Mm, page: number, index: number, protection: number): void {
    const shared = this.#page(index);
    this.#flushPage(index, shared);
    mm.memory.map(page, protection);
    try {
      this.#read(mm, page, index);
    } catch (error) {
      mm.memory.unmap(page);
      throw error;
    }
    shared.views.push({ mm, page });
  }

  /** Makes the view writable, and the only one. It has been shown. */
  claim(mm: Mm, page: number, index: number, protection: number): void {
    const shared = this.#page(index);
    if (shared.writer?.mm !== mm || shared.writer.page !== page) {
      this.#flushPage(index, shared);
      for (const view of shared.views) if (view.mm !== mm || view.page !== page) view.mm.memory.unmap(view.page);
      shared.writer = { mm, page };
      this.#inode.modified(); // page_mkwrite
      shared.views.splice(0, shared.views.length, shared.writer);
      this.#writers++;
    }
    mm.memory.protect(page, protection);
  }

  /** May the page be written without asking? */
  isWriter(mm: Mm, page: number, index: number): boolean {
    const writer = this.#pages.get(index)?.writer;
    return writer?.mm === mm && writer.page === page;
  }

  /** The view is about to vanish. */
  leave(mm: Mm, page: number, index: number): void {
    const shared = this.#pages.get(index);
    const at = shared?.views.findIndex((view) => view.mm === mm && view.page === page) ?? -1;
    if (shared === undefined || at < 0) return;
    if (shared.writer === shared.views[at]) this.#flushPage(index, shared);
    shared.views.splice(at, 1);
    if (shared.views.length === 0) this.#pages.delete(index);
  }

  /** Brings pages [first, last) of the file up to date. */
  flush(first = 0, last = Number.POSITIVE_INFINITY): void {
    if (this.#writers === 0) return;
    if (last - first < this.#pages.size) {
      for (let index = first; index < last; index++) {
        const shared = this.#pages.get(index);
        if (shared) this.#flushPage(index, shared);
      }
      return;
    }
    for (const [index, shared] of this.#pages) if (index >= first && index < last) this.#flushPage(index, shared);
  }

  /** The file changed in [start, end), and had been flushed: its views are taken away, to be read again when they are wanted. */
  invalidate(start: number, end: number): void {
    const first = Math.floor(start / PAGE_SIZE);
    const last = Math.ceil(end / PAGE_SIZE);
    for (const [index, { views }] of this.#pages) {
      if (index < first || index >= last) continue;
      for (const view of views) view.mm.memory.unmap(view.page);
      this.#pages.delete(index);
    }
  }

  #page(index: number): SharedPage {
    let shared = this.#pages.get(index);
    if (shared === undefined) {
      shared = { views: [], writer: undefined };
      this.#pages.set(index, shared);
    }
    return shared;
  }

  #read(mm: Mm, page: number, index: number): void {
    const position = index * PAGE_SIZE;
    const length = Math.min(PAGE_SIZE, Math.max(0, this.#inode.size - position));
    this.#inode.readAt(position, mm.memory.pageBytes(page).subarray(0, length));
  }

  /** What its writer wrote goes to the file; from now on it must ask again. */
  #flushPage(index: number, shared: SharedPage): void {
    const { writer } = shared;
    if (writer === undefined) return;
    shared.writer = undefined;
    this.#writers--;
    const { memory } = writer.mm;
    const position = index * PAGE_SIZE;
    const length = Math.min(PAGE_SIZE, this.#inode.size - position);
    if (length > 0) {
      try {
        this.#inode.writeBack(position, memory.pageBytes(writer.page).subarray(0, length));
      } catch (error) {
        if (!(error instanceof Errno)) throw error; // as a lost write of the page cache would be
      }
    }
    memory.protect(writer.page, memory.protectionOf(writer.page) & ~WRITE);
  }
}

/** What mappings show of the file `area` maps; undefined when the area is not a shared one of a file. */
export function sharedMappingOf(area: Vma): SharedMapping | undefined {
  const { file, shared } = area.backing;
  if (!shared || file === undefined) return undefined;
  file.inode.mapping ??= new SharedMapping(file.inode);
  return file.inode.mapping;
}

/** Index in the file of the page of `area`. */
export function fileIndex(area: Vma, page: number): number {
  return area.offset / PAGE_SIZE + (page - area.start / PAGE_SIZE);
}

/** The file learns what [start, end) of `area` holds: msync(2). */
export function flushArea(area: Vma, start: number, end: number): void {
  sharedMappingOf(area)?.flush(fileIndex(area, start / PAGE_SIZE), fileIndex(area, end / PAGE_SIZE));
}

/** Before pages of [start, end) are unmapped. */
export function leaveShared(mm: Mm, area: Vma, start = area.start, end = area.end): void {
  const mapping = sharedMappingOf(area);
  if (mapping === undefined) return;
  for (const page of mm.memory.mappedPages(start / PAGE_SIZE, end / PAGE_SIZE)) {
    mapping.leave(mm, page, fileIndex(area, page));
  }
}
