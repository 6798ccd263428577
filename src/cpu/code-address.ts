// Where code lies and how its bytes are decoded, in one number. In 64-bit mode that is rip. In compatibility mode it is EIP and a mark above
// all canonical addresses, so that the same bytes in different modes share nothing that goes by address: blocks, records, edges, regions,
// jump maps, what a return goes to. Only while the processor runs is it in the place of rip.
import { PAGE_SIZE } from "../machine/state-layout.js";

const TWO_32 = 0x1_0000_0000;

/** Modes, as what is added to EIP; 64-bit mode is 0. */
export const LONG = 0;
/** 32-bit code whose ES, SS and DS are flat: all of them 4 GiB from 0 on, to be read and written. */
export const FLAT = 2 ** 48;
/** 32-bit code of which one is not. */
export const BASED = FLAT + 2 ** 49;
const END = BASED + TWO_32;
/** The upper half of a code address in 64-bit mode is below this or, in the kernel's half, above all marks. */
export const MARKS = FLAT / TWO_32;

const isMarked = (address: number) => address >= FLAT && address < END;

/** The mode that code at a code address is decoded in. */
export const modeOf = (address: number): number => (isMarked(address) ? address - (address % TWO_32) : LONG);

/** The linear address of code. */
export const linearOf = (address: number): number => (isMarked(address) ? address % TWO_32 : address);

export const pageOf = (address: number): number => Math.floor(linearOf(address) / PAGE_SIZE);
