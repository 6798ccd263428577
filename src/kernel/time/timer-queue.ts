// Timers the kernel has running, by monotonic deadline.

export interface KernelTimer {
  deadline: number;
  /** Called once when the deadline has passed; may set `deadline` and start itself again. */
  expire(): void;
}

export class TimerQueue {
  readonly #timers = new Set<KernelTimer>();
  #next = Number.POSITIVE_INFINITY;

  start(timer: KernelTimer): void {
    this.#timers.add(timer);
    this.#next = Math.min(this.#next, timer.deadline);
  }

  cancel(timer: KernelTimer): void {
    if (this.#timers.delete(timer)) this.#recalculate();
  }

  /** The earliest deadline; Infinity when no timer runs. */
  get next(): number {
    return this.#next;
  }

  /** Fires what is due at `now`. */
  run(now: number): void {
    if (now < this.#next) return;
    for (const timer of [...this.#timers]) {
      if (timer.deadline > now) continue;
      this.#timers.delete(timer);
      timer.expire();
    }
    this.#recalculate();
  }

  #recalculate(): void {
    this.#next = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) this.#next = Math.min(this.#next, timer.deadline);
  }
}
