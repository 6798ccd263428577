// More forms of instructions than handlers are made for: what is beyond them is interpreted.
import { expect, test } from "vitest";
import { createProcessor } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ } from "../../../src/machine/guest-memory.js";
import { TRAP_SYSCALL } from "../../../src/machine/processor.js";

const PAGE = 0x400;
const RCX = 1;
const RAX = 0;

test("a program of ten thousand forms runs as it should", () => {
  const memory = new GuestMemory();
  const code: number[] = [];
  // pcmpistri with all immediates and forty pairs of registers, which are microcode with a form each: the strings are empty
  let expected = 0;
  for (let pair = 0; pair < 40; pair++)
    for (let immediate = 0; immediate < 256; immediate++) {
      code.push(0x66, 0x0f, 0x3a, 0x63, 0xc0 | pair, immediate);
      code.push(0x01, 0xc8); // add eax,ecx
    }
  code.push(0x0f, 0x05);
  for (let at = 0; at < code.length; at += 4096) {
    memory.map(PAGE + at / 4096, READ | EXECUTE);
    memory.pageBytes(PAGE + at / 4096).set(code.slice(at, at + 4096));
  }
  for (const interpret of [true, false]) {
    const cpu = createProcessor({ memory, interpret, hot: Infinity });
    cpu.reset();
    cpu.registers.rip = PAGE * 4096;
    expect(cpu.run(1 << 20)).toBe(TRAP_SYSCALL);
    if (interpret) expected = cpu.registers.low(RAX);
    else expect(cpu.registers.low(RAX)).toBe(expected);
    expect(cpu.registers.low(RCX)).toBeLessThanOrEqual(16);
  }
  expect(expected).toBeGreaterThan(0);
});
