// Argument types of the calls that administer the system: mounts, quotas, swap, I/O priorities, the kernel log.
import { type ArgumentType, dependent, when } from "./argument.js";
import { fanotifyClasses, fanotifyInitFlags } from "./constants/events.js";
import {
  FSCONFIG_SET_BINARY,
  FSCONFIG_SET_FD,
  FSCONFIG_SET_PATH,
  FSCONFIG_SET_PATH_EMPTY,
  FSCONFIG_SET_STRING,
  MS_BIND,
  MS_MGC_VAL,
  MS_MOVE,
  MS_PRIVATE,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  mountAttributes,
  mountFlags as mountFlagTable,
  namespaceTypes,
  quotaCommands,
  quotaTypes,
  statmountParameters,
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
import { extensibleIn, peekPadded, showExtensible, showTail } from "./extensible.js";
import { address, flagsOf, hexInt, hexLong, int, longFlagsOf, longOneOf, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { bytesOut, path, quoted, string } from "./strings.js";
import { type Fields, pointer, type Struct, s32, showArray, sizeWord, struct, u32, u64, unlessZero } from "./struct.js";
import { type Enumeration, enumeration, showEnumeration, showFlags, showNamed } from "./tables.js";

const MS_MGC_MASK = 0xffff0000;

/** mount's flags: the magic number of old, then what follows it. */
export const mountFlags: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low, high) => {
    if (high !== 0 || (low & MS_MGC_MASK) !== (MS_MGC_VAL | 0)) {
      showFlags(c, mountFlagTable, low, high);
      return;
    }
    showNamed(c, "0xc0ed0000", "MS_MGC_VAL");
    if ((low & ~MS_MGC_MASK) === 0) return;
    c.out.punct("|");
    showFlags(c, mountFlagTable, low & ~MS_MGC_MASK, high);
  },
};

const WITHOUT_TYPE = MS_REMOUNT | MS_BIND | MS_MOVE | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED;
const WITHOUT_DATA = WITHOUT_TYPE & ~MS_REMOUNT;

/** mount's flags as the kernel takes them: without the magic number. */
function effectiveMountFlags(c: ShowContext): number {
  const flags = c.low("mountflags");
  return (flags & MS_MGC_MASK) === (MS_MGC_VAL | 0) ? flags & ~MS_MGC_MASK : flags;
}
/** What mount ignores is not followed. */
export const fileSystemType = dependent(address, (c) => (effectiveMountFlags(c) & WITHOUT_TYPE ? address : string));
export const mountData = dependent(address, (c) => (effectiveMountFlags(c) & WITHOUT_DATA ? address : string));

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
  propagation: u64(longOneOf(propagations)),
  userns_fd: u64(),
});
export const mountAttrIn = extensibleIn(mountAttr as Struct<Fields>, {
  minimum: 32,
  size: (c) => c.unsigned("size"),
});

/** A request about a mount or namespace carries its own size; one too short has nothing else to show. */
function sizedRequest(type: Struct<Fields>, minimum: number): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const at = unsignedNumber(low, high);
      const head = c.dereference ? peekPadded(c, at, 4, type.size()) : undefined;
      if (head === undefined) {
        showAddress(c, low, high);
        return;
      }
      const size = type.get(head, "size");
      const whole = size < minimum ? undefined : peekPadded(c, at, Math.min(size, type.size()), type.size());
      c.out.punct("{");
      if (whole !== undefined) {
        showExtensible(c, type, whole, size);
        showTail(c, at, type.size(), size);
      } else {
        type.showFields(c, head, ["size"]);
        if (size >= minimum) {
          c.out.punct(", ");
          c.out.comment("???");
        }
      }
      c.out.punct("}");
    },
  };
}

/** An id of 64 bits of which all ones have a name. */
function idOrAll(name: string): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      low === -1 && high === -1 ? showNamed(c, hex(low, high), name) : hexLong.show(c, low, high),
  };
}

const mountRequest = { size: u32(), mnt_ns_fd: s32(fd), mnt_id: u64(hexLong) };
/** struct mnt_id_req, of statmount and of listmount. */
export const statmountRequest = sizedRequest(
  struct({ ...mountRequest, param: u64(longFlagsOf(statmountParameters)), mnt_ns_id: u64(hexLong) }) as Struct<Fields>,
  24,
);
export const listmountRequest = sizedRequest(
  struct({
    ...mountRequest,
    mnt_id: u64(idOrAll("LSMT_ROOT")),
    param: u64(hexLong),
    mnt_ns_id: u64(hexLong),
  }) as Struct<Fields>,
  24,
);

/** struct ns_id_req. */
export const namespaceRequest = sizedRequest(
  struct({
    size: u32(),
    spare: unlessZero(u32(hexInt)),
    ns_id: u64(hexLong),
    ns_type: u32(flagsOf(namespaceTypes)),
    spare2: unlessZero(u32(hexInt)),
    user_ns_id: u64(idOrAll("LISTNS_CURRENT_USER")),
  }) as Struct<Fields>,
  32,
);

/** A class in the low bits beside flags: fanotify_init, kexec_load. */
function classed(
  mask: number,
  classes: typeof kexecArch,
  flags: typeof kexecLoadFlags,
  isLong: boolean,
): ArgumentType<number> {
  return {
    receive: (low) => low,
    show: (c, low, high) => {
      const rest = isLong ? high : 0;
      showEnumeration(c, classes, low & mask);
      if ((low & ~mask) === 0 && rest === 0) return;
      c.out.punct("|");
      showFlags(c, flags, low & ~mask, rest);
    },
  };
}

/** Where a path to mark begins: nowhere, for one without a descriptor. */
export const markedDirectory: ArgumentType<number> = {
  ...dirFd,
  show: (c, low, high) => (low === -1 ? showNamed(c, "-1", "FAN_NOFD") : dirFd.show(c, low, high)),
};

export const fanotifyFlags = classed(0xc, fanotifyClasses, fanotifyInitFlags, false);
const segment = struct({ buf: pointer(), bufsz: sizeWord(), mem: pointer(), memsz: sizeWord() });

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

export const kexecFlags = classed(0xffff0000, kexecArch, kexecLoadFlags, true);

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
