// Argument types of the process family: limits, usage, wait status, argument vectors, scheduling, capabilities.
import { type ArgumentType, dependent, onReturn, when } from "./argument.js";
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_INTO_CGROUP,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CSIGNAL,
  clone3Flags,
  cloneFlags as cloneFlagTable,
  personalities,
  personalityFlags,
  ARCH_GET_FS,
  ARCH_GET_GS,
  ARCH_SET_CPUID,
  ARCH_GET_CPUID,
  KCMP_EPOLL_TFD,
  KCMP_FILE,
  P_PGID,
  P_PIDFD,
  ptraceOptions,
  PTRACE_SETOPTIONS,
  PTRACE_TRACEME,
  rseqCpuIds,
  rseqCsFlags,
  schedAttrFlags,
  schedPolicies,
  SECCOMP_SET_MODE_FILTER,
  seccompFilterFlags,
  waitFlags,
} from "./constants/processes.js";
import { capabilities, capabilityVersions } from "./constants/security.js";
import { fd, pid, showDescriptor, showPid } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekString, peekView, wordSize } from "./memory.js";
import { address, flagsOf, hexInt, hexLong, int, longFlagsOf, oneOf, showAddress, unsignedInt } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSignal, signalName, signalNumber } from "./signals.js";
import { showBytes } from "./strings.js";
import {
  bytes,
  type Field,
  type Fields,
  nested,
  pointer,
  reserved,
  scalarOut,
  type Struct,
  s32,
  showArray,
  showPointed,
  signedWord,
  struct,
  structIn,
  structOut,
  u16,
  u32,
  u64,
  u8,
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
    else if (value > 1024 && value % 1024 === 0) c.out.number(`${value / 1024}*1024`);
    else c.out.number(value.toString());
  },
};

export const rlimit = struct({ rlim_cur: u64(limit), rlim_max: u64(limit) });
export const rlimitIn = structIn(rlimit);
export const rlimitOut = structOut(rlimit);

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
  size: (abi) => 3 * (abi === "x86_64" ? 8 : 4),
  align: (abi) => (abi === "x86_64" ? 8 : 4),
  signed: false,
  type: unsignedInt,
  showBytes: (c, view, offset) => {
    const size = wordSize(c);
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

/** A wait(2) status word, taken apart by the macros of sys/wait.h. */
export function waitStatusText(status: number): string {
  const signal = status & 0x7f;
  const code = (status >> 8) & 0xff;
  if (status === 0xffff) return "{WIFCONTINUED(s)}";
  if ((status & 0xff) === 0x7f) {
    const event = status >> 16;
    return `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(code)}}${event === 0 ? "" : ` | ${hex(event << 16)}`}`;
  }
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${code}}`;
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${(status & 0x80) !== 0 ? " && WCOREDUMP(s)" : ""}}`;
}

export const waitStatusOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (c.failed || c.result() === 0) {
      showAddress(c, low, high);
      return;
    }
    showPointed(c, low, high, 4, (_, view) => {
      c.out.punct("[");
      c.out.flag(waitStatusText(view.getInt32(0, true)));
      c.out.punct("]");
    });
  },
});

/** execve's argv and envp: `["ls", "-l"]`, or with `counted` and abbreviating only how many there are. */
export function stringVector(counted: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      if (!c.dereference || (low === 0 && high === 0)) {
        showAddress(c, low, high);
        return;
      }
      if (counted && c.abbreviate) showVectorCount(c, low, high);
      else showVector(c, low, high);
    },
  };
}

function showVectorCount(c: ShowContext, low: number, high: number): void {
  const word = wordSize(c);
  const start = unsignedNumber(low, high);
  let count = 0;
  let readable = true;
  for (; ; count++) {
    const view = peekView(c.tracee, start + count * word, word);
    if (view === undefined) readable = false;
    if (view === undefined || (view.getInt32(0, true) === 0 && (word === 4 || view.getInt32(4, true) === 0))) break;
  }
  showAddress(c, low, high);
  if (count === 0 && !readable) return;
  c.out.comment(` /* ${count} var${count === 1 ? "" : "s"}${readable ? "" : ", unterminated"} */`);
}

function showVector(c: ShowContext, low: number, high: number): void {
  const word = wordSize(c);
  const start = unsignedNumber(low, high);
  for (let i = 0; ; i++) {
    const view = peekView(c.tracee, start + i * word, word);
    if (view === undefined) {
      if (i === 0) {
        showAddress(c, low, high);
        return;
      }
      c.out.punct(", ...");
      const at = start + i * word;
      c.out.comment(` /* ${hex(at | 0, Math.floor(at / 2 ** 32))} */`);
      break;
    }
    const stringLow = view.getInt32(0, true);
    const stringHigh = word === 8 ? view.getInt32(4, true) : 0;
    if (stringLow === 0 && stringHigh === 0) {
      if (i === 0) c.out.punct("[");
      break;
    }
    c.out.punct(i === 0 ? "[" : ", ");
    if (c.abbreviate && i >= c.style.stringLimit) {
      c.out.punct("...");
      break;
    }
    const found = peekString(c.tracee, unsignedNumber(stringLow, stringHigh), c.style.stringLimit + 1);
    if (found === undefined) showAddress(c, stringLow, stringHigh);
    else showBytes(c, found.bytes, found.complete || found.bytes.length > c.style.stringLimit);
  }
  c.out.punct("]");
}

/** clone's flags with the exit signal in their low byte. */
export const cloneFlags: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const signal = low & CSIGNAL;
    const flags = low & ~CSIGNAL;
    if (c.style.constants === "raw") {
      c.out.number(hex(low, high));
      return;
    }
    let text = "";
    let restLow = flags;
    for (let i = 0; i < cloneFlagTable.names.length; i++) {
      const bits = cloneFlagTable.low[i] as number;
      if (cloneFlagTable.high[i] !== 0 || (restLow & bits) !== bits) continue;
      restLow &= ~bits;
      text += text === "" ? cloneFlagTable.names[i] : `|${cloneFlagTable.names[i]}`;
    }
    if (restLow !== 0 || high !== 0) {
      text += text === "" ? `${hex(restLow, high)} /* CLONE_??? */` : `|${hex(restLow, high)}`;
    }
    if (signal !== 0) text += text === "" ? signalName(signal) : `|${signalName(signal)}`;
    showNamed(c, hex(low, high), text === "" ? "0" : text);
  },
};

export const cloneArgs = struct({
  flags: u64(longFlagsOf(clone3Flags)),
  pidfd: u64(hexLong),
  child_tid: u64({ receive: unsignedNumber, show: showAddress }),
  parent_tid: u64({ receive: unsignedNumber, show: showAddress }),
  exit_signal: u64({ receive: (low) => low, show: (c, low) => (low === 0 ? c.out.number("0") : showSignal(c, low)) }),
  stack: u64({ receive: unsignedNumber, show: showAddress }),
  stack_size: u64(hexLong),
  tls: u64({ receive: unsignedNumber, show: showAddress }),
  set_tid: u64(hexLong),
  set_tid_size: u64(),
  cgroup: u64(int),
});

const CLONE_ARGS_MINIMUM = 64;

/** clone3's structure: what its flags ask for at entry, what the kernel wrote back at exit. */
export const cloneArgsInOut: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const size = Math.min(c.unsigned("size"), cloneArgs.size());
    if (size < CLONE_ARGS_MINIMUM) {
      showAddress(c, low, high);
      return;
    }
    showPointed(c, low, high, size, (_, view) => {
      const flags = cloneArgs.get(view, "flags");
      const has = (bit: number): boolean => (flags & bit) !== 0;
      const names = ["flags"];
      if (has(CLONE_PIDFD)) names.push("pidfd");
      if (has(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) names.push("child_tid");
      if (has(CLONE_PARENT_SETTID)) names.push("parent_tid");
      names.push("exit_signal", "stack", "stack_size");
      if (has(CLONE_SETTLS)) names.push("tls");
      c.out.punct("{");
      cloneArgs.showFields(c, view, names);
      if (size >= 80 && (cloneArgs.get(view, "set_tid") !== 0 || cloneArgs.get(view, "set_tid_size") !== 0)) {
        showSetTid(c, view);
      }
      if (size >= 88 && flags >= CLONE_INTO_CGROUP && Math.floor(flags / CLONE_INTO_CGROUP) % 2 === 1) {
        c.out.punct(", ");
        cloneArgs.showFields(c, view, ["cgroup"]);
      }
      c.out.punct("}");
    });
  },
  leave: (c, low, high) => {
    if (c.failed || c.unsigned("size") < CLONE_ARGS_MINIMUM) return;
    const view = peekView(c.tracee, unsignedNumber(low, high), CLONE_ARGS_MINIMUM);
    if (view === undefined) return;
    const flags = cloneArgs.get(view, "flags");
    const written: [string, number][] = [];
    if ((flags & CLONE_PIDFD) !== 0) written.push(["pidfd", cloneArgs.get(view, "pidfd")]);
    if ((flags & CLONE_PARENT_SETTID) !== 0) written.push(["parent_tid", cloneArgs.get(view, "parent_tid")]);
    if (written.length === 0) return;
    c.out.punct(" => {");
    for (const [i, [name, at]] of written.entries()) {
      if (i > 0) c.out.punct(", ");
      c.out.name(name);
      c.out.punct("=");
      showPointed(c, at | 0, Math.floor(at / 2 ** 32), 4, (_, target) => {
        c.out.punct("[");
        const value = target.getInt32(0, true);
        if (name === "pidfd") showDescriptor(c, value);
        else showPid(c, value);
        c.out.punct("]");
      });
    }
    c.out.punct("}");
  },
};

function showSetTid(c: ShowContext, view: DataView): void {
  const at = cloneArgs.get(view, "set_tid");
  const count = cloneArgs.get(view, "set_tid_size");
  c.out.punct(", ");
  c.out.name("set_tid");
  c.out.punct("=");
  if (count === 0 || count > 32) showAddress(c, at | 0, Math.floor(at / 2 ** 32));
  else {
    showArray(c, at | 0, Math.floor(at / 2 ** 32), count, 4, (_, element) => showPid(c, element.getInt32(0, true)));
  }
  c.out.punct(", ");
  cloneArgs.showFields(c, view, ["set_tid_size"]);
}

/** A set of processors `size` bytes long: `[0 2 3]`. */
export function cpuSet(size: string | undefined): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: size === undefined,
    show: (c, low, high) => {
      if (size === undefined && c.failed) {
        showAddress(c, low, high);
        return;
      }
      const length = size === undefined ? c.result() : c.unsigned(size);
      if (length === 0) {
        c.out.punct("[]");
        return;
      }
      showPointed(c, low, high, length, (_, view) => {
        let text = "";
        for (let cpu = 0; cpu < length * 8; cpu++) {
          if (((view.getUint8(cpu >> 3) >> (cpu & 7)) & 1) === 1) text += text === "" ? cpu : ` ${cpu}`;
        }
        c.out.punct("[");
        c.out.number(text);
        c.out.punct("]");
      });
    },
  };
}

export const schedParam = struct({ sched_priority: s32() });
export const schedParamIn = structIn(schedParam as Struct<Fields>);
export const schedParamOut = structOut(schedParam as Struct<Fields>);

const SCHED_RESET_ON_FORK = 0x40000000;

/** A scheduling policy, perhaps with SCHED_RESET_ON_FORK. */
export const schedPolicy: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const name = schedPolicies.names.get(low & ~SCHED_RESET_ON_FORK);
    if ((low & SCHED_RESET_ON_FORK) === 0 || name === undefined) oneOf(schedPolicies).show(c, low, 0);
    else showNamed(c, hex(low), `SCHED_RESET_ON_FORK|${name}`);
  },
};

/** What sched_getscheduler returns. */
export const schedPolicyResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(hex(low));
    c.auxiliary = schedPolicies.names.get(low);
  },
};

export const schedAttr = struct({
  size: u32(),
  sched_policy: u32(schedPolicy),
  sched_flags: u64(longFlagsOf(schedAttrFlags)),
  sched_nice: s32(),
  sched_priority: u32(),
  sched_runtime: u64(),
  sched_deadline: u64(),
  sched_period: u64(),
  sched_util_min: u32(),
  sched_util_max: u32(),
});
const schedAttr48 = struct(
  Object.fromEntries(Object.entries(schedAttr.fields).filter(([name]) => !name.startsWith("sched_util"))),
);

export function schedAttrAt(atExit: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit,
    show: (c, low, high) => {
      if (atExit && c.failed) {
        showAddress(c, low, high);
        return;
      }
      const size = atExit ? c.unsigned("size") : (peekView(c.tracee, unsignedNumber(low, high), 4)?.getUint32(0, true) ?? 0);
      const type = size >= 56 ? schedAttr : schedAttr48;
      showPointed(c, low, high, type.size(), (_, view) => type.show(c, view));
    },
  };
}

const capabilityHeader = struct({
  version: u32(oneOf(capabilityVersions)),
  pid: s32(),
});
export const capabilityHeaderIn = structIn(capabilityHeader as Struct<Fields>);

function capabilityText(low: number, high: number): string {
  let text = "";
  let restLow = low;
  let restHigh = high;
  for (const [number, name] of capabilities.names) {
    const set = number < 32 ? (low >>> number) & 1 : (high >>> (number - 32)) & 1;
    if (set === 0) continue;
    if (number < 32) restLow &= ~(1 << number);
    else restHigh &= ~(1 << (number - 32));
    text += `${text === "" ? "" : "|"}1<<${name}`;
  }
  if (restLow === 0 && restHigh === 0) return text === "" ? "0" : text;
  return text === "" ? `${hex(restLow, restHigh)} /* CAP_??? */` : `${text}|${hex(restLow, restHigh)}`;
}

const CAPABILITY_VERSION_1 = 0x19980330;

/** The three sets, low words first, high words 12 bytes on when the header's version has them. */
export const capabilityData: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const header = peekView(c.tracee, c.unsigned("hdrp"), 4);
    const wide = header !== undefined && header.getUint32(0, true) !== CAPABILITY_VERSION_1;
    showPointed(c, low, high, wide ? 24 : 12, (_, view) => {
      for (const [i, name] of ["effective", "permitted", "inheritable"].entries()) {
        c.out.punct(i === 0 ? "{" : ", ");
        c.out.name(name);
        c.out.punct("=");
        const bits = capabilityText(view.getInt32(4 * i, true), wide ? view.getInt32(12 + 4 * i, true) : 0);
        c.out.flag(bits);
      }
      c.out.punct("}");
    });
  },
};

export const capabilityDataOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => (c.failed ? showAddress(c, low, high) : capabilityData.show(c, low, high)),
});

const PER_MASK = 0xff;

export function personalityText(value: number): string {
  const base = personalities.names.get(value & PER_MASK) ?? `${hex(value & PER_MASK)} /* PER_??? */`;
  let text = base;
  let rest = value & ~PER_MASK;
  for (let i = 0; i < personalityFlags.names.length; i++) {
    const bits = personalityFlags.low[i] as number;
    if ((rest & bits) !== bits) continue;
    rest &= ~bits;
    text += `|${personalityFlags.names[i]}`;
  }
  return rest === 0 ? text : `${text}|${hex(rest)}`;
}

export const personality: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => (low === -1 ? c.out.number("0xffffffff") : showNamed(c, hex(low), personalityText(low))),
};

export const personalityResult: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    c.out.number(hex(low));
    c.auxiliary = personalityText(low);
  },
};

/** A list of ids: `count` of them, or as many as were returned. */
export function idList(count: string | undefined): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: count === undefined,
    show: (c, low, high) => {
      if (count === undefined && c.failed) showAddress(c, low, high);
      else {
        const length = count === undefined ? c.result() : c.low(count);
        showArray(c, low, high, length, 4, (_, view) => c.out.number(view.getUint32(0, true).toString()));
      }
    },
  };
}


const cloneHas =
  (bit: number) =>
  (c: ShowContext): boolean =>
    (c.low("flags") & bit) !== 0;

/** Where clone writes the child's id, or its pidfd, in the parent. */
export const cloneParentTid: ArgumentType<number> = when(
  cloneHas(CLONE_PARENT_SETTID | CLONE_PIDFD),
  dependent(address, (c) => (cloneHas(CLONE_PIDFD)(c) ? scalarOut(s32(fd)) : scalarOut(s32(pid)))),
);
export const cloneChildTid = when(cloneHas(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID), address);
export const cloneTls = when(cloneHas(CLONE_SETTLS), hexLong);

export const waitOptions = flagsOf(waitFlags);

/** What waitid waits for: the kind of id says how to show it. */
export const waitidId: ArgumentType<number> = dependent(int, (c) => {
  const type = c.low("idtype");
  return type === P_PIDFD ? fd : type === P_PGID ? pid : pid;
});

export const kcmpIndex = when((c) => [KCMP_FILE, KCMP_EPOLL_TFD].includes(c.low("type")), unsignedInt);

export const archPrctlArgument: ArgumentType<number> = dependent(address, (c) => {
  const option = c.low("op");
  if (option === ARCH_GET_FS || option === ARCH_GET_GS) return scalarOut(pointer());
  if (option === ARCH_GET_CPUID) return undefined;
  return option === ARCH_SET_CPUID ? unsignedInt : hexAddress;
});
const hexAddress: ArgumentType<number> = { receive: unsignedNumber, show: (c, low, high) => c.out.address(hex(low, high)) };

export const seccompFlags: ArgumentType<number> = dependent(int, (c) =>
  c.low("operation") === SECCOMP_SET_MODE_FILTER ? flagsOf(seccompFilterFlags) : hexInt,
);

const notTraceMe = (c: ShowContext): boolean => c.low("op") !== PTRACE_TRACEME;
const deliversSignal = [7, 9, 17, 24, 31, 32, 33];
export const ptracePid = when(notTraceMe, pid);
export const ptraceAddress = when((c) => notTraceMe(c) && ![8, 16, 0x4207].includes(c.low("op")), address);
export const ptraceData: ArgumentType<number> = when(
  (c) => notTraceMe(c) && ![8, 16, 0x4207].includes(c.low("op")),
  dependent(address, (c) => {
    const request = c.low("op");
    if (request === PTRACE_SETOPTIONS) return longFlagsOf(ptraceOptions);
    if (request >= 1 && request <= 3) return scalarOut(pointer());
    return deliversSignal.includes(request) ? signalNumber : address;
  }),
);

const sliceControl = struct({ request: u8(), granted: u8(), __reserved: u16(hexInt) });

export const rseq = struct({
  cpu_id_start: u32(),
  cpu_id: u32({
    receive: (low) => low,
    show: (c, low) => {
      const name = rseqCpuIds.names.get(low);
      if (name === undefined) c.out.number((low >>> 0).toString());
      else showNamed(c, low.toString(), name);
    },
  }),
  rseq_cs: u64(address),
  flags: u32(flagsOf(rseqCsFlags)),
  node_id: u32(),
  mm_cid: u32(),
  slice_ctrl: nested(sliceControl as Struct<Fields>),
  __reserved: u8(hexInt),
});

const rseqWhole = structIn(rseq as Struct<Fields>);
const RSEQ_SIZE = 32;

/** What a thread registers with rseq: shown when it is what the kernel would take. */
export const rseqIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const fits = c.low("rseq_len") >= RSEQ_SIZE && low % RSEQ_SIZE === 0;
    (fits ? rseqWhole : address).show(c, low, high);
  },
};
