// Guests that want too much, or out: they are answered as Linux answers, the host is untouched and the tool ends in order.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compilerMissing } from "../differential/compiled.js";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const NOBODY = 65534;
const missing = compilerMissing("glibc");

describe.skipIf(missing)(`hostile guests${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let directory = "";
  let program = "";

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "tsstrace-hostile-"));
    chmodSync(directory, 0o755);
    program = join(directory, "hostile");
    const source = join(PROJECT_ROOT, "tests/hostile/hostile.c");
    execFileSync("gcc", ["-static", "-O1", "-w", "-o", program, source], { stdio: "pipe" });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function run(options: readonly string[], args: readonly string[], uid?: number): { stdout: string; end: unknown } {
    const [file, ...words] = [...TSSTRACE, "--run", ...options, "--", program, ...args];
    const { stdout, stderr, status, signal } = spawnSync(file, words, {
      cwd: directory,
      encoding: "latin1",
      timeout: 55_000,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    expect(stderr).toBe("");
    return { stdout, end: signal ?? status };
  }

  test("a fork bomb finds an end, and ends at its own SIGKILL", () => {
    const seen = run(["--max-procs", "40"], ["fork-bomb"]);
    expect(seen).toEqual({ stdout: "0 children at most 39, then EAGAIN\n", end: "SIGKILL" });
  });

  test("a memory bomb is refused what cannot be, and killed", () => {
    const seen = run(["--max-memory", "64M"], ["memory-bomb"]);
    expect(seen).toEqual({ stdout: "all at once: ENOMEM\n", end: "SIGKILL" });
  });

  test("the memory of children counts too", () => {
    const seen = run(["--max-memory", "100M"], ["memory-of-children"]);
    expect(seen).toEqual({ stdout: "3, then ENOMEM\n", end: "SIGKILL" });
  });

  test("files have an end, and room comes back", () => {
    const seen = run(["--max-files", "100"], ["many-files"]);
    const lines = ["100 files, then ENOSPC", "mkdir ENOSPC, symlink ENOSPC, unlink ok, again ok", ""];
    expect(seen).toEqual({ stdout: lines.join("\n"), end: 0 });
  });

  test("what is written to files is memory", () => {
    const seen = run(["--max-memory", "64M"], ["large-file"]);
    const lines = ["ENOSPC, less than 64 MiB: 1", "truncated ok, written ok", "sparse: ok", ""];
    expect(seen).toEqual({ stdout: lines.join("\n"), end: 0 });
  });

  test("deep directories and circles of links", () => {
    const lines = ["3000 deep, getcwd ERANGE", "loop ok ok, ELOOP", "links of links ELOOP", ""];
    expect(run([], ["deep"])).toEqual({ stdout: lines.join("\n"), end: 0 });
  });

  test("no path leads out of --root", () => {
    const root = join(directory, "root");
    mkdirSync(join(root, "inside"), { recursive: true });
    cpSync(program, join(root, "hostile"));
    const secret = join(directory, "secret");
    writeFileSync(secret, "secret");
    const [file, ...words] = [...TSSTRACE, "--run", "--root", root, "--", "/hostile", "escape", secret];
    const { stdout, status } = spawnSync(file, words, { encoding: "latin1", timeout: 55_000 });
    expect({ answers: new Set(stdout.trim().split(" ").slice(0, 10)), status }).toEqual({
      answers: new Set(["ENOENT"]),
      status: 0,
    });
    expect(stdout.trim().split(" ").at(-1)).toBe("ENOENT");
  });

  test("the host's files stay as they are", () => {
    const file = join(directory, "file");
    writeFileSync(file, "what it was\n");
    linkSync(file, `${file}.other`);
    const before = statSync(file);
    const { stdout, end } = run([], ["changes", file]);
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "by descriptor ok",
      "hard link ok, by it ok",
      "chmod ok, rename ok, unlink ok",
    ]);
    expect(stdout).toMatch(/^parent's memory E/m);
    expect(end).toBe(0);
    expect(readFileSync(file, "latin1")).toBe("what it was\n");
    const { mode, mtimeMs, nlink, ctimeMs } = statSync(file);
    expect({ mode, mtimeMs, nlink, ctimeMs }).toEqual({
      mode: before.mode,
      mtimeMs: before.mtimeMs,
      nlink: before.nlink,
      ctimeMs: before.ctimeMs,
    });
    expect(
      readdirSync(directory)
        .filter((name) => name.startsWith("file"))
        .sort(),
    ).toEqual(["file", "file.other"]);
  });

  // Process 1 is there, and takes no signal, as on any Linux.
  test("signals reach nobody outside", () => {
    const seen = run([], ["killer", String(process.pid)]);
    expect(seen).toEqual({ stdout: "ESRCH ESRCH ok EPERM ok ok\nchild 9\n", end: 0 });
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot)(
    `files of others are not read${isRoot ? "" : " (skipped: only root can run it as somebody else)"}`,
    () => {
      const file = join(directory, "private");
      writeFileSync(file, "private", { mode: 0o600 });
      expect(run([], ["read", file], NOBODY)).toEqual({ stdout: "EACCES\n", end: 0 });
    },
  );
});
