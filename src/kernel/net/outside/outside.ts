// What TCP and UDP sockets ask of a network beyond lo.
import type { Task } from "../../task/task.js";
import type { Sleep } from "../../task/wait.js";
import type { IpAddress } from "../inet/ip-address.js";
import type { TcpConnection } from "../inet/tcp-connection.js";
import type { UdpSock } from "../inet/udp-sock.js";

export interface Outside {
  /** Begins to connect `sock`, which is in SYN_SENT, to its remote address. */
  connect(sock: TcpConnection): void;
  /** Lets connections from outside come to `sock`. Throws EADDRINUSE and its kin. */
  listen(sock: TcpConnection, task: Task): Sleep<void>;
  /** Lets datagrams from outside come to `sock`. */
  bind(sock: UdpSock, task: Task): Sleep<void>;
  send(sock: UdpSock, bytes: Uint8Array, to: IpAddress, port: number): void;
}

/** Something of the outside that goes when its socket goes. */
export interface Closable {
  close(): void;
}
