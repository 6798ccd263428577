// Segments of a task's own: the GDT's TLS entries, and the LDT of a process. arch/x86/kernel/tls.c, ldt.c, include/asm/desc.h: fill_ldt
import { EINVAL, ENOSYS, Errno, ESRCH } from "../../abi/errno.js";
import { userDesc } from "../../abi/user-desc.js";
import { GDT_TLS_ENTRIES, GDT_TLS_FIRST } from "../../machine/processor.js";
import { OFFSET_FS_BASE, OFFSET_SELECTORS } from "../../machine/state-layout.js";
import type { Cpu } from "../entry/cpu.js";
import { SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS } from "../entry/selectors.js";
import type { Task } from "./task.js";

const LDT_ENTRIES = 8192;
const ENTRY_SIZE = 8;
const READ = 0;
const WRITE_OLD = 1;
const READ_DEFAULT = 2;
const WRITE = 0x11;
const DEFAULT_SIZE = 128;
const ANY_FREE = -1;

// Bits of user_desc's last word.
const SEG_32BIT = 1;
const CONTENTS_SHIFT = 1;
const READ_EXEC_ONLY = 1 << 3;
const LIMIT_IN_PAGES = 1 << 4;
const SEG_NOT_PRESENT = 1 << 5;
const USEABLE = 1 << 6;
const CONFORMING_CODE = 3;

interface UserDesc {
  readonly entry: number;
  readonly base: number;
  readonly limit: number;
  readonly flags: number;
}

function copyIn(task: Task, address: number): UserDesc {
  const view = task.readStruct(userDesc, address);
  const get = (name: keyof typeof userDesc.fields): number => userDesc.get(view, name, task.abi);
  return { entry: get("entry_number"), base: get("base_addr"), limit: get("limit"), flags: get("seg_32bit") };
}

const contentsOf = ({ flags }: UserDesc): number => (flags >> CONTENTS_SHIFT) & 3;

/** LDT_empty, LDT_zero: what clears an entry. */
function clears({ base, limit, flags }: UserDesc): boolean {
  return base === 0 && limit === 0 && (flags === 0 || flags === (READ_EXEC_ONLY | SEG_NOT_PRESENT));
}

/** The descriptor as the processor has it: two words. */
function pack({ base, limit, flags }: UserDesc): readonly [number, number] {
  const type = 1 | (flags & READ_EXEC_ONLY ? 0 : 2) | (((flags >> CONTENTS_SHIFT) & 3) << 2);
  const high =
    ((base >>> 16) & 0xff) |
    (type << 8) |
    (1 << 12) | // code or data
    (3 << 13) | // for everybody
    (flags & SEG_NOT_PRESENT ? 0 : 1 << 15) |
    (limit & 0xf0000) |
    (flags & USEABLE ? 1 << 20 : 0) |
    (flags & SEG_32BIT ? 1 << 22 : 0) |
    (flags & LIMIT_IN_PAGES ? 1 << 23 : 0) |
    (base & 0xff000000);
  return [(limit & 0xffff) | (base << 16), high];
}

function unpack(entry: number, low: number, high: number): UserDesc {
  const type = (high >> 8) & 15;
  const flags =
    (high & (1 << 22) ? SEG_32BIT : 0) |
    ((type >> 2) << CONTENTS_SHIFT) |
    (type & 2 ? 0 : READ_EXEC_ONLY) |
    (high & (1 << 23) ? LIMIT_IN_PAGES : 0) |
    (high & (1 << 15) ? 0 : SEG_NOT_PRESENT) |
    (high & (1 << 20) ? USEABLE : 0);
  const base = (((low >>> 16) & 0xffff) | ((high & 0xff) << 16) | (high & 0xff000000)) >>> 0;
  return { entry, base, limit: (low & 0xffff) | (high & 0xf0000), flags };
}

/** set_thread_area(2). */
export function setThreadArea(task: Task, address: number): void {
  setArea(task, task, address, true);
}

/** CLONE_SETTLS of i386: the child's segment, and its base where the child has it loaded. */
export function setChildArea(task: Task, child: Task, address: number): void {
  const index = setArea(task, child, address, false);
  const state = child.savedState;
  if (state === undefined) return;
  const view = new DataView(state.buffer, state.byteOffset);
  const { base } = entryAt(child, index);
  const has = (segment: number): boolean => view.getUint32(OFFSET_SELECTORS + segment * 4, true) >>> 3 === index;
  if (has(SEGMENT_FS)) view.setBigUint64(OFFSET_FS_BASE, BigInt(base), true);
  if (has(SEGMENT_GS)) child.savedGs = { low: base | 0, high: 0 };
}

/** do_set_thread_area: the entry's number. */
function setArea(task: Task, target: Task, address: number, mayAllocate: boolean): number {
  const wanted = copyIn(task, address);
  checkTls(wanted);
  let index = wanted.entry;
  if (index === ANY_FREE && mayAllocate) {
    index = freeEntry(target);
    task.writeU32(address, index);
  }
  const slot = index - GDT_TLS_FIRST;
  if (slot < 0 || slot >= GDT_TLS_ENTRIES) throw new Errno(EINVAL);
  target.threadArea.set(clears(wanted) ? [0, 0] : pack(wanted), slot * 2);
  if (target === task) reload(task.kernel.cpu, index);
  return index;
}

/** tls_desc_okay */
function checkTls(wanted: UserDesc): void {
  if (clears(wanted)) return;
  if (!(wanted.flags & SEG_32BIT) || contentsOf(wanted) > 1 || wanted.flags & SEG_NOT_PRESENT) throw new Errno(EINVAL);
}

function freeEntry({ threadArea }: Task): number {
  for (let slot = 0; slot < GDT_TLS_ENTRIES; slot++) {
    if (threadArea[slot * 2] === 0 && threadArea[slot * 2 + 1] === 0) return GDT_TLS_FIRST + slot;
  }
  throw new Errno(ESRCH);
}

function entryAt({ threadArea }: Task, index: number): UserDesc {
  const slot = index - GDT_TLS_FIRST;
  return unpack(index, threadArea[slot * 2], threadArea[slot * 2 + 1]);
}

/** Segments of the running program that the entry is loaded in. */
function reload(cpu: Cpu, index: number): void {
  for (const segment of [SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS]) {
    const selector = cpu.processor.registers.selector(segment);
    if (selector >>> 3 === index && (selector & 4) === 0) loadUserSegment(cpu, segment, selector);
  }
}

/** A segment of the program, from within the kernel, where GS base is the kernel's: load_gs_index. What cannot be loaded becomes null. */
export function loadUserSegment(cpu: Cpu, segment: number, selector: number): void {
  if (segment === SEGMENT_GS) cpu.swapgs();
  if (!cpu.processor.loadSegment(segment, selector)) cpu.processor.loadSegment(segment, 0);
  if (segment === SEGMENT_GS) cpu.swapgs();
}

/** get_thread_area(2). */
export function getThreadArea(task: Task, address: number): void {
  writeArea(task, task, task.readI32(address), address);
}

/** do_get_thread_area: an entry of `of`'s, for whoever asks. */
export function writeArea(task: Task, of: Task, index: number, address: number): void {
  if (index < GDT_TLS_FIRST || index >= GDT_TLS_FIRST + GDT_TLS_ENTRIES) throw new Errno(EINVAL);
  const { base, limit, flags } = entryAt(of, index);
  task.writeStruct(userDesc, address, { entry_number: index, base_addr: base, limit, seg_32bit: flags });
}

/** modify_ldt(2). Its errors are unsigned ints for Linux, and so none for a 64-bit program. */
export function modifyLdt(task: Task, what: number, address: number, size: number): number {
  try {
    return changeLdt(task, what, address, size);
  } catch (error) {
    if (error instanceof Errno) return -error.number >>> 0;
    throw error;
  }
}

function changeLdt(task: Task, what: number, address: number, size: number): number {
  switch (what) {
    case READ:
      return readLdt(task, address, size);
    case READ_DEFAULT: {
      const length = Math.min(size, DEFAULT_SIZE);
      task.copyOut(address, new Uint8Array(length));
      return length;
    }
    case WRITE_OLD:
    case WRITE:
      return writeLdt(task, address, size, what === WRITE_OLD);
    default:
      return -ENOSYS >>> 0;
  }
}

function readLdt(task: Task, address: number, size: number): number {
  const { ldt } = task.mm;
  if (ldt.length === 0) return 0;
  const bytes = new Uint8Array(Math.min(size, LDT_ENTRIES * ENTRY_SIZE));
  bytes.set(new Uint8Array(ldt.buffer, ldt.byteOffset, Math.min(ldt.byteLength, bytes.length)));
  task.copyOut(address, bytes);
  return bytes.length;
}

function writeLdt(task: Task, address: number, size: number, isOld: boolean): number {
  if (size !== userDesc.size(task.abi)) return -EINVAL >>> 0;
  const wanted = copyIn(task, address);
  const refused = -EINVAL >>> 0;
  if (wanted.entry >>> 0 >= LDT_ENTRIES) return refused;
  if (contentsOf(wanted) === CONFORMING_CODE && (isOld || !(wanted.flags & SEG_NOT_PRESENT))) return refused;
  const isEmpty = clears(wanted) || (isOld && wanted.base === 0 && wanted.limit === 0);
  const words = isEmpty ? [0, 0] : pack(isOld ? { ...wanted, flags: wanted.flags & ~USEABLE } : wanted);
  const { mm } = task;
  if (mm.ldt.length < (wanted.entry + 1) * 2) {
    const longer = new Int32Array((wanted.entry + 1) * 2);
    longer.set(mm.ldt);
    mm.ldt = longer;
  }
  mm.ldt.set(words, wanted.entry * 2);
  return 0;
}
