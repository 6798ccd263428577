// Vectors of buffers, and the offsets that go with transfers.

import type { ArgumentType } from "./argument.js";
import { unsignedDecimal, unsignedNumber } from "./digits.js";
import { wordSize } from "./memory.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showBuffer } from "./strings.js";
import { type Field, pointer, s64, showArray, showPointed, sizeWord, struct, u64, word } from "./struct.js";

export const iovec = struct({ iov_base: pointer(), iov_len: sizeWord() });

/**
 * A vector of `count` buffers. What is in them is shown when the program filled them ("in") or up to what the kernel returned
 * ("out"); "addresses" shows none.
 */
export function ioVector(count: string, contents: "in" | "out" | "addresses"): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: contents === "out",
    show: (c, low, high) => {
      let left = contents !== "out" ? Number.POSITIVE_INFINITY : c.failed ? 0 : c.result();
      const word = wordSize(c);
      showArray(c, low, high, c.unsigned(count), 2 * word, (_, view) => {
        const hasContents = contents !== "addresses" && !(contents === "out" && c.failed);
        left -= showIoVector(c, view, hasContents ? showBuffer : undefined, left);
      });
    },
  };
}

/** One element, with its contents as `show` has them or none; returns how many bytes it can hold. */
export function showIoVector(
  c: ShowContext,
  view: DataView,
  show: typeof showBuffer | undefined,
  left: number,
): number {
  const word = wordSize(c);
  const baseLow = view.getInt32(0, true);
  const baseHigh = word === 8 ? view.getInt32(4, true) : 0;
  const lengthHigh = word === 8 ? view.getInt32(word + 4, true) : 0;
  const length = unsignedNumber(view.getInt32(word, true), lengthHigh);
  c.out.punct("{");
  c.out.name("iov_base");
  c.out.punct("=");
  if (show !== undefined) show(c, baseLow, baseHigh, Math.min(length, Math.max(left, 0)));
  else showAddress(c, baseLow, baseHigh);
  c.out.punct(", ");
  c.out.name("iov_len");
  c.out.punct("=");
  c.out.number(unsignedDecimal(view.getInt32(word, true), lengthHigh));
  c.out.punct("}");
  return length;
}

/** An offset the call reads and moves on: `[5]`, or `[5 => 9]` when it did. An off_t, or a loff_t. */
function movedOffset(field: Field): ArgumentType<number> {
  const box = struct({ value: field });
  return {
    receive: unsignedNumber,
    atExit: true,
    enter: (c, low, high) => {
      const size = box.size(c.abi);
      const view = low === 0 && high === 0 ? undefined : c.tracee.peek(unsignedNumber(low, high), size)?.slice();
      c.notes[c.index] = view;
    },
    show: (c, low, high) => {
      const before = c.notes[c.index] as Uint8Array | undefined;
      if (before === undefined) {
        showAddress(c, low, high);
        return;
      }
      c.out.punct("[");
      box.showField(c, new DataView(before.buffer), "value");
      if (!c.failed && c.result() !== 0) {
        showPointed(c, low, high, box.size(c.abi), (_, now) => {
          c.out.punct(" => ");
          box.showField(c, now, "value");
        });
      }
      c.out.punct("]");
    },
  };
}

export const offsetInOut = movedOffset(word());
export const wideOffsetInOut = movedOffset(u64());

export const offsetIn = ((): ArgumentType<number> => {
  const box = struct({ value: s64() });
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showPointed(c, low, high, 8, (_, view) => {
        c.out.punct("[");
        box.showField(c, view, "value");
        c.out.punct("]");
      }),
  };
})();

/** The high half of preadv2's offset: the low half already holds all of it on 64-bit machines. */
export const highOffset: ArgumentType<number> = {
  receive: (low) => low,
  narrow: "held",
  present: () => false,
  show: () => {},
};
