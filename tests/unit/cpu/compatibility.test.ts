// 32-bit code and the ways into it and out of it, on every engine.
import { describe, expect, test } from "vitest";
import { createProcessor, type EmulatedProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../../src/machine/guest-memory.js";
import { TRAP_INT, TRAP_SYSCALL } from "../../../src/machine/processor.js";
import { RAX, RBX, RDX, RSP } from "../../../src/machine/state-layout.js";

const ENGINES: [string, ProcessorOptions][] = [
  ["interpreter", { interpret: true, hot: Number.POSITIVE_INFINITY }],
  ["cold", { hot: Number.POSITIVE_INFINITY }],
  ["jit", { hot: 0 }],
  ["jit from the third time on", { hot: 3 }],
];
const CODE = 0x400000;
const DATA = 0x500000;

function machine(options: ProcessorOptions, code: readonly string[]): EmulatedProcessor {
  const cpu = createProcessor({ memory: new GuestMemory(), ...options });
  cpu.memory.map(CODE / 4096, READ | EXECUTE);
  cpu.memory.map(DATA / 4096, READ | WRITE);
  cpu.memory.pageBytes(CODE / 4096).set(Buffer.from(code.join(""), "hex"));
  cpu.registers.rip = CODE;
  return cpu;
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
    expect(registers.selector(1)).toBe(0x23);
    expect([registers.low(RAX), registers.low(RBX), registers.address(RSP)]).toEqual([55, 54, DATA + 0xf00]);
    registers.rip += 2;
    expect(cpu.run(1000)).toBe(TRAP_SYSCALL);
    expect(registers.selector(1)).toBe(0x33);
    expect(registers.rip).toBe(CODE + 0x4a);
    expect(registers.get64(RDX)).toBe(0x1_0000_0000n);
  });
});
