// The host's network under Node, for programs that were allowed it: TCP connections, listeners and UDP sockets.
import type { Socket as DatagramSocket } from "node:dgram";
import type { Socket } from "node:net";
import { builtin } from "./builtin.js";
import type {
  HostConnection,
  HostConnectionEvents,
  HostDatagramEvents,
  HostDatagrams,
  HostEndpoint,
  HostListenerEvents,
  HostNetwork,
} from "./host.js";

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "EIO";

class NodeConnection implements HostConnection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get local(): HostEndpoint {
    return { address: this.#socket.localAddress ?? "0.0.0.0", port: this.#socket.localPort ?? 0 };
  }

  get remote(): HostEndpoint {
    return { address: this.#socket.remoteAddress ?? "0.0.0.0", port: this.#socket.remotePort ?? 0 };
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  setReading(wanted: boolean): void {
    if (wanted) this.#socket.resume();
    else this.#socket.pause();
  }
}

function follow(socket: Socket, events: HostConnectionEvents): void {
  let error: string | undefined;
  socket.setNoDelay(true);
  socket.on("data", (bytes) => events.data(bytes));
  socket.on("end", () => events.ended());
  socket.on("drain", () => events.drained());
  socket.on("error", (cause) => {
    error = codeOf(cause);
  });
  socket.on("close", () => events.closed(error));
}

export class NodeNetwork implements HostNetwork {
  connect(to: HostEndpoint, events: HostConnectionEvents): HostConnection {
    const socket = builtin("node:net").connect({
      host: to.address,
      port: to.port,
      allowHalfOpen: true,
      autoSelectFamily: false,
    });
    const connection = new NodeConnection(socket);
    socket.on("connect", () => events.connected(connection.local));
    follow(socket, events);
    return connection;
  }

  listen(at: HostEndpoint, v6Only: boolean, events: HostListenerEvents): { close(): void } {
    const server = builtin("node:net").createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      events.connection(new NodeConnection(socket), (listener) => follow(socket, listener));
    });
    server.on("error", (error) => events.failed(codeOf(error)));
    server.on("listening", () => events.listening());
    server.listen({ host: at.address, port: at.port, ipv6Only: v6Only });
    return { close: () => server.close() };
  }

  bindDatagrams(family: 4 | 6, at: HostEndpoint, events: HostDatagramEvents): HostDatagrams {
    const socket = builtin("node:dgram").createSocket({ type: family === 4 ? "udp4" : "udp6" });
    socket.on("error", (error) => events.failed(codeOf(error)));
    socket.on("listening", () => events.bound());
    socket.on("message", (bytes, { address, port }) => events.datagram(bytes, { address, port }));
    socket.bind({ address: at.address, port: at.port });
    return new NodeDatagrams(socket, events);
  }
}

class NodeDatagrams implements HostDatagrams {
  readonly #socket: DatagramSocket;
  readonly #events: HostDatagramEvents;

  constructor(socket: DatagramSocket, events: HostDatagramEvents) {
    this.#socket = socket;
    this.#events = events;
  }

  send(bytes: Uint8Array, to: HostEndpoint): void {
    const report = (error: unknown): void => {
      if (error) this.#events.failed(codeOf(error));
    };
    try {
      this.#socket.send(bytes, to.port, to.address, report);
    } catch (error) {
      report(error);
    }
  }

  close(): void {
    try {
      this.#socket.close();
    } catch {
      // It never came to be.
    }
  }
}
