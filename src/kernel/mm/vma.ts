// Virtual memory areas: one range of an address space with one set of rights and one backing, and the sorted list of them.
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/constants/memory.js";
import { EXECUTE, READ, WRITE } from "../../machine/guest-memory.js";
import type { File } from "../vfs/file.js";
import { type MemoryPolicy, samePolicy } from "./memory-policy.js";

export interface VmaBacking {
  readonly shared: boolean;
  /** PROT_* bits mprotect may still grant. */
  readonly maxProt: number;
  readonly growsDown: boolean;
  readonly file: File | undefined;
  /** Shown in /proc/PID/maps for areas without a file: "[stack]". */
  readonly label: string;
  readonly noReserve: boolean;
}

/** Bits of Vma.flags: what mlock and madvise have said of it. */
export const VM_LOCKED = 1;
export const VM_LOCKONFAULT = 2;
export const VM_DONTCOPY = 4;
export const VM_WIPEONFORK = 8;

export class Vma {
  start: number;
  end: number;
  prot: number;
  /** Byte offset into the file of `start`. */
  offset: number;
  readonly backing: VmaBacking;
  /** Private memory that is or was writable counts as committed, and stays an area of its own. VM_ACCOUNT */
  accounted: boolean;
  /** mbind(2)'s; undefined is the task's. */
  policy: MemoryPolicy | undefined;
  /** mseal(2): it stays as it is. VM_SEALED */
  sealed = false;
  /** VM_* */
  flags = 0;

  constructor(start: number, end: number, prot: number, offset: number, backing: VmaBacking) {
    this.start = start;
    this.end = end;
    this.prot = prot;
    this.offset = offset;
    this.backing = backing;
    this.accounted = !backing.shared && !backing.noReserve && (prot & PROT_WRITE) !== 0;
  }

  /** What it has been given since it was mapped goes on in a part or a copy of it. */
  inherit({ accounted, policy, sealed, flags }: Vma): this {
    this.accounted = accounted;
    this.policy = policy;
    this.sealed = sealed;
    this.flags = flags;
    return this;
  }

  get isPrivateWritable(): boolean {
    return !this.backing.shared && (this.prot & PROT_WRITE) !== 0 && !this.backing.growsDown;
  }

  /** Can `next`, which begins where this one ends, be the same area? mm/vma.c: is_mergeable_vma */
  continues(next: Vma): boolean {
    const a = this.backing;
    const b = next.backing;
    return (
      this.end === next.start &&
      this.prot === next.prot &&
      this.accounted === next.accounted &&
      this.sealed === next.sealed &&
      this.flags === next.flags &&
      samePolicy(this.policy, next.policy) &&
      a.file === b.file &&
      a.shared === b.shared &&
      a.maxProt === b.maxProt &&
      a.growsDown === b.growsDown &&
      a.label === b.label &&
      a.noReserve === b.noReserve &&
      (a.file === undefined ? !a.shared : this.offset + (this.end - this.start) === next.offset)
    );
  }
}

/** The processor's rights for PROT_* bits: what x86 can write or execute it can read. */
export function pageProtection(prot: number): number {
  let protection = 0;
  if (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) protection |= READ;
  if (prot & PROT_WRITE) protection |= WRITE;
  if (prot & PROT_EXEC) protection |= EXECUTE;
  return protection;
}

/** Areas in ascending order, never overlapping. */
export class VmaList {
  readonly areas: Vma[] = [];
  #last: Vma | undefined;

  /** Index of the first area that ends above `address`. */
  indexAbove(address: number): number {
    let low = 0;
    let high = this.areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.areas[middle].end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The area that holds `address`. */
  find(address: number): Vma | undefined {
    const last = this.#last;
    if (last && address >= last.start && address < last.end) return last;
    const area: Vma | undefined = this.areas[this.indexAbove(address)];
    if (area === undefined || area.start > address) return undefined;
    this.#last = area;
    return area;
  }

  /** Areas that overlap [start, end). */
  overlapping(start: number, end: number): Vma[] {
    const first = this.indexAbove(start);
    let last = first;
    while (last < this.areas.length && this.areas[last].start < end) last++;
    return this.areas.slice(first, last);
  }

  /** Adds an area where there is none, joining it to its neighbours when it continues them. */
  insert(area: Vma): Vma {
    const index = this.indexAbove(area.start);
    this.areas.splice(index, 0, area);
    area.backing.file?.hold();
    this.merge(area.start, area.end);
    return this.find(area.start) ?? area;
  }

  /** Joins what can be joined around [start, end]. */
  merge(start: number, end: number): void {
    let index = Math.max(this.indexAbove(start) - 1, 0);
    while (index + 1 < this.areas.length && this.areas[index].end <= end) {
      const area = this.areas[index];
      const next = this.areas[index + 1];
      if (!area.continues(next)) {
        index++;
        continue;
      }
      area.end = next.end;
      this.areas.splice(index + 1, 1);
      next.backing.file?.put();
      this.#last = undefined;
    }
  }

  /** Makes `address` a border between areas. */
  splitAt(address: number): void {
    const area = this.find(address);
    if (area === undefined || area.start === address) return;
    const index = this.areas.indexOf(area);
    const rest = new Vma(address, area.end, area.prot, area.offset + (address - area.start), area.backing);
    rest.inherit(area);
    area.end = address;
    area.backing.file?.hold();
    this.areas.splice(index + 1, 0, rest);
    this.#last = undefined;
  }

  remove(area: Vma): void {
    this.areas.splice(this.areas.indexOf(area), 1);
    this.#last = undefined;
    area.backing.file?.put();
  }

  /** Ends of an area moved (stack growth, brk). */
  touched(): void {
    this.#last = undefined;
  }
}
