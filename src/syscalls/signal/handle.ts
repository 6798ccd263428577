// Handling signals. See sigaction(2), sigprocmask(2), sigaltstack(2), sigreturn(2).
import { sigprocmaskHow } from "../../abi/constants/signals.js";
import { long, oneOf, unsignedLong } from "../../abi/scalars.js";
import {
  interruptedCall,
  sigactionIn,
  sigactionOut,
  signalFrame,
  signalNumber,
  signalSetIn,
  signalSetOut,
  stackIn,
  stackOut,
} from "../../abi/signals.js";
import { sigaction, sigaltstack, sigpending, sigprocmask } from "../../kernel/signal/control.js";
import { sigreturn } from "../../kernel/signal/signal-frame.js";
import { restartCall } from "../../kernel/time/sleep.js";
import { defineSyscall } from "../define.js";

export const rtSigactionCall = defineSyscall({
  name: "rt_sigaction",
  nr: { x64: 13, i386: 174, x32: 512 },
  classes: ["signal"],
  args: { signum: signalNumber, act: sigactionIn, oldact: sigactionOut, sigsetsize: unsignedLong },
  returns: long,
  run: (task, { signum, act, oldact, sigsetsize }) => sigaction(task, signum, act, oldact, sigsetsize),
});

export const rtSigprocmaskCall = defineSyscall({
  name: "rt_sigprocmask",
  nr: { x64: 14, i386: 175, x32: 14 },
  classes: ["signal"],
  args: { how: oneOf(sigprocmaskHow), set: signalSetIn, oldset: signalSetOut, sigsetsize: unsignedLong },
  returns: long,
  run: (task, { how, set, oldset, sigsetsize }) => sigprocmask(task, how, set, oldset, sigsetsize),
});

export const rtSigpendingCall = defineSyscall({
  name: "rt_sigpending",
  nr: { x64: 127, i386: 176, x32: 522 },
  classes: ["signal"],
  args: { set: signalSetOut, sigsetsize: unsignedLong },
  returns: long,
  run: (task, { set, sigsetsize }) => sigpending(task, set, sigsetsize),
});

export const rtSigreturnCall = defineSyscall({
  name: "rt_sigreturn",
  nr: { x64: 15, x32: 513 },
  classes: ["signal"],
  args: { frame: signalFrame },
  returns: long,
  run: (task) => sigreturn(task.kernel.cpu, task),
});

export const sigaltstackCall = defineSyscall({
  name: "sigaltstack",
  nr: { x64: 131, i386: 186, x32: 525 },
  classes: ["signal"],
  args: { ss: stackIn, old_ss: stackOut },
  returns: long,
  run: (task, { ss, old_ss }) => sigaltstack(task, ss, old_ss),
});

export const restartSyscallCall = defineSyscall({
  name: "restart_syscall",
  nr: { x64: 219, i386: 0, x32: 219 },
  classes: [],
  args: { call: interruptedCall },
  returns: long,
  run: (task) => restartCall(task),
});
