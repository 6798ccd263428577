// --path and --msrs: the way of calls through the entry code, as that code reports it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, compilerMissing } from "../differential/compiled.js";
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
  expect(getpid.steps[0]).toMatchObject({
    rip: "0xffffffff81a00000",
    SFMASK: "0x47700 (TF|IF|DF|IOPL|NT|AC)",
    cs: "0x10",
    cpl: 0,
  });
  expect(getpid.steps.at(-1)).toMatchObject({ step: "sysretq", rip: find(getpid, "syscall")?.rcx, cpl: 3 });
});

test("a traced call stops in phase 2 and returns by the opportunistic SYSRET", () => {
  const [getpid] = paths([...call(39), ...EXIT], "-e", "trace=getpid");
  expect(find(getpid, "testl $_TIF_WORK_SYSCALL_ENTRY")).toMatchObject({ work: "SECCOMP" });
  expect(find(getpid, "syscall_trace_enter_phase2")).toMatchObject({ stopped: true, returns: "39" });
  expect(find(getpid, "opportunistic sysret")?.["rcx == rip"]).toMatch(/^yes/);
});

test("a number beyond the table, and a call that is skipped, find no slot", () => {
  const beyond = paths([...call(9999), ...EXIT], "--run")[1];
  expect(names(beyond)).not.toContain("call *sys_call_table(, %rax, 8)");
  expect(find(beyond, "cmpq $__NR_syscall_max, %rax")).toMatchObject({ rax: "9999", above: true });
  expect(find(beyond, "sysretq")).toMatchObject({ rax: "0xffffffffffffffda" });
  const [skipped] = paths([...call(39), ...EXIT], "-e", "trace=getpid", "-e", "inject=getpid:retval=5");
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
    /getpid \[\d+\] tracesys\(SECCOMP\) > phase1=1 > phase2=39 stop > sys_getpid\[39\] > ax=(\d+) > exit stop ax=\1 > SYSRET\n/,
  );
  expect(run(EXIT, "--path=long").err).toMatch(/^tsstrace: invalid --path argument: 'long'\n/);
});

const IN = [
  "syscall",
  "swapgs",
  "movq %rsp, PER_CPU_VAR(rsp_scratch)",
  "movq PER_CPU_VAR(cpu_current_top_of_stack), %rsp",
  "ENABLE_INTERRUPTS",
  "push pt_regs",
  "testl $_TIF_WORK_SYSCALL_ENTRY",
];
const TRACESYS = [
  "syscall_trace_enter_phase1",
  "SAVE_EXTRA_REGS",
  "syscall_trace_enter_phase2",
  "RESTORE_C_REGS_EXCEPT_RAX",
];
const CHECK = "cmpq $__NR_syscall_max, %rax";
const CALL = [CHECK, "movq %r10, %rcx", "call *sys_call_table(, %rax, 8)"];
const RESULT = "movq %rax, RAX(%rsp)";
const FAST_OUT = ["DISABLE_INTERRUPTS", "testl $_TIF_ALLWORK_MASK"];
const SLOW_OUT = ["SAVE_EXTRA_REGS", "syscall_slow_exit_work"];
const SIGNAL = ["exit_to_usermode_loop", "get_signal", "handle_signal", "setup_rt_frame", "do_signal"];
const SYSRET = ["RESTORE_C_REGS_EXCEPT_RCX_R11", "swapgs", "sysretq"];
const IRET = ["RESTORE_EXTRA_REGS", "no sysret: rcx == rip", "swapgs", "iretq"];

const ways = compilerMissing("glibc");

describe.skipIf(ways)(`one program's calls${ways ? ` (skipped: ${ways})` : ""}`, () => {
  function pathsOf(...options: string[]): Map<string, Path> {
    const [node, ...args] = [...TSSTRACE, "--path=json", ...options, compile("ways", "glibc")];
    const { stderr } = spawnSync(node, args, { encoding: "utf8" });
    const all = stderr.split("\n").filter((line) => line.startsWith("{"));
    return new Map(all.map((line) => JSON.parse(line)).map((path: Path) => [path.call, path]));
  }
  const of = (found: Map<string, Path>, name: string): Path => found.get(name) as Path;

  test("untraced", () => {
    const found = pathsOf("--run");
    expect(names(of(found, "getpid"))).toEqual([...IN, ...CALL, RESULT, ...FAST_OUT, ...SYSRET]);
    expect(names(of(found, "clock_nanosleep"))).toEqual([
      ...[...IN, ...CALL, "schedule", RESULT, ...FAST_OUT, "SAVE_EXTRA_REGS", ...SIGNAL, ...IRET],
    ]);
    expect(names(of(found, "syscall_9999"))).toEqual([...IN, CHECK, ...FAST_OUT, ...SYSRET]);
    expect(names(of(found, "exit_group"))).toEqual([...IN, ...CALL, "do_exit"]);
    expect(find(of(found, "exit_group"), "do_exit")).toEqual({ step: "do_exit", status: "0x300" });
  });

  test("traced", () => {
    const calls = "trace=getpid,getppid,write,clock_nanosleep,execve,exit_group";
    const found = pathsOf("-e", calls, "-e", "inject=getppid:retval=5");
    const before = [...IN, ...TRACESYS];
    const after = [...SLOW_OUT, "RESTORE_EXTRA_REGS", "opportunistic sysret", ...SYSRET];
    expect(names(of(found, "write"))).toEqual([...before, ...CALL, RESULT, ...after]);
    expect(names(of(found, "getppid"))).toEqual([...before, CHECK, ...after]);
    expect(names(of(found, "execve"))).toEqual([
      ...[...before, ...CALL, RESULT, ...SLOW_OUT, "exit_to_usermode_loop", ...IRET],
    ]);
    const nap = of(found, "clock_nanosleep");
    expect(names(nap)).toEqual([...before, ...CALL, "schedule", RESULT, ...SLOW_OUT, ...SIGNAL, ...IRET]);
    expect(find(nap, "get_signal")).toMatchObject({ signal: "SIGALRM", action: "handler" });
    const ended = { SA_RESTART: false, returned: "-ERESTART_RESTARTBLOCK", call: "fails with EINTR" };
    expect(find(nap, "handle_signal")).toMatchObject(ended);
    expect(find(nap, "iretq")?.rip).toBe(find(nap, "handle_signal")?.handler);
    expect(names(of(found, "exit_group"))).toEqual([...before, ...CALL, "do_exit"]);
  });

  test("registers and pt_regs are what the hardware and the entry code make of them", () => {
    const write = of(pathsOf("-e", "trace=write"), "write");
    const [syscall, pushed] = [find(write, "syscall"), find(write, "push pt_regs")];
    expect(Object.keys(pushed ?? {})).toEqual([
      ...["step", "rsp", "ss", "sp", "flags", "cs", "ip", "orig_ax", "di", "si", "dx", "cx", "ax"],
      ...["r8", "r9", "r10", "r11"],
    ]);
    expect(pushed).toMatchObject({ ss: "0x2b", cs: "0x33", ip: syscall?.rcx, cx: syscall?.rcx, r11: syscall?.r11 });
    expect(pushed).toMatchObject({ orig_ax: "0x1", di: "0x1", ax: "0xffffffffffffffda", flags: syscall?.r11 });
    expect(syscall?.["rflags before"]).toMatch(/^0x2[0-9a-f]{2} \(.*IF\)$/);
    expect(syscall?.["rflags after"]).not.toContain("IF");
    expect(Object.values(find(write, "opportunistic sysret") ?? {}).slice(1)).toEqual(
      Array(6).fill(expect.stringMatching(/^yes \(0x[0-9a-f]+( 0x[0-9a-f]+)?\)$/)),
    );
    expect(find(write, "sysretq")).toMatchObject({ rip: syscall?.rcx, rsp: pushed?.sp, cs: "0x33", ss: "0x2b" });
  });

  test("each is printed where it happens", () => {
    const [node, ...args] = [...TSSTRACE, "--path=short", "-f", "-e", "trace=exit_group", compile("ways", "glibc")];
    const { stderr } = spawnSync(node, args, { encoding: "utf8" });
    expect(stderr).toMatch(/^exit_group\(3\) += \?\n {3}\| exit_group \[\d+\] .* > never back\n\+\+\+ exited with 3/m);
  });
});

test("a process that ends shows its last call at once", () => {
  const { err } = run("processes", "--path=short", "-f", "-e", "trace=exit_group,wait4");
  const lines = err.split("\n");
  const ends = lines.flatMap((line, i) => (/exit_group \[\d+\]/.test(line) ? [i] : []));
  expect(ends.length).toBeGreaterThan(1);
  expect(lines.findLastIndex((line) => line.includes("wait4("))).toBeGreaterThan(ends[0]);
});

test("--msrs shows what boot has written", () => {
  const [node, ...args] = [...TSSTRACE, "--msrs"];
  const { stdout } = spawnSync(node, args, { encoding: "utf8" });
  expect(stdout).toMatch(/^0xc0000081 +STAR +0x23001000000000\n0xc0000082 +LSTAR +0xffffffff81a00000\n/m);
  expect(stdout).toMatch(/^ +14 +page_fault +0$/m);
  expect(stdout).toMatch(/ 39 sys_getpid/);
});
