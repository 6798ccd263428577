// Which declarations have rows at which place of the opcode table: so that no row need be read to know. The build puts it in this module's place
// (scripts/prebuild.mjs); run from the sources there is none, and all rows are read once.

// Two characters a number, from those that stand for themselves in a text.
const FIRST = 35;
const BASE = 57;

const text = (number: number): string =>
  String.fromCharCode(FIRST + Math.floor(number / BASE), FIRST + (number % BASE));
const numberAt = (index: string, at: number): number =>
  (index.charCodeAt(at * 2) - FIRST) * BASE + index.charCodeAt(at * 2 + 1) - FIRST;

/** The index of ordinals by place: how many all places before have, for each place and the end, then the ordinals. */
export function opcodeIndexOf(places: readonly (readonly number[])[]): string {
  let count = 0;
  const before = places.map((its) => (count += its.length) - its.length);
  return [...before, count, ...places.flat()].map(text).join("");
}

/** The ordinals that an index of `places` places has for a place. */
export function ordinalsIn(index: string, places: number, place: number): number[] {
  const before = numberAt(index, place);
  const count = numberAt(index, place + 1) - before;
  return Array.from({ length: count }, (_, n) => numberAt(index, places + 1 + before + n));
}

export const opcodeIndex: string | undefined = undefined as string | undefined;
