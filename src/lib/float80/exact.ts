// Exact arithmetic on finite numbers. Where a result has no end (quotients, roots) or would have thousands of digits, it is cut
// well below any format's last bit and its lowest bit set to 1: rounding gives the same as for the exact value.
import { bitLength, DOWN, type Finite } from "./rounding.js";

/** More bits than any format keeps, guard bits included. */
const ENOUGH = 70;

export function addFinite(a: Finite, b: Finite, mode: number): Finite {
  if (a.mantissa === 0n && b.mantissa === 0n) {
    return { sign: a.sign === b.sign ? a.sign : zeroSign(mode), mantissa: 0n, exponent: 0 };
  }
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  const gap = a.exponent + bitLength(a.mantissa) - (b.exponent + bitLength(b.mantissa));
  if (gap > 3 * ENOUGH) return nudge(a, b.sign);
  if (gap < -3 * ENOUGH) return nudge(b, a.sign);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = signedAt(a, exponent) + signedAt(b, exponent);
  if (sum === 0n) return { sign: zeroSign(mode), mantissa: 0n, exponent: 0 };
  return sum < 0n ? { sign: 1, mantissa: -sum, exponent } : { sign: 0, mantissa: sum, exponent };
}

/** The sign of an exact zero difference. */
function zeroSign(mode: number): number {
  return mode === DOWN ? 1 : 0;
}

function signedAt({ sign, mantissa, exponent }: Finite, quantum: number): bigint {
  const shifted = mantissa << BigInt(exponent - quantum);
  return sign ? -shifted : shifted;
}

/** `value` and a little more in the direction of `sign`. */
export function nudge(value: Finite, sign: number): Finite {
  const mantissa = (value.mantissa << BigInt(2 * ENOUGH)) + (sign === value.sign ? 1n : -1n);
  return { sign: value.sign, mantissa, exponent: value.exponent - 2 * ENOUGH };
}

export function multiplyFinite(a: Finite, b: Finite): Finite {
  return { sign: a.sign ^ b.sign, mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent };
}

/** `b` is not zero. */
export function divideFinite(a: Finite, b: Finite): Finite {
  const shift = Math.max(0, ENOUGH + bitLength(b.mantissa) - bitLength(a.mantissa));
  const dividend = a.mantissa << BigInt(shift);
  const quotient = dividend / b.mantissa;
  const sticky = quotient * b.mantissa === dividend ? 0n : 1n;
  return { sign: a.sign ^ b.sign, mantissa: (quotient << 1n) | sticky, exponent: a.exponent - b.exponent - shift - 1 };
}

/** Of a number that is not negative. */
export function rootFinite(a: Finite): Finite {
  let shift = Math.max(0, 2 * ENOUGH - bitLength(a.mantissa));
  if ((a.exponent - shift) & 1) shift++;
  const square = a.mantissa << BigInt(shift);
  const root = integerRoot(square);
  const sticky = root * root === square ? 0n : 1n;
  return { sign: a.sign, mantissa: (root << 1n) | sticky, exponent: (a.exponent - shift) / 2 - 1 };
}

/** Floor of the square root of a number below 2^1023. */
export function integerRoot(square: bigint): bigint {
  if (square === 0n) return 0n;
  let root = BigInt(Math.floor(Math.sqrt(Number(square)))) + 1n;
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next === root || next === root + 1n || next === root - 1n) {
      root = next;
      break;
    }
    root = next;
  }
  while (root * root > square) root--;
  while ((root + 1n) * (root + 1n) <= square) root++;
  return root;
}

/** -1, 0 or 1 as a is below, equal to or above b. */
export function compareFinite(a: Finite, b: Finite): number {
  if (a.mantissa === 0n && b.mantissa === 0n) return 0;
  const difference = addFinite(a, { ...b, sign: b.sign ^ 1 }, 0);
  if (difference.mantissa === 0n) return 0;
  return difference.sign ? -1 : 1;
}
