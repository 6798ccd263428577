// A recorded run of a real strace: where it comes from, what the program printed, how it ended, and the trace, untouched.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Seen } from "../tool.js";

export interface GoldenCase {
  readonly sample: string;
  readonly variant: string;
  readonly options: readonly string[];
  readonly args?: readonly string[];
  readonly stdin?: string;
  /** What tsstrace does not have yet and this needs: the case is recorded, and skipped. */
  readonly awaited?: string;
}

export interface Golden extends Seen {
  readonly provenance: string;
}

const HEADER_LINES = 5;

export function goldenPath({ sample, variant }: GoldenCase): string {
  return fileURLToPath(new URL(`${sample}.${variant}.trace`, import.meta.url));
}

export function readGolden(test: GoldenCase): Golden {
  const lines = readFileSync(goldenPath(test), "latin1").split("\n");
  const [provenance, , exit, stdout, stderr] = lines
    .slice(0, HEADER_LINES)
    .map((line) => line.slice(line.indexOf(":") + 2));
  return {
    provenance,
    exit: JSON.parse(exit),
    stdout: JSON.parse(stdout),
    stderr: JSON.parse(stderr),
    trace: lines.slice(HEADER_LINES).join("\n"),
  };
}

export function writeGolden(test: GoldenCase, provenance: string, seen: Seen): void {
  const command = ["strace", ...test.options, `./${test.sample}`, ...(test.args ?? [])];
  const header = [
    `# recorded: ${provenance}`,
    `# command: ${command.join(" ")}`,
    `# exit: ${JSON.stringify(seen.exit)}`,
    `# stdout: ${JSON.stringify(seen.stdout)}`,
    `# stderr: ${JSON.stringify(seen.stderr)}`,
  ];
  writeFileSync(goldenPath(test), `${header.join("\n")}\n${seen.trace}`, "latin1");
}
