// Scheduling: policies, attributes, processor sets.
import type { ArgumentType } from "./argument.js";
import { SCHED_RESET_ON_FORK, schedAttrFlags, schedPolicies } from "./constants/processes.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView } from "./memory.js";
import { filledIn, longFlagsOf, oneOf } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, s32, showPointed, struct, structIn, structOut, u32, u64 } from "./struct.js";
import { showNamed } from "./tables.js";

/** What a longer set says of processors beyond is not shown: bytes. */
const CPU_SET_SIZE = 128;

/** A set of processors `size` bytes long: `[0 2 3]`. */
export function cpuSet(size: string | undefined): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const given = size === undefined ? c.result() : c.low(size) >>> 0;
      if (given === 0 && (low !== 0 || high !== 0)) {
        c.out.punct("[]");
        return;
      }
      const length = Math.min(given, CPU_SET_SIZE);
      showPointed(c, low, high, length, (_, view) => {
        let text = "";
        for (let cpu = 0; cpu < length * 8; cpu++) {
          if (((view.getUint8(cpu >> 3) >> (cpu & 7)) & 1) === 1) text += text === "" ? cpu : ` ${cpu}`;
        }
        c.out.punct("[");
        c.out.number(text);
        if (length < given) c.out.punct(text === "" ? "..." : " ...");
        c.out.punct("]");
      });
    },
  };
  return size === undefined ? filledIn(type) : type;
}

export const schedParam = struct({ sched_priority: s32() });
export const schedParamIn = structIn(schedParam as Struct<Fields>);
export const schedParamOut = structOut(schedParam as Struct<Fields>);

/** A scheduling policy, perhaps with SCHED_RESET_ON_FORK. */
export const schedPolicy: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const name = schedPolicies.names.get(low & ~SCHED_RESET_ON_FORK);
    if (low < 0 || (low & SCHED_RESET_ON_FORK) === 0) oneOf(schedPolicies).show(c, low, 0);
    else showNamed(c, hex(low), `SCHED_RESET_ON_FORK|${name ?? hex(low & ~SCHED_RESET_ON_FORK)}`);
  },
};

/** What sched_getscheduler returns. */
export const schedPolicyResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(hex(low));
    const name = schedPolicies.names.get(low & ~SCHED_RESET_ON_FORK);
    c.auxiliary = name && low & SCHED_RESET_ON_FORK ? `SCHED_RESET_ON_FORK|${name}` : name;
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

const KEEP_POLICY = 0x08;
const KEEP_PARAMS = 0x10;
const PARAMETERS = ["sched_nice", "sched_priority", "sched_runtime", "sched_deadline", "sched_period"];

/** The fields, without those that the flags say are to stay as they are. */
function showSched(c: ShowContext, type: Struct<Fields>, view: DataView, isResult: boolean): void {
  const flags = isResult ? 0 : view.getUint32(schedAttr.offset("sched_flags"), true);
  const keepsPolicy = (flags & (KEEP_POLICY | KEEP_PARAMS)) !== 0 && view.getInt32(4, true) >= 0;
  const isKept = (name: string): boolean =>
    name === "sched_policy" ? keepsPolicy : (flags & KEEP_PARAMS) !== 0 && PARAMETERS.includes(name);
  c.out.punct("{");
  type.showFields(
    c,
    view,
    Object.keys(type.fields).filter((name) => !isKept(name)),
  );
}

export function schedAttrAt(atExit: boolean): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const size = atExit
        ? c.unsigned("size")
        : (peekView(c.tracee, unsignedNumber(low, high), 4)?.getUint32(0, true) ?? 0);
      c.notes[c.index] = undefined;
      if (!atExit && size > 0 && size < 48) {
        showPointed(c, low, high, 4, () => {
          c.out.punct("{");
          c.out.name("size");
          c.out.punct("=");
          c.out.number(size.toString());
          c.out.punct("}");
        });
        c.notes[c.index] = size;
        return;
      }
      const type = (size >= 56 ? schedAttr : schedAttr48) as Struct<Fields>;
      showPointed(c, low, high, type.size(), (_, view) => {
        if (atExit || size <= schedAttr.size()) {
          showSched(c, type, view, atExit);
          c.out.punct("}");
          return;
        }
        showSched(c, type, view, atExit); // larger than any that is known
        c.out.punct(", ...}");
      });
    },
  };
  return atExit ? filledIn(type) : { ...type, leave: showWantedSize };
}

/** A structure too small: the kernel writes the size it wants. */
function showWantedSize(c: ShowContext, low: number, high: number): void {
  const size = c.notes[c.index] as number | undefined;
  if (size === undefined || size === 0 || size >= 48) return;
  const now = peekView(c.tracee, unsignedNumber(low, high), 4)?.getUint32(0, true);
  if (now !== undefined && now !== size) {
    c.out.punct(" => {");
    c.out.name("size");
    c.out.punct("=");
    c.out.number(now.toString());
    c.out.punct("}");
  }
}
