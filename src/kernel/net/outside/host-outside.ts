// The host's network as what lies beyond lo (--net=host). Sockets of the program are connected to ends that hand everything on to
// connections of the host's; addresses of lo that nobody in the program has are the host's too.
import { AF_INET6 } from "../../../abi/constants/network.js";
import { ECONNREFUSED, EIO, Errno, errnoNumber } from "../../../abi/errno.js";
import type { HostConnection, HostDatagrams, HostEndpoint, HostNetwork } from "../../../host/host.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { IpAddress } from "../inet/ip-address.js";
import type { TcpConnection } from "../inet/tcp-connection.js";
import type { UdpSock } from "../inet/udp-sock.js";
import type { Net } from "../net.js";
import { HostSide } from "./host-side.js";
import type { Outside } from "./outside.js";

/** Asked for, there, or an errno name. */
type Progress = { error: string | undefined; isThere: boolean };

export class HostOutside implements Outside {
  readonly #net: Net;
  readonly #network: HostNetwork;
  readonly #wake: () => void;

  constructor(net: Net, network: HostNetwork, wake: () => void) {
    this.#net = net;
    this.#network = network;
    this.#wake = wake;
  }

  #side(sock: TcpConnection): HostSide {
    return new HostSide(this.#wake, this.#net, sock.family, sock.type, sock.protocol, sock.uid);
  }

  connect(sock: TcpConnection): void {
    const side = this.#side(sock);
    side.onConnected = (local) => sock.joinOutside(side, parseAddress(local.address), local.port);
    side.onRefused = (error) => sock.fail(errnoNumber(error) ?? ECONNREFUSED);
    side.connection = this.#network.connect({ address: sock.remote.text, port: sock.remotePort }, side);
  }

  *listen(sock: TcpConnection, task: Task): Sleep<void> {
    const progress: Progress = { error: undefined, isThere: false };
    sock.outside = this.#network.listen(endpoint(sock), sock.v6Only, {
      ...this.#report(progress),
      listening: () => this.#there(progress),
      connection: (connection, follow) => {
        const side = this.#side(sock);
        side.connection = connection;
        this.#nameSide(side, connection);
        follow(side);
        connection.setReading(true);
        sock.offer(side);
        this.#wake();
      },
    });
    yield* this.#settle(progress, task);
  }

  /** As the program sees it, the host's remote end is this side's own address. */
  #nameSide(side: HostSide, { local, remote }: HostConnection): void {
    side.local = parseAddress(remote.address);
    side.port = remote.port;
    side.remote = parseAddress(local.address);
    side.remotePort = local.port;
  }

  *bind(sock: UdpSock, task: Task): Sleep<void> {
    const progress: Progress = { error: undefined, isThere: false };
    this.#open(sock, endpoint(sock), progress);
    yield* this.#settle(progress, task);
  }

  send(sock: UdpSock, bytes: Uint8Array, to: IpAddress, port: number): void {
    const socket =
      sock.outside ?? this.#open(sock, { ...endpoint(sock), port: 0 }, { error: undefined, isThere: false });
    if (port !== 0) (socket as HostDatagrams).send(bytes, { address: textFor(sock, to), port });
  }

  #open(sock: UdpSock, at: HostEndpoint, progress: Progress): HostDatagrams {
    const socket = this.#network.bindDatagrams(sock.family === AF_INET6 ? 6 : 4, at, {
      bound: () => this.#there(progress),
      failed: (error) => {
        progress.error ??= error;
        if (progress.isThere) sock.error = errnoNumber(error) ?? EIO;
        this.#wake();
      },
      datagram: (bytes, from) => {
        sock.takeFromOutside(bytes.slice(), parseAddress(from.address), from.port);
        this.#wake();
      },
    });
    sock.outside = socket;
    return socket;
  }

  #there(progress: Progress): void {
    progress.isThere = true;
    this.#wake();
  }

  #report(progress: Progress): { failed(error: string): void } {
    return {
      failed: (error) => {
        progress.error = error;
        this.#wake();
      },
    };
  }

  *#settle(progress: Progress, task: Task): Sleep<void> {
    yield* sleepUntil(task, () => progress.isThere || progress.error !== undefined);
    if (progress.error !== undefined) throw new Errno(errnoNumber(progress.error) ?? EIO);
  }
}

function endpoint(sock: TcpConnection | UdpSock): HostEndpoint {
  return { address: textFor(sock, sock.local), port: sock.port };
}

/** An address as a socket of its family has to name it. */
function textFor(sock: TcpConnection | UdpSock, address: IpAddress): string {
  return sock.family === AF_INET6 && address.isV4 ? `::ffff:${address.text}` : address.text;
}

/** The inverse of IpAddress's text; an address with a zone loses it. */
export function parseAddress(text: string): IpAddress {
  const v4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (v4) {
    const [a, b, c, d] = v4.slice(1).map(Number);
    return IpAddress.v4(a, b, c, d);
  }
  const [head, tail] = text.replace(/%.*$/, "").split("::");
  const groups = (part: string | undefined): number[] =>
    part ? part.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const before = groups(head);
  const after = groups(tail);
  const middle = new Array<number>(tail === undefined ? 0 : 8 - before.length - after.length).fill(0);
  const all = [...before, ...middle, ...after];
  return new IpAddress(Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff])));
}
