// --record, --expect, --update and --diff: traces as golden files.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const HELLO = join(PROJECT_ROOT, "samples/bin/syscall-hello");

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-saved-"));
  file = join(directory, "saved");
});
afterEach(() => rmSync(directory, { recursive: true }));

function tool(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [node, ...words] = [...TSSTRACE, ...args];
  return spawnSync(node, words, {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, UNRELATED: `${args.length}` },
  });
}

test("a trace that is recorded is found again", () => {
  expect(tool(`--record=${file}`, "-e", "trace=open,write", HELLO).status).toBe(0);
  const saved = readFileSync(file, "utf8");
  expect(saved).toMatch(
    /^# tsstrace trace, made by \{.*\}\nopen\("tmp1", .*\nwrite\(3, .*\n\+\+\+ exited with 0 \+\+\+\n$/,
  );
  expect(tool(`--expect=${file}`)).toMatchObject({ status: 0, stdout: "write 3 return 17\n" });
  tool(`--record=${file}2`, "-e", "trace=open,write", HELLO);
  expect(readFileSync(`${file}2`, "utf8")).toBe(saved);
});

test("a difference is shown call by call, and can be accepted", () => {
  tool(`--record=${file}`, "-e", "trace=open,write", HELLO);
  const saved = readFileSync(file, "utf8");
  writeFileSync(file, saved.replace("17) ", "18) ").replace(/^open.*\n/m, ""));
  const { status, stdout } = tool(`--expect=${file}`);
  expect(status).toBe(1);
  expect(stdout).toContain(
    '+ open("tmp1", O_WRONLY|O_CREAT|O_APPEND|O_LARGEFILE, 0644) = 3\n' +
      '- write(3, "hello systemcall\\0", 18)      = 17\n' +
      '+ write(3, "hello systemcall\\0", 17)      = 17\n' +
      "                                  ^\n",
  );
  expect(stdout).toMatch(/\n2 differences\n$/);
  expect(tool(`--expect=${file}`, "--update").status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(saved);
});

test("two traces of strace's own are compared without their pids, times and addresses", () => {
  const one = join(directory, "one");
  writeFileSync(
    one,
    '10  12:00:01 openat(AT_FDCWD, "a", O_RDONLY) = 3 <0.000010>\n10  12:00:02 mmap(NULL, 4096) = 0x7f0000001000\n',
  );
  const two = join(directory, "two");
  writeFileSync(
    two,
    '222 13:10:01 openat(AT_FDCWD, "a", O_RDONLY) = 3 <0.000910>\n222 13:10:02 mmap(NULL, 4096) = 0x7f0000ff1000\n',
  );
  expect(tool("--diff", one, two)).toEqual(expect.objectContaining({ status: 0, stdout: "" }));
  writeFileSync(two, '222 13:10:01 openat(AT_FDCWD, "b", O_RDONLY) = 3\n222 13:10:03 close(3) = 0\n');
  const { status, stdout } = tool("--diff", one, two);
  expect([status, stdout]).toEqual([
    1,
    expect.stringMatching(/^- 10 .*"a".*\n\+ 222 .*"b".*\n +\^+\n- 10 .*mmap.*\n\+ 222 .*close.*\n3 differences\n$/),
  ]);
});

test("what cannot be compared is said in a line", () => {
  expect(tool("--diff", file, file)).toMatchObject({
    status: 1,
    stderr: `tsstrace: Can't open '${file}': No such file or directory\n`,
  });
  writeFileSync(file, "write(1) = 1\n");
  expect(tool(`--expect=${file}`).stderr).toBe(`tsstrace: ${file}: not made by --record\n`);
  writeFileSync(file, "# tsstrace trace, made by {}\n");
  expect(tool(`--expect=${file}`).stderr).toMatch(/does not say how the trace was made\n$/);
  expect(tool(`--record=${file}`).stderr).toMatch(/^tsstrace: must have PROG \[ARGS\]\n/);
});

/** A program in a directory of its own, and what it is run with. */
function treeOf(name: string, contents: string): string {
  const tree = join(directory, name);
  mkdirSync(tree, { recursive: true });
  copyFileSync("/bin/bash", join(tree, "shell"));
  writeFileSync(join(tree, "script"), contents);
  return tree;
}

function inTree(tree: string, ...args: string[]) {
  const [node, ...words] = [...TSSTRACE, ...args];
  return spawnSync(node, words, { cwd: tree, encoding: "utf8", env: { ...process.env, HOME: tree, PWD: tree } });
}

const SCRIPT = 'pwd; exec 3<script; read line <&3; [ -e "$PWD/none" ]; echo $line; cd /; echo "$OLDPWD"';

describe.skipIf(!existsSync("/bin/bash"))("a trace made in one directory", () => {
  const long = join("another", "place", "that has a name much longer than what strace shows of a string");
  const recipe = ["-f", "-y", "-e", "trace=!mmap"];

  test("is the same in another", () => {
    const [one, other] = [treeOf("one", SCRIPT), treeOf(long, SCRIPT)];
    expect(inTree(one, `--record=${file}`, ...recipe, "./shell", "script").status).toBe(0);
    const saved = readFileSync(file, "utf8");
    expect(saved).not.toContain(directory);
    expect(inTree(other, `--expect=${file}`)).toMatchObject({ status: 0, stderr: "" });
    expect(inTree(one, `--expect=${file}`).status).toBe(0);
  });

  test("shows the call that is another", () => {
    const [one, other] = [treeOf("one", SCRIPT), treeOf(long, SCRIPT.replace("/none", "/nine"))];
    inTree(one, `--record=${file}`, "-e", "trace=newfstatat,chdir", "./shell", "script");
    const { status, stdout } = inTree(other, `--expect=${file}`);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /\n- newfstatat\(AT_FDCWD, "<cwd>\/none", 0x[0-9a-f]+, 0\) = -1 ENOENT .*\n\+ newfstatat\(AT_FDCWD, "<cwd>\/nine", .*\n +\^+\n.*\n1 difference\n$/s,
    );
  });
});
