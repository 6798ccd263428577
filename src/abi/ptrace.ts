// ptrace's arguments, by request.
import { type ArgumentType, dependent, when } from "./argument.js";
import { noteTypes, PTRACE_TRACEME, ptraceOptions, ptraceRequests } from "./constants/processes.js";
import { pid } from "./descriptors.js";
import { unsignedNumber } from "./digits.js";
import { iovec } from "./io-vector.js";
import { address, longFlagsOf, longOneOf, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { SIGINFO_SIZE, showSiginfo } from "./siginfo.js";
import { signalNumber } from "./signals.js";
import { type Fields, pointer, type Struct, scalarOut, showPointed, structIn } from "./struct.js";

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
const DELIVERING = [7, 9, 17, 24, 31, 32, 33];

/** Registers in struct user. */
const userRegisters =
  "R15 R14 R13 R12 RBP RBX R11 R10 R9 R8 RAX RCX RDX RSI RDI ORIG_RAX RIP CS EFLAGS RSP SS FS_BASE GS_BASE DS ES FS GS".split(
    " ",
  );

/** An offset into struct user. */
const userOffset: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const name = high === 0 && low % 8 === 0 ? userRegisters[low / 8] : undefined;
    if (name === undefined) address.show(c, low, high);
    else c.out.flag(`8*${name}`);
  },
};

const signalInformation: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, SIGINFO_SIZE, showSiginfo),
};
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
    if (REGISTER_SETS.includes(request)) return longOneOf(noteTypes);
    return USER_WORDS.includes(request) ? userOffset : address;
  }),
);

export const ptraceData: ArgumentType<number> = when(
  (c) => notTraceMe(c) && !processOnly(c),
  dependent(address, (c) => {
    const request = c.low("op");
    if (WITH_OPTIONS.includes(request)) return options;
    if (REGISTER_SETS.includes(request)) return vector;
    if (request === SETSIGINFO) return signalInformation;
    if (PEEKS.includes(request)) return wordOut;
    return DELIVERING.includes(request) ? signalNumber : address;
  }),
);
