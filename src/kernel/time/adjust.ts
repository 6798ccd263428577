// adjtimex and clock_adjtime: a clock that nobody disciplines, which can be read and not adjusted. kernel/time/ntp.c
import * as uapi from "../../abi/constants/time.js";
import { EINVAL, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { timeval, timex } from "../../abi/time.js";
import type { Task } from "../task/task.js";
import { clockTime } from "./sleep.js";

const ADJ_ADJTIME = 0x8000; // the bit that makes a mode adjtime(3)'s
const TIME_CONSTANT = 2;
const MAX_ERROR = 16_000_000; // NTP_PHASE_LIMIT, microseconds
const TOLERANCE = 32_768_000; // MAXFREQ
const TICK = 10_000;

/** struct timex is copied in whole, read or not. */
export function adjustClock(task: Task, address: number, clock: number = uapi.CLOCK_REALTIME): number {
  const { abi } = task;
  const view = task.readStruct(timex, address);
  checkClock(task, clock);
  checkModes(timex.get(view, "modes", abi));
  const now = task.kernel.clock.realtime();
  const time = { tv_sec: now / 1_000_000_000n, tv_usec: (now % 1_000_000_000n) / 1000n };
  // Nothing gives a pulse each second, and no leap seconds are known.
  const values = {
    offset: 0,
    freq: 0,
    maxerror: MAX_ERROR,
    esterror: MAX_ERROR,
    status: uapi.STA_UNSYNC,
    constant: TIME_CONSTANT,
    precision: 1,
    tolerance: TOLERANCE,
    time: timeval.encode(time, abi),
    tick: TICK,
    ppsfreq: 0,
    jitter: 0,
    shift: 0,
    stabil: 0,
    jitcnt: 0,
    calcnt: 0,
    errcnt: 0,
    stbcnt: 0,
    tai: 0,
  };
  for (const [name, value] of Object.entries(values)) timex.set(view, name as keyof typeof values, value, abi);
  task.copyOut(address, new Uint8Array(view.buffer));
  return uapi.TIME_ERROR;
}

/** Only the real-time clock can be adjusted, and behind a descriptor there is none. */
function checkClock(task: Task, clock: number): void {
  if (clock === uapi.CLOCK_REALTIME) return;
  if (clock > 0) clockTime(task, clock);
  throw new Errno(clock < 0 && (clock & 7) === 3 ? EINVAL : EOPNOTSUPP);
}

function checkModes(modes: number): void {
  if (modes & ADJ_ADJTIME && !(modes & uapi.ADJ_OFFSET)) throw new Errno(EINVAL);
  if (modes !== 0 && modes !== uapi.ADJ_OFFSET_SS_READ) throw new Errno(EPERM);
}
