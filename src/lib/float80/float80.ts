// x87's 80-bit floating point in software: exact, with every rounding and precision control, exception flags and C1 as the processor
// sets them when all exceptions are masked. Pure functions over `Float80`; `control` is the x87 control word, `status` in a result is
// bits to OR into the status word (exception flags, C1, and C0 C2 C3 where the operation defines them; clear C1 first).
// Unmasked exceptions: INVALID, DENORMAL and ZERO_DIVIDE leave the operands alone, which the caller does by not storing `value`.
export * from "./arithmetic.js";
export * from "./conversion.js";
export {
  DEFAULT_NAN,
  type Float80,
  type Float80Result,
  infinity,
  isNaN80,
  isZero,
  ONE,
  packExact,
  signOf,
  zero,
} from "./encoding.js";
export { nearestRemainder, remainder } from "./remainder.js";
export * from "./transcendental.js";
