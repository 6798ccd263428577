// Writes one WebAssembly function: instructions, labels by identity, and locals that are handed out and taken back.
import { ByteBuffer } from "./byte-buffer.js";
import type { BranchHint, FunctionBody, LinkPlace, ValueType } from "./module-builder.js";
import * as op from "./opcodes.js";

const PADDED_LENGTH = 5;

/** Code; where in it branches stand of which it is known whether they are taken, and numbers that may be others when it is used again. */
class Code extends ByteBuffer {
  readonly hints: BranchHint[] = [];
  readonly links: LinkPlace[] = [];
}

/** Writes a number that is not negative as LEB128 of five bytes, signed or not: what stands in the places that `ModuleBuilder.links` tells. */
export function putPadded(bytes: Uint8Array, at: number, value: number): void {
  for (let n = 0; n < PADDED_LENGTH; n++)
    bytes[at + n] = ((value >>> (7 * n)) & 0x7f) | (n < PADDED_LENGTH - 1 ? 0x80 : 0);
}

export class FunctionWriter {
  code = new Code();
  readonly #locals: ValueType[] = [];
  readonly #free = new Map<ValueType, number[]>();
  readonly #parameters: number;
  readonly #labels: unknown[] = [];
  readonly #openCalls: { at: number; which: number }[] = [];

  constructor(parameters = 0) {
    this.#parameters = parameters;
  }

  /** A local of its own for the whole function. */
  local(type: ValueType): number {
    this.#locals.push(type);
    return this.#parameters + this.#locals.length - 1;
  }

  /** A local to be given back with `release`. */
  borrow(type: ValueType): number {
    return this.#free.get(type)?.pop() ?? this.local(type);
  }

  release(type: ValueType, local: number): void {
    const free = this.#free.get(type);
    if (free) free.push(local);
    else this.#free.set(type, [local]);
  }

  get(local: number): void {
    this.code.byte(op.LOCAL_GET);
    this.code.u32(local);
  }

  set(local: number): void {
    this.code.byte(op.LOCAL_SET);
    this.code.u32(local);
  }

  tee(local: number): void {
    this.code.byte(op.LOCAL_TEE);
    this.code.u32(local);
  }

  i32(value: number): void {
    this.code.byte(op.I32_CONST);
    this.code.s32(value);
  }

  /** An i32 that is not negative, with room for any other; `link` says what it is. */
  linked(value: number, link: unknown): void {
    this.code.byte(op.I32_CONST);
    this.code.links.push({ at: this.code.length, link });
    this.#padding();
    putPadded(this.code.bytes, this.code.length - PADDED_LENGTH, value);
  }

  #padding(): void {
    for (let n = 0; n < PADDED_LENGTH; n++) this.code.byte(0);
  }

  i64(low: number, high: number): void {
    this.code.byte(op.I64_CONST);
    this.code.s64(low, high);
  }

  /** A number below 2^53 as i64. */
  address(value: number): void {
    this.i64(value | 0, Math.floor(value / 0x1_0000_0000) | 0);
  }

  op(opcode: number): void {
    this.code.byte(opcode);
  }

  simd(opcode: number): void {
    this.code.byte(op.PREFIX_SIMD);
    this.code.u32(opcode);
  }

  /** A load or store opcode with its constant offset; alignment is never promised. */
  memory(opcode: number, offset: number, simd = false): void {
    if (simd) this.simd(opcode);
    else this.code.byte(opcode);
    this.code.byte(0);
    this.code.u32(offset);
  }

  /** Calls a function by its place in the module. */
  call(index: number): void {
    this.code.byte(op.CALL);
    this.code.u32(index);
  }

  /** A call of the module's function number `which`, its index filled in by `fillCalls` when the imports before it are known. */
  callLater(which: number): void {
    this.code.byte(op.CALL);
    this.#openCalls.push({ at: this.code.length, which });
    this.#padding();
  }

  /** In `written`, what was detached after the last such call. `first` is the index of function number 0. */
  fillCalls(written: ByteBuffer, first: number): void {
    for (const { at, which } of this.#openCalls) putPadded(written.bytes, at, first + which);
    this.#openCalls.length = 0;
  }

  /** Opens a block, loop or if; `label` names it for `branch`. */
  open(kind: number, label: unknown, result: number = op.EMPTY_BLOCK): void {
    this.code.byte(kind);
    this.code.byte(result);
    this.#labels.push(label);
  }

  /** `open` of an IF whose condition is hardly ever true. */
  openUnlikely(label: unknown, result: number = op.EMPTY_BLOCK): void {
    this.code.hints.push({ at: this.code.length, taken: false });
    this.open(op.IF, label, result);
  }

  /** `branch` by BR_IF that is nearly always taken. */
  branchLikely(label: unknown): void {
    this.code.hints.push({ at: this.code.length, taken: true });
    this.branch(label, op.BR_IF);
  }

  else(): void {
    this.code.byte(op.ELSE);
  }

  close(): void {
    this.code.byte(op.END);
    this.#labels.pop();
  }

  branch(label: unknown, opcode: number = op.BR): void {
    this.code.byte(opcode);
    this.code.u32(this.depthOf(label));
  }

  /** To the block number `outside` among those that will enclose all open now, the innermost being 0. */
  branchOut(outside: number, opcode: number = op.BR): void {
    this.code.byte(opcode);
    this.code.u32(this.#labels.length + outside);
  }

  /** What was written so far, to be put in place with `paste`. */
  detach(): Code {
    const written = this.code;
    this.code = new Code();
    return written;
  }

  paste(written: Code): void {
    for (const { at, taken } of written.hints) this.code.hints.push({ at: at + this.code.length, taken });
    for (const { at, link } of written.links) this.code.links.push({ at: at + this.code.length, link });
    this.code.append(written.bytes.subarray(0, written.length));
  }

  depthOf(label: unknown): number {
    const at = this.#labels.lastIndexOf(label);
    if (at < 0) throw new Error("branch to a label that is not open");
    return this.#labels.length - 1 - at;
  }

  /** The function body: local declarations, the code, and `end`. */
  body(): FunctionBody {
    const out = new ByteBuffer();
    const groups: [number, ValueType][] = [];
    for (const type of this.#locals) {
      const last = groups[groups.length - 1];
      if (last && last[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    out.u32(groups.length);
    for (const [count, type] of groups) {
      out.u32(count);
      out.byte(type);
    }
    const hints = this.code.hints.map(({ at, taken }) => ({ at: at + out.length, taken }));
    const links = this.code.links.map(({ at, link }) => ({ at: at + out.length, link }));
    out.append(this.code.bytes.subarray(0, this.code.length));
    out.byte(op.END);
    return { code: out.take(), hints, links };
  }
}
