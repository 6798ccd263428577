// The tracer of library calls: what ltrace does when a function is entered, when it returns, and at signals and exits.
import { signalName } from "../abi/signals.js";
import type { Tracee, TracerHooks, UserRegisters } from "../abi/tracee.js";
import type { CallDeclaration } from "../strace/call.js";
import type { Environment } from "../strace/environment.js";
import { type EventOfTask, eventHead, type LibraryCallEvent, secondsOf } from "../strace/events.js";
import { Output } from "../strace/output.js";
import { CallRegisters, CallShower } from "./call-values.js";
import { ElfFiles } from "./objects.js";
import type { LtraceOptions } from "./options.js";
import { type Callee, type EntryPoint, type Point, PointFinder } from "./points.js";
import { Prefix } from "./prefix.js";
import { TracedProcess } from "./process.js";
import type { Prototypes } from "./prototype/prototypes.js";
import { readWord } from "./read-word.js";
import { signalText } from "./signal-text.js";
import { Summary } from "./summary.js";
import { SystemCalls } from "./system-calls.js";

const RAX = 0;
const RSP = 4;
const WORD = 8;
/** Frames further down than this are of another stack. */
const LARGEST_STACK = 64 << 20;

/** A function that has been entered and has not returned. */
interface Frame {
  /** Undefined for a resolver nobody wants to see. */
  readonly callee: Callee | undefined;
  /** What the function it chooses is watched as. */
  readonly resolves: Point | undefined;
  /** Address of the return address on the stack, and what it is. */
  readonly slot: number;
  readonly next: number;
  readonly registers: CallRegisters;
  readonly enteredAt: number;
  /** What has been shown of it so far. */
  shown: readonly string[];
  /** For who is told of calls as data: what was to be said of the task when it began. */
  readonly head: EventOfTask | undefined;
}

interface TracedTask {
  readonly tracee: Tracee;
  process: TracedProcess;
  readonly frames: Frame[];
}

export class Ltrace implements TracerHooks {
  readonly #options: LtraceOptions;
  readonly #environment: Environment;
  readonly #finder: PointFinder;
  readonly #files = new ElfFiles();
  readonly #output: Output;
  /** What stands before the `=`, by the column a call ends at. */
  readonly #gaps: readonly string[];
  readonly #shower: CallShower;
  readonly #prefix: Prefix;
  readonly #summary: Summary | undefined;
  readonly #systemCalls: SystemCalls | undefined;
  readonly #tasks = new Map<number, TracedTask>();
  readonly #processes = new Map<number, TracedProcess>();
  readonly #spareRegisters: CallRegisters[] = [];
  /** Somebody asks how long calls take. */
  readonly #isTimed: boolean;
  readonly #report: ((call: LibraryCallEvent) => void) | undefined;
  /** The program has been executed. */
  #started: boolean;
  /** Calls shown or counted so far. */
  calls = 0;

  /** `declarations` of system calls are for -S. With `report`, calls are told of when they are over, and nothing is printed. */
  constructor(
    options: LtraceOptions,
    prototypes: Prototypes,
    environment: Environment,
    declarations: readonly CallDeclaration[],
    report?: (call: LibraryCallEvent) => void,
  ) {
    this.#report = report;
    this.#options = options;
    this.#environment = environment;
    this.#finder = new PointFinder(options, prototypes);
    this.#output = new Output(environment.destination(0));
    this.#shower = new CallShower(options);
    this.#gaps = Array.from({ length: options.column }, (_, at) => " ".repeat(Math.max(1, options.column - 1 - at)));
    this.#prefix = new Prefix(options, environment.clock);
    const prefix = (pid: number): string => this.#prefix.of(pid, undefined);
    if (options.systemCalls && report === undefined)
      this.#systemCalls = new SystemCalls(options, declarations, environment, this.#output, prefix);
    this.#summary = options.summary ? new Summary() : undefined;
    this.#isTimed = options.duration || options.summary;
    this.#started = environment.attaches === true;
  }

  wants(): boolean {
    return this.#systemCalls !== undefined;
  }

  /** After the last task is gone. */
  finish(): void {
    if (this.#summary !== undefined) this.#output.write(this.#summary.text());
    this.#output.flush();
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    this.#systemCalls?.attached(tracee, parent);
    const from = parent === undefined ? undefined : this.#tasks.get(parent.pid);
    const isThread = from !== undefined && parent?.tgid === tracee.tgid;
    let process = isThread ? from.process : this.#processes.get(tracee.tgid);
    process ??= from?.process.copyFor(tracee) ?? new TracedProcess(this.#finder, this.#files);
    this.#processes.set(tracee.tgid, process);
    // A forked child is in the calls its parent is in; a thread is in none.
    const frames = from === undefined || isThread ? [] : from.frames.map(copyOf);
    this.#tasks.set(tracee.pid, { tracee, process, frames });
    // A process that runs already has loaded what it needs; later attachments to its threads find it started.
    if (this.#environment.attaches && parent === undefined && process.main === undefined) process.start(tracee);
  }

  seized(tracee: Tracee): void {
    this.#systemCalls?.seized(tracee);
  }

  /** The user has enough of it, in whatever call it is. */
  detached(tracee: Tracee): void {
    if (this.#output.owner !== undefined) this.#output.interrupt(" <detached ...>");
    this.#forget(this.#taskOf(tracee));
  }

  /** Nobody reads what it does any more: it is not to stop for that. */
  released(tracee: Tracee): void {
    this.#forget(this.#taskOf(tracee));
  }

  #forget({ tracee, process }: TracedTask): void {
    this.#tasks.delete(tracee.pid);
    for (const other of this.#tasks.values()) if (other.process === process) return;
    process.release(tracee);
    this.#processes.delete(tracee.tgid);
  }

  exec(tracee: Tracee): void {
    const task = this.#taskOf(tracee);
    if (this.#started) this.#message(task, "--- Called exec() ---");
    this.#started = true;
    this.#abandon(task);
    task.process.start(tracee);
    this.#warnOfBlindness(task.process);
  }

  #warnOfBlindness(process: TracedProcess): void {
    const { main } = process;
    if (main === undefined || !main.file.isStatic || main.file.symbols.length > 0) return;
    this.#environment.messages.write(
      `${this.#options.name}: ${main.path} is static and has no symbols: its library calls cannot be told from others\n`,
    );
  }

  watched(tracee: Tracee, registers: UserRegisters): void {
    const task = this.#tasks.get(tracee.pid);
    if (task === undefined) return;
    const { rip } = registers;
    this.#return(task, rip, registers);
    const point = task.process.point(rip);
    if (point !== undefined) this.#pass(task, point, registers);
  }

  #pass(task: TracedTask, point: Point, registers: UserRegisters): void {
    const { tracee, process } = task;
    const stack = registers.address(RSP);
    switch (point.kind) {
      case "linker":
        return process.refresh(tracee);
      case "call":
        return this.#enter(task, point.callee, undefined, stack - WORD, point.next, registers);
      case "jump":
      case "entry":
      case "resolver": {
        const next = readWord(tracee, stack);
        if (next === undefined) return;
        if (point.kind === "resolver") this.#enter(task, point.shown, point.entry, stack, next, registers);
        else if (point.kind === "jump" || point.counts === undefined || this.#counts(task, point, stack, next))
          this.#enter(task, point.callee, undefined, stack, next, registers);
      }
    }
  }

  /** A function that another one of the library has jumped to is not called by the program. */
  #counts({ frames, tracee }: TracedTask, point: EntryPoint, slot: number, next: number): boolean {
    const top = frames.at(-1);
    if (top?.slot === slot && top.next === next && top.callee !== point.callee) return false;
    return point.counts?.(tracee, next) ?? true;
  }

  #enter(
    task: TracedTask,
    callee: Callee | undefined,
    resolves: Point | undefined,
    slot: number,
    next: number,
    registers: UserRegisters,
  ): void {
    const { frames, tracee } = task;
    while (isDead(frames.at(-1), slot, next, callee)) this.#abandonLast(frames);
    const values = this.#spareRegisters.pop() ?? new CallRegisters();
    values.take(registers, slot + WORD, callee?.signature.usesVectors === true);
    const enteredAt = this.#isTimed ? this.#environment.clock.monotonic() : 0;
    const head = this.#report && callee ? eventHead(tracee, this.#environment.clock) : undefined;
    const frame: Frame = { callee, resolves, slot, next, registers: values, enteredAt, shown: [], head };
    frames.push(frame);
    task.process.watch(tracee, next);
    if (callee !== undefined) this.calls++;
    if (callee === undefined || this.#summary !== undefined) return;
    const shower = this.#shower;
    const { signature } = callee;
    shower.begin(tracee, values, signature);
    frame.shown = shower.argumentTexts(0, signature.returnsFrom);
    if (this.#report) return;
    this.#begin(task, next, depthOf(frames) - 1);
    this.#output.sink.text += `${callee.label}(${frame.shown.join(", ")}`;
    this.#output.show();
  }

  /** Rip has come to where a function returns to: the frames that are over now, innermost first. */
  #return(task: TracedTask, rip: number, registers: UserRegisters): void {
    const { frames } = task;
    if (frames.length === 0) return;
    const slot = registers.address(RSP) - WORD;
    let last = frames.length - 1;
    while (last >= 0 && !(frames[last]?.slot === slot && frames[last]?.next === rip)) last--;
    if (last < 0) return;
    // What is further in was left by longjmp or an exception.
    while (frames.length - 1 > last) this.#abandonLast(frames);
    while (frames.at(-1)?.slot === slot && frames.at(-1)?.next === rip) this.#leave(task, registers);
  }

  #pop(frames: Frame[]): void {
    const frame = frames.pop();
    if (frame !== undefined) this.#spareRegisters.push(frame.registers);
  }

  /** A call that will not return has been made all the same. */
  #abandonLast(frames: Frame[]): void {
    const { callee, enteredAt, shown } = frames.at(-1) as Frame;
    if (this.#report) this.#reportCall(frames, shown);
    if (callee !== undefined) this.#summary?.count(callee.label, this.#environment.clock.monotonic() - enteredAt);
    this.#pop(frames);
  }

  #abandon({ frames }: TracedTask): void {
    while (frames.length > 0) this.#abandonLast(frames);
  }

  #leave(task: TracedTask, registers: UserRegisters): void {
    const frame = task.frames.at(-1) as Frame;
    const { callee, resolves } = frame;
    if (resolves !== undefined) task.process.addResolved(task.tracee, registers.address(RAX), resolves);
    if (callee !== undefined) {
      const time = this.#isTimed ? this.#environment.clock.monotonic() - frame.enteredAt : 0;
      if (this.#summary !== undefined) this.#summary.count(callee.label, time);
      else {
        const shower = this.#shower;
        const { returnsFrom, parameters } = callee.signature;
        shower.begin(task.tracee, frame.registers, callee.signature);
        shower.setResult(registers);
        const rest = returnsFrom < parameters.length ? shower.argumentTexts(returnsFrom, parameters.length) : [];
        const result = shower.resultText(registers);
        if (this.#report) this.#reportCall(task.frames, [...frame.shown, ...rest], result);
        else this.#showReturn(task, frame, callee, rest, result, time);
      }
    }
    this.#pop(task.frames);
  }

  /** The innermost call is over; without a result it did not return. */
  #reportCall(frames: readonly Frame[], texts: readonly string[], result?: string): void {
    const { callee, next, head } = frames.at(-1) as Frame;
    if (callee === undefined || head === undefined) return;
    const { name, label } = callee;
    // By the clock that says when it began: calls inside of it end before it does.
    const duration = Math.max(0, secondsOf(this.#environment.clock.realtime()) - head.time);
    const depth = depthOf(frames) - 1;
    const returned = result === undefined ? {} : { result };
    this.#report?.({
      type: "library-call",
      ...head,
      name,
      label,
      arguments: texts,
      ...returned,
      address: next,
      depth,
      duration,
    });
  }

  #showReturn(
    task: TracedTask,
    frame: Frame,
    callee: Callee,
    rest: readonly string[],
    result: string,
    time: number,
  ): void {
    const output = this.#output;
    // Another line has been begun since, of this task or of another.
    if (output.owner !== frame) {
      this.#begin(task, frame.next, depthOf(task.frames) - 1, frame);
      output.sink.text += `<... ${callee.name} resumed> `;
    }
    const { sink } = output;
    const comma = frame.shown.length > 0 && rest.length > 0 ? ", " : "";
    sink.text += `${comma}${rest.join(", ")})`;
    sink.text += `${this.#gap(output.column)}= ${result}`;
    if (this.#options.duration) sink.text += ` <${(time / 1e9).toFixed(6)}>`;
    output.end();
  }

  #gap(column: number): string {
    return this.#gaps[column] ?? " ";
  }

  /** A line of a call's; what another call has left open is cut short. */
  #begin(task: TracedTask, address: number, depth: number, frame = task.frames.at(-1)): void {
    this.#output.begin(frame as Frame);
    this.#output.sink.text += this.#prefix.of(task.tracee.pid, address) + " ".repeat(depth * this.#options.indent);
  }

  /** A line about the task itself. */
  #message(task: TracedTask, text: string): void {
    if (this.#summary !== undefined || this.#report !== undefined) return;
    const output = this.#output;
    if (output.owner !== undefined) output.interrupt(" <no return ...>");
    output.begin(task);
    output.sink.text += this.#prefix.of(task.tracee.pid, undefined) + text;
    output.end();
  }

  syscallEntry(tracee: Tracee): void {
    // The execve that starts the program is the tracer's own doing.
    if (this.#started) this.#systemCalls?.entry(tracee);
  }

  syscallExit(tracee: Tracee): void {
    const call = this.#systemCalls?.exit(tracee);
    if (call !== undefined) this.#summary?.count(call.name, call.time);
  }

  signalDelivery(tracee: Tracee, signal: number): void {
    if (!this.#options.signals) return;
    this.#message(this.#taskOf(tracee), `--- ${signalName(signal)} (${signalText(signal)}) ---`);
  }

  groupStop(): void {}

  exited(tracee: Tracee, status: number): void {
    const task = this.#taskOf(tracee);
    const signal = status & 0x7f;
    this.#systemCalls?.exited(tracee);
    this.#abandon(task);
    // ltrace counts the call that ended the program.
    if (signal === 0 && tracee.pid === tracee.tgid) this.#summary?.count("exit_group", 0);
    this.#message(
      task,
      signal === 0 ? `+++ exited (status ${(status >> 8) & 0xff}) +++` : `+++ killed by ${signalName(signal)} +++`,
    );
    this.#forget(task);
  }

  #taskOf(tracee: Tracee): TracedTask {
    let task = this.#tasks.get(tracee.pid);
    if (task === undefined) {
      this.attached(tracee, undefined);
      task = this.#tasks.get(tracee.pid) as TracedTask;
    }
    return task;
  }
}

function copyOf(frame: Frame): Frame {
  const registers = new CallRegisters();
  registers.general.set(frame.registers.general);
  registers.vectors = frame.registers.vectors?.slice();
  registers.stack = frame.registers.stack;
  return { ...frame, registers };
}

const depthOf = (frames: readonly Frame[]): number =>
  frames.reduce((depth, { callee }) => (callee === undefined ? depth : depth + 1), 0);

/** A frame was left without returning when the stack is in use again where it was. */
function isDead(frame: Frame | undefined, slot: number, next: number, callee: Callee | undefined): boolean {
  if (frame === undefined) return false;
  if (frame.slot < slot) return slot - frame.slot < LARGEST_STACK;
  // At the same place is the function that has jumped to this one, unless it is the same call once more.
  return frame.slot === slot && (frame.next !== next || frame.callee === callee);
}
