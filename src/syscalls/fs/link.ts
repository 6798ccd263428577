// Names: links, renames, removal. See link(2), symlink(2), rename(2), unlink(2), readlink(2).
import { AT_FDCWD, atFlags, renameFlags } from "../../abi/constants/files.js";
import { dirFd } from "../../abi/descriptors.js";
import { flagsOf, long, unsignedLong } from "../../abi/scalars.js";
import { bytesOut, path } from "../../abi/strings.js";
import { readlink } from "../../kernel/vfs/calls.js";
import { linkAt, renameAt, symlinkAt, unlinkAt } from "../../kernel/vfs/names.js";
import { defineSyscall } from "../define.js";

export const linkCall = defineSyscall({
  name: "link",
  nr: { x64: 86, i386: 9, x32: 86 },
  classes: ["file"],
  args: { oldpath: path, newpath: path },
  returns: long,
  run: (task, { oldpath, newpath }) => linkAt(task, AT_FDCWD, oldpath, AT_FDCWD, newpath, 0),
});

export const linkatCall = defineSyscall({
  name: "linkat",
  nr: { x64: 265, i386: 303, x32: 265 },
  classes: ["desc", "file"],
  args: { olddirfd: dirFd, oldpath: path, newdirfd: dirFd, newpath: path, flags: flagsOf(atFlags) },
  returns: long,
  run: (task, { olddirfd, oldpath, newdirfd, newpath, flags }) =>
    linkAt(task, olddirfd, oldpath, newdirfd, newpath, flags),
});

export const symlinkCall = defineSyscall({
  name: "symlink",
  nr: { x64: 88, i386: 83, x32: 88 },
  classes: ["file"],
  args: { oldpath: path, newpath: path },
  returns: long,
  run: (task, { oldpath, newpath }) => symlinkAt(task, task.copyInPath(oldpath), AT_FDCWD, task.copyInPath(newpath)),
});

export const symlinkatCall = defineSyscall({
  name: "symlinkat",
  nr: { x64: 266, i386: 304, x32: 266 },
  classes: ["desc", "file"],
  args: { target: path, newdirfd: dirFd, linkpath: path },
  returns: long,
  run: (task, { target, newdirfd, linkpath }) =>
    symlinkAt(task, task.copyInPath(target), newdirfd, task.copyInPath(linkpath)),
});

export const unlinkCall = defineSyscall({
  name: "unlink",
  nr: { x64: 87, i386: 10, x32: 87 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => unlinkAt(task, AT_FDCWD, path, 0),
});

export const unlinkatCall = defineSyscall({
  name: "unlinkat",
  nr: { x64: 263, i386: 301, x32: 263 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(atFlags) },
  returns: long,
  run: (task, { dirfd, pathname, flags }) => unlinkAt(task, dirfd, pathname, flags),
});

export const renameCall = defineSyscall({
  name: "rename",
  nr: { x64: 82, i386: 38, x32: 82 },
  classes: ["file"],
  args: { oldpath: path, newpath: path },
  returns: long,
  run: (task, { oldpath, newpath }) => renameAt(task, AT_FDCWD, oldpath, AT_FDCWD, newpath, 0),
});

export const renameatCall = defineSyscall({
  name: "renameat",
  nr: { x64: 264, i386: 302, x32: 264 },
  classes: ["desc", "file"],
  args: { olddirfd: dirFd, oldpath: path, newdirfd: dirFd, newpath: path },
  returns: long,
  run: (task, { olddirfd, oldpath, newdirfd, newpath }) => renameAt(task, olddirfd, oldpath, newdirfd, newpath, 0),
});

export const renameat2Call = defineSyscall({
  name: "renameat2",
  nr: { x64: 316, i386: 353, x32: 316 },
  classes: ["desc", "file"],
  args: { olddirfd: dirFd, oldpath: path, newdirfd: dirFd, newpath: path, flags: flagsOf(renameFlags) },
  returns: long,
  run: (task, { olddirfd, oldpath, newdirfd, newpath, flags }) =>
    renameAt(task, olddirfd, oldpath, newdirfd, newpath, flags),
});

export const readlinkCall = defineSyscall({
  name: "readlink",
  nr: { x64: 89, i386: 85, x32: 89 },
  classes: ["file"],
  args: { pathname: path, buf: bytesOut, bufsiz: unsignedLong },
  returns: long,
  run: (task, { pathname, buf, bufsiz }) => readlink(task, AT_FDCWD, pathname, buf, bufsiz),
});

export const readlinkatCall = defineSyscall({
  name: "readlinkat",
  nr: { x64: 267, i386: 305, x32: 267 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, buf: bytesOut, bufsiz: unsignedLong },
  returns: long,
  run: (task, { dirfd, pathname, buf, bufsiz }) => readlink(task, dirfd, pathname, buf, bufsiz),
});
