// The argument of ioctl, by command.
import { type ArgumentType, dependent } from "../argument.js";
import {
  FIOGETOWN,
  FIOSETOWN,
  SIOCATMARK,
  SIOCGPGRP,
  SIOCSIFADDR,
  SIOCSIFFLAGS,
  SIOCSIFMTU,
  SIOCSPGRP,
} from "../constants/interfaces.js";
import * as tty from "../constants/terminals.js";
import { fd } from "../descriptors.js";
import { interfaceCommands, interfaceList, interfaceRequest } from "../interfaces.js";
import { address, hexLong, int, oneOf } from "../scalars.js";
import { s32, scalarIn, scalarOut, u32, u64 } from "../struct.js";
import { enumeration } from "../tables.js";
import { termiosIn, termiosOut, winsizeIn, winsizeOut } from "../terminals.js";

const none = "none";
const intIn = scalarIn(s32());
const intOut = scalarOut(s32());
const queueSelectors = oneOf(enumeration("TC???FLUSH", { TCIFLUSH: 0, TCOFLUSH: 1, TCIOFLUSH: 2 }));
const flowActions = oneOf(enumeration("TC???", { TCOOFF: 0, TCOON: 1, TCIOFF: 2, TCION: 3 }));

const interfaceChanges = [SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFMTU];

const argumentsOf = new Map<number, ArgumentType<unknown> | typeof none>([
  [tty.TCGETS, termiosOut],
  [tty.TCSETS, termiosIn],
  [tty.TCSETSW, termiosIn],
  [tty.TCSETSF, termiosIn],
  [tty.TIOCGWINSZ, winsizeOut],
  [tty.TIOCSWINSZ, winsizeIn],
  [tty.TIOCGPGRP, intOut],
  [tty.TIOCSPGRP, intIn],
  [tty.TIOCGSID, intOut],
  [tty.TIOCOUTQ, intOut],
  [tty.FIONREAD, intOut],
  [tty.FIONBIO, intIn],
  [tty.FIOASYNC, intIn],
  [tty.TIOCGPTN, scalarOut(u32())],
  [tty.TIOCSPTLCK, intIn],
  [tty.TIOCGETD, intOut],
  [tty.TIOCSETD, intIn],
  [tty.TCFLSH, queueSelectors],
  [tty.TCXONC, flowActions],
  [tty.TCSBRK, int],
  [tty.TCSBRKP, int],
  [tty.TIOCSCTTY, int],
  [tty.TIOCNOTTY, none],
  [tty.TIOCEXCL, none],
  [tty.TIOCNXCL, none],
  [tty.FIOCLEX, none],
  [tty.FIONCLEX, none],
  [tty.FICLONE, fd],
  [tty.BLKGETSIZE64, scalarOut(u64())],
  [tty.FS_IOC_GETFLAGS, intOut],
  [tty.FS_IOC_SETFLAGS, intIn],
  [tty.SIOCGIFCONF, interfaceList],
  ...interfaceCommands.map((command) => [command, interfaceRequest] as const),
  [SIOCATMARK, intOut],
  [SIOCGPGRP, intOut],
  [FIOGETOWN, intOut],
  [SIOCSPGRP, intIn],
  [FIOSETOWN, intIn],
  ...interfaceChanges.map((command) => [command, address] as const),
]);

export const ioctlArgument: ArgumentType<number> = dependent(hexLong, (c) => {
  const type = argumentsOf.get(c.low("op") >>> 0);
  return type === none ? undefined : (type ?? hexLong);
});
