// Every call of the table with arguments that are nothing, everything and the end of a page: what is printed of them is what strace
// prints. Results are not compared here: as far as they must, they are in tests/differential.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compilerMissing } from "../differential/compiled.js";
import { findOracleStrace } from "../oracle-strace.js";
import { runTraced, TSSTRACE } from "../tool.js";

const oracle = findOracleStrace();
const LONGEST = 180_000; // milliseconds
const without = (compiler: "glibc" | "m32"): string | undefined =>
  compilerMissing(compiler) ?? ("missing" in oracle ? oracle.missing : undefined);

/** Calls whose arguments tell of the moment or of the machine. */
const ELSEWHERE = /^(?:gettimeofday|time|sysinfo|adjtimex|clock_adjtime|io_setup)\(/;
/** What is left of a sleep, and frames of i386 that are none. */
const ARBITRARY = /^(?:nanosleep|sigreturn)\(/;
/** Two calls whose text depends on whether the kernel takes them, which depends on what it is built with. */
const TAKEN_OR_NOT = /^(?:io_uring_setup|fsmount|getsockopt)\(/;

/** The call each child makes after asking for its pid, up to its result; interrupted ones in one piece. */
function callsOf(trace: string): string[] {
  const lines = new Map<string, string[]>();
  for (const line of trace.split("\n")) {
    const [, process, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (process === undefined || rest === undefined) continue;
    const own = lines.get(process) ?? [];
    lines.set(process, own);
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const open = own.at(-1)?.match(/^(.*?)(?: <unfinished \.\.\.>)$/);
    if (resumed && open) own[own.length - 1] = `${open[1]}${resumed[1]}`;
    else own.push(rest);
  }
  const ordered = [...lines].sort(([first], [second]) => Number(first) - Number(second));
  return ordered.flatMap(([process, own]) => {
    const asked = own.findIndex((line) => line.startsWith("getpid()"));
    const call = asked < 0 ? undefined : own[asked + 1];
    // A process that a call under test made: it ends at once.
    if (call === undefined || call.startsWith("exit_group(1)")) return [];
    const named = call.replace(/\) += .*$/, ")").replace(/tsstrace-run-\w+/, "RUN");
    // A set of thousands of descriptors has one of the same number.
    return [named.includes("select") ? named : named.replace(new RegExp(`\\b${process}\\b`, "g"), "PID")];
  });
}

async function compare(options: readonly string[]): Promise<void> {
  if ("missing" in oracle) return;
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-every-call-"));
  try {
    const program = join(directory, "every-call");
    const source = fileURLToPath(new URL("every-call.c", import.meta.url));
    execFileSync("gcc", [...options, "-O1", "-static", "-o", program, source]);
    const wanted = callsOf((await runTraced(oracle.command, ["-f"], { program })).trace);
    const seen = callsOf((await runTraced(TSSTRACE, ["-f"], { program })).trace);
    expect(seen.length).toBe(wanted.length);
    expect(wanted.length).toBeGreaterThan(2000);
    const compared = (calls: readonly string[]): string[] =>
      calls.filter((_, i) => ![ELSEWHERE, ARBITRARY, TAKEN_OR_NOT].some((left) => left.test(wanted[i] ?? "")));
    expect(compared(seen)).toEqual(compared(wanted));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const why = without("glibc");
test.skipIf(why)(`arguments of every call${why ? ` (skipped: ${why})` : ""}`, () => compare([]), LONGEST);

const why32 = without("m32");
test.skipIf(why32)(
  `arguments of every call of i386${why32 ? ` (skipped: ${why32})` : ""}`,
  () => compare(["-m32"]),
  LONGEST,
);
