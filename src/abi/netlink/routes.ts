// Attributes of routing rules and next hops.

import * as t from "../constants/netlink.js";
import { inetProtocols } from "../constants/network.js";
import { hexInt } from "../scalars.js";
import { struct, u8, u16, u32, unlessZero } from "../struct.js";
import { attributes } from "./attribute.js";
import * as v from "./values.js";

export const ruleAttributes = attributes(t.fraTypes, {
  FRA_DST: v.familyAddress,
  FRA_SRC: v.familyAddress,
  FRA_IIFNAME: v.text,
  FRA_GOTO: v.u32,
  FRA_PRIORITY: v.u32,
  FRA_FWMARK: v.u32,
  FRA_FLOW: v.u32,
  FRA_TUN_ID: v.htobe64,
  FRA_SUPPRESS_IFGROUP: v.u32,
  FRA_SUPPRESS_PREFIXLEN: v.u32,
  FRA_TABLE: v.oneOf(t.rtTableTypes, 4),
  FRA_FWMASK: v.u32,
  FRA_OIFNAME: v.text,
  FRA_L3MDEV: v.u8,
  FRA_UID_RANGE: v.struct(struct({ start: u32(), end: u32() })),
  FRA_PROTOCOL: v.oneOf(t.rtprotTypes, 1),
  FRA_IP_PROTO: v.wideOneOf(inetProtocols, 1),
  FRA_SPORT_RANGE: v.struct(struct({ start: u16(), end: u16() })),
  FRA_DPORT_RANGE: v.struct(struct({ start: u16(), end: u16() })),
  FRA_DSCP: v.u8,
  FRA_FLOWLABEL: v.htonl,
  FRA_FLOWLABEL_MASK: v.htonl,
  FRA_SPORT_MASK: v.x16,
  FRA_DPORT_MASK: v.x16,
  FRA_DSCP_MASK: v.x8,
});

export const nexthopGroupAttributes = attributes(t.nhaResGroupTypes, {
  NHA_RES_GROUP_BUCKETS: v.u16,
  NHA_RES_GROUP_IDLE_TIMER: v.centiseconds,
  NHA_RES_GROUP_UNBALANCED_TIMER: v.centiseconds,
  NHA_RES_GROUP_UNBALANCED_TIME: v.centiseconds,
});

export const nexthopBucketAttributes = attributes(t.nhaResBucketTypes, {
  NHA_RES_BUCKET_INDEX: v.u16,
  NHA_RES_BUCKET_IDLE_TIME: v.centiseconds,
  NHA_RES_BUCKET_NH_ID: v.u32,
});

export const nexthopAttributes = attributes(t.nhaTypes, {
  NHA_ID: v.u32,
  NHA_GROUP: v.structs(struct({ id: u32(), weight: u8(), weight_high: u8(), resvd2: unlessZero(u16(hexInt)) })),
  NHA_GROUP_TYPE: v.notBeyond(8, v.oneOf(t.nexthopGrpTypeTypes, 2)),
  NHA_BLACKHOLE: v.u32,
  NHA_OIF: v.interfaceIndex,
  NHA_GATEWAY: v.familyAddress,
  NHA_ENCAP_TYPE: v.oneOf(t.lwtunnelEncapTypes, 2),
  NHA_GROUPS: v.u32,
  NHA_MASTER: v.interfaceIndex,
  NHA_FDB: v.u32,
  NHA_RES_GROUP: v.nested(nexthopGroupAttributes),
  NHA_RES_BUCKET: v.nested(nexthopBucketAttributes),
});
