// NETLINK_ROUTE: links, addresses, routes, neighbours, traffic control and what else is configured by it. See rtnetlink(7).

import * as interfaces from "../constants/interfaces.js";
import { interfaceFlags } from "../constants/interfaces.js";
import * as t from "../constants/netlink.js";
import { addressFamilies } from "../constants/network.js";
import { flagsOf, hexInt, oneOf } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { reserved, struct, subview, u8, u16, u32, u64, unlessZero } from "../struct.js";
import { type FlagSet, flagSet, showEnumeration } from "../tables.js";
import { type AttributeTable, type AttributeValue, attributes, showAttributes, showSequence } from "./attribute.js";
import { linkAttributes } from "./links.js";
import { addrAttributes, addrlabelAttributes, neighAttributes, neightblAttributes } from "./neighbours.js";
import { type Payload, type Protocol, showFamilyAndData, showPayload, typesOf } from "./payload.js";
import { nexthopAttributes, ruleAttributes } from "./routes.js";
import { dcbAttributes, mdbAttributes, netconfAttributes, nsidAttributes, statsAttributes } from "./statistics.js";
import { actionAttributes, tcAttributes } from "./traffic.js";
import * as v from "./values.js";

const family = u8(oneOf(addressFamilies));

/** Metrics are numbers, but for the name of the congestion control and for what is newer. */
const metricAttributes = attributes(t.rtaxTypes, {
  ...Object.fromEntries([...t.rtaxTypes.names.values()].map((name) => [name, v.u32])),
  RTAX_UNSPEC: v.hex,
  RTAX_CC_ALGO: v.text,
  RTAX_FASTOPEN_NO_COOKIE: v.hex,
});

/** struct rtvia: a family and an address of it. */
const via: AttributeValue = {
  least: 2,
  show: (c, view) => {
    const ofFamily = view.getUint16(0, true);
    c.out.punct("{");
    c.out.name("rtvia_family");
    c.out.punct("=");
    showEnumeration(c, addressFamilies, ofFamily);
    if (view.byteLength > 2) {
      c.out.punct(", ");
      c.out.name("rtvia_addr");
      c.out.punct("=");
      const value = subview(view, 2, view.byteLength - 2);
      v.familyAddress.show(c, value, ofFamily);
    }
    c.out.punct("}");
  },
};

const routeValues: Record<string, AttributeValue> = {
  RTA_DST: v.familyAddress,
  RTA_SRC: v.familyAddress,
  RTA_IIF: v.interfaceIndex,
  RTA_OIF: v.interfaceIndex,
  RTA_GATEWAY: v.familyAddress,
  RTA_PRIORITY: v.u32,
  RTA_PREFSRC: v.familyAddress,
  RTA_METRICS: v.nested(metricAttributes),
  RTA_PROTOINFO: v.u32,
  RTA_FLOW: v.u32,
  RTA_CACHEINFO: v.struct(
    struct({
      rta_clntref: u32(),
      rta_lastuse: u32(),
      rta_expires: u32(),
      rta_error: u32(),
      rta_used: u32(),
      rta_id: u32(hexInt),
      rta_ts: u32(),
      rta_tsage: u32(),
    }),
  ),
  RTA_MP_ALGO: v.u32,
  RTA_TABLE: v.oneOf(t.rtTableTypes2, 4),
  RTA_MARK: v.u32,
  RTA_MFC_STATS: v.struct(struct({ mfcs_packets: u64(), mfcs_bytes: u64(), mfcs_wrong_if: u64() })),
  RTA_VIA: via,
  RTA_NEWDST: v.familyAddress,
  RTA_PREF: v.u8,
  RTA_ENCAP_TYPE: v.oneOf(t.lwtunnelEncapTypes, 2),
  RTA_EXPIRES: v.u64,
  RTA_UID: v.u32,
  RTA_TTL_PROPAGATE: v.u8,
  RTA_IP_PROTO: v.u8,
  RTA_SPORT: v.u16,
  RTA_DPORT: v.u16,
  RTA_NH_ID: v.u32,
  RTA_FLOWLABEL: v.htonl,
};

const nextHop = struct({
  rtnh_len: u16(),
  rtnh_flags: u8(flagsOf(t.rtnhFlags)),
  rtnh_hops: u8(),
  rtnh_ifindex: v.interfaceField,
});

/** Next hops, each with attributes of its own. */
const multipath: AttributeValue = {
  least: 8,
  show: (c, view, ofFamily) =>
    showSequence(
      c,
      view,
      8,
      (element) => element.getUint16(0, true),
      (element) => {
        const hasAttributes = element.byteLength > 8;
        if (hasAttributes) c.out.punct("[");
        nextHop.show(c, element);
        if (!hasAttributes) return;
        c.out.punct(", ");
        showAttributes(c, subview(element, 8, element.byteLength - 8), routeAttributes, ofFamily);
        c.out.punct("]");
      },
    ),
};

const routeAttributes: AttributeTable = attributes(t.rtaTypes, { ...routeValues, RTA_MULTIPATH: multipath });

const statisticsMask = flagSet("IFLA_STATS_???", {
  "1<<IFLA_STATS_UNSPEC": 1 << t.IFLA_STATS_UNSPEC,
  "1<<IFLA_STATS_LINK_64": 1 << t.IFLA_STATS_LINK_64,
  "1<<IFLA_STATS_LINK_XSTATS": 1 << t.IFLA_STATS_LINK_XSTATS,
  "1<<IFLA_STATS_LINK_XSTATS_SLAVE": 1 << t.IFLA_STATS_LINK_XSTATS_SLAVE,
  "1<<IFLA_STATS_LINK_OFFLOAD_XSTATS": 1 << t.IFLA_STATS_LINK_OFFLOAD_XSTATS,
  "1<<IFLA_STATS_AF_SPEC": 1 << t.IFLA_STATS_AF_SPEC,
});

const address = struct({
  ifa_family: family,
  ifa_prefixlen: u8(),
  ifa_flags: u8(flagsOf(t.ifaFFlags2)),
  ifa_scope: u8(oneOf(t.rtScopeTypes)),
  ifa_index: v.interfaceField,
});
const traffic = struct({
  tcm_family: family,
  pad: reserved(3),
  tcm_ifindex: v.interfaceField,
  tcm_handle: u32(),
  tcm_parent: u32(),
  tcm_info: u32(),
});

/** By the first type of a message's kind: NEW, DEL, GET and SET follow each other. */
const payloads: Readonly<Record<number, Payload>> = {
  [interfaces.RTM_NEWLINK]: {
    header: struct({
      ifi_family: family,
      pad: reserved(1),
      ifi_type: u16(oneOf(t.arphrdTypes)),
      ifi_index: v.interfaceField,
      ifi_flags: u32(flagsOf(interfaceFlags)),
      ifi_change: u32(hexInt),
    }),
    attributes: linkAttributes,
  },
  [interfaces.RTM_NEWADDR]: { header: address, attributes: addrAttributes },
  [interfaces.RTM_NEWROUTE]: {
    header: struct({
      rtm_family: family,
      rtm_dst_len: u8(),
      rtm_src_len: u8(),
      rtm_tos: u8(flagsOf(t.iptosFlags)),
      rtm_table: u8(oneOf(t.rtTableTypes2)),
      rtm_protocol: u8(oneOf(t.rtprotTypes)),
      rtm_scope: u8(oneOf(t.rtScopeTypes)),
      rtm_type: u8(oneOf(t.rtnTypes)),
      rtm_flags: u32(flagsOf(t.rtmFFlags)),
    }),
    attributes: routeAttributes,
  },
  [t.RTM_NEWNEIGH]: {
    header: struct({
      ndm_family: family,
      pad: reserved(3),
      ndm_ifindex: v.interfaceField,
      ndm_state: u16(flagsOf(t.nudFlags)),
      ndm_flags: u8(flagsOf(t.ntfFlags)),
      ndm_type: u8(oneOf(t.rtnTypes)),
    }),
    attributes: neighAttributes,
  },
  [interfaces.RTM_NEWRULE]: {
    header: struct({
      family,
      dst_len: u8(),
      src_len: u8(),
      tos: u8(flagsOf(t.iptosFlags)),
      table: u8(oneOf(t.rtTableTypes3)),
      pad: reserved(2),
      action: u8(oneOf(t.frActTypes)),
      flags: u32(flagsOf(t.fibRuleFlags)),
    }),
    attributes: ruleAttributes,
  },
  [t.RTM_NEWQDISC]: { header: traffic, attributes: tcAttributes },
  [t.RTM_NEWTCLASS]: { header: traffic, attributes: tcAttributes },
  [t.RTM_NEWTFILTER]: { header: traffic, attributes: tcAttributes },
  [t.RTM_NEWCHAIN]: { header: traffic, attributes: tcAttributes },
  [t.RTM_NEWACTION]: { header: struct({ tca_family: family }), attributes: actionAttributes },
  [t.RTM_GETMULTICAST - 2]: { header: address, attributes: addrAttributes },
  [t.RTM_GETANYCAST - 2]: { header: address, attributes: addrAttributes },
  [t.RTM_NEWNEIGHTBL]: { header: struct({ ndtm_family: family }), attributes: neightblAttributes },
  [t.RTM_NEWADDRLABEL]: {
    header: struct({
      ifal_family: family,
      pad: reserved(1),
      ifal_prefixlen: u8(),
      ifal_flags: u8(),
      ifal_index: v.interfaceField,
      ifal_seq: u32(),
    }),
    attributes: addrlabelAttributes,
  },
  [t.RTM_GETDCB - 2]: {
    header: struct({ dcb_family: family, cmd: u8(oneOf(t.dcbCmdTypes)) }),
    attributes: dcbAttributes,
  },
  [t.RTM_NEWNETCONF]: { header: struct({ ncm_family: family }), attributes: netconfAttributes },
  [t.RTM_NEWMDB]: {
    header: struct({ family, pad: reserved(3), ifindex: v.interfaceField }),
    attributes: mdbAttributes,
  },
  [t.RTM_NEWNSID]: { header: struct({ rtgen_family: family }), attributes: nsidAttributes },
  [t.RTM_NEWSTATS]: {
    header: struct({
      family,
      pad1: unlessZero(u8(hexInt)),
      pad2: unlessZero(u16(hexInt)),
      ifindex: v.interfaceField,
      filter_mask: u32(flagsOf(statisticsMask)),
    }),
    attributes: statsAttributes,
  },
  [t.RTM_NEWCACHEREPORT]: { header: struct({ rtgen_family: family }), attributes: undefined },
  [t.RTM_NEWNEXTHOP]: {
    header: struct({
      nh_family: family,
      nh_scope: u8(oneOf(t.rtScopeTypes)),
      nh_protocol: u8(oneOf(t.rtprotTypes)),
      resvd: unlessZero(u8(hexInt)),
      nh_flags: u32(flagsOf(t.rtnhFlags)),
    }),
    attributes: nexthopAttributes,
  },
};

const KINDS = 4;
const kinds: readonly FlagSet[] = [t.newFlags, t.deleteFlags, t.getFlags, t.commonFlags];

export const routeProtocol: Protocol = {
  showType: typesOf(t.rtmTypes),
  // Actions are deleted with the flags of a question: several may be meant.
  flags: (type) => (type === t.RTM_DELACTION ? t.getFlags : (kinds[type % KINDS] as FlagSet)),
  show: (c: ShowContext, type: number, payload: DataView): void => {
    const found = t.rtmTypes.names.has(type) ? payloads[type - (type % KINDS)] : undefined;
    if (found === undefined) showFamilyAndData(c, payload);
    else showPayload(c, payload, found);
  },
};
