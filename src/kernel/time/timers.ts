// setitimer, alarm, timer_create and their kin: the programs' own timers. kernel/time/itimer.c, posix-timers.c
import { _NSIG, SIGALRM, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD_ID } from "../../abi/constants/signals.js";
import {
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  ITIMER_REAL,
  TIMER_ABSTIME,
} from "../../abi/constants/time.js";
import { EAGAIN, EBUSY, EINVAL, EOPNOTSUPP, Errno } from "../../abi/errno.js";
import { isQueueFull } from "../signal/queue-limit.js";
import { readSigevent } from "../signal/sigevent.js";
import type { Task } from "../task/task.js";
import { cpuClockOf, monotonicClock, type TimerClock } from "./clock-timer.js";
import { intervalTimer } from "./interval-timer.js";
import { PosixTimer } from "./posix-timer.js";
import {
  clockTime,
  isAlarmClock,
  ownedClock,
  pairSize,
  readItimerspec,
  readPair,
  writeTimespec,
  writeTimeval,
} from "./sleep.js";

/** struct itimerval, read whole before it is looked at. */
function readItimerval(task: Task, address: number): { interval: number; first: number } {
  const [interval, first] = [readPair(task, address), readPair(task, address + pairSize(task))];
  return { interval: timeval(interval), first: timeval(first) };
}

function timeval({ seconds, fraction: microseconds }: { seconds: number; fraction: number }): number {
  if (seconds < 0 || microseconds < 0 || microseconds >= 1e6) throw new Errno(EINVAL);
  return seconds * 1e9 + microseconds * 1000;
}

export function getItimer(task: Task, which: number, address: number): void {
  if (which < 0 || which > 2) throw new Errno(EINVAL);
  const timer = intervalTimer(task, which);
  writeTimeval(task, address, timer.interval);
  writeTimeval(task, address + pairSize(task), timer.left);
}

/** A null `value` stops the timer, as Linux has it. */
export function setItimer(task: Task, which: number, value: number, old: number): void {
  const { interval, first } = value === 0 ? { interval: 0, first: 0 } : readItimerval(task, value);
  if (which < 0 || which > 2) throw new Errno(EINVAL);
  const timer = intervalTimer(task, which);
  const before = { interval: timer.interval, left: timer.left };
  timer.set(first, interval);
  if (old === 0) return;
  writeTimeval(task, old, before.interval);
  writeTimeval(task, old + pairSize(task), before.left);
}

/** alarm(2): seconds that were left, rounded as Linux does. */
export function alarm(task: Task, seconds: number): number {
  const timer = intervalTimer(task, ITIMER_REAL);
  const { left } = timer;
  timer.set(seconds * 1e9, 0);
  if (left === 0) return 0;
  const whole = Math.floor(left / 1e9);
  return whole === 0 || left % 1e9 >= 5e8 ? whole + 1 : whole;
}

/** timer_create(2): writes the new timer's id. `event` is a struct sigevent or 0. */
export function createTimer(task: Task, clock: number, event: number, address: number): void {
  const notice = event === 0 ? undefined : readSigevent(task, event);
  const runsOn = timerClock(task, clock);
  if (isQueueFull(task)) throw new Errno(EAGAIN);
  const { signal: shared } = task;
  const id = nextId(task, address);
  let signal = SIGALRM;
  let notify = SIGEV_SIGNAL;
  let value = BigInt(id);
  let target: Task | undefined;
  if (notice) {
    const { tid } = notice;
    ({ value, signal, notify } = notice);
    const kind = notify & ~SIGEV_THREAD_ID;
    if (kind > 2 || kind < 0) throw new Errno(EINVAL);
    if (notify & SIGEV_THREAD_ID) {
      const named = task.find(tid);
      if (named?.signal !== shared || kind !== SIGEV_SIGNAL) throw new Errno(EINVAL);
      target = named;
    }
    if (kind !== SIGEV_NONE && (signal < 1 || signal > _NSIG)) throw new Errno(EINVAL);
  }
  task.writeU32(address, id);
  shared.posixTimers.set(id, new PosixTimer(task, id, clock, runsOn, { notify, signal, value, target }));
}

/** The one that is wanted after PR_TIMER_CREATE_RESTORE_IDS. */
function nextId(task: Task, address: number): number {
  const { signal } = task;
  if (!signal.restoresTimerIds) return signal.nextTimerId++;
  const id = task.readI32(address);
  if (id < 0) throw new Errno(EINVAL);
  if (signal.posixTimers.has(id)) throw new Errno(EBUSY);
  return id;
}

/** What a timer with that clock runs on. Throws EINVAL for one that is none, EOPNOTSUPP for one that has no timers. */
function timerClock(task: Task, clock: number): TimerClock {
  if (isAlarmClock(clock)) throw new Errno(EOPNOTSUPP);
  clockTime(task, clock);
  if (clock === CLOCK_PROCESS_CPUTIME_ID) return cpuClockOf(task, false);
  if (clock === CLOCK_THREAD_CPUTIME_ID) return cpuClockOf(task, true);
  if (clock < 0) return ownedClock(task, clock);
  if (clock === CLOCK_MONOTONIC_RAW || clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE)
    throw new Errno(EOPNOTSUPP);
  return monotonicClock(task);
}

export function posixTimer(task: Task, id: number): PosixTimer {
  const timer = task.signal.posixTimers.get(id);
  if (timer === undefined) throw new Errno(EINVAL);
  return timer;
}

export function setTimer(task: Task, id: number, flags: number, value: number, old: number): void {
  if (value === 0) throw new Errno(EINVAL);
  const { interval, first } = readItimerspec(task, value);
  const timer = posixTimer(task, id);
  const before = { interval: timer.interval, left: timer.left };
  const fromNow =
    flags & TIMER_ABSTIME && first !== 0 ? Math.max(first - Number(clockTime(task, timer.clockId)), 1) : first;
  timer.set(fromNow, interval);
  if (old === 0) return;
  writeTimespec(task, old, before.interval);
  writeTimespec(task, old + pairSize(task), before.left);
}

export function getTimer(task: Task, id: number, address: number): void {
  const timer = posixTimer(task, id);
  writeTimespec(task, address, timer.interval);
  writeTimespec(task, address + pairSize(task), timer.left);
}

export function deleteTimer(task: Task, id: number): void {
  posixTimer(task, id).cancel();
  task.signal.posixTimers.delete(id);
}
