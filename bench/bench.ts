// npm run bench [-- --only NAME,NAME] [--runs N]: tsstrace beside the processor itself, qemu-x86_64 and strace, on the programs of
// bench/programs and on programs that are installed. Medians, interleaved, of CPU seconds; ratios to native.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { geometricMean, interleave, peakMemory } from "./measure.js";

const { values: options } = parseArgs({
  options: { only: { type: "string" }, runs: { type: "string", default: "3" } },
});
const runs = Number(options.runs);
const only = options.only?.split(",");
const directory = mkdtempSync(join(tmpdir(), "tsstrace-bench-"));
const tool = [process.execPath, "bin/tsstrace.js"];
/** What the tool keeps between runs is the bench's own. */
process.env.XDG_CACHE_HOME = directory;

/** Programs with a row of their own below. */
const SPECIAL = new Set(["hello", "writes", "getppid"]);
const UNTRACED_CALLS = 1_000_000;
const TRACED_CALLS = 1_000_000;
const STRACED_CALLS = 100_000;
const LIBRARY_CALLS = 200_000;
const LTRACED_CALLS = 20_000;

function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

function compile(name: string, label = name, ...options: string[]): string {
  const binary = join(directory, label);
  execFileSync("gcc", ["-static", "-O2", ...options, "-o", binary, `bench/programs/${name}.c`, "-lm"]);
  return binary;
}

/** Programs made for 32 bits, beside qemu-i386; none where gcc makes no such. */
function narrowWork(): Work[] {
  const names = ["chase", "fib", "interpreter", "mix", "qsort"].filter((name) => wanted(`${name} -m32`));
  try {
    return names.map((name) => ({
      name: `${name} -m32`,
      command: [compile(name, `${name}-32`, "-m32")],
      emulator: "qemu-i386",
    }));
  } catch {
    console.log("(gcc makes no 32-bit programs here: their rows are left out)");
    return [];
  }
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

type Contestant =
  | "native"
  | "tsstrace"
  | "first run"
  | "qemu"
  | "strace"
  | "pinned strace"
  | "traced"
  | "tsltrace"
  | "ltrace";

interface Work {
  readonly name: string;
  readonly command: readonly string[];
  /** Qemu's, where that is not qemu-x86_64. */
  readonly emulator?: string;
}

const INPUT_BYTES = 16 << 20;
const LINE = 64;

/** Lines of letters that repeat often enough to be packed: the same every time. */
function makeInput(): string {
  const file = join(directory, "input");
  const bytes = new Uint8Array(INPUT_BYTES);
  let state = 12345;
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = at % LINE === LINE - 1 ? 10 : 97 + ((state >>> 24) % 16);
  }
  writeFileSync(file, bytes);
  return file;
}

/** Programs that are not ours. */
function realWork(): Work[] {
  const work: Work[] = [];
  const busybox = execIf("busybox");
  if (busybox) {
    // The 16 MiB as often as makes half a second natively.
    const times = (count: number) => new Array<string>(count).fill(input);
    const input = makeInput();
    const sums = "{ n[substr($0, 1, 2)] += length($0) } END { for (k in n) print k, n[k] }";
    const applets: readonly (readonly [string, readonly string[]])[] = [
      ["gzip", ["gzip", "-c", input]],
      ["sort", ["sort", ...times(4)]],
      ["awk", ["awk", sums, ...times(5)]],
      ["sha256sum", ["sha256sum", ...times(8)]],
    ];
    for (const [applet, words] of applets) work.push({ name: `bb ${applet}`, command: [busybox, ...words] });
  }
  const lua = execIf("lua5.4");
  const script = "local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end print(f(33))";
  if (lua) work.push({ name: "lua fib(33)", command: [lua, "-e", script] });
  return [...work, ...interpreters(8)];
}

/** Interpreters whose work is spread over thousands of blocks: about a tenth of a second natively, `times` as often. */
function interpreters(times: number): Work[] {
  const dumps = `import json\nfor i in range(${times * 60_000}): json.dumps({"a": i, "b": [i] * 3})`;
  const sums = `for ((i = 0; i < ${times * 40_000}; i++)); do a=$((i * 2)); b="x$a"; done`;
  const numbers = `with recursive c(n) as (select 1 union all select n + 1 from c where n < ${times * 400_000}) select sum(n), max(n % 7) from c`;
  const work: [string, string | undefined, ...string[]][] = [
    ["python3 json", systemPython(), "-c", dumps],
    ["bash loop", execIf("bash"), "-c", sums],
    ["sqlite3 sum", execIf("sqlite3"), ":memory:", numbers],
  ];
  return work.flatMap(([name, program, ...words]) => (program ? [{ name, command: [program, ...words] }] : []));
}

/** What is called python3 may be a script that looks for one. The distribution's, whatever else is called so. */
function systemPython(): string | undefined {
  const system = "/usr/bin/python3";
  const found = existsSync(system) ? system : execIf("python3");
  const print = ["-c", "import sys; print(sys.executable)"];
  const python = found && spawnSync(found, print, { encoding: "utf8" }).stdout.trim();
  return python ? realpathSync(python) : undefined;
}

/** Where a command is; says so when it is not there. */
function execIf(command: string): string | undefined {
  const found = spawnSync("bash", ["-c", 'command -v "$0"', command], { encoding: "utf8" }).stdout.trim();
  if (!found) console.log(`(no ${command} here: its rows are left out)`);
  return found || undefined;
}

function compareSpeed(qemu: boolean): void {
  const own = readdirSync("bench/programs")
    .map((file) => basename(file, ".c"))
    .filter((name) => !SPECIAL.has(name) && wanted(name))
    .map((name) => ({ name, command: [compile(name)] }));
  const work: Work[] = [...own, ...realWork().filter(({ name }) => wanted(name)), ...narrowWork()];
  if (work.length === 0) return;
  row("cpu time", "native", "tsstrace", "ratio", "qemu", "ratio", "ours/qemu");
  const ratios: number[] = [];
  const toQemu = new Map<string, number>();
  for (const { name, command, emulator = "qemu-x86_64" } of work) {
    const contestants = new Map<Contestant, readonly string[]>([
      ["native", command],
      ["tsstrace", [...tool, "--run", ...command]],
    ]);
    if (qemu && isInstalled(emulator)) contestants.set("qemu", [emulator, ...command]);
    const timings = interleave(contestants, runs);
    const native = timings.get("native")?.cpu ?? Number.NaN;
    const ours = timings.get("tsstrace")?.cpu ?? Number.NaN;
    const theirs = timings.get("qemu")?.cpu;
    ratios.push(ours / native);
    if (theirs !== undefined) toQemu.set(name, ours / theirs);
    const peer =
      theirs === undefined ? ["-", "-", "-"] : [seconds(theirs), times(theirs / native), times(ours / theirs)];
    row(name, seconds(native), seconds(ours), times(ours / native), ...peer);
  }
  const worst = [...toQemu].sort(([, one], [, other]) => other - one)[0];
  row(
    "geometric mean",
    "",
    "",
    times(geometricMean(ratios)),
    "",
    "",
    worst ? times(geometricMean([...toQemu.values()])) : "-",
  );
  if (worst) console.log(`worst beside qemu: ${worst[0]}, ${times(worst[1])}`);
}

function compareCalls(strace: string | undefined, qemu: boolean): void {
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
    // strace is several times as fast when the kernel leaves it and its program on one processor, which it seldom does.
    const pin = strace && isInstalled("taskset") ? ["taskset", "-c", "0"] : undefined;
    row("\nwrites", "tsstrace", ...(strace ? ["strace", "times"] : []), ...(pin ? ["on one cpu", "times"] : []));
    for (const [name, options] of TRACED_WAYS) {
      const contestants = new Map<Contestant, string[]>([
        [
          "tsstrace",
          [...tool, ...options, ...(name === "untraced" ? [] : ["-o", trace]), binary, String(TRACED_CALLS)],
        ],
      ]);
      if (strace && name !== "untraced") {
        const theirs = [strace, ...options, "-o", trace, binary, String(STRACED_CALLS)];
        contestants.set("strace", theirs);
        if (pin) contestants.set("pinned strace", [...pin, ...theirs]);
      }
      const timings = interleave(contestants, runs);
      const ours = TRACED_CALLS / (timings.get("tsstrace")?.elapsed ?? 0);
      const beside = (["strace", "pinned strace"] as const).flatMap((contestant) => {
        const timing = timings.get(contestant);
        const theirs = STRACED_CALLS / (timing?.elapsed ?? Number.NaN);
        return timing ? [perSecond(theirs, 1), times(ours / theirs)] : [];
      });
      row(name, perSecond(ours, 1), ...beside);
    }
  }
}

/** Library calls traced to a file, beside ltrace. */
function compareLibraryCalls(): void {
  if (!wanted("library")) return;
  const ltrace = process.env.TSSTRACE_ORACLE_LTRACE ?? execIf("ltrace");
  const trace = join(directory, "trace");
  const binary = build("calls", CALLS_OF_STRLEN, "-O0", "-fno-builtin");
  const contestants = new Map<Contestant, string[]>([
    ["tsltrace", [process.execPath, "bin/tsltrace.js", "-o", trace, binary, String(LIBRARY_CALLS)]],
  ]);
  if (ltrace) contestants.set("ltrace", [ltrace, "-o", trace, binary, String(LTRACED_CALLS)]);
  row("\nlibrary calls", "tsltrace", ...(ltrace ? ["ltrace", "times"] : []));
  const timings = interleave(contestants, runs);
  const ours = LIBRARY_CALLS / (timings.get("tsltrace")?.elapsed ?? 0);
  const theirs = LTRACED_CALLS / (timings.get("ltrace")?.elapsed ?? Number.NaN);
  row("strlen", perSecond(ours, 1), ...(ltrace ? [perSecond(theirs, 1), times(ours / theirs)] : []));
}

/** How a million writes are watched. The last is not at all. */
const TRACED_WAYS = [
  ["to a file", []],
  ["-c", ["-c"]],
  ["trace=openat", ["-e", "trace=openat"]],
  ["untraced", ["--run"]],
] as const;

const DYNAMIC = '#include <stdio.h>\nint main(void) { puts("hello"); }\n';
const CALLS_OF_STRLEN =
  '#include <stdlib.h>\n#include <string.h>\nint main(int c, char **v) { long n = atol(v[1]), sum = 0; while (n--) sum += strlen("hello"); return sum < 0; }\n';
const ONE_CALL =
  '__asm__(".globl _start\\n_start: mov $1,%eax; mov $1,%edi; lea m(%rip),%rsi; mov $6,%edx; syscall;" "mov $60,%eax; xor %edi,%edi; syscall\\nm: .ascii \\"hello\\\\n\\"");\n';

function build(name: string, source: string, ...options: string[]): string {
  const binary = join(directory, name);
  writeFileSync(`${binary}.c`, source);
  execFileSync("gcc", ["-O2", ...options, "-o", binary, `${binary}.c`]);
  return binary;
}

/** Programs that do next to nothing, from the first instruction to the last. */
function shortWork(): Work[] {
  const work: Work[] = [
    { name: "one call", command: [build("one-call", ONE_CALL, "-static", "-nostdlib")] },
    { name: "hello", command: [compile("hello")] },
    { name: "hello dynamic", command: [build("dynamic", DYNAMIC)] },
  ];
  const busybox = execIf("busybox");
  if (busybox) work.push({ name: "bb true", command: [busybox, "true"] });
  const python = systemPython();
  if (python) work.push({ name: "python3 pass", command: [python, "-c", "pass"] });
  if (existsSync("/bin/ls")) work.push({ name: "ls -l /usr/bin", command: ["/bin/ls", "-l", "/usr/bin"] });
  if (existsSync("/bin/bash")) {
    const script = "for i in $(seq 100); do /bin/true; done";
    work.push({ name: "100 true", command: ["/bin/bash", "-c", script] });
  }
  return [...work, ...interpreters(1)];
}

function compareStart(strace: boolean, qemu: boolean): void {
  if (!wanted("start")) return;
  const contestantsOf = (command: readonly string[]) => {
    const contestants = new Map<Contestant, readonly string[]>([
      ["native", command],
      ["first run", [...tool, "--run", ...command]],
      ["tsstrace", [...tool, "--run", ...command]],
      ["traced", [...tool, "-o", "/dev/null", ...command]],
    ]);
    if (qemu) contestants.set("qemu", ["qemu-x86_64", ...command]);
    if (strace) contestants.set("strace", ["strace", "-o", "/dev/null", ...command]);
    return contestants;
  };
  // The first run finds nothing kept of the program, and keeps it; the others find it.
  const forget = (contestant: Contestant) => {
    if (contestant === "first run") rmSync(join(directory, "tsstrace"), { recursive: true, force: true });
  };
  row(
    "\nfirst to last",
    "native",
    "first run",
    "tsstrace",
    "traced",
    ...(qemu ? ["qemu"] : []),
    ...(strace ? ["strace"] : []),
  );
  for (const { name, command } of shortWork()) {
    const timings = interleave(contestantsOf(command), Math.max(runs, 5), forget);
    row(name, ...[...timings.values()].map(({ elapsed }) => milliseconds(elapsed)));
  }
  const node = interleave(new Map([["node", [process.execPath, "-e", "0"]]]), Math.max(runs, 5)).get("node");
  row("node -e 0", node ? milliseconds(node.elapsed) : "-");
}

const TOUCH = `#include <stdlib.h>
#include <string.h>
int main(void) { char *volatile p = malloc(64 << 20); memset(p, 1, 64 << 20); return p[12345] - 1; }
`;

/** The most memory a process had at a time, of what it starts the largest. */
function compareMemory(qemu: boolean): void {
  if (!wanted("peak")) return;
  const work = [
    { name: "hello", command: [compile("hello")] },
    { name: "64 MiB", command: [build("touch", TOUCH, "-static")] },
  ];
  if (existsSync("/bin/bash")) {
    const script = "for i in $(seq 2000); do /bin/true; done";
    work.push({ name: "2,000 forks", command: ["/bin/bash", "-c", script] });
  }
  row("\npeak memory", "native", "tsstrace", ...(qemu ? ["qemu"] : []));
  for (const { name, command } of work) {
    const commands = [command, [...tool, "--run", ...command], ...(qemu ? [["qemu-x86_64", ...command]] : [])];
    row(name, ...commands.map((each) => `${Math.round(peakMemory(each) / (1 << 20))} MiB`));
  }
}

try {
  const qemu = isInstalled("qemu-x86_64");
  const strace = process.env.TSSTRACE_ORACLE_STRACE ?? (isInstalled("strace") ? "strace" : undefined);
  console.log(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}, median of ${runs}\n`);
  compareSpeed(qemu);
  compareCalls(strace, qemu);
  compareLibraryCalls();
  compareStart(strace !== undefined, qemu);
  compareMemory(qemu);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
