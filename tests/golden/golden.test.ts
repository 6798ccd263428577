// tsstrace prints what a real strace printed, byte for byte after `normalizeTrace`; the samples print, and end, as they did there.
// TSSTRACE_RECORD=1 records anew instead (`npm run record`), with the strace of TSSTRACE_ORACLE_STRACE or PATH.
import { release } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findOracleStrace, STRACE_VERSION } from "../oracle-strace.js";
import { PROJECT_ROOT, type ProgramRun, runTraced, TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";
import cases from "./cases.json" with { type: "json" };
import { type GoldenCase, readGolden, writeGolden } from "./golden-file.js";

const recording = process.env.TSSTRACE_RECORD === "1";

function programRun({ sample, args, stdin }: GoldenCase): ProgramRun {
  return { program: join(PROJECT_ROOT, "samples/bin", sample), args, stdin, env: { LANG: "C" } };
}

function columnOf({ options }: GoldenCase): number {
  return options.includes("-a") ? Number(options[options.indexOf("-a") + 1]) : 40;
}

describe.skipIf(recording)("golden traces", () => {
  for (const golden of cases as GoldenCase[]) {
    const title = `${golden.sample} ${golden.variant}`;
    const { awaited } = golden;
    test.skipIf(awaited)(awaited ? `${title} (skipped: no ${awaited} yet)` : title, { concurrent: true }, () =>
      compare(golden),
    );
  }
});

async function compare(golden: GoldenCase): Promise<void> {
  const wanted = readGolden(golden);
  const seen = await runTraced(TSSTRACE, golden.options, programRun(golden));
  const comparable = (trace: string) =>
    normalizeTrace(golden.options.includes("-f") ? byProcess(trace) : trace, columnOf(golden));
  expect(comparable(seen.trace)).toBe(comparable(wanted.trace));
  expect(seen.stdout).toBe(wanted.stdout);
  expect(seen.exit).toBe(wanted.exit);
}

describe.runIf(recording)("recording", () => {
  const oracle = findOracleStrace();
  const provenance = `strace ${STRACE_VERSION}, Linux ${release()}, ${new Date().toISOString().slice(0, 10)}`;
  test.each(cases as GoldenCase[])("$sample $variant", async (golden) => {
    if ("missing" in oracle) throw new Error(oracle.missing);
    writeGolden(golden, provenance, await runTraced(oracle.command, golden.options, programRun(golden)));
  });
});
