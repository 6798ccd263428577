// Freshly compiled programs print and return under tsstrace what they do natively, and their traces are those of a real strace.
import { describe, expect, test } from "vitest";
import { INTEL_PROGRAMS, isIntel } from "../native/maker.js";
import { findOracleStrace } from "../oracle-strace.js";
import { type ProgramRun, runNatively, runTraced, TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";
import { type Compiler, compile, compilerMissing, MACHINE, programNames } from "./compiled.js";

const oracle = findOracleStrace();

/** Programs whose system calls depend on how threads and processes happen to run, or on what is mounted on the host. */
const SCHEDULED = new Set([
  "busy",
  "fanotify",
  "futexes",
  "generated-code",
  "mounts",
  "namespaces",
  "pipes",
  "pseudo-terminals",
  "ptrace",
  "seccomp-inheritance",
  "shared-memory",
  "tcp",
  "thread-signals",
  "threads",
]);

/** Programs that give addresses where numbers are told, and those have eight digits in 32-bit programs; or the bytes of process ids. */
const TOLD_AS_NUMBERS = new Set(["descriptor-passing", "device-commands", "edges", "sub-commands"]);

/** Programs that hand on what happens to be on their stack or in registers. */
const ARBITRARY = new Set(["inotify", "privileges", "signalfd"]);

/** Programs about structures that are only taken apart in 64-bit form: vectors of io_uring, addresses of NFC. */
const WIDE_ONLY = new Set(["ring-registrations", "socket-addresses"]);

/** Programs whose traces hold netlink messages, which are printed as bytes here and taken apart by strace. */
const UNDECODED = new Set(["netlink"]);

/** Programs whose descriptors have much to be named: -yy. */
const NAMED = ["unix-sockets", "udp"];

const OTHER_MAKER = "the processor is not an Intel one";

function eachProgram(names: readonly string[], check: (name: string) => Promise<void>): void {
  for (const name of names) {
    const why = !isIntel && INTEL_PROGRAMS.has(name) ? OTHER_MAKER : undefined;
    test.skipIf(why)(why ? `${name} (skipped: ${why})` : name, () => check(name));
  }
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
      const traced = await runTraced(TSSTRACE, ["-f", ...MACHINE[compiler]], run);
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
    const left = [SCHEDULED, UNDECODED];
    if (compiler.startsWith("m32")) left.push(TOLD_AS_NUMBERS, WIDE_ONLY);
    if (compiler === "m32-dynamic") left.push(ARBITRARY);
    const names = programNames(compiler).filter((name) => !left.some((set) => set.has(name)));
    eachProgram(names, async (name) => {
      if ("missing" in oracle) return;
      const run = programRun(name, compiler);
      const wanted = await runTraced(oracle.command, ["-f"], run);
      const seen = await runTraced(TSSTRACE, ["-f", ...MACHINE[compiler]], run);
      expect(normalizeTrace(byProcess(seen.trace))).toBe(normalizeTrace(byProcess(wanted.trace)));
    });
  });
});
