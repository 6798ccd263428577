// Loading ELF: segments, interpreter, break and stack. fs/binfmt_elf.c: load_elf_binary
import { PATH_MAX } from "../../abi/constants/files.js";
import * as mman from "../../abi/constants/memory.js";
import { RLIMIT_STACK } from "../../abi/constants/processes.js";
import { EINVAL, EIO, ELIBBAD, ENOEXEC, ENOMEM, Errno } from "../../abi/errno.js";
import type { Abi } from "../../abi/struct.js";
import * as elf from "../../elf/elf-header.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { KernelConfig } from "../entry/boot.js";
import { type Mm, pageDown, pageUp, TASK_SIZE, TASK_SIZE_32 } from "../mm/mm.js";
import { anonymousBacking, mapAnonymous, mmap, unmappedArea, unmapRange } from "../mm/mmap.js";
import * as user from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import type { File } from "../vfs/file.js";
import type { Program } from "./exec.js";
import { buildStack, STACK_EXPAND } from "./stack-layout.js";
import { mapVdso } from "./vdso.js";

/** Two thirds of the address space: where a position-independent program with an interpreter goes. */
const ELF_ET_DYN_BASE = 0x555555554aaa;
/** The same for programs of 32 bits. */
const ELF_ET_DYN_BASE_32 = 0x56555000;
const MIN_STACK_GAP = 128 << 20;
const STACK_GUARD = 1 << 20;
const MAX_HEADERS_SIZE = 65536;

/** A file that has been looked at and found loadable. */
export interface ElfFile {
  readonly file: File;
  readonly header: elf.ElfHeader;
  readonly programHeaders: readonly elf.ProgramHeader[];
}

export interface PreparedElf extends ElfFile {
  readonly interpreter: ElfFile | undefined;
}

/** Everything that can fail while the old program is still there. */
export function prepareElf(
  file: File,
  head: Uint8Array,
  open: (path: string) => File,
  config: KernelConfig,
): PreparedElf {
  const main = readElf(file, head, ENOEXEC);
  const kind = kindOf(main.header);
  if ((kind === "i386" && !config.ia32) || (kind === "x32" && !config.x32)) throw new Errno(ENOEXEC);
  const interp = main.programHeaders.find(({ type }) => type === elf.PT_INTERP);
  if (interp === undefined) return { ...main, interpreter: undefined };
  const size = Number(interp.fileSize);
  if (size > PATH_MAX || size < 2) throw new Errno(ENOEXEC);
  const bytes = new Uint8Array(size);
  if (file.inode.readAt(Number(interp.offset), bytes) < size) throw new Errno(EIO);
  if (bytes[size - 1] !== 0) throw new Errno(ENOEXEC);
  const path = user.byteString(bytes.subarray(0, bytes.indexOf(0)));
  const interpreter = open(path);
  try {
    const start = new Uint8Array(elf.EHDR_SIZE);
    if (interpreter.inode.readAt(0, start) < elf.EHDR_SIZE) throw new Errno(EIO);
    const read = readElf(interpreter, start, ELIBBAD);
    if (kindOf(read.header) !== kind) throw new Errno(ELIBBAD);
    return { ...main, interpreter: read };
  } catch (error) {
    interpreter.put();
    throw error;
  }
}

/** Whose calls a program makes; those of x32 are in files of 32 bits, for all that their code is of 64. */
function kindOf({ machine, elfClass }: elf.ElfHeader): Abi | undefined {
  if (elfClass === elf.ELFCLASS64) return machine === elf.EM_X86_64 ? "x86_64" : undefined;
  if (machine === elf.EM_X86_64) return "x32";
  return machine === elf.EM_386 ? "i386" : undefined;
}

function readElf(file: File, head: Uint8Array, wrong: number): ElfFile {
  const header = elf.readElfHeader(head);
  if (header === undefined) throw new Errno(wrong);
  const isProgram = header.type === elf.ET_EXEC || header.type === elf.ET_DYN;
  const entrySize = elf.phdrSize(header.elfClass);
  if (!isProgram || kindOf(header) === undefined) throw new Errno(wrong);
  if (file.mappable() !== "file") throw new Errno(wrong);
  const size = header.programCount * entrySize;
  if (header.programEntrySize !== entrySize || size === 0 || size > MAX_HEADERS_SIZE) throw new Errno(wrong);
  const table = new Uint8Array(size);
  const offset = Number(header.programOffset);
  if (offset > Number.MAX_SAFE_INTEGER || file.inode.readAt(offset, table) < size) throw new Errno(wrong);
  return { file, header, programHeaders: elf.readProgramHeaders(table, header.programCount, header.elfClass) };
}

export interface Start {
  readonly entry: number;
  readonly stackPointer: number;
}

/** Fills the new address space. Throws when a segment cannot be had; the old program is gone by then. */
export function loadElf(task: Task, program: Program, prepared: PreparedElf): Start {
  const { mm } = task;
  const random = task.kernel.randomized;
  const kind = kindOf(prepared.header);
  if (kind !== "x86_64") {
    mm.is32Bit = true;
    mm.isX32 = kind === "x32";
    mm.taskSize = TASK_SIZE_32;
  }
  const stackTop = mm.taskSize - (random ? random.below(mm.is32Bit ? 0x800 : 0x2000) * PAGE_SIZE : 0);
  mm.mmapCompatBase = mmapBase(task, TASK_SIZE_32);
  mm.mmapBase = mm.is32Bit ? mm.mmapCompatBase : mmapBase(task, TASK_SIZE);

  const bias = biasOf(task, prepared);
  const image = mapSegments(mm, prepared, bias);
  placeBreak(task, prepared, image);
  let entry = Number(prepared.header.entry) + bias;
  let base = 0;
  if (prepared.interpreter) {
    base = interpreterBias(mm, prepared.interpreter);
    mapSegments(mm, prepared.interpreter, base);
    entry = Number(prepared.interpreter.header.entry) + base;
  }
  const stackFlags = prepared.programHeaders.find(({ type }) => type === elf.PT_GNU_STACK)?.flags;
  const executable = stackFlags !== undefined && (stackFlags & elf.PF_X) !== 0;
  const prot = mman.PROT_READ | mman.PROT_WRITE | (executable ? mman.PROT_EXEC : 0);
  mapAnonymous(mm, stackTop - STACK_EXPAND, stackTop, prot, { ...anonymousBacking, growsDown: true, label: "[stack]" });
  const headers = headersAddress(prepared, bias);
  const vdso = mm.isX32 ? 0 : mapVdso(task); // there is no image for x32, as with vdso=0
  const stackPointer = buildStack(task, program, stackTop, {
    headers,
    headerCount: prepared.header.programCount,
    headerSize: elf.phdrSize(prepared.header.elfClass),
    base,
    vdso,
    entry: Number(prepared.header.entry) + bias,
  });
  if (entry >= mm.taskSize) throw new Errno(EINVAL);
  return { entry, stackPointer };
}

/** mmap_base: below the room the stack may take in an address space of that size. */
function mmapBase(task: Task, size: number): number {
  const random = task.kernel.randomized;
  const room = task.signal.limits.soft(RLIMIT_STACK) + STACK_GUARD;
  const gap = Math.max(Math.min(room, Math.floor(size / 6) * 5), MIN_STACK_GAP);
  const shift = random ? random.below(size === TASK_SIZE ? 0x8000 : 0x100) * PAGE_SIZE : 0;
  return pageDown(size - gap - shift);
}

/** Where a position-independent program goes: with an interpreter at a place of its own, without one among the mappings. */
function biasOf(task: Task, { header, programHeaders, interpreter }: PreparedElf): number {
  if (header.type === elf.ET_EXEC) return 0;
  const first = programHeaders.find(({ type }) => type === elf.PT_LOAD);
  if (first === undefined) return 0;
  const start = pageDown(Number(first.address));
  if (interpreter === undefined) return unmappedArea(task.mm, 0, totalSize(programHeaders)) - start;
  const { randomized } = task.kernel;
  const random = randomized ? randomized.below(task.mm.is32Bit ? 0x100 : 0x8000) * PAGE_SIZE : 0;
  return alignDown(dynBase(task.mm) + random, largestAlignment(programHeaders)) - start;
}

const dynBase = ({ is32Bit }: Mm): number => (is32Bit ? ELF_ET_DYN_BASE_32 : ELF_ET_DYN_BASE);

function interpreterBias(mm: Mm, { header, programHeaders }: ElfFile): number {
  const first = programHeaders.find(({ type }) => type === elf.PT_LOAD);
  if (header.type === elf.ET_EXEC || first === undefined) return 0;
  return unmappedArea(mm, 0, totalSize(programHeaders)) - pageDown(Number(first.address));
}

function largestAlignment(headers: readonly elf.ProgramHeader[]): number {
  let largest = PAGE_SIZE;
  for (const { type, align } of headers) {
    const isPower = align > 0n && (align & (align - 1n)) === 0n;
    if (type === elf.PT_LOAD && isPower && align < 0x1_0000_0000n) largest = Math.max(largest, Number(align));
  }
  return largest;
}

function alignDown(value: number, to: number): number {
  return value - (value % to);
}

function totalSize(headers: readonly elf.ProgramHeader[]): number {
  const loads = headers.filter(({ type }) => type === elf.PT_LOAD);
  if (loads.length === 0) throw new Errno(EINVAL);
  let end = 0n;
  let start = -1n;
  for (const { address, memorySize } of loads) {
    if (start < 0n || address < start) start = address;
    if (address + memorySize > end) end = address + memorySize;
  }
  const size = end - BigInt(pageDown(Number(start)));
  if (size <= 0n || size > BigInt(TASK_SIZE)) throw new Errno(ENOMEM);
  return pageUp(Number(size));
}

interface Image {
  end: number;
  /** End of the last segment in memory: the break begins there. */
  brk: number;
}

function mapSegments(mm: Mm, { file, programHeaders, header }: ElfFile, bias: number): Image {
  const image: Image = { end: 0, brk: 0 };
  let first = true;
  for (const segment of programHeaders) {
    if (segment.type !== elf.PT_LOAD) continue;
    mapSegment(mm, file, segment, bias, first && header.type === elf.ET_DYN);
    first = false;
    const start = Number(segment.address) + bias;
    const fileEnd = start + Number(segment.fileSize);
    if (mm.startCode === 0 || start < mm.startCode) mm.startCode = start;
    if (start > mm.startData) mm.startData = start;
    if (segment.flags & elf.PF_X && mm.endCode < fileEnd) mm.endCode = fileEnd;
    if (mm.endData < fileEnd) mm.endData = fileEnd;
    image.brk = Math.max(image.brk, start + Number(segment.memorySize));
  }
  image.end = image.brk;
  return image;
}

/** elf_load: the part from the file, then zeros. */
function mapSegment(mm: Mm, file: File, segment: elf.ProgramHeader, bias: number, mayNotReplace: boolean): void {
  const { fileSize, memorySize, offset } = segment;
  const limit = BigInt(mm.taskSize);
  if (memorySize > limit || segment.address > limit - memorySize) throw new Errno(ENOMEM);
  if (fileSize > memorySize) throw new Errno(EINVAL);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER) - limit) throw new Errno(EINVAL);
  const address = Number(segment.address) + bias;
  const inPage = address % PAGE_SIZE;
  const start = address - inPage;
  const prot =
    (segment.flags & elf.PF_R ? mman.PROT_READ : 0) |
    (segment.flags & elf.PF_W ? mman.PROT_WRITE : 0) |
    (segment.flags & elf.PF_X ? mman.PROT_EXEC : 0);
  const fileEnd = address + Number(fileSize);
  const memoryEnd = address + Number(memorySize);
  if (fileSize > 0n) {
    if (Number(offset) % PAGE_SIZE !== inPage) throw new Errno(EINVAL);
    const fixed = mayNotReplace ? mman.MAP_FIXED_NOREPLACE : mman.MAP_FIXED;
    mmap(mm, start, fileEnd - start, prot, mman.MAP_PRIVATE | fixed, file, Number(offset) - inPage);
    if (memorySize > fileSize && prot & mman.PROT_WRITE) {
      // A segment that ends inside its last page: what the file has behind it is not part of it.
      user.clearUser(mm, fileEnd, Math.min(pageUp(fileEnd), pageUp(memoryEnd)) - fileEnd);
    }
  }
  const zeroStart = fileSize > 0n ? pageUp(fileEnd) : start;
  const zeroEnd = pageUp(memoryEnd);
  if (zeroEnd <= zeroStart) return;
  mm.checkLimits(zeroEnd - zeroStart, true);
  mm.checkOvercommit(zeroEnd - zeroStart);
  unmapRange(mm, zeroStart, zeroEnd);
  mapAnonymous(mm, zeroStart, zeroEnd, prot);
}

function placeBreak(task: Task, { header, interpreter }: PreparedElf, image: Image): void {
  const { mm } = task;
  const random = task.kernel.randomized;
  // A static position-independent program sits among the mappings: its break goes where programs usually are.
  const start = header.type === elf.ET_DYN && interpreter === undefined ? dynBase(mm) : image.brk;
  mm.startBrk = pageUp(start) + (random ? random.below(0x2000) * PAGE_SIZE : 0);
  mm.brk = mm.startBrk;
}

/** AT_PHDR: where the program headers are in memory. */
function headersAddress({ header, programHeaders }: ElfFile, bias: number): number {
  for (const { type, offset, fileSize, address } of programHeaders) {
    if (type !== elf.PT_LOAD) continue;
    if (offset <= header.programOffset && header.programOffset < offset + fileSize) {
      return Number(header.programOffset - offset + address) + bias;
    }
  }
  return 0;
}
