// A form is what instructions have in common that differ only in the registers, displacements and immediates they name: one WebAssembly
// handler runs all of them, each from its own record. Here: which form an instruction has, and the IR of a form.
import { AF, ARITHMETIC_FLAGS, OF, RBP, RSP } from "../../machine/state-layout.js";
import { I32, I64, type ValueType } from "../../wasm/module-builder.js";
import { FLAT, LONG } from "../code-address.js";
import {
  CC_OP,
  CONST,
  handlersIn,
  MICROCODE,
  type Microcode,
  Node,
  OPERAND_REGISTER,
  PARAMETER,
  SET,
  TRANSLATE,
  TRAP_WHEN,
  WHEN,
  XMM0,
  YMM_HIGH0,
} from "../ir/node.js";
import { Emitter } from "../x86/emitter.js";
import { Instruction, NO_REGISTER, RIP_BASE, shiftsByNothing } from "../x86/instruction.js";
import { FS } from "../x86/segments.js";
import type { Terminator } from "../x86/terminator.js";
import {
  ABSOLUTE,
  BASE,
  DISPLACEMENT,
  EDGE_NEXT,
  EDGE_TARGET,
  GENERAL_REGISTER,
  HIGH_BYTE,
  IMMEDIATE,
  IMMEDIATE_64,
  IMMEDIATE_WIDE,
  INDEX,
  IS4,
  NEXT,
  REG,
  RM,
  VECTOR_REGISTER,
  VVVV,
} from "./record.js";

/** Added to OPERAND_REGISTER + number while an 8-bit operand may be a high byte. */
const HIGH_MARK = 256;

/** The code of a register operand in a layout. */
export function registerCode(register: number): number {
  const own = register & (OPERAND_REGISTER - 1);
  if (own < XMM0) return GENERAL_REGISTER + own;
  return VECTOR_REGISTER + own - (isHighHalf(register) ? YMM_HIGH0 : XMM0);
}

/** It is the upper half of the vector register of its operand. */
export const isHighHalf = (register: number): boolean => (register & (OPERAND_REGISTER - 1)) >= YMM_HIGH0;

/** General, flags or vector register. */
export function registerClass(register: number): number {
  const own = register & (OPERAND_REGISTER - 1);
  return own < CC_OP ? 0 : own < XMM0 ? 1 : 2;
}

/** Some node may stop the instruction. */
export const mayLeave = (nodes: readonly Node[]): boolean =>
  nodes.some(
    ({ kind, body }) =>
      kind === TRANSLATE || kind === TRAP_WHEN || kind === MICROCODE || (kind === WHEN && mayLeave(body ?? [])),
  );

// Terminators' addresses in a form.
const TO_NEXT = -1;
const TO_TARGET = -2;
export const edgeOf = (target: number): number => (target === TO_NEXT ? EDGE_NEXT : EDGE_TARGET);

/** No flags operation is set; it cannot be told which. */
export const FLAGS_KEPT = -2;
export const FLAGS_UNKNOWN = -1;

/** Who may see the flags an instruction leaves: nobody, only a fault, or a reader. */
export const SEEN_BY_NOBODY = 0;
export const SEEN_AT_FAULT = 1;
export const SEEN_BY_READER = 2;

/** All that decides an instruction's form but what `specialKey` adds, as an exact number. */
export function formKey(i: Instruction, visibility: number, knownFlags: number): number {
  let low = (i.operandSize >> 5) | ((i.rex & 8) >> 1) | (i.addressSize === 32 ? 8 : 0);
  low |= (i.segment < 4 ? 0 : i.segment - 3) << 4;
  if (i.mod !== 3) {
    const kind = i.base === RIP_BASE ? 4 : i.base === NO_REGISTER ? 5 : i.base === RSP ? 2 : i.base === RBP ? 3 : 1;
    low |= kind << 6;
    if (i.index !== NO_REGISTER) low |= 0x200 | (i.scale << 10);
    if (i.displacement !== 0) low |= 0x1000;
  }
  low |= highBytes(i) << 13;
  low |= visibility << 15;
  if (looksAtFlags(i, visibility)) low |= (knownFlags + 1) << 17;
  low |= (i.repeat === 0 ? 0 : i.repeat - 0xf1) << 23;
  if (i.vectorBits === 256) low |= 1 << 25;
  if (i.goesBack) low |= 1 << 26;
  const key = i.row.id * LOW + low;
  return i.mode === LONG ? key : key + modeKey(i) * FIRST_KEY_32;
}

const LOW = 0x800_0000;
/** More than there are numbers of rows. */
const ROWS = 0x2_0000;
/** From here on keys are of 32-bit code. */
export const FIRST_KEY_32 = ROWS * LOW;

/** What compatibility mode adds: 1 to 24, so that the key is exact. */
function modeKey(i: Instruction): number {
  const segment = i.segment < FS ? i.segment + 1 : 5;
  return (i.addressSize === 16 ? 2 : 1) + 2 * segment + (i.mode === FLAT ? 0 : 12);
}

/** Reads flags, or keeps some of those before it for whom sees them: the operation they come from, when it is known, is part of the form. */
function looksAtFlags(i: Instruction, visibility: number): boolean {
  const { readMask, writeMask, undefinedMask } = i.row.definition;
  if (readMask !== 0) return true;
  if ((writeMask & ~undefinedMask) === 0 || visibility === SEEN_BY_NOBODY) return false;
  return writeMask !== ARITHMETIC_FLAGS || (undefinedMask & ~(AF | OF)) !== 0;
}

/** The register that an operand of a record is for. */
export function operandRegister(i: Instruction, operand: number): number {
  switch (operand) {
    case REG:
      return i.reg;
    case RM:
      return i.rm;
    case BASE:
      return i.base;
    case INDEX:
      return i.index;
    case VVVV:
      return i.vvvv;
    case IS4:
      return i.is4;
    default:
      return (operand === HIGH_BYTE + REG ? i.reg : i.rm) - 4;
  }
}

/** Bit 0: ModRM.reg names AH..BH, bit 1: ModRM.rm or the opcode's register does. */
function highBytes(i: Instruction): number {
  const { byteRegisters } = i.row;
  if (byteRegisters === 0 || i.rex !== 0) return 0;
  return (
    (byteRegisters & 1 && (i.reg & 0xc) === 4 ? 1 : 0) |
    (byteRegisters & 2 && (i.rm & 0xc) === 4 && (i.mod === 3 || !i.row.hasModrm) ? 2 : 0)
  );
}

// What the shape of an instruction's IR may depend on beside its key.
const BY_IMMEDIATE = 1;
const BY_LENGTH = 2;
const BY_REGISTERS = 4;
const BY_COUNT = 8;

export function specialKey(i: Instruction, special: number): string {
  if (special === BY_COUNT) return shiftsByNothing(i) ? "0" : "1";
  let key = "";
  if (special & BY_COUNT) key += shiftsByNothing(i) ? "0" : "1";
  if (special & BY_IMMEDIATE) key += `${i.immediate},${i.immediateHigh},${i.immediate2}`;
  if (special & BY_LENGTH) key += `+${i.length}`;
  if (special & BY_REGISTERS) key += `:${i.reg},${i.rm},${i.vvvv},${i.is4},${i.vectorIndex},${i.scale}`;
  return key;
}

export interface FormIr {
  readonly nodes: readonly Node[];
  readonly terminator: Terminator | undefined;
  /** Where it jumps costs fuel: fuelOf of terminator.ts. */
  readonly goesBack: boolean;
  readonly length: number;
  /** The lazy operation it leaves, FLAGS_KEPT or FLAGS_UNKNOWN. */
  readonly flags: number;
  /** What decided its shape: for `specialKey`. */
  readonly special: number;
}

/** The IR of the form of `i`. */
export function formIr(i: Instruction, visibility: number, knownFlags: number): FormIr {
  const { definition, operands } = i.row;
  const byNumber =
    definition.byNumber || definition.vsib || operands.some(({ file }) => file === "segment" || file === "mmx");
  const known = looksAtFlags(i, visibility) ? knownFlags : FLAGS_UNKNOWN;
  const first = emitForm(i, visibility, known, byNumber ? BY_REGISTERS : 0);
  // Microcode may keep anything of its instruction; that of floating point finds its operands in the state.
  if (byNumber || definition.float || !hasMicrocode(first.nodes)) return first;
  return emitForm(i, visibility, known, BY_REGISTERS | BY_IMMEDIATE);
}

export const hasMicrocode = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => node.kind === MICROCODE || (node.kind === WHEN && hasMicrocode(node.body ?? [])));

function emitForm(i: Instruction, visibility: number, knownFlags: number, special: number): FormIr {
  const x = new FormEmitter(i, special);
  x.liveFlags = visibility === SEEN_BY_READER ? ARITHMETIC_FLAGS : 0;
  x.flagsInvisible = visibility === SEEN_BY_NOBODY;
  if (knownFlags >= 0) x.assumeFlags(knownFlags);
  i.row.definition.emit(x);
  return {
    nodes: x.nodes,
    terminator: x.terminator,
    goesBack: i.goesBack,
    length: i.length,
    flags: operationLeft(x.nodes),
    special: x.special,
  };
}

/** The lazy operation `nodes` leave, FLAGS_KEPT when they set none, FLAGS_UNKNOWN when it depends. */
export function operationLeft(nodes: readonly Node[]): number {
  let operation = FLAGS_KEPT;
  for (const node of nodes) {
    if (node.kind === SET && node.low === CC_OP) operation = node.a?.kind === CONST ? node.a.low : FLAGS_UNKNOWN;
    else if (node.kind === WHEN && operationLeft(node.body ?? []) !== FLAGS_KEPT) operation = FLAGS_UNKNOWN;
    else if (node.kind === MICROCODE) operation = FLAGS_UNKNOWN;
  }
  return operation;
}

/** The microcode of one instruction, in order. */
export function microcodeOf(i: Instruction): Microcode[] {
  const x = new Emitter();
  x.i = i;
  i.row.definition.emit(x);
  return handlersIn(x.nodes);
}

/** Emits IR in which operands are parameters; notes what of the instruction was looked at as a number. */
class FormEmitter extends Emitter {
  special: number;
  readonly #real: Instruction;

  constructor(real: Instruction, special: number) {
    super();
    this.#real = real;
    this.special = special;
    const i = Object.assign(new Instruction(), real);
    if (!(special & BY_REGISTERS)) {
      const high = highBytes(real);
      i.reg = OPERAND_REGISTER + REG + (high & 1 ? HIGH_MARK : 0);
      i.rm = OPERAND_REGISTER + RM + (high & 2 ? HIGH_MARK : 0);
      i.vvvv = OPERAND_REGISTER + VVVV;
      i.is4 = OPERAND_REGISTER + IS4;
    }
    if (real.mod !== 3) {
      if (real.base !== RIP_BASE && real.base !== NO_REGISTER && real.base !== RSP && real.base !== RBP)
        i.base = OPERAND_REGISTER + BASE;
      if (real.index !== NO_REGISTER) i.index = OPERAND_REGISTER + INDEX;
    }
    const watched = (field: keyof Instruction, mark: number) =>
      Object.defineProperty(i, field, {
        get: () => {
          this.special |= mark;
          return real[field];
        },
      });
    watched("immediate", BY_IMMEDIATE);
    watched("immediateHigh", BY_IMMEDIATE);
    watched("immediate2", BY_IMMEDIATE);
    watched("length", BY_LENGTH);
    Object.defineProperty(i, "rip", {
      get: () => {
        throw new Error(`'${real.name}' looks at its own address: it must use next, nextAddress or relativeTarget`);
      },
    });
    this.i = i;
  }

  #parameter(what: number, type: ValueType): Node {
    const node = new Node(PARAMETER, type);
    node.low = what;
    return this.place(node);
  }

  protected override isHighByte(number: number, fixed: boolean): boolean {
    if (this.special & BY_REGISTERS) return super.isHighByte(number, fixed);
    return number >= OPERAND_REGISTER + HIGH_MARK;
  }

  protected override highByteHolder(number: number): number {
    if (this.special & BY_REGISTERS) return super.highByteHolder(number);
    return number - HIGH_MARK + HIGH_BYTE;
  }

  override immediate(bits: number): Node {
    const value = this.i.row.operands.find(({ where }) => where === "imm")?.value;
    if (bits !== 64) return this.cut(this.#parameter(IMMEDIATE, I32), bits);
    return this.#parameter(value === 9 ? IMMEDIATE_64 : IMMEDIATE_WIDE, I64);
  }

  override shiftCount(bits: number): { node: Node; isZero: boolean } {
    this.special |= BY_COUNT;
    return { node: this.shiftMask(this.#parameter(IMMEDIATE, I32), bits), isZero: shiftsByNothing(this.#real) };
  }

  protected override absoluteOperand(): Node {
    return this.#parameter(ABSOLUTE, I64);
  }

  protected override displacementOperand(): Node {
    return this.#parameter(DISPLACEMENT, I64);
  }

  override get next(): number {
    return TO_NEXT;
  }

  override nextAddress(): Node {
    return this.#parameter(NEXT, I64);
  }

  override get relativeTarget(): number {
    return TO_TARGET;
  }
}
