// A table of the options of IP, IPv6, TCP and UDP that hold a number: what it is at first and what may be set. net/ipv4/ip_sockglue.c,
// net/ipv6/ipv6_sockglue.c, net/ipv4/tcp.c, net/ipv4/udp.c
import * as net from "../../../abi/constants/network.js";

export interface OptionRule {
  readonly initial: number;
  /** Set to 0 or 1. */
  readonly isBoolean?: boolean;
  /** Values outside are EINVAL. */
  readonly min?: number;
  readonly max?: number;
  /** What -1 stands for. */
  readonly auto?: number;
  readonly readOnly?: boolean;
}

const flag = (initial = 0): OptionRule => ({ initial, isBoolean: true });
const number = (initial: number, min?: number, max?: number): OptionRule => ({
  initial,
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});

const ip = new Map<number, OptionRule>([
  [net.IP_TOS, number(0)],
  [net.IP_TTL, { initial: 64, min: 1, max: 255, auto: 64 }],
  [net.IP_HDRINCL, { initial: 0, readOnly: true }],
  [net.IP_RECVFRAGSIZE, flag()],
  [net.IP_ROUTER_ALERT, { initial: 0, readOnly: true }],
  [net.IP_RECVOPTS, flag()],
  [net.IP_RETOPTS, flag()],
  [net.IP_PKTINFO, flag()],
  [net.IP_MTU_DISCOVER, number(1, 0, 5)],
  [net.IP_RECVERR, flag()],
  [net.IP_RECVTTL, flag()],
  [net.IP_RECVTOS, flag()],
  [net.IP_FREEBIND, flag()],
  [net.IP_PASSSEC, flag()],
  [net.IP_TRANSPARENT, flag()],
  [net.IP_ORIGDSTADDR, flag()],
  [net.IP_MINTTL, number(0, 0, 255)],
  [net.IP_NODEFRAG, { initial: 0, readOnly: true }],
  [net.IP_CHECKSUM, flag()],
  [net.IP_BIND_ADDRESS_NO_PORT, flag()],
  [net.IP_RECVERR_RFC4884, number(0, 0, 1)],
  [net.IP_MULTICAST_TTL, { initial: 1, min: 0, max: 255, auto: 1 }],
  [net.IP_MULTICAST_LOOP, flag(1)],
  [net.IP_MULTICAST_ALL, number(1, 0, 1)],
  [net.IP_UNICAST_IF, number(0)],
  [net.IP_LOCAL_PORT_RANGE, number(0)],
]);

const ipv6 = new Map<number, OptionRule>([
  [net.IPV6_2292PKTINFO, flag()],
  [net.IPV6_2292HOPOPTS, flag()],
  [net.IPV6_2292DSTOPTS, flag()],
  [net.IPV6_2292RTHDR, flag()],
  [net.IPV6_2292HOPLIMIT, flag()],
  [net.IPV6_FLOWINFO, flag()],
  [net.IPV6_ROUTER_ALERT, { initial: 0, readOnly: true }],
  [net.IPV6_UNICAST_HOPS, { initial: 64, min: 0, max: 255, auto: 64 }],
  [net.IPV6_MULTICAST_IF, number(0)],
  [net.IPV6_MULTICAST_HOPS, { initial: 1, min: 0, max: 255, auto: 1 }],
  [net.IPV6_MULTICAST_LOOP, number(1, 0, 1)],
  [net.IPV6_MTU_DISCOVER, number(1, 0, 5)],
  [net.IPV6_RECVERR, flag()],
  [net.IPV6_V6ONLY, flag()],
  [net.IPV6_MULTICAST_ALL, flag(1)],
  [net.IPV6_ROUTER_ALERT_ISOLATE, flag()],
  [net.IPV6_RECVERR_RFC4884, number(0, 0, 1)],
  [net.IPV6_FLOWINFO_SEND, flag()],
  [net.IPV6_RECVPKTINFO, flag()],
  [net.IPV6_RECVHOPLIMIT, flag()],
  [net.IPV6_RECVHOPOPTS, flag()],
  [net.IPV6_RECVRTHDR, flag()],
  [net.IPV6_RECVDSTOPTS, flag()],
  [net.IPV6_RECVPATHMTU, flag()],
  [net.IPV6_DONTFRAG, flag()],
  [net.IPV6_RECVTCLASS, flag()],
  [net.IPV6_TCLASS, { initial: 0, min: 0, max: 255, auto: 0 }],
  [net.IPV6_AUTOFLOWLABEL, flag(1)],
  [net.IPV6_ADDR_PREFERENCES, number(0x500)],
  [net.IPV6_MINHOPCOUNT, number(0, 0, 255)],
  [net.IPV6_ORIGDSTADDR, flag()],
  [net.IPV6_TRANSPARENT, flag()],
  [net.IPV6_UNICAST_IF, number(0)],
  [net.IPV6_RECVFRAGSIZE, flag()],
  [net.IPV6_FREEBIND, flag()],
]);

const tcp = new Map<number, OptionRule>([
  [net.TCP_NODELAY, flag()],
  [net.TCP_MAXSEG, number(536, 88, 32767)],
  [net.TCP_CORK, flag()],
  [net.TCP_KEEPIDLE, number(7200, 1, 32767)],
  [net.TCP_KEEPINTVL, number(75, 1, 32767)],
  [net.TCP_KEEPCNT, number(9, 1, 127)],
  [net.TCP_SYNCNT, number(6, 1, 127)],
  [net.TCP_LINGER2, number(60)],
  [net.TCP_DEFER_ACCEPT, number(0)],
  [net.TCP_WINDOW_CLAMP, number(0)],
  [net.TCP_QUICKACK, flag(1)],
  [net.TCP_THIN_LINEAR_TIMEOUTS, number(0, 0, 1)],
  [net.TCP_THIN_DUPACK, number(0, 0, 1)],
  [net.TCP_USER_TIMEOUT, number(0, 0)],
  [net.TCP_REPAIR, { initial: 0, readOnly: true }],
  [net.TCP_FASTOPEN, number(0, 0)],
  [net.TCP_NOTSENT_LOWAT, number(0)],
  [net.TCP_SAVE_SYN, number(0, 0, 2)],
  [net.TCP_FASTOPEN_CONNECT, number(0, 0, 1)],
  [net.TCP_FASTOPEN_NO_COOKIE, number(0, 0, 1)],
  [net.TCP_INQ, number(0, 0, 1)],
  [net.TCP_TX_DELAY, number(0)],
  [net.TCP_IS_MPTCP, { initial: 0, readOnly: true }],
]);

const udp = new Map<number, OptionRule>([
  [net.UDP_CORK, flag()],
  [net.UDP_ENCAP, number(0)],
  [net.UDP_NO_CHECK6_TX, flag()],
  [net.UDP_NO_CHECK6_RX, flag()],
  [net.UDP_SEGMENT, number(0, 0, 65535)],
  [net.UDP_GRO, flag()],
]);

export const optionRules: ReadonlyMap<number, ReadonlyMap<number, OptionRule>> = new Map([
  [net.SOL_IP, ip],
  [net.SOL_IPV6, ipv6],
  [net.SOL_TCP, tcp],
  [net.SOL_UDP, udp],
]);
