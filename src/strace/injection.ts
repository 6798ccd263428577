// Tampering with calls (-e inject=, -e fault=): the call is skipped and its result made up.
import type { Tracee } from "../abi/tracee.js";
import type { Call } from "./call.js";
import type { Injection } from "./options.js";

const SKIP = -1;

/** Counts a task's calls and says which of them are tampered with. */
export class Injector {
  readonly #injections: readonly Injection[];
  readonly #counts = new Map<Injection, Map<Call, number>>();

  constructor(injections: readonly Injection[]) {
    this.#injections = injections;
  }

  /** At the entry stop: skips the call when one of the injections is for it. The last one given decides. */
  enter(tracee: Tracee, call: Call): Injection | undefined {
    let chosen: Injection | undefined;
    for (const injection of this.#injections) {
      if (injection.calls(call)) chosen = injection;
    }
    if (chosen === undefined) return undefined;
    const counts = this.#counts.get(chosen) ?? new Map<Call, number>();
    this.#counts.set(chosen, counts);
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count < chosen.first || count > chosen.last) return undefined;
    if (count > chosen.first && (chosen.step === 0 || (count - chosen.first) % chosen.step !== 0)) return undefined;
    tracee.syscallNumber = SKIP;
    return chosen;
  }

  /** At the exit stop: puts the result in place. */
  leave(tracee: Tracee, injection: Injection): void {
    if (injection.error !== undefined) tracee.setResult(-injection.error, -1);
    else {
      const value = injection.value ?? 0;
      tracee.setResult(value | 0, Math.floor(value / 2 ** 32) | 0);
    }
  }
}
