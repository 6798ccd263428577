// Waiting for signals. See sigsuspend(2), sigwaitinfo(2), pause(2), signalfd(2).
import { signalfdFlags } from "../../abi/constants/signals.js";
import { fd } from "../../abi/descriptors.js";
import { flagsOf, long, unsignedLong } from "../../abi/scalars.js";
import { siginfoOut, signalResult, signalSetIn } from "../../abi/signals.js";
import { timespecIn } from "../../abi/time.js";
import { signalfd } from "../../kernel/fs/anonfs/signal-fd.js";
import { pause, sigsuspend, sigtimedwait } from "../../kernel/signal/control.js";
import { defineSyscall } from "../define.js";

export const pauseCall = defineSyscall({
  name: "pause",
  nr: { x64: 34, i386: 29, x32: 34 },
  classes: ["signal"],
  args: {},
  returns: long,
  run: (task) => pause(task),
});

export const rtSigsuspendCall = defineSyscall({
  name: "rt_sigsuspend",
  nr: { x64: 130, i386: 179, x32: 130 },
  classes: ["signal"],
  args: { set: signalSetIn, sigsetsize: unsignedLong },
  returns: long,
  run: (task, { set, sigsetsize }) => sigsuspend(task, set, sigsetsize),
});

export const rtSigtimedwaitCall = defineSyscall({
  name: "rt_sigtimedwait",
  nr: { x64: 128, i386: 177, x32: 523 },
  classes: ["signal"],
  args: { set: signalSetIn, info: siginfoOut, timeout: timespecIn, sigsetsize: unsignedLong },
  returns: signalResult,
  run: (task, { set, info, timeout, sigsetsize }) => sigtimedwait(task, set, info, timeout, sigsetsize),
});

export const signalfdCall = defineSyscall({
  name: "signalfd",
  nr: { x64: 282, i386: 321, x32: 282 },
  classes: ["desc", "signal"],
  args: { fd, mask: signalSetIn, sizemask: unsignedLong },
  returns: fd,
  run: (task, { fd, mask, sizemask }) => signalfd(task, fd, mask, sizemask, 0),
});

export const signalfd4Call = defineSyscall({
  name: "signalfd4",
  nr: { x64: 289, i386: 327, x32: 289 },
  classes: ["desc", "signal"],
  args: { fd, mask: signalSetIn, sizemask: unsignedLong, flags: flagsOf(signalfdFlags) },
  returns: fd,
  run: (task, { fd, mask, sizemask, flags }) => signalfd(task, fd, mask, sizemask, flags),
});
