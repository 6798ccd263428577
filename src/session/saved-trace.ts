// Traces kept in files: the text of the trace, below a line that says how it was made, so that it can be made again.
import { openOutput, readText } from "../host/trace-output.js";
import { UserError } from "../lib/errors.js";

export { compareTraces, diffText, exact, loose, type Normal } from "../strace/trace-diff.js";

export { type Place, placesOf, renamingOf, withoutPlaces } from "./places.js";

const MARK = "# tsstrace trace, made by ";

export interface Recipe {
  /** Options, normalised. */
  readonly options: readonly string[];
  readonly program: readonly string[];
}

export interface SavedTrace {
  /** Undefined for a trace that something else has made. */
  readonly recipe: Recipe | undefined;
  readonly lines: readonly string[];
}

export function readSavedTrace(path: string): SavedTrace {
  const [head, ...rest] = readText(path).split("\n");
  const isOurs = head.startsWith(MARK);
  const lines = isOurs ? rest : [head, ...rest];
  if (lines.at(-1) === "") lines.pop();
  return { recipe: isOurs ? recipeOf(head.slice(MARK.length), path) : undefined, lines };
}

function recipeOf(text: string, path: string): Recipe {
  try {
    const { options, program } = JSON.parse(Buffer.from(text, "latin1").toString());
    const isText = (each: unknown): boolean => typeof each === "string";
    if (Array.isArray(options) && Array.isArray(program) && [...options, ...program].every(isText)) {
      return { options, program };
    }
  } catch {
    // Said below.
  }
  throw new UserError(`${path}: its first line does not say how the trace was made`);
}

export async function writeSavedTrace(path: string, recipe: Recipe, text: string): Promise<void> {
  const file = openOutput(path, false);
  file.write(`${MARK}${Buffer.from(JSON.stringify(recipe)).toString("latin1")}\n${text}`);
  await file.close();
}
