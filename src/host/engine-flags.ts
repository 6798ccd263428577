// What the host's JavaScript engine can do that has to be asked for.
import { builtin } from "./builtin.js";

/** V8 versions that know the branch hinting proposal and have it behind a flag. */
const FIRST_WITH_HINTS = 11;
const LAST_WITH_FLAG = 12;
/** The last that is known to have the flag for its budget: it complains of flags it has not. */
const LAST_WITH_BUDGET = 13;

const engineVersion = (): number => Number.parseInt(process.versions.v8, 10);

/** Modules compiled from now on have their branch hints obeyed, where that can be had. Compiled code is a quarter faster with them. */
export function obeyBranchHints(): void {
  const version = engineVersion();
  if (version < FIRST_WITH_HINTS || version > LAST_WITH_FLAG) return;
  builtin("node:v8").setFlagsFromString("--experimental-wasm-branch-hinting");
}

// Milliseconds: a program that is over sooner does without node:v8, which takes two to load; and how long a start takes.
const SHORT = 45;
const START_UP = 1000;
/** Bytes of bytecode that a function runs before V8 thinks of compiling it: V8's own, and for the start. */
const BUDGET = 67584;
const BUDGET_AT_START = 4 * BUDGET;

/**
 * For as long as a short program runs, V8 compiles only what runs a lot. The start of a large program keeps all processors busy otherwise, with code
 * that is hardly run before the end. (Whether V8 marks its heap beside the program must not be changed while it does: that ends the process.)
 */
export function compileLittle(): void {
  if (engineVersion() > LAST_WITH_BUDGET) return;
  const setBudget = (bytes: number) => builtin("node:v8").setFlagsFromString(`--interrupt-budget=${bytes}`);
  setTimeout(() => setBudget(BUDGET_AT_START), SHORT).unref();
  setTimeout(() => setBudget(BUDGET), START_UP).unref();
}
