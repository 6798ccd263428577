// The help and the version. Sections, options and columns are strace's, the words are not; a test sees that no option is missing.
import { VERSION } from "./version.js";

interface Entry {
  /** As it is typed: a line each. */
  readonly options: readonly string[];
  readonly text: string;
  /** What may stand for a word of it. */
  readonly values?: readonly (readonly [word: string, text: string])[];
}

const TEXT_COLUMN = 17;
const VALUE_COLUMN = 5;
const WIDTH = 79;

const entry = (options: string | readonly string[], text: string, values?: Entry["values"]): Entry => ({
  options: typeof options === "string" ? [options] : options,
  text,
  ...(values && { values }),
});

const PRECISION = "one of s, ms, us, ns; microseconds without it";
const INJECTION = [
  "[:error=ERRNO|:retval=VALUE][:signal=SIG][:syscall=SYSCALL]",
  "[:delay_enter=DELAY][:delay_exit=DELAY]",
  "[:poke_enter=@argN=DATAN,@argM=DATAM...]",
  "[:poke_exit=@argN=DATAN,@argM=DATAM...]",
  "[:when=WHEN],",
];
const CALLS = "[!][?]{{SYSCALL|GROUP|all|/REGEX}[@64|@32|@x32]|none}";

const SECTIONS: Readonly<Record<string, readonly Entry[]>> = {
  General: [
    entry("-e EXPR", "says what is traced and how: OPTION=[!]all or OPTION=[!]VAL1[,VAL2]...", [
      ["options", "trace, abbrev, verbose, raw, signal, read, write, fault, inject, status, quiet, kvm, decode-fds"],
    ]),
  ],
  Startup: [
    entry("-E VAR=VAL, --env=VAR=VAL", "VAR is VAL in the program's environment"),
    entry("-E VAR, --env=VAR", "VAR is not in the program's environment"),
    entry("-p PID, --attach=PID", "trace process PID of a running machine, as --ps lists them; PID may be a list"),
    entry("-u USERNAME, --user=USERNAME", "the program runs as USERNAME: a name, or a UID:GID pair"),
    entry("--argv0=NAME", "argv[0] is NAME"),
  ],
  Tracing: [
    entry("-b execve, --detach-on=execve", "let a process go when it executes another program"),
    entry("-D, --daemonize[=grandchild]", "for strace's sake: no tracer process is anybody's parent here"),
    entry("-DD, --daemonize=pgroup", "the same"),
    entry("-DDD, --daemonize=session", "the same"),
    entry("-f, --follow-forks", "trace children too"),
    entry("-ff, --follow-forks --output-separately", "trace children too, each into a file of its own"),
    entry("-I INTERRUPTIBLE, --interruptible=INTERRUPTIBLE", "for strace's sake: signals go to the program"),
    entry("--kill-on-exit", "for strace's sake: the program always ends with its machine"),
  ],
  Filtering: [
    entry([`-e trace=${CALLS},`, ` --trace=${CALLS}`], "trace only these calls", [
      [
        "groups",
        "%clock, %creds, %desc, %file, %fstat, %fstatfs %ipc, %lstat, %memory, %net, %process, %pure, %signal, %stat, %%stat, %statfs, %%statfs",
      ],
    ]),
    entry("-e signal=SET, --signal=SET", "print only these signals"),
    entry("-e status=SET, --status=SET", "print only calls that ended so", [
      ["statuses", "successful, failed, unfinished, unavailable, detached"],
    ]),
    entry("-e trace-fds=SET, --trace-fds=SET", "trace only what is done with these descriptors"),
    entry("-P PATH, --trace-path=PATH", "trace only what is done with PATH"),
    entry("-z, --successful-only", "print only calls that did not fail"),
    entry("-Z, --failed-only", "print only calls that failed"),
  ],
  "Output format": [
    entry("-a COLUMN, --columns=COLUMN", "results begin in COLUMN (40)"),
    entry("--color[=WHEN]", "colours: auto, always, or never (auto)"),
    entry("-e abbrev=SET, --abbrev=SET", "these calls' structures are abbreviated"),
    entry("-e verbose=SET, --verbose=SET", "these calls' structures are shown, not their addresses"),
    entry("-e raw=SET, --raw=SET", "these calls' arguments are shown as numbers"),
    entry("-e read=SET, --read=SET", "dump what is read from these descriptors"),
    entry("-e write=SET, --write=SET", "dump what is written to these descriptors"),
    entry("-e quiet=SET, --quiet=SET", "do without these messages", [
      ["messages", "attach, exit, path-resolution, personality, thread-execve"],
    ]),
    entry("-e kvm=vcpu[+], --kvm=vcpu[+]", "for strace's sake: there are no virtual machines"),
    entry("-e namespace=new, --namespace=new", "for strace's sake: there are no namespaces to enter"),
    entry("-e decode-fds=SET, --decode-fds=SET", "what is said of descriptors", [
      ["details", "dev, eventfd, path, pidfd, socket, signalfd"],
    ]),
    entry("-i, --instruction-pointer", "the instruction pointer at each call"),
    entry("-k, --stack-trace[=symbol]", "the functions under way at each call"),
    entry("--stack-trace-frame-limit=limit", "no more than so many of them (256)"),
    entry("-n, --syscall-number", "the number of each call"),
    entry("-N, --arg-names", "the names of arguments"),
    entry("-o FILE, --output=FILE", "the trace goes to FILE, not to stderr; |COMMAND is a command's input"),
    entry("-A, --output-append-mode", "add to the file of -o"),
    entry("--output-separately", "a file for each process, with its pid behind the name"),
    entry("-q, --quiet=attach,personality", "no messages about attaching and the like"),
    entry("-qq, --quiet=attach,personality,exit", "nor about the end of processes"),
    entry("-qqq, --quiet=all", "nor any other that can be done without"),
    entry("-r, --relative-timestamps[=PRECISION]", "the time since the line before", [["precision", PRECISION]]),
    entry("-s STRSIZE, --string-limit=STRSIZE", "strings are cut at STRSIZE characters (32)"),
    entry("--absolute-timestamps=[[format:]FORMAT[,[precision:]PRECISION]]", "the time", [
      ["format", "none, time, or unix; time without it"],
      ["precision", "one of s, ms, us, ns; seconds without it"],
    ]),
    entry("-t, --absolute-timestamps[=time]", "the time of day"),
    entry("-tt, --absolute-timestamps=[time,]us", "the same with microseconds"),
    entry("-ttt, --absolute-timestamps=unix,us", "the time since the epoch with microseconds"),
    entry("-T, --syscall-times[=PRECISION]", "the time spent in each call", [["precision", PRECISION]]),
    entry("-v, --no-abbrev", "nothing is abbreviated"),
    entry("--strings-in-hex=non-ascii-chars", "hex where octal would be"),
    entry("-x, --strings-in-hex=non-ascii", "strings that are not ASCII are in hex"),
    entry("-xx, --strings-in-hex[=all]", "all strings are in hex"),
    entry("-X FORMAT, --const-print-style=FORMAT", "how constants and flags are shown", [
      ["formats", "raw, abbrev, verbose"],
    ]),
    entry("-y, --decode-fds[=path]", "descriptors with their paths"),
    entry("-yy, --decode-fds=all", "descriptors with all that is known of them"),
    entry("--decode-pids=pidns", "for strace's sake: all pids are of one namespace"),
    entry("-Y, --decode-pids=comm", "pids with the names of their commands"),
    entry("--always-show-pid", "the pid of the first process too"),
    entry("--format=FORMAT", "how the trace is written: text, json (an object a line), perfetto (for viewers)"),
  ],
  Statistics: [
    entry("-c, --summary-only", "count calls, errors and time, and print a table of them only"),
    entry("-C, --summary", "print the table beside the trace"),
    entry("-O OVERHEAD[UNIT], --summary-syscall-overhead=OVERHEAD[UNIT]", "what tracing costs a call is taken off", [
      ["units", PRECISION],
    ]),
    entry(
      "-S SORTBY, --summary-sort-by=SORTBY",
      "order of the table: time, min-time, max-time, avg-time, calls, errors, name, nothing (time)",
    ),
    entry(
      "-U COLUMNS, --summary-columns=COLUMNS",
      "its columns, a list of time-percent, total-time, min-time, max-time, avg-time, calls, errors, name (time-percent,total-time,avg-time,calls,errors,name)",
    ),
    entry("-w, --summary-wall-clock", "count the time calls took, not the processor's"),
  ],
  "Stop condition": [entry("--syscall-limit=LIMIT", "let all processes go after LIMIT calls")],
  Tampering: [
    entry(
      [
        ...INJECTION.map((line, i) => (i === 0 ? `-e inject=SET${line}` : `          ${line}`)),
        ...INJECTION.map((line, i) => (i === 0 ? `--inject=SET${line}` : `         ${line}`)),
      ],
      "these calls do something else than they would",
      [
        ["delay", "microseconds, or NUMBER{s|ms|us|ns}"],
        ["when", "FIRST[..LAST][+[STEP]]"],
      ],
    ),
    entry(
      "-e fault=SET[:error=ERRNO][:when=WHEN], --fault=SET[:error=ERRNO][:when=WHEN]",
      "the same, failing with ENOSYS unless said otherwise",
    ),
  ],
  Machine: [
    entry("--run", "run the program without tracing it"),
    entry("--root=DIR", "the program's / is DIR"),
    entry("--rw=DIR", "changes below DIR are real; everywhere else they stay in memory"),
    entry("--commit", "changes in memory become the host's when the program has ended"),
    entry("--net=NET", "host: TCP and UDP reach the host's network; none: there is only the machine's lo"),
    entry("--deterministic", "time, pids and randomness are the machine's own: the same run every time"),
    entry("--seed=N", "seed of what would be random"),
    entry("--aslr[=SEED]", "addresses are randomised"),
    entry("--cpu=MODEL", "processor to be: x86-64, x86-64-v2, x86-64-v3"),
    entry("--cpu-vendor=VENDOR", "whose processor it is: intel; amd has syscall in 32-bit code, and no sysenter"),
    entry("--kernel-config=OPTION=y|n,...", "how the kernel is configured: IA32_EMULATION (y), X86_X32_ABI (n)"),
    entry(
      "--no-cache",
      "use nothing that was kept of earlier runs of the program, and keep nothing for its next; so does TSSTRACE_CACHE=off",
    ),
    entry("--max-procs=N", "at most N processes and threads (2000)"),
    entry("--max-memory=SIZE", "memory of the machine: bytes, or with K, M, G (4G)"),
    entry("--max-files=N", "at most N files made in memory (250000)"),
    entry("--ps", "list running machines and their processes"),
    entry("--cat=FILE", "print a file of a running machine's /proc, as /proc/PID/syscall"),
    entry("--watch[=SECONDS]", "repeat --cat, every second unless said otherwise"),
    entry("--path[=FORM]", "each traced call's way through the kernel's entry code (with --run: every call's)", [
      ["form", "full, short, json; full without it"],
    ]),
    entry("--msrs", "what boot sets up for system calls: MSRs, gates, sys_call_table"),
    entry("--record=FILE", "save a deterministic trace of PROG, and how it was made"),
    entry("--expect=FILE", "make a saved trace again and show what is different; exit 1 if anything is"),
    entry("--update", "with --expect: save the new trace"),
    entry("--diff", "compare two saved traces, A and B, strace's included; pids, times and addresses may differ"),
  ],
  Miscellaneous: [
    entry("-d, --debug", "for strace's sake: there are no wait statuses to be shown"),
    entry("-h, --help", "print this"),
    entry("--seccomp-bpf", "for strace's sake: calls that are not traced never stop"),
    entry("--secontext[=FORMAT]", "for strace's sake: there is no SELinux"),
    entry("--tips[=[[id:]ID][,[format:]FORMAT]]", "a piece of advice at the end", [
      ["id", "a number, or random; random without it"],
      ["format", "none, compact, full; compact without it"],
    ]),
    entry("--syscalls", "print which system calls are implemented, and what is missing of the others"),
    entry("--json", "what --syscalls, --ps or --msrs print, as JSON"),
    entry("-V, --version", "print the version"),
  ],
};

function usage(name: string): string {
  const indent = " ".repeat(7 + name.length + 1);
  const rest = `${indent}[-S SORTBY] [-P PATH]... [-p PID]... [-U COLUMNS] [--seccomp-bpf]
${indent}{ -p PID | [-DDD] [-E VAR=VAL]... [-u USERNAME] PROG [ARGS] }`;
  return `Usage: ${name} [-ACdffhikqqrtttTvVwxxyyzZ] [-I N] [-b execve] [-e EXPR]...
${indent}[-a COLUMN] [-o FILE] [-s STRSIZE] [-X FORMAT] [-O OVERHEAD]
${rest}
   or: ${name} -c[dfwzZ] [-I N] [-b execve] [-e EXPR]... [-O OVERHEAD]
${rest}
   or: ${name} --run PROG [ARGS]
   or: ${name} --record=FILE [OPTIONS] PROG [ARGS]
   or: ${name} --expect=FILE [--update] [PROG [ARGS]]
   or: ${name} --diff A B
   or: ${name} { --ps | --msrs | --syscalls } [--json]
   or: ${name} --cat=/proc/PID/FILE [--watch]
`;
}

function wrapped(text: string, first: string, column: number): string {
  const lines = [first];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    const begins = line.trimEnd().length < column && line.length >= column;
    if (!begins && line.length + 1 + word.length > WIDTH) lines.push(" ".repeat(column) + word);
    else lines[lines.length - 1] = `${line}${begins ? "" : " "}${word}`;
  }
  return lines.map((line) => `${line}\n`).join("");
}

function entryText({ options, text, values = [] }: Entry): string {
  const spelling = options.map((line) => `  ${line}`);
  // A short one has its text beside it.
  const last = spelling[spelling.length - 1];
  const isShort = last.length < TEXT_COLUMN;
  const head = isShort ? spelling.slice(0, -1) : spelling;
  const lines = head.map((line) => `${line}\n`).join("");
  const body = wrapped(text, (isShort ? last : "").padEnd(TEXT_COLUMN), TEXT_COLUMN);
  const label = (word: string): string => `${" ".repeat(VALUE_COLUMN)}${word}:`.padEnd(TEXT_COLUMN);
  return lines + body + values.map(([word, what]) => wrapped(what, label(word), TEXT_COLUMN)).join("");
}

export function helpText(name: string): string {
  const sections = Object.entries(SECTIONS).map(
    ([title, entries]) => `\n${title}:\n${entries.map(entryText).join("")}`,
  );
  return usage(name) + sections.join("");
}

export function versionText(name: string): string {
  return `${name} -- version ${VERSION}
Traces are those of strace 7.2.
Free software under the MIT licence, without any warranty.

Optional features enabled: stack-trace stack-demangle
`;
}
