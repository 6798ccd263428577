// The options of one TCP or UDP socket beyond SOL_SOCKET: numbers by option-defaults.ts's table, and those that are more than that.
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MSFILTER,
  IP_MTU,
  IP_MULTICAST_IF,
  IP_OPTIONS,
  IP_PKTOPTIONS,
  IP_PROTOCOL,
  IP_TRANSPARENT,
  IP_TTL,
  IPV6_2292PKTOPTIONS,
  IPV6_ADD_MEMBERSHIP,
  IPV6_ADDRFORM,
  IPV6_DROP_MEMBERSHIP,
  IPV6_DSTOPTS,
  IPV6_HOPOPTS,
  IPV6_MTU,
  IPV6_PATHMTU,
  IPV6_RTHDR,
  IPV6_RTHDRDSTOPTS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  MCAST_MSFILTER,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_TCP,
  SOL_UDP,
  TCP_CONGESTION,
  TCP_FASTOPEN_KEY,
  TCP_MAXSEG,
  TCP_MD5SIG,
  TCP_MD5SIG_EXT,
  TCP_QUEUE_SEQ,
  TCP_REPAIR,
  TCP_REPAIR_QUEUE,
  TCP_SAVED_SYN,
  TCP_ULP,
} from "../../../abi/constants/network.js";
import { CAP_NET_ADMIN, CAP_NET_RAW } from "../../../abi/constants/security.js";
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINVAL,
  ENOBUFS,
  ENODEV,
  ENOENT,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
  EPROTO,
  Errno,
} from "../../../abi/errno.js";
import { byteString, bytesOf } from "../../mm/user-access.js";
import type { Task } from "../../task/task.js";
import { ESTABLISHED } from "../sock.js";
import type { InetSock } from "./inet-sock.js";
import { IpAddress } from "./ip-address.js";
import { optionRules } from "./option-defaults.js";

const LO = 1;
const LO_MTU = 65535; // what IP_MTU says of lo's 65536
const LO_SEGMENT = 65483;
const MEMBERSHIPS = 20; // net.ipv4.igmp_max_memberships
const CONGESTION_CONTROLS = ["cubic", "reno"];

const intBytes = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);

/** Options of TCP that are not just a number. */
function checkTcp(name: number, address: number, length: number, task: Task): void {
  if (name === TCP_MD5SIG || name === TCP_MD5SIG_EXT) throw new Errno(length < 88 ? EINVAL : ENOENT);
  if (name !== TCP_REPAIR) return;
  if (length < 4) throw new Errno(EINVAL);
  const value = task.readI32(address);
  if (!task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
  if (value < -1 || value > 1) throw new Errno(EINVAL);
  throw new Errno(EPERM); // connections cannot be taken apart and put together again
}

export class InetOptions {
  readonly #sock: InetSock;
  readonly #values = new Map<number, number>();
  readonly groups = new Set<string>();
  /** Interface index; 0 is none chosen. */
  multicastInterface = 0;
  #congestion = "cubic";

  constructor(sock: InetSock) {
    this.#sock = sock;
  }

  copyFrom(other: InetOptions): void {
    for (const [key, value] of other.#values) this.#values.set(key, value);
    this.#congestion = other.#congestion;
  }

  get congestion(): string {
    return this.#congestion;
  }

  /** The number `name` holds, or holds at first. */
  get(level: number, name: number): number {
    return this.#values.get(level * 256 + name) ?? optionRules.get(level)?.get(name)?.initial ?? 0;
  }

  #checkLevel(level: number, refused: number = ENOPROTOOPT): void {
    const { family, type } = this.#sock;
    const fits =
      level === SOL_IP ||
      (level === SOL_IPV6 && family === AF_INET6) ||
      (level === SOL_TCP && type === SOCK_STREAM) ||
      (level === SOL_UDP && type !== SOCK_STREAM);
    if (!fits) throw new Errno(refused);
  }

  set(level: number, name: number, address: number, length: number, task: Task): void {
    this.#checkLevel(level);
    if (level === SOL_TCP && name === TCP_CONGESTION) {
      const wanted = byteString(task.copyIn(address, Math.min(length, 15))).replace(/\0.*$/s, "");
      if (!CONGESTION_CONTROLS.includes(wanted)) throw new Errno(ENOENT);
      this.#congestion = wanted;
      return;
    }
    if (level === SOL_TCP && name === TCP_ULP) throw new Errno(ENOENT);
    if (this.#setMulticast(level, name, address, length, task)) return;
    if (level === SOL_IP && name === IP_OPTIONS) {
      if (length > 40) throw new Errno(EINVAL);
      return;
    }
    if (level === SOL_TCP) checkTcp(name, address, length, task);
    if (level === SOL_IP && name === IP_TRANSPARENT && !task.cred.can(CAP_NET_RAW) && !task.cred.can(CAP_NET_ADMIN))
      throw new Errno(EPERM);
    const rule = optionRules.get(level)?.get(name);
    if (rule === undefined || rule.readOnly) throw new Errno(ENOPROTOOPT);
    // IP's options may be given as a single byte.
    const takesByte = level === SOL_IP && length > 0 && length < 4;
    if (length < 4 && !takesByte) throw new Errno(EINVAL);
    let value = takesByte ? task.copyIn(address, 1)[0] : task.readI32(address);
    if (value === -1 && rule.auto !== undefined) value = rule.auto;
    if (rule.isBoolean) value = Number(value !== 0);
    if (level === SOL_TCP && name === TCP_MAXSEG && value === 0) return; // as it was
    if (rule.min !== undefined && value < rule.min) throw new Errno(EINVAL);
    if (rule.max !== undefined && value > rule.max) throw new Errno(EINVAL);
    if (level === SOL_IPV6 && name === IPV6_V6ONLY) {
      if (this.#sock.port !== 0) throw new Errno(EINVAL);
      this.#sock.v6Only = value !== 0;
    }
    this.#values.set(level * 256 + name, value);
  }

  /** Joining, leaving and the interface to send by. True when it was one of these. */
  #setMulticast(level: number, name: number, address: number, length: number, task: Task): boolean {
    const isV4 = level === SOL_IP;
    const isStream = this.#sock.type === SOCK_STREAM;
    if (isV4 && name === IP_MULTICAST_IF) {
      if (isStream) throw new Errno(EINVAL);
      if (length < 4) throw new Errno(EINVAL);
      const wanted = task.copyIn(address, Math.min(length, 12));
      const at = wanted.length >= 8 ? 4 : 0;
      const index = wanted.length === 12 ? new DataView(wanted.buffer).getInt32(8, true) : 0;
      const source = IpAddress.v4(wanted[at], wanted[at + 1], wanted[at + 2], wanted[at + 3]);
      if (index === 0 && source.isAny) this.multicastInterface = 0;
      else if (index === LO || (index === 0 && source.isLocal)) this.multicastInterface = LO;
      else throw new Errno(EADDRNOTAVAIL);
      return true;
    }
    const joins = isV4 ? name === IP_ADD_MEMBERSHIP : level === SOL_IPV6 && name === IPV6_ADD_MEMBERSHIP;
    const leaves = isV4 ? name === IP_DROP_MEMBERSHIP : level === SOL_IPV6 && name === IPV6_DROP_MEMBERSHIP;
    if (!joins && !leaves) return false;
    if (isStream) throw new Errno(EPROTO);
    if (length < (isV4 ? 8 : 20)) throw new Errno(EINVAL);
    const request = task.copyIn(address, Math.min(length, isV4 ? 12 : 20));
    const view = new DataView(request.buffer);
    const group = isV4
      ? IpAddress.v4(request[0], request[1], request[2], request[3])
      : new IpAddress(request.slice(0, 16));
    const source = isV4 ? IpAddress.v4(request[4], request[5], request[6], request[7]) : undefined;
    const index = isV4 ? (request.length >= 12 ? view.getInt32(8, true) : 0) : view.getInt32(16, true);
    if (!group.isMulticast) throw new Errno(leaves && isV4 ? EADDRNOTAVAIL : EINVAL);
    if (index !== LO && !(index === 0 && source?.isLocal)) throw new Errno(ENODEV);
    if (leaves) {
      if (!this.groups.delete(group.key)) throw new Errno(EADDRNOTAVAIL);
      return true;
    }
    if (this.groups.has(group.key)) throw new Errno(EADDRINUSE);
    if (this.groups.size >= MEMBERSHIPS) throw new Errno(ENOBUFS);
    this.groups.add(group.key);
    return true;
  }

  /** Options of which there is nothing to tell, or not in this state. */
  #isEmpty(level: number, name: number): boolean {
    if (level === SOL_IP) {
      if (name === IP_MSFILTER || name === MCAST_MSFILTER) throw new Errno(EINVAL);
      return name === IP_PKTOPTIONS;
    }
    if (level === SOL_TCP) {
      if (name === TCP_REPAIR_QUEUE || name === TCP_QUEUE_SEQ) throw new Errno(EINVAL);
      return name === TCP_SAVED_SYN || name === TCP_ULP || name === TCP_FASTOPEN_KEY;
    }
    if (level !== SOL_IPV6) return false;
    if (name === IPV6_ADDRFORM && this.#sock.state !== ESTABLISHED) throw new Errno(ENOTCONN);
    if (name === IPV6_PATHMTU || name === MCAST_MSFILTER) throw new Errno(EINVAL);
    const extensions = [IPV6_2292PKTOPTIONS, IPV6_HOPOPTS, IPV6_RTHDRDSTOPTS, IPV6_RTHDR, IPV6_DSTOPTS];
    return extensions.includes(name);
  }

  /** The value as getsockopt(2) gives it. */
  bytes(level: number, name: number, room: number): Uint8Array {
    this.#checkLevel(level, this.#sock.family === AF_INET ? EOPNOTSUPP : ENOPROTOOPT);
    if (this.#isEmpty(level, name)) return new Uint8Array(0);
    const { state, protocol } = this.#sock;
    if (level === SOL_TCP) {
      if (name === TCP_CONGESTION) return bytesOf(this.#congestion.padEnd(16, "\0"));
      if (name === TCP_MAXSEG && state === ESTABLISHED) return intBytes(LO_SEGMENT);
    }
    if ((level === SOL_IP && name === IP_MTU) || (level === SOL_IPV6 && name === IPV6_MTU)) {
      if (state !== ESTABLISHED) throw new Errno(ENOTCONN);
      return intBytes(LO_MTU);
    }
    if (level === SOL_IP && name === IP_MULTICAST_IF) return new Uint8Array(4);
    if (level === SOL_IP && name === IP_OPTIONS) return new Uint8Array(0);
    if (level === SOL_IP && name === IP_PROTOCOL) return intBytes(protocol);
    if (!optionRules.get(level)?.has(name)) throw new Errno(ENOPROTOOPT);
    if (level === SOL_IPV6 && name === IPV6_V6ONLY) return intBytes(Number(this.#sock.v6Only));
    const value = this.get(level, name);
    // ip_getsockopt: a value that fits is given as a byte to who has no room for more.
    if (level === SOL_IP && room > 0 && room < 4 && value >= 0 && value <= 255) return new Uint8Array([value]);
    return intBytes(value);
  }

  /** What TTL or hop limit a packet of this socket leaves with. */
  get hops(): number {
    return this.#sock.family === AF_INET ? this.get(SOL_IP, IP_TTL) : this.get(SOL_IPV6, IPV6_UNICAST_HOPS);
  }
}
