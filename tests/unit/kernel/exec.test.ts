import { describe, expect, test } from "vitest";
import * as pt from "../../../src/kernel/entry/pt-regs.js";
import { readScript } from "../../../src/kernel/exec/binfmt-script.js";
import { bytesOf, copyInString } from "../../../src/kernel/mm/user-access.js";
import { directory, type FakeNode, file } from "./fake-host.js";
import { Machine, SCRATCH } from "./machine.js";
import { program, RIP_OFFSET, segment } from "./small-elf.js";

const [ENOENT, ENOEXEC, EACCES, E2BIG, ELOOP] = [2, 8, 13, 7, 40];

function exec(machine: Machine, path: string, argv: string[], envp: string[] = []): number {
  let at = 0x1000;
  const table = (strings: string[]): number => {
    const pointers = strings.map((text) => {
      const pointer = machine.string(text, at);
      at += text.length + 1;
      return pointer;
    });
    at += 8 - (at % 8);
    const start = SCRATCH + at;
    for (const pointer of [...pointers, 0]) {
      machine.task.writeU64(SCRATCH + at, pointer);
      at += 8;
    }
    return start;
  };
  const arguments_ = table(argv);
  return machine.call("execve", machine.string(path), arguments_, table(envp));
}

const good = program([segment({ address: 0x400000n, flags: 5 })]);

describe("execve", () => {
  test("starts the program with its arguments on the stack and clean registers", () => {
    const machine = new Machine({ tree: { "/bin": directory(), "/bin/p": file(good, 0o755) } });
    expect(exec(machine, "/bin/p", ["p", "x y"], ["A=1"])).toBe(0);
    const { registers } = machine.processor;
    const { task } = machine;
    const sp = registers.address(4);
    expect(registers.rip).toBe(0x400000 + RIP_OFFSET);
    expect(sp % 16).toBe(0);
    expect(task.readU64(sp)).toBe(2);
    expect(copyInString(task.mm, task.readU64(sp + 16), 100)).toBe("x y");
    expect(copyInString(task.mm, task.readU64(sp + 32), 100)).toBe("A=1");
    expect([0, 1, 2, 3, 5, 6, 7].map((index) => registers.get64(index))).toEqual(Array(7).fill(0n));
    expect(task.comm).toBe("p");
    expect(task.stack.regs.low(pt.PT_ORIG_AX)).toBe(59);
    expect(task.mm.exeFile?.path(task.fs.root)).toBe("/bin/p");
  });

  test("bss is zero though the file has bytes behind the segment", () => {
    const elf = program([segment({ address: 0x400000n, flags: 7, fileSize: 0x200n, memorySize: 0x3000n })], 0xff);
    const machine = new Machine({ tree: { "/p": file(elf, 0o755) } });
    expect(exec(machine, "/p", ["p"])).toBe(0);
    expect(machine.task.readU32(0x4001fc)).toBe(0xffffffff);
    expect(machine.task.readU32(0x400200)).toBe(0);
    expect(machine.task.readU32(0x402ffc)).toBe(0);
    expect(machine.task.mm.brk).toBe(0x403000);
  });

  test("a script runs its interpreter", () => {
    const tree: Record<string, FakeNode> = { "/i": file(good, 0o755), "/s": file("#!/i -x  y\n", 0o755) };
    const machine = new Machine({ tree });
    expect(exec(machine, "/s", ["s", "1"])).toBe(0);
    const sp = machine.processor.registers.address(4);
    const argv = [1, 2, 3, 4].map((index) => copyInString(machine.task.mm, machine.task.readU64(sp + index * 8), 50));
    expect(argv).toEqual(["/i", "-x  y", "/s", "1"]);
  });

  test.each<[string, FakeNode, number]>([
    ["not executable", file(good, 0o644), EACCES],
    ["a directory", directory(), EACCES],
    ["empty", file("", 0o755), ENOEXEC],
    ["text", file("hello", 0o755), ENOEXEC],
    ["a truncated header", file(good.slice(0, 60), 0o755), ENOEXEC],
    ["another machine", file(program([segment({})], 0, { machine: 40 }), 0o755), ENOEXEC],
    ["a relocatable", file(program([segment({})], 0, { type: 1 }), 0o755), ENOEXEC],
    ["without program headers", file(program([]), 0o755), ENOEXEC],
    ["a wrong header size", file(program([segment({})], 0, { entrySize: 55 }), 0o755), ENOEXEC],
    ["a table beyond the file", file(program([segment({})], 0, { tableOffset: 1n << 40n }), 0o755), ENOEXEC],
    ["a table at a negative offset", file(program([segment({})], 0, { tableOffset: -8n }), 0o755), ENOEXEC],
    ["a missing interpreter", file(program([segment({}), segment({ type: 3, fileSize: 3n }, "/x")]), 0o755), ENOENT],
    ["an interpreter's name without end", file(program([segment({ type: 3, fileSize: 2n }, "/x")]), 0o755), ENOEXEC],
    ["a script without interpreter", file("#! \n", 0o755), ENOEXEC],
    ["a script of itself", file("#!/f\n", 0o755), ELOOP],
  ])("%s is refused and the old program goes on", (_name, node, errno) => {
    const machine = new Machine({ tree: { "/f": node } });
    expect(exec(machine, "/f", ["f"])).toBe(-errno);
    expect(machine.task.isDead).toBe(false);
    expect(machine.call("getpid")).toBe(1000);
  });

  test.each<[string, Parameters<typeof segment>[0]]>([
    ["more file than memory", { fileSize: 0x2000n, memorySize: 0x1000n }],
    ["an end beyond the address space", { address: 0x7fff_ffff_f000n, memorySize: 0x10000n }],
    ["an absurd size", { memorySize: 1n << 62n }],
    ["an offset that does not fit the address", { address: 0x400123n }],
    ["an address in the first pages", { address: 0n }],
    ["a kernel address", { address: 0xffff_8000_0000_0000n }],
  ])("a segment with %s kills the process", (_name, wrong) => {
    const machine = new Machine({ tree: { "/f": file(program([segment(wrong)]), 0o755) } });
    exec(machine, "/f", ["f"]);
    expect(machine.task.isDead).toBe(true);
    expect(machine.task.exitStatus & 0x7f).toBe(11);
  });

  test("too many arguments", () => {
    const machine = new Machine({ tree: { "/p": file(good, 0o755) } });
    const big = machine.call("mmap", 0, 0x800000, 3, 0x22, -1, 0);
    const pointer = machine.string("x".repeat(1000), 0x2000);
    for (let index = 0; index < 10000; index++) machine.task.writeU64(big + index * 8, pointer);
    expect(machine.call("execve", machine.string("/p"), big, 0)).toBe(-E2BIG);
  });
});

describe("#! lines", () => {
  const parse = (text: string): unknown => readScript(bytesOf(text));

  test("interpreter and one argument", () => {
    expect(parse("#!/bin/sh\n")).toEqual({ interpreter: "/bin/sh", argument: [] });
    expect(parse("#! /bin/sh -e x \nrest")).toEqual({ interpreter: "/bin/sh", argument: ["-e x"] });
    expect(parse("\x7fELF")).toBeUndefined();
  });
});
