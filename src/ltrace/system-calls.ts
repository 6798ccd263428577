// System calls among the library calls, -S: as strace shows them, or with --raw-syscalls as ltrace does.
import type { Tracee } from "../abi/tracee.js";
import type { CallDeclaration } from "../strace/call.js";
import { CallTable } from "../strace/call.js";
import type { Environment } from "../strace/environment.js";
import { type StraceOptions, defaultOptions as straceDefaults } from "../strace/options.js";
import type { Output } from "../strace/output.js";
import { Strace } from "../strace/tracer.js";
import type { LtraceOptions } from "./options.js";

const NO_SIGNALS = (): boolean => false;

export interface CountedCall {
  readonly name: string;
  /** Nanoseconds. */
  readonly time: number;
}

export class SystemCalls {
  readonly #strace: Strace;
  readonly #table: CallTable;
  readonly #environment: Environment;
  readonly #enteredAt = new Map<number, number>();

  constructor(
    options: LtraceOptions,
    declarations: readonly CallDeclaration[],
    environment: Environment,
    output: Output,
    prefix: (pid: number) => string,
  ) {
    this.#environment = environment;
    this.#table = new CallTable(declarations);
    this.#strace = new Strace(straceOptions(options), declarations, {
      ...environment,
      sharedOutput: output,
      prefix,
    });
  }

  wants(_syscallNumber: number): boolean {
    return true;
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    this.#strace.attached(tracee, parent);
  }

  exited(tracee: Tracee): void {
    this.#strace.exited(tracee, 0);
    this.#enteredAt.delete(tracee.pid);
  }

  entry(tracee: Tracee, isCounted: boolean): void {
    if (isCounted) this.#enteredAt.set(tracee.pid, this.#environment.clock.monotonic());
    else this.#strace.syscallEntry(tracee);
  }

  /** When calls are only counted: the one that is over. */
  exit(tracee: Tracee, isCounted: boolean): CountedCall | undefined {
    if (!isCounted) {
      this.#strace.syscallExit(tracee);
      return undefined;
    }
    const name = this.#table.find(tracee)?.name ?? `syscall_${tracee.syscallNumber}`;
    const now = this.#environment.clock.monotonic();
    return { name, time: now - (this.#enteredAt.get(tracee.pid) ?? now) };
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
    ...(options.rawSystemCalls ? { raw: () => true } : {}),
  };
}
