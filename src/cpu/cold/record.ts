// What the record of an instruction holds: its handler's place in the table, then what its form's layout lists. A layout is a list of codes,
// which are characters so that prebuilt forms can be text.

// Register operands by number; those from HIGH_BYTE on name the holder of AH..BH.
export const REG = 0;
export const RM = 1;
export const BASE = 2;
export const INDEX = 3;
export const VVVV = 4;
export const IS4 = 5;
export const HIGH_BYTE = 8;

const code = (character: string) => character.charCodeAt(0);
export const RIP = code("A"); // i64
export const NEXT = code("N"); // i64; with microcode it follows RIP
export const DISPLACEMENT = code("d"); // i32, sign-extended
export const ABSOLUTE = code("D"); // i64
export const IMMEDIATE = code("i"); // i32
export const IMMEDIATE_WIDE = code("l"); // i32, sign-extended to i64
export const IMMEDIATE_64 = code("I"); // i64
/** An edge to the next instruction, or to the target of a relative jump: 16 bytes. */
export const EDGE_NEXT = code("n");
export const EDGE_TARGET = code("j");
/** + number of the microcode operation: i32. */
export const MICROCODE_ID = code("s");
export const MAX_MICROCODE = 4;
/** + number of a register operand: i32, offset in the state of the register it names. */
export const GENERAL_REGISTER = code("0");
export const VECTOR_REGISTER = code("P");

/** A record begins with its handler's place in the table. */
export const HEADER_SIZE = 4;
/** Where a record that has rip keeps it, and the address of the next instruction if it has microcode. */
export const OFFSET_RIP = HEADER_SIZE;
export const NEXT_BEHIND_RIP = 8;
export const EDGE_SIZE = 16;
/** In an edge: the guest address it leads to. */
export const EDGE_ADDRESS = 8;

const SIZES = new Uint8Array(128).fill(4);
SIZES[RIP] = SIZES[NEXT] = SIZES[ABSOLUTE] = SIZES[IMMEDIATE_64] = 8;
SIZES[EDGE_NEXT] = SIZES[EDGE_TARGET] = EDGE_SIZE;

/** Offset in a record of what `what` names, or of the place behind all of the layout. */
export function offsetIn(layout: ArrayLike<number>, what: number): number {
  let offset = HEADER_SIZE;
  for (let n = 0; n < layout.length && layout[n] !== what; n++) offset += SIZES[layout[n]];
  return offset;
}

/** Bytes of a record with this layout. */
export const recordSize = (layout: ArrayLike<number>): number => offsetIn(layout, -1);

/** The handler that begins a block. Its record has rip i64 and the runs left i32. */
export const BLOCK = 0;
export const BLOCK_SIZE = 16;
export const OFFSET_BLOCK_RUNS = 12;
