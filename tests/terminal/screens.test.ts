// Programs that own the terminal: after each key the screen is what it is when they run without us.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TSSTRACE } from "../tool.js";
import { type Terminal, Terminals, terminalMissing } from "./terminal.js";

/** Text is typed as it is; a key has tmux's name. */
type Keys = string | { readonly key: string };
const key = (name: string): Keys => ({ key: name });
const ENTER = key("Enter");

/** What is typed between two looks at the screen. */
type Steps = readonly (readonly Keys[])[];

const SCREENS: Readonly<Record<string, { readonly command: string; readonly steps: Steps }>> = {
  less: {
    command: "less numbers",
    steps: [
      [key("Space")],
      ["/line 42", ENTER],
      ["n"],
      [key("Down"), key("Down")],
      ["G"],
      ["g"],
      ["-N", ENTER],
      ["25", key("j")],
      ["&7$", ENTER],
      ["q"],
    ],
  },
  vim: {
    command: "vim -u NONE -i NONE -n numbers",
    steps: [
      [":set number ruler", ENTER],
      ["ihello", key("Escape")],
      ["5G3dd"],
      [":silent undo", ENTER],
      [":%s/line/row/g", ENTER],
      ["yy10p"],
      ["/row 31", ENTER],
      ["Vjj~"],
      [":split", ENTER],
      [key("C-w"), "w", "G"],
      [":wqa", ENTER],
      ["cat numbers | tail -3", ENTER],
    ],
  },
  bash: {
    command: "bash --norc --noprofile -i",
    steps: [
      ["for i in 1 2 3; do echo $i; done", ENTER],
      ["cat", ENTER],
      ["seen twice", ENTER],
      [key("C-z")],
      ["jobs", ENTER],
      ["fg", ENTER],
      ["again", ENTER],
      [key("C-d")],
      ["echo not this", key("C-c")],
      [key("Up"), key("Up"), key("Up"), ENTER],
      ["echo num", key("Tab"), ENTER],
      ["sleep 100", ENTER, key("C-c")],
      ["echo $?", ENTER],
      ["stty -a | tail -2", ENTER],
      ["read -s -p 'secret: ' it; echo got $it", ENTER, "hidden", ENTER],
      ["exit 3", ENTER],
      ["echo $?", ENTER],
    ],
  },
};

const isThere = (program: string): boolean => {
  try {
    execFileSync("which", [program], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
};

let directories: string[];
let native: Terminals;
let ours: Terminals;

/** Terminals in a directory of their own, where what is typed as `$RUN` is `run`. */
function terminalsWith(run: string): Terminals {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-screens-"));
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n + 1}\n`);
  writeFileSync(join(directory, "numbers"), lines.join(""));
  directories.push(directory);
  return new Terminals(directory, { PATH: process.env.PATH, HOME: directory, XDG_RUNTIME_DIR: directory, RUN: run });
}

beforeEach(() => {
  directories = [];
  native = terminalsWith("");
  ours = terminalsWith([...TSSTRACE, "--run", "--rw", "."].join(" "));
});

afterEach(() => {
  for (const terminals of [native, ours]) terminals.close();
  for (const directory of directories) rmSync(directory, { recursive: true });
});

async function start(terminals: Terminals, command: string): Promise<Terminal> {
  const terminal = await terminals.open(80, 24);
  await terminal.clear();
  terminal.type(`$RUN ${command}`);
  return terminal;
}

function strike(terminal: Terminal, keys: readonly Keys[]): void {
  for (const one of keys) {
    if (typeof one === "string") terminal.strike(one);
    else terminal.press(one.key);
  }
}

const missing = terminalMissing();
describe.skipIf(missing !== undefined)(`screens${missing ? ` (${missing})` : ""}`, () => {
  for (const [program, { command, steps }] of Object.entries(SCREENS))
    test.skipIf(!isThere(program))(program, { timeout: 120_000 }, async () => {
      const [one, other] = [await start(native, command), await start(ours, command)];
      for (const keys of [[], ...steps]) {
        for (const terminal of [one, other]) strike(terminal, keys);
        const [expected, screen] = await one.agrees(other);
        expect(screen, `after ${JSON.stringify(keys)}`).toBe(expected);
      }
    });

  test.skipIf(!isThere("top"))("top", { timeout: 60_000 }, async () => {
    const terminal = await start(ours, "top");
    const screen = await terminal.shows(/PID USER .*COMMAND\n.*\btop$/m);
    expect(screen).toMatch(/^top - [\d:]+ up /);
    expect(screen).toMatch(/^Tasks: +1 total, +1 running/m);
    terminal.press("q");
    await terminal.shows(/^\$$/m);
    terminal.type("echo status $?");
    await terminal.shows(/^status 0$/m);
  });
});
