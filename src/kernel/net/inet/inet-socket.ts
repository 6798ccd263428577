// socket(AF_INET) and socket(AF_INET6): which protocol a type and a number stand for. net/ipv4/af_inet.c: inet_create

import {
  AF_INET,
  IPPROTO_IP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from "../../../abi/constants/network.js";
import { CAP_NET_RAW } from "../../../abi/constants/security.js";
import { EINVAL, EPERM, EPROTONOSUPPORT, Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sock } from "../sock.js";
import { TcpSock } from "./tcp-sock.js";
import { UdpSock } from "./udp-sock.js";

const IPPROTO_MAX = 263;

export function inetSocket(task: Task, family: number, type: number, protocol: number): Sock {
  const { net } = task.namespaces;
  if (protocol < 0 || protocol >= IPPROTO_MAX) throw new Errno(EINVAL);
  const uid = task.cred.fsuid;
  if (type === SOCK_STREAM) {
    if (protocol !== IPPROTO_IP && protocol !== IPPROTO_TCP) throw new Errno(EPROTONOSUPPORT);
    return new TcpSock(net, family, type, IPPROTO_TCP, uid);
  }
  if (type === SOCK_DGRAM) {
    if (protocol !== IPPROTO_IP && protocol !== IPPROTO_UDP) throw new Errno(EPROTONOSUPPORT);
    return new UdpSock(net, family, type, IPPROTO_UDP, uid);
  }
  if (type === SOCK_RAW) {
    if (protocol === IPPROTO_IP && family === AF_INET) throw new Errno(EPROTONOSUPPORT);
    throw new Errno(task.cred.can(CAP_NET_RAW) ? ESOCKTNOSUPPORT : EPERM);
  }
  throw new Errno(ESOCKTNOSUPPORT);
}
