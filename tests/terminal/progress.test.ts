// While a trace goes to a file the terminal says how far it is; what the program writes there, and what remains in the end, is as without.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../tool.js";
import { type Terminal, Terminals, terminalMissing } from "./terminal.js";

const PERL = "/usr/bin/perl";
const LINE = /^tsstrace: \d+ calls, \d+\/s$/m;
const WORKING = `perl -e 'for (1..3) { print STDERR "step $_\\n"; getppid for 1..400000 }'`;

let directory: string;
let terminals: Terminals;
let user: Terminal;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-progress-"));
  const PATH = `${join(PROJECT_ROOT, "bin")}:${process.env.PATH}`;
  terminals = new Terminals(directory, { ...process.env, PATH, XDG_RUNTIME_DIR: directory, HOME: directory });
  user = await terminals.open(80, 24);
});

afterEach(() => {
  terminals.close();
  rmSync(directory, { recursive: true });
});

const missing = terminalMissing() ?? (existsSync(PERL) ? undefined : "no perl");

describe.skipIf(missing)(`the line${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test("is there, and gone in the end", async () => {
    user.type(`tsstrace.js -o trace -e trace=getppid ${WORKING}`);
    await user.shows(LINE);
    const screen = await user.shows(/step 3\n\$$/);
    expect(screen.split("\n").slice(1)).toEqual(["step 1", "step 2", "step 3", "$"]);
    expect(readFileSync(join(directory, "trace"), "utf8").match(/^getppid\(\)/gm)).toHaveLength(1_200_000);
  });

  test.each([
    ["-q", "tsstrace.js -q -o trace -e trace=getppid"],
    ["a program that reads the terminal", "tsstrace.js -o trace bash -c 'read -p name? name; exec \"$@\"' x"],
  ])("is not there with %s", async (_, command) => {
    user.type(`${command} ${WORKING}; echo done`);
    if (command.includes("read")) {
      await user.shows(/^name\?$/m);
      user.press("Enter");
    }
    const screens: string[] = [];
    for (let screen = ""; !/^done$/m.test(screen); screens.push(screen)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      screen = user.screen();
    }
    expect(screens.filter((screen) => LINE.test(screen))).toEqual([]);
  });

  test("is not written to a file", async () => {
    user.type(`tsstrace.js -o trace -e trace=getppid ${WORKING} 2>errors; echo done`);
    await user.shows(/^done$/m);
    expect(readFileSync(join(directory, "errors"), "utf8")).toBe("step 1\nstep 2\nstep 3\n");
  });

  test("counts the calls of programs that ran before", async () => {
    const other = await terminals.open(80, 24);
    other.type("tsstrace.js --run perl -e 'getppid while 1'");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    user.type("tsstrace.js -o trace -p 1000");
    await user.shows(LINE);
    user.press("C-c");
    const screen = await user.shows(/detached/);
    expect(screen.split("\n").slice(1, 3)).toEqual([
      "tsstrace: Process 1000 attached",
      expect.stringMatching(/^(\^C)?tsstrace: Process 1000 detached$/),
    ]);
    other.press("C-c");
    await other.shows(/\^C\n\$$/);
  });
});
