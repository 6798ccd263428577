// `import { trace } from "tsstrace"`: runs a program and hands out its trace as typed events.
import { errnoMessage } from "../abi/errno.js";
import { UserError } from "../lib/errors.js";
import { findExecutable } from "../session/find-executable.js";
import type { RunResult } from "../session/run-program.js";
import { type CallIdentity, defaultOptions, traceEvents } from "../session/trace-program.js";
import type { TraceEvent } from "../strace/events.js";
import { EventQueue } from "./event-queue.js";

export type {
  ArgumentEvent,
  CallEvent,
  DetachEvent,
  ExitEvent,
  SignalEvent,
  StartEvent,
  StopEvent,
  TraceEvent,
} from "../strace/events.js";
export type { PathEvent } from "../strace/path-text.js";
export type { CallIdentity, RunResult };

export interface TraceSettings {
  /** Its arguments after its name. */
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Directory in the program's tree. */
  readonly cwd?: string;
  /** Directory that is the program's "/". */
  readonly root?: string;
  /** Directories below which changes are real. */
  readonly rw?: readonly string[];
  /** The same run every time. */
  readonly deterministic?: boolean;
  /** Trace children too. */
  readonly follow?: boolean;
  /** Which calls are traced; all of them by default. */
  readonly calls?: (call: CallIdentity) => boolean;
  /** Longest string shown, 32 by default. */
  readonly stringLimit?: number;
}

export interface Trace extends AsyncIterable<TraceEvent> {
  /**
   * How the program ended. Events that nobody takes meanwhile make the program wait, once there are some thousand of them; they are
   * kept, all of them, when the result is asked for before the first.
   */
  readonly result: Promise<RunResult>;
}

/** Starts `program`, a path or a name to be found in PATH. Its standard streams are this process's. Throws when there is no such program. */
export function trace(program: string, settings: TraceSettings = {}): Trace {
  const { args = [], root, cwd, rw = [] } = settings;
  const env = settings.env ?? variables();
  const place = { env, ...(root === undefined ? {} : { root }), ...(cwd === undefined ? {} : { cwd }) };
  const found = findExecutable(program, place);
  if (typeof found === "number") throw new UserError(`${program}: ${errnoMessage(found)}`);
  const options = defaultOptions();
  options.follow = settings.follow ?? false;
  options.style.stringLimit = settings.stringLimit ?? options.style.stringLimit;
  if (settings.calls) options.trace = settings.calls;
  const queue = new EventQueue();
  const run = {
    ...place,
    program: found,
    argv: [program, ...args],
    rw: [...rw],
    deterministic: settings.deterministic ?? false,
    onWaker: (wake: () => void) => {
      queue.wakeMachine = wake;
    },
  };
  const holds = (): boolean => queue.isFull;
  const result = traceEvents(run, options, (event) => queue.push(event), { holds }).finally(() => queue.end());
  result.catch(() => {}); // whoever iterates or waits for the result hears of it
  async function* iterate(): AsyncGenerator<TraceEvent> {
    yield* queue.take();
    await result;
  }
  return {
    get result() {
      queue.resultIsAwaited();
      return result;
    },
    [Symbol.asyncIterator]: iterate,
  };
}

function variables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
}
