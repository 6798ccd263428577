// Terminal structures: termios with its packed fields, and the window size.
import type { ArgumentType } from "./argument.js";
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
  }
  if (rest === 0) return;
  c.out.punct("|");
  showFlags(c, flags, rest);
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
  showPacked(c, view.getInt32(4, true), outputDelays, termiosOutputFlags);
  field("c_cflag");
  showPacked(c, view.getInt32(8, true), controlFields, termiosControlFlags);
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

export const termiosOut: ArgumentType<number> = filledIn(termiosIn);
