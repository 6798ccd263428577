// What the processor keeps of the code of one address space for another, and for how long.
import { expect, test } from "vitest";
import { RecordLibrary } from "../../../src/cpu/cold/record-library.js";
import { createProcessor, type EmulatedProcessor } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../../src/machine/guest-memory.js";
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
  expect(cpu.libraries.records.found).toBe(0);
  expect(runIn(cpu, spaceWith(loop(10, 3)))).toBe(30);
  expect(cpu.libraries.records.found).toBe(3);
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
  expect(cpu.libraries.records.found).toBeGreaterThan(0);
});

test("what is not used while half the library is filled is forgotten", () => {
  const library = new RecordLibrary(64);
  const memory = spaceWith(loop(1, 1));
  const add = (rip: number) => library.add(rip, rip + 4, memory, [0, 8], [], false);
  const has = (rip: number) => library.copy(rip, memory, 0x100, []) >= 0;
  add(CODE);
  add(CODE + 4);
  for (let n = 2; n < 16; n++) {
    add(CODE + 4 * n);
    expect(has(CODE)).toBe(true);
  }
  expect(has(CODE + 4)).toBe(false);
  library.add(CODE + 128, CODE + 132, memory, [0, 100], [], false);
  expect(has(CODE + 128)).toBe(false);
});

/** A library in which one program runs. */
function keeping(key: string, image?: Uint8Array): RecordLibrary {
  const library = new RecordLibrary();
  const program = {};
  library.useImages({ running: () => program, open: () => ({ key, image }) });
  library.copy(0, spaceWith([]), 0x200, []);
  return library;
}

test("each program has an image of its own, and uses those of others", () => {
  const memory = spaceWith(loop(1, 1));
  const names = new Map([
    [{}, "one"],
    [{}, "two"],
  ] as const);
  const images = new Map<string, Uint8Array>();
  const start = () => {
    const library = new RecordLibrary();
    let running: object = {};
    library.useImages({
      running: () => running,
      open: (its) => {
        const key = names.get(its);
        return key === undefined ? undefined : { key, image: images.get(key) };
      },
    });
    const run = (its: object, rip: number) => {
      running = its;
      return library.copy(rip, memory, 0x200, []);
    };
    return { library, run };
  };
  const [one, two] = names.keys();
  const first = start();
  for (const [its, rip] of [
    [one, CODE],
    [two, CODE + 4],
    [{}, CODE + 8],
  ] as const) {
    expect(first.run(its, rip)).toBe(-1);
    first.library.add(rip, rip + 4, memory, [0x100, 0x108], [], true);
  }
  for (const { key, image } of first.library.images()) images.set(key, image);
  expect([...images.keys()]).toEqual(["one", "two"]);
  const second = start();
  expect(second.run(one, CODE)).toBe(CODE + 4);
  expect(second.run(one, CODE + 4)).toBe(-1);
  expect(second.run(two, CODE + 4)).toBe(CODE + 8);
  expect(second.run(two, CODE)).toBe(CODE + 4);
  expect(second.run(two, CODE + 8)).toBe(-1);
});

test("an image has the lasting blocks, each once, for a library of the same key", () => {
  const memory = spaceWith(loop(1, 1));
  const library = keeping("key");
  library.add(CODE, CODE + 4, memory, [0x100, 0x108], [], true);
  library.add(CODE, CODE + 4, memory, [0x100, 0x108], [], true);
  library.add(CODE + 4, CODE + 9, memory, [0x100, 0x10c], [5 << 2], true);
  library.add(CODE + 9, CODE + 10, memory, [0x100, 0x108], [], false);
  const [{ image }] = library.images();
  const opened = (key: string, bytes = image) => keeping(key, bytes.slice());
  const notes: number[] = [];
  const same = opened("key");
  expect(same.copy(CODE, memory, 0x200, [])).toBe(CODE + 4);
  expect(same.size).toBe(8);
  expect(same.copy(CODE + 4, memory, 0x200, notes)).toBe(CODE + 9);
  expect(notes).toEqual([5 << 2]);
  expect(same.copy(CODE + 9, memory, 0x200, [])).toBe(-1);
  expect(same.images()).toEqual([]); // nothing new
  expect(opened("other").copy(CODE, memory, 0x200, [])).toBe(-1);
  expect(opened("key").copy(CODE, spaceWith(loop(2, 1)), 0x200, [])).toBe(-1);
  for (let at = 0; at < image.length; at++) {
    const damaged = image.slice();
    damaged[at] ^= 0x55;
    const its = opened("key", damaged);
    for (const rip of [CODE, CODE + 4])
      expect([-1, rip === CODE ? CODE + 4 : CODE + 9]).toContain(its.copy(rip, memory, 0x200, []));
  }
});

test("an image tells which other blocks begin in the page of one", () => {
  const memory = spaceWith(loop(1, 1));
  memory.map(PAGE + 1, READ | EXECUTE);
  const library = keeping("key");
  const blocks = [CODE + 4096, CODE + 9, CODE, CODE + 4];
  for (const rip of blocks) library.add(rip, rip + 4, memory, [0x100, 0x108], [], true);
  const opened = keeping("key", library.images()[0].image);
  const others = (rip: number): number[] => {
    expect(opened.copy(rip, memory, 0x200, [])).toBe(rip + 4);
    const found: number[] = [];
    for (let other = opened.firstOfPage(); other >= 0; other = opened.nextOfPage()) {
      expect(opened.copyHere(other, memory, 0x300, [])).toBe(other + 4);
      found.push(other);
    }
    return found;
  };
  expect(others(CODE + 4)).toEqual([CODE, CODE + 4, CODE + 9]);
  expect(others(CODE + 4096)).toEqual([CODE + 4096]);
  library.copy(CODE, memory, 0x200, []); // of this run, in no image
  expect(library.firstOfPage()).toBe(-1);
});

test("an image has blocks of several programs at one address", () => {
  const spaces = [1, 2, 3].map((step) => spaceWith(loop(1, step)));
  const library = keeping("key");
  for (const [n, memory] of spaces.entries()) {
    memory.i32[0x100 + 6] = n;
    library.add(CODE, CODE + 10, memory, [0x100, 0x108], [], true);
  }
  const opened = keeping("key", library.images()[0].image);
  for (const [n, memory] of spaces.entries()) {
    expect(opened.copy(CODE, memory, 0x200, [])).toBe(CODE + 10);
    expect(memory.i32[0x206]).toBe(n);
  }
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

const HOT = 50;

test("another address space runs what was compiled of the same code", () => {
  const cpu = createProcessor({ hot: HOT });
  const { regions } = cpu.libraries;
  expect(runIn(cpu, spaceWith(loop(1000, 3)))).toBe(3000);
  const { compiled } = regions;
  expect(compiled).toBeGreaterThan(0);
  const sites = regions.sites.size;
  expect(runIn(cpu, spaceWith(loop(1000, 3)))).toBe(3000);
  expect(regions.compiled).toBe(compiled);
  expect(regions.sites.size).toBe(sites);
  expect(runIn(cpu, spaceWith(loop(1000, 4)))).toBe(4000);
  expect(regions.compiled).toBeGreaterThan(compiled);
});

/** The same, as a jump into bytes that are an instruction or not: xor eax,eax; l: inc eax; cmp eax,200; jb l; then `last`. */
test.each([
  ["ud2", [0x0f, 0x0b], 6],
  ["syscall", [0x0f, 0x05], TRAP_SYSCALL],
] as const)("a loop that ends in %s", (_, last, trap) => {
  const cpu = createProcessor({ hot: HOT });
  for (const end of [[0x06], last, [0x06], last]) {
    cpu.memory = spaceWith([0x31, 0xc0, 0xff, 0xc0, 0x3d, 200, 0, 0, 0, 0x72, 0xf7, ...end]);
    cpu.registers.rip = CODE;
    expect(cpu.run(1 << 20)).toBe(end === last ? trap : 6);
  }
});

/** Writes `code` over what is there, as a program would. */
function rewrite(memory: GuestMemory, code: readonly number[]): void {
  const at = memory.linear(CODE, WRITE);
  memory.u8.set(code, at);
}

test("code that is rewritten and hot again leaves nothing behind", () => {
  const cpu = createProcessor({ hot: HOT });
  const memory = new GuestMemory();
  memory.map(PAGE, READ | WRITE | EXECUTE);
  // A store for each round, so that there are sites: mov [rsp],eax
  const code = (n: number) => [...loop(500, n & 63).slice(0, -2), 0x89, 0x04, 0x24, 0x0f, 0x05];
  memory.map(PAGE + 1, READ | WRITE);
  const sizes: number[] = [];
  for (let n = 0; n < 40; n++) {
    rewrite(memory, code(n));
    cpu.memory = memory;
    cpu.registers.set(4, (PAGE + 1) * 4096, 0);
    cpu.registers.rip = CODE;
    expect(cpu.run(1 << 20)).toBe(TRAP_SYSCALL);
    expect(cpu.registers.low(RAX)).toBe(500 * (n & 63));
    sizes.push(cpu.libraries.regions.sites.size + cpu.libraries.regions.roots.size);
  }
  expect(cpu.libraries.regions.compiled).toBeGreaterThan(20);
  expect(Math.max(...sizes.slice(20))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 20)));
});

test("with more compiled code than there may be, all of it goes and what is hot comes back", () => {
  const cpu = createProcessor({ hot: HOT, codeLimits: { inUse: 40_000, kept: 20_000 } });
  const memory = new GuestMemory();
  const functions = 30;
  memory.map(PAGE, READ | EXECUTE);
  for (let n = 0; n < functions; n++) memory.pageBytes(PAGE).set(loop(300, n), n * 32);
  const most: number[] = [];
  for (let round = 0; round < 8; round++)
    for (let n = 0; n < functions; n++) {
      cpu.memory = memory;
      cpu.registers.rip = CODE + n * 32;
      expect(cpu.run(1 << 20)).toBe(TRAP_SYSCALL);
      expect(cpu.registers.low(RAX)).toBe(300 * n);
      most.push(cpu.libraries.regions.roots.size);
    }
  expect(cpu.libraries.regions.compiled).toBeGreaterThan(functions);
  expect(Math.max(...most)).toBeLessThan(functions);
});

test("an address space that is cleared gives its numbers back", () => {
  const cpu = createProcessor({ hot: HOT, codeLimits: { inUse: 1 << 20, kept: 0 } });
  const memory = spaceWith(loop(1000, 3));
  expect(runIn(cpu, memory)).toBe(3000);
  const { regions } = cpu.libraries;
  expect(regions.roots.size).toBeGreaterThan(0);
  memory.clear();
  regions.collect();
  expect(regions.roots.size).toBe(0);
  memory.map(PAGE, READ | EXECUTE);
  memory.pageBytes(PAGE).set(loop(1000, 5));
  expect(runIn(cpu, memory)).toBe(5000);
});
