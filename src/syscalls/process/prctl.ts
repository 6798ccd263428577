// Process attributes. See prctl(2), arch_prctl(2), personality(2), rseq(2).
import { archPrctlOptions, rseqFlags, seccompOperations } from "../../abi/constants/processes.js";
import { prctlArgument, prctlOption, prctlResult } from "../../abi/prctl.js";
import { ptraceAddress, ptraceData, ptracePid, ptraceRequest } from "../../abi/ptrace.js";
import { flagsOf, hexInt, long, oneOf, unsignedInt } from "../../abi/scalars.js";
import {
  archPrctlArgument,
  personality,
  personalityResult,
  rseqIn,
  seccompArgument,
  seccompFlags,
} from "../../abi/thread-attributes.js";
import { ptrace } from "../../kernel/ptrace/requests.js";
import { seccomp } from "../../kernel/seccomp/seccomp.js";
import { archPrctl, prctl } from "../../kernel/task/prctl.js";
import { registerRseq } from "../../kernel/task/rseq.js";
import { defineSyscall } from "../define.js";

export const prctlCall = defineSyscall({
  name: "prctl",
  nr: { x64: 157, i386: 172, x32: 157 },
  classes: ["creds"],
  args: {
    op: prctlOption,
    arg2: prctlArgument(0),
    arg3: prctlArgument(1),
    arg4: prctlArgument(2),
    arg5: prctlArgument(3),
  },
  returns: prctlResult,
  run: (task, { op, arg2, arg3, arg4, arg5 }) => prctl(task, op, arg2, arg3, arg4, arg5),
  partial: "the common options",
});

export const archPrctlCall = defineSyscall({
  name: "arch_prctl",
  nr: { x64: 158, i386: 384, x32: 158 },
  classes: [],
  args: { op: oneOf(archPrctlOptions), addr: archPrctlArgument },
  returns: long,
  run: (task, { op, addr }) => archPrctl(task, op, addr),
});

export const personalityCall = defineSyscall({
  name: "personality",
  nr: { x64: 135, i386: 136, x32: 135 },
  classes: [],
  args: { persona: personality },
  returns: personalityResult,
  run: (task, { persona }) => {
    const old = task.personality;
    if (persona >>> 0 !== 0xffffffff) task.personality = persona >>> 0;
    return old;
  },
  partial: "only what uname says, randomisation and READ_IMPLIES_EXEC have an effect",
});

export const rseqCall = defineSyscall({
  name: "rseq",
  nr: { x64: 334, i386: 386, x32: 334 },
  classes: [],
  args: { rseq: rseqIn, rseq_len: unsignedInt, flags: flagsOf(rseqFlags), sig: hexInt },
  returns: long,
  run: (task, { rseq, rseq_len, flags, sig }) => registerRseq(task, rseq, rseq_len, flags, sig),
});

export const rseqSliceYieldCall = defineSyscall({
  name: "rseq_slice_yield",
  nr: { x64: 471, i386: 471, x32: 471 },
  classes: [],
  args: {},
  returns: long,
});

export const seccompCall = defineSyscall({
  name: "seccomp",
  nr: { x64: 317, i386: 354, x32: 317 },
  classes: [],
  args: { operation: oneOf(seccompOperations), flags: seccompFlags, args: seccompArgument },
  returns: long,
  run: (task, { operation, flags, args }) => seccomp(task, operation, flags, args),
});

export const ptraceCall = defineSyscall({
  name: "ptrace",
  nr: { x64: 101, i386: 26, x32: 521 },
  classes: [],
  args: { op: ptraceRequest, pid: ptracePid, addr: ptraceAddress, data: ptraceData },
  returns: long,
  run: (task, { op, pid, addr, data }) => ptrace(task, op, pid, addr, data),
});

export const uretprobeCall = defineSyscall({
  name: "uretprobe",
  nr: { x64: 335 },
  classes: [],
  args: {},
  returns: long,
});
