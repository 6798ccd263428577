// Moving data between descriptors. See splice(2), sendfile(2), copy_file_range(2).
import { spliceFlags } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { ioVector, offsetIn, offsetInOut } from "../../abi/io-vector.js";
import { flagsOf, long, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { copyFileRange, sendfile } from "../../kernel/vfs/read-write.js";
import { splice, tee, vmsplice } from "../../kernel/vfs/splice.js";
import { defineSyscall } from "../define.js";

export const spliceCall = defineSyscall({
  name: "splice",
  nr: { x64: 275, i386: 313, x32: 275 },
  classes: ["desc"],
  args: { fd_in: fd, off_in: offsetIn, fd_out: fd, off_out: offsetIn, len: unsignedLong, flags: flagsOf(spliceFlags) },
  returns: long,
  run: (task, { fd_in, off_in, fd_out, off_out, len, flags }) =>
    splice(task, fd_in, off_in, fd_out, off_out, len, flags),
});

export const teeCall = defineSyscall({
  name: "tee",
  nr: { x64: 276, i386: 315, x32: 276 },
  classes: ["desc"],
  args: { fd_in: fd, fd_out: fd, len: unsignedLong, flags: flagsOf(spliceFlags) },
  returns: long,
  run: (task, { fd_in, fd_out, len, flags }) => tee(task, fd_in, fd_out, len, flags),
});

export const vmspliceCall = defineSyscall({
  name: "vmsplice",
  nr: { x64: 278, i386: 316, x32: 532 },
  classes: ["desc"],
  args: { fd, iov: ioVector("nr_segs", "in"), nr_segs: unsignedLong, flags: flagsOf(spliceFlags) },
  returns: long,
  run: (task, { fd, iov, nr_segs, flags }) => vmsplice(task, fd, iov, nr_segs, flags),
});

export const sendfileCall = defineSyscall({
  name: "sendfile",
  nr: { x64: 40, i386: 187, x32: 40 },
  classes: ["desc", "net"],
  args: { out_fd: fd, in_fd: fd, offset: offsetInOut, count: unsignedLong },
  returns: long,
  run: (task, { out_fd, in_fd, offset, count }) => sendfile(task, out_fd, in_fd, offset, count),
});

export const copyFileRangeCall = defineSyscall({
  name: "copy_file_range",
  nr: { x64: 326, i386: 377, x32: 326 },
  classes: ["desc"],
  args: { fd_in: fd, off_in: offsetIn, fd_out: fd, off_out: offsetIn, len: unsignedLong, flags: unsignedInt },
  returns: long,
  run: (task, { fd_in, off_in, fd_out, off_out, len, flags }) =>
    copyFileRange(task, fd_in, off_in, fd_out, off_out, len, flags),
});
