// Writes the records of blocks into linear memory, one after the other. Records of a block follow one another.
import type { GuestMemory } from "../../machine/guest-memory.js";
import * as layout from "../../machine/state-layout.js";
import { stateOffset } from "../interpreter/interpreter.js";
import { XMM0 } from "../ir/node.js";
import { type Instruction, RIP_BASE } from "../x86/instruction.js";
import { operandRegister } from "./form.js";
import type { Form } from "./forms.js";
import * as record from "./record.js";
import { NOTE_BITS, NOTE_EDGE, NOTE_MICROCODE, ORDINAL_BITS } from "./record-image.js";
import type { RecordLibrary } from "./record-library.js";
import * as runtime from "./runtime-module.js";

const TWO_32 = 0x1_0000_0000;
/** Bytes that the longest block may need. */
const BLOCK_ROOM = 8192;
/** Where the empty places of the cache of indirect jumps lead. */
const NOWHERE_RECORD = layout.RECORDS;
const FIRST_RECORD = layout.RECORDS + 16;
const CACHE_WORDS = 4 << layout.COLD_CACHE_BITS;

export class RecordWriter {
  readonly #i32: Int32Array;
  /** Address of a block -> its first record: edges to known blocks are linked at once. */
  readonly #blocks: ReadonlyMap<number, number>;
  /** Offset of the next record. */
  next = FIRST_RECORD;
  /** Where the block written last begins. */
  begin = FIRST_RECORD;
  /** What has to be known of that block to copy its records, as notes of record-library.ts. */
  notes: number[] = [];

  constructor(memory: GuestMemory, blocks: ReadonlyMap<number, number>) {
    this.#i32 = memory.i32;
    this.#blocks = blocks;
    this.clear();
  }

  get hasRoom(): boolean {
    return this.next + BLOCK_ROOM <= layout.RECORDS_END;
  }

  /** Starts afresh. */
  clear(): void {
    this.next = FIRST_RECORD;
    this.#i32[NOWHERE_RECORD >>> 2] = runtime.NOWHERE;
    // One empty place, then as many again as there are.
    const first = layout.COLD_CACHE >>> 2;
    this.#i32.fill(0, first, first + 3);
    this.#i32[first + 3] = NOWHERE_RECORD;
    for (let words = 4; words < CACHE_WORDS; words *= 2) this.#i32.copyWithin(first + words, first, first + words);
  }

  /** Begins the block at rip; gives its record. */
  block(rip: number, runsLeft: number): number {
    const at = this.#begin() >>> 2;
    this.#i32[at] = record.BLOCK;
    this.#i32[this.#address(at + 1, rip)] = runsLeft;
    this.next += record.BLOCK_SIZE;
    return this.begin;
  }

  /** The record of a watched instruction, in place of a block: nothing of it is counted. */
  watched(rip: number): number {
    this.#begin();
    this.stop(rip, runtime.WATCHED);
    this.next = this.begin + record.BLOCK_SIZE; // when it is dropped, it leads to what takes its place
    return this.begin;
  }

  /** The block at rip from the library, complete but for its edges; gives where its code ends, or -1. `here`: the library is at it. */
  copy(rip: number, runsLeft: number, library: RecordLibrary, memory: GuestMemory, here: boolean): number {
    const at = this.#begin() >>> 2;
    const end = here ? library.copyHere(rip, memory, at, this.notes) : library.copy(rip, memory, at, this.notes);
    if (end < 0) return -1;
    this.#i32[at + (record.OFFSET_BLOCK_RUNS >>> 2)] = runsLeft;
    this.next += library.size * 4;
    return end;
  }

  #begin(): number {
    this.begin = this.next;
    this.notes = [];
    return this.begin;
  }

  /** Links the edge at a word of memory, whose target is written already. */
  link(at: number): void {
    const target = (this.#i32[at + 2] >>> 0) + this.#i32[at + 3] * TWO_32;
    this.#i32[at] = this.#blocks.get(target) ?? (at + 1) * 4;
  }

  /** Notes something about the record that comes next. */
  note(what: number): void {
    this.notes.push((((this.next - this.begin) >>> 2) << NOTE_BITS) | what);
  }

  /** Ends a block that goes on at `target`. */
  goTo(target: number): void {
    const at = this.next >>> 2;
    this.#i32[at] = runtime.GOTO;
    this.next = this.#edge(at + 1, target) * 4;
  }

  /** Ends a block at `rip`, whose instruction has no record of its own: `handler` says how. */
  stop(rip: number, handler: number): void {
    const at = this.next >>> 2;
    this.#i32[at] = handler;
    this.next = this.#address(at + 1, rip) * 4;
  }

  instruction(i: Instruction, form: Form): void {
    let at = this.next >>> 2;
    this.#i32[at++] = form.handler;
    const recordLayout = form.layout;
    for (let n = 0; n < recordLayout.length; n++) at = this.#operand(at, i, form, recordLayout.charCodeAt(n));
    this.next = at * 4;
  }

  /** Writes what `what` names; gives the next free word. */
  #operand(at: number, i: Instruction, form: Form, what: number): number {
    const i32 = this.#i32;
    if (what >= record.GENERAL_REGISTER && what < record.GENERAL_REGISTER + 16) {
      i32[at] = stateOffset(operandRegister(i, what - record.GENERAL_REGISTER));
      return at + 1;
    }
    switch (what) {
      case record.DISPLACEMENT:
        i32[at] = i.displacement;
        return at + 1;
      case record.RIP:
        return this.#address(at, i.rip);
      case record.IMMEDIATE:
      case record.IMMEDIATE_WIDE:
        i32[at] = i.immediate;
        return at + 1;
      case record.NEXT:
        return this.#address(at, i.next);
      case record.EDGE_NEXT:
        return this.#edge(at, i.next);
      case record.EDGE_TARGET:
        return this.#edge(at, i.relativeTarget);
      case record.ABSOLUTE:
        if (i.base === RIP_BASE) return this.#address(at, i.displacement);
        break;
      case record.IMMEDIATE_64:
        break;
      default:
        i32[at] =
          what < record.MICROCODE_ID
            ? stateOffset(XMM0 + operandRegister(i, what - record.VECTOR_REGISTER))
            : this.#microcode(at, form, what - record.MICROCODE_ID);
        return at + 1;
    }
    i32[at] = i.immediate;
    i32[at + 1] = i.immediateHigh;
    return at + 2;
  }

  #microcode(at: number, form: Form, ordinal: number): number {
    const word = at - (this.begin >>> 2);
    this.notes.push((((ordinal << ORDINAL_BITS) | word) << NOTE_BITS) | NOTE_MICROCODE);
    return (form.microcode as readonly number[])[ordinal];
  }

  #address(at: number, address: number): number {
    this.#i32[at] = address | 0;
    this.#i32[at + 1] = Math.floor(address / TWO_32);
    return at + 2;
  }

  #edge(at: number, target: number): number {
    this.notes.push(((at - (this.begin >>> 2)) << NOTE_BITS) | NOTE_EDGE);
    this.#i32[at] = this.#blocks.get(target) ?? (at + 1) * 4;
    this.#i32[at + 1] = runtime.UNLINKED;
    return this.#address(at + 2, target);
  }
}
