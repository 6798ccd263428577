// What quotactl's command takes: an id or not, and what is at the address.
import { type ArgumentType, dependent } from "./argument.js";
import * as tables from "./constants/mounts.js";
import { address, flagsOf, oneOf, unsignedInt, userId } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { path } from "./strings.js";
import { type Fields, type Struct, scalarIn, struct, structIn, u32, u64 } from "./struct.js";

const limits = {
  dqb_bhardlimit: u64(),
  dqb_bsoftlimit: u64(),
  dqb_curspace: u64(),
  dqb_ihardlimit: u64(),
  dqb_isoftlimit: u64(),
  dqb_curinodes: u64(),
};
const quota = struct(
  { ...limits, dqb_btime: u64(), dqb_itime: u64(), dqb_valid: u32(flagsOf(tables.quotaFields)) },
  { abbreviated: Object.keys(limits) },
);
const information = struct({
  dqi_bgrace: u64(),
  dqi_igrace: u64(),
  dqi_flags: u32(flagsOf(tables.quotaInfoFlags)),
  dqi_valid: u32(flagsOf(tables.quotaInfoFields)),
});

interface Command {
  readonly id?: ArgumentType<unknown>;
  readonly data?: ArgumentType<unknown>;
}

const commands: Readonly<Record<number, Command>> = {
  [tables.Q_SYNC]: {},
  [tables.Q_QUOTAON]: { id: oneOf(tables.quotaFormats), data: path },
  [tables.Q_QUOTAOFF]: {},
  [tables.Q_GETFMT]: { data: address },
  [tables.Q_GETINFO]: { data: address },
  [tables.Q_SETINFO]: { data: structIn(information as Struct<Fields>) },
  [tables.Q_SETQUOTA]: { id: userId, data: structIn(quota as Struct<Fields>) },
  [tables.Q_XQUOTAON]: { data: scalarIn(u32(flagsOf(tables.xfsQuotaStates))) },
  [tables.Q_XQUOTAOFF]: { data: scalarIn(u32(flagsOf(tables.xfsQuotaStates))) },
  [tables.Q_XQUOTARM]: { data: scalarIn(u32(flagsOf(tables.xfsQuotaTypes))) },
};
const other: Command = { id: userId, data: address };

const commandOf = (c: ShowContext): Command => commands[c.low("op") >>> 8] ?? other;

export const quotaId: ArgumentType<number> = dependent(unsignedInt, (c) => commandOf(c).id);
export const quotaData: ArgumentType<number> = dependent(address, (c) => commandOf(c).data);
