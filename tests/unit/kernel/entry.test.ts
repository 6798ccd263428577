import { describe, expect, test } from "vitest";
import type { Tracee, TracerHooks } from "../../../src/abi/tracee.js";
import { bootCpu, IGNORE_SYSRET } from "../../../src/kernel/entry/boot.js";
import { TIF_NOTIFY_RESUME } from "../../../src/kernel/entry/kernel-stack.js";
import * as pt from "../../../src/kernel/entry/pt-regs.js";
import { AC, DF, IF, IOPL, NT, R11, R12, RCX, RSP, TF } from "../../../src/machine/state-layout.js";
import { FakeProcessor, Machine } from "./machine.js";

const ENOSYS = 38;
const silent: TracerHooks = {
  syscallEntry() {},
  syscallExit() {},
  signalDelivery() {},
  groupStop() {},
  exec() {},
  attached() {},
  exited() {},
};

describe("boot", () => {
  const { cpu } = new Machine().kernel;

  test("syscall_init writes the MSRs", () => {
    expect(cpu.msr.find(0xc0000081)?.value).toBe(0x0023_0010_0000_0000n);
    expect(cpu.msr.fmask.low).toBe(TF | DF | IF | IOPL | AC | NT);
    expect(cpu.msr.lstar.high).toBe(-1);
    expect(cpu.msr.sysenterCs.low).toBe(0x10);
    expect(cpu.msr.find(0x10)).toBeUndefined();
  });

  test("int3 and int 0x80 may be called by users, page faults may not", () => {
    expect([3, 14, 0x80].map((vector) => cpu.idt.allowsUser(vector))).toEqual([true, false, true]);
  });

  test("without IA32 emulation int 0x80 and sysenter lead nowhere", () => {
    const bare = bootCpu(new FakeProcessor(), { ia32: false, x32: false });
    expect(bare.idt.allowsUser(0x80)).toBe(false);
    expect(bare.msr.sysenterCs.low).toBe(0);
    expect(bare.msr.cstar.low).toBe(IGNORE_SYSRET);
  });
});

describe("the fast path", () => {
  test("leaves rcx = next rip, r11 = rflags, and everything else alone", () => {
    const machine = new Machine();
    const { registers } = machine.processor;
    registers.rip = 0x401000;
    registers.setAddress(RSP, 0x7ffffffde000);
    registers.set64(R12, 0x1234567890n);
    expect(machine.call("getpid")).toBe(1000);
    expect(registers.address(RCX)).toBe(0x401002);
    expect(registers.address(R11)).toBe(0x202);
    expect(registers.rip).toBe(0x401002);
    expect(registers.address(RSP)).toBe(0x7ffffffde000);
    expect(registers.get64(R12)).toBe(0x1234567890n);
    expect([registers.selector(1), registers.selector(2), machine.kernel.cpu.cpl]).toEqual([0x33, 0x2b, 3]);
  });

  test("GS base is the kernel's inside and the program's outside", () => {
    const machine = new Machine();
    machine.processor.registers.gsBase = 0x7000_0000n;
    machine.call("getpid");
    expect(machine.processor.registers.gsBase).toBe(0x7000_0000n);
    expect(machine.kernel.cpu.msr.kernelGsBase.value).toBe(0xffff_8800_3fc0_0000n);
  });

  test.each([[546], [0x7fffffff], [2 ** 32], [0x40000000], [471]])("number %s is ENOSYS", (number) => {
    expect(new Machine().callNumber(number)).toBe(-ENOSYS);
  });

  test("takes the steps in entry_SYSCALL_64's order", () => {
    const machine = new Machine();
    const steps: string[] = [];
    machine.kernel.cpu.watch({ step: (name) => steps.push(name) });
    machine.call("getpid");
    expect(steps).toEqual([
      "syscall",
      "swapgs",
      "movq %rsp, PER_CPU_VAR(rsp_scratch)",
      "movq PER_CPU_VAR(cpu_current_top_of_stack), %rsp",
      "ENABLE_INTERRUPTS",
      "push pt_regs",
      "testl $_TIF_WORK_SYSCALL_ENTRY",
      "cmpq $__NR_syscall_max, %rax",
      "movq %r10, %rcx",
      "call *sys_call_table(, %rax, 8)",
      "movq %rax, RAX(%rsp)",
      "DISABLE_INTERRUPTS",
      "testl $_TIF_ALLWORK_MASK",
      "RESTORE_C_REGS_EXCEPT_RCX_R11",
      "swapgs",
      "sysretq",
    ]);
  });
});

describe("tracesys", () => {
  function traced(hooks: Partial<TracerHooks>): Machine {
    return new Machine({ hooks: { ...silent, ...hooks } });
  }

  test("the tracer sees -ENOSYS at entry and the result at exit", () => {
    const seen: number[] = [];
    const look = (tracee: Tracee): void => void seen.push(tracee.syscallNumber, tracee.resultLow());
    traced({ syscallEntry: look, syscallExit: look }).call("getpid");
    expect(seen).toEqual([39, -ENOSYS, 39, 1000]);
  });

  test("a number changed at the entry stop runs the other call", () => {
    const hooks = { syscallEntry: (tracee: Tracee) => void (tracee.syscallNumber = 102) };
    expect(traced(hooks).call("getpid")).toBe(0);
  });

  test("-1 skips the call and returns what ax was set to", () => {
    const hooks = {
      syscallEntry(tracee: Tracee) {
        tracee.syscallNumber = -1;
        tracee.setResult(77, 0);
      },
    };
    expect(traced(hooks).call("getpid")).toBe(77);
  });

  test("arguments changed at the entry stop are the ones used", () => {
    const hooks = { syscallEntry: (tracee: Tracee) => tracee.setArgument(0, 1, 0) };
    expect(traced(hooks).call("close", 50)).toBe(0);
  });

  test("a result changed at the exit stop is what the program gets", () => {
    const hooks = { syscallExit: (tracee: Tracee) => tracee.setResult(-5, -1) };
    expect(traced(hooks).call("getpid")).toBe(-5);
  });

  test("a call the tracer does not want takes the fast path, and it is asked once", () => {
    const asked: number[] = [];
    const stops: number[] = [];
    const machine = traced({
      wants: (number) => asked.push(number) > 0 && number === 39,
      syscallEntry: (tracee) => void stops.push(tracee.syscallNumber),
      syscallExit: (tracee) => void stops.push(tracee.resultLow()),
    });
    const steps: string[] = [];
    machine.kernel.cpu.watch({ step: (name) => steps.push(name) });
    machine.call("getuid");
    expect(steps.at(-1)).toBe("sysretq");
    expect(steps).not.toContain("syscall_trace_enter_phase2");
    machine.call("getpid");
    machine.call("getuid");
    expect(asked).toEqual([102, 39]);
    expect(stops).toEqual([39, 1000]);
  });

  test("signals reach the tracer in calls it does not want", () => {
    const signals: number[] = [];
    const machine = traced({ wants: () => false, signalDelivery: (_, signal) => void signals.push(signal) });
    machine.call("kill", 1000, 17);
    expect(signals).toEqual([17]);
  });

  test("a number beyond the table always stops", () => {
    const stops: number[] = [];
    traced({ wants: () => false, syscallEntry: (tracee) => void stops.push(tracee.syscallNumber) }).callNumber(546);
    expect(stops).toEqual([546]);
  });
});

describe("opportunistic SYSRET", () => {
  function exitBy(change: (regs: pt.PtRegs) => void): string[] {
    const steps: string[] = [];
    const machine = new Machine({
      hooks: { ...silent, syscallExit: () => change(machine.task.stack.regs) },
    });
    machine.processor.registers.rip = 0x401000;
    machine.kernel.cpu.watch({ step: (name) => steps.push(name) });
    machine.call("getpid");
    return steps.filter((step) => /sysret|iret/.test(step));
  }

  test("when nothing was touched", () => {
    expect(exitBy(() => {})).toEqual(["opportunistic sysret", "sysretq"]);
  });

  test.each<[string, (regs: pt.PtRegs) => void]>([
    ["rcx == rip", (regs) => regs.setAddress(pt.PT_IP, 0x500000)],
    ["rip canonical", (regs) => [pt.PT_IP, pt.PT_CX].forEach((word) => regs.set(word, 0, 0x8000))],
    ["cs == __USER_CS", (regs) => regs.set(pt.PT_CS, 0x23, 0)],
    ["r11 == rflags", (regs) => regs.set(pt.PT_FLAGS, 0x203, 0)],
    ["no RF, no TF", (regs) => [pt.PT_FLAGS, pt.PT_R11].forEach((word) => regs.set(word, 0x302, 0))],
    ["ss == __USER_DS", (regs) => regs.set(pt.PT_SS, 0x33, 0)],
  ])("not unless %s", (condition, change) => {
    expect(exitBy(change)).toEqual([`no sysret: ${condition}`, "iretq"]);
  });

  test("TIF_NOTIFY_RESUME alone leads through the slow exit and back to SYSRET", () => {
    const machine = new Machine();
    const steps: string[] = [];
    machine.task.stack.setFlag(TIF_NOTIFY_RESUME);
    machine.kernel.cpu.watch({ step: (name) => steps.push(name) });
    expect(machine.call("getpid")).toBe(1000);
    expect(steps.slice(-5)).toEqual([
      "RESTORE_EXTRA_REGS",
      "opportunistic sysret",
      "RESTORE_C_REGS_EXCEPT_RCX_R11",
      "swapgs",
      "sysretq",
    ]);
  });
});
