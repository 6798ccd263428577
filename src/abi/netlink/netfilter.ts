// NETLINK_NETFILTER: the subsystem a message is for is the upper byte of its type. See nfnetlink.h.

import * as t from "../constants/netlink.js";
import { addressFamilies } from "../constants/network.js";
import { oneOf } from "../scalars.js";
import { bytes, struct, u8 } from "../struct.js";
import { type Enumeration, showEnumeration, showNamed } from "../tables.js";
import { attributes } from "./attribute.js";
import { type Payload, type Protocol, showPayload } from "./payload.js";
import * as v from "./values.js";

const subsystems: Readonly<Record<number, Enumeration>> = {
  [t.NFNL_SUBSYS_CTNETLINK]: t.netfilterCtnetlinkTypes,
  [t.NFNL_SUBSYS_CTNETLINK_EXP]: t.netfilterCtnetlinkExpTypes,
  [t.NFNL_SUBSYS_QUEUE]: t.netfilterQueueTypes,
  [t.NFNL_SUBSYS_ULOG]: t.netfilterUlogTypes,
  [t.NFNL_SUBSYS_OSF]: t.netfilterOsfTypes,
  [t.NFNL_SUBSYS_IPSET]: t.netfilterIpsetTypes,
  [t.NFNL_SUBSYS_ACCT]: t.netfilterAcctTypes,
  [t.NFNL_SUBSYS_CTNETLINK_TIMEOUT]: t.netfilterCtnetlinkTimeoutTypes,
  [t.NFNL_SUBSYS_CTHELPER]: t.netfilterCthelperTypes,
  [t.NFNL_SUBSYS_NFTABLES]: t.netfilterNftablesTypes,
  [t.NFNL_SUBSYS_NFT_COMPAT]: t.netfilterNftCompatTypes,
  [t.NFNL_SUBSYS_HOOK]: t.netfilterHookTypes,
};

/** Commands of these do not take the flags their names suggest. */
const plainSubsystem = t.NFNL_SUBSYS_IPSET;
const plainType = (t.NFNL_SUBSYS_CTNETLINK_TIMEOUT << 8) | t.IPCTNL_MSG_TIMEOUT_DEFAULT_GET;

function flags(type: number): ReturnType<Protocol["flags"]> {
  const subsystem = type >> 8;
  const name = subsystems[subsystem]?.names.get(type & 0xff);
  if (name === undefined || subsystem === plainSubsystem || type === plainType) return t.commonFlags;
  if (/_NEW/.test(name)) return t.newFlags;
  if (/_GET/.test(name)) return t.getFlags;
  return /_DEL|_DESTROY/.test(name) ? t.deleteFlags : t.commonFlags;
}

const resource = bytes(
  2,
  (c, view, at) => {
    const id = view.getUint16(at);
    if (id === t.NFNL_SUBSYS_NFTABLES)
      showNamed(c, `0x${view.getUint16(at, true).toString(16)}`, "htons(NFNL_SUBSYS_NFTABLES)");
    else c.out.flag(`htons(${id})`);
  },
  2,
);

/** struct nfgenmsg, and attributes that have no names. */
const general: Payload = {
  wholeOnly: true,
  header: struct({
    nfgen_family: u8(oneOf(addressFamilies)),
    version: u8(oneOf(t.nfnetlinkVersions)),
    res_id: resource,
  }),
  attributes: attributes(v.indices, {}),
};

export const netfilterProtocol: Protocol = {
  showType: (c, type) => {
    if (t.netfilterBatchTypes.names.has(type)) {
      showEnumeration(c, t.netfilterBatchTypes, type);
      return;
    }
    const subsystem = type >> 8;
    showEnumeration(c, t.netfilterSubsystems, subsystem);
    c.out.punct("<<8|");
    showEnumeration(c, subsystems[subsystem] ?? v.indices, type & 0xff);
  },
  flags,
  show: (c, _type, payload) => showPayload(c, payload, general),
};
