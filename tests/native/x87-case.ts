// x87 experiments: operands put straight into the register stack, one instruction, and what it left in st(0), st(1) and the status word.
import type { Float80 } from "../../src/lib/float80/encoding.js";
import {
  type CpuCase,
  type CpuOutcome,
  DATA_BASE,
  DATA_WINDOW,
  DEFAULT_DATA_OFFSET,
  initialXsave,
} from "./cpu-case.js";
import type { Random } from "./random.js";

export interface X87Input {
  readonly code: readonly number[];
  readonly st0: Float80;
  readonly st1: Float80;
  readonly control: number;
  /** What rbx points at. */
  readonly memory?: Uint8Array;
}

export interface X87Outcome {
  readonly st0: Float80;
  readonly st1: Float80;
  /** The status word without TOP. */
  readonly status: number;
  /** What rbx points at, afterwards. */
  readonly memory: Uint8Array;
}

export function x87Case({ code, st0, st1, control, memory }: X87Input): CpuCase {
  const xsave = initialXsave();
  const view = new DataView(xsave.buffer);
  view.setUint16(0, control | 0x3f, true);
  xsave[4] = 3; // two registers in use
  [st0, st1].forEach((value, index) => {
    view.setBigUint64(32 + index * 16, value.mantissa, true);
    view.setUint16(40 + index * 16, value.signExponent, true);
  });
  const data = new Uint8Array(DATA_WINDOW);
  if (memory) data.set(memory);
  const gpr = Array.from({ length: 16 }, (_, index) => (index === 3 ? BigInt(DATA_BASE + DEFAULT_DATA_OFFSET) : 0n));
  return { code: Uint8Array.from(code), gpr, rflags: 0, xsave, data };
}

export function x87Outcome(outcome: CpuOutcome): X87Outcome {
  const view = new DataView(outcome.xsave.buffer, outcome.xsave.byteOffset);
  const register = (index: number): Float80 => ({
    mantissa: view.getBigUint64(32 + index * 16, true),
    signExponent: view.getUint16(40 + index * 16, true),
  });
  return {
    st0: register(0),
    st1: register(1),
    status: view.getUint16(2, true) & ~0x3800,
    memory: outcome.data.slice(0, 16),
  };
}

const EDGE_EXPONENTS = [
  0, 1, 2, 63, 64, 0x3fbe, 0x3ffe, 0x3fff, 0x4000, 0x400e, 0x401e, 0x403d, 0x403e, 0x403f, 0x7ffe, 0x7fff,
];
const EDGE_MANTISSAS = [
  0n,
  1n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0x8000_0000_0000_0001n,
  0xc000_0000_0000_0000n,
  0xc000_0000_0000_0001n,
  0xffff_ffff_ffff_ffffn,
  0xffff_ff00_0000_0000n,
  0xffff_ff80_0000_0000n,
  0xffff_ffff_ffff_f800n,
  0xffff_ffff_ffff_fc00n,
  0xa000_0000_0000_0000n,
];

/** All kinds of encodings: edges, near ones, any. */
export function randomFloat80(random: Random): Float80 {
  const kind = random.below(8);
  const sign = random.below(2) << 15;
  if (kind === 0) return { signExponent: random.below(0x10000), mantissa: random.bits64() };
  const exponent =
    kind < 4 ? random.pick(EDGE_EXPONENTS) : kind === 4 ? random.below(0x8000) : 0x3fff - 70 + random.below(140);
  const mantissa = random.below(3) === 0 ? random.pick(EDGE_MANTISSAS) : random.bits64();
  // Encodings without the integer bit are refused: let most have it.
  const normal = exponent !== 0 && random.below(16) !== 0;
  return { signExponent: sign | exponent, mantissa: normal ? mantissa | (1n << 63n) : mantissa };
}

export function show80({ signExponent, mantissa }: Float80): string {
  return `${signExponent.toString(16).padStart(4, "0")}:${mantissa.toString(16).padStart(16, "0")}`;
}

/** Masks all set; every rounding and precision control. */
export function randomControl(random: Random): number {
  return 0x3f | (random.below(4) << 10) | (random.pick([0, 2, 3, 3, 3]) << 8);
}
