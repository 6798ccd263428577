// /proc/net and /proc/PID/net: the tables of the network as files, and what of it sysctl shows. fs/proc/proc_net.c
import { AF_INET, AF_INET6 } from "../../../abi/constants/network.js";
import type { Net } from "../../net/net.js";
import * as text from "../../net/proc-net.js";
import type { Inode } from "../../vfs/inode.js";
import type { FileSystem } from "../file-system.js";
import { ProcDirectory, ProcText } from "./proc-inode.js";

export function netDirectory(fs: FileSystem): Inode {
  const of = (make: (net: Net) => string): ProcText => new ProcText(fs, (task) => make(task.namespaces.net));
  return new ProcDirectory(fs, {
    arp: of(() => text.ARP_TEXT),
    dev: of(text.deviceText),
    if_inet6: of(() => text.IF_INET6_TEXT),
    ipv6_route: of(() => text.IPV6_ROUTE_TEXT),
    netlink: of(text.netlinkText),
    raw: of(() => text.rawText(AF_INET)),
    raw6: of(() => text.rawText(AF_INET6)),
    route: of(() => text.ROUTE_TEXT),
    sockstat: of(text.sockstatText),
    tcp: of((net) => text.tcpText(net, AF_INET)),
    tcp6: of((net) => text.tcpText(net, AF_INET6)),
    udp: of((net) => text.udpText(net, AF_INET)),
    udp6: of((net) => text.udpText(net, AF_INET6)),
    unix: of(text.unixText),
  });
}

/** /proc/sys/net, as far as programs look at it. */
export function netSysctls(fs: FileSystem): Inode {
  const value = (shown: string | number): ProcText => new ProcText(fs, () => `${shown}\n`);
  const directory = (names: Record<string, Inode>): Inode => new ProcDirectory(fs, names);
  return directory({
    core: directory({
      optmem_max: value(131072),
      rmem_default: value(212992),
      rmem_max: value(4194304),
      somaxconn: value(4096),
      wmem_default: value(212992),
      wmem_max: value(4194304),
    }),
    ipv4: directory({
      ip_default_ttl: value(64),
      ip_forward: value(0),
      ip_local_port_range: value("32768\t60999"),
      ip_unprivileged_port_start: value(1024),
      tcp_rmem: value("4096\t131072\t33554432"),
      tcp_wmem: value("4096\t16384\t4194304"),
      tcp_fin_timeout: value(60),
      tcp_syncookies: value(1),
    }),
    ipv6: directory({ bindv6only: value(0) }),
    unix: directory({ max_dgram_qlen: value(10) }),
  });
}
