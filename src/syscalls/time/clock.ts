// Clocks. See clock_gettime(2), gettimeofday(2), time(2), adjtimex(2).
import { long } from "../../abi/scalars.js";
import { structIn, structOut } from "../../abi/struct.js";
import {
  clockId,
  timeOut,
  timeResult,
  timespecIn,
  timespecOut,
  timevalIn,
  timevalOut,
  timex,
  timexState,
  timezone,
} from "../../abi/time.js";
import { adjustClock } from "../../kernel/time/adjust.js";
import {
  clockResolution,
  clockTime,
  setClock,
  setTimeOfDay,
  writeTimespec,
  writeTimeval,
} from "../../kernel/time/sleep.js";
import { defineSyscall } from "../define.js";

export const timeCall = defineSyscall({
  name: "time",
  nr: { x64: 201, i386: 13, x32: 201 },
  classes: ["clock"],
  args: { tloc: timeOut },
  returns: timeResult,
  run: (task, { tloc }) => {
    const seconds = Number(task.kernel.clock.realtime() / 1_000_000_000n);
    if (tloc !== 0) task.writeWord(tloc, seconds);
    return seconds;
  },
});

export const gettimeofdayCall = defineSyscall({
  name: "gettimeofday",
  nr: { x64: 96, i386: 78, x32: 96 },
  classes: ["clock"],
  args: { tv: timevalOut, tz: structOut(timezone) },
  returns: long,
  run: (task, { tv, tz }) => {
    if (tv !== 0) writeTimeval(task, tv, task.kernel.clock.realtime());
    if (tz !== 0) task.writeU64(tz, 0);
  },
});

export const settimeofdayCall = defineSyscall({
  name: "settimeofday",
  nr: { x64: 164, i386: 79, x32: 164 },
  classes: ["clock"],
  args: { tv: timevalIn, tz: structIn(timezone) },
  returns: long,
  run: (task, { tv, tz }) => setTimeOfDay(task, tv, tz),
});

export const clockGettimeCall = defineSyscall({
  name: "clock_gettime",
  nr: { x64: 228, i386: 265, x32: 228 },
  classes: ["clock"],
  args: { clockid: clockId, tp: timespecOut },
  returns: long,
  run: (task, { clockid, tp }) => writeTimespec(task, tp, clockTime(task, clockid)),
});

export const clockSettimeCall = defineSyscall({
  name: "clock_settime",
  nr: { x64: 227, i386: 264, x32: 227 },
  classes: ["clock"],
  args: { clockid: clockId, tp: timespecIn },
  returns: long,
  run: (task, { clockid, tp }) => setClock(task, clockid, tp),
});

export const clockGetresCall = defineSyscall({
  name: "clock_getres",
  nr: { x64: 229, i386: 266, x32: 229 },
  classes: ["clock"],
  args: { clockid: clockId, tp: timespecOut },
  returns: long,
  run: (task, { clockid, tp }) => {
    const resolution = clockResolution(task, clockid);
    if (tp !== 0) writeTimespec(task, tp, resolution);
  },
});

export const clockAdjtimeCall = defineSyscall({
  name: "clock_adjtime",
  nr: { x64: 305, i386: 343, x32: 305 },
  classes: ["clock"],
  args: { clockid: clockId, buf: structOut(timex) },
  returns: timexState,
  run: (task, { clockid, buf }) => adjustClock(task, buf, clockid),
  partial: "what is set is read back, and does not change how fast time goes",
});

export const adjtimexCall = defineSyscall({
  name: "adjtimex",
  nr: { x64: 159, i386: 124, x32: 159 },
  classes: ["clock"],
  args: { buf: structOut(timex) },
  returns: timexState,
  run: (task, { buf }) => adjustClock(task, buf),
  partial: "what is set is read back, and does not change how fast time goes",
});
