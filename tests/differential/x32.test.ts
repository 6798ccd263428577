// A program of x32, which kernels of distributions refuse: what it says follows from the ABI's headers, and its lines from strace's manual.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { PROJECT_ROOT, TSSTRACE } from "../tool.js";

const SOURCE = join(PROJECT_ROOT, "tests/differential/x32.c");
const OPTIONS = ["-mx32", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-O1", "-w"];
const directory = mkdtempSync(join(tmpdir(), "tsstrace-x32-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const program = join(directory, "x32");
function compileError(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "needs gcc for x86-64";
  try {
    execFileSync("gcc", [...OPTIONS, "-o", program, SOURCE], { stdio: "pipe" });
    return undefined;
  } catch {
    return "no gcc -mx32 that compiles";
  }
}

const missing = compileError();
describe.skipIf(missing)(`x32${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const run = (...options: string[]) =>
    spawnSync(TSSTRACE[0] as string, [...TSSTRACE.slice(1), ...options, program], { encoding: "latin1" });

  test("runs with X86_X32_ABI: pointers of 32 bits, its own calls, and frames of its own", () => {
    const { stdout, stderr, status } = run("-f", "-e", "trace=!write", "--kernel-config=X86_X32_ABI=y");
    expect(status).toBe(3);
    const handled = "cs 33\nmask 0\nalternate stack's flags 0\nsize 4000\nbelow 4 GiB 1\n";
    expect(stdout).toBe(
      [
        `bytes of a pointer 4\narguments 1\n${program}\npage 1000\nsigaltstack 0\nrt_sigaction 0\nand the other 0\n`,
        `signal b\ncode 1\naddress 1000\ncr2 1000\n${handled}signal a\ncode ffffffff\nvalue 12345678\n${handled}`,
        "rt_sigqueueinfo 0\ntwo parts\nwritev a\nnanosleep 0\nmmap below 4 GiB 0\n",
        "readv of 64 bits' number ffffffffffffffda\ngetpid by x86-64's number 1\nwait4 1\nstatus 700\n",
      ].join(""),
    );
    expect(stderr).toMatch(/^execve\(.*\) = 0\n\[ Process PID=\d+ runs in x32 mode. \]\nsigaltstack\(\{ss_sp=0x\w+, /);
    expect(stderr).toMatch(
      /^writev\(1, \[\{iov_base="two ", iov_len=4\}, \{iov_base="parts\\n", iov_len=6\}\], 2\) = 10$/m,
    );
    expect(stderr).toMatch(/runs in 64 bit mode. \]\ngetpid\(\) += \d+\n\[ Process PID=\d+ runs in x32 mode. \]/);
    expect(stderr).toContain("rt_sigreturn({mask=[]})");
  });

  test("is no program without it", () => {
    const { stderr, status } = run();
    expect(stderr).toContain("ENOEXEC");
    expect(status).toBe(1);
  });
});
