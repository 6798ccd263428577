// Descriptor control. See fcntl(2), flock(2).
import { flockOperations } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { fcntlArgument, fcntlCommand, fcntlResult } from "../../abi/fcntl.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { control } from "../../kernel/vfs/fcntl.js";
import { flock } from "../../kernel/vfs/file-locks.js";
import { defineSyscall } from "../define.js";

export const fcntlCall = defineSyscall({
  name: "fcntl",
  nr: { x64: 72, x32: 72 },
  classes: ["desc"],
  args: { fd, op: fcntlCommand, arg: fcntlArgument },
  returns: fcntlResult,
  run: (task, { fd, op, arg }) => control(task, fd, op, arg),
});

export const flockCall = defineSyscall({
  name: "flock",
  nr: { x64: 73, i386: 143, x32: 73 },
  classes: ["desc"],
  args: { fd, op: flagsOf(flockOperations) },
  returns: long,
  run: (task, { fd, op }) => flock(task, fd, op),
});
