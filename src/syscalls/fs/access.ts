// Checking permissions. See access(2).
import { AT_FDCWD, faccessatFlags } from "../../abi/constants/files.js";
import { dirFd } from "../../abi/descriptors.js";
import { accessMode } from "../../abi/files.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { accessAt } from "../../kernel/vfs/attributes.js";
import { defineSyscall } from "../define.js";

export const accessCall = defineSyscall({
  name: "access",
  nr: { x64: 21, i386: 33, x32: 21 },
  classes: ["file"],
  args: { pathname: path, mode: accessMode },
  returns: long,
  run: (task, { pathname, mode }) => accessAt(task, AT_FDCWD, pathname, mode),
});

export const faccessatCall = defineSyscall({
  name: "faccessat",
  nr: { x64: 269, i386: 307, x32: 269 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode: accessMode },
  returns: long,
  run: (task, { dirfd, pathname, mode }) => accessAt(task, dirfd, pathname, mode),
});

export const faccessat2Call = defineSyscall({
  name: "faccessat2",
  nr: { x64: 439, i386: 439, x32: 439 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode: accessMode, flags: flagsOf(faccessatFlags) },
  returns: long,
  run: (task, { dirfd, pathname, mode, flags }) => accessAt(task, dirfd, pathname, mode, flags),
});
