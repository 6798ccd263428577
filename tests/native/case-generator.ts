// Makes programs from the opcode table: an encoding of a row with operands that reach the data window, alone or among a few others.
import { type Row, VEX_MAP } from "../../src/cpu/x86/instruction.js";
import "../../src/cpu/x86/instructions/all.js";
import { allRows } from "../../src/cpu/x86/opcode-table.js";
import { AF, ARITHMETIC_FLAGS } from "../../src/machine/state-layout.js";
import { type Addressing, addressing, addressing32, fixedTarget, little } from "./addressing.js";
import { CODE_BASE, type CodeMode, DEFAULT_CODE_OFFSET, MAX_CODE } from "./cpu-case.js";
import { Random } from "./random.js";
import type { StateMaker } from "./state-generator.js";

/** Rows that cannot be compared by running them, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  int3: "is how every case ends",
  "jmp far": "may enter 32-bit code: far.test.ts",
  "call far": "the same",
  "ret far": "the same",
  iret: "the same",
  "syscall compat": "goes on in the vDSO where it is an instruction: tests/differential/doors.test.ts",
};

export const isLeftOut = ({ definition }: Row): string | undefined => LEFT_OUT[definition.name];

/** Not among others: what they leave is not defined or compared, or what follows would depend on the machine. */
const ALONE = new Set([
  ..."syscall int int1 cpuid rdtsc rdtscp popf privileged ldmxcsr enter rdrand/rdseed xgetbv lsl".split(" "),
  ..."rsqrtps rsqrtss rcpps rcpss vrsqrtps vrsqrtss vrcpps vrcpss fnstenv fldenv fnsave frstor fprem fprem1".split(" "),
  ..."f2xm1 fyl2x fyl2xp1 fpatan fptan fsin fcos fsincos maskmovdqu maskmovq".split(" "),
]);
/** TF, NT, RF, VM, AC, ID: of the harness's business, or left over for the next case. */
const POPF_UNWANTED = 0x27_4100;
/** Their images have a form with the operand-size prefix. */
const ENVIRONMENT = new Set(["fnstenv", "fldenv", "fnsave", "frstor"]);
/** Obey edx:eax, and write more than the window holds. */
const STATE_SAVERS = new Set(["fxsave", "fxrstor", "xsave", "xsaveopt", "xsavec", "xrstor"]);
const MAX_SEQUENCE = 6;
const STRING_OPCODES = new Set([0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf]);
const RAX = 0;
const RCX = 1;
const RDX = 2;
const RSI = 6;
const RDI = 7;

/** One instruction of a program. */
export interface Part {
  readonly row: Row;
  readonly bytes: readonly number[];
  /** Where a RIP-relative displacement stands in `bytes`, and the address it means. */
  readonly rip?: { readonly at: number; readonly target: number };
  /** Where a jump's displacement stands, and how many instructions (behind the last: bytes) it skips. */
  readonly jump?: { readonly at: number; readonly size: number; readonly skip: number };
  readonly pins: readonly ((s: StateMaker) => void)[];
}

export interface Program {
  readonly mode: CodeMode;
  /** Says all that `makeProgram` needs beside the mode to make it again. */
  readonly id: string;
  readonly row: Row;
  readonly parts: readonly Part[];
  readonly code: Uint8Array;
  /** Arithmetic flags that need not agree when it ends before part n; the last entry: behind all parts. -1: a part reads such flags. */
  readonly undefinedFlags: readonly number[];
  /** Where each part begins in the code. */
  readonly starts: readonly number[];
  readonly x87: boolean;
  readonly mmx: boolean;
  readonly float: boolean;
  readonly loadsState: boolean;
  readonly quick: boolean;
  readonly pins: readonly ((s: StateMaker) => void)[];
}

const isX87 = (row: Row) => row.map === 0 && row.opcode >= 0xd8 && row.opcode <= 0xdf;
const isSaver = (row: Row) => STATE_SAVERS.has(row.definition.name);

/** The rows of a mode, and those for company. */
interface Repertoire {
  readonly tested: readonly Row[];
  readonly inSequences: readonly Row[];
  readonly withFlags: readonly Row[];
  readonly readingFlags: readonly Row[];
}

function repertoire(mode: CodeMode): Repertoire {
  const tested = allRows(mode === 64).filter((row) => !isLeftOut(row));
  const inSequences = tested.filter((row) => !ALONE.has(row.definition.name) && !isSaver(row));
  return {
    tested,
    inSequences,
    withFlags: inSequences.filter(({ definition }) => definition.readMask || definition.writeMask),
    readingFlags: inSequences.filter(({ definition }) => definition.readMask),
  };
}

const REPERTOIRES: Readonly<Record<CodeMode, Repertoire>> = { 64: repertoire(64), 32: repertoire(32) };
export const testedRows = (mode: CodeMode): readonly Row[] => REPERTOIRES[mode].tested;
const fwait = testedRows(64).find(({ map, opcode }) => map === 0 && opcode === 0x9b) as Row;

/** The generator of `what` of program `number`: programs do not depend on each other. */
export function randomFor(seed: number, number: number, what: number): Random {
  return new Random(
    Math.imul(seed ^ 0x5bd1e995, 0x2c1b3c6d) ^ Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(what, 0x297a2d39),
  );
}

/** Program `number`: about row `number` of the table, which it goes round. A sequence has others before and after it. */
export function makeProgram(mode: CodeMode, seed: number, number: number, sequence: boolean): Program {
  const random = randomFor(seed, number, sequence ? 1 : 0);
  const { tested, inSequences } = REPERTOIRES[mode];
  const row = tested[number % tested.length];
  const rows = [row];
  if (sequence && inSequences.includes(row)) {
    const count = 2 + random.below(MAX_SEQUENCE - 1);
    const place =
      row.definition.ends && !row.operands.some(({ where }) => where === "rel") ? count - 1 : random.below(count);
    for (let n = 0; n < count; n++)
      if (n !== place) rows.splice(n < place ? rows.length - 1 : rows.length, 0, companion(REPERTOIRES[mode], random));
  }
  // A pending exception comes with the next waiting instruction.
  if (rows.length === 1 && isX87(row) && random.chance(0.2)) rows.push(fwait);
  const taken = new Set<number>();
  const parts: Part[] = [];
  let length = 0;
  for (const [n, each] of rows.entries()) {
    const part = new PartMaker(mode, each, random, taken).make();
    length += part.bytes.length;
    if (length > MAX_CODE) break;
    if (dependsOnUndefined([...parts, part])) continue;
    parts.push(part);
    // What goes away for good ends the program.
    if (each.definition.ends && !part.jump && n < rows.length - 1) break;
  }
  if (parts.length === 0) parts.push(new PartMaker(mode, row, random, new Set()).make());
  return programOf(mode, `${seed}:${sequence ? "q" : "s"}${number}`, row, parts);
}

export function programOf(mode: CodeMode, id: string, row: Row, parts: readonly Part[]): Program {
  const x87 = parts.some((part) => isX87(part.row));
  const mmx = parts.some((part) => part.row.mmx || part.row.definition.name === "emms" || isSaver(part.row));
  const loadsState = parts.some((part) => isSaver(part.row));
  const float = parts.some((part) => part.row.definition.float);
  return {
    mode,
    id,
    row,
    parts,
    code: link(parts),
    undefinedFlags: Array.from({ length: parts.length + 1 }, (_, n) => undefinedBefore(parts, n)),
    starts: startsOf(parts),
    x87,
    mmx,
    float,
    loadsState,
    // What quick code does not record a program may store, other than by the instructions that are never among others.
    quick: float && !x87 && !mmx && !parts.some((part) => part.row.definition.name === "stmxcsr"),
    pins: parts.flatMap(({ pins }) => pins),
  };
}

function companion({ withFlags, readingFlags, inSequences }: Repertoire, random: Random): Row {
  const kind = random.below(100);
  return random.pick(kind < 45 ? withFlags : kind < 70 ? readingFlags : inSequences);
}

/** The flags left undefined by the parts; -1 when one reads such a flag. */
function undefinedAfter(parts: readonly Part[]): number {
  let flags = 0;
  let certain = true;
  for (const { row, jump } of parts) {
    const { definition } = row;
    if (definition.readMask & flags) return -1;
    // A shift by nothing leaves all flags, and a jump may have skipped what sets them.
    if (certain && !MAY_KEEP_FLAGS.test(definition.name)) flags &= ~definition.writeMask;
    flags |= undefinedBy(row);
    if (jump) certain = false;
  }
  return flags;
}

/**
 * Documented in src/README.md: flags that are not kept as the operands of one operation are missing from the frame of a fault, when they
 * are written again behind it before anything reads them.
 */
function undefinedBefore(parts: readonly Part[], place: number): number {
  const flags = undefinedAfter(parts.slice(0, place));
  if (flags < 0 || place === parts.length || !parts.slice(0, place).some(({ row }) => isNotLazy(row))) return flags;
  let unread = ARITHMETIC_FLAGS;
  let rewritten = 0;
  for (const part of parts.slice(place)) {
    const { definition } = part.row;
    unread &= ~definition.readMask;
    if (!MAY_KEEP_FLAGS.test(definition.name) || shiftsByConstant(part) || isOneComparison(part))
      rewritten |= definition.writeMask & unread;
    if (definition.ends) break;
  }
  return flags | rewritten;
}

/** Writes some flags only, or not as the result and operands of an operation. */
const isNotLazy = ({ definition: { name, writeMask, undefinedMask } }: Row) =>
  /^(popcnt|v?pcmp[ei]str[im]|v?ptest|vtestp[sd])$/.test(name) ||
  (writeMask !== 0 && (writeMask !== ARITHMETIC_FLAGS || (undefinedMask & ~AF) !== 0));

function shiftsByConstant({ row, bytes }: Part): boolean {
  const last = row.operands.at(-1);
  return last?.where === "one" || (last?.where === "imm" && ((bytes.at(-1) as number) & 31) !== 0);
}

/** CMPS or SCAS that is not repeated. */
const isOneComparison = ({ row, bytes }: Part) =>
  STRING_OPCODES.has(row.opcode) && row.map === 0 && !bytes.some((byte) => byte === 0xf2 || byte === 0xf3);

const MAY_KEEP_FLAGS = /^((sh|sa|ro|rc)[lr]|cmps$|scas$)/;
const dependsOnUndefined = (parts: readonly Part[]) => undefinedAfter(parts) === -1;

/** OF is defined for shifts and rotates by the constant 1. */
function undefinedBy({ definition, operands }: Row): number {
  return operands[operands.length - 1]?.where === "one" ? definition.undefinedMask & ~0x800 : definition.undefinedMask;
}

function startsOf(parts: readonly Part[]): number[] {
  let length = 0;
  return parts.map(({ bytes }) => (length += bytes.length) - bytes.length);
}

/** Puts the parts one behind the other and fills in what depends on where they lie. */
function link(parts: readonly Part[]): Uint8Array {
  const starts = startsOf(parts);
  const length = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const code = new Uint8Array(length);
  parts.forEach(({ bytes, rip, jump }, n) => {
    code.set(bytes, starts[n]);
    const next = starts[n] + bytes.length;
    if (rip) code.set(little(rip.target - (CODE_BASE + DEFAULT_CODE_OFFSET + next), 4), starts[n] + rip.at);
    if (!jump) return;
    const beyond = n + jump.skip + 1 - parts.length;
    const target = beyond < 0 ? starts[n + jump.skip + 1] : length + beyond;
    code.set(little(target - next, jump.size), starts[n] + jump.at);
  });
  return code;
}

class PartMaker {
  readonly #is64: boolean;
  readonly #row: Row;
  readonly #r: Random;
  /** Registers earlier instructions need. */
  readonly #taken: Set<number>;
  readonly #pins: ((s: StateMaker) => void)[] = [];

  constructor(mode: CodeMode, row: Row, random: Random, taken: Set<number>) {
    this.#is64 = mode === 64;
    this.#row = row;
    this.#r = random;
    this.#taken = taken;
  }

  make(): Part {
    return this.#row.vex ? this.#vex() : this.#legacy();
  }

  /** A VEX encoding: two bytes of prefix where they are enough, now and then one that is not allowed. */
  #vex(): Part {
    const { map, opcode, prefix, operands, w, l, hasModrm, mod, usesVvvv, definition } = this.#row;
    const r = this.#r;
    this.#specialPins(false);
    const memory = hasModrm && (mod === 0 || (mod < 0 && r.chance(0.45)));
    const address = !memory ? undefined : definition.vsib ? this.#gather() : this.#addressing();
    const modrm = hasModrm ? this.#modrm(address, this.#is64 && r.chance(0.5) ? r.below(8) : 0) : { bytes: [], rex: 0 };
    const wide = w >= 0 ? w : r.below(2);
    const length = l >= 0 ? l : r.below(2);
    const vvvv = usesVvvv ? r.below(16) : r.chance(0.03) ? r.below(16) : 0;
    const last = ((~vvvv & 15) << 3) | (length << 2) | [0, 0x66, 0xf3, 0xf2].indexOf(prefix);
    // In 32-bit code two bytes that name register 8 or above are LDS.
    const canBeShort = this.#is64 || vvvv < 8;
    const short = canBeShort && map === VEX_MAP + 1 && wide === 0 && (modrm.rex & 3) === 0 && r.chance(0.6);
    const bytes = [...(address?.prefixes ?? [])];
    if (r.chance(0.02)) bytes.push(r.pick(this.#is64 ? [0x66, 0xf2, 0xf3, 0xf0, 0x48] : [0x66, 0xf2, 0xf3, 0xf0]));
    if (short) bytes.push(0xc5, (modrm.rex & 4 ? 0 : 0x80) | last);
    else bytes.push(0xc4, ((~modrm.rex & 7) << 5) | (map - VEX_MAP), (wide << 7) | last);
    bytes.push(opcode, ...modrm.bytes);
    const rip = address?.ripTarget === undefined ? undefined : { at: bytes.length - 4, target: address.ripTarget };
    for (const { where, value } of operands)
      if (where === "imm") bytes.push(...this.#immediate(value, 32, false));
      else if (where === "is4") bytes.push(r.below(256));
    if (address?.pin) this.#pins.push(address.pin);
    return { row: this.#row, bytes, rip, pins: this.#pins };
  }

  #addressing(): Addressing {
    return this.#is64 ? addressing(this.#r, this.#taken) : addressing32(this.#r, this.#taken);
  }

  /** A base and a vector of indices. */
  #gather(): Addressing {
    const r = this.#r;
    const bases = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 14, 15];
    const [index, base] = this.#is64 ? [r.below(16), r.pick(bases)] : [r.below(8), r.pick(bases.slice(0, 6))];
    const indexBytes = this.#row.definition.name.includes("gatherd") ? 4 : 8;
    return {
      prefixes: [],
      bytes: [0x44, (r.below(4) << 6) | ((index & 7) << 3) | (base & 7), r.below(8)],
      rex: (index >= 8 ? 2 : 0) | (base >= 8 ? 1 : 0),
      pin: (s) => {
        const middle = s.window();
        s.setNumber(base, middle - (middle % 8));
        s.spreadIndices(index, indexBytes);
      },
    };
  }

  #legacy(): Part {
    const { map, opcode, prefix, operands, definition, w, hasModrm, mod } = this.#row;
    const r = this.#r;
    const bytes: number[] = [];
    const isString = map === 0 && STRING_OPCODES.has(opcode);
    this.#specialPins(isString);
    const sized =
      (operands.some((operand) => operand.bits === 0) && !isX87(this.#row)) ||
      isString ||
      ENVIRONMENT.has(definition.name);
    const memory = hasModrm && (mod === 0 || (mod < 0 && r.chance(0.45)));
    const address = memory ? this.#addressing() : undefined;
    if (address) bytes.push(...address.prefixes);
    if (memory && definition.lock ? r.chance(operands[0]?.where === "rm" ? 0.2 : 0.02) : r.chance(0.004))
      bytes.push(0xf0);
    let narrow = false;
    if (prefix > 0) {
      if (prefix !== 0x66 && sized && r.chance(0.2)) bytes.push(0x66);
      bytes.push(prefix);
    } else if (prefix < 0 && this.#mayBeNarrow(sized)) {
      bytes.push(0x66);
      narrow = true;
    }
    if (isString && r.chance(0.6)) bytes.push(r.pick([0xf2, 0xf3]));
    const wide = !this.#is64 ? 0 : w >= 0 ? w : r.chance(0.4) ? 1 : 0;
    const modrm = hasModrm
      ? this.#modrm(address, this.#is64 && r.chance(0.4) ? r.below(8) : 0)
      : { bytes: [], rex: this.#is64 && r.chance(0.3) ? r.below(8) : 0 };
    const rex = 0x40 | (wide << 3) | modrm.rex;
    if (this.#is64 && (rex !== 0x40 || r.chance(0.2))) bytes.push(rex);
    if (map > 0) bytes.push(0x0f);
    if (map === 2) bytes.push(0x38);
    if (map === 3) bytes.push(0x3a);
    bytes.push(opcode, ...modrm.bytes);
    const ripAt = address?.ripTarget === undefined ? -1 : bytes.length - 4;
    const size = rex & 8 ? 64 : narrow ? 16 : 32;
    let jump: Part["jump"];
    for (const { where, value } of operands) {
      if (where === "moffs") bytes.push(...little(fixedTarget(r), this.#is64 ? 8 : 4));
      else if (where === "imm") bytes.push(...this.#immediate(value, size, definition.default64 === true && !narrow));
      else if (where === "rel") {
        const bytesOfIt = value === 1 ? 1 : narrow ? 2 : 4;
        jump = { at: bytes.length, size: bytesOfIt, skip: r.below(4) };
        bytes.push(...little(0, bytesOfIt));
      }
    }
    if (address?.pin) this.#pins.push(address.pin);
    const rip = address?.ripTarget === undefined ? undefined : { at: ripAt, target: address.ripTarget };
    return { row: this.#row, bytes, rip, jump, pins: this.#pins };
  }

  /** In 32-bit code an operand-size prefix cuts jumps to 16 bits. */
  #mayBeNarrow(sized: boolean): boolean {
    const { ends, name } = this.#row.definition;
    if (!ends) return sized && this.#r.chance(0.25);
    return !this.#is64 && /^(j|call|ret|loop)/.test(name) && this.#r.chance(0.06);
  }

  #modrm(address: Addressing | undefined, wish: number): { bytes: number[]; rex: number } {
    const r = this.#r;
    const { digit, rm, definition } = this.#row;
    const reg = digit >= 0 ? digit : r.below(8);
    const high = digit >= 0 ? 0 : wish & 4;
    if (!address)
      return { bytes: [0xc0 | (reg << 3) | (rm >= 0 ? rm : r.below(8))], rex: high | (rm >= 0 ? 0 : wish & 3) };
    // A bit offset counts beyond the operand: mostly not far.
    const bits = reg | (high << 1);
    if (/^bt[src]?$/.test(definition.name) && digit < 0 && bits !== 4 && !this.#taken.has(bits) && r.chance(0.7))
      this.#pins.push((s) => s.setNumber(bits, s.random.below(512) - 256));
    return { bytes: [address.bytes[0] | (reg << 3), ...address.bytes.slice(1)], rex: high | address.rex };
  }

  #immediate(value: number, size: number, wide: boolean): number[] {
    const r = this.#r;
    const bytes = value === 9 ? size / 8 : value === 0 ? Math.min(wide ? 4 : size / 8, 4) : value;
    if (this.#row.definition.name === "enter") return little(r.below(3), bytes);
    const kind = r.below(100);
    if (kind < 30) return little(r.below(7) - 3, bytes);
    if (kind < 60) return little((1 << r.below(32)) + r.below(3) - 1, bytes);
    return Array.from({ length: bytes }, () => r.below(256));
  }

  #specialPins(isString: boolean): void {
    const { name } = this.#row.definition;
    if (isString) this.#string();
    if (isSaver(this.#row)) this.#components();
    // What the kernel takes for a call to be restarted would be changed on the way.
    if (name === "syscall") this.#pins.push((s) => s.setNumber(RAX, s.random.below(500)));
    if (name === "popf") this.#pins.push((s) => s.clearOnStack(POPF_UNWANTED));
    // With an empty mask processors are free to fault or not.
    if (name.startsWith("maskmov")) this.#pins.push((s) => s.setNumber(RDI, fixedTarget(s.random) & ~0xf));
    if (/^(loop|jrcxz)/.test(name) && !this.#taken.has(RCX))
      this.#pins.push((s) => s.random.chance(0.5) && s.setNumber(RCX, s.random.below(3)));
    // Counts within and beyond the operand.
    if (this.#row.operands.at(-1)?.value === 1 && this.#row.operands.at(-1)?.where === "fixed" && !this.#taken.has(RCX))
      this.#pins.push((s) => s.random.chance(0.6) && s.setNumber(RCX, s.random.below(70)));
  }

  /** edx:eax says which components: none that only this processor has. */
  #components(): void {
    this.#taken.add(RAX).add(RDX);
    this.#pins.push((s) => {
      s.setNumber(RAX, s.random.below(8));
      s.setNumber(RDX, 0);
    });
  }

  #string(): void {
    for (const register of [RCX, RSI, RDI]) this.#taken.add(register);
    this.#pins.push((s) => {
      const r = s.random;
      s.setNumber(RCX, r.below(24));
      s.setNumber(RSI, s.window() + r.below(8));
      s.setNumber(RDI, r.chance(0.3) ? s.number(RSI) + r.below(16) - 8 : s.window() + r.below(8));
    });
  }
}
