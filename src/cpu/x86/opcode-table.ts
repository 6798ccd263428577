// Definitions of instructions and the tables made from their rows. A row is written in the SDM's notation:
//   [66|F3|F2|NP] [W0|W1] [0F [38|3A]] opcode [/r | /digit] [mem|reg|rm=N] operands
// with the operand codes of the SDM's opcode map (Eb Gv Iz Wsd ...). `opcode` may end in +r: low three bits name a register.
import { AF, CF, OF, PF, SF, ZF } from "../../machine/state-layout.js";
import type { Emitter } from "./emitter.js";
import type { Definition, DefinitionOptions, OperandKind, Row } from "./instruction.js";

const FLAG_OF: Readonly<Record<string, number>> = { O: OF, S: SF, Z: ZF, A: AF, P: PF, C: CF };
const maskOf = (letters = ""): number => [...letters].reduce((mask, letter) => mask | FLAG_OF[letter], 0);

const GPR_SIZE: Readonly<Record<string, number>> = { b: 8, w: 16, d: 32, q: 64, v: 0, y: -1, z: 0 };
const VECTOR_SIZE: Readonly<Record<string, number>> = { x: 128, ss: 32, sd: 64, q: 64, d: 32, w: 16, b: 8, dq: 128 };

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
  if (code === "Jz") return kind("rel", "none", 64, 4);
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
    default:
      throw new Error(`no operand code '${code}'`);
  }
}

/** Definitions in the order of their files; rows by map * 256 + opcode. */
export const definitions: Definition[] = [];
export const rowsByOpcode: (Row[] | undefined)[] = new Array(4 * 256);

function parseRow(text: string, definition: Definition): void {
  const words = text.split(" ");
  let at = 0;
  let prefix = -1;
  let w = -1;
  let map = 0;
  if (words[at] === "NP") prefix = 0;
  if (words[at] === "66" || words[at] === "F2" || words[at] === "F3") prefix = Number.parseInt(words[at], 16);
  if (prefix >= 0) at++;
  if (words[at] === "W0" || words[at] === "W1") w = Number(words[at++][1]);
  if (words[at] === "0F" && words.length > at + 1 && /^[0-9A-F]{2}/.test(words[at + 1])) {
    map = 1;
    at++;
    if ((words[at] === "38" || words[at] === "3A") && /^[0-9A-F]{2}/.test(words[at + 1] ?? ""))
      map = words[at++] === "38" ? 2 : 3;
  }
  const [code, plus] = words[at++].split("+");
  let digit = -1;
  let mod = -1;
  let rm = -1;
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
    } else break;
  }
  // Operands are worked out when the row is first met: most never are.
  const codes = words[at];
  let operands: readonly OperandKind[] | undefined;
  const first = Number.parseInt(code, 16);
  const row = (opcode: number): Row => ({
    text,
    map,
    opcode,
    prefix,
    digit,
    mod,
    rm,
    w,
    hasModrm,
    definition,
    get operands() {
      operands ??= codes ? codes.split(",").map(operandKind) : [];
      return operands;
    },
  });
  for (let opcode = first; opcode < first + (plus === "r" ? 8 : 1); opcode++) {
    const rows = (rowsByOpcode[map * 256 + opcode] ??= []);
    rows.push(row(opcode));
    // A row that asks for more is tried first.
    rows.sort((one, other) => demands(other) - demands(one));
  }
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
  rows: readonly string[],
  options: DefinitionOptions,
  emit: (x: Emitter) => void,
): void {
  const definition: Definition = {
    ...options,
    name,
    emit,
    readMask: maskOf(options.reads),
    writeMask: maskOf(options.writes) | maskOf(options.undefined),
    undefinedMask: maskOf(options.undefined),
  };
  definitions.push(definition);
  for (const text of rows) parseRow(text, definition);
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
