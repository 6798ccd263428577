// The options, declared once: what the reader of the command line accepts. help.ts says what they do.

export interface OptionDeclaration {
  /** The long name, without dashes: what the rest of the program calls it. */
  readonly name: string;
  readonly short?: string;
  /** What its value is; no value when absent. */
  readonly value?: string;
  /** The value may be left out; then it is attached with `=` in the long form and the short form has none. */
  readonly optional?: boolean;
  /**
   * A short way to say something another option says: `name=value` pairs, the nth of which stands for the option given n times
   * (the last one from there on).
   */
  readonly alias?: readonly string[];
  /** An empty value is the same as none. */
  readonly mayBeEmpty?: boolean;
}

const expression = (value: string): string => `expression=${value}`;

export const optionTable: readonly OptionDeclaration[] = [
  { name: "env", short: "E", value: "VAR[=VAL]" },
  { name: "argv0", value: "NAME" },
  { name: "attach", short: "p", value: "PID" },
  { name: "user", short: "u", value: "USERNAME" },
  { name: "follow-forks", short: "f" },
  { name: "output-separately" },
  { name: "interruptible", short: "I", value: "N" },
  { name: "detach-on", short: "b", value: "execve" },
  { name: "daemonize", short: "D", value: "WHO", optional: true },
  { name: "kill-on-exit" },
  { name: "syscall-limit", value: "LIMIT" },
  { name: "seccomp-bpf" },
  { name: "kvm", value: "vcpu[+]", alias: [expression("kvm=")] },
  { name: "namespace", value: "new", alias: [expression("namespace=")] },
  { name: "inject", value: "SET:...", alias: [expression("inject=")] },
  { name: "fault", value: "SET:...", alias: [expression("fault=")] },
  { name: "expression", short: "e", value: "EXPR" },
  { name: "trace", value: "SET", alias: [expression("trace=")] },
  { name: "signal", value: "SET", alias: [expression("signal=")] },
  { name: "status", value: "SET", alias: [expression("status=")] },
  { name: "trace-fds", value: "SET", alias: [expression("trace-fds=")] },
  { name: "trace-path", short: "P", value: "PATH" },
  { name: "successful-only", short: "z", alias: [expression("status=successful")] },
  { name: "failed-only", short: "Z", alias: [expression("status=failed")] },
  { name: "columns", short: "a", value: "COLUMN" },
  { name: "color", value: "WHEN", optional: true },
  { name: "abbrev", value: "SET", alias: [expression("abbrev=")] },
  { name: "verbose", value: "SET", alias: [expression("verbose=")] },
  { name: "raw", value: "SET", alias: [expression("raw=")] },
  { name: "read", value: "SET", alias: [expression("read=")] },
  { name: "write", value: "SET", alias: [expression("write=")] },
  { name: "instruction-pointer", short: "i" },
  { name: "syscall-number", short: "n" },
  { name: "arg-names", short: "N" },
  { name: "output", short: "o", value: "FILE" },
  { name: "output-append-mode", short: "A" },
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
  },
  { name: "relative-timestamps", short: "r", value: "PRECISION", optional: true },
  { name: "string-limit", short: "s", value: "STRSIZE" },
  {
    name: "absolute-timestamps",
    short: "t",
    value: "[[format:]FORMAT[,[precision:]PRECISION]]",
    optional: true,
    mayBeEmpty: true,
    alias: ["absolute-timestamps=time", "absolute-timestamps=time,us", "absolute-timestamps=unix,us"],
  },
  { name: "syscall-times", short: "T", value: "PRECISION", optional: true },
  { name: "no-abbrev", short: "v", alias: [expression("abbrev=none")] },
  {
    name: "strings-in-hex",
    short: "x",
    value: "WHICH",
    optional: true,
    alias: ["strings-in-hex=non-ascii", "strings-in-hex=all"],
  },
  { name: "const-print-style", short: "X", value: "FORMAT" },
  {
    name: "decode-fds",
    short: "y",
    value: "SET",
    optional: true,
    alias: [expression("decode-fds=path"), expression("decode-fds=all")],
  },
  { name: "decode-pids", value: "SET" },
  { name: "format", value: "FORMAT" },
  { name: "pid-names", short: "Y", alias: ["decode-pids=comm"] },
  { name: "always-show-pid" },
  { name: "stack-trace", short: "k", value: "KIND", optional: true },
  { name: "stack-trace-frame-limit", value: "LIMIT" },
  { name: "summary-only", short: "c" },
  { name: "summary", short: "C" },
  { name: "summary-syscall-overhead", short: "O", value: "OVERHEAD" },
  { name: "summary-sort-by", short: "S", value: "SORTBY" },
  { name: "summary-columns", short: "U", value: "COLUMNS" },
  { name: "summary-wall-clock", short: "w" },
  { name: "run" },
  { name: "root", value: "DIR" },
  { name: "rw", value: "DIR" },
  { name: "net", value: "NET" },
  { name: "path", value: "FORM", optional: true },
  { name: "record", value: "FILE" },
  { name: "expect", value: "FILE" },
  { name: "update" },
  { name: "diff" },
  { name: "msrs" },
  { name: "ps" },
  { name: "cat", value: "FILE" },
  { name: "watch", value: "SECONDS", optional: true },
  { name: "commit" },
  { name: "deterministic" },
  { name: "seed", value: "N" },
  { name: "aslr", value: "SEED", optional: true },
  { name: "cpu", value: "MODEL" },
  { name: "cpu-vendor", value: "VENDOR" },
  { name: "kernel-config", value: "OPTION=y|n,..." },
  { name: "no-cache" },
  { name: "max-procs", value: "N" },
  { name: "max-memory", value: "SIZE" },
  { name: "max-files", value: "N" },
  { name: "syscalls" },
  { name: "json" },
  { name: "debug", short: "d" },
  { name: "tips", value: "[[id:]ID][,[format:]FORMAT]", optional: true, mayBeEmpty: true },
  { name: "secontext", value: "FORMAT", optional: true, alias: [expression("secontext=")] },
  { name: "help", short: "h" },
  { name: "version", short: "V" },
];
