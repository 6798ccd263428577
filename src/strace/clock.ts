// Time as the tracer prints it: time of day, seconds since the epoch, and differences.
import type { Digits } from "./options.js";

export interface Clock {
  /** Nanoseconds since the epoch. */
  realtime(): bigint;
  /** Nanoseconds since some start; never steps back. */
  monotonic(): number;
}

const two = (value: number): string => value.toString().padStart(2, "0");

function fraction(nanoseconds: number, digits: Digits): string {
  return digits === 0 ? "" : `.${nanoseconds.toString().padStart(9, "0").slice(0, digits)}`;
}

export function absoluteTime(time: bigint, format: "time" | "unix", digits: Digits): string {
  const seconds = Number(time / 1_000_000_000n);
  const rest = fraction(Number(time % 1_000_000_000n), digits);
  if (format === "unix") return `${seconds}${rest}`;
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${rest}`;
}

/** `     0.000197`: seconds six wide, then the fraction. */
export function relativeTime(nanoseconds: number, digits: Digits): string {
  const whole = Math.max(0, Math.round(nanoseconds));
  return `${Math.floor(whole / 1e9)
    .toString()
    .padStart(6)}${fraction(whole % 1e9, digits)}`;
}

/** `<0.000007>`. */
export function durationText(nanoseconds: number, digits: Digits): string {
  const whole = Math.max(0, Math.round(nanoseconds));
  return `<${Math.floor(whole / 1e9)}${fraction(whole % 1e9, digits)}>`;
}
