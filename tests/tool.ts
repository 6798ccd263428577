// Runs the built command line, or a real tracer, on a program in a directory of its own, and collects all that can be seen of it.
import { spawn } from "node:child_process";
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Also when it runs compiled, from build/tests. */
export const PROJECT_ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/build\/$/, "");
export const TSSTRACE: readonly string[] = [process.execPath, join(PROJECT_ROOT, "bin/tsstrace.js")];

/** Milliseconds. A loaded machine compiles C++ in one minute. */
const LONGEST_RUN = 120_000;

export interface ProgramRun {
  /** Host path of the program's file; it is copied into the directory it runs in. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly stdin?: string;
  /** The whole environment: nothing is inherited. */
  readonly env?: Record<string, string>;
}

export interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, or the name of the signal that killed the tracer. */
  readonly exit: number | string;
  /** What went to the trace file; empty when there is none. */
  readonly trace: string;
}

/** Runs the program itself. */
export function runNatively(run: ProgramRun): Promise<Seen> {
  return runProgram(run, (name) => [name]);
}

/** `tracer` and its options, then `-o FILE` and the program. */
export function runTraced(tracer: readonly string[], options: readonly string[], run: ProgramRun): Promise<Seen> {
  return runProgram(run, (name, trace) => [...tracer, "-o", trace, ...options, name]);
}

const TERMINAL_ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/nowhere",
  XDG_CACHE_HOME: "/tmp/cachework/xdg2",
  LANG: "C.UTF-8",
  USER: "root",
};

/** Runs a command in a copy of `directory`, with the environment a terminal would have. */
export function runCommandLine(command: readonly string[], directory: string): Promise<Seen> {
  return runIn(
    (copy) => cpSync(directory, copy, { recursive: true }),
    () => command,
    "",
    TERMINAL_ENVIRONMENT,
  );
}

/** The same, traced: the command is taken apart by bash, which the tracer is started from. */
export function runCommandLineTraced(
  tracer: readonly string[],
  options: readonly string[],
  command: string,
  directory: string,
): Promise<Seen> {
  return runIn(
    (copy) => cpSync(directory, copy, { recursive: true }),
    (trace) => ["/bin/bash", "-c", `exec "$@" ${command}`, "bash", ...tracer, "-o", trace, ...options],
    "",
    TERMINAL_ENVIRONMENT,
  );
}

function runProgram(run: ProgramRun, command: (name: string, trace: string) => string[]): Promise<Seen> {
  const name = basename(run.program);
  return runIn(
    (directory) => cpSync(run.program, join(directory, name)),
    (trace) => [...command(`./${name}`, trace), ...(run.args ?? [])],
    run.stdin ?? "",
    run.env ?? {},
  );
}

async function runIn(
  fill: (directory: string) => void,
  command: (trace: string) => readonly string[],
  stdin: string,
  env: Record<string, string>,
): Promise<Seen> {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-run-"));
  // Beside the directory, or the program would see them in it. Files, not pipes: they look the same to every program.
  const [trace, input, output, errors] = ["trace", "in", "out", "err"].map((name) => `${directory}.${name}`);
  writeFileSync(input, stdin);
  const stdio = [openSync(input, "r"), openSync(output, "w"), openSync(errors, "w")];
  try {
    fill(directory);
    const [file, ...args] = command(trace);
    const child = spawn(file, args, {
      cwd: directory,
      env,
      stdio,
      timeout: LONGEST_RUN,
      killSignal: "SIGKILL",
    });
    const exit = await new Promise<number | string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
    });
    if (exit === "SIGKILL") throw new Error(`${file} was killed: more than two minutes?`);
    return {
      stdout: readFileSync(output, "latin1"),
      stderr: readFileSync(errors, "latin1"),
      exit,
      trace: existsSync(trace) ? readFileSync(trace, "latin1") : "",
    };
  } finally {
    stdio.forEach(closeSync);
    for (const path of [directory, trace, input, output, errors]) rmSync(path, { recursive: true, force: true });
  }
}
