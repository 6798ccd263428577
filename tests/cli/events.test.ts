// The trace as data: it says what the text says; the library's example in the README runs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

function run(options: readonly string[], sample: string): string {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-events-"));
  try {
    const trace = join(directory, "trace");
    const [node, ...args] = TSSTRACE;
    const program = join(PROJECT_ROOT, "samples/bin", sample);
    spawnSync(node, [...args, "--deterministic", ...options, "-o", trace, program], { cwd: directory });
    return readFileSync(trace, "latin1");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Event {
  type: string;
  name: string;
  arguments: { name: string; text: string; tokens: [string, string][] }[];
  result: string;
  signal: string;
  info: string;
  status?: number;
}

const eventsOf = (text: string): Event[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

function lineOf({ type, name, arguments: words, result, signal, info, status }: Event): string {
  if (type === "call") return `${name}(${words.map((word) => `${word.name}=${word.text}`).join(", ")}) = ${result}`;
  if (type === "signal") return `--- ${signal} ${info} ---`;
  return status === undefined ? `+++ killed by ${signal} +++` : `+++ exited with ${status} +++`;
}

test.each(["syscall-hello", "cat", "files", "signals", "args", "time", "mmap"])("%s in JSON and in text", (sample) => {
  const events = eventsOf(run(["--format=json", "-e", "trace=!kill"], sample));
  const lines = run(["-N", "-a0", "-e", "trace=!kill"], sample).trimEnd().split("\n");
  expect(events[0].type).toBe("start");
  expect(events.slice(1).map(lineOf)).toEqual(lines);
  const calls = events.filter(({ type }) => type === "call");
  for (const { text, tokens } of calls.flatMap((call) => call.arguments))
    expect(tokens.map(([, part]) => part).join("")).toBe(text);
});

test("filters hold for events", () => {
  const events = eventsOf(run(["--format=json", "-e", "trace=%file", "-Z"], "files"));
  const calls = events.filter(({ type }) => type === "call");
  expect(calls.length).toBeGreaterThan(0);
  for (const { result } of calls) expect(result).toMatch(/^-1 E/);
});

test("perfetto's file has the calls of every process", () => {
  const { traceEvents } = JSON.parse(run(["-f", "--format=perfetto"], "processes"));
  const calls = traceEvents.filter(({ ph }: { ph: string }) => ph === "X");
  expect(new Set(calls.map(({ pid }: { pid: number }) => pid)).size).toBeGreaterThan(1);
  for (const { name, ts, dur } of calls) expect([typeof name, ts >= 0, dur >= 0]).toEqual(["string", true, true]);
});

test("the README's example of the library", () => {
  const readme = readFileSync(join(PROJECT_ROOT, "README.md"), "utf8");
  const [, code] = /```js\n(import \{ trace \}.*?)```/s.exec(readme) ?? [];
  const file = join(PROJECT_ROOT, `tests/cli/.readme-example-${process.pid}.mjs`);
  writeFileSync(file, code);
  try {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: PROJECT_ROOT, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\w+ of ".*" failed: E[A-Z]+$/m);
    expect(stdout).toMatch(/^exit status 0$/m);
  } finally {
    rmSync(file);
  }
});
