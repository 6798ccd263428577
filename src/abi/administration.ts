// Argument types of the calls that administer the system: mounts, quotas, swap, I/O priorities, the kernel log.
import { type ArgumentType, dependent, when } from "./argument.js";
import { fanotifyClasses, fanotifyInitFlags } from "./constants/events.js";
import {
  FSCONFIG_SET_BINARY,
  FSCONFIG_SET_FD,
  FSCONFIG_SET_PATH,
  FSCONFIG_SET_PATH_EMPTY,
  FSCONFIG_SET_STRING,
  MS_MGC_VAL,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  mountAttributes,
  mountFlags as mountFlagTable,
  quotaCommands,
  quotaTypes,
  swapFlags as swapFlagTable,
} from "./constants/mounts.js";
import {
  ioprioClasses,
  kexecArch,
  kexecLoadFlags,
  LINUX_REBOOT_CMD_RESTART2,
  syslogTypes,
} from "./constants/processes.js";
import { dirFd, fd } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { capture } from "./events.js";
import { address, int, longFlagsOf, oneOf, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { bytesOut, path, quoted, string } from "./strings.js";
import { type Fields, pointer, type Struct, showArray, struct, structIn, u64, word } from "./struct.js";
import { type Enumeration, enumeration, showEnumeration, showFlags, showNamed } from "./tables.js";

const MS_MGC_MASK = 0xffff0000;

/** mount's flags: the magic number of old, then what follows it. */
export const mountFlags: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low, high) => {
    if ((low & MS_MGC_MASK) !== (MS_MGC_VAL | 0)) {
      showFlags(c, mountFlagTable, low, high);
      return;
    }
    showNamed(c, "0xc0ed0000", "MS_MGC_VAL");
    if ((low & ~MS_MGC_MASK) === 0) return;
    c.out.punct("|");
    showFlags(c, mountFlagTable, low & ~MS_MGC_MASK, high);
  },
};

/** `QCMD(Q_GETQUOTA, USRQUOTA)`. */
export const quotaCommand: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const command = nameOf(c, quotaCommands, low >>> 8);
    showNamed(c, low.toString(), `QCMD(${command}, ${nameOf(c, quotaTypes, low & 0xff)})`);
  },
};

/** A name inside a compound one, in the style asked for. */
function nameOf(c: ShowContext, table: Enumeration, value: number): string {
  return capture(c, () => showEnumeration(c, table, value));
}

export const swapFlags: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const priority = low & 0x7fff;
    const flags = low & ~0x7fff;
    if (flags !== 0) {
      showFlags(c, swapFlagTable, flags);
      c.out.punct("|");
    }
    c.out.number(priority.toString());
  },
};

export const ioPriority: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) =>
    showNamed(c, low.toString(), `IOPRIO_PRIO_VALUE(${nameOf(c, ioprioClasses, low >>> 13)}, ${low & 0x1fff})`),
};

const classNames = ["NONE", "RT", "BE", "IDLE"];

export const ioPriorityResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(low.toString());
    const name = classNames[low >>> 13];
    c.auxiliary = `IOPRIO_PRIO_VALUE(${name === undefined ? `${hex(low >>> 13)} /* IOPRIO_CLASS_??? */` : `IOPRIO_CLASS_${name}`}, ${low & 0x1fff})`;
  },
};

/** The kernel log's action: the number, with its name beside it. */
export const logAction: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(low.toString());
    c.out.comment(` /* ${syslogTypes.names.get(low) ?? syslogTypes.unknown} */`);
  },
};

const propagations = enumeration("MS_???", { MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED });

const mountAttr = struct({
  attr_set: u64(longFlagsOf(mountAttributes)),
  attr_clr: u64(longFlagsOf(mountAttributes)),
  propagation: u64(oneOf(propagations)),
  userns_fd: u64(),
});
/** Shown when the size given is enough for it. */
export const mountAttrIn: ArgumentType<number> = dependent(address, (c) =>
  c.unsigned("size") < mountAttr.size() ? address : mountAttrWhole,
);
const mountAttrWhole = structIn(mountAttr as Struct<Fields>);

/** A class in the low bits beside flags: fanotify_init, kexec_load. */
function classed(mask: number, classes: typeof kexecArch, flags: typeof kexecLoadFlags): ArgumentType<number> {
  return {
    receive: (low) => low,
    show: (c, low) => {
      showEnumeration(c, classes, low & mask);
      if ((low & ~mask) === 0) return;
      c.out.punct("|");
      showFlags(c, flags, low & ~mask);
    },
  };
}

export const fanotifyFlags = classed(0xc, fanotifyClasses, fanotifyInitFlags);
const segment = struct({ buf: pointer(), bufsz: word(), mem: pointer(), memsz: word() });

const KEXEC_SEGMENT_MAX = 16;

/** kexec's segments; the kernel takes no more than 16. */
export const kexecSegments: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const count = c.unsigned("nr_segments");
    if (count > KEXEC_SEGMENT_MAX) showAddress(c, low, high);
    else showArray(c, low, high, count, segment.size(), (_, view) => segment.show(c, view));
  },
};

/** How fsconfig shows its key, value and number, by command. */
const FSCONFIG_KEYED = 5;
const fsconfigCommand = (c: ShowContext): number => c.low("cmd");
export const fsconfigKey: ArgumentType<number> = dependent(string, (c) =>
  fsconfigCommand(c) >>> 0 <= FSCONFIG_KEYED ? string : address,
);
export const fsconfigValue: ArgumentType<number> = dependent(string, (c) => {
  switch (fsconfigCommand(c)) {
    case FSCONFIG_SET_STRING:
      return string;
    case FSCONFIG_SET_BINARY:
      return binaryValue;
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY:
      return path;
    default:
      return address;
  }
});
export const fsconfigNumber: ArgumentType<number> = dependent(int, (c) =>
  [FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY].includes(fsconfigCommand(c))
    ? dirFd
    : fsconfigCommand(c) === FSCONFIG_SET_FD
      ? fd
      : int,
);

/** Bytes in hex, as many as the number after them says. */
const binaryValue: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const length = c.low("aux");
    const limit = Math.min(length, c.style.stringLimit);
    const bytes = length < 0 || (low === 0 && high === 0) ? undefined : c.tracee.peek(unsignedNumber(low, high), limit);
    if (bytes === undefined) showAddress(c, low, high);
    else {
      c.out.string(quoted(bytes, { hexStrings: "always" }));
      if (limit < length) c.out.punct("...");
    }
  },
};

export const kexecFlags = classed(0xffff0000, kexecArch, kexecLoadFlags);

/** reboot's string, there only for LINUX_REBOOT_CMD_RESTART2. */
export const rebootArgument = when((c) => c.low("op") >>> 0 === LINUX_REBOOT_CMD_RESTART2, string);

const logReads = [2, 3, 4];

export const logBuffer: ArgumentType<number> = dependent(address, (c) => {
  const action = c.low("type");
  if (logReads.includes(action)) return bytesOut;
  return action === 8 || action > 10 || action < 0 ? address : undefined;
});
export const logSize: ArgumentType<number> = dependent(int, (c) => {
  const action = c.low("type");
  return logReads.includes(action) || action === 8 || action > 10 || action < 0 ? int : undefined;
});
