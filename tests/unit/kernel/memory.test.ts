import { describe, expect, test } from "vitest";
import * as mman from "../../../src/abi/constants/memory.js";
import { FAULT_FORBIDDEN, FAULT_NONE, FAULT_UNMAPPED, handleFault } from "../../../src/kernel/mm/fault.js";
import { anonymousBacking, mapAnonymous } from "../../../src/kernel/mm/mmap.js";
import { copyInString, userSlices } from "../../../src/kernel/mm/user-access.js";
import { EXECUTE, READ, WRITE } from "../../../src/machine/guest-memory.js";
import { file } from "./fake-host.js";
import { Machine, SCRATCH } from "./machine.js";

const RW = mman.PROT_READ | mman.PROT_WRITE;
const ANON = mman.MAP_PRIVATE | mman.MAP_ANONYMOUS;
const PAGE = 4096;
const EINVAL = 22;
const ENOMEM = 12;
const EFAULT = 14;
const EEXIST = 17;

const areas = (machine: Machine): string[] =>
  machine.task.mm.areas.areas
    .filter(({ start }) => start > SCRATCH)
    .map(({ start, end, prot }) => `${start.toString(16)}-${end.toString(16)} ${prot}`);

describe("mmap", () => {
  test("goes top-down from mmap_base and joins neighbours", () => {
    const machine = new Machine();
    expect(machine.call("mmap", 0, PAGE, RW, ANON, -1, 0)).toBe(0x7ffff7ffe000);
    expect(machine.call("mmap", 0, 3 * PAGE, RW, ANON, -1, 0)).toBe(0x7ffff7ffb000);
    expect(areas(machine)).toEqual(["7ffff7ffb000-7ffff7fff000 3"]);
  });

  test("fills holes, splits on munmap, honours hints and MAP_FIXED_NOREPLACE", () => {
    const machine = new Machine();
    const base = machine.call("mmap", 0, 4 * PAGE, RW, ANON, -1, 0);
    expect(machine.call("munmap", base + PAGE, PAGE)).toBe(0);
    expect(machine.call("mmap", 0, PAGE, RW, ANON, -1, 0)).toBe(base + PAGE);
    expect(machine.call("mmap", 0x20000000, PAGE, RW, ANON, -1, 0)).toBe(0x20000000);
    expect(machine.call("mmap", 0x20000000, PAGE, RW, ANON | mman.MAP_FIXED_NOREPLACE, -1, 0)).toBe(-EEXIST);
    expect(machine.call("mmap", 0x20000000, PAGE, 1, ANON | mman.MAP_FIXED, -1, 0)).toBe(0x20000000);
  });

  test.each([
    ["no length", [0, 0, RW, ANON, -1, 0], -EINVAL],
    ["neither shared nor private", [0, PAGE, RW, mman.MAP_ANONYMOUS, -1, 0], -EINVAL],
    ["odd offset", [0, PAGE, RW, ANON, -1, 1], -EINVAL],
    ["more than there is", [0, 2 ** 40, RW, ANON, -1, 0], -ENOMEM],
    ["more than an address space", [0, 2 ** 48, RW, ANON, -1, 0], -ENOMEM],
    ["no descriptor", [0, PAGE, RW, mman.MAP_PRIVATE, 99, 0], -9],
    ["below mmap_min_addr", [PAGE, PAGE, RW, ANON | mman.MAP_FIXED, -1, 0], -1],
  ])("refuses %s", (_name, values, errno) => {
    expect(new Machine().call("mmap", ...values)).toBe(errno);
  });

  test("a reservation larger than memory is allowed without access", () => {
    const machine = new Machine();
    expect(machine.call("mmap", 0, 2 ** 36, 0, ANON | mman.MAP_NORESERVE, -1, 0)).toBeGreaterThan(0);
  });

  test("private file pages come from the file; beyond its end is SIGBUS", () => {
    const machine = new Machine({ tree: { "/f": file("hello") } });
    const fd = machine.path("open", "/f", 0);
    const at = machine.call("mmap", 0, 2 * PAGE, 1, mman.MAP_PRIVATE, fd, 0);
    expect(copyInString(machine.task.mm, at, 10)).toBe("hello");
    expect(userSlices(machine.task.mm, at + PAGE, 1, READ)).toEqual([]);
  });

  test("shared file pages reach the file at read, msync and munmap", () => {
    const machine = new Machine({ tree: { "/f": file("hello") } });
    const fd = machine.path("open", "/f", 2);
    const at = machine.call("mmap", 0, PAGE, RW, mman.MAP_SHARED, fd, 0);
    machine.task.copyOut(at, Uint8Array.of(0x4a));
    expect(machine.call("pread64", fd, SCRATCH, 5, 0)).toBe(5);
    expect(copyInString(machine.task.mm, SCRATCH, 6)).toBe("Jello");
    machine.call("pwrite64", fd, machine.string("X"), 1, 1);
    expect(copyInString(machine.task.mm, at, 6)).toBe("JXllo");
    expect(String.fromCharCode(...(machine.host.files.nodes.get("/f")?.data ?? []))).toBe("hello");
  });
});

describe("protection", () => {
  test("mprotect splits areas and joins them again", () => {
    const machine = new Machine();
    const at = machine.call("mmap", 0, 3 * PAGE, RW, ANON, -1, 0);
    machine.call("mprotect", at + PAGE, PAGE, 1);
    expect(areas(machine)).toHaveLength(3);
    expect(handleFault(machine.task.mm, at + PAGE, WRITE)).toBe(FAULT_FORBIDDEN);
    expect(handleFault(machine.task.mm, at + PAGE, READ)).toBe(FAULT_NONE);
    machine.call("mprotect", at + PAGE, PAGE, RW);
    expect(areas(machine)).toHaveLength(1);
    expect(handleFault(machine.task.mm, at + PAGE, EXECUTE)).toBe(FAULT_FORBIDDEN);
    expect(machine.call("mprotect", at + 2 * PAGE, 2 * PAGE, 1)).toBe(-ENOMEM);
    expect(machine.task.mm.areas.find(at + 2 * PAGE)?.prot).toBe(1);
  });

  test("madvise(MADV_DONTNEED) gives zero pages back", () => {
    const machine = new Machine();
    const at = machine.call("mmap", 0, PAGE, RW, ANON, -1, 0);
    machine.task.writeU32(at, 5);
    expect(machine.call("madvise", at, PAGE, mman.MADV_DONTNEED)).toBe(0);
    expect(machine.task.readU32(at)).toBe(0);
  });
});

describe("brk and the stack", () => {
  test("the break moves, and stays where it is when it cannot", () => {
    const machine = new Machine();
    machine.task.mm.startBrk = machine.task.mm.brk = 0x600000;
    expect(machine.call("brk", 0)).toBe(0x600000);
    expect(machine.call("brk", 0x600d00)).toBe(0x600d00);
    machine.task.writeU32(0x600cf0, 1);
    expect(machine.call("brk", 2 ** 45)).toBe(0x600d00);
    expect(machine.call("brk", 0x600000)).toBe(0x600000);
    expect(handleFault(machine.task.mm, 0x600000, READ)).toBe(FAULT_UNMAPPED);
  });

  test("the stack grows to its limit and no further", () => {
    const { task } = new Machine();
    const top = 0x7ffffffff000;
    mapAnonymous(task.mm, top - PAGE, top, RW, { ...anonymousBacking, growsDown: true });
    expect(handleFault(task.mm, top - 100 * PAGE, WRITE)).toBe(FAULT_NONE);
    expect(handleFault(task.mm, top - (8 << 20), WRITE)).toBe(FAULT_NONE);
    expect(handleFault(task.mm, top - (8 << 20) - 1, WRITE)).toBe(FAULT_UNMAPPED);
  });
});

describe("mremap", () => {
  test("grows in place, moves when it must, and keeps the contents", () => {
    const machine = new Machine();
    const at = machine.call("mmap", 0x20000000, 2 * PAGE, RW, ANON, -1, 0);
    machine.task.writeU32(at + PAGE, 42);
    expect(machine.call("mremap", at, 2 * PAGE, 3 * PAGE, 0)).toBe(at);
    machine.call("mmap", at + 3 * PAGE, PAGE, 1, ANON | mman.MAP_FIXED, -1, 0);
    expect(machine.call("mremap", at, 3 * PAGE, 8 * PAGE, 0)).toBe(-ENOMEM);
    const moved = machine.call("mremap", at, 3 * PAGE, 8 * PAGE, mman.MREMAP_MAYMOVE);
    expect(machine.task.readU32(moved + PAGE)).toBe(42);
    expect(machine.call("mremap", at, PAGE, PAGE, 0)).toBe(-EFAULT);
  });
});

describe("copying", () => {
  test("bad addresses are EFAULT, partly good ones give what there is", () => {
    const machine = new Machine({ tree: { "/f": file("x".repeat(10000)) } });
    const fd = machine.path("open", "/f", 0);
    const at = machine.call("mmap", 0x20000000, PAGE, RW, ANON, -1, 0);
    expect(machine.call("read", fd, 8, 5)).toBe(-EFAULT);
    expect(machine.call("read", fd, 2 ** 47, 5)).toBe(-EFAULT);
    expect(machine.call("read", fd, at + PAGE - 10, 100)).toBe(10);
    expect(machine.call("open", 8, 0)).toBe(-EFAULT);
    expect(machine.call("write", 1, 8, 5)).toBe(-EFAULT);
  });
});
