// --commit: the host's tree afterwards is what the same commands make of it natively; without it the tree stays as it was.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TSSTRACE } from "../tool.js";

const CHANGES = `
  echo new > made; mkdir -p deep/er/est; echo x > deep/er/est/file; ln -s est deep/er/link
  echo more >> grown; echo short > cut; chmod 751 mode; touch -d 2001-02-03 old
  rm gone; rm -r tree/away; mv tree moved; echo again > moved/inside; mv swap1 t; mv swap2 swap1; mv t swap2
  ln hard1 hard2; ln made made2; rm replaced; mkdir replaced; echo y > replaced/y
  mv file-over target; truncate -s 100000 sparse; printf z | dd of=grown bs=1 seek=50 conv=notrunc 2>/dev/null
`;
const LIST =
  "find . -mindepth 1 -printf '%P %y %m %n %s %l\\n' | sed 's/\\(d [0-9]* \\)[0-9]* [0-9]*/\\1/' | sort; find . -type f -exec sha256sum {} + | sort; stat -c %Y old";
const unavailable = process.platform === "linux" && process.arch === "x64" ? "" : "the oracle is native Linux x86-64";

describe.skipIf(unavailable)(`--commit${unavailable && ` (skipped: ${unavailable})`}`, () => {
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tsstrace-commit-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function fixture(name: string): string {
    const root = join(directory, name);
    mkdirSync(join(root, "tree/away"), { recursive: true });
    const files = [
      "grown",
      "cut",
      "mode",
      "old",
      "gone",
      "tree/inside",
      "tree/other",
      "tree/away/file",
      "swap1",
      "swap2",
    ];
    for (const file of [...files, "hard1", "replaced", "file-over", "target", "sparse", "untouched"])
      writeFileSync(join(root, file), `this is ${file}\n`);
    return root;
  }

  function shell(cwd: string, script: string, tool: readonly string[] = []): string {
    const [file, ...args] = [...tool, "bash", "-c", `umask 022; ${script}`];
    const { stdout, stderr, status } = spawnSync(file, args, { cwd, encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    return stdout;
  }

  test("the tree becomes what it is natively", () => {
    const [native, committed] = [fixture("native"), fixture("committed")];
    shell(native, CHANGES);
    shell(committed, CHANGES, [...TSSTRACE, "--run", "--commit"]);
    expect(shell(committed, LIST)).toBe(shell(native, LIST));
  });

  test("without it nothing changes", () => {
    const root = fixture("untouched");
    const before = shell(root, LIST);
    shell(root, CHANGES, [...TSSTRACE, "--run"]);
    expect(shell(root, LIST)).toBe(before);
  });

  test("when something cannot be made, nothing is changed and it is said", () => {
    const root = fixture("refused");
    const before = shell(root, LIST);
    const [file, ...args] = [...TSSTRACE, "--run", "--commit", "bash", "-c", "mkfifo pipe; echo x > made; rm gone"];
    const { stderr, status } = spawnSync(file, args, { cwd: root, encoding: "utf8" });
    expect({ stderr, status }).toEqual({
      stderr: `tsstrace: cannot commit ${join(root, "pipe")}: EOPNOTSUPP\n`,
      status: 1,
    });
    expect(shell(root, LIST)).toBe(before);
    expect(readFileSync(join(root, "gone"), "utf8")).toBe("this is gone\n");
  });
});
