// Linux's sighand_struct: what the process does on each signal, and what it does by default.
import * as uapi from "../../abi/constants/signals.js";
import type { Abi } from "../../abi/struct.js";
import { SignalSet } from "./signal-set.js";

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or the handler's address. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: SignalSet;
  /** Of whoever set it, which is how its frames are laid out: SA_IA32_ABI, SA_X32_ABI. */
  readonly abi: Abi;
}

/** Of the kernel's own: the default action, which neither the program nor its tracer can change any more. */
export const SA_IMMUTABLE = 0x00800000;

const defaultAction: SignalAction = {
  handler: uapi.SIG_DFL,
  flags: 0,
  restorer: 0,
  mask: new SignalSet(),
  abi: "x86_64",
};

export class Sighand {
  readonly #actions: SignalAction[];

  constructor(from?: Sighand) {
    this.#actions = from ? from.#actions.slice() : new Array<SignalAction>(uapi._NSIG + 1).fill(defaultAction);
  }

  get(signal: number): SignalAction {
    return this.#actions[signal];
  }

  set(signal: number, action: SignalAction): void {
    this.#actions[signal] = action;
  }

  reset(signal: number, flags = 0): void {
    this.#actions[signal] = flags === 0 ? defaultAction : { ...defaultAction, flags };
  }

  /** exec: handlers are gone with the old program, ignored signals stay ignored. */
  flushHandlers(): void {
    for (let signal = 1; signal <= uapi._NSIG; signal++) {
      const { handler } = this.#actions[signal];
      this.#actions[signal] = handler === uapi.SIG_IGN ? { ...defaultAction, handler } : defaultAction;
    }
  }

  /** Would the signal, if it came now, be thrown away? */
  ignores(signal: number): boolean {
    const { handler } = this.#actions[signal];
    return handler === uapi.SIG_IGN || (handler === uapi.SIG_DFL && defaultDisposition(signal) === "ignore");
  }
}

export type Disposition = "terminate" | "core" | "stop" | "ignore";

export function defaultDisposition(signal: number): Disposition {
  switch (signal) {
    case uapi.SIGCHLD:
    case uapi.SIGCONT:
    case uapi.SIGWINCH:
    case uapi.SIGURG:
      return "ignore";
    case uapi.SIGSTOP:
    case uapi.SIGTSTP:
    case uapi.SIGTTIN:
    case uapi.SIGTTOU:
      return "stop";
    case uapi.SIGQUIT:
    case uapi.SIGILL:
    case uapi.SIGTRAP:
    case uapi.SIGABRT:
    case uapi.SIGBUS:
    case uapi.SIGFPE:
    case uapi.SIGSEGV:
    case uapi.SIGXCPU:
    case uapi.SIGXFSZ:
    case uapi.SIGSYS:
      return "core";
    default:
      return "terminate";
  }
}
