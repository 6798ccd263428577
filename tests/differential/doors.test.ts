// The doors of the kernel and the modes of programs as a tracer sees them: messages of changing mode, processes of both kinds at once.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isIntel } from "../native/maker.js";
import { findOracleStrace } from "../oracle-strace.js";
import { TSSTRACE } from "../tool.js";
import { byProcess, normalizeTrace } from "../trace-text.js";
import { type Compiler, compilerMissing } from "./compiled.js";

const oracle = findOracleStrace();
const directory = mkdtempSync(join(tmpdir(), "tsstrace-doors-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const environment = { PATH: "/usr/bin:/bin", LANG: "C", HOME: "/" };

function build(name: string, source: string, ...options: readonly string[]): void {
  writeFileSync(join(directory, `${name}.c`), source);
  execFileSync("gcc", [...options, "-w", "-o", name, `${name}.c`], { cwd: directory, stdio: "pipe" });
}

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: string | null;
}

function run(command: readonly string[]): Seen {
  const [file, ...args] = command as [string, ...string[]];
  const { stdout, stderr, status, signal } = spawnSync(file, args, {
    cwd: directory,
    env: environment,
    encoding: "latin1",
    timeout: 60_000,
  });
  return { stdout, stderr, status, signal };
}

/** Both tracers' words on stderr, with process ids and addresses as tokens. */
function bothSay(options: readonly string[], ...command: readonly string[]): [ours: string, theirs: string] {
  if ("missing" in oracle) return ["", ""];
  const say = (tracer: readonly string[]): string =>
    normalizeTrace(run([...tracer, ...options, ...command]).stderr.replace(/\b(PID=|\[pid +)\d+/g, "$1N"));
  return [say(TSSTRACE), say(oracle.command)];
}

const INT80 = `
#include <unistd.h>
#include <sys/syscall.h>
int main(void) {
  long result;
  write(1, "64\\n", 3);
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20));
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(6L), "b"(-1L));
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(-1L), "b"(1L), "c"(2L), "d"(3L), "S"(4L), "D"(5L));
  syscall(0x40000000 + 39);
  syscall(0x40000000 + 1, 1, "not written\\n", 12);
  syscall(0x40000000 + 512, 2, 0, 0, 8);
  syscall(0x40000000 + 9999, 1, 2, 3);
  syscall(0x40000000 + 16, 1, 0x5401, 8);
  syscall(39);
  return 0;
}`;
const HELLO = `
#include <stdio.h>
int main(int argc, char **argv) { puts(argv[0]); return argc; }`;
const COPY = `
#include <unistd.h>
int main(void) {
  char buffer[100];
  for (ssize_t got; (got = read(0, buffer, sizeof buffer)) > 0;) write(1, buffer, got);
  return 0;
}`;
const CHANGES = `
#include <unistd.h>
int main(int argc, char **argv) { execv(argv[1], argv + 1); return 1; }`;

/** From 64-bit code into 32-bit code, and there by SYSCALL into the kernel, which comes back where the vDSO would be if it were one of 32 bits. */
const FAR_SYSCALL = `
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <ucontext.h>
#include <unistd.h>
static uint32_t room[64];
static void caught(int number, siginfo_t *info, void *context) {
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  int same = ((uint32_t)r[REG_RIP] ^ (uint32_t)getauxval(AT_SYSINFO_EHDR)) >> 12 == 0;
  printf("signal %d code %d, rax %llx rbx %llx rbp %llx, cs %llx, in the vDSO's low half %d\\n", number, info->si_code, r[REG_RAX],
         r[REG_RBX], r[REG_RBP], r[REG_CSGSFS] & 0xffff, same);
  fflush(stdout);
  _exit(0);
}
int main(void) {
  static char stack[65536];
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, 0);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, 0);
  sigaction(SIGILL, &action, 0);
  long result;
  __asm__ volatile(
      "mov %%rsp, %%r15\\n\\tmov %1, %%rsp\\n\\tmovl $0x23, 4(%%rsp)\\n\\tlea 1f(%%rip), %%eax\\n\\tmov %%eax, (%%rsp)\\n\\tljmpl *(%%rsp)\\n"
      ".code32\\n1:\\tmov $0x14, %%eax\\n\\tmov $6, %%ebx\\n\\tmov $7, %%ebp\\n\\tsyscall\\n\\tljmp $0x33, $2f\\n"
      ".code64\\n2:\\tmov %%r15, %%rsp\\n\\tmov %%eax, %%eax"
      : "=a"(result) : "r"(room + 32) : "rbx", "rcx", "rbp", "r11", "r15", "memory");
  printf("%d\\n", (int)result);
  return 0;
}
`;
/** What CPUID says, and how many levels of caches there are. */
const VENDOR = `
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  unsigned a, b, c, d, level = 0, leaf = 4;
  char name[13] = "", line[200];
  __cpuid(0, a, b, c, d);
  memcpy(name, &b, 4), memcpy(name + 4, &d, 4), memcpy(name + 8, &c, 4);
  if (name[0] == 'A') leaf = 0x8000001d;
  for (unsigned i = 0;; i++) {
    __cpuid_count(leaf, i, a, b, c, d);
    if ((a & 31) == 0) break;
    level = a >> 5 & 7;
  }
  __cpuid(1, a, b, c, d);
  printf("%s family %u level %u\\n", name, (a >> 8 & 15) + ((a >> 8 & 15) == 15 ? a >> 20 & 255 : 0), level);
  FILE *info = fopen("/proc/cpuinfo", "r");
  while (fgets(line, sizeof line, info)) if (strncmp(line, "cpu family", 10) == 0) fputs(line, stdout);
  return 0;
}`;
const AMD = "--cpu-vendor=amd";

const missing = (compiler: Compiler): string | undefined =>
  ("missing" in oracle ? oracle.missing : undefined) ?? compilerMissing(compiler);

const without = missing("glibc");
describe.skipIf(without)(`from 64-bit code${without ? ` (skipped: ${without})` : ""}`, () => {
  test.each([
    [],
    ["-e", "quiet=personality"],
    ["-n", "-i"],
    ["-e", "trace=getpid@32,write"],
    ["-f", "-e", "trace=close"],
  ])("int $0x80 and numbers of x32, %s %s", (...options) => {
    build("doors", INT80);
    // The address space is randomised for one of them.
    const [ours, theirs] = bothSay(options, "./doors").map((text) => text.replace(/^\[ *\d*\] /gm, ""));
    expect(ours?.replace(/\[[0-9a-f]{8,16}\]/g, "[IP]")).toBe(theirs?.replace(/\[[0-9a-f]{8,16}\]/g, "[IP]"));
  });

  test("without IA32_EMULATION int $0x80 is SIGSEGV, with X86_X32_ABI the calls of x32 are made", () => {
    build("doors", INT80);
    const refused = run([...TSSTRACE, "--kernel-config", "IA32_EMULATION=n", "./doors"]);
    expect(refused.signal).toBe("SIGSEGV");
    expect(refused.stderr).toContain("+++ killed by SIGSEGV");
    const made = run([...TSSTRACE, "--kernel-config", "X86_X32_ABI=y", "./doors"]);
    expect(made.stdout).toBe("64\nnot written\n");
    expect(made.stderr).toMatch(/^getpid\(\) += (\d+)$[\s\S]*x32 mode[\s\S]*^getpid\(\) += \1$/m);
  });

  test.skipIf(isIntel)("SYSCALL in compatibility mode, as on AMD's processors", () => {
    build("far", FAR_SYSCALL, "-O1", "-static", "-no-pie", "-fomit-frame-pointer");
    const withoutPid = ({ stdout, signal }: Seen): unknown => [stdout.replace(/rax \w+/, "rax PID"), signal];
    expect(withoutPid(run([...TSSTRACE, AMD, "--run", "./far"]))).toEqual(withoutPid(run(["./far"])));
    if ("missing" in oracle) return;
    const options = ["-e", "trace=getpid@32", "./far"];
    const ours = run([...TSSTRACE, AMD, ...options]).stderr;
    const theirs = run([...oracle.command, ...options]).stderr;
    const steady = (text: string): string => text.replace(/getpid\(\).*|si_addr=0x\w+|PID=\d+/g, "...");
    expect(steady(ours)).toBe(steady(theirs));
  });

  test("SYSCALL in compatibility mode is #UD on Intel's processors, and leads back at once without IA32_EMULATION", () => {
    build("far", FAR_SYSCALL, "-O1", "-static", "-no-pie", "-fomit-frame-pointer");
    const intel = run([...TSSTRACE, "--run", "./far"]);
    expect(intel.stdout).toMatch(/^signal 4 code 2, rax 14 rbx 6 rbp 7, cs 23,/);
    const ignored = run([...TSSTRACE, AMD, "--kernel-config=IA32_EMULATION=n", "--run", "--path", "./far"]);
    expect(ignored.stdout).toBe("-38\n");
    expect(ignored.stderr).toMatch(
      /-- getpid, number 20,.*\n.*syscall \(compatibility mode\) {2}rip=0xffffffff81a03000[^-]*ignore_sysret.*\n.*sysretl {2}rip=/,
    );
  });

  test("--path shows the gate's own steps", () => {
    build("doors", INT80);
    const { stderr } = run([...TSSTRACE, "--path", "-e", "trace=getpid@32", "./doors"]);
    expect(stderr).toMatch(
      /int \$0x80.*swapgs.*push pt_regs.*do_syscall_32_irqs_on.*call \*ia32_sys_call_table.*iretq/s,
    );
  });
});

const without32 = missing("m32-dynamic");
describe.skipIf(without32)(`32-bit programs${without32 ? ` (skipped: ${without32})` : ""}`, () => {
  test("change mode by execve, there and back", () => {
    build("hello", HELLO, "-m32");
    build("change", CHANGES, "-m32");
    build("change64", CHANGES);
    const [ours, theirs] = bothSay(
      ["-e", "trace=execve,write,exit_group"],
      "./change64",
      "./change",
      "./change64",
      "./hello",
    );
    expect(ours).toBe(theirs);
  });

  test("and 64-bit ones in a pipeline, followed", () => {
    if ("missing" in oracle) return;
    build("hello", HELLO, "-m32");
    build("copy", COPY, "-m32");
    build("copy64", COPY);
    const trace = (tracer: readonly string[]): string => {
      const calls = "trace=execve,write,read,exit_group,dup2,brk";
      run([
        ...tracer,
        "-f",
        "-o",
        "trace",
        "-e",
        "signal=none",
        "-e",
        calls,
        "/bin/sh",
        "-c",
        "./hello one | ./copy64 | ./copy | ./copy64",
      ]);
      return normalizeTrace(byProcess(readFileSync(join(directory, "trace"), "latin1")));
    };
    expect(trace(TSSTRACE)).toBe(trace(oracle.command));
  });

  test("are no programs without IA32_EMULATION", () => {
    build("hello", HELLO, "-m32");
    const { status, stderr } = run([...TSSTRACE, "--kernel-config", "IA32_EMULATION=n", "./hello"]);
    expect(stderr).toContain("ENOEXEC");
    expect(status).toBe(1);
  });

  test("--path shows the way through SYSCALL on AMD's processors", () => {
    build("hello", HELLO, "-m32");
    const { stdout, stderr } = run([...TSSTRACE, AMD, "--path", "-e", "trace=write", "./hello"]);
    expect(stdout).toBe("./hello\n");
    expect(stderr).toMatch(
      /syscall \(compatibility mode\) {2}rip=0xffffffff81a01000.*swapgs.*push pt_regs.*do_fast_syscall_32.*call \*ia32_sys_call_table.*sysretl/s,
    );
    expect(stderr).not.toContain("sysenter");
  });

  test("--path shows the way through sysenter", () => {
    build("hello", HELLO, "-m32", "-static");
    const { stderr } = run([...TSSTRACE, "--path", "-e", "trace=write", "./hello"]);
    expect(stderr).toMatch(/sysenter.*do_fast_syscall_32.*do_syscall_32_irqs_on.*call \*ia32_sys_call_table.*sysretl/s);
  });
});

test.each(["IA32_EMULATION", "IA32_EMULATION=yes", "SMP=n", ""])(
  "--kernel-config %s is refused in one line",
  (text) => {
    const { status, stderr } = run([...TSSTRACE, "--kernel-config", text, "/bin/true"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^tsstrace: invalid --kernel-config '.*': IA32_EMULATION or X86_X32_ABI, then =y or =n\n$/);
  },
);

test("--cpu-vendor is what CPUID and /proc/cpuinfo say, or refused in one line", () => {
  build("vendor", VENDOR);
  const say = (...options: readonly string[]): string => run([...TSSTRACE, "--run", ...options, "./vendor"]).stdout;
  expect(say()).toBe("GenuineIntel family 6 level 3\ncpu family\t: 6\n");
  expect(say(AMD)).toBe("AuthenticAMD family 23 level 3\ncpu family\t: 23\n");
  expect(say(AMD, "--cpu=x86-64-v3")).toBe("AuthenticAMD family 23 level 3\ncpu family\t: 23\n");
  const { status, stderr } = run([...TSSTRACE, "--cpu-vendor=via", "/bin/true"]);
  expect([status, stderr]).toEqual([1, "tsstrace: there is no maker of processors 'via': intel, amd\n"]);
});
