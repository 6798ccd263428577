// A tracer of processes that ran before it came. It lives where they do, in their machine, and sends its lines to the client.
import { EPERM, ESRCH } from "../abi/errno.js";
import type { Tracee, TracerHooks, UserRegisters } from "../abi/tracee.js";
import type { MessageSocket } from "../host/control-socket.js";
import { slotOf } from "../kernel/entry/syscall-table.js";
import type { Kernel } from "../kernel/kernel.js";
import { detach, seize, Tracer } from "../kernel/ptrace/tracer.js";
import type { Task } from "../kernel/task/task.js";
import { LibraryEventTracer } from "../ltrace/event-tracer.js";
import { Ltrace } from "../ltrace/ltrace.js";
import type { LtraceOptions } from "../ltrace/options.js";
import type { Prototypes } from "../ltrace/prototype/prototypes.js";
import type { CallDeclaration } from "../strace/call.js";
import type { Clock } from "../strace/clock.js";
import { type EventFormat, eventLine } from "../strace/event-text.js";
import { EventTracer, type TraceEvent } from "../strace/events.js";
import type { StraceOptions } from "../strace/options.js";
import { type PathForm, pathText } from "../strace/path-text.js";
import { Strace } from "../strace/tracer.js";
import { EntryPaths } from "./entry-path.js";
import { type Reply, type Request, refusal, type Tool } from "./protocol.js";

/** Bytes the client may be behind before its processes wait for it. */
const MOST_PENDING = 1 << 20;

type AttachRequest = Extract<Request, { ask: "attach" }>;

type AttachedTracer = Strace | EventTracer | Ltrace | LibraryEventTracer;

export interface PathSettings {
  readonly form: PathForm;
  readonly coloured: boolean;
}

/** What the options of a client's command line come to. */
export type TracerSettings = StraceSettings | LtraceSettings;

export interface LtraceSettings {
  readonly library: {
    readonly options: LtraceOptions;
    readonly prototypes: Prototypes;
    readonly format: EventFormat | undefined;
  };
}

export interface StraceSettings {
  readonly library?: undefined;
  readonly options: StraceOptions;
  /** Undefined for strace's own lines. */
  readonly format: EventFormat | undefined;
  readonly path: PathSettings | undefined;
}

export interface AttachEnvironment {
  readonly kernel: Kernel;
  readonly declarations: readonly CallDeclaration[];
  readonly clock: Clock;
}

export class Attachment {
  readonly #kernel: Kernel;
  readonly #socket: MessageSocket;
  readonly #strace: AttachedTracer;
  readonly #paths: EntryPaths | undefined;
  readonly #tracer: Tracer;
  readonly #name: string;
  readonly #tool: Tool;
  readonly #quiet: boolean;
  readonly #follows: boolean;
  readonly #traced = new Set<number>();
  #attached = 0;
  #toldCalls = 0;
  #ended = false;
  /** Text for the client, a run of one kind at a time, until the event loop has its turn. */
  #parts: Reply[] = [];
  #flushing = false;

  constructor(socket: MessageSocket, request: AttachRequest, settings: TracerSettings, environment: AttachEnvironment) {
    this.#kernel = environment.kernel;
    this.#socket = socket;
    this.#name = request.name;
    this.#tool = request.tool;
    if (settings.library) {
      this.#quiet = true;
      this.#follows = settings.library.options.follow;
      this.#strace = this.#libraryTracer(settings, environment);
    } else {
      const { options, format, path } = settings;
      this.#quiet = options.quiet.has("attach");
      this.#follows = options.follow;
      if (request.amongOthers) options.alwaysShowPid = true;
      const tracer =
        format === undefined ? this.#textTracer(options, environment) : this.#eventTracer(options, environment);
      this.#strace = tracer;
      this.#paths = path && this.#watch(path, tracer, environment);
    }
    this.#tracer = new Tracer(this.#hooks(), this.#follows, request.tracer);
    socket.onDrain(() => this.#kernel.wake());
    for (const pid of request.pids) this.#attach(pid);
    if (this.#attached === 0) this.#end();
  }

  #textTracer(options: StraceOptions, { clock, declarations }: AttachEnvironment): Strace {
    return new Strace(options, declarations, {
      clock,
      destination: (pid) => ({ immediate: true, write: (text) => this.#send({ say: "trace", pid, text }) }),
      messages: { immediate: true, write: (text) => this.#send({ say: "message", text }) },
      summary: (rows) => this.#send({ say: "summary", rows }),
      attaches: true,
    });
  }

  #libraryTracer({ library }: LtraceSettings, { clock, declarations }: AttachEnvironment): Ltrace | LibraryEventTracer {
    const { options, prototypes, format } = library;
    if (format) {
      return new LibraryEventTracer(options, prototypes, declarations, clock, (event) => this.#emit(event), true);
    }
    const destination = { immediate: true, write: (text: string) => this.#send({ say: "trace", pid: 0, text }) };
    const messages = { immediate: true, write: (text: string) => this.#send({ say: "message", text }) };
    const environment = { clock, destination: () => destination, messages, attaches: true };
    return new Ltrace(options, prototypes, environment, declarations);
  }

  #eventTracer(options: StraceOptions, { clock, declarations }: AttachEnvironment): EventTracer {
    return new EventTracer(options, declarations, clock, (event) => this.#emit(event), { attaches: true });
  }

  #emit(event: TraceEvent): void {
    this.#send({ say: "event", line: eventLine(event) });
  }

  /** The ways of its tasks' calls through the entry code. */
  #watch({ form, coloured }: PathSettings, tracer: Strace | EventTracer, environment: AttachEnvironment): EntryPaths {
    const { kernel, declarations } = environment;
    const paths = new EntryPaths(
      (call) => call.isTraced && tracer.shows(call.slot, call.personality),
      (number, table) => declarations.find(({ nr }) => nr[table] === slotOf(number, table))?.name,
      (path) => {
        if (tracer instanceof EventTracer) tracer.path(path);
        else tracer.note(path.pid, pathText(path, form, coloured));
      },
      (task) => task.tracer === this.#tracer,
    );
    kernel.cpu.watch(paths);
    return paths;
  }

  /** Everything between the kernel and strace that is not strace's affair. */
  #hooks(): TracerHooks {
    const strace = this.#strace;
    return {
      wants: (number) => strace.wants(number),
      ...("watched" in strace && {
        watched: (tracee: Tracee, registers: UserRegisters) => strace.watched(tracee, registers),
      }),
      seized: (tracee) => strace.seized(tracee),
      syscallEntry: (tracee) => strace.syscallEntry(tracee),
      syscallExit: (tracee) => strace.syscallExit(tracee),
      holds: () => this.#isBehind,
      signalDelivery: (tracee, signal, info) => strace.signalDelivery(tracee, signal, info),
      groupStop: (tracee, signal) => strace.groupStop(tracee, signal),
      exec: (tracee, formerPid) => strace.exec(tracee, formerPid),
      attached: (tracee, parent) => {
        this.#traced.add(tracee.pid);
        strace.attached(tracee, parent);
      },
      exited: (tracee: Tracee, status) => {
        strace.exited(tracee, status);
        this.#traced.delete(tracee.pid);
        if (this.#traced.size === 0) this.#end();
      },
    };
  }

  #attach(pid: number): void {
    const { tasks } = this.#kernel;
    const task = tasks.get(pid);
    if (task === undefined || task.isDead || task.tracer) {
      const error = task === undefined ? ESRCH : EPERM;
      this.#send({ say: "message", text: refusal(this.#tool, this.#name, pid, error) });
      if (task?.tracer) this.#say(`Process ${pid} is already being traced by pid ${task.tracer.pid}`);
      return;
    }
    const threads = this.#follows && task.tgid === pid ? [...task.signal.threads] : [task];
    const free = threads.filter(({ tracer }) => tracer === undefined);
    if (!this.#quiet) this.#say(`Process ${pid} attached${free.length === 1 ? "" : ` with ${free.length} threads`}`);
    for (const thread of free) {
      this.#strace.attached(thread.tracee, undefined);
      this.#traced.add(thread.pid);
      this.#attached++;
      seize(thread, this.#tracer);
    }
  }

  #say(text: string): void {
    this.#send({ say: "message", text: `${this.#name}: ${text}\n` });
  }

  /** What the client asks for on ^C: everything as before, and strace's words about it. */
  detach(): void {
    for (const task of this.#tasks()) {
      this.#strace.detached(task.tracee);
      detach(task);
    }
    this.#traced.clear();
    this.#end();
  }

  /** The machine ends, or the last traced process has. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unwatch();
    this.#paths?.finish();
    this.#strace.finish();
    this.#send({ say: "end", attached: this.#attached });
  }

  /** Nobody is there to be told anything. */
  clientGone(): void {
    this.#ended = true;
    this.#unwatch();
    for (const task of this.#tasks()) {
      if ("released" in this.#strace) this.#strace.released(task.tracee);
      detach(task);
    }
    this.#traced.clear();
  }

  #unwatch(): void {
    if (this.#paths) this.#kernel.cpu.unwatch(this.#paths);
  }

  #tasks(): Task[] {
    return [...this.#traced].flatMap((pid) => {
      const task = this.#kernel.tasks.get(pid);
      return task?.tracer === this.#tracer ? [task] : [];
    });
  }

  get #isBehind(): boolean {
    return this.#socket.pending > MOST_PENDING;
  }

  #send(reply: Reply): void {
    const last = this.#parts.at(-1);
    if (last?.say === "trace" && reply.say === "trace" && last.pid === reply.pid) {
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + reply.text };
    } else this.#parts.push(reply);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#flushing = false;
    const parts = this.#parts;
    this.#parts = [];
    if (this.#strace.calls !== this.#toldCalls) this.#socket.send({ say: "calls", calls: this.#strace.calls });
    this.#toldCalls = this.#strace.calls;
    for (const part of parts) this.#socket.send(part);
  }
}
