// struct xattr_args of setxattrat(2) and getxattrat(2).
import type { ArgumentType } from "./argument.js";
import { xattrFlags } from "./constants/files.js";
import { unsignedNumber } from "./digits.js";
import { extensibleIn } from "./extensible.js";
import { address, filledIn, flagsOf } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showBuffer } from "./strings.js";
import { type Fields, type Struct, struct, u32, u64 } from "./struct.js";

const XATTR_SIZE_MAX = 65536;

export type AttributeValue = (size: number) => ArgumentType<number>;

/** More than an attribute may hold is not looked at; of what is shown a zero at the end is left out. */
function showValue(c: ShowContext, low: number, high: number, size: number): void {
  if (size > XATTR_SIZE_MAX) {
    address.show(c, low, high);
    return;
  }
  const seen = Math.min(size, c.style.stringLimit);
  const last = seen > 0 ? c.tracee.peek(unsignedNumber(low, high) + seen - 1, 1) : undefined;
  showBuffer(c, low, high, last?.[0] === 0 ? seen - 1 : size);
}

/** The value an attribute is set to, `size` bytes, and the one that is asked for. */
export const attributeValue: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showValue(c, low, high, c.unsigned("size")),
};
export const attributeAnswer: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (c.unsigned("size") === 0) address.show(c, low, high);
    else showValue(c, low, high, c.result());
  },
});

/** Names of attributes. */
export const attributeList: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) =>
    c.unsigned("size") === 0 ? address.show(c, low, high) : showBuffer(c, low, high, c.result()),
});

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
