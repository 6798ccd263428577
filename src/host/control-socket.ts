// Messages between a tool and a running machine: JSON values, a line each, over a local socket.
import type { Server, Socket } from "node:net";
import { builtin } from "./builtin.js";

const LONGEST_LINE = 1 << 20;
const LONGEST_GOODBYE = 2000;

/** One side of a connection. */
export class MessageSocket {
  readonly #socket: Socket;
  #line = "";
  /** What came over it; undefined for a line that is no JSON. */
  onMessage: (message: unknown) => void = () => {};
  /** The other side is gone, or was told to. */
  onClose: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text) => this.#receive(String(text)));
    socket.on("error", () => {});
    socket.on("close", () => this.onClose());
  }

  send(message: object): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Bytes the other side has not taken yet. */
  get pending(): number {
    return this.#socket.writableLength;
  }

  onDrain(listener: () => void): void {
    this.#socket.on("drain", listener);
  }

  /** After what was sent has been taken, or the other side has had its time. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      const last = setTimeout(() => this.#socket.destroy(), LONGEST_GOODBYE);
      this.#socket.once("close", () => {
        clearTimeout(last);
        resolve();
      });
      if (this.#socket.destroyed) resolve();
      else this.#socket.end(() => this.#socket.destroy());
    });
  }

  /** Does not keep the process from ending. */
  unref(): void {
    this.#socket.unref();
  }

  #receive(text: string): void {
    this.#line += text;
    if (this.#line.length > LONGEST_LINE && !this.#line.includes("\n")) {
      this.#line = "";
      this.onMessage(undefined);
      this.#socket.destroy();
    }
    for (let end = this.#line.indexOf("\n"); end >= 0; end = this.#line.indexOf("\n")) {
      const line = this.#line.slice(0, end);
      this.#line = this.#line.slice(end + 1);
      this.onMessage(parsed(line));
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export interface ControlServer {
  close(): void;
}

/** Listens at `path`, without keeping the process alive. What cannot be had is done without. */
export function listenForMessages(path: string, connected: (socket: MessageSocket) => void): ControlServer {
  const server: Server = builtin("node:net").createServer((socket) => {
    const messages = new MessageSocket(socket);
    messages.unref();
    connected(messages);
  });
  server.on("error", () => {});
  server.listen(path);
  server.unref();
  return { close: () => server.close() };
}

/** Undefined when nobody listens there. */
export function connectTo(path: string): Promise<MessageSocket | undefined> {
  return new Promise((resolve) => {
    const socket = builtin("node:net").connect(path);
    const failed = (): void => resolve(undefined);
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      resolve(new MessageSocket(socket));
    });
  });
}
