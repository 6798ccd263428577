// Netlink protocols of which little more is told than what their messages are called: NETLINK_XFRM, NETLINK_SELINUX and NETLINK_AUDIT.

import * as t from "../constants/netlink.js";
import { type Fields, type Struct, struct, u32 } from "../struct.js";
import type { FlagSet } from "../tables.js";
import { showHexBytes } from "./attribute.js";
import { type Protocol, typesOf } from "./payload.js";

const flagsOfXfrm: Readonly<Record<number, FlagSet>> = {
  [t.XFRM_MSG_NEWSA]: t.newFlags,
  [t.XFRM_MSG_NEWPOLICY]: t.newFlags,
  [t.XFRM_MSG_NEWAE]: t.newFlags,
  [t.XFRM_MSG_NEWSADINFO]: t.newFlags,
  [t.XFRM_MSG_NEWSPDINFO]: t.newFlags,
  [t.XFRM_MSG_DELSA]: t.deleteFlags,
  [t.XFRM_MSG_DELPOLICY]: t.deleteFlags,
  [t.XFRM_MSG_GETSA]: t.getFlags,
  [t.XFRM_MSG_GETPOLICY]: t.getFlags,
  [t.XFRM_MSG_GETAE]: t.getFlags,
  [t.XFRM_MSG_GETSADINFO]: t.getFlags,
  [t.XFRM_MSG_GETSPDINFO]: t.getFlags,
};

export const xfrmProtocol: Protocol = {
  showType: typesOf(t.xfrmMessageTypes),
  flags: (type) => flagsOfXfrm[type] ?? t.commonFlags,
  show: (c, _type, payload) => showHexBytes(c, payload),
};

const selinuxMessages: Readonly<Record<number, Struct<Fields>>> = {
  [t.SELNL_MSG_SETENFORCE]: struct({ val: u32() }),
  [t.SELNL_MSG_POLICYLOAD]: struct({ seqno: u32() }),
};

export const selinuxProtocol: Protocol = {
  showType: typesOf(t.selinuxMessageTypes),
  flags: () => t.commonFlags,
  show: (c, type, payload) => {
    const known = selinuxMessages[type];
    if (known === undefined || payload.byteLength < known.size()) showHexBytes(c, payload);
    else known.show(c, payload);
  },
};

export const auditProtocol: Protocol = {
  showType: typesOf(t.auditMessageTypes),
  flags: () => t.commonFlags,
  show: (c, _type, payload) => showHexBytes(c, payload),
};
