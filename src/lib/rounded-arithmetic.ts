// Arithmetic on numbers in any rounding mode, by the host's own: round to nearest, find the sign of what is lacking to the exact result, and step
// to the neighbour where the mode wants it. Many times as fast as lib/ieee-float.ts, for numbers whose exponents are not extreme.

import { DOWN, NEAREST, UP } from "./float80/rounding.js";

/** The nearest binary64 result, and something with the sign of the exact result minus it (0: it is exact). */
export interface NearResult {
  value: number;
  lack: number;
}

/** Reused: nothing is allocated for a result. */
const near: NearResult = { value: 0, lack: 0 };

export type NearOperation = (a: number, b: number) => NearResult;

/** Between these no sum, product, quotient or root of two numbers, nor the error of one, leaves the normal numbers. */
const LEAST = 2 ** -400;
const MOST = 2 ** 400;
const LEAST_SINGLE = 2 ** -60;
const MOST_SINGLE = 2 ** 60;

const SPLITTER = 2 ** 27 + 1;

/** a * b - product, exactly. */
function productError(a: number, b: number, product: number): number {
  const bigA = SPLITTER * a;
  const highA = bigA - (bigA - a);
  const lowA = a - highA;
  const bigB = SPLITTER * b;
  const highB = bigB - (bigB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

export const nearSum: NearOperation = (a, b) => {
  const sum = a + b;
  const part = sum - a;
  near.value = sum;
  near.lack = a - (sum - part) + (b - part);
  return near;
};

export const nearDifference: NearOperation = (a, b) => nearSum(a, -b);

export const nearProduct: NearOperation = (a, b) => {
  near.value = a * b;
  near.lack = productError(a, b, near.value);
  return near;
};

export const nearQuotient: NearOperation = (a, b) => {
  const quotient = a / b;
  const product = quotient * b;
  const rest = a - product - productError(quotient, b, product);
  near.value = quotient;
  near.lack = b < 0 ? -rest : rest;
  return near;
};

export const nearRoot: NearOperation = (a) => {
  const root = Math.sqrt(a);
  const square = root * root;
  near.value = root;
  near.lack = a - square - productError(root, root, square);
  return near;
};

/** The operand is one that the operations above are exact about. */
export function isModerate(value: number, single: boolean): boolean {
  const size = value < 0 ? -value : value;
  return size === 0 || (single ? size >= LEAST_SINGLE && size <= MOST_SINGLE : size >= LEAST && size <= MOST);
}

const bytes = new DataView(new ArrayBuffer(8));

/** The neighbour of a normal number, away from zero or towards it. */
function neighbour(value: number, away: boolean, single: boolean): number {
  if (single) {
    bytes.setFloat32(0, value);
    bytes.setInt32(0, bytes.getInt32(0) + (away ? 1 : -1));
    return bytes.getFloat32(0);
  }
  bytes.setFloat64(0, value);
  const low = (bytes.getInt32(4) + (away ? 1 : -1)) | 0;
  bytes.setInt32(4, low);
  const carried = away ? low === 0 : low === -1;
  if (carried) bytes.setInt32(0, bytes.getInt32(0) + (away ? 1 : -1));
  return bytes.getFloat64(0);
}

/**
 * Brings a near result to binary32 (`single`) or binary64 in a rounding mode (MXCSR's RC): afterwards its lack tells whether it is exact.
 */
export function settle(result: NearResult, mode: number, single: boolean): void {
  if (single) {
    const rounded = Math.fround(result.value);
    if (rounded !== result.value) result.lack = result.value - rounded;
    result.value = rounded;
  }
  const { value, lack } = result;
  if (lack === 0 || mode === NEAREST) return;
  const negative = value < 0;
  // What is lacking makes the magnitude larger or smaller.
  const larger = lack > 0 !== negative;
  const away = mode === UP ? !negative : mode === DOWN ? negative : false;
  if (larger === away) result.value = neighbour(value, away, single);
}
