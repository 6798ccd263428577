// Other processes' memory. See process_vm_readv(2).
import { pid } from "../../abi/descriptors.js";
import { ioVector } from "../../abi/io-vector.js";
import { long, unsignedLong } from "../../abi/scalars.js";
import { processMemory } from "../../kernel/task/process-memory.js";
import { defineSyscall } from "../define.js";

export const processVmReadvCall = defineSyscall({
  name: "process_vm_readv",
  nr: { x64: 310, i386: 347, x32: 539 },
  classes: [],
  args: {
    pid,
    local_iov: ioVector("liovcnt", "out"),
    liovcnt: unsignedLong,
    remote_iov: ioVector("riovcnt", "addresses"),
    riovcnt: unsignedLong,
    flags: unsignedLong,
  },
  returns: long,
  run: (task, { pid, local_iov, liovcnt, remote_iov, riovcnt, flags }) =>
    processMemory(task, pid, local_iov, liovcnt, remote_iov, riovcnt, flags, false),
});

export const processVmWritevCall = defineSyscall({
  name: "process_vm_writev",
  nr: { x64: 311, i386: 348, x32: 540 },
  classes: [],
  args: {
    pid,
    local_iov: ioVector("liovcnt", "in"),
    liovcnt: unsignedLong,
    remote_iov: ioVector("riovcnt", "addresses"),
    riovcnt: unsignedLong,
    flags: unsignedLong,
  },
  returns: long,
  run: (task, { pid, local_iov, liovcnt, remote_iov, riovcnt, flags }) =>
    processMemory(task, pid, local_iov, liovcnt, remote_iov, riovcnt, flags, true),
});
