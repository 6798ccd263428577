// The other side of control sockets: what --ps, --cat and -p ask the user's running machines.

import { ESRCH } from "../abi/errno.js";
import { connectTo, type MessageSocket } from "../host/control-socket.js";
import { type FoundMachine, findMachines } from "../host/machine-directory.js";
import { UserError } from "../lib/errors.js";
import type { SummaryRow } from "../strace/summary.js";
import { PROTOCOL, type ProcessInfo, type Reply, refusal, type Tool } from "./protocol.js";

/** Milliseconds: a machine that has just been started does not listen yet. */
const PATIENCE = 1000;
const LONGEST_SILENCE = 10_000;
const BETWEEN_TRIES = 20;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function connect(machine: FoundMachine): Promise<MessageSocket | undefined> {
  for (let waited = 0; ; waited += BETWEEN_TRIES) {
    const socket = await connectTo(machine.socket);
    if (socket !== undefined || waited >= PATIENCE) return socket;
    await pause(BETWEEN_TRIES);
  }
}

/** The one reply to a request; undefined when the machine is gone. */
async function ask(machine: FoundMachine, request: object): Promise<Reply | undefined> {
  const socket = await connect(machine);
  if (socket === undefined) return undefined;
  const reply = await new Promise<Reply | undefined>((resolve) => {
    const late = setTimeout(() => resolve(undefined), LONGEST_SILENCE);
    socket.onMessage = (message) => resolve(message as Reply);
    socket.onClose = () => {
      clearTimeout(late);
      resolve(undefined);
    };
    socket.send({ protocol: PROTOCOL, ...request });
  });
  await socket.end();
  return reply;
}

export interface MachineProcesses {
  /** Process of the tool that is the machine. */
  readonly machine: number;
  readonly processes: readonly ProcessInfo[];
}

/** What runs in the user's machines. */
export async function listMachines(): Promise<MachineProcesses[]> {
  const lists = await Promise.all(findMachines().map(processesOf));
  return lists.filter((list) => list !== undefined);
}

async function processesOf(machine: FoundMachine): Promise<MachineProcesses | undefined> {
  const reply = await ask(machine, { ask: "processes" });
  return reply?.say === "processes" ? { machine: machine.pid, processes: reply.processes } : undefined;
}

/** A process by the user's name for it: PID, or MACHINE/PID where several machines have one. */
interface Place {
  readonly machine: FoundMachine;
  readonly pid: number;
}

const ADDRESS = /^(?:(\d+)\/)?([1-9]\d*)$/;

export const isAddress = (text: string): boolean => ADDRESS.test(text);

/** Undefined when there is no such process. Machines have lists of processes; threads are asked for by their files. */
async function findProcess(address: string): Promise<Place | undefined> {
  const [, machinePid, pid] = ADDRESS.exec(address) ?? [];
  const machines = findMachines().filter((machine) => machinePid === undefined || machine.pid === Number(machinePid));
  const places = await Promise.all(
    machines.map(async (machine) => {
      const reply = await ask(machine, { ask: "file", path: `/proc/${pid}/comm` });
      return reply?.say === "file" ? [{ machine, pid: Number(pid) }] : [];
    }),
  );
  const found = places.flat();
  if (found.length > 1) {
    const names = found.map((place) => `${place.machine.pid}/${pid}`).join(", ");
    throw new UserError(`process ${pid} is in several machines: ${names}`);
  }
  return found[0];
}

const withMachine = (machine: string | undefined, pid: string): string =>
  machine === undefined ? pid : `${machine}/${pid}`;

/** The one machine that runs, or the one asked for. */
function theMachine(pid: string | undefined): FoundMachine | undefined {
  const machines = findMachines().filter((machine) => pid === undefined || machine.pid === Number(pid));
  if (machines.length > 1) {
    throw new UserError(`several machines run: say which, as in ${machines[0].pid}:/proc/...`);
  }
  return machines[0];
}

/** The text of a file of a machine's /proc, as one character per byte. `path` may begin with `MACHINE:`. */
export async function readMachineFile(path: string): Promise<string> {
  const [, machinePid, name] = /^(?:(\d+):)?(\/proc\/.+)$/.exec(path) ?? [];
  if (name === undefined) throw new UserError(`${path}: only files of /proc can be read`);
  if (/^\/proc\/(self|thread-self)\b/.test(name)) throw new UserError(`${path}: you are no process of a machine`);
  const [, pid] = /^\/proc\/(\d+)/.exec(name) ?? [];
  const machine =
    pid === undefined ? theMachine(machinePid) : (await findProcess(withMachine(machinePid, pid)))?.machine;
  if (machine === undefined) throw new UserError(`${path}: No such ${pid === undefined ? "machine" : "process"}`);
  const reply = await ask(machine, { ask: "file", path: name });
  if (reply?.say === "file") return reply.text;
  throw new UserError(reply?.say === "error" ? reply.message : "the machine has ended");
}

export interface AttachEvents {
  trace(pid: number, text: string): void;
  message(text: string): void;
  /** A line of --format=json. */
  event(line: string): void;
  /** How many calls have been traced since the last time. */
  calls(more: number): void;
  /** What a machine's tracer has counted for -c. */
  summary(rows: readonly SummaryRow[]): void;
  /** ^C and the like: calls back when the user wants out. */
  onInterrupt(detach: () => void): void;
}

export interface AttachOptions {
  readonly addresses: readonly string[];
  readonly words: readonly string[];
  readonly name: string;
  readonly tool: Tool;
}

/** Traces running processes until they have ended or the user has enough. How many could be traced. */
export async function attach(options: AttachOptions, events: AttachEvents): Promise<number> {
  const pids = new Map<string, { machine: FoundMachine; pids: number[] }>();
  for (const address of options.addresses) {
    const place = await findProcess(address);
    if (place === undefined) {
      const pid = address.replace(/.*\//, "");
      events.message(refusal(options.tool, options.name, pid, ESRCH));
      continue;
    }
    const { machine } = place;
    const entry = pids.get(machine.socket) ?? { machine, pids: [] };
    entry.pids.push(place.pid);
    pids.set(machine.socket, entry);
  }
  const sockets: MessageSocket[] = [];
  let interrupted = false;
  events.onInterrupt(() => {
    interrupted = true;
    for (const socket of sockets) socket.send({ ask: "detach" });
  });
  const sessions = [...pids.values()].map(async (entry) => {
    const socket = await connect(entry.machine);
    if (socket === undefined) throw new UserError("the machine has ended");
    sockets.push(socket);
    const end = session(socket, options, entry.pids, pids.size > 1, events);
    if (interrupted) socket.send({ ask: "detach" });
    return end;
  });
  const counts = await Promise.all(sessions);
  return counts.reduce((sum, count) => sum + count, 0);
}

function session(
  socket: MessageSocket,
  { words, name, tool }: AttachOptions,
  pids: readonly number[],
  amongOthers: boolean,
  events: AttachEvents,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let open = "";
    let calls = 0;
    socket.onMessage = (message) => {
      const reply = (message ?? { say: "error", message: "the machine does not make itself understood" }) as Reply;
      switch (reply.say) {
        case "trace": {
          // Lines of several machines must not be mixed: those of each are passed on whole.
          open += reply.text;
          const whole = amongOthers ? open.lastIndexOf("\n") + 1 : open.length;
          if (whole > 0) events.trace(reply.pid, open.slice(0, whole));
          open = open.slice(whole);
          break;
        }
        case "message":
          events.message(reply.text);
          break;
        case "calls":
          events.calls(reply.calls - calls);
          calls = reply.calls;
          break;
        case "event":
          events.event(reply.line);
          break;
        case "summary":
          events.summary(reply.rows);
          break;
        case "error":
          reject(new UserError(reply.message));
          break;
        case "end":
          resolve(reply.attached);
          void socket.end();
          break;
      }
    };
    socket.onClose = () => reject(new UserError("the machine has ended"));
    socket.send({ protocol: PROTOCOL, ask: "attach", pids, words, name, tool, tracer: process.pid, amongOthers });
  });
}
