// Events as JSON, an object a line, and as a file for trace viewers (Perfetto, chrome://tracing).
import type { TraceEvent } from "./events.js";
import { ViewerTrace } from "./viewer-trace.js";

export type EventFormat = "json" | "perfetto";

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

export interface EventWriter {
  event(event: TraceEvent): void;
  finish(): void;
}

export function eventWriter(format: EventFormat, write: (text: string) => void): EventWriter {
  if (format === "json") return { event: (event) => write(`${eventLine(event)}\n`), finish: () => {} };
  const viewer = new ViewerTrace();
  let separator = '{"displayTimeUnit":"ns","traceEvents":[\n';
  return {
    event: (event) => {
      for (const object of viewer.objectsOf(event)) {
        write(`${separator}${JSON.stringify(object, plain)}`);
        separator = ",\n";
      }
    },
    finish: () => write(`${separator.startsWith("{") ? separator : ""}\n]}\n`),
  };
}

/** One event as the JSON object of its line. */
export const eventLine = (event: TraceEvent): string => JSON.stringify(event, plain);
