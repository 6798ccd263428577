// -p: traces processes of machines that run already.
import { type AttachEvents, type AttachOptions, attach, isAddress } from "../control/client.js";
import { UserError } from "../lib/errors.js";
import { destinations, eventsTo, type StraceOptions, Summary, showProgress } from "../session/trace-program.js";
import { dieOf } from "./die.js";
import { formsOf, isColoured, wantsProgress } from "./forms.js";
import type { Parsed } from "./parsed.js";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** The pids of all -p options; each may be a list. */
export function addresses(parsed: Parsed): string[] {
  return parsed.all("attach").flatMap((list) => {
    const words = list.split(/[,\s]+/).filter(Boolean);
    if (words.length === 0) throw new UserError(`Invalid process id: '${list}'`);
    const wrong = words.find((word) => !isAddress(word));
    if (wrong !== undefined) throw new UserError(`Invalid process id: '${wrong}'`);
    return words;
  });
}

export async function runAttach(
  name: string,
  words: readonly string[],
  wanted: readonly string[],
  parsed: Parsed,
  options: StraceOptions,
): Promise<number> {
  const target = { output: parsed.last("output"), append: parsed.count("output-append-mode") > 0 };
  const { destination, close } = destinations(options, target);
  const { format } = formsOf(parsed);
  const outputs = new Map<number, ReturnType<typeof destination>>();
  const outputOf = (pid: number): ReturnType<typeof destination> => {
    const key = options.separate ? pid : 0;
    const output = outputs.get(key) ?? destination(pid);
    outputs.set(key, output);
    return output;
  };
  if (!options.separate) outputOf(0); // a file that cannot be made is said first
  const writer = format && eventsTo(outputOf(0), format);
  const summary = new Summary(options);
  // The machine cannot know what this terminal can do.
  const color = `--color=${isColoured(parsed) ? "always" : "never"}`;
  let calls = 0;
  const progress = showProgress(wantsProgress(parsed, options), name, () => calls);
  return attachUntilEnd(
    { addresses: wanted, words: [...words, color], name, tool: "strace" },
    {
      trace: (pid, text) => outputOf(pid).write(text),
      calls: (more) => void (calls += more),
      event: (line) => writer?.event(JSON.parse(line)),
      summary: (rows) => summary.add(rows),
      message: (text) => {
        progress.pause();
        process.stderr.write(text, "latin1");
      },
    },
    async () => {
      if (!summary.isEmpty) outputOf(0).write(summary.text());
      progress.end();
      writer?.finish();
      await close();
    },
  );
}

/** Traces until the processes have ended or a signal comes, then does what is to be done `atEnd`. The exit status. */
export async function attachUntilEnd(
  options: AttachOptions,
  events: Omit<AttachEvents, "onInterrupt">,
  atEnd: () => Promise<void>,
): Promise<number> {
  let interruptedBy = 0;
  const onInterrupt = (detach: () => void): void => {
    for (const [signal, number] of Object.entries(SIGNALS)) {
      process.on(signal, () => {
        interruptedBy ||= number;
        detach();
      });
    }
  };
  let attached = 0;
  try {
    attached = await attach(options, { ...events, onInterrupt });
  } finally {
    await atEnd();
  }
  if (attached === 0) return 1;
  if (interruptedBy === 0) return 0;
  await dieOf(interruptedBy);
  return 128 + interruptedBy;
}
