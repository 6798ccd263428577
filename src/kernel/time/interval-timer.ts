// setitimer(2) and alarm(2). ITIMER_VIRTUAL and ITIMER_PROF run on the wall clock too: the program is all that runs.
import { SIGALRM, SIGPROF, SIGVTALRM } from "../../abi/constants/signals.js";
import type { Task } from "../task/task.js";
import type { KernelTimer } from "./timer-queue.js";

const SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF] as const;

export class IntervalTimer implements KernelTimer {
  deadline = 0;
  interval = 0;
  running = false;
  readonly #task: Task;
  readonly #signal: number;

  constructor(task: Task, which: number) {
    this.#task = task;
    this.#signal = SIGNALS[which];
  }

  expire(): void {
    this.running = false;
    this.#task.sendSignal(this.#signal, undefined, true);
    if (this.interval > 0) this.set(this.interval, this.interval);
  }

  /** Nanoseconds left; 0 when it does not run. */
  get left(): number {
    return this.running ? Math.max(this.deadline - this.#task.kernel.clock.monotonic(), 1) : 0;
  }

  set(value: number, interval: number): void {
    const { kernel } = this.#task;
    if (this.running) kernel.timers.cancel(this);
    this.interval = interval;
    this.running = value > 0;
    if (!this.running) return;
    this.deadline = kernel.clock.monotonic() + value;
    kernel.timers.start(this);
  }
}

/** The process's timer of that kind, made when first asked for. */
export function intervalTimer(task: Task, which: number): IntervalTimer {
  const { itimers } = task.signal;
  let timer = itimers[which];
  if (timer === undefined) {
    timer = new IntervalTimer(task, which);
    itimers[which] = timer;
  }
  return timer;
}
