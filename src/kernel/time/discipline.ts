// What adjtimex(2) has set of the real-time clock. It is told again, and time goes on as the host's does. kernel/time/ntp.c
import * as uapi from "../../abi/constants/time.js";
import { EINVAL, Errno } from "../../abi/errno.js";

export const ADJ_ADJTIME = 0x8000; // the bit that makes a mode adjtime(3)'s
export const ADJ_OFFSET_READONLY = 0x2000; // and with it only asks
const MAX_CONSTANT = 10;
const MAX_ERROR = 16_000_000; // NTP_PHASE_LIMIT, microseconds
const MAX_FREQUENCY = 32_768_000; // MAXFREQ: 500 ppm, in 65536ths of one
const FREQUENCY_RANGE = 2 ** 63 / 65_536_000; // beyond it Linux's arithmetic overflows
const MAX_TAI = 100_000;
const TICK = 10_000; // microseconds, with USER_HZ
const SLEW = 500; // microseconds in a second
const READ_ONLY = 0xff00; // STA_RONLY

/** The fields of struct timex that set something. */
export interface Adjustment {
  readonly modes: number;
  readonly offset: number;
  readonly freq: number;
  readonly maxerror: number;
  readonly esterror: number;
  readonly status: number;
  readonly constant: number;
  readonly tick: number;
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

export class ClockDiscipline {
  freq = 0;
  maxerror = MAX_ERROR;
  esterror = MAX_ERROR;
  status: number = uapi.STA_UNSYNC;
  constant = 2;
  tick = TICK;
  tai = 0;
  readonly tolerance = MAX_FREQUENCY;
  #adjustment = 0;
  #since = 0;

  /** TIME_OK, or that the clock is not what it should be. */
  get state(): number {
    const bad = this.status & (uapi.STA_UNSYNC | uapi.STA_CLOCKERR);
    const noPulse = this.status & (uapi.STA_PPSFREQ | uapi.STA_PPSTIME) && !(this.status & uapi.STA_PPSSIGNAL);
    return bad || noPulse ? uapi.TIME_ERROR : 0;
  }

  /** What is left of adjtime(3)'s offset: some of it goes with each second. */
  #left(second: number): number {
    const gone = Math.min(Math.abs(this.#adjustment), SLEW * (second - this.#since));
    return this.#adjustment - Math.sign(this.#adjustment) * gone;
  }

  /** adjtime(3): the offset that was left before. */
  slew(modes: number, offset: number, second: number): number {
    const before = this.#left(second);
    if (!(modes & ADJ_OFFSET_READONLY)) {
      this.#adjustment = offset;
      this.#since = second;
    }
    return before;
  }

  /** process_adjtimex_modes; nothing is set when one of them is wrong. */
  set(wanted: Adjustment): void {
    const { modes } = wanted;
    const has = (mode: number): boolean => (modes & mode) !== 0;
    if (has(uapi.ADJ_TICK) && (wanted.tick < TICK * 0.9 || wanted.tick > TICK * 1.1)) throw new Errno(EINVAL);
    if (has(uapi.ADJ_FREQUENCY) && Math.abs(wanted.freq) > FREQUENCY_RANGE) throw new Errno(EINVAL);
    if (has(uapi.ADJ_STATUS)) this.status = (this.status & READ_ONLY) | (wanted.status & ~READ_ONLY & 0xffff);
    if (has(uapi.ADJ_NANO)) this.status |= uapi.STA_NANO;
    if (has(uapi.ADJ_MICRO)) this.status &= ~uapi.STA_NANO;
    if (has(uapi.ADJ_FREQUENCY)) this.freq = clamp(wanted.freq, -MAX_FREQUENCY, MAX_FREQUENCY);
    if (has(uapi.ADJ_MAXERROR)) this.maxerror = clamp(wanted.maxerror, 0, MAX_ERROR);
    if (has(uapi.ADJ_ESTERROR)) this.esterror = clamp(wanted.esterror, 0, MAX_ERROR);
    if (has(uapi.ADJ_TIMECONST)) {
      const faster = this.status & uapi.STA_NANO ? 0 : 4;
      this.constant = clamp(clamp(wanted.constant, 0, MAX_CONSTANT) + faster, 0, MAX_CONSTANT);
    }
    if (has(uapi.ADJ_TAI) && wanted.constant >= 0 && wanted.constant <= MAX_TAI) this.tai = wanted.constant;
    if (has(uapi.ADJ_TICK)) this.tick = wanted.tick;
  }
}
