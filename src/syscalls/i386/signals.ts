// The signal calls i386 had before there were more than 32 signals.
import { sigprocmaskHow } from "../../abi/constants/signals.js";
import { int, long, oneOf } from "../../abi/scalars.js";
import {
  handler,
  handlerResult,
  maskResult,
  oldSigactionIn,
  oldSigactionOut,
  oldSignalFrame,
  oldSignalSet,
  oldSignalSetIn,
  oldSignalSetOut,
  signalNumber,
} from "../../abi/signals.js";
import * as old from "../../kernel/signal/old-calls.js";
import { rtSigreturn32, sigreturn32 } from "../../kernel/signal/signal-frame-32.js";
import { defineSyscall, variantOf } from "../define.js";
import { rtSigreturnCall } from "../signal/handle.js";

export const signalCall = defineSyscall({
  name: "signal",
  nr: { i386: 48 },
  classes: ["signal"],
  args: { signum: signalNumber, handler },
  returns: handlerResult,
  run: (task, { signum, handler }) => old.signal(task, signum, handler),
});

export const sigactionCall = defineSyscall({
  name: "sigaction",
  nr: { i386: 67 },
  classes: ["signal"],
  args: { signum: signalNumber, act: oldSigactionIn, oldact: oldSigactionOut },
  returns: long,
  run: (task, { signum, act, oldact }) => old.sigaction(task, signum, act, oldact),
});

export const sgetmaskCall = defineSyscall({
  name: "sgetmask",
  nr: { i386: 68 },
  classes: ["signal"],
  args: {},
  returns: maskResult("mask"),
  run: (task) => task.blocked.low,
});

export const ssetmaskCall = defineSyscall({
  name: "ssetmask",
  nr: { i386: 69 },
  classes: ["signal"],
  args: { newmask: oldSignalSet },
  returns: maskResult("old mask"),
  run: (task, { newmask }) => old.setMask(task, newmask),
});

export const sigsuspendCall = defineSyscall({
  name: "sigsuspend",
  nr: { i386: 72 },
  classes: ["signal"],
  // The mask is the third argument; the two before it have meant nothing for decades.
  args: { unused1: { ...int, present: () => false }, unused2: { ...int, present: () => false }, mask: oldSignalSet },
  returns: long,
  run: (task, { mask }) => old.suspend(task, mask),
});

export const sigpendingCall = defineSyscall({
  name: "sigpending",
  nr: { i386: 73 },
  classes: ["signal"],
  args: { set: oldSignalSetOut },
  returns: long,
  run: (task, { set }) => old.pending(task, set),
});

export const sigprocmaskCall = defineSyscall({
  name: "sigprocmask",
  nr: { i386: 126 },
  classes: ["signal"],
  args: { how: oneOf(sigprocmaskHow), set: oldSignalSetIn, oldset: oldSignalSetOut },
  returns: long,
  run: (task, { how, set, oldset }) => old.changeMask(task, how, set, oldset),
});

export const sigreturnCall = defineSyscall({
  name: "sigreturn",
  nr: { i386: 119 },
  classes: ["signal"],
  args: { frame: oldSignalFrame },
  returns: long,
  run: (task) => sigreturn32(task.kernel.cpu, task),
});

export const rtSigreturn32Call = variantOf(rtSigreturnCall, {
  name: "rt_sigreturn",
  nr: { i386: 173 },
  run: (task) => rtSigreturn32(task.kernel.cpu, task),
});
