// Protocols of which there is only the door: nothing is behind XFRM, nfnetlink, crypto and the connector here, and nobody audits.
// net/xfrm/xfrm_user.c, net/netfilter/nfnetlink.c, kernel/audit.c, crypto/crypto_user.c
import { NLM_F_DUMP } from "../../../abi/constants/interfaces.js";
import * as nl from "../../../abi/constants/netlink.js";
import { EINVAL, ENOENT, EOPNOTSUPP, EPERM } from "../../../abi/errno.js";
import { message } from "./netlink-message.js";
import { type Answer, type Reply, SILENCE } from "./reply.js";

const NONE: Reply = { parts: [], isDump: true, doneApart: true };

/** No policies and no states: there are none to be got, and none can be made. */
export const answerXfrm: Answer = ({ type, flags }, _port, _net, isPrivileged) => {
  if (!nl.xfrmMessageTypes.names.has(type)) return { error: EINVAL };
  if (!isPrivileged) return { error: EPERM };
  const isList = type === nl.XFRM_MSG_GETSA || type === nl.XFRM_MSG_GETPOLICY;
  return isList && (flags & NLM_F_DUMP) !== 0 ? NONE : { error: EINVAL };
};

/** No subsystem is there to take a message or a batch. nfnetlink_rcv */
export const answerNetfilter: Answer = ({ type }, _port, _net, isPrivileged) => {
  if (!isPrivileged) return { error: EPERM };
  return { error: type === nl.NFNL_MSG_BATCH_BEGIN ? EOPNOTSUPP : EINVAL };
};

export const answerCrypto: Answer = ({ type, flags }, _port, _net, isPrivileged) => {
  if (!nl.cryptoMessageTypes.names.has(type)) return { error: EINVAL };
  if (type !== nl.CRYPTO_MSG_GETALG) return { error: isPrivileged ? EINVAL : EPERM };
  return (flags & NLM_F_DUMP) !== 0 ? NONE : { error: ENOENT };
};

const AUDIT_STATUS = 44;
const LAST_USER_MESSAGE_2 = 2999;
const isUserMessage = (type: number): boolean =>
  (type >= nl.AUDIT_FIRST_USER_MSG && type <= nl.AUDIT_LAST_USER_MSG) ||
  (type >= nl.AUDIT_FIRST_USER_MSG2 && type <= LAST_USER_MESSAGE_2);

/** Auditing is off: what programs report is taken and forgotten. audit_receive_msg */
export const answerAudit: Answer = ({ type, sequence }, port, _net, isPrivileged) => {
  const isKnown = isUserMessage(type) || type === nl.AUDIT_GET || type === nl.AUDIT_USER;
  if (!isKnown) return { error: EINVAL };
  if (!isPrivileged) return { error: EPERM };
  if (type !== nl.AUDIT_GET) return SILENCE;
  const status = new Uint8Array(AUDIT_STATUS);
  status[8] = 1; // failure: AUDIT_FAIL_PRINTK
  status[20] = 64; // backlog_limit
  return { parts: [message(nl.AUDIT_GET, 0, sequence, port, status)], isDump: false, doneApart: false };
};

/** What is sent to nobody in particular. */
export const noAnswer: Answer = () => SILENCE;
