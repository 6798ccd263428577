// socket(AF_NETLINK): which protocols there are, and who answers in each.

import * as nl from "../../../abi/constants/network.js";
import { EPROTONOSUPPORT, Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sock } from "../sock.js";
import { NetlinkSock, PROTOCOLS } from "./netlink-sock.js";
import type { Answer } from "./reply.js";
import { answer as answerRoute } from "./rtnetlink.js";
import { diagnose } from "./socket-diagnosis.js";

const MAX_LINKS = 32;

const answers: Readonly<Record<number, Answer>> = {
  [nl.NETLINK_ROUTE]: answerRoute,
  [nl.NETLINK_SOCK_DIAG]: diagnose,
};

export function netlinkSocket(task: Task, type: number, protocol: number): Sock {
  if (type !== nl.SOCK_RAW && type !== nl.SOCK_DGRAM) throw new Errno(ESOCKTNOSUPPORT);
  if (protocol < 0 || protocol >= MAX_LINKS || !PROTOCOLS.has(protocol)) throw new Errno(EPROTONOSUPPORT);
  return new NetlinkSock(task, type, protocol, answers[protocol]);
}
