// Bytes -> Instruction, in the mode that the code address says. Says nothing about what an instruction does.

import { EXECUTE } from "../../machine/guest-memory.js";
import { PAGE_SIZE, RBP, RBX, RDI, RSI } from "../../machine/state-layout.js";
import { LONG, linearOf, modeOf } from "../code-address.js";
import {
  type CodeBytes,
  type DecodeFailure,
  Instruction,
  NO_REGISTER,
  RIP_BASE,
  type Row,
  VEX_MAP,
} from "./instruction.js";
import { knownRows } from "./instructions/all.js";
import { BYTE, DWORD, FULL, IS4, MOFFS, NEAR, WORD } from "./opcode-table.js";

export const MAX_LENGTH = 15;

/** By byte: 0 when it is no prefix. */
const PREFIXES = new Uint8Array(256);
const OPERAND_SIZE = 1;
const ADDRESS_SIZE = 2;
const LOCK = 3;
const REPEAT = 4;
const FS = 5;
const GS = 6;
const OTHER_SEGMENT = 7; // ES, CS, SS and DS have no base in 64-bit mode: FS or GS before them stays
const REX = 8;
PREFIXES[0x66] = OPERAND_SIZE;
PREFIXES[0x67] = ADDRESS_SIZE;
PREFIXES[0xf0] = LOCK;
PREFIXES[0xf2] = PREFIXES[0xf3] = REPEAT;
PREFIXES[0x64] = FS;
PREFIXES[0x65] = GS;
for (const byte of [0x26, 0x2e, 0x36, 0x3e]) PREFIXES[byte] = OTHER_SEGMENT;
/** In compatibility mode. */
const PREFIXES_32 = PREFIXES.slice();
PREFIXES.fill(REX, 0x40, 0x50);

export class Decoder {
  readonly #memory: CodeBytes;
  /** Of x86-64: 1 to 3. */
  readonly #level: number;
  failure: DecodeFailure = { kind: "invalid", address: 0 };
  /** Where the instruction's bytes are: memory, or a copy of them where their page ends. */
  #code: Uint8Array;
  #at = 0;
  /** Of the code last fetched. */
  #mode = LONG;
  /** Of the page last fetched from: one past its last address, and what to add to an address for its offset. */
  #pageEnd = -1;
  #delta = 0;
  readonly #copy = new Uint8Array(MAX_LENGTH * 2);

  constructor(memory: CodeBytes, level: number) {
    this.#memory = memory;
    this.#level = level;
    this.#code = memory.u8;
  }

  /** Call once before decoding a new stretch of code. */
  begin(): void {
    this.#pageEnd = -1;
  }

  /** Undefined leaves the reason in `failure`. */
  decode(rip: number): Instruction | undefined {
    let available = MAX_LENGTH;
    if (rip + MAX_LENGTH <= this.#pageEnd && rip >= this.#pageEnd - PAGE_SIZE) {
      this.#code = this.#memory.u8;
      this.#at = rip + this.#delta;
    } else {
      available = this.#fetch(rip);
      if (available === 0) return this.#fail("fetch", rip);
    }
    const start = this.#at;
    const i = new Instruction();
    i.rip = rip;
    const valid = this.#mode === LONG ? this.#decode(i, PREFIXES) : this.#decode32(i);
    const length = this.#at - start;
    // Bytes beyond those available were made up.
    if (length > available && available < MAX_LENGTH) return this.#fail("fetch", rip + available);
    if (length > MAX_LENGTH) return this.#fail("tooLong", rip);
    if (!valid) return this.#fail("invalid", rip);
    i.length = length;
    if (i.base === RIP_BASE) i.displacement += rip + length;
    return i;
  }

  #fail(kind: DecodeFailure["kind"], address: number): undefined {
    this.failure = { kind, address };
    return undefined;
  }

  /** Finds the bytes at `rip`; gives how many of the longest instruction's there are. */
  #fetch(rip: number): number {
    this.#mode = modeOf(rip);
    const linear = this.#memory.linear(linearOf(rip), EXECUTE);
    if (linear < 0) {
      this.#code = this.#copy;
      this.#at = 0;
      return 0;
    }
    const room = PAGE_SIZE - (rip % PAGE_SIZE);
    this.#pageEnd = rip + room;
    this.#delta = linear - rip;
    this.#code = this.#memory.u8;
    this.#at = linear;
    if (room >= MAX_LENGTH) return MAX_LENGTH;
    const next = this.#memory.linear(linearOf(rip + room), EXECUTE);
    const { u8 } = this.#memory;
    this.#copy.set(u8.subarray(linear, linear + room));
    if (next >= 0) this.#copy.set(u8.subarray(next, next + MAX_LENGTH - room), room);
    this.#code = this.#copy;
    this.#at = 0;
    return next < 0 ? room : MAX_LENGTH;
  }

  #signed32(): number {
    const at = this.#at;
    const code = this.#code;
    this.#at = at + 4;
    return code[at] | (code[at + 1] << 8) | (code[at + 2] << 16) | (code[at + 3] << 24);
  }

  #decode32(i: Instruction): boolean {
    i.mode = this.#mode;
    i.addressSize = 32;
    return this.#decode(i, PREFIXES_32);
  }

  /** False when the bytes are no instruction. */
  #decode(i: Instruction, prefixes: Uint8Array): boolean {
    const code = this.#code;
    const start = this.#at;
    let operand16 = false;
    let opcode = code[this.#at++];
    for (let prefix = prefixes[opcode]; prefix !== 0; prefix = prefixes[opcode]) {
      if (prefix === REX) i.rex = opcode;
      else {
        i.rex = 0; // REX counts only right before the opcode
        if (prefix === OPERAND_SIZE) operand16 = true;
        else if (prefix === REPEAT) i.repeat = opcode;
        else if (prefix === ADDRESS_SIZE) i.addressSize = i.mode === LONG ? 32 : 16;
        else if (prefix === LOCK) i.lock = true;
        else if (prefix !== OTHER_SEGMENT) i.segment = prefix === FS ? 4 : 5;
        else if (i.mode !== LONG) i.segment = (opcode >> 3) & 3;
      }
      if (this.#at - start > MAX_LENGTH) return false;
      opcode = code[this.#at++];
    }
    let map = 0;
    let mandatory = i.repeat !== 0 ? i.repeat : operand16 ? 0x66 : 0;
    // In compatibility mode they are LES and LDS with an operand in memory.
    if ((opcode === 0xc4 || opcode === 0xc5) && (i.mode === LONG || code[this.#at] >= 0xc0)) {
      if (mandatory !== 0 || i.lock || i.rex !== 0 || this.#level < 3) return false;
      const fields = this.#vex(i, opcode);
      if (fields < 0) return false;
      map = VEX_MAP + (fields & 31);
      mandatory = VEX_PREFIX[fields >> 5];
      opcode = code[this.#at++];
    } else if (opcode === 0x0f) {
      opcode = code[this.#at++];
      map = 1;
      if (opcode === 0x38 || opcode === 0x3a) {
        map = opcode === 0x38 ? 2 : 3;
        opcode = code[this.#at++];
      }
    }
    const rows = knownRows(map * 256 + opcode, i.mode === LONG);
    if (!rows) return false;
    if (rows[0].hasModrm) this.#modrm(i, rows[0].ignoresMod);
    const row = rows[0].isOnly ? rows[0] : pickRow(rows, i, mandatory, this.#level);
    if (!row) return false;
    if (i.lock && !(row.definition.lock && i.isMemory && row.operands[0]?.where === "rm")) return false;
    i.row = row;
    i.operandSize = i.isWide ? 64 : operand16 && row.prefix !== 0x66 ? 16 : 32;
    if (row.usesVvvv && i.mode !== LONG) i.vvvv &= 7;
    if (row.definition.vsib) i.index = NO_REGISTER;
    if (row.definition.default64 && i.operandSize === 32 && i.mode === LONG) i.operandSize = 64;
    if (!row.hasModrm) i.rm = (opcode & 7) | ((i.rex & 1) << 3);
    if (row.inCode.length > 0) this.#immediates(i);
    return true;
  }

  /** The bytes of a VEX prefix after the first. Gives the map in bits 4:0 and pp above it, -1 when there is no such map. */
  #vex(i: Instruction, first: number): number {
    let byte = this.#code[this.#at++];
    let map = 1;
    i.vex = true;
    i.rex = 0x40 | ((byte & 0x80) === 0 ? 4 : 0);
    if (first === 0xc4) {
      map = byte & 31;
      if (map < 1 || map > 3) return -1;
      i.rex |= (byte & 0x40 ? 0 : 2) | (byte & 0x20 ? 0 : 1);
      byte = this.#code[this.#at++];
      if (byte & 0x80) i.rex |= 8;
    }
    i.vvvv = (~byte >> 3) & 15;
    if (i.mode !== LONG) i.rex &= ~1; // there are eight registers of each kind
    i.vectorBits = byte & 4 ? 256 : 128;
    return map | ((byte & 3) << 5);
  }

  #modrm(i: Instruction, ignoresMod: boolean): void {
    const code = this.#code;
    const modrm = code[this.#at++];
    i.mod = modrm >> 6;
    i.reg = ((modrm >> 3) & 7) | ((i.rex & 4) << 1);
    i.rm = (modrm & 7) | ((i.rex & 1) << 3);
    if (i.mod === 3) return;
    if (ignoresMod) {
      i.mod = 3;
      return;
    }
    const low = modrm & 7;
    if (i.addressSize === 16) return this.#modrm16(i, low);
    if (low === 4) {
      const sib = code[this.#at++];
      i.scale = sib >> 6;
      const index = ((sib >> 3) & 7) | ((i.rex & 2) << 2);
      i.index = index === 4 ? NO_REGISTER : index;
      i.vectorIndex = index;
      if ((sib & 7) === 5 && i.mod === 0) i.displacement = this.#signed32();
      else i.base = (sib & 7) | ((i.rex & 1) << 3);
    } else if (low === 5 && i.mod === 0) {
      if (i.mode === LONG) i.base = RIP_BASE;
      i.displacement = this.#signed32();
    } else i.base = i.rm;
    if (i.mod === 1) i.displacement = this.#signed8();
    else if (i.mod === 2) i.displacement = this.#signed32();
  }

  #modrm16(i: Instruction, low: number): void {
    if (low < 4) i.index = low & 1 ? RDI : RSI;
    if (low === 6 && i.mod === 0) {
      i.displacement = this.#signed16();
      return;
    }
    i.base = BASES_16[low];
    if (i.mod === 1) i.displacement = this.#signed8();
    else if (i.mod === 2) i.displacement = this.#signed16();
  }

  #signed8(): number {
    return (this.#code[this.#at++] << 24) >> 24;
  }

  #signed16(): number {
    const low = this.#code[this.#at++];
    return low | (this.#signed8() << 8);
  }

  #immediates(i: Instruction): void {
    const { inCode } = i.row;
    for (let n = 0; n < inCode.length; n++) {
      const what = inCode[n];
      let low: number;
      let high = 0;
      if (what === MOFFS) {
        low = i.addressSize === 16 ? this.#signed16() & 0xffff : this.#signed32();
        if (i.addressSize === 64) high = this.#signed32();
      } else if (what === IS4) {
        low = this.#code[this.#at++];
        i.is4 = i.mode === LONG ? low >> 4 : (low >> 4) & 7;
      } else {
        low =
          what === BYTE
            ? this.#signed8()
            : what === WORD || (i.operandSize === 16 && what !== DWORD && (what !== NEAR || i.mode !== LONG))
              ? this.#signed16()
              : this.#signed32();
        high = what === FULL && i.operandSize === 64 ? this.#signed32() : low >> 31;
      }
      if (n === 0) {
        i.immediate = low;
        i.immediateHigh = high;
      } else i.immediate2 = low;
    }
  }
}

/** By ModRM.rm, with 16-bit addresses. */
const BASES_16 = [RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX];

/** By VEX.pp. */
const VEX_PREFIX = [0, 0x66, 0xf3, 0xf2];

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
