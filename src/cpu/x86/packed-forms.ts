// The forms packed instructions come in: on mm registers, on xmm registers with the first source as destination, and with VEX on xmm or ymm
// with three operands. Each is declared once, by what it does to 128 bits.
import * as layout from "../../machine/state-layout.js";
import { LOAD128 } from "../ir/builder.js";
import type { Node } from "../ir/node.js";
import type { Emitter } from "./emitter.js";
import { instruction, type RowText, vexRow } from "./opcode-table.js";

/** What becomes of one half (0 or 1) of the operands: `a` the first source, `b` the one ModRM.rm names. Of an mm register it is the low part. */
export type Packed = (x: Emitter, a: Node, b: Node, half: number) => Node;

/** The legacy row and its VEX sister. `operands` as in vexRow. */
export const packedRows = (row: string, operands = "+H", w = "WIG", length?: 128 | 256): RowText[] => [
  row,
  vexRow(row, operands, w, length),
];

/** The sister on mm registers: the same after NP as on xmm registers after 66. */
export const mmxRow = (row: string): string =>
  row
    .replace("66 ", "NP ")
    .replace("Vx", "Pq")
    .replace(/W(x|q)/, "Qq");

/** Width in bytes of one part of the operands: an mm or an xmm register. */
export const partBytes = (x: Emitter): number => (x.i.row.mmx ? 8 : 16);

/** The first source by halves: VEX.vvvv's operand, or the destination. */
export const firstHalves = (x: Emitter): Node[] => x.halves(x.i.row.usesVvvv ? 1 : 0);

export function emitPacked(compute: Packed): (x: Emitter) => void {
  return (x) => {
    const b = x.halves(x.second);
    const a = firstHalves(x);
    x.setHalves(
      0,
      a.map((one, half) => compute(x, one, b[half], half)),
    );
  };
}

/** The destination computed from the operand ModRM.rm names alone. */
export function emitUnary(compute: (x: Emitter, b: Node, half: number) => Node): (x: Emitter) => void {
  return (x) =>
    x.setHalves(
      0,
      x.halves(x.second).map((b, half) => compute(x, b, half)),
    );
}

/** `row` in the notation of the opcode table, as "66 0F FC /r Vx,Wx"; the VEX form follows from it, and the one on mm registers. */
export const packed = (name: string, row: string, compute: Packed, mmx = false): void =>
  packedOf(name, [...packedRows(row), ...(mmx ? [mmxRow(row)] : [])], compute);

export const packedOf = (name: string, rows: readonly RowText[], compute: Packed): void =>
  instruction(name, rows, {}, emitPacked(compute));

/** What TypeScript does to the 16 bytes of each half. */
export type PackedBytes = (a: Uint8Array, b: Uint8Array, immediate: number, half: number) => Uint8Array;

/** By microcode: the halves lie in the scratch area, the first source's, then the second's, then the result's. */
export function emitBytes(compute: PackedBytes): (x: Emitter) => void {
  return (x) => {
    const b = x.halves(x.second);
    const a = firstHalves(x);
    const at = (operand: number, half: number) => operand * 32 + half * 16;
    const store = (offset: number, value: Node) => x.stateStore(layout.OFFSET_SCRATCH + offset, LOAD128, value);
    a.forEach((one, half) => {
      store(at(0, half), one);
      store(at(1, half), b[half]);
    });
    const { immediate } = x.i;
    x.runMicrocode((core) => {
      for (let half = 0; half < a.length; half++) {
        const result = compute(core.scratchVector(at(0, half)), core.scratchVector(at(1, half)), immediate, half);
        core.scratchVector(at(2, half)).set(result);
      }
    });
    x.setHalves(
      0,
      a.map((_, half) => x.stateLoad(layout.OFFSET_SCRATCH + at(2, half), LOAD128)),
    );
  };
}

/** Places of the bytes of `elements` of `bytes` each; element numbers count on into the second operand. */
export function lanesOf(bytes: number, elements: readonly number[]): number[] {
  return elements.flatMap((element) => Array.from({ length: bytes }, (_, byte) => element * bytes + byte));
}

/** A shuffle's sixteen places from those in two parts laid one after the other: 8 bytes of each for mm registers. */
export function partLanes(x: Emitter, places: readonly number[]): number[] {
  const part = partBytes(x);
  const lanes = places.map((place) => (place < part ? place : 16 + place - part));
  return Array.from({ length: 16 }, (_, n) => lanes[n] ?? 0);
}
