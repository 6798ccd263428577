// Definitions of instructions and the tables made from their rows. A row is written in the SDM's notation:
//   [i64|o64] [66|F3|F2|NP] [W0|W1] [0F [38|3A]] opcode [/r | /digit] [mem|reg|rm=N|rm] operands
//   VEX[.128|.256].(NP|66|F3|F2).(0F|0F38|0F3A).(W0|W1|WIG) opcode ...
// with the operand codes of the SDM's opcode map (Eb Gv Iz Wsd Hx By Lx ...). `opcode` may end in +r: low three bits name a register.
// "rm": a register whatever ModRM.mod says.
// Without a length a VEX row is for both, and "x" is as wide as it says. i64: invalid in 64-bit mode, o64: only there.
import { AF, CF, OF, PF, SF, ZF } from "../../machine/state-layout.js";
import type { Emitter } from "./emitter.js";
import { type Definition, type DefinitionOptions, type OperandKind, type Row, VEX_MAP } from "./instruction.js";
import { opcodeIndex, ordinalsIn } from "./opcode-index.js";

const FLAG_OF: Readonly<Record<string, number>> = { O: OF, S: SF, Z: ZF, A: AF, P: PF, C: CF };

const maskOf = (letters = ""): number => [...letters].reduce((all, one) => all | FLAG_OF[one], 0);

// f64: what SDM's opcode map gives to near branches.
const GPR_SIZE: Readonly<Record<string, number>> = { b: 8, w: 16, d: 32, q: 64, v: 0, y: -1, z: 0, f64: -3 };
const VECTOR_SIZE: Readonly<Record<string, number>> = {
  x: -2,
  ss: 32,
  sd: 64,
  q: 64,
  d: 32,
  w: 16,
  b: 8,
  dq: 128,
  qq: 256,
};

function operandKind(code: string): OperandKind {
  const kind = (where: OperandKind["where"], file: OperandKind["file"], bits: number, value = 0) => ({
    where,
    file,
    bits,
    value,
  });
  if (code === "1") return kind("one", "none", 8, 1);
  if (code === "AL") return kind("fixed", "gpr", 8, 0);
  if (code === "AX") return kind("fixed", "gpr", 16, 0);
  if (code === "EAX") return kind("fixed", "gpr", 32, 0);
  if (code === "CL") return kind("fixed", "gpr", 8, 1);
  if (code === "DX") return kind("fixed", "gpr", 16, 2);
  if (code === "rAX") return kind("fixed", "gpr", 0, 0);
  if (code === "Ib" || code === "Iub") return kind("imm", "none", 8, 1);
  if (code === "Ibs") return kind("imm", "none", 0, 1);
  if (code === "Iw") return kind("imm", "none", 16, 2);
  if (code === "Iz") return kind("imm", "none", 0, 0);
  if (code === "Iv") return kind("imm", "none", 0, 9);
  if (code === "Jb") return kind("rel", "none", 64, 1);
  if (code === "Jz") return kind("rel", "none", 64, NEAR);
  if (code === "Sw") return kind("reg", "segment", 16);
  if (code === "M") return kind("rm", "none", 0);
  const letter = code[0];
  const size = code.slice(1);
  switch (letter) {
    case "E":
      return kind("rm", "gpr", GPR_SIZE[size]);
    case "G":
      return kind("reg", "gpr", GPR_SIZE[size]);
    case "Z":
      return kind("op", "gpr", GPR_SIZE[size]);
    case "M":
      return kind("rm", "none", size === "v" || size === "y" ? GPR_SIZE[size] : Number(size));
    case "O":
      return kind("moffs", "none", GPR_SIZE[size]);
    case "V":
      return kind("reg", "xmm", VECTOR_SIZE[size]);
    case "W":
      return kind("rm", "xmm", VECTOR_SIZE[size]);
    case "H":
      return kind("vvvv", "xmm", VECTOR_SIZE[size]);
    case "L":
      return kind("is4", "xmm", VECTOR_SIZE[size], 1);
    case "B":
      return kind("vvvv", "gpr", GPR_SIZE[size]);
    case "P":
      return kind("reg", "mmx", VECTOR_SIZE[size]);
    case "Q":
      return kind("rm", "mmx", VECTOR_SIZE[size]);
    default:
      throw new Error(`no operand code '${code}'`);
  }
}

const kinds = new Map<string, OperandKind>();
function operandNamed(code: string): OperandKind {
  const known = kinds.get(code);
  if (known) return known;
  const kind = operandKind(code);
  kinds.set(code, kind);
  return kind;
}

/** A row, or what writes it when it is looked at. */
export type RowText = string | (() => string);

const textOf = (row: RowText): string => (typeof row === "string" ? row : row());

interface Declaration {
  readonly name: string;
  readonly texts: readonly RowText[];
  readonly options: DefinitionOptions;
  readonly emit: (x: Emitter) => void;
  definition: Definition | undefined;
}

/** All instructions in the order in which they were declared. Of most of them no program asks for more. */
const declarations: Declaration[] = [];

// By map * 256 + opcode. Rows are read when their opcode is first met: a program meets few of them.
export const TABLE_SIZE = 2 * VEX_MAP * 256;
/** More than any one opcode has. */
const MAX_ROWS = 64;
type Rows = readonly Row[] | undefined;
const isRead = new Uint8Array(TABLE_SIZE);
const rows64: Rows[] = new Array(TABLE_SIZE);
const rows32: Rows[] = new Array(TABLE_SIZE);

/** The rows of an opcode in 64-bit mode, or else in compatibility mode, those that ask for more first; `place` is map * 256 + opcode. */
export function rowsAt(place: number, is64 = true): readonly Row[] | undefined {
  if (isRead[place] === 0) readRows(place);
  return is64 ? rows64[place] : rows32[place];
}

function readRows(place: number): void {
  isRead[place] = 1;
  const its: { text: string; declaration: Declaration }[] = [];
  for (const ordinal of declaredAt(place)) {
    const declaration = declarations[ordinal];
    for (const row of declaration.texts) {
      const text = textOf(row);
      if (isAt(text, place)) its.push({ text, declaration });
    }
  }
  if (its.length === 0) return;
  const all = its
    .map(({ text, declaration }, n) =>
      readRow(text, definitionOf(declaration), place, place * MAX_ROWS + n, its.length === 1),
    )
    .sort((one, other) => demands(other) - demands(one));
  rows64[place] = rows32[place] = all;
  if (all.every(({ only }) => only === undefined)) return;
  const of = (mode: "64" | "32") => {
    const rows = all.filter(({ only }) => only === undefined || only === mode);
    return rows.length > 0 ? rows : undefined;
  };
  rows64[place] = of("64");
  rows32[place] = of("32");
}

/** Ordinals of the declarations with rows at each place, where no build has told: see opcode-index.ts. */
let ordinals: number[][] | undefined;

function declaredAt(place: number): readonly number[] {
  if (opcodeIndex !== undefined) return ordinalsIn(opcodeIndex, TABLE_SIZE, place);
  ordinals ??= ordinalsByPlace();
  return ordinals[place] as number[];
}

export function ordinalsByPlace(): number[][] {
  const places: number[][] = Array.from({ length: TABLE_SIZE }, () => []);
  declarations.forEach(({ texts }, ordinal) => {
    for (const row of texts) {
      findOpcode(textOf(row));
      for (let n = 0; n < opcodeCount; n++) {
        const at = places[opcodePlace + n] as number[];
        if (at.at(-1) !== ordinal) at.push(ordinal);
      }
    }
  });
  return places;
}

function isAt(text: string, place: number): boolean {
  findOpcode(text);
  return place >= opcodePlace && place < opcodePlace + opcodeCount;
}

/** All rows of 64-bit mode, or else of compatibility mode. */
export function allRows(is64 = true): Row[] {
  return Array.from({ length: TABLE_SIZE }, (_, place) => rowsAt(place, is64) ?? []).flat();
}

const isHexDigit = (code: number) => (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46);
const isHexPair = (text: string, at: number) =>
  isHexDigit(text.charCodeAt(at)) &&
  isHexDigit(text.charCodeAt(at + 1)) &&
  (text.length === at + 2 || !isHexDigit(text.charCodeAt(at + 2)));

const VEX_MAPS: Readonly<Record<string, number>> = { "0F": VEX_MAP + 1, "0F38": VEX_MAP + 2, "0F3A": VEX_MAP + 3 };

// Where the opcode stands in the row last looked at, its map, and the places it has in the table.
let opcodeAt = 0;
let opcodeMap = 0;
let opcodePlace = 0;
let opcodeCount = 0;

const MODE_LENGTH = "i64 ".length;

function onlyIn(text: string): Row["only"] {
  const first = text.charCodeAt(0);
  return first === 0x69 ? "32" : first === 0x6f ? "64" : undefined;
}

function findOpcode(text: string): void {
  findMap(text);
  opcodePlace = opcodeMap * 256 + Number.parseInt(text.slice(opcodeAt, opcodeAt + 2), 16);
  opcodeCount = text[opcodeAt + 2] === "+" ? 8 : 1;
}

function findMap(text: string): void {
  if (text.startsWith("VEX.")) {
    opcodeAt = text.indexOf(" ") + 1;
    const field = text.indexOf(".0F") + 1;
    const map = VEX_MAPS[text.slice(field, text.indexOf(".", field))];
    if (map === undefined) throw new Error(`no map in '${text}'`);
    opcodeMap = map;
    return;
  }
  let at = onlyIn(text) ? MODE_LENGTH : 0;
  if (text[at + 2] === " " && MANDATORY.has(text.slice(at, at + 2))) at += 3;
  if (text[at] === "W") at += 3;
  opcodeMap = 0;
  if (text.startsWith("0F ", at) && isHexPair(text, at + 3)) {
    at += 3;
    opcodeMap = 1;
    const extended = text.startsWith("38 ", at) ? 2 : text.startsWith("3A ", at) ? 3 : 0;
    if (extended !== 0 && isHexPair(text, at + 3)) {
      at += 3;
      opcodeMap = extended;
    }
  }
  opcodeAt = at;
}

const MANDATORY: ReadonlyMap<string, number> = new Map([
  ["NP", 0],
  ["66", 0x66],
  ["F2", 0xf2],
  ["F3", 0xf3],
]);

function readRow(text: string, definition: Definition, place: number, id: number, alone: boolean): Row {
  findOpcode(text);
  const start = opcodeAt;
  const before = text.slice(0, start).split(/[ .]/);
  const words = text.slice(start).split(" ");
  const wide = before.find((word) => word === "W0" || word === "W1");
  let at = 1;
  let digit = -1;
  let mod = -1;
  let rm = -1;
  let ignoresMod = false;
  let hasModrm = false;
  if (words[at]?.startsWith("/")) {
    hasModrm = true;
    if (words[at] !== "/r") digit = Number(words[at][1]);
    at++;
  }
  for (; at < words.length; at++) {
    if (words[at] === "mem") mod = 0;
    else if (words[at] === "reg") mod = 3;
    else if (words[at].startsWith("rm=")) {
      mod = 3;
      rm = Number(words[at].slice(3));
    } else if (words[at] === "rm") ignoresMod = true;
    else break;
  }
  const operands = words[at] ? words[at].split(",").map(operandNamed) : [];
  const vex = before[0] === "VEX";
  const prefix = before.map((word) => MANDATORY.get(word)).find((known) => known !== undefined) ?? -1;
  return {
    id,
    text,
    only: onlyIn(text),
    isOnly: alone && prefix < 0 && digit < 0 && mod < 0 && !wide && !vex && !definition.level,
    map: place >> 8,
    opcode: place & 0xff,
    prefix,
    digit,
    mod,
    rm,
    w: wide ? Number(wide[1]) : -1,
    l: before.includes("256") ? 1 : before.includes("128") ? 0 : -1,
    vex,
    usesVvvv: operands.some(({ where }) => where === "vvvv"),
    mmx: operands.some(({ file }) => file === "mmx"),
    hasModrm,
    ignoresMod,
    operands,
    inCode: operands.map(inCode).filter((what) => what !== NOT_IN_CODE),
    byteRegisters: byteRegisters(operands),
    keepsFlags: keepsFlags(operands),
    rmOperand: operands.findIndex(({ where }) => where === "rm"),
    definition,
  };
}

// How an operand lies in the code: BYTE, WORD and DWORD by that size, OPERAND_SIZE by the operand's but at most 4 bytes, FULL up to 8.
const NOT_IN_CODE = 0;
export const BYTE = 1;
export const WORD = 2;
export const DWORD = 4;
const OPERAND_SIZE = 5;
/** Of a near jump: DWORD, but in compatibility mode by the operand's size. */
export const NEAR = 6;
export const FULL = 9;
export const MOFFS = 10;
export const IS4 = 11;

function inCode({ where, value }: OperandKind): number {
  switch (where) {
    case "moffs":
      return MOFFS;
    case "is4":
      return IS4;
    case "rel":
      return value;
    case "imm":
      return value === 0 ? OPERAND_SIZE : value;
    default:
      return NOT_IN_CODE;
  }
}

/** Bit 0: ModRM.reg may name an 8-bit general register; bit 1: ModRM.rm or the opcode may. */
function byteRegisters(operands: readonly OperandKind[]): number {
  let bits = 0;
  for (const { where, file, bits: width } of operands)
    if (file === "gpr" && width === 8) bits |= where === "reg" ? 1 : where === "rm" || where === "op" ? 2 : 0;
  return bits;
}

/** Shifts by CL, and by an immediate that may be 0, may leave the flags as they were. */
function keepsFlags(operands: readonly OperandKind[]): Row["keepsFlags"] {
  const last = operands[operands.length - 1];
  if (last?.where === "fixed" && last.bits === 8 && last.value === 1) return "maybe";
  return last?.where === "imm" && last.value === 1 ? "by immediate" : "no";
}

const demands = (row: Row): number =>
  (row.prefix > 0 ? 8 : 0) +
  (row.rm >= 0 ? 4 : 0) +
  (row.w >= 0 ? 2 : 0) +
  (row.digit >= 0 ? 1 : 0) +
  (row.mod >= 0 ? 1 : 0);

/** Declares one instruction: its rows, what it does to the flags, and its meaning in IR. */
export function instruction(
  name: string,
  texts: readonly RowText[],
  options: DefinitionOptions,
  emit: (x: Emitter) => void,
): void {
  declarations.push({ name, texts, options, emit, definition: undefined });
}

function definitionOf(declaration: Declaration): Definition {
  const { name, options, emit } = declaration;
  // All of one shape, whatever their options: the decoder looks at them all the time.
  declaration.definition ??= {
    name,
    emit: (x) => (x.i.row.mmx ? x.withMmx(() => emit(x)) : emit(x)),
    readMask: maskOf(options.reads),
    writeMask: maskOf(options.writes) | maskOf(options.undefined),
    undefinedMask: maskOf(options.undefined),
    lock: options.lock,
    default64: options.default64,
    unaligned: options.unaligned,
    aligned: options.aligned,
    vsib: options.vsib,
    faults: options.faults,
    memory: options.memory,
    float: options.float,
    byNumber: options.byNumber,
    level: options.level,
    ends: options.ends,
  };
  return declaration.definition;
}

/**
 * The VEX sister of a legacy row with the same mandatory prefix, map, opcode and form. `operands` replaces the legacy operands; "+H" inserts
 * the first source from VEX.vvvv after the destination. `length`: 128 or 256, undefined for both.
 */
export function vexRow(legacy: string, operands = "+H", w = "WIG", length?: 128 | 256): () => string {
  return () => vexText(legacy, operands, w, length);
}

function vexText(legacy: string, operands: string, w: string, length: 128 | 256 | undefined): string {
  findMap(legacy);
  const [at, map] = [opcodeAt, opcodeMap];
  const words = legacy.slice(at).split(" ");
  const own = words[words.length - 1];
  words[words.length - 1] = operands === "+H" ? own.replace(/^V(\w+),/, "V$1,H$1,") : operands || own;
  const prefix = MANDATORY.has(legacy.slice(0, 2)) ? legacy.slice(0, 2) : "NP";
  const field = Object.keys(VEX_MAPS)[map - 1];
  return `VEX.${length ? `${length}.` : ""}${prefix}.${field}.${w} ${words.join(" ")}`;
}

/** Names of the sixteen condition codes. */
export const CONDITIONS = [
  "o",
  "no",
  "b",
  "ae",
  "e",
  "ne",
  "be",
  "a",
  "s",
  "ns",
  "p",
  "np",
  "l",
  "ge",
  "le",
  "g",
] as const;
