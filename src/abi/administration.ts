// Argument types of the calls that administer the system: mounts, quotas, swap, I/O priorities, the kernel log.
import { type ArgumentType, dependent, when } from "./argument.js";
import { fanotifyClasses, fanotifyInitFlags } from "./constants/events.js";
import {
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
import { hex } from "./digits.js";
import { capture } from "./events.js";
import { address, int, longFlagsOf, oneOf } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { bytesOut, string } from "./strings.js";
import { type Fields, type Struct, struct, structIn, u64 } from "./struct.js";
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
    showNamed(c, low.toString(), `QCMD(${command}, ${quotaTypes.names.get(low & 0xff) ?? hex(low & 0xff)})`);
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
export const mountAttrIn = structIn(mountAttr as Struct<Fields>);

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
