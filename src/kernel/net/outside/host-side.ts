// The other end of a TCP connection with the host's network: for the program's socket a peer like any other, behind it a connection
// of the host's.
import type { HostConnection, HostConnectionEvents, HostEndpoint } from "../../../host/host.js";
import { TcpSock } from "../inet/tcp-sock.js";

const CHUNK = 65536;
/** What the host may have pending; the rest waits here and counts as the program's. */
const PENDING_MAX = 1 << 18;

export class HostSide extends TcpSock implements HostConnectionEvents {
  connection: HostConnection | undefined;
  onConnected: ((local: HostEndpoint) => void) | undefined;
  onRefused: ((error: string) => void) | undefined;
  readonly #wake: () => void;
  #hasFin = false;
  #isOver = false;

  constructor(wake: () => void, ...parts: ConstructorParameters<typeof TcpSock>) {
    super(...parts);
    this.#wake = wake;
    this.net.sockets.delete(this); // it is nobody's socket
  }

  // From the program's side

  override arrived(): void {
    const { connection } = this;
    if (connection === undefined || this.#isOver) {
      this.incoming.clear();
      return;
    }
    while (this.incoming.size > 0 && connection.pending < PENDING_MAX) {
      const bytes = this.incoming.view(0, CHUNK).slice();
      this.consume(bytes.length);
      connection.write(bytes);
    }
    if (this.incoming.size === 0 && this.#hasFin) connection.end();
  }

  override receiveFin(): void {
    super.receiveFin();
    this.#hasFin = true;
    this.arrived();
  }

  override reset(): void {
    super.reset();
    this.#isOver = true;
    this.connection?.destroy();
  }

  /** The program has read, or has become able to. */
  override wasRead(): void {
    const { peer } = this;
    if (peer && peer.incoming.size < peer.receiveBuffer) this.connection?.setReading(true);
  }

  // From the host's side

  connected(local: HostEndpoint): void {
    this.onConnected?.(local);
    this.#wake();
  }

  data(bytes: Uint8Array): void {
    this.deliver(bytes, false);
    const { peer } = this;
    if (peer && peer.incoming.size >= peer.receiveBuffer) this.connection?.setReading(false);
    this.#wake();
  }

  ended(): void {
    this.sendFin();
    this.#wake();
  }

  drained(): void {
    this.arrived();
    this.#wake();
  }

  closed(error: string | undefined): void {
    this.#isOver = true;
    if (this.peer === undefined) this.onRefused?.(error ?? "ECONNRESET");
    else if (error !== undefined) this.sendReset();
    this.incoming.clear();
    this.#wake();
  }
}
