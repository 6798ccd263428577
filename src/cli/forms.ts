// In which form a trace is wanted: --format, --path, --color.
import { type EventFormat, isTerminal, type PathForm, type StraceOptions } from "../session/trace-program.js";
import { UsageError } from "./getopt.js";
import type { Parsed } from "./parsed.js";

const STDERR = 2;

export interface Forms {
  /** Undefined for strace's own lines. */
  readonly format: EventFormat | undefined;
  /** The ways of calls through the entry code are shown. */
  readonly path: { readonly form: PathForm; readonly coloured: boolean } | undefined;
}

/** Throws a UsageError for what there is not. */
export function formsOf(parsed: Parsed): Forms {
  const format = formatOf(parsed.last("format"));
  const form = pathForm(parsed.last("path"));
  if (form !== undefined && format === "perfetto") {
    throw new UsageError("--path cannot be combined with --format=perfetto");
  }
  return { format, path: form && { form, coloured: isColoured(parsed) } };
}

/** Throws a UsageError for what there is not. */
export function formatOf(value = "text"): EventFormat | undefined {
  if (value === "text") return undefined;
  if (value === "json" || value === "perfetto") return value;
  throw new UsageError(`invalid --format argument: '${value}'`);
}

function pathForm(value: string | undefined): PathForm | undefined {
  if (value === undefined || value === "full" || value === "short" || value === "json") return value;
  if (value === "") return "full";
  throw new UsageError(`invalid --path argument: '${value}'`);
}

export function isColoured(parsed: Parsed): boolean {
  const color = parsed.last("color") ?? "auto";
  if (color === "always" || color === "never") return color === "always";
  return isTerminal(STDERR) && parsed.last("output") === undefined && !process.env.NO_COLOR;
}

/** The trace goes to a file, and the terminal has room for a line about it. */
export function wantsProgress(parsed: Parsed, options: StraceOptions): boolean {
  const output = parsed.last("output");
  if (output === undefined || /^[|!]/.test(output) || options.quiet.has("attach")) return false;
  return isTerminal(STDERR);
}
