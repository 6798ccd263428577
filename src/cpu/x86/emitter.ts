// What an instruction's definition works with: its operands as IR values, the lazy flags, and the ways a block can end.
import * as layout from "../../machine/state-layout.js";
import { DF } from "../../machine/state-layout.js";
import { I64 } from "../../wasm/module-builder.js";
import { FLAT, LONG } from "../code-address.js";
import { LOAD32, LOAD64, LOAD128 } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CC_OP, type Microcode, type Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import { AddressEmitter } from "./address-emitter.js";
import * as flags from "./flags.js";
import type { OperandKind } from "./instruction.js";
import { CS, FS, SS } from "./segments.js";
import type { Terminator } from "./terminator.js";
import { ACCESS } from "./vector-emitter.js";

const MASK: Readonly<Record<number, number>> = { 8: 0xff, 16: 0xffff };
/** An operand that is read, changed and written back; memory is checked for writing before the read. */
export interface Destination {
  readonly value: Node;
  store(value: Node): void;
}

export class Emitter extends AddressEmitter {
  terminator: Terminator | undefined;
  /** Arithmetic flags somebody reads before they are written again; set for each instruction by the block translator. */
  liveFlags = layout.ARITHMETIC_FLAGS;
  /** Floating-point operations obey MXCSR and record their exceptions there: float-operation.ts. */
  exactFloat = true;
  /** Nobody can see the flags this instruction would leave, not even a fault. */
  flagsInvisible = false;
  #flags: flags.LazyFlags | undefined;

  // ---- operands

  /** Width of operand `index` in bits. */
  bits(index: number): number {
    return this.#bits(this.i.row.operands[index]);
  }

  #bits(kind: OperandKind): number {
    if (kind.bits > 0) return kind.bits;
    if (kind.bits === -2) return this.i.vectorBits;
    if (kind.bits === -3 && this.is64) return 64;
    return kind.bits === -1 ? (this.i.isWide ? 64 : 32) : this.i.operandSize;
  }

  isRegister(index: number): boolean {
    const where = this.i.row.operands[index].where;
    return where !== "rm" || !this.i.isMemory;
  }

  #registerNumber(kind: OperandKind): number {
    switch (kind.where) {
      case "fixed":
        return kind.value;
      case "vvvv":
        return this.i.vvvv;
      case "is4":
        return this.i.is4;
      default:
        return kind.where === "reg" ? this.i.reg : this.i.rm;
    }
  }

  registerOf(index: number): number {
    return this.#registerNumber(this.i.row.operands[index]);
  }

  /** General-register or memory operand, zero-extended: i64 for 64 bits, else i32. Immediates are sign-extended to the operand, then cut. */
  read(index: number): Node {
    const kind = this.i.row.operands[index];
    const bits = this.#bits(kind);
    switch (kind.where) {
      case "imm":
        return this.immediate(bits);
      case "one":
        return this.i32(1);
      case "moffs":
        return this.load(ACCESS[bits], this.segmentAddress(this.absoluteOperand()));
      case "rm":
        if (this.i.isMemory) return this.load(ACCESS[bits], this.effectiveAddress());
        break;
    }
    return this.register(this.#registerNumber(kind), bits, kind.where === "fixed");
  }

  /** The first immediate, cut to `bits`. Definitions look at `i.immediate` itself only where it decides what the IR is. */
  immediate(bits: number): Node {
    const { immediate, immediateHigh } = this.i;
    if (bits === 64) return this.i64(immediate, immediateHigh);
    return this.i32(bits === 32 ? immediate : immediate & MASK[bits]);
  }

  /** The first immediate as the count of a shift of `bits`, masked, in the type of the operand. */
  shiftCount(bits: number): { node: Node; isZero: boolean } {
    const masked = this.i.immediate & (bits === 64 ? 63 : 31);
    return { node: this.typed(bits, masked), isZero: masked === 0 };
  }

  /** A count (i32) masked, in the type of an operand of `bits`. */
  shiftMask(count: Node, bits: number): Node {
    const masked = this.and(count, this.i32(bits === 64 ? 63 : 31));
    return bits === 64 ? this.extendU(masked) : masked;
  }

  /** The low `bits` of general register `number`; without REX, 4..7 of the 8-bit ones are AH..BH. */
  register(number: number, bits: number, fixed = false): Node {
    if (bits === 64) return this.get(number);
    if (bits === 8 && this.isHighByte(number, fixed))
      return this.and(this.wrap(this.shrU(this.get(this.highByteHolder(number)), this.i64(8))), this.i32(0xff));
    const low = this.wrap(this.get(number));
    return bits === 32 ? low : this.and(low, this.i32(MASK[bits]));
  }

  protected isHighByte(number: number, fixed: boolean): boolean {
    return !fixed && this.i.rex === 0 && number >= 4 && number < 8;
  }

  /** The register whose second byte it is. */
  protected highByteHolder(number: number): number {
    return number - 4;
  }

  /** Writes a general register as the processor does: 32 bits clear the upper half, 8 and 16 keep the rest. */
  setRegister(number: number, bits: number, value: Node, fixed = false): void {
    if (bits === 64) return this.set(number, value);
    if (bits === 32) return this.set(number, this.extendU(value));
    if (bits === 8 && this.isHighByte(number, fixed)) {
      const inserted = this.shl(this.extendU(this.and(value, this.i32(0xff))), this.i64(8));
      const holder = this.highByteHolder(number);
      return this.set(holder, this.or(this.and(this.get(holder), this.i64(~0xff00, -1)), inserted));
    }
    const kept = this.and(this.get(number), this.i64(~MASK[bits], -1));
    this.set(number, this.or(kept, this.extendU(this.and(value, this.i32(MASK[bits])))));
  }

  write(index: number, value: Node): void {
    const kind = this.i.row.operands[index];
    const bits = this.#bits(kind);
    if (kind.where === "moffs") return this.store(ACCESS[bits], this.segmentAddress(this.absoluteOperand()), value);
    if (kind.where === "rm" && this.i.isMemory) return this.store(ACCESS[bits], this.effectiveAddress(), value);
    this.setRegister(this.#registerNumber(kind), bits, value, kind.where === "fixed");
  }

  destination(index: number): Destination {
    const kind = this.i.row.operands[index];
    const bits = this.#bits(kind);
    if (kind.where === "rm" && this.i.isMemory) {
      const linear = this.translate(this.effectiveAddress(), bits >> 3, true);
      return {
        value: this.rawLoad(ACCESS[bits], linear),
        store: (value) => this.rawStore(ACCESS[bits], linear, value),
      };
    }
    return { value: this.read(index), store: (value) => this.write(index, value) };
  }

  // ---- integer sizes

  /** Sign-extends the low `bits` of an i32 node within i32. */
  signExtend32(value: Node, bits: number): Node {
    if (bits >= 32) return value;
    return this.apply(bits === 8 ? SIGN8 : SIGN16, value);
  }

  /** Any operand value to i64, by sign or zero extension from `bits`. */
  toI64(value: Node, bits: number, signed: boolean): Node {
    if (value.type === I64) return value;
    return signed ? this.extendS(this.signExtend32(value, bits)) : this.extendU(value);
  }

  /** Cuts to `bits`: the clean, zero-extended form every operand value has. */
  cut(value: Node, bits: number): Node {
    return bits < 32 ? this.and(value, this.i32(MASK[bits])) : value;
  }

  typed(bits: number, value: number): Node {
    return bits === 64 ? this.i64(value) : this.i32(value);
  }

  // ---- stack

  /** Bytes of what PUSH and POP move. */
  get stackBytes(): number {
    return this.i.operandSize >> 3;
  }

  /** Writes the part of a general register that the address size makes an offset. */
  setAddressRegister(number: number, value: Node): void {
    const { addressSize } = this.i;
    if (addressSize === 16) this.setRegister(number, 16, this.wrap(value));
    else this.set(number, this.cutAddress(value));
  }

  push(value: Node, bytes = this.stackBytes): void {
    const top = this.stackOffset(this.sub(this.get(layout.RSP), this.i64(bytes)));
    this.store(ACCESS[bytes * 8], this.stackAddress(top), value);
    this.set(layout.RSP, top);
  }

  pop(bytes = this.stackBytes): Node {
    const value = this.load(ACCESS[bytes * 8], this.stackAddress(this.stackTop()));
    this.set(layout.RSP, this.stackTop(bytes));
    return value;
  }

  // ---- flags

  /** The lazy state as known here; unknown states are read through FLAGS. */
  get lazy(): flags.LazyFlags {
    if (this.#flags) return this.#flags;
    const all = this.flags(this.get(CC_OP), this.get(CC_A), this.get(CC_B), this.get(CC_C));
    const none = this.i32(0);
    this.#flags = { kind: flags.EXPLICIT, size: 8, a: all, b: none, c: none };
    return this.#flags;
  }

  setLazy(kind: number, size: number, a: Node, b?: Node, c?: Node): void {
    const none = this.typed(size, 0);
    const state = { kind, size, a, b: b ?? none, c: c ?? none };
    this.#flags = state;
    if (!this.flagsInvisible) flags.setFlags(this, state);
  }

  /** The block starts in, or has come to, a state not known while translating. */
  forgetFlags(): void {
    this.#flags = undefined;
  }

  /** The predecessor's operation is known: the operands are in the cc registers. */
  assumeFlags(operation: number): void {
    this.#flags = flags.storedFlags(this, operation);
  }

  /** Logic: SF ZF PF from the result, CF OF clear. */
  setLogicFlags(size: number, result: Node): void {
    this.setLazy(flags.SUBTRACTION, size, result);
  }

  /** All six flags given in their rflags places. Costs more than the lazy forms: skipped when nobody reads them. */
  setExplicitFlags(all: () => Node): void {
    if ((this.liveFlags & this.i.row.definition.writeMask) === 0) return;
    this.setLazy(flags.EXPLICIT, 8, all());
  }

  /** Replaces the flags of `mask` by `bits` (already in place), keeping the others. */
  changeFlags(mask: number, bits: () => Node): void {
    this.setExplicitFlags(() => this.or(this.and(this.allFlags(), this.i32(~mask)), bits()));
  }

  allFlags(): Node {
    return flags.allFlags(this, this.lazy);
  }

  carry(): Node {
    return flags.carry(this, this.lazy);
  }

  condition(code: number): Node {
    return flags.condition(this, this.lazy, code);
  }

  /** +size or -size by DF, i64. */
  stringStep(bytes: number): Node {
    const down = this.and(this.stateLoad(layout.OFFSET_SYSTEM_FLAGS, LOAD32), this.i32(DF));
    return this.select(down, this.i64(-bytes), this.i64(bytes));
  }

  // ---- the rest

  /** Runs `handler` on the synchronised state, here and now. */
  runMicrocode(handler: Microcode): void {
    const segment = this.#microcodeSegment();
    this.microcode(segment < 0 ? handler : (core) => core.inSegment(segment, () => handler(core)));
    this.forgetVectors();
    if (this.i.row.definition.writeMask !== 0) this.forgetFlags();
  }

  /** The segment of its operand, when it matters; else -1. */
  #microcodeSegment(): number {
    const { isMemory, segment, mode } = this.i;
    if (!isMemory) return -1;
    const its = segment < 0 ? this.operandSegment : segment;
    return its === SS || (mode !== LONG && (its >= FS || its === CS || mode !== FLAT)) ? its : -1;
  }

  /** Leaves an i64 operand where microcode finds it. */
  stateStoreScratch(value: Node): void {
    this.stateStore(layout.OFFSET_SCRATCH, LOAD64, value);
  }

  stateStoreScratchVector(value: Node): void {
    this.stateStore(layout.OFFSET_SCRATCH, LOAD128, value);
  }

  jump(target: number): void {
    this.terminator = { kind: "jump", target };
  }

  trap(trap: number): void {
    this.terminator = { kind: "trap", trap, length: this.i.length };
  }
}

const SIGN8 = operatorNamed("i32_extend8_s");
const SIGN16 = operatorNamed("i32_extend16_s");
