// Attributes of statistics, of what interfaces are configured to do, of multicast databases and of namespaces.

import * as t from "../constants/netlink.js";
import { addressFamilies } from "../constants/network.js";
import { flagsOf, hexInt } from "../scalars.js";
import { struct, u16, u32, u64 } from "../struct.js";
import { attributes } from "./attribute.js";
import { linkStatistics } from "./link-statistics.js";
import * as v from "./values.js";

export const statsIflaStatsLinkXstatsLinkXstatsTypeBridgeAttributes = attributes(t.bridgeXstatsTypes, {
  BRIDGE_XSTATS_VLAN: v.struct(
    struct({
      rx_bytes: u64(),
      rx_packets: u64(),
      tx_bytes: u64(),
      tx_packets: u64(),
      vid: u16(),
      flags: u16(flagsOf(t.bridgeVlanInfoFlags)),
      pad2: u32(hexInt),
    }),
  ),
  BRIDGE_XSTATS_STP: v.struct(
    struct({
      transition_blk: u64(),
      transition_fwd: u64(),
      rx_bpdu: u64(),
      tx_bpdu: u64(),
      rx_tcn: u64(),
      tx_tcn: u64(),
    }),
  ),
});

export const statsIflaStatsLinkXstatsLinkXstatsTypeBondBondXstats3adAttributes = attributes(t.bond3adStatTypes, {
  BOND_3AD_STAT_LACPDU_RX: v.u64,
  BOND_3AD_STAT_LACPDU_TX: v.u64,
  BOND_3AD_STAT_LACPDU_UNKNOWN_RX: v.u64,
  BOND_3AD_STAT_LACPDU_ILLEGAL_RX: v.u64,
  BOND_3AD_STAT_MARKER_RX: v.u64,
  BOND_3AD_STAT_MARKER_TX: v.u64,
  BOND_3AD_STAT_MARKER_RESP_RX: v.u64,
  BOND_3AD_STAT_MARKER_RESP_TX: v.u64,
  BOND_3AD_STAT_MARKER_UNKNOWN_RX: v.u64,
});

export const statsIflaStatsLinkXstatsLinkXstatsTypeBondAttributes = attributes(t.bondXstatsTypes, {
  BOND_XSTATS_3AD: v.nested(statsIflaStatsLinkXstatsLinkXstatsTypeBondBondXstats3adAttributes),
});

export const statsIflaStatsLinkXstatsAttributes = attributes(t.linkXstatsTypeTypes, {
  LINK_XSTATS_TYPE_BRIDGE: v.nested(statsIflaStatsLinkXstatsLinkXstatsTypeBridgeAttributes),
  LINK_XSTATS_TYPE_BOND: v.nested(statsIflaStatsLinkXstatsLinkXstatsTypeBondAttributes),
});

export const statsIflaStatsLinkOffloadXstatsAttributes = attributes(t.iflaOffloadXstatsTypes, {
  IFLA_OFFLOAD_XSTATS_CPU_HIT: linkStatistics,
});

export const statsIflaStatsAfSpecAfMplsAttributes = attributes(t.mplsStatsTypes, {
  MPLS_STATS_LINK: v.struct(
    struct({
      rx_packets: u64(),
      tx_packets: u64(),
      rx_bytes: u64(),
      tx_bytes: u64(),
      rx_errors: u64(),
      tx_errors: u64(),
      rx_dropped: u64(),
      tx_dropped: u64(),
    }),
  ),
});

export const statsIflaStatsAfSpecAttributes = attributes(addressFamilies, {
  AF_MPLS: v.nested(statsIflaStatsAfSpecAfMplsAttributes),
});

export const statsAttributes = attributes(t.iflaStatsTypes, {
  IFLA_STATS_LINK_64: linkStatistics,
  IFLA_STATS_LINK_XSTATS: v.nested(statsIflaStatsLinkXstatsAttributes),
  IFLA_STATS_LINK_XSTATS_SLAVE: v.nested(statsIflaStatsLinkXstatsAttributes),
  IFLA_STATS_LINK_OFFLOAD_XSTATS: v.nested(statsIflaStatsLinkOffloadXstatsAttributes),
  IFLA_STATS_AF_SPEC: v.nested(statsIflaStatsAfSpecAttributes),
});

export const netconfAttributes = attributes(t.netconfaTypes, {
  NETCONFA_IFINDEX: v.interfaceIndex,
  NETCONFA_FORWARDING: v.s32,
  NETCONFA_RP_FILTER: v.s32,
  NETCONFA_MC_FORWARDING: v.s32,
  NETCONFA_PROXY_NEIGH: v.s32,
  NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN: v.s32,
  NETCONFA_INPUT: v.s32,
  NETCONFA_BC_FORWARDING: v.s32,
  NETCONFA_FORCE_FORWARDING: v.s32,
});

export const dcbAttributes = attributes(t.dcbAttrTypes, {});

export const mdbMdbEntryAttributes = attributes(t.mdbaMdbEntryTypes, {});

export const mdbMdbAttributes = attributes(t.mdbaMdbTypes, {
  MDBA_MDB_ENTRY: v.nested(mdbMdbEntryAttributes),
});

const routerPort = attributes(t.routerPortTypes, {
  MDBA_ROUTER_PATTR_TIMER: v.centiseconds,
  MDBA_ROUTER_PATTR_TYPE: v.oneOf(t.routerTypes, 1),
  MDBA_ROUTER_PATTR_INET_TIMER: v.centiseconds,
  MDBA_ROUTER_PATTR_INET6_TIMER: v.centiseconds,
});

export const mdbRouterAttributes = attributes(t.mdbaRouterTypes, {
  MDBA_ROUTER_PORT: v.followed(v.interfaceIndex, routerPort),
});

export const mdbAttributes = attributes(t.mdbaTypes, {
  MDBA_MDB: v.nested(mdbMdbAttributes),
  MDBA_ROUTER: v.nested(mdbRouterAttributes),
});

export const nsidAttributes = attributes(t.netnsaTypes, {
  NETNSA_NSID: v.s32,
  NETNSA_PID: v.u32,
  NETNSA_FD: v.s32,
  NETNSA_TARGET_NSID: v.s32,
  NETNSA_CURRENT_NSID: v.s32,
});
