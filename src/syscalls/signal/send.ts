// Sending signals. See kill(2), tkill(2), rt_sigqueueinfo(2), pidfd_send_signal(2).
import { pidfdSignalFlags } from "../../abi/constants/signals.js";
import { fd, pid } from "../../abi/descriptors.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { siginfoIn, signalNumber } from "../../abi/signals.js";
import { pidfdSendSignal } from "../../kernel/fs/anonfs/pid-fd.js";
import { kill, killThread, queueInfo } from "../../kernel/signal/control.js";
import { defineSyscall } from "../define.js";

export const killCall = defineSyscall({
  name: "kill",
  nr: { x64: 62, i386: 37, x32: 62 },
  classes: ["process", "signal"],
  args: { pid, signum: signalNumber },
  returns: long,
  run: (task, { pid, signum }) => kill(task, pid, signum),
});

export const tkillCall = defineSyscall({
  name: "tkill",
  nr: { x64: 200, i386: 238, x32: 200 },
  classes: ["process", "signal"],
  args: { tid: pid, signum: signalNumber },
  returns: long,
  run: (task, { tid, signum }) => killThread(task, undefined, tid, signum),
});

export const tgkillCall = defineSyscall({
  name: "tgkill",
  nr: { x64: 234, i386: 270, x32: 234 },
  classes: ["process", "signal"],
  args: { tgid: pid, tid: pid, signum: signalNumber },
  returns: long,
  run: (task, { tgid, tid, signum }) => killThread(task, tgid, tid, signum),
});

export const rtSigqueueinfoCall = defineSyscall({
  name: "rt_sigqueueinfo",
  nr: { x64: 129, i386: 178, x32: 524 },
  classes: ["process", "signal"],
  args: { tgid: pid, signum: signalNumber, info: siginfoIn },
  returns: long,
  run: (task, { tgid, signum, info }) => queueInfo(task, tgid, undefined, signum, info),
});

export const rtTgsigqueueinfoCall = defineSyscall({
  name: "rt_tgsigqueueinfo",
  nr: { x64: 297, i386: 335, x32: 536 },
  classes: ["process", "signal"],
  args: { tgid: pid, tid: pid, signum: signalNumber, info: siginfoIn },
  returns: long,
  run: (task, { tgid, tid, signum, info }) => queueInfo(task, tgid, tid, signum, info),
});

export const pidfdSendSignalCall = defineSyscall({
  name: "pidfd_send_signal",
  nr: { x64: 424, i386: 424, x32: 424 },
  classes: ["desc", "process", "signal"],
  args: { pidfd: fd, signum: signalNumber, info: siginfoIn, flags: flagsOf(pidfdSignalFlags) },
  returns: long,
  run: (task, { pidfd, signum, info, flags }) => pidfdSendSignal(task, pidfd, signum, info, flags),
});
