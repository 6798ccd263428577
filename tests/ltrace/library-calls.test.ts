// tsltrace against ltrace: the same lines wherever ltrace sees the calls, and the same calls where it does not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT, type ProgramRun, runTraced, type Seen } from "../tool.js";
import { build, compilerMissing, PROGRAMS, WAYS } from "./building.js";
import { findOracleLtrace } from "./oracle-ltrace.js";

// The oracle may be a shell script, whose shell adds to the environment: both begin with one.
const SHELL = ["/bin/sh", "-c", 'exec "$@"', "sh"];
const TSLTRACE = [...SHELL, process.execPath, join(PROJECT_ROOT, "bin/tsltrace.js")];
const oracle = findOracleLtrace();
const missing = "missing" in oracle ? oracle.missing : undefined;
const noCompiler = compilerMissing("gcc");
const noMusl = compilerMissing("musl-gcc");
const GOLDEN = new URL("calls.golden", import.meta.url);
const env = { HOME: "/home", LANG: "C" };
const config = (name: string): string[] => ["-F", join(PROGRAMS, `${name}.conf`)];

/** Addresses in the order in which they come, pids, and times. */
function normal(trace: string): string[] {
  const names = new Map<string, string>();
  const named = (kind: string) => (text: string) => {
    const known = names.get(text);
    if (known === undefined) names.set(text, `${kind}${names.size}`);
    return names.get(text) as string;
  };
  return trace
    .replace(/0x[0-9a-f]{6,16}/g, named("ADDRESS"))
    .replace(/(?<=\[pid )\d+|^\d+(?= )/gm, named("PID"))
    .replace(/ +(?=\(?= )/g, " ")
    .replace(/ +=/g, " =")
    .trimEnd()
    .split("\n");
}

const ours = (options: readonly string[], run: ProgramRun): Promise<Seen> => runTraced(TSLTRACE, options, run);

function theirs(options: readonly string[], run: ProgramRun): Promise<Seen> {
  if ("missing" in oracle) throw new Error(oracle.missing);
  return runTraced([...SHELL, oracle.command], options, run);
}

async function compare(options: readonly string[], run: ProgramRun): Promise<void> {
  const wanted = await theirs(options, run);
  const seen = await ours(options, run);
  expect(wanted.trace).not.toBe("");
  expect(seen.stdout).toBe(wanted.stdout);
  expect(normal(seen.trace)).toEqual(normal(wanted.trace));
}

describe.skipIf(noCompiler)(
  `the same program in every way of building${noCompiler ? ` (skipped: ${noCompiler})` : ""}`,
  () => {
    test.skipIf(process.env.TSSTRACE_RECORD !== "1" || missing !== undefined)("recorder", async () => {
      const run = { program: build("calls", "calls.c", ["gcc"]), env };
      const { trace } = await theirs(config("calls"), run);
      writeFileSync(
        GOLDEN,
        `# recorded: ltrace 0.7.91 on Linux x86-64, Debian's gcc; addresses and pids by name\n${normal(trace).join("\n")}\n`,
      );
    });

    for (const [way, command] of Object.entries(WAYS)) {
      const why = command[0] === "musl-gcc" ? noMusl : undefined;
      test.skipIf(why)(why ? `${way} (skipped: ${why})` : way, async () => {
        const golden = readFileSync(GOLDEN, "latin1").trimEnd().split("\n").slice(1);
        const run = { program: build("calls", "calls.c", command), env };
        const seen = await ours(config("calls"), run);
        const lines = normal(seen.trace);
        if (command[0] === "musl-gcc") {
          // Its puts returns another number, its qsort compares in another order, and it begins by way of the table.
          const names = (its: readonly string[]): string[] =>
            [...new Set(its.map((line) => /^\w+(?=\()/.exec(line)?.[0] ?? ""))].filter(
              (name) => name !== "__libc_start_main",
            );
          expect(names(lines)).toEqual(names(golden));
        } else expect(lines).toEqual(golden);
        expect(seen.exit).toBe(0);
      });
    }
  },
);

test.skipIf(noCompiler)("system calls inside of library calls, and one that no library makes", async () => {
  const run = { program: build("inline-call", "inline-call.c", ["gcc"]), env };
  const plain = await ours(config("calls"), run);
  expect(normal(plain.trace)).toEqual([
    'open("/dev/null", 1, 00) = 3',
    'strlen("by hand\\n") = 8',
    "close(3) = 0",
    "+++ exited (status 0) +++",
  ]);
  const both = normal((await ours(["-S", ...config("calls")], run)).trace);
  expect(both.slice(both.indexOf('open("/dev/null", 1, 00 <unfinished ...>'))).toEqual([
    'open("/dev/null", 1, 00 <unfinished ...>',
    'SYS_openat(AT_FDCWD, "/dev/null", O_WRONLY) = 3',
    "<... open resumed> ) = 3",
    'strlen("by hand\\n") = 8',
    'SYS_write(3, "by hand\\n", 8) = 8',
    "close(3 <unfinished ...>",
    "SYS_close(3) = 0",
    "<... close resumed> ) = 0",
    "SYS_exit_group(0) = ?",
    "+++ exited (status 0) +++",
  ]);
  const raw = normal((await ours(["-S", "--raw-syscalls", ...config("calls")], run)).trace);
  expect(raw).toContain(
    "write@SYS(3, ADDRESS0, 8) = 8".replace("ADDRESS0", /write@SYS\(3, (ADDRESS\d+)/.exec(raw.join())?.[1] ?? "?"),
  );
});

const skipped = noCompiler ?? missing;
describe.skipIf(skipped)(`the lines of ltrace${skipped ? ` (skipped: ${skipped})` : ""}`, () => {
  test.each([
    ["as they are", []],
    ["-n 3 -i", ["-n", "3", "-i"]],
    ["-a 20 -s 5 -A 2", ["-a", "20", "-s", "5", "-A", "2"]],
    ["-L", ["-L"]],
    ["-e with a chain", ["-e", "malloc+free-@libc.so*"]],
    ["-e with everything of the program but", ["-e", "@MAIN-str*"]],
    ["-e with an expression", ["-e", "/str[lt].*/@MAIN"]],
    ["-e with classes", ["-e", "[mf]*c@MAIN"]],
    ["-x of the program", ["-x", "main", "-L"]],
    ["-f", ["-f"]],
  ])("of options: %s", (_, options) =>
    compare([...config("calls"), ...options], { program: build("calls", "calls.c", ["gcc"]), env }),
  );

  test("of musl's loader", () => compare(config("calls"), { program: build("calls", "calls.c", ["musl-gcc"]), env }));

  test.each(["", "exec", "fork", "fault", "abort"])("of what happens to calls: %s", async (what) => {
    const program = build("events", "events.c", ["gcc"]);
    const run = { program, args: what === "" ? [] : [what], env };
    const lines = (seen: Seen): string[] => normal(seen.trace).map((line) => line.replace(/\b\d{4,7}\b/g, "PID"));
    expect(lines(await ours(config("events"), run))).toEqual(lines(await theirs(config("events"), run)));
  });

  test.each(["fork", "vfork", "thread"])("of each task under -f: %s", async (what) => {
    const run = { program: build("events", "events.c", ["gcc"]), args: [what], env };
    const byTask = (trace: string): Record<string, string[]> => {
      const lines: Record<string, string[]> = {};
      // Whose turn it is differs: what is cut in two by another's line is put together.
      for (const line of normal(trace)) {
        const [, task, text] = /^(PID\d+) (.*)/.exec(line) ?? [];
        const its = (lines[task as string] ??= []);
        const rest = /^<\.\.\. \w+ resumed> (.*)/.exec(text as string);
        const cut = its.findLastIndex((each) => / <(unfinished|no return) \.\.\.>$/.test(each));
        if (rest && cut >= 0) its[cut] = (its[cut] as string).replace(/ <[^<]*>$/, "") + rest[1];
        else its.push(text as string);
      }
      return lines;
    };
    const wanted = byTask((await theirs(["-f", ...config("events")], run)).trace);
    const seen = byTask((await ours(["-f", ...config("events")], run)).trace);
    const withoutPids = (tasks: Record<string, string[]>): string[][] =>
      Object.values(tasks).map((lines) =>
        lines.map((line) => line.replace(/\b\d{4,7}\b/g, "PID").replace(/ADDRESS\d+/g, "ADDRESS")),
      );
    expect(withoutPids(seen)).toEqual(withoutPids(wanted));
  });

  test("of values of every kind", async () => {
    const library = build("libvalues.so", "values-library.c", ["gcc", "-shared", "-fPIC", "-Wl,-soname,libvalues.so"]);
    const command = ["gcc", `-L${dirname(library)}`, "-lvalues", "-lm", `-Wl,-rpath,${dirname(library)}`];
    await compare(config("values"), { program: build("values", "values.c", command), env });
  });

  test("of a C++ program with an exception", async () => {
    const run = { program: build("exceptions", "exceptions.cc", ["g++", "-O1"]), env };
    // The arguments of functions nobody has told of are whatever registers hold.
    const names = (trace: string): string[] =>
      normal(trace).map((line) => line.replace(/\((?!char|unsigned|std|void).*/, ""));
    expect(names((await ours([], run)).trace)).toEqual(names((await theirs([], run)).trace));
    expect(names((await ours(["-C"], run)).trace)).toEqual(names((await theirs(["-C"], run)).trace));
  });
});

describe.skipIf(skipped)(`counts of real programs${skipped ? ` (skipped: ${skipped})` : ""}`, () => {
  const counts = (table: string): Map<string, number> =>
    new Map(
      [...table.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) (\S+)$/gm)].map(([, calls, name]) => [
        name as string,
        Number(calls),
      ]),
    );

  test.each([
    ["ls", ["-l", "/usr/lib"], []],
    ["bash", ["-c", "for i in 1 2 3; do echo $i; done; [[ a = a ]] && x=$(echo hi)"], ["malloc"]],
    ["awk", ["{ print length($0) }", "/etc/passwd"], ["memcpy"]],
    ["lua5.4", ["-e", "for i = 1, 50 do s = (s or '') .. i end print(#s)"], ["memcmp"]],
    ["sqlite3", [":memory:", "create table t(a); insert into t values(1); select * from t;"], []],
    // Some depend on how long a pid is, or on where things are in memory.
  ] as const)("%s", async (name, args, varying) => {
    const run = { program: `/usr/bin/${name}`, args, env };
    const wanted = counts((await theirs(["-c"], run)).trace);
    const seen = counts((await ours(["-c"], run)).trace);
    expect(wanted.size).toBeGreaterThan(5);
    for (const [symbol, calls] of wanted)
      if (!(varying as readonly string[]).includes(symbol))
        expect(`${symbol} ${seen.get(symbol)}`).toBe(`${symbol} ${calls}`);
  });
});

describe.skipIf(noCompiler)("what is wrong is said", () => {
  const run = (): ProgramRun => ({ program: build("calls", "calls.c", ["gcc"]), env });
  test.each([
    [["-z"], "tsltrace: invalid option -- 'z'\nTry 'tsltrace -h' for more information.\n", 1],
    [["-s", "x"], "tsltrace: Invalid argument to -s: 'x'.  Use integer >=0.\n", 1],
    [["-F", "/nowhere"], "tsltrace: Can't open '/nowhere': No such file or directory\n", 1],
    [["-e", "/[/"], "tsltrace: invalid pattern '/[/'\n", 1],
  ])("%j", async (options, message, status) => {
    const seen = await ours(options, run());
    expect([seen.stderr, seen.exit]).toEqual([message, status]);
  });

  test("a file of prototypes with mistakes: each line is named, the others count", async () => {
    const seen = await ours(["-F", join(PROGRAMS, "mistakes.conf"), "-e", "strlen"], run());
    const path = join(PROGRAMS, "mistakes.conf");
    expect(seen.stderr.split("\n").filter(Boolean)).toEqual([
      `${path}:2: error: bad identifier`,
      `${path}:3: error: unknown type around 'float80 f();'`,
      `${path}:4: error: unknown expression 'arg'`,
      `${path}:6: error: Redefinition of typedef 'twice'`,
    ]);
    expect(seen.trace).toContain('calls->strlen("./calls")');
  });

  test("prototypes in the user's home directory come before the tool's, unless -F names others", async () => {
    const home = mkdtempSync(join(tmpdir(), "tsltrace-home-"));
    try {
      writeFileSync(join(home, ".ltrace.conf"), "int strlen(addr);\n");
      const its = { ...run(), env: { ...env, HOME: home } };
      expect((await ours(["-e", "strlen@MAIN"], its)).trace).toMatch(/^calls->strlen\(0x[0-9a-f]+\) += 7$/m);
      expect((await ours(["-e", "strlen@MAIN", ...config("calls")], its)).trace).toContain('calls->strlen("./calls")');
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test("a static program without symbols", async () => {
    const program = build("calls", "calls.c", ["gcc", "-static", "-s"]);
    const seen = await ours([], { program, env });
    expect(seen.stderr).toMatch(/^tsltrace: \S+ is static and has no symbols: .*\n$/);
    expect(seen.trace).toBe("+++ exited (status 13) +++\n");
  });

  test("no such program", async () => {
    const seen = await ours(["./nothing"], run());
    expect([seen.stderr, seen.exit]).toEqual(["tsltrace: Cannot stat './nothing': No such file or directory\n", 1]);
  });
});
