// Terminals for tests: panes of a tmux of their own, typed into and read as a person would.
import { execFileSync } from "node:child_process";

const PATIENCE = 20_000; // milliseconds
const BETWEEN_LOOKS = 50;
/** Milliseconds after which nothing more is expected to be shown. */
const QUIET = 400;
/** A shell that is not interactive would not hand PS1 on. */
const SHELL = "exec env 'PS1=$ ' bash --norc --noprofile -i";

/** Why there can be no terminals here, or undefined. */
export function terminalMissing(): string | undefined {
  try {
    execFileSync("tmux", ["-V"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "no tmux";
  }
}

export class Terminals {
  static #made = 0;
  readonly #server = `tsstrace-test-${process.pid}-${Terminals.#made++}`;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #directory: string;
  #count = 0;

  /** Shells in them have this environment and begin in `directory`. */
  constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#environment = environment;
  }

  /** A terminal with a shell whose prompt is "$ ". */
  async open(columns: number, rows: number): Promise<Terminal> {
    const name = `terminal${this.#count++}`;
    const size = ["-x", String(columns), "-y", String(rows)];
    this.tmux("new-session", "-d", "-s", name, "-c", this.#directory, ...size, SHELL);
    const terminal = new Terminal(this, name);
    await terminal.shows(/^\$$/);
    return terminal;
  }

  tmux(...words: readonly string[]): string {
    const env = { ...this.#environment, LC_ALL: "C.UTF-8", HISTFILE: "/dev/null" };
    return execFileSync("tmux", ["-L", this.#server, "-f", "/dev/null", ...words], { env, encoding: "utf8" });
  }

  close(): void {
    if (this.#count > 0) this.tmux("kill-server");
  }
}

export class Terminal {
  readonly #terminals: Terminals;
  readonly #name: string;

  constructor(terminals: Terminals, name: string) {
    this.#terminals = terminals;
    this.#name = name;
  }

  /** Types a line. */
  type(line: string): void {
    this.strike(line);
    this.press("Enter");
  }

  /** Types text without ending the line. */
  strike(text: string): void {
    this.#terminals.tmux("send-keys", "-t", this.#name, "-l", "--", text);
  }

  /** A key by tmux's name for it: "C-c". */
  press(key: string): void {
    this.#terminals.tmux("send-keys", "-t", this.#name, key);
  }

  /** What is to be seen, without what has scrolled away; lines that the terminal has broken are whole, without blanks at their ends. */
  screen(): string {
    const text = this.#terminals.tmux("capture-pane", "-p", "-J", "-t", this.#name);
    return text.replace(/ +$/gm, "").trimEnd();
  }

  /** Clears the screen, and waits for the shell: what is typed before it reads is shown twice. */
  async clear(): Promise<void> {
    this.type("clear");
    await this.shows(/^\$$/);
  }

  /** Both screens, once they have shown the same for a while; as they are when that takes too long. */
  async agrees(other: Terminal): Promise<[string, string]> {
    let screens: [string, string] = [this.screen(), other.screen()];
    let same = 0;
    for (let waited = 0; waited < PATIENCE && same < QUIET; waited += BETWEEN_LOOKS) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
      const now: [string, string] = [this.screen(), other.screen()];
      same = now[0] === now[1] && now[0] === screens[0] ? same + BETWEEN_LOOKS : 0;
      screens = now;
    }
    return screens;
  }

  /** The screen, once it has what is waited for. */
  async shows(what: RegExp): Promise<string> {
    for (let waited = 0; ; waited += BETWEEN_LOOKS) {
      const screen = this.screen();
      if (what.test(screen)) return screen;
      if (waited > PATIENCE) throw new Error(`the screen never shows ${what}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
    }
  }
}
