// The trace as data: one event for each call, signal, start and end of a process, made from the tokens the lines are made of.
import { errnoName } from "../abi/errno.js";
import { signalName } from "../abi/signals.js";
import type { Tracee, TracerHooks } from "../abi/tracee.js";
import type { CallDeclaration, Personality } from "./call.js";
import type { Clock } from "./clock.js";
import type { StraceOptions } from "./options.js";
import { type CallPath, type PathEvent, pathEvent } from "./path-text.js";
import { errorOf, isRestart } from "./result.js";
import { type Token, TokenRecorder } from "./token-recorder.js";
import { Strace } from "./tracer.js";

export interface ArgumentEvent {
  readonly name: string;
  /** As the trace has it: `O_RDONLY|O_CLOEXEC`, `{tv_sec=1, tv_nsec=0}`. */
  readonly text: string;
  readonly tokens: readonly Token[];
}

export interface EventOfTask {
  /** The thread, and the process it belongs to. */
  readonly pid: number;
  readonly tgid: number;
  /** Its name: /proc/PID/comm. */
  readonly comm: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

export interface CallEvent extends EventOfTask {
  readonly type: "call";
  readonly name: string;
  readonly number: number;
  readonly arguments: readonly ArgumentEvent[];
  /** What follows the `=`, as the trace has it. */
  readonly result: string;
  /** undefined for a call that did not return, or had not when the tracer let it go; a bigint beyond 2^53. */
  readonly value?: number | bigint;
  /** "ENOENT", or a restart code. */
  readonly error?: string;
  /** Seconds from entry to exit. */
  readonly duration: number;
}

/** A function of a library: what tsltrace sees. */
export interface LibraryCallEvent extends EventOfTask {
  readonly type: "library-call";
  readonly name: string;
  /** How the trace names it: with the file it is called from or that has it, where that is said. */
  readonly label: string;
  /** As the trace has them. */
  readonly arguments: readonly string[];
  /** Absent for a call that did not return. */
  readonly result?: string;
  /** Address it returns to. */
  readonly address: number;
  /** Calls of the same thread that it is inside of. */
  readonly depth: number;
  /** Seconds from entry to return, or to when it was left otherwise. */
  readonly duration: number;
}

export interface SignalEvent extends EventOfTask {
  readonly type: "signal";
  readonly signal: string;
  /** siginfo_t as the trace has it. */
  readonly info: string;
}

export interface StartEvent extends EventOfTask {
  readonly type: "start";
  readonly parent?: number;
}

export interface ExitEvent extends EventOfTask {
  readonly type: "exit";
  /** Exit status, or the signal that killed it. */
  readonly status?: number;
  readonly signal?: string;
  readonly coreDumped?: boolean;
}

export interface StopEvent extends EventOfTask {
  readonly type: "stop";
  readonly signal: string;
}

/** The tracer has let it go. */
export interface DetachEvent extends EventOfTask {
  readonly type: "detach";
}

export type TraceEvent =
  | CallEvent
  | LibraryCallEvent
  | SignalEvent
  | StartEvent
  | ExitEvent
  | StopEvent
  | DetachEvent
  | PathEvent;

/** One task: the call it is in, and what is printed of it. */
interface Followed {
  readonly recorder: TokenRecorder;
  enteredAt: number;
  number: number;
  /** The way of the call it is in, if that is known before its end. */
  path: CallPath | undefined;
}

/** What became of a call. */
type Outcome = "returned" | "unfinished" | "detached";

const OPENING = /[[{(]/g;
const CLOSING = /[\]})]/g;

/** To the microsecond. */
export const secondsOf = (nanoseconds: bigint): number => Number(nanoseconds / 1000n) / 1e6;
const textOf = (tokens: readonly Token[]): string => tokens.map(([, text]) => text).join("");

/** What every event says of its task, now. */
export function eventHead(tracee: Tracee, clock: Clock): EventOfTask {
  const { pid, tgid } = tracee;
  return { pid, tgid, comm: tracee.comm(), time: secondsOf(clock.realtime()) };
}

export interface EventTracerOptions {
  /** It is for processes that run already. */
  readonly attaches?: boolean;
  readonly holds?: () => boolean;
}

export class EventTracer implements TracerHooks {
  readonly #strace: Strace;
  readonly #clock: Clock;
  readonly #emit: (event: TraceEvent) => void;
  readonly #statuses: StraceOptions["statuses"];
  readonly #signals: StraceOptions["signals"];
  readonly #tasks = new Map<number, Followed>();
  readonly holds: () => boolean;

  constructor(
    options: StraceOptions,
    declarations: readonly CallDeclaration[],
    clock: Clock,
    emit: (event: TraceEvent) => void,
    { attaches = false, holds = () => false }: EventTracerOptions = {},
  ) {
    this.holds = holds;
    this.#clock = clock;
    this.#emit = emit;
    this.#statuses = options.statuses;
    this.#signals = options.signals;
    const nowhere = { write: () => {}, immediate: false };
    const plain: StraceOptions = {
      ...options,
      separate: true,
      toFile: true,
      columns: 0,
      argumentNames: true,
      instructionPointer: false,
      syscallNumber: false,
      timestamps: { format: "none", digits: 0 },
      relative: undefined,
      duration: undefined,
      statuses: undefined,
      summary: "none",
      dumpRead: () => false,
      dumpWrite: () => false,
    };
    this.#strace = new Strace(plain, declarations, {
      clock,
      destination: (pid) => ({ ...nowhere, sink: this.#taskOf(pid).recorder }),
      messages: nowhere,
      attaches,
    });
  }

  get calls(): number {
    return this.#strace.calls;
  }

  shows(slot: number, personality: Personality): boolean {
    return this.#strace.shows(slot, personality);
  }

  /** The way of a task's call: what is told of it comes after the call. */
  path(path: CallPath): void {
    const task = this.#tasks.get(path.pid);
    if (task !== undefined && task.recorder.tokens.length > 0) task.path = path;
    else this.#emit(pathEvent(path));
  }

  seized(tracee: Tracee): void {
    this.#strace.seized(tracee);
  }

  detached(tracee: Tracee): void {
    this.#strace.detached(tracee, true);
    this.#emitCall(tracee, "detached");
    this.#tasks.delete(tracee.pid);
    this.#emit({ type: "detach", ...this.#head(tracee) });
  }

  finish(): void {}

  wants(number: number): boolean {
    return this.#strace.wants(number);
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    this.#strace.attached(tracee, parent);
    this.#emit({ type: "start", ...this.#head(tracee), ...(parent && { parent: parent.pid }) });
  }

  syscallEntry(tracee: Tracee): void {
    const task = this.#taskOf(tracee.pid);
    task.recorder.tokens = [];
    task.number = tracee.syscallNumber;
    task.enteredAt = this.#clock.monotonic();
    this.#strace.syscallEntry(tracee);
  }

  syscallExit(tracee: Tracee): void {
    this.#strace.syscallExit(tracee);
    this.#emitCall(tracee, "returned");
  }

  signalDelivery(tracee: Tracee, signal: number, siginfo: Uint8Array): void {
    const { recorder } = this.#taskOf(tracee.pid);
    recorder.tokens = [];
    this.#strace.signalDelivery(tracee, signal, siginfo);
    if (recorder.tokens.length === 0) return;
    const info = textOf(recorder.tokens.slice(3, -1));
    this.#emit({ type: "signal", ...this.#head(tracee), signal: signalName(signal), info });
    recorder.tokens = [];
  }

  groupStop(tracee: Tracee, signal: number): void {
    if (this.#signals(signal)) this.#emit({ type: "stop", ...this.#head(tracee), signal: signalName(signal) });
  }

  exec(): void {}

  exited(tracee: Tracee, status: number): void {
    this.#strace.exited(tracee, status);
    this.#emitCall(tracee, "unfinished");
    this.#tasks.delete(tracee.pid);
    const signal = status & 0x7f;
    const how =
      signal === 0
        ? { status: (status >> 8) & 0xff }
        : { signal: signalName(signal), coreDumped: (status & 0x80) !== 0 };
    this.#emit({ type: "exit", ...this.#head(tracee), ...how });
  }

  #taskOf(pid: number): Followed {
    let task = this.#tasks.get(pid);
    if (task === undefined) {
      task = { recorder: new TokenRecorder(), enteredAt: 0, number: 0, path: undefined };
      this.#tasks.set(pid, task);
    }
    return task;
  }

  #head(tracee: Tracee): EventOfTask {
    return eventHead(tracee, this.#clock);
  }

  /** The tokens of a line: name, parenthesis, arguments, parenthesis and `=`, result. */
  #emitCall(tracee: Tracee, outcome: Outcome): void {
    const task = this.#taskOf(tracee.pid);
    const { tokens } = task.recorder;
    task.recorder.tokens = [];
    if (tokens.length === 0) return; // not traced
    const isDetached = outcome === "detached";
    const returned = outcome === "returned";
    const equals = tokens.findLastIndex(([kind, text]) => kind === "punct" && /^ +=\s/.test(text));
    const end = isDetached ? tokens.length + 1 : equals;
    const error = returned ? errorOf(tracee.resultLow(), tracee.resultHigh()) : 0;
    const status = !returned ? outcome : error === 0 ? "successful" : isRestart(error) ? "unavailable" : "failed";
    if (this.#statuses?.has(status) === false) return;
    const value = BigInt(tracee.resultHigh()) * 0x1_0000_0000n + BigInt(tracee.resultLow() >>> 0);
    const isSmall = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
    const duration = Math.max(0, this.#clock.monotonic() - task.enteredAt) / 1e9;
    const head = this.#head(tracee);
    this.#emit({
      type: "call",
      ...head,
      time: head.time - duration,
      name: tokens[0][1],
      number: task.number,
      arguments: argumentsOf(tokens.slice(2, end - 1)),
      result: isDetached ? "<detached ...>" : textOf(tokens.slice(end + 1)),
      ...(returned && { value: isSmall ? Number(value) : value }),
      ...(error !== 0 && { error: errnoName(error) ?? String(error) }),
      duration: Math.round(duration * 1e9) / 1e9,
    });
    if (task.path) this.#emit(pathEvent(task.path));
    task.path = undefined;
  }
}

/** Cut at the commas that are in no bracket. */
function argumentsOf(tokens: readonly Token[]): ArgumentEvent[] {
  const found: ArgumentEvent[] = [];
  let name = "";
  let part: Token[] = [];
  let depth = 0;
  const add = (): void => {
    if (part.length > 0 || name !== "") found.push({ name, text: textOf(part), tokens: part });
    name = "";
    part = [];
  };
  tokens.forEach((token, i) => {
    const [kind, text] = token;
    if (depth === 0 && kind === "punct" && text === ", ") return add();
    const isEquals = kind === "punct" && text === "=" && part.length === 1 && name === "" && part[0][0] === "name";
    if (depth === 0 && isEquals && i > 0) {
      name = part[0][1];
      part = [];
      return;
    }
    if (kind === "punct") depth += (text.match(OPENING)?.length ?? 0) - (text.match(CLOSING)?.length ?? 0);
    part.push(token);
  });
  add();
  return found;
}
