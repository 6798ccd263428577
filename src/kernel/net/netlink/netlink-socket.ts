// socket(AF_NETLINK): which protocols there are, and who answers in each.

import * as nl from "../../../abi/constants/network.js";
import { EPROTONOSUPPORT, Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sock } from "../sock.js";
import { answerGeneric } from "./generic-control.js";
import { NetlinkSock, PROTOCOLS } from "./netlink-sock.js";
import type { Answer } from "./reply.js";
import { answer as answerRoute } from "./rtnetlink.js";
import { diagnose } from "./socket-diagnosis.js";
import { answerAudit, answerCrypto, answerNetfilter, answerXfrm, noAnswer } from "./without-service.js";

const MAX_LINKS = 32;

const answers: Readonly<Record<number, Answer>> = {
  [nl.NETLINK_ROUTE]: answerRoute,
  [nl.NETLINK_SOCK_DIAG]: diagnose,
  [nl.NETLINK_XFRM]: answerXfrm,
  [nl.NETLINK_AUDIT]: answerAudit,
  [nl.NETLINK_CONNECTOR]: noAnswer,
  [nl.NETLINK_NETFILTER]: answerNetfilter,
  [nl.NETLINK_KOBJECT_UEVENT]: noAnswer,
  [nl.NETLINK_GENERIC]: answerGeneric,
  [nl.NETLINK_CRYPTO]: answerCrypto,
};

export function netlinkSocket(task: Task, type: number, protocol: number): Sock {
  if (type !== nl.SOCK_RAW && type !== nl.SOCK_DGRAM) throw new Errno(ESOCKTNOSUPPORT);
  if (protocol < 0 || protocol >= MAX_LINKS || !PROTOCOLS.has(protocol)) throw new Errno(EPROTONOSUPPORT);
  return new NetlinkSock(task, type, protocol, answers[protocol]);
}
