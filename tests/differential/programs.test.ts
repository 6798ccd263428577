// Freshly compiled programs print and return under tsstrace what they do natively, and their traces are those of a real strace.
import { describe, expect, test } from "vitest";
import { AMD_PROGRAMS, INTEL_PROGRAMS, isIntel } from "../native/maker.js";
import { findOracleStrace } from "../oracle-strace.js";
import { type ProgramRun, runNatively, runTraced, TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";
import { type Compiler, compile, compilerMissing, MACHINE, programNames } from "./compiled.js";

const oracle = findOracleStrace();

/**
 * Programs whose system calls depend on how threads and processes happen to run, on what is mounted on the host and how, or on its security modules
 * and processors.
 */
const SCHEDULED = new Set([
  "asynchronous-files",
  "busy",
  "core-dumps",
  "exec-calls",
  "fanotify",
  "file-accounting",
  "file-descriptors",
  "file-directories", // in the order of the disk
  "file-execution",
  "file-mount-calls",
  "file-mounts",
  "file-overlay",
  "file-propagation",
  "file-reports",
  "file-rights",
  "futex-requeue-pi",
  "futexes",
  "generated-code",
  "ipc-calls",
  "landlock",
  "memory-calls",
  "mount-ids",
  "mounts",
  "namespaces",
  "numbers-in-namespaces",
  "pipes",
  "process-calls",
  "process-settings",
  "pseudo-terminals",
  "ptrace",
  "ptrace-calls",
  "rare-calls",
  "raw-sockets",
  "scheduling",
  "seccomp-inheritance",
  "security-modules",
  "settings-calls",
  "shared-memory",
  "signal-calls",
  "signal-driven",
  "socket-calls",
  "tcp",
  "thread-signals",
  "threads",
  "time-calls",
  "time-namespaces",
  "user-dispatch",
]);

/** Programs that give addresses where numbers are told, and those have eight digits in 32-bit programs; or the bytes of process ids. */
const TOLD_AS_NUMBERS = new Set(["descriptor-passing", "device-commands", "edges", "sub-commands"]);

/** Programs that hand on what happens to be on their stack or in registers. */
const ARBITRARY = new Set(["inotify", "privileges", "signalfd"]);

/** Programs about structures that are only taken apart in 64-bit form: vectors of io_uring, addresses of NFC. */
const WIDE_ONLY = new Set(["ring-registrations", "socket-addresses"]);

/** Programs that have the kernel tell of the machine: its links, its sockets, its families, the room on its disk. */
const OF_THE_HOST = new Set([
  "file-attributes-more",
  "file-settings",
  "netlink",
  "netlink-services",
  "socket-diagnosis",
]);

/** Programs whose descriptors have much to be named: -yy. */
const NAMED = ["unix-sockets", "udp"];

/** Programs of which the details are compared in other forms as well. */
const IN_FORMS = [
  "control-messages",
  "netlink-decoding",
  "netlink-diagnoses",
  "netlink-families",
  "netlink-links",
  "socket-addresses",
  "socket-option-values",
];
const FORMS = [
  ["-X", "raw"],
  ["-X", "verbose", "-v", "-s", "300"],
];

const OTHER_MAKER = "the processor is another maker's";

function eachProgram(names: readonly string[], check: (name: string) => Promise<void>): void {
  for (const name of names) {
    const why = (isIntel ? AMD_PROGRAMS : INTEL_PROGRAMS).has(name) ? OTHER_MAKER : undefined;
    test.skipIf(why)(why ? `${name} (skipped: ${why})` : name, () => check(name));
  }
}

/** The machine that a program of a compiler wants. */
function machineFor(name: string, compiler: Compiler): readonly string[] {
  return [...MACHINE[compiler], ...(AMD_PROGRAMS.has(name) ? ["--cpu-vendor", "amd"] : [])];
}

function programRun(name: string, compiler: Compiler): ProgramRun {
  const env = { LANG: "C", PATH: "/usr/bin:/bin", HOME: "/", GREETING: "hello" };
  return { program: compile(name, compiler), args: ["a", "b c"], stdin: "", env };
}

describe.each<Compiler>(["glibc", "musl", "x86-64-v3", "m32", "m32-dynamic"])("%s", (compiler) => {
  const missing = compilerMissing(compiler);

  describe.skipIf(missing)(`output${missing ? ` (skipped: ${missing})` : ""}`, () => {
    eachProgram(programNames(compiler), async (name) => {
      const run = programRun(name, compiler);
      const native = await runNatively(run);
      const traced = await runTraced(TSSTRACE, ["-f", ...machineFor(name, compiler)], run);
      expect({ stdout: traced.stdout, exit: traced.exit }).toEqual({ stdout: native.stdout, exit: native.exit });
      expect(traced.stderr).not.toMatch(/^\(node:/m); // Node has nothing to warn of
    });
  });

  const untraceable = missing ?? ("missing" in oracle ? oracle.missing : undefined);
  describe.skipIf(untraceable)(`trace${untraceable ? ` (skipped: ${untraceable})` : ""}`, () => {
    test.skipIf(compiler !== "glibc").each(NAMED)("%s, descriptors named", async (name) => {
      if ("missing" in oracle) return;
      const run = programRun(name, compiler);
      const wanted = await runTraced(oracle.command, ["-f", "-yy"], run);
      const seen = await runTraced(TSSTRACE, ["-f", "-yy"], run);
      expect(normalizeTrace(byProcess(seen.trace))).toBe(normalizeTrace(byProcess(wanted.trace)));
    });
    const forms = IN_FORMS.flatMap((name) => FORMS.map((options) => [name, options] as const));
    test.skipIf(compiler !== "glibc").each(forms)("%s %s", async (name, options) => {
      if ("missing" in oracle) return;
      const run = programRun(name, compiler);
      const wanted = await runTraced(oracle.command, [...options, "-e", "trace=network"], run);
      const seen = await runTraced(TSSTRACE, [...options, "-e", "trace=network"], run);
      expect(normalizeTrace(seen.trace)).toBe(normalizeTrace(wanted.trace));
    });
    const left = [SCHEDULED, OF_THE_HOST];
    if (compiler.startsWith("m32")) left.push(TOLD_AS_NUMBERS, WIDE_ONLY);
    if (compiler === "m32-dynamic") left.push(ARBITRARY);
    const names = programNames(compiler).filter((name) => !left.some((set) => set.has(name)));
    eachProgram(names, async (name) => {
      if ("missing" in oracle) return;
      const run = programRun(name, compiler);
      const wanted = await runTraced(oracle.command, ["-f"], run);
      const seen = await runTraced(TSSTRACE, ["-f", ...machineFor(name, compiler)], run);
      expect(normalizeTrace(byProcess(seen.trace))).toBe(normalizeTrace(byProcess(wanted.trace)));
    });
  });
});
