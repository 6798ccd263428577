// What strace says of its options, right and wrong, tsstrace says too: output and exit status of the command lines in messages.txt.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findOracleStrace } from "../oracle-strace.js";
import { TSSTRACE } from "../tool.js";

const oracle = findOracleStrace();
const lines = readFileSync(new URL("messages.txt", import.meta.url), "utf8")
  .split("\n")
  .filter(Boolean);

/** Both streams in one, as in a terminal. What differs from run to run, and the name it was called by, is named. */
function said(command: readonly string[], line: string): string {
  const script = `exec 2>&1; "$@" ${line}`;
  const { stdout, status } = spawnSync("bash", ["-c", script, "bash", ...command], { encoding: "latin1" });
  const text = stdout.replace(/0x[0-9a-f]{5,}|\d+ vars|(?<=Process )\d+/g, "N").replaceAll("tsstrace", "strace");
  return `${text}exit ${status}`;
}

test.skipIf("missing" in oracle).each(lines)(
  `%s${"missing" in oracle ? ` (skipped: ${oracle.missing})` : ""}`,
  (line) => {
    if ("missing" in oracle) return;
    expect(said([...TSSTRACE, ...oracle.command.slice(1)], line)).toBe(said(oracle.command, line));
  },
);
