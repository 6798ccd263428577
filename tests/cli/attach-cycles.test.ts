// A busy machine is attached to and let go again and again, in every way a client can go: it loses nothing, keeps nothing, and is as fast as before.
// TSSTRACE_ATTACH_CYCLES says how often; the figures are printed when it does.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attach, listMachines } from "../../src/control/client.js";
import { PROTOCOL } from "../../src/control/protocol.js";
import { compile, compilerMissing } from "../differential/compiled.js";
import { TSSTRACE } from "../tool.js";

const CYCLES = Number(process.env.TSSTRACE_ATTACH_CYCLES ?? 60);
const isMeasured = process.env.TSSTRACE_ATTACH_CYCLES !== undefined;
const CYCLES_BETWEEN_LOOKS = Math.ceil(CYCLES / 10);
/** A cycle takes three looks of the machine at its sockets, ten milliseconds apart. */
const LONGEST = 60_000 + CYCLES * 200;
/** KiB that a machine's memory may be beyond what it was after a tenth of the cycles. */
const MOST_GROWTH = 64 << 10;
/** After the words that are said: at once, when attached, when a line has come, or not at all. */
const WAYS = ["at once", "attached", "traced", "vanishing"] as const;

let directory: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-cycles-"));
  process.env.XDG_RUNTIME_DIR = directory;
});

afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

class Busy {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #output = "";
  rounds = 0;

  constructor() {
    const [node, ...words] = [...TSSTRACE, "--run", compile("busy", "glibc")];
    this.#child = spawn(node, words, { env: { ...process.env, XDG_RUNTIME_DIR: directory } });
    this.pid = this.#child.pid as number;
    this.#closed = once(this.#child, "close");
    started.push(this.#child);
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
      this.rounds += chunk.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
    });
  }

  /** Rounds it has got through in so many milliseconds. */
  async progress(milliseconds: number): Promise<number> {
    this.#child.kill("SIGCONT");
    await pause(200);
    const before = this.rounds;
    await pause(milliseconds);
    const progress = this.rounds - before;
    this.#child.kill("SIGSTOP");
    return progress;
  }

  get descriptors(): string[] {
    const fds = `/proc/${this.pid}/fd`;
    return readdirSync(fds)
      .flatMap((fd) => linkOf(`${fds}/${fd}`))
      .sort();
  }

  get residentKilobytes(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1]);
  }

  async end(): Promise<string> {
    this.#child.kill("SIGCONT");
    this.#child.stdin?.end();
    await this.#closed;
    return this.#output;
  }
}

/** What a descriptor is of, without the number that tells it from others of its kind; nothing when it is gone already. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path).replace(/\d+/, "")];
  } catch {
    return [];
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function processes() {
  const machines = await listMachines();
  return machines.flatMap((machine) => machine.processes);
}

/** Attaches as `tsstrace -f -p PID` does and goes in one of the ways. What it was shown. */
async function cycle(pid: number, way: (typeof WAYS)[number]): Promise<string> {
  if (way === "vanishing") return vanish(pid);
  let detach = (): void => {};
  let text = "";
  const words = ["--follow-forks", "--trace=getpid,read,nanosleep,restart_syscall"];
  const attached = await attach(
    { addresses: [String(pid)], words, name: "tsstrace", tool: "strace" },
    {
      trace: (_, piece) => {
        text += piece;
        if (way === "traced") detach();
      },
      message: (piece) => {
        text += piece;
        if (way === "attached") detach();
      },
      calls: () => {},
      event: () => {},
      summary: () => {},
      onInterrupt: (detaches) => {
        let isDone = false;
        detach = () => {
          if (!isDone) detaches();
          isDone = true;
        };
        if (way === "at once") setImmediate(detach);
      },
    },
  );
  expect(attached).toBe(2);
  return text;
}

/** A client that is killed while its tracer is at work. */
async function vanish(pid: number): Promise<string> {
  const [machine] = await listMachines();
  const socket = connect(join(directory, "tsstrace", `${machine.machine}.sock`));
  const request = {
    protocol: PROTOCOL,
    ask: "attach",
    pids: [pid],
    words: ["--follow-forks"],
    name: "tsstrace",
    tool: "strace",
  };
  socket.write(`${JSON.stringify({ ...request, tracer: process.pid, amongOthers: false })}\n`);
  const [text] = await once(socket, "data");
  socket.destroy();
  // The machine hears of it in a while: until then nobody else can attach.
  await expect.poll(async () => (await processes())[0].tracer, { interval: 1 }).toBe(0);
  return String(text);
}

/** The two run in turns, so that what else the host does slows both. */
async function compareWithUndisturbed(busy: Busy): Promise<void> {
  const never = new Busy();
  await never.progress(3000);
  let [attached, undisturbed] = [0, 0];
  for (let i = 0; i < 10; i++) {
    attached += await busy.progress(1000);
    undisturbed += await never.progress(1000);
  }
  await never.end();
  const rates = `${attached / 10} rounds a second, ${undisturbed / 10} when never attached`;
  console.log(`after ${CYCLES} cycles: ${rates}; ratio ${(attached / undisturbed).toFixed(2)}`);
}

const missing = compilerMissing("glibc");

test.skipIf(missing !== undefined)(
  `${CYCLES} times`,
  async () => {
    const busy = new Busy();
    await expect.poll(processes).toHaveLength(1);
    const [{ pid }] = await processes();
    await pause(300);
    const descriptors = busy.descriptors;
    const sizes: number[] = [];
    const seen = new Map<string, number>();
    for (let i = 0; i < CYCLES; i++) {
      const way = WAYS[i % WAYS.length];
      const text = await cycle(pid, way);
      if (/\bgetpid\(\)/.test(text)) seen.set(way, (seen.get(way) ?? 0) + 1);
      if (i % CYCLES_BETWEEN_LOOKS === CYCLES_BETWEEN_LOOKS - 1) sizes.push(busy.residentKilobytes);
    }
    expect(seen.get("traced")).toBeGreaterThan(0);
    // Nobody is traced any more, and nobody listens to what is not said.
    expect((await processes()).map(({ tracer }) => tracer)).toEqual([0]);
    await expect.poll(() => busy.descriptors).toEqual(descriptors);
    expect(sizes.at(-1)).toBeLessThan(sizes[0] + MOST_GROWTH);
    if (isMeasured) await compareWithUndisturbed(busy);
    const output = (await busy.end()).trimEnd().split("\n");
    expect(output.pop()).toBe(`${output.length} rounds, 0 lost`);
    expect(output.map((line) => Number(line.split(" ")[0]))).toEqual(output.map((_, i) => i + 1));
    expect(readdirSync(join(directory, "tsstrace"))).toEqual([]);
    if (!isMeasured) return;
    console.log(`resident after each tenth of the cycles, MiB: ${sizes.map((size) => size >> 10).join(" ")}`);
    console.log(`cycles that saw getpid: ${[...seen].map(([way, count]) => `${way} ${count}`).join(", ")}`);
  },
  LONGEST,
);
