// From parsed options to what the session is asked to do.
import { UserError } from "../lib/errors.js";
import {
  type CallIdentity,
  type Digits,
  defaultOptions,
  type StraceOptions,
  type SummaryColumn,
} from "../session/trace-program.js";
import { UsageError } from "./getopt.js";
import type { Parsed } from "./parsed.js";
import { qualify } from "./qualifiers.js";

const COLUMN_NAMES: Readonly<Record<string, SummaryColumn>> = {
  "time-percent": "time-percent",
  time_percent: "time-percent",
  "time-percentage": "time-percent",
  time: "time-percent",
  "total-time": "total-time",
  total_time: "total-time",
  "min-time": "min-time",
  min_time: "min-time",
  shortest: "min-time",
  "max-time": "max-time",
  max_time: "max-time",
  longest: "max-time",
  "avg-time": "avg-time",
  avg_time: "avg-time",
  calls: "calls",
  count: "calls",
  errors: "errors",
  error: "errors",
  name: "name",
  syscall: "name",
  syscall_name: "name",
};

const SORTS: Readonly<Record<string, StraceOptions["summarySort"]>> = {
  ...COLUMN_NAMES,
  time: "total-time",
  "time-total": "total-time",
  time_total: "total-time",
  nothing: "nothing",
  none: "nothing",
};

const PRECISIONS: Readonly<Record<string, Digits>> = { s: 0, ms: 3, us: 6, ns: 9 };

const DEFAULT_STACK_FRAMES = 256;
const MOST_STACK_FRAMES = 2 ** 30;

const invalid = (option: string, value: string): UsageError => new UsageError(`invalid ${option} argument: '${value}'`);

function wholeNumber(value: string, option: string): number {
  if (!/^\s*\+?[0-9]+$/.test(value) || Number(value) > 0x7fffffff) throw invalid(option, value);
  return Number(value);
}

function positiveNumber(value: string, option: string): number {
  const number = wholeNumber(value, option);
  if (number === 0) throw invalid(option, value);
  return number;
}

function precision(value: string, option: string): Digits {
  const digits = value === "" ? 6 : PRECISIONS[value];
  if (digits === undefined) throw invalid(option, value);
  return digits;
}

/** Everything strace's options say of the calls there are. `warn` gets what is worth saying and no error. */
export function straceOptions(
  parsed: Parsed,
  name: string,
  calls: () => readonly CallIdentity[],
  warn: (message: string) => void,
): StraceOptions {
  const options = defaultOptions();
  options.name = name;
  const expressions = parsed.all("expression");
  const known = expressions.length > 0 ? calls() : [];
  for (const expression of expressions) qualify(expression, options, known);
  if (expressions.includes("status=successful") && expressions.includes("status=failed")) {
    warn(
      "Only the last of -z/--successful-only/-Z/--failed-only options will take effect. See status qualifier for more complex filters.",
    );
  }
  const follows = parsed.count("follow-forks");
  options.follow = follows > 0;
  const separate = follows > 1 || parsed.count("output-separately") > 0;
  const output = parsed.last("output");
  if (separate && output !== undefined && /^[|!]/.test(output)) {
    throw new UsageError("piping the output and -ff/--output-separately are mutually exclusive");
  }
  options.separate = separate && output !== undefined;
  options.toFile = output !== undefined;
  const columns = parsed.last("columns");
  if (columns !== undefined) options.columns = wholeNumber(columns, "-a");
  const limit = parsed.last("string-limit");
  if (limit !== undefined) options.style.stringLimit = wholeNumber(limit, "-s");
  options.instructionPointer = parsed.count("instruction-pointer") > 0;
  options.syscallNumber = parsed.count("syscall-number") > 0;
  options.argumentNames = parsed.count("arg-names") > 0;
  options.alwaysShowPid = parsed.count("always-show-pid") > 0;
  options.paths = parsed.all("trace-path");
  options.detachesOnExecve = parsed.count("detach-on") > 0;
  const most = parsed.last("syscall-limit");
  if (most !== undefined) options.syscallLimit = positiveNumber(most, "--syscall-limit");
  styles(parsed, options);
  times(parsed, options);
  summary(parsed, options, warn, separate);
  stackTraces(parsed, options, warn);
  return options;
}

function stackTraces(parsed: Parsed, options: StraceOptions, warn: (message: string) => void): void {
  const limit = parsed.last("stack-trace-frame-limit");
  const frames = limit === undefined ? DEFAULT_STACK_FRAMES : wholeNumber(limit, "--stack-trace-frame-limit");
  if (limit !== undefined && (frames === 0 || frames >= MOST_STACK_FRAMES))
    throw invalid("--stack-trace-frame-limit", limit);
  const kinds = parsed.all("stack-trace");
  const unknown = kinds.find((kind) => !["", "symbol", "source"].includes(kind));
  if (unknown !== undefined) throw invalid("--stack-trace", unknown);
  // -k twice is -kk.
  if (kinds.at(-1) === "source" || kinds.filter((kind) => kind === "").length > 1) {
    throw new UserError(
      "Stack traces with source line information (-kk/--stack-trace=source option) are not supported by this build of strace",
    );
  }
  if (kinds.length === 0) {
    if (limit !== undefined) warn("--stack-trace-frame-limit has no effect without -k/--stack-trace");
  } else if (options.summary === "only") warn("-k/--stack-trace has no effect with -c/--summary-only");
  else options.stackFrames = frames;
}

function styles(parsed: Parsed, options: StraceOptions): void {
  const { style } = options;
  const hex = parsed.last("strings-in-hex");
  if (hex !== undefined) {
    const forms = {
      "": "always",
      all: "always",
      "non-ascii": "nonAscii",
      "non-ascii-chars": "nonAsciiChars",
      none: "never",
    } as const;
    const form = (forms as Readonly<Record<string, typeof style.hexStrings>>)[hex];
    if (form === undefined) throw invalid("--strings-in-hex", hex);
    style.hexStrings = form;
  }
  const constants = parsed.last("const-print-style");
  if (constants !== undefined) {
    if (constants !== "raw" && constants !== "abbrev" && constants !== "verbose") throw invalid("-X", constants);
    style.constants = constants;
  }
  const color = parsed.last("color");
  if (color !== undefined && !["", "auto", "always", "never"].includes(color)) throw invalid("--color", color);
  for (const kind of parsed.all("decode-pids")) {
    if (kind !== "comm" && kind !== "pidns") throw new UserError(`invalid decode-pids '${kind}'`);
    if (kind === "comm") style.pidNames = true;
  }
}

function times(parsed: Parsed, options: StraceOptions): void {
  for (const value of parsed.all("absolute-timestamps")) timestampFormat(value, options);
  const relative = parsed.last("relative-timestamps");
  if (relative !== undefined) options.relative = precision(relative, "--relative-timestamps");
  const duration = parsed.last("syscall-times");
  if (duration !== undefined) options.duration = precision(duration, "--syscall-times");
}

function timestampFormat(value: string, options: StraceOptions): void {
  const { timestamps } = options;
  timestamps.format = "time";
  timestamps.digits = 0;
  for (const part of value === "" ? [] : value.split(",")) {
    const word = part.replace(/^(format|precision):/, "");
    const digits = PRECISIONS[word];
    if (digits !== undefined) timestamps.digits = digits;
    else if (word === "none" || word === "time" || word === "unix") timestamps.format = word;
    else throw invalid("--absolute-timestamps", value);
  }
}

function summary(parsed: Parsed, options: StraceOptions, warn: (message: string) => void, separate: boolean): void {
  const only = parsed.count("summary-only") > 0;
  const also = parsed.count("summary") > 0;
  if (only && also) throw new UsageError("-c/--summary-only and -C/--summary are mutually exclusive");
  options.summary = only ? "only" : also ? "also" : "none";
  const either = "(-c/--summary-only or -C/--summary)";
  if (separate && options.summary !== "none") {
    throw new UsageError(`${either} and -ff/--output-separately are mutually exclusive`);
  }
  options.wallClock = parsed.count("summary-wall-clock") > 0;
  if (options.wallClock && options.summary === "none") {
    throw new UsageError(`-w/--summary-wall-clock must be given with ${either}`);
  }
  const sort = parsed.last("summary-sort-by");
  if (sort !== undefined) {
    const column = SORTS[sort];
    if (column === undefined) throw new UsageError(`invalid sortby: '${sort}'`);
    options.summarySort = column;
    if (options.summary === "none") warn(`-S/--summary-sort-by has no effect without ${either}`);
  }
  const overhead = parsed.last("summary-syscall-overhead");
  if (overhead !== undefined) {
    const match = /^([0-9]+(?:\.[0-9]*)?)(s|ms|us|ns)?$/.exec(overhead);
    if (match === null) throw invalid("-O", overhead);
    options.overhead = Number(match[1]) * 10 ** (9 - (PRECISIONS[match[2] ?? "us"] as number));
  }
  const columns = parsed.last("summary-columns");
  if (columns !== undefined) options.summaryColumns = columnList(columns);
}

function columnList(text: string): SummaryColumn[] {
  const columns: SummaryColumn[] = [];
  const words = text.split(",");
  for (const [i, word] of words.entries()) {
    const column = COLUMN_NAMES[word];
    if (column === undefined) throw new UsageError(`unknown column name: '${word}'`);
    if (columns.includes(column)) {
      throw new UsageError(
        `call summary column has been provided more than once: '${word}' (-U option residual: '${words.slice(i).join(",")}')`,
      );
    }
    columns.push(column);
  }
  return columns;
}
