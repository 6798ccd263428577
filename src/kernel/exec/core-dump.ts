// The file a process leaves behind when a signal ends it: an ELF core with its registers and memory. fs/coredump.c, fs/binfmt_elf.c
import { AT_FDCWD, O_CREAT, O_LARGEFILE, O_NOFOLLOW, O_RDWR } from "../../abi/constants/files.js";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/constants/memory.js";
import {
  NT_AUXV,
  NT_FPREGSET,
  NT_PRPSINFO,
  NT_PRSTATUS,
  NT_X86_XSTATE,
  RLIMIT_CORE,
} from "../../abi/constants/processes.js";
import { Errno } from "../../abi/errno.js";
import { joinBytes } from "../../lib/bytes.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { readForced } from "../mm/forced-access.js";
import { bytesOf } from "../mm/user-access.js";
import type { Vma } from "../mm/vma.js";
import { getExtendedState, getRegisters, LEGACY_STATE_SIZE } from "../ptrace/user-registers.js";
import { divided, taskTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";
import { pathOf } from "../vfs/dentry.js";
import type { File } from "../vfs/file.js";
import { unlinkPath } from "../vfs/names.js";
import { openFile } from "../vfs/open.js";

const NAME = "core"; // kernel.core_pattern
const EHDR = 64;
const PHDR = 56;
const [ET_CORE, EM_X86_64, PT_NOTE, PT_LOAD] = [4, 62, 4, 1];
const [NT_FILE, NT_SIGINFO] = [0x46494c45, 0x53494749];
const PRSTATUS = 336;
const PRPSINFO = 136;
const REGISTERS = 112; // pr_reg
// coredump_filter's bits: MMF_DUMP_*
const [ANON_PRIVATE, ANON_SHARED, MAPPED_PRIVATE, MAPPED_SHARED, ELF_HEADERS] = [1, 2, 4, 8, 16];
const CHUNK = PAGE_SIZE;

/** do_coredump: writes the file. False when there is none. */
export function dumpCore(task: Task, signal: number, info: Uint8Array): boolean {
  const limit = task.signal.limits.soft(RLIMIT_CORE);
  if (limit < PAGE_SIZE || task.dumpable !== 1 || task.mm.is32Bit) return false;
  try {
    removeOld(task);
    const file = openFile(task, task.fs.cwd, NAME, O_CREAT | O_NOFOLLOW | O_RDWR | O_LARGEFILE, 0o600);
    try {
      const { inode } = file;
      if (!inode.isRegular || inode.stat().nlink !== 1 || inode.uid !== task.cred.fsuid) return false;
      inode.setSize(0);
      writeCore(task, file, limit, signal, info);
      return true;
    } finally {
      file.put();
    }
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

/** What has the name already is in the way. */
function removeOld(task: Task): void {
  try {
    unlinkPath(task, AT_FDCWD, NAME, 0);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

function writeCore(task: Task, file: File, limit: number, signal: number, info: Uint8Array): void {
  const { mm } = task;
  const areas = mm.areas.areas.map((area) => ({ area, size: dumpSize(task, area) }));
  const notes = joinBytes(notesOf(task, signal, info));
  const notesAt = EHDR + (areas.length + 1) * PHDR;
  let at = Math.ceil((notesAt + notes.length) / PAGE_SIZE) * PAGE_SIZE;
  const head = new Uint8Array(at);
  const view = new DataView(head.buffer);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_CORE, true);
  view.setUint16(18, EM_X86_64, true);
  view.setUint32(20, 1, true);
  view.setUint32(32, EHDR, true);
  view.setUint16(52, EHDR, true);
  view.setUint16(54, PHDR, true);
  view.setUint16(56, areas.length + 1, true);
  programHeader(view, EHDR, {
    type: PT_NOTE,
    flags: 0,
    offset: notesAt,
    address: 0,
    size: notes.length,
    length: 0,
    align: 4,
  });
  head.set(notes, notesAt);
  // What would go beyond the limit is left out, and all that comes after it.
  let isFull = false;
  const put = (position: number, bytes: Uint8Array): void => {
    isFull ||= position + bytes.length > limit;
    if (!isFull) file.inode.writeAt(position, bytes);
  };
  const places: number[] = [];
  areas.forEach(({ area, size }, index) => {
    const flags = (area.prot & PROT_READ ? 4 : 0) | (area.prot & PROT_WRITE ? 2 : 0) | (area.prot & PROT_EXEC ? 1 : 0);
    const length = area.end - area.start;
    const place = { type: PT_LOAD, flags, offset: at, address: area.start, size, length, align: PAGE_SIZE };
    programHeader(view, EHDR + (index + 1) * PHDR, place);
    places.push(at);
    at += size;
  });
  put(0, head.subarray(0, notesAt + notes.length));
  areas.forEach(({ area, size }, index) => {
    for (let done = 0; done < size && !isFull; done += CHUNK) {
      const length = Math.min(CHUNK, size - done);
      put(places[index] + done, readForced(mm, area.start + done, length));
    }
  });
  if (!isFull) file.inode.setSize(at);
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly length: number;
  readonly align: number;
}

function programHeader(view: DataView, at: number, { type, flags, ...rest }: Segment): void {
  view.setUint32(at, type, true);
  view.setUint32(at + 4, flags, true);
  const words = [rest.offset, rest.address, 0, rest.size, rest.length, rest.align];
  words.forEach((word, index) => {
    view.setBigUint64(at + 8 + index * 8, BigInt(word), true);
  });
}

/** vma_dump_size: all of an area, the first page of a program's file, or nothing. */
function dumpSize(task: Task, area: Vma): number {
  const { backing, start, end, offset, prot } = area;
  const wants = (bit: number): boolean => (task.signal.coreFilter & bit) !== 0;
  const { file, shared } = backing;
  const whole = end - start;
  if (shared) return wants(file && file.inode.stat().nlink > 0 ? MAPPED_SHARED : ANON_SHARED) ? whole : 0;
  if (file === undefined || prot & PROT_WRITE || area.accounted) return wants(ANON_PRIVATE) ? whole : 0;
  if (wants(MAPPED_PRIVATE)) return whole;
  const isElf = offset === 0 && wants(ELF_HEADERS) && readForced(task.mm, start, 4).join() === "127,69,76,70";
  return isElf ? PAGE_SIZE : 0;
}

function notesOf(task: Task, signal: number, info: Uint8Array): Uint8Array[] {
  const notes = [
    note(NT_PRSTATUS, status(task, signal)),
    note(NT_PRPSINFO, processInfo(task)),
    note(NT_SIGINFO, info),
    note(NT_AUXV, task.mm.auxv),
    note(NT_FILE, mappedFiles(task)),
    ...floatingPoint(task),
  ];
  for (const thread of task.signal.threads) {
    if (thread !== task) notes.push(note(NT_PRSTATUS, status(thread, signal)), ...floatingPoint(thread));
  }
  return notes;
}

function floatingPoint(task: Task): Uint8Array[] {
  const state = getExtendedState(task);
  return [note(NT_FPREGSET, state.subarray(0, LEGACY_STATE_SIZE)), note(NT_X86_XSTATE, state, "LINUX")];
}

function note(type: number, bytes: Uint8Array, owner = "CORE"): Uint8Array {
  const padded = (length: number): number => (length + 3) & ~3;
  const name = bytesOf(`${owner}\0`);
  const made = new Uint8Array(12 + padded(name.length) + padded(bytes.length));
  const view = new DataView(made.buffer);
  view.setUint32(0, name.length, true);
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, type, true);
  made.set(name, 12);
  made.set(bytes, 12 + padded(name.length));
  return made;
}

/** struct elf_prstatus. */
function status(task: Task, signal: number): Uint8Array {
  const bytes = new Uint8Array(PRSTATUS);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, signal, true);
  view.setInt16(12, signal, true);
  view.setUint32(16, task.pending.set.low, true);
  view.setUint32(20, task.pending.set.high, true);
  view.setUint32(24, task.blocked.low, true);
  view.setUint32(28, task.blocked.high, true);
  const ids = [task.ownPid, task.signal.parent?.ownTgid ?? 0, task.signal.pgrp, task.signal.session];
  ids.forEach((id, index) => {
    view.setInt32(32 + index * 4, id, true);
  });
  const { user, system } = divided(task, taskTime(task));
  [user, system, task.signal.childUserTime, task.signal.childSystemTime].forEach((time, index) => {
    view.setBigInt64(48 + index * 16, BigInt(Math.floor(time / 1e9)), true);
    view.setBigInt64(56 + index * 16, BigInt(Math.floor((time % 1e9) / 1000)), true);
  });
  bytes.set(getRegisters(task), REGISTERS);
  view.setInt32(PRSTATUS - 8, 1, true); // pr_fpvalid
  return bytes;
}

/** struct elf_prpsinfo. */
function processInfo(task: Task): Uint8Array {
  const bytes = new Uint8Array(PRPSINFO);
  const view = new DataView(bytes.buffer);
  bytes[1] = "R".charCodeAt(0);
  bytes[3] = task.nice;
  view.setUint32(16, task.cred.uid, true);
  view.setUint32(20, task.cred.gid, true);
  const ids = [task.ownPid, task.signal.parent?.ownTgid ?? 0, task.signal.pgrp, task.signal.session];
  ids.forEach((id, index) => {
    view.setInt32(24 + index * 4, id, true);
  });
  bytes.set(bytesOf(task.comm).subarray(0, 15), 40);
  const { argStart, argEnd } = task.mm;
  const command = readForced(task.mm, argStart, Math.min(argEnd - argStart, 79));
  bytes.set(
    command.map((byte) => byte || 0x20),
    56,
  );
  return bytes;
}

/** NT_FILE: how many, the size of a page, three words for each, and their names. */
function mappedFiles({ mm, fs }: Task): Uint8Array {
  const mapped = mm.areas.areas.filter(({ backing }) => backing.file);
  const words = [mapped.length, PAGE_SIZE];
  for (const { start, end, offset } of mapped) words.push(start, end, offset / PAGE_SIZE);
  const names = mapped.map(({ backing }) => `${pathOf((backing.file as File).dentry, fs.root)}\0`).join("");
  const table = new Uint8Array(BigUint64Array.from(words, BigInt).buffer);
  return joinBytes([table, bytesOf(names)]);
}
