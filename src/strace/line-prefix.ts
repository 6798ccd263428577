// What every line starts with: pid, times, number and address of the call.
import { absoluteTime, type Clock, relativeTime } from "./clock.js";
import type { Environment } from "./environment.js";
import type { StraceOptions } from "./options.js";
import type { Traced } from "./traced.js";

export class LinePrefix {
  readonly #options: StraceOptions;
  readonly #clock: Clock;
  readonly #own: Environment["prefix"];
  #lastTime: number | undefined;

  constructor(options: StraceOptions, { clock, prefix }: Pick<Environment, "clock" | "prefix">) {
    this.#options = options;
    this.#clock = clock;
    this.#own = prefix;
  }

  /** `severalTasks`: there is more than one whose lines these may be. `atExit`: the task has no registers any more. */
  text(task: Traced, severalTasks: boolean, atExit: boolean): string {
    const options = this.#options;
    const { tracee } = task;
    let text = this.#own?.(tracee.pid) ?? "";
    const comm = options.style.pidNames ? `<${tracee.comm()}>` : "";
    if (!options.separate && options.toFile && (options.follow || options.alwaysShowPid)) {
      text += `${`${tracee.pid}${comm}`.padEnd(5)} `;
    } else if (!options.toFile && (severalTasks || options.alwaysShowPid)) {
      text += `[pid ${tracee.pid.toString().padStart(5)}${comm}] `;
    }
    const { format, digits } = options.timestamps;
    if (format !== "none") text += `${absoluteTime(this.#clock.realtime(), format, digits)} `;
    if (options.relative !== undefined) {
      const now = this.#clock.monotonic();
      const difference = relativeTime(now - (this.#lastTime ?? now), options.relative);
      this.#lastTime = now;
      text += format === "none" ? `${difference} ` : `(+${difference}) `;
    }
    if (options.syscallNumber) text += `[${numberText(task.number)}] `;
    if (options.instructionPointer) text += `[${addressText(task, atExit)}] `;
    return text;
  }
}

const numberText = (number: number): string => (number === -1 ? "???" : number.toString().padStart(4));

function addressText({ tracee, personality }: Traced, atExit: boolean): string {
  const digits = personality === "x86_64" ? 16 : 8;
  return atExit ? "?".repeat(digits) : tracee.instructionPointer().toString(16).padStart(digits, "0");
}
