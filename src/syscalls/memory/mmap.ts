// Mapping memory. See mmap(2), mprotect(2), mremap(2), brk(2).
import { when } from "../../abi/argument.js";
import {
  MAP_ANONYMOUS,
  MAP_GROWSDOWN,
  MAP_SHARED,
  MAP_TYPE,
  mremapFlags,
  protectionFlags,
} from "../../abi/constants/memory.js";
import { fd } from "../../abi/descriptors.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import { mapFlags, movesTo } from "../../abi/mapping.js";
import { address, hexLong, long, longFlagsOf, unsignedLong } from "../../abi/scalars.js";
import { sharedZeroFile } from "../../kernel/fs/anonfs/anon-fs.js";
import { brk, mmap, munmap } from "../../kernel/mm/mmap.js";
import { mremap } from "../../kernel/mm/mremap.js";
import { mprotect } from "../../kernel/mm/protect.js";
import { remapFilePages } from "../../kernel/mm/seal.js";
import type { Task } from "../../kernel/task/task.js";
import type { File } from "../../kernel/vfs/file.js";
import { defineSyscall } from "../define.js";

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
  const map = (file: File | undefined, from: number): number =>
    mmap(task.mm, addr, length, prot, flags, file, from, task.compat);
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
  run: (task, { addr, length, prot }) => mprotect(task.mm, addr, length, prot),
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
  run: (task, { old_address, old_size, new_size, flags, new_address }) =>
    mremap(task.mm, old_address, old_size, new_size, flags, new_address),
});

export const brkCall = defineSyscall({
  name: "brk",
  nr: { x64: 12, i386: 45, x32: 12 },
  classes: ["memory"],
  args: { addr: address },
  returns: hexLong,
  run: (task, { addr }) => brk(task.mm, addr),
});

export const remapFilePagesCall = defineSyscall({
  name: "remap_file_pages",
  nr: { x64: 216, i386: 257, x32: 216 },
  classes: ["memory"],
  args: { addr: address, size: unsignedLong, prot: longFlagsOf(protectionFlags), pgoff: unsignedLong, flags: mapFlags },
  returns: long,
  run: (task, { addr, size, prot, pgoff, flags }) => remapFilePages(task.mm, addr, size, prot, pgoff, flags),
});
