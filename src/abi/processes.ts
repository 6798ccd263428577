// Argument types of the process family: limits, usage, wait status, argument vectors, scheduling, capabilities.
import { type ArgumentType, when } from "./argument.js";
import {
  KCMP_EPOLL_TFD,
  KCMP_FILE,
  KCMP_FILES,
  KCMP_FS,
  KCMP_IO,
  KCMP_SIGHAND,
  KCMP_SYSVSEM,
  KCMP_VM,
} from "./constants/processes.js";
import { unsignedDecimal, unsignedNumber } from "./digits.js";
import { hexLong, showAddress, unsignedInt } from "./scalars.js";
import { showBytes } from "./strings.js";
import {
  bytes,
  type Field,
  type Fields,
  isI386,
  longBytes,
  nested,
  reserved,
  type Struct,
  signedWord,
  struct,
  structIn,
  structOut,
  u16,
  u32,
  u64,
  word,
} from "./struct.js";
import { showNamed } from "./tables.js";
import { timeval } from "./time.js";

/** A limit: multiples of 1024 are shown as such. */
const limit: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const value = unsignedNumber(low, high);
    if (low === -1 && high === -1) showNamed(c, "18446744073709551615", "RLIM64_INFINITY");
    else if (low === -1 && high === 0 && isI386(c.abi) && !c.argumentNames.includes("new_limit"))
      showNamed(c, "4294967295", "RLIM_INFINITY");
    else if (value > 1024 && value % 1024 === 0) showNamed(c, value.toString(), `${value / 1024}*1024`);
    else c.out.number(unsignedDecimal(low, high));
  },
};

export const rlimit = struct({ rlim_cur: word(limit), rlim_max: word(limit) });
export const rlimitIn = structIn(rlimit as Struct<Fields>);
export const rlimitOut = structOut(rlimit as Struct<Fields>);
/** Of prlimit64. */
export const rlimit64 = struct({ rlim_cur: u64(limit), rlim_max: u64(limit) });
export const rlimit64In = structIn(rlimit64 as Struct<Fields>);
export const rlimit64Out = structOut(rlimit64 as Struct<Fields>);

export const rusage = struct(
  {
    ru_utime: nested(timeval as Struct<Fields>),
    ru_stime: nested(timeval as Struct<Fields>),
    ru_maxrss: word(),
    ru_ixrss: word(),
    ru_idrss: word(),
    ru_isrss: word(),
    ru_minflt: word(),
    ru_majflt: word(),
    ru_nswap: word(),
    ru_inblock: word(),
    ru_oublock: word(),
    ru_msgsnd: word(),
    ru_msgrcv: word(),
    ru_nsignals: word(),
    ru_nvcsw: word(),
    ru_nivcsw: word(),
  },
  { abbreviated: ["ru_utime", "ru_stime"] },
);
export const rusageOut = structOut(rusage as Struct<Fields>);
/** wait's usage: there only when a child was reaped. */
export const rusageOfChild: ArgumentType<number> = {
  ...rusageOut,
  show: (c, low, high) => (c.result() === 0 ? showAddress(c, low, high) : rusageOut.show(c, low, high)),
};
/** waitid returns 0 either way. */
export const rusageOfWaitid = rusageOut;

function cString(size: number): Field {
  return bytes(size, (c, view, offset) => {
    const all = new Uint8Array(view.buffer, view.byteOffset + offset, size);
    const end = all.indexOf(0);
    showBytes(c, end < 0 ? all : all.subarray(0, end), true);
  });
}

export const utsname = struct(
  {
    sysname: cString(65),
    nodename: cString(65),
    release: cString(65),
    version: cString(65),
    machine: cString(65),
    domainname: cString(65),
  },
  { abbreviated: ["sysname", "nodename"] },
);
export const utsnameOut = structOut(utsname as Struct<Fields>);

const loads: Field = {
  size: (abi) => 3 * longBytes(abi),
  align: longBytes,
  signed: false,
  type: unsignedInt,
  showBytes: (c, view, offset) => {
    const size = longBytes(c.abi);
    c.out.punct("[");
    for (let i = 0; i < 3; i++) {
      if (i > 0) c.out.punct(", ");
      c.out.number(view.getUint32(offset + i * size, true).toString());
    }
    c.out.punct("]");
  },
};

export const sysinfo = struct({
  uptime: signedWord(),
  loads,
  totalram: word(),
  freeram: word(),
  sharedram: word(),
  bufferram: word(),
  totalswap: word(),
  freeswap: word(),
  procs: u16(),
  pad: reserved(2),
  totalhigh: word(),
  freehigh: word(),
  mem_unit: u32(),
});
export const sysinfoOut = structOut(sysinfo as Struct<Fields>);

/** Comparisons of whole processes; an unknown one is told with all its arguments. */
const WITHOUT_INDEX = [KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM];
export const kcmpIndex = when((c) => !WITHOUT_INDEX.includes(c.low("type")), {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const type = c.low("type");
    if (type === KCMP_FILE || (type === KCMP_EPOLL_TFD && c.argumentNames[c.index] === "idx1"))
      unsignedInt.show(c, low, high);
    else if (type === KCMP_EPOLL_TFD) structIn(epollSlot as Struct<Fields>).show(c, low, high);
    else hexLong.show(c, low, high);
  },
});
const epollSlot = struct({ efd: u32(), tfd: u32(), toff: u32() });
