// clone's and clone3's arguments.
import { type ArgumentType, dependent, when } from "./argument.js";
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
} from "./constants/processes.js";
import { fd, pid, showDescriptor, showPid } from "./descriptors.js";
import { unsignedNumber } from "./digits.js";
import { peekPadded, showTail } from "./extensible.js";
import { peekView } from "./memory.js";
import { address, hexLong, longFlagsOf, showAddress, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSignal } from "./signals.js";
import { s32, scalarOut, showArray, showPointed, struct, u64 } from "./struct.js";
import { showFlags } from "./tables.js";
import { userDescIn } from "./user-desc.js";

/** clone's flags with the exit signal in their low byte. */
export const cloneFlags: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const signal = low & CSIGNAL;
    const flags = low & ~CSIGNAL;
    if (flags !== 0 || high !== 0) {
      showFlags(c, cloneFlagTable, flags, high);
      if (signal === 0) return;
      c.out.punct("|");
    }
    if (signal === 0) c.out.number("0");
    else showSignal(c, signal);
  },
};

export const cloneArgs = struct({
  flags: u64(longFlagsOf(clone3Flags)),
  pidfd: u64(hexLong),
  child_tid: u64({ receive: unsignedNumber, show: showAddress }),
  parent_tid: u64({ receive: unsignedNumber, show: showAddress }),
  exit_signal: u64({
    receive: (low) => low,
    show: (c, low, high) => {
      if (high !== 0 || low === 0) unsignedLong.show(c, low, high);
      else showSignal(c, low);
    },
  }),
  stack: u64({ receive: unsignedNumber, show: showAddress }),
  stack_size: u64(hexLong),
  tls: u64({ receive: unsignedNumber, show: showAddress }),
  set_tid: u64(hexLong),
  set_tid_size: u64(),
  cgroup: u64(),
});

const CLONE_ARGS_MINIMUM = 64;

/** clone3's structure: what its flags ask for at entry, what the kernel wrote back at exit. */
export const cloneArgsInOut: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const given = c.unsigned("size");
    const size = Math.min(given, cloneArgs.size());
    const start = unsignedNumber(low, high);
    const isPlausible = c.dereference && size >= CLONE_ARGS_MINIMUM;
    const view = isPlausible ? peekPadded(c, start, size, cloneArgs.size()) : undefined;
    if (view === undefined) {
      showAddress(c, low, high);
      return;
    }
    const flags = view.getInt32(0, true);
    const has = (bit: number): boolean => (flags & bit) !== 0;
    const names = ["flags"];
    if (has(CLONE_PIDFD)) names.push("pidfd");
    if (has(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) names.push("child_tid");
    if (has(CLONE_PARENT_SETTID)) names.push("parent_tid");
    names.push("exit_signal", "stack", "stack_size");
    if (has(CLONE_SETTLS)) names.push("tls");
    c.out.punct("{");
    cloneArgs.showFields(c, view, names);
    if (cloneArgs.get(view, "set_tid") !== 0 || cloneArgs.get(view, "set_tid_size") !== 0) {
      showSetTid(c, view);
    }
    const isInGroup = (view.getUint32(4, true) & (CLONE_INTO_CGROUP / 2 ** 32)) !== 0;
    if ((size >= 88 && isInGroup) || cloneArgs.get(view, "cgroup") !== 0) {
      c.out.punct(", ");
      cloneArgs.showFields(c, view, ["cgroup"]);
    }
    showTail(c, start, cloneArgs.size(), given);
    c.out.punct("}");
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
  const low = view.getInt32(cloneArgs.offset("set_tid"), true);
  const high = view.getInt32(cloneArgs.offset("set_tid") + 4, true);
  const count = cloneArgs.get(view, "set_tid_size");
  c.out.punct(", ");
  c.out.name("set_tid");
  c.out.punct("=");
  if (count === 0 || count > 32) showAddress(c, low, high);
  else {
    showArray(c, low, high, count, 4, (_, element) => showPid(c, element.getInt32(0, true)));
  }
  c.out.punct(", ");
  cloneArgs.showFields(c, view, ["set_tid_size"]);
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
/** i386 says by a descriptor where a thread's own data is. */
export const threadDescriptor = when(cloneHas(CLONE_SETTLS), userDescIn);
