// What the user asked of ltrace, as data. The command line is read elsewhere.

export interface LtraceOptions {
  /** The name messages begin with. */
  name: string;
  /** Chains of rules for calls from one file to another: -e. Undefined: those of the program itself. */
  calls: readonly string[] | undefined;
  /** Patterns of libraries whose functions are wanted, whoever calls them: -l. */
  libraries: readonly string[];
  /** Chains of rules for functions wherever they are entered from: -x. */
  entries: readonly string[];
  /** -S. */
  systemCalls: boolean;
  /** Arguments of system calls as numbers, as ltrace prints them. */
  rawSystemCalls: boolean;
  follow: boolean;
  /** -b takes it away. */
  signals: boolean;
  demangle: boolean;
  /** Column of the `=`. */
  column: number;
  /** Spaces for each call around a call. */
  indent: number;
  arrayLimit: number;
  stringLimit: number;
  instructionPointer: boolean;
  timestamps: "none" | "time" | "micro" | "unix";
  relative: boolean;
  duration: boolean;
  /** -c: a table in place of lines. */
  summary: boolean;
  /** The output is a file: no `[pid N]` but the number. */
  toFile: boolean;
}

export function defaultOptions(): LtraceOptions {
  return {
    name: "ltrace",
    calls: undefined,
    libraries: [],
    entries: [],
    systemCalls: false,
    rawSystemCalls: false,
    follow: false,
    signals: true,
    demangle: false,
    column: 50,
    indent: 0,
    arrayLimit: 4,
    stringLimit: 32,
    instructionPointer: false,
    timestamps: "none",
    relative: false,
    duration: false,
    summary: false,
    toFile: false,
  };
}
