// NETLINK_ROUTE of a machine that has lo and nothing else: links, addresses, routes and rules can be asked for, not changed.
// net/core/rtnetlink.c, net/ipv4/devinet.c, net/ipv4/fib_frontend.c, net/ipv6/addrconf.c, net/ipv6/route.c

import * as nl from "../../../abi/constants/interfaces.js";
import { AF_BRIDGE, AF_INET, AF_INET6, AF_UNSPEC } from "../../../abi/constants/network.js";
import { EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, EPERM } from "../../../abi/errno.js";
import { joinBytes } from "../../../lib/bytes.js";
import { byteString, bytesOf } from "../../mm/user-access.js";
import { LOOPBACK_V6 } from "../inet/ip-address.js";
import { LO } from "../loopback.js";
import type { Net } from "../net.js";
import { attribute, attributesIn, int32, message, type NetlinkRequest } from "./netlink-message.js";
import type { Reply } from "./reply.js";

const IFINFOMSG = 16;
const FOREVER = 0xffffffff;
const NO_LIMIT = 0xffffffff;

const u8 = (value: number): Uint8Array => new Uint8Array([value]);
const text = (value: string): Uint8Array => bytesOf(`${value}\0`);
const v4 = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);

/** rtnetlink_rcv_msg */
export function answer(request: NetlinkRequest, port: number, net: Net, isPrivileged: boolean): Reply {
  const { type, flags, body } = request;
  if (type > nl.RTM_MAX) return { error: EOPNOTSUPP };
  if (body.length < 1) return { parts: [], isDump: false, doneApart: false };
  const isGet = (type & 3) === 2;
  if (!isGet) return { error: isPrivileged ? changeError(type) : EPERM };
  const isDump = (flags & nl.NLM_F_DUMP) !== 0;
  const family = body[0];
  const make = (kind: number, parts: readonly Uint8Array[]): Uint8Array =>
    message(kind, isDump ? nl.NLM_F_MULTI : 0, request.sequence, port, joinBytes(parts));
  const dump = (messages: readonly Uint8Array[], doneApart: boolean): Reply => ({
    parts: messages.length === 0 ? [] : [joinBytes(messages)],
    isDump: true,
    doneApart: doneApart && messages.length > 0,
  });
  switch (type) {
    case nl.RTM_GETLINK:
      if (!isDump) return oneLink(body, net, make);
      if (family === AF_INET6) return dump([make(nl.RTM_NEWLINK, link(net, AF_INET6))], false);
      return dump(family === AF_BRIDGE ? [] : [make(nl.RTM_NEWLINK, link(net, AF_UNSPEC))], true);
    case nl.RTM_GETADDR:
      if (!isDump) return { error: EOPNOTSUPP };
      return dump(
        forFamilies(family, addressV4, addressV6).map((parts) => make(nl.RTM_NEWADDR, parts)),
        family !== AF_INET6,
      );
    case nl.RTM_GETROUTE:
      if (!isDump) return oneRoute(body, make);
      return dump(
        forFamilies(family, ...routes).map((parts) => make(nl.RTM_NEWROUTE, parts)),
        true,
      );
    case nl.RTM_GETRULE:
      if (!isDump) return { error: EOPNOTSUPP };
      return dump(
        rules(family).map((parts) => make(nl.RTM_NEWRULE, parts)),
        false,
      );
    default:
      return isDump ? dump([], false) : { error: EOPNOTSUPP };
  }
}

/** There is no other device, and lo cannot be changed here. */
function changeError(type: number): number {
  return type === nl.RTM_NEWLINK || type === nl.RTM_NEWLINK + 1 ? ENODEV : EOPNOTSUPP;
}

/** Messages begin with their family's byte. */
function forFamilies(family: number, ...all: readonly (readonly Uint8Array[])[]): readonly (readonly Uint8Array[])[] {
  return all.filter(
    ([head]) => family === AF_UNSPEC || family === head[0] || (family !== AF_INET && family !== AF_INET6),
  );
}

function oneLink(body: Uint8Array, net: Net, make: (kind: number, parts: readonly Uint8Array[]) => Uint8Array): Reply {
  if (body.length < IFINFOMSG) return { error: EINVAL };
  const index = new DataView(body.buffer, body.byteOffset).getInt32(4, true);
  const attributes = attributesIn(body.subarray(IFINFOMSG));
  const name = attributes.get(nl.IFLA_IFNAME) ?? attributes.get(nl.IFLA_ALT_IFNAME);
  if (index === 0 && name === undefined) return { error: EINVAL };
  const isLo = index === LO.index || (index === 0 && name && byteString(name).replace(/\0.*$/s, "") === LO.name);
  if (!isLo) return { error: ENODEV };
  return { parts: [make(nl.RTM_NEWLINK, link(net, AF_UNSPEC))], isDump: false, doneApart: false };
}

/** struct ifinfomsg and attributes. */
function link(net: Net, family: number): readonly Uint8Array[] {
  const head = new Uint8Array(IFINFOMSG);
  const view = new DataView(head.buffer);
  head[0] = family;
  view.setUint16(2, nl.ARPHRD_LOOPBACK, true);
  view.setInt32(4, LO.index, true);
  view.setUint32(8, LO.flags, true);
  if (family === AF_INET6) {
    return [
      head,
      attribute(nl.IFLA_IFNAME, text(LO.name)),
      attribute(nl.IFLA_ADDRESS, new Uint8Array(6)),
      attribute(nl.IFLA_MTU, int32(LO.mtu)),
      attribute(nl.IFLA_OPERSTATE, u8(0)),
    ];
  }
  const { packets, bytes } = net.traffic;
  const counters = [packets, packets, bytes, bytes];
  const wide = new BigUint64Array(25);
  const narrow = new Uint32Array(24);
  counters.forEach((value, i) => {
    wide[i] = BigInt(value);
    narrow[i] = value;
  });
  return [
    head,
    attribute(nl.IFLA_IFNAME, text(LO.name)),
    attribute(nl.IFLA_TXQLEN, int32(LO.queueLength)),
    attribute(nl.IFLA_OPERSTATE, u8(0)),
    attribute(nl.IFLA_LINKMODE, u8(0)),
    attribute(nl.IFLA_MTU, int32(LO.mtu)),
    attribute(nl.IFLA_MIN_MTU, int32(0)),
    attribute(nl.IFLA_MAX_MTU, int32(0)),
    attribute(nl.IFLA_GROUP, int32(0)),
    attribute(nl.IFLA_PROMISCUITY, int32(0)),
    attribute(nl.IFLA_NUM_TX_QUEUES, int32(1)),
    attribute(nl.IFLA_GSO_MAX_SEGS, int32(65535)),
    attribute(nl.IFLA_GSO_MAX_SIZE, int32(65536)),
    attribute(nl.IFLA_NUM_RX_QUEUES, int32(1)),
    attribute(nl.IFLA_CARRIER, u8(1)),
    attribute(nl.IFLA_CARRIER_CHANGES, int32(0)),
    attribute(nl.IFLA_CARRIER_UP_COUNT, int32(0)),
    attribute(nl.IFLA_CARRIER_DOWN_COUNT, int32(0)),
    attribute(nl.IFLA_PROTO_DOWN, u8(0)),
    attribute(nl.IFLA_ADDRESS, new Uint8Array(6)),
    attribute(nl.IFLA_BROADCAST, new Uint8Array(6)),
    attribute(nl.IFLA_STATS64, new Uint8Array(wide.buffer)),
    attribute(nl.IFLA_STATS, new Uint8Array(narrow.buffer)),
    attribute(nl.IFLA_QDISC, text("noqueue")),
    attribute(nl.IFLA_MAP, new Uint8Array(32)),
  ];
}

/** struct ifaddrmsg. */
function addressHead(family: number, prefix: number): Uint8Array {
  return new Uint8Array([family, prefix, nl.IFA_F_PERMANENT, nl.RT_SCOPE_HOST, LO.index, 0, 0, 0]);
}

const cacheInfo = new Uint8Array(new Uint32Array([FOREVER, FOREVER, 0, 0]).buffer);

const addressV4: readonly Uint8Array[] = [
  addressHead(AF_INET, 8),
  attribute(nl.IFA_ADDRESS, v4(127, 0, 0, 1)),
  attribute(nl.IFA_LOCAL, v4(127, 0, 0, 1)),
  attribute(nl.IFA_LABEL, text(LO.name)),
  attribute(nl.IFA_FLAGS, int32(nl.IFA_F_PERMANENT)),
  attribute(nl.IFA_CACHEINFO, cacheInfo),
];

const addressV6: readonly Uint8Array[] = [
  addressHead(AF_INET6, 128),
  attribute(nl.IFA_ADDRESS, LOOPBACK_V6.bytes),
  attribute(nl.IFA_CACHEINFO, cacheInfo),
  attribute(nl.IFA_FLAGS, int32(nl.IFA_F_PERMANENT)),
  attribute(nl.IFA_PROTO, u8(1)),
];

/** struct rtmsg. */
function routeHead(family: number, prefix: number, scope: number, type: number): Uint8Array {
  return new Uint8Array([family, prefix, 0, 0, nl.RT_TABLE_LOCAL, nl.RTPROT_KERNEL, scope, type, 0, 0, 0, 0]);
}

function routeV4(prefix: number, type: number, scope: number, destination: Uint8Array): readonly Uint8Array[] {
  return [
    routeHead(AF_INET, prefix, scope, type),
    attribute(nl.RTA_TABLE, int32(nl.RT_TABLE_LOCAL)),
    attribute(nl.RTA_DST, destination),
    attribute(nl.RTA_PREFSRC, v4(127, 0, 0, 1)),
    attribute(nl.RTA_OIF, int32(LO.index)),
  ];
}

const SCOPE_LINK = 253;

const routes: readonly (readonly Uint8Array[])[] = [
  routeV4(8, nl.RTN_LOCAL, nl.RT_SCOPE_HOST, v4(127, 0, 0, 0)),
  routeV4(32, nl.RTN_LOCAL, nl.RT_SCOPE_HOST, v4(127, 0, 0, 1)),
  routeV4(32, nl.RTN_BROADCAST, SCOPE_LINK, v4(127, 255, 255, 255)),
  [
    routeHead(AF_INET6, 128, nl.RT_SCOPE_UNIVERSE, nl.RTN_LOCAL),
    attribute(nl.RTA_TABLE, int32(nl.RT_TABLE_LOCAL)),
    attribute(nl.RTA_DST, LOOPBACK_V6.bytes),
    attribute(nl.RTA_PRIORITY, int32(0)),
    attribute(nl.RTA_OIF, int32(LO.index)),
    attribute(nl.RTA_CACHEINFO, new Uint8Array(32)),
    attribute(nl.RTA_PREF, u8(0)),
  ],
];

const RTM_F_CLONED = 0x200;
const RTCF_LOCAL = 0x80000000;

/** ip route get: by which way an address is reached. */
function oneRoute(body: Uint8Array, make: (kind: number, parts: readonly Uint8Array[]) => Uint8Array): Reply {
  const RTMSG = 12;
  if (body.length < RTMSG) return { error: EINVAL };
  const destination = attributesIn(body.subarray(RTMSG)).get(nl.RTA_DST);
  const family = body[0];
  const size = family === AF_INET ? 4 : 16;
  if (destination?.length !== size) return { error: EINVAL };
  const isV6Local = family === AF_INET6 && byteString(destination) === byteString(LOOPBACK_V6.bytes);
  if (!isV6Local && !(family === AF_INET && destination[0] === 127)) return { error: ENETUNREACH };
  const head = routeHead(family, size * 8, nl.RT_SCOPE_UNIVERSE, nl.RTN_LOCAL);
  head[4] = nl.RT_TABLE_LOCAL;
  if (family === AF_INET6) {
    const parts = [head, ...routes[3].slice(1)];
    return { parts: [make(nl.RTM_NEWROUTE, parts)], isDump: false, doneApart: false };
  }
  head[4] = nl.RT_TABLE_MAIN;
  head[5] = 0;
  new DataView(head.buffer).setUint32(8, RTM_F_CLONED + RTCF_LOCAL, true);
  const info = new Uint8Array(32);
  info[0] = 1;
  const parts = [
    head,
    attribute(nl.RTA_TABLE, int32(nl.RT_TABLE_MAIN)),
    attribute(nl.RTA_DST, destination),
    attribute(nl.RTA_OIF, int32(LO.index)),
    attribute(nl.RTA_PREFSRC, v4(127, 0, 0, 1)),
    attribute(nl.RTA_UID, int32(0)),
    attribute(nl.RTA_CACHEINFO, info),
  ];
  return { parts: [make(nl.RTM_NEWROUTE, parts)], isDump: false, doneApart: false };
}

/** The policy every machine begins with. struct fib_rule_hdr */
function rules(family: number): readonly (readonly Uint8Array[])[] {
  const rule = (of: number, table: number, priority: number): readonly Uint8Array[] => [
    new Uint8Array([of, 0, 0, 0, table, 0, 0, nl.FR_ACT_TO_TBL, 0, 0, 0, 0]),
    attribute(nl.FRA_TABLE, int32(table)),
    attribute(nl.FRA_SUPPRESS_PREFIXLEN, int32(NO_LIMIT)),
    attribute(nl.FRA_PROTOCOL, u8(nl.RTPROT_KERNEL)),
    ...(priority === 0 ? [] : [attribute(nl.FRA_PRIORITY, int32(priority))]),
  ];
  const all = [
    rule(AF_INET, nl.RT_TABLE_LOCAL, 0),
    rule(AF_INET, nl.RT_TABLE_MAIN, 32766),
    rule(AF_INET, nl.RT_TABLE_DEFAULT, 32767),
    rule(AF_INET6, nl.RT_TABLE_LOCAL, 0),
    rule(AF_INET6, nl.RT_TABLE_MAIN, 32766),
  ];
  return forFamilies(family, ...all);
}
