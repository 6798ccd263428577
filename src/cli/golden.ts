// --record, --expect and --diff: traces as files that a test compares with.

import { resolve } from "node:path";
import { UserError } from "../lib/errors.js";
import {
  compareTraces,
  diffText,
  exact,
  loose,
  type Normal,
  type Place,
  placesOf,
  readSavedTrace,
  type SavedTrace,
  withoutPlaces,
  writeSavedTrace,
} from "../session/saved-trace.js";
import { isTerminal } from "../session/trace-program.js";
import { UsageError } from "./getopt.js";
import { print } from "./print.js";

/** Options that say what is to be done with a trace, not what is in it. */
const NOT_PART_OF_IT = /^--(record|expect|update|color|output|output-append-mode|deterministic)(=|$)/;
/** Whoever runs it: the stack is where it was, and nothing of the user's is in the file. -E adds to it. */
export const FIXED_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin" };

/** Runs the program `words` with these options: its trace and exit status. */
export type RunTrace = (
  options: readonly string[],
  words: readonly string[],
) => Promise<{ text: string; status: number }>;

const DIFFERENT = 1;

function forbid(options: readonly string[]): void {
  for (const option of ["attach", "run", "format", "path", "output-separately"]) {
    if (options.some((word) => word === `--${option}` || word.startsWith(`--${option}=`))) {
      throw new UsageError(`--${option} cannot be combined with --record or --expect`);
    }
  }
}

export async function record(
  path: string,
  words: readonly string[],
  program: readonly string[],
  run: RunTrace,
): Promise<number> {
  if (program.length === 0) throw new UsageError("must have PROG [ARGS]");
  const options = [...words.filter((word) => !NOT_PART_OF_IT.test(word)), "--deterministic"];
  forbid(options);
  const { text, status } = await run(options, program);
  await writeSavedTrace(path, { options, program }, anywhere(text, options));
  return status;
}

/** What a program with these options must not see, or its trace would be another elsewhere. */
export function placesHere(options: readonly string[]): Place[] {
  const root = options.findLast((word) => word.startsWith("--root="))?.slice("--root=".length);
  return placesOf(process.cwd(), process.env.HOME, root === undefined ? undefined : resolve(root));
}

/** The trace as it is wherever it is made. */
function anywhere(text: string, options: readonly string[]): string {
  return text
    .split("\n")
    .map(withoutPlaces(placesHere(options)))
    .join("\n");
}

export async function expectTrace(
  path: string,
  update: boolean,
  program: readonly string[],
  run: RunTrace,
): Promise<number> {
  const saved = readSavedTrace(path);
  if (saved.recipe === undefined) throw new UserError(`${path}: not made by --record`);
  const { options } = saved.recipe;
  forbid(options);
  const words = program.length > 0 ? program : saved.recipe.program;
  const text = anywhere((await run(options, words)).text, options);
  const lines = text.split("\n").slice(0, -1);
  const difference = differenceOf(saved, { recipe: undefined, lines }, exact);
  if (difference === undefined) return 0;
  if (update) await writeSavedTrace(path, { options, program: words }, text);
  const status = await print(Buffer.from(difference, "latin1"));
  return status || (update ? 0 : DIFFERENT);
}

/** Pids, times and addresses of two traces may differ. */
export async function diffFiles(paths: readonly string[]): Promise<number> {
  if (paths.length !== 2) throw new UsageError("--diff compares two traces");
  const [first, second] = paths.map(readSavedTrace);
  const difference = differenceOf(first, second, loose);
  if (difference === undefined) return 0;
  return (await print(Buffer.from(difference, "latin1"))) || DIFFERENT;
}

function differenceOf(first: SavedTrace, second: SavedTrace, normal: Normal): string | undefined {
  return diffText(compareTraces(first.lines, second.lines, normal), isTerminal(1) && !process.env.NO_COLOR);
}
