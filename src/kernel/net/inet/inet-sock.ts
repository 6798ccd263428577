// What TCP and UDP sockets have in common: addresses, ports, and the options of IP. net/ipv4/af_inet.c, net/ipv6/af_inet6.c

import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IP_FREEBIND,
  IP_TRANSPARENT,
  IPV6_FREEBIND,
  IPV6_TRANSPARENT,
  SO_BROADCAST,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
} from "../../../abi/constants/network.js";
import { CAP_NET_BIND_SERVICE } from "../../../abi/constants/security.js";
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EINVAL,
  ENETUNREACH,
  ENOTCONN,
  Errno,
} from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import { CLOSE, familyOf, Sock, SYN_SENT } from "../sock.js";
import { InetOptions } from "./inet-options.js";
import {
  ANY_V4,
  ANY_V6,
  type Endpoint,
  endpointOf,
  type IpAddress,
  LOOPBACK_V4,
  LOOPBACK_V6,
  SIN6_LEN_RFC2133,
  SOCKADDR_IN,
  sockaddrOf,
} from "./ip-address.js";
import { covers, type PortTable } from "./port-table.js";

const PRIVILEGED_PORTS = 1024; // net.ipv4.ip_unprivileged_port_start

export abstract class InetSock extends Sock {
  local: IpAddress;
  port = 0;
  remote: IpAddress;
  remotePort = 0;
  v6Only = false;
  readonly options = new InetOptions(this);
  /** The program chose the address, the port: disconnecting leaves them. */
  #hasOwnAddress = false;
  #hasOwnPort = false;

  constructor(...parts: ConstructorParameters<typeof Sock>) {
    super(...parts);
    this.local = this.remote = this.any;
  }

  get any(): IpAddress {
    return this.family === AF_INET6 ? ANY_V6 : ANY_V4;
  }

  abstract get ports(): PortTable;

  /** Both bound to one port at overlapping addresses: is that allowed? */
  abstract sharesPortWith(other: InetSock): boolean;

  protected sharesByReusePort(other: InetSock): boolean {
    return this.reusePort && other.reusePort && this.uid === other.uid;
  }

  /** Does it get what is sent to `address`? */
  hears(address: IpAddress): boolean {
    return covers(this, this.local, address);
  }

  override bind(bytes: Uint8Array, task: Task): undefined | Sleep<void> {
    const { address, port } = this.#endpointToBind(bytes);
    if (port !== 0 && port < PRIVILEGED_PORTS && !task.cred.can(CAP_NET_BIND_SERVICE)) throw new Errno(EACCES);
    if (this.state !== CLOSE || this.port !== 0) throw new Errno(EINVAL);
    this.takePort(address, port);
    this.local = address;
    if (this.family === AF_INET6 && !address.isAny && !address.isV4) this.v6Only = true;
    this.#hasOwnAddress = !address.isAny;
    this.#hasOwnPort = port !== 0;
    return undefined;
  }

  #endpointToBind(bytes: Uint8Array): Endpoint {
    if (bytes.length < (this.family === AF_INET6 ? SIN6_LEN_RFC2133 : SOCKADDR_IN)) throw new Errno(EINVAL);
    const family = familyOf(bytes);
    if (family !== this.family) {
      // Compatibility games: AF_UNSPEC for a wildcard.
      const isWildcard = this.family === AF_INET && family === AF_UNSPEC && bytes.subarray(4, 8).every((b) => b === 0);
      if (!isWildcard) throw new Errno(EAFNOSUPPORT);
      return { address: ANY_V4, port: (bytes[2] << 8) | bytes[3], scope: 0 };
    }
    const endpoint = endpointOf(bytes);
    const { address, scope } = endpoint;
    if (this.family === AF_INET6) {
      if (address.isV4 && this.v6Only) throw new Errno(EINVAL);
      if (!address.isV4 && address.isMulticast && this.type === SOCK_STREAM) throw new Errno(EINVAL);
      if (address.isLinkLocal && scope === 0) throw new Errno(EINVAL);
    }
    if (!address.isAny && !address.isLocal && !address.isMulticast && !address.isBroadcast && !this.#bindsAnywhere) {
      throw new Errno(EADDRNOTAVAIL);
    }
    return endpoint;
  }

  get #bindsAnywhere(): boolean {
    const { options } = this;
    if (this.net.outside) return true;
    return this.family === AF_INET6
      ? options.get(SOL_IPV6, IPV6_FREEBIND) !== 0 || options.get(SOL_IPV6, IPV6_TRANSPARENT) !== 0
      : options.get(SOL_IP, IP_FREEBIND) !== 0 || options.get(SOL_IP, IP_TRANSPARENT) !== 0;
  }

  /** get_port: 0 is any. Throws EADDRINUSE. */
  protected takePort(address: IpAddress, port: number): void {
    const chosen = port === 0 ? this.ports.ephemeral(this, address) : port;
    if (chosen === 0 || (port !== 0 && !this.ports.isFree(this, address, port))) throw new Errno(EADDRINUSE);
    this.port = chosen;
    this.ports.add(this);
  }

  protected leavePort(): void {
    if (this.port === 0) return;
    this.ports.remove(this);
    this.port = 0;
  }

  /** Where a connection or a message is to go, by an address of this socket's family or, with IPv6, of version 4. */
  protected destination(bytes: Uint8Array): Endpoint {
    const family = familyOf(bytes);
    if (this.family === AF_INET6 && family === AF_INET6) {
      if (bytes.length < SIN6_LEN_RFC2133) throw new Errno(EINVAL);
    } else {
      if (bytes.length < SOCKADDR_IN) throw new Errno(EINVAL);
      if (family !== AF_INET) throw new Errno(EAFNOSUPPORT);
    }
    return endpointOf(bytes);
  }

  /** ip_route_connect: the address a destination really is. Only lo's can be reached. */
  protected route({ address, scope }: Endpoint): IpAddress {
    if (address.isV4 && this.family === AF_INET6 && this.v6Only) throw new Errno(ENETUNREACH);
    if (address.equals(ANY_V4)) return LOOPBACK_V4;
    if (address.equals(ANY_V6)) return this.local.isV4 && !this.local.isAny ? LOOPBACK_V4 : LOOPBACK_V6;
    if (address.isLinkLocal && scope === 0) throw new Errno(EINVAL);
    if (this.family === AF_INET6 && address.isV4 !== this.local.isV4 && !this.local.isAny) throw new Errno(ENETUNREACH);
    if (address.isLocal) return address;
    if (address.isBroadcast && address.bytes[12] === 127) {
      if (!this.remembered.get(SO_BROADCAST)) throw new Errno(EACCES);
      return address;
    }
    if (address.isMulticast && this.options.multicastInterface !== 0) return address;
    if (this.net.outside) return address;
    throw new Errno(ENETUNREACH);
  }

  /** The source address of what goes to `destination`. */
  protected sourceFor(destination: IpAddress): IpAddress {
    if (!this.local.isAny) return this.local;
    if (!destination.isLocal && this.net.outside) return destination.isV4 ? ANY_V4 : ANY_V6;
    return destination.isV4 ? LOOPBACK_V4 : LOOPBACK_V6;
  }

  /** connect(AF_UNSPEC): what the program did not choose itself is given up. */
  protected disconnectNames(): void {
    this.remote = this.any;
    this.remotePort = 0;
    if (!this.#hasOwnAddress) this.local = this.any;
    if (!this.#hasOwnPort) this.leavePort();
  }

  override name(ofPeer: boolean): Uint8Array {
    if (!ofPeer) return sockaddrOf(this.family, { address: this.local, port: this.port });
    if (this.remotePort === 0 || this.state === CLOSE || this.state === SYN_SENT) throw new Errno(ENOTCONN);
    return sockaddrOf(this.family, { address: this.remote, port: this.remotePort });
  }

  override setOption(level: number, name: number, address: number, length: number, task: Task): void {
    this.options.set(level, name, address, length, task);
  }

  override getOption(level: number, name: number, _task: Task, room: number): Uint8Array {
    return this.options.bytes(level, name, room);
  }

  protected endpointsText(): string | undefined {
    if (this.port === 0) return undefined;
    const text = (address: IpAddress, port: number): string => {
      if (this.family !== AF_INET6) return `${address.text}:${port}`;
      return `[${address.isV4 ? `::ffff:${address.text}` : address.text}]:${port}`;
    };
    const own = text(this.local, this.port);
    return this.remotePort === 0 ? own : `${own}->${text(this.remote, this.remotePort)}`;
  }
}
