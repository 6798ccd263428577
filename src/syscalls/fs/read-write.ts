// Reading and writing. See read(2), pread(2), readv(2).
import { rwfFlags } from "../../abi/constants/files.js";
import { fd } from "../../abi/descriptors.js";
import { whence } from "../../abi/files.js";
import { highOffset, ioVector } from "../../abi/io-vector.js";
import { flagsOf, long, offset, unsignedLong } from "../../abi/scalars.js";
import { bytesIn, bytesOut } from "../../abi/strings.js";
import {
  pread,
  pwrite,
  read,
  readAhead,
  readv,
  seek,
  vectorWithFlags,
  write,
  writev,
} from "../../kernel/vfs/read-write.js";
import { defineSyscall } from "../define.js";

export const readCall = defineSyscall({
  name: "read",
  nr: { x64: 0, i386: 3, x32: 0 },
  classes: ["desc"],
  args: { fd, buf: bytesOut, count: unsignedLong },
  returns: long,
  run: (task, { fd, buf, count }) => read(task, fd, buf, count),
});

export const writeCall = defineSyscall({
  name: "write",
  nr: { x64: 1, i386: 4, x32: 1 },
  classes: ["desc"],
  args: { fd, buf: bytesIn("count"), count: unsignedLong },
  returns: long,
  run: (task, { fd, buf, count }) => write(task, fd, buf, count),
});

export const pread64Call = defineSyscall({
  name: "pread64",
  nr: { x64: 17, i386: 180, x32: 17 },
  classes: ["desc"],
  args: { fd, buf: bytesOut, count: unsignedLong, offset },
  returns: long,
  run: (task, { fd, buf, count, offset }) => pread(task, fd, buf, count, offset),
});

export const pwrite64Call = defineSyscall({
  name: "pwrite64",
  nr: { x64: 18, i386: 181, x32: 18 },
  classes: ["desc"],
  args: { fd, buf: bytesIn("count"), count: unsignedLong, offset },
  returns: long,
  run: (task, { fd, buf, count, offset }) => pwrite(task, fd, buf, count, offset),
});

export const readvCall = defineSyscall({
  name: "readv",
  nr: { x64: 19, i386: 145, x32: 515 },
  classes: ["desc"],
  args: { fd, iov: ioVector("iovcnt", "out"), iovcnt: unsignedLong },
  returns: long,
  run: (task, { fd, iov, iovcnt }) => readv(task, fd, iov, iovcnt),
});

export const writevCall = defineSyscall({
  name: "writev",
  nr: { x64: 20, i386: 146, x32: 516 },
  classes: ["desc"],
  args: { fd, iov: ioVector("iovcnt", "in"), iovcnt: unsignedLong },
  returns: long,
  run: (task, { fd, iov, iovcnt }) => writev(task, fd, iov, iovcnt),
});

export const preadvCall = defineSyscall({
  name: "preadv",
  nr: { x64: 295, i386: 333, x32: 534 },
  classes: ["desc"],
  args: { fd, iov: ioVector("iovcnt", "out"), iovcnt: unsignedLong, offset },
  returns: long,
  run: (task, { fd, iov, iovcnt, offset }) => readv(task, fd, iov, iovcnt, offset),
});

export const pwritevCall = defineSyscall({
  name: "pwritev",
  nr: { x64: 296, i386: 334, x32: 535 },
  classes: ["desc"],
  args: { fd, iov: ioVector("iovcnt", "in"), iovcnt: unsignedLong, offset },
  returns: long,
  run: (task, { fd, iov, iovcnt, offset }) => writev(task, fd, iov, iovcnt, offset),
});

export const preadv2Call = defineSyscall({
  name: "preadv2",
  nr: { x64: 327, i386: 378 },
  classes: ["desc"],
  args: {
    fd,
    iov: ioVector("iovcnt", "out"),
    iovcnt: unsignedLong,
    offset,
    pos_h: highOffset,
    flags: flagsOf(rwfFlags),
  },
  returns: long,
  run: (task, { fd, iov, iovcnt, offset, flags }) => vectorWithFlags(task, fd, iov, iovcnt, offset, flags, false),
});

export const pwritev2Call = defineSyscall({
  name: "pwritev2",
  nr: { x64: 328, i386: 379 },
  classes: ["desc"],
  args: {
    fd,
    iov: ioVector("iovcnt", "in"),
    iovcnt: unsignedLong,
    offset,
    pos_h: highOffset,
    flags: flagsOf(rwfFlags),
  },
  returns: long,
  run: (task, { fd, iov, iovcnt, offset, flags }) => vectorWithFlags(task, fd, iov, iovcnt, offset, flags, true),
});

/** x32 has no room for a high half: the flags come at once. */
const x32Vector = (contents: "in" | "out") => ({
  fd,
  iov: ioVector("iovcnt", contents),
  iovcnt: unsignedLong,
  offset,
  flags: flagsOf(rwfFlags),
});

export const preadv2X32Call = defineSyscall({
  name: "preadv2",
  nr: { x32: 546 },
  classes: ["desc"],
  args: x32Vector("out"),
  returns: long,
  run: (task, { fd, iov, iovcnt, offset, flags }) => vectorWithFlags(task, fd, iov, iovcnt, offset, flags, false),
});

export const pwritev2X32Call = defineSyscall({
  name: "pwritev2",
  nr: { x32: 547 },
  classes: ["desc"],
  args: x32Vector("in"),
  returns: long,
  run: (task, { fd, iov, iovcnt, offset, flags }) => vectorWithFlags(task, fd, iov, iovcnt, offset, flags, true),
});

export const lseekCall = defineSyscall({
  name: "lseek",
  nr: { x64: 8, i386: 19, x32: 8 },
  classes: ["desc"],
  args: { fd, offset: long, whence },
  returns: long,
  run: (task, { fd, offset, whence }) => seek(task, fd, offset, whence),
});

export const readaheadCall = defineSyscall({
  name: "readahead",
  nr: { x64: 187, i386: 225, x32: 187 },
  classes: ["desc"],
  args: { fd, offset, count: unsignedLong },
  returns: long,
  run: (task, { fd }) => readAhead(task, fd),
});
