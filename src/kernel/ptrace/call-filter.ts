// Which calls stop for the tracer, as the seccomp filter of `strace --seccomp-bpf` decides it: by number, without a stop to ask.
import { NR_SYSCALL_MAX } from "../entry/syscall-table.js";

const UNKNOWN = 0;
const ALLOW = 1;
const TRACE = 2;

export class CallFilter {
  readonly #verdicts = new Uint8Array(NR_SYSCALL_MAX + 1);
  readonly #wants: (number: number) => boolean;

  constructor(wants: (number: number) => boolean) {
    this.#wants = wants;
  }

  /** A number beyond the table always stops: the tracer has its own idea of it. */
  stops(low: number, high: number): boolean {
    if (high !== 0 || low < 0 || low > NR_SYSCALL_MAX) return true;
    const verdict = this.#verdicts[low];
    if (verdict !== UNKNOWN) return verdict === TRACE;
    const stops = this.#wants(low);
    this.#verdicts[low] = stops ? TRACE : ALLOW;
    return stops;
  }
}
