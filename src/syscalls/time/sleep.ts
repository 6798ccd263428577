// Sleeping. See nanosleep(2), clock_nanosleep(2).
import { CLOCK_MONOTONIC, timerFlags } from "../../abi/constants/time.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { clockId, timespecIn, timespecLeft } from "../../abi/time.js";
import { sleep } from "../../kernel/time/sleep.js";
import { defineSyscall } from "../define.js";

export const nanosleepCall = defineSyscall({
  name: "nanosleep",
  nr: { x64: 35, i386: 162, x32: 35 },
  classes: [],
  args: { req: timespecIn, rem: timespecLeft },
  returns: long,
  run: (task, { req, rem }) => sleep(task, CLOCK_MONOTONIC, 0, req, rem),
});

export const clockNanosleepCall = defineSyscall({
  name: "clock_nanosleep",
  nr: { x64: 230, i386: 267, x32: 230 },
  classes: [],
  args: { clockid: clockId, flags: flagsOf(timerFlags), request: timespecIn, remain: timespecLeft },
  returns: long,
  run: (task, { clockid, flags, request, remain }) => sleep(task, clockid, flags, request, remain),
});
