// tsltrace and what changes while programs run: libraries that come and go, processes that ran before, and calls as data.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PROJECT_ROOT, runTraced, TSSTRACE } from "../tool.js";
import { eventsOf } from "../trace-schema.js";
import { build, compilerMissing, PROGRAMS } from "./building.js";

const TSLTRACE = [process.execPath, join(PROJECT_ROOT, "bin/tsltrace.js")];
const missing = compilerMissing("gcc");
const env = { LANG: "C" };
const config = (name: string): string[] => ["-F", join(PROGRAMS, `${name}.conf`)];
const linesOf = (trace: string): string[] =>
  trace
    .replace(/0x[0-9a-f]{6,}/g, "ADDRESS")
    .replace(/ +=/g, " =")
    .trimEnd()
    .split("\n");

describe.skipIf(missing)(`libraries that come and go${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test("are traced as often as they are loaded", async () => {
    const plugin = build("plugin.so", "plugin.c", ["gcc", "-shared", "-fPIC"]);
    const run = { program: build("loads", "loads.c", ["gcc"]), args: [plugin], env };
    const lines = linesOf((await runTraced(TSLTRACE, ["-x", "plugin", "-e", "@plugin.so+dlclose@MAIN"], run)).trace);
    const round = [
      'plugin@plugin.so("four" <unfinished ...>'.replace('"four"', "ADDRESS, ARGUMENTS"),
      'plugin.so->strlen("four") = 4',
      "plugin.so->abs(-3) = 3",
      "<... plugin resumed> ) = 7",
      "loads->dlclose(ADDRESS) = 0",
    ];
    // Nothing is known of plugin's arguments but that there may be four.
    expect(lines.map((line) => line.replace(/^(plugin@plugin\.so\(ADDRESS, ).*?( <unf)/, "$1ARGUMENTS$2"))).toEqual([
      ...round,
      ...round,
      "+++ exited (status 0) +++",
    ]);
  });

  test("-l names the libraries whose functions are wanted, whoever calls them", async () => {
    const plugin = build("plugin.so", "plugin.c", ["gcc", "-shared", "-fPIC"]);
    const run = { program: build("loads", "loads.c", ["gcc"]), args: [plugin], env };
    const lines = linesOf((await runTraced(TSLTRACE, ["-l", "libc.so*"], run)).trace);
    expect(lines).toContain("plugin.so->abs(-3) = 3");
    expect(lines.some((line) => line.startsWith('loads->printf("%d\\n", 7'))).toBe(true);
  });
});

describe.skipIf(missing)("library calls as data", () => {
  const trace = async (...options: string[]) =>
    (await runTraced(TSLTRACE, [...options, ...config("calls")], { program: build("calls", "calls.c", ["gcc"]), env }))
      .trace;

  test("one object a line, as the schema has it", async () => {
    const events = eventsOf(await trace("--format=json", "-S"));
    expect(events.find(({ name }) => name === "strlen")).toMatchObject({
      type: "library-call",
      label: "strlen",
      arguments: ['"./calls"'],
      result: "7",
      depth: 0,
    });
    const compared = events.filter(({ name }) => name === "strcmp");
    expect(compared.map(({ depth }) => depth)).toEqual([1, 1, 1]);
    expect(events.find(({ type, name }) => type === "call" && name === "openat")).toBeDefined();
    expect(events.at(-1)).toMatchObject({ type: "exit", status: 13 });
  });

  test("for trace viewers, calls are inside of those that make them", async () => {
    const { traceEvents } = JSON.parse(await trace("--format=perfetto")) as {
      traceEvents: { ph: string; name: string; ts: number; dur: number; args: Record<string, string> }[];
    };
    const calls = traceEvents.filter(({ ph }) => ph === "X");
    const sort = calls.find(({ name }) => name === "qsort");
    const inside = calls.filter(({ name }) => name === "strcmp");
    expect(inside.length).toBe(3);
    for (const { ts, dur } of inside) {
      expect(ts).toBeGreaterThanOrEqual(sort?.ts ?? Number.NaN);
      expect(ts + dur).toBeLessThanOrEqual((sort?.ts ?? 0) + (sort?.dur ?? 0));
    }
    expect(calls.find(({ name }) => name === "read")?.args).toEqual({ 0: "3", 1: '"some"', 2: "4", result: "4" });
  });
});

describe.skipIf(missing)("a process that runs already", () => {
  let directory: string;
  let machine: ChildProcess;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tsltrace-attach-"));
  });

  afterEach(async () => {
    machine.kill("SIGKILL");
    await once(machine, "close");
    rmSync(directory, { recursive: true });
  });

  const start = ([node, ...words]: readonly string[]): ChildProcess =>
    spawn(node as string, words, { env: { ...process.env, XDG_RUNTIME_DIR: directory } });

  /** What it has said when it is done; `enough` ends it by ^C. */
  async function said(child: ChildProcess, enough?: RegExp): Promise<string> {
    let text = "";
    const hear = (chunk: Buffer): void => {
      text += chunk;
      if (enough?.test(text)) child.kill("SIGINT");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    await once(child, "close");
    return text;
  }

  test.each([
    ["lines", [], /usleep(?:.*\n)+.*usleep(?:.*\n)+.*usleep/],
    ["data", ["--format=json"], /usleep(?:.*\n)+.*usleep(?:.*\n)+.*usleep/],
  ])("is attached to and let go, and goes on: %s", async (kind, options, enough) => {
    machine = start([...TSSTRACE, "--run", build("waits", "waits.c", ["gcc"])]);
    while (!/\bwaits\b/.test(await said(start([...TSSTRACE, "--ps"])))) {}
    for (let time = 0; time < 2; time++) {
      const text = await said(start([...TSLTRACE, "-p", "1000", ...options]), enough);
      if (kind === "data") {
        const names = eventsOf(text).flatMap(({ type, name }) => (type === "library-call" ? [name] : []));
        expect(new Set(names)).toEqual(new Set(["strlen", "usleep"]));
      } else {
        const lines = linesOf(text);
        expect(lines.slice(0, 2).sort()).toEqual([
          expect.stringMatching(/^strlen\(".*"(\.{3})?\) = \d+$/),
          "usleep(20000) = 0",
        ]);
        expect(lines.at(-1)).toMatch(/^usleep\(20000 <detached \.\.\.>$|= \d+$/);
      }
    }
    expect(machine.exitCode).toBeNull();
    expect(await said(start([...TSLTRACE, "-p", "4999"]))).toBe("Cannot attach to pid 4999: No such process\n");
  });

  test("a trace in a file, with system calls", async () => {
    machine = start([...TSSTRACE, "--run", build("waits", "waits.c", ["gcc"])]);
    while (!/\bwaits\b/.test(await said(start([...TSSTRACE, "--ps"])))) {}
    const file = join(directory, "trace");
    const tracer = start([...TSLTRACE, "-S", "-o", file, "-p", "1000"]);
    const text = said(tracer);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    tracer.kill("SIGINT");
    expect(await text).toBe("");
    expect(linesOf(readFileSync(file, "latin1")).join("\n")).toContain(
      "usleep(20000 <unfinished ...>\nSYS_clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=20000000}, NULL) = 0\n<... usleep resumed> ) = 0\n",
    );
  });
});
