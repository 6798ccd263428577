// npm run bench [-- --only NAME,NAME] [--runs N]: tsstrace beside the processor itself, qemu-x86_64 and strace, on the programs of
// bench/programs. Medians, interleaved, of CPU seconds; ratios to native.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { geometricMean, interleave } from "./measure.js";

const { values: options } = parseArgs({
  options: { only: { type: "string" }, runs: { type: "string", default: "3" } },
});
const runs = Number(options.runs);
const only = options.only?.split(",");
const directory = mkdtempSync(join(tmpdir(), "tsstrace-bench-"));
const tool = [process.execPath, "bin/tsstrace.js"];

/** Programs with a row of their own below. */
const SPECIAL = new Set(["hello", "writes", "getppid"]);
const UNTRACED_CALLS = 1_000_000;
const TRACED_CALLS = 200_000;
const STRACED_CALLS = 50_000;

function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

function compile(name: string): string {
  const binary = join(directory, name);
  execFileSync("gcc", ["-static", "-O2", "-o", binary, `bench/programs/${name}.c`, "-lm"]);
  return binary;
}

function wanted(name: string): boolean {
  return only === undefined || only.includes(name);
}

function row(...cells: string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(12))).join(""));
}

const seconds = (value: number) => `${value.toFixed(2)} s`;
const milliseconds = (value: number) => `${(value * 1000).toFixed(0)} ms`;
const perSecond = (calls: number, elapsed: number) => `${(calls / elapsed / 1000).toFixed(0)} k/s`;
const times = (value: number) => value.toFixed(2);

type Contestant = "native" | "tsstrace" | "qemu" | "strace" | "traced" | "node";

function compareSpeed(qemu: boolean): void {
  const names = readdirSync("bench/programs")
    .map((file) => basename(file, ".c"))
    .filter((name) => !SPECIAL.has(name) && wanted(name));
  if (names.length === 0) return;
  row("cpu time", "native", "tsstrace", "ratio", "qemu", "ratio");
  const ratios: number[] = [];
  const qemuRatios: number[] = [];
  for (const name of names) {
    const binary = compile(name);
    const contestants = new Map<Contestant, string[]>([
      ["native", [binary]],
      ["tsstrace", [...tool, "--run", binary]],
    ]);
    if (qemu) contestants.set("qemu", ["qemu-x86_64", binary]);
    const timings = interleave(contestants, runs);
    const native = timings.get("native")?.cpu ?? Number.NaN;
    const cpuOf = (contestant: Contestant) => timings.get(contestant)?.cpu;
    const ours = cpuOf("tsstrace") ?? Number.NaN;
    const theirs = cpuOf("qemu");
    ratios.push(ours / native);
    if (theirs !== undefined) qemuRatios.push(theirs / native);
    const peer = theirs === undefined ? ["-", "-"] : [seconds(theirs), times(theirs / native)];
    row(name, seconds(native), seconds(ours), times(ours / native), ...peer);
  }
  const peerMean = qemuRatios.length > 0 ? times(geometricMean(qemuRatios)) : "-";
  row("geometric mean", "", "", times(geometricMean(ratios)), "", peerMean);
}

function compareCalls(strace: boolean, qemu: boolean): void {
  const trace = join(directory, "trace");
  if (wanted("getppid")) {
    const binary = compile("getppid");
    const contestants = new Map<Contestant, string[]>([
      ["native", [binary, String(UNTRACED_CALLS)]],
      ["tsstrace", [...tool, "--run", binary, String(UNTRACED_CALLS)]],
    ]);
    if (qemu) contestants.set("qemu", ["qemu-x86_64", binary, String(UNTRACED_CALLS)]);
    row("\nuntraced", ...contestants.keys());
    row(
      "getppid",
      ...[...interleave(contestants, runs).values()].map(({ elapsed }) => perSecond(UNTRACED_CALLS, elapsed)),
    );
  }
  if (wanted("writes")) {
    const binary = compile("writes");
    const contestants = new Map<Contestant, string[]>([
      ["tsstrace", [...tool, "-o", trace, binary, String(TRACED_CALLS)]],
    ]);
    if (strace) contestants.set("strace", ["strace", "-o", trace, binary, String(STRACED_CALLS)]);
    row("\ntraced", ...contestants.keys());
    const timings = [...interleave(contestants, runs)];
    const calls = (name: Contestant) => (name === "strace" ? STRACED_CALLS : TRACED_CALLS);
    row("write", ...timings.map(([name, { elapsed }]) => perSecond(calls(name), elapsed)));
  }
}

function compareStart(strace: boolean, qemu: boolean): void {
  if (!wanted("hello")) return;
  const binary = compile("hello");
  const contestants = new Map<Contestant, string[]>([
    ["native", [binary]],
    ["tsstrace", [...tool, "--run", binary]],
    ["traced", [...tool, "-o", "/dev/null", binary]],
    ["node", [process.execPath, "-e", "0"]],
  ]);
  if (qemu) contestants.set("qemu", ["qemu-x86_64", binary]);
  if (strace) contestants.set("strace", ["strace", "-o", "/dev/null", binary]);
  row("\nfirst to last", ...contestants.keys());
  row("hello", ...[...interleave(contestants, Math.max(runs, 5)).values()].map(({ elapsed }) => milliseconds(elapsed)));
}

try {
  const qemu = isInstalled("qemu-x86_64");
  const strace = isInstalled("strace");
  console.log(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}, median of ${runs}\n`);
  compareSpeed(qemu);
  compareCalls(strace, qemu);
  compareStart(strace, qemu);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
