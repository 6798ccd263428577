// What interval timers and POSIX timers have in common: a clock, a time on it, and how often.
import { processTime, taskTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";

/** Nanoseconds on the clock a timer runs on, and whether that is somebody's CPU time. */
export interface TimerClock {
  readonly isCpu: boolean;
  now(): number;
}

export const monotonicClock = ({ kernel }: Task): TimerClock => ({
  isCpu: false,
  now: () => kernel.clock.monotonic(),
});

/** Of the task's process, or of the task alone. */
export const cpuClockOf = (owner: Task, ofThread: boolean): TimerClock => ({
  isCpu: true,
  now: () => (ofThread ? taskTime(owner) : processTime(owner)),
});

export abstract class ClockTimer {
  deadline = 0;
  interval = 0;
  running = false;
  protected readonly task: Task;
  readonly #clock: TimerClock;

  constructor(task: Task, clock: TimerClock) {
    this.task = task;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  abstract expire(): void;

  /** Nanoseconds left; 0 when it does not run. */
  get left(): number {
    return this.running ? Math.max(this.deadline - this.now(), 1) : 0;
  }

  /** Nanoseconds from now; 0 stops it. */
  set(value: number, interval: number): void {
    this.cancel();
    this.interval = interval;
    if (value > 0) this.startAt(this.now() + value);
  }

  cancel(): void {
    if (this.running) this.#queue.cancel(this);
    this.running = false;
  }

  protected startAt(deadline: number): void {
    this.running = true;
    this.deadline = deadline;
    this.#queue.start(this);
  }

  /** hrtimer_forward: past now. How many intervals that are over it leaves out. */
  protected forward(): number {
    const missed = Math.max(Math.floor((this.now() - this.deadline) / this.interval), 0);
    this.startAt(this.deadline + (missed + 1) * this.interval);
    return missed;
  }

  get #queue(): { start(timer: ClockTimer): void; cancel(timer: ClockTimer): void } {
    const { kernel } = this.task;
    return this.#clock.isCpu ? kernel.cpuTimers : kernel.timers;
  }
}
