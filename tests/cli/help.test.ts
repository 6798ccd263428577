// The help has every option, and strace's in strace's form and order; --tips and -u.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { helpText, versionText } from "../../src/cli/help.js";
import { optionTable } from "../../src/cli/option-table.js";
import { findOracleStrace } from "../oracle-strace.js";
import { TSSTRACE } from "../tool.js";

function tool(...args: string[]) {
  const [node, ...words] = [...TSSTRACE, ...args];
  return spawnSync(node, words, { encoding: "utf8" });
}

test("it has every option", () => {
  const text = helpText("tsstrace");
  for (const { name, short } of optionTable) {
    if (!["expression", "pid-names"].includes(name)) expect(text).toMatch(new RegExp(`--${name}(?![-\\w])`));
    if (short !== undefined) expect(text).toMatch(new RegExp(`^  -${short}[, ]`, "m"));
  }
  expect(text.split("\n").filter((line) => line.length > 95)).toEqual([]);
});

const oracle = findOracleStrace();

test.skipIf("missing" in oracle)("what strace has is as in strace's", () => {
  if ("missing" in oracle) return;
  const { stdout } = spawnSync(oracle.command[0], [...oracle.command.slice(1), "-h"], { encoding: "utf8" });
  // Sections, and options as they are typed; what is said of them begins in column 17.
  const forms = (text: string): string[] =>
    text.split("\n").flatMap((line) => {
      if (/^[A-Z][a-z ]+:$/.test(line)) return [line];
      if (!/^ {2,3}-/.test(line)) return [];
      return [line[16] === " " ? line.slice(0, 16).trimEnd() : line];
    });
  const ours = forms(helpText("strace"));
  let at = 0;
  for (const line of forms(stdout)) {
    const found = ours.indexOf(line, at);
    expect(found, line).toBeGreaterThanOrEqual(at);
    at = found + 1;
  }
  expect(versionText("strace").split("\n")).toHaveLength(6);
});

test("a tip at the end, when asked", () => {
  if (!existsSync("/bin/true")) return;
  const run = (tips: string) => tool(tips, "-qq", "-e", "trace=none", "/bin/true");
  expect(run("--tips=id:1").stderr).toMatch(/^ {2}\+-+\+\n( {2}\| .{46} \|\n)+ {2}\+-+\+\n$/);
  expect(run("--tips=1,full").stderr).toBe(run("--tips=id:1").stderr);
  expect(run("--tips=none").stderr).toBe("");
  expect(run("--tips=format:x").stderr).toMatch(/^tsstrace: invalid --tips argument: 'format:x'\n/);
});

test.skipIf(process.getuid?.() !== 0 || !existsSync("/usr/bin/id"))("-u runs the program as somebody else", () => {
  expect(tool("--run", "-u", "nobody", "/usr/bin/id", "-un").stdout).toBe("nobody\n");
  expect(tool("--run", "-u", "12:34", "/usr/bin/id", "-u").stdout).toBe("12\n");
  expect(tool("-u", "12:x", "/usr/bin/id").stderr).toBe("tsstrace: Invalid UID:GID pair '12:x'\n");
  expect(tool("-u", "nosuchuser", "/usr/bin/id").stderr).toBe("tsstrace: Cannot find user 'nosuchuser'\n");
});
