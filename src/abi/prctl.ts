// prctl's operations: their arguments and what their results mean.
import { type ArgumentType, dependent } from "./argument.js";
import { seccompFilterIn } from "./bpf/filter.js";
import * as options from "./constants/processes.js";
import {
  capAmbientOperations,
  dumpability,
  mmOptions,
  prctlOptions,
  seccompModes,
  securebits,
  tscModes,
  vmaOptions,
} from "./constants/processes.js";
import { capabilities } from "./constants/security.js";
import { hex, unsignedNumber } from "./digits.js";
import { capture } from "./events.js";
import { peekString } from "./memory.js";
import { address, flagsOf, hexLong, int, long, longFlagsOf, longOneOf, oneOf, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { signalNumber } from "./signals.js";
import { showBytes, string } from "./strings.js";
import { pointer, s32, scalarOut } from "./struct.js";
import { type Enumeration, type FlagSet, showFlags } from "./tables.js";

export const prctlOption = oneOf(prctlOptions);

interface Operation {
  readonly arguments: readonly ArgumentType<unknown>[];
  readonly returns?: ArgumentType<unknown>;
}

/** The task's name is at most 16 bytes, with its NUL. */
const TASK_COMM_LEN = 16;
const nameIn: ArgumentType<number> = {
  ...string,
  show: (c, low, high) => {
    const found = low === 0 && high === 0 ? undefined : peekString(c.tracee, unsignedNumber(low, high), TASK_COMM_LEN);
    if (found === undefined) string.show(c, low, high);
    else showBytes(c, found.bytes.subarray(0, TASK_COMM_LEN - 1), found.complete);
  },
};
const nameOut: ArgumentType<number> = {
  ...string,
  atExit: true,
  show: (c, low, high) => (c.failed ? address : string).show(c, low, high),
};

function namedResult(table: Enumeration): ArgumentType<number> {
  return {
    receive: int.receive,
    show: (c, low, high) => {
      long.show(c, low, high);
      c.auxiliary = table.names.get(low);
    },
  };
}

/** A set of bits, which is also shown by names. */
function flagsResult(table: FlagSet): ArgumentType<number> {
  return {
    receive: int.receive,
    show: (c, low) => {
      c.out.number(hex(low));
      if (low !== 0) c.auxiliary = capture(c, () => showFlags(c, table, low));
    },
  };
}

const mcePolicy = dependent(hexLong, (c) =>
  c.low("arg2") === options.PR_MCE_KILL_SET ? longOneOf(options.mceKillPolicies) : hexLong,
);
const speculationMode = dependent(hexLong, (c) =>
  options.speculationFeatures.names.has(c.low("arg2")) ? longOneOf(options.speculationModes) : hexLong,
);

const intOut = scalarOut(s32());
const rest = [hexLong, hexLong, hexLong];
const isMode = (c: ShowContext, mode: number): boolean => c.low("arg2") === mode;
const unknownMode: ArgumentType<number> = dependent(unsignedLong, (c) =>
  isMode(c, options.SECCOMP_MODE_FILTER) || isMode(c, options.SECCOMP_MODE_STRICT) ? undefined : unsignedLong,
);
const filterOfMode: ArgumentType<number> = dependent(address, (c) => {
  if (isMode(c, options.SECCOMP_MODE_FILTER)) return seccompFilterIn;
  return isMode(c, options.SECCOMP_MODE_STRICT) ? undefined : address;
});
const ONE_CAPABILITY = [options.PR_CAP_AMBIENT_IS_SET, options.PR_CAP_AMBIENT_RAISE, options.PR_CAP_AMBIENT_LOWER];
const ambientCapability = dependent(hexLong, (c) =>
  ONE_CAPABILITY.includes(c.low("arg2")) ? oneOf(capabilities) : hexLong,
);
const anonymousName = dependent(hexLong, (c) => (c.low("arg2") === options.PR_SET_VMA_ANON_NAME ? string : hexLong));

const operations: Readonly<Record<number, Operation>> = {
  [options.PR_SET_PDEATHSIG]: { arguments: [signalNumber] },
  [options.PR_GET_PDEATHSIG]: { arguments: [{ ...scalarOut(s32(signalNumber)) }] },
  [options.PR_GET_DUMPABLE]: { arguments: [], returns: namedResult(dumpability) },
  [options.PR_SET_DUMPABLE]: { arguments: [oneOf(dumpability)] },
  [options.PR_GET_KEEPCAPS]: { arguments: [] },
  [options.PR_SET_KEEPCAPS]: { arguments: [unsignedLong] },
  [options.PR_GET_TIMING]: { arguments: [] },
  [options.PR_SET_TIMING]: { arguments: [unsignedLong] },
  [options.PR_SET_NAME]: { arguments: [nameIn] },
  [options.PR_GET_NAME]: { arguments: [nameOut] },
  [options.PR_GET_SECCOMP]: { arguments: [] },
  [options.PR_SET_SECCOMP]: { arguments: [oneOf(seccompModes), filterOfMode, unknownMode, unknownMode] },
  [options.PR_CAPBSET_READ]: { arguments: [longOneOf(capabilities)] },
  [options.PR_CAPBSET_DROP]: { arguments: [longOneOf(capabilities)] },
  [options.PR_GET_TSC]: { arguments: [scalarOut(s32(oneOf(tscModes)))] },
  [options.PR_SET_TSC]: { arguments: [oneOf(tscModes)] },
  [options.PR_GET_SECUREBITS]: { arguments: [], returns: flagsResult(securebits) },
  [options.PR_SET_SECUREBITS]: { arguments: [flagsOf(securebits)] },
  [options.PR_SET_TIMERSLACK]: { arguments: [long] },
  [options.PR_GET_TIMERSLACK]: { arguments: [] },
  [options.PR_TASK_PERF_EVENTS_DISABLE]: { arguments: [] },
  [options.PR_TASK_PERF_EVENTS_ENABLE]: { arguments: [] },
  [options.PR_SET_MM]: { arguments: [oneOf(mmOptions), ...rest] },
  [options.PR_SET_CHILD_SUBREAPER]: { arguments: [unsignedLong] },
  [options.PR_GET_CHILD_SUBREAPER]: { arguments: [intOut] },
  [options.PR_SET_NO_NEW_PRIVS]: { arguments: [unsignedLong, ...rest] },
  [options.PR_GET_TID_ADDRESS]: { arguments: [scalarOut(pointer())] },
  [options.PR_SET_THP_DISABLE]: { arguments: [unsignedLong, ...rest] },
  [options.PR_CAP_AMBIENT]: { arguments: [longOneOf(capAmbientOperations), ambientCapability, hexLong, hexLong] },
  [options.PR_SET_IO_FLUSHER]: { arguments: [unsignedLong, ...rest] },
  [options.PR_SET_PTRACER]: { arguments: [int] },
  // Other processors' options: the same numbers everywhere.
  [options.PR_GET_UNALIGN]: { arguments: [address] },
  [options.PR_GET_FPEMU]: { arguments: [address] },
  [options.PR_SET_FPEMU]: { arguments: [unsignedLong] },
  [options.PR_GET_FPEXC]: { arguments: [address] },
  [options.PR_SET_FPEXC]: { arguments: [unsignedLong] },
  [options.PR_GET_ENDIAN]: { arguments: [address] },
  [options.PR_SET_ENDIAN]: { arguments: [unsignedLong] },
  [options.PR_GET_FP_MODE]: { arguments: [] },
  [options.PR_SVE_GET_VL]: { arguments: [] },
  [options.PR_SME_GET_VL]: { arguments: [] },
  [options.PR_RISCV_V_GET_CONTROL]: { arguments: [] },
  [options.PR_MCE_KILL]: { arguments: [longOneOf(options.mceKillModes), mcePolicy, hexLong, hexLong] },
  [options.PR_MCE_KILL_GET]: { arguments: [hexLong, ...rest], returns: namedResult(options.mceKillPolicies) },
  [options.PR_GET_SPECULATION_CTRL]: {
    arguments: [longOneOf(options.speculationFeatures)],
    returns: flagsResult(options.speculationStates),
  },
  [options.PR_SET_SPECULATION_CTRL]: { arguments: [longOneOf(options.speculationFeatures), speculationMode] },
  [options.PR_GET_MDWE]: { arguments: [hexLong, ...rest], returns: flagsResult(options.writeExecuteDenials) },
  [options.PR_SET_MDWE]: { arguments: [longFlagsOf(options.writeExecuteDenials), ...rest] },
  [options.PR_SET_VMA]: { arguments: [oneOf(vmaOptions), hexLong, unsignedLong, anonymousName] },
};
const unknownOperation: Operation = { arguments: [hexLong, ...rest] };

/** Argument `index` after the operation. */
export function prctlArgument(index: number): ArgumentType<number> {
  return dependent(
    { ...hexLong, receive: unsignedNumber },
    (c) => (operations[c.low("op")] ?? unknownOperation).arguments[index],
  );
}

export const prctlResult: ArgumentType<number> = dependent(long, (c) => operations[c.low("op")]?.returns ?? long);
