// What cannot be run, written or understood: strace 7.2's words where it has some, else one line; never a stack trace, never a
// change on the host. The ELF files are made here from a good one.
import { spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const HINT = "Try 'tsstrace -h' for more information.\n";
const cat = readFileSync(join(PROJECT_ROOT, "samples/bin/cat"));
const directory = mkdtempSync(join(tmpdir(), "tsstrace-bad-"));

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, or the signal the tool died of. */
  readonly exit: number | string | null;
}

interface Streams {
  readonly stdout?: "pipe" | number;
  /** The reader of stdout goes away at once. */
  readonly closed?: boolean;
}

function run(words: readonly string[], { stdout = "pipe", closed = false }: Streams = {}): Promise<Seen> {
  const [file, ...args] = [...TSSTRACE, ...words];
  return new Promise((resolve, reject) => {
    const child = spawn(file as string, args, { cwd: directory, env: {}, stdio: ["ignore", stdout, "pipe"] });
    const texts = { stdout: "", stderr: "" };
    if (closed) child.stdout?.destroy();
    else child.stdout?.on("data", (bytes) => (texts.stdout += bytes));
    child.stderr?.on("data", (bytes) => (texts.stderr += bytes));
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ ...texts, exit: status ?? signal }));
  });
}

/** Offsets into the file header and into one of the 56-byte program headers that follow it. */
const HEADER = { class: 4, type: 16, machine: 18, entry: 24, phoff: 32, phentsize: 54, phnum: 56 } as const;
const SEGMENT = { type: 0, flags: 4, offset: 8, vaddr: 16, filesz: 32, memsz: 40 } as const;
const segment = (index: number, field: keyof typeof SEGMENT): number => 64 + 56 * index + SEGMENT[field];
const PT_INTERP = 3;

interface Patch {
  readonly at: number;
  readonly value: number | bigint;
}
const small = (at: number, value: number): Patch => ({ at, value });
const wide = (at: number, value: bigint): Patch => ({ at, value });

function patched(patches: readonly Patch[]): Buffer {
  const bytes = Buffer.from(cat);
  for (const { at, value } of patches) {
    if (typeof value === "bigint") bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
    else bytes.writeUInt16LE(value, at);
  }
  return bytes;
}

function withInterpreter(path: string): Buffer {
  const bytes = patched([
    small(segment(3, "type"), PT_INTERP),
    small(segment(3, "type") + 2, 0),
    wide(segment(3, "offset"), BigInt(cat.length)),
    wide(segment(3, "filesz"), BigInt(path.length + 1)),
  ]);
  return Buffer.concat([bytes, Buffer.from(`${path}\0`)]);
}

function place(name: string, bytes: string | Uint8Array, mode = 0o755): string {
  writeFileSync(join(directory, name), bytes);
  chmodSync(join(directory, name), mode);
  return name;
}

/** Every file below the directory with its contents. */
const tree = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory).map((name) => {
      const path = join(directory, name);
      const status = lstatSync(path);
      return [name, status.isFile() ? readFileSync(path).toString("latin1") : `mode ${status.mode}`];
    }),
  );
const before: Record<string, string> = {};

const execFails = (name: string, error: string, message: string): string =>
  `execve("./${name}", ["./${name}"], 0xADDRESS /* 0 vars */) = -1 ${error} (${message})\n`;
const refused = (name: string, error: string, message: string): string =>
  `${execFails(name, error, message)}tsstrace: exec: ${message}\n+++ exited with 1 +++\n`;
const started = (name: string): string => `execve("./${name}", ["./${name}"], 0xADDRESS /* 0 vars */) = 0\n`;

const NOEXEC = ["ENOEXEC", "Exec format error"] as const;
const INVALID = ["EINVAL", "Invalid argument"] as const;
const NOMEM = ["ENOMEM", "Cannot allocate memory"] as const;

const refusals: readonly (readonly [name: string, contents: string | Uint8Array, error: readonly [string, string]])[] =
  [
    ["no-elf", "hello\n", NOEXEC],
    ["empty", "", NOEXEC],
    ["cut-in-header", cat.subarray(0, 60), NOEXEC],
    ["cut-in-segments", cat.subarray(0, 100), NOEXEC],
    ["arm64", patched([small(HEADER.machine, 183)]), NOEXEC],
    ["i386", patched([small(HEADER.machine, 3)]), NOEXEC],
    ["relocatable", patched([small(HEADER.type, 1)]), NOEXEC],
    ["segments-far-away", patched([wide(HEADER.phoff, 1n << 63n)]), NOEXEC],
    ["segments-beyond-end", patched([wide(HEADER.phoff, 0x100000n)]), NOEXEC],
    ["too-many-segments", patched([small(HEADER.phnum, 0xffff)]), NOEXEC],
    ["no-segments", patched([small(HEADER.phnum, 0)]), NOEXEC],
    ["odd-segments", patched([small(HEADER.phentsize, 55)]), NOEXEC],
    ["interpreter-missing", withInterpreter("/lib/no-such-ld.so"), ["ENOENT", "No such file or directory"]],
    ["interpreter-directory", withInterpreter("/"), ["EACCES", "Permission denied"]],
    ["interpreter-too-long", withInterpreter(`/${"x".repeat(5000)}`), NOEXEC],
  ];

const deadly: readonly (readonly [name: string, contents: Uint8Array, error: readonly [string, string]])[] = [
  ["cut-in-data", cat.subarray(0, 5000), ["EFAULT", "Bad address"]],
  ["memory-2-60", patched([wide(segment(1, "memsz"), 1n << 60n)]), NOMEM],
  ["memory-2-40", patched([wide(segment(1, "memsz"), 1n << 40n)]), NOMEM],
  ["memory-negative", patched([wide(segment(1, "memsz"), -1n)]), NOMEM],
  ["file-above-memory", patched([wide(segment(1, "filesz"), 0x10000n)]), INVALID],
  ["in-kernel", patched([wide(segment(0, "vaddr"), 0xffff_8000_0000_0000n)]), NOMEM],
  ["offset-unaligned", patched([wide(segment(0, "offset"), 0x123n)]), INVALID],
  ["entry-in-kernel", patched([wide(HEADER.entry, 0xffff_ffff_8100_0000n)]), INVALID],
];

const crashes: readonly (readonly [name: string, contents: Uint8Array, siginfo: string])[] = [
  ["overlapping", patched([wide(segment(1, "vaddr"), 0x400fc8n)]), "si_code=SEGV_ACCERR, si_addr=0x40021f"],
  ["entry-outside", patched([wide(HEADER.entry, 0x10n)]), "si_code=SEGV_MAPERR, si_addr=0x10"],
];

beforeAll(() => {
  for (const [name, contents] of [...refusals, ...deadly, ...crashes]) place(name, contents);
  place("cat", cat);
  place("not-executable", cat, 0o644);
  mkdirSync(join(directory, "directory"));
  symlinkSync("itself", join(directory, "itself"));
  Object.assign(before, tree());
});

afterAll(() => rmSync(directory, { recursive: true }));

async function seen(words: readonly string[], streams?: Streams): Promise<Seen> {
  const result = await run(words, streams);
  return { ...result, stderr: result.stderr.replace(/0x7ff[0-9a-f]+/g, "0xADDRESS") };
}

describe.concurrent("programs", () => {
  test.each([
    ["./nowhere", "tsstrace: Cannot stat './nowhere': No such file or directory\n"],
    ["nowhere", "tsstrace: Cannot find executable 'nowhere'\n"],
    ["./cat/x", "tsstrace: Cannot stat './cat/x': Not a directory\n"],
    ["./itself", "tsstrace: Cannot stat './itself': Too many levels of symbolic links\n"],
    ["./directory", refused("directory", "EACCES", "Permission denied")],
    ["./not-executable", refused("not-executable", "EACCES", "Permission denied")],
  ])("%s", async (name, stderr) => {
    expect(await seen([name])).toEqual({ stdout: "", stderr, exit: 1 });
  });

  test.each(refusals)("%s is refused", async (name, _, [error, message]) => {
    expect(await seen([`./${name}`])).toEqual({ stdout: "", stderr: refused(name, error, message), exit: 1 });
  });

  test.each(deadly)("%s fails when the old program is gone", async (name, _, [error, message]) => {
    const stderr = `${execFails(name, error, message)}+++ killed by SIGSEGV +++\n`;
    expect(await seen([`./${name}`])).toEqual({ stdout: "", stderr, exit: "SIGSEGV" });
  });

  test.each(crashes)("%s starts and crashes", async (name, _, siginfo) => {
    const stderr = `${started(name)}--- SIGSEGV {si_signo=SIGSEGV, ${siginfo}} ---\n+++ killed by SIGSEGV +++\n`;
    expect(await seen([`./${name}`])).toEqual({ stdout: "", stderr, exit: "SIGSEGV" });
  });

  test("without a tracer the reason is said too", async () => {
    const stderr = "tsstrace: exec: Exec format error\n";
    expect(await seen(["--run", "./no-elf"])).toEqual({ stdout: "", stderr, exit: 1 });
  });
});

test.each([
  [[], `must have PROG [ARGS] or -p PID\n${HINT}`],
  [["--no-such-option", "./cat"], `unrecognized option '--no-such-option'\n${HINT}`],
  [["-j", "./cat"], `invalid option -- 'j'\n${HINT}`],
  [["-o"], `option requires an argument -- 'o'\n${HINT}`],
  [["-s", "x", "./cat"], `invalid -s argument: 'x'\n${HINT}`],
  [["-e", "trace=nothing", "./cat"], "invalid system call 'nothing'\n"],
  [["-o", "/no-such-directory/x", "./cat"], "Can't fopen '/no-such-directory/x': No such file or directory\n"],
  [["-o", "directory", "./cat"], "Can't fopen 'directory': Is a directory\n"],
  [["-ff", "-o", "|cat", "./cat"], `piping the output and -ff/--output-separately are mutually exclusive\n${HINT}`],
])("%j", async (words, message) => {
  expect(await seen(words)).toEqual({ stdout: "", stderr: `tsstrace: ${message}`, exit: 1 });
});

describe("what cannot be written", () => {
  const full = existsSync("/dev/full") ? openSync("/dev/full", "w") : undefined;
  afterAll(() => full !== undefined && closeSync(full));
  const noSpace = "No space left on device\n";

  test.skipIf(full === undefined)("a trace on a full disk: the program runs to its end", async () => {
    const result = await seen(["-o", "/dev/full", "./cat", "no-elf"]);
    expect(result).toEqual({ stdout: "hello\n", stderr: `tsstrace: /dev/full: ${noSpace}`, exit: 1 });
  });

  test.skipIf(full === undefined)("help on a full disk", async () => {
    const result = await seen(["-h"], { stdout: full as number });
    expect(result).toEqual({ stdout: "", stderr: `tsstrace: write error: ${noSpace}`, exit: 1 });
  });

  test("help nobody reads", async () => {
    expect(await seen(["-h"], { closed: true })).toMatchObject({ stderr: "", exit: 141 });
  });

  test.skipIf(full === undefined)("the program's own output on a full disk is the program's affair", async () => {
    const { stderr } = await seen(["-e", "trace=write", "./cat", "no-elf"], { stdout: full as number });
    expect(stderr).toMatch(/^write\(1, "hello\\n", 6\) += -1 ENOSPC \(No space left on device\)\n/);
  });

  test("a closed pipe kills the program, and the tracer after it", async () => {
    const { stderr, exit } = await seen(["-e", "trace=write", "./cat", "no-elf"], { closed: true });
    expect(stderr).toMatch(/^write\(1, "hello\\n", 6\) += -1 EPIPE \(Broken pipe\)\n--- SIGPIPE \{.*si_code=SI_USER/);
    expect(stderr).toMatch(/\+\+\+ killed by SIGPIPE \+\+\+\n$/);
    expect(exit).toBe("SIGPIPE");
  });
});

test("none of this has left anything behind", () => {
  expect(tree()).toEqual(before);
});
