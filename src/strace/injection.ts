// Tampering with calls (-e inject=, -e fault=): made-up results, signals, delays, changed memory.
import { unsignedNumber } from "../abi/digits.js";
import type { Tracee } from "../abi/tracee.js";
import type { Call } from "./call.js";
import type { Injection, Poke } from "./options.js";

const SKIP = -1;

/** Counts a task's calls and says which of them are tampered with. */
export class Injector {
  readonly #injections: readonly Injection[];
  readonly #counts = new Map<Injection, Map<Call, number>>();

  constructor(injections: readonly Injection[]) {
    this.#injections = injections;
  }

  /** At the entry stop. The last injection given for the call decides. */
  enter(tracee: Tracee, call: Call): Injection | undefined {
    let chosen: Injection | undefined;
    for (const injection of this.#injections) {
      if (injection.calls(call)) chosen = injection;
    }
    if (chosen === undefined || !this.#isDue(chosen, call)) return undefined;
    wait(chosen.delayEnter);
    poke(tracee, chosen.pokeEnter);
    if (hasResult(chosen)) tracee.syscallNumber = chosen.syscall ?? SKIP;
    return chosen;
  }

  #isDue(injection: Injection, call: Call): boolean {
    const counts = this.#counts.get(injection) ?? new Map<Call, number>();
    this.#counts.set(injection, counts);
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count < injection.first || count > injection.last) return false;
    return count === injection.first || (injection.step !== 0 && (count - injection.first) % injection.step === 0);
  }

  /** At the exit stop, before the line is printed: puts the result in place. */
  leave(tracee: Tracee, injection: Injection): void {
    if (injection.error !== undefined) tracee.setResult(-injection.error, -1);
    else if (injection.value !== undefined) {
      tracee.setResult(injection.value | 0, Math.floor(injection.value / 2 ** 32) | 0);
    }
    poke(tracee, injection.pokeExit);
    if (injection.signal !== undefined) tracee.sendSignal?.(injection.signal);
    wait(injection.delayExit);
  }

  /** What the line says of it. */
  mark(injection: Injection): string {
    const changed = injection.pokeEnter !== undefined || injection.pokeExit !== undefined;
    let text = "";
    if (hasResult(injection)) text = changed ? " (INJECTED: args, retval)" : " (INJECTED)";
    else if (changed) text = " (INJECTED: args)";
    const delayed = injection.delayEnter !== undefined || injection.delayExit !== undefined;
    return delayed ? `${text} (DELAYED)` : text;
  }
}

const hasResult = ({ error, value }: Injection): boolean => error !== undefined || value !== undefined;

function poke(tracee: Tracee, pokes: readonly Poke[] | undefined): void {
  for (const { argument, bytes } of pokes ?? []) {
    tracee.poke(unsignedNumber(tracee.argumentLow(argument), tracee.argumentHigh(argument)), bytes);
  }
}

/** The whole machine waits with the task. */
function wait(nanoseconds: number | undefined): void {
  if (nanoseconds === undefined) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, nanoseconds / 1e6);
}
