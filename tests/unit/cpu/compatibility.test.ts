// 32-bit code and the ways into it and out of it, on every engine.
import { describe, expect, test } from "vitest";
import { createProcessor, type EmulatedProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../../src/machine/guest-memory.js";
import {
  BREAKPOINT,
  DEBUG,
  GENERAL_PROTECTION,
  INVALID_OPCODE,
  SEGMENT_NOT_PRESENT,
  TRAP_FUEL,
  TRAP_INT,
  TRAP_SYSCALL,
  TRAP_SYSCALL_COMPAT,
  TRAP_SYSENTER,
} from "../../../src/machine/processor.js";
import { RAX, RBX, RCX, RDX, RSP, TF } from "../../../src/machine/state-layout.js";

const ENGINES: [string, ProcessorOptions][] = [
  ["interpreter", { interpret: true, hot: Number.POSITIVE_INFINITY }],
  ["cold", { hot: Number.POSITIVE_INFINITY }],
  ["jit", { hot: 0 }],
  ["jit from the third time on", { hot: 3 }],
];
const CODE = 0x400000;
const DATA = 0x500000;
const CS = 1;

function machine(options: ProcessorOptions, code: readonly string[]): EmulatedProcessor {
  const cpu = createProcessor({ memory: new GuestMemory(), ...options });
  cpu.memory.map(CODE / 4096, READ | EXECUTE);
  cpu.memory.map(DATA / 4096, READ | WRITE);
  cpu.memory.pageBytes(CODE / 4096).set(Buffer.from(code.join(""), "hex"));
  cpu.registers.rip = CODE;
  return cpu;
}

/** As the kernel starts a program. */
function setMode(cpu: EmulatedProcessor, cs: number): void {
  cpu.registers.setSelector(CS, cs);
  for (const segment of [0, 3]) cpu.registers.setSelector(segment, 0x2b);
}

describe.each(ENGINES)("%s", (_, options) => {
  test("64-bit code jumps to 32-bit code, which works, calls the kernel and jumps back", () => {
    const cpu = machine(options, [
      "bc000f5000", //       mov esp, 0x500f00
      "ff2d00000000", //     jmp far [rip]
      "110040002300", //     0x23:0x400011
      "b92b000000", //       mov ecx, 0x2b
      "8ed98ec1", //         mov ds, ecx; mov es, ecx
      "b90a00000031c0", //   mov ecx, 10; xor eax, eax
      "51e80d000000", //     1: push ecx; call 2f
      "594975f6", //         pop ecx; dec ecx; jnz 1b
      "cd80", //             int 0x80
      "ea420040003300", //   jmp far 0x33:0x400042
      "03442404", //         2: add eax, [esp + 4]
      "8d58ff", //           lea ebx, [eax - 1]
      "891d00005000", //     mov [0x500000], ebx
      "c3", //               ret
      "baffffffff48ffc2", // mov edx, -1; inc rdx
      "0f05", //             syscall
    ]);
    const { registers } = cpu;
    expect(cpu.run(1000)).toBe(TRAP_INT + 0x80);
    expect(registers.rip).toBe(CODE + 0x2b);
    expect(cpu.instructionLength).toBe(2);
    expect(registers.selector(CS)).toBe(0x23);
    expect([registers.low(RAX), registers.low(RBX), registers.address(RSP)]).toEqual([55, 54, DATA + 0xf00]);
    registers.rip += 2;
    expect(cpu.run(1000)).toBe(TRAP_SYSCALL);
    expect(registers.selector(CS)).toBe(0x33);
    expect(registers.rip).toBe(CODE + 0x4a);
    expect(registers.get64(RDX)).toBe(0x1_0000_0000n);
  });

  test("the same bytes are other code in the other mode", () => {
    const cpu = machine(options, ["48ffc0", "cc"]); // inc rax; or dec eax, inc eax
    for (const [cs, result] of [
      [0x33, 0x1_0000_0000n],
      [0x23, 0xffff_ffffn],
      [0x33, 0x1_0000_0000n],
      [0x23, 0xffff_ffffn],
    ] as const) {
      setMode(cpu, cs);
      cpu.registers.rip = CODE;
      cpu.registers.set64(RAX, 0xffff_ffffn);
      expect(cpu.run(1000)).toBe(BREAKPOINT);
      expect([cpu.registers.get64(RAX), cpu.registers.rip]).toEqual([result, CODE + 3]);
    }
  });

  test("32-bit code calls 64-bit functions in a loop", () => {
    const cpu = machine(options, [
      "b9204e0000", //       mov ecx, 20000
      "9a110040003300", //   1: call far 0x33:0x400011
      "e2f7", //             loop 1
      "31d2", //             xor edx, edx
      "cc", //               int3
      "4801c84889c2", //     add rax, rcx; mov rdx, rax
      "cb", //               ret far
    ]);
    setMode(cpu, 0x23);
    cpu.registers.setAddress(RSP, DATA + 0xf00);
    expect(cpu.run(1_000_000)).toBe(BREAKPOINT);
    expect(cpu.registers.low(RAX)).toBe((20000 * 20001) / 2);
    expect(cpu.registers.address(RSP)).toBe(DATA + 0xf00);
    expect(cpu.registers.selector(CS)).toBe(0x23);
  });

  test("a single step of 32-bit code", () => {
    const cpu = machine(options, ["40", "6683c005", "50", "cc"]); // inc eax; add ax, 5; push eax; int3
    setMode(cpu, 0x23);
    cpu.registers.setAddress(RSP, DATA + 0xf00);
    cpu.rflags |= TF;
    const seen = [1, 5, 6].map(() => [cpu.run(1000), cpu.registers.rip - CODE, cpu.registers.low(RAX)]);
    expect(seen).toEqual([
      [DEBUG, 1, 1],
      [DEBUG, 5, 6],
      [DEBUG, 6, 6],
    ]);
  });

  test("code goes round at 4 GiB", () => {
    const cpu = machine(options, []);
    for (const page of [0xfffff, 1]) cpu.memory.map(page, READ | EXECUTE);
    cpu.memory.pageBytes(0xfffff).set([0xe9, 0x01, 0x10, 0, 0], 0xffa); // jmp 0x1000
    cpu.memory.pageBytes(1).set([0xe9, 0xf5, 0xef, 0xff, 0xff]); // jmp 0xfffffffa
    setMode(cpu, 0x23);
    cpu.registers.rip = 0xffff_fffa;
    expect(cpu.run(1000)).toBe(TRAP_FUEL);
    expect([0xffff_fffa, 0x1000]).toContain(cpu.registers.rip);
  });

  test("descriptors of a task", () => {
    const cpu = machine(options, ["8ee9", "65a104000000", "cc"]); // mov gs, ecx; mov eax, gs:[4]; int3
    cpu.memory.view.setUint32(cpu.memory.linear(DATA + 4, WRITE), 0x1234, true);
    const data = (base: number, rights: number) => [
      0xffff | (base << 16),
      (rights << 8) | 0xcf0000 | ((base >>> 16) & 0xff),
    ];
    const absent = data(DATA, 0x73);
    cpu.descriptors = {
      tls: Int32Array.of(0, 0, ...data(DATA, 0xf3), ...absent),
      ldt: Int32Array.of(...data(DATA, 0xf1)),
    };
    setMode(cpu, 0x23);
    const load = (selector: number) => {
      cpu.registers.rip = CODE;
      cpu.registers.setAddress(RCX, selector);
      const trap = cpu.run(1000);
      return [trap, trap === BREAKPOINT ? cpu.registers.low(RAX) : cpu.registers.errorCode, cpu.registers.rip - CODE];
    };
    expect(load(0x6b)).toEqual([BREAKPOINT, 0x1234, 8]);
    expect(load(7)).toEqual([BREAKPOINT, 0x1234, 8]);
    expect(load(0x73)).toEqual([SEGMENT_NOT_PRESENT, 0x70, 0]);
    expect(load(0x63)).toEqual([GENERAL_PROTECTION, 0x60, 0]);
    expect(load(0xf)).toEqual([GENERAL_PROTECTION, 0xc, 0]);
    expect(load(0)).toEqual([GENERAL_PROTECTION, 0, 2]); // the access
    expect([cpu.loadSegment(5, 0x6b), cpu.registers.gsBase]).toEqual([true, BigInt(DATA)]);
    expect([cpu.loadSegment(5, 0x73), cpu.registers.selector(5)]).toEqual([false, 0x6b]);
  });

  test("which of sysenter and syscall there is depends on the maker", () => {
    for (const [vendor, code, expected] of [
      ["intel", "0f34", TRAP_SYSENTER],
      ["intel", "0f05", INVALID_OPCODE],
      ["amd", "0f34", INVALID_OPCODE],
      ["amd", "0f05", TRAP_SYSCALL_COMPAT],
    ] as const) {
      const cpu = machine({ ...options, vendor }, [code]);
      setMode(cpu, 0x23);
      expect([cpu.run(1000), cpu.registers.rip]).toEqual([expected, CODE]);
    }
  });

  test("sysenter, and code segments that are none", () => {
    const cpu = machine(options, ["0f34"]);
    setMode(cpu, 0x23);
    expect([cpu.run(1000), cpu.instructionLength, cpu.registers.rip]).toEqual([TRAP_SYSENTER, 2, CODE]);
    for (const selector of [0, 0x2b, 0x10, 0x63, 0x20]) {
      cpu.registers.setSelector(CS, selector);
      expect([cpu.run(1000), cpu.registers.errorCode, cpu.registers.rip]).toEqual([
        GENERAL_PROTECTION,
        selector & 0xfffc,
        CODE,
      ]);
    }
  });

  test.each([0x33, 0x23])("after IRET to %s with TF set the first instruction there traps", (cs) => {
    // (In 64-bit code push 0x2b; push 0x500f00;) push 0x302; push cs; push 0x400040; iret
    const image = cs === 0x33 ? "6a2b68000f500068020300006a33684000400048cf" : "68020300006a236840004000cf";
    const cpu = machine(options, [image.padEnd(0x80, "0"), "9090"]);
    setMode(cpu, cs);
    cpu.registers.setAddress(RSP, DATA + 0xf00);
    expect([cpu.run(1000), cpu.registers.rip, cpu.registers.selector(CS)]).toEqual([DEBUG, CODE + 0x41, cs]);
  });
});
