// -k: the stack traces of a program, however it was compiled, are those a real strace prints with libunwind's help.
import { describe, expect, test } from "vitest";
import { findOracleStrace } from "../oracle-strace.js";
import { runTraced, TSSTRACE } from "../tool.js";
import { compilerMissing, compileWith } from "./compiled.js";

const oracle = findOracleStrace();
const missing = compilerMissing("glibc") ?? ("missing" in oracle ? oracle.missing : undefined);
const musl = compilerMissing("musl");

const WAYS: Readonly<Record<string, readonly string[]>> = {
  "position-independent": ["gcc", "-O2"],
  "at fixed addresses": ["gcc", "-O2", "-no-pie"],
  unoptimized: ["gcc", "-O0"],
  stripped: ["gcc", "-O2", "-s"],
  static: ["gcc", "-O2", "-static"],
  "static and position-independent": ["gcc", "-O2", "-static-pie"],
  "static and stripped": ["gcc", "-O2", "-static", "-s"],
  "with frame pointers alone": ["gcc", "-O2", "-fno-asynchronous-unwind-tables", "-fno-omit-frame-pointer"],
  musl: ["musl-gcc", "-O2"],
  "musl, static": ["musl-gcc", "-O2", "-static"],
};

/** Names of calls, and the traces: addresses of memory differ from run to run. */
function traces(text: string): string[] {
  return text
    .split("\n")
    .map((line) =>
      line.startsWith(" > ")
        ? line.replace(/error \[0x[0-9a-f]{9,14}\]$/, "error [ADDRESS]")
        : line.replace(/[({].*/, ""),
    );
}

async function compare(program: string, options: readonly string[]): Promise<void> {
  if ("missing" in oracle) return;
  const run = { program, env: { LANG: "C" } };
  const wanted = await runTraced(oracle.command, ["-k", ...options], run);
  const seen = await runTraced(TSSTRACE, ["-k", ...options], run);
  expect(wanted.trace).toContain("\n > ");
  expect(seen.exit).toBe(wanted.exit);
  // The program runs in a directory of its own each time.
  const directory = / > \/\S*\/(?=stacks\()/g;
  expect(traces(seen.trace.replaceAll(directory, " > "))).toEqual(traces(wanted.trace.replaceAll(directory, " > ")));
}

describe.skipIf(missing)(`stack traces${missing ? ` (skipped: ${missing})` : ""}`, () => {
  for (const [label, command] of Object.entries(WAYS)) {
    const why = command[0] === "musl-gcc" ? musl : undefined;
    test.skipIf(why)(why ? `${label} (skipped: ${why})` : label, () =>
      compare(compileWith("stacks", label.replace(/\W+/g, "-"), command), []),
    );
  }

  test.each([
    ["a limit", ["--stack-trace-frame-limit=2"]],
    ["no limit", ["--stack-trace-frame-limit=1000"]],
    ["failed calls", ["-Z"]],
    ["successful calls", ["-z"]],
    ["the exit alone, and quietly", ["-qq", "-e", "trace=exit_group"]],
    ["signals alone", ["-e", "trace=none"]],
    ["hex dumps", ["-e", "write=1"]],
  ])("%s", (_, options) =>
    compare(compileWith("stacks", "position-independent", WAYS["position-independent"] ?? []), options),
  );
});
