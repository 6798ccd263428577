// What an instruction's definition works with: its operands as IR values, the lazy flags, and the ways a block can end.
import { GENERAL_PROTECTION } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { DF } from "../../machine/state-layout.js";
import { I64 } from "../../wasm/module-builder.js";
import { FLAT, LONG } from "../code-address.js";
import { LOAD32, LOAD64, LOAD128 } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CC_OP, type Microcode, type Node } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import * as flags from "./flags.js";
import { NO_REGISTER, type OperandKind, RIP_BASE } from "./instruction.js";
import { CS, DS, FS, SS, segmentBase } from "./segments.js";
import type { Terminator } from "./terminator.js";
import { ACCESS, VectorEmitter } from "./vector-emitter.js";

const MASK: Readonly<Record<number, number>> = { 8: 0xff, 16: 0xffff };
/** An operand that is read, changed and written back; memory is checked for writing before the read. */
export interface Destination {
  readonly value: Node;
  store(value: Node): void;
}

export class Emitter extends VectorEmitter {
  terminator: Terminator | undefined;
  /** Arithmetic flags somebody reads before they are written again; set for each instruction by the block translator. */
  liveFlags = layout.ARITHMETIC_FLAGS;
  /** Floating-point operations obey MXCSR and record their exceptions there: float-operation.ts. */
  exactFloat = true;
  /** Nobody can see the flags this instruction would leave, not even a fault. */
  flagsInvisible = false;
  #flags: flags.LazyFlags | undefined;

  /** The instruction is of 64-bit mode. */
  get is64(): boolean {
    return this.i.mode === LONG;
  }

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

  /** The address that is an operand by itself, or that a displacement from rip gives. */
  protected absoluteOperand(): Node {
    const { base, displacement, immediate, immediateHigh } = this.i;
    return base === RIP_BASE ? this.address(displacement) : this.i64(immediate, immediateHigh);
  }

  protected displacementOperand(): Node {
    return this.i64(this.i.displacement);
  }

  /** Code address of the next instruction: as a number for terminators, and as a value. */
  get next(): number {
    return this.i.next;
  }

  nextAddress(): Node {
    return this.address(this.i.next);
  }

  /** rip of the next instruction as a call pushes it. */
  returnAddress(bytes: number): Node {
    const next = this.nextAddress();
    return bytes === 8 ? next : this.cut(this.wrap(next), bytes * 8);
  }

  /** Code address where a relative jump or call goes. */
  get relativeTarget(): number {
    return this.i.relativeTarget;
  }

  /** Linear address of base + index * scale + displacement in its segment, i64. `raised` is added to rsp when that is the base. */
  effectiveAddress(raised = 0): Node {
    return this.operandAddress(this.offset(raised));
  }

  /** The linear address of another offset in the memory operand's segment. */
  operandAddress(offset: Node): Node {
    return this.segmentAddress(offset, this.#segment);
  }

  /** A linear address further on in the same segment. */
  displaced(address: Node, by: Node): Node {
    const sum = this.add(address, by);
    if (!this.is64) return this.extendU(this.wrap(sum));
    return address.stack ? this.onStack(sum) : sum;
  }

  /** That of the memory operand without a prefix. */
  get #segment(): number {
    const { base } = this.i;
    return base === layout.RSP || base === layout.RBP ? SS : DS;
  }

  /** Without the segment base: what LEA computes. */
  offset(raised = 0): Node {
    const i = this.i;
    let sum: Node | undefined;
    if (i.base === RIP_BASE) sum = this.absoluteOperand();
    else {
      if (i.base !== NO_REGISTER) sum = this.get(i.base);
      if (sum && raised !== 0 && i.base === layout.RSP) sum = this.add(sum, this.i64(raised));
      if (i.index !== NO_REGISTER) {
        const scaled = i.scale === 0 ? this.get(i.index) : this.shl(this.get(i.index), this.i64(i.scale));
        sum = sum ? this.add(sum, scaled) : scaled;
      }
      if (!sum) sum = this.displacementOperand();
      else if (i.displacement !== 0) sum = this.add(sum, this.displacementOperand());
    }
    return this.cutAddress(sum);
  }

  /** Cuts an offset to the address size. */
  cutAddress(offset: Node): Node {
    const { addressSize } = this.i;
    if (addressSize === 64) return offset;
    return addressSize === 32 ? this.extendU(this.wrap(offset)) : this.and(offset, this.i64(0xffff));
  }

  /** A general register as an offset by the address size (string operations). */
  addressRegister(number: number): Node {
    return this.cutAddress(this.get(number));
  }

  /** Writes the part of a general register that the address size makes an offset. */
  setAddressRegister(number: number, value: Node): void {
    const { addressSize } = this.i;
    if (addressSize === 16) this.setRegister(number, 16, this.wrap(value));
    else this.set(number, this.cutAddress(value));
  }

  /** The linear address of an offset in the segment that a prefix names, or else in `segment`. */
  segmentAddress(offset: Node, segment = DS): Node {
    const { segment: named, mode } = this.i;
    const its = named < 0 ? segment : named;
    if (mode !== LONG) return this.#linear32(offset, its);
    if (its >= FS) return this.add(offset, this.stateLoad(segmentBase(its), LOAD64));
    return its === SS ? this.onStack(offset) : offset;
  }

  /** The linear address of an offset in a segment that no prefix changes. */
  fixedSegment(offset: Node, segment: number): Node {
    if (!this.is64) return this.#linear32(offset, segment);
    return segment === SS ? this.onStack(offset) : offset;
  }

  /** In compatibility mode: only a program that loads descriptors of its own has bases other than those of FS and GS. */
  #linear32(offset: Node, segment: number): Node {
    if (segment < FS && this.i.mode === FLAT) return offset;
    if (segment !== SS && segment !== CS) {
      const selector = this.stateLoad(layout.OFFSET_SELECTORS + segment * 4, LOAD32);
      this.trapWhen(this.eqz(this.and(selector, this.i32(0xfffc))), GENERAL_PROTECTION);
    }
    const base = this.stateLoad(segmentBase(segment), LOAD64);
    return this.extendU(this.wrap(this.add(offset, base)));
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

  /** An offset in the stack segment, as wide as the mode makes it. */
  stackOffset(offset: Node): Node {
    return this.is64 ? offset : this.extendU(this.wrap(offset));
  }

  /** Offset of the stack's top, `by` bytes up. */
  stackTop(by = 0): Node {
    const top = this.get(layout.RSP);
    return this.stackOffset(by === 0 ? top : this.add(top, this.i64(by)));
  }

  /** The linear address of an offset in the stack segment. */
  stackAddress(offset: Node): Node {
    return this.fixedSegment(offset, SS);
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
    const inStack = this.i.isMemory && this.i.segment < 0 && this.#segment === SS;
    this.microcode(inStack ? (core) => core.inStackSegment(() => handler(core)) : handler);
    this.forgetVectors();
    if (this.i.row.definition.writeMask !== 0) this.forgetFlags();
  }

  /** Leaves an i64 operand where microcode finds it. */
  stateStoreScratch(value: Node): void {
    this.stateStore(layout.OFFSET_SCRATCH, LOAD64, value);
  }

  /** The code address where an indirect jump, call or return goes, from the value of its operand. */
  codeTarget(target: Node): Node {
    if (this.is64) return this.requireCanonical(target);
    return this.or(this.extendU(target), this.address(this.i.mode));
  }

  /** An address that cannot be is #GP before anything changes. */
  requireCanonical(target: Node): Node {
    const sign = this.shrS(target, this.i64(47));
    this.trapWhen(this.ltU(this.i64(1), this.add(sign, this.i64(1))), GENERAL_PROTECTION);
    return target;
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
