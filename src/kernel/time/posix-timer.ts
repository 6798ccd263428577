// timer_create(2) and its kin.
import { SI_TIMER, SIGEV_NONE } from "../../abi/constants/signals.js";
import { timerInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import type { KernelTimer } from "./timer-queue.js";

/** What happens when it expires. */
export interface TimerEvent {
  readonly notify: number;
  readonly signal: number;
  readonly value: bigint;
  /** The thread that SIGEV_THREAD_ID names. */
  readonly target: Task | undefined;
}

export class PosixTimer implements KernelTimer {
  deadline = 0;
  interval = 0;
  running = false;
  overrun = 0;
  readonly id: number;
  readonly clockId: number;
  readonly #task: Task;
  readonly target: Task | undefined;
  readonly signalNumber: number;
  readonly value: bigint;
  /** SIGEV_* */
  readonly notice: number;

  constructor(task: Task, id: number, clockId: number, event: TimerEvent) {
    this.#task = task;
    this.id = id;
    this.clockId = clockId;
    ({ signal: this.signalNumber, value: this.value, notify: this.notice, target: this.target } = event);
  }

  expire(): void {
    this.running = false;
    if (this.notice !== SIGEV_NONE) {
      const info = timerInfo(this.signalNumber, SI_TIMER, this.id, 0, this.value);
      (this.target ?? this.#task).sendSignal(this.signalNumber, info, this.target === undefined);
    }
    if (this.interval > 0) this.set(this.interval, this.interval);
  }

  get left(): number {
    return this.running ? Math.max(this.deadline - this.#task.kernel.clock.monotonic(), 1) : 0;
  }

  /** Nanoseconds from now; 0 stops it. */
  set(value: number, interval: number): void {
    const { kernel } = this.#task;
    if (this.running) kernel.timers.cancel(this);
    this.interval = interval;
    this.running = value > 0;
    if (!this.running) return;
    this.deadline = kernel.clock.monotonic() + value;
    kernel.timers.start(this);
  }

  cancel(): void {
    if (this.running) this.#task.kernel.timers.cancel(this);
    this.running = false;
  }
}
