// What --format=json and --path=json print, held against the schema that the package has of it; and --format=perfetto against the rules of the Trace
// Event Format.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { PROJECT_ROOT } from "./tool.js";

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });

const ofLines = ajv.compile(JSON.parse(readFileSync(join(PROJECT_ROOT, "src/strace/trace-event.schema.json"), "utf8")));

/** The objects of the lines, each of which the schema must describe. */
export function eventsOf(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const event: unknown = JSON.parse(line);
      if (!ofLines(event)) throw new Error(`${line}\n${ajv.errorsText(ofLines.errors)}`);
      return event as Record<string, unknown>;
    });
}

const pid = { type: "integer", minimum: 1 };
const common = { pid, tid: pid, name: { type: "string", minLength: 1 }, args: { type: "object" } };
const timed = { ...common, cat: { type: "string" }, ts: { type: "number", minimum: 0 } };
const object = (required: readonly string[], properties: object): object => ({
  type: "object",
  required,
  properties,
  additionalProperties: false,
});

/** The phases that are used, as "Trace Event Format" describes them. */
const ofViewer = ajv.compile({
  type: "object",
  required: ["traceEvents"],
  properties: {
    displayTimeUnit: { enum: ["ms", "ns"] },
    traceEvents: {
      type: "array",
      items: {
        oneOf: [
          object(["ph", "pid", "tid", "ts", "dur", "name", "cat"], {
            ...timed,
            ph: { const: "X" },
            dur: { type: "number", minimum: 0 },
          }),
          object(["ph", "pid", "tid", "ts", "name", "s"], {
            ...timed,
            ph: { const: "i" },
            s: { enum: ["g", "p", "t"] },
          }),
          object(["ph", "pid", "tid", "name", "args"], {
            ...common,
            ph: { const: "M" },
            name: { enum: ["process_name", "thread_name"] },
            args: object(["name"], { name: { type: "string" } }),
          }),
        ],
      },
    },
  },
  additionalProperties: false,
});

export interface ViewerEvent {
  readonly ph: "X" | "i" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Record<string, string>;
}

/** The events of the file: of each thread they are in order and do not overlap, and each thread has a name. */
export function viewerEventsOf(text: string): ViewerEvent[] {
  const file = JSON.parse(text);
  if (!ofViewer(file)) throw new Error(ajv.errorsText(ofViewer.errors));
  const { traceEvents } = file as { traceEvents: ViewerEvent[] };
  const ends = new Map<number, number>();
  const named = new Set<number>();
  for (const event of traceEvents) {
    if (event.ph === "M") {
      named.add(event.tid);
      continue;
    }
    if (!named.has(event.tid)) throw new Error(`thread ${event.tid} has no name`);
    if (event.ts < (ends.get(event.tid) ?? 0))
      throw new Error(`${JSON.stringify(event)} begins before the last has ended`);
    ends.set(event.tid, event.ts + (event.ph === "X" ? event.dur : 0));
  }
  return traceEvents;
}
