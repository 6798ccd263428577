// Machines that run are found, looked at and attached to, from other processes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DATA, program, word } from "../elf-program.js";
import { TSSTRACE } from "../tool.js";
import { eventsOf, viewerEventsOf } from "../trace-schema.js";

const NAP = 200_000_000; // nanoseconds
/** mov qword [DATA+8], NAP; then for ever: nanosleep(DATA, 0); getpid(). */
const SLEEPER = [
  ...[0x48, 0xc7, 0x04, 0x25, ...word(DATA + 8), ...word(NAP)],
  ...[0xb8, ...word(35), 0xbf, ...word(DATA), 0x31, 0xf6, 0x0f, 0x05],
  ...[0xb8, ...word(39), 0x0f, 0x05, 0xeb, 256 - 23],
];
const SPINNER = [0xeb, 0xfe];
/** getpid() for ever. */
const CALLER = [0xb8, ...word(39), 0x0f, 0x05, 0xeb, 0xf7];
/** kill(getpid(), SIGSTOP), then CALLER. */
const STOPPED = [
  0xb8,
  ...word(39),
  0x0f,
  0x05,
  0x89,
  0xc7,
  0xbe,
  ...word(19),
  0xb8,
  ...word(62),
  0x0f,
  0x05,
  ...CALLER,
];

let directory: string;
let machines: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-attach-"));
  machines = [];
});

afterEach(async () => {
  for (const machine of machines) {
    if (machine.exitCode !== null || machine.signalCode !== null) continue;
    machine.kill("SIGKILL");
    await once(machine, "close");
  }
  rmSync(directory, { recursive: true });
});

const environment = () => ({ ...process.env, XDG_RUNTIME_DIR: directory });

interface Said {
  readonly out: string;
  readonly err: string;
  readonly exit: number | string;
}

function start(args: readonly string[]): ChildProcess {
  const [node, ...words] = [...TSSTRACE, ...args];
  return spawn(node, words, { env: environment() });
}

/** Runs the tool; `signal` is sent once `after` has been said. */
async function tool(args: readonly string[], signal?: NodeJS.Signals, after?: RegExp): Promise<Said> {
  const child = start(args);
  const said = { out: "", err: "" };
  let isSent = false;
  const hear = (stream: "out" | "err") => (chunk: Buffer) => {
    said[stream] += chunk;
    if (signal === undefined || isSent || !after?.test(said.out + said.err)) return;
    isSent = true;
    child.kill(signal);
  };
  child.stdout?.on("data", hear("out"));
  child.stderr?.on("data", hear("err"));
  const [status, by] = await once(child, "close");
  return { ...said, exit: status ?? by };
}

/** Starts a machine and waits until it answers; the pid of its first process. */
async function machine(code: readonly number[], ...options: string[]): Promise<number> {
  const file = join(directory, `program${machines.length}`);
  writeFileSync(file, program(code), { mode: 0o755 });
  machines.push(start([...(options.length > 0 ? options : ["--run"]), file]));
  const tool = machines.at(-1)?.pid;
  for (;;) {
    const found = (await list()).find((each) => each.machine === tool);
    if (found) return found.processes[0].pid;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function list(): Promise<{ machine: number; processes: { pid: number; call?: string; tracer: number }[] }[]> {
  return JSON.parse((await tool(["--ps", "--json"])).out);
}

describe.skipIf(process.platform === "win32")("running machines", () => {
  test("have pids of their own, the lowest that are free", async () => {
    expect(await machine(SPINNER)).toBe(1000);
    expect(await machine(SPINNER)).toBe(11000);
    machines[0].kill("SIGKILL");
    await once(machines[0], "close");
    expect(await machine(SLEEPER)).toBe(1000);
    expect((await tool(["--ps"])).out).toMatch(
      /^machine +pid +ppid +state +threads +call +time +command\n.* 11000 +10999 +R +1 +- .*\n.* 1000 +999 +S +1 +nanosleep /,
    );
  });

  test("leave nothing behind", async () => {
    await machine(SLEEPER);
    machines[0].kill("SIGTERM");
    await once(machines[0], "close");
    expect(readdirSync(join(directory, "tsstrace"))).toEqual([]);
    expect((await tool(["--ps"])).out).toBe("no machine is running\n");
  });

  test("show their /proc", async () => {
    const pid = await machine(SLEEPER);
    const { out } = await tool([`--cat=/proc/${pid}/syscall`]);
    expect(out).toMatch(/^35 0x500000 0x0 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+ 0x[0-9a-f]+\n$/);
    expect(await tool(["--cat=/proc/77/stat"])).toMatchObject({
      exit: 1,
      err: "tsstrace: /proc/77/stat: No such process\n",
    });
    expect((await tool([`--cat=/proc/${pid}/fd`])).err).toBe(`tsstrace: /proc/${pid}/fd: Is a directory\n`);
  });

  test("are traced in the middle of a call, let go, and traced again", async () => {
    const pid = await machine(SLEEPER);
    const first = await tool(["-p", `${pid}`], "SIGINT", /NULL\) = 0\n[\s\S]*nanosleep\(/);
    expect(first.exit).toBe("SIGINT");
    expect(first.err).toMatch(
      new RegExp(
        `^tsstrace: Process ${pid} attached\n` +
          "restart_syscall\\(<\\.\\.\\. resuming interrupted nanosleep \\.\\.\\.>\\) = 0\n" +
          `getpid\\(\\) {32}= ${pid}\n` +
          "nanosleep\\({tv_sec=0, tv_nsec=200000000}, NULL\\) = 0\n" +
          `[\\s\\S]*tsstrace: Process ${pid} detached\n <detached \\.\\.\\.>\n$`,
      ),
    );
    expect((await list())[0].processes[0].tracer).toBe(0);
    const file = join(directory, "trace");
    const second = await tool(["-o", file, "-p", `${pid}`], "SIGTERM", /attached\n/);
    expect(second).toEqual({
      out: "",
      err: `tsstrace: Process ${pid} attached\ntsstrace: Process ${pid} detached\n`,
      exit: "SIGTERM",
    });
  });

  test("have one tracer at a time, which may be killed", async () => {
    const pid = await machine(SPINNER);
    const tracer = start(["-p", `${pid}`]);
    machines.push(tracer);
    await once(tracer.stderr as NodeJS.ReadableStream, "data");
    expect(await tool(["-p", `${pid}`])).toMatchObject({
      exit: 1,
      err:
        `tsstrace: attach: ptrace(PTRACE_SEIZE, ${pid}): Operation not permitted\n` +
        `tsstrace: Process ${pid} is already being traced by pid ${tracer.pid}\n`,
    });
    tracer.kill("SIGKILL");
    await once(tracer, "close");
    expect((await tool(["-p", `${pid}`], "SIGINT", /attached\n/)).exit).toBe("SIGINT");
    const traced = await machine(SPINNER, "-e", "trace=none");
    expect((await tool(["-p", `${traced}`])).err).toContain(`PTRACE_SEIZE, ${traced}): Operation not permitted`);
  });

  test("wait for a tracer that does not keep up, in bounded memory", async () => {
    const pid = await machine(CALLER);
    const tracer = start(["-p", `${pid}`]);
    machines.push(tracer);
    await once(tracer.stderr as NodeJS.ReadableStream, "data");
    tracer.kill("SIGSTOP");
    const state = async (): Promise<string> => (await tool([`--cat=/proc/${pid}/stat`])).out.split(" ")[2];
    await expect.poll(state, { timeout: 30_000 }).toBe("t");
    tracer.kill("SIGKILL");
    await expect.poll(state, { timeout: 30_000 }).toBe("R");
  });

  test("are found stopped", async () => {
    const pid = await machine(STOPPED);
    const { err } = await tool(["-p", `${pid}`], "SIGINT", /stopped/);
    expect(err).toBe(
      `tsstrace: Process ${pid} attached\n--- stopped by SIGSTOP ---\ntsstrace: Process ${pid} detached\n`,
    );
  });

  test("are traced as data", async () => {
    const pid = await machine(SLEEPER);
    const { err, exit } = await tool(["--format=json", "-p", `${pid}`], "SIGINT", /getpid/);
    expect(exit).toBe("SIGINT");
    const lines = err.split("\n").filter((line) => line.startsWith("{"));
    const events = eventsOf(`${lines.join("\n")}\n`) as {
      type: string;
      name?: string;
      result?: string;
      value?: number;
      arguments: { text: string }[];
    }[];
    expect(events.map(({ type }) => type)).toEqual(["start", ...Array(events.length - 2).fill("call"), "detach"]);
    expect(events[1]).toMatchObject({ name: "restart_syscall", pid, result: "0", value: 0 });
    expect(events[1].arguments[0].text).toBe("<... resuming interrupted nanosleep ...>");
    expect(events.find(({ name }) => name === "getpid")).toMatchObject({ value: pid, arguments: [] });
    const last = events.at(-2);
    if (last?.result === "<detached ...>") expect([last.name, last.value]).toEqual(["nanosleep", undefined]);
    const file = join(directory, "perfetto");
    await tool(["--format=perfetto", "-o", file, "-p", `${pid}`], "SIGINT", /attached/);
    const viewed = viewerEventsOf(readFileSync(file, "utf8")).filter(({ ph }) => ph !== "M");
    expect(viewed[0]).toMatchObject({ ph: "i", name: "start", pid, ts: 0 });
  });

  test("show the way of their calls", async () => {
    const pid = await machine(SLEEPER);
    const short = await tool(["--path=short", "-e", "trace=getpid", "-p", `${pid}`], "SIGINT", /SYSRET\n/);
    expect(short.err).toMatch(
      /attached\ngetpid\(\) +=.*\n {3}\| getpid \[\d+\] tracesys\(SECCOMP\) > .* > exit stop ax=\d+ > SYSRET\n/,
    );
    expect(short.err).not.toContain("nanosleep [");
    const json = await tool(["--format=json", "--path", "-p", `${pid}`], "SIGINT", /"path"/);
    const events = json.err.split("\n").filter((line) => line.startsWith("{"));
    const path = events.map((line) => JSON.parse(line)).find(({ type }) => type === "path");
    expect(path).toMatchObject({ pid, traced: true, steps: expect.arrayContaining([{ step: "RESTORE_EXTRA_REGS" }]) });
    // Nobody looks any more.
    const again = await tool(["-p", `${pid}`], "SIGINT", /getpid/);
    expect(again.err).not.toContain("|");
  });

  test("of which there are several are counted as one", async () => {
    const pids = [await machine(CALLER), await machine(CALLER)];
    const { err } = await tool(["-c", "-p", pids.join(",")], "SIGINT", /attached[\s\S]*attached/);
    const counts = err.split("\n").filter((line) => / getpid$/.test(line));
    expect(err.match(/% time/g)).toHaveLength(1);
    expect(counts).toHaveLength(1);
  });

  test("that end tell their tracers", async () => {
    const pid = await machine(SLEEPER);
    const tracer = tool(["-p", `${pid}`]);
    setTimeout(() => machines[0].kill("SIGTERM"), 700);
    const { err, exit } = await tracer;
    expect([exit, err]).toEqual([0, expect.stringMatching(/\+\+\+ killed by SIGTERM \+\+\+\n$/)]);
    const other = await machine(SPINNER);
    const left = tool(["-p", `${other}`]);
    setTimeout(() => machines[1].kill("SIGKILL"), 700);
    expect(await left).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/attached\ntsstrace: the machine has ended\n$/),
    });
  });

  test.each(["nonsense\n", '{"protocol":2}\n', "null\n", "x".repeat(2 << 20)])("survive %#", async (text) => {
    const pid = await machine(SPINNER);
    const socket = connect(join(directory, "tsstrace", `${machines[0].pid}.sock`));
    let reply = "";
    socket.on("data", (chunk) => (reply += chunk));
    socket.on("error", () => {});
    socket.write(text);
    await new Promise((resolve) => socket.on("close", resolve));
    expect(reply.length < 100 || JSON.parse(reply)).toBeTruthy();
    expect((await list())[0].processes[0].pid).toBe(pid);
  });

  test("are nobody's who is not their user", async () => {
    const place = join(directory, "tsstrace");
    mkdirSync(place, { mode: 0o755 });
    chmodSync(place, 0o755);
    expect(await tool(["--ps"])).toEqual({
      out: "",
      err: `tsstrace: ${place} can be opened by other users\n`,
      exit: 1,
    });
    if (process.getuid?.() !== 0) return;
    chownSync(place, 12345, 12345);
    expect((await tool(["-p", "1000"])).err).toBe(`tsstrace: ${place} is another user's\n`);
  });

  test("are asked for by numbers", async () => {
    expect(await tool(["-p", "99"])).toMatchObject({
      exit: 1,
      err: "tsstrace: attach: ptrace(PTRACE_SEIZE, 99): No such process\n",
    });
    expect((await tool(["-p", "1,x"])).err).toBe("tsstrace: Invalid process id: 'x'\n");
  });
});
