// inet_diag: TCP's and UDP's sockets. net/ipv4/inet_diag.c, tcp_diag.c, udp_diag.c
import * as nl from "../../../abi/constants/netlink.js";
import {
  AF_INET6,
  IP_TOS,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_TCLASS,
  SO_MARK,
  SO_PRIORITY,
  SOL_IP,
  SOL_IPV6,
} from "../../../abi/constants/network.js";
import { ENOENT, ESTALE } from "../../../abi/errno.js";
import { inetAnswer, inetQuestion } from "../../../abi/netlink/sock-diag.js";
import { joinBytes } from "../../../lib/bytes.js";
import { byteString, bytesOf } from "../../mm/user-access.js";
import type { InetSock } from "../inet/inet-sock.js";
import type { IpAddress } from "../inet/ip-address.js";
import { tcpInfo } from "../inet/tcp-info.js";
import { TcpSock } from "../inet/tcp-sock.js";
import { UdpSock } from "../inet/udp-sock.js";
import type { Net } from "../net.js";
import { CLOSE, LISTEN, TIME_WAIT } from "../sock.js";
import { cookieOf, type Diagnosis, isCookieOf, memoryOf } from "./diagnosis.js";
import { attribute, int32 } from "./netlink-message.js";

const SOCKET_ID = 48;
const TICKS_TO_MILLISECONDS = 1e6;

// struct inet_diag_sockopt
const IS_CONNECTION_SOCKET = 1 << 1;
const MULTICAST_LOOPS = 1 << 4;
const MULTICAST_FROM_ALL = 1 << 6;

/** struct inet_diag_sockid. */
function socketId(family: number, from: [IpAddress, number], to: [IpAddress, number], cookie: Uint8Array): Uint8Array {
  const id = new Uint8Array(SOCKET_ID);
  const view = new DataView(id.buffer);
  view.setUint16(0, from[1]);
  view.setUint16(2, to[1]);
  id.set(addressOf(family, from[0]), 4);
  id.set(addressOf(family, to[0]), 20);
  id.set(cookie, 40);
  return id;
}

const addressOf = (family: number, { bytes }: IpAddress): Uint8Array =>
  family === AF_INET6 ? bytes : bytes.subarray(12);

function body(sock: InetSock, extensions: number): Uint8Array {
  const { family, local, port, remote, remotePort, options } = sock;
  const listens = sock.state === LISTEN;
  const isTcp = sock instanceof TcpSock;
  const asked = (type: number): boolean => (extensions & (1 << (type - 1))) !== 0;
  const parts = [
    inetAnswer.header.encode({
      idiag_family: family,
      idiag_state: sock.state,
      id: socketId(family, [local, port], [remote, remotePort], cookieOf(sock)),
      idiag_rqueue:
        listens && isTcp ? sock.embryos.length : isTcp ? sock.unreadBytes() : (sock as UdpSock).queue.truesize,
      idiag_wqueue: listens ? sock.acceptLimit : isTcp ? sock.unsentBytes() : 0,
      idiag_uid: sock.uid,
      idiag_inode: sock.ino,
    }),
    attribute(nl.INET_DIAG_SHUTDOWN, new Uint8Array([sock.shutdownMask])),
  ];
  const tell = (type: number, value: Uint8Array): void => void parts.push(attribute(type, value));
  if (asked(nl.INET_DIAG_TOS)) tell(nl.INET_DIAG_TOS, new Uint8Array([options.get(SOL_IP, IP_TOS)]));
  if (family === AF_INET6) {
    if (asked(nl.INET_DIAG_TCLASS))
      tell(nl.INET_DIAG_TCLASS, new Uint8Array([Math.max(0, options.get(SOL_IPV6, IPV6_TCLASS))]));
    if (listens || sock.state === CLOSE) tell(nl.INET_DIAG_SKV6ONLY, new Uint8Array([Number(sock.v6Only)]));
  }
  tell(nl.INET_DIAG_MARK, int32(sock.remembered.get(SO_MARK) ?? 0));
  if (asked(nl.INET_DIAG_CLASS_ID) || asked(nl.INET_DIAG_TCLASS))
    tell(nl.INET_DIAG_CLASS_ID, int32(sock.remembered.get(SO_PRIORITY) ?? 0));
  const flags = MULTICAST_LOOPS | MULTICAST_FROM_ALL | (isTcp ? IS_CONNECTION_SOCKET : 0);
  tell(nl.INET_DIAG_SOCKOPT, new Uint8Array([flags, 0]));
  if (asked(nl.INET_DIAG_MEMINFO)) tell(nl.INET_DIAG_MEMINFO, new Uint8Array(16));
  if (asked(nl.INET_DIAG_SKMEMINFO)) tell(nl.INET_DIAG_SKMEMINFO, memoryOf(sock));
  if (isTcp && asked(nl.INET_DIAG_INFO))
    tell(nl.INET_DIAG_INFO, tcpInfo(sock.state, sock.embryos.length, sock.acceptLimit));
  if (isTcp && asked(nl.INET_DIAG_CONG)) tell(nl.INET_DIAG_CONG, bytesOf(`${options.congestion}\0`));
  return joinBytes(parts);
}

/** Connections that only wait for their time to pass. inet_twsk_diag_fill */
function waiting(
  net: Net,
  family: number,
): readonly { readonly ports: readonly number[]; readonly bytes: Uint8Array }[] {
  const now = net.monotonic();
  return net.tcpPorts
    .timeWaits(now)
    .filter((wait) => wait.family === family)
    .map((wait) => ({
      ports: [wait.port, wait.remotePort],
      bytes: inetAnswer.header.encode({
        idiag_family: family,
        idiag_state: TIME_WAIT,
        idiag_timer: 3,
        id: socketId(family, [wait.local, wait.port], [wait.remote, wait.remotePort], new Uint8Array(8)),
        idiag_expires: Math.ceil((wait.until - now) / TICKS_TO_MILLISECONDS),
      }),
    }));
}

interface Question {
  readonly family: number;
  readonly protocol: number;
  readonly extensions: number;
  readonly states: number;
  readonly ports: readonly [from: number, to: number];
  readonly id: DataView;
}

function parse(view: DataView): Question {
  const { header } = inetQuestion;
  const id = header.inner(view, "id");
  return {
    family: header.get(view, "sdiag_family"),
    protocol: header.get(view, "sdiag_protocol"),
    extensions: header.get(view, "idiag_ext"),
    states: header.get(view, "idiag_states"),
    ports: [id.getUint16(0), id.getUint16(2)],
    id,
  };
}

const fits = ([from, to]: Question["ports"], port: number, remotePort: number): boolean =>
  (from === 0 || from === port) && (to === 0 || to === remotePort);

function socketsOf(net: Net, { family, protocol }: Question): InetSock[] {
  return [...net.sockets].filter((sock): sock is InetSock => {
    if (sock.family !== family) return false;
    if (protocol === IPPROTO_TCP) return sock instanceof TcpSock && sock.state !== CLOSE;
    return sock instanceof UdpSock && sock.port !== 0;
  });
}

const isKnown = (protocol: number): boolean => protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;

export const inetDiagnosis: Diagnosis = {
  question: inetQuestion.header,
  dump: (view, net) => {
    const question = parse(view);
    const { extensions, states, ports, protocol, family } = question;
    if (!isKnown(protocol)) return ENOENT;
    const found = socketsOf(net, question)
      .filter((sock) => ((states >>> sock.state) & 1) === 1 && fits(ports, sock.port, sock.remotePort))
      .map((sock) => body(sock, extensions));
    if (protocol !== IPPROTO_TCP || ((states >>> TIME_WAIT) & 1) === 0) return found;
    const past = waiting(net, family).filter((wait) => fits(ports, wait.ports[0] as number, wait.ports[1] as number));
    return [...found, ...past.map(({ bytes }) => bytes)];
  },
  one: (view, net) => {
    const question = parse(view);
    if (!isKnown(question.protocol)) return ENOENT;
    const { family, ports, id, protocol, extensions } = question;
    const size = family === AF_INET6 ? 16 : 4;
    const at = (offset: number): string => byteString(new Uint8Array(id.buffer, id.byteOffset + offset, size));
    const is = (offset: number, address: IpAddress): boolean => at(offset) === byteString(addressOf(family, address));
    const all = socketsOf(net, question).filter((sock) => sock.port === ports[0]);
    const sock =
      all.find((each) => each.remotePort === ports[1] && ports[1] !== 0 && is(4, each.local) && is(20, each.remote)) ??
      all.find((each) => each.remotePort === 0 && (is(4, each.local) || each.local === each.any));
    if (sock === undefined) return ENOENT;
    const cookie = new DataView(id.buffer, id.byteOffset + 40, 8);
    if (!isCookieOf(sock, cookie)) return protocol === IPPROTO_TCP ? ENOENT : ESTALE;
    return body(sock, extensions);
  },
};
