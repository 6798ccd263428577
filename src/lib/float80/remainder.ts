// FPREM and FPREM1: exact remainders, in one step while the exponents are less than 64 apart, else partial ones.
import { C0, C1, C2, C3 } from "./arithmetic.js";
import {
  denormalStatus,
  type Float80,
  type Float80Result,
  INVALID_RESULT,
  isInfinite,
  isZero,
  pack,
  propagateNaN,
  unpack,
} from "./encoding.js";
import { bitLength, EXTENDED, type Finite } from "./rounding.js";

/** FPREM: a - b * (a / b cut to an integer). `status` has C2 when the reduction is not complete, else the quotient's low bits. */
export function remainder(a: Float80, b: Float80, control: number): Float80Result {
  return reduce(a, b, false, control);
}

/** FPREM1: as FPREM with the quotient rounded to nearest, as IEEE 754 has it. */
export function nearestRemainder(a: Float80, b: Float80, control: number): Float80Result {
  return reduce(a, b, true, control);
}

function reduce(a: Float80, b: Float80, nearest: boolean, control: number): Float80Result {
  const nan = propagateNaN(a, b);
  if (nan) return nan;
  if (isInfinite(a) || isZero(b)) return INVALID_RESULT;
  const status = denormalStatus(a, b);
  if (isZero(a)) return { value: a, status };
  if (isInfinite(b)) return exactly(unpack(a), control, status);
  const dividend = unpack(a);
  const divisor = unpack(b);
  const distance = leading(dividend) - leading(divisor);
  if (distance < 0 && !(nearest && distance === -1)) return exactly(dividend, control, status);
  if (distance >= 64) return exactly(partial(dividend, divisor, distance), control, status | C2);
  return complete(dividend, divisor, nearest, control, status);
}

/** Remainders fit: only unmasked underflow has something to say about one. */
function exactly(value: Finite, control: number, status: number): Float80Result {
  const result = pack(value, EXTENDED, 0, control);
  return { value: result.value, status: status | result.status };
}

function leading({ mantissa, exponent }: Finite): number {
  return exponent + bitLength(mantissa);
}

/** The processor's choice of how far to reduce: by 32 to 63 bits, so that the distance left is a multiple of 32. */
function partial(dividend: Finite, divisor: Finite, distance: number): Finite {
  const step = distance - (32 + (distance % 32));
  const shifted = { ...divisor, exponent: divisor.exponent + step };
  return { ...quotientAndRest(dividend, shifted).rest, sign: dividend.sign };
}

function complete(dividend: Finite, divisor: Finite, nearest: boolean, control: number, status: number): Float80Result {
  let { quotient, rest, unit } = quotientAndRest(dividend, divisor);
  let sign = dividend.sign;
  if (nearest) {
    const twice = rest.mantissa * 2n;
    if (twice > unit || (twice === unit && (quotient & 1n) === 1n)) {
      quotient++;
      rest = { ...rest, mantissa: unit - rest.mantissa };
      sign ^= 1;
    }
  }
  const low = Number(quotient & 7n);
  const bits = (low & 4 ? C0 : 0) | (low & 2 ? C3 : 0) | (low & 1 ? C1 : 0);
  if (rest.mantissa === 0n) sign = dividend.sign;
  return exactly({ ...rest, sign }, control, status | bits);
}

/** Integer quotient of the magnitudes; the rest, and the divisor (`unit`) in the rest's scale. */
function quotientAndRest(dividend: Finite, divisor: Finite) {
  const exponent = Math.min(dividend.exponent, divisor.exponent);
  const numerator = dividend.mantissa << BigInt(dividend.exponent - exponent);
  const unit = divisor.mantissa << BigInt(divisor.exponent - exponent);
  return { quotient: numerator / unit, rest: { sign: 0, mantissa: numerator % unit, exponent }, unit };
}
