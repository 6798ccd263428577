// The machine's side of its control socket: opened when the machine has run for a moment, so that short programs do without.
import { type ControlServer, listenForMessages, type MessageSocket } from "../host/control-socket.js";
import { type Claim, claimBlock, socketPath } from "../host/machine-directory.js";
import { tracerClock } from "../host/trace-output.js";
import { FIRST_PID, type Kernel, PIDS_OF_A_MACHINE } from "../kernel/kernel.js";
import { UserError } from "../lib/errors.js";
import type { CallDeclaration } from "../strace/call.js";
import { Attachment, type TracerSettings } from "./attachment.js";
import { readProcFile } from "./proc-file.js";
import { processList } from "./process-list.js";
import { type DetachRequest, type Request, readRequest, type Tool } from "./protocol.js";

/** Milliseconds a machine runs before it listens. */
const MOMENT = 400;

/** How the options of a client's command line become a tracer's. */
export type ReadOptions = (words: readonly string[], name: string, tool: Tool) => Promise<TracerSettings>;

export interface Served {
  readonly kernel: Kernel;
  readonly declarations: readonly CallDeclaration[];
  readonly readOptions: ReadOptions;
}

export class MachineServer {
  readonly #claim: Claim | undefined;
  readonly #sockets = new Map<MessageSocket, Attachment | undefined>();
  #server: ControlServer | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Enters a machine where the user's others are. `anyPids`: false for one whose pids must always be the same. */
  constructor(anyPids: boolean) {
    this.#claim = claimBlock(anyPids);
  }

  get firstPid(): number {
    return FIRST_PID + (this.#claim?.block ?? 0) * PIDS_OF_A_MACHINE;
  }

  start(served: Served): void {
    const claim = this.#claim;
    if (claim === undefined) return;
    this.#timer = setTimeout(() => {
      const path = socketPath(claim.directory, process.pid);
      this.#server = listenForMessages(path, (socket) => this.#connected(socket, served));
    }, MOMENT);
    this.#timer.unref();
  }

  /** The machine has ended: clients hear what is left to say. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#server?.close();
    this.#claim?.release();
    await Promise.all(
      [...this.#sockets].map(([socket, attachment]) => {
        attachment?.flush();
        return socket.end();
      }),
    );
  }

  #connected(socket: MessageSocket, served: Served): void {
    this.#sockets.set(socket, undefined);
    socket.onClose = () => {
      this.#sockets.get(socket)?.clientGone();
      this.#sockets.delete(socket);
    };
    socket.onMessage = (message) => {
      socket.onMessage = () => {};
      this.#answer(socket, message, served).catch((error) => refuse(socket, error));
    };
  }

  async #answer(socket: MessageSocket, message: unknown, served: Served): Promise<void> {
    const request = readRequest(message);
    if (typeof request === "string") throw new UserError(request);
    if (request.ask === "attach") return this.#attach(socket, request, served);
    const { kernel, declarations } = served;
    if (request.ask === "processes") socket.send({ say: "processes", processes: processList(kernel, declarations) });
    else socket.send({ say: "file", text: readProcFile(kernel, request.path) });
    await socket.end();
  }

  async #attach(socket: MessageSocket, request: Extract<Request, { ask: "attach" }>, served: Served): Promise<void> {
    let wantsOut = false;
    const onDetach = (detach: () => void): void => {
      socket.onMessage = (message) => {
        if ((message as DetachRequest | undefined)?.ask === "detach") detach();
      };
    };
    onDetach(() => (wantsOut = true));
    const settings = await served.readOptions(request.words, request.name, request.tool);
    if (!this.#sockets.has(socket)) return; // gone meanwhile
    const { kernel, declarations } = served;
    const attachment = new Attachment(socket, request, settings, { kernel, declarations, clock: tracerClock() });
    this.#sockets.set(socket, attachment);
    onDetach(() => attachment.detach());
    if (wantsOut) attachment.detach();
  }
}

/** A request that cannot be served costs the machine nothing. */
async function refuse(socket: MessageSocket, error: unknown): Promise<void> {
  const message = error instanceof UserError ? error.message : `internal error: ${String(error)}`;
  socket.send({ say: "error", message });
  await socket.end();
}
