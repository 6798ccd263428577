// The same program traced twice gives the same trace, byte for byte: always, unless it asks for the time or for randomness, and
// with --deterministic even then.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PROJECT_ROOT, runTraced, type Seen, TSSTRACE } from "../tool.js";

/** No other machine is found there: pids of one that is alone are always the same. */
const alone = { XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "tsstrace-alone-")) };
afterAll(() => rmSync(alone.XDG_RUNTIME_DIR, { recursive: true }));

const run = (options: readonly string[], name: string, ...args: string[]): Promise<Seen> =>
  runTraced(TSSTRACE, options, { program: join(PROJECT_ROOT, "samples/bin", name), args, env: alone });

/** cat reads random bytes once; the second time it is told that this was all. */
const random = (...options: string[]): Promise<Seen> =>
  run([...options, "-e", "inject=read:retval=0:when=2"], "cat", "/dev/urandom");

test.each([
  [[], "signals"],
  [["-f", "-e", "signal=!SIGCHLD"], "processes"],
  [["-v", "-i"], "mmap"],
  [["--deterministic"], "time"],
  [["--deterministic", "-f", "-v"], "processes"],
  [["--deterministic", "--aslr=7"], "mmap"],
])("%j %s", async (options, name) => {
  const first = await run(options, name);
  const second = await run(options, name);
  expect(first.trace).not.toBe("");
  expect(second).toEqual(first);
});

test("random bytes come from the seed", async () => {
  const [first, second, other, entropy] = await Promise.all([
    random("--deterministic", "--seed=1"),
    random("--deterministic", "--seed=1"),
    random("--deterministic", "--seed=2"),
    random(),
  ]);
  expect(first.stdout).toHaveLength(16384);
  expect(second).toEqual(first);
  expect(other.trace).not.toBe(first.trace);
  expect(entropy.trace).not.toBe(first.trace);
});
