// What follows the `=`: the value, the error's name and message, what a decoder has to add.
import { hex } from "../abi/digits.js";
import { errnoMessage, errnoName } from "../abi/errno.js";
import type { ShowContext } from "../abi/show.js";
import type { Call } from "./call.js";

const MAX_ERRNO = 4095;
const FIRST_RESTART = 512;
const LAST_RESTART = 516;

/** The errno in a result, 0 when it is none. */
export function errorOf(low: number, high: number): number {
  return high === -1 && low < 0 && low >= -MAX_ERRNO ? -low : 0;
}

export const isRestart = (error: number): boolean => error >= FIRST_RESTART && error <= LAST_RESTART;

export function showResult(c: ShowContext, call: Call | undefined, raw: boolean, error: number): void {
  const { out, tracee } = c;
  if (error !== 0) {
    const name = errnoName(error);
    if (isRestart(error)) out.number("?");
    else out.number("-1");
    if (name === undefined) out.comment(` (errno ${error})`);
    else {
      out.punct(" ");
      out.flag(name);
      out.comment(` (${errnoMessage(error)})`);
    }
    return;
  }
  if (raw || call === undefined) out.number(hex(tracee.resultLow(), tracee.resultHigh()));
  else call.returns.show(c, tracee.resultLow(), tracee.resultHigh());
  if (c.auxiliary !== undefined && !raw) out.comment(` (${c.auxiliary})`);
}
