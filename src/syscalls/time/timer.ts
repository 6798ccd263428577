// Timers. See timer_create(2), setitimer(2), alarm(2), timerfd_create(2).
import { itimerWhich, timerFlags, timerfdCreateFlags, timerfdSettimeFlags } from "../../abi/constants/time.js";
import { fd } from "../../abi/descriptors.js";
import { flagsOf, int, long, oneOf, unsignedInt } from "../../abi/scalars.js";
import { sigeventIn } from "../../abi/signals.js";
import { s32, scalarOut, structIn, structOut } from "../../abi/struct.js";
import { clockId, itimerspec, itimerval } from "../../abi/time.js";
import { createTimerFd, getTimerFd, setTimerFd } from "../../kernel/fs/anonfs/timer-fd.js";
import {
  alarm,
  createTimer,
  deleteTimer,
  getItimer,
  getTimer,
  posixTimer,
  setItimer,
  setTimer,
} from "../../kernel/time/timers.js";
import { defineSyscall } from "../define.js";

export const alarmCall = defineSyscall({
  name: "alarm",
  nr: { x64: 37, i386: 27, x32: 37 },
  classes: [],
  args: { seconds: unsignedInt },
  returns: long,
  run: (task, { seconds }) => alarm(task, seconds),
});

export const getitimerCall = defineSyscall({
  name: "getitimer",
  nr: { x64: 36, i386: 105, x32: 36 },
  classes: [],
  args: { which: oneOf(itimerWhich), curr_value: structOut(itimerval) },
  returns: long,
  run: (task, { which, curr_value }) => getItimer(task, which, curr_value),
});

export const setitimerCall = defineSyscall({
  name: "setitimer",
  nr: { x64: 38, i386: 104, x32: 38 },
  classes: [],
  args: { which: oneOf(itimerWhich), new_value: structIn(itimerval), old_value: structOut(itimerval) },
  returns: long,
  run: (task, { which, new_value, old_value }) => setItimer(task, which, new_value, old_value),
  partial: "how CPU time divides into user and system time is an estimate",
});

export const timerCreateCall = defineSyscall({
  name: "timer_create",
  nr: { x64: 222, i386: 259, x32: 526 },
  classes: [],
  args: { clockid: clockId, sevp: sigeventIn, timerid: scalarOut(s32()) },
  returns: long,
  run: (task, { clockid, sevp, timerid }) => createTimer(task, clockid, sevp, timerid),
});

export const timerSettimeCall = defineSyscall({
  name: "timer_settime",
  nr: { x64: 223, i386: 260, x32: 223 },
  classes: [],
  args: {
    timerid: int,
    flags: flagsOf(timerFlags),
    new_value: structIn(itimerspec),
    old_value: structOut(itimerspec),
  },
  returns: long,
  run: (task, { timerid, flags, new_value, old_value }) => setTimer(task, timerid, flags, new_value, old_value),
});

export const timerGettimeCall = defineSyscall({
  name: "timer_gettime",
  nr: { x64: 224, i386: 261, x32: 224 },
  classes: [],
  args: { timerid: int, curr_value: structOut(itimerspec) },
  returns: long,
  run: (task, { timerid, curr_value }) => getTimer(task, timerid, curr_value),
});

export const timerGetoverrunCall = defineSyscall({
  name: "timer_getoverrun",
  nr: { x64: 225, i386: 262, x32: 225 },
  classes: [],
  args: { timerid: int },
  returns: long,
  run: (task, { timerid }) => posixTimer(task, timerid).overrun,
});

export const timerDeleteCall = defineSyscall({
  name: "timer_delete",
  nr: { x64: 226, i386: 263, x32: 226 },
  classes: [],
  args: { timerid: int },
  returns: long,
  run: (task, { timerid }) => deleteTimer(task, timerid),
});

export const timerfdCreateCall = defineSyscall({
  name: "timerfd_create",
  nr: { x64: 283, i386: 322, x32: 283 },
  classes: ["desc"],
  args: { clockid: clockId, flags: flagsOf(timerfdCreateFlags) },
  returns: fd,
  run: (task, { clockid, flags }) => createTimerFd(task, clockid, flags),
});

export const timerfdSettimeCall = defineSyscall({
  name: "timerfd_settime",
  nr: { x64: 286, i386: 325, x32: 286 },
  classes: ["desc"],
  args: { fd, flags: flagsOf(timerfdSettimeFlags), new_value: structIn(itimerspec), old_value: structOut(itimerspec) },
  returns: long,
  run: (task, { fd, flags, new_value, old_value }) => setTimerFd(task, fd, flags, new_value, old_value),
});

export const timerfdGettimeCall = defineSyscall({
  name: "timerfd_gettime",
  nr: { x64: 287, i386: 326, x32: 287 },
  classes: ["desc"],
  args: { fd, curr_value: structOut(itimerspec) },
  returns: long,
  run: (task, { fd, curr_value }) => getTimerFd(task, fd, curr_value),
});
