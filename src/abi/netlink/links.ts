// Attributes of links. See rtnetlink(7).

import * as t from "../constants/netlink.js";
import { AF_BRIDGE, AF_INET6, addressFamilies } from "../constants/network.js";
import { hexLong, oneOf } from "../scalars.js";
import { reserved, s32, struct, u8, u16, u32, u64, unlessZero } from "../struct.js";
import { enumeration } from "../tables.js";
import { type AttributeTable, type AttributeValue, attributes, showAttributes, showHexBytes } from "./attribute.js";
import { portAttributes, specAttributes } from "./bridges.js";
import { linkInfo } from "./link-info.js";
import { linkStatistics } from "./link-statistics.js";
import * as v from "./values.js";

export const linkIflaVfinfoListIflaVfInfoIflaVfStatsAttributes = attributes(t.iflaVfStatsTypes, {
  IFLA_VF_STATS_RX_PACKETS: v.u64,
  IFLA_VF_STATS_TX_PACKETS: v.u64,
  IFLA_VF_STATS_RX_BYTES: v.u64,
  IFLA_VF_STATS_TX_BYTES: v.u64,
  IFLA_VF_STATS_BROADCAST: v.u64,
  IFLA_VF_STATS_MULTICAST: v.u64,
  IFLA_VF_STATS_RX_DROPPED: v.u64,
  IFLA_VF_STATS_TX_DROPPED: v.u64,
});

export const linkIflaVfinfoListIflaVfInfoIflaVfVlanListAttributes = attributes(t.iflaVfVlanInfoTypes, {
  IFLA_VF_VLAN_INFO: v.struct(
    struct({ vf: u32(), vlan: u32(), qos: u32(), vlan_proto: v.etherTypeField, pad: reserved(2) }),
  ),
});

export const linkIflaVfinfoListIflaVfInfoAttributes = attributes(t.iflaVfTypes, {
  IFLA_VF_MAC: v.struct(struct({ vf: u32(), mac: v.hardwareField(32) })),
  IFLA_VF_VLAN: v.struct(struct({ vf: u32(), vlan: u32(), qos: u32() })),
  IFLA_VF_TX_RATE: v.struct(struct({ vf: u32(), rate: u32() })),
  IFLA_VF_SPOOFCHK: v.struct(struct({ vf: u32(), setting: u32() })),
  IFLA_VF_LINK_STATE: v.struct(struct({ vf: u32(), link_state: u32(oneOf(t.iflaVfLinkStateTypes)) })),
  IFLA_VF_RATE: v.struct(struct({ vf: u32(), min_tx_rate: u32(), max_tx_rate: u32() })),
  IFLA_VF_RSS_QUERY_EN: v.struct(struct({ vf: u32(), setting: u32() })),
  IFLA_VF_STATS: v.nested(linkIflaVfinfoListIflaVfInfoIflaVfStatsAttributes),
  IFLA_VF_TRUST: v.struct(struct({ vf: u32(), setting: u32() })),
  IFLA_VF_IB_NODE_GUID: v.struct(struct({ vf: u32(), guid: v.guidField })),
  IFLA_VF_IB_PORT_GUID: v.struct(struct({ vf: u32(), guid: v.guidField })),
  IFLA_VF_VLAN_LIST: v.nested(linkIflaVfinfoListIflaVfInfoIflaVfVlanListAttributes),
  IFLA_VF_BROADCAST: v.struct(struct({ broadcast: v.hardwareField(32) })),
});

export const linkIflaVfinfoListAttributes = attributes(t.iflaVfInfoTypes, {
  IFLA_VF_INFO: v.nested(linkIflaVfinfoListIflaVfInfoAttributes),
});

export const linkIflaVfPortsIflaVfPortAttributes = attributes(t.iflaPortTypes, {
  IFLA_PORT_VF: v.u32,
  IFLA_PORT_PROFILE: v.text,
  IFLA_PORT_VSI_TYPE: v.struct(
    struct({ vsi_mgr_id: u8(), vsi_type_id: v.hexField(3), vsi_type_version: u8(), pad: unlessZero(v.hexField(3)) }),
  ),
  IFLA_PORT_REQUEST: v.u8,
  IFLA_PORT_RESPONSE: v.u16,
});

export const linkIflaVfPortsAttributes = attributes(t.iflaVfPortTypes, {
  IFLA_VF_PORT: v.nested(linkIflaVfPortsIflaVfPortAttributes),
});

/** IPV4_DEVCONF_* count from one, the array from zero. */
const settings = enumeration(
  t.devconf4.unknown,
  Object.fromEntries([...t.devconf4.names].map(([index, name]) => [`${name}-1`, index])),
);

export const linkIflaAfSpecAfInetAttributes = attributes(t.iflaInetTypes, {
  IFLA_INET_CONF: v.indexed(settings, s32()),
});

export const linkIflaAfSpecAfInet6Attributes = attributes(t.iflaInet6Types, {
  IFLA_INET6_FLAGS: v.wideFlags(t.ifFlags, 4),
  IFLA_INET6_CONF: v.indexed(t.devconf, s32()),
  IFLA_INET6_STATS: v.indexed(t.ipstats, u64()),
  IFLA_INET6_CACHEINFO: v.struct(
    struct({ max_reasm_len: u32(), tstamp: u32(), reachable_time: u32(), retrans_time: u32() }),
  ),
  IFLA_INET6_ICMP6STATS: v.indexed(t.icmp6Mib, u64()),
  IFLA_INET6_TOKEN: v.inet6Address,
  IFLA_INET6_ADDR_GEN_MODE: v.notBeyond(8, v.oneOf(t.in6AddrGenModeTypes, 1)),
  IFLA_INET6_RA_MTU: v.u32,
});

export const linkIflaAfSpecAttributes = attributes(addressFamilies, {
  AF_INET: v.nested(linkIflaAfSpecAfInetAttributes),
  AF_INET6: v.nested(linkIflaAfSpecAfInet6Attributes),
});

export const linkIflaXdpAttributes = attributes(t.iflaXdpTypes, {
  IFLA_XDP_FD: v.s32,
  IFLA_XDP_ATTACHED: v.notBeyond(8, v.oneOf(t.xdpAttachedTypes, 1)),
  IFLA_XDP_FLAGS: v.flags(t.xdpFlagsFlags, 4),
  IFLA_XDP_PROG_ID: v.u32,
  IFLA_XDP_DRV_PROG_ID: v.u32,
  IFLA_XDP_SKB_PROG_ID: v.u32,
  IFLA_XDP_HW_PROG_ID: v.u32,
  IFLA_XDP_EXPECTED_FD: v.s32,
});

export const linkIflaPropListAttributes = attributes(t.iflaTypes, {});

export const linkIflaProtoDownReasonAttributes = attributes(t.iflaProtoDownReasonTypes, {
  IFLA_PROTO_DOWN_REASON_MASK: v.x32,
  IFLA_PROTO_DOWN_REASON_VALUE: v.x32,
});

/** Attributes as the message's family has them. */
function byFamily(tables: Readonly<Record<number, AttributeTable>>, others?: AttributeTable): AttributeValue {
  return {
    least: 4,
    show: (c, view, family) => {
      const table = tables[family] ?? others;
      if (table === undefined) showHexBytes(c, view);
      else showAttributes(c, view, table, family);
    },
  };
}

export const linkAttributes = attributes(t.iflaTypes, {
  IFLA_ADDRESS: v.linkAddress,
  IFLA_BROADCAST: v.linkAddress,
  IFLA_IFNAME: v.text,
  IFLA_MTU: v.u32,
  IFLA_LINK: v.u32,
  IFLA_QDISC: v.text,
  IFLA_PROTINFO: byFamily({ [AF_BRIDGE]: portAttributes, [AF_INET6]: linkIflaAfSpecAfInet6Attributes }),
  IFLA_STATS: v.struct(
    struct({
      rx_packets: u32(),
      tx_packets: u32(),
      rx_bytes: u32(),
      tx_bytes: u32(),
      rx_errors: u32(),
      tx_errors: u32(),
      rx_dropped: u32(),
      tx_dropped: u32(),
      multicast: u32(),
      collisions: u32(),
      rx_length_errors: u32(),
      rx_over_errors: u32(),
      rx_crc_errors: u32(),
      rx_frame_errors: u32(),
      rx_fifo_errors: u32(),
      rx_missed_errors: u32(),
      tx_aborted_errors: u32(),
      tx_carrier_errors: u32(),
      tx_fifo_errors: u32(),
      tx_heartbeat_errors: u32(),
      tx_window_errors: u32(),
      rx_compressed: u32(),
      tx_compressed: u32(),
      rx_nohandler: u32(),
    }),
  ),
  IFLA_MASTER: v.u32,
  IFLA_TXQLEN: v.u32,
  IFLA_MAP: v.struct(
    struct({
      mem_start: u64(hexLong),
      mem_end: u64(hexLong),
      base_addr: u64(hexLong),
      irq: u16(),
      dma: u8(),
      port: u8(),
    }),
  ),
  IFLA_WEIGHT: v.u32,
  IFLA_OPERSTATE: v.u8,
  IFLA_LINKMODE: v.u8,
  IFLA_LINKINFO: linkInfo,
  IFLA_NET_NS_PID: v.u32,
  IFLA_IFALIAS: v.text,
  IFLA_NUM_VF: v.u32,
  IFLA_VFINFO_LIST: v.nested(linkIflaVfinfoListAttributes),
  IFLA_STATS64: linkStatistics,
  IFLA_VF_PORTS: v.nested(linkIflaVfPortsAttributes),
  IFLA_PORT_SELF: v.nested(linkIflaVfPortsIflaVfPortAttributes),
  IFLA_AF_SPEC: byFamily({ [AF_BRIDGE]: specAttributes }, linkIflaAfSpecAttributes),
  IFLA_GROUP: v.u32,
  IFLA_NET_NS_FD: v.s32,
  IFLA_EXT_MASK: v.wideFlags(t.rtextFilterFlags, 4),
  IFLA_PROMISCUITY: v.u32,
  IFLA_NUM_TX_QUEUES: v.u32,
  IFLA_NUM_RX_QUEUES: v.u32,
  IFLA_CARRIER: v.u8,
  IFLA_CARRIER_CHANGES: v.u32,
  IFLA_LINK_NETNSID: v.s32,
  IFLA_PHYS_PORT_NAME: v.text,
  IFLA_PROTO_DOWN: v.u8,
  IFLA_GSO_MAX_SEGS: v.u32,
  IFLA_GSO_MAX_SIZE: v.u32,
  IFLA_XDP: v.nested(linkIflaXdpAttributes),
  IFLA_EVENT: v.oneOf(t.iflaEventTypes, 4),
  IFLA_NEW_NETNSID: v.s32,
  IFLA_IF_NETNSID: v.s32,
  IFLA_CARRIER_UP_COUNT: v.u32,
  IFLA_CARRIER_DOWN_COUNT: v.u32,
  IFLA_NEW_IFINDEX: v.interfaceIndex,
  IFLA_MIN_MTU: v.u32,
  IFLA_MAX_MTU: v.u32,
  IFLA_PROP_LIST: v.nested(linkIflaPropListAttributes),
  IFLA_ALT_IFNAME: v.text,
  IFLA_PERM_ADDRESS: v.linkAddress,
  IFLA_PROTO_DOWN_REASON: v.nested(linkIflaProtoDownReasonAttributes),
  IFLA_PARENT_DEV_NAME: v.text,
  IFLA_PARENT_DEV_BUS_NAME: v.text,
  IFLA_GRO_MAX_SIZE: v.u32,
  IFLA_TSO_MAX_SIZE: v.u32,
  IFLA_TSO_MAX_SEGS: v.u32,
  IFLA_ALLMULTI: v.u32,
  IFLA_DEVLINK_PORT: v.u32,
  IFLA_GSO_IPV4_MAX_SIZE: v.u32,
  IFLA_GRO_IPV4_MAX_SIZE: v.u32,
  IFLA_MAX_PACING_OFFLOAD_HORIZON: v.u64,
  IFLA_NETNS_IMMUTABLE: v.u8,
  IFLA_HEADROOM: v.u16,
  IFLA_TAILROOM: v.u16,
});
