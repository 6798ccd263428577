// What every line begins with: the pid, the time, where the call was made.
import { absoluteTime, type Clock } from "../strace/clock.js";
import type { LtraceOptions } from "./options.js";

const MICROSECONDS = 6;
const SECONDS_WIDTH = 3;

export class Prefix {
  readonly #options: LtraceOptions;
  readonly #clock: Clock;
  readonly #isEmpty: boolean;
  #last: number | undefined;

  constructor(options: LtraceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#isEmpty =
      !options.follow && !options.relative && options.timestamps === "none" && !options.instructionPointer;
  }

  /** `address`: where the call returns to; undefined for what is no call. */
  of(pid: number, address: number | undefined): string {
    if (this.#isEmpty) return "";
    const { follow, toFile, relative, timestamps, instructionPointer } = this.#options;
    let text = "";
    if (follow) text += toFile ? `${pid} ` : `[pid ${pid}] `;
    if (relative) text += `${this.#sinceLast()} `;
    if (timestamps !== "none") {
      const digits = timestamps === "time" ? 0 : MICROSECONDS;
      text += `${absoluteTime(this.#clock.realtime(), timestamps === "unix" ? "unix" : "time", digits)} `;
    }
    if (instructionPointer) text += `[0x${address === undefined ? "ffffffffffffffff" : address.toString(16)}] `;
    return text;
  }

  #sinceLast(): string {
    const now = this.#clock.monotonic();
    const micro = Math.floor((now - (this.#last ?? now)) / 1000);
    this.#last = now;
    const rest = String(micro % 1e6).padStart(MICROSECONDS, "0");
    return `${String(Math.floor(micro / 1e6)).padStart(SECONDS_WIDTH)}.${rest}`;
  }
}
