// Where an instruction's memory operand is, where its stack is and where it goes: offsets and linear addresses in the mode and segments it has.
import { GENERAL_PROTECTION, STACK_FAULT } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { FLAT, LONG } from "../code-address.js";
import { LOAD32, LOAD64 } from "../ir/builder.js";
import type { Node } from "../ir/node.js";
import { NO_REGISTER, RIP_BASE } from "./instruction.js";
import { CS, DS, FS, SS, segmentBase, segmentLimit } from "./segments.js";
import { VectorEmitter } from "./vector-emitter.js";

interface Guard {
  readonly segment: number;
  /** In the segment, i64. */
  readonly offset: Node;
}

export abstract class AddressEmitter extends VectorEmitter {
  /** Addresses in segments that may have limits, or not to be written to. */
  #guarded: Map<Node, Guard> | undefined;

  /** The instruction is of 64-bit mode. */
  get is64(): boolean {
    return this.i.mode === LONG;
  }

  /** Vector registers that there are. */
  get vectorCount(): number {
    return this.is64 ? 16 : 8;
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
    if (bytes === 8) return next;
    return bytes === 4 ? this.wrap(next) : this.and(this.wrap(next), this.i32(0xffff));
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
    return this.segmentAddress(offset, this.operandSegment);
  }

  /** A linear address further on in the same segment. */
  displaced(address: Node, by: Node): Node {
    const sum = this.add(address, by);
    const cut = this.stackOffset(sum);
    const guard = this.#guarded?.get(address);
    if (guard) this.#guard(cut, guard.segment, this.stackOffset(this.add(guard.offset, by)));
    return address.stack ? this.onStack(cut) : cut;
  }

  /** That of the memory operand without a prefix. */
  protected get operandSegment(): number {
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
    if (segment < FS && this.i.mode === FLAT) {
      if (segment === CS) this.#guard(offset, CS, offset);
      return segment === SS ? this.onStack(offset) : offset;
    }
    const base = this.stateLoad(segmentBase(segment), LOAD32);
    const address = this.extendU(this.add(this.wrap(offset), base));
    this.#guard(address, segment, offset);
    return segment === SS ? this.onStack(address) : address;
  }

  #guard(address: Node, segment: number, offset: Node): void {
    (this.#guarded ??= new Map()).set(address, { segment, offset });
  }

  /** What an access to a segment that is not flat asks for first: that all of it is inside, and that it may be written to. */
  requireAccess(address: Node, size: number, write: boolean): void {
    const guard = this.#guarded?.get(address);
    if (!guard) return;
    const { segment, offset } = guard;
    if (segment !== CS) {
      const last = this.add(offset, this.i64(size - 1));
      const isBeyond = this.ltS(this.stateLoad(segmentLimit(segment), LOAD64), last);
      this.trapWhen(isBeyond, segment === SS ? STACK_FAULT : GENERAL_PROTECTION);
    }
    if (!write || segment === SS) return;
    const readOnly = segment === CS ? this.i32(1) : this.stateLoad(layout.OFFSET_READ_ONLY, LOAD32);
    this.trapWhen(segment === CS ? readOnly : this.and(readOnly, this.i32(1 << segment)), GENERAL_PROTECTION);
  }

  override translate(address: Node, size: number, write: boolean): Node {
    this.requireAccess(address, size, write);
    return super.translate(address, size, write);
  }

  // ---- stack

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

  // ---- code

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
}
