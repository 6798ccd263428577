// Linux's mm_struct: one address space, its areas, its layout and its counters. What the calls do with it is in the files
// beside this one; what a page fault does is in fault.ts.
import { PROT_EXEC, PROT_WRITE } from "../../abi/constants/memory.js";
import { PR_MDWE_NO_INHERIT, RLIMIT_AS, RLIMIT_DATA } from "../../abi/constants/processes.js";
import { EACCES, ENOMEM, Errno } from "../../abi/errno.js";
import type { GuestMemory } from "../../machine/guest-memory.js";
import {
  PAGE_SIZE,
  RESERVED_SLOT_END,
  RESERVED_SLOT_FIRST,
  SLOT_COUNT,
  STATE,
  STATE_SIZE,
} from "../../machine/state-layout.js";
import type { AioContext } from "../aio/context.js";
import type { Budget } from "../budget.js";
import type { Rlimits } from "../task/rlimits.js";
import type { File } from "../vfs/file.js";
import { leaveShared } from "./shared-mapping.js";
import { type Vma, VmaList } from "./vma.js";

/** One past the last user address: TASK_SIZE_MAX. */
export const TASK_SIZE = 0x7ffffffff000;
/** The same of a program with 32 bits: IA32_PAGE_OFFSET. */
export const TASK_SIZE_32 = 0xffffe000;
export const MMAP_MIN_ADDRESS = 0x10000;
export const STACK_GUARD_GAP = 256 * PAGE_SIZE;
const MAX_MAP_COUNT = 65530;
const CHARGED_AHEAD = 64;
/** Pages one address space can hold: the slots left beside the processor's own, and a few to spare. */
export const PAGE_CAPACITY = SLOT_COUNT - (RESERVED_SLOT_END - RESERVED_SLOT_FIRST) - 16;

export const pageDown = (address: number): number => address - (address % PAGE_SIZE);
export const pageUp = (address: number): number => pageDown(address + PAGE_SIZE - 1);

const NO_DESCRIPTORS = new Int32Array(0);

export class Mm {
  readonly memory: GuestMemory;
  /** The processor's registers in this address space's memory, as 32-bit halves: entry/register-copy.ts. */
  readonly registers: Int32Array;
  readonly limits: Rlimits;
  readonly #budget: Budget;
  /** Pages taken from the budget: those resident, and a few ahead. */
  #charged = 0;
  readonly areas = new VmaList();
  /** Tasks that share it. */
  users = 1;

  // Layout, fixed by exec.
  mmapBase = TASK_SIZE;
  /** Where i386's calls map. */
  mmapCompatBase = TASK_SIZE_32;
  /** One past the last address its program may map. */
  taskSize = TASK_SIZE;
  startCode = 0;
  endCode = 0;
  startData = 0;
  endData = 0;
  startBrk = 0;
  brk = 0;
  startStack = 0;
  argStart = 0;
  argEnd = 0;
  envStart = 0;
  envEnd = 0;
  /** The vDSO's data page; 0 without one. */
  vvar = 0;
  /** Its addresses are of 32 bits: TIF_ADDR32. */
  is32Bit = false;
  /** Although its code is of 64: TIF_X32. */
  isX32 = false;
  /** The vDSO's image; 0 without one. */
  vdso = 0;
  /** What modify_ldt(2) wrote: the descriptors of the LDT, two words each. */
  ldt = NO_DESCRIPTORS;
  /** What mappings to come are: VM_LOCKED and VM_LOCKONFAULT. mlockall(2) */
  locksFuture = 0;
  /** Kinds of membarrier(2) it has registered for. */
  barriers = 0;
  /** PR_SET_MDWE's bits. */
  denyWriteExecute = 0;
  /** PR_SET_MEMORY_MERGE. */
  mergesPages = false;
  auxv = new Uint8Array(0);
  /** io_setup(2)'s contexts, by their addresses. */
  readonly aioContexts = new Map<number, AioContext>();
  exeFile: File | undefined;

  // In pages.
  totalVm = 0;
  dataVm = 0;
  peakPages = 0;

  // Page faults since exec.
  minorFaults = 0;
  majorFaults = 0;

  constructor(limits: Rlimits, memory: GuestMemory, budget: Budget) {
    this.limits = limits;
    this.#budget = budget;
    this.memory = memory;
    this.registers = new Int32Array(memory.wasm.buffer, STATE, STATE_SIZE / 4);
  }

  /** What exec and fork leave of another's switches. mmf_init_flags */
  inheritSwitches({ denyWriteExecute, mergesPages }: Mm): void {
    this.denyWriteExecute = denyWriteExecute & PR_MDWE_NO_INHERIT ? 0 : denyWriteExecute;
    this.mergesPages = mergesPages;
  }

  /** map_deny_write_exec: throws EACCES for memory that is to be run and can be written, or becomes what can be run. */
  checkExecution(prot: number, before: number): void {
    if (this.denyWriteExecute === 0 || !(prot & PROT_EXEC)) return;
    if (prot & PROT_WRITE || !(before & PROT_EXEC)) throw new Errno(EACCES);
  }

  /** Throws ENOMEM when `length` more bytes would break a limit. mm/mmap.c: may_expand_vm */
  checkLimits(length: number, isData: boolean): void {
    if (this.totalVm * PAGE_SIZE + length > this.limits.soft(RLIMIT_AS)) throw new Errno(ENOMEM);
    if (isData && this.dataVm * PAGE_SIZE + length > this.limits.soft(RLIMIT_DATA)) throw new Errno(ENOMEM);
    if (this.areas.areas.length >= MAX_MAP_COUNT) throw new Errno(ENOMEM);
  }

  /** Throws ENOMEM for what could never be had: the heuristic overcommit mode. mm/util.c: __vm_enough_memory */
  checkOvercommit(length: number): void {
    if (length / PAGE_SIZE > Math.min(PAGE_CAPACITY, this.#budget.totalPages)) throw new Errno(ENOMEM);
  }

  /** Makes sure of room for `pages` more. False when the machine has no memory left. */
  reserve(pages: number): boolean {
    const missing = this.residentPages + pages - this.#charged;
    if (missing <= 0) return true;
    const count = this.#budget.takePages(missing + CHARGED_AHEAD) ? missing + CHARGED_AHEAD : missing;
    if (count === missing && !this.#budget.takePages(missing)) return false;
    this.#charged += count;
    return true;
  }

  /** What is not resident any more is free for others. */
  uncharge(): void {
    const spare = this.#charged - this.residentPages - CHARGED_AHEAD;
    if (spare <= 0) return;
    this.#budget.givePages(spare);
    this.#charged -= spare;
  }

  /** For a copy of `from`: throws ENOMEM. */
  reserveCopy(from: Mm): void {
    this.#budget.takeMemory(from.residentPages);
    this.#charged += from.residentPages;
  }

  account(area: Vma, bytes: number): void {
    const pages = bytes / PAGE_SIZE;
    this.totalVm += pages;
    if (area.isPrivateWritable) this.dataVm += pages;
  }

  /** Pages resident now. */
  get residentPages(): number {
    return this.memory.pageCount;
  }

  /** The last user is gone: files and pages are let go. */
  release(): void {
    for (const context of this.aioContexts.values()) context.release();
    this.aioContexts.clear();
    for (const area of [...this.areas.areas]) {
      leaveShared(this, area);
      this.areas.remove(area);
    }
    this.exeFile?.put();
    this.exeFile = undefined;
    this.memory.clear();
    this.#budget.givePages(this.#charged);
    this.#charged = 0;
  }

  dropPages(start: number, end: number): void {
    for (const page of this.memory.mappedPages(start / PAGE_SIZE, end / PAGE_SIZE)) this.memory.unmap(page);
    this.uncharge();
  }
}
