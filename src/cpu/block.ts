// Translates one basic block: decodes its instructions, finds which flags are read, and emits its IR.
import * as processor from "../machine/processor.js";
import { ARITHMETIC_FLAGS } from "../machine/state-layout.js";
import type { Node } from "./ir/node.js";
import { Watches } from "./watches.js";
import { Decoder } from "./x86/decoder.js";
import { Emitter } from "./x86/emitter.js";
import type { CodeBytes, Instruction } from "./x86/instruction.js";
import type { Terminator } from "./x86/terminator.js";

export const MAX_BLOCK_INSTRUCTIONS = 64;

export interface Block {
  /** Guest address of the first instruction. */
  readonly start: number;
  /** One past its last byte. */
  readonly end: number;
  readonly nodes: readonly Node[];
  readonly terminator: Terminator;
  /** Guest address of each instruction, for faults. */
  readonly addresses: readonly number[];
  /** Lengths, beside `addresses`. */
  readonly lengths: readonly number[];
  /** Computes with floating point: quick and exact code differ. */
  readonly float: boolean;
}

// Where the first bytes are no instruction.
const UNDEFINED: Terminator = { kind: "trap", trap: processor.INVALID_OPCODE, length: 0 };
export const TOO_LONG: Terminator = { kind: "trap", trap: processor.GENERAL_PROTECTION, length: 0 };
export const WATCHED: Terminator = { kind: "trap", trap: processor.TRAP_WATCH, length: 0 };

/** The first instruction cannot be fetched: what the processor raises. */
export class FetchFault {
  readonly address: number;
  constructor(address: number) {
    this.address = address;
  }
}

export interface DecodedBlock {
  readonly start: number;
  readonly end: number;
  readonly instructions: Instruction[];
  /** Where the first bytes are no instruction. */
  readonly ending: Terminator | undefined;
  /** For each instruction, those flags it leaves that somebody may still read, and AT_FAULT. */
  readonly visible: readonly number[];
}

/** It does not end where the next instruction is watched, is none, or could not be fetched. */
export const isComplete = ({ instructions }: DecodedBlock): boolean =>
  instructions.length === MAX_BLOCK_INSTRUCTIONS || instructions[instructions.length - 1]?.row.definition.ends === true;

export class BlockTranslator {
  readonly #decoder: Decoder;
  readonly #watches: Watches;

  /** `level` of x86-64: which instructions there are. */
  constructor(memory: CodeBytes, level: number, watches = new Watches()) {
    this.#decoder = new Decoder(memory, level);
    this.#watches = watches;
  }

  /** The instructions of the block at `start`, of at most `limit`. `past`: a watched one is the first of them. */
  decode(start: number, limit = MAX_BLOCK_INSTRUCTIONS, exactFloat = true, past = false): DecodedBlock | FetchFault {
    const instructions: Instruction[] = [];
    let end = start;
    let ending: Terminator | undefined;
    this.#decoder.begin();
    while (instructions.length < limit) {
      if (this.#watches.has(end) && !(past && end === start)) {
        if (end === start) ending = WATCHED;
        break;
      }
      const decoded = this.#decoder.decode(end);
      if (!decoded) {
        const { kind, address } = this.#decoder.failure;
        if (instructions.length > 0) break;
        if (kind === "fetch") return new FetchFault(address);
        ending = kind === "tooLong" ? TOO_LONG : UNDEFINED;
        break;
      }
      instructions.push(decoded);
      end = decoded.next;
      if (decoded.row.definition.ends) break;
    }
    return { start, end, instructions, ending, visible: flagVisibility(instructions, exactFloat) };
  }

  /**
   * The block at `start`, of at most `limit` instructions; `knownFlags` is the lazy operation it is entered with, -1 if not known.
   * Without `exactFloat` its floating point is the quick kind. `past` as in `decode`.
   */
  translate(
    start: number,
    limit = MAX_BLOCK_INSTRUCTIONS,
    knownFlags = -1,
    exactFloat = true,
    past = false,
  ): Block | FetchFault {
    const decoded = this.decode(start, limit, exactFloat, past);
    if (decoded instanceof FetchFault) return decoded;
    const { instructions, ending, visible, end } = decoded;
    const x = new Emitter();
    x.exactFloat = exactFloat;
    if (knownFlags >= 0) x.assumeFlags(knownFlags);
    let emitted = 0;
    // An emitter may end the block early: an operand that is not allowed.
    while (emitted < instructions.length && !x.terminator) {
      const instruction = instructions[emitted];
      x.i = instruction;
      x.instruction = emitted;
      x.liveFlags = visible[emitted] & ARITHMETIC_FLAGS;
      x.flagsInvisible = (visible[emitted] & (ARITHMETIC_FLAGS | AT_FAULT)) === 0;
      instruction.row.definition.emit(x);
      emitted++;
    }
    instructions.length = emitted;
    return {
      start,
      end,
      nodes: x.nodes,
      terminator: x.terminator ?? ending ?? { kind: "jump", target: end },
      addresses: instructions.map((i) => i.rip),
      lengths: instructions.map((i) => i.length),
      float: instructions.some((i) => i.row.definition.float),
    };
  }
}

/** Beside the flag bits: a fault could show the flags before they are written again. */
const AT_FAULT = 1 << 30;

/** For each instruction, those flags it leaves that somebody may still read. */
function flagVisibility(instructions: readonly Instruction[], exactFloat: boolean): number[] {
  const visible = new Array<number>(instructions.length);
  let live = ARITHMETIC_FLAGS | AT_FAULT;
  for (let n = instructions.length - 1; n >= 0; n--) {
    const { definition } = instructions[n].row;
    visible[n] = live;
    if (alwaysWrites(instructions[n])) {
      live &= ~definition.writeMask;
      if (definition.writeMask === ARITHMETIC_FLAGS) live = 0;
    }
    live |= definition.readMask;
    const { memory, ends, faults, float } = definition;
    const { isMemory, row } = instructions[n];
    // An x87 exception may wait for MMX instructions.
    if (memory || ends || faults || isMemory || row.mmx || (float && exactFloat)) live |= AT_FAULT;
  }
  return visible;
}

/** Shifts by CL or by 0 and repeated string instructions may leave the flags as they were. */
function alwaysWrites({ row, repeat, immediate }: Instruction): boolean {
  if (repeat !== 0 && row.definition.memory) return false;
  return row.keepsFlags === "no" || (row.keepsFlags === "by immediate" && (immediate & 31) !== 0);
}
