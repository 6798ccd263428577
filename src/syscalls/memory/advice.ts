// Advising the kernel about memory. See madvise(2), mincore(2), msync(2), mlock(2).
import { when } from "../../abi/argument.js";
import {
  MEMBARRIER_CMD_FLAG_CPU,
  MLOCK_ONFAULT,
  madviseAdvice,
  membarrierFlags,
  mlockallFlags,
  mlockFlags,
  msyncFlags,
  shadowStackFlags,
  userfaultfdFlags,
} from "../../abi/constants/memory.js";
import { fd } from "../../abi/descriptors.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import { ioVector } from "../../abi/io-vector.js";
import { membarrierCommand, pageVectorOut } from "../../abi/mapping.js";
import { address, flagsOf, hexInt, hexLong, int, long, oneOf, unsignedLong } from "../../abi/scalars.js";
import { mlock, mlockall, munlock, munlockall } from "../../kernel/mm/locks.js";
import { madvise, mincore, msync } from "../../kernel/mm/protect.js";
import { mseal } from "../../kernel/mm/seal.js";
import { userfaultfd } from "../../kernel/task/locked-calls.js";
import { processMadvise, releaseMemory } from "../../kernel/task/process-memory.js";
import { membarrier } from "../../kernel/task/system.js";
import { defineSyscall } from "../define.js";

export const madviseCall = defineSyscall({
  name: "madvise",
  nr: { x64: 28, i386: 219, x32: 28 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, advice: oneOf(madviseAdvice) },
  returns: long,
  run: (task, { addr, length, advice }) => madvise(task.mm, addr, length, advice),
});

export const processMadviseCall = defineSyscall({
  name: "process_madvise",
  nr: { x64: 440, i386: 440, x32: 440 },
  classes: ["desc"],
  args: { pidfd: fd, iovec: ioVector("n", "addresses"), n: unsignedLong, advice: oneOf(madviseAdvice), flags: hexInt },
  returns: long,
  run: (task, { pidfd, iovec, n, advice, flags }) => processMadvise(task, pidfd, iovec, n, advice, flags),
});

export const processMreleaseCall = defineSyscall({
  name: "process_mrelease",
  nr: { x64: 448, i386: 448, x32: 448 },
  classes: ["desc"],
  args: { pidfd: fd, flags: hexInt },
  returns: long,
  run: (task, { pidfd, flags }) => releaseMemory(task, pidfd, flags),
});

export const mincoreCall = defineSyscall({
  name: "mincore",
  nr: { x64: 27, i386: 218, x32: 27 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, vec: pageVectorOut },
  returns: long,
  run: (task, { addr, length, vec }) => task.copyOut(vec, mincore(task.mm, addr, length)),
});

export const msyncCall = defineSyscall({
  name: "msync",
  nr: { x64: 26, i386: 144, x32: 26 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, flags: flagsOf(msyncFlags) },
  returns: long,
  run: (task, { addr, length, flags }) => msync(task.mm, addr, length, flags),
});

export const mlockCall = defineSyscall({
  name: "mlock",
  nr: { x64: 149, i386: 150, x32: 149 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong },
  returns: long,
  run: (task, { addr, length }) => mlock(task, addr, length),
});

export const mlock2Call = defineSyscall({
  name: "mlock2",
  nr: { x64: 325, i386: 376, x32: 325 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, flags: flagsOf(mlockFlags) },
  returns: long,
  run: (task, { addr, length, flags }) => {
    if (flags & ~MLOCK_ONFAULT) throw new Errno(EINVAL);
    mlock(task, addr, length, flags !== 0);
  },
});

export const munlockCall = defineSyscall({
  name: "munlock",
  nr: { x64: 150, i386: 151, x32: 150 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong },
  returns: long,
  run: (task, { addr, length }) => munlock(task, addr, length),
});

export const mlockallCall = defineSyscall({
  name: "mlockall",
  nr: { x64: 151, i386: 152, x32: 151 },
  classes: ["memory"],
  args: { flags: flagsOf(mlockallFlags) },
  returns: long,
  run: (task, { flags }) => mlockall(task, flags),
});

export const munlockallCall = defineSyscall({
  name: "munlockall",
  nr: { x64: 152, i386: 153, x32: 152 },
  classes: ["memory"],
  args: {},
  returns: long,
  run: (task) => munlockall(task),
});

export const msealCall = defineSyscall({
  name: "mseal",
  nr: { x64: 462, i386: 462, x32: 462 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, flags: hexLong },
  returns: long,
  run: (task, { addr, length, flags }) => mseal(task.mm, addr, length, flags),
});

export const mapShadowStackCall = defineSyscall({
  name: "map_shadow_stack",
  nr: { x64: 453, i386: 453, x32: 453 },
  classes: ["memory"],
  args: { addr: address, len: unsignedLong, flags: flagsOf(shadowStackFlags) },
  returns: hexLong,
});

export const userfaultfdCall = defineSyscall({
  name: "userfaultfd",
  nr: { x64: 323, i386: 374, x32: 323 },
  classes: ["desc"],
  args: { flags: flagsOf(userfaultfdFlags) },
  returns: fd,
  run: (task, { flags }) => userfaultfd(task, flags),
  partial: "as where a sysctl forbids it",
});

export const membarrierCall = defineSyscall({
  name: "membarrier",
  nr: { x64: 324, i386: 375, x32: 324 },
  classes: [],
  args: {
    cmd: membarrierCommand,
    flags: flagsOf(membarrierFlags),
    cpu_id: when((c) => (c.low("flags") & MEMBARRIER_CMD_FLAG_CPU) !== 0, int),
  },
  returns: long,
  run: (task, { cmd, flags }) => membarrier(task, cmd, flags),
});
