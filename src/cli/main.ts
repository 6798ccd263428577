// The command: reads its arguments, runs the program, and ends as the program did.
import { UserError } from "../lib/errors.js";
import { normalise, UsageError } from "./getopt.js";

const HINT_STATUS = 1;

/** Runs the command line `argv` of a tool called `name`; what it returns is the exit status. */
export async function main(name: string, argv: readonly string[]): Promise<number> {
  const say = (message: string): void => {
    process.stderr.write(`${name}: ${message}\n`);
  };
  try {
    return await command(name, argv, say);
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

async function command(name: string, argv: readonly string[], say: (message: string) => void): Promise<number> {
  const { options: words, rest } = normalise(argv);
  if (words.includes("--help")) {
    const { helpText } = await import("./help.js");
    process.stdout.write(helpText(name));
    return 0;
  }
  if (words.includes("--version")) {
    const { VERSION } = await import("./version.js");
    process.stdout.write(`${name} -- version ${VERSION}\n`);
    return 0;
  }
  const { runCommand } = await import("./run.js");
  return runCommand(name, words, rest, say);
}
