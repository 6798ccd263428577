// Closing and duplicating descriptors. See close(2), dup(2), close_range(2).
import { closeRangeFlags, openFlags as openFlagTable } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { flagsOf, long, unsignedInt } from "../../abi/scalars.js";
import { dup, dup2, dup3 } from "../../kernel/vfs/descriptors.js";
import { defineSyscall } from "../define.js";

export const closeCall = defineSyscall({
  name: "close",
  nr: { x64: 3, i386: 6, x32: 3 },
  classes: ["desc"],
  args: { fd },
  returns: long,
  run: (task, { fd }) => task.files.close(fd),
});

export const closeRangeCall = defineSyscall({
  name: "close_range",
  nr: { x64: 436, i386: 436, x32: 436 },
  classes: [],
  args: { first: unsignedInt, last: unsignedInt, flags: flagsOf(closeRangeFlags) },
  returns: long,
  run: (task, { first, last, flags }) => task.files.closeRange(first, last, flags),
});

export const dupCall = defineSyscall({
  name: "dup",
  nr: { x64: 32, i386: 41, x32: 32 },
  classes: ["desc"],
  args: { oldfd: fd },
  returns: fd,
  run: (task, { oldfd }) => dup(task, oldfd),
});

export const dup2Call = defineSyscall({
  name: "dup2",
  nr: { x64: 33, i386: 63, x32: 33 },
  classes: ["desc"],
  args: { oldfd: fd, newfd: fd },
  returns: fd,
  run: (task, { oldfd, newfd }) => dup2(task, oldfd, newfd),
});

export const dup3Call = defineSyscall({
  name: "dup3",
  nr: { x64: 292, i386: 330, x32: 292 },
  classes: ["desc"],
  args: { oldfd: fd, newfd: fd, flags: flagsOf(openFlagTable) },
  returns: fd,
  run: (task, { oldfd, newfd, flags }) => dup3(task, oldfd, newfd, flags),
});
