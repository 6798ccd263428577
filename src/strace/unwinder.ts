// From a stopped task's registers to its callers, as libunwind goes: by call frame information, and where there is none by the
// chain of frame pointers.
import type { Tracee } from "../abi/tracee.js";
import type { CallFrameRow, RegisterRule } from "../elf/call-frame-program.js";
import { type ExpressionContext, evaluate } from "../elf/dwarf-expression.js";

/** DWARF numbers of registers. System V ABI for AMD64, figure 3.36 */
const RBP = 6;
const RSP = 7;
const RETURN_ADDRESS = 16;
const REGISTERS = 17;

/** A frame pointer further up leads nowhere. */
const FARTHEST_FRAME = 0x4000n;
const HIGHEST_ADDRESS = 0x8000_0000_0000n;

export interface Frame {
  readonly address: bigint;
  /** What is looked up for it: a return address belongs to the call before it. */
  readonly lookup: bigint;
}

/** The rules at an address of the task; undefined where nothing says. */
export type FindRow = (address: bigint) => CallFrameRow | undefined;

export class Unwinder {
  readonly #tracee: Tracee;
  readonly #findRow: FindRow;
  #registers: (bigint | undefined)[] = [];
  #frameAddress: bigint;
  #isReturn = false;

  constructor(tracee: Tracee, findRow: FindRow) {
    this.#tracee = tracee;
    this.#findRow = findRow;
    for (let i = 0; i < REGISTERS; i++) this.#registers.push(tracee.register?.(i));
    this.#frameAddress = this.#registers[RSP] ?? 0n;
  }

  get frame(): Frame {
    const address = this.#registers[RETURN_ADDRESS] ?? 0n;
    return { address, lookup: this.#isReturn ? address - 1n : address };
  }

  /** Goes to the caller; false when there is none, or none to be found. */
  step(): boolean {
    const { address, lookup } = this.frame;
    const before = this.#frameAddress;
    const row = this.#findRow(lookup);
    const found = row === undefined ? this.#followFramePointer() : this.#apply(row);
    if (!found) return false;
    const next = this.#registers[RETURN_ADDRESS];
    return next !== undefined && next !== 0n && (next !== address || this.#frameAddress !== before);
  }

  #apply(row: CallFrameRow): boolean {
    const registers = this.#registers;
    const context: ExpressionContext = {
      register: (number) => registers[number],
      memory: (address, size) => this.#memory(address, size),
    };
    const frameAddress = addressOf(row, context);
    if (frameAddress === undefined) return false;
    const callers = [...registers];
    callers[RSP] = frameAddress;
    callers[RETURN_ADDRESS] = undefined;
    for (const [register, rule] of row.rules) {
      const target = register === row.returnRegister ? RETURN_ADDRESS : register;
      if (target < REGISTERS) callers[target] = callersValue(rule, register, frameAddress, context);
    }
    this.#registers = callers;
    this.#frameAddress = frameAddress;
    this.#isReturn = !row.isSignalFrame;
    return true;
  }

  #followFramePointer(): boolean {
    const pointer = this.#registers[RBP];
    if (!pointer || pointer < this.#frameAddress || pointer - this.#frameAddress > FARTHEST_FRAME) return false;
    const saved = this.#memory(pointer, 8);
    if (saved === undefined) return false;
    this.#registers = new Array<bigint | undefined>(REGISTERS).fill(undefined);
    this.#registers[RBP] = saved;
    this.#registers[RSP] = pointer + 16n;
    this.#registers[RETURN_ADDRESS] = this.#memory(pointer + 8n, 8);
    this.#frameAddress = pointer + 16n;
    this.#isReturn = true;
    return true;
  }

  #memory(address: bigint, size: number): bigint | undefined {
    if (address >= HIGHEST_ADDRESS) return undefined;
    const bytes = this.#tracee.peek(Number(address), size);
    if (bytes === undefined) return undefined;
    let value = 0n;
    for (let i = size; i-- > 0; ) value = (value << 8n) | BigInt(bytes[i] as number);
    return value;
  }
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

function addressOf({ frameAddress }: CallFrameRow, context: ExpressionContext): bigint | undefined {
  if (frameAddress.kind === "expression") return evaluate(frameAddress.code, context);
  const base = context.register(frameAddress.register);
  return base === undefined ? undefined : offsetFrom(base, frameAddress.offset);
}

function offsetFrom(base: bigint, offset: number): bigint | undefined {
  return Number.isSafeInteger(offset) ? unsigned(base + BigInt(offset)) : undefined;
}

function callersValue(
  rule: RegisterRule,
  register: number,
  frameAddress: bigint,
  context: ExpressionContext,
): bigint | undefined {
  switch (rule.kind) {
    case "undefined":
      return undefined;
    case "same":
      return context.register(register);
    case "register":
      return context.register(rule.value);
    case "valueOffset":
      return offsetFrom(frameAddress, rule.value);
    case "valueExpression":
      return evaluate(rule.code, context, frameAddress);
    case "offset":
      return memoryAt(offsetFrom(frameAddress, rule.value), context);
    case "expression":
      return memoryAt(evaluate(rule.code, context, frameAddress), context);
  }
}

function memoryAt(address: bigint | undefined, context: ExpressionContext): bigint | undefined {
  return address === undefined ? undefined : context.memory(address, 8);
}
