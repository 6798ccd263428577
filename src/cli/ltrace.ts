// The command tsltrace: reads its arguments, runs the program, and says what it calls.
import { resolve } from "node:path";
import type { TracerSettings } from "../control/attachment.js";
import { UserError } from "../lib/errors.js";
import type { LtraceOptions } from "../session/trace-libraries.js";
import { formatOf } from "./forms.js";
import { normalise, UsageError } from "./getopt.js";
import { ltraceHelp, ltraceOptionTable } from "./ltrace-options.js";
import type { Parsed } from "./parsed.js";
import { readOptions, runOptions } from "./run.js";

type Say = (message: string) => void;

export async function ltraceCommand(name: string, argv: readonly string[], say: Say): Promise<number> {
  const { options: words, rest } = normalise(argv, ltraceOptionTable);
  if (words.includes("--help")) {
    const { print } = await import("./print.js");
    return print(ltraceHelp(name));
  }
  if (words.includes("--version")) {
    const { VERSION } = await import("./version.js");
    const { print } = await import("./print.js");
    return print(`${name} ${VERSION}\n`);
  }
  const { parse } = await import("./parse.js");
  const parsed = parse(words, ltraceOptionTable);
  const session = await import("../session/trace-libraries.js");
  const options = ltraceOptions(parsed, name, session.defaultOptions());
  if (parsed.count("attach") > 0) {
    if (rest.length > 0) throw new UsageError("-p PID and PROG are mutually exclusive");
    return attachTo(name, words, parsed, session);
  }
  if (rest.length === 0) throw new UsageError("too few arguments");
  const run = { ...(await runOptions(parsed, rest, say)), readOptions: readOptions(parsed.last("root")) };
  const result = await session.traceLibraries(run, options, {
    output: parsed.last("output"),
    format: formatOf(parsed.last("format")),
    prototypes: parsed.all("config"),
    complain: (message) => process.stderr.write(`${message}\n`),
  });
  if (result.execErrno !== undefined) {
    const { errnoMessage } = await import("../abi/errno.js");
    throw new UserError(`Can't execute '${rest[0]}': ${errnoMessage(result.execErrno)}`);
  }
  // As ltrace: how the program ended is in the trace.
  return 0;
}

type Session = typeof import("../session/trace-libraries.js");

/** -p: processes of machines that run already. */
async function attachTo(name: string, words: readonly string[], parsed: Parsed, session: Session): Promise<number> {
  const { addresses, attachUntilEnd } = await import("./attach.js");
  // What is wrong in the user's files is said here; the machine reads them in a directory of its own.
  session.readPrototypes(parsed.all("config"), (message) => process.stderr.write(`${message}\n`));
  const others = words.filter((word) => !word.startsWith("--config=") && !word.startsWith("--output="));
  const files = parsed.all("config").map((path) => `--config=${resolve(path)}`);
  const output = session.openTrace(parsed.last("output"));
  const format = formatOf(parsed.last("format"));
  const writer = format && session.eventsTo(output, format);
  const toFile = parsed.last("output") === undefined ? [] : ["--output=file"];
  return attachUntilEnd(
    { addresses: addresses(parsed), words: [...others, ...files, ...toFile], name, tool: "ltrace" },
    {
      trace: (_, text) => output.write(text),
      calls: () => {},
      event: (line) => writer?.event(JSON.parse(line)),
      summary: () => {},
      message: (text) => process.stderr.write(text, "latin1"),
    },
    async () => {
      writer?.finish();
      await output.close();
    },
  );
}

/** What a command line of tsltrace comes to in a machine that it attaches to. */
export async function attachSettings(words: readonly string[], name: string): Promise<TracerSettings> {
  const { parse } = await import("./parse.js");
  const session = await import("../session/trace-libraries.js");
  const parsed = parse(words, ltraceOptionTable);
  const options = ltraceOptions(parsed, name, session.defaultOptions());
  const prototypes = session.readPrototypes(parsed.all("config"), () => {});
  return { library: { options, prototypes, format: formatOf(parsed.last("format")) } };
}

function ltraceOptions(parsed: Parsed, name: string, defaults: LtraceOptions): LtraceOptions {
  const calls = parsed.all("filter");
  const times = parsed.count("timestamps");
  return {
    ...defaults,
    name,
    calls: calls.length > 0 ? calls : parsed.count("no-calls") > 0 ? [] : undefined,
    libraries: parsed.all("library"),
    entries: parsed.all("entries"),
    systemCalls: parsed.count("system-calls") > 0,
    rawSystemCalls: parsed.count("raw-syscalls") > 0,
    follow: parsed.count("follow") > 0,
    signals: parsed.count("no-signals") === 0,
    demangle: parsed.count("demangle") > 0,
    column: number(parsed, "align", "a", defaults.column),
    indent: number(parsed, "indent", "n", defaults.indent),
    arrayLimit: number(parsed, "array-limit", "A", defaults.arrayLimit),
    stringLimit: number(parsed, "string-limit", "s", defaults.stringLimit),
    instructionPointer: parsed.count("instruction-pointer") > 0,
    timestamps: times === 0 ? "none" : times === 1 ? "time" : times === 2 ? "micro" : "unix",
    relative: parsed.count("relative") > 0,
    duration: parsed.count("duration") > 0,
    summary: parsed.count("summary") > 0,
    toFile: parsed.last("output") !== undefined,
  };
}

function number(parsed: Parsed, option: string, letter: string, otherwise: number): number {
  const text = parsed.last(option);
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text) || Number(text) > 0x7fffffff) {
    throw new UserError(`Invalid argument to -${letter}: '${text}'.  Use integer >=0.`);
  }
  return Number(text);
}
