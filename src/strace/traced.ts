// What the tracer keeps of a task between its stops.
import { ShowContext } from "../abi/show.js";
import type { Tracee } from "../abi/tracee.js";
import type { Call, CallTable } from "./call.js";
import type { Treatment } from "./filter.js";
import { Injector } from "./injection.js";
import type { Injection, StraceOptions } from "./options.js";
import type { Output } from "./output.js";
import type { TextSink } from "./text.js";

/** One traced task. */
export class Traced {
  readonly context: ShowContext;
  /** The call it is in; undefined outside calls and in calls without a declaration. */
  call: Call | undefined;
  /** The arguments of a call that was reached through another's door. */
  values: readonly number[] | undefined;
  treatment: Treatment | undefined;
  /** Between an entry and an exit stop of a call that is traced. */
  inside = false;
  /** orig_rax of the last call, for -n. */
  number = 0;
  /** Whose calls it made last. */
  personality: Tracee["personality"];
  /** How many arguments have been considered, and how many of them printed. */
  done = 0;
  printed = 0;
  enteredAt = 0;
  systemTimeAtEntry = 0;
  readonly injector: Injector | undefined;
  injection: Injection | undefined;
  /** -k: where the call was made, for the lines after it. */
  stack: readonly string[] | undefined;
  /** What is said about its call by others, behind the call's line. */
  notes = "";
  /** What is held back until the result decides whether it is shown. */
  held: { readonly prefix: string; readonly sink: TextSink } | undefined;

  constructor(
    readonly tracee: Tracee,
    readonly output: Output,
    options: StraceOptions,
    table: CallTable,
    personality: Tracee["personality"],
  ) {
    this.personality = personality;
    this.context = new ShowContext(tracee, options.style, output.sink);
    this.context.callName = (number) => table.byNumber(number, tracee.personality)?.name;
    if (options.injections.length > 0) this.injector = new Injector(options.injections);
  }
}
