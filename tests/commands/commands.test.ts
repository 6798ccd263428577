// Real programs under tsstrace: what they print and how they end is what it is natively.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT, runCommandLine, type Seen, TSSTRACE } from "../tool.js";

const ROOM = join(PROJECT_ROOT, "tests/commands");
const unavailable = process.platform === "linux" && process.arch === "x64" ? "" : "the oracle is native Linux x86-64";
const lines = readFileSync(join(ROOM, "command-lines.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

/** Process ids in bash's messages differ from run to run. */
function comparable({ stdout, stderr, exit }: Seen): object {
  const nameless = (text: string): string => text.replace(/(line \d+:) +\d+ /g, "$1 PID ");
  return { stdout: nameless(stdout), stderr: nameless(stderr), exit };
}

describe.skipIf(unavailable)(`command lines${unavailable && ` (skipped: ${unavailable})`}`, () => {
  test.each(lines)("%s", { timeout: 300_000 }, async (line) => {
    const command = ["bash", "-c", line];
    const native = await runCommandLine(command, join(ROOM, "fixture"));
    const missing =
      /^bash: line 1: (.*): command not found$/m.exec(native.stderr) ?? /exec: (.*): not found/.exec(native.stderr);
    if (missing) return console.log(`skipped: no ${missing[1]}: ${line}`);
    const seen = await runCommandLine([...TSSTRACE, "--run", ...command], join(ROOM, "fixture"));
    expect(comparable(seen)).toEqual(comparable(native));
  });
});
