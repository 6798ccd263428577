// Terminal structures: termios with its packed fields, and the window size.
import type { ArgumentType } from "./argument.js";
import {
  backspaceDelays,
  baudRates,
  characterSizes,
  controlCharacters,
  formFeedDelays,
  lineDisciplines,
  newlineDelays,
  returnDelays,
  tabDelays,
  termiosControlFlags,
  termiosInputFlags,
  termiosLocalFlags,
  termiosOutputFlags,
  verticalTabDelays,
} from "./constants/terminals.js";
import { hex, unsignedNumber } from "./digits.js";
import { filledIn } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, showPointed, struct, structIn, structOut, u16 } from "./struct.js";
import { type Enumeration, type FlagSet, showEnumeration, showFlags, showNamed } from "./tables.js";

export const winsize = struct({ ws_row: u16(), ws_col: u16(), ws_xpixel: u16(), ws_ypixel: u16() });
export const winsizeIn = structIn(winsize as Struct<Fields>);
export const winsizeOut = structOut(winsize as Struct<Fields>);

/** Bytes of the kernel's struct termios. */
export const TERMIOS_SIZE = 36;

const outputDelays = [
  { mask: 0x100, values: newlineDelays },
  { mask: 0x600, values: returnDelays },
  { mask: 0x1800, values: tabDelays },
  { mask: 0x2000, values: backspaceDelays },
  { mask: 0x4000, values: verticalTabDelays },
  { mask: 0x8000, values: formFeedDelays },
];
const controlFields = [
  { mask: 0o10017, values: baudRates },
  { mask: 0o60, values: characterSizes },
];

/** How far above the output's speed the input's is in the control flags. */
const INPUT_SPEED_SHIFT = 16;

/** Fields of several bits first, each by its own table, then the flags that are left. */
function showPacked(
  c: ShowContext,
  value: number,
  parts: readonly { readonly mask: number; readonly values: Enumeration }[],
  flags: FlagSet,
): void {
  let rest = value;
  for (const [i, { mask, values }] of parts.entries()) {
    if (i > 0) c.out.punct("|");
    showEnumeration(c, values, value & mask);
    rest &= ~mask;
    const input = values === baudRates ? value & (mask << INPUT_SPEED_SHIFT) : 0;
    if (input === 0) continue;
    c.out.punct("|");
    showEnumeration(c, values, input >>> INPUT_SPEED_SHIFT);
    c.out.punct("<<");
    showNamed(c, hex(INPUT_SPEED_SHIFT), "IBSHIFT");
    rest &= ~input;
  }
  c.out.punct("|");
  showSetFlags(c, flags, rest);
}

/** Flags of which none needs to be set: then nothing is shown. */
function showSetFlags(c: ShowContext, flags: FlagSet, value: number): void {
  if (value !== 0) showFlags(c, flags, value);
}

/** struct termios, or struct termio where flags have 16 bits and there are fewer characters. */
function showSettings(c: ShowContext, view: DataView, width: 2 | 4, characters: number): void {
  const { out } = c;
  const field = (name: string, first = false): void => {
    out.punct(first ? "{" : ", ");
    out.name(name);
    out.punct("=");
  };
  const flags = (index: number): number =>
    width === 4 ? view.getInt32(index * 4, true) : view.getUint16(index * 2, true);
  field("c_iflag", true);
  showSetFlags(c, termiosInputFlags, flags(0));
  field("c_oflag");
  showPacked(c, flags(1), outputDelays, termiosOutputFlags);
  field("c_cflag");
  showPacked(c, flags(2), controlFields, termiosControlFlags);
  field("c_lflag");
  showSetFlags(c, termiosLocalFlags, flags(3));
  if (c.abbreviate) {
    out.punct(", ...}");
    return;
  }
  field("c_line");
  showEnumeration(c, lineDisciplines, view.getUint8(4 * width));
  field("c_cc");
  out.punct("[");
  for (let i = 0; i < characters; i++) {
    out.punct(i === 0 ? "[" : ", [");
    const name = controlCharacters.names.get(i);
    if (name === undefined) out.number(i.toString());
    else out.flag(name);
    out.punct("]=");
    out.number(hex(view.getUint8(4 * width + 1 + i)));
  }
  out.punct("]}");
}

const showTermios = (c: ShowContext, view: DataView): void => showSettings(c, view, 4, 19);

/** struct termio, of old. */
export const termioIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, 18, (_, view) => showSettings(c, view, 2, 8)),
};

export const termiosIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, TERMIOS_SIZE, showTermios),
};

export const termiosOut: ArgumentType<number> = filledIn(termiosIn);
