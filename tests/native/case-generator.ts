// Makes experiments from the opcode table: for a row, an encoding of it with operands that reach the data window, and register contents
// rich in edge values.
import { type Row, VEX_MAP } from "../../src/cpu/x86/instruction.js";
import "../../src/cpu/x86/instructions/all.js";
import { allRows } from "../../src/cpu/x86/opcode-table.js";
import {
  AREA_SIZE,
  CODE_BASE,
  type CpuCase,
  DATA_BASE,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  initialXsave,
  XSAVE_SIZE,
} from "./cpu-case.js";
import type { Random } from "./random.js";

/** A case and the row its code comes from. */
export interface RowCase extends CpuCase {
  readonly row: Row;
}

/**
 * Rows whose outcome is no matter of semantics (what this processor is, when it is) or that would disturb the harness itself, with the reason.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  syscall: "calls the real kernel",
  int: "int 0x80 calls the real kernel",
  int3: "is how a case ends",
  int1: "ends as the harness's own trap",
  cpuid: "answers for the machine",
  rdtsc: "answers for the moment",
  rdtscp: "answers for the moment",
  rdfsbase: "answers for the process",
  rdgsbase: "answers for the process",
  wrfsbase: "takes the harness's thread area away",
  wrgsbase: "changes the harness's thread area",
  "mov sreg": "takes the harness's segments away: far.test.ts",
  "pop fs": "the same",
  "pop gs": "the same",
  lss: "the same",
  lfs: "the same",
  lgs: "the same",
  "jmp far": "may enter 32-bit code, for the next cases too: far.test.ts",
  "call far": "the same",
  "ret far": "the same",
  iret: "the same",
  popf: "may turn single-stepping on",
  privileged: "its forms are tested as traps below",
  rsqrtps: "approximation",
  rsqrtss: "approximation",
  rcpps: "approximation",
  rcpss: "approximation",
  "rdrand/rdseed": "random",
  xgetbv: "answers for the machine",
  ldmxcsr: "changes rounding, which other rows' results depend on",
};

export const testedRows: readonly Row[] = allRows().filter((row) => !(row.definition.name in LEFT_OUT));

/** Obey edx:eax; their memory is the length of two windows or more. */
const STATE_SAVERS = new Set(["fxsave", "fxrstor", "xsave", "xsaveopt", "xsavec", "xrstor"]);
const STRING_OPCODES = new Set([0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf]);
const EDGES = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
];
const FLOATS64 = [
  0n,
  1n << 63n,
  0x3ff0000000000000n,
  0xbff8000000000000n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x7ff8000000000001n,
  0x7ff0000000000001n,
  1n,
  0x000fffffffffffffn,
  0x41dfffffffc00000n,
  0x41e0000000000000n,
  0xc1e0000000000000n,
  0x43e0000000000000n,
  0x4340000000000001n,
  0x3fe0000000000000n,
];
const FLOATS32 = [
  0, 0x80000000, 0x3f800000, 0xbfc00000, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f800001, 1, 0x007fffff, 0x4effffff,
  0x4f000000, 0xcf000000, 0x4b000001, 0x3f000000,
];

const FWAIT = 0x9b;
/** Their images have a form with the operand-size prefix. */
const ENVIRONMENT = new Set(["fnstenv", "fldenv", "fnsave", "frstor"]);

export function makeCase(row: Row, random: Random): RowCase {
  const maker = new CaseMaker(row, random);
  return maker.make();
}

class CaseMaker {
  readonly #row: Row;
  readonly #r: Random;
  readonly #gpr: bigint[];
  readonly #dataOffset: number;
  /** The vector register of indices of a gather, and the bytes of one index. */
  #indices: { register: number; bytes: number } | undefined;

  constructor(row: Row, random: Random) {
    this.#row = row;
    this.#r = random;
    this.#gpr = Array.from({ length: 16 }, () => this.#integer());
    this.#dataOffset = random.chance(0.06) ? AREA_SIZE - DATA_WINDOW : random.chance(0.06) ? 0 : DEFAULT_DATA_OFFSET;
    this.#gpr[4] = this.#window() & ~7n;
  }

  make(): RowCase {
    const code = STATE_SAVERS.has(this.#row.definition.name) ? this.#encodeSaver() : this.#encode();
    // With an empty mask processors are free to fault or not.
    if (this.#row.definition.name.startsWith("maskmov")) this.#gpr[7] = BigInt(DATA_BASE + this.#dataOffset + 64);
    const flags = this.#r.below(0x1000) & 0xcd5;
    return {
      row: this.#row,
      code: Uint8Array.from(code),
      gpr: this.#gpr.map((value) => BigInt.asUintN(64, value)),
      rflags: flags,
      xsave: this.#vectors(),
      data: this.#data(),
      dataOffset: this.#dataOffset,
    };
  }

  get #isX87(): boolean {
    return this.#row.map === 0 && this.#row.opcode >= 0xd8 && this.#row.opcode <= 0xdf;
  }

  #integer(): bigint {
    const r = this.#r;
    if (r.chance(0.45)) return r.pick(EDGES) + (r.chance(0.3) ? BigInt(r.below(3)) - 1n : 0n);
    if (r.chance(0.3)) return BigInt(r.below(256));
    return r.bits64();
  }

  /** An address with most operands inside the window, some across its ends. */
  #window(): bigint {
    const inside = this.#r.chance(0.9) ? this.#r.below(DATA_WINDOW - 32) : this.#r.below(DATA_WINDOW + 16) - 8;
    const aligned = this.#r.chance(0.6) ? inside & ~15 : inside;
    return BigInt(DATA_BASE + this.#dataOffset + aligned);
  }

  /** edx:eax says which components: none that only this processor has. An address made of them would. */
  #encodeSaver(): number[] {
    for (;;) {
      const components = BigInt(this.#r.below(8));
      this.#gpr[0] = components;
      this.#gpr[2] = 0n;
      const code = this.#encode();
      // A pending exception comes with the next waiting instruction.
      if (this.#isX87 && this.#r.chance(0.2)) code.push(FWAIT);
      if (this.#gpr[0] === components && this.#gpr[2] === 0n) return code;
    }
  }

  #encode(): number[] {
    if (this.#row.vex) return this.#encodeVex();
    const { map, opcode, prefix, operands, definition, w } = this.#row;
    const r = this.#r;
    const bytes: number[] = [];
    const isString = map === 0 && STRING_OPCODES.has(opcode);
    if (isString) this.#stringRegisters();
    const isEnvironment = ENVIRONMENT.has(definition.name);
    const sized = (operands.some((operand) => operand.bits === 0) && !this.#isX87) || isString || isEnvironment;
    let narrow = false;
    if (prefix > 0) {
      if (prefix !== 0x66 && sized && r.chance(0.2)) bytes.push(0x66);
      bytes.push(prefix);
    } else if (prefix < 0 && sized && r.chance(0.25) && !definition.ends) {
      bytes.push(0x66);
      narrow = true;
    }
    if (isString && r.chance(0.6)) bytes.push(r.pick([0xf2, 0xf3]));
    const wide = w >= 0 ? w : r.chance(0.4) ? 1 : 0;
    let rex = 0x40 | (wide << 3) | (r.chance(0.4) ? r.below(8) : 0);
    const memory = this.#row.hasModrm && (this.#row.mod === 0 || (this.#row.mod < 0 && r.chance(0.45)));
    const operand = this.#row.hasModrm ? this.#modrm(memory, rex) : undefined;
    if (operand) rex = operand.rex;
    // The register in the opcode must not be one the case depends on; any is fine for the comparison.
    if (rex !== 0x40 || r.chance(0.2)) bytes.push(rex);
    if (map > 0) bytes.push(0x0f);
    if (map === 2) bytes.push(0x38);
    if (map === 3) bytes.push(0x3a);
    bytes.push(opcode);
    if (operand) bytes.push(...operand.bytes);
    const size = rex & 8 ? 64 : narrow ? 16 : 32;
    for (const { where, value } of operands) {
      if (where === "moffs") bytes.push(...this.#little(this.#window(), 8));
      else if (where === "rel") bytes.push(...this.#little(BigInt(r.below(4)), value));
      else if (where === "imm") bytes.push(...this.#immediate(value, size, definition.default64 === true && !narrow));
    }
    if (operand?.ripAt !== undefined) this.#patchRip(bytes, bytes.length - this.#tail(operands, size, narrow) - 4);
    return bytes;
  }

  /** A VEX encoding: two bytes of prefix where they are enough, now and then one that is not allowed. */
  #encodeVex(): number[] {
    const { map, opcode, prefix, operands, w, l, hasModrm, mod, usesVvvv, definition } = this.#row;
    const r = this.#r;
    const pp = [0, 0x66, 0xf3, 0xf2].indexOf(prefix);
    const memory = hasModrm && (mod === 0 || (mod < 0 && r.chance(0.45)));
    const wish = r.chance(0.5) ? r.below(8) : 0;
    const operand = !hasModrm
      ? { bytes: [], rex: 0 }
      : definition.vsib
        ? this.#gather(wish)
        : this.#modrm(memory, wish);
    const wide = w >= 0 ? w : r.below(2);
    const length = l >= 0 ? l : r.below(2);
    const vvvv = usesVvvv ? r.below(16) : r.chance(0.03) ? r.below(16) : 0;
    const last = ((~vvvv & 15) << 3) | (length << 2) | pp;
    const short = map === VEX_MAP + 1 && wide === 0 && (operand.rex & 3) === 0 && r.chance(0.6);
    const bytes = r.chance(0.02) ? [r.pick([0x66, 0xf2, 0xf3, 0xf0, 0x48, 0x3e])] : [];
    if (short) bytes.push(0xc5, (operand.rex & 4 ? 0 : 0x80) | last);
    else bytes.push(0xc4, ((~operand.rex & 7) << 5) | (map - VEX_MAP), (wide << 7) | last);
    bytes.push(opcode, ...operand.bytes);
    for (const { where, value } of operands)
      if (where === "imm") bytes.push(...this.#immediate(value, 32, false));
      else if (where === "is4") bytes.push(r.below(256));
    const tail = this.#tail(operands, 32, false) + operands.filter(({ where }) => where === "is4").length;
    if ("ripAt" in operand && operand.ripAt !== undefined) this.#patchRip(bytes, bytes.length - tail - 4);
    return bytes;
  }

  /** ModRM and SIB with a vector of indices. */
  #gather(rex: number): { bytes: number[]; rex: number } {
    const r = this.#r;
    const [reg, index, base] = [r.below(8), r.below(8), r.pick([0, 1, 2, 3, 6, 7])];
    this.#gpr[base | ((rex & 1) << 3)] = this.#window() & ~7n;
    this.#indices = {
      register: index | ((rex & 2) << 2),
      bytes: this.#row.definition.name.includes("gatherd") ? 4 : 8,
    };
    return { bytes: [0x40 | (reg << 3) | 4, (r.below(4) << 6) | (index << 3) | base, r.below(8)], rex };
  }

  #tail(operands: Row["operands"], size: number, narrow: boolean): number {
    let count = 0;
    for (const { where, value } of operands) {
      if (where === "imm") count += value === 0 ? (narrow ? 2 : 4) : value === 9 ? size / 8 : value;
      else if (where === "rel") count += value;
    }
    return count;
  }

  #patchRip(bytes: number[], at: number): void {
    const next = CODE_BASE + DEFAULT_CODE_OFFSET + bytes.length;
    const displacement = this.#window() - BigInt(next);
    this.#little(displacement, 4).forEach((byte, n) => {
      bytes[at + n] = byte;
    });
  }

  #immediate(value: number, size: number, wide: boolean): number[] {
    const bytes = value === 9 ? size / 8 : value === 0 ? Math.min(wide ? 4 : size / 8, 4) : value;
    if (this.#row.definition.name === "enter") return this.#little(BigInt(this.#r.below(3)), bytes);
    return this.#little(this.#integer(), bytes);
  }

  #little(value: bigint, bytes: number): number[] {
    const whole = BigInt.asUintN(64, value);
    return Array.from({ length: bytes }, (_, n) => Number((whole >> BigInt(8 * n)) & 0xffn));
  }

  #stringRegisters(): void {
    const r = this.#r;
    this.#gpr[1] = BigInt(r.below(24));
    this.#gpr[6] = this.#window() + BigInt(r.below(8));
    this.#gpr[7] = this.#window() + BigInt(r.below(8));
    if (r.chance(0.3)) this.#gpr[7] = this.#gpr[6] + BigInt(r.below(16) - 8);
  }

  #modrm(memory: boolean, rexWish: number): { bytes: number[]; rex: number; ripAt?: number } {
    const r = this.#r;
    const { digit, rm } = this.#row;
    const reg = digit >= 0 ? digit : r.below(8);
    let rex = digit >= 0 ? rexWish & ~4 : rexWish;
    if (!memory) return { bytes: [0xc0 | (reg << 3) | (rm >= 0 ? rm : r.below(8))], rex: rm >= 0 ? rex & ~1 : rex };
    // Addressing forms: RIP, base, base + displacement, base + index * scale + displacement.
    if (r.chance(0.1)) return { bytes: [(reg << 3) | 5, 0, 0, 0, 0], rex, ripAt: 0 };
    const target = this.#window();
    const base = r.pick([0, 1, 2, 3, 5, 6, 7]);
    const high = r.chance(0.4) ? 8 : 0;
    rex = (rex & ~3) | (high ? 1 : 0);
    const useIndex = r.chance(0.4);
    const displacementBytes = r.pick([1, 4]);
    const displacement = displacementBytes === 1 ? BigInt(r.below(256) - 128) : BigInt(r.below(4096) - 2048);
    if (!useIndex && base !== 4) {
      this.#gpr[base + high] = target - displacement;
      const mod = displacementBytes === 1 ? 1 : 2;
      return { bytes: [(mod << 6) | (reg << 3) | base, ...this.#little(displacement, displacementBytes)], rex };
    }
    let index = r.pick([0, 1, 2, 3, 5, 6, 7]);
    if (index === base) index = (index + 1) & 7 || 1;
    if (index === 4) index = 3;
    const scale = r.below(4);
    const indexValue = BigInt(r.below(64) - 32);
    if (index === base) return { bytes: [(reg << 3) | 5, 0, 0, 0, 0], rex, ripAt: 0 };
    this.#gpr[index] = indexValue;
    this.#gpr[base + high] = target - displacement - (indexValue << BigInt(scale));
    const mod = displacementBytes === 1 ? 1 : 2;
    return {
      bytes: [
        (mod << 6) | (reg << 3) | 4,
        (scale << 6) | (index << 3) | base,
        ...this.#little(displacement, displacementBytes),
      ],
      rex,
    };
  }

  #vectorBits(): bigint {
    const r = this.#r;
    if (r.chance(0.35)) return r.pick(FLOATS64);
    if (r.chance(0.4)) return (BigInt(r.pick(FLOATS32)) << 32n) | BigInt(r.pick(FLOATS32));
    if (r.chance(0.3)) return BigInt(r.below(80));
    return r.bits64();
  }

  #vectors(): Uint8Array {
    const image = initialXsave();
    const view = new DataView(image.buffer);
    for (let at = 160; at < 416; at += 8) view.setBigUint64(at, this.#vectorBits(), true);
    for (let at = 576; at < XSAVE_SIZE; at += 8) view.setBigUint64(at, this.#vectorBits(), true);
    if (this.#indices) this.#spreadIndices(view, this.#indices);
    // Floating point under every rounding control, DAZ and FTZ, with flags set before; now and then an exception unmasked.
    if (this.#row.definition.float && this.#r.chance(0.7)) {
      const masks = this.#r.chance(0.7) ? 0x1f80 : this.#r.below(64) << 7;
      view.setUint32(24, masks | (this.#r.below(0x10000) & 0xe07f & (this.#r.chance(0.5) ? -1 : ~0x8040)), true);
    }
    if (this.#isX87) this.#stack(view, image);
    else if (this.#row.mmx || this.#row.definition.name === "emms" || STATE_SAVERS.has(this.#row.definition.name)) {
      this.#stack(view, image);
      for (let at = 32; at < 160; at += 16) view.setBigUint64(at, this.#vectorBits(), true);
      // An unmasked exception that waits.
      if (this.#r.chance(0.04)) {
        view.setUint16(0, view.getUint16(0, true) & ~1, true);
        view.setUint16(2, view.getUint16(2, true) | 0x8081, true);
      }
    }
    return image;
  }

  /** Small indices, both ways. */
  #spreadIndices(view: DataView, { register, bytes }: { register: number; bytes: number }): void {
    for (const start of [160, 576])
      for (let at = 0; at < 16; at += bytes) {
        const index = this.#r.below(24) - 12;
        if (bytes === 4) view.setInt32(start + register * 16 + at, index, true);
        else view.setBigInt64(start + register * 16 + at, BigInt(index), true);
      }
  }

  /** x87 registers: mostly in use, with any rounding and precision; exceptions mostly masked. */
  #stack(view: DataView, image: Uint8Array): void {
    const r = this.#r;
    const masks = this.#isX87 && r.chance(0.35) ? r.below(64) : 0x3f;
    view.setUint16(0, 0x40 | masks | (r.below(4) << 10) | (r.pick([0, 2, 3, 3]) << 8), true);
    view.setUint16(2, (r.below(8) << 11) | (r.chance(0.3) ? r.below(0x10000) & 0x4700 : 0), true);
    image[4] = r.chance(0.7) ? 0xff : r.below(256);
    // Room for a push, three times in four.
    if (r.chance(0.75)) image[4] &= ~(1 << ((((view.getUint16(2, true) >> 11) & 7) + 7) & 7));
    for (let index = 0; index < 8; index++) {
      const exponent = r.chance(0.7)
        ? 0x3fff + r.below(70) - 8
        : r.pick([0, 1, 0x7fff, 0x7ffe, 0x3ff0, 0x4030, r.below(0x8000)]);
      const special = exponent === 0x7fff || exponent === 0;
      const mantissa =
        special && r.chance(0.6) ? r.pick([0n, 1n << 63n, 3n << 62n, (1n << 63n) | 1n]) : r.bits64() | (1n << 63n);
      view.setBigUint64(32 + index * 16, r.chance(0.3) ? mantissa & ~0xffffffffffn : mantissa, true);
      view.setUint16(40 + index * 16, exponent | (r.chance(0.5) ? 0x8000 : 0), true);
    }
  }

  #data(): Uint8Array {
    const data = new Uint8Array(DATA_WINDOW);
    const view = new DataView(data.buffer);
    for (let at = 0; at < DATA_WINDOW; at += 8)
      view.setBigUint64(at, this.#r.chance(0.5) ? this.#vectorBits() : BigInt.asUintN(64, this.#integer()), true);
    return data;
  }
}
