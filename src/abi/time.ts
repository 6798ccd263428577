// Time structures, and the dates printed beside them.
import { type ArgumentType, onReturn } from "./argument.js";
import { UTIME_NOW, UTIME_OMIT } from "./constants/files.js";
import { adjtimexModes, clockIds, timexStates, timexStatus } from "./constants/time.js";
import { unsignedNumber } from "./digits.js";
import { flagsOf, long, showAddress, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import {
  type Field,
  nested,
  reserved,
  s32,
  scalarOut,
  showPointed,
  signedWord,
  struct,
  structIn,
  structOut,
  timeWord,
  u32,
} from "./struct.js";
import { showEnumeration, showNamed } from "./tables.js";

export const timespec = struct({ tv_sec: timeWord(), tv_nsec: timeWord(unsignedLong, false) });
export const timeval = struct({ tv_sec: timeWord(), tv_usec: timeWord(unsignedLong, false) });
export const itimerval = struct({ it_interval: nested(timeval), it_value: nested(timeval) });
export const itimerspec = struct({ it_interval: nested(timespec), it_value: nested(timespec) });
export const timezone = struct({ tz_minuteswest: s32(), tz_dsttime: s32() });
export const utimbuf = struct({ actime: signedWord(), modtime: signedWord() });
export const tms = struct({
  tms_utime: signedWord(),
  tms_stime: signedWord(),
  tms_cutime: signedWord(),
  tms_cstime: signedWord(),
});
/** Of struct __kernel_timex, which has what 64-bit programs get by alignment. */
const gap: Field = { ...reserved(0), size: (abi) => (abi === "i386_time64" ? 4 : 0), align: () => 1 };

export const timex = struct({
  modes: u32(flagsOf(adjtimexModes)),
  afterModes: gap,
  offset: timeWord(),
  freq: timeWord(),
  maxerror: timeWord(),
  esterror: timeWord(),
  status: s32(flagsOf(timexStatus)),
  afterStatus: gap,
  constant: timeWord(),
  precision: timeWord(),
  tolerance: timeWord(),
  time: nested(timeval),
  tick: timeWord(),
  ppsfreq: timeWord(),
  jitter: timeWord(),
  shift: s32(),
  afterShift: gap,
  stabil: timeWord(),
  jitcnt: timeWord(),
  calcnt: timeWord(),
  errcnt: timeWord(),
  stbcnt: timeWord(),
  tai: s32(),
  reserved: reserved(44),
});

export const timespecIn = structIn(timespec);
export const timespecOut = structOut(timespec);
export const timevalIn = structIn(timeval);
export const timevalOut = structOut(timeval);

/** What a sleep had left: written only when a signal cut it short. */
export const timespecLeft: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    const interrupted = c.tracee.resultHigh() === -1 && [-4, -516, -514].includes(c.tracee.resultLow());
    if (interrupted) timespecIn.show(c, low, high);
    else showAddress(c, low, high);
  },
});

const two = (value: number): string => value.toString().padStart(2, "0");

/** A date in the tracer's time zone with `digits` of the fraction, as strftime's %FT%T%z; undefined at the epoch itself. */
export function dateText(seconds: number, fraction = 0, digits = 0): string | undefined {
  if (seconds === 0 && fraction === 0) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  const offset = -date.getTimezoneOffset();
  const zone = Math.abs(offset);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const rest = digits === 0 || fraction === 0 ? "" : `.${fraction.toString().padStart(digits, "0")}`;
  return `${day}T${clock}${rest}${offset < 0 ? "-" : "+"}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
}

export function showDate(c: ShowContext, seconds: number, fraction = 0, digits = 0): void {
  if (fraction < 0 || fraction >= 10 ** digits) return;
  const text = dateText(seconds, fraction, digits);
  if (text !== undefined) c.out.comment(` /* ${text} */`);
}

/** The pair of times utimensat and its elders take. */
export function timePair(kind: "timespec" | "timeval"): ArgumentType<number> {
  const type = kind === "timespec" ? timespec : timeval;
  const digits = kind === "timespec" ? 9 : 6;
  const fractionField = kind === "timespec" ? "tv_nsec" : "tv_usec";
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const abi = c.abi;
      const size = type.size(abi);
      showPointed(c, low, high, 2 * size, (_, view) => {
        for (let i = 0; i < 2; i++) {
          c.out.punct(i === 0 ? "[" : ", ");
          const one = new DataView(view.buffer, view.byteOffset + i * size, size);
          const seconds = type.get(one, "tv_sec", abi);
          const fraction = type.get(one, fractionField as "tv_sec", abi);
          if (kind === "timespec" && fraction === UTIME_NOW)
            showNamed(c, `{tv_sec=${seconds}, tv_nsec=${fraction}}`, "UTIME_NOW");
          else if (kind === "timespec" && fraction === UTIME_OMIT) {
            showNamed(c, `{tv_sec=${seconds}, tv_nsec=${fraction}}`, "UTIME_OMIT");
          } else {
            type.show(c, one);
            showDate(c, seconds, fraction, digits);
          }
        }
        c.out.punct("]");
      });
    },
  };
}

export const utimbufIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, utimbuf.size(c.abi), (_, view) => {
      for (const name of ["actime", "modtime"] as const) {
        c.out.punct(name === "actime" ? "{" : ", ");
        c.out.name(name);
        c.out.punct("=");
        utimbuf.showField(c, view, name);
        showDate(c, utimbuf.get(view, name, c.abi));
      }
      c.out.punct("}");
    }),
};

/** What time(2) returns. */
export const timeResult: ArgumentType<number> = {
  receive: long.receive,
  show: (c, low, high) => {
    long.show(c, low, high);
    c.auxiliary = dateText(long.receive(low, high));
  },
};

const dated = signedWord({
  receive: long.receive,
  show: (c, low, high) => {
    long.show(c, low, high);
    showDate(c, long.receive(low, high));
  },
});
/** Where time(2) writes the time. */
export const timeOut: ArgumentType<number> = scalarOut(dated);

/** What adjtimex(2) returns: the clock's state. */
export const timexState: ArgumentType<number> = {
  receive: long.receive,
  show: (c, low) => {
    c.out.number(low.toString());
    c.auxiliary = timexStates.names.get(low);
  },
};

/** A clock: one of the fixed ones by name, others (a process's or thread's, one behind a descriptor) as numbers. */
export const clockId: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => showEnumeration(c, clockIds, low),
};
