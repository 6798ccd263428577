// System calls among the library calls, -S: as strace shows them, or with --raw-syscalls in ltrace's way.
import type { Tracee } from "../abi/tracee.js";
import { type CallDeclaration, CallTable } from "../strace/call.js";
import type { Environment } from "../strace/environment.js";
import { type StraceOptions, defaultOptions as straceDefaults } from "../strace/options.js";
import type { Output } from "../strace/output.js";
import { Strace } from "../strace/tracer.js";
import type { LtraceOptions } from "./options.js";
import { guess } from "./prototype/number-lenses.js";

const NO_SIGNALS = (): boolean => false;
const UNKNOWN_ARGUMENTS = 6;

export interface CountedCall {
  readonly name: string;
  /** Nanoseconds. */
  readonly time: number;
}

export class SystemCalls {
  readonly #options: LtraceOptions;
  readonly #environment: Environment;
  readonly #output: Output;
  readonly #prefix: (pid: number) => string;
  readonly #strace: Strace;
  readonly #table: CallTable;
  /** Tasks that are in a call, and since when. */
  readonly #inside = new Map<number, number>();

  constructor(
    options: LtraceOptions,
    declarations: readonly CallDeclaration[],
    environment: Environment,
    output: Output,
    prefix: (pid: number) => string,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#output = output;
    this.#prefix = prefix;
    this.#table = new CallTable(declarations);
    this.#strace = new Strace(straceOptions(options), declarations, {
      ...environment,
      sharedOutput: output,
      prefix,
      attaches: true,
    });
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    this.#strace.attached(tracee, parent);
  }

  seized(tracee: Tracee): void {
    this.#strace.seized(tracee);
  }

  exited(tracee: Tracee): void {
    this.#strace.exited(tracee, 0);
    this.#inside.delete(tracee.pid);
  }

  entry(tracee: Tracee): void {
    this.#inside.set(tracee.pid, this.#environment.clock.monotonic());
    if (this.#options.summary) return;
    if (this.#options.rawSystemCalls) this.#showEntry(tracee);
    else this.#strace.syscallEntry(tracee);
  }

  /** The call that is over, for who counts; undefined when none was seen to begin. */
  exit(tracee: Tracee): CountedCall | undefined {
    const enteredAt = this.#inside.get(tracee.pid);
    if (enteredAt === undefined) return undefined;
    this.#inside.delete(tracee.pid);
    const time = this.#environment.clock.monotonic() - enteredAt;
    if (!this.#options.summary) {
      if (this.#options.rawSystemCalls) this.#showExit(tracee, time);
      else this.#strace.syscallExit(tracee);
    }
    return { name: this.#nameOf(tracee), time };
  }

  #nameOf(tracee: Tracee): string {
    return this.#table.find(tracee)?.name ?? `SYS_${tracee.syscallNumber}`;
  }

  #showEntry(tracee: Tracee): void {
    const count = this.#table.find(tracee)?.order.length ?? UNKNOWN_ARGUMENTS;
    const its = Array.from({ length: count }, (_, n) => guess(tracee.argumentLow(n), tracee.argumentHigh(n)));
    this.#output.begin(tracee);
    this.#output.sink.text += `${this.#prefix(tracee.pid)}${this.#nameOf(tracee)}@SYS(${its.join(", ")}`;
    this.#output.show();
  }

  #showExit(tracee: Tracee, time: number): void {
    const output = this.#output;
    if (output.owner !== tracee) {
      output.begin(tracee);
      output.sink.text += `${this.#prefix(tracee.pid)}<... ${this.#nameOf(tracee)} resumed> `;
    }
    output.sink.text += ")";
    const gap = " ".repeat(Math.max(1, this.#options.column - 1 - output.column));
    output.sink.text += `${gap}= ${guess(tracee.resultLow(), tracee.resultHigh())}`;
    if (this.#options.duration) output.sink.text += ` <${(time / 1e9).toFixed(6)}>`;
    output.end();
  }
}

function straceOptions(options: LtraceOptions): StraceOptions {
  const defaults = straceDefaults();
  return {
    ...defaults,
    name: options.name,
    toFile: true,
    columns: options.column - 1,
    style: { ...defaults.style, stringLimit: options.stringLimit },
    signals: NO_SIGNALS,
    quiet: new Set(["attach", "exit", "personality", "thread-execve", "path-resolution"]),
    duration: options.duration ? 6 : undefined,
    callPrefix: "SYS_",
  };
}
