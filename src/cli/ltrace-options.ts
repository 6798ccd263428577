// The options of tsltrace: ltrace's, and those about the machine that both tools have.
import { type OptionDeclaration, optionTable } from "./option-table.js";

interface LtraceOption extends OptionDeclaration {
  readonly help: string;
}

/** Of tsstrace's options, those that are about the machine a program runs on. */
const SHARED = [
  "env",
  "argv0",
  "format",
  "root",
  "rw",
  "net",
  "commit",
  "deterministic",
  "seed",
  "aslr",
  "cpu",
  "cpu-vendor",
  "no-cache",
  "max-procs",
  "max-memory",
  "max-files",
];

const own: readonly LtraceOption[] = [
  { name: "attach", short: "p", value: "PID", help: "trace a process of a running machine" },
  {
    name: "user",
    short: "u",
    value: "USERNAME",
    help: "run the program as that user, if you are root",
  },
  { name: "follow", short: "f", help: "trace child processes and threads too" },
  {
    name: "filter",
    short: "e",
    value: "FILTER",
    help: "trace calls of the functions, from the files, that the chain of rules {[+-][SYMBOL][@LIBRARY]} picks (@MAIN)",
  },
  {
    name: "library",
    short: "l",
    value: "PATTERN",
    help: "trace calls of functions that such a library implements",
  },
  {
    name: "entries",
    short: "x",
    value: "FILTER",
    help: "trace functions wherever they are called from, by the same rules",
  },
  { name: "no-calls", short: "L", help: "without -e, trace no library calls" },
  { name: "system-calls", short: "S", help: "trace system calls as well" },
  {
    name: "raw-syscalls",
    help: "with -S: arguments of system calls as numbers",
  },
  { name: "no-signals", short: "b", help: "print no signals" },
  {
    name: "config",
    short: "F",
    value: "FILE",
    help: "read prototypes from FILE, in the syntax of ltrace.conf(5), before those that belong to the tool",
  },
  { name: "align", short: "a", value: "COLUMN", help: "align results in a column (50)" },
  {
    name: "array-limit",
    short: "A",
    value: "N",
    help: "print at most N elements of an array, and as many nested structures (4)",
  },
  { name: "demangle", short: "C", help: "print C++ names as they were written" },
  {
    name: "instruction-pointer",
    short: "i",
    help: "print where each call was made",
  },
  {
    name: "indent",
    short: "n",
    value: "N",
    help: "indent calls made inside of calls by N spaces for each",
  },
  { name: "output", short: "o", value: "FILE", help: "write the trace to FILE, not to stderr" },
  { name: "relative", short: "r", help: "print the time since the line before" },
  {
    name: "string-limit",
    short: "s",
    value: "N",
    help: "print at most N characters of strings (32)",
  },
  {
    name: "timestamps",
    short: "t",
    help: "print the time of day; -tt with microseconds, -ttt as seconds since the epoch",
  },
  { name: "duration", short: "T", help: "print the time spent in each call" },
  {
    name: "summary",
    short: "c",
    help: "count calls and time by function, and print a table at the end",
  },
  { name: "debug", short: "D", value: "MASK", help: "accepted for ltrace's sake" },
  { name: "help", short: "h", help: "print this" },
  { name: "version", short: "V", help: "print the version" },
];

export const ltraceOptionTable: readonly OptionDeclaration[] = [
  ...own,
  ...optionTable.filter(({ name }) => SHARED.includes(name)),
];

const TEXT_COLUMN = 22;

/** ltrace's layout: an option a line, what it does beside it. */
export function ltraceHelp(name: string): string {
  const lines = own.map(({ short, name: long, value, help }) => {
    const spelling = `${short ? `-${short}, ` : "    "}--${long}${value ? `=${value}` : ""}`;
    const begin = `  ${spelling}`;
    return begin.length + 2 > TEXT_COLUMN
      ? `${begin}\n${" ".repeat(TEXT_COLUMN)}${help}`
      : begin.padEnd(TEXT_COLUMN) + help;
  });
  const shared = SHARED.map((option) => `--${option}`).join(", ");
  return `Usage: ${name} [OPTION]... PROG [ARGS]
   or: ${name} [OPTION]... -p PID[,PID...]
Trace library calls of a program.

${lines.join("\n")}

As tsstrace has them: ${shared}.
`;
}
