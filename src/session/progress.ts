// The line that says how many calls a tracer has seen, while the trace itself goes to a file.
import { TerminalLine } from "../host/terminal-line.js";

interface ProgressLine {
  /** Something else is about to be written there. */
  pause(): void;
  end(): void;
}

/** Of the calls that are asked for, until `end`; nothing when the line is not wanted. */
export function showProgress(isWanted: boolean, name: string, calls: () => number): ProgressLine {
  if (!isWanted) return { pause: () => {}, end: () => {} };
  let [before, at] = [0, performance.now()];
  return new TerminalLine(() => {
    const [count, now] = [calls(), performance.now()];
    const rate = Math.round(((count - before) * 1000) / (now - at));
    [before, at] = [count, now];
    return `${name}: ${count} calls, ${rate}/s`;
  });
}
