// Times a command: CPU seconds (user and system) of all the processes it starts and waits for, and the seconds that passed.
import { spawnSync } from "node:child_process";

export interface Timing {
  readonly cpu: number;
  readonly elapsed: number;
}

/** Node tells no CPU time of its children; bash's `time` does. */
const SCRIPT = 'TIMEFORMAT="%R %U %S"; exec 3>&2; { time "$@" >/dev/null 2>&3; } 2>&1';

export function measure(command: readonly string[]): Timing {
  const result = spawnSync("bash", ["-c", SCRIPT, "bench", ...command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [elapsed, user, system] = result.stdout.trim().split(/\s+/).map(Number);
  if (result.status !== 0 || elapsed === undefined || Number.isNaN(elapsed)) {
    throw new Error(`${command.join(" ")} failed with ${result.status ?? result.signal}`);
  }
  return { cpu: user + system, elapsed };
}

/** Largest resident set in bytes, NaN without GNU time. */
export function peakMemory(command: readonly string[]): number {
  const result = spawnSync("/usr/bin/time", ["-f", "%M", ...command], { encoding: "utf8" });
  return result.status === 0 ? Number(result.stderr.trim().split("\n").at(-1)) * 1024 : Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * Every contestant's timings, one round after another so that a slow minute of the machine hits all alike. `before` is called before a
 * contestant runs.
 */
export function interleave<T extends string>(
  contestants: ReadonlyMap<T, readonly string[]>,
  rounds: number,
  before: (contestant: T) => void = () => {},
): Map<T, Timing> {
  const timings = new Map<T, Timing[]>([...contestants.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of contestants) {
      before(name);
      timings.get(name)?.push(measure(command));
    }
  }
  return new Map(
    [...timings].map(([name, all]) => [
      name,
      { cpu: median(all.map(({ cpu }) => cpu)), elapsed: median(all.map(({ elapsed }) => elapsed)) },
    ]),
  );
}
