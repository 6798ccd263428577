import { expect, test } from "vitest";
import { createProcessor } from "../../../src/cpu/processor.js";
import { GuestMemory } from "../../../src/machine/guest-memory.js";
import { TRAP_SYSCALL } from "../../../src/machine/processor.js";

test.each([Infinity, 0, 5])("a loop adds and stops at syscall, hot=%s", (hot) => {
  const cpu = createProcessor({ memory: new GuestMemory(), hot });
  cpu.memory.map(0x400, 5);
  // mov ecx,10; xor eax,eax; l: add eax,ecx; dec ecx; jnz l; syscall
  const code = [0xb9, 10, 0, 0, 0, 0x31, 0xc0, 0x01, 0xc8, 0xff, 0xc9, 0x75, 0xfa, 0x0f, 0x05];
  cpu.memory.pageBytes(0x400).set(code);
  cpu.registers.rip = 0x400000;
  expect(cpu.run(100)).toBe(TRAP_SYSCALL);
  expect(cpu.registers.low(0)).toBe(55);
  expect(cpu.registers.rip).toBe(0x40000d);
  expect(cpu.rflags).toBe(0x246);
});
