// The one form in which traces are compared: what becomes a token and what does not.
import { expect, test } from "vitest";
import { byProcess, normalizeTrace } from "../trace-text.js";

test("addresses and process ids become tokens, the same one wherever they stand", () => {
  const trace = [
    "brk(NULL)                               = 0x55d0c000",
    "brk(0x55d0e000)                         = 0x55d0e000",
    "getpid()                                = 4711",
    "kill(4711, SIGUSR1)                     = 0",
    "read(3, 0x55d0c000, 4711)               = -1 EFAULT (Bad address)",
    "mmap(NULL, 4096, PROT_READ, 0x22, -1, 0) = -1 ENOMEM (Cannot allocate memory)",
    'open("/proc/4711/comm", O_RDONLY)       = 3',
  ].join("\n");
  expect(normalizeTrace(trace).split("\n")).toEqual([
    "brk(NULL) = @1",
    "brk(@2) = @2",
    "getpid() = P1",
    "kill(P1, SIGUSR1) = 0",
    "read(3, @1, P1) = -1 EFAULT (Bad address)",
    "mmap(NULL, 4096, PROT_READ, 0x22, -1, 0) = -1 ENOMEM (Cannot allocate memory)",
    'open("/proc/P1/comm", O_RDONLY) = 3',
  ]);
});

test("a result in the wrong column is seen", () => {
  expect(normalizeTrace("close(3)    = 0")).toBe("close(3) (4 blanks, not 32) = 0");
  expect(normalizeTrace("close(3)            = 0", 20)).toBe("close(3) = 0");
});

test("halves of interrupted lines are joined, process by process", () => {
  const trace = [
    "10 wait4(-1 <unfinished ...>",
    '11 write(1, "x", 1)                  = 1',
    "11 +++ exited with 0 +++",
    "10 <... wait4 resumed>, NULL, 0, NULL) = 11",
  ].join("\n");
  expect(byProcess(trace).split("\n")).toEqual([
    "10    wait4(-1, NULL, 0, NULL)          = 11",
    '11    write(1, "x", 1)                  = 1',
    "11    +++ exited with 0 +++",
  ]);
});
