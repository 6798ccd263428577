// Directories. See mkdir(2), getdents(2), chdir(2), getcwd(2).
import { AT_FDCWD, AT_REMOVEDIR } from "../../abi/constants/files.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { currentDirectoryOut, directoryEntries } from "../../abi/directory-entries.js";
import { long, mode, unsignedInt, unsignedLong, wide } from "../../abi/scalars.js";
import { bytesOut, path } from "../../abi/strings.js";
import { getcwd } from "../../kernel/vfs/calls.js";
import { getdents } from "../../kernel/vfs/getdents.js";
import { changeDirectory, changeRoot, mkdirAt, unlinkAt } from "../../kernel/vfs/names.js";
import { walkPath } from "../../kernel/vfs/path-walk.js";
import { defineSyscall } from "../define.js";

export const mkdirCall = defineSyscall({
  name: "mkdir",
  nr: { x64: 83, i386: 39, x32: 83 },
  classes: ["file"],
  args: { pathname: path, mode },
  returns: long,
  run: (task, { pathname, mode }) => mkdirAt(task, AT_FDCWD, task.copyInPath(pathname), mode),
});

export const mkdiratCall = defineSyscall({
  name: "mkdirat",
  nr: { x64: 258, i386: 296, x32: 258 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode },
  returns: long,
  run: (task, { dirfd, pathname, mode }) => mkdirAt(task, dirfd, task.copyInPath(pathname), mode),
});

export const rmdirCall = defineSyscall({
  name: "rmdir",
  nr: { x64: 84, i386: 40, x32: 84 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => unlinkAt(task, AT_FDCWD, path, AT_REMOVEDIR),
});

export const chdirCall = defineSyscall({
  name: "chdir",
  nr: { x64: 80, i386: 12, x32: 80 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => changeDirectory(task, walkPath(task, task.fs.cwd, task.copyInPath(path))),
});

export const fchdirCall = defineSyscall({
  name: "fchdir",
  nr: { x64: 81, i386: 133, x32: 81 },
  classes: ["desc"],
  args: { fd },
  returns: long,
  run: (task, { fd }) => changeDirectory(task, task.files.getRaw(fd).dentry),
});

export const chrootCall = defineSyscall({
  name: "chroot",
  nr: { x64: 161, i386: 61, x32: 161 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => changeRoot(task, walkPath(task, task.fs.cwd, task.copyInPath(path))),
});

export const getcwdCall = defineSyscall({
  name: "getcwd",
  nr: { x64: 79, i386: 183, x32: 79 },
  classes: ["file"],
  args: { buf: currentDirectoryOut, size: unsignedLong },
  returns: long,
  run: (task, { buf, size }) => getcwd(task, buf, size),
});

export const getdentsCall = defineSyscall({
  name: "getdents",
  nr: { x64: 78, i386: 141, x32: 78 },
  classes: ["desc"],
  args: { fd, dirp: directoryEntries(false), count: unsignedInt },
  returns: long,
  run: (task, { fd, dirp, count }) => getdents(task, fd, dirp, count, true),
});

export const getdents64Call = defineSyscall({
  name: "getdents64",
  nr: { x64: 217, i386: 220, x32: 217 },
  classes: ["desc"],
  args: { fd, dirp: directoryEntries(true), count: unsignedInt },
  returns: long,
  run: (task, { fd, dirp, count }) => getdents(task, fd, dirp, count),
});

export const lookupDcookieCall = defineSyscall({
  name: "lookup_dcookie",
  nr: { x64: 212, i386: 253, x32: 212 },
  classes: [],
  args: { cookie: wide(unsignedLong), buffer: bytesOut, len: unsignedLong },
  returns: long,
});
