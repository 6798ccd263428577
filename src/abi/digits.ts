// 64-bit values given as two signed 32-bit halves, as text. No BigInt where a double is exact.

const TWO_32 = 0x1_0000_0000;

/** `%#llx`; zero is "0". */
export function hex(low: number, high = 0): string {
  if (high === 0) return low === 0 ? "0" : `0x${(low >>> 0).toString(16)}`;
  return `0x${(high >>> 0).toString(16)}${(low >>> 0).toString(16).padStart(8, "0")}`;
}

export function unsignedDecimal(low: number, high: number): string {
  if (high === 0) return (low >>> 0).toString();
  if (high >>> 0 < 0x200000) return ((high >>> 0) * TWO_32 + (low >>> 0)).toString();
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
}

export function signedDecimal(low: number, high: number): string {
  if (high === low >> 31) return low.toString();
  if (high >= -0x200000 && high < 0x200000) return (high * TWO_32 + (low >>> 0)).toString();
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}

/** The unsigned value; exact below 2^53. */
export function unsignedNumber(low: number, high: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

export function signedNumber(low: number, high: number): number {
  return high * TWO_32 + (low >>> 0);
}

/** `%#o`, as modes are printed: three digits at least, zero is "000". */
export function octalMode(value: number): string {
  const digits = value.toString(8);
  return digits.length < 3 ? digits.padStart(3, "0") : `0${digits}`;
}

export const lowHalf = (value: number): number => value | 0;
export const highHalf = (value: number): number => Math.floor(value / TWO_32) | 0;
