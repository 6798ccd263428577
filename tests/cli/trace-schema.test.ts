// The schema of JSON traces describes what is printed, of all kinds of programs; so do the rules of the Trace Event Format what trace viewers get.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, compilerMissing } from "../differential/compiled.js";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";
import { eventsOf, viewerEventsOf } from "../trace-schema.js";

function trace(options: readonly string[], ...program: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-schema-"));
  try {
    const file = join(directory, "trace");
    const [node, ...words] = [...TSSTRACE, "-o", file, ...options, ...program];
    spawnSync(node, words, { cwd: directory, input: "", encoding: "latin1" });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const sample = (name: string): string => join(PROJECT_ROOT, "samples/bin", name);
const typesOf = (events: readonly Record<string, unknown>[]): Set<unknown> => new Set(events.map(({ type }) => type));

const SAMPLES = ["args", "cat", "files", "float", "mmap", "processes", "registers", "signals", "syscall-hello", "time"];

test.each(SAMPLES)("%s", (name) => {
  const events = eventsOf(trace(["-f", "--format=json"], sample(name)));
  expect(typesOf(events)).toEqual(
    new Set([
      "start",
      "call",
      "exit",
      ...(name === "signals" ? ["signal"] : []),
      ...(name === "processes" ? ["signal"] : []),
    ]),
  );
  viewerEventsOf(trace(["-f", "--format=perfetto"], sample(name)));
});

test("injected calls, killed programs and ways", () => {
  const events = eventsOf(
    trace(["--format=json", "--path", "-e", "inject=write:error=ENOSPC:signal=SIGSEGV"], sample("cat"), "/etc/passwd"),
  );
  expect(events.find(({ error }) => error === "ENOSPC")).toMatchObject({ name: "write", value: -28 });
  expect(events.at(-1)).toMatchObject({ type: "exit", signal: "SIGSEGV" });
  expect(typesOf(events)).toEqual(new Set(["start", "call", "path", "signal", "exit"]));
  expect(events.filter(({ type }) => type === "path").length).toBe(events.filter(({ type }) => type === "call").length);
});

test.skipIf(!existsSync("/bin/bash"))("stops", () => {
  const script = "(sleep .1; kill -CONT $$) & kill -STOP $$; wait";
  const events = eventsOf(trace(["-f", "--format=json", "-e", "trace=kill"], "/bin/bash", "-c", script));
  expect(events.filter(({ type }) => type === "stop")).toMatchObject([{ signal: "SIGSTOP", comm: "bash" }]);
});

test.each(["--run", "-v"])("paths of all calls, with %s", (option) => {
  const text = trace([option, "--path=json"], sample("files"));
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  expect(typesOf(eventsOf(`${lines.join("\n")}\n`))).toEqual(new Set(["path"]));
});

const missing = compilerMissing("glibc");

describe.skipIf(missing)(`compiled programs${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test.each([
    "threads",
    "ways",
    "signals",
    "thread-signals",
    "device-commands",
    "socket-addresses",
    "seccomp",
    "bpf-filters",
  ])("%s", (name) => {
    const program = compile(name, "glibc");
    const events = eventsOf(trace(["-f", "-y", "--format=json"], program));
    expect(events.length).toBeGreaterThan(10);
    const unfinished = events.filter(({ type, value }) => type === "call" && value === undefined);
    for (const { result } of unfinished) expect(result).toBe("?");
    const viewed = viewerEventsOf(trace(["-f", "--format=perfetto"], program));
    expect(
      viewed.filter(({ ph, name }) => ph === "M" && name === "process_name").map(({ args }) => args.name),
    ).toContain(name.slice(0, 15));
  });
});
