// Freshly compiled programs print and return under tsstrace what they do natively, and their traces are those of a real strace.
import { describe, expect, test } from "vitest";
import { findOracleStrace } from "../oracle-strace.js";
import { type ProgramRun, runNatively, runTraced, TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";
import { type Compiler, compile, compilerMissing, MACHINE, programNames } from "./compiled.js";

const oracle = findOracleStrace();

/** Programs whose system calls depend on how threads and processes happen to run. */
const SCHEDULED = new Set(["threads", "pipes", "seccomp-inheritance"]);

/** What tsstrace does not have yet, and the programs that need it. They are skipped, and the reason is printed. */
const AWAITED = new Map([
  ["shared-memory", "mappings that processes share"],
  ["sockets", "sockets"],
]);

function eachProgram(names: readonly string[], check: (name: string) => Promise<void>): void {
  for (const name of names) {
    const awaited = AWAITED.get(name);
    test.skipIf(awaited)(awaited ? `${name} (skipped: no ${awaited} yet)` : name, () => check(name));
  }
}

function programRun(name: string, compiler: Compiler): ProgramRun {
  const env = { LANG: "C", PATH: "/usr/bin:/bin", HOME: "/", GREETING: "hello" };
  return { program: compile(name, compiler), args: ["a", "b c"], stdin: "", env };
}

describe.each<Compiler>(["glibc", "musl", "x86-64-v3"])("%s", (compiler) => {
  const missing = compilerMissing(compiler);

  describe.skipIf(missing)(`output${missing ? ` (skipped: ${missing})` : ""}`, () => {
    eachProgram(programNames(), async (name) => {
      const run = programRun(name, compiler);
      const native = await runNatively(run);
      const traced = await runTraced(TSSTRACE, ["-f", ...MACHINE[compiler]], run);
      expect({ stdout: traced.stdout, exit: traced.exit }).toEqual({ stdout: native.stdout, exit: native.exit });
    });
  });

  const untraceable = missing ?? ("missing" in oracle ? oracle.missing : undefined);
  describe.skipIf(untraceable)(`trace${untraceable ? ` (skipped: ${untraceable})` : ""}`, () => {
    const names = programNames().filter((name) => !SCHEDULED.has(name));
    eachProgram(names, async (name) => {
      if ("missing" in oracle) return;
      const run = programRun(name, compiler);
      const wanted = await runTraced(oracle.command, ["-f"], run);
      const seen = await runTraced(TSSTRACE, ["-f", ...MACHINE[compiler]], run);
      expect(normalizeTrace(byProcess(seen.trace))).toBe(normalizeTrace(byProcess(wanted.trace)));
    });
  });
});
