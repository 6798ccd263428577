// What is said over a machine's control socket. The client asks once for each connection; replies are of the kinds below.

import { errnoMessage } from "../abi/errno.js";
import type { SummaryRow } from "../strace/summary.js";

export const PROTOCOL = 2;

export type Tool = "strace" | "ltrace";

export type Request =
  | { readonly protocol: number; readonly ask: "processes" }
  | { readonly protocol: number; readonly ask: "file"; readonly path: string }
  | {
      readonly protocol: number;
      readonly ask: "attach";
      readonly pids: readonly number[];
      /** The tracer's options as the command line says them, normalised. */
      readonly words: readonly string[];
      readonly name: string;
      /** Which of the two tools it is. */
      readonly tool: Tool;
      /** The client's process: TracerPid. */
      readonly tracer: number;
      /** Other machines are traced too. */
      readonly amongOthers: boolean;
    };

/** What the tools say of a process they may not trace. */
export function refusal(tool: Tool, name: string, pid: number | string, error: number): string {
  return tool === "ltrace"
    ? `Cannot attach to pid ${pid}: ${errnoMessage(error)}\n`
    : `${name}: attach: ptrace(PTRACE_SEIZE, ${pid}): ${errnoMessage(error)}\n`;
}

/** A client that has attached sends this to have its processes let go. */
export interface DetachRequest {
  readonly ask: "detach";
}

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly threads: number;
  readonly state: string;
  /** Name of the system call it is in; undefined when it is in none. */
  readonly call?: string | undefined;
  /** Seconds of processor time. */
  readonly time: number;
  readonly tracer: number;
  readonly command: readonly string[];
}

export type Reply =
  | { readonly say: "processes"; readonly processes: readonly ProcessInfo[] }
  /** Bytes as characters. */
  | { readonly say: "file"; readonly text: string }
  | { readonly say: "error"; readonly message: string }
  /** What follows is of the trace; `calls`: how many calls it has been so far. */
  | { readonly say: "calls"; readonly calls: number }
  /** A piece of the trace, or of the tracer's messages. */
  | { readonly say: "trace"; readonly pid: number; readonly text: string }
  | { readonly say: "message"; readonly text: string }
  /** A line of --format=json. */
  | { readonly say: "event"; readonly line: string }
  /** What -c has counted: comes before the end. */
  | { readonly say: "summary"; readonly rows: readonly SummaryRow[] }
  /** Nothing more will come: all processes are gone or let go. `attached` is how many could be traced. */
  | { readonly say: "end"; readonly attached: number };

/** A request that can be served; otherwise why it cannot. */
export function readRequest(message: unknown): Request | string {
  if (typeof message !== "object" || message === null) return "that is no request";
  const { protocol, ask, path, pids, words, name, tool, tracer } = message as Record<string, unknown>;
  if (protocol !== PROTOCOL) return `the machine speaks version ${PROTOCOL} of the protocol`;
  if (ask === "processes") return { protocol, ask };
  if (ask === "file" && typeof path === "string") return { protocol, ask, path };
  const isAttach = ask === "attach" && isListOf(pids, Number.isSafeInteger) && isListOf(words, isText);
  const isTool = tool === "strace" || tool === "ltrace";
  if (isAttach && isTool && isText(name) && Number.isSafeInteger(tracer)) return message as Request;
  return "that is no request";
}

const isText = (value: unknown): value is string => typeof value === "string";

const isListOf = (value: unknown, isOne: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= 1000 && value.every(isOne);
