// `npm run parity`: command lines under a real strace and under tsstrace, line by line.
//
//   npm run parity -- [--show N] [--only TEXT]
//
// A row's figure is the part of strace's lines that tsstrace printed too, in the same order, once addresses, process ids and times
// are named (../trace-text.ts). Exits with 1 when a row is below 99 %, or all of them below 99.7 %.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { compile, compilerMissing, programNames } from "../differential/compiled.js";
import { findOracleStrace } from "../oracle-strace.js";
import { PROJECT_ROOT, runCommandLineTraced, TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";

const DIRECTORY = join(PROJECT_ROOT, "tests/parity");
const FIXTURE = join(PROJECT_ROOT, "tests/commands/fixture");
const ROW_MINIMUM = 0.99;
const WHOLE_MINIMUM = 0.997;

interface Row {
  readonly options: readonly string[];
  readonly command: string;
}

/** Lines of rows.txt: `OPTIONS | COMMAND`. */
function readRows(): Row[] {
  return readFileSync(join(DIRECTORY, "rows.txt"), "utf8")
    .split("\n")
    .filter((line) => line.includes("| ") && !line.startsWith("#"))
    .map((line) => {
      const at = line.indexOf("| ");
      return { options: line.slice(0, at).split(" ").filter(Boolean), command: line.slice(at + 2) };
    });
}

/** The command with its program's path, or why it cannot run here. */
function located(command: string): { line: string } | { missing: string } {
  const name = command.split(" ")[0] as string;
  if (!name.startsWith("%")) {
    return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0 ? { line: command } : { missing: `no ${name}` };
  }
  const program = name.slice(1);
  if (!programNames().includes(program)) return { missing: `no program ${program}` };
  const missing = compilerMissing("glibc");
  return missing ? { missing } : { line: command.replace(name, compile(program, "glibc")) };
}

/** The lines of `wanted` that are not in `seen`, in order, as diff(1) finds them; and its whole answer. */
function difference(wanted: string, seen: string): { missing: number; text: string } {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-parity-"));
  try {
    writeFileSync(join(directory, "strace"), wanted);
    writeFileSync(join(directory, "tsstrace"), seen);
    const text = spawnSync("diff", ["--text", "--minimal", "strace", "tsstrace"], {
      cwd: directory,
      encoding: "latin1",
      maxBuffer: 2 ** 28,
    }).stdout;
    return { missing: text.split("\n").filter((line) => line.startsWith("<")).length, text };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the oracle leaves out of the environment too: a shell's variables. */
const WITHOUT_SHELLS_OWN = ["-E", "PWD", "-E", "OLDPWD"];

/**
 * What the host is and the emulated machine is not: its processors, memory maps, mounts, file systems and free space, numbers of devices and files, when
 * files were touched. Instruction pointers get the form of addresses, and the first environment, which shells reorder, is sorted.
 */
function sameHost(trace: string): string {
  return trace
    .replace(/^((?:\d+ +)?)\[([0-9a-f]{16})\] /gm, "$1[0x$2] ")
    .replace(
      /(?<=^.*execve\(.*\], )\[(".*?)\](?=\) += )/m,
      (_list, variables: string) => `[${variables.replaceAll("...", "").split(", ").sort().join(", ")}]`,
    )
    .replace(/\bstx_(mask|attributes_mask)=[^,]*/g, "stx_$1=MASK")
    .replace(/\bstx_mnt_id=0x[0-9a-f]+/g, "stx_mnt_id=N")
    .replace(/(sched_getaffinity\(.*?, ).*$/gm, "$1PROCESSORS")
    .replace(/(getpgrp\(\) += )\d+/g, "$1GROUP")
    .replace(/\/(cc|\.git\/t|tmp\.)(?!onfig)[A-Za-z0-9]{6}\b/g, "/$1RANDOM")
    .replace(/^.*\bread\(\d+(?:<[^>]*>)?, "[0-9a-f]{8,12}-[0-9a-f]{8,12} .*\n(?:.*\bread\(\d+, "", .*\n)?/gm, "")
    .replace(/\bru_([us]time)=\{[^}]*\}/g, "ru_$1=TIME")
    .replace(/\bst(x?)_(dev|ino|blocks|nlink)=(?:makedev\([^)]*\)|\d+)/g, "st$1_$2=N")
    .replace(/\b(stx?_[abcm]time(?:_nsec)?)=(?:\{[^}]*\}(?: \/\*.*?\*\/)?|[^,}]*)/g, "$1=TIME")
    .replace(/\bf_(type|blocks|bfree|bavail|files|ffree|fsid|flags|bsize|frsize)=(?:\{[^}]*\}|[^,}]*)/g, "f_$1=HOST")
    .replace(/(read\(\d+(?:<[^>]*>)?, )"(nodev|\d+ \d+ \d+:\d+|group cgroup)[^"]*"(\.*), \d+\) = \d+/g, "$1MOUNTS");
}

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

async function main(): Promise<number> {
  const oracle = findOracleStrace();
  if ("missing" in oracle) {
    console.error(`parity: ${oracle.missing}`);
    return 1;
  }
  execFileSync(process.execPath, [join(PROJECT_ROOT, "bin/tsstrace.js"), "-V"]);
  const shown = Number(option("--show") ?? 6);
  const table = new Table({
    head: ["options", "command", "lines", "equal", "%"],
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  let lines = 0;
  let equal = 0;
  let below = 0;
  for (const { options, command } of readRows()) {
    if (!`${options.join(" ")} | ${command}`.includes(option("--only") ?? "")) continue;
    const found = located(command);
    if ("missing" in found) {
      console.log(`skipped: ${command} (${found.missing})`);
      continue;
    }
    const run = (tracer: readonly string[]) => runCommandLineTraced(tracer, options, found.line, FIXTURE);
    const real = await run(oracle.command);
    const ours = await run([...TSSTRACE, ...WITHOUT_SHELLS_OWN]);
    const column = Number(options[options.indexOf("-a") + 1] ?? 40) || 40;
    const form = (trace: string) =>
      normalizeTrace(options.includes("-f") ? byProcess(sameHost(trace)) : sameHost(trace), column);
    const wanted = form(real.trace);
    const { missing, text } = difference(wanted, form(ours.trace));
    const count = wanted.split("\n").filter((line) => line !== "").length;
    const part = count === 0 ? 1 : (count - missing) / count;
    const same = real.stdout === ours.stdout && real.exit === ours.exit;
    table.push([
      options.join(" "),
      command.slice(0, 60),
      count,
      count - missing,
      `${(100 * part).toFixed(2)}${same ? "" : " !"}`,
    ]);
    lines += count;
    equal += count - missing;
    if (part < ROW_MINIMUM) below++;
    if (missing > 0)
      console.log(`== ${options.join(" ")} | ${command}\n${text.split("\n").slice(0, shown).join("\n")}`);
    if (!same)
      console.log(
        `== ${command}: exit ${real.exit} and ${ours.exit}, ${real.stdout === ours.stdout ? "same" : "other"} output: ${ours.stderr.slice(0, 200)}`,
      );
  }
  console.log(table.toString());
  const whole = lines === 0 ? 0 : equal / lines;
  console.log(`${equal} of ${lines} lines, ${(100 * whole).toFixed(2)} %; rows below ${100 * ROW_MINIMUM} %: ${below}`);
  return below === 0 && whole >= WHOLE_MINIMUM ? 0 : 1;
}

process.exitCode = await main();
