// adjtimex and clock_adjtime: a clock that nobody disciplines, which can be read and not adjusted. kernel/time/ntp.c
import * as uapi from "../../abi/constants/time.js";
import { EINVAL, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { clockTime } from "./sleep.js";

const TIMEX_SIZE = 208;
const ADJ_ADJTIME = 0x8000; // the bit that makes a mode adjtime(3)'s
const TIME_CONSTANT = 2;
const MAX_ERROR = 16_000_000; // NTP_PHASE_LIMIT, microseconds
const TOLERANCE = 32_768_000; // MAXFREQ
const TICK = 10_000;

/** struct timex is copied in whole, read or not. */
export function adjustClock(task: Task, address: number, clock: number = uapi.CLOCK_REALTIME): number {
  const view = new DataView(task.copyIn(address, TIMEX_SIZE).buffer);
  checkClock(task, clock);
  checkModes(view.getUint32(0, true));
  const i64 = (at: number, value: number | bigint): void => view.setBigInt64(at, BigInt(value), true);
  const now = task.kernel.clock.realtime();
  [0, 0, MAX_ERROR, MAX_ERROR].forEach((value, index) => i64(8 + index * 8, value)); // offset, freq, maxerror, esterror
  view.setInt32(40, uapi.STA_UNSYNC, true);
  [TIME_CONSTANT, 1, TOLERANCE, now / 1_000_000_000n, (now % 1_000_000_000n) / 1000n, TICK].forEach((value, index) =>
    i64(48 + index * 8, value),
  );
  new Uint8Array(view.buffer).fill(0, 96, 164); // nothing that gives a pulse each second, and no leap seconds known
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
