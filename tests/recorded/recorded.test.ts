// Programs that change the machine they run on: what they print under tsstrace is what was recorded from Linux once, and here they run nowhere else.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compilerMissing } from "../differential/compiled.js";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const missing = compilerMissing("glibc") ?? (process.getuid?.() === 0 ? undefined : "not root, who may");
const directory = mkdtempSync(join(tmpdir(), "tsstrace-recorded-"));
afterAll(() => rmSync(directory, { recursive: true }));

for (const name of ["clock-adjustment", "guarded-names"]) {
  test.skipIf(missing)(missing ? `${name} (skipped: ${missing})` : name, () => {
    const source = join(PROJECT_ROOT, "tests/recorded", name);
    const program = join(directory, name);
    execFileSync("gcc", ["-O1", "-static", "-o", program, `${source}.c`]);
    const recorded = readFileSync(`${source}.txt`, "latin1").replace(/^#.*\n/gm, "");
    const [tool, ...words] = [...TSSTRACE, "--run", program];
    expect(spawnSync(tool, words, { encoding: "latin1", timeout: 50_000 }).stdout).toBe(recorded);
  });
}
