// The trace of library calls as data: one event for each call, and those tsstrace has for signals, starts and ends, and with -S system calls.
import type { Tracee, TracerHooks, UserRegisters } from "../abi/tracee.js";
import type { CallDeclaration } from "../strace/call.js";
import type { Clock } from "../strace/clock.js";
import { EventTracer, type TraceEvent } from "../strace/events.js";
import { defaultOptions, none } from "../strace/options.js";
import { Ltrace } from "./ltrace.js";
import type { LtraceOptions } from "./options.js";
import type { Prototypes } from "./prototype/prototypes.js";

export class LibraryEventTracer implements TracerHooks {
  readonly #calls: Ltrace;
  readonly #others: EventTracer;
  readonly #withSystemCalls: boolean;

  constructor(
    options: LtraceOptions,
    prototypes: Prototypes,
    declarations: readonly CallDeclaration[],
    clock: Clock,
    emit: (event: TraceEvent) => void,
    attaches = false,
  ) {
    const nowhere = { write: () => {}, immediate: false };
    const environment = { clock, destination: () => nowhere, messages: nowhere, attaches };
    const { stringLimit } = options;
    const defaults = defaultOptions();
    const its = {
      ...defaults,
      style: { ...defaults.style, stringLimit },
      ...(options.signals ? {} : { signals: none }),
    };
    this.#withSystemCalls = options.systemCalls;
    this.#calls = new Ltrace({ ...options, summary: false }, prototypes, environment, declarations, emit);
    this.#others = new EventTracer(its, declarations, clock, emit, { attaches });
  }

  get calls(): number {
    return this.#calls.calls;
  }

  wants(): boolean {
    return this.#withSystemCalls;
  }

  attached(tracee: Tracee, parent: Tracee | undefined): void {
    this.#others.attached(tracee, parent);
    this.#calls.attached(tracee, parent);
  }

  seized(tracee: Tracee): void {
    this.#others.seized(tracee);
  }

  detached(tracee: Tracee): void {
    this.#calls.released(tracee);
    this.#others.detached(tracee);
  }

  released(tracee: Tracee): void {
    this.#calls.released(tracee);
  }

  finish(): void {}

  watched(tracee: Tracee, registers: UserRegisters): void {
    this.#calls.watched(tracee, registers);
  }

  syscallEntry(tracee: Tracee): void {
    this.#others.syscallEntry(tracee);
  }

  syscallExit(tracee: Tracee): void {
    this.#others.syscallExit(tracee);
  }

  signalDelivery(tracee: Tracee, signal: number, siginfo: Uint8Array): void {
    this.#others.signalDelivery(tracee, signal, siginfo);
  }

  groupStop(tracee: Tracee, signal: number): void {
    this.#others.groupStop(tracee, signal);
  }

  exec(tracee: Tracee): void {
    this.#calls.exec(tracee);
  }

  exited(tracee: Tracee, status: number): void {
    this.#calls.exited(tracee, status);
    this.#others.exited(tracee, status);
  }
}
