// File times. See utimensat(2), utime(2).
import { AT_FDCWD, atFlags } from "../../abi/constants/files.js";
import { dirFd } from "../../abi/descriptors.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { timePair, utimbufIn } from "../../abi/time.js";
import { utime, utimes } from "../../kernel/vfs/calls.js";
import { defineSyscall } from "../define.js";

export const utimeCall = defineSyscall({
  name: "utime",
  nr: { x64: 132, i386: 30, x32: 132 },
  classes: ["file"],
  args: { filename: path, times: utimbufIn },
  returns: long,
  run: (task, { filename, times }) => utime(task, filename, times),
});

export const utimesCall = defineSyscall({
  name: "utimes",
  nr: { x64: 235, i386: 271, x32: 235 },
  classes: ["file"],
  args: { pathname: path, times: timePair("timeval") },
  returns: long,
  run: (task, { pathname, times }) => utimes(task, AT_FDCWD, pathname, times, "timeval"),
});

export const futimesatCall = defineSyscall({
  name: "futimesat",
  nr: { x64: 261, i386: 299, x32: 261 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, times: timePair("timeval") },
  returns: long,
  run: (task, { dirfd, pathname, times }) => utimes(task, dirfd, pathname, times, "timeval"),
});

export const utimensatCall = defineSyscall({
  name: "utimensat",
  nr: { x64: 280, i386: 320, x32: 280 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, times: timePair("timespec"), flags: flagsOf(atFlags) },
  returns: long,
  run: (task, { dirfd, pathname, times, flags }) => utimes(task, dirfd, pathname, times, "timespec", flags),
});
