// Floating-point numbers as C's printf writes them: %f and %a.

/** %f: six digits behind the point, all digits before it. */
export function floatText(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}inf`;
  return sign + (size < 1e21 ? size.toFixed(6) : `${BigInt(size)}.000000`);
}

const MANTISSA_BITS = 52;
const BIAS = 1023;

/** %a. */
export function exponentText(value: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n === 0n ? "" : "-";
  const biased = Number((bits >> BigInt(MANTISSA_BITS)) & 0x7ffn);
  const mantissa = bits & ((1n << BigInt(MANTISSA_BITS)) - 1n);
  if (biased === 0 && mantissa === 0n) return `${sign}0x0p+0`;
  const digits = mantissa.toString(16).padStart(13, "0").replace(/0+$/, "");
  const exponent = biased === 0 ? 1 - BIAS : biased - BIAS;
  return `${sign}0x${biased === 0 ? 0 : 1}${digits === "" ? "" : `.${digits}`}p${exponent < 0 ? "" : "+"}${exponent}`;
}
