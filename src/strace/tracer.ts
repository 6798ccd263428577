// The tracer: what strace does at each stop. One line per call, cut in two when another task speaks in between.
import { knownAtExit } from "../abi/argument.js";
import { hex } from "../abi/digits.js";
import { errnoMessage } from "../abi/errno.js";
import type { ShowContext } from "../abi/show.js";
import { showSiginfo } from "../abi/siginfo.js";
import { signalName } from "../abi/signals.js";
import type { Tracee, TracerHooks } from "../abi/tracee.js";
import { leaveArguments, noteEntries, showRawArguments } from "./arguments.js";
import { type CallDeclaration, CallTable, type Personality } from "./call.js";
import { durationText } from "./clock.js";
import type { Environment } from "./environment.js";
import { Filter } from "./filter.js";
import { LinePrefix } from "./line-prefix.js";
import type { StraceOptions } from "./options.js";
import { Output } from "./output.js";
import { errorOf, isRestart, showResult } from "./result.js";
import { StackTraces } from "./stack-trace.js";
import { Summary } from "./summary.js";
import { TextSink } from "./text.js";
import { Traced } from "./traced.js";
import { dumpTransfers } from "./transfers.js";

const MODES = { x86_64: "64 bit", i386: "32 bit", x32: "x32" } as const;

export class Strace implements TracerHooks {
  readonly #options: StraceOptions;
  readonly #environment: Environment;
  readonly #table: CallTable;
  readonly #filter: Filter;
  readonly #socketNames: ShowContext["socketNames"] = new Map();
  readonly #tasks = new Map<number, Traced>();
  readonly #summary: Summary | undefined;
  readonly #outputs = new Set<Output>();
  readonly #stacks: StackTraces | undefined;
  /** What stands between `)` and the result, by the room there is. */
  readonly #gaps: readonly string[];
  /** Somebody asks how long calls take by the clock on the wall. */
  readonly #isTimed: boolean;
  readonly #prefix: LinePrefix;
  #shared: Output | undefined;
  /** The first call is over. */
  #started = false;
  /** Calls shown or counted so far, for --syscall-limit. */
  #calls = 0;
  get calls(): number {
    return this.#calls;
  }

  /** The limit is reached: nobody is traced any more. */
  hasEnough = false;
  /** Why the program could not be started: its would-be process says so before it ends. */
  #execError = 0;

  constructor(options: StraceOptions, declarations: readonly CallDeclaration[], environment: Environment) {
    this.#options = options;
    this.#environment = environment;
    this.#table = new CallTable(declarations);
    this.#filter = new Filter(options);
    this.#prefix = new LinePrefix(options, environment);
    this.#started = environment.attaches === true;
    this.#gaps = Array.from({ length: options.columns + 1 }, (_, room) => `${" ".repeat(Math.max(1, room))}= `);
    this.#isTimed = options.duration !== undefined || (options.summary !== "none" && options.wallClock);
    if (options.stackFrames !== undefined) this.#stacks = new StackTraces(options.stackFrames);
    this.#summary = options.summary === "none" ? undefined : new Summary(options);
  }

  wants(syscallNumber: number): boolean {
    // -n prints the number of the last call, traced or not, beside signals too.
    if (this.#options.syscallNumber) return true;
    const call = this.#table.byNumber(syscallNumber);
    return call?.name === "execve" || this.#filter.treatment(call, syscallNumber).traced;
  }

  /** Whether the call is one that is traced, as far as that is a matter of its number. */
  shows(slot: number, personality: Personality): boolean {
    return this.#filter.treatment(this.#table.byNumber(slot, personality), slot).traced;
  }

  /** After the last task is gone. */
  finish(): void {
    if (this.#summary !== undefined && this.#environment.summary) this.#environment.summary(this.#summary.rows);
    else if (this.#summary !== undefined && !this.#summary.isEmpty) this.#outputOf(0).write(this.#summary.text());
    for (const output of this.#outputs) output.flush();
  }

  /** Hands on everything printed so far. */
  flush(): void {
    for (const output of this.#outputs) output.flush();
  }

  /** Whole lines that are about a task's call but not strace's: behind the call's own line, which may be open. */
  note(pid: number, text: string): void {
    const task = this.#tasks.get(pid);
    if (task?.inside && this.#options.summary !== "only") {
      task.notes += text;
      return;
    }
    const output = task?.output ?? this.#outputOf(pid);
    if (output.owner !== undefined) output.interrupt(" <unfinished ...>");
    output.write(text);
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    const personality = parent && this.#taskOf(parent).personality;
    this.#tasks.set(tracee.pid, this.#traced(tracee, personality));
    if (parent !== undefined && !this.#options.toFile && !this.#options.quiet.has("attach")) {
      this.#message(`Process ${tracee.pid} attached`);
    }
  }

  /** At the first stop of a task that ran before: the call this interrupted is resumed by restart_syscall. */
  seized(tracee: Tracee): void {
    const call = this.#table.find(tracee);
    if (call !== undefined) this.#taskOf(tracee).context.interruptedCall = call.name;
  }

  /** The user has enough of it, in whatever call it is. */
  detached(tracee: Tracee, silently = false): void {
    const task = this.#taskOf(tracee);
    if (!silently && !this.#options.quiet.has("attach")) this.#message(`Process ${tracee.pid} detached`);
    if (task.inside && task.held !== undefined) {
      task.held.sink.text += " <detached ...>";
      this.#endCall(task, "detached");
    } else if (task.output.owner === task) task.output.interrupt(" <detached ...>");
    this.#tasks.delete(tracee.pid);
  }

  syscallEntry(tracee: Tracee): void {
    const task = this.#taskOf(tracee);
    const door = this.#table.find(tracee);
    const led = door?.leadsTo && this.#table.follow(door, tracee);
    const call = led?.call ?? door;
    task.values = led?.values;
    const treatment = this.#filter.treatment(call, tracee.syscallNumber);
    if (task.personality !== tracee.personality) this.#changePersonality(task, tracee.personality);
    task.call = call;
    task.treatment = treatment;
    task.number = tracee.syscallNumber;
    task.inside = treatment.traced && this.#filter.concerns(tracee, call);
    if (task.inside) this.#enter(task, tracee);
    if (this.#options.detachesOnExecve && this.#started && call?.name === "execve") this.#release(tracee);
  }

  #changePersonality(task: Traced, personality: Tracee["personality"]): void {
    task.personality = personality;
    if (this.#options.toFile || this.#options.quiet.has("personality")) return;
    this.#line(task, `[ Process PID=${task.tracee.pid} runs in ${MODES[personality]} mode. ]`);
  }

  #enter(task: Traced, tracee: Tracee): void {
    const { call } = task;
    // Before the program's first instruction there is no stack.
    if (this.#started) task.stack = this.#stackOf(task, true);
    if (this.#isTimed) task.enteredAt = this.#environment.clock.monotonic();
    if (this.#summary !== undefined) task.systemTimeAtEntry = tracee.systemTime();
    if (this.#options.summary !== "only") {
      this.#beginCall(task);
      this.#showArguments(task, false);
      if (task.held === undefined) task.output.show();
    }
    // The execve that starts the program is the tracer's own doing.
    task.injection = call === undefined || !this.#started ? undefined : task.injector?.enter(tracee, call);
  }

  syscallExit(tracee: Tracee): void {
    const task = this.#taskOf(tracee);
    const shown = task.inside;
    if (task.inside) this.#leave(task, tracee);
    if (!this.#started) this.#checkStart(task, tracee);
    if (shown && ++this.#calls === this.#options.syscallLimit) this.#letGo();
  }

  /** --syscall-limit: all tasks go on untraced. */
  #letGo(): void {
    this.hasEnough = true;
    if (!this.#options.toFile) this.#message("System call limit has been reached, detaching tracees");
    for (const { tracee } of [...this.#tasks.values()]) this.#release(tracee);
  }

  #release(tracee: Tracee): void {
    tracee.detach?.();
    this.detached(tracee, this.#options.toFile);
  }

  /** After the execve that starts the program. */
  #checkStart(task: Traced, tracee: Tracee): void {
    this.#started = true;
    if (task.call?.name === "execve") this.#execError = errorOf(tracee.resultLow(), tracee.resultHigh());
  }

  #leave(task: Traced, tracee: Tracee): void {
    task.inside = false;
    if (task.call !== undefined && task.call.name !== "restart_syscall") task.context.interruptedCall = task.call.name;
    if (task.injection !== undefined) task.injector?.leave(tracee, task.injection);
    const { clock } = this.#environment;
    const error = errorOf(tracee.resultLow(), tracee.resultHigh());
    const name = this.#nameOf(task);
    const leftAt = this.#isTimed ? clock.monotonic() : 0;
    if (this.#summary !== undefined) {
      const time = this.#options.wallClock ? leftAt - task.enteredAt : tracee.systemTime() - task.systemTimeAtEntry;
      this.#summary.count(name, time, error !== 0);
    }
    if (this.#options.summary === "only") return;
    const { context } = task;
    context.exiting = true;
    context.failed = error !== 0;
    this.#resumeCall(task, name);
    this.#showArguments(task, true);
    this.#closeArguments(task);
    showResult(context, task.call, task.treatment?.raw === true, error);
    if (task.injection !== undefined) context.out.comment(task.injector?.mark(task.injection) ?? "");
    if (this.#options.duration !== undefined) {
      context.out.comment(` ${durationText(leftAt - task.enteredAt, this.#options.duration)}`);
    }
    const shown = this.#endCall(task, error === 0 ? "successful" : isRestart(error) ? "unavailable" : "failed");
    if (error === 0) dumpTransfers(task.output, context, task.call, this.#options);
    if (!this.#started && error === 0) task.stack = this.#stackOf(task, false);
    if (shown) this.#showStack(task);
    task.stack = undefined;
  }

  signalDelivery(tracee: Tracee, signal: number, siginfo: Uint8Array): void {
    if (this.#options.summary === "only" || !this.#options.signals(signal)) return;
    const task = this.#taskOf(tracee);
    this.#begin(task);
    const { context } = task;
    context.out = task.output.sink;
    context.out.punct("--- ");
    context.out.flag(signalName(signal));
    context.out.punct(" ");
    showSiginfo(context, new DataView(siginfo.buffer, siginfo.byteOffset, siginfo.byteLength));
    context.out.punct(" ---");
    task.output.end();
    this.#showStack(task, this.#stackOf(task, false));
  }

  groupStop(tracee: Tracee, signal: number): void {
    if (this.#options.summary === "only" || !this.#options.signals(signal)) return;
    const task = this.#taskOf(tracee);
    this.#line(task, `--- stopped by ${signalName(signal)} ---`);
    this.#showStack(task, this.#stackOf(task, false));
  }

  exec(tracee: Tracee, formerPid: number): void {
    const task = this.#tasks.get(formerPid);
    if (formerPid === tracee.pid || task === undefined) return;
    const leader = this.#taskOf(tracee);
    if (leader.inside && this.#options.summary !== "only") this.#abandonCall(leader);
    if (!this.#options.quiet.has("thread-execve")) {
      if (task.output.owner === task) task.output.interrupt(` <pid changed to ${tracee.pid} ...>`);
      this.#line(leader, `+++ superseded by execve in pid ${formerPid} +++`);
    }
    this.#tasks.delete(formerPid);
    this.#tasks.set(tracee.pid, task);
  }

  exited(tracee: Tracee, status: number): void {
    const task = this.#taskOf(tracee);
    const signal = status & 0x7f;
    if (this.#execError !== 0 && signal === 0) this.#message(`exec: ${errnoMessage(this.#execError)}`);
    this.#execError = 0;
    if (this.#options.summary !== "only") {
      if (task.inside) this.#abandonCall(task);
      const text =
        signal === 0
          ? `+++ exited with ${(status >> 8) & 0xff} +++`
          : `+++ killed by ${signalName(signal)}${(status & 0x80) === 0 ? "" : " (core dumped)"} +++`;
      if (signal !== 0 || !this.#options.quiet.has("exit")) this.#line(task, text, true);
      this.#showStack(task);
    }
    this.#tasks.delete(tracee.pid);
    if (this.#options.separate) task.output.flush();
  }

  #outputOf(pid: number): Output {
    const separate = this.#options.separate && pid !== 0;
    if (!separate && this.#shared !== undefined) return this.#shared;
    const output = this.#environment.sharedOutput ?? new Output(this.#environment.destination(pid));
    this.#outputs.add(output);
    if (!separate) this.#shared = output;
    return output;
  }

  #traced(tracee: Tracee, personality: Tracee["personality"] = "x86_64"): Traced {
    const task = new Traced(tracee, this.#outputOf(tracee.pid), this.#options, this.#table, personality);
    task.context.socketNames = this.#socketNames;
    return task;
  }

  #taskOf(tracee: Tracee): Traced {
    let task = this.#tasks.get(tracee.pid);
    if (task === undefined) {
      task = this.#traced(tracee);
      this.#tasks.set(tracee.pid, task);
    }
    return task;
  }

  /** A message about tracing goes out at once, in mid-line if a line is open. */
  #message(text: string): void {
    for (const output of this.#outputs) output.show();
    this.#environment.messages.write(`${this.#options.name}: ${text}\n`);
  }

  /** -k: strace unwinds what is as wide as itself. */
  #stackOf({ personality, tracee }: Traced, inCall: boolean): readonly string[] | undefined {
    return personality === "i386" ? undefined : this.#stacks?.take(tracee, inCall);
  }

  #showStack(task: Traced, lines: readonly string[] | undefined = task.stack): void {
    if (lines !== undefined) task.output.write(lines.map((line) => `${line}\n`).join(""));
  }

  #line(task: Traced, text: string, atExit = false): void {
    this.#begin(task, atExit);
    task.output.sink.text += text;
    task.output.end();
  }

  #begin(task: Traced, atExit = false): void {
    task.output.begin(task);
    task.output.sink.text += this.#prefix.text(task, this.#tasks.size > 1, atExit);
  }

  #nameOf({ call, number }: Traced): string {
    return this.#options.callPrefix + (call?.name ?? `syscall_${hex(number, number >> 31)}`);
  }

  #beginCall(task: Traced): void {
    const { context, call, treatment } = task;
    context.exiting = false;
    context.failed = false;
    context.auxiliary = undefined;
    context.abbreviate = treatment?.abbreviate !== false;
    context.dereference = treatment?.dereference !== false;
    context.argumentNames = call?.names ?? [];
    context.narrow = call?.narrow;
    context.layout = call?.layout;
    context.values = task.values;
    task.done = 0;
    task.printed = 0;
    const name = this.#nameOf(task);
    if (this.#options.statuses === undefined) {
      this.#begin(task);
      task.held = undefined;
      context.out = task.output.sink;
    } else {
      task.held = { prefix: this.#prefix.text(task, this.#tasks.size > 1, false), sink: new TextSink() };
      context.out = task.held.sink;
    }
    context.out.name(name);
    context.out.punct("(");
  }

  /** Takes the call's line up again if another task has spoken since. */
  #resumeCall(task: Traced, name: string): void {
    if (task.held !== undefined || task.output.owner === task) return;
    this.#begin(task);
    task.output.sink.text += `<... ${name} resumed>`;
  }

  /** Prints arguments: at entry those known then, at exit the rest. */
  #showArguments(task: Traced, exiting: boolean): void {
    const { call, context } = task;
    if (call === undefined || task.treatment?.raw === true) {
      showRawArguments(task, this.#options.argumentNames);
      return;
    }
    const { out } = context;
    const { types, order, labels } = call;
    const entryCount = task.done;
    if (exiting) leaveArguments(task, entryCount);
    for (; task.done < types.length; task.done++) {
      const type = types[task.done] as (typeof types)[number];
      const register = order[task.done] as number;
      context.index = register;
      if (type.present !== undefined && !type.present(context)) continue;
      const low = context.argumentLow(register);
      const high = context.argumentHigh(register);
      if (!exiting && type.atExit !== undefined && knownAtExit(type, context)) {
        noteEntries(task);
        return;
      }
      if (task.printed++ > 0) out.punct(", ");
      if (call.named || this.#options.argumentNames) {
        out.name(labels[task.done] as string);
        out.punct("=");
      }
      type.show(context, low, high);
      if (!exiting && type.leave !== undefined && type.leaves?.(context) !== false) {
        task.done++;
        noteEntries(task);
        return;
      }
    }
  }

  #closeArguments(task: Traced): void {
    const { out } = task.context;
    out.punct(")");
    const column = task.held === undefined ? task.output.column : task.held.prefix.length + task.held.sink.text.length;
    out.punct(this.#gaps[Math.max(0, this.#options.columns - column)] ?? " = ");
  }

  /** Ends the line, if the call's status is one that is shown. */
  #endCall(task: Traced, status: string): boolean {
    if (task.held === undefined) {
      task.output.end();
      return true;
    }
    const shown = this.#options.statuses?.has(status) === true;
    if (shown) {
      task.output.begin(task);
      task.output.sink.text += task.held.prefix + task.held.sink.text;
      task.output.end();
    }
    task.held = undefined;
    return shown;
  }

  /** The task died inside the call. */
  #abandonCall(task: Traced): void {
    const name = this.#nameOf(task);
    this.#resumeCall(task, name);
    if (task.call !== undefined && task.done < task.call.types.length) task.context.out.comment(" <unfinished ...>");
    this.#closeArguments(task);
    task.context.out.number("?");
    this.#endCall(task, "unfinished");
    task.inside = false;
    task.output.write(task.notes);
  }
}
