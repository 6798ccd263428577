// Mapping memory. See mmap(2), mprotect(2), mremap(2), brk(2).
import { when } from "../../abi/argument.js";
import {
  MAP_ANONYMOUS,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_SHARED,
  MAP_TYPE,
  mremapFlags,
  PROT_EXEC,
  PROT_READ,
  protectionFlags,
} from "../../abi/constants/memory.js";
import { fd } from "../../abi/descriptors.js";
import { EINVAL, ENOMEM, Errno } from "../../abi/errno.js";
import { mapFlags, movesTo } from "../../abi/mapping.js";
import { address, hexLong, long, longFlagsOf, unsignedLong } from "../../abi/scalars.js";
import { sharedZeroFile } from "../../kernel/fs/anonfs/anon-fs.js";
import { checkLockedGrowth, lockFlagsOf } from "../../kernel/mm/locks.js";
import { brk, mmap, munmap } from "../../kernel/mm/mmap.js";
import { mremap } from "../../kernel/mm/mremap.js";
import { mprotect } from "../../kernel/mm/protect.js";
import { remapFilePages } from "../../kernel/mm/seal.js";
import { VM_LOCKED } from "../../kernel/mm/vma.js";
import type { Task } from "../../kernel/task/task.js";
import type { File } from "../../kernel/vfs/file.js";
import { defineSyscall } from "../define.js";

const READ_IMPLIES_EXEC = 0x0400000;
const HUGE_SHIFT = 26; // MAP_HUGE_SHIFT
/** Logarithms of what pages there may be; 0 is the usual one. */
const HUGE_SIZES = [0, 21, 30];

/** No huge page has been set aside, and files of them there are none. */
function refuseHugePages(flags: number): never {
  const isKnown = HUGE_SIZES.includes((flags >>> HUGE_SHIFT) & 0x3f);
  throw new Errno(flags & MAP_ANONYMOUS && isKnown ? ENOMEM : EINVAL);
}

/** mmap(2). */
export function mapMemory(
  task: Task,
  addr: number,
  length: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  if (offset % 4096 !== 0) throw new Errno(EINVAL);
  if (flags & MAP_HUGETLB) refuseHugePages(flags);
  const runs = task.personality & READ_IMPLIES_EXEC && prot & PROT_READ ? PROT_EXEC : 0;
  const map = (file: File | undefined, from: number): number => {
    const also = file && file.mappable() === "secret" ? 0 : runs;
    const locks = length === 0 ? 0 : lockFlagsOf(task, flags, length);
    return mmap(task.mm, addr, length, prot | also, flags, file, from, task.compat, locks);
  };
  if (!(flags & MAP_ANONYMOUS)) return map(task.files.get(fd), offset);
  const isShared = (flags & MAP_TYPE) === MAP_SHARED;
  if (!isShared || flags & MAP_GROWSDOWN) return map(undefined, 0);
  const file = sharedZeroFile(task, length);
  try {
    return map(file, 0);
  } finally {
    file.put();
  }
}

export const mmapCall = defineSyscall({
  name: "mmap",
  nr: { x64: 9, x32: 9 },
  classes: ["desc", "memory"],
  args: {
    addr: address,
    length: unsignedLong,
    prot: longFlagsOf(protectionFlags),
    flags: mapFlags,
    fd,
    offset: hexLong,
  },
  returns: hexLong,
  run: (task, { addr, length, prot, flags, fd, offset }) => mapMemory(task, addr, length, prot, flags, fd, offset),
});

export const munmapCall = defineSyscall({
  name: "munmap",
  nr: { x64: 11, i386: 91, x32: 11 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong },
  returns: long,
  run: (task, { addr, length }) => munmap(task.mm, addr, length),
});

export const mprotectCall = defineSyscall({
  name: "mprotect",
  nr: { x64: 10, i386: 125, x32: 10 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, prot: longFlagsOf(protectionFlags) },
  returns: long,
  run: (task, { addr, length, prot }) =>
    mprotect(task.mm, addr, length, prot, -1, (task.personality & READ_IMPLIES_EXEC) !== 0),
});

export const mremapCall = defineSyscall({
  name: "mremap",
  nr: { x64: 25, i386: 163, x32: 25 },
  classes: ["memory"],
  args: {
    old_address: address,
    old_size: unsignedLong,
    new_size: unsignedLong,
    flags: longFlagsOf(mremapFlags),
    new_address: when(movesTo, address),
  },
  returns: hexLong,
  run: (task, { old_address, old_size, new_size, flags, new_address }) => {
    const area = task.mm.areas.find(old_address);
    if (area && area.flags & VM_LOCKED && new_size > old_size) checkLockedGrowth(task, new_size - old_size);
    return mremap(task.mm, old_address, old_size, new_size, flags, new_address);
  },
});

/** Where all that comes is locked, the break cannot go further than what may be. */
function moveBreak(task: Task, wanted: number): number {
  const { mm } = task;
  if (mm.locksFuture !== 0 && wanted > mm.brk) {
    try {
      checkLockedGrowth(task, wanted - mm.brk);
    } catch (error) {
      if (error instanceof Errno) return mm.brk;
      throw error;
    }
  }
  return brk(mm, wanted);
}

export const brkCall = defineSyscall({
  name: "brk",
  nr: { x64: 12, i386: 45, x32: 12 },
  classes: ["memory"],
  args: { addr: address },
  returns: hexLong,
  run: (task, { addr }) => moveBreak(task, addr),
});

export const remapFilePagesCall = defineSyscall({
  name: "remap_file_pages",
  nr: { x64: 216, i386: 257, x32: 216 },
  classes: ["memory"],
  args: { addr: address, size: unsignedLong, prot: longFlagsOf(protectionFlags), pgoff: unsignedLong, flags: mapFlags },
  returns: long,
  run: (task, { addr, size, prot, pgoff, flags }) => remapFilePages(task.mm, addr, size, prot, pgoff, flags),
});
