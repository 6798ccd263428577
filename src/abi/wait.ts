// What wait calls take and give.
import { type ArgumentType, dependent, onReturn } from "./argument.js";
import { P_PGID, P_PIDFD, waitFlags } from "./constants/processes.js";
import { fd, pid } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { flagsOf, int, showAddress } from "./scalars.js";
import { signalName } from "./signals.js";
import { showPointed } from "./struct.js";

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

export const waitOptions = flagsOf(waitFlags);

/** What waitid waits for: the kind of id says how to show it. */
export const waitidId: ArgumentType<number> = dependent(int, (c) => {
  const type = c.low("idtype");
  return type === P_PIDFD ? fd : type === P_PGID ? pid : pid;
});
