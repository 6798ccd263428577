// execve's argument and environment vectors.
import type { ArgumentType } from "./argument.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView, wordSize } from "./memory.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showString } from "./strings.js";

/** execve's argv and envp: `["ls", "-l"]`, or with `counted` and abbreviating only how many there are. */
export function stringVector(counted: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      if (!c.dereference || (low === 0 && high === 0)) {
        showAddress(c, low, high);
        return;
      }
      if (counted && c.abbreviate) showVectorCount(c, low, high);
      else showVector(c, low, high);
    },
  };
}

function showVectorCount(c: ShowContext, low: number, high: number): void {
  const word = wordSize(c);
  const start = unsignedNumber(low, high);
  let count = 0;
  let readable = true;
  for (; ; count++) {
    const view = peekView(c.tracee, start + count * word, word);
    if (view === undefined) readable = false;
    if (view === undefined || (view.getInt32(0, true) === 0 && (word === 4 || view.getInt32(4, true) === 0))) break;
  }
  showAddress(c, low, high);
  if (count === 0 && !readable) return;
  c.out.comment(` /* ${count} var${count === 1 ? "" : "s"}${readable ? "" : ", unterminated"} */`);
}

function showVector(c: ShowContext, low: number, high: number): void {
  const word = wordSize(c);
  const start = unsignedNumber(low, high);
  for (let i = 0; ; i++) {
    const view = peekView(c.tracee, start + i * word, word);
    if (view === undefined) {
      if (i === 0) {
        showAddress(c, low, high);
        return;
      }
      c.out.punct(", ...");
      const at = start + i * word;
      c.out.comment(` /* ${hex(at | 0, Math.floor(at / 2 ** 32))} */`);
      break;
    }
    const stringLow = view.getInt32(0, true);
    const stringHigh = word === 8 ? view.getInt32(4, true) : 0;
    if (stringLow === 0 && stringHigh === 0) {
      if (i === 0) c.out.punct("[");
      break;
    }
    c.out.punct(i === 0 ? "[" : ", ");
    if (c.abbreviate && i >= c.style.stringLimit) {
      c.out.punct("...");
      break;
    }
    showString(c, stringLow, stringHigh);
  }
  c.out.punct("]");
}
