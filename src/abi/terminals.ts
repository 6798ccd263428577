// Terminal structures: termios with its packed fields, and the window size.
import { type ArgumentType, onReturn } from "./argument.js";
import {
  backspaceDelays,
  baudRates,
  characterSizes,
  controlCharacters,
  formFeedDelays,
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
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, showPointed, struct, structIn, structOut, u16 } from "./struct.js";
import { type FlagSet, showFlags, showNamed } from "./tables.js";

export const winsize = struct({ ws_row: u16(), ws_col: u16(), ws_xpixel: u16(), ws_ypixel: u16() });
export const winsizeIn = structIn(winsize as Struct<Fields>);
export const winsizeOut = structOut(winsize as Struct<Fields>);

/** Bytes of the kernel's struct termios. */
export const TERMIOS_SIZE = 36;

const termiosOutputDelays = [
  { mask: 0x100, values: newlineDelays },
  { mask: 0x600, values: returnDelays },
  { mask: 0x1800, values: tabDelays },
  { mask: 0x2000, values: backspaceDelays },
  { mask: 0x4000, values: verticalTabDelays },
  { mask: 0x8000, values: formFeedDelays },
];
const CBAUD = 0o10017;
const CSIZE = 0o60;

function flagNames(table: FlagSet, flags: number): string {
  let rest = flags;
  const names: string[] = [];
  for (let i = 0; i < table.names.length; i++) {
    const bits = table.low[i] as number;
    if ((rest & bits) !== bits) continue;
    rest &= ~bits;
    names.push(table.names[i] as string);
  }
  if (rest !== 0) names.push(hex(rest));
  return names.join("|");
}

function outputFlags(value: number): string {
  let rest = value;
  const names: string[] = [];
  for (const { mask, values } of termiosOutputDelays) {
    names.push(values.names.get(value & mask) ?? hex(value & mask));
    rest &= ~mask;
  }
  if (rest !== 0) names.push(flagNames(termiosOutputFlags, rest));
  return names.join("|");
}

function controlFlags(value: number): string {
  const names = [
    baudRates.names.get(value & CBAUD) ?? hex(value & CBAUD),
    characterSizes.names.get(value & CSIZE) as string,
  ];
  const rest = value & ~(CBAUD | CSIZE);
  if (rest !== 0) names.push(flagNames(termiosControlFlags, rest));
  return names.join("|");
}

function showTermios(c: ShowContext, view: DataView): void {
  const { out } = c;
  const field = (name: string, first = false): void => {
    out.punct(first ? "{" : ", ");
    out.name(name);
    out.punct("=");
  };
  field("c_iflag", true);
  showFlags(c, termiosInputFlags, view.getInt32(0, true));
  field("c_oflag");
  showNamed(c, hex(view.getInt32(4, true)), outputFlags(view.getInt32(4, true)));
  field("c_cflag");
  showNamed(c, hex(view.getInt32(8, true)), controlFlags(view.getInt32(8, true)));
  field("c_lflag");
  showFlags(c, termiosLocalFlags, view.getInt32(12, true));
  if (c.abbreviate) {
    out.punct(", ...}");
    return;
  }
  field("c_line");
  const line = view.getUint8(16);
  if (line === 0) showNamed(c, "0", "N_TTY");
  else out.number(hex(line));
  field("c_cc");
  out.punct("[");
  for (let i = 0; i < 19; i++) {
    out.punct(i === 0 ? "[" : ", [");
    const name = controlCharacters.names.get(i);
    if (name === undefined) out.number(i.toString());
    else out.flag(name);
    out.punct("]=");
    out.number(hex(view.getUint8(17 + i)));
  }
  out.punct("]}");
}

export const termiosIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, TERMIOS_SIZE, showTermios),
};

export const termiosOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => (c.failed ? showAddress(c, low, high) : termiosIn.show(c, low, high)),
});
