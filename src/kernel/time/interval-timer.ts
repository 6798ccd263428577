// setitimer(2) and alarm(2): on the wall clock, on time in user mode, and on all CPU time. kernel/time/itimer.c
import { SIGALRM, SIGPROF, SIGVTALRM } from "../../abi/constants/signals.js";
import { ITIMER_REAL, ITIMER_VIRTUAL } from "../../abi/constants/time.js";
import { divided, processTime } from "../task/cpu-time.js";
import type { Task } from "../task/task.js";
import { ClockTimer, cpuClockOf, monotonicClock, type TimerClock } from "./clock-timer.js";

function clockOf(task: Task, which: number): TimerClock {
  if (which === ITIMER_REAL) return monotonicClock(task);
  if (which !== ITIMER_VIRTUAL) return cpuClockOf(task, false);
  return { isCpu: true, now: () => divided(task, processTime(task)).user };
}

export class IntervalTimer extends ClockTimer {
  readonly #signal: number;

  constructor(task: Task, which: number) {
    super(task, clockOf(task, which));
    this.#signal = which === ITIMER_REAL ? SIGALRM : which === ITIMER_VIRTUAL ? SIGVTALRM : SIGPROF;
  }

  expire(): void {
    this.running = false;
    this.task.sendSignal(this.#signal, undefined, true);
    if (this.interval > 0) this.forward();
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
