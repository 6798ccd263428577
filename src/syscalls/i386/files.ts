// Files: i386's older and wider forms of stat, statfs, fcntl, truncate and the like.
import { when } from "../../abi/argument.js";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { oldDirectoryEntry } from "../../abi/directory-entries.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import { fcntl64Argument, fcntl64Result } from "../../abi/fcntl.js";
import { whence } from "../../abi/files.js";
import { wideOffsetInOut } from "../../abi/io-vector.js";
import { hexLong, long, offset, unsignedInt, unsignedLong, wide } from "../../abi/scalars.js";
import { oldStatOut, stat64Out, statfs64, statfs64Out } from "../../abi/stat.js";
import { path } from "../../abi/strings.js";
import { scalarOut, u64 } from "../../abi/struct.js";
import { statAt, statFd, writeStat, writeStatfs } from "../../kernel/vfs/attributes.js";
import { control64 } from "../../kernel/vfs/fcntl.js";
import { readdirOld } from "../../kernel/vfs/getdents.js";
import { umount } from "../../kernel/vfs/mounts.js";
import { walkPath } from "../../kernel/vfs/path-walk.js";
import { llseek, sendfile } from "../../kernel/vfs/read-write.js";
import { defineSyscall, variantOf } from "../define.js";
import { fcntlCall } from "../fs/fcntl.js";
import { sendfileCall } from "../fs/splice.js";
import { fstatCall, lstatCall, newfstatatCall, statCall } from "../fs/stat.js";
import { fstatfsCall, statfsCall } from "../fs/statfs.js";
import { fadvise64Call, ftruncateCall, truncateCall } from "../fs/truncate.js";

const pathArgs = (statbuf: typeof stat64Out) => ({ pathname: path, statbuf });

export const stat64Call = variantOf(statCall, {
  name: "stat64",
  nr: { i386: 195 },
  args: pathArgs(stat64Out),
  run: (task, { pathname, statbuf }) => writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, 0), "64"),
});
export const lstat64Call = variantOf(lstatCall, {
  name: "lstat64",
  nr: { i386: 196 },
  args: pathArgs(stat64Out),
  run: (task, { pathname, statbuf }) =>
    writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, AT_SYMLINK_NOFOLLOW), "64"),
});
export const fstat64Call = variantOf(fstatCall, {
  name: "fstat64",
  nr: { i386: 197 },
  args: { fd, statbuf: stat64Out },
  run: (task, { fd, statbuf }) => writeStat(task, statbuf, statFd(task, fd), "64"),
});
export const fstatat64Call = variantOf(newfstatatCall, {
  name: "fstatat64",
  nr: { i386: 300 },
  args: { ...newfstatatCall.args, statbuf: stat64Out },
  run: (task, { dirfd, pathname, statbuf, flags }) =>
    writeStat(task, statbuf, statAt(task, dirfd, pathname, flags), "64"),
});
export const oldstatCall = variantOf(statCall, {
  name: "oldstat",
  nr: { i386: 18 },
  args: pathArgs(oldStatOut),
  run: (task, { pathname, statbuf }) => writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, 0), "old"),
});
export const oldlstatCall = variantOf(lstatCall, {
  name: "oldlstat",
  nr: { i386: 84 },
  args: pathArgs(oldStatOut),
  run: (task, { pathname, statbuf }) =>
    writeStat(task, statbuf, statAt(task, AT_FDCWD, pathname, AT_SYMLINK_NOFOLLOW), "old"),
});
export const oldfstatCall = variantOf(fstatCall, {
  name: "oldfstat",
  nr: { i386: 28 },
  args: { fd, statbuf: oldStatOut },
  run: (task, { fd, statbuf }) => writeStat(task, statbuf, statFd(task, fd), "old"),
});

const STATFS64_SIZES: readonly number[] = [84, 88];
function checkSize(size: number): void {
  if (!STATFS64_SIZES.includes(size)) throw new Errno(EINVAL);
}

export const statfs64Call = defineSyscall({
  name: "statfs64",
  nr: { i386: 268 },
  classes: statfsCall.classes,
  args: { pathname: path, sz: unsignedLong, buf: statfs64Out },
  returns: long,
  run: (task, { pathname, sz, buf }) => {
    checkSize(sz);
    const dentry = walkPath(task, task.fs.cwd, task.copyInPath(pathname));
    writeStatfs(task, buf, dentry, statfs64);
  },
});
export const fstatfs64Call = defineSyscall({
  name: "fstatfs64",
  nr: { i386: 269 },
  classes: fstatfsCall.classes,
  args: { fd, sz: unsignedLong, buf: statfs64Out },
  returns: long,
  run: (task, { fd, sz, buf }) => {
    checkSize(sz);
    writeStatfs(task, buf, task.files.getRaw(fd).dentry, statfs64);
  },
});

export const fcntl32Call = variantOf(fcntlCall, {
  name: "fcntl",
  nr: { i386: 55 },
  run: (task, { fd, op, arg }) => control64(task, fd, op, arg),
});
export const fcntl64Call = variantOf(fcntl32Call, {
  name: "fcntl64",
  nr: { i386: 221 },
  args: { ...fcntlCall.args, arg: fcntl64Argument },
  returns: fcntl64Result,
});

/** Sizes of 64 bits, in two registers. */
const size = wide({ ...unsignedLong, receive: long.receive });
export const truncate64Call = variantOf(truncateCall, {
  name: "truncate64",
  nr: { i386: 193 },
  args: { path, length: size },
});
export const ftruncate64Call = variantOf(ftruncateCall, {
  name: "ftruncate64",
  nr: { i386: 194 },
  args: { fd, length: size },
});
export const fadvise6464Call = variantOf(fadvise64Call, {
  name: "fadvise64_64",
  nr: { i386: 272 },
  args: { ...fadvise64Call.args, offset, len: offset },
});

const SEEK_HIGH = 2 ** 32;
export const llseekCall = defineSyscall({
  name: "_llseek",
  nr: { i386: 140 },
  classes: ["desc"],
  args: {
    fd,
    offset_high: { receive: (low) => low | 0, show: (c, low) => long.show(c, c.low("offset_low"), low) },
    offset_low: { ...unsignedInt, present: () => false },
    result: scalarOut(u64()),
    whence,
  },
  returns: long,
  run: (task, { fd, offset_high, offset_low, result, whence }) =>
    llseek(task, fd, offset_high * SEEK_HIGH + offset_low, result, whence),
});

export const sendfile64Call = variantOf(sendfileCall, {
  name: "sendfile64",
  nr: { i386: 239 },
  args: { ...sendfileCall.args, offset: wideOffsetInOut },
  run: (task, { out_fd, in_fd, offset, count }) => sendfile(task, out_fd, in_fd, offset, count, true),
});

export const umountCall = defineSyscall({
  name: "umount",
  nr: { i386: 22 },
  classes: ["file"],
  args: { target: path },
  returns: long,
  run: (task, { target }) => umount(task, target, 0),
  partial: "nothing can be mounted, by root either",
});

export const readdirCall = defineSyscall({
  name: "readdir",
  nr: { i386: 89 },
  classes: ["desc"],
  args: { fd, dirp: oldDirectoryEntry, count: when((c) => c.low("count") !== 1, unsignedInt) },
  returns: long,
  run: (task, { fd, dirp }) => readdirOld(task, fd, dirp),
});

export const bdflushCall = defineSyscall({
  name: "bdflush",
  nr: { i386: 134 },
  classes: [],
  args: { func: hexLong, data: hexLong },
  returns: long,
});
