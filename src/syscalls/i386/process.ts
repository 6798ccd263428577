// Processes, memory and the system as i386 has them.
import { cloneChildTid, cloneFlags, cloneParentTid, threadDescriptor } from "../../abi/clone.js";
import { rlimitResources } from "../../abi/constants/processes.js";
import { pid } from "../../abi/descriptors.js";
import { ENOSYS, Errno } from "../../abi/errno.js";
import { address, hexLong, int, long, oneOf, pageOffset } from "../../abi/scalars.js";
import { waitOptions, waitStatusOut } from "../../abi/wait.js";
import { cloneArguments } from "../../kernel/task/clone-arguments.js";
import { clone } from "../../kernel/task/fork.js";
import { oldGetrlimit } from "../../kernel/task/limits.js";
import { renice } from "../../kernel/task/schedule-policy.js";
import { oldUname } from "../../kernel/task/system.js";
import { wait4 } from "../../kernel/task/wait-child.js";
import { defineSyscall, variantOf } from "../define.js";
import { mapMemory, mmapCall } from "../memory/mmap.js";
import { cloneCall } from "../process/clone.js";
import { getrlimitCall } from "../process/limits.js";

export const clone32Call = defineSyscall({
  name: "clone",
  nr: { i386: 120 },
  classes: cloneCall.classes,
  args: {
    flags: cloneFlags,
    child_stack: address,
    parent_tid: cloneParentTid,
    tls: threadDescriptor,
    child_tidptr: cloneChildTid,
  },
  returns: long,
  shown: ["child_stack", "flags", "parent_tid", "tls", "child_tidptr"],
  run: (task, { flags, child_stack, parent_tid, child_tidptr, tls }) =>
    clone(task, cloneArguments(flags, child_stack, parent_tid, child_tidptr, tls)),
  partial: "no namespaces",
});

export const waitpidCall = defineSyscall({
  name: "waitpid",
  nr: { i386: 7 },
  classes: ["process"],
  args: { pid, status: waitStatusOut, options: waitOptions },
  returns: long,
  run: (task, { pid, status, options }) => wait4(task, pid, status, options, 0),
});

export const niceCall = defineSyscall({
  name: "nice",
  nr: { i386: 34 },
  classes: [],
  args: { increment: int },
  returns: long,
  run: (task, { increment }) => renice(task, increment),
});

export const getrlimit32Call = variantOf(getrlimitCall, {
  name: "getrlimit",
  nr: { i386: 76 },
  run: (task, { resource, rlim }) => oldGetrlimit(task, resource, rlim),
});

export const ugetrlimitCall = defineSyscall({
  name: "ugetrlimit",
  nr: { i386: 191 },
  classes: [],
  args: { resource: oneOf(rlimitResources), rlim: getrlimitCall.args.rlim },
  returns: long,
  run: (task, args) => getrlimitCall.run?.(task, args),
});

export const oldoldunameCall = defineSyscall({
  name: "oldolduname",
  nr: { i386: 59 },
  classes: [],
  args: { buf: hexLong },
  returns: long,
  run: (task, { buf }) => oldUname(task, buf, true),
});

export const oldunameCall = defineSyscall({
  name: "olduname",
  nr: { i386: 109 },
  classes: [],
  args: { buf: hexLong },
  returns: long,
  run: (task, { buf }) => oldUname(task, buf, false),
});

const PAGE = 4096;
export const mmap2Call = variantOf(mmapCall, {
  name: "mmap2",
  nr: { i386: 192 },
  args: { ...mmapCall.args, offset: pageOffset },
  run: (task, { addr, length, prot, flags, fd, offset }) =>
    mapMemory(task, addr, length, prot, flags, fd, offset * PAGE),
});

/** Only a kernel of 32 bits has virtual 8086 mode. */
function noVirtual8086(): never {
  throw new Errno(ENOSYS);
}

export const vm86oldCall = defineSyscall({
  name: "vm86old",
  nr: { i386: 113 },
  classes: [],
  args: { v86: hexLong },
  returns: long,
  run: noVirtual8086,
});

export const vm86Call = defineSyscall({
  name: "vm86",
  nr: { i386: 166 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
  run: noVirtual8086,
});
