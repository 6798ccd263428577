// What a decoded instruction is, and what a definition of one consists of.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { LONG } from "../code-address.js";
import type { Emitter } from "./emitter.js";

/** How an operand is found and how wide it is; one letter code of the SDM's opcode map each. */
export interface OperandKind {
  /** reg: ModRM.reg, rm: ModRM.rm, op: low opcode bits, imm, rel, moffs, fixed register, constant, VEX.vvvv, bits 7:4 of an immediate. */
  readonly where: "reg" | "rm" | "op" | "imm" | "rel" | "moffs" | "fixed" | "one" | "vvvv" | "is4";
  /** Which registers; none when it is memory only. */
  readonly file: "gpr" | "xmm" | "mmx" | "segment" | "none";
  /**
   * Bits; 0: the operand size (16/32/64); -1: 32 or 64 by REX.W; -2: 128 or 256 by VEX.L; -3: 64 in 64-bit mode, else the operand size.
   */
  readonly bits: number;
  /** Register number for `fixed`; for imm: bytes in the code (0: operand size, at most 4; 9: operand size, up to 8). */
  readonly value: number;
}

/** One encoding of a definition. */
export interface Row {
  /** A number of its own. */
  readonly id: number;
  /** No other row shares the opcode, and nothing more is demanded. */
  readonly isOnly: boolean;
  readonly text: string;
  /** The only mode that has it: 64-bit or compatibility mode; undefined for both. */
  readonly only: "64" | "32" | undefined;
  /** 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A; with a VEX prefix VEX_MAP more. */
  readonly map: number;
  readonly opcode: number;
  /** Mandatory prefix: -1 any, 0 none of them, 0x66, 0xf2, 0xf3. */
  readonly prefix: number;
  /** ModRM.reg must be this (-1: any). */
  readonly digit: number;
  /** -1 any, 0 memory only, 3 register only. */
  readonly mod: number;
  /** ModRM.rm must be this with mod 3 (-1: any). */
  readonly rm: number;
  /** REX.W must be 1, 0, or either (-1). */
  readonly w: number;
  /** VEX.L must be 1, 0, or either (-1); -1 without VEX. */
  readonly l: number;
  readonly vex: boolean;
  /** VEX.vvvv names an operand; else it must be 1111b. */
  readonly usesVvvv: boolean;
  /** An operand is an mm register. */
  readonly mmx: boolean;
  readonly hasModrm: boolean;
  /** ModRM.rm names a register whatever ModRM.mod is. */
  readonly ignoresMod: boolean;
  /** How operands lie in the code behind ModRM, in order: BYTE and the others of opcode-table.ts. */
  readonly inCode: readonly number[];
  /** Bit 0: ModRM.reg may name an 8-bit general register; bit 1: ModRM.rm or the opcode may. */
  readonly byteRegisters: number;
  /** The flags it writes may stay as they were: always, or when the immediate shifts by nothing. */
  readonly keepsFlags: "no" | "maybe" | "by immediate";
  readonly operands: readonly OperandKind[];
  /** Place in `operands` of the one that ModRM.rm names, -1: none. */
  readonly rmOperand: number;
  readonly definition: Definition;
}

export interface DefinitionOptions {
  /** Arithmetic flags read, written and left undefined, as letters of "OSZAPC". */
  readonly reads?: string;
  readonly writes?: string;
  readonly undefined?: string;
  /** LOCK may stand before it when the destination is memory. */
  readonly lock?: boolean;
  /** In 64-bit mode the operand size is 64 bits without REX.W. */
  readonly default64?: boolean;
  /** 128-bit memory operands need not be aligned to 16 without VEX. */
  readonly unaligned?: boolean;
  /** Vector memory operands must be aligned to their size with VEX too. */
  readonly aligned?: boolean;
  /** The index register of the memory operand is a vector. */
  readonly vsib?: boolean;
  /** Can raise an exception without touching memory: its flags before are seen then. */
  readonly faults?: boolean;
  /** Touches memory that no operand names (stack, string operations, microcode). */
  readonly memory?: boolean;
  /** Computes with floating point through float-operation.ts: exact code may raise #XM. */
  readonly float?: boolean;
  /** Its meaning depends on which registers it names, not only on what they hold. */
  readonly byNumber?: boolean;
  /** Level of x86-64 it came with, when that is 3: on lesser models the encoding means what it did before, or nothing. */
  readonly level?: 3;
  /** Ends the block. */
  readonly ends?: boolean;
}

export interface Definition extends Omit<DefinitionOptions, "reads" | "writes" | "undefined"> {
  readonly name: string;
  readonly emit: (x: Emitter) => void;
  /** Masks of rflags bits, from the letters above. */
  readonly readMask: number;
  readonly writeMask: number;
  readonly undefinedMask: number;
}

export const VEX_MAP = 4;
export const NO_REGISTER = -1;
export const RIP_BASE = 16;

export class Instruction {
  row!: Row;
  /** Code address (code-address.ts) and length in bytes. */
  rip = 0;
  length = 0;
  /** LONG, or the mark of compatibility mode. */
  mode = LONG;
  /** Operand size in bits (16, 32, 64) and address size (16, 32, 64). */
  operandSize = 32;
  addressSize = 64;
  /** The REX prefix, or with VEX its W, R, X and B in the same places. */
  rex = 0;
  vex = false;
  /** 128, or 256 with VEX.L. */
  vectorBits = 128;
  /** The register VEX.vvvv names; 0 when it is 1111b. */
  vvvv = 0;
  /** The register in bits 7:4 of an immediate. */
  is4 = 0;
  lock = false;
  /** 0, 0xf2 or 0xf3: the last of them. */
  repeat = 0;
  /** 4 fs, 5 gs, -1 none; in compatibility mode 0 es, 1 cs, 2 ss, 3 ds too. */
  segment = -1;
  mod = 3;
  reg = 0;
  rm = 0;
  base = NO_REGISTER;
  index = NO_REGISTER;
  /** Index field of the SIB byte with its fourth bit, where a vector register is named by it. */
  vectorIndex = NO_REGISTER;
  scale = 0;
  displacement = 0;
  /** First immediate as two signed halves, sign-extended; the second one (enter, extrq) in `immediate2`. */
  immediate = 0;
  immediateHigh = 0;
  immediate2 = 0;

  /** Code address of the instruction behind. */
  get next(): number {
    const next = this.rip + this.length;
    return this.mode === LONG ? next : this.mode + (next >>> 0);
  }

  /** Code address where a relative jump goes. */
  get relativeTarget(): number {
    const target = this.next + this.immediate;
    if (this.mode === LONG) return target;
    return this.mode + (this.operandSize === 16 ? target & 0xffff : target >>> 0);
  }

  /** A relative jump, branch or call that goes to its own address or one before it. */
  get goesBack(): boolean {
    return this.row.operands[0]?.where === "rel" && this.relativeTarget <= this.rip;
  }

  /** REX.W or VEX.W makes its general registers 64 bits wide. */
  get isWide(): boolean {
    return (this.rex & 8) !== 0 && this.mode === LONG;
  }

  get isMemory(): boolean {
    return this.mod !== 3;
  }

  get name(): string {
    return this.row.definition.name;
  }
}

/** Whether the immediate, taken as a count, is 0 once masked. */
export const shiftsByNothing = ({ immediate, operandSize, row }: Instruction): boolean =>
  (immediate & (operandSize === 64 && row.operands[0].bits !== 8 ? 63 : 31)) === 0;

/** Why decoding stopped: the bytes are no instruction we know, more than one may have, or the page could not be fetched from. */
export interface DecodeFailure {
  readonly kind: "invalid" | "tooLong" | "fetch";
  /** For "fetch": the first byte that could not be read. */
  readonly address: number;
}

export type CodeBytes = Pick<GuestMemory, "linear" | "u8">;
