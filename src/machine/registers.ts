// The user-visible register file of the processor, as the kernel reads and writes it between instructions.
// 64-bit values travel as two 32-bit halves (hot), as numbers (addresses below 2^53) or as bigint (exact, slow).
import * as layout from "./state-layout.js";

const STATE_INDEX = layout.STATE >>> 2;
const TWO_32 = 0x1_0000_0000;

export class Registers {
  readonly #i32: Int32Array;
  readonly #view: DataView;

  constructor(i32: Int32Array, view: DataView) {
    this.#i32 = i32;
    this.#view = view;
  }

  /** Low half of general register `index` (RAX..R15), signed. */
  low(index: number): number {
    return this.#i32[STATE_INDEX + index * 2];
  }

  /** High half, signed. */
  high(index: number): number {
    return this.#i32[STATE_INDEX + index * 2 + 1];
  }

  set(index: number, low: number, high: number): void {
    this.#i32[STATE_INDEX + index * 2] = low;
    this.#i32[STATE_INDEX + index * 2 + 1] = high;
  }

  /** As an unsigned number: exact below 2^53, so for every user address. */
  address(index: number): number {
    return (this.high(index) >>> 0) * TWO_32 + (this.low(index) >>> 0);
  }

  setAddress(index: number, value: number): void {
    this.set(index, value | 0, Math.floor(value / TWO_32) | 0);
  }

  get64(index: number): bigint {
    return this.#view.getBigUint64(layout.STATE + index * 8, true);
  }

  set64(index: number, value: bigint): void {
    this.#view.setBigUint64(layout.STATE + index * 8, BigInt.asUintN(64, value), true);
  }

  get ripLow(): number {
    return this.#i32[STATE_INDEX + (layout.OFFSET_RIP >>> 2)];
  }

  get ripHigh(): number {
    return this.#i32[STATE_INDEX + (layout.OFFSET_RIP >>> 2) + 1];
  }

  setRip(low: number, high: number): void {
    this.#i32[STATE_INDEX + (layout.OFFSET_RIP >>> 2)] = low;
    this.#i32[STATE_INDEX + (layout.OFFSET_RIP >>> 2) + 1] = high;
  }

  /** Unsigned; exact below 2^53. */
  get rip(): number {
    return (this.ripHigh >>> 0) * TWO_32 + (this.ripLow >>> 0);
  }

  set rip(value: number) {
    this.setRip(value | 0, Math.floor(value / TWO_32) | 0);
  }

  get fsBase(): bigint {
    return this.#view.getBigUint64(layout.STATE + layout.OFFSET_FS_BASE, true);
  }

  set fsBase(value: bigint) {
    this.#view.setBigUint64(layout.STATE + layout.OFFSET_FS_BASE, value, true);
  }

  get gsBase(): bigint {
    return this.#view.getBigUint64(layout.STATE + layout.OFFSET_GS_BASE, true);
  }

  set gsBase(value: bigint) {
    this.#view.setBigUint64(layout.STATE + layout.OFFSET_GS_BASE, value, true);
  }

  /** The 16 bytes of a vector register's low half, live. */
  xmm(index: number): Uint8Array {
    const at = layout.STATE + layout.OFFSET_VECTOR + index * layout.VECTOR_STRIDE;
    return new Uint8Array(this.#view.buffer, at, 16);
  }

  /** The ten bytes on top of the x87 stack, live. */
  st0(): Uint8Array {
    const top = this.#i32[STATE_INDEX + (layout.OFFSET_FPU_TOP >>> 2)] & 7;
    return new Uint8Array(this.#view.buffer, layout.STATE + layout.OFFSET_FPU_REGISTERS + top * 16, 10);
  }

  /** Selector of segment register `index`: es 0, cs 1, ss 2, ds 3, fs 4, gs 5. */
  selector(index: number): number {
    return this.#i32[STATE_INDEX + (layout.OFFSET_SELECTORS >>> 2) + index];
  }

  setSelector(index: number, value: number): void {
    this.#i32[STATE_INDEX + (layout.OFFSET_SELECTORS >>> 2) + index] = value;
  }

  /** #PF: the linear address (cr2). Unsigned 64-bit. */
  get faultAddress(): bigint {
    return this.#view.getBigUint64(layout.STATE + layout.OFFSET_FAULT_ADDRESS, true);
  }

  /** #PF and #GP: the error code the processor would push. */
  get errorCode(): number {
    return this.#i32[STATE_INDEX + (layout.OFFSET_ERROR_CODE >>> 2)];
  }
}
