// Events as a file for trace viewers (https://ui.perfetto.dev, chrome://tracing): the Trace Event Format. Complete events for calls, instant ones for
// the rest, and the threads' names.
import type { CallEvent, TraceEvent } from "./events.js";
import type { PathEvent } from "./path-text.js";

type TaskEvent = Exclude<TraceEvent, PathEvent>;

const METADATA = "M";

/** Makes the objects of the file's `traceEvents`. Times in microseconds since the first event. */
export class ViewerTrace {
  readonly #names = new Map<number, string>();
  /** When a thread's last call ended: calls of a thread do not overlap, however their times are rounded. */
  readonly #ends = new Map<number, number>();
  #start: number | undefined;

  /** A path's steps have no times: nothing is made of it. */
  objectsOf(event: TraceEvent): object[] {
    if (event.type === "path") return [];
    return [...this.#namesOf(event), this.#objectOf(event)];
  }

  #objectOf(event: TaskEvent): object {
    const { pid: tid, tgid: pid } = event;
    this.#start ??= event.time;
    const ts = Math.max(this.#ends.get(tid) ?? 0, Math.round((event.time - this.#start) * 1e9) / 1e3);
    if (event.type === "call") {
      const dur = Math.round(event.duration * 1e9) / 1e3;
      this.#ends.set(tid, ts + dur);
      return { pid, tid, ts, ph: "X", cat: "syscall", name: event.name, dur, args: shownOf(event) };
    }
    // Calls inside of one another are: their times are left as they are.
    if (event.type === "library-call") {
      const start = Math.round((event.time - this.#start) * 1e9) / 1e3;
      const dur = Math.round(event.duration * 1e9) / 1e3;
      const args = { ...event.arguments.map((text) => text), ...(event.result && { result: event.result }) };
      return { pid, tid, ts: start, ph: "X", cat: "library", name: event.name, dur, args };
    }
    const { type, pid: _, tgid, comm, time, ...args } = event;
    const name = type === "signal" || type === "stop" ? `${type} ${event.signal}` : type;
    return { pid, tid, ts, ph: "i", s: "t", cat: type, name, args };
  }

  /** A thread that has a name it did not have before. */
  #namesOf({ pid: tid, tgid: pid, comm }: TaskEvent): object[] {
    if (this.#names.get(tid) === comm) return [];
    this.#names.set(tid, comm);
    const named = (name: string): object => ({ pid, tid, ph: METADATA, name, args: { name: comm } });
    return tid === pid ? [named("process_name"), named("thread_name")] : [named("thread_name")];
  }
}

function shownOf(event: CallEvent): Record<string, string> {
  return { ...Object.fromEntries(event.arguments.map(({ name, text }) => [name, text])), result: event.result };
}
