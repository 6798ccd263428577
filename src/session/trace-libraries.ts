// One run of a program under the tracer of library calls.
import { packageFiles } from "../host/package-files.js";
import {
  type ClosableOutput,
  openOutput,
  readText,
  readTextIfAny,
  standardError,
  tracerClock,
} from "../host/trace-output.js";
import { LibraryEventTracer } from "../ltrace/event-tracer.js";
import { Ltrace } from "../ltrace/ltrace.js";
import type { LtraceOptions } from "../ltrace/options.js";
import { Prototypes } from "../ltrace/prototype/prototypes.js";
import type { EventFormat } from "../strace/event-text.js";
import { syscalls } from "../syscalls/table.js";
import { type RunOptions, type RunResult, runProgram } from "./run-program.js";
import { eventsTo } from "./trace-program.js";

export { defaultOptions, type LtraceOptions } from "../ltrace/options.js";
export { eventsTo } from "./trace-program.js";

export interface LibraryTarget {
  /** FILE; stderr when undefined. */
  readonly output: string | undefined;
  /** Undefined for ltrace's own lines. */
  readonly format: EventFormat | undefined;
  /** The user's files of prototypes. */
  readonly prototypes: readonly string[];
  /** Told what is wrong in them, a line each. */
  readonly complain: (message: string) => void;
}

const OWN_PROTOTYPES = "ltrace/prototypes";

/**
 * The tool's own prototypes and those of the user's files, or of ~/.ltrace.conf when there are none. What is wrong in the user's is said to
 * `complain`.
 */
export function readPrototypes(files: readonly string[], complain: (message: string) => void): Prototypes {
  const users = files.map((path) => ({ path, text: readText(path) }));
  const personal = `${process.env.HOME ?? ""}/.ltrace.conf`;
  const text = users.length > 0 ? undefined : readTextIfAny(personal);
  if (text !== undefined) users.push({ path: personal, text });
  return new Prototypes(packageFiles(OWN_PROTOTYPES, ".conf"), users, complain);
}

/** FILE; stderr when undefined. */
export function openTrace(output: string | undefined): ClosableOutput {
  return output === undefined ? { ...standardError(), close: () => {} } : openOutput(output, false);
}

export async function traceLibraries(
  run: RunOptions,
  options: LtraceOptions,
  target: LibraryTarget,
): Promise<RunResult> {
  const prototypes = readPrototypes(target.prototypes, target.complain);
  const destination = openTrace(target.output);
  if (target.format) return traceLibraryEvents(run, options, prototypes, destination, target.format);
  const messages = standardError();
  const environment = { clock: tracerClock(), destination: () => destination, messages };
  const tracer = new Ltrace(options, prototypes, environment, syscalls);
  try {
    return await runProgram({ ...run, hooks: tracer, follow: options.follow });
  } finally {
    tracer.finish();
    await destination.close();
  }
}

async function traceLibraryEvents(
  run: RunOptions,
  options: LtraceOptions,
  prototypes: Prototypes,
  destination: ClosableOutput,
  format: EventFormat,
): Promise<RunResult> {
  const writer = eventsTo(destination, format);
  const hooks = new LibraryEventTracer(options, prototypes, syscalls, tracerClock(), writer.event);
  try {
    return await runProgram({ ...run, hooks, follow: options.follow });
  } finally {
    writer.finish();
    await destination.close();
  }
}
