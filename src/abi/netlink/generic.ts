// NETLINK_GENERIC: families of it are numbered as they come; the one that tells of the others is nlctrl. See genetlink.h.

import * as t from "../constants/netlink.js";
import { hexInt, oneOf } from "../scalars.js";
import { struct, u8, u16, unlessZero } from "../struct.js";
import { attributes } from "./attribute.js";
import { type Payload, type Protocol, showPayload, typesOf } from "./payload.js";
import * as v from "./values.js";

const operations = attributes(t.controlOperationTypes, {
  CTRL_ATTR_OP_ID: v.notBeyond(8, v.oneOf(t.controlCommands, 4)),
  CTRL_ATTR_OP_FLAGS: v.wideFlags(t.genericFlags, 4),
});

const groups = attributes(t.controlGroupTypes, {
  CTRL_ATTR_MCAST_GRP_NAME: v.text,
  CTRL_ATTR_MCAST_GRP_ID: v.x32,
});

const policy = attributes(t.policyAttributeTypes, {
  NL_POLICY_TYPE_ATTR_TYPE: v.notBeyond(8, v.oneOf(t.policyTypes, 4)),
  NL_POLICY_TYPE_ATTR_MIN_VALUE_S: v.s64,
  NL_POLICY_TYPE_ATTR_MAX_VALUE_S: v.s64,
  NL_POLICY_TYPE_ATTR_MIN_VALUE_U: v.u64,
  NL_POLICY_TYPE_ATTR_MAX_VALUE_U: v.u64,
  NL_POLICY_TYPE_ATTR_MIN_LENGTH: v.u32,
  NL_POLICY_TYPE_ATTR_MAX_LENGTH: v.u32,
  NL_POLICY_TYPE_ATTR_POLICY_IDX: v.x32,
  NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE: v.x32,
  NL_POLICY_TYPE_ATTR_BITFIELD32_MASK: v.x32,
  NL_POLICY_TYPE_ATTR_MASK: v.x64,
});

const opPolicy = attributes(t.controlPolicyTypes, {
  CTRL_ATTR_POLICY_DO: v.u32,
  CTRL_ATTR_POLICY_DUMP: v.u32,
});

const families = attributes(t.controlTypes, {
  CTRL_ATTR_FAMILY_ID: v.x16,
  CTRL_ATTR_FAMILY_NAME: v.text,
  CTRL_ATTR_VERSION: v.u32,
  CTRL_ATTR_HDRSIZE: v.u32,
  CTRL_ATTR_MAXATTR: v.u32,
  CTRL_ATTR_OPS: v.nestedArray(operations),
  CTRL_ATTR_MCAST_GROUPS: v.nestedArray(groups),
  CTRL_ATTR_POLICY: v.nested(attributes(v.indices, {}, v.nestedArray(policy))),
  CTRL_ATTR_OP_POLICY: v.nestedArray(opPolicy),
  CTRL_ATTR_OP: v.u32,
});

const control: Payload = {
  wholeOnly: true,
  header: struct({ cmd: u8(oneOf(t.controlCommands)), version: u8(), reserved: unlessZero(u16(hexInt)) }),
  attributes: families,
};

/** What all families begin with; the rest is theirs. */
const unknown: Payload = {
  wholeOnly: true,
  header: struct({ cmd: u8(hexInt), version: u8(), reserved: unlessZero(u16(hexInt)) }),
  attributes: attributes(v.indices, {}),
};

export const genericProtocol: Protocol = {
  showType: typesOf(t.genericFamilies),
  flags: () => t.getFlags,
  show: (c, type, payload) => showPayload(c, payload, type === t.nlctrl ? control : unknown),
};
