// What the processor keeps of the code of one address space for another, and for how long.
import { expect, test } from "vitest";
import { RecordLibrary } from "../../../src/cpu/cold/record-library.js";
import { createProcessor, type EmulatedProcessor } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ } from "../../../src/machine/guest-memory.js";
import { TRAP_SYSCALL } from "../../../src/machine/processor.js";

const RAX = 0;
const PAGE = 0x400;
const CODE = PAGE * 4096;

/** mov ecx,times; xor eax,eax; l: add eax,step; dec ecx; jnz l; syscall */
function loop(times: number, step: number): number[] {
  const count = [...new Uint8Array(new Int32Array([times]).buffer)];
  return [0xb9, ...count, 0x31, 0xc0, 0x83, 0xc0, step, 0xff, 0xc9, 0x75, 0xf9, 0x0f, 0x05];
}

function spaceWith(code: readonly number[]): GuestMemory {
  const memory = new GuestMemory();
  memory.map(PAGE, READ | EXECUTE);
  memory.pageBytes(PAGE).set(code);
  return memory;
}

/** What the code leaves in eax. */
function runIn(cpu: EmulatedProcessor, memory: GuestMemory): number {
  cpu.memory = memory;
  cpu.registers.rip = CODE;
  expect(cpu.run(1_000_000)).toBe(TRAP_SYSCALL);
  return cpu.registers.low(RAX);
}

test("another address space takes the records of the same code", () => {
  const cpu = createProcessor({ hot: Infinity });
  expect(runIn(cpu, spaceWith(loop(10, 3)))).toBe(30);
  expect(cpu.library.found).toBe(0);
  expect(runIn(cpu, spaceWith(loop(10, 3)))).toBe(30);
  expect(cpu.library.found).toBe(3);
});

test("other code at the same address is not mistaken for it", () => {
  const cpu = createProcessor({ hot: Infinity });
  expect(runIn(cpu, spaceWith(loop(10, 3)))).toBe(30);
  expect(runIn(cpu, spaceWith(loop(10, 4)))).toBe(40);
  expect(runIn(cpu, spaceWith(loop(11, 4)))).toBe(44);
});

test("a page that became forbidden is not run from the library", () => {
  const cpu = createProcessor({ hot: Infinity });
  const memory = spaceWith(loop(10, 3));
  expect(runIn(cpu, memory)).toBe(30);
  const other = spaceWith(loop(10, 3));
  other.protect(PAGE, READ);
  cpu.memory = other;
  cpu.registers.rip = CODE;
  expect(cpu.run(1000)).toBe(14);
});

test("fuel is spent alike with and without the library", () => {
  const cpu = createProcessor({ hot: Infinity });
  const fuelToEnd = (memory: GuestMemory) => {
    for (let fuel = 0; ; fuel++) {
      cpu.memory = memory;
      cpu.registers.rip = CODE;
      if (cpu.run(fuel) === TRAP_SYSCALL) return fuel;
    }
  };
  const first = fuelToEnd(spaceWith(loop(5, 1)));
  expect(fuelToEnd(spaceWith(loop(5, 1)))).toBe(first);
  expect(cpu.library.found).toBeGreaterThan(0);
});

test("what is not used while half the library is filled is forgotten", () => {
  const library = new RecordLibrary(64);
  const memory = spaceWith(loop(1, 1));
  const add = (rip: number) => library.add(rip, rip + 4, memory, 0, 8, []);
  const has = (rip: number) => library.copy(rip, memory, 0x100, []) >= 0;
  add(CODE);
  add(CODE + 4);
  for (let n = 2; n < 16; n++) {
    add(CODE + 4 * n);
    expect(has(CODE)).toBe(true);
  }
  expect(has(CODE + 4)).toBe(false);
  library.add(CODE + 128, CODE + 132, memory, 0, 100, []);
  expect(has(CODE + 128)).toBe(false);
});

test("when the records are full they are made anew", () => {
  const cpu = createProcessor({ hot: Infinity });
  const memory = spaceWith([]);
  // inc eax; jmp on, again and again: more blocks than there is room for records.
  const pages = 0x180;
  for (let page = 1; page < pages; page++) memory.map(PAGE + page, READ | EXECUTE);
  for (let page = 0; page < pages; page++) {
    const bytes = memory.pageBytes(PAGE + page);
    for (let at = 0; at < 4096; at += 4) bytes.set([0xff, 0xc0, 0xeb, 0x00], at);
  }
  memory.pageBytes(PAGE + pages - 1).set([0x0f, 0x05], 4092);
  const blocks = pages * 1024 - 1;
  for (let round = 0; round < 2; round++) {
    cpu.memory = memory;
    cpu.registers.rip = CODE;
    cpu.registers.set(RAX, 0, 0);
    expect(cpu.run(1 << 30)).toBe(TRAP_SYSCALL);
    expect(cpu.registers.low(RAX)).toBe(blocks);
  }
});
