// ptrace's arguments, by request.
import { type ArgumentType, dependent, when } from "./argument.js";
import { noteTypes, PTRACE_TRACEME, ptraceOptions, ptraceRequests } from "./constants/processes.js";
import { pid } from "./descriptors.js";
import { unsignedNumber } from "./digits.js";
import { iovec } from "./io-vector.js";
import {
  floatRegistersIn,
  generalRegistersIn,
  peekSignalsIn,
  registerSetIn,
  seccompMetadataIn,
  signalMaskIn,
  syscallInfoIn,
} from "./ptrace-structures.js";
import { address, longFlagsOf, longOneOf, oneOf, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { SIGINFO_SIZE, showSiginfo } from "./siginfo.js";
import { signalNumber } from "./signals.js";
import { type Fields, pointer, type Struct, scalarOut, showPointed, structIn } from "./struct.js";
import { userOffset } from "./tracee-registers.js";

const notTraceMe = (c: ShowContext): boolean => c.low("op") !== PTRACE_TRACEME;

/** KILL, ATTACH, INTERRUPT and LISTEN take a process and nothing else. */
const processOnly = (c: ShowContext): boolean => [8, 16, 0x4207, 0x4208].includes(c.low("op"));
/** GETREGS, SETREGS, GETFPREGS, SETFPREGS: the address means nothing. */
const withoutAddress = [12, 13, 14, 15];
/** SETSIGMASK, GETSIGMASK, SECCOMP_GET_FILTER, SECCOMP_GET_METADATA and the syscall infos: the address is a size or an index. */
const counted = [0x420a, 0x420b, 0x420c, 0x420d, 0x420e, 0x4212];
const REGISTER_SETS = [0x4204, 0x4205];
const USER_WORDS = [3, 6];
/** OLDSETOPTIONS, SETOPTIONS, SEIZE. */
const WITH_OPTIONS = [21, 0x4200, 0x4206];
const SETSIGINFO = 0x4203;
const PEEKS = [1, 2, 3];
/** The structures that requests take, or fill in by what is in them. */
const STRUCTURES: Readonly<Record<number, ArgumentType<number>>> = {
  13: generalRegistersIn,
  15: floatRegistersIn,
  16901: registerSetIn, // SETREGSET
  16907: signalMaskIn, // SETSIGMASK
  16909: seccompMetadataIn, // SECCOMP_GET_METADATA
  16914: syscallInfoIn, // SET_SYSCALL_INFO
};
const PEEKSIGINFO = 0x4209;
const DELIVERING = [7, 9, 17, 24, 31, 32, 33];

const signalInformation: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, SIGINFO_SIZE, showSiginfo),
};
/** A type of note, in 32 bits. */
const noteType = oneOf(noteTypes);
const options = longFlagsOf(ptraceOptions);
const vector = structIn(iovec as Struct<Fields>);
const wordOut = scalarOut(pointer());

/** A request of all 64 bits. */
export const ptraceRequest: ArgumentType<number> = { receive: (low) => low, show: longOneOf(ptraceRequests).show };

export const ptracePid = when(notTraceMe, pid);

export const ptraceAddress: ArgumentType<number> = when(
  (c) => notTraceMe(c) && !processOnly(c) && !withoutAddress.includes(c.low("op")),
  dependent(address, (c) => {
    const request = c.low("op");
    if (counted.includes(request)) return unsignedLong;
    if (REGISTER_SETS.includes(request)) return noteType;
    if (request === PEEKSIGINFO) return peekSignalsIn;
    return USER_WORDS.includes(request) ? userOffset : address;
  }),
);

export const ptraceData: ArgumentType<number> = when(
  (c) => notTraceMe(c) && !processOnly(c),
  dependent(address, (c) => {
    const request = c.low("op");
    const structure = STRUCTURES[request];
    if (structure !== undefined) return structure;
    if (WITH_OPTIONS.includes(request)) return options;
    if (REGISTER_SETS.includes(request)) return vector;
    if (request === SETSIGINFO) return signalInformation;
    if (PEEKS.includes(request)) return wordOut;
    return DELIVERING.includes(request) ? signalNumber : address;
  }),
);
