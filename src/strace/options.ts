// What the user asked of strace, as data. The command line is read elsewhere; a library user fills this in directly.
import type { Renaming, ShowStyle } from "../abi/show.js";

export type { Renaming };

/** A set of names or numbers as strace's qualifiers give them: everything but some, or some. */
export type Predicate<T> = (value: T) => boolean;

export interface CallIdentity {
  readonly name: string;
  readonly classes: readonly string[];
  readonly number: number;
  /** x86_64 when absent. */
  readonly personality?: "x86_64" | "i386" | "x32";
}

export type Digits = 0 | 3 | 6 | 9;

export type SummaryColumn =
  | "time-percent"
  | "total-time"
  | "min-time"
  | "max-time"
  | "avg-time"
  | "calls"
  | "errors"
  | "name";

export interface Poke {
  /** Argument, counted from 0. */
  readonly argument: number;
  readonly bytes: Uint8Array;
}

/** -e inject: what becomes of some calls instead of what the kernel would do. */
export interface Injection {
  readonly calls: Predicate<CallIdentity>;
  /** errno to fail with, or the value to return: the call is skipped. */
  readonly error?: number;
  readonly value?: number;
  /** Made instead, when the call is skipped for its result: one without arguments. */
  readonly syscall?: number;
  readonly signal?: number;
  /** Nanoseconds to wait at the stops. */
  readonly delayEnter?: number;
  readonly delayExit?: number;
  /** Bytes to write where arguments point. */
  readonly pokeEnter?: readonly Poke[];
  readonly pokeExit?: readonly Poke[];
  /** Which invocations, counted from 1: first, first + step, ... up to last. */
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

export interface StraceOptions {
  /** The name messages begin with. */
  name: string;
  follow: boolean;
  /** One output per process (-ff). */
  separate: boolean;
  /** The output is a file: the pid begins every line under -f, messages of attaching are not wanted. */
  toFile: boolean;
  columns: number;
  style: ShowStyle;
  instructionPointer: boolean;
  syscallNumber: boolean;
  /** -k: the most frames of a stack trace; undefined without traces. */
  stackFrames: number | undefined;
  argumentNames: boolean;
  timestamps: { format: "none" | "time" | "unix"; digits: Digits };
  relative: Digits | undefined;
  duration: Digits | undefined;
  alwaysShowPid: boolean;
  trace: Predicate<CallIdentity>;
  abbreviate: Predicate<CallIdentity>;
  dereference: Predicate<CallIdentity>;
  raw: Predicate<CallIdentity>;
  injections: readonly Injection[];
  signals: Predicate<number>;
  /** successful, failed, unfinished, unavailable, detached; undefined when all of them are shown. */
  statuses: ReadonlySet<string> | undefined;
  dumpRead: Predicate<number>;
  dumpWrite: Predicate<number>;
  /** attach, exit, path-resolution, personality, thread-execve. */
  quiet: ReadonlySet<string>;
  paths: readonly string[];
  /** undefined: no filter by descriptor. */
  descriptors: Predicate<number> | undefined;
  summary: "none" | "only" | "also";
  summarySort: SummaryColumn | "nothing";
  summaryColumns: readonly SummaryColumn[];
  wallClock: boolean;
  /** -b execve: a task is let go when it executes another program. */
  detachesOnExecve: boolean;
  /** Calls after which all tasks go untraced; undefined: none. */
  syscallLimit: number | undefined;
  /** Before the name of each call. */
  callPrefix: string;
  /** Nanoseconds taken off every call in the summary. */
  overhead: number;
}

const all = (): boolean => true;
export const none = (): boolean => false;

export function defaultOptions(): StraceOptions {
  return {
    name: "strace",
    follow: false,
    separate: false,
    toFile: false,
    columns: 40,
    style: {
      stringLimit: 32,
      hexStrings: "never",
      constants: "abbrev",
      descriptorPaths: false,
      descriptorDetails: false,
      pidNames: false,
    },
    instructionPointer: false,
    syscallNumber: false,
    stackFrames: undefined,
    argumentNames: false,
    timestamps: { format: "none", digits: 0 },
    relative: undefined,
    duration: undefined,
    alwaysShowPid: false,
    trace: all,
    abbreviate: all,
    dereference: all,
    raw: none,
    injections: [],
    signals: all,
    statuses: undefined,
    dumpRead: none,
    dumpWrite: none,
    quiet: new Set(),
    paths: [],
    descriptors: undefined,
    summary: "none",
    summarySort: "total-time",
    summaryColumns: ["time-percent", "total-time", "avg-time", "calls", "errors", "name"],
    wallClock: false,
    detachesOnExecve: false,
    syscallLimit: undefined,
    callPrefix: "",
    overhead: 0,
  };
}
