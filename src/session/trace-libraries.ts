// One run of a program under the tracer of library calls.
import { packageFiles } from "../host/package-files.js";
import { openOutput, readText, standardError, tracerClock } from "../host/trace-output.js";
import { Ltrace } from "../ltrace/ltrace.js";
import type { LtraceOptions } from "../ltrace/options.js";
import { Prefix } from "../ltrace/prefix.js";
import { Prototypes } from "../ltrace/prototype/prototypes.js";
import { SystemCalls } from "../ltrace/system-calls.js";
import { Output } from "../strace/output.js";
import { syscalls } from "../syscalls/table.js";
import { type RunOptions, type RunResult, runProgram } from "./run-program.js";

export { defaultOptions, type LtraceOptions } from "../ltrace/options.js";
export { lendMemory } from "./run-program.js";

export interface LibraryTarget {
  /** FILE; stderr when undefined. */
  readonly output: string | undefined;
  /** The user's files of prototypes. */
  readonly prototypes: readonly string[];
  /** Told what is wrong in them, a line each. */
  readonly complain: (message: string) => void;
}

const OWN_PROTOTYPES = "ltrace/prototypes";

export async function traceLibraries(
  run: RunOptions,
  options: LtraceOptions,
  target: LibraryTarget,
): Promise<RunResult> {
  const users = target.prototypes.map((path) => ({ path, text: readText(path) }));
  const prototypes = new Prototypes(packageFiles(OWN_PROTOTYPES, ".conf"), users, target.complain);
  const file = target.output === undefined ? undefined : openOutput(target.output, false);
  const messages = standardError();
  const destination = file ?? messages;
  const environment = { clock: tracerClock(), destination: () => destination, messages };
  const output = new Output(destination);
  const prefix = new Prefix(options, environment.clock);
  const systemCalls = options.systemCalls
    ? new SystemCalls(options, syscalls, environment, output, (pid) => prefix.of(pid, undefined))
    : undefined;
  const tracer = new Ltrace(options, prototypes, environment, output, systemCalls);
  try {
    return await runProgram({ ...run, hooks: tracer, follow: options.follow });
  } finally {
    tracer.finish();
    await file?.close();
  }
}
