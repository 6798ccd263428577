// nanosleep and clock_nanosleep, clock_gettime and clock_getres. kernel/time/hrtimer.c, posix-timers.c
import { CAP_SYS_TIME } from "../../abi/constants/security.js";
import * as uapi from "../../abi/constants/time.js";
import { EINTR, EINVAL, EOPNOTSUPP, EPERM, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, Errno } from "../../abi/errno.js";
import { updateVvar } from "../exec/vdso.js";
import { processTime, taskTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { HostClock } from "./clock.js";
import { cpuClockOf, type TimerClock } from "./clock-timer.js";

const BILLION = 1_000_000_000n;
const COARSE_STEP = 4_000_000n; // a tick at HZ=250

/** A struct timespec or timeval as two numbers. The fraction of i386's 64-bit times has 32 bits, whatever is above. */
export function readPair(task: Task, address: number, abi = task.abi): { seconds: number; fraction: number } {
  if (abi === "i386") return { seconds: task.readI32(address), fraction: task.readI32(address + 4) };
  const seconds = task.readI64(address);
  return { seconds, fraction: abi === "x86_64" ? task.readI64(address + 8) : task.readU32(address + 8) };
}

/** Bytes of one. */
export const pairSize = (task: Task): number => (task.abi === "i386" ? 8 : 16);

function writePair(task: Task, address: number, seconds: bigint, fraction: bigint): void {
  if (task.abi === "i386") {
    task.writeU32(address, Number(BigInt.asUintN(32, seconds)));
    task.writeU32(address + 4, Number(fraction));
    return;
  }
  task.writeU64(address, Number(seconds));
  task.writeU64(address + 8, Number(fraction));
}

/** A struct timespec in user memory as nanoseconds; throws EINVAL when it is none. Infinity for what a double cannot hold. */
export function readTimespec(task: Task, address: number): number {
  return timespec(readPair(task, address));
}

function timespec({ seconds, fraction }: { seconds: number; fraction: number }): number {
  if (seconds < 0 || fraction < 0 || fraction >= 1e9) throw new Errno(EINVAL);
  return seconds * 1e9 + fraction;
}

/** struct itimerspec, read whole before it is looked at. */
export function readItimerspec(task: Task, address: number): { interval: number; first: number } {
  const [interval, first] = [readPair(task, address), readPair(task, address + pairSize(task))];
  return { interval: timespec(interval), first: timespec(first) };
}

export function writeTimespec(task: Task, address: number, nanoseconds: number | bigint): void {
  const total = typeof nanoseconds === "bigint" ? nanoseconds : BigInt(Math.floor(nanoseconds));
  writePair(task, address, total / BILLION, total % BILLION);
}

export function writeTimeval(task: Task, address: number, nanoseconds: number | bigint): void {
  const total = typeof nanoseconds === "bigint" ? nanoseconds : BigInt(Math.floor(nanoseconds));
  writePair(task, address, total / BILLION, (total % BILLION) / 1000n);
}

/** Nanoseconds on `clock`; throws EINVAL for an unknown one. */
export function clockTime(task: Task, clock: number): bigint {
  const { kernel } = task;
  const { offsets } = task.namespaces.time;
  switch (clock) {
    case uapi.CLOCK_REALTIME:
    case uapi.CLOCK_TAI:
      return kernel.clock.realtime();
    case uapi.CLOCK_REALTIME_COARSE: {
      const now = kernel.clock.realtime();
      return now - (now % COARSE_STEP);
    }
    case uapi.CLOCK_MONOTONIC:
    case uapi.CLOCK_MONOTONIC_RAW:
      return BigInt(Math.floor(kernel.clock.monotonic())) + offsets.monotonic;
    case uapi.CLOCK_BOOTTIME:
      return BigInt(Math.floor(kernel.clock.monotonic())) + offsets.boottime;
    case uapi.CLOCK_MONOTONIC_COARSE: {
      const now = BigInt(Math.floor(kernel.clock.monotonic())) + offsets.monotonic;
      return now - (now % COARSE_STEP);
    }
    case uapi.CLOCK_PROCESS_CPUTIME_ID:
      return BigInt(Math.floor(processTime(task)));
    case uapi.CLOCK_THREAD_CPUTIME_ID:
      return BigInt(Math.floor(taskTime(task)));
    default:
      return BigInt(Math.floor(ownedClock(task, clock).now()));
  }
}

/** Those that would wake the machine, which has nothing that could: they can only be asked of a timerfd. alarmtimer_get_rtcdev */
export const isAlarmClock = (clock: number): boolean =>
  clock === uapi.CLOCK_REALTIME_ALARM || clock === uapi.CLOCK_BOOTTIME_ALARM;

const CPUCLOCK_SCHED = 2;
const PER_THREAD = 4; // CPUCLOCK_PERTHREAD_MASK

/** A negative id is the CPU clock of a process, or of a thread of one's own: ~pid << 3 | kind. Throws EINVAL. pid_for_clock */
export function ownedClock(task: Task, clock: number): TimerClock {
  const pid = ~(clock >> 3);
  const owner = pid === 0 ? task : task.find(pid);
  if (clock >= 0 || (clock & 3) === 3 || owner === undefined) throw new Errno(EINVAL);
  const ofThread = (clock & PER_THREAD) !== 0;
  const isOwn = owner.signal === task.signal;
  if (ofThread ? !isOwn : owner !== task && owner.pid !== owner.tgid) throw new Errno(EINVAL);
  return cpuClockOf(owner, ofThread);
}

export function clockResolution(task: Task, clock: number): bigint {
  clockTime(task, clock);
  const isByTicks = clock < 0 && (clock & 3) !== CPUCLOCK_SCHED;
  return isByTicks || clock === uapi.CLOCK_REALTIME_COARSE || clock === uapi.CLOCK_MONOTONIC_COARSE ? COARSE_STEP : 1n;
}

/** clock_settime(2): a clock that cannot be set is refused before the time is read. */
export function setClock(task: Task, clock: number, address: number): void {
  if (clock > uapi.CLOCK_REALTIME) throw new Errno(EINVAL);
  const wanted = readTimespec(task, address);
  if (clock < 0) {
    clockTime(task, clock);
    throw new Errno(EPERM); // nobody's CPU time can be set
  }
  setRealtime(task, wanted);
}

export function setRealtime(task: Task, nanoseconds: number): void {
  if (!task.cred.can(CAP_SYS_TIME)) throw new Errno(EPERM);
  const kernelClock = task.kernel.clock;
  if (kernelClock instanceof HostClock) kernelClock.offset += BigInt(Math.floor(nanoseconds)) - kernelClock.realtime();
  updateVvar(task);
}

/** stime(2). */
export function setSeconds(task: Task, address: number): void {
  const seconds = task.readSignedWord(address);
  if (seconds < 0) throw new Errno(EINVAL);
  setRealtime(task, seconds * 1e9);
}

/** settimeofday(2): a time zone alone is for the privileged too, and of no effect. */
export function setTimeOfDay(task: Task, time: number, zone: number): void {
  const { seconds, fraction: microseconds } = time === 0 ? { seconds: 0, fraction: 0 } : readPair(task, time);
  if (zone !== 0) task.copyIn(zone, 8);
  if (seconds < 0 || microseconds < 0 || microseconds >= 1e6) throw new Errno(EINVAL);
  if (!task.cred.can(CAP_SYS_TIME)) throw new Errno(EPERM);
  if (time !== 0) setRealtime(task, seconds * 1e9 + microseconds * 1000);
}

/** clock_nanosleep(2); nanosleep is the relative sleep on the monotonic clock. */
export function* sleep(task: Task, clock: number, flags: number, request: number, remain: number): Sleep<number> {
  if (clock === uapi.CLOCK_PROCESS_CPUTIME_ID || clock < 0)
    return yield* sleepForCpuTime(task, clock, flags, request, remain);
  if (clock === uapi.CLOCK_THREAD_CPUTIME_ID) throw new Errno(EOPNOTSUPP);
  if (isAlarmClock(clock)) {
    readTimespec(task, request);
    throw new Errno(EOPNOTSUPP);
  }
  const now = clockTime(task, clock);
  if (
    clock === uapi.CLOCK_REALTIME_COARSE ||
    clock === uapi.CLOCK_MONOTONIC_COARSE ||
    clock === uapi.CLOCK_MONOTONIC_RAW
  ) {
    throw new Errno(EOPNOTSUPP);
  }
  const wanted = readTimespec(task, request);
  const absolute = (flags & uapi.TIMER_ABSTIME) !== 0;
  const length = absolute ? wanted - Number(now) : wanted;
  return yield* sleepFor(task, task.kernel.clock.monotonic() + length, absolute ? undefined : remain);
}

/** posix_cpu_nsleep: until others have used that much of the processor. Nobody can wait for time of its own. */
function* sleepForCpuTime(task: Task, clock: number, flags: number, request: number, remain: number): Sleep<number> {
  const wanted = readTimespec(task, request);
  const runsOn = clock < 0 ? ownedClock(task, clock) : cpuClockOf(task, false);
  const pid = ~(clock >> 3);
  if (clock < 0 && clock & PER_THREAD && (pid === 0 || pid === task.ownPid)) throw new Errno(EINVAL);
  const isAbsolute = (flags & uapi.TIMER_ABSTIME) !== 0;
  const until = isAbsolute ? wanted : runsOn.now() + wanted;
  return yield* cpuSleep(task, runsOn, until, isAbsolute ? undefined : remain);
}

function* cpuSleep(task: Task, runsOn: TimerClock, until: number, remain: number | undefined): Sleep<number> {
  const code = remain === undefined ? ERESTARTNOHAND : ERESTART_RESTARTBLOCK;
  try {
    yield* sleepUntil(task, () => runsOn.now() >= until, undefined, code);
  } catch (error) {
    if (remain) writeTimespec(task, remain, Math.max(until - runsOn.now(), 0));
    task.restart = () => cpuSleep(task, runsOn, until, remain);
    throw error;
  }
  return 0;
}

/** Until `deadline`; a signal stops it, and a relative sleep can be gone on with. */
function* sleepFor(task: Task, deadline: number, remain: number | undefined): Sleep<number> {
  try {
    yield* sleepUntil(task, () => false, deadline, remain === undefined ? ERESTARTNOHAND : ERESTART_RESTARTBLOCK);
  } catch (error) {
    if (!(error instanceof Errno) || error.number !== ERESTART_RESTARTBLOCK || remain === undefined) throw error;
    if (remain !== 0) writeTimespec(task, remain, Math.max(deadline - task.kernel.clock.monotonic(), 0));
    task.restart = () => sleepFor(task, deadline, remain);
    throw error;
  }
  return 0;
}

/** restart_syscall(2): goes on with the sleep a signal without handler interrupted. */
export function restartCall(task: Task): ReturnType<NonNullable<Task["restart"]>> {
  const { restart } = task;
  task.restart = undefined;
  if (restart === undefined) throw new Errno(EINTR);
  return restart();
}
