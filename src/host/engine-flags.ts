// What the host's JavaScript engine can do that has to be asked for.
import { builtin } from "./builtin.js";

/** V8 versions that know the branch hinting proposal and have it behind a flag. */
const FIRST_WITH_HINTS = 11;
const LAST_WITH_FLAG = 12;

/** Modules compiled from now on have their branch hints obeyed, where that can be had. Compiled code is a quarter faster with them. */
export function obeyBranchHints(): void {
  const version = Number.parseInt(process.versions.v8, 10);
  if (version < FIRST_WITH_HINTS || version > LAST_WITH_FLAG) return;
  builtin("node:v8").setFlagsFromString("--experimental-wasm-branch-hinting");
}

const START_UP = 1000; // ms

/**
 * For as long as a short program runs, V8 does not mark its heap beside it: on few processors that takes a fifth of the time of the start, and the
 * program is over before there is garbage.
 */
export function markLater(): void {
  const { setFlagsFromString } = builtin("node:v8");
  setFlagsFromString("--no-incremental-marking");
  setTimeout(() => setFlagsFromString("--incremental-marking"), START_UP).unref();
}
