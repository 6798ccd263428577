// Modes and owners. See chmod(2), chown(2), umask(2).
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, atFlags } from "../../abi/constants/files.js";
import { fileAttrFlags } from "../../abi/constants/mounts.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { flagsOf, long, mode, octal, userId } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { chmod, chown, dentryAt, userDentryAt } from "../../kernel/vfs/attributes.js";
import { defineSyscall } from "../define.js";

export const chmodCall = defineSyscall({
  name: "chmod",
  nr: { x64: 90, i386: 15, x32: 90 },
  classes: ["file"],
  args: { pathname: path, mode },
  returns: long,
  run: (task, { pathname, mode }) => chmod(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)), mode),
});

export const fchmodCall = defineSyscall({
  name: "fchmod",
  nr: { x64: 91, i386: 94, x32: 91 },
  classes: ["desc"],
  args: { fd, mode },
  returns: long,
  run: (task, { fd, mode }) => chmod(task, task.files.get(fd).dentry, mode),
});

export const fchmodatCall = defineSyscall({
  name: "fchmodat",
  nr: { x64: 268, i386: 306, x32: 268 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode },
  returns: long,
  run: (task, { dirfd, pathname, mode }) => chmod(task, dentryAt(task, dirfd, task.copyInPath(pathname)), mode),
});

export const fchmodat2Call = defineSyscall({
  name: "fchmodat2",
  nr: { x64: 452, i386: 452, x32: 452 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode, flags: flagsOf(fileAttrFlags) },
  returns: long,
  run: (task, { dirfd, pathname, mode, flags }) => chmod(task, userDentryAt(task, dirfd, pathname, flags), mode),
});

export const chownCall = defineSyscall({
  name: "chown",
  nr: { x64: 92, x32: 92 },
  classes: ["file"],
  args: { pathname: path, owner: userId, group: userId },
  returns: long,
  run: (task, { pathname, owner, group }) =>
    chown(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)), owner, group),
});

export const fchownCall = defineSyscall({
  name: "fchown",
  nr: { x64: 93, x32: 93 },
  classes: ["desc"],
  args: { fd, owner: userId, group: userId },
  returns: long,
  run: (task, { fd, owner, group }) => chown(task, task.files.get(fd).dentry, owner, group),
});

export const lchownCall = defineSyscall({
  name: "lchown",
  nr: { x64: 94, x32: 94 },
  classes: ["file"],
  args: { pathname: path, owner: userId, group: userId },
  returns: long,
  run: (task, { pathname, owner, group }) =>
    chown(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname), AT_SYMLINK_NOFOLLOW), owner, group),
});

export const fchownatCall = defineSyscall({
  name: "fchownat",
  nr: { x64: 260, i386: 298, x32: 260 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, owner: userId, group: userId, flags: flagsOf(atFlags) },
  returns: long,
  run: (task, { dirfd, pathname, owner, group, flags }) =>
    chown(task, userDentryAt(task, dirfd, pathname, flags), owner, group),
});

export const umaskCall = defineSyscall({
  name: "umask",
  nr: { x64: 95, i386: 60, x32: 95 },
  classes: [],
  args: { mask: mode },
  returns: octal,
  run: (task, { mask }) => task.fs.changeUmask(mask),
});
