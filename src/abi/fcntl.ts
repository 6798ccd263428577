// fcntl's commands: what each takes as its third argument and what its result means.

import { type ArgumentType, dependent } from "./argument.js";
import {
  F_ADD_SEALS,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_DUPFD_QUERY,
  F_GET_FILE_RW_HINT,
  F_GET_RW_HINT,
  F_GET_SEALS,
  F_GETDELEG,
  F_GETFD,
  F_GETFL,
  F_GETLEASE,
  F_GETLK,
  F_GETLK64,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETOWNER_UIDS,
  F_GETPIPE_SZ,
  F_GETSIG,
  F_NOTIFY,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_SET_FILE_RW_HINT,
  F_SET_RW_HINT,
  F_SETDELEG,
  F_SETFD,
  F_SETFL,
  F_SETLEASE,
  F_SETLK,
  F_SETLK64,
  F_SETLKW,
  F_SETLKW64,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETPIPE_SZ,
  F_SETSIG,
  fcntlCommands,
  fdFlags,
  lockTypes,
  notifyFlags,
  ownerTypes,
  rwHints,
  sealFlags,
} from "./constants/files.js";
import { fd, pid } from "./descriptors.js";
import { hex } from "./digits.js";
import { capture } from "./events.js";
import { flock64In, flock64Out, flockIn, flockOut, openFlags, openFlagsResult } from "./files.js";
import {
  address,
  flagsOf,
  hexInt,
  hexLong,
  int,
  long,
  longFlagsOf,
  longOneOf,
  oneOf,
  unsignedLong,
} from "./scalars.js";
import type { ShowContext } from "./show.js";
import { signalNumber } from "./signals.js";
import {
  type Fields,
  type Struct,
  s32,
  scalarIn,
  scalarOut,
  struct,
  structIn,
  structOut,
  u16,
  u32,
  u64,
} from "./struct.js";
import { type FlagSet, showEnumeration, showFlags } from "./tables.js";

const owner = struct({ type: s32(oneOf(ownerTypes)), pid: s32() });
const delegation = struct({ d_flags: u32(hexInt), d_type: u16(oneOf(lockTypes)), __pad: u16(hexInt) });
const hint = u64({ receive: (low) => low, show: (c, low, high) => showEnumeration(c, rwHints, low, high) });

function flagsResult(label: string, table: FlagSet): ArgumentType<number> {
  return {
    receive: (low) => low,
    show: (c, low) => {
      c.out.number(hex(low));
      const known = table.low.some((bits) => (low & bits) === bits);
      if (low !== 0) c.auxiliary = `${label} ${known ? capture(c, () => showFlags(c, table, low)) : hex(low)}`;
    },
  };
}

interface Command {
  /** The third argument; absent when the command has none. */
  readonly argument?: ArgumentType<unknown>;
  readonly returns?: ArgumentType<unknown>;
}

const commands: Readonly<Record<number, Command>> = {
  [F_DUPFD]: { argument: unsignedLong, returns: fd },
  [F_DUPFD_CLOEXEC]: { argument: unsignedLong, returns: fd },
  [F_DUPFD_QUERY]: { argument: fd },
  [F_GETFD]: { returns: flagsResult("flags", fdFlags) },
  [F_SETFD]: { argument: flagsOf(fdFlags) },
  [F_GETFL]: { returns: openFlagsResult },
  [F_SETFL]: { argument: openFlags },
  [F_GETLK]: { argument: flockOut },
  [F_SETLK]: { argument: flockIn },
  [F_SETLKW]: { argument: flockIn },
  [F_GETLK64]: { argument: flock64Out },
  [F_SETLK64]: { argument: flock64In },
  [F_SETLKW64]: { argument: flock64In },
  [F_OFD_GETLK]: { argument: flock64Out },
  [F_OFD_SETLK]: { argument: flock64In },
  [F_OFD_SETLKW]: { argument: flock64In },
  [F_GETOWN]: { returns: pid },
  [F_SETOWN]: { argument: pid },
  [F_GETOWN_EX]: { argument: structOut(owner as Struct<Fields>) },
  [F_SETOWN_EX]: { argument: structIn(owner as Struct<Fields>) },
  [F_GETOWNER_UIDS]: { argument: address },
  [F_GETSIG]: {
    returns: {
      receive: int.receive,
      show: (c, low) => {
        c.out.number(low.toString());
        if (low !== 0) c.auxiliary = capture(c, () => signalNumber.show(c, low, 0));
      },
    },
  },
  [F_SETSIG]: { argument: signalNumber },
  [F_SETLEASE]: { argument: longOneOf(lockTypes) },
  [F_GETLEASE]: {
    returns: {
      receive: int.receive,
      show: (c, low) => {
        c.out.number(hex(low));
        c.auxiliary = lockTypes.names.get(low);
      },
    },
  },
  [F_GETDELEG]: { argument: structOut(delegation as Struct<Fields>) },
  [F_SETDELEG]: { argument: structIn(delegation as Struct<Fields>) },
  [F_NOTIFY]: { argument: longFlagsOf(notifyFlags) },
  [F_SETPIPE_SZ]: { argument: unsignedLong },
  [F_GETPIPE_SZ]: {},
  [F_ADD_SEALS]: { argument: longFlagsOf(sealFlags) },
  [F_GET_SEALS]: { returns: flagsResult("seals", sealFlags) },
  [F_GET_RW_HINT]: { argument: scalarOut(hint) },
  [F_SET_RW_HINT]: { argument: scalarIn(hint) },
  [F_GET_FILE_RW_HINT]: { argument: scalarOut(hint) },
  [F_SET_FILE_RW_HINT]: { argument: scalarIn(hint) },
};

export const fcntlCommand = oneOf(fcntlCommands);

/** Commands of i386 alone, for locks of 64 bits. */
const wideLocks: readonly number[] = [F_GETLK64, F_SETLK64, F_SETLKW64];

/** fcntl's third argument and result, with the commands it has. */
function argumentsOf(hasWideLocks: boolean): [argument: ArgumentType<number>, result: ArgumentType<number>] {
  const find = (c: ShowContext): Command | undefined => {
    const command = c.low("op");
    return wideLocks.includes(command) && !hasWideLocks ? undefined : commands[command];
  };
  return [
    dependent(unsignedLong, (c) => {
      const command = find(c);
      return command === undefined ? hexLong : command.argument;
    }),
    dependent(long, (c) => find(c)?.returns ?? long),
  ];
}

export const [fcntlArgument, fcntlResult] = argumentsOf(false);
/** i386's fcntl64. */
export const [fcntl64Argument, fcntl64Result] = argumentsOf(true);
