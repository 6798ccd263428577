// The texts of /proc/net: the kernel's own tables of sockets, and lo. net/ipv4/tcp_ipv4.c, udp.c, net/unix/af_unix.c,
// net/core/net-procfs.c
import { AF_INET, AF_INET6, SOCK_STREAM } from "../../abi/constants/network.js";
import { byteString } from "../mm/user-access.js";
import type { InetSock } from "./inet/inet-sock.js";
import { procText } from "./inet/ip-address.js";
import { TcpSock } from "./inet/tcp-sock.js";
import { UdpSock } from "./inet/udp-sock.js";
import type { Net } from "./net.js";
import { NetlinkSock } from "./netlink/netlink-sock.js";
import { CLOSE, ESTABLISHED, LISTEN, TIME_WAIT } from "./sock.js";
import { SUN_PATH } from "./unix/unix-names.js";
import { UnixSock } from "./unix/unix-sock.js";

const POINTER = "0".repeat(16); // what %pK shows to those who may not see addresses
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;
const ACCEPTING = 0x10000; // __SO_ACCEPTCON

const hex = (value: number | bigint, width: number): string => value.toString(16).toUpperCase().padStart(width, "0");
const right = (value: number | bigint, width: number): string => String(value).padStart(width);

const COLUMNS = "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const NAMES_V4 = "local_address rem_address   ";
const NAMES_V6 = `${"local_address".padEnd(38)}${"remote_address".padEnd(38)}`;

function sockLine(index: number, sock: InetSock, transmit: number, receive: number, tail: string): string {
  const { family, local, port, remote, remotePort, state, uid, ino } = sock;
  const names = `${procText(family, local, port)} ${procText(family, remote, remotePort)}`;
  const queues = `${hex(transmit, 8)}:${hex(receive, 8)} 00:00000000 00000000`;
  return `${right(index, sock instanceof UdpSock ? 5 : 4)}: ${names} ${hex(state, 2)} ${queues} ${right(uid, 5)} ${right(0, 8)} ${ino} ${tail}`;
}

export function tcpText(net: Net, family: number): string {
  const isV6 = family === AF_INET6;
  const pad = (line: string): string => (isV6 ? line : line.padEnd(TCP_WIDTH));
  const lines = [pad(`  sl  ${isV6 ? NAMES_V6 : NAMES_V4}${COLUMNS}`)];
  for (const sock of net.sockets) {
    if (!(sock instanceof TcpSock) || sock.family !== family || sock.state === CLOSE) continue;
    const listens = sock.state === LISTEN;
    const timing = listens ? "100 0 0 10 0" : "20 4 0 10 -1";
    const waiting = listens ? sock.embryos.length : sock.unreadBytes();
    const transmit = listens ? 0 : sock.unsentBytes();
    lines.push(pad(sockLine(lines.length - 1, sock, transmit, waiting, `1 ${POINTER} ${timing}`)));
  }
  const now = net.monotonic();
  for (const wait of net.tcpPorts.timeWaits(now)) {
    if (wait.family !== family) continue;
    const names = `${procText(family, wait.local, wait.port)} ${procText(family, wait.remote, wait.remotePort)}`;
    const left = hex(Math.ceil((wait.until - now) / 1e7), 8);
    const rest = `${hex(TIME_WAIT, 2)} 00000000:00000000 03:${left} 00000000 ${right(0, 5)} ${right(0, 8)} 0 3 ${POINTER}`;
    lines.push(pad(`${right(lines.length - 1, 4)}: ${names} ${rest}`));
  }
  return `${lines.join("\n")}\n`;
}

export function udpText(net: Net, family: number): string {
  const isV6 = family === AF_INET6;
  const pad = (line: string): string => (isV6 ? line : line.padEnd(UDP_WIDTH));
  const lines = [pad(`${isV6 ? "  sl  " : "   sl  "}${isV6 ? NAMES_V6 : NAMES_V4}${COLUMNS} ref pointer drops`)];
  for (const sock of net.sockets) {
    if (!(sock instanceof UdpSock) || sock.family !== family || sock.port === 0) continue;
    lines.push(pad(sockLine(sock.port, sock, 0, sock.queue.truesize, `2 ${POINTER} ${sock.drops}`)));
  }
  return `${lines.join("\n")}\n`;
}

/** No sockets of the kind exist: the header alone. */
export function rawText(family: number): string {
  return `  sl  ${family === AF_INET6 ? NAMES_V6 : NAMES_V4}${COLUMNS} ref pointer drops\n`;
}

export function unixText(net: Net): string {
  const lines = ["Num       RefCount Protocol Flags    Type St Inode Path"];
  for (const sock of net.sockets) {
    if (!(sock instanceof UnixSock)) continue;
    const listens = sock.state === LISTEN;
    const state = sock.ino === 0n ? 2 : sock.state === ESTABLISHED ? 3 : 1;
    const references = sock.peer ? 3 : 2;
    const path = sock.address ? ` ${pathText(sock.address.subarray(SUN_PATH))}` : "";
    lines.push(
      `${POINTER}: ${hex(references, 8)} 00000000 ${hex(listens ? ACCEPTING : 0, 8)} ${hex(sock.type, 4)} ${hex(state, 2)} ${right(sock.ino, 5)}${path}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** NULs of abstract names are shown as "@"; a path is shown without its own. */
function pathText(bytes: Uint8Array): string {
  if (bytes[0] !== 0) return byteString(bytes).replace(/\0$/, "");
  return byteString(bytes).replaceAll("\0", "@");
}

export function netlinkText(net: Net): string {
  const lines = ["sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode"];
  for (const sock of net.sockets) {
    if (!(sock instanceof NetlinkSock)) continue;
    const port = String(sock.port >>> 0).padEnd(10);
    const rest = `${hex(sock.groups, 8).toLowerCase()} 0        0        0     2        0        `;
    lines.push(`${POINTER} ${String(sock.protocol).padEnd(3)} ${port} ${rest}${String(sock.ino).padEnd(8)}`);
  }
  return `${lines.join("\n")}\n`;
}

export function deviceText(net: Net): string {
  const { packets, bytes } = net.traffic;
  const receive = `${right(bytes, 8)} ${right(packets, 7)}    0    0    0     0          0         0`;
  const transmit = `${right(bytes, 8)} ${right(packets, 7)}    0    0    0     0       0          0`;
  return [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    `    lo:${receive} ${transmit}`,
    "",
  ].join("\n");
}

export const ROUTE_TEXT = `${"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".padEnd(127)}\n`;

export const IF_INET6_TEXT = `${"1".padStart(32, "0")} 01 80 10 80       lo\n`;

export const IPV6_ROUTE_TEXT = [
  ["0".repeat(32), "00", "ffffffff 00000001 00000000 00200200"],
  ["1".padStart(32, "0"), "80", "00000000 00000002 00000000 80200001"],
  ["0".repeat(32), "00", "ffffffff 00000001 00000000 00200200"],
]
  .map(([to, prefix, rest]) => `${to} ${prefix} ${"0".repeat(32)} 00 ${"0".repeat(32)} ${rest}       lo\n`)
  .join("");

export const ARP_TEXT = "IP address       HW type     Flags       HW address            Mask     Device\n";

export function sockstatText(net: Net): string {
  const count = (is: (sock: unknown) => boolean): number => [...net.sockets].filter(is).length;
  const tcp = count((sock) => sock instanceof TcpSock && sock.family === AF_INET && sock.state !== CLOSE);
  const allocated = count((sock) => sock instanceof TcpSock && sock.type === SOCK_STREAM);
  const udp = count((sock) => sock instanceof UdpSock && sock.family === AF_INET && sock.port !== 0);
  const waiting = net.tcpPorts.timeWaits(net.monotonic()).length;
  return [
    `sockets: used ${net.sockets.size}`,
    `TCP: inuse ${tcp} orphan 0 tw ${waiting} alloc ${allocated} mem 0`,
    `UDP: inuse ${udp} mem 0`,
    "UDPLITE: inuse 0",
    "RAW: inuse 0",
    "FRAG: inuse 0 memory 0",
    "",
  ].join("\n");
}
