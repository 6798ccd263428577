// Attributes of bridges and of their ports. See linux/if_link.h and linux/if_bridge.h.

import * as t from "../constants/netlink.js";
import { flagsOf } from "../scalars.js";
import { bytes, struct, subview, u16, u32 } from "../struct.js";
import { flagSet } from "../tables.js";
import { type AttributeValue, attributes, showHexBytes } from "./attribute.js";
import * as v from "./values.js";

const priority = bytes(2, (c, view, at) => {
  c.out.punct("[");
  c.out.number(view.getUint8(at).toString());
  c.out.punct(", ");
  c.out.number(view.getUint8(at + 1).toString());
  c.out.punct("]");
});
/** struct ifla_bridge_id. */
const bridgeId = v.struct(struct({ prio: priority, addr: v.hardwareField(6) }));

const VLAN_INFO = struct({ flags: u16(flagsOf(t.bridgeVlanInfoFlags)), vid: u16() });

/** struct bridge_vlan_info, and what there is behind it. */
const vlanInfo: AttributeValue = {
  least: VLAN_INFO.size(),
  show: (c, view) => {
    VLAN_INFO.show(c, view);
    const size = VLAN_INFO.size();
    if (view.byteLength <= size) return;
    c.out.punct(", ");
    showHexBytes(c, subview(view, size, view.byteLength - size));
  },
};

/** IFLA_PROTINFO of AF_BRIDGE, IFLA_INFO_SLAVE_DATA of a port. */
export const portAttributes = attributes(t.brportTypes, {
  IFLA_BRPORT_STATE: v.u8,
  IFLA_BRPORT_PRIORITY: v.u16,
  IFLA_BRPORT_COST: v.u32,
  IFLA_BRPORT_MODE: v.u8,
  IFLA_BRPORT_GUARD: v.u8,
  IFLA_BRPORT_PROTECT: v.u8,
  IFLA_BRPORT_FAST_LEAVE: v.u8,
  IFLA_BRPORT_LEARNING: v.u8,
  IFLA_BRPORT_UNICAST_FLOOD: v.u8,
  IFLA_BRPORT_PROXYARP: v.u8,
  IFLA_BRPORT_LEARNING_SYNC: v.u8,
  IFLA_BRPORT_PROXYARP_WIFI: v.u8,
  IFLA_BRPORT_ROOT_ID: bridgeId,
  IFLA_BRPORT_BRIDGE_ID: bridgeId,
  IFLA_BRPORT_DESIGNATED_PORT: v.u16,
  IFLA_BRPORT_DESIGNATED_COST: v.u16,
  IFLA_BRPORT_ID: v.u16,
  IFLA_BRPORT_NO: v.u16,
  IFLA_BRPORT_TOPOLOGY_CHANGE_ACK: v.u8,
  IFLA_BRPORT_CONFIG_PENDING: v.u8,
  IFLA_BRPORT_MESSAGE_AGE_TIMER: v.centiseconds,
  IFLA_BRPORT_FORWARD_DELAY_TIMER: v.centiseconds,
  IFLA_BRPORT_HOLD_TIMER: v.centiseconds,
  IFLA_BRPORT_MULTICAST_ROUTER: v.u8,
  IFLA_BRPORT_MCAST_FLOOD: v.u8,
  IFLA_BRPORT_MCAST_TO_UCAST: v.u8,
  IFLA_BRPORT_VLAN_TUNNEL: v.u8,
  IFLA_BRPORT_BCAST_FLOOD: v.u8,
  IFLA_BRPORT_GROUP_FWD_MASK: v.x16,
  IFLA_BRPORT_NEIGH_SUPPRESS: v.u8,
  IFLA_BRPORT_ISOLATED: v.u8,
  IFLA_BRPORT_BACKUP_PORT: v.interfaceIndex,
  IFLA_BRPORT_MRP_RING_OPEN: v.u8,
  IFLA_BRPORT_MRP_IN_OPEN: v.u8,
  IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT: v.u32,
  IFLA_BRPORT_MCAST_EHT_HOSTS_CNT: v.u32,
  IFLA_BRPORT_LOCKED: v.u8,
  IFLA_BRPORT_MAB: v.u8,
  IFLA_BRPORT_MCAST_N_GROUPS: v.u32,
  IFLA_BRPORT_MCAST_MAX_GROUPS: v.u32,
  IFLA_BRPORT_NEIGH_VLAN_SUPPRESS: v.u8,
  IFLA_BRPORT_BACKUP_NHID: v.u32,
  IFLA_BRPORT_NEIGH_FORWARD_GRAT: v.u8,
});

const tunnel = attributes(t.bridgeTunnelTypes, {
  IFLA_BRIDGE_VLAN_TUNNEL_ID: v.u32,
  IFLA_BRIDGE_VLAN_TUNNEL_VID: v.u16,
  IFLA_BRIDGE_VLAN_TUNNEL_FLAGS: v.wideFlags(t.bridgeVlanInfoFlags, 2),
});

/** IFLA_AF_SPEC of AF_BRIDGE. */
export const specAttributes = attributes(t.bridgeSpecTypes, {
  IFLA_BRIDGE_FLAGS: v.wideFlags(t.bridgeFlags, 2),
  IFLA_BRIDGE_MODE: v.notBeyond(8, v.oneOf(t.bridgeModes, 2)),
  IFLA_BRIDGE_VLAN_INFO: vlanInfo,
  IFLA_BRIDGE_VLAN_TUNNEL_INFO: v.nested(tunnel),
});

const querier = attributes(t.bridgeQuerierTypes, {
  BRIDGE_QUERIER_IP_ADDRESS: v.inetAddress,
  BRIDGE_QUERIER_IP_PORT: v.interfaceIndex,
  BRIDGE_QUERIER_IP_OTHER_TIMER: v.centiseconds,
  BRIDGE_QUERIER_IPV6_ADDRESS: v.inet6Address,
  BRIDGE_QUERIER_IPV6_PORT: v.interfaceIndex,
  BRIDGE_QUERIER_IPV6_OTHER_TIMER: v.centiseconds,
});

const booleans = flagsOf(
  flagSet("1<<BR_BOOLOPT_???", {
    "1<<BR_BOOLOPT_NO_LL_LEARN": 1 << t.BR_BOOLOPT_NO_LL_LEARN,
    "1<<BR_BOOLOPT_MCAST_VLAN_SNOOPING": 1 << t.BR_BOOLOPT_MCAST_VLAN_SNOOPING,
    "1<<BR_BOOLOPT_MST_ENABLE": 1 << t.BR_BOOLOPT_MST_ENABLE,
    "1<<BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION": 1 << t.BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION,
    "1<<BR_BOOLOPT_FDB_LOCAL_VLAN_0": 1 << t.BR_BOOLOPT_FDB_LOCAL_VLAN_0,
  }),
);

/** IFLA_INFO_DATA of a bridge. */
export const bridgeAttributes = attributes(t.bridgeTypes, {
  IFLA_BR_FORWARD_DELAY: v.centiseconds,
  IFLA_BR_HELLO_TIME: v.centiseconds,
  IFLA_BR_MAX_AGE: v.centiseconds,
  IFLA_BR_AGEING_TIME: v.centiseconds,
  IFLA_BR_STP_STATE: v.u32,
  IFLA_BR_PRIORITY: v.u16,
  IFLA_BR_VLAN_FILTERING: v.u8,
  IFLA_BR_VLAN_PROTOCOL: v.notBeyond(8, v.etherType),
  IFLA_BR_GROUP_FWD_MASK: v.x16,
  IFLA_BR_ROOT_ID: bridgeId,
  IFLA_BR_BRIDGE_ID: bridgeId,
  IFLA_BR_ROOT_PORT: v.u16,
  IFLA_BR_ROOT_PATH_COST: v.u32,
  IFLA_BR_TOPOLOGY_CHANGE: v.u8,
  IFLA_BR_TOPOLOGY_CHANGE_DETECTED: v.u8,
  IFLA_BR_HELLO_TIMER: v.centiseconds,
  IFLA_BR_TCN_TIMER: v.centiseconds,
  IFLA_BR_TOPOLOGY_CHANGE_TIMER: v.centiseconds,
  IFLA_BR_GC_TIMER: v.centiseconds,
  IFLA_BR_GROUP_ADDR: v.hardwareAddress,
  IFLA_BR_MCAST_ROUTER: v.u8,
  IFLA_BR_MCAST_SNOOPING: v.u8,
  IFLA_BR_MCAST_QUERY_USE_IFADDR: v.u8,
  IFLA_BR_MCAST_QUERIER: v.u8,
  IFLA_BR_MCAST_HASH_ELASTICITY: v.u32,
  IFLA_BR_MCAST_HASH_MAX: v.u32,
  IFLA_BR_MCAST_LAST_MEMBER_CNT: v.u32,
  IFLA_BR_MCAST_STARTUP_QUERY_CNT: v.u32,
  IFLA_BR_MCAST_LAST_MEMBER_INTVL: v.centiseconds,
  IFLA_BR_MCAST_MEMBERSHIP_INTVL: v.centiseconds,
  IFLA_BR_MCAST_QUERIER_INTVL: v.centiseconds,
  IFLA_BR_MCAST_QUERY_INTVL: v.centiseconds,
  IFLA_BR_MCAST_QUERY_RESPONSE_INTVL: v.centiseconds,
  IFLA_BR_MCAST_STARTUP_QUERY_INTVL: v.centiseconds,
  IFLA_BR_NF_CALL_IPTABLES: v.u8,
  IFLA_BR_NF_CALL_IP6TABLES: v.u8,
  IFLA_BR_NF_CALL_ARPTABLES: v.u8,
  IFLA_BR_VLAN_DEFAULT_PVID: v.u16,
  IFLA_BR_VLAN_STATS_ENABLED: v.u8,
  IFLA_BR_MCAST_STATS_ENABLED: v.u8,
  IFLA_BR_MCAST_IGMP_VERSION: v.u8,
  IFLA_BR_MCAST_MLD_VERSION: v.u8,
  IFLA_BR_VLAN_STATS_PER_PORT: v.u8,
  IFLA_BR_MULTI_BOOLOPT: v.struct(struct({ optval: u32(booleans), optmask: u32(booleans) })),
  IFLA_BR_MCAST_QUERIER_STATE: v.nested(querier),
  IFLA_BR_FDB_N_LEARNED: v.u32,
  IFLA_BR_FDB_MAX_LEARNED: v.u32,
  IFLA_BR_STP_MODE: v.notBeyond(8, v.oneOf(t.bridgeStpModes, 4)),
});
