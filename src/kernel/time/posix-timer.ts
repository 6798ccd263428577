// timer_create(2) and its kin. kernel/time/posix-timers.c
import { SI_TIMER, SIGEV_NONE, SIGEV_THREAD_ID } from "../../abi/constants/signals.js";
import { timerInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import { ClockTimer, type TimerClock } from "./clock-timer.js";

const MOST_OVERRUNS = 0x7fffffff;

/** What happens when it expires. */
export interface TimerEvent {
  readonly notify: number;
  readonly signal: number;
  readonly value: bigint;
  /** The thread that SIGEV_THREAD_ID names. */
  readonly target: Task | undefined;
}

export class PosixTimer extends ClockTimer {
  /** Of the signal that was taken last. */
  overrun = 0;
  readonly id: number;
  readonly clockId: number;
  readonly target: Task | undefined;
  readonly signalNumber: number;
  readonly value: bigint;
  /** SIGEV_* */
  readonly notice: number;
  /** Its signal is queued: an interval goes on when that is taken. */
  #isTold = false;
  /** Counts how often it was set: a signal of an earlier time is not delivered. */
  #settings = 0;

  constructor(task: Task, id: number, clockId: number, clock: TimerClock, event: TimerEvent) {
    super(task, clock);
    this.id = id;
    this.clockId = clockId;
    ({ signal: this.signalNumber, value: this.value, notify: this.notice, target: this.target } = event);
  }

  expire(): void {
    this.running = false;
    const receiver = this.target ?? this.task;
    const isBlocked = receiver.blocked.has(this.signalNumber);
    const isQuiet = (this.notice & ~SIGEV_THREAD_ID) === SIGEV_NONE;
    if (isQuiet || (receiver.sighand.ignores(this.signalNumber) && !isBlocked)) {
      if (this.interval > 0) this.forward();
      return;
    }
    this.#isTold = true;
    const info = timerInfo(this.signalNumber, SI_TIMER, this.id, 0, this.value);
    const settings = this.#settings;
    receiver.sendSignal(this.signalNumber, info, this.target === undefined, () => this.#taken(info, settings));
  }

  /** posixtimer_deliver_signal: the signal says how often the timer ran out meanwhile. False when it was set anew since. */
  #taken(info: Uint8Array, settings: number): boolean {
    if (settings !== this.#settings) return false;
    this.#isTold = false;
    this.overrun = this.interval > 0 ? Math.min(this.forward(), MOST_OVERRUNS) : 0;
    new DataView(info.buffer).setInt32(20, this.overrun, true);
    return true;
  }

  override get left(): number {
    if (this.#isTold && this.interval > 0) return this.interval - ((this.now() - this.deadline) % this.interval);
    return super.left;
  }

  override cancel(): void {
    super.cancel();
    this.#settings++;
    this.#isTold = false;
  }
}
