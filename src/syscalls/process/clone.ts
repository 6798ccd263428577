// Making processes. See clone(2), fork(2), unshare(2).

import { cloneArgsInOut, cloneChildTid, cloneFlags, cloneParentTid, cloneTls } from "../../abi/clone.js";
import { setnsFlags, unshareFlags } from "../../abi/constants/processes.js";
import { fd } from "../../abi/descriptors.js";
import { address, flagsOf, long, longFlagsOf, unsignedLong } from "../../abi/scalars.js";
import { clone3, cloneArguments, forkArguments, vforkArguments } from "../../kernel/task/clone-arguments.js";
import { clone } from "../../kernel/task/fork.js";
import { setns, unshare } from "../../kernel/task/unshare.js";
import { defineSyscall } from "../define.js";

export const cloneCall = defineSyscall({
  name: "clone",
  nr: { x64: 56, x32: 56 },
  classes: ["process"],
  args: {
    flags: cloneFlags,
    child_stack: address,
    parent_tid: cloneParentTid,
    child_tidptr: cloneChildTid,
    tls: cloneTls,
  },
  returns: long,
  shown: ["child_stack", "flags", "parent_tid", "tls", "child_tidptr"],
  run: (task, { flags, child_stack, parent_tid, child_tidptr, tls }) =>
    clone(task, cloneArguments(flags, child_stack, parent_tid, child_tidptr, tls)),
});

export const clone3Call = defineSyscall({
  name: "clone3",
  nr: { x64: 435, i386: 435, x32: 435 },
  classes: ["process"],
  args: { cl_args: cloneArgsInOut, size: unsignedLong },
  returns: long,
  run: (task, { cl_args, size }) => clone(task, clone3(task, cl_args, size)),
});

export const forkCall = defineSyscall({
  name: "fork",
  nr: { x64: 57, i386: 2, x32: 57 },
  classes: ["process"],
  args: {},
  returns: long,
  run: (task) => clone(task, forkArguments),
});

export const vforkCall = defineSyscall({
  name: "vfork",
  nr: { x64: 58, i386: 190, x32: 58 },
  classes: ["process"],
  args: {},
  returns: long,
  run: (task) => clone(task, vforkArguments),
});

export const unshareCall = defineSyscall({
  name: "unshare",
  nr: { x64: 272, i386: 310, x32: 272 },
  classes: [],
  args: { flags: longFlagsOf(unshareFlags) },
  returns: long,
  run: (task, { flags }) => unshare(task, flags),
});

export const setnsCall = defineSyscall({
  name: "setns",
  nr: { x64: 308, i386: 346, x32: 308 },
  classes: ["desc"],
  args: { fd, nstype: flagsOf(setnsFlags) },
  returns: long,
  run: (task, { fd, nstype }) => setns(task, fd, nstype),
});
