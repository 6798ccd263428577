// socket(AF_INET) and socket(AF_INET6): which protocol a type and a number stand for. net/ipv4/af_inet.c: inet_create

import {
  AF_INET,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from "../../../abi/constants/network.js";
import { CAP_NET_RAW } from "../../../abi/constants/security.js";
import { EACCES, EINVAL, EPROTONOSUPPORT, Errno, ESOCKTNOSUPPORT } from "../../../abi/errno.js";
import { checkRightsOver } from "../../task/namespaces.js";
import type { Task } from "../../task/task.js";
import type { Sock } from "../sock.js";
import { RawSock } from "./raw-sock.js";
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
    // Ping sockets are for the groups in net.ipv4.ping_group_range, in which there are none.
    if (protocol === (family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)) throw new Errno(EACCES);
    if (protocol !== IPPROTO_IP && protocol !== IPPROTO_UDP) throw new Errno(EPROTONOSUPPORT);
    return new UdpSock(net, family, type, IPPROTO_UDP, uid);
  }
  if (type === SOCK_RAW) {
    if (protocol === IPPROTO_IP) throw new Errno(EPROTONOSUPPORT);
    checkRightsOver(task, net, CAP_NET_RAW);
    return new RawSock(net, family, type, protocol, uid);
  }
  throw new Errno(ESOCKTNOSUPPORT);
}
