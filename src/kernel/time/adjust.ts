// adjtimex and clock_adjtime: how the real-time clock is kept right, told and set. kernel/time/timekeeping.c: do_adjtimex
import { CAP_SYS_TIME } from "../../abi/constants/security.js";
import * as uapi from "../../abi/constants/time.js";
import { EINVAL, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { timeval, timex } from "../../abi/time.js";
import type { Task } from "../task/task.js";
import { ADJ_ADJTIME, ADJ_OFFSET_READONLY } from "./discipline.js";
import { clockTime, isAlarmClock, setRealtime } from "./sleep.js";

const BILLION = 1_000_000_000n;

/** struct timex is copied in whole, read or not. */
export function adjustClock(task: Task, address: number, clock: number = uapi.CLOCK_REALTIME): number {
  const { abi } = task;
  const { discipline } = task.kernel;
  const view = task.readStruct(timex, address);
  checkClock(task, clock);
  const field = (
    name: "modes" | "offset" | "freq" | "maxerror" | "esterror" | "status" | "constant" | "tick",
  ): number => Number(timex.get(view, name, abi));
  const modes = field("modes");
  checkModes(task, modes);
  if (modes & uapi.ADJ_SETOFFSET) inject(task, view, (modes & uapi.ADJ_NANO) !== 0);
  let offset = 0;
  if (modes & ADJ_ADJTIME)
    offset = discipline.slew(modes, field("offset"), Number(task.kernel.clock.realtime() / BILLION));
  else {
    discipline.set({
      modes,
      offset: field("offset"),
      freq: field("freq"),
      maxerror: field("maxerror"),
      esterror: field("esterror"),
      status: field("status"),
      constant: field("constant"),
      tick: field("tick"),
    });
  }
  const now = task.kernel.clock.realtime();
  const { freq, maxerror, esterror, status, constant, tolerance, tick, tai } = discipline;
  const fraction = status & uapi.STA_NANO ? now % BILLION : (now % BILLION) / 1000n;
  // Nothing gives a pulse each second, and no leap seconds are known.
  const values = {
    offset,
    freq,
    maxerror,
    esterror,
    status,
    constant,
    precision: 1,
    tolerance,
    time: timeval.encode({ tv_sec: now / BILLION, tv_usec: fraction }, abi),
    tick,
    ppsfreq: 0,
    jitter: 0,
    shift: 0,
    stabil: 0,
    jitcnt: 0,
    calcnt: 0,
    errcnt: 0,
    stbcnt: 0,
    tai,
  };
  for (const [name, value] of Object.entries(values)) timex.set(view, name as keyof typeof values, value, abi);
  task.copyOut(address, new Uint8Array(view.buffer));
  return discipline.state;
}

/** Only the real-time clock can be adjusted, and behind a descriptor there is none. */
function checkClock(task: Task, clock: number): void {
  if (clock === uapi.CLOCK_REALTIME) return;
  if (clock > 0 && !isAlarmClock(clock)) clockTime(task, clock);
  throw new Errno(clock < 0 && (clock & 7) === 3 ? EINVAL : EOPNOTSUPP);
}

/** timekeeping_validate_timex */
function checkModes(task: Task, modes: number): void {
  if (modes & ADJ_ADJTIME && !(modes & uapi.ADJ_OFFSET)) throw new Errno(EINVAL);
  const onlyAsks = modes & ADJ_ADJTIME ? (modes & ADJ_OFFSET_READONLY) !== 0 : modes === 0;
  if (!onlyAsks && !task.cred.can(CAP_SYS_TIME)) throw new Errno(EPERM);
}

/** ADJ_SETOFFSET: the clock is put forward, or back. */
function inject(task: Task, view: DataView, isNano: boolean): void {
  const { abi } = task;
  const time = timex.inner(view, "time", abi);
  const [seconds, fraction] = (["tv_sec", "tv_usec"] as const).map((name) => Number(timeval.get(time, name, abi)));
  if (fraction < 0 || fraction >= (isNano ? 1e9 : 1e6)) throw new Errno(EINVAL);
  const step = seconds * 1e9 + (isNano ? fraction : fraction * 1000);
  setRealtime(task, Number(task.kernel.clock.realtime()) + step);
}
