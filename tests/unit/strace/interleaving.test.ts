// Lines of several tasks on one output: cut short, taken up again, prefixed.
import { expect, test } from "vitest";
import { defaultOptions, type StraceOptions } from "../../../src/strace/options.js";
import { Strace } from "../../../src/strace/tracer.js";
import { syscalls } from "../../../src/syscalls/table.js";
import { FakeTracee } from "./fake-tracee.js";

const WAIT4 = 61;
const CLOSE = 3;
const EXIT_GROUP = 231;

function tracer(changes: Partial<StraceOptions>): { strace: Strace; text: () => string } {
  let written = "";
  const destination = { immediate: true, write: (text: string) => void (written += text) };
  const strace = new Strace({ ...defaultOptions(), follow: true, ...changes }, syscalls, {
    clock: { realtime: () => 0n, monotonic: () => 0 },
    destination: () => destination,
    messages: destination,
  });
  return { strace, text: () => written };
}

function exitOfChild(strace: Strace): void {
  const parent = new FakeTracee(1000);
  const child = new FakeTracee(1001);
  strace.attached(parent, undefined);
  strace.attached(child, parent);
  parent.call(WAIT4, [-1n, 0n, 0n, 0n]);
  strace.syscallEntry(parent);
  child.call(CLOSE, [4n]);
  strace.syscallEntry(child);
  child.returns(0n);
  strace.syscallExit(child);
  child.call(EXIT_GROUP, [3n]);
  strace.syscallEntry(child);
  strace.exited(child, 3 << 8);
  parent.returns(1001n);
  strace.syscallExit(parent);
}

test("on stderr", () => {
  const { strace, text } = tracer({});
  exitOfChild(strace);
  expect(text()).toBe(
    `strace: Process 1001 attached
[pid  1000] wait4(-1 <unfinished ...>
[pid  1001] close(4)                    = 0
[pid  1001] exit_group(3)               = ?
[pid  1001] +++ exited with 3 +++
<... wait4 resumed>, NULL, 0, NULL)     = 1001
`,
  );
});

test("in a file", () => {
  const { strace, text } = tracer({ toFile: true });
  exitOfChild(strace);
  expect(text()).toBe(
    `1000  wait4(-1 <unfinished ...>
1001  close(4)                          = 0
1001  exit_group(3)                     = ?
1001  +++ exited with 3 +++
1000  <... wait4 resumed>, NULL, 0, NULL) = 1001
`,
  );
});

test("calls cut short by signals", () => {
  const { strace, text } = tracer({ toFile: true, follow: false });
  const task = new FakeTracee();
  strace.attached(task, undefined);
  task.call(0, [0n, 0x404000n, 1n]);
  strace.syscallEntry(task);
  task.returns(-512n);
  strace.syscallExit(task);
  const siginfo = new Uint8Array(128);
  siginfo.set([14, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0]);
  strace.signalDelivery(task, 14, siginfo);
  strace.groupStop(task, 20);
  strace.exited(task, 0x8b);
  strace.finish();
  expect(text()).toBe(
    `read(0, 0x404000, 1)                    = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---
--- stopped by SIGTSTP ---
+++ killed by SIGSEGV (core dumped) +++
`,
  );
});
