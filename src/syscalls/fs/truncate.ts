// File sizes and space. See truncate(2), fallocate(2), posix_fadvise(2).
import { fadviseAdvice, fallocateModes } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { flagsOf, length, long, offset, oneOf, unsignedLong } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { truncateFd, truncatePath } from "../../kernel/vfs/attributes.js";
import { fallocate } from "../../kernel/vfs/fallocate.js";
import { adviseFile } from "../../kernel/vfs/read-write.js";
import { defineSyscall } from "../define.js";

export const truncateCall = defineSyscall({
  name: "truncate",
  nr: { x64: 76, i386: 92, x32: 76 },
  classes: ["file"],
  args: { path, length },
  returns: long,
  run: (task, { path, length }) => truncatePath(task, path, length),
});

export const ftruncateCall = defineSyscall({
  name: "ftruncate",
  nr: { x64: 77, i386: 93, x32: 77 },
  classes: ["desc"],
  args: { fd, length },
  returns: long,
  run: (task, { fd, length }) => truncateFd(task, fd, length),
});

export const fallocateCall = defineSyscall({
  name: "fallocate",
  nr: { x64: 285, i386: 324, x32: 285 },
  classes: ["desc"],
  args: { fd, mode: flagsOf(fallocateModes), offset, len: offset },
  returns: long,
  run: (task, { fd, mode, offset, len }) => fallocate(task, fd, mode, offset, len),
});

export const fadvise64Call = defineSyscall({
  name: "fadvise64",
  nr: { x64: 221, i386: 250, x32: 221 },
  classes: ["desc"],
  args: { fd, offset, len: unsignedLong, advice: oneOf(fadviseAdvice) },
  returns: long,
  run: (task, { fd, len, advice }) => adviseFile(task, fd, len, advice),
});
