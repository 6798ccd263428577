// Bytes -> Instruction, for 64-bit mode. Says nothing about what an instruction does.

import { EXECUTE } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import {
  type CodeBytes,
  type DecodeFailure,
  Instruction,
  NO_REGISTER,
  RIP_BASE,
  type Row,
  VEX_MAP,
} from "./instruction.js";
import { rowsAt } from "./opcode-table.js";

export const MAX_LENGTH = 15;

class Fault extends Error {
  readonly failure: DecodeFailure;
  constructor(kind: DecodeFailure["kind"], address: number) {
    super();
    this.failure = { kind, address };
  }
}

/** Reads code bytes one after the other across pages. */
class Fetch {
  #linear = -1;
  #left = 0;
  #start = 0;
  at = 0;
  readonly #memory: CodeBytes;
  constructor(memory: CodeBytes) {
    this.#memory = memory;
  }

  begin(address: number): void {
    if (address !== this.at || this.#left <= 0) this.#left = 0;
    this.#start = address;
    this.at = address;
  }

  /** Forget the page: its mapping may have changed. */
  forget(): void {
    this.#left = 0;
  }

  byte(): number {
    if (this.#left === 0) {
      this.#linear = this.#memory.linear(this.at, EXECUTE);
      if (this.#linear < 0) throw new Fault("fetch", this.at);
      this.#left = PAGE_SIZE - (this.at % PAGE_SIZE);
    }
    if (this.at - this.#start >= MAX_LENGTH) throw new Fault("tooLong", this.#start);
    this.#left--;
    this.at++;
    return this.#memory.u8[this.#linear++];
  }

  signed8(): number {
    return (this.byte() << 24) >> 24;
  }

  signed16(): number {
    const low = this.byte();
    return low | (this.signed8() << 8);
  }

  signed32(): number {
    const low = this.byte() | (this.byte() << 8) | (this.byte() << 16);
    return low | (this.byte() << 24);
  }
}

export class Decoder {
  readonly #fetch: Fetch;
  /** Of x86-64: 1 to 3. */
  readonly #level: number;

  constructor(memory: CodeBytes, level: number) {
    this.#fetch = new Fetch(memory);
    this.#level = level;
  }

  /** Call once before decoding a new stretch of code. */
  begin(): void {
    this.#fetch.forget();
  }

  decode(rip: number): Instruction | DecodeFailure {
    try {
      return this.#decode(rip);
    } catch (error) {
      if (error instanceof Fault) return error.failure;
      throw error;
    }
  }

  #decode(rip: number): Instruction {
    const f = this.#fetch;
    f.begin(rip);
    const i = new Instruction();
    i.rip = rip;
    let operand16 = false;
    let opcode = f.byte();
    for (let more = true; more; ) {
      switch (opcode) {
        case 0x66:
          operand16 = true;
          break;
        case 0x67:
          i.addressSize = 32;
          break;
        case 0xf0:
          i.lock = true;
          break;
        case 0xf2:
        case 0xf3:
          i.repeat = opcode;
          break;
        case 0x64:
          i.segment = 4;
          break;
        case 0x65:
          i.segment = 5;
          break;
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
          i.segment = -1; // no base in 64-bit mode; the last segment prefix counts
          break;
        default:
          if ((opcode & 0xf0) === 0x40) {
            i.rex = opcode; // REX counts only right before the opcode
            opcode = f.byte();
            if (isPrefix(opcode)) {
              i.rex = 0;
              continue;
            }
          }
          more = false;
          continue;
      }
      opcode = f.byte();
    }
    let map = 0;
    let mandatory = i.repeat !== 0 ? i.repeat : operand16 ? 0x66 : 0;
    if (opcode === 0xc4 || opcode === 0xc5) {
      if (mandatory !== 0 || i.lock || i.rex !== 0 || this.#level < 3) throw new Fault("invalid", rip);
      const fields = this.#vex(i, opcode);
      map = VEX_MAP + (fields & 31);
      mandatory = VEX_PREFIX[fields >> 5];
      opcode = f.byte();
    } else if (opcode === 0x0f) {
      opcode = f.byte();
      map = 1;
      if (opcode === 0x38 || opcode === 0x3a) {
        map = opcode === 0x38 ? 2 : 3;
        opcode = f.byte();
      }
    }
    const rows = rowsAt(map * 256 + opcode);
    if (!rows) throw new Fault("invalid", rip);
    if (rows[0].hasModrm) this.#modrm(i);
    const row = pickRow(rows, i, mandatory, this.#level);
    if (!row) throw new Fault("invalid", rip);
    if (i.lock && !(row.definition.lock && i.isMemory && row.operands[0]?.where === "rm"))
      throw new Fault("invalid", rip);
    i.row = row;
    i.operandSize = i.rex & 8 ? 64 : operand16 && row.prefix !== 0x66 ? 16 : 32;
    if (row.definition.vsib) i.index = NO_REGISTER;
    if (row.definition.default64 && i.operandSize === 32) i.operandSize = 64;
    if (!row.hasModrm) i.rm = (opcode & 7) | ((i.rex & 1) << 3);
    this.#immediates(i);
    i.length = f.at - rip;
    if (i.base === RIP_BASE) i.displacement += rip + i.length;
    return i;
  }

  /** The bytes of a VEX prefix after the first. Gives the map in bits 4:0 and pp above it. */
  #vex(i: Instruction, first: number): number {
    const f = this.#fetch;
    let byte = f.byte();
    let map = 1;
    i.vex = true;
    i.rex = 0x40 | ((byte & 0x80) === 0 ? 4 : 0);
    if (first === 0xc4) {
      map = byte & 31;
      if (map < 1 || map > 3) throw new Fault("invalid", i.rip);
      i.rex |= (byte & 0x40 ? 0 : 2) | (byte & 0x20 ? 0 : 1);
      byte = f.byte();
      if (byte & 0x80) i.rex |= 8;
    }
    i.vvvv = (~byte >> 3) & 15;
    i.vectorBits = byte & 4 ? 256 : 128;
    return map | ((byte & 3) << 5);
  }

  #modrm(i: Instruction): void {
    const f = this.#fetch;
    const modrm = f.byte();
    i.mod = modrm >> 6;
    i.reg = ((modrm >> 3) & 7) | ((i.rex & 4) << 1);
    i.rm = (modrm & 7) | ((i.rex & 1) << 3);
    if (i.mod === 3) return;
    const low = modrm & 7;
    if (low === 4) {
      const sib = f.byte();
      i.scale = sib >> 6;
      const index = ((sib >> 3) & 7) | ((i.rex & 2) << 2);
      i.index = index === 4 ? NO_REGISTER : index;
      i.vectorIndex = index;
      if ((sib & 7) === 5 && i.mod === 0) i.displacement = f.signed32();
      else i.base = (sib & 7) | ((i.rex & 1) << 3);
    } else if (low === 5 && i.mod === 0) {
      i.base = RIP_BASE;
      i.displacement = f.signed32();
    } else i.base = i.rm;
    if (i.mod === 1) i.displacement = f.signed8();
    else if (i.mod === 2) i.displacement = f.signed32();
  }

  #immediates(i: Instruction): void {
    const f = this.#fetch;
    let first = true;
    for (const operand of i.row.operands) {
      let low: number;
      let high: number;
      if (operand.where === "moffs") {
        low = f.signed32();
        high = i.addressSize === 64 ? f.signed32() : 0;
      } else if (operand.where === "rel") {
        low = operand.value === 1 ? f.signed8() : f.signed32();
        high = low >> 31;
      } else if (operand.where === "imm") {
        const whole = operand.value === 9 && i.operandSize === 64;
        const bytes = operand.value === 0 || operand.value === 9 ? Math.min(i.operandSize >> 3, 4) : operand.value;
        low = bytes === 1 ? f.signed8() : bytes === 2 ? f.signed16() : f.signed32();
        high = whole ? f.signed32() : low >> 31;
      } else if (operand.where === "is4") {
        low = f.byte();
        high = 0;
        i.is4 = low >> 4;
      } else continue;
      if (first) {
        i.immediate = low;
        i.immediateHigh = high;
      } else i.immediate2 = low;
      first = false;
    }
  }
}

/** By VEX.pp. */
const VEX_PREFIX = [0, 0x66, 0xf3, 0xf2];

function isPrefix(byte: number): boolean {
  return (
    (byte & 0xf0) === 0x40 ||
    byte === 0x66 ||
    byte === 0x67 ||
    byte === 0xf0 ||
    byte === 0xf2 ||
    byte === 0xf3 ||
    byte === 0x64 ||
    byte === 0x65 ||
    byte === 0x26 ||
    byte === 0x2e ||
    byte === 0x36 ||
    byte === 0x3e
  );
}

function pickRow(rows: readonly Row[], i: Instruction, mandatory: number, level: number): Row | undefined {
  for (const row of rows) {
    if (row.definition.level && level < row.definition.level) continue;
    if (row.prefix >= 0 && row.prefix !== mandatory) continue;
    if (row.digit >= 0 && row.digit !== (i.reg & 7)) continue;
    if (row.mod >= 0 && (row.mod === 3) !== (i.mod === 3)) continue;
    if (row.rm >= 0 && row.rm !== (i.rm & 7)) continue;
    if (row.w >= 0 && row.w !== ((i.rex >> 3) & 1)) continue;
    if (i.vex) {
      if (row.l >= 0 && (row.l === 1) !== (i.vectorBits === 256)) continue;
      if (!row.usesVvvv && i.vvvv !== 0) continue;
      // Without a SIB byte there is no vector of indices.
      if (row.definition.vsib && i.vectorIndex === NO_REGISTER) continue;
    }
    return row;
  }
  return undefined;
}
