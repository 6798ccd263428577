// timer_create(2) and its kin.
import { SI_TIMER } from "../../abi/constants/signals.js";
import { timerInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import type { KernelTimer } from "./timer-queue.js";

export class PosixTimer implements KernelTimer {
  deadline = 0;
  interval = 0;
  running = false;
  overrun = 0;
  readonly id: number;
  readonly clockId: number;
  readonly #task: Task;
  readonly #target: Task | undefined;
  readonly #signal: number;
  readonly #value: bigint;

  /** `target` is the thread SIGEV_THREAD_ID names; no signal when `signal` is 0. */
  constructor(task: Task, id: number, clockId: number, signal: number, value: bigint, target: Task | undefined) {
    this.#task = task;
    this.id = id;
    this.clockId = clockId;
    this.#signal = signal;
    this.#value = value;
    this.#target = target;
  }

  expire(): void {
    this.running = false;
    if (this.#signal !== 0) {
      const info = timerInfo(this.#signal, SI_TIMER, this.id, 0, this.#value);
      (this.#target ?? this.#task).sendSignal(this.#signal, info, this.#target === undefined);
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
