// The host under Node: clocks, entropy, signals and identity. Files and streams are in node-files.ts and node-streams.ts.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { builtin } from "./builtin.js";
import type { Host, HostIdentity, HostLimit } from "./host.js";
import { NodeFiles } from "./node-files.js";
import { NodeNetwork } from "./node-network.js";
import { NodeStream } from "./node-streams.js";

function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e9 + nanoseconds;
}

/** False where there is no such device. It spares the start of every program Node's crypto module. */
function readRandomDevice(bytes: Uint8Array): boolean {
  try {
    const fd = openSync("/dev/urandom", "r");
    try {
      return readSync(fd, bytes) === bytes.length;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

const SOON_STOPPED = 50e6;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP", "SIGWINCH"] as const;

export class NodeHost implements Host {
  readonly files = new NodeFiles();
  readonly streams = [new NodeStream(0), new NodeStream(1), new NodeStream(2)];
  readonly network = new NodeNetwork();
  /** What the real time is ahead of the monotonic, in nanoseconds, less than a millisecond off: Node takes longer to load what says it better. */
  readonly #realAhead = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  readonly #napCell = new Int32Array(new SharedArrayBuffer(4));

  #identity: HostIdentity | undefined;

  identity(): HostIdentity {
    this.#identity ??= this.#ownIdentity();
    return this.#identity;
  }

  #ownIdentity(): HostIdentity {
    return {
      uid: process.getuid?.() ?? 1000,
      gid: process.getgid?.() ?? 1000,
      groups: supplementaryGroups(),
      cwd: Buffer.from(process.cwd()).toString("latin1"),
      hostname: hostname(),
      umask: process.umask(),
      limits: ownLimits(),
    };
  }

  realtime(): bigint {
    return process.hrtime.bigint() + this.#realAhead;
  }

  monotonic(): number {
    return monotonicNow();
  }

  uptime(): number {
    return uptime();
  }

  cpuTime(): { user: number; system: number } {
    const { user, system } = process.cpuUsage();
    return { user: user * 1000, system: system * 1000 };
  }

  entropy(bytes: Uint8Array): void {
    // Memory of a WebAssembly.Memory is not accepted by every Node version: fill a copy.
    const fresh = new Uint8Array(bytes.length);
    if (!readRandomDevice(fresh)) builtin("node:crypto").randomFillSync(fresh);
    bytes.set(fresh);
  }

  suspend(): void {
    process.kill(process.pid, "SIGTSTP");
    this.nap(SOON_STOPPED); // the signal may be another thread's
  }

  nap(nanoseconds: number): void {
    Atomics.wait(this.#napCell, 0, 0, nanoseconds / 1e6);
  }

  timer(milliseconds: number, wake: () => void): () => void {
    const timer = setTimeout(wake, Math.min(milliseconds, 0x7fffffff));
    return () => clearTimeout(timer);
  }

  yieldToEvents(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  onSignal(listener: (name: (typeof SIGNALS)[number]) => void): () => void {
    const listeners = SIGNALS.map((name) => [name, () => listener(name)] as const);
    for (const [name, handler] of listeners) process.on(name, handler);
    return () => {
      for (const [name, handler] of listeners) process.off(name, handler);
    };
  }
}

/** Not process.getgroups(): that adds the effective group where the system does not have it. */
function supplementaryGroups(): number[] {
  const line = /^Groups:\t(.*)$/m.exec(ownFile("/proc/self/status"));
  return line ? line[1].split(" ").filter(Boolean).map(Number) : (process.getgroups?.() ?? []);
}

const LIMIT_NAMES = [
  "cpu time",
  "file size",
  "data size",
  "stack size",
  "core file size",
  "resident set",
  "processes",
  "open files",
  "locked memory",
  "address space",
  "file locks",
  "pending signals",
  "msgqueue size",
  "nice priority",
  "realtime priority",
  "realtime timeout",
];

/** /proc/self/limits; nothing where there is none. */
function ownLimits(): HostLimit[] {
  // Node raises its own descriptor limit when it starts: the parent still has what was meant.
  const text = ownFile(`/proc/${process.ppid}/limits`) || ownFile("/proc/self/limits");
  const value = (word: string): number => (word === "unlimited" ? Number.POSITIVE_INFINITY : Number(word));
  const limits: HostLimit[] = [];
  for (const [, name, soft, hard] of text.matchAll(/^Max (.+?) {2,}(\S+) +(\S+)/gm)) {
    const resource = LIMIT_NAMES.indexOf(name);
    if (resource >= 0) limits.push({ resource, soft: value(soft), hard: value(hard) });
  }
  return limits;
}

function ownFile(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // not a Linux host
  }
}
