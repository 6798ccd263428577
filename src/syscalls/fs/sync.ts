// Writing caches back. See sync(2), fsync(2), sync_file_range(2), cachestat(2).
import { syncFileRangeFlags } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { flagsOf, hexInt, long, offset } from "../../abi/scalars.js";
import { cachestat, cachestatRange } from "../../abi/stat.js";
import { structIn, structOut } from "../../abi/struct.js";
import { cacheStatistics } from "../../kernel/vfs/cachestat.js";
import { sync, syncRange } from "../../kernel/vfs/descriptors.js";
import { defineSyscall } from "../define.js";

export const syncCall = defineSyscall({
  name: "sync",
  nr: { x64: 162, i386: 36, x32: 162 },
  classes: [],
  args: {},
  returns: long,
  run: () => 0,
});

export const syncfsCall = defineSyscall({
  name: "syncfs",
  nr: { x64: 306, i386: 344, x32: 306 },
  classes: ["desc"],
  args: { fd },
  returns: long,
  run: (task, { fd }) => void task.files.get(fd),
});

export const fsyncCall = defineSyscall({
  name: "fsync",
  nr: { x64: 74, i386: 118, x32: 74 },
  classes: ["desc"],
  args: { fd },
  returns: long,
  run: (task, { fd }) => sync(task, fd),
});

export const fdatasyncCall = defineSyscall({
  name: "fdatasync",
  nr: { x64: 75, i386: 148, x32: 75 },
  classes: ["desc"],
  args: { fd },
  returns: long,
  run: (task, { fd }) => sync(task, fd),
});

export const syncFileRangeCall = defineSyscall({
  name: "sync_file_range",
  nr: { x64: 277, i386: 314, x32: 277 },
  classes: ["desc"],
  args: { fd, offset, nbytes: offset, flags: flagsOf(syncFileRangeFlags) },
  returns: long,
  run: (task, { fd, offset, nbytes, flags }) => syncRange(task, fd, offset, nbytes, flags),
});

export const cachestatCall = defineSyscall({
  name: "cachestat",
  nr: { x64: 451, i386: 451, x32: 451 },
  classes: ["desc"],
  args: { fd, cstat_range: structIn(cachestatRange), cstat: structOut(cachestat), flags: hexInt },
  returns: long,
  run: (task, { fd, cstat_range, cstat, flags }) => cacheStatistics(task, fd, cstat_range, cstat, flags),
});
