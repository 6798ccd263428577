// One run of a program under the tracer: the tracer gets its outputs and its clock here, and is handed to the kernel.

import { EntryPaths, type WatchedCall } from "../control/entry-path.js";
import { type ClosableOutput, openOutput, outputPipe, standardError, tracerClock } from "../host/trace-output.js";
import { slotOf, type TableName } from "../kernel/entry/syscall-table.js";
import { type EventFormat, type EventWriter, eventWriter } from "../strace/event-text.js";
import { EventTracer, type TraceEvent } from "../strace/events.js";
import type { CallIdentity, StraceOptions } from "../strace/options.js";
import type { Destination } from "../strace/output.js";
import { type PathForm, pathText } from "../strace/path-text.js";
import { Strace } from "../strace/tracer.js";
import { syscalls } from "../syscalls/table.js";
import { showProgress } from "./progress.js";
import { type RunOptions, type RunResult, runProgram } from "./run-program.js";

export { realPath } from "../host/real-path.js";
export { isTerminal } from "../host/terminal.js";
export {
  type CallIdentity,
  type Digits,
  defaultOptions,
  type Injection,
  type Poke,
  type Predicate,
  type StraceOptions,
  type SummaryColumn,
} from "../strace/options.js";
export { Summary, type SummaryRow } from "../strace/summary.js";
export { renamingOf } from "./places.js";
export { showProgress } from "./progress.js";
export type { EventFormat, PathForm, TraceEvent };

export interface TraceTarget {
  /** FILE, or |COMMAND; stderr when undefined. */
  readonly output: string | undefined;
  readonly append: boolean;
  /** The terminal shows how far it is. */
  readonly progress?: boolean;
  /** Takes the trace instead of a file. */
  readonly collect?: (text: string) => void;
  /** The way of each call through the entry code is printed too. */
  readonly path?: { readonly form: PathForm; readonly coloured: boolean };
}

const callsOf = (table: TableName, personality: CallIdentity["personality"]): CallIdentity[] =>
  syscalls.flatMap(({ name, classes, nr }) =>
    nr[table] === undefined ? [] : [{ name, classes, number: nr[table], personality }],
  );

/** Every call of x86-64. */
export const knownCalls = (): CallIdentity[] => callsOf("x64", "x86_64");
/** Every call the tracer knows, for the filters that name them. */
export const allCalls = (): CallIdentity[] => [...knownCalls(), ...callsOf("i386", "i386"), ...callsOf("x32", "x32")];

export async function traceProgram(run: RunOptions, options: StraceOptions, target: TraceTarget): Promise<RunResult> {
  const { destination, close } = destinations(options, target);
  const tracer = new Strace(options, syscalls, { clock: tracerClock(), destination, messages: standardError() });
  const progress = showProgress(target.progress === true, options.name, () => tracer.calls);
  const { path } = target;
  const paths =
    path &&
    new EntryPaths(
      (call) => call.isTraced && tracer.shows(call.slot, call.personality),
      nameOfCall,
      (way) => tracer.note(way.pid, pathText(way, path.form, path.coloured)),
    );
  try {
    const result = await runProgram({
      ...run,
      hooks: tracer,
      follow: options.follow,
      ...(paths && { pathObserver: paths }),
    });
    // strace would be gone by the time the program ends.
    return tracer.hasEnough ? { ...result, kind: "exited", status: 0 } : result;
  } finally {
    progress.end();
    paths?.finish();
    tracer.finish();
    await close();
  }
}

export interface TraceOutputs {
  destination(pid: number): Destination;
  close(): Promise<void>;
}

export interface EventOptions {
  /** The calls' ways through the entry code are events too. */
  readonly withPaths?: boolean;
  readonly progress?: boolean;
  /** Whoever takes the events is behind: the program waits. */
  readonly holds?: () => boolean;
}

/** The trace as events, as they happen. */
export async function traceEvents(
  run: RunOptions,
  options: StraceOptions,
  emit: (event: TraceEvent) => void,
  { withPaths = false, progress = false, holds }: EventOptions = {},
): Promise<RunResult> {
  const hooks = new EventTracer(options, syscalls, tracerClock(), emit, { ...(holds && { holds }) });
  const line = showProgress(progress, options.name, () => hooks.calls);
  const isWanted = (call: WatchedCall): boolean => call.isTraced && hooks.shows(call.slot, call.personality);
  const paths = withPaths ? new EntryPaths(isWanted, nameOfCall, (path) => hooks.path(path)) : undefined;
  try {
    return await runProgram({ ...run, hooks, follow: options.follow, ...(paths && { pathObserver: paths }) });
  } finally {
    line.end();
    paths?.finish();
  }
}

/** What writes events in a format for other programs to `output`. */
export function eventsTo(output: Destination, format: EventFormat): EventWriter {
  return eventWriter(format, (text) => output.write(Buffer.from(text).toString("latin1")));
}

/** The same, written in a format for other programs. */
export async function writeEvents(
  run: RunOptions,
  options: StraceOptions,
  target: TraceTarget,
  format: EventFormat,
): Promise<RunResult> {
  const { destination, close } = destinations({ ...options, separate: false }, target);
  const writer = eventsTo(destination(0), format);
  try {
    return await traceEvents(run, options, writer.event, {
      withPaths: target.path !== undefined,
      progress: target.progress === true,
    });
  } finally {
    writer.finish();
    await close();
  }
}

/** Runs a program without a tracer; the ways of all its calls are printed. */
export async function watchPaths(run: RunOptions, options: StraceOptions, target: TraceTarget): Promise<RunResult> {
  const { destination, close } = destinations(options, target);
  const { form, coloured } = target.path ?? { form: "full", coloured: false };
  const output = destination(0);
  const paths = new EntryPaths(
    () => true,
    nameOfCall,
    (way) => output.write(pathText(way, form, coloured)),
  );
  try {
    return await runProgram({ ...run, pathObserver: paths });
  } finally {
    paths.finish();
    await close();
  }
}

function nameOfCall(number: number, table: TableName): string | undefined {
  return syscalls.find(({ nr }) => nr[table] === slotOf(number, table))?.name;
}

/** Where a tracer writes: stderr, a file, a command, or a file for each process. */
export function destinations(options: StraceOptions, { output, append, collect }: TraceTarget): TraceOutputs {
  if (collect) return { destination: () => ({ write: collect, immediate: false }), close: async () => {} };
  if (output === undefined) return { destination: standardError, close: async () => {} };
  const opened: ClosableOutput[] = [];
  const open = (path: string): ClosableOutput => {
    const file = /^[|!]/.test(path) ? outputPipe(path.slice(1)) : openOutput(path, append);
    opened.push(file);
    return file;
  };
  const close = async (): Promise<void> => {
    for (const file of opened) await file.close();
  };
  if (options.separate) return { destination: (pid) => open(`${output}.${pid}`), close };
  const file = open(output);
  return { destination: () => file, close };
}
