// Events as JSON, an object a line, and as a file for trace viewers (Perfetto, chrome://tracing).
import type { CallEvent, TraceEvent } from "./events.js";
import type { PathEvent } from "./path-text.js";

export type EventFormat = "json" | "perfetto";

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

export interface EventWriter {
  event(event: TraceEvent): void;
  finish(): void;
}

export function eventWriter(format: EventFormat, write: (text: string) => void): EventWriter {
  if (format === "json") return { event: (event) => write(`${eventLine(event)}\n`), finish: () => {} };
  let separator = '{"displayTimeUnit":"ns","traceEvents":[\n';
  return {
    event: (event) => {
      if (event.type === "path") return; // its steps have no times
      write(`${separator}${JSON.stringify(viewerEvent(event), plain)}`);
      separator = ",\n";
    },
    finish: () => write(`${separator.startsWith("{") ? separator : ""}\n]}\n`),
  };
}

/** One event as the JSON object of its line. */
export const eventLine = (event: TraceEvent): string => JSON.stringify(event, plain);

/** Trace Event Format: complete events for calls, instant ones for the rest. Times in microseconds. */
function viewerEvent(event: Exclude<TraceEvent, PathEvent>): object {
  const common = { pid: event.tgid, tid: event.pid, ts: Math.round(event.time * 1e6) };
  if (event.type === "call") {
    return { ...common, ph: "X", cat: "syscall", name: event.name, dur: event.duration * 1e6, args: shownOf(event) };
  }
  const { type, pid, tgid, time, ...args } = event;
  const name = type === "signal" || type === "stop" ? `${type} ${event.signal}` : type;
  return { ...common, ph: "i", s: "t", cat: type, name, args };
}

function shownOf(event: CallEvent): Record<string, string> {
  return { ...Object.fromEntries(event.arguments.map(({ name, text }) => [name, text])), result: event.result };
}
