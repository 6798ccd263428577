// /proc/PID/timens_offsets: from when the clocks of a time namespace count. kernel/time/namespace.c
import { CAP_SYS_TIME } from "../../abi/constants/security.js";
import { EACCES, EINVAL, EPERM, ERANGE, Errno } from "../../abi/errno.js";
import { hasRightsOver, identityOf, type TimeNamespace } from "../task/namespaces.js";
import type { Task } from "../task/task.js";

const BILLION = 1_000_000_000n;
const KTIME_SEC_MAX = 9223372036n;
const NAMES: Readonly<Record<string, "monotonic" | "boottime">> = {
  monotonic: "monotonic",
  "1": "monotonic",
  boottime: "boottime",
  "7": "boottime",
};

/** Whole seconds rounded down, and what is left. */
function split(nanoseconds: bigint): [bigint, bigint] {
  const fraction = ((nanoseconds % BILLION) + BILLION) % BILLION;
  return [(nanoseconds - fraction) / BILLION, fraction];
}

export function offsetsText({ offsets }: TimeNamespace): string {
  return (["monotonic", "boottime"] as const)
    .map((name) => {
      const [seconds, fraction] = split(offsets[name]);
      return `${name.padEnd(10)} ${String(seconds).padStart(10)} ${String(fraction).padStart(9)}\n`;
    })
    .join("");
}

/** Lines of a clock, seconds and nanoseconds, for a namespace that nobody has gone into yet. */
export function setOffsets({ namespaces, kernel }: Task, writer: Task, text: string): void {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > 2) throw new Errno(EINVAL);
  const wanted = lines.map((line) => {
    const match = /^\s*(\S+)\s+(-?\d+)\s+(\d+)\s*$/.exec(line);
    const name = match ? NAMES[match[1]] : undefined;
    if (match === null || name === undefined) throw new Errno(EINVAL);
    const [seconds, fraction] = [BigInt(match[2]), BigInt(match[3])];
    if (fraction >= BILLION) throw new Errno(EINVAL);
    return { name, seconds, fraction };
  });
  const namespace = namespaces.timeForChildren;
  if (!hasRightsOver(writer.cred, identityOf(namespace).owner, CAP_SYS_TIME)) throw new Errno(EPERM);
  const now = BigInt(Math.floor(kernel.clock.monotonic()));
  for (const { seconds, fraction } of wanted) {
    if (seconds > KTIME_SEC_MAX || seconds < -KTIME_SEC_MAX) throw new Errno(ERANGE);
    const [then] = split(now + seconds * BILLION + fraction);
    if (then < 0n || then > KTIME_SEC_MAX / 2n) throw new Errno(ERANGE);
  }
  if (namespace.isFrozen) throw new Errno(EACCES);
  const offsets = { ...namespace.offsets };
  for (const { name, seconds, fraction } of wanted) offsets[name] = seconds * BILLION + fraction;
  namespace.offsets = offsets;
}
