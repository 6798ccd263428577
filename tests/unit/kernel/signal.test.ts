import { describe, expect, test } from "vitest";
import { exception } from "../../../src/kernel/entry/exception.js";
import { schedule } from "../../../src/kernel/task/scheduler.js";
import { READ } from "../../../src/machine/guest-memory.js";
import { TRAP_SYSCALL } from "../../../src/machine/processor.js";
import { OFFSET_FAULT_ADDRESS, R12, RDI, RDX, RSI, RSP, STATE } from "../../../src/machine/state-layout.js";
import { Machine, SCRATCH } from "./machine.js";

const SIGUSR1 = 10;
const SIGSEGV = 11;
const SIGPIPE = 13;
const SA_RESTORER = 0x04000000;
const SA_SIGINFO = 4;
const SA_RESTART = 0x10000000;
const HANDLER = 0x401234;
const RESTORER = 0x405678;
const EINTR = 4;
const EPIPE = 32;

function handle(machine: Machine, signal: number, flags = 0, handler = HANDLER): void {
  const { task } = machine;
  task.writeU64(SCRATCH, handler);
  task.writeU64(SCRATCH + 8, flags | SA_RESTORER);
  task.writeU64(SCRATCH + 16, RESTORER);
  task.writeU64(SCRATCH + 24, 0);
  expect(machine.call("rt_sigaction", signal, SCRATCH, 0, 8)).toBe(0);
}

/** A stack in the scratch pages. */
const STACK = SCRATCH + 0x8000;

describe("delivery", () => {
  test("a handler gets its number, siginfo and ucontext, and rt_sigreturn brings everything back", () => {
    const machine = new Machine();
    const { registers } = machine.processor;
    handle(machine, SIGUSR1, SA_SIGINFO);
    registers.rip = 0x400100;
    registers.setAddress(RSP, STACK);
    registers.set64(R12, 0xdeadn);
    machine.processor.extended[24] = 0x80;
    machine.call("kill", 1000, SIGUSR1);
    expect(registers.rip).toBe(HANDLER);
    expect(registers.address(RDI)).toBe(SIGUSR1);
    expect(machine.task.readU32(registers.address(RSI))).toBe(SIGUSR1);
    const frame = registers.address(RSP);
    expect((frame + 8) % 16).toBe(0);
    expect(machine.task.readU64(frame)).toBe(RESTORER);
    expect(registers.address(RDX)).toBe(frame + 8);
    expect(machine.task.blocked.has(SIGUSR1)).toBe(true);
    const fpState = machine.task.readU64(frame + 8 + 40 + 184);
    expect(fpState % 64).toBe(0);
    expect(machine.task.readU32(fpState + 464)).toBe(0x46505853);
    expect(machine.task.readU32(fpState + 832)).toBe(0x46505845);

    registers.set64(R12, 0n);
    machine.processor.extended[24] = 0;
    registers.setAddress(RSP, frame + 8);
    expect(machine.call("rt_sigreturn")).toBe(0);
    expect(registers.rip).toBe(0x400102);
    expect(registers.address(RSP)).toBe(STACK);
    expect(registers.get64(R12)).toBe(0xdeadn);
    expect(machine.processor.extended[24]).toBe(0x80);
    expect(machine.task.blocked.has(SIGUSR1)).toBe(false);
  });

  test("a blocked signal waits until it is let through", () => {
    const machine = new Machine();
    handle(machine, SIGUSR1);
    machine.processor.registers.setAddress(RSP, STACK);
    machine.task.writeU64(SCRATCH, 1 << (SIGUSR1 - 1));
    machine.call("rt_sigprocmask", 0, SCRATCH, 0, 8);
    machine.processor.registers.rip = 0x400000;
    machine.call("kill", 1000, SIGUSR1);
    expect(machine.processor.registers.rip).not.toBe(HANDLER);
    machine.call("rt_sigpending", SCRATCH + 8, 8);
    expect(machine.task.readU32(SCRATCH + 8)).toBe(1 << (SIGUSR1 - 1));
    machine.call("rt_sigprocmask", 1, SCRATCH, 0, 8);
    expect(machine.processor.registers.rip).toBe(HANDLER);
  });

  test("without a handler it kills", () => {
    const machine = new Machine();
    machine.call("kill", 1000, SIGUSR1);
    expect(machine.task.exitStatus).toBe(SIGUSR1);
  });

  test("a frame that does not fit is SIGSEGV", () => {
    const machine = new Machine();
    handle(machine, SIGUSR1);
    machine.processor.registers.setAddress(RSP, 0x1000);
    machine.call("kill", 1000, SIGUSR1);
    expect(machine.task.exitStatus & 0x7f).toBe(SIGSEGV);
  });

  test("SIGKILL and SIGSTOP take no handler", () => {
    const machine = new Machine();
    machine.task.writeU64(SCRATCH, HANDLER);
    expect(machine.call("rt_sigaction", 9, SCRATCH, 0, 8)).toBe(-22);
    expect(machine.call("rt_sigaction", 19, SCRATCH, 0, 8)).toBe(-22);
    expect(machine.call("rt_sigaction", 0, 0, 0, 8)).toBe(-22);
  });
});

test("SIGPIPE says that the program sent it itself", () => {
  const machine = new Machine({ uid: 7 });
  const { task } = machine;
  task.writeU64(SCRATCH, 2 ** (SIGPIPE - 1));
  machine.call("rt_sigprocmask", 0, SCRATCH, 0, 8);
  machine.call("pipe", SCRATCH);
  machine.call("close", task.readU32(SCRATCH));
  expect(machine.call("write", task.readU32(SCRATCH + 4), SCRATCH, 1)).toBe(-EPIPE);
  const info = new Int32Array(task.pending.take(SIGPIPE)?.info.buffer ?? new ArrayBuffer(0));
  expect({ signo: info[0], code: info[2], pid: info[4], uid: info[5] }).toEqual({
    signo: SIGPIPE,
    code: 0,
    pid: 1000,
    uid: 7,
  });
});

describe("interrupted calls", () => {
  function interruptRead(flags: number): Machine {
    const machine = new Machine();
    handle(machine, SIGUSR1, flags);
    machine.call("pipe", SCRATCH);
    const { registers } = machine.processor;
    registers.rip = 0x400100;
    registers.setAddress(RSP, STACK);
    machine.call("read", 3, SCRATCH, 10);
    expect(machine.task.state).toBe("sleeping");
    machine.task.sendSignal(SIGUSR1);
    return machine;
  }

  async function finish(machine: Machine): Promise<void> {
    machine.processor.script.push(() => {
      machine.processor.registers.setAddress(0, 231);
      machine.processor.registers.setAddress(RDI, 0);
      return TRAP_SYSCALL;
    });
    await schedule(machine.kernel);
  }

  test("fail with EINTR", async () => {
    const machine = interruptRead(0);
    const { processor, task } = machine;
    processor.script.push(() => {
      expect(processor.registers.rip).toBe(HANDLER);
      const context = processor.registers.address(RDX) + 40;
      expect(task.readI64(context + 13 * 8)).toBe(-EINTR);
      expect(task.readU64(context + 16 * 8)).toBe(0x400102);
      return 0x101;
    });
    await finish(machine);
  });

  test("or are made again with SA_RESTART", async () => {
    const machine = interruptRead(SA_RESTART);
    const { processor, task } = machine;
    processor.script.push(() => {
      const context = processor.registers.address(RDX) + 40;
      expect(task.readI64(context + 13 * 8)).toBe(0);
      expect(task.readU64(context + 16 * 8)).toBe(0x400100);
      return 0x101;
    });
    await finish(machine);
  });
});

describe("exceptions", () => {
  test("a bad address is SIGSEGV with it in siginfo", () => {
    const machine = new Machine();
    handle(machine, SIGSEGV, SA_SIGINFO);
    const { registers, memory } = machine.processor;
    registers.rip = 0x400100;
    registers.setAddress(RSP, STACK);
    memory.view.setBigUint64(STATE + OFFSET_FAULT_ADDRESS, 0x123n, true);
    exception(machine.kernel.cpu, machine.task, 14);
    expect(registers.rip).toBe(HANDLER);
    const info = registers.address(RSI);
    expect([machine.task.readU32(info), machine.task.readU32(info + 8), machine.task.readU64(info + 16)]).toEqual([
      SIGSEGV,
      1,
      0x123,
    ]);
  });

  test("a page that can be had is no exception to the program", () => {
    const machine = new Machine();
    const at = machine.call("mmap", 0, 4096, 3, 0x22, -1, 0);
    machine.processor.memory.view.setBigUint64(STATE + OFFSET_FAULT_ADDRESS, BigInt(at), true);
    machine.processor.registers.rip = 0x400100;
    exception(machine.kernel.cpu, machine.task, 14);
    expect(machine.processor.registers.rip).toBe(0x400100);
    expect(machine.processor.memory.linear(at, READ)).toBeGreaterThan(0);
  });
});
