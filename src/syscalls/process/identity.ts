// Process ids and sessions. See getpid(2), setpgid(2), setsid(2).
import { kcmpTypes, pidfdFlags } from "../../abi/constants/processes.js";
import { fd, pid } from "../../abi/descriptors.js";
import { kcmpIndex } from "../../abi/processes.js";
import { address, flagsOf, hexInt, long, oneOf } from "../../abi/scalars.js";
import { pidfdGetfd, pidfdOpen } from "../../kernel/fs/anonfs/pid-fd.js";
import { getGroupOf, getParent, getSessionOf, newSession, setGroupOf } from "../../kernel/task/identity.js";
import { kcmp } from "../../kernel/task/process-memory.js";
import { defineSyscall } from "../define.js";

export const getpidCall = defineSyscall({
  name: "getpid",
  nr: { x64: 39, i386: 20, x32: 39 },
  classes: ["pure"],
  args: {},
  returns: pid,
  run: (task) => task.ownTgid,
});

export const getppidCall = defineSyscall({
  name: "getppid",
  nr: { x64: 110, i386: 64, x32: 110 },
  classes: ["pure"],
  args: {},
  returns: pid,
  run: (task) => getParent(task),
});

export const gettidCall = defineSyscall({
  name: "gettid",
  nr: { x64: 186, i386: 224, x32: 186 },
  classes: ["pure"],
  args: {},
  returns: pid,
  run: (task) => task.ownPid,
});

export const getpgidCall = defineSyscall({
  name: "getpgid",
  nr: { x64: 121, i386: 132, x32: 121 },
  classes: [],
  args: { pid },
  returns: pid,
  run: (task, { pid }) => getGroupOf(task, pid),
});

export const getpgrpCall = defineSyscall({
  name: "getpgrp",
  nr: { x64: 111, i386: 65, x32: 111 },
  classes: ["pure"],
  args: {},
  returns: pid,
  run: (task) => task.pidNamespace.inside(task.signal.pgrp),
});

export const setpgidCall = defineSyscall({
  name: "setpgid",
  nr: { x64: 109, i386: 57, x32: 109 },
  classes: [],
  args: { pid, pgid: pid },
  returns: long,
  run: (task, { pid, pgid }) => setGroupOf(task, pid, pgid),
});

export const getsidCall = defineSyscall({
  name: "getsid",
  nr: { x64: 124, i386: 147, x32: 124 },
  classes: [],
  args: { pid },
  returns: pid,
  run: (task, { pid }) => getSessionOf(task, pid),
});

export const setsidCall = defineSyscall({
  name: "setsid",
  nr: { x64: 112, i386: 66, x32: 112 },
  classes: [],
  args: {},
  returns: pid,
  run: (task) => newSession(task),
});

export const setTidAddressCall = defineSyscall({
  name: "set_tid_address",
  nr: { x64: 218, i386: 258, x32: 218 },
  classes: [],
  args: { tidptr: address },
  returns: pid,
  run: (task, { tidptr }) => {
    task.clearChildTid = tidptr;
    return task.ownPid;
  },
});

export const pidfdOpenCall = defineSyscall({
  name: "pidfd_open",
  nr: { x64: 434, i386: 434, x32: 434 },
  classes: ["desc"],
  args: { pid, flags: flagsOf(pidfdFlags) },
  returns: fd,
  run: (task, { pid, flags }) => pidfdOpen(task, pid, flags),
});

export const pidfdGetfdCall = defineSyscall({
  name: "pidfd_getfd",
  nr: { x64: 438, i386: 438, x32: 438 },
  classes: ["desc"],
  args: { pidfd: fd, targetfd: fd, flags: hexInt },
  returns: fd,
  run: (task, { pidfd, targetfd, flags }) => pidfdGetfd(task, pidfd, targetfd, flags),
});

export const kcmpCall = defineSyscall({
  name: "kcmp",
  nr: { x64: 312, i386: 349, x32: 312 },
  classes: [],
  args: { pid1: pid, pid2: pid, type: oneOf(kcmpTypes), idx1: kcmpIndex, idx2: kcmpIndex },
  returns: long,
  run: (task, { pid1, pid2, type, idx1, idx2 }) => kcmp(task, pid1, pid2, type, idx1, idx2),
});
