// struct xattr_args of setxattrat(2) and getxattrat(2).
import type { ArgumentType } from "./argument.js";
import { xattrFlags } from "./constants/files.js";
import { unsignedNumber } from "./digits.js";
import { extensibleIn } from "./extensible.js";
import { address, flagsOf } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showBuffer } from "./strings.js";
import { type Fields, type Struct, struct, u32, u64 } from "./struct.js";

const XATTR_SIZE_MAX = 65536;

export type AttributeValue = (size: number) => ArgumentType<number>;

function showValue(c: ShowContext, low: number, high: number, size: number): void {
  if (size > XATTR_SIZE_MAX) address.show(c, low, high);
  else showBuffer(c, low, high, size);
}

/** The value an attribute is set to, and the one the kernel filled in. */
export const attributeValueIn: AttributeValue = (size) => ({
  receive: unsignedNumber,
  show: (c, low, high) => showValue(c, low, high, size),
});
export const attributeValueOut: AttributeValue = (size) => ({
  receive: unsignedNumber,
  show: (c, low, high) => (c.failed ? address.show(c, low, high) : showValue(c, low, high, Math.min(size, c.result()))),
});

/** `value` shows what `size` bytes at its first member are. */
export function xattrArgs(value: AttributeValue): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const size = c.tracee.peek(unsignedNumber(low, high) + 8, 4);
      const bytes = size === undefined ? 0 : new DataView(size.buffer, size.byteOffset).getUint32(0, true);
      const type = struct({ value: u64(value(bytes)), size: u32(), flags: u32(flagsOf(xattrFlags)) });
      extensibleIn(type as Struct<Fields>, { minimum: 16, size: () => c.unsigned("size") }).show(c, low, high);
    },
  };
}
