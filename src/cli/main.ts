// The command: reads its arguments, runs the program, and ends as the program did.
import { UserError } from "../lib/errors.js";
import { normalise, UsageError } from "./getopt.js";

const HINT_STATUS = 1;

const valuesOf = (words: readonly string[], option: string): string[] =>
  words.filter((word) => word.startsWith(`--${option}=`)).map((word) => word.slice(option.length + 3));

type Say = (message: string) => void;

/** Runs the command line `argv` of a tool called `name`; what it returns is the exit status. */
export function main(name: string, argv: readonly string[]): Promise<number> {
  return run(name, (say) => command(name, argv, say));
}

/** The same for tsltrace. */
export function ltrace(name: string, argv: readonly string[]): Promise<number> {
  return run(name, async (say) => {
    const { ltraceCommand } = await import("./ltrace.js");
    return ltraceCommand(name, argv, say);
  });
}

async function run(name: string, work: (say: Say) => Promise<number>): Promise<number> {
  const say = (message: string): void => {
    // When it cannot be written to, there is nobody to tell.
    if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {});
    process.stderr.write(`${name}: ${message}\n`);
  };
  try {
    return await work(say);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message}\nTry '${name} -h' for more information.`);
      return HINT_STATUS;
    }
    if (error instanceof UserError) {
      say(error.message);
      return error.exitStatus;
    }
    say(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    return HINT_STATUS;
  }
}

async function command(name: string, argv: readonly string[], say: Say): Promise<number> {
  const { options: words, rest } = normalise(argv);
  if (words.includes("--help")) {
    const { helpText } = await import("./help.js");
    const { print } = await import("./print.js");
    return print(helpText(name));
  }
  if (words.includes("--version")) {
    const { versionText } = await import("./help.js");
    const { print } = await import("./print.js");
    return print(versionText(name));
  }
  if (words.includes("--syscalls")) {
    const { syscallsText } = await import("./syscalls.js");
    const { print } = await import("./print.js");
    return print(syscallsText(words.includes("--json")));
  }
  if (words.includes("--ps")) {
    const { processesText } = await import("./machines.js");
    const { print } = await import("./print.js");
    return print(await processesText(words.includes("--json")));
  }
  if (words.includes("--msrs")) {
    const { msrsText } = await import("./msrs.js");
    const { print } = await import("./print.js");
    const { kernelConfig } = await import("./kernel-config.js");
    return print(msrsText(words.includes("--json"), kernelConfig(valuesOf(words, "kernel-config"))));
  }
  const files = valuesOf(words, "cat");
  if (files.length > 0) {
    const { printFiles } = await import("./machines.js");
    return printFiles(files, valuesOf(words, "watch").at(-1));
  }
  const { runCommand } = await import("./run.js");
  return runCommand(name, words, rest, say);
}
