// Cases of any bytes: prefixes in any order, every opcode of every map, any ModRM. For what the rows' own cases never ask: encodings that are
// nothing, prefixes that are not allowed or do not matter.
import { FLAT, LONG } from "../../src/cpu/code-address.js";
import { Decoder } from "../../src/cpu/x86/decoder.js";
import type { Row } from "../../src/cpu/x86/instruction.js";
import { VEX_MAP } from "../../src/cpu/x86/instruction.js";
import { type CodeMode, type CpuCase, DATA_BASE, DEFAULT_DATA_OFFSET } from "./cpu-case.js";
import type { Coded } from "./maker.js";
import type { Random } from "./random.js";

const ENCODING_LENGTH = 24;
/** One byte, 0F, 0F 38, 0F 3A, and the latter three with VEX. */
export const MAPS = [0, 1, 2, 3, VEX_MAP + 1, VEX_MAP + 2, VEX_MAP + 3];
const PREFIXES = [0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26];

/** Bytes that begin with one encoding; the rest is int3. */
export function anyEncoding(random: Random, map: number, opcode: number, mode: CodeMode = 64): number[] {
  const bytes: number[] = [];
  const vex = map >= VEX_MAP;
  for (let count = random.pick(vex ? [0, 0, 0, 0, 0, 0, 1] : [0, 0, 1, 1, 2, 3]); count > 0; count--)
    bytes.push(random.pick(PREFIXES));
  if (mode === 64 && random.chance(vex ? 0.03 : 0.3)) bytes.push(0x40 | random.below(16));
  if (vex) {
    const last =
      (random.below(2) << 2) | random.pick([0, 1, 1, 1, 2, 3]) | (random.chance(0.6) ? 0x78 : random.below(16) << 3);
    // In 32-bit code what follows has to look like a register form.
    const high = mode === 64 ? 0 : 0xc0;
    if (map === VEX_MAP + 1 && random.chance(0.4)) bytes.push(0xc5, (random.below(2) << 7) | last | high);
    else bytes.push(0xc4, (random.below(8) << 5) | (map - VEX_MAP) | high, (random.below(2) << 7) | last);
  } else {
    if (map > 0) bytes.push(0x0f);
    if (map > 1) bytes.push(map === 2 ? 0x38 : 0x3a);
  }
  bytes.push(opcode);
  const mod = random.below(4);
  const modrm = (mod << 6) | random.below(64);
  bytes.push(modrm);
  if (mod !== 3 && (modrm & 7) === 4) {
    bytes.push(random.below(256));
    if (mod === 0 && (bytes[bytes.length - 1] & 7) === 5) bytes.push(0, 0, 0, 0x60); // not the harness's own memory
  }
  if (mod === 1) bytes.push(random.below(64));
  else if (mod === 2) bytes.push(random.below(64), 0, 0, 0);
  else if (mod === 0 && (modrm & 7) === 5) bytes.push(...(mode === 64 ? [0xc0, 0x0e, 0, 0x10] : [0xc0, 0x0f, 0, 0x20])); // from rip into the window, or there
  while (bytes.length < ENCODING_LENGTH) bytes.push(random.chance(0.3) ? random.below(256) : 0);
  return bytes;
}

/** Registers that are addresses in the window or small. */
export function encodingCase(base: CpuCase, code: readonly number[], random: Random): CpuCase {
  const window = BigInt(DATA_BASE + DEFAULT_DATA_OFFSET);
  const gpr = base.gpr.map((_, register) =>
    register !== 4 && random.chance(0.15) ? BigInt(random.below(8)) : window + BigInt(random.below(8) * 16),
  );
  return { ...base, code: Uint8Array.from(code), gpr, dataOffset: DEFAULT_DATA_OFFSET };
}

/** The row our decoder takes the bytes for. */
export function rowOf(code: Uint8Array, mode: CodeMode = 64): { row: Row; length: number } | undefined {
  const u8 = new Uint8Array(64).fill(0xcc);
  u8.set(code);
  const decoded = new Decoder({ u8, linear: (address) => address }, 3).decode(mode === 64 ? LONG : FLAT);
  return decoded && { row: decoded.row, length: decoded.length };
}

/** The instructions of a sequence, one behind the other, up to what is none. */
export function instructionsOf(code: Uint8Array, mode: CodeMode = 64): Coded[] {
  const out: Coded[] = [];
  for (let rest = code; rest.length > 0; ) {
    const found = rowOf(rest, mode);
    if (!found) break;
    out.push({ row: found.row, bytes: [...rest.subarray(0, found.length)] });
    rest = rest.subarray(found.length);
  }
  return out;
}
