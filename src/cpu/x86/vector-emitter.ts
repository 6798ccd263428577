// Vector registers and operands as an instruction's definition uses them: xmm, ymm by halves, and the mm registers inside the x87 ones.
import { GENERAL_PROTECTION, X87_FLOATING_POINT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { F32, F64, I32, I64 } from "../../wasm/module-builder.js";
import { Builder, LOAD8, LOAD16, LOAD32, LOAD64, LOAD128 } from "../ir/builder.js";
import { type Access, type Node, XMM0, YMM_HIGH0 } from "../ir/node.js";
import { operatorNamed } from "../ir/operators.js";
import type { Instruction } from "./instruction.js";

/** By width in bits. */
export const ACCESS: Readonly<Record<number, Access>> = { 8: LOAD8, 16: LOAD16, 32: LOAD32, 64: LOAD64, 128: LOAD128 };
const F64_LANE = { extract: operatorNamed("f64x2_extract_lane"), replace: operatorNamed("f64x2_replace_lane") };
const F32_LANE = { extract: operatorNamed("f32x4_extract_lane"), replace: operatorNamed("f32x4_replace_lane") };
const I64_LANE = { extract: operatorNamed("i64x2_extract_lane"), replace: operatorNamed("i64x2_replace_lane") };
const I32_LANE = { extract: operatorNamed("i32x4_extract_lane"), replace: operatorNamed("i32x4_replace_lane") };

const FROM_BITS64 = operatorNamed("f64_reinterpret_i64");
const FROM_BITS32 = operatorNamed("f32_reinterpret_i32");
const LANES: Readonly<
  Record<number, { extract: ReturnType<typeof operatorNamed>; replace: ReturnType<typeof operatorNamed> }>
> = {
  [F64]: F64_LANE,
  [F32]: F32_LANE,
  [I64]: I64_LANE,
  [I32]: I32_LANE,
};

export abstract class VectorEmitter extends Builder {
  /** The instruction being translated. */
  i!: Instruction;
  /** Last value written to the low lanes of each xmm register in this block, so that scalar chains stay scalar. */
  readonly #xmm: (Node | undefined)[] = new Array(16).fill(undefined);

  /** Width of operand `index` in bits. */
  abstract bits(index: number): number;
  /** Number of the register that operand `index` names. */
  abstract registerOf(index: number): number;
  /** Guest address of the memory operand, i64. */
  abstract effectiveAddress(): Node;

  xmm(number: number): Node {
    return this.get(XMM0 + number);
  }

  /** Writes xmm `number`; with a VEX prefix also the rest of the register: `high`, or zeros. */
  setXmm(number: number, value: Node, high?: Node): void {
    this.#xmm[number] = value;
    this.set(XMM0 + number, value);
    if (this.i.vex) this.set(YMM_HIGH0 + number, high ?? this.zeroVector());
  }

  /** The upper 128 bits of ymm `number`. */
  ymmHigh(number: number): Node {
    return this.get(YMM_HIGH0 + number);
  }

  setYmmHigh(number: number, value: Node): void {
    this.set(YMM_HIGH0 + number, value);
  }

  /** The register of the first source: VEX.vvvv where it names one, else the destination. */
  get first(): number {
    return this.i.row.usesVvvv ? this.i.vvvv : this.i.reg;
  }

  /** Place of the operand ModRM.rm names among the operands. */
  get second(): number {
    return this.i.row.rmOperand;
  }

  /** Microcode may have changed any vector register. */
  forgetVectors(): void {
    this.#xmm.fill(undefined);
  }

  /** Vector operand as v128; a memory operand of less than 128 bits is in the low lane with zeros above. */
  vector(index: number): Node {
    const kind = this.i.row.operands[index];
    if (kind.where === "rm" && this.i.isMemory) {
      const bits = this.bits(index);
      const address = this.effectiveAddress();
      if (bits === 128) {
        this.#align(address, bits);
        return this.load(LOAD128, address);
      }
      if (bits === 64) return this.lane(I64_LANE.replace, 0, this.zeroVector(), this.load(LOAD64, address));
      return this.lane(I32_LANE.replace, 0, this.zeroVector(), this.load(ACCESS[bits], address));
    }
    return this.xmm(this.registerOf(index));
  }

  requireAligned(address: Node, bytes = 16): void {
    this.trapWhen(this.and(this.wrap(address), this.i32(bytes - 1)), GENERAL_PROTECTION);
  }

  /** Vector operands are to be aligned, but with VEX only those of the aligned moves. */
  #align(address: Node, bits: number): void {
    const { aligned, unaligned } = this.i.row.definition;
    if (bits >= 128 && (aligned || !(unaligned || this.i.vex))) this.requireAligned(address, bits >> 3);
  }

  /** A vector operand as its 128-bit halves, low first: one, or two of a 256-bit operand. An mm register is the low half of one. */
  halves(index: number): Node[] {
    const kind = this.i.row.operands[index];
    const inMemory = kind.where === "rm" && this.i.isMemory;
    if (this.bits(index) < 256) {
      if (kind.file !== "mmx" || inMemory) return [this.vector(index)];
      return [this.lane(I64_LANE.replace, 0, this.zeroVector(), this.mmx(this.registerOf(index)))];
    }
    if (inMemory) {
      const address = this.effectiveAddress();
      this.#align(address, 256);
      const linear = this.translate(address, 32, false);
      return [this.rawLoad(LOAD128, linear), this.rawLoad(LOAD128, this.add(linear, this.i32(16)))];
    }
    const number = this.registerOf(index);
    return [this.xmm(number), this.ymmHigh(number)];
  }

  /** Writes a vector operand of any size from its halves. */
  setHalves(index: number, [low, high]: readonly Node[]): void {
    const kind = this.i.row.operands[index];
    if (kind.where === "rm" && this.i.isMemory) {
      const bits = this.bits(index);
      const address = this.effectiveAddress();
      this.#align(address, bits);
      if (bits === 64) return this.store(LOAD64, address, this.lane(I64_LANE.extract, 0, low));
      const linear = this.translate(address, bits >> 3, true);
      this.rawStore(LOAD128, linear, low);
      if (bits === 256) this.rawStore(LOAD128, this.add(linear, this.i32(16)), high);
      return;
    }
    const number = this.registerOf(index);
    if (kind.file === "mmx") this.setMmx(number, this.lane(I64_LANE.extract, 0, low));
    else this.setXmm(number, low, high);
  }

  // ---- mm registers: the mantissas of the x87 registers by their physical numbers. SDM vol. 1, 9.2 and 9.5

  mmx(number: number): Node {
    return this.stateLoad(layout.OFFSET_FPU_REGISTERS + (number & 7) * 16, LOAD64);
  }

  setMmx(number: number, value: Node): void {
    const at = layout.OFFSET_FPU_REGISTERS + (number & 7) * 16;
    this.stateStore(at, LOAD64, value);
    this.stateStore(at + 8, LOAD16, this.i32(0xffff));
  }

  /** What goes with every use of the mm registers: a pending x87 exception comes first, all registers are valid afterwards. */
  withMmx(emit: () => void): void {
    this.waitX87();
    // That much of it a store that faults has done.
    if (this.i.isMemory && this.i.row.rmOperand === 0) this.#clearTop();
    emit();
    this.validateMmx();
  }

  /** TOP is 0 and all registers are valid. */
  validateMmx(): void {
    this.#clearTop();
    this.stateStore(layout.OFFSET_FPU_TAG, LOAD32, this.i32(0xff));
  }

  #clearTop(): void {
    this.stateStore(layout.OFFSET_FPU_TOP, LOAD32, this.i32(0));
  }

  /** #MF when an unmasked x87 exception waits. */
  waitX87(): void {
    const summary = this.and(this.stateLoad(layout.OFFSET_FPU_STATUS, LOAD32), this.i32(0x80));
    this.trapWhen(summary, X87_FLOATING_POINT);
  }

  zeroVector(): Node {
    return this.v128(new Uint8Array(16));
  }

  setVector(index: number, value: Node): void {
    const kind = this.i.row.operands[index];
    if (kind.where === "rm" && this.i.isMemory) {
      const address = this.effectiveAddress();
      this.#align(address, 128);
      this.store(LOAD128, address, value);
    } else this.setXmm(this.registerOf(index), value);
  }

  /** Scalar double / single / 64 / 32-bit low lane of a vector operand. */
  scalar64(index: number): Node {
    const kind = this.i.row.operands[index];
    if (kind.where === "rm" && this.i.isMemory)
      return this.apply(FROM_BITS64, this.load(LOAD64, this.effectiveAddress()));
    return this.lowDouble(this.registerOf(index));
  }

  scalar32(index: number): Node {
    const kind = this.i.row.operands[index];
    if (kind.where === "rm" && this.i.isMemory)
      return this.apply(FROM_BITS32, this.load(LOAD32, this.effectiveAddress()));
    return this.lowSingle(this.registerOf(index));
  }

  lowDouble(number: number): Node {
    const known = this.#xmm[number];
    if (known?.operator === F64_LANE.replace && known.low === 0 && known.b) return known.b;
    return this.lane(F64_LANE.extract, 0, this.xmm(number));
  }

  lowSingle(number: number): Node {
    const known = this.#xmm[number];
    if (known?.operator === F32_LANE.replace && known.low === 0 && known.b) return known.b;
    return this.lane(F32_LANE.extract, 0, this.xmm(number));
  }

  /** Writes the low lane of a vector register, the rest coming from the first source; the value's type chooses the lane. */
  setLow(number: number, value: Node): void {
    const rest = this.xmm(this.i.row.usesVvvv ? this.i.vvvv : number);
    this.setXmm(number, this.lane(LANES[value.type].replace, 0, rest, value));
  }

  /** Writes the low lane and clears the rest. */
  setLowZero(number: number, value: Node): void {
    this.setXmm(number, this.lane(LANES[value.type].replace, 0, this.zeroVector(), value));
  }

  /** Low 64 (32) bits of an xmm register as an integer. */
  lowI64(number: number): Node {
    return this.lane(I64_LANE.extract, 0, this.xmm(number));
  }

  lowI32(number: number): Node {
    return this.lane(I32_LANE.extract, 0, this.xmm(number));
  }
}
