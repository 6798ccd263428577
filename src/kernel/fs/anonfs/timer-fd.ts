// timerfd_create(2): a timer as a file. fs/timerfd.c

import { POLLIN } from "../../../abi/constants/events.js";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { CAP_WAKE_ALARM } from "../../../abi/constants/security.js";
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  TIMER_ABSTIME,
} from "../../../abi/constants/time.js";
import { EAGAIN, EINVAL, EPERM, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { clockTime, isAlarmClock, pairSize, readItimerspec, writeTimespec } from "../../time/sleep.js";
import { File } from "../../vfs/file.js";
import type { IoVector } from "../../vfs/io-vector.js";

class TimerFile extends File {
  readonly clock: number;
  #deadline = 0;
  /** Times it was set, and ran out up to then. */
  #past = 0;
  #settings = 0;
  interval = 0;
  readonly #task: Task;

  constructor(task: Task, clock: number, flags: number) {
    super(task.kernel.anonFs.dentry("[timerfd]"), O_RDWR | (flags & O_NONBLOCK));
    this.clock = clock;
    this.#task = task;
  }

  #now(): number {
    return this.#task.kernel.clock.monotonic();
  }

  get left(): number {
    if (this.#deadline === 0) return 0;
    const left = this.#deadline - this.#now();
    if (left > 0) return left;
    return this.interval > 0 ? this.interval - (-left % this.interval) : 0;
  }

  arm(value: number, interval: number, settings: number): void {
    this.#past += this.#expirations + 1;
    this.#settings = settings;
    this.interval = interval;
    this.#deadline = value === 0 ? 0 : this.#now() + value;
  }

  get #expirations(): number {
    const late = this.#now() - this.#deadline;
    if (this.#deadline === 0 || late < 0) return 0;
    return this.interval > 0 ? Math.floor(late / this.interval) + 1 : 1;
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining < 8) throw new Errno(EINVAL);
    if (this.#expirations > 0) return this.#take(into);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    while (this.#expirations === 0) {
      yield* sleepUntil(task, () => this.#expirations > 0, this.#deadline === 0 ? undefined : this.#deadline);
    }
    return this.#take(into);
  }

  #take(into: IoVector): number {
    const count = this.#expirations;
    this.#past += count;
    this.#deadline = this.interval > 0 ? this.#deadline + count * this.interval : 0;
    return into.put(new Uint8Array(new BigUint64Array([BigInt(count)]).buffer));
  }

  override get activity(): number {
    return this.#past + this.#expirations;
  }

  override get info(): string {
    const pair = (time: number): string => `(${Math.floor(time / 1e9)}, ${Math.floor(time % 1e9)})`;
    const settings = this.#settings.toString(8).padStart(2, "0");
    return (
      `clockid: ${this.clock}\nticks: ${this.#expirations}\nsettime flags: ${settings}\n` +
      `it_value: ${pair(this.left)}\nit_interval: ${pair(this.interval)}\n`
    );
  }

  override poll(): number {
    if (this.#expirations > 0) return POLLIN;
    // Whoever waits for it must be woken when it runs out.
    if (this.#deadline !== 0) {
      this.#task.kernel.timers.start({ deadline: this.#deadline, expire: () => this.#task.kernel.wake() });
    }
    return 0;
  }
}

export function createTimerFd(task: Task, clock: number, flags: number): number {
  if (flags & ~(O_NONBLOCK | O_CLOEXEC)) throw new Errno(EINVAL);
  const isAlarm = isAlarmClock(clock);
  if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC && clock !== CLOCK_BOOTTIME && !isAlarm)
    throw new Errno(EINVAL);
  if (isAlarm && !task.cred.can(CAP_WAKE_ALARM)) throw new Errno(EPERM);
  const file = new TimerFile(task, clock, flags);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

/** What an alarm's clock is without the alarm. */
const baseClock = (clock: number): number =>
  clock === CLOCK_REALTIME_ALARM ? CLOCK_REALTIME : isAlarmClock(clock) ? CLOCK_BOOTTIME : clock;

function timerFile(task: Task, fd: number): TimerFile {
  const file = task.files.get(fd);
  if (!(file instanceof TimerFile)) throw new Errno(EINVAL);
  return file;
}

export function setTimerFd(task: Task, fd: number, flags: number, value: number, old: number): void {
  const { interval, first } = readItimerspec(task, value);
  if (flags & ~3) throw new Errno(EINVAL);
  const file = timerFile(task, fd);
  const before = { interval: file.interval, left: file.left };
  const fromNow =
    flags & TIMER_ABSTIME && first !== 0 ? Math.max(first - Number(clockTime(task, baseClock(file.clock))), 1) : first;
  file.arm(fromNow, interval, flags);
  if (old === 0) return;
  writeTimespec(task, old, before.interval);
  writeTimespec(task, old + pairSize(task), before.left);
}

export function getTimerFd(task: Task, fd: number, address: number): void {
  const file = timerFile(task, fd);
  writeTimespec(task, address, file.interval);
  writeTimespec(task, address + pairSize(task), file.left);
}
