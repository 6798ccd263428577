// Products of 128 bits.
import type { Node } from "../ir/node.js";
import type { Emitter } from "./emitter.js";

/** High 64 bits of the unsigned 128-bit product, by four 32-bit multiplications. */
export function highUnsigned(x: Emitter, a: Node, b: Node): Node {
  const mask = x.i64(-1, 0);
  const half = x.i64(32);
  const [aLow, aHigh] = [x.and(a, mask), x.shrU(a, half)];
  const [bLow, bHigh] = [x.and(b, mask), x.shrU(b, half)];
  const middle = x.add(x.mul(aHigh, bLow), x.shrU(x.mul(aLow, bLow), half));
  const other = x.add(x.mul(aLow, bHigh), x.and(middle, mask));
  return x.add(x.add(x.mul(aHigh, bHigh), x.shrU(middle, half)), x.shrU(other, half));
}

/** The same of the signed one. */
export function highSigned(x: Emitter, a: Node, b: Node): Node {
  const ifNegative = (test: Node, value: Node) => x.and(x.shrS(test, x.i64(63)), value);
  return x.sub(x.sub(highUnsigned(x, a, b), ifNegative(a, b)), ifNegative(b, a));
}
