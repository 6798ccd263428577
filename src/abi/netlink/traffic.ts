// Attributes of traffic control: disciplines, classes, filters, and actions.
import * as t from "../constants/netlink.js";
import { s8, s16, s32, struct, u8, u16, u32, u64 } from "../struct.js";
import { enumeration } from "../tables.js";
import { attributes } from "./attribute.js";
import * as v from "./values.js";

export const tcStats2Attributes = attributes(t.tcaStatsTypes, {
  TCA_STATS_BASIC: v.unpadded(12, struct({ bytes: u64(), packets: u32() })),
  TCA_STATS_RATE_EST: v.struct(struct({ bps: u32(), pps: u32() })),
  TCA_STATS_QUEUE: v.struct(struct({ qlen: u32(), backlog: u32(), drops: u32(), requeues: u32(), overlimits: u32() })),
  TCA_STATS_RATE_EST64: v.struct(struct({ bps: u64(), pps: u64() })),
  TCA_STATS_BASIC_HW: v.unpadded(12, struct({ bytes: u64(), packets: u32() })),
  TCA_STATS_PKT64: v.u64,
});

export const tcStabAttributes = attributes(t.tcaStabTypes, {
  TCA_STAB_BASE: v.struct(
    struct({
      cell_log: u8(),
      size_log: u8(),
      cell_align: s16(),
      overhead: s32(),
      linklayer: u32(),
      mpu: u32(),
      mtu: u32(),
      tsize: u32(),
    }),
  ),
  TCA_STAB_DATA: v.list(u16()),
});

export const tcAttributes = attributes(t.tcaTypes, {
  TCA_KIND: v.text,
  TCA_STATS: v.unpadded(
    36,
    struct({
      bytes: u64(),
      packets: u32(),
      drops: u32(),
      overlimits: u32(),
      bps: u32(),
      pps: u32(),
      qlen: u32(),
      backlog: u32(),
    }),
  ),
  TCA_RATE: v.struct(struct({ interval: s8(), ewma_log: u8() })),
  TCA_FCNT: v.u32,
  TCA_STATS2: v.nested(tcStats2Attributes),
  TCA_STAB: v.nested(tcStabAttributes),
  TCA_CHAIN: v.u32,
  TCA_HW_OFFLOAD: v.u8,
  TCA_INGRESS_BLOCK: v.u32,
  TCA_EGRESS_BLOCK: v.u32,
  TCA_DUMP_FLAGS: v.u32,
  TCA_EXT_WARN_MSG: v.text,
});

export const actionTab0Attributes = attributes(t.tcaActTypes, {
  TCA_ACT_KIND: v.text,
  TCA_ACT_INDEX: v.u32,
  TCA_ACT_STATS: v.nested(tcStats2Attributes),
  TCA_ACT_FLAGS: v.flags(t.tcaActFlagsFlags, 4),
  TCA_ACT_HW_STATS: v.flags(t.tcaActHwStatsFlags, 4),
  TCA_ACT_USED_HW_STATS: v.flags(t.tcaActHwStatsFlags, 4),
  TCA_ACT_IN_HW_COUNT: v.u32,
});

/** Actions in their order: the types are indices. */
export const actionTabAttributes = attributes(enumeration("", {}), {}, v.nested(actionTab0Attributes));

export const actionAttributes = attributes(t.tcaRootTypes, {
  TCA_ROOT_TAB: v.nested(actionTabAttributes),
  TCA_ROOT_FLAGS: v.wideFlags(t.tcaActFlagFlags, 4),
  TCA_ROOT_TIME_DELTA: v.milliseconds,
  TCA_ROOT_COUNT: v.u32,
  TCA_ROOT_EXT_WARN_MSG: v.text,
});
