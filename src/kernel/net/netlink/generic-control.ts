// NETLINK_GENERIC of a machine with one family: nlctrl, which tells of the families. net/netlink/genetlink.c
import { NLM_F_DUMP, NLM_F_MULTI } from "../../../abi/constants/interfaces.js";
import * as nl from "../../../abi/constants/netlink.js";
import { EINVAL, ENOENT, EOPNOTSUPP } from "../../../abi/errno.js";
import { joinBytes } from "../../../lib/bytes.js";
import { byteString, bytesOf } from "../../mm/user-access.js";
import type { Net } from "../net.js";
import { attribute, attributesIn, int32, message, type NetlinkRequest } from "./netlink-message.js";
import type { Reply } from "./reply.js";

const GENLMSGHDR = 4;
const VERSION = 2;
const NAME = "nlctrl";
const NOTIFY_GROUP = 16; // GENL_ID_CTRL

const u16 = (value: number): Uint8Array => new Uint8Array(new Uint16Array([value]).buffer);

const operation = (index: number, id: number, flags: number): Uint8Array =>
  attribute(
    index,
    joinBytes([attribute(nl.CTRL_ATTR_OP_ID, int32(id)), attribute(nl.CTRL_ATTR_OP_FLAGS, int32(flags))]),
  );

/** ctrl_fill_info */
const family = joinBytes([
  new Uint8Array([nl.CTRL_CMD_NEWFAMILY, VERSION, 0, 0]),
  attribute(nl.CTRL_ATTR_FAMILY_NAME, bytesOf(`${NAME}\0`)),
  attribute(nl.CTRL_ATTR_FAMILY_ID, u16(nl.nlctrl)),
  attribute(nl.CTRL_ATTR_VERSION, int32(VERSION)),
  attribute(nl.CTRL_ATTR_HDRSIZE, int32(0)),
  attribute(nl.CTRL_ATTR_MAXATTR, int32(0)),
  attribute(
    nl.CTRL_ATTR_OPS,
    operation(1, nl.CTRL_CMD_GETFAMILY, nl.GENL_CMD_CAP_DO | nl.GENL_CMD_CAP_DUMP | nl.GENL_CMD_CAP_HASPOL),
  ),
  attribute(
    nl.CTRL_ATTR_MCAST_GROUPS,
    attribute(
      1,
      joinBytes([
        attribute(nl.CTRL_ATTR_MCAST_GRP_ID, int32(NOTIFY_GROUP)),
        attribute(nl.CTRL_ATTR_MCAST_GRP_NAME, bytesOf("notify\0")),
      ]),
    ),
  ),
]);

/** genl_rcv_msg */
export function answerGeneric(request: NetlinkRequest, port: number, _net: Net): Reply {
  const { type, flags, sequence, body } = request;
  if (type !== nl.nlctrl) return { error: ENOENT };
  if (body.length < GENLMSGHDR) return { error: EINVAL };
  if (body[0] !== nl.CTRL_CMD_GETFAMILY) return { error: EOPNOTSUPP };
  const isDump = (flags & NLM_F_DUMP) === NLM_F_DUMP;
  if (!isDump) {
    const error = whyNotThis(body.subarray(GENLMSGHDR));
    if (error !== 0) return { error };
  }
  const parts = [message(type, isDump ? NLM_F_MULTI : 0, sequence, port, family)];
  return { parts, isDump, doneApart: false };
}

/** A family is asked for by its number or its name. ctrl_getfamily */
function whyNotThis(bytes: Uint8Array): number {
  const found = attributesIn(bytes);
  const id = found.get(nl.CTRL_ATTR_FAMILY_ID);
  const name = found.get(nl.CTRL_ATTR_FAMILY_NAME);
  if (id === undefined && name === undefined) return EINVAL;
  if (name !== undefined) return byteString(name).replace(/\0.*/s, "") === NAME ? 0 : ENOENT;
  return id !== undefined && id.length >= 2 && id[0] + id[1] * 256 === nl.nlctrl ? 0 : ENOENT;
}
