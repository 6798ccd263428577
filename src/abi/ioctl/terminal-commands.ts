// ioctls of terminals and of the console. See ioctl_tty(2), ioctl_console(2).

import type { ArgumentType } from "../argument.js";
import * as names from "../constants/ioctls.js";
import { unsignedNumber } from "../digits.js";
import { address, flagsOf, hexInt, int, longOneOf, oneOf, unsignedLong } from "../scalars.js";
import { signalNumber } from "../signals.js";
import { quoted } from "../strings.js";
import { pointer, s32, scalarIn, scalarOut, showPointed, u16, u32 } from "../struct.js";
import { enumeration } from "../tables.js";
import { termioIn, termiosIn, termiosOut, winsizeIn, winsizeOut } from "../terminals.js";
import { alike, type Commands, structure } from "./fields.js";

const intIn = scalarIn(s32());
const intOut = scalarOut(s32());
const queueSelectors = longOneOf(enumeration("TC???", { TCIFLUSH: 0, TCOFLUSH: 1, TCIOFLUSH: 2 }));
const flowActions = longOneOf(enumeration("TC???", { TCOOFF: 0, TCOON: 1, TCIOFF: 2, TCION: 3 }));

/** The character TIOCSTI types. */
const characterIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, 1, (_, view) => c.out.string(quoted(Uint8Array.of(view.getUint8(0)), c.style))),
};

const signalOrNumber: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => (high === 0 ? signalNumber : unsignedLong).show(c, low, high),
};

export const terminalCommands: Commands = {
  ...alike("TCGETS TIOCGLCKTRMIOS", termiosOut),
  ...alike("TCSETS TCSETSW TCSETSF TIOCSLCKTRMIOS", termiosIn),
  ...alike("TCSETA TCSETAW TCSETAF", termioIn),
  TCGETA: address,
  TIOCGWINSZ: winsizeOut,
  TIOCSWINSZ: winsizeIn,
  ...alike("TIOCGPGRP TIOCGSID TIOCOUTQ TIOCGETD TIOCGSOFTCAR TIOCGDEV TIOCGEXCL", intOut),
  ...alike("TIOCSPGRP TIOCSPTLCK TIOCSETD TIOCSSOFTCAR TIOCPKT", intIn),
  TIOCGPTN: scalarOut(u32()),
  ...alike("TIOCMBIS TIOCMBIC TIOCMSET", scalarIn(u32(flagsOf(names.modemLines)))),
  TIOCMGET: scalarOut(u32(flagsOf(names.modemLines))),
  TIOCSTI: characterIn,
  TCFLSH: queueSelectors,
  TCXONC: flowActions,
  ...alike("TCSBRK TCSBRKP TIOCSCTTY", int),
  ...alike("TIOCNOTTY TIOCEXCL TIOCNXCL TIOCCONS TIOCSSERIAL TIOCSBRK TIOCCBRK TIOCVHANGUP", "none"),

  ...alike("KDENABIO KDDISABIO KDMAPDISP KDUNMAPDISP PIO_FONTRESET", "none"),
  ...alike(
    "KDGETLED KDGKBTYPE KDGETMODE GIO_SCRNMAP KDGKBMODE KDGKBDIACR GIO_FONT KDGKBMETA KDGKBLED GIO_UNISCRNMAP GIO_CMAP KDGKBDIACRUC",
    address,
  ),
  KDSETMODE: oneOf(names.consoleModes),
  KDSKBMODE: oneOf(names.keyboardModes, "decimal"),
  KDSKBMETA: oneOf(names.metaModes),
  KDSIGACCEPT: signalOrNumber,
  ...alike("KDGETKEYCODE KDSETKEYCODE", structure({ scancode: u32(hexInt), keycode: u32(hexInt) })),
  ...alike("GIO_UNIMAP PIO_UNIMAP", structure({ entry_ct: u16(), entries: pointer() })),
  ...alike("GIO_FONTX PIO_FONTX", structure({ charcount: u16(), charheight: u16(), chardata: pointer() })),
  PIO_UNIMAPCLR: structure({ advised_hashsize: u16(), advised_hashstep: u16(), advised_hashlevel: u16() }),
  KDKBDREP: structure({ delay: s32(), period: s32() }),
};
