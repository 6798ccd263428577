// The x87 register stack, status and exceptions as instructions see them. Arithmetic is in lib/float80. SDM vol. 1, chapter 8.
// The pointers are kept as processors with CPUID's FDP_EXCPTN_ONLY do: FIP by every instruction that is not control, FOP and FDP when an
// exception is unmasked.

import { C1, DEFAULT_NAN, type Float80, type Float80Result } from "../../lib/float80/float80.js";
import { X87_FLOATING_POINT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { linearOf } from "../code-address.js";
import { type Core, Exception } from "../core.js";

const INVALID = 0x01;
const STACK_FAULT = 0x40;
/** Invalid, denormal, zero divide: unmasked, they stop the instruction before it changes anything. */
export const PRECOMPUTATION = 0x07;
const EXCEPTIONS = 0x3f;
const SUMMARY = 0x8080; // ES and B
/** Of the upper half of a code address: what belongs to rip. */
const ADDRESS_HIGH = 0xffff;

export class Fpu {
  readonly core: Core;
  readonly #operand: bigint | undefined;

  /** `operand` is the address of the memory operand. */
  constructor(core: Core, operand?: bigint) {
    this.core = core;
    this.#operand = operand;
  }

  /** An instruction that is not control is done: the last one, for FIP. */
  noteLast(): void {
    const { core } = this;
    core.setState32(layout.OFFSET_FPU_IP, core.state32(layout.OFFSET_RIP));
    core.setState32(layout.OFFSET_FPU_IP + 4, core.state32(layout.OFFSET_RIP + 4) & ADDRESS_HIGH);
  }

  get control(): number {
    return this.core.state32(layout.OFFSET_FPU_CONTROL);
  }

  set control(value: number) {
    this.core.setState32(layout.OFFSET_FPU_CONTROL, (value & 0x1f7f) | 0x40);
    this.#summarise();
  }

  /** With TOP in its place. */
  get status(): number {
    return this.core.state32(layout.OFFSET_FPU_STATUS) | (this.top << 11);
  }

  set status(value: number) {
    this.core.setState32(layout.OFFSET_FPU_STATUS, value & ~0x3800 & 0xffff);
    this.top = value >> 11;
    this.#summarise();
  }

  get top(): number {
    return this.core.state32(layout.OFFSET_FPU_TOP) & 7;
  }

  set top(value: number) {
    this.core.setState32(layout.OFFSET_FPU_TOP, value & 7);
  }

  /** Abridged: bit i is set when physical register i is in use. */
  get tag(): number {
    return this.core.state32(layout.OFFSET_FPU_TAG);
  }

  set tag(value: number) {
    this.core.setState32(layout.OFFSET_FPU_TAG, value & 0xff);
  }

  #summarise(): void {
    const word = this.core.state32(layout.OFFSET_FPU_STATUS);
    const pending = word & EXCEPTIONS & ~this.control;
    this.core.setState32(layout.OFFSET_FPU_STATUS, pending ? word | SUMMARY : word & ~SUMMARY);
  }

  /** What every waiting instruction does first. */
  wait(): void {
    if (this.core.state32(layout.OFFSET_FPU_STATUS) & 0x80) throw new Exception(X87_FLOATING_POINT);
  }

  /** Replaces the condition codes in `mask`. */
  setCodes(mask: number, codes: number): void {
    const word = this.core.state32(layout.OFFSET_FPU_STATUS);
    this.core.setState32(layout.OFFSET_FPU_STATUS, (word & ~mask) | (codes & mask));
  }

  /** Notes exceptions and (unless kept) C1; true when one of them is unmasked and the result must not be stored. */
  raise(status: number, keepRounding = false): boolean {
    const stops = (status & PRECOMPUTATION & ~this.control) !== 0;
    // What is not computed has not been rounded.
    const flags = stops ? status & (PRECOMPUTATION | STACK_FAULT | (status & STACK_FAULT ? C1 : 0)) : status;
    if (!keepRounding || flags & STACK_FAULT) this.setCodes(C1, flags);
    const word = this.core.state32(layout.OFFSET_FPU_STATUS);
    this.core.setState32(layout.OFFSET_FPU_STATUS, word | (flags & (EXCEPTIONS | STACK_FAULT)));
    this.#summarise();
    if (flags & EXCEPTIONS & ~this.control) {
      this.core.setState32(layout.OFFSET_FPU_OPCODE, this.#opcode());
      if (this.#operand !== undefined) this.core.setState64(layout.OFFSET_FPU_DP, this.#operand);
    }
    return stops;
  }

  /** FOP: of the running instruction the low bits of the opcode byte after the prefixes, and ModRM. */
  #opcode(): number {
    let at = linearOf(this.core.ripNumber());
    while ((this.core.readBytes(at, 1)[0] & 0xf8) !== 0xd8) at++;
    const [first, modrm] = this.core.readBytes(at, 2);
    return ((first & 7) << 8) | modrm;
  }

  isEmpty(index: number): boolean {
    return ((this.tag >> ((this.top + index) & 7)) & 1) === 0;
  }

  #at(index: number): number {
    return layout.STATE + layout.OFFSET_FPU_REGISTERS + ((this.top + index) & 7) * 16;
  }

  /** The register's bits, whether in use or not. */
  peek(index: number): Float80 {
    const { view } = this.core.memory;
    const at = this.#at(index);
    return { signExponent: view.getUint16(at + 8, true), mantissa: view.getBigUint64(at, true) };
  }

  put(index: number, value: Float80): void {
    const { view } = this.core.memory;
    const at = this.#at(index);
    view.setBigUint64(at, value.mantissa, true);
    view.setUint16(at + 8, value.signExponent, true);
    this.tag |= 1 << ((this.top + index) & 7);
  }

  free(index: number): void {
    this.tag &= ~(1 << ((this.top + index) & 7));
  }

  pop(): void {
    this.free(0);
    this.top++;
  }

  /** Stack overflow gives the default NaN. A denormal from memory is pushed even when that exception is unmasked. */
  push(value: Float80, flags = 0): void {
    const full = !this.isEmpty(7);
    if (this.raise(full ? INVALID | STACK_FAULT | C1 : flags) && (full || flags & INVALID)) return;
    this.top--;
    this.put(0, full ? DEFAULT_NAN : value);
  }

  /** Stores a result of an operation on the registers `operands`; an empty one is stack underflow. False: nothing was stored. */
  store(index: number, operands: readonly number[], compute: () => Float80Result): boolean {
    if (operands.some((operand) => this.isEmpty(operand))) {
      if (this.raise(INVALID | STACK_FAULT)) return false;
      this.put(index, DEFAULT_NAN);
      return true;
    }
    const { value, status } = compute();
    if (this.raise(status)) return false;
    this.put(index, value);
    return true;
  }

  /** fninit. */
  initialise(): void {
    this.core.setState32(layout.OFFSET_FPU_CONTROL, 0x37f);
    this.core.setState32(layout.OFFSET_FPU_STATUS, 0);
    this.core.setState32(layout.OFFSET_FPU_OPCODE, 0);
    this.core.setState64(layout.OFFSET_FPU_IP, 0n);
    this.core.setState64(layout.OFFSET_FPU_DP, 0n);
    this.top = 0;
    this.tag = 0;
  }
}
