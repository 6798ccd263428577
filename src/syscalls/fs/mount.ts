// Mounting. See mount(2), umount(2), pivot_root(2), fsopen(2), mount_setattr(2).
import {
  fileSystemType,
  fsconfigKey,
  fsconfigNumber,
  fsconfigValue,
  listmountRequest,
  mountAttrIn,
  mountData,
  mountFlags,
  statmountRequest,
} from "../../abi/administration.js";
import { onReturn } from "../../abi/argument.js";
import {
  fsconfigCommands,
  fsmountAttributes,
  fsmountFlags,
  fsopenFlags,
  fspickFlags,
  listmountFlags,
  mountSetattrFlags,
  moveMountFlags,
  openTreeFlags,
  statmountFlags,
  umountFlags,
} from "../../abi/constants/mounts.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { address, flagsOf, long, oneOf, unsignedLong } from "../../abi/scalars.js";
import { path, string } from "../../abi/strings.js";
import {
  fsconfig,
  fsmount,
  fsopen,
  fspick,
  moveMount,
  openTree,
  setMountAttributes,
} from "../../kernel/vfs/mount-files.js";
import { mount, pivotRoot, umount } from "../../kernel/vfs/mounts.js";
import { listmount, statmount } from "../../kernel/vfs/statmount.js";
import { defineSyscall } from "../define.js";

export const mountCall = defineSyscall({
  name: "mount",
  nr: { x64: 165, i386: 21, x32: 165 },
  classes: ["file"],
  args: { source: path, target: path, filesystemtype: fileSystemType, mountflags: mountFlags, data: mountData },
  returns: long,
  run: (task, { source, target, filesystemtype, mountflags, data }) =>
    mount(task, source, target, filesystemtype, mountflags, data),
  partial: "tmpfs, ramfs, proc, devtmpfs, devpts, overlay and what is there; no mapped ids",
});

export const umount2Call = defineSyscall({
  name: "umount2",
  nr: { x64: 166, i386: 52, x32: 166 },
  classes: ["file"],
  args: { target: path, flags: flagsOf(umountFlags) },
  returns: long,
  run: (task, { target, flags }) => umount(task, target, flags),
});

export const pivotRootCall = defineSyscall({
  name: "pivot_root",
  nr: { x64: 155, i386: 217, x32: 155 },
  classes: ["file"],
  args: { oldpath: path, newpath: path },
  returns: long,
  run: (task, { oldpath, newpath }) => pivotRoot(task, oldpath, newpath),
});

export const openTreeCall = defineSyscall({
  name: "open_tree",
  nr: { x64: 428, i386: 428, x32: 428 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(openTreeFlags) },
  returns: fd,
  run: (task, { dirfd, pathname, flags }) => openTree(task, dirfd, pathname, flags),
});

export const openTreeAttrCall = defineSyscall({
  name: "open_tree_attr",
  nr: { x64: 467, i386: 467, x32: 467 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(openTreeFlags), attr: mountAttrIn, size: unsignedLong },
  returns: fd,
});

export const moveMountCall = defineSyscall({
  name: "move_mount",
  nr: { x64: 429, i386: 429, x32: 429 },
  classes: ["desc", "file"],
  args: { from_dfd: dirFd, from_pathname: path, to_dfd: dirFd, to_pathname: path, flags: flagsOf(moveMountFlags) },
  returns: long,
  run: (task, { from_dfd, from_pathname, to_dfd, to_pathname, flags }) =>
    moveMount(task, from_dfd, from_pathname, to_dfd, to_pathname, flags),
});

export const fsopenCall = defineSyscall({
  name: "fsopen",
  nr: { x64: 430, i386: 430, x32: 430 },
  classes: ["desc"],
  args: { fsname: string, flags: flagsOf(fsopenFlags) },
  returns: fd,
  run: (task, { fsname, flags }) => fsopen(task, fsname, flags),
});

export const fsconfigCall = defineSyscall({
  name: "fsconfig",
  nr: { x64: 431, i386: 431, x32: 431 },
  classes: ["desc", "file"],
  args: { fd, cmd: oneOf(fsconfigCommands), key: fsconfigKey, value: fsconfigValue, aux: fsconfigNumber },
  returns: long,
  run: (task, { fd, cmd, key, value, aux }) => fsconfig(task, fd, cmd, key, value, aux),
});

export const fsmountCall = defineSyscall({
  name: "fsmount",
  nr: { x64: 432, i386: 432, x32: 432 },
  classes: ["desc"],
  args: { fd, flags: flagsOf(fsmountFlags), attr_flags: flagsOf(fsmountAttributes) },
  returns: fd,
  run: (task, { fd, flags, attr_flags }) => fsmount(task, fd, flags, attr_flags),
});

export const fspickCall = defineSyscall({
  name: "fspick",
  nr: { x64: 433, i386: 433, x32: 433 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(fspickFlags) },
  returns: fd,
  run: (task, { dirfd, pathname, flags }) => fspick(task, dirfd, pathname, flags),
});

export const mountSetattrCall = defineSyscall({
  name: "mount_setattr",
  nr: { x64: 442, i386: 442, x32: 442 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(mountSetattrFlags), attr: mountAttrIn, size: unsignedLong },
  returns: long,
  run: (task, { dirfd, pathname, flags, attr, size }) => setMountAttributes(task, dirfd, pathname, flags, attr, size),
});

export const statmountCall = defineSyscall({
  name: "statmount",
  nr: { x64: 457, i386: 457, x32: 457 },
  classes: [],
  args: { req: statmountRequest, buf: onReturn(address), bufsize: unsignedLong, flags: flagsOf(statmountFlags) },
  returns: long,
  run: (task, { req, buf, bufsize, flags }) => statmount(task, req, buf, bufsize, flags),
});

export const listmountCall = defineSyscall({
  name: "listmount",
  nr: { x64: 458, i386: 458, x32: 458 },
  classes: [],
  args: { req: listmountRequest, mnt_ids: onReturn(address), nr_mnt_ids: unsignedLong, flags: flagsOf(listmountFlags) },
  returns: long,
  run: (task, { req, mnt_ids, nr_mnt_ids, flags }) => listmount(task, req, mnt_ids, nr_mnt_ids, flags),
});
