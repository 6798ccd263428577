// Opening and creating files. See open(2), openat2(2), creat(2).
import { when } from "../../abi/argument.js";
import {
  AT_FDCWD,
  memfdSecretFlags,
  nameToHandleFlags,
  O_CREAT,
  O_TRUNC,
  O_WRONLY,
} from "../../abi/constants/files.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { fileHandle } from "../../abi/file-handle.js";
import { createsFile, openFlags, openHowIn } from "../../abi/files.js";
import { memfdFlags } from "../../abi/mapping.js";
import { flagsOf, long, mode, unsignedLong } from "../../abi/scalars.js";
import { path, string } from "../../abi/strings.js";
import { s32, scalarOut } from "../../abi/struct.js";
import { memfdSecret } from "../../kernel/fs/anonfs/secret-file.js";
import { memfdCreate } from "../../kernel/vfs/calls.js";
import { nameToHandle, openByHandle } from "../../kernel/vfs/file-handle.js";
import { openAt } from "../../kernel/vfs/open.js";
import { openAt2 } from "../../kernel/vfs/openat2.js";
import { defineSyscall } from "../define.js";

export const openCall = defineSyscall({
  name: "open",
  nr: { x64: 2, i386: 5, x32: 2 },
  classes: ["desc", "file"],
  args: { pathname: path, flags: openFlags, mode: when(createsFile, mode) },
  returns: fd,
  run: (task, { pathname, flags, mode }) => openAt(task, AT_FDCWD, task.copyInPath(pathname), flags, mode),
});

export const openatCall = defineSyscall({
  name: "openat",
  nr: { x64: 257, i386: 295, x32: 257 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: openFlags, mode: when(createsFile, mode) },
  returns: fd,
  run: (task, { dirfd, pathname, flags, mode }) => openAt(task, dirfd, task.copyInPath(pathname), flags, mode),
});

export const openat2Call = defineSyscall({
  name: "openat2",
  nr: { x64: 437, i386: 437, x32: 437 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, how: openHowIn, size: unsignedLong },
  returns: fd,
  run: (task, { dirfd, pathname, how, size }) => openAt2(task, dirfd, pathname, how, size),
});

export const creatCall = defineSyscall({
  name: "creat",
  nr: { x64: 85, i386: 8, x32: 85 },
  classes: ["desc", "file"],
  args: { pathname: path, mode },
  returns: fd,
  run: (task, { pathname, mode }) =>
    openAt(task, AT_FDCWD, task.copyInPath(pathname), O_CREAT | O_WRONLY | O_TRUNC, mode),
});

export const nameToHandleAtCall = defineSyscall({
  name: "name_to_handle_at",
  nr: { x64: 303, i386: 341, x32: 303 },
  classes: ["desc", "file"],
  args: {
    dirfd: dirFd,
    pathname: path,
    handle: fileHandle(true),
    mount_id: scalarOut(s32()),
    flags: flagsOf(nameToHandleFlags),
  },
  returns: long,
  run: (task, { dirfd, pathname, handle, mount_id, flags }) =>
    nameToHandle(task, dirfd, pathname, handle, mount_id, flags),
});

export const openByHandleAtCall = defineSyscall({
  name: "open_by_handle_at",
  nr: { x64: 304, i386: 342, x32: 304 },
  classes: ["desc"],
  args: { mount_fd: fd, handle: fileHandle(false), flags: openFlags },
  returns: fd,
  run: (task, { mount_fd, handle, flags }) => openByHandle(task, mount_fd, handle, flags),
  partial: "only handles lately given out lead to files",
});

export const memfdCreateCall = defineSyscall({
  name: "memfd_create",
  nr: { x64: 319, i386: 356, x32: 319 },
  classes: ["desc"],
  args: { name: string, flags: memfdFlags },
  returns: fd,
  run: (task, { name, flags }) => memfdCreate(task, name, flags),
  partial: "no huge pages",
});

export const memfdSecretCall = defineSyscall({
  name: "memfd_secret",
  nr: { x64: 447, i386: 447, x32: 447 },
  classes: ["desc"],
  args: { flags: flagsOf(memfdSecretFlags) },
  returns: fd,
  run: (task, { flags }) => memfdSecret(task, flags),
});
