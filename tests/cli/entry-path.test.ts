// --path and --msrs: the way of calls through the entry code, as that code reports it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program, word } from "../elf-program.js";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const call = (number: number): number[] => [0xb8, ...word(number), 0x0f, 0x05];
const EXIT = [0x31, 0xff, ...call(231)];

interface Path {
  call: string;
  number: number;
  traced: boolean;
  steps: ({ step: string } & Record<string, unknown>)[];
}

function run(code: readonly number[] | string, ...options: string[]): { out: string; err: string } {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-path-"));
  try {
    const file = typeof code === "string" ? join(PROJECT_ROOT, "samples/bin", code) : join(directory, "program");
    if (typeof code !== "string") writeFileSync(file, program(code), { mode: 0o755 });
    const [node, ...args] = [...TSSTRACE, ...options, file];
    const { stdout, stderr } = spawnSync(node, args, { encoding: "utf8", cwd: directory });
    return { out: stdout, err: stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function paths(code: readonly number[] | string, ...options: string[]): Path[] {
  const { err } = run(code, "--path=json", ...options);
  return err
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

const names = ({ steps }: Path): string[] => steps.map(({ step }) => step);
const find = ({ steps }: Path, name: string) => steps.find(({ step }) => step === name);

test("a call nobody traces takes the fast path", () => {
  const [, getpid] = paths([...call(39), ...EXIT], "--run");
  expect(getpid).toMatchObject({ call: "getpid", number: 39, traced: false });
  expect(names(getpid)).not.toContain("syscall_trace_enter_phase1");
  expect(find(getpid, "testl $_TIF_WORK_SYSCALL_ENTRY")).toMatchObject({ work: "0" });
  expect(find(getpid, "call *sys_call_table(, %rax, 8)")).toMatchObject({ slot: 39, symbol: "sys_getpid" });
  expect(getpid.steps[0]).toMatchObject({ rip: "0xffffffff81a00000", SFMASK: "0x47700", cs: "0x10", cpl: 0 });
  expect(getpid.steps.at(-1)).toMatchObject({ step: "sysretq", rip: find(getpid, "syscall")?.rcx, cpl: 3 });
});

test("a traced call stops in phase 2 and returns by the opportunistic SYSRET", () => {
  const [getpid] = paths([...call(39), ...EXIT], "-e", "trace=getpid").slice(1);
  expect(find(getpid, "testl $_TIF_WORK_SYSCALL_ENTRY")).toMatchObject({ work: "SECCOMP" });
  expect(find(getpid, "syscall_trace_enter_phase2")).toMatchObject({ stopped: true, returns: "39" });
  expect(find(getpid, "opportunistic sysret")?.["rcx == rip"]).toMatch(/^yes/);
});

test("a number beyond the table, and a call that is skipped, find no slot", () => {
  const beyond = paths([...call(9999), ...EXIT], "--run")[1];
  expect(names(beyond)).not.toContain("call *sys_call_table(, %rax, 8)");
  expect(find(beyond, "movq %rax, RAX(%rsp)")).toMatchObject({ ax: "-ENOSYS", "beyond __NR_syscall_max": true });
  const skipped = paths([...call(39), ...EXIT], "-e", "trace=getpid", "-e", "inject=getpid:retval=5")[1];
  expect(find(skipped, "syscall_trace_enter_phase2")).toMatchObject({ returns: "-1" });
  expect(find(skipped, "sysretq")).toMatchObject({ rax: "0x5" });
});

test("execve returns by IRET, for rcx is no more where the program goes on", () => {
  const [execve] = paths([...EXIT], "--run");
  expect(find(execve, "no sysret: rcx == rip")).toMatchObject({ "rcx == rip": expect.stringMatching(/^no/) });
  expect(names(execve).at(-1)).toBe("iretq");
});

test("a signal's handler is where the way out leads", () => {
  const delivered = paths("signals").filter((path) => names(path).includes("do_signal"));
  expect(delivered.length).toBeGreaterThan(0);
  // Those without a handler are ignored, and change nothing.
  expect(delivered.some((path) => find(path, "no sysret: rcx == rip") && path.steps.at(-1)?.step === "iretq")).toBe(
    true,
  );
});

test("for people it fits a terminal, and is one line a call when asked", () => {
  const { err } = run([...call(39), ...EXIT], "--path", "-e", "trace=getpid");
  const lines = err.split("\n").filter((line) => /^ {3}[|,`]/.test(line));
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(run([...call(39), ...EXIT], "--path=short", "-e", "trace=getpid").err).toMatch(
    /getpid \[\d+\] tracesys\(SECCOMP\) > phase1=1 > phase2=39 stop > sys_getpid\[39\] > ax=\d+ > SYSRET\n/,
  );
  expect(run(EXIT, "--path=long").err).toMatch(/^tsstrace: invalid --path argument: 'long'\n/);
});

test("--msrs shows what boot has written", () => {
  const [node, ...args] = [...TSSTRACE, "--msrs"];
  const { stdout } = spawnSync(node, args, { encoding: "utf8" });
  expect(stdout).toMatch(/^0xc0000081 +STAR +0x23001000000000\n0xc0000082 +LSTAR +0xffffffff81a00000\n/m);
  expect(stdout).toMatch(/^ +14 +page_fault +0$/m);
  expect(stdout).toMatch(/ 39 sys_getpid/);
});
