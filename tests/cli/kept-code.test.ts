// What is kept of a program's code between runs changes nothing but their speed, and is nobody else's.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeptFiles } from "../../src/host/kept-files.js";
import { PROJECT_ROOT, runTraced, type Seen, TSSTRACE } from "../tool.js";

let home: string;
let alone: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "tsstrace-kept-"));
  alone = mkdtempSync(join(tmpdir(), "tsstrace-alone-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const directory of [home, alone]) rmSync(directory, { recursive: true });
});

/** Runs a sample where it lies: a copy would be another program. */
function run(name: string, env: Record<string, string>, ...options: string[]): Promise<Seen> {
  const program = join(PROJECT_ROOT, "samples/bin", name);
  return runTraced(TSSTRACE, ["--deterministic", ...options, program], {
    program,
    env: { XDG_RUNTIME_DIR: alone, ...env },
  });
}

const kept = (): string[] => readdirSync(join(home, "tsstrace"));
const caches = () => ({ XDG_CACHE_HOME: home });

test.each(["signals", "processes", "mmap", "time", "float", "registers"])(
  "%s: the same trace without it, with nothing kept, and with it",
  async (name) => {
    const without = await run(name, caches(), "-f", "--no-cache");
    expect(without.trace).not.toBe("");
    expect(readdirSync(home)).toEqual([]);
    expect(await run(name, caches(), "-f")).toEqual(without);
    expect(kept()).toHaveLength(1);
    expect(await run(name, caches(), "-f")).toEqual(without);
    expect(await run(name, caches(), "-f")).toEqual(without);
  },
);

/** Sorts so many names that code gets hot and is compiled. */
async function runHot(...options: string[]): Promise<Seen> {
  const names = join(alone, "names");
  if (!existsSync(names)) {
    mkdirSync(names);
    for (let n = 0; n < 300; n++) {
      writeFileSync(join(names, `name-${(n * 7919) % 1009}`), "");
      utimesSync(join(names, `name-${(n * 7919) % 1009}`), n, n);
    }
  }
  const program = join(PROJECT_ROOT, "samples/bin/list");
  return runTraced(TSSTRACE, ["--deterministic", ...options, program, names], {
    program,
    env: { XDG_RUNTIME_DIR: alone, ...caches() },
  });
}

test("compiled code is kept as well, and changes no trace", async () => {
  const without = await runHot("--no-cache");
  expect(without.stdout).toContain("name-0\n");
  for (let n = 0; n < 3; n++) expect(await runHot()).toEqual(without);
  expect(kept()).toHaveLength(2);
  for (const name of kept()) changed(join(home, "tsstrace", name), (bytes) => void (bytes[bytes.length >> 1] ^= 4));
  expect(await runHot()).toEqual(without);
  expect(await runHot()).toEqual(without);
});

test("a second run finds all it needs, and writes nothing", async () => {
  await run("cat", caches());
  const [name] = kept();
  const path = join(home, "tsstrace", name);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "tsstrace")).mode & 0o777).toBe(0o700);
  const { ino } = statSync(path);
  await run("cat", caches());
  expect(statSync(path).ino).toBe(ino);
});

test("several runs at once", async () => {
  const seen = await Promise.all(Array.from({ length: 4 }, () => run("processes", caches())));
  for (const each of seen) expect(each).toEqual(seen[0]);
  expect(kept()).toHaveLength(1);
});

test.each([
  ["a bit is wrong", (path: string) => changed(path, (bytes) => void (bytes[bytes.length >> 1] ^= 4))],
  [
    "many bits are",
    (path: string) => changed(path, (bytes) => bytes.forEach((_, n) => n % 97 === 50 && (bytes[n] ^= n))),
  ],
  ["its blocks are zeros", (path: string) => changed(path, (bytes) => bytes.fill(0, 4096))],
  ["its places are out of it", (path: string) => changed(path, (bytes) => bytes.fill(0x7f, 200, 20_000))],
  ["it is cut off", (path: string) => truncateSync(path, 30_000)],
  ["it is empty", (path: string) => truncateSync(path, 0)],
  ["others may write to it", (path: string) => chmodSync(path, 0o622)],
  [
    "it is a link",
    (path: string) => {
      renameSync(path, join(home, "aside"));
      symlinkSync(join(home, "aside"), path);
    },
  ],
  [
    "it is a directory",
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
])("a file is no trouble when %s", async (_, damage) => {
  const whole = await run("signals", caches());
  damage(join(home, "tsstrace", kept()[0]));
  expect(await run("signals", caches())).toEqual(whole);
});

function changed(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

test.each([
  ["there is no home", {}],
  ["the home is missing", { HOME: "/nowhere" }],
  ["nothing can be written there", { XDG_CACHE_HOME: "/proc" }],
  ["it is not wanted", { TSSTRACE_CACHE: "off" }],
])("nothing is kept when %s", async (_, env) => {
  const seen = await run("cat", "TSSTRACE_CACHE" in env ? { ...caches(), ...env } : env);
  expect(seen).toMatchObject({ exit: 0, stderr: "" });
  expect(readdirSync(home)).toEqual([]);
});

test("a directory that others can open is left alone", async () => {
  mkdirSync(join(home, "tsstrace"));
  chmodSync(join(home, "tsstrace"), 0o755);
  expect(await run("cat", caches())).toMatchObject({ exit: 0, stderr: "" });
  expect(kept()).toEqual([]);
});

test("below the home directory when there is no other place", async () => {
  await run("cat", { HOME: home });
  expect(readdirSync(join(home, ".cache/tsstrace"))).toHaveLength(1);
});

test("what was used longest ago goes when there is too much", () => {
  vi.stubEnv("XDG_CACHE_HOME", home);
  vi.stubEnv("TSSTRACE_CACHE", "");
  const files = KeptFiles.find();
  const old = Date.now() / 1000 - 10_000;
  for (let n = 0; n < 10; n++) {
    files?.write(`file${n}`, new Uint8Array(4));
    const path = join(home, "tsstrace", `file${n}`);
    truncateSync(path, 20 << 20);
    utimesSync(path, old + n, old + n);
  }
  expect(files?.read("file4")).toHaveLength(20 << 20);
  files?.write("another", new Uint8Array(4));
  expect(kept().sort()).toEqual(["another", "file4", "file5", "file6", "file7", "file8", "file9"]);
});
