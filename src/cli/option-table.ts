// The options, declared once: what the reader of the command line accepts and what the help prints.

export interface OptionDeclaration {
  /** The long name, without dashes: what the rest of the program calls it. */
  readonly name: string;
  readonly short?: string;
  /** Its value in the help; no value when absent. */
  readonly value?: string;
  /** The value may be left out; then it is attached with `=` in the long form and the short form has none. */
  readonly optional?: boolean;
  /**
   * A short way to say something another option says: `name=value` pairs, the nth of which stands for the option given n times
   * (the last one from there on).
   */
  readonly alias?: readonly string[];
  readonly group: Group;
  readonly help: string;
}

export const groups = [
  "Startup",
  "Tracing",
  "Filtering",
  "Output format",
  "Statistics",
  "Machine",
  "Miscellaneous",
] as const;
type Group = (typeof groups)[number];

const expression = (value: string): string => `expression=${value}`;

export const optionTable: readonly OptionDeclaration[] = [
  {
    name: "env",
    short: "E",
    value: "VAR[=VAL]",
    group: "Startup",
    help: "put VAR=VAL in the environment for the program, or remove VAR",
  },
  { name: "argv0", value: "NAME", group: "Startup", help: "set the program's argv[0] to NAME" },
  { name: "attach", short: "p", value: "PID", group: "Startup", help: "accepted for strace's sake" },
  {
    name: "user",
    short: "u",
    value: "USERNAME",
    group: "Startup",
    help: "accepted for strace's sake; the program runs as you",
  },
  {
    name: "follow-forks",
    short: "f",
    group: "Tracing",
    help: "trace children too; given twice (-ff), into separate files",
  },
  { name: "output-separately", group: "Tracing", help: "send each process's output to its own file, FILE.PID" },
  { name: "interruptible", short: "I", value: "N", group: "Tracing", help: "accepted for strace's sake" },
  { name: "detach-on", short: "b", value: "execve", group: "Tracing", help: "accepted for strace's sake" },
  {
    name: "expression",
    short: "e",
    value: "EXPR",
    group: "Filtering",
    help: "a qualifying expression: [trace|abbrev|verbose|raw|signal|read|write|status|quiet|decode-fds]=[!]SET",
  },
  {
    name: "trace",
    value: "SET",
    alias: [expression("trace=")],
    group: "Filtering",
    help: "trace only these calls: names, numbers, /REGEX, %file %process %net %signal %ipc %desc %memory ...",
  },
  {
    name: "signal",
    value: "SET",
    alias: [expression("signal=")],
    group: "Filtering",
    help: "print only these signals",
  },
  {
    name: "status",
    value: "SET",
    alias: [expression("status=")],
    group: "Filtering",
    help: "print only calls that were successful, failed, unfinished, unavailable, detached",
  },
  {
    name: "trace-fds",
    value: "SET",
    alias: [expression("trace-fds=")],
    group: "Filtering",
    help: "trace only operations on these descriptors",
  },
  { name: "trace-path", short: "P", value: "PATH", group: "Filtering", help: "trace only accesses to PATH" },
  {
    name: "successful-only",
    short: "z",
    alias: [expression("status=successful")],
    group: "Filtering",
    help: "print only calls that returned without an error",
  },
  {
    name: "failed-only",
    short: "Z",
    alias: [expression("status=failed")],
    group: "Filtering",
    help: "print only calls that returned with an error",
  },
  {
    name: "columns",
    short: "a",
    value: "COLUMN",
    group: "Output format",
    help: "align results to COLUMN (default 40)",
  },
  {
    name: "color",
    value: "WHEN",
    optional: true,
    group: "Output format",
    help: "colorize output; WHEN is auto, always, or never (default auto)",
  },
  {
    name: "abbrev",
    value: "SET",
    alias: [expression("abbrev=")],
    group: "Output format",
    help: "abbreviate output for these calls",
  },
  {
    name: "verbose",
    value: "SET",
    alias: [expression("verbose=")],
    group: "Output format",
    help: "dereference structures for these calls",
  },
  {
    name: "raw",
    value: "SET",
    alias: [expression("raw=")],
    group: "Output format",
    help: "print undecoded arguments for these calls",
  },
  {
    name: "read",
    value: "SET",
    alias: [expression("read=")],
    group: "Output format",
    help: "dump the data read from these descriptors",
  },
  {
    name: "write",
    value: "SET",
    alias: [expression("write=")],
    group: "Output format",
    help: "dump the data written to these descriptors",
  },
  {
    name: "instruction-pointer",
    short: "i",
    group: "Output format",
    help: "print the instruction pointer at the time of the call",
  },
  { name: "syscall-number", short: "n", group: "Output format", help: "print the call's number" },
  { name: "arg-names", short: "N", group: "Output format", help: "print argument names" },
  {
    name: "output",
    short: "o",
    value: "FILE",
    group: "Output format",
    help: "send the trace to FILE instead of stderr; |COMMAND to a command",
  },
  { name: "output-append-mode", short: "A", group: "Output format", help: "append to the file of -o" },
  {
    name: "quiet",
    short: "q",
    value: "SET",
    optional: true,
    alias: [
      expression("quiet=attach,personality"),
      expression("quiet=attach,personality,exit"),
      expression("quiet=all"),
    ],
    group: "Output format",
    help: "suppress messages: attach, exit, path-resolution, personality, thread-execve",
  },
  {
    name: "relative-timestamps",
    short: "r",
    value: "PRECISION",
    optional: true,
    group: "Output format",
    help: "print the time since the line before; PRECISION is s, ms, us, ns",
  },
  {
    name: "string-limit",
    short: "s",
    value: "STRSIZE",
    group: "Output format",
    help: "limit printed strings to STRSIZE characters (default 32)",
  },
  {
    name: "absolute-timestamps",
    short: "t",
    value: "[[format:]FORMAT[,[precision:]PRECISION]]",
    optional: true,
    alias: ["absolute-timestamps=time", "absolute-timestamps=time,us", "absolute-timestamps=unix,us"],
    group: "Output format",
    help: "print the time; -tt with microseconds, -ttt since the epoch",
  },
  {
    name: "syscall-times",
    short: "T",
    value: "PRECISION",
    optional: true,
    group: "Output format",
    help: "print the time spent in each call",
  },
  {
    name: "no-abbrev",
    short: "v",
    alias: [expression("abbrev=none")],
    group: "Output format",
    help: "print structures unabbreviated",
  },
  {
    name: "strings-in-hex",
    short: "x",
    value: "WHICH",
    optional: true,
    alias: ["strings-in-hex=non-ascii", "strings-in-hex=all"],
    group: "Output format",
    help: "print non-ASCII strings in hex; -xx all strings",
  },
  {
    name: "const-print-style",
    short: "X",
    value: "FORMAT",
    group: "Output format",
    help: "print constants raw, abbrev or verbose",
  },
  {
    name: "decode-fds",
    short: "y",
    value: "SET",
    optional: true,
    alias: [expression("decode-fds=path"), expression("decode-fds=all")],
    group: "Output format",
    help: "print what descriptors stand for; -yy everything that is known",
  },
  { name: "decode-pids", value: "SET", group: "Output format", help: "print command names (comm) beside pids" },
  {
    name: "pid-names",
    short: "Y",
    alias: ["decode-pids=comm"],
    group: "Output format",
    help: "the same as --decode-pids=comm",
  },
  { name: "always-show-pid", group: "Output format", help: "print the pid of the first process too" },
  {
    name: "stack-trace",
    short: "k",
    value: "KIND",
    optional: true,
    group: "Output format",
    help: "print the functions under way after each call; KIND is symbol",
  },
  {
    name: "stack-trace-frame-limit",
    value: "LIMIT",
    group: "Output format",
    help: "print no more than LIMIT of them (default 256)",
  },
  { name: "summary-only", short: "c", group: "Statistics", help: "count time, calls and errors and report a summary" },
  { name: "summary", short: "C", group: "Statistics", help: "the same, beside the regular output" },
  {
    name: "summary-syscall-overhead",
    short: "O",
    value: "OVERHEAD",
    group: "Statistics",
    help: "take OVERHEAD off each call's time",
  },
  {
    name: "summary-sort-by",
    short: "S",
    value: "SORTBY",
    group: "Statistics",
    help: "sort by time, min-time, max-time, avg-time, calls, errors, name, nothing",
  },
  {
    name: "summary-columns",
    short: "U",
    value: "COLUMNS",
    group: "Statistics",
    help: "columns of the summary: time-percent, total-time, min-time, max-time, avg-time, calls, errors, name",
  },
  {
    name: "summary-wall-clock",
    short: "w",
    group: "Statistics",
    help: "summarise the time calls took instead of system time",
  },
  { name: "run", group: "Machine", help: "run the program without tracing it" },
  { name: "root", value: "DIR", group: "Machine", help: "the program's / is DIR" },
  {
    name: "rw",
    value: "DIR",
    group: "Machine",
    help: "changes below DIR are real; everywhere else they stay in memory",
  },
  {
    name: "net",
    value: "NET",
    group: "Machine",
    help: "host lets TCP and UDP reach the host's network; without it, or with none, there is only the machine's own lo",
  },
  { name: "commit", group: "Machine", help: "changes in memory become the host's when the program has ended" },
  { name: "deterministic", group: "Machine", help: "fixed time, pids and randomness: the same run every time" },
  { name: "seed", value: "N", group: "Machine", help: "seed of what would be random" },
  { name: "aslr", value: "SEED", optional: true, group: "Machine", help: "randomise addresses" },
  { name: "cpu", value: "MODEL", group: "Machine", help: "processor to be: x86-64, x86-64-v2, x86-64-v3" },
  { name: "max-procs", value: "N", group: "Machine", help: "at most N processes and threads (2000)" },
  { name: "max-memory", value: "SIZE", group: "Machine", help: "memory of the machine: bytes, or with K, M, G (4G)" },
  { name: "max-files", value: "N", group: "Machine", help: "at most N files made in memory (250000)" },
  {
    name: "syscalls",
    group: "Miscellaneous",
    help: "print which system calls are implemented, and what is missing of the others",
  },
  { name: "json", group: "Miscellaneous", help: "print what --syscalls prints as a JSON array" },
  { name: "help", short: "h", group: "Miscellaneous", help: "print this" },
  { name: "version", short: "V", group: "Miscellaneous", help: "print the version" },
];
