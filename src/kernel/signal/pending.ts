// Linux's sigpending: signals sent and not yet taken.
import * as uapi from "../../abi/constants/signals.js";
import { SignalSet } from "./signal-set.js";

export interface PendingSignal {
  readonly signal: number;
  readonly info: Uint8Array;
  /** Called when it is taken off its queue; false: it is not true any more. */
  readonly taken?: (() => boolean) | undefined;
}

/** Raised by the program's own instructions: taken before any other. kernel/signal.c: SYNCHRONOUS_MASK */
const SYNCHRONOUS = [uapi.SIGSEGV, uapi.SIGBUS, uapi.SIGILL, uapi.SIGTRAP, uapi.SIGFPE, uapi.SIGSYS];

export class PendingQueue {
  readonly set = new SignalSet();
  #queue: PendingSignal[] = [];

  /** False when a standard signal is pending already. */
  add(signal: number, info: Uint8Array, taken?: PendingSignal["taken"]): boolean {
    if (signal < uapi.SIGRTMIN && this.set.has(signal)) return false;
    this.#queue.push({ signal, info, taken });
    this.set.add(signal);
    return true;
  }

  /** The signal to take first among those not in `blocked`; 0 when there is none. */
  next(blocked: SignalSet): number {
    const open = this.set.without(blocked);
    if (open.isEmpty) return 0;
    for (const signal of SYNCHRONOUS) if (open.has(signal)) return signal;
    for (let signal = 1; signal <= uapi._NSIG; signal++) if (open.has(signal)) return signal;
    return 0;
  }

  take(signal: number): PendingSignal | undefined {
    const index = this.#queue.findIndex((pending) => pending.signal === signal);
    if (index < 0) return undefined;
    const [taken] = this.#queue.splice(index, 1);
    if (!this.#queue.some((pending) => pending.signal === signal)) this.set.remove(signal);
    return taken;
  }

  discard(signal: number): void {
    if (!this.set.has(signal)) return;
    this.#queue = this.#queue.filter((pending) => pending.signal !== signal);
    this.set.remove(signal);
  }

  /** Those that wait, from the first or a later one on, in the order in which they came. */
  list(from: number, count: number): readonly PendingSignal[] {
    return this.#queue.slice(from, from + count);
  }

  get length(): number {
    return this.#queue.length;
  }
}
