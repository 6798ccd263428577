import { expect, test } from "vitest";
import { createProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { GuestMemory } from "../../../src/machine/guest-memory.js";
import { PAGE_FAULT, TRAP_FUEL, TRAP_SYSCALL, TRAP_WATCH } from "../../../src/machine/processor.js";

const CODE = 0x400000;
const engines: readonly (readonly [string, ProcessorOptions])[] = [
  ["interpreter", { interpret: true }],
  ["cold code", { hot: Infinity }],
  ["compiled at once", { hot: 0 }],
  ["compiled after a while", { hot: 20 }],
];

function machine(options: ProcessorOptions, code: readonly number[]) {
  const cpu = createProcessor({ ...options, memory: new GuestMemory() });
  cpu.memory.map(CODE / 4096, 7);
  cpu.memory.map(0x500, 3);
  cpu.memory.pageBytes(CODE / 4096).set(code);
  cpu.registers.rip = CODE;
  cpu.registers.setAddress(4, 0x500800);
  return cpu;
}

/** The addresses of the watches passed until something else happens than the end of a time slice, and what that is. */
function follow(cpu: ReturnType<typeof machine>, fuel = 1000): { passed: number[]; cause: number; slices: number } {
  const passed: number[] = [];
  let slices = 0;
  let cause = cpu.run(fuel);
  for (;;) {
    if (cause === TRAP_WATCH) {
      passed.push(cpu.registers.rip - CODE);
      cause = cpu.resume();
    } else if (cause === TRAP_FUEL) {
      if (++slices > 20) return { passed, cause, slices };
      cause = cpu.run(fuel);
    } else return { passed, cause, slices };
  }
}

// mov ecx,n; l: call f; dec ecx; jnz l; syscall; f: inc eax; ret
const calls = (n: number) => [0xb9, n, 0, 0, 0, 0xe8, 6, 0, 0, 0, 0xff, 0xc9, 0x75, 0xf7, 0x0f, 0x05, 0xff, 0xc0, 0xc3];
const FUNCTION = 0x10;
const RETURN = 0x0a;

for (const [name, options] of engines) {
  test(`a watched function and the place it returns to stop each time: ${name}`, () => {
    const cpu = machine(options, calls(100));
    cpu.watch(CODE + FUNCTION);
    cpu.watch(CODE + RETURN);
    const { passed, cause } = follow(cpu);
    expect(cause).toBe(TRAP_SYSCALL);
    expect(passed).toEqual(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? FUNCTION : RETURN)));
    expect(cpu.registers.low(0)).toBe(100);
  });

  test(`watches come and go while code runs: ${name}`, () => {
    const cpu = machine(options, calls(120));
    cpu.watch(CODE + FUNCTION);
    let left = 60;
    let cause = cpu.run(10000);
    while (cause === TRAP_WATCH) {
      if (--left === 30) cpu.watch(CODE + RETURN);
      if (left === 0) {
        cpu.unwatch(CODE + FUNCTION);
        cpu.unwatch(CODE + RETURN);
      }
      cause = cpu.resume();
    }
    expect(cause).toBe(TRAP_SYSCALL);
    expect(left).toBe(0);
    expect(cpu.registers.low(0)).toBe(120);
  });

  test(`an instruction in the middle of a block: ${name}`, () => {
    // l: inc eax; inc eax; inc eax; dec ecx; jnz l; syscall
    const cpu = machine(options, [0xff, 0xc0, 0xff, 0xc0, 0xff, 0xc0, 0xff, 0xc9, 0x75, 0xf6, 0x0f, 0x05]);
    cpu.registers.set(1, 40, 0);
    expect(cpu.run(10)).toBe(TRAP_FUEL); // the block is known, and runs
    const before = cpu.registers.low(1);
    cpu.watch(CODE + 2);
    const { passed, cause } = follow(cpu);
    expect(cause).toBe(TRAP_SYSCALL);
    expect(passed).toEqual(Array.from({ length: before }, () => 2));
    expect(cpu.registers.low(0)).toBe(120);
  });

  test(`a watched instruction that faults stops once: ${name}`, () => {
    // mov [rbx], eax; syscall
    const cpu = machine(options, [0x89, 0x03, 0x0f, 0x05]);
    cpu.registers.setAddress(3, 0x600000);
    cpu.watch(CODE);
    expect(cpu.run(1000)).toBe(TRAP_WATCH);
    expect(cpu.resume()).toBe(PAGE_FAULT);
    cpu.memory.map(0x600, 3);
    expect(cpu.run(100)).toBe(TRAP_SYSCALL);
    cpu.registers.rip = CODE;
    expect(cpu.run(1000)).toBe(TRAP_WATCH);
  });

  test(`a repeated instruction is one: ${name}`, () => {
    // rep stosb; syscall
    const cpu = machine(options, [0xf3, 0xaa, 0x0f, 0x05]);
    for (let page = 0x600; page < 0x600 + 2048; page++) cpu.memory.map(page, 3);
    cpu.registers.setAddress(7, 0x600000);
    cpu.registers.set(1, 2048 * 4096, 0);
    cpu.watch(CODE);
    const { passed, cause, slices } = follow(cpu, 3);
    expect(cause).toBe(TRAP_SYSCALL);
    expect(slices).toBeGreaterThan(1);
    expect(passed.length).toBe(1);
  });

  test(`a program that does nothing but pass watches ends its time slice: ${name}`, () => {
    // l: jmp l
    const cpu = machine(options, [0xeb, 0xfe]);
    cpu.watch(CODE);
    const { passed, cause } = follow(cpu, 10000);
    expect(cause).toBe(TRAP_FUEL);
    expect(passed.length).toBeGreaterThan(500);
  });
}

test("code that another address space had compiled is not taken where it is watched by now", () => {
  const cpu = machine({ hot: 0 }, calls(50));
  expect(follow(cpu).cause).toBe(TRAP_SYSCALL);
  cpu.watch(CODE + FUNCTION);
  const other = new GuestMemory();
  other.map(CODE / 4096, 7);
  other.map(0x500, 3);
  other.pageBytes(CODE / 4096).set(calls(50));
  cpu.memory = other;
  cpu.registers.rip = CODE;
  cpu.registers.setAddress(4, 0x500800);
  expect(follow(cpu).passed.length).toBe(50);
});
