// Watching files. See inotify(7), fanotify(7).
import { fanotifyFlags, markedDirectory } from "../../abi/administration.js";
import { fanotifyMarkFlags, fanotifyMask, inotifyInitFlags, inotifyMask } from "../../abi/constants/events.js";
import { fd } from "../../abi/descriptors.js";
import { openFlags } from "../../abi/files.js";
import { flagsOf, int, long, longFlagsOf, wide } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { fanotifyInit, fanotifyMark } from "../../kernel/notify/fanotify.js";
import { inotifyAddWatch, inotifyInit, inotifyRmWatch } from "../../kernel/notify/inotify.js";
import { defineSyscall } from "../define.js";

export const inotifyInitCall = defineSyscall({
  name: "inotify_init",
  nr: { x64: 253, i386: 291, x32: 253 },
  classes: ["desc"],
  args: {},
  returns: fd,
  run: (task) => inotifyInit(task, 0),
});

export const inotifyInit1Call = defineSyscall({
  name: "inotify_init1",
  nr: { x64: 294, i386: 332, x32: 294 },
  classes: ["desc"],
  args: { flags: flagsOf(inotifyInitFlags) },
  returns: fd,
  run: (task, { flags }) => inotifyInit(task, flags),
});

export const inotifyAddWatchCall = defineSyscall({
  name: "inotify_add_watch",
  nr: { x64: 254, i386: 292, x32: 254 },
  classes: ["desc", "file"],
  args: { fd, pathname: path, mask: flagsOf(inotifyMask) },
  returns: long,
  run: (task, { fd, pathname, mask }) => inotifyAddWatch(task, fd, pathname, mask),
});

export const inotifyRmWatchCall = defineSyscall({
  name: "inotify_rm_watch",
  nr: { x64: 255, i386: 293, x32: 255 },
  classes: ["desc"],
  args: { fd, wd: int },
  returns: long,
  run: (task, { fd, wd }) => inotifyRmWatch(task, fd, wd),
});

export const fanotifyInitCall = defineSyscall({
  name: "fanotify_init",
  nr: { x64: 300, i386: 338, x32: 300 },
  classes: ["desc"],
  args: { flags: fanotifyFlags, event_f_flags: openFlags },
  returns: fd,
  run: (task, { flags, event_f_flags }) => fanotifyInit(task, flags, event_f_flags),
  partial: "no groups that report mounts",
});

export const fanotifyMarkCall = defineSyscall({
  name: "fanotify_mark",
  nr: { x64: 301, i386: 339, x32: 301 },
  classes: ["desc", "file"],
  args: {
    fanotify_fd: fd,
    flags: flagsOf(fanotifyMarkFlags),
    mask: wide(longFlagsOf(fanotifyMask)),
    dirfd: markedDirectory,
    pathname: path,
  },
  returns: long,
  run: (task, { fanotify_fd, flags, mask, dirfd, pathname }) =>
    fanotifyMark(task, fanotify_fd, flags, mask, dirfd, pathname),
  partial: "no FAN_PRE_ACCESS, no marks on namespaces of mounts",
});
