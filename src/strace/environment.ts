// What a tracer is given to work with: where it writes, and the time.
import type { Clock } from "./clock.js";
import type { Destination, Output } from "./output.js";
import type { SummaryRow } from "./summary.js";

export interface Environment {
  readonly clock: Clock;
  /** The output of the task `pid`, or the one they all share when not separate. */
  destination(pid: number): Destination;
  /** Where messages about tracing go: stderr. */
  readonly messages: Destination;
  /** Takes the lines of all tasks, among those of another tracer. */
  readonly sharedOutput?: Output;
  /** What every line begins with, in place of strace's own. */
  readonly prefix?: (pid: number) => string;
  /** Takes what was counted for -c instead of having it printed. */
  readonly summary?: (rows: readonly SummaryRow[]) => void;
  /** It is for processes that run already, not for a program to be started. */
  readonly attaches?: boolean;
}
