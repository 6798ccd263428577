// File status. See stat(2), statx(2).
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, atFlags, statxMask } from "../../abi/constants/files.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { statOut, statxFlags, statxOut } from "../../abi/stat.js";
import { path } from "../../abi/strings.js";
import { statAt, statFd, statx, writeStat } from "../../kernel/vfs/attributes.js";
import { defineSyscall } from "../define.js";

export const statCall = defineSyscall({
  name: "stat",
  nr: { x64: 4, i386: 106, x32: 4 },
  classes: ["file", "stat", "%stat"],
  args: { pathname: path, statbuf: statOut },
  returns: long,
  run: (task, { pathname, statbuf }) => writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, 0)),
});

export const fstatCall = defineSyscall({
  name: "fstat",
  nr: { x64: 5, i386: 108, x32: 5 },
  classes: ["desc", "fstat", "%stat"],
  args: { fd, statbuf: statOut },
  returns: long,
  run: (task, { fd, statbuf }) => writeStat(task, statbuf, statFd(task, fd)),
});

export const lstatCall = defineSyscall({
  name: "lstat",
  nr: { x64: 6, i386: 107, x32: 6 },
  classes: ["file", "lstat", "%stat"],
  args: { pathname: path, statbuf: statOut },
  returns: long,
  run: (task, { pathname, statbuf }) => writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, AT_SYMLINK_NOFOLLOW)),
});

export const newfstatatCall = defineSyscall({
  name: "newfstatat",
  nr: { x64: 262, x32: 262 },
  classes: ["desc", "file", "fstat", "%stat"],
  args: { dirfd: dirFd, pathname: path, statbuf: statOut, flags: flagsOf(atFlags) },
  returns: long,
  run: (task, { dirfd, pathname, statbuf, flags }) => writeStat(task, statbuf, statAt(task, dirfd, pathname, flags)),
});

export const statxCall = defineSyscall({
  name: "statx",
  nr: { x64: 332, i386: 383, x32: 332 },
  classes: ["desc", "file", "fstat", "%stat"],
  args: { dirfd: dirFd, pathname: path, flags: statxFlags, mask: flagsOf(statxMask), statxbuf: statxOut },
  returns: long,
  run: (task, { dirfd, pathname, flags, mask, statxbuf }) =>
    task.copyOut(statxbuf, statx(task, dirfd, pathname, flags, mask)),
});
